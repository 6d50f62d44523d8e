"""What a scorecard says of lines that failed above, or below, a right function."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading import Grader
from autograder.records import Scorecard, Submission
from autograder.settings import Settings
from tests.engine.examples import SAMPLES
from tests.preloaded import grading_is_forked

RIGHT = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
DIVIDED = "ZeroDivisionError: division by zero in `1 / 0`"


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with grading_is_forked():
        grader = Grader(Settings("lottery_ticket", seed="a secret", timeout=5.0))
        yield grader
        grader.close()


def card(grader: Grader, *cells: str, script: bool = True) -> Scorecard:
    entry_point = "find_winning_ticket_step"
    submission = Submission("alice", cells, entry_point, attempted=True, script=script)
    return grader.grade(submission).card


def test_a_line_that_fails_in_a_script_is_named_and_what_is_below_counts(grader: Grader) -> None:
    graded = card(grader, f"x = 1\n1 / 0\n{RIGHT}")
    assert graded.points == 10
    assert graded.notes == (f"line 2 failed with {DIVIDED}; the rest was run as far as possible",)


def test_a_cell_that_fails_is_named_and_what_is_below_counts(grader: Grader) -> None:
    graded = card(grader, "x = 1", f"1 / 0\n{RIGHT}", script=False)
    assert graded.points == 10
    assert graded.notes == (f"cell 2 failed with {DIVIDED}; the rest was run as far as possible",)


def test_of_a_script_that_is_no_python_nothing_is_said_to_be_run(grader: Grader) -> None:
    graded = card(grader, f"{RIGHT}\nx = = 1\n")
    assert graded.points == 0
    assert graded.notes == ("the script failed with SyntaxError: invalid syntax in `x = = 1`",)


@pytest.mark.parametrize("script", [True, False])
def test_an_exit_is_no_failure(grader: Grader, *, script: bool) -> None:
    graded = card(grader, f"{RIGHT}\nimport sys\nsys.exit(0)\n", script=script)
    assert graded.points == 10
    assert graded.notes == ("an exit was passed over: SystemExit: 0 in `sys.exit(0)`",)


def test_who_runs_a_program_has_a_name_and_a_place(grader: Grader) -> None:
    asks = "import getpass, os\ngetpass.getuser(), os.environ['USER'], os.environ['LOGNAME']\n"
    asks += "assert os.path.samefile(os.environ['PWD'], os.getcwd())\n"
    graded = card(grader, asks + RIGHT)
    assert (graded.points, graded.notes) == (10, ())


def test_what_the_confinement_forbids_above_a_function_costs_no_points(grader: Grader) -> None:
    asks = "import subprocess\ntry:\n    subprocess.run(['nvidia-smi'])\nexcept FileNotFoundError:"
    graded = card(grader, f"{asks}\n    pass\n{RIGHT}")
    assert graded.points == 10
    assert [note.partition(":")[0] for note in graded.notes] == [
        "line 3 failed with PermissionError"
    ]
