"""What nbgrader's gradebook has of a learner, and what scorecards make of it. Pure.

Points that a person gave stay, whatever is graded again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.records import Scorecard, Verdict


@dataclass(frozen=True)
class Mark:
    """A graded cell; None where nobody, or nothing, gave points.

    Attributes:
        notebook: Its notebook's name.
        cell: Its name, which is that of a check where a check gives its points.
        max_points: What it is worth.
        by_check: Whether the check of its name gives its points, and not a person.
        auto: What the grader gave.
        manual: What a person gave in its place.
        extra: What a person gave beside.
    """

    notebook: str
    cell: str
    max_points: float
    by_check: bool
    auto: float | None
    manual: float | None
    extra: float

    @property
    def points(self) -> float:
        """What counts; as in nbgrader, nothing does before any points are given."""
        given = self.auto if self.manual is None else self.manual
        return 0.0 if given is None else given + self.extra


@dataclass(frozen=True)
class Standing:
    """What the gradebook has of a learner; no marks where it has nothing.

    Attributes:
        marks: The graded cells.
        penalties: What each notebook loses for being late, by its name.
    """

    marks: tuple[Mark, ...] = ()
    penalties: Mapping[str, float] = field(default_factory=dict)


def auto_points(verdict: Verdict | None, max_points: float) -> float:
    """Tell what a cell earns: its check's share of what the cell is worth."""
    if verdict is None or not verdict.max_points:  # a course may say that a check is worth nothing
        return 0.0
    return max(0.0, min(max_points, verdict.points / verdict.max_points * max_points))


def graded_again(
    marks: Iterable[Mark], cards: Mapping[str, Scorecard], missing: Collection[str] = ()
) -> tuple[Mark, ...]:
    """Put what will be found in the place of what the grader gave.

    Args:
        marks: What the gradebook has.
        cards: Scorecards with points, by notebook; the marks of other notebooks stay.
        missing: Notebooks that were not handed in: the grader gives all their cells 0.
    """
    return tuple(
        replace(mark, auto=0.0)
        if mark.notebook in missing
        else _graded_again(mark, cards.get(mark.notebook))
        for mark in marks
    )


def _graded_again(mark: Mark, card: Scorecard | None) -> Mark:
    if card is None or not mark.by_check:
        return mark
    verdicts = {verdict.check: verdict for verdict in card.verdicts}
    return replace(mark, auto=auto_points(verdicts.get(mark.cell), mark.max_points))


def as_card(standing: Standing) -> dict[str, Any]:
    """Write it as the part of a scorecard's JSON that `changes.between` compares."""
    marks = standing.marks
    late = sum(standing.penalties.values())
    several = len({mark.notebook for mark in marks}) > 1
    names = [f"{mark.notebook}: {mark.cell}" if several else mark.cell for mark in marks]
    rows = [*zip(names, map(_said, marks), strict=True), ("late penalty", f"{late:g}")]
    return {
        "points": max(0.0, sum(mark.points for mark in marks) - late) if marks else None,
        "max_points": sum(mark.max_points for mark in marks),
        "checks": [{"id": name, "outcome": said} for name, said in rows],
        "misconceptions": [],
    }


def _said(mark: Mark) -> str:
    auto = "no points yet" if mark.auto is None else f"{mark.auto:g}"
    kept = "" if mark.manual is None else f" (a person gave {mark.manual:g}, which stays)"
    return f"{auto}{kept}"
