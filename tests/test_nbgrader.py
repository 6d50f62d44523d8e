"""The true nbgrader cycle, from generate_assignment to export."""

from __future__ import annotations

import copy
import html
import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from tests.course import CLASS, Course, code_of, filled, grade_id, notebook_of

RIGHT = code_of("right_textbook")
MANUAL_POINTS = 2.0
NOISY = (
    """import sys, warnings
warnings.warn("something is deprecated")
print("a message", file=sys.stderr)
"""
    + RIGHT
)
FORGER = """print(5.0)
display(5.0)
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    print("3.0")
    return model if model else 3.0
5.0
"""
SCRIPT = "<script>document.title = 'taken over'</script>"
HOSTILE_TEXT = f"""def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    raise ValueError("{SCRIPT}")
"""


def _duplicated(notebook: nbformat.NotebookNode) -> None:
    twin = copy.deepcopy(next(cell for cell in notebook.cells if grade_id(cell) == "sparsity"))
    twin["id"] = "pasted"  # as JupyterLab names a pasted cell anew
    notebook.cells.append(twin)


def _no_solution_cell(notebook: nbformat.NotebookNode) -> None:
    index = next(
        i for i, cell in enumerate(notebook.cells) if grade_id(cell) == "find_winning_ticket_step"
    )
    code = notebook.cells[index].source
    notebook.cells[index : index + 1] = [nbformat.v4.new_code_cell(code)]


def _no_graded_cells(notebook: nbformat.NotebookNode) -> None:
    kept = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
    notebook.cells = kept


def _forged_outputs(notebook: nbformat.NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            data = {"text/plain": "3.0"}
            cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
            if "nbgrader" in cell.metadata and "points" in cell.metadata.nbgrader:
                cell.metadata.nbgrader.points = 100


def _script_in_text(notebook: nbformat.NotebookNode) -> None:
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(SCRIPT))
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = SCRIPT


def _cell(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def _replaced_graded_cells(notebook: nbformat.NotebookNode) -> None:
    for name in ("mask", "sparsity", "rewind"):
        _cell(notebook, name).source = "raise SystemExit"


def _other_cell_types(notebook: nbformat.NotebookNode) -> None:
    for name, kind in (("mask", "markdown"), ("rewind", "raw")):
        cell = _cell(notebook, name)
        cell.cell_type = kind
        del cell["outputs"], cell["execution_count"]


def _extra_graded_cell(notebook: nbformat.NotebookNode) -> None:
    bonus = nbformat.v4.new_code_cell("50.0")
    bonus.metadata.nbgrader = _cell(notebook, "mask").metadata.nbgrader | {
        "grade_id": "bonus", "points": 50
    }  # fmt: skip
    notebook.cells.append(bonus)


def _another_kernel(notebook: nbformat.NotebookNode) -> None:
    notebook.metadata.kernelspec = {"name": "bash", "display_name": "Bash", "language": "bash"}
    notebook.metadata.language_info = {"name": "bash"}


def _without_metadata(notebook: nbformat.NotebookNode) -> None:
    """As Colab and old editors leave it."""
    notebook.metadata = nbformat.NotebookNode()
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.metadata = nbformat.NotebookNode()
        cell.pop("id", None)


def _without_ids(notebook: nbformat.NotebookNode) -> None:
    for cell in notebook.cells:
        cell.pop("id", None)


def _split_solution(notebook: nbformat.NotebookNode) -> None:
    """The marked cell keeps the imports; the function goes into a cell of its own below."""
    cell = _cell(notebook, "find_winning_ticket_step")
    imports, _, rest = cell.source.partition("def find_winning_ticket_step")
    cell.source = imports
    function = nbformat.v4.new_code_cell("def find_winning_ticket_step" + rest)
    notebook.cells.insert(notebook.cells.index(cell) + 1, function)


def _moved_solution(notebook: nbformat.NotebookNode) -> None:
    cell = _cell(notebook, "find_winning_ticket_step")
    notebook.cells.remove(cell)
    notebook.cells.append(cell)


def _floods(notebook: nbformat.NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="5.0\n" * 10**5)]
    flood = nbformat.v4.new_output("stream", name="stdout", text="10\n" * 10**6)
    _cell(notebook, "find_winning_ticket_step").outputs = [flood]


def _lost_picture(notebook: nbformat.NotebookNode) -> None:
    """A text was copied from elsewhere, and its picture was not."""
    notebook.cells.append(nbformat.v4.new_markdown_cell("My plot: ![mask](attachment:mask.png)"))


