"""One submission after another: what is run, and what is known already."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.grading import Grader
from autograder.recent import Recent
from autograder.records import Graded, Status, Submission
from autograder.settings import Settings
from tests.engine.examples import SAMPLES, code, write_notebook
from tests.preloaded import grading_is_forked

RIGHT = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
HEAD = "import os, secrets\ndef find_winning_ticket_step(model, state, prune_amount=0.2):\n"
SAYS_A_NUMBER = HEAD + "    raise ValueError(secrets.token_hex())\n"
SECRET = Settings("lottery_ticket", seed="a secret", timeout=2.0)


@pytest.fixture
def grader() -> Iterator[Grader]:
    with grading_is_forked():
        grader = Grader(SECRET, known=Recent(8))
        yield grader
        grader.close()


def handed_in(code: str, name: str = "alice", *, script: bool = True) -> Submission:
    return Submission(name, (code,), "find_winning_ticket_step", attempted=True, script=script)


def said(graded: Graded) -> str:
    fault = graded.card.execution.fault
    assert fault is not None
    return fault.message


def test_a_program_that_was_handed_in_before_is_not_run_again(grader: Grader) -> None:
    alice, bob = (grader.grade(handed_in(SAYS_A_NUMBER, name)) for name in ("alice", "bob"))
    assert said(alice) == said(bob) != ""
    assert (alice.card.submission, bob.card.submission) == ("alice", "bob")
    assert replace(bob.card, submission="alice") == alice.card
    assert bob.submission == handed_in(SAYS_A_NUMBER, "bob")
    assert bob.evidence == alice.evidence


@pytest.mark.parametrize(
    "other",
    [handed_in(SAYS_A_NUMBER + "# mine\n"), handed_in(SAYS_A_NUMBER, script=False)],
    ids=["a_comment", "a_notebook"],
)
def test_another_program_is_run(grader: Grader, other: Submission) -> None:
    assert said(grader.grade(handed_in(SAYS_A_NUMBER))) != said(grader.grade(other))


OTHERWISE = [
    RIGHT + "\n\n# mine\n",
    RIGHT.replace("    return model", "\n    # done\n    return (model)"),
]


@pytest.mark.parametrize("code", OTHERWISE, ids=["a_comment_below", "comments_and_brackets"])
def test_comments_and_layout_make_no_other_program(grader: Grader, code: str) -> None:
    assert code != RIGHT
    first, second = (grader.grade(handed_in(each)) for each in (RIGHT, code))
    assert first.card == second.card  # to the last microsecond
    assert second.submission == handed_in(code)


@pytest.mark.parametrize(
    "other",
    [RIGHT + "\nMINE = 1\n", RIGHT + "\n'mine'\n", RIGHT + "\n>>> 1\n", RIGHT + "\n%time\n"],
    ids=["a_name", "a_text", "a_prompt", "a_magic"],
)
def test_other_code_does(grader: Grader, other: str) -> None:
    first, second = (grader.grade(handed_in(each, script=False)) for each in (RIGHT, other))
    assert first.card.points == second.card.points == 10
    assert first.evidence != second.evidence


def test_what_a_cell_failed_with_is_quoted_as_it_was_written(grader: Grader) -> None:
    fails = "1 / 0  # oops\n" + RIGHT
    cards = [grader.grade(handed_in(each)).card for each in (fails, "\n" + fails)]
    assert [card.execution.cell_faults[0].line_number for card in cards] == [1, 2]


def test_code_of_any_depth_can_be_compared(grader: Grader) -> None:
    deep = RIGHT + "\nx = " + "-" * 900 + "1\n"
    assert grader.grade(handed_in(deep)).card.points == 10


def test_so_is_the_same_one_on_cases_of_a_learners_own(grader: Grader) -> None:
    alice, bob = (grader.grade(handed_in(SAYS_A_NUMBER), learner) for learner in ("alice", "bob"))
    assert said(alice) != said(bob)


@pytest.mark.parametrize(
    ("body", "status"),
    [("    while True: pass\n", Status.TIMED_OUT), ("    os.abort()\n", Status.CRASHED)],
    ids=["hangs", "crashes"],
)
def test_what_did_not_come_to_its_end_is_run_again(
    grader: Grader, body: str, status: Status
) -> None:
    first, second = (grader.grade(handed_in(HEAD + body)).card.execution for _ in range(2))
    assert first.status is second.status is status
    assert first.wall_seconds != second.wall_seconds


def test_notes_are_a_submissions_own(grader: Grader, tmp_path: Path) -> None:
    whole = write_notebook(tmp_path / "whole.ipynb", code(RIGHT, solution=True))
    bare = write_notebook(tmp_path / "bare.ipynb", code(RIGHT))
    cards = [grader.grade_path(path).card for path in (whole, bare, whole)]
    assert [card.points for card in cards] == [10, 10, 10]
    assert cards[0].notes == cards[2].notes != cards[1].notes


def test_nor_is_one_that_leaves_much_behind_remembered(grader: Grader) -> None:
    leaves = "    import torch\n    model.large = torch.zeros(100_000)\n    return model\n"
    first, second = (grader.grade(handed_in(HEAD + leaves)).card.execution for _ in range(2))
    assert first.status is second.status is Status.RETURNED
    assert first.wall_seconds != second.wall_seconds


def test_without_a_memory_all_are_run() -> None:
    with grading_is_forked():
        grader = Grader(SECRET)
        first, second = (grader.grade(handed_in(SAYS_A_NUMBER)) for _ in range(2))
        grader.close()
    assert said(first) != said(second)


def test_another_grader_beside_it_knows_what_it_knows(grader: Grader) -> None:
    beside = grader.another()
    try:
        first = grader.grade(handed_in(SAYS_A_NUMBER))
        assert said(beside.grade(handed_in(SAYS_A_NUMBER))) == said(first)
    finally:
        beside.close()


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert recent.get("a") == 1
    recent.keep("c", 3)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]


def test_threads_may_share_what_is_remembered() -> None:
    recent: Recent[int, int] = Recent(3)

    def use() -> None:
        for number in range(5000):
            recent.keep(number % 7, number)
            recent.get((number + 3) % 7)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(recent.get(key) is not None for key in range(7)) == 3
