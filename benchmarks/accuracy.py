"""How often the grader is right, and how long it takes: `make accuracy`.

Grades every sample submission in the sandbox, one after another, and holds each verdict against the
golden one beside it. Times are of a grader that has seen a wrong submission before: the first one
waits longer, until the wrong programs have been observed in the first cases. Further folders of the
same layout may be given: a folder for each submission, in it one script or notebook and
`verdict.json`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

from autograder.grading import Grader
from autograder.settings import Settings
from tests.katas.samples import SAMPLES, golden, path_of, verdict_of


@dataclass(frozen=True)
class Graded:
    """One submission's verdict, the golden one, and how long it took.

    Attributes:
        points: What it got; None if the grader failed.
        max_points: What a right submission gets.
        named: Ids of the beliefs named, first first.
        due_points: What it should get.
        due: Ids of the beliefs that are behind it.
        two_faults: Whether it was written with two faults in mind: its folder says `wrong_two_`.
        child_seconds: What running the submission took, in all its runs.
        judging_seconds: What reading and judging took.
    """

    points: float | None
    max_points: float
    named: tuple[str, ...]
    due_points: float
    due: tuple[str, ...]
    two_faults: bool
    child_seconds: float
    judging_seconds: float

    @property
    def is_right(self) -> bool:
        """Whether all points are due."""
        return self.due_points == self.max_points

    @property
    def passes(self) -> bool:
        """Whether it got all points."""
        return self.points == self.max_points


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade, print the table, and exit with 1 if a verdict is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="besides the sample submissions")
    parser.add_argument("--seed", default="a secret that no sample knows")
    options = parser.parse_args(arguments)
    columns = {folder.name: graded(folder, options.seed) for folder in (SAMPLES, *options.folders)}
    if len(columns) > 1:
        columns["all"] = list(chain.from_iterable(columns.values()))
    print(table({name: figures(found) for name, found in columns.items()}))
    return int(any(one.is_right != one.passes for found in columns.values() for one in found))


def graded(folder: Path, seed: str) -> list[Graded]:
    """Grade all submissions of a folder, one at a time, so that no verdict waits for another."""
    grader = Grader(Settings("lottery_ticket", seed=seed))
    try:
        samples = [found.parent for found in sorted(folder.glob("*/verdict.json"))]
        for sample in samples:
            if not _one(grader, sample).passes:
                break  # the sandbox runs, and the first wrong programs have been observed
        return [_one(grader, sample) for sample in samples]
    finally:
        grader.close()


def _one(grader: Grader, sample: Path) -> Graded:
    due, path = golden(sample), path_of(sample)
    start = time.perf_counter()
    card = grader.grade_path(path).card
    seconds = time.perf_counter() - start
    return Graded(
        points=card.points,
        max_points=card.max_points,
        named=tuple(verdict_of(card.verdicts)["beliefs"]),
        due_points=due["points"],
        due=tuple(due["beliefs"]),
        two_faults=sample.name.startswith("wrong_two_") and bool(due["beliefs"]),
        child_seconds=card.execution.wall_seconds,
        judging_seconds=seconds - card.execution.wall_seconds,
    )


def figures(found: Sequence[Graded]) -> dict[str, str]:
    """Sum up, each line of the table under its name."""
    right = [one for one in found if one.is_right]
    wrong = [one for one in found if not one.is_right]
    named = [one for one in found if one.named]
    to_name = [one for one in found if one.due]
    two = [one for one in found if one.two_faults]
    both = [one for one in two if len(one.named) > 1 and set(one.named) == set(one.due)]
    well_named = [one for one in named if one.named[0] in one.due]
    child = [1000 * one.child_seconds for one in found]
    judging = [1000 * one.judging_seconds for one in found]
    return {
        "submissions": str(len(found)),
        "false accepts": _share(sum(one.passes for one in wrong), len(wrong), "wrong"),
        "false rejects": _share(sum(not one.passes for one in right), len(right), "right"),
        "points as due": _share(
            sum(one.points == one.due_points for one in found), len(found), "all"
        ),
        "first name: precision": _share(len(well_named), len(named), "named"),
        "first name: recall": _share(len(well_named), len(to_name), "with a known belief"),
        "both names of two faults": _share(len(both), len(two), "with two"),
        "child, ms: median, p95": _times(child),
        "judging, ms: median, p95": _times(judging),
        "in all, ms: median, p95": _times([a + b for a, b in zip(child, judging, strict=True)]),
    }


def table(columns: dict[str, dict[str, str]]) -> str:
    """Write one column for each folder."""
    widths = {name: max(map(len, (name, *lines.values()))) for name, lines in columns.items()}
    labels = next(iter(columns.values()))
    left = max(map(len, labels))
    rows = [" " * left + "".join(f"  {name:>{widths[name]}}" for name in columns)]
    rows += [
        f"{label:{left}}"
        + "".join(f"  {lines[label]:>{widths[name]}}" for name, lines in columns.items())
        for label in labels
    ]
    return "\n".join(rows)


def _share(count: int, total: int, what: str) -> str:
    return f"{count} of {total} {what}" + (f" ({count / total:.1%})" if total else "")


def _times(milliseconds: Iterable[float]) -> str:
    values = list(milliseconds)
    high = quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
    return f"{median(values):.0f}, {high:.0f}"


if __name__ == "__main__":
    sys.exit(main())
