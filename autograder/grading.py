"""One submission: read, run in a sandbox as often as is needed, judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from autograder.notebook import UnreadableError, read, read_bytes
from autograder.nursery import Nest
from autograder.records import Evidence, Graded, Grading, Submission
from autograder.sandbox import ClosedError, Sandbox
from autograder.settings import Settings
from autograder.variants import learner_in


class Grader:
    """Grades submissions of one kata with one secret seed, one at a time.

    A submission runs on the hidden cases. One that fails runs again, in a new process, on the few
    open cases that show what went wrong.

    Raises:
        UnconfinedError: Learners' code cannot be confined, and that was not allowed.
    """

    def __init__(self, settings: Settings, nest: Nest | None = None) -> None:
        """Start the sandbox, unless it can be had from a nest at once; then draw the cases."""
        self._sandbox = Sandbox(
            timeout=settings.timeout, allow_unconfined=settings.allow_unconfined, nest=nest
        )
        if nest is None:
            self._sandbox.start()
        from autograder.review import Reviewer  # noqa: PLC0415 - loads torch as the sandbox does

        self._per_learner = settings.terms.per_learner
        self._reviewer = Reviewer(settings.kata, settings.seed, settings.terms)

    def grade_path(self, path: Path, name: str | None = None) -> Graded:
        """Grade a file. One that cannot be read or graded gets a scorecard that says why.

        Raises:
            ClosedError: `close` was called meanwhile.
        """
        entry_point = self._reviewer.kata.entry_point
        return self._read(path, partial(read, path, entry_point=entry_point), name)

    def grade_bytes(self, data: bytes, path: Path) -> Graded:
        """Grade what a file of this name holds, as `grade_path` does.

        Raises:
            ClosedError: `close` was called meanwhile.
        """
        entry_point = self._reviewer.kata.entry_point
        return self._read(path, partial(read_bytes, data, path, entry_point=entry_point))

    def grade(self, submission: Submission, learner: str = "") -> Graded:
        """Grade a submission that was read. Never raises for what a learner did.

        Args:
            submission: What to run.
            learner: Whose own hidden cases decide; empty for those that all have.

        Raises:
            ClosedError: `close` was called meanwhile.
        """
        if not submission.attempted:
            message = f"{submission.entry_point} is still the untouched stub"
            graded = self.ungraded(submission.id, Grading.NOT_ATTEMPTED, message)
            return replace(graded, card=replace(graded.card, notes=submission.notes))
        reviewer = self._reviewer.of(learner)
        try:
            hidden = self._sandbox.run(submission, reviewer.hidden_cases)
            decision = reviewer.decide(submission, hidden)
            cases = reviewer.worth_showing(decision)
            shown = self._sandbox.run(submission, cases) if cases else None
        except OSError as error:
            message = f"the sandbox could not be started: {error}"
            return self.ungraded(submission.id, Grading.ERROR, message)
        evidence = Evidence(
            reviewer.asked, hidden, shown, tuple(case.id for case in cases), learner
        )
        return Graded(reviewer.judge(submission, evidence, decision), submission, evidence)

    def close(self) -> None:
        """End the sandbox and what runs in it, for good; what runs raises `ClosedError`."""
        self._sandbox.close()

    def ungraded(self, name: str, status: Grading, message: str) -> Graded:
        """Make the scorecard of what did not come to be graded."""
        return Graded(self._reviewer.ungraded(name, status, message))

    def _read(
        self, path: Path, reading: Callable[..., Submission], name: str | None = None
    ) -> Graded:
        name = name or str(path)
        learner = learner_in(path, self._per_learner) if self._per_learner else ""
        if self._per_learner and not learner:
            why = f"its path names no learner as {self._per_learner} does"
            return self.ungraded(name, Grading.ERROR, why)
        try:
            return self.grade(reading(name=name), learner)
        except UnreadableError as error:
            return self.ungraded(name, Grading.UNREADABLE, str(error))
        except ClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the class
            why = f"the grader failed ({type(error).__name__}: {error})"
            return self.ungraded(name, Grading.ERROR, why)
