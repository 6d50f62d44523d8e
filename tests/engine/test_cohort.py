"""A class in numbers: what is counted, what is alike, what is worth a word."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest

from autograder.cohort import FEW, Cohort, count, numbered, worth_a_word
from autograder.groups import Trace
from autograder.learners import read_class
from autograder.records import Grading, Outcome, Status
from tests.engine.results import belief, ended, line


def cohort(lines: Iterable[bytes], traces: dict[str, Trace] | None = None) -> Cohort:
    found = read_class(lines)
    return count(found, traces or {}, numbered(found.learners.values()))


def test_points_are_those_of_graded_submissions() -> None:
    seen = cohort([
        line("a"), line("b", "mask"), line("c", points=1),
        line("d", status="not_attempted", points=0), line("e", status="unreadable", points=None),
        line("f", status="error", points=None),
    ])  # fmt: skip
    assert seen.statuses == {
        Grading.GRADED: 3, Grading.NOT_ATTEMPTED: 1, Grading.UNREADABLE: 1, Grading.ERROR: 1,
    }  # fmt: skip
    assert (seen.total, seen.graded) == (6, 3)
    assert seen.mean == pytest.approx(11 / 3)
    assert (seen.median, seen.max_points) == (4, 6)
    assert dict(seen.histogram) == {"0": 0, "1": 1, "2": 0, "3": 0, "4": 1, "5": 0, "6": 1}


def test_nothing_graded_has_no_mean() -> None:
    seen = cohort([line(status="not_attempted", points=0)])
    assert (seen.mean, seen.median, seen.graded) == (None, None, 0)
    assert worth_a_word(seen) == ()


def test_fractions_of_points_have_bars_that_say_so() -> None:
    seen = cohort([line("a", points=1.5), line("b", points=6)])
    assert seen.histogram[1] == ("1 to below 2", 1)
    assert seen.histogram[-1] == ("6", 1)


@pytest.mark.parametrize("most", [0, 0.5, 19, 20, 21, 100, 1e6])
def test_every_submission_has_its_bar_and_there_are_few(most: float) -> None:
    points = [0, most / 3, most / 2, most]
    seen = cohort(line(f"{n}", points=p, max_points=most) for n, p in enumerate(points))
    assert sum(number for _, number in seen.histogram) == len(points)
    assert len(seen.histogram) <= 21
    assert len(dict(seen.histogram)) == len(seen.histogram)


def test_checks_are_counted_by_outcome() -> None:
    mask = cohort([line("a"), line("b", "mask"), line("c", "mask")]).checks[0]
    assert mask.id == "mask"
    assert mask.outcomes == {Outcome.PASSED: 1, Outcome.FAILED: 2}


def test_beliefs_are_sorted_by_frequency_and_show_the_plainest_code() -> None:
    other = belief("other", "Something else")
    both = [belief(), other]
    seen = cohort(
        [
            line("a", "mask", misconceptions=both),
            *(line(name, "mask", misconceptions=[other]) for name in "bcd"),
        ],
        {"a": Trace(b"", (1, 1)), "b": Trace(b"", (9, 90)), "c": Trace(b"", (8, 99))},
    )  # fmt: skip
    assert [(one.id, one.count, one.example) for one in seen.beliefs] == [
        ("other", 4, "c"), ("no_rewind", 1, "a"),
    ]  # fmt: skip


def test_a_belief_met_twice_in_a_submission_counts_once() -> None:
    seen = cohort([line("a", "mask", misconceptions=[belief(), belief()])])
    assert [one.count for one in seen.beliefs] == [1]


def test_what_was_hard() -> None:
    skipped = [
        {
            "id": "mask",
            "title": "",
            "outcome": "skipped",
            "points": 0,
            "max_points": 2,
            "message": "",
        }
    ]
    seen = cohort([
        line("a", execution=ended("timed_out", "TimeoutError: it was")),
        line("b", execution=ended("crashed")),
        line("c", execution=ended("raised", "KeyError: 'x'"), checks=skipped),
        line("d", execution=ended("returned", "KeyError: 'y'")),
        line("e", execution=ended("returned", "ValueError")),
        line("f", status="unreadable", points=None, execution=ended("malformed")),
    ])  # fmt: skip
    assert seen.endings == {Status.TIMED_OUT: 1, Status.CRASHED: 1, Status.RAISED: 1}
    assert seen.exceptions == (("KeyError", 2), ("ValueError", 1))
    assert seen.not_reached == 1


# Groups


def members(seen: Cohort) -> list[tuple[list[str], bool]]:
    return [(sorted(group.members), group.behaves) for group in seen.groups]


def test_what_did_the_same_is_together_whatever_its_verdicts_say() -> None:
    lines = [line(name, "mask") for name in "abcde"]
    same, other = Trace(b"same", (2, 2)), Trace(b"other", (1, 1))
    seen = cohort(lines, {"a": same, "b": same, "c": same, "d": other, "e": other})
    assert members(seen) == [(["a", "b", "c"], True), (["d", "e"], True)]
    assert seen.groups[1].example in {"d", "e"}


def test_without_evidence_equal_verdicts_are_together() -> None:
    seen = cohort([line("a", "mask"), line("b", "mask"), line("c", "rewind"), line("d")])
    assert members(seen) == [(["a", "b"], False)]
    assert (seen.alone, seen.full, seen.evidence) == (1, 1, 0)
    assert seen.groups[0].example == ""


def test_what_raised_is_together_by_its_type_for_what_it_did_tells_the_line() -> None:
    lines = [
        line(name, "mask", execution=ended("raised", f"KeyError: {name} (line {name})"))
        for name in "ab"
    ]
    traces = {name: Trace(name.encode(), (1, 1)) for name in "ab"}
    assert members(cohort(lines, traces)) == [(["a", "b"], False)]


def test_who_passed_everything_needs_no_comment() -> None:
    seen = cohort([line("a"), line("b")], dict.fromkeys("ab", Trace(b"same", (1, 1))))
    assert (seen.groups, seen.alone, seen.full) == ((), 0, 2)


# Numbers


def test_numbers_follow_neither_the_file_nor_the_alphabet_and_stay() -> None:
    lines = [line(f"{number:03}") for number in range(100)]
    numbers = numbered(read_class(lines).learners.values())
    assert numbers == numbered(read_class(reversed(lines)).learners.values())
    assert sorted(numbers.values()) == list(range(1, 101))
    order = [numbers[f"{number:03}"] for number in range(100)]
    assert sum(number == place for place, number in enumerate(order, start=1)) < 10
    assert sum(one + 1 == other for one, other in pairwise(order)) < 10


def test_numbers_cannot_be_told_from_the_names() -> None:
    names = [f"{number:03}" for number in range(100)]
    one = numbered(read_class(map(line, names)).learners.values())
    slower = (line(name, execution=ended("returned")) for name in names[:-1])
    other = numbered(
        read_class([*slower, line(names[-1], notes=["another run"])]).learners.values()
    )
    assert one != other


# What is worth a word


@pytest.mark.parametrize(
    ("graded", "believing", "chosen"),
    [(FEW - 1, FEW - 1, 0), (FEW, 2, 0), (FEW, 3, 1), (100, 4, 0), (100, 5, 1)],
)
def test_a_belief_is_worth_a_word_if_it_is_common_in_a_class_that_is_not_small(
    graded: int, believing: int, chosen: int
) -> None:
    lines = [line(f"{n}", "mask", misconceptions=[belief()]) for n in range(believing)]
    lines += [line(f"{n}") for n in range(believing, graded)]
    assert len(worth_a_word(cohort(lines))) == chosen