Change = Callable[[nbformat.NotebookNode], None]
TAMPERED: dict[str, tuple[str, Change | None, float]] = {
    "noisy": (NOISY, None, 10.0),
    "duplicated_cell": (RIGHT, _duplicated, 10.0),
    "own_solution_cell": (RIGHT, _no_solution_cell, 10.0),
    "no_graded_cells": (RIGHT, _no_graded_cells, 10.0),
    "replaced_graded_cells": (RIGHT, _replaced_graded_cells, 10.0),
    "other_cell_types": (RIGHT, _other_cell_types, 10.0),
    "extra_graded_cell": (RIGHT, _extra_graded_cell, 10.0),
    "another_kernel": (RIGHT, _another_kernel, 10.0),
    "without_metadata": (RIGHT, _without_metadata, 10.0),
    "without_ids": (RIGHT, _without_ids, 10.0),
    "split_solution": (RIGHT, _split_solution, 10.0),
    "moved_solution": (RIGHT, _moved_solution, 10.0),
    "lost_picture": (RIGHT, _lost_picture, 10.0),
    "floods": (RIGHT, _floods, 10.0),
    "forger": (FORGER, _forged_outputs, 0.0),
    "hostile_text": (HOSTILE_TEXT, _script_in_text, 0.0),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course after its whole cycle, but for the exchange: it is gone through in `test_course`."""
    held = Course(tmp_path_factory.mktemp("course") / "held", seed="hidden from learners")
    starter = held.generate()
    for sample in CLASS:
        held.hand_in(sample, notebook_of(sample, starter))
    for learner, (code, change, _) in TAMPERED.items():
        notebook = filled(nbformat.read(starter, as_version=4), code)
        if change is not None:
            change(notebook)
        held.hand_in(learner, notebook)
    held.said = held.autograde()  # type: ignore[attr-defined]
    held.nbgrader("generate_feedback", "lottery_ticket")
    return held


@pytest.fixture(scope="module")
def points(course: Course) -> dict[str, float]:
    return course.exported()


@pytest.fixture(scope="module")
def cards(course: Course) -> dict[str, dict[str, object]]:
    return course.grade_by_command_line()


def test_gradebook_and_command_line_agree(
    points: dict[str, float], cards: dict[str, dict[str, object]]
) -> None:
    assert points == {learner: card["points"] for learner, card in cards.items()}


@pytest.mark.parametrize("learner", CLASS)
def test_sample_gets_the_points_it_should(learner: str, points: dict[str, float]) -> None:
    sample = "right_textbook" if learner == "deleted_graded_cell" else learner
    golden = Path(__file__).parent / "submissions" / sample / "verdict.json"
    assert points[learner] == json.loads(golden.read_text(encoding="utf-8"))["points"]


@pytest.mark.parametrize("learner", TAMPERED)
def test_nothing_but_the_function_counts(learner: str, points: dict[str, float]) -> None:
    assert points[learner] == TAMPERED[learner][2]


def test_feedback_tells_each_finding(course: Course, cards: dict[str, dict[str, object]]) -> None:
    for learner, card in cards.items():
        page = re.sub("</?code>", "`", html.unescape(course.feedback(learner)))
        for check in card["checks"]:  # type: ignore[attr-defined]
            told = check["message"].split(", but should be")[0].rpartition(": ")[2]
            assert told in page, (learner, check["id"])
        for belief in card["misconceptions"]:  # type: ignore[attr-defined]
            assert belief["title"] in page
            assert belief["hint"] in page


def test_stub_is_not_attempted(cards: dict[str, dict[str, object]]) -> None:
    assert cards["stub"]["status"] == "not_attempted"
    assert cards["stub"]["points"] == 0


def test_faults_are_told_with_the_learners_own_line(cards: dict[str, dict[str, object]]) -> None:
    execution = cards["syntax_error"]["execution"]
    assert execution["error"].startswith("SyntaxError")  # type: ignore[index]
    execution = cards["endless_loop"]["execution"]
    assert execution["status"] == "timed_out"  # type: ignore[index]
    assert "pruned" in execution["error"]  # type: ignore[index]


def test_scripts_in_a_submission_do_not_reach_the_feedback_page(course: Course) -> None:
    page = course.feedback("hostile_text")
    assert SCRIPT not in page
    assert "taken over" in page


def test_a_picture_that_is_lost_costs_nobody_the_feedback(course: Course) -> None:
    assert "My plot:" in course.feedback("lost_picture")


def test_seed_is_in_no_page_and_no_log(course: Course) -> None:
    pages = "".join(course.feedback(learner) for learner in course.learners())
    assert "hidden from learners" not in pages + course.said  # type: ignore[attr-defined]


def test_gradebook_asks_for_the_manual_points(course: Course) -> None:
    with sqlite3.connect(course.folder / "course" / "gradebook.db") as gradebook:
        rows = gradebook.execute(
            "select base_cell.name, grade_cells.max_score from grade_cells join base_cell"
            " on base_cell.id = grade_cells.id"
        ).fetchall()
    assert dict(rows) == {
        "mask": 3.0, "sparsity": 2.0, "rewind": 3.0, "rounds": 1.0, "conduct": 1.0,
        "explain": MANUAL_POINTS,
    }  # fmt: skip


def test_autograding_again_gives_the_same(course: Course, points: dict[str, float]) -> None:
    course.nbgrader("autograde", "lottery_ticket", "--force", "--student=wrong_*")
    assert course.points() == points


def test_what_cannot_be_read_costs_nobody_else_a_grade(
    course: Course, points: dict[str, float]
) -> None:
    """Runs last: from here on some learners have no grade."""
    whole = course.path("right_textbook").read_text(encoding="utf-8")
    broken = {"a_broken_json": whole[:-400], "a_format_99": whole.replace(
        '"nbformat": 4', '"nbformat": 99'
    ), "an_empty_file": "", "a_list": "[]"}  # fmt: skip
    for learner, text in broken.items():
        course.path(learner).parent.mkdir(parents=True)
        course.path(learner).write_text(text, encoding="utf-8")
    course.hand_in("z_last", nbformat.reads(whole, as_version=4))
    said = course.nbgrader("autograde", "lottery_ticket", fails=True)
    graded = course.points()
    assert graded["z_last"] == 10.0
    assert {learner: graded[learner] for learner in points} == points
    for learner, text in broken.items():
        assert f"for student '{learner}'" in said
        assert course.path(learner).read_text(encoding="utf-8") == text
    cards = course.grade_by_command_line(*broken, "z_last", fails=True)
    assert {cards[learner]["status"] for learner in broken} == {"unreadable"}
    assert cards["z_last"]["points"] == 10
