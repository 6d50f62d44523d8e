"""The second kata goes every way that the first one goes: nothing asks which of them it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest

from autograder import check
from autograder.interpreter import run_cells
from autograder.notebook import read
from solutions.build import assignments
from tests.asking import Done, ask
from tests.course import ROOT, Course, filled
from tests.katas.samples import golden, path_of, samples_of

LATE = assignments()["late_rewinding"]
SAMPLES = {folder.name: folder for folder in samples_of(LATE.name)}
RIGHT, WRONG = SAMPLES["right_textbook"], SAMPLES["wrong_rewinds_to_the_start"]
USUAL = ROOT / "tests" / "submissions" / "right_textbook" / "solution.py"
FOLDERS = (RIGHT, WRONG)


def autograder(*arguments: object) -> Done:
    done = ask(ROOT, *arguments, environment={**os.environ, "AUTOGRADER_SEED": "a secret"})
    assert done.status == 0, done.out + done.err
    return done


def lines_of(path: Path) -> dict[str, dict]:
    cards = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {card["submission"]: card for card in cards}


def code_in(folder: Path) -> str:
    return path_of(folder).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course in which a right and a wrong submission were handed in."""
    folder = tmp_path_factory.mktemp("course")
    held = Course(folder, assignment=LATE.name, notebook=LATE.starter.stem)
    starter = held.generate()
    for sample in FOLDERS:
        notebook = nbformat.read(starter, as_version=4)
        held.hand_in(sample.name, filled(notebook, code_in(sample)))
    return held


def test_nbgrader_grades_it_by_the_assignments_name(course: Course) -> None:
    course.autograde()
    due = {folder.name: float(golden(folder)["points"]) for folder in FOLDERS}
    assert course.points() == due
    course.nbgrader("generate_feedback", LATE.name)
    page = course.feedback(WRONG.name)
    assert "A ticket goes back to θ₀, as in the first paper" in page
    assert "In each pruned module" in page


def test_our_own_autograde_gives_the_same_points(course: Course) -> None:
    command = ["autograde", LATE.name, "--force", "--quiet"]
    assert ask(course.folder, *command, environment=course.environment).status == 0
    assert course.points() == {folder.name: float(golden(folder)["points"]) for folder in FOLDERS}


def test_a_kata_that_the_configuration_names_wins(course: Course) -> None:
    course.nbgrader("autograde", LATE.name, "--force", "--Grade.kata=lottery_ticket")
    assert set(course.points().values()) == {0.0}


def test_the_command_line_grades_files_of_both_katas_in_one_run(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    paths = [path_of(RIGHT), path_of(WRONG), USUAL]
    command = ["grade", *paths, "--output", results, "--quiet"]
    autograder(*command)
    cards = lines_of(results)
    assert [cards[str(path)]["kata"] for path in paths] == [LATE.name, LATE.name, "lottery_ticket"]
    assert [cards[str(path)]["points"] for path in paths] == [10, 6, 10]
    assert [b["id"] for b in cards[str(paths[1])]["misconceptions"]] == ["rewinds_to_theta0"]

    again = autograder(*command)
    assert "3 of 3 are graded already" in again.err
    assert lines_of(results) == cards

    regraded = autograder("regrade", results)
    assert "3 judged again, 0 changed" in regraded.out
    assert "3 of 3 are graded already" in autograder(*command).err

    told = autograder("report", results)
    assert "A ticket goes back to θ₀" in told.out


def test_a_kata_that_is_named_is_looked_for_and_the_other_one_is_told(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    command = ["grade", path_of(RIGHT), "--output", results, "--quiet"]
    autograder(*command, "--kata", "lottery_ticket")
    (card,) = lines_of(results).values()
    assert (card["kata"], card["points"]) == ("lottery_ticket", 0)
    (note,) = card["notes"]
    assert note.startswith("it holds find_late_rewinding_ticket_step, which is another kata's;")
    autograder(*command)  # is another question, and so it is graded
    (card,) = lines_of(results).values()
    assert (card["kata"], card["points"]) == (LATE.name, 10)


def test_check_finds_it_by_the_functions_name(capsys: pytest.CaptureFixture[str]) -> None:
    for sample, says in ((RIGHT, "10 / 10 points"), (WRONG, "A ticket goes back to θ₀")):
        function, *_ = run_cells(read(path_of(sample), entry_point=LATE.entry_point))
        check(function)
        assert says in capsys.readouterr().out
    with pytest.raises(AssertionError, match="rewind"):
        check(function, "rewind")
