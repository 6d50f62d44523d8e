"""One submission: read, run in a sandbox as often as is needed, judge."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from autograder.kata import names
from autograder.notebook import UnreadableError, contents, read_bytes
from autograder.nursery import Nest
from autograder.recent import Recent
from autograder.recognition import kata_in, other_function_in
from autograder.records import Evidence, Graded, Grading, Status, Submission
from autograder.sandbox import ClosedError, Sandbox
from autograder.settings import Settings
from autograder.sources import bare
from autograder.variants import learner_in

if TYPE_CHECKING:
    from autograder.review import Reviewer

_MOST_BYTES = 1 << 20  # of answers that are remembered of a program: many times what is usual

Known: TypeAlias = Recent[Submission, Graded]
"""What became of programs that have been run."""


class Grader:
    """Grades submissions with one secret seed, one at a time; `another` in another thread.

    A submission runs on the hidden cases. One that fails runs again, in a new process, on the few
    open cases that show what went wrong.

    Args:
        settings: How to grade.
        nest: Where fork servers can be had at once.
        known: Programs that have been run: one that differs in comments and layout alone is not
            run again, if all have the same hidden cases; nor is the same to the letter, where lines
            of it were told. It learns of those that come to their end; what had to be ended, or
            crashed, might not another time. Whoever gives it says how long it counts.

    Raises:
        UnconfinedError: Learners' code cannot be confined, and that was not allowed.
    """

    def __init__(
        self, settings: Settings, nest: Nest | None = None, known: Known | None = None
    ) -> None:
        """Start the sandbox, unless it can be had from a nest at once; then draw the cases."""
        self._settings, self._nest, self._known = settings, nest, known
        self._sandbox = self._new_sandbox()
        if nest is None:
            self._sandbox.start()
        from autograder.review import Reviewer  # noqa: PLC0415 - loads torch as the sandbox does

        katas = [settings.kata] if settings.kata else names()
        self._reviewers = {kata: Reviewer(kata, settings.seed, settings.terms) for kata in katas}

    def another(self) -> Grader:
        """Make one that grades beside this one, in another thread, and remembers with it."""
        other = copy(self)
        other._sandbox = self._new_sandbox()
        return other

    def grade_path(self, path: Path, name: str | None = None) -> Graded:
        """Grade a file. One that cannot be read or graded gets a scorecard that says why.

        Raises:
            ClosedError: `close` was called meanwhile.
        """
        try:
            data = contents(path)
        except UnreadableError as error:
            return self.ungraded(name or str(path), Grading.UNREADABLE, str(error))
        learner = learner_in(path, self._settings.terms.per_learner)
        return self._grade(data, path, name or str(path), learner)

    def grade_bytes(self, data: bytes, path: Path, learner: str) -> Graded:
        """Grade what a file of this name holds, as `grade_path` does where that file lies.

        Args:
            data: What it holds.
            path: Its name; it need not lie here.
            learner: Whose own hidden cases decide; empty for those that all have.

        Raises:
            ClosedError: `close` was called meanwhile.
        """
        return self._grade(data, path, str(path), learner)

    def grade(self, submission: Submission, learner: str = "") -> Graded:
        """Grade a submission that was read. Never raises for what a learner did.

        Args:
            submission: What to run.
            learner: Whose own hidden cases decide; empty for those that all have.

        Raises:
            ClosedError: `close` was called meanwhile.
        """
        reviewer = self._asking_for(submission.entry_point)
        if not submission.attempted:
            message = f"{submission.entry_point} is missing, or still the untouched stub"
            card = reviewer.ungraded(submission.id, Grading.NOT_ATTEMPTED, message)
            return Graded(replace(card, notes=submission.notes))
        known = None if learner else self._known
        program = replace(submission, id="", cells=tuple(map(bare, submission.cells)))
        before = known.get(program) if known is not None else None
        if before is not None and _holds_for(submission, before):
            card = replace(before.card, submission=submission.id)
            return replace(before, card=card, submission=submission)
        reviewer = reviewer.of(learner)
        try:
            hidden = self._sandbox.run(submission, reviewer.hidden_cases)
            decision = reviewer.decide(submission, hidden)
            cases = reviewer.worth_showing(decision)
            shown = self._sandbox.run(submission, cases) if cases else None
        except OSError as error:
            message = f"the sandbox could not be started: {error}"
            return Graded(reviewer.ungraded(submission.id, Grading.ERROR, message))
        evidence = Evidence(
            reviewer.asked, hidden, shown, tuple(case.id for case in cases), learner
        )
        card = reviewer.judge(submission, evidence, decision)
        graded = Graded(card, submission, evidence)
        if known is not None and card.status is Grading.GRADED and _would_do_the_same(evidence):
            known.keep(program, graded)
        return graded

    def close(self) -> None:
        """End the sandbox and what runs in it, for good; what runs raises `ClosedError`."""
        self._sandbox.close()

    def ungraded(self, name: str, status: Grading, message: str, data: bytes = b"") -> Graded:
        """Make the scorecard of what did not come to be graded."""
        return Graded(self._reviewer_of(data, Path(name)).ungraded(name, status, message))

    def _new_sandbox(self) -> Sandbox:
        return Sandbox(
            timeout=self._settings.timeout,
            allow_unconfined=self._settings.allow_unconfined,
            nest=self._nest,
        )

    def _grade(self, data: bytes, path: Path, name: str, learner: str) -> Graded:
        reviewer = self._reviewer_of(data, path)
        entry_point = reviewer.kata.entry_point
        per_learner = self._settings.terms.per_learner
        if per_learner and not learner:
            why = f"its path names no learner as {per_learner} does"
            return self.ungraded(name, Grading.ERROR, why, data)
        try:
            submission = read_bytes(data, path, entry_point=entry_point, name=name)
            named = bool(self._settings.kata)
            other = other_function_in(data, path, reviewer.kata.id, named=named)
            if other:
                note = f"it holds {other}, which is another kata's; {entry_point} was looked for"
                submission = replace(submission, notes=(*submission.notes, note))
            return self.grade(submission, learner)
        except UnreadableError as error:
            return self.ungraded(name, Grading.UNREADABLE, str(error), data)
        except ClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the class
            why = f"the grader failed ({type(error).__name__}: {error})"
            return self.ungraded(name, Grading.ERROR, why, data)

    def _reviewer_of(self, data: bytes, path: Path) -> Reviewer:
        """Choose who judges a file: the kata that was named, or the one that it is about."""
        return self._reviewers[self._settings.kata or kata_in(data, path)]

    def _asking_for(self, entry_point: str) -> Reviewer:
        return next(r for r in self._reviewers.values() if r.kata.entry_point == entry_point)


def _holds_for(submission: Submission, before: Graded) -> bool:
    """Tell whether what became of a program holds for one that does the same, as it is written."""
    execution = before.card.execution
    tells_lines = execution.fault is not None or execution.cell_faults
    return not tells_lines or (before.submission or submission).cells == submission.cells


def _would_do_the_same(evidence: Evidence) -> bool:
    """Tell whether a program would do the same once more, and did not say too much to keep."""
    runs = [run for run in (evidence.hidden, evidence.shown) if run is not None]
    room = sum(len(answer) for run in runs for answer in run.answers)
    return room <= _MOST_BYTES and all(run.status is Status.RETURNED for run in runs)
