"""What nbgrader's gradebook has of graded cells, and what a scorecard makes of it. Pure.

Points that a person gave stay, whatever is graded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograder.records import Scorecard, Verdict


@dataclass(frozen=True)
class Mark:
    """A graded cell; None where nobody, or nothing, gave points.

    Attributes:
        notebook: Its notebook's name.
        cell: Its name, which is that of a check where a check gives its points.
        max_points: What it is worth.
        auto: What the grader gave.
        manual: What a person gave in its place.
        extra: What a person gave beside.
    """

    notebook: str
    cell: str
    max_points: float
    auto: float | None
    manual: float | None
    extra: float

    @property
    def points(self) -> float:
        """What counts."""
        given = self.auto if self.manual is None else self.manual
        return (given or 0.0) + self.extra


def auto_points(verdict: Verdict | None, max_points: float) -> float:
    """Tell what a cell earns: its check's share of what the cell is worth."""
    share = verdict.points / verdict.max_points if verdict is not None else 0.0
    return max(0.0, min(max_points, share * max_points))


def graded_again(marks: Iterable[Mark], cards: Mapping[str, Scorecard]) -> list[Mark]:
    """Put what scorecards say, by notebook, in the place of what the grader gave."""
    return [_graded_again(mark, cards.get(mark.notebook)) for mark in marks]


def _graded_again(mark: Mark, card: Scorecard | None) -> Mark:
    for verdict in card.verdicts if card is not None and card.points is not None else ():
        if verdict.check == mark.cell:
            return replace(mark, auto=auto_points(verdict, mark.max_points))
    return mark


def as_card(marks: Iterable[Mark]) -> dict[str, Any]:
    """Write marks as the part of a scorecard's JSON that `changes.between` compares."""
    marks = list(marks)
    return {
        "points": sum(mark.points for mark in marks) if marks else None,
        "max_points": sum(mark.max_points for mark in marks),
        "checks": [{"id": mark.cell, "outcome": _said(mark)} for mark in marks],
        "misconceptions": [],
    }


def _said(mark: Mark) -> str:
    auto = "no points yet" if mark.auto is None else f"{mark.auto:g}"
    kept = "" if mark.manual is None else f" (a person gave {mark.manual:g}, which stays)"
    return f"{auto}{kept}"
