"""A learner's file tried on the open cases, in the sandbox: what `check` says, from outside.

Cases and judge are those of `practice`. The code runs confined and bounded in time, so that a file
that hangs or crashes takes nothing along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.answers import read_answers
from autograder.attempts import Attempts
from autograder.notebook import UnreadableError, read_bytes
from autograder.records import Execution, Fault, Grading, Scorecard, Status, Submission, Verdict
from autograder.report import named_in
from autograder.sandbox import Sandbox
from autograder.scorecards import scorecard
from autograder.terms import AS_IT_IS, Terms
from autograder.texts import one_line

if TYPE_CHECKING:
    from autograder.judge import Judge

_ENDINGS = {
    Status.TIMED_OUT: "stopped",
    Status.OUT_OF_MEMORY: "stopped, because it took too much memory",
    Status.CRASHED: "it crashed",
    Status.MALFORMED: "it could not be checked",
}


@dataclass(frozen=True)
class Tried:
    """A card, and how many hints are open for each belief by its id: one more with every try."""

    card: Scorecard
    opened: Mapping[str, int]


class Tryout:
    """Tries what a file holds, again and again, in one fork server.

    Args:
        kata: Name of the kata.
        timeout: Limit in seconds for each run, the wait for a processor left out.
        allow_unconfined: Whether to run learners' code where the kernel cannot confine it.
        terms: What the course sets: points, further cases and the like.

    Raises:
        UnconfinedError: It cannot, and that was not allowed.
    """

    def __init__(
        self,
        kata: str,
        *,
        timeout: float,
        allow_unconfined: bool = False,
        terms: Terms = AS_IT_IS,
    ) -> None:
        """Start the sandbox, then draw the cases."""
        self._attempts = Attempts()
        self._cells: tuple[str, ...] = ()
        self._sandbox = Sandbox(timeout=timeout, allow_unconfined=allow_unconfined)
        try:
            self._sandbox.start()
            from autograder import practice  # noqa: PLC0415 - loads torch as the sandbox does

            self._judge: Judge = practice.open_judge(kata, terms)
        except BaseException:  # an interrupt is likely here: it takes seconds
            self._sandbox.close()
            raise

    def check(self, data: bytes, path: Path) -> Tried | str:
        """Judge what the file holds; where nothing can be judged, say why in one line.

        Raises:
            ClosedError: `close` was called meanwhile.
        """
        judge, entry_point = self._judge, self._judge.kata.entry_point
        try:
            submission = read_bytes(data, path, entry_point=entry_point)
        except UnreadableError as error:
            return one_line(f"{error}; if it is half-written, save it again")
        if not submission.attempted:
            return f"{entry_point} is still the stub; fill it in and save the file"
        try:
            execution = self._sandbox.run(submission, judge.cases)
        except OSError as error:
            return one_line(f"the sandbox could not be started: {error}")
        execution, observations = read_answers(execution, submission, judge.cases)
        if not observations:
            return one_line(_unseen(execution, entry_point))
        card = _card(judge, submission, execution, judge.verdicts(observations))
        if submission.cells != self._cells:  # other outputs alone are no new try
            self._cells = submission.cells
        return Tried(card, self._attempts.count(self._cells, named_in(card.verdicts)))

    def warm_up(self) -> Iterator[None]:
        """Look, one step at a time, at what the wrong programs do: a wrong answer then is quick.

        Small cases come first: they rule out most.
        """
        return self._judge.warm_up()

    def interrupt(self) -> None:
        """End the run that is going on, if there is one, from any thread; others may follow."""
        self._sandbox.interrupt()

    def close(self) -> None:
        """End the sandbox and what runs in it, from any thread, for good."""
        self._sandbox.close()


def _card(
    judge: Judge, submission: Submission, execution: Execution, verdicts: tuple[Verdict, ...]
) -> Scorecard:
    fault = execution.fault
    some = "some calls raised " if execution.status is Status.RETURNED else ""
    return scorecard(
        judge.kata, submission.id, Grading.GRADED, verdicts, execution,
        message=some + _said(fault) if fault is not None else "",
        notes=(*submission.notes, *map(_cell_note, execution.cell_faults)),
    )  # fmt: skip


def _unseen(execution: Execution, entry_point: str) -> str:
    """Say why there is nothing to judge."""
    fault = execution.fault
    if execution.status is Status.RAISED:
        missing = f"there is no {entry_point} to check"
        return f"{missing}: {_said(fault)}" if fault is not None and fault.line else missing
    ending = _ENDINGS.get(execution.status, "it could not be checked")
    if fault is None:
        return ending
    said = f"{ending}: {fault.message}" if fault.message else ending
    return said + _place(fault)


def _cell_note(fault: Fault) -> str:
    return f"{_said(fault)}; the other cells were run"


def _said(fault: Fault) -> str:
    return fault.said + _place(fault)


def _place(fault: Fault) -> str:
    if not fault.line:
        return ""
    cell = f"code cell {fault.cell}, " if fault.cell else ""
    return f", in `{fault.line}` ({cell}line {fault.line_number})"
