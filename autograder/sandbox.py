"""Runs submissions in child processes and turns every way to die into an `Execution`.

The parent's side of `child`: it asks a confined child its questions one by one. It knows no
expected value.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace

from autograder.answers import malformed, quoted
from autograder.confine import missing_in, require
from autograder.forks import Child, ForkServer, StoppedError
from autograder.nursery import Nest
from autograder.parcel import MalformedError
from autograder.recent import Recent
from autograder.records import Case, Execution, Fault, Status, Submission
from autograder.wire import Cells, framed_question

_SLOW_TO_IMPORT = ("matplotlib.pyplot",)  # and imported by learners beside what they need
_WRITTEN = 256  # cases: those that all learners have, or a few learners' own


class ClosedError(Exception):
    """The sandbox was closed while, or before, a submission ran in it."""


class Sandbox:
    """A fork server and the means to run one submission at a time in it.

    Args:
        timeout: Limit in seconds for a whole submission, the wait for a processor left out.
        allow_unconfined: Whether to run learners' code where the kernel cannot confine it.
        nest: Where fork servers can be had at once; without it each takes seconds to start.

    Raises:
        UnconfinedError: It cannot, and that was not allowed.
    """

    def __init__(
        self, *, timeout: float, allow_unconfined: bool = False, nest: Nest | None = None
    ) -> None:
        """Start nothing yet: the server starts with the first submission, or `start`."""
        require(allow_unconfined=allow_unconfined)
        self._allow_unconfined = allow_unconfined
        self.timeout = timeout
        self._nest = nest
        self._server: ForkServer | None = None
        self._closed = False
        self._written: Recent[int, tuple[Case, bytes]] = Recent(_WRITTEN)

    def start(self) -> None:
        """Start the server, which then gets ready by itself.

        Raises:
            ClosedError: `close` was called.
        """
        self._started()

    def run(self, submission: Submission, cases: Sequence[Case]) -> Execution:
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

    def interrupt(self) -> None:
        """End the run that is going on, if there is one, from any thread; others may follow."""
        server = self._server
        if server is not None and server.child is not None:
            server.child.kill()

    def close(self) -> None:
        """End the server and what runs in it, from any thread, for good."""
        self._closed = True
        self._stop()

    def _started(self) -> ForkServer:
        if self._closed:
            raise ClosedError
        server = self._server
        if server is None:
            server = self._server = self._forked()
            if self._closed:  # by then there was none to stop
                self._stop()
                raise ClosedError
        return server

    def _forked(self) -> ForkServer:
        """Start a server, by itself where the nest is lost."""
        if self._nest is not None:
            with suppress(OSError):
                return ForkServer(self._nest)
        return ForkServer()

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def _run(self, submission: Submission, cases: Sequence[Case]) -> Execution:
        server = self._started()
        emptied = False
        try:
            server.lay_in((case.outline for case in cases), _slow_imports(submission))
            child = server.fork(self.timeout)
            try:
                in_force = child.ready()
                self._require(in_force)
                execution = _converse(child, submission, self._questions(cases))
            finally:
                child.end()
            emptied = server.emptied()
        finally:
            if not emptied:  # whatever went wrong: no other submission meets what is left
                self._stop()
        return replace(execution, confinement=in_force)

    def _require(self, in_force: Collection[str]) -> None:
        """See to it that a child is confined, too: what the kernel offered may have run out."""
        missing = missing_in(in_force)
        if missing and not self._allow_unconfined:
            raise OSError(f"a child could not be confined: it lacks {', '.join(missing)}")

    def _questions(self, cases: Sequence[Case]) -> list[bytes]:
        """Write each case once for all submissions."""
        return [self._question(case) for case in cases]

    def _question(self, case: Case) -> bytes:
        known = self._written.get(id(case))
        if known is None:
            known = (case, framed_question(case))  # keeps the case, and so its id
            self._written.keep(id(case), known)
        return known[1]


def _slow_imports(submission: Submission) -> list[str]:
    """Name what a submission may import that takes a second, which is not counted against it."""
    words = "\n".join(submission.cells)
    return [name for name in _SLOW_TO_IMPORT if name.partition(".")[0] in words]


def _converse(child: Child, submission: Submission, questions: list[bytes]) -> Execution:
    """Ask everything there is to ask; whatever goes wrong is an answer, too."""
    faults: tuple[Fault, ...] = ()
    answers: list[bytes] = []
    try:
        cells = child.ask(framed_question(submission))
        if not isinstance(cells, Cells):
            raise MalformedError("an answer to another question")
        if len({*cells.faults}) < len(cells.faults):
            raise MalformedError("a fault that is told twice")
        faults = tuple(quoted(fault, submission) for fault in cells.faults)
        unasked = b"".join(questions)  # none is sent before the learner's cells have run
        for _ in questions if cells.found else ():
            answer = child.ask(unasked)
            unasked = b""
            if not isinstance(answer, bytes):
                raise MalformedError("an answer to another question")
            answers.append(answer)
        child.finish()
    except StoppedError as stop:
        fault = stop.fault and quoted(stop.fault, submission)
        return Execution(stop.status, fault=fault, cell_faults=faults)
    except MalformedError:
        return malformed(Execution(Status.MALFORMED))
    if not cells.found:
        missing = Fault("NameError", f"no function named {submission.entry_point} is defined")
        return Execution(Status.RAISED, (), faults[-1] if faults else missing, faults)
    return Execution(Status.RETURNED, tuple(answers), cell_faults=faults)
