"""A class as a table, a row for each learner, for spreadsheets and programs. Pure, no I/O."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.learners import Class, Learner
from autograder.texts import encodable, printable

_FORMULA = tuple("=+-@＝＋－＠")


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
    writer.writerow(map(_cell, [*first, "status", "points", "max_points", *checks, "beliefs"]))
    for learner in sorted(found.learners.values(), key=lambda one: numbers[one.submission]):
        named = [learner.submission] if names else []
        row = [numbers[learner.submission], *named, *_row(learner, checks)]
        writer.writerow(map(_cell, row))


def _row(learner: Learner, checks: list[str]) -> Iterator[object]:
    outcomes = dict(learner.outcomes)
    yield learner.status.value
    yield "" if learner.points is None else f"{learner.points:g}"
    yield f"{learner.max_points:g}"
    for check in checks:
        yield outcomes[check].value if check in outcomes else ""
    yield " ".join(learner.beliefs)


def _cell(value: object) -> str:
    """Write a cell that no spreadsheet takes for a formula."""
    text = printable(encodable(str(value)))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
