"""The fork server and the child's main program.

The server imports torch once and forks a child for each submission. It holds no expected value,
no judge and no seed; jobs never pass through it, they go straight into the child's pipe.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import types
from typing import Any

import torch

import autograder
from autograder.confine import confine
from autograder.interpreter import run_cells
from autograder.probe import fault_of, observe
from autograder.records import Execution, Fault, Observation, Status
from autograder.wire import decode_job, encode_execution

_REQUEST_BYTES = 4096
_GRACE_SECONDS = 0.5


def serve(control: socket.socket) -> None:
    """Fork a child for every request until the parent hangs up.

    A request is `SECONDS SCRATCH` with two descriptors: where the job comes from and where the
    answer goes. The reply is the child's pid, then its wait status.
    """
    torch.set_num_threads(1)
    torch.ones(1).add(1)
    gc.freeze()
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, _REQUEST_BYTES, 2)
        if not request:
            return
        seconds, _, scratch = request.decode().partition(" ")
        pid = os.fork()
        if pid == 0:
            control.close()
            _main(descriptors[0], descriptors[1], scratch, float(seconds))
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        control.send(b"%d\n" % status)


def _main(job_in: int, answer_out: int, scratch: str, seconds: float) -> None:
    """Run one submission and leave with `os._exit`, whatever happens."""
    try:
        job = _read_all(job_in)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        answer_out = os.dup2(answer_out, 3, inheritable=False)
        os.closerange(4, 256)
        confine(scratch, seconds)
        _write_all(answer_out, encode_execution(_execute(job, answer_out, seconds)))
    except MemoryError:
        _write_all(answer_out, encode_execution(Execution(Status.OUT_OF_MEMORY)))
    finally:
        os._exit(0)


def _execute(job: bytes, answer_out: int, seconds: float) -> Execution:
    submission, cases = decode_job(job)
    autograder.check = _no_check  # type: ignore[assignment]
    _tell_where_it_hangs(answer_out, seconds)
    function, faults = run_cells(submission)
    if function is None:
        name = submission.entry_point
        missing = Fault("NameError", f"no function named {name} is defined")
        return Execution(Status.RAISED, (), faults[-1] if faults else missing, faults)
    observations = []
    for case in cases:
        observed = observe(function, case)
        observations.append(observed)
        if observed.status is Status.OUT_OF_MEMORY:
            return Execution(Status.OUT_OF_MEMORY, (), observed.fault, faults)
    return Execution(_status(observations), tuple(observations), _first(observations), faults)


def _status(observations: list[Observation]) -> Status:
    calls = [observation.rounds for observation in observations]
    return Status.RETURNED if any(calls) else Status.RAISED


def _first(observations: list[Observation]) -> Fault | None:
    return next((o.fault for o in observations if o.fault is not None), None)


def _no_check(*_: object, **__: object) -> None:
    """Stand in for the learner's own check, which has no place in grading."""


def _tell_where_it_hangs(answer_out: int, seconds: float) -> None:
    """Before the parent's limit strikes, answer with the learner's line that is running."""

    def stop(_signal: int, frame: types.FrameType | None) -> None:
        error = TimeoutError(f"it was still running after {seconds:g} seconds")
        fault = fault_of(error.with_traceback(_traceback(frame)))
        _write_all(answer_out, encode_execution(Execution(Status.TIMED_OUT, fault=fault)))
        os._exit(0)

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds - _GRACE_SECONDS, seconds / 2))


def _traceback(frame: types.FrameType | None) -> Any:
    traceback = None
    while frame is not None:
        traceback = types.TracebackType(traceback, frame, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return traceback


def _read_all(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
