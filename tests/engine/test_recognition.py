"""Which kata a file is taken to be about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.kata import load, names
from autograder.katas import DEFAULT
from autograder.recognition import entry_points, kata_at, kata_in, other_function_in
from solutions.build import assignments
from tests.katas.samples import path_of, samples_of

SOMEWHERE = Path("solution.py")
OTHER = next(name for name in names() if name != DEFAULT)
USUAL_FUNCTION, OTHER_FUNCTION = entry_points()[DEFAULT], entry_points()[OTHER]


def defining(*functions: str) -> bytes:
    return "\n".join(f"def {name}(model):\n    return model\n" for name in functions).encode()


def test_functions_are_read_from_the_sources_as_they_are() -> None:
    assert entry_points() == {name: load(name).entry_point for name in names()}


@pytest.mark.parametrize("name", names())
def test_every_sample_and_notebook_is_taken_for_its_kata(name: str) -> None:
    both = (assignments()[name].starter, assignments()[name].solution)
    for path in (*map(path_of, samples_of(name)), *both):
        assert kata_at(path) == name, path


def test_the_function_that_is_defined_counts_and_not_one_that_is_mentioned() -> None:
    data = defining(OTHER_FUNCTION) + f"# unlike {USUAL_FUNCTION}\n".encode() * 3
    assert kata_in(data, SOMEWHERE) == OTHER


def test_a_function_that_is_no_def_counts_by_its_name() -> None:
    assert kata_in(f"{OTHER_FUNCTION} = lambda *a: a[0]".encode(), SOMEWHERE) == OTHER


def test_a_longer_name_is_another() -> None:
    data = defining(f"{OTHER_FUNCTION}_2", f"my_{OTHER_FUNCTION}")
    assert kata_in(data, SOMEWHERE) == DEFAULT


def test_a_notebook_is_recognised_by_the_text_of_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    cell = {"cell_type": "code", "source": defining(OTHER_FUNCTION).decode(), "metadata": {}}
    path.write_text(json.dumps({"nbformat": 4, "cells": [cell]}), encoding="utf-8")
    assert kata_at(path) == OTHER


def as_one_string(*lines: str) -> bytes:
    """Write a notebook's cell as one string, in which JSON writes each line's end as two letters.

    Other editors than Jupyter's own write cells so, where it writes a list of lines.
    """
    return json.dumps({"cell_type": "code", "source": "\n".join(lines)}).encode()


def test_a_function_is_found_wherever_a_line_of_one_string_begins() -> None:
    data = as_one_string("import torch", f"def {OTHER_FUNCTION}(model):", "    return model")
    assert kata_in(data + f"# unlike {USUAL_FUNCTION}".encode(), SOMEWHERE) == OTHER
    assert other_function_in(data, SOMEWHERE, DEFAULT) == OTHER_FUNCTION
    assert kata_in(as_one_string("import torch", f"{OTHER_FUNCTION} = print"), SOMEWHERE) == OTHER


@pytest.mark.parametrize("line", ["ndef {}(", "def n{}(", "undef {}(", "n{} = print"])
def test_no_letter_of_a_line_itself_is_taken_for_its_end(line: str) -> None:
    data = as_one_string("", line.format(OTHER_FUNCTION))
    assert other_function_in(data, SOMEWHERE, DEFAULT) == ""
    assert kata_in(as_one_string("", f"n{OTHER_FUNCTION} = print"), SOMEWHERE) == DEFAULT


@pytest.mark.parametrize("data", [b"", b"\xff\x00", defining(USUAL_FUNCTION, OTHER_FUNCTION)])
def test_where_the_text_leaves_it_open_a_folder_tells_or_else_it_is_the_usual_one(
    data: bytes,
) -> None:
    for name in names():
        assert kata_in(data, Path("submitted") / "ada" / name / "notebook.ipynb") == name
        assert kata_in(data, Path("submitted") / "ada" / f"{name}.py") == name
    for path in (Path("submitted") / "ada" / "notebook.ipynb", Path()):
        assert kata_in(data, path) == DEFAULT


def test_a_file_that_cannot_be_read_is_taken_by_its_place(tmp_path: Path) -> None:
    assert kata_at(tmp_path / OTHER / "missing.ipynb") == OTHER


def marked(function: str, *others: str) -> bytes:
    marks = json.dumps({"nbgrader": {"grade_id": function, "solution": True}}, indent=1)
    return marks.encode() + defining(function, *others)


def test_the_solution_cell_tells_where_several_functions_are_defined() -> None:
    assert kata_in(marked(OTHER_FUNCTION, USUAL_FUNCTION), SOMEWHERE) == OTHER
    assert kata_in(marked(USUAL_FUNCTION, OTHER_FUNCTION), SOMEWHERE) == DEFAULT


def test_what_nobody_named_and_no_cell_tells_is_told() -> None:
    both = (OTHER_FUNCTION, USUAL_FUNCTION)
    assert other_function_in(defining(*both), SOMEWHERE, DEFAULT, named=False) == OTHER_FUNCTION
    assert other_function_in(marked(*both), SOMEWHERE, OTHER, named=False) == ""
    assert other_function_in(defining(USUAL_FUNCTION), SOMEWHERE, DEFAULT, named=False) == ""


def test_another_katas_function_is_told_only_where_this_ones_is_not_defined() -> None:
    assert other_function_in(defining(OTHER_FUNCTION), SOMEWHERE, DEFAULT) == OTHER_FUNCTION
    assert other_function_in(defining(OTHER_FUNCTION, USUAL_FUNCTION), SOMEWHERE, DEFAULT) == ""
    assert other_function_in(b"nothing", SOMEWHERE, DEFAULT) == ""


def calling(function: str, helper: str) -> str:
    return (
        f"def {helper}(model):\n    return model\n\n\n"
        f"def {function}(model):\n    return {helper}(model)\n"
    )


@pytest.mark.parametrize(("asked", "kata"), [(USUAL_FUNCTION, DEFAULT), (OTHER_FUNCTION, OTHER)])
def test_a_function_that_another_one_calls_is_its_helper(
    asked: str, kata: str, tmp_path: Path
) -> None:
    helper = next(name for name in (USUAL_FUNCTION, OTHER_FUNCTION) if name != asked)
    source = calling(asked, helper)
    use = {"cell_type": "code", "source": f"{helper}(m)\n{asked}(m)\n", "metadata": {}}
    cells = [{"cell_type": "code", "source": source, "metadata": {}}, use]
    for path, text in (
        (tmp_path / "own.py", source),
        (tmp_path / "own.ipynb", json.dumps({"nbformat": 4, "cells": cells})),
    ):
        data = text.encode()
        assert kata_in(data, path) == kata
        assert other_function_in(data, path, kata, named=False) == ""
        for name in names():
            assert kata_in(data, Path("submitted") / "ada" / name / path.name) == name


def test_functions_that_call_each_other_leave_it_open() -> None:
    text = calling(USUAL_FUNCTION, OTHER_FUNCTION) + calling(OTHER_FUNCTION, USUAL_FUNCTION)
    assert kata_in(text.encode(), SOMEWHERE) == DEFAULT
    assert kata_in(text.encode(), Path(f"{OTHER}.py")) == OTHER
    broken = f"{calling(OTHER_FUNCTION, USUAL_FUNCTION)}x = = 1\n".encode()
    assert kata_in(broken, SOMEWHERE) == kata_in(broken + b"\xff", SOMEWHERE) == DEFAULT
    assert kata_in(broken, Path("own.ipynb")) == DEFAULT
