"""The fork server and the child's main program.

The server imports torch once and forks a child for each submission; where several are wanted, all
are forked from a nursery that has done so. They hold no expected value, no judge and no seed;
questions never pass through them, they go straight into the child's pipe, one after another: while
the learner's cells run, the child knows no case yet.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import json
import os
import select
import shutil
import signal
import socket
import sys
import types
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import Any, NoReturn

from torch import nn

import autograder
from autograder import models, parcel, probe, seal, texts, wire
from autograder.confine import Confinement
from autograder.interpreter import run_cells
from autograder.probe import fault_of, observe
from autograder.records import Case, Observation, Outline, Status, Submission
from autograder.rehearsal import gather_memory, practise, rehearse
from autograder.seal import Seal
from autograder.wire import (
    HEADER,
    Answer,
    Cells,
    End,
    Ready,
    decode_question,
    framed_answer,
)

_REQUEST_BYTES = 1 << 16
_ANSWERS, _QUESTIONS = 3, 4


def serve(control: socket.socket, scratch: Path, unbroken: Seal) -> None:
    """Fork a child for every request until the parent hangs up.

    A request is the number of seconds a submission may take, with two descriptors: where the
    questions come from and where the answers go. The reply is the child's pid, then its exit code
    once it has ended. Its pid stays its own until the parent says that nobody signals it any more;
    then comes a last number, when everything that it started is gone. A request without descriptors
    is a JSON object that says what children shall find ready; a number is the reply.
    """
    confinement = Confinement(scratch)
    confinement.set_environment()
    os.chdir(scratch)  # what lies where grading was started is no configuration of ours
    _adopt_orphans()
    while True:
        request, descriptors = requested(control)
        if not request:
            shutil.rmtree(scratch, ignore_errors=True)
            return
        if not descriptors:
            _lay_in(**json.loads(request))
            with suppress(OSError):  # the parent has gone
                control.send(b"0\n")
            continue
        pid = os.fork()
        if pid == 0:
            _main(descriptors, confinement, unbroken, float(request))
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(OSError):  # the parent has gone
            control.send(b"%d\n" % pid)
        code = _exit_code(pid, control)
        with suppress(OSError):
            control.send(b"%d\n" % code)
            control.recv(1)
        _reap(pid)
        with suppress(OSError):
            control.send(b"0\n")


def prepared() -> Seal:
    """Get ready to fork: what a child would do first has been done."""
    rehearse()
    _have_nothing_checked()
    after_call = (models, parcel, probe)
    after_cells = (*after_call, seal, texts, wire)
    unbroken = Seal([globals(), *map(vars, after_cells)], at_work=map(vars, after_call))
    gc.enable()
    _settle()
    return unbroken


def requested(control: socket.socket) -> tuple[bytes, list[int]]:
    """Wait for a request; none comes any more once the parent has gone, or was killed."""
    try:
        request, descriptors, _, _ = socket.recv_fds(control, _REQUEST_BYTES, 2)
        while request and not descriptors and not request.endswith(b"\n"):
            more = control.recv(_REQUEST_BYTES)
            if not more:
                return b"", []
            request += more
    except ConnectionResetError:
        return b"", []
    return request, descriptors


def _lay_in(outlines: list[tuple[str, list[int], str]], modules: list[str]) -> None:
    """Have children find models built, and trained once, and modules imported."""
    for module in modules:
        with suppress(Exception), redirect_stderr(io.StringIO()):  # whoever needs it will be told
            importlib.import_module(module)
    for recipe, shape, dtype in outlines:
        practise(Outline(recipe, tuple(shape), dtype))
    models.lay_in(recipe for recipe, *_ in outlines)
    _settle()


def _settle() -> None:
    """Have children share what is in memory now: neither collected nor copied more than need be."""
    gc.collect()
    gc.freeze()
    gather_memory()


def _adopt_orphans() -> None:
    """Become the parent of whatever a child leaves behind (prctl(2), Linux only)."""
    if sys.platform == "linux":
        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def _exit_code(pid: int, control: socket.socket) -> int:
    """Wait for a child, which the parent's end takes along; it is not reaped yet."""
    if hasattr(os, "pidfd_open"):
        child = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(child, select.POLLIN)
        poll.register(control, select.POLLRDHUP)
        if all(descriptor != child for descriptor, _ in poll.poll()):
            os.kill(pid, signal.SIGKILL)
        os.close(child)
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    if ended is None:
        return 0
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def _reap(pid: int) -> None:
    """Reap a child, and end what it left behind."""
    os.waitpid(pid, 0)
    with suppress(ChildProcessError):
        while True:
            left, _ = os.waitpid(-1, os.WNOHANG)
            if left == 0:
                for orphan in _children():
                    with suppress(ProcessLookupError):
                        os.kill(orphan, signal.SIGKILL)


