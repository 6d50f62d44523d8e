"""Runs submissions in child processes and turns every way to die into an `Execution`.

The parent's side of `child`: it asks a confined child its questions one by one. It knows no
expected value.
"""

from __future__ import annotations

import time
from dataclasses import replace

from autograder.confine import missing_layers
from autograder.forks import Child, ForkServer, StoppedError
from autograder.records import Case, Execution, Fault, Observation, Status, Submission
from autograder.texts import printable
from autograder.wire import Answer, Cells, MalformedError, encode_question, framed


class ClosedError(Exception):
    """The sandbox was closed while, or before, a submission ran in it."""


class UnconfinedError(Exception):
    """This machine cannot confine learners' code; the message says what is missing."""


class Sandbox:
    """A fork server and the means to run one submission at a time in it.

    Args:
        timeout: Wall-clock limit in seconds for a whole submission.
        allow_unconfined: Whether to run learners' code where the kernel cannot confine it.

    Raises:
        UnconfinedError: It cannot, and that was not allowed.
    """

    def __init__(self, *, timeout: float, allow_unconfined: bool = False) -> None:
        """Start nothing yet: the server starts with the first submission."""
        if not allow_unconfined and (missing := missing_layers()):
            raise UnconfinedError(
                "learners' code cannot be confined on this machine: "
                + "; ".join(f"no {layer.id}, {fault}" for layer, fault in missing)
            )
        self.timeout = timeout
        self._server: ForkServer | None = None
        self._closed = False
        self._encoded: dict[int, tuple[tuple[Case, ...], list[bytes]]] = {}

    def run(self, submission: Submission, cases: tuple[Case, ...]) -> Execution:
        """Run a submission on the cases.

        Raises:
            ClosedError: `close` was called.
            OSError: The sandbox itself failed, twice in a row.
        """
        start = time.perf_counter()
        try:
            execution = self._run(submission, cases)
        except OSError:
            self._stop()
            execution = self._run(submission, cases)
        return replace(execution, wall_seconds=time.perf_counter() - start)

    def close(self) -> None:
        """End the server and what runs in it, from any thread, for good."""
        self._closed = True
        self._stop()

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def _run(self, submission: Submission, cases: tuple[Case, ...]) -> Execution:
        if self._closed:
            raise ClosedError
        if self._server is None:
            self._server = ForkServer()
        server = self._server
        child = server.fork(self.timeout)
        try:
            in_force = child.ready()
            execution = _converse(child, submission, cases, self._written(cases))
            execution = _with_own_lines(execution, submission)
        finally:
            child.end()
        if not server.emptied():
            self._stop()
        return replace(execution, confinement=in_force)

    def _written(self, cases: tuple[Case, ...]) -> list[bytes]:
        """Write cases once for all submissions."""
        if id(cases) not in self._encoded:
            frames = [framed(encode_question(case)) for case in cases]
            self._encoded[id(cases)] = (cases, frames)  # keeps the cases, and so their id
        return self._encoded[id(cases)][1]


def _converse(
    child: Child, submission: Submission, cases: tuple[Case, ...], questions: list[bytes]
) -> Execution:
    """Ask everything there is to ask; whatever goes wrong is an answer, too."""
    faults: tuple[Fault, ...] = ()
    observations: list[Observation] = []
    try:
        cells = child.ask(framed(encode_question(submission)))
        if not isinstance(cells, Cells):
            raise MalformedError("an answer to another question")
        faults = cells.faults
        for case, question in zip(cases, questions, strict=True) if cells.found else ():
            observed = _about(case, child.ask(question))
            if observed.status is Status.OUT_OF_MEMORY:
                return Execution(observed.status, fault=observed.fault, cell_faults=faults)
            observations.append(observed)
        child.finish()
    except StoppedError as stop:
        return replace(stop.execution, cell_faults=faults)
    except MalformedError:
        return Execution(Status.MALFORMED, fault=Fault("Malformed", "its answer made no sense"))
    returned = any(observation.rounds for observation in observations)
    first = next((seen.fault for seen in observations if seen.fault is not None), None)
    if not cells.found:
        missing = Fault("NameError", f"no function named {submission.entry_point} is defined")
        first = faults[-1] if faults else missing
    status = Status.RETURNED if returned else Status.RAISED
    return Execution(status, tuple(observations), first, faults)


def _about(case: Case, answer: Answer) -> Observation:
    """Take an answer as an observation of the case, with as many rounds as were asked for."""
    if not isinstance(answer, Observation):
        raise MalformedError("an answer to another question")
    asked, told = len(case.trained), len(answer.rounds)
    if told > asked or (answer.status is Status.RETURNED and told < asked):
        raise MalformedError(f"{told} rounds where {asked} were asked for")
    return answer


def _with_own_lines(execution: Execution, submission: Submission) -> Execution:
    """Quote the learner's lines from the submission: the child says only where they are."""

    def quoted(fault: Fault | None) -> Fault | None:
        if fault is None:
            return None
        cell = submission.cells[fault.cell - 1] if 0 < fault.cell <= len(submission.cells) else ""
        line = cell.splitlines()[fault.line_number - 1 : fault.line_number]
        return replace(fault, line=printable("".join(line).strip()))

    return replace(
        execution,
        fault=quoted(execution.fault),
        observations=tuple(replace(o, fault=quoted(o.fault)) for o in execution.observations),
        cell_faults=tuple(fault for item in execution.cell_faults if (fault := quoted(item))),
    )
