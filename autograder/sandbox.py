"""Runs submissions in child processes and turns every way to die into an `Execution`.

The parent's side of `child`: it starts the fork server, feeds a child its job, reads its answer
up to a bound and a deadline, and ends whatever is left. It knows no expected value.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from autograder.confine import IN_FORCE
from autograder.records import Case, Execution, Fault, Status, Submission
from autograder.wire import MAX_ANSWER_BYTES, MalformedError, decode_execution, encode_job

_CHUNK = 1 << 16
_EXTRA_SECONDS = 1.0
_START = "import sys, runpy; sys.path.insert(0, sys.argv.pop(1)); sys.argv = ['child', *sys.argv[1:]]; runpy.run_module('autograder.child', run_name='__main__')"  # noqa: E501


class ClosedError(Exception):
    """The sandbox was closed while, or before, a submission ran in it."""


class Sandbox:
    """A fork server and the means to run one submission at a time in it.

    Attributes:
        timeout: Wall-clock limit in seconds for a whole submission.
    """

    def __init__(self, *, timeout: float) -> None:
        """Start nothing yet: the server starts with the first submission."""
        self.timeout = timeout
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._child = 0
        self._closed = False

    def run(self, submission: Submission, cases: tuple[Case, ...]) -> Execution:
        """Run a submission on the cases.

        Raises:
            ClosedError: `close` was called.
            OSError: The sandbox itself failed, twice in a row.
        """
        job = encode_job(submission, cases)
        start = time.perf_counter()
        try:
            execution = self._run(job, cases)
        except OSError:
            self._stop()
            execution = self._run(job, cases)
        seconds = time.perf_counter() - start
        return replace(execution, wall_seconds=seconds, confinement=IN_FORCE)

    def close(self) -> None:
        """End the server and what runs in it, from any thread, for good."""
        self._closed = True
        self._stop()

    def _stop(self) -> None:
        server, control = self._server, self._control
        self._server = self._control = None
        _end(self._child)
        if server is not None:
            server.kill()
            server.wait()
        if control is not None:
            control.close()

    def _run(self, job: bytes, cases: tuple[Case, ...]) -> Execution:
        control = self._started()
        scratch = tempfile.mkdtemp(prefix="autograder-")
        job_out, job_in = os.pipe()
        answer_out, answer_in = os.pipe()
        try:
            request = f"{self.timeout} {scratch}".encode()
            socket.send_fds(control, [request], [job_out, answer_in])
            os.close(job_out)
            os.close(answer_in)
            job_out = answer_in = -1
            self._child = _number(control)
            answer, late = _exchange(job_in, job, answer_out, self.timeout + _EXTRA_SECONDS)
            job_in = -1
            _end(self._child)
            status = _number(control)
        finally:
            _end(self._child)
            self._child = 0
            for descriptor in (job_out, job_in, answer_out, answer_in):
                if descriptor >= 0:
                    with contextlib.suppress(OSError):
                        os.close(descriptor)
            shutil.rmtree(scratch, ignore_errors=True)
        return _understood(answer, cases, status, late=late, seconds=self.timeout)

    def _started(self) -> socket.socket:
        if self._closed:
            raise ClosedError
        if self._control is None:
            ours, theirs = socket.socketpair()
            root = str(Path(__file__).parent.parent)
            environment = {"OMP_NUM_THREADS": "1", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
            with theirs:
                self._server = subprocess.Popen(
                    [sys.executable, "-I", "-c", _START, root, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env=environment,
                    start_new_session=True,
                )
            self._control = ours
        return self._control


def _number(control: socket.socket) -> int:
    digits = b""
    while not digits.endswith(b"\n"):
        byte = control.recv(1)
        if not byte:
            raise OSError("the fork server ended")
        digits += byte
    return int(digits)


def _end(pid: int) -> None:
    """Kill a child and its process group."""
    if pid > 0:
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)


def _exchange(job_in: int, job: bytes, answer_out: int, seconds: float) -> tuple[bytes, bool]:
    """Feed the job and read the answer at once, up to the bound and the deadline."""
    deadline = time.monotonic() + seconds
    os.set_blocking(job_in, False)
    poll = select.poll()
    poll.register(job_in, select.POLLOUT)
    poll.register(answer_out, select.POLLIN)
    answer = bytearray()
    rest = memoryview(job)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return bytes(answer), True
        for descriptor, _ in poll.poll(left * 1000):
            if descriptor == job_in:
                try:
                    rest = rest[os.write(job_in, rest) :]
                except BrokenPipeError:
                    rest = rest[:0]
                if not rest:
                    poll.unregister(job_in)
                    os.close(job_in)
            else:
                chunk = os.read(answer_out, _CHUNK)
                answer += chunk
                if not chunk or len(answer) > MAX_ANSWER_BYTES:
                    return bytes(answer), False


def _understood(
    answer: bytes, cases: tuple[Case, ...], status: int, *, late: bool, seconds: float
) -> Execution:
    if late:
        fault = Fault("TimeoutError", f"it was still running after {seconds:g} seconds")
        return Execution(Status.TIMED_OUT, fault=fault)
    if not answer:
        code = os.waitstatus_to_exitcode(status)
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else "without an answer"
        return Execution(Status.CRASHED, fault=Fault("Crash", f"the process ended {how}"))
    try:
        execution = decode_execution(answer, len(cases))
        _refuse_other_rounds(execution, cases)
    except MalformedError:
        return Execution(Status.MALFORMED, fault=Fault("Malformed", "its answer made no sense"))
    return execution


def _refuse_other_rounds(execution: Execution, cases: tuple[Case, ...]) -> None:
    for case, got in zip(cases, execution.observations, strict=False):
        asked, told = len(case.trained), len(got.rounds)
        if told > asked or (got.status is Status.RETURNED and told < asked):
            raise MalformedError(f"{told} rounds where {asked} were asked for")
