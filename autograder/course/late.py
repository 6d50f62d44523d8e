"""What a late submission costs, as plugins for `c.AssignLatePenalties.plugin_class`.

nbgrader asks once for each notebook of a submission that came after its due date (with the
learner's extension, if any), takes the answer off the notebook's score, and never goes below 0.
"""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Enum, Float, TraitError, validate

_DAY = 24 * 60 * 60


class NoPenalty(LateSubmissionPlugin):  # type: ignore[misc]
    """Late is as good as on time."""

    def late_submission_penalty(
        self,
        student_id: str,  # noqa: ARG002 - nbgrader's interface
        score: float,  # noqa: ARG002
        total_seconds_late: float,  # noqa: ARG002
    ) -> float | None:
        """Take nothing off."""
        return None


class _AfterGrace(LateSubmissionPlugin):  # type: ignore[misc]
    """Counts from the end of a time of grace, so that a minute over it is a minute late."""

    grace_minutes = Float(0.0, help="minutes after the due date that do not count").tag(config=True)

    @validate("grace_minutes")  # type: ignore[untyped-decorator]
    def _not_negative(self, proposal: dict[str, float]) -> float:
        return _within(type(self).__name__, "grace_minutes", proposal["value"], math.inf)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Say how many points a notebook loses.

        Args:
            student_id: The learner.
            score: The notebook's points, before any penalty.
            total_seconds_late: Seconds after the due date.

        Returns:
            Points to take off, at most `score`; None if nothing is.
        """
        if not (math.isfinite(score) and math.isfinite(total_seconds_late)):
            self.log.error(
                "%s gets no late penalty: score and seconds must be numbers (got %r and %r)",
                student_id,
                score,
                total_seconds_late,
            )
            return None
        over = total_seconds_late - 60 * self.grace_minutes
        if over <= 0 or score <= 0:
            return None
        return min(score, self._cost(student_id, score, over))

    def _cost(self, student_id: str, score: float, seconds: float) -> float:
        raise NotImplementedError


class ZeroAfterDue(_AfterGrace):
    """Late earns nothing."""

    def _cost(self, student_id: str, score: float, seconds: float) -> float:  # noqa: ARG002
        return score


class PercentADay(_AfterGrace):
    """Each day that has begun costs a percentage."""

    percent = Float(10.0, help="percent for each day begun").tag(config=True)
    at_most = Float(100.0, help="percent that all days together cost at most").tag(config=True)
    of = Enum(
        ("score", "maximum"),
        default_value="score",
        help="what the percentage is of: the notebook's points as earned, or those attainable",
    ).tag(config=True)

    @validate("percent", "at_most")  # type: ignore[untyped-decorator]
    def _a_percentage(self, proposal: dict[str, object]) -> float:
        name = proposal["trait"].name  # type: ignore[attr-defined]
        return _within(type(self).__name__, name, proposal["value"], 100.0)  # type: ignore[arg-type]

    def _cost(self, student_id: str, score: float, seconds: float) -> float:
        share = min(self.percent * math.ceil(seconds / _DAY), self.at_most) / 100
        whole = score if self.of == "score" else self._maximum(student_id)
        return float(share * whole)

    def _maximum(self, student_id: str) -> float:
        """Look up what the notebook is worth; nbgrader passes only what it earned."""
        asked = self.parent
        notebook = asked.gradebook.find_submission_notebook(
            asked.notebook_id, asked.assignment_id, student_id
        )
        return float(notebook.max_score)


def _within(owner: str, name: str, value: float, most: float) -> float:
    """Pass a setting on if it is a number in range."""
    if not 0 <= value <= most or math.isinf(value):
        allowed = "a number, 0 or more" if math.isinf(most) else f"a number from 0 to {most:g}"
        raise TraitError(f"c.{owner}.{name} must be {allowed} (got {value!r})")
    return value
