"""A class as a table, a row for each learner, for spreadsheets and programs. Pure, no I/O."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.learners import Class, Learner
from autograder.texts import cell


def write_csv(file: Any, found: Class, numbers: Mapping[str, int], *, names: bool) -> None:
    """Write the table.

    Args:
        file: A text file, or anything with `write`.
        found: The class.
        numbers: The number of each submission.
        names: Whether to tell the paths, too.
    """
    writer = csv.writer(file)
    first = ["number", "submission"] if names else ["number"]
    checks = list(found.checks)
    writer.writerow(map(cell, [*first, "status", "points", "max_points", *checks, "beliefs"]))
    for learner in sorted(found.learners.values(), key=lambda one: numbers[one.submission]):
        named = [learner.submission] if names else []
        row = [str(numbers[learner.submission]), *named, *_row(learner, checks)]
        writer.writerow(map(cell, row))


def _row(learner: Learner, checks: list[str]) -> Iterator[str]:
    outcomes = dict(learner.outcomes)
    yield learner.status.value
    yield "" if learner.points is None else f"{learner.points:g}"
    yield f"{learner.max_points:g}"
    for check in checks:
        yield outcomes[check].value if check in outcomes else ""
    yield " ".join(learner.beliefs)
