"""Both notebooks come from one source, and nbgrader's own commands are content with them."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.notebook import read
from solutions.build import SOLUTION, STARTER, convert, release

ENTRY_POINT = "find_winning_ticket_step"
POINTS = {"mask": 3, "sparsity": 2, "rewind": 3, "rounds": 1, "conduct": 1}
SOLUTION_TEXT = ("BEGIN SOLUTION", "END SOLUTION", "L1Unstructured", ".copy_(initial_state_dict")


def marks(cell: NotebookNode) -> dict:
    return cell.metadata.get("nbgrader", {})


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def by_id(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {marks(cell).get("grade_id", cell.id): cell for cell in notebook.cells}


@pytest.fixture(scope="module")
def solution() -> NotebookNode:
    return nbformat.read(SOLUTION, as_version=4)


@pytest.fixture(scope="module")
def starter() -> NotebookNode:
    return nbformat.read(STARTER, as_version=4)


# The solution notebook


def test_solution_notebook_is_what_the_source_converts_to(solution):
    def written(notebook):
        return [(c.id, c.cell_type, c.metadata, c.source) for c in notebook.cells]

    assert written(solution) == written(convert())
    assert solution.metadata == convert().metadata


def test_solution_notebook_was_run_from_top_to_bottom_without_error(solution):
    counts = [cell.execution_count for cell in code_cells(solution)]
    assert counts == list(range(1, len(counts) + 1))
    kinds = {output.output_type for cell in code_cells(solution) for output in cell.outputs}
    assert "error" not in kinds


def test_solution_notebook_shows_its_figures_and_progress_bars(solution):
    outputs = {cell.id: cell.outputs for cell in code_cells(solution)}
    for figure in ("plot-weights", "plot-mask", "plot-accuracy"):
        assert any("image/png" in output.get("data", {}) for output in outputs[figure])
    for training in ("dense", "tickets", "train-controls"):
        assert any("100 %" in output.get("text", "") for output in outputs[training])


def test_nothing_lies_beside_the_solution_notebook():
    """nbgrader would release it."""
    beside = {path.name for path in SOLUTION.parent.iterdir()} - {".ipynb_checkpoints"}
    assert beside == {SOLUTION.name}


def test_headings_that_hints_refer_to_are_there(starter):
    lines = [line for cell in starter.cells for line in cell.source.splitlines()]
    assert {"## The rules", "## A worked example", "## Your turn"} <= set(lines)


# The starter notebook


def test_starter_is_what_nbgrader_makes_of_the_solution(tmp_path):
    made = release(SOLUTION.parent.parent, tmp_path)
    assert made.read_bytes() == STARTER.read_bytes()
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_starter_holds_no_solution_and_no_outputs(starter, solution):
    text = json.dumps([cell.source for cell in starter.cells], ensure_ascii=False)
    assert [part for part in SOLUTION_TEXT if part in text] == []
    assert by_id(solution)["explain"].source not in text
    assert [cell.id for cell in code_cells(starter) if cell.outputs or cell.execution_count] == []


def test_starter_keeps_the_comments_of_the_stub(starter):
    stub = by_id(starter)[ENTRY_POINT].source
    steps = [
        line.strip()[:4] for line in stub.splitlines() if line.strip()[2:4] in ("1.", "2.", "3.")
    ]
    assert steps == ["# 1.", "# 2.", "# 3."]
    assert "pass  # Your logic here" in stub


def test_graded_cells_have_their_points_and_are_locked(starter):
    graded = {marks(c)["grade_id"]: c for c in code_cells(starter) if marks(c).get("grade")}
    assert {name: marks(cell)["points"] for name, cell in graded.items()} == POINTS
    assert all(marks(cell)["locked"] for cell in graded.values())
    assert by_id(starter)["check"].metadata.nbgrader.locked


def test_one_question_is_graded_by_hand(starter):
    answers = [c for c in starter.cells if c.cell_type == "markdown" and marks(c).get("grade")]
    assert [(marks(c)["grade_id"], marks(c)["points"]) for c in answers] == [("explain", 2)]
    assert marks(answers[0])["solution"]
    question = starter.cells[starter.cells.index(answers[0]) - 1]
    assert not marks(question)
    assert "?" in question.source


def test_released_stub_is_not_attempted():
    assert not read(STARTER, entry_point=ENTRY_POINT).attempted
    assert read(SOLUTION, entry_point=ENTRY_POINT).attempted


def test_nothing_heavy_stands_before_the_stub():
    """Grading runs what comes before it."""
    source = "\n".join(read(STARTER, entry_point=ENTRY_POINT).cells)
    assert [name for name in ("mnist1d", "matplotlib", "tqdm", "train(") if name in source] == []


# What a learner sees


def with_function(starter: NotebookNode, source: str) -> NotebookNode:
    """Copy the starter with this in its solution cell and words in the other one."""
    notebook = nbformat.from_dict(copy.deepcopy(starter))
    cells = by_id(notebook)
    cells[ENTRY_POINT].source = source
    cells["explain"].source = "Layers differ in scale."
    return notebook


def without_experiment(notebook: NotebookNode) -> NotebookNode:
    """Leave the experiment out: it is not what `nbgrader validate` looks at."""
    kept = [cell for cell in notebook.cells if "experiment" not in cell.metadata.get("tags", ())]
    return nbformat.from_dict({**notebook, "cells": kept})


def validate(notebook: NotebookNode, folder: Path) -> str:
    """Run `nbgrader validate`, whose exit status is 0 whatever it finds."""
    path = folder / STARTER.name
    nbformat.write(notebook, path)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "validate", path.name],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_validate_fails_the_stub_in_each_graded_cell(starter, tmp_path):
    said = validate(without_experiment(starter), tmp_path)
    assert "VALIDATION FAILED ON 6 CELL(S)" in said
    for name in POINTS:
        assert f'check({ENTRY_POINT}, "{name}")' in said
    assert "You did not provide a response" in said


def test_validate_passes_the_solution(starter, solution, tmp_path):
    filled = with_function(starter, by_id(solution)[ENTRY_POINT].source)
    assert "Success!" in validate(without_experiment(filled), tmp_path)


def raising(right: str) -> str:
    return right.replace("    return model", "    return modle")


def forgetting_to_rewind(right: str) -> str:
    return right.replace("module.weight_orig.copy_", "module.weight_orig.clone().copy_")


@pytest.mark.parametrize(
    ("spoil", "says", "times"),
    [
        (None, "without a mask", 2),
        (raising, "stops with NameError", 3),
        (forgetting_to_rewind, "does not rewind", 2),
    ],
    ids=["stub", "raising", "forgetting_to_rewind"],
)
def test_experiment_says_what_is_missing_and_goes_on(spoil, says, times, starter, solution):
    notebook = copy.deepcopy(starter)
    if spoil is not None:
        notebook = with_function(starter, spoil(by_id(solution)[ENTRY_POINT].source))
    notebook.cells = [cell for cell in notebook.cells if not marks(cell).get("grade")]
    data = by_id(notebook)["data"]
    assert "STEPS, BATCH, LEARNING_RATE = 500," in data.source
    data.source = data.source.replace("RATE = 500,", "RATE = 20,")
    NotebookClient(notebook, timeout=120).execute()
    streams = [o.text for c in code_cells(notebook) for o in c.outputs if "text" in o]
    assert sum(says in text for text in streams) == times
