"""What a later look at the same submissions changes: for whom, and who gains or loses. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_WORDS = ("title", "message")


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Tell what a learner would see changed between two scorecards as JSON, in a line each."""
    points = [_points(card) for card in (old, new)]
    changes = [f"points: {points[0]} → {points[1]}"] if points[0] != points[1] else []
    before, after = ({check["id"]: check for check in card["checks"]} for card in (old, new))
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name, {}), after.get(name, {})
        if one.get("outcome") != other.get("outcome"):
            ends = (one.get("outcome", "not there"), other.get("outcome", "not there"))
            changes.append(f"{name}: {ends[0]} → {ends[1]}")
        elif changed := [*_told_of(one, other)]:
            changes.append(f"{name}: {', '.join(changed)}")
    named = [", ".join(belief["id"] for belief in card["misconceptions"]) for card in (old, new)]
    if named[0] != named[1]:
        changes.append(f"misconceptions: {named[0] or 'none'} → {named[1] or 'none'}")
    elif old["misconceptions"] != new["misconceptions"]:
        changes.append("misconceptions: other words")
    return changes


class Tally:
    """Counts who gains, who loses and who keeps their points, and why."""

    def __init__(self) -> None:
        """Count nobody yet."""
        self._gain = self._lose = self._keep = 0
        self._why: Counter[tuple[str, ...]] = Counter()

    @property
    def changed(self) -> int:
        """How many see something changed."""
        return self._why.total()

    def add(self, old: float | None, new: float | None, changes: Sequence[str]) -> None:
        """Count one, by the points before and after; None stands for no grade."""
        self._gain += (new or 0) > (old or 0)
        self._lose += (new or 0) < (old or 0)
        self._keep += (new or 0) == (old or 0)
        if changes:
            self._why[tuple(changes)] += 1

    def lines(self) -> Iterator[str]:
        """Tell it: the counts, then each reason, the most frequent first."""
        yield f"{self._gain:,} gain points, {self._lose:,} lose points, {self._keep:,} keep theirs"
        for changes, count in self._why.most_common():
            yield f"    {count:,} ×  {'; '.join(changes)}"


def _told_of(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Tell what changed of a check that came out as before."""
    if one.get("max_points") != other.get("max_points"):
        yield f"worth {other['max_points']:g} instead of {one['max_points']:g}"
    if changed := [part for part in _WORDS if one.get(part) != other.get(part)]:
        yield f"another {' and '.join(changed)}"


def _points(card: Mapping[str, Any]) -> str:
    points = "none" if card["points"] is None else f"{card['points']:g}"
    return f"{points} of {card['max_points']:g}"
