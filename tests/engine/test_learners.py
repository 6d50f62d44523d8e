"""What is read of a file of results, whoever has written in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.learners import read_class
from autograder.records import Grading, Outcome, Status
from autograder.report import as_json
from tests.engine.results import belief, ended, line, record
from tests.engine.test_report import card


def test_a_line_says_what_became_of_a_learner() -> None:
    found = read_class([line("bob", "rewind", misconceptions=[belief()])])
    learner = found.learners["bob"]
    assert learner.status is Grading.GRADED
    assert learner.ended is Status.RETURNED
    assert (learner.points, learner.max_points, learner.error) == (4, 6, "")
    assert dict(learner.outcomes)["rewind"] is Outcome.FAILED
    assert learner.beliefs == ("no_rewind",)
    assert list(found.checks) == ["mask", "rewind", "conduct"]
    assert found.beliefs["no_rewind"].hint == "Where does it start?"
    assert found.left_out == 0


def test_it_reads_what_the_grader_writes() -> None:
    found = read_class([json.dumps(as_json(card())).encode()])
    assert found.learners["alice/solution.ipynb"].points == 3


def test_the_last_line_of_a_submission_counts() -> None:
    found = read_class([line("bob", points=1), line("alice"), line("bob", points=5)])
    assert {name: one.points for name, one in found.learners.items()} == {"bob": 5, "alice": 6}


@pytest.mark.parametrize(
    "broken",
    [
        b"nothing of ours\n", b'{"format": 1}\n', b"[" * 100_000, b"\xff\xfe\n",
        line(format=2), line(points="6"), line(points=-1), line(status="odd"), line()[:-30],
        line(max_points=float("nan")), line(max_points=float("inf")), line(max_points=1e300),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_counted_and_left_out(broken: bytes) -> None:
    found = read_class([line("bob"), broken])
    assert list(found.learners) == ["bob"]
    assert found.left_out == 1


def test_empty_lines_count_for_nothing() -> None:
    assert read_class([b"\n", b"  \n"]).left_out == 0


def test_a_path_that_is_no_text_is_read() -> None:
    name = "caf\udce9.py"
    assert list(read_class([line(name)]).learners) == [name]


def test_of_an_exception_the_type_is_known_if_it_is_pythons_own() -> None:
    errors = ["KeyError: 'alice'", "AliceError: hello", None]
    found = read_class(line(f"{n}", execution=ended("raised", e)) for n, e in enumerate(errors))
    assert [one.error for one in found.learners.values()] == ["KeyError", "Exception", ""]


def test_equal_verdicts_are_told_from_others() -> None:
    other = record("dave", "mask")
    other["checks"][0]["message"] = "3 of 6"
    lines = [line("alice", "mask"), line("bob", "mask"), line("carol", "rewind")]
    found = read_class([*lines, json.dumps(other).encode()])
    alice, bob, carol, dave = (
        found.learners[name].said for name in ("alice", "bob", "carol", "dave")
    )
    assert alice == bob
    assert len({alice, carol, dave}) == 3


def test_nothing_is_written_where_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(line())
    with path.open("rb") as file:
        read_class(file)
    assert list(tmp_path.iterdir()) == [path]
