"""The parent's side of one fork server and of the children it forks.

Feeds a child its questions, reads its answers up to a bound and a deadline, and ends it and
whatever it left behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from autograder import scratch
from autograder.confine import FILE_BYTES
from autograder.nursery import Nest, launch_forking
from autograder.parcel import MAX_BYTES, MalformedError
from autograder.records import Fault, Observation, Outline, Status
from autograder.stopwatch import Stopwatch
from autograder.wire import (
    ANSWER_HEADER,
    Cells,
    End,
    Ready,
    Word,
    decode_answer,
)

MAX_THREADS = 256
MAX_RUN_BYTES = 4 * MAX_BYTES
_CHUNK = 1 << 16
_EXTRA_SECONDS = 1.0
_GRACE_SECONDS = 0.5
_WATCH_SECONDS = 0.05
_START_SECONDS = 120.0


class StoppedError(Exception):
    """The child ended, or had to be ended, before it had answered all."""

    def __init__(self, status: Status, fault: Fault | None = None) -> None:
        self.status, self.fault = status, fault


class ForkServer:
    """The fork server's process, its control socket and its scratch folder.

    Args:
        nest: Where it is forked; a program of its own if there is none.

    Raises:
        OSError: The nest takes no requests any more.
    """

    def __init__(self, nest: Nest | None = None) -> None:
        above = nest.folder if nest is not None else None
        self._folder = Path(tempfile.mkdtemp(prefix="autograder-", dir=above))
        self.child: Child | None = None
        self._laid_in: Counter[Outline] = Counter()
        self._imported: set[str] = set()
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_START_SECONDS)
        self.process = None
        try:
            with theirs:
                if nest is None:
                    self.process = launch_forking("child", theirs, self._folder)
                else:
                    socket.send_fds(nest.line, [os.fsencode(self._folder)], [theirs.fileno()])
        except BaseException:  # an interrupt comes at any time
            self._control.close()
            scratch.remove(self._folder)
            raise

    def lay_in(self, outlines: Iterable[Outline], modules: Collection[str]) -> None:
        """Have all children find models built and modules imported.

        Args:
            outlines: Of the models; they hold no secret.
            modules: Names of installed ones: the server imports them unconfined.

        Raises:
            OSError: The server has ended.
        """
        wanted = Counter(outlines)
        if not (wanted <= self._laid_in and self._imported.issuperset(modules)):
            self._laid_in |= wanted
            self._imported.update(modules)
            asked = {"outlines": [*self._laid_in.elements()], "modules": [*self._imported]}
            self._control.sendall(json.dumps(asked).encode() + b"\n")
            _number(self._control)

    def fork(self, seconds: float) -> Child:
        """Have a child forked that may run for so many seconds.

        Raises:
            OSError: The server has ended.
        """
        self.child = Child(self._control, self._folder, seconds)
        return self.child

    def emptied(self) -> bool:
        """Empty the scratch folder for the next child."""
        for path in list(self._folder.iterdir()):
            scratch.remove(path)
        return not any(self._folder.iterdir())

    def stop(self) -> None:
        """End the server and what runs in it."""
        if self.child is not None and not self.child.ended:
            _kill(self.child.pid)
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        else:
            with contextlib.suppress(OSError):  # it ends when it hears no more
                self._control.shutdown(socket.SHUT_WR)
                while self._control.recv(_CHUNK):
                    pass
        self._control.close()
        scratch.remove(self._folder)


class Child:
    """One forked child: questions go in, answers come out, in turn."""

    def __init__(self, control: socket.socket, folder: Path, seconds: float) -> None:
        self._control, self._folder, self._seconds = control, folder, seconds
        self._in_turn = False
        self._code: int | None = None
        self._unsent = memoryview(b"")
        self._heard = bytearray()
        self._bytes = 0
        opened: list[int] = []
        try:
            opened += os.pipe()
            opened += os.pipe()
            questions, self._questions, self._answers, answers = opened
            socket.send_fds(control, [b"%g" % seconds], [questions, answers])
            self.pid = _number(control)
        except BaseException:  # an interrupt comes at any time
            for descriptor in opened:
                os.close(descriptor)
            raise
        os.close(questions)
        os.close(answers)
        os.set_blocking(self._questions, False)
        os.set_blocking(self._answers, False)
        self._clock = Stopwatch(self.pid)
        self._limit = _START_SECONDS
        self._nearly_over = max(seconds - _GRACE_SECONDS, seconds / 2)
        self._warned = False
        self._next_look = time.monotonic() + _WATCH_SECONDS

    @property
    def runs(self) -> bool:
        """Whether it is confined and has not been ended."""
        return self._in_turn and not self.ended

    @property
    def ended(self) -> bool:
        """Whether its end was seen to: its pid may be another's now."""
        return self._code is not None

    def ready(self) -> tuple[str, ...]:
        """Wait until the child is confined: by which layers.

        Raises:
            OSError: It could not be confined.
        """
        try:
            answer = self.ask(b"")
        except (StoppedError, MalformedError) as error:
            raise OSError("a child ended before it was confined") from error
        if not isinstance(answer, Ready) or answer.fault:
            fault = answer.fault if isinstance(answer, Ready) else "it did not say that it is ready"
            raise OSError(f"a child could not be confined: {fault}")
        self._clock = Stopwatch(self.pid)
        self._limit = self._seconds + _EXTRA_SECONDS
        self._in_turn = True
        return answer.in_force

    def ask(self, question: bytes) -> Ready | Cells | bytes:
        """Wait for the next answer, sending what is asked here; an observation comes unread.

        Args:
            question: Any number of framed questions; none if the next one has been asked already.

        Raises:
            MalformedError: It is none, or too long.
            StoppedError: The child ended, or had to be ended.
        """
        self._unsent = memoryview(bytes(self._unsent) + question)
        while (answer := self._answer()) is None:
            self._exchange()
        if isinstance(answer, End):
            raise StoppedError(answer.status, self._last_words(answer))
        return answer

    def kill(self) -> None:
        """Kill the child if it runs; whoever waits for an answer is told that it crashed."""
        if self.runs:
            _kill(self.pid)

    def finish(self) -> None:
        """Tell the child that there are no more questions.

        Raises:
            MalformedError: It says something all the same.
        """
        os.close(self._questions)
        self._questions, self._unsent = -1, memoryview(b"")
        self._warned = True  # it has said all: where it is does not matter
        with contextlib.suppress(StoppedError):
            while not self._heard:
                self._exchange()
        if self._heard:
            raise MalformedError("more answers than questions")

    def end(self) -> int:
        """See to it that the child, and whatever it started, is gone: its exit code.

        Its pid is not signalled any more once the server has heard so, and may be another's.
        """
        if self._code is None:
            self._code = 0
            _kill(self.pid)
            for descriptor in (self._questions, self._answers):
                if descriptor >= 0:
                    os.close(descriptor)
            self._code = _number(self._control)
            self._control.sendall(b".")
            _number(self._control)
        return self._code

    def _exchange(self) -> None:
        """Write what can be written, read what can be read, look after limits."""
        self._look_after_limits()
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        poll.register(self._control, select.POLLIN)  # the child's end, even if a pipe is held open
        if self._unsent:
            poll.register(self._questions, select.POLLOUT)
        ready = dict(poll.poll(_WATCH_SECONDS * 1000))
        if self._questions in ready:
            try:
                self._unsent = self._unsent[os.write(self._questions, self._unsent) :]
            except BrokenPipeError:  # the child listens no more, but may have something to say
                self._unsent = memoryview(b"")
        elif self._answers in ready:
            chunk = os.read(self._answers, _CHUNK)
            if not chunk:
                self._crashed()
            self._heard += chunk
            self._bytes += len(chunk)
            if self._bytes > MAX_RUN_BYTES:
                raise MalformedError("too many answers")
        elif self._control.fileno() in ready:
            self._crashed()

    def _answer(self) -> Word | bytes | None:
        """Take one whole answer from what was heard; an observation is left unread."""
        if len(self._heard) < ANSWER_HEADER.size:
            return None
        is_observation, size = ANSWER_HEADER.unpack(self._heard[: ANSWER_HEADER.size])
        if size > MAX_BYTES:
            raise MalformedError(f"more than {MAX_BYTES} bytes")
        end = ANSWER_HEADER.size + size
        if len(self._heard) < end:
            return None
        message = bytes(self._heard[ANSWER_HEADER.size : end])
        del self._heard[:end]
        if is_observation:
            return message
        word = decode_answer(message)
        if isinstance(word, Observation):
            raise MalformedError("an observation that does not say so")
        return word

    def _last_words(self, end: End) -> Fault | None:
        """Believe a child where it was, not what it says of it."""
        if end.status is Status.MALFORMED:
            return Fault("Malformed", "it changed the grader's own code")
        if end.status is not Status.TIMED_OUT or end.fault is None:
            return end.fault
        place = end.fault
        return replace(self._too_late(), line_number=place.line_number, cell=place.cell)

    def _too_late(self) -> Fault:
        return Fault("TimeoutError", f"it was still running after {self._seconds:g} seconds")

    def _crashed(self) -> NoReturn:
        if self._heard:
            raise MalformedError("an answer without its end")
        code = self.end()
        how = f"killed by {_signal_name(-code)}" if code < 0 else "without an answer"
        raise StoppedError(Status.CRASHED, Fault("Crash", f"the process ended {how}"))

    def _look_after_limits(self) -> None:
        """Stop a child that takes too long, floods the disk or starts too many threads.

        A little before its time is over it is asked to say where it is.
        """
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _WATCH_SECONDS
        elapsed = self._clock.elapsed()
        if elapsed > self._limit:
            raise StoppedError(Status.TIMED_OUT, self._too_late())
        if self.runs and not self._warned and elapsed > self._nearly_over:
            self._warned = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGALRM)
        size, files = scratch.usage(self._folder)
        nameless = scratch.nameless(self.pid)
        if elapsed > _GRACE_SECONDS:  # to look at these takes a while
            nameless = scratch.mapped(self.pid, self._folder, each=FILE_BYTES) | nameless
        size += sum(nameless.values())
        if size > scratch.MAX_BYTES or files > scratch.MAX_FILES:
            limit = f"{scratch.MAX_BYTES >> 20} MiB or {scratch.MAX_FILES:,} files"
            raise StoppedError(Status.CRASHED, Fault("Limit", f"it wrote more than {limit}"))
        if _threads(self.pid) > MAX_THREADS:
            fault = Fault("Limit", f"it started more than {MAX_THREADS} threads")
            raise StoppedError(Status.CRASHED, fault)


def _number(control: socket.socket) -> int:
    digits = b""
    while not digits.endswith(b"\n"):
        byte = control.recv(1)
        if not byte:
            raise OSError("the fork server ended")
        digits += byte
    return int(digits)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most real-time signals have none
        return f"signal {number}"


def _kill(pid: int) -> None:
    """Kill a child and its process group."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _threads(pid: int) -> int:
    with contextlib.suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208 - names are all we need
    return 0
