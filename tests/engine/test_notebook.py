"""From files to submissions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.notebook import UnreadableError, from_document, read
from autograder.records import Submission
from tests.engine.examples import code, notebook, write_notebook

STUB = "def scale(model, initial, factor=0.5):\n    pass\n    return model\n"
RIGHT = "def scale(model, initial, factor=0.5):\n    model.mul_(factor)\n    return model\n"


def parsed(*cells: dict[str, Any]) -> Submission:
    return from_document(notebook(*cells), entry_point="scale", name="a notebook")


# Which cells run


def test_cells_up_to_the_marked_solution_cell_count() -> None:
    seen = parsed(code("import torch"), code(RIGHT, solution=True), code("check(scale)"))
    assert seen.cells == ("import torch", RIGHT)
    assert seen.attempted
    assert seen.notes == ()
    assert not seen.script


def test_the_last_of_several_solution_cells_counts() -> None:
    helper = "def helper():\n    return 1\n"
    seen = parsed(code(helper, solution=True), code(RIGHT, solution=True), code("later"))
    assert seen.cells == (helper, RIGHT)


def test_a_solution_cell_without_its_mark_is_found_by_its_function_and_noted() -> None:
    seen = parsed(code("import torch"), code(RIGHT), code("check(scale)"))
    assert seen.cells == ("import torch", RIGHT)
    assert len(seen.notes) == 1
    assert "lost its mark" in seen.notes[0]


def test_a_function_that_is_written_below_the_marked_cell_counts() -> None:
    seen = parsed(code(STUB, solution=True), code(RIGHT), code("check(scale)"))
    assert seen.cells == (STUB, RIGHT)
    assert seen.attempted


def test_all_cells_run_where_no_cell_defines_the_function() -> None:
    seen = parsed(code("import torch"), code("x = 1"))
    assert seen.cells == ("import torch", "x = 1")


def test_a_notebook_without_code_cells_is_not_attempted() -> None:
    seen = parsed({"cell_type": "markdown", "metadata": {}, "source": "words"})
    assert seen.cells == ()
    assert not seen.attempted


def test_text_cells_are_left_out_and_lists_of_lines_are_joined() -> None:
    text = {"cell_type": "markdown", "metadata": {}, "source": "def scale(): ..."}
    seen = parsed(text, code(RIGHT.splitlines(keepends=True), solution=True), text)
    assert seen.cells == (RIGHT,)


@pytest.mark.parametrize(
    "before",
    ["%matplotlib inline\n", "!pip list\n", "files = !ls\n", "?print\n", "import os; await_ = 1\n"],
)
def test_a_cell_with_magics_is_still_found_by_its_function(before: str) -> None:
    seen = parsed(code(before + RIGHT), code("later"))
    assert seen.cells == (before + RIGHT,)
    assert seen.attempted


@pytest.mark.parametrize(
    "source",
    [
        "scale = make(0.5)\n",
        "from solution import scale\n",
        "scale = lambda model, initial, factor=0.5: model\n",
        "if True:\n    def scale(model, initial, factor=0.5):\n        return f(model)\n",
        "class scale:\n    pass\n",
        "def scale(model, initial, factor=0.5)\n    return model\n",
    ],
    ids=["assigned", "imported", "lambda", "in_an_if", "class", "syntax_error"],
)
def test_every_way_to_bind_the_name_is_an_attempt(source: str) -> None:
    seen = parsed(code("first = 1"), code(source), code("later"))
    assert seen.cells == ("first = 1", source)
    assert seen.attempted


# Not attempted

STUBS = {
    "pass": STUB,
    "docstring": 'def scale(model, initial, factor=0.5):\n    """Scale."""\n    # here\n    ...\n',
    "not_implemented": "def scale(model, initial, factor=0.5):\n    raise NotImplementedError()\n",
    "empty_list": "def scale(model, initial, factor=0.5):\n    layers = []\n    return model\n",
    "with_pass": "import torch\ndef scale(model, initial, factor=0.5):\n    layers = []\n"
    "    with torch.no_grad():\n        pass # Your logic here\n    return model\n",
    "imports": "import torch\nimport copy\n\n" + STUB,
    "annotated": "def scale(model: object, initial: dict, factor: float = 0.5) -> object:\n"
    "    return model\n",
    "magic_first": "%matplotlib inline\n" + STUB,
    "windows_newlines": STUB.replace("\n", "\r\n"),
    "empty_cell": "",
    "only_a_comment": "# your code here\n",
}


@pytest.mark.parametrize("source", STUBS.values(), ids=STUBS.keys())
def test_a_stub_is_not_attempted(source: str) -> None:
    assert not parsed(code("import torch"), code(source, solution=True)).attempted


@pytest.mark.parametrize(
    "body",
    [
        "    model.train()\n",
        "    for layer in model:\n        pass\n",
        "    return None or model.eval()\n",
        "    x = [1]\n",
        "    model.weight = initial\n",
        "    if factor:\n        return model\n",
        "    return lambda: model\n",
    ],
)
def test_any_written_line_is_an_attempt(body: str) -> None:
    source = f"def scale(model, initial, factor=0.5):\n{body}"
    assert parsed(code(source, solution=True)).attempted


def test_a_stub_that_is_overwritten_later_is_attempted() -> None:
    assert parsed(code(STUB + "\nscale = better\n", solution=True)).attempted


# Files


def test_a_script_is_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "solution.py"
    path.write_text(RIGHT, encoding="utf-8")
    seen = read(path, entry_point="scale")
    assert seen == Submission(str(path), (RIGHT,), "scale", attempted=True, script=True)


def test_a_notebook_file_is_read_under_the_name_it_is_given(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", code(RIGHT, solution=True))
    assert read(path, entry_point="scale").id == str(path)
    assert read(path, entry_point="scale", name="alice").id == "alice"


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook(code(RIGHT, solution=True))), encoding="utf-8-sig")
    assert read(path, entry_point="scale").cells == (RIGHT,)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "its JSON is broken"),
        (b'{"cells": [', "its JSON is broken"),
        (b"[" * 100_000, "its JSON is broken"),
        (b"<html></html>", "its JSON is broken"),
        (b"\xff\xfe\x00caf\xe9", "is not UTF-8"),
        (b"[]", "no list of cells"),
        (b"null", "no list of cells"),
        (b'{"worksheets": [{"cells": []}], "nbformat": 3}', "no list of cells"),
        (b'{"cells": {}}', "no list of cells"),
        (b'{"cells": [{"cell_type": "code", "source": 3}]}', "source is not text"),
        (b'{"cells": [{"cell_type": "code", "source": ["a", 3]}]}', "source is not text"),
    ],
)
def test_a_broken_notebook_is_unreadable_and_says_why(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=words) as caught:
        read(path, entry_point="scale")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_script_that_is_not_utf8_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes("# café\n".encode("latin-1"))
    with pytest.raises(UnreadableError, match="is not UTF-8"):
        read(path, entry_point="scale")


def test_what_is_no_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read(tmp_path / "missing.ipynb", entry_point="scale")
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(UnreadableError, match="cannot be read"):
        read(tmp_path / "folder.ipynb", entry_point="scale")


# Any document at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "metadata", "nbgrader", "solution"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
SOURCES = st.one_of(
    st.text(st.characters(), max_size=40),
    st.text("def scale():\n\t %!?\\'\"#[{x=1,.", max_size=40),
    st.sampled_from([STUB, RIGHT, "\0", "\ud800", "%%time\n" + RIGHT, "?", "!", "%", "\\"]),
)
CELLS = st.fixed_dictionaries(
    {"cell_type": st.just("code") | JSON, "source": SOURCES | st.lists(SOURCES) | JSON},
    optional={"metadata": JSON | st.just({"nbgrader": {"solution": True}})},
)


def understood(document: object) -> None:
    try:
        seen = from_document(document, entry_point="scale", name="any")
    except UnreadableError as error:
        said = str(error)
        assert said.startswith("any ")
    else:
        assert isinstance(seen, Submission)
        assert all(isinstance(cell, str) for cell in seen.cells)


@given(JSON)
def test_any_json_document_is_a_submission_or_unreadable(document: object) -> None:
    understood(document)


@pytest.mark.filterwarnings("ignore:`make_tokens_by_line`:UserWarning")  # odd line separators
@given(st.lists(CELLS | JSON, max_size=4))
@settings(max_examples=200)
def test_any_list_of_cells_is_a_submission_or_unreadable(cells: list[object]) -> None:
    understood({"cells": cells})


@pytest.mark.filterwarnings("ignore:`make_tokens_by_line`:UserWarning")
@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_file_is_a_submission_or_unreadable(tmp_path_factory, content: bytes) -> None:
    for suffix in (".py", ".ipynb"):
        path = tmp_path_factory.getbasetemp() / f"any{suffix}"
        path.write_bytes(content)
        try:
            seen = read(path, entry_point="scale")
        except UnreadableError:
            continue
        assert isinstance(seen, Submission)
