"""What scorecards make of what the gradebook has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.changes import between
from autograder.marks import Mark, Standing, as_card, auto_points, graded_again
from autograder.records import Execution, Grading, Outcome, Scorecard, Status, Verdict

PASSED = Verdict("scaled", "All is scaled.", Outcome.PASSED, 2.0, 2.0)
WORTHLESS = replace(PASSED, points=0.0, max_points=0.0)
CARD = Scorecard(
    "one.ipynb", "toy", Grading.GRADED, (PASSED,), 2.0, 2.0, Execution(Status.RETURNED)
)
SCALED = Mark("one", "scaled", 4.0, by_check=True, auto=1.0, manual=None, extra=0.0)
EXPLAIN = Mark("one", "explain", 2.0, by_check=False, auto=None, manual=1.5, extra=0.5)


@pytest.mark.parametrize(
    ("verdict", "worth", "earned"),
    [
        (PASSED, 5.0, 5.0),
        (replace(PASSED, points=1.0), 5.0, 2.5),
        (WORTHLESS, 0.0, 0.0),
        (WORTHLESS, 3.0, 0.0),
        (None, 5.0, 0.0),
    ],
)
def test_a_cell_earns_its_checks_share(
    verdict: Verdict | None, worth: float, earned: float
) -> None:
    assert auto_points(verdict, worth) == earned


def test_as_in_nbgrader_an_extra_counts_once_there_are_points() -> None:
    assert EXPLAIN.points == 2.0
    assert replace(EXPLAIN, manual=None).points == 0.0


def test_what_a_person_gives_stays_and_a_cell_without_a_check_earns_nothing() -> None:
    renamed = replace(SCALED, cell="halved")
    assert graded_again([SCALED, EXPLAIN, renamed], {"one": CARD}) == (
        replace(SCALED, auto=4.0), EXPLAIN, replace(renamed, auto=0.0),
    )  # fmt: skip


def test_the_cells_of_a_missing_notebook_have_nothing_of_the_grader() -> None:
    absent = [replace(SCALED, notebook="two"), replace(EXPLAIN, notebook="two")]
    again = graded_again([SCALED, *absent], {"one": CARD}, missing={"two"})
    assert [mark.auto for mark in again] == [4.0, 0.0, 0.0]
    assert [mark.points for mark in again] == [4.0, 0.0, 2.0]


def test_what_being_late_costs_is_part_of_the_points_and_told() -> None:
    marks = (SCALED, EXPLAIN)
    old, new = (as_card(Standing(marks, {"one": penalty})) for penalty in (0.0, 2.5))
    assert (old["points"], new["points"]) == (3.0, 0.5)
    assert between(old, new) == ["points: 3 of 6 → 0.5 of 6", "late penalty: 0 → 2.5"]
    assert as_card(Standing(marks, {"one": 99.0}))["points"] == 0.0


def test_cells_of_several_notebooks_are_told_apart() -> None:
    twin = replace(SCALED, notebook="two")
    old, new = (as_card(Standing(marks)) for marks in (
        (SCALED, twin), (replace(SCALED, auto=2.0), replace(twin, auto=0.0)),
    ))  # fmt: skip
    assert between(old, new) == ["one: scaled: 1 → 2", "two: scaled: 1 → 0"]
