"""How a scorecard is put together, wherever a submission was judged."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from autograder import __version__
from autograder.kata import Kata
from autograder.records import Execution, Grading, Outcome, Scorecard, Verdict


def scorecard(
    kata: Kata,
    name: str,
    status: Grading,
    verdicts: tuple[Verdict, ...],
    execution: Execution,
    *,
    message: str,
    notes: tuple[str, ...] = (),
) -> Scorecard:
    """Put a scorecard together; where a check itself failed there are no points, never 0."""
    errored = next((v for v in verdicts if v.outcome is Outcome.ERRORED), None)
    if errored is not None:
        status, message = Grading.ERROR, f"{errored.check}: {errored.reason}"
    failed = status in (Grading.ERROR, Grading.UNREADABLE)
    return Scorecard(
        submission=name,
        kata=kata.id,
        status=status,
        verdicts=verdicts,
        points=None if failed else sum(verdict.points for verdict in verdicts),
        max_points=kata.max_points,
        execution=replace(execution, answers=()),
        message=message,
        notes=notes,
        versions={
            "autograder": __version__,
            "python": sys.version.split()[0],
            "torch": _version("torch"),
        },
    )


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
