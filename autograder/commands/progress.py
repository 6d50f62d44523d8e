"""How far a long run is: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import nullcontext
from typing import Self

from tqdm import tqdm

from autograder.commands.voice import is_terminal, say, show
from autograder.records import Grading, Summary

_PLAIN_EVERY_SECONDS = 30.0
_ORDER = ("full", "partial", "no points", "not attempted", "unreadable", "error")


class Progress:
    """Counts scorecards by what became of them, and tells the rate and the time left.

    Args:
        total: How many there will be.
        quiet: Whether to say nothing at all.
    """

    def __init__(self, total: int, *, quiet: bool) -> None:
        """Begin at once."""
        self._total, self._quiet = total, quiet
        self._counts: Counter[str] = Counter()
        self._begun = time.monotonic()
        self._said: float | None = None
        hidden = quiet or not is_terminal(sys.stderr)
        self._bar = None if hidden else tqdm(total=total, unit=" submissions", leave=False)

    def __enter__(self) -> Self:
        """Be what a `with` names."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def add(self, summary: Summary, text: str) -> None:
        """Count a submission and show its text, if any, above the bar, if there is one."""
        self._counts[_became(summary)] += 1
        if self._quiet:
            return
        if text:
            with nullcontext() if self._bar is None else tqdm.external_write_mode():
                show(text)
        if self._bar is None:
            self._say_now_and_then()
        else:
            self._bar.set_postfix_str(self._by_outcome(), refresh=False)
            self._bar.update()

    def _say_now_and_then(self) -> None:
        now = time.monotonic()
        self._said = self._said or now  # the first comes when all is loaded
        if now - self._said < _PLAIN_EVERY_SECONDS:
            return
        self._said = now
        done = self._counts.total()
        rate = done / (now - self._begun)
        left = (self._total - done) / rate
        say(
            f"{done:,} of {self._total:,} ({self._by_outcome()}), {rate:.1f} a second,"
            f" {tqdm.format_interval(left)} left"
        )

    def _by_outcome(self) -> str:
        return ", ".join(f"{self._counts[kind]} {kind}" for kind in _ORDER if self._counts[kind])


def _became(summary: Summary) -> str:
    if summary.status is not Grading.GRADED:
        return summary.status.value.replace("_", " ")
    if summary.points == summary.max_points:
        return "full"
    return "partial" if summary.points else "no points"
