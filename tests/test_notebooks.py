"""Of each assignment both notebooks come from one source, and nbgrader is content with them."""

import copy
import json
import os

import matplotlib.pyplot as plt
import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbformat import NotebookNode
from torch import nn
from torch.nn.utils import prune

from autograder.kata import load, names
from autograder.notebook import read
from docs.pictures import DOCS, plots
from solutions.build import Assignment, assignments, convert, release
from tests.preloaded import run


def marks(cell: NotebookNode) -> dict:
    return cell.metadata.get("nbgrader", {})


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def by_id(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {marks(cell).get("grade_id", cell.id): cell for cell in notebook.cells}


@pytest.fixture(scope="module", params=assignments().values(), ids=assignments())
def assignment(request) -> Assignment:
    return request.param


@pytest.fixture(scope="module")
def solution(assignment) -> NotebookNode:
    return nbformat.read(assignment.solution, as_version=4)


@pytest.fixture(scope="module")
def starter(assignment) -> NotebookNode:
    return nbformat.read(assignment.starter, as_version=4)


def test_each_kata_has_an_assignment_of_its_name_that_asks_for_its_function():
    found = {name: assignment.entry_point for name, assignment in assignments().items()}
    assert found == {name: load(name).entry_point for name in names()}


# The solution notebook


def test_solution_notebook_is_what_the_source_converts_to(assignment, solution):
    converted = convert(assignment.source)

    def written(notebook):
        return [(c.id, c.cell_type, c.metadata, c.source) for c in notebook.cells]

    assert written(solution) == written(converted)
    assert solution.metadata == converted.metadata


def test_solution_notebook_was_run_from_top_to_bottom_without_error(solution):
    counts = [cell.execution_count for cell in code_cells(solution)]
    assert counts == list(range(1, len(counts) + 1))
    kinds = {output.output_type for cell in code_cells(solution) for output in cell.outputs}
    assert "error" not in kinds


def test_solution_notebook_shows_its_figures_and_progress_bars(solution):
    cells = code_cells(solution)
    figures = [cell for cell in cells if "plt.show()" in cell.source]
    assert figures
    for cell in figures:
        assert any("image/png" in output.get("data", {}) for output in cell.outputs), cell.id
    trainings = [cell for cell in cells if "with tqdm(" in cell.source]
    assert trainings
    for cell in trainings:
        assert any("100 %" in output.get("text", "") for output in cell.outputs), cell.id


def test_nothing_lies_beside_the_solution_notebook(assignment):
    """nbgrader would release it."""
    beside = {path.name for path in assignment.solution.parent.iterdir()} - {".ipynb_checkpoints"}
    assert beside == {assignment.file}


def test_headings_that_hints_refer_to_are_there(assignment, starter):
    lines = [line for cell in starter.cells for line in cell.source.splitlines()]
    sections = {m.belief.see.section for m in load(assignment.name).misconceptions}
    assert {f"## {section}" for section in sections} <= set(lines)


# The starter notebook


def test_starter_is_what_nbgrader_makes_of_the_solution(assignment, tmp_path):
    made = release(assignment, assignment.solution.parent.parent, tmp_path)
    assert made.read_bytes() == assignment.starter.read_bytes()
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_starter_holds_no_solution_and_no_outputs(starter, solution):
    lines = {line.strip() for cell in starter.cells for line in cell.source.splitlines()}
    asked, others = set(), set()
    for cell in solution.cells:
        inside = False
        for line in map(str.strip, cell.source.splitlines()):
            inside = line == "### BEGIN SOLUTION" or (inside and line != "### END SOLUTION")
            (asked if inside else others).add(line)
    assert len(asked) > 3
    assert (asked - others) & lines == set()
    text = json.dumps([cell.source for cell in starter.cells], ensure_ascii=False)
    assert "SOLUTION" not in text
    assert json.dumps(by_id(solution)["explain"].source, ensure_ascii=False)[1:-1] not in text
    assert [cell.id for cell in code_cells(starter) if cell.outputs or cell.execution_count] == []


def test_starter_keeps_the_comments_of_the_stub(assignment, starter):
    stub = by_id(starter)[assignment.entry_point].source
    steps = [
        line.strip()[:4] for line in stub.splitlines() if line.strip()[2:4] in ("1.", "2.", "3.")
    ]
    assert steps == ["# 1.", "# 2.", "# 3."]
    assert "pass  # Your logic here" in stub


def test_graded_cells_have_their_points_and_are_locked(assignment, starter):
    due = {check.id: check.points for check in load(assignment.name).checks}
    graded = {marks(c)["grade_id"]: c for c in code_cells(starter) if marks(c).get("grade")}
    assert {name: marks(cell)["points"] for name, cell in graded.items()} == due
    assert all(marks(cell)["locked"] for cell in graded.values())
    assert by_id(starter)["check"].metadata.nbgrader.locked


def test_one_question_is_graded_by_hand(starter):
    answers = [c for c in starter.cells if c.cell_type == "markdown" and marks(c).get("grade")]
    assert [(marks(c)["grade_id"], marks(c)["points"]) for c in answers] == [("explain", 2)]
    assert marks(answers[0])["solution"]
    question = starter.cells[starter.cells.index(answers[0]) - 1]
    assert not marks(question)
    assert "?" in question.source


def test_released_stub_is_not_attempted(assignment):
    assert not read(assignment.starter, entry_point=assignment.entry_point).attempted
    assert read(assignment.solution, entry_point=assignment.entry_point).attempted


def test_nothing_heavy_stands_before_the_stub(assignment):
    """Grading runs what comes before it."""
    source = "\n".join(read(assignment.starter, entry_point=assignment.entry_point).cells)
    assert [name for name in ("mnist1d", "matplotlib", "tqdm", "train(") if name in source] == []


# What a learner sees


def function_in(notebook: NotebookNode) -> NotebookNode:
    """Find the cell with the function that learners write."""
    (cell,) = [c for c in code_cells(notebook) if marks(c).get("solution")]
    return cell


def with_function(starter: NotebookNode, source: str) -> NotebookNode:
    """Copy the starter with this in its solution cell and words in the other one."""
    notebook = nbformat.from_dict(copy.deepcopy(starter))
    function_in(notebook).source = source
    by_id(notebook)["explain"].source = "Layers differ in scale."
    return notebook


def without_experiment(notebook: NotebookNode) -> NotebookNode:
    """Leave the experiment out: it is not what `nbgrader validate` looks at."""
    kept = [cell for cell in notebook.cells if "experiment" not in cell.metadata.get("tags", ())]
    return nbformat.from_dict({**notebook, "cells": kept})


@pytest.fixture(scope="module")
def validated(starter, solution, tmp_path_factory) -> list[str]:
    """Tell what `nbgrader validate` says of the stub, and then of the solution."""
    folder = tmp_path_factory.mktemp("validated")
    right = with_function(starter, function_in(solution).source)
    for name, notebook in (("stub", starter), ("right", right)):
        nbformat.write(without_experiment(notebook), folder / f"{name}.ipynb")
    done = run("nbgrader", "validate", "stub.ipynb", "right.ipynb", cwd=folder, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Success!") == 1
    return done.stdout.split("Success!")


def test_validate_fails_the_stub_in_each_graded_cell(assignment, validated):
    checks = load(assignment.name).checks
    said, _ = validated
    assert f"VALIDATION FAILED ON {len(checks) + 1} CELL(S)" in said
    for check in checks:
        assert f'check({assignment.entry_point}, "{check.id}")' in said
    assert "You did not provide a response" in said


def test_validate_passes_the_solution(validated):
    assert "FAILED" not in validated[1]


def raising(right: str) -> str:
    return right.replace("    return model", "    return modle")


def forgetting_to_rewind(right: str) -> str:
    return right.replace("module.weight_orig.copy_", "module.weight_orig.clone().copy_")


SPOILT = {
    "stub": (None, "without a mask"),
    "raising": (raising, "stops with NameError"),
    "forgetting_to_rewind": (forgetting_to_rewind, "does not rewind"),
}


@pytest.fixture(scope="module")
def experiments(starter, solution) -> dict[str, list[NotebookNode]]:
    """Run the notebook as it is given, then each function and what follows it, in one kernel."""
    notebook = copy.deepcopy(starter)
    notebook.cells = [cell for cell in notebook.cells if not marks(cell).get("grade")]
    data = by_id(notebook)["data"]
    assert "STEPS, BATCH, LEARNING_RATE = 500," in data.source
    data.source = data.source.replace("RATE = 500,", "RATE = 20,")
    experiment = [
        cell
        for cell in notebook.cells
        if "experiment" in cell.metadata.get("tags", ()) and cell is not data  # takes longest
    ]
    parts = {}
    for name, (spoil, _) in SPOILT.items():
        if spoil is None:
            parts[name] = code_cells(notebook)
        else:
            parts[name] = copy.deepcopy([function_in(notebook), *experiment])
            parts[name][0].source = spoil(function_in(solution).source)
    notebook.cells = [cell for part in parts.values() for cell in part]
    NotebookClient(notebook, timeout=120).execute()
    return parts


@pytest.mark.parametrize("name", SPOILT)
def test_experiment_says_what_is_missing_and_goes_on(name, experiments):
    streams = [o.text for cell in experiments[name] for o in cell.outputs if "text" in o]
    assert any(SPOILT[name][1] in text for text in streams)


# What the first figures say, whatever the function does


def nothing(model, initial_state_dict, prune_amount=0.2):  # noqa: ARG001 - as learners write it
    return model


def each_layer_alone(model, initial_state_dict, prune_amount=0.2):
    for name in ("0", "2", "4"):
        layer = prune.l1_unstructured(model.get_submodule(name), "weight", prune_amount)
        layer.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    return model


PROGRAMS = {
    "nothing": nothing,
    "each layer alone": each_layer_alone,
    "right": load("lottery_ticket").reference,
}


@pytest.fixture
def cells(monkeypatch) -> dict[str, NotebookNode]:
    """Find the lottery ticket's cells; their figures stay open until the test is over."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.switch_backend("agg")
    with plt.rc_context():
        yield by_id(convert(assignments()["lottery_ticket"].source))
    plt.close("all")


def figures_of(cells: dict[str, NotebookNode], function) -> dict:
    """Tell what holds after the first figures of a function that prunes a network by 80 %."""
    space = {"torch": torch, "nn": nn, "plt": plt}
    exec(cells["network"].source, space)  # noqa: S102 - a cell of our own
    trained, theta_0 = space["lenet"](0), space["lenet"](1).state_dict()
    bitten = function(copy.deepcopy(trained), theta_0, prune_amount=0.8)
    space |= {"trained": trained, "theta_0": [theta_0], "bitten": bitten}
    exec(cells["plot-weights"].source, space)  # noqa: S102 - a cell of our own
    return space


@pytest.mark.parametrize(
    ("name", "title", "band"),
    [
        ("nothing", "Nothing pruned yet", []),
        ("each layer alone", "Within ±", ["some pruned"]),
        ("right", "Every trained weight within ±", ["all pruned"]),
    ],
)
def test_figure_of_the_weights_tells_what_the_function_did(name, title, band, cells):
    figure = figures_of(cells, PROGRAMS[name])["figure"]
    assert figure.get_suptitle().startswith(title)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.texts] == ["all weights", "kept", *band]


def test_figure_of_the_weights_counts_those_that_stay_within_the_largest_pruned_one(cells):
    space = figures_of(cells, each_layer_alone)
    trained = [layer.weight.detach().abs() for layer in space["linears"](space["trained"])]
    masks = [layer.weight_mask.bool() for layer in space["linears"](space["bitten"])]
    largest = max(weights[~mask].max() for weights, mask in zip(trained, masks, strict=True))
    inside = [weights <= largest for weights in trained]
    staying = sum(int((mask & near).sum()) for mask, near in zip(masks, inside, strict=True))
    every = sum(int(near.sum()) for near in inside)
    said = space["figure"].get_suptitle()
    assert said == f"Within ±{largest:.3f}, {staying:,} of {every:,} trained weights stay"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # torch
@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("nothing", "First layer: each unit keeps 40 of 40 weights"),
        ("right", "First layer: its units keep "),
    ],
)
def test_figure_of_the_mask_tells_what_the_units_keep(name, title, cells):
    space = figures_of(cells, PROGRAMS[name])
    exec(cells["plot-mask"].source, space)  # noqa: S102 - a cell of our own
    assert space["left"].get_title("left").startswith(title)


def test_last_figure_shows_the_dense_networks_alone_while_there_are_no_tickets(cells):
    space = figures_of(cells, nothing)
    space |= {"STEPS": 500, "LOOK_EVERY": 20, "GOOD": 55, "ROUNDS": 15}
    space |= {"dense_curves": torch.full((5, 25), 64.0), "tickets": {}, "reinitialised": {}}
    exec(cells["plot-accuracy"].source, space)  # noqa: S102 - a cell of our own
    shown = space["left"].get_legend().texts
    assert [text.get_text() for text in shown] == ["dense"]
    assert "wait for your function" in space["left"].get_title("left")


@pytest.mark.parametrize("name", PROGRAMS)
def test_experiment_says_first_whether_the_function_is_not_right_yet(name, cells, capsys):
    exec(cells["right-yet"].source, {"find_winning_ticket_step": PROGRAMS[name]})  # noqa: S102 - a cell of our own
    said = capsys.readouterr().out
    if name == "right":
        assert said == ""
    else:
        assert said.startswith("Your function does not pass all checks yet.\n")


def test_the_readmes_plots_are_the_notebooks() -> None:
    for name, png in plots().items():
        assert (DOCS / name).read_bytes() == png, "run `make pictures`"