def _children() -> list[int]:
    place = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in place.read_text("ascii").split()] if place.exists() else []


def _main(
    descriptors: list[int], confinement: Confinement, unbroken: Seal, seconds: float
) -> NoReturn:
    """Run one submission and leave with `os._exit`, whatever happens."""
    try:
        fault = _confined(confinement, seconds)
        null = os.open(os.devnull, os.O_RDWR)
        questions, answers = (os.dup(descriptor) for descriptor in descriptors)
        kept = (null, null, null, answers, questions)
        high = [os.dup2(descriptor, 64 + place) for place, descriptor in enumerate(kept)]
        for place, descriptor in enumerate(high):
            os.dup2(descriptor, place, inheritable=False)
        os.closerange(_QUESTIONS + 1, 1 << 16)
        watch = _Watch(unbroken)
        _say(Ready(confinement.in_force, fault))
        if not fault:
            _answer_all(watch, unbroken)
    except MemoryError:
        _say(End(Status.OUT_OF_MEMORY))
    finally:
        os._exit(0)


def _confined(confinement: Confinement, seconds: float) -> str:
    """Enter the confinement; say why where that fails."""
    try:
        confinement.enter(seconds)
    except OSError as error:
        return str(error)
    return ""


def _answer_all(watch: _Watch, unbroken: Seal) -> None:
    submission = _asked()
    if not isinstance(submission, Submission):
        return
    function, faults = run_cells(submission)
    watch.say(Cells(function is not None, faults))
    if function is None:
        return
    sealed = unbroken.around(function)
    met: list[nn.Module] = []
    while isinstance(case := _asked(), Case):
        seen = observe(sealed, case, met)
        if seen.status is Status.OUT_OF_MEMORY:
            watch.say(End(Status.OUT_OF_MEMORY, seen.fault))
            return
        watch.say(seen)


def _have_nothing_checked() -> None:
    """Put something else in the place of the learner's own checks, which have none in grading."""
    practice = types.ModuleType("autograder.practice")
    vars(practice)["card_of"] = lambda *_, **__: types.SimpleNamespace(points=0.0, max_points=0.0)
    vars(autograder).update(check=_no_check, practice=practice)
    sys.modules[practice.__name__] = practice


def _no_check(*_: object, **__: object) -> None:
    """Check nothing."""


class _Watch:
    """Answers with the learner's line that is running when the parent says that time is short."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._speaking = False
        signal.signal(signal.SIGALRM, self._stop)

    def say(self, answer: Cells | End | Observation) -> None:
        self._speaking = True  # an answer is never cut in two
        _say(End(Status.MALFORMED) if self._seal.is_broken() else answer)
        self._speaking = False

    def _stop(self, _signal: int, frame: types.FrameType | None) -> None:
        if self._speaking:
            return  # the parent's own limit is near
        error = TimeoutError().with_traceback(_traceback(frame))
        _say(End(Status.TIMED_OUT, fault_of(error)))
        os._exit(0)


def _traceback(frame: types.FrameType | None) -> Any:
    traceback = None
    while frame is not None:
        traceback = types.TracebackType(traceback, frame, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return traceback


def _asked() -> Submission | Case | None:
    """Read the next question; None once there are no more."""
    header = _read(HEADER.size)
    return decode_question(_read(*HEADER.unpack(header))) if header else None


def _read(size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = os.read(_QUESTIONS, size - len(data))
        if not chunk:
            return b""
        data += chunk
    return bytes(data)


def _say(answer: Answer) -> None:
    view = memoryview(framed_answer(answer))
    while view:
        view = view[os.write(_ANSWERS, view) :]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]), prepared())
