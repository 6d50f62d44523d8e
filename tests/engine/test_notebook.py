"""From files to submissions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.notebook import (
    MAX_CODE_CHARS,
    MAX_FILE_BYTES,
    UnreadableError,
    attempted,
    find,
    from_document,
    read,
)
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


# Mended


def text(source: str, *, kind: str = "markdown", **marks: Any) -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {"nbgrader": marks} if marks else {}, "source": source}


WAS_CODE: dict[str, Any] = {"solution": True, "cell_type": "code", "grade_id": "scale"}


@pytest.mark.parametrize("kind", ["markdown", "raw", "heading", ""])
def test_a_solution_cell_that_was_turned_into_text_is_code_again(kind: str) -> None:
    for source in (RIGHT, "def scale(model:", "scale = better"):
        seen = parsed(code("import torch"), text(source, kind=kind, **WAS_CODE), code("later"))
        assert seen.cells == ("import torch", source)
        assert seen.attempted
        assert [note for note in seen.notes if "turned into text" in note] == list(seen.notes)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_function_in_a_text_cell_without_marks_is_code_again(kind: str) -> None:
    seen = parsed(code("import torch"), text("import copy\n" + RIGHT, kind=kind), code("later"))
    assert seen.cells == ("import torch", "import copy\n" + RIGHT)
    assert seen.attempted
    assert any("turned into text" in note for note in seen.notes)


def test_a_stub_that_was_turned_into_text_is_not_attempted() -> None:
    assert not parsed(code("import torch"), text(STUB, **WAS_CODE)).attempted


@pytest.mark.parametrize(
    "cell",
    [
        text("```python\n" + RIGHT + "```"),
        text("Write `def scale(model, initial)` here."),
        text("scale = 3"),
        text("class other:\n    " + RIGHT.replace("\n", "\n    ")),
        text(RIGHT + "\nThat was it."),
        text("*Your answer here.*", solution=True, cell_type="markdown"),
        text("*Your answer here.*", solution=False, cell_type="code"),
    ],
    ids=str,
)
def test_words_stay_words(cell: dict[str, Any]) -> None:
    seen = parsed(code("import torch"), cell)
    assert seen.cells == ("import torch",)
    assert seen.notes == ()


@pytest.mark.parametrize("cell", [text(RIGHT), text(RIGHT, **WAS_CODE), text(RIGHT, kind="raw")])
@pytest.mark.parametrize("solution", [True, False])
def test_text_is_no_code_where_code_defines_the_function(
    cell: dict[str, Any],
    solution: bool,  # noqa: FBT001
) -> None:
    """What Jupyter would run is what runs; an old version may be kept as text."""
    for cells in ((cell, code(STUB, solution=solution)), (code(STUB, solution=solution), cell)):
        seen = parsed(*cells)
        assert seen.cells == (STUB,)
        assert not seen.attempted


def test_a_cell_that_was_split_in_two_runs_as_two() -> None:
    marked, bare = code("import torch\n", solution=True), code("import torch\n")
    for first in (marked, bare):
        for solution in (True, False):
            seen = parsed(first, code("x = 1"), code(RIGHT, solution=solution), code("later"))
            assert seen.cells == ("import torch\n", "x = 1", RIGHT)
            assert seen.attempted


def test_cells_that_were_moved_run_where_they_are() -> None:
    seen = parsed(code(RIGHT, solution=True), code("x = 1"), code("y = 1", solution=True))
    assert seen.cells == (RIGHT, "x = 1", "y = 1")


HELPER = "def helper(x):\n    return x\n"
USING = "def scale(model):\n    return helper(model)\n"


def test_helpers_between_the_solution_and_its_first_use_run_too() -> None:
    """In Jupyter, too, they are there when the function is called."""
    helper, slow, end = f"import copy\n{HELPER}", code("x = train()"), code("scale()")
    own = code(USING, solution=True)
    assert parsed(own, slow, code(helper), slow, end).cells == (USING, "", helper)
    assert parsed(own, slow, code(f"print(1)\n{helper}"), end).cells[2] == f"\n\n{HELPER}"
    assert parsed(code(RIGHT, solution=True), slow, code(helper), end).cells[1:] == ("", helper)
    assert not parsed(code(STUB, solution=True), code(HELPER), end).attempted


@pytest.mark.parametrize("again", [
    "helper = max", "print(1)\nhelper = max", "print(1)\nhelper = lambda x: x",
    "print(1)\nhelper: object = max", "print(1)\nhelper = wrapped(helper)",
    "print(1)\nhelper += ('b',)", "print(1)\nhelper.part = kinds()", "print(1)\nhelper['a'] = 1",
    "print(1)\nhelper['a'] += 1", "print(1)\nhelper.append(kinds())",
    "print(1)\nfor x in kinds():\n    helper.append(x)",
    "print(1)\nwith quiet():\n    helper[0] = x", "print(1)\nif fast():\n    helper.update(a=1)",
    "print(1)\n@helper.register\ndef _(x: int):\n    pass", f"print(1)\n{HELPER}",
    "print(1)\nhelper = kinds()", "print(1)\nhelper: object = kinds()",
    "print(1)\nsetattr(helper, 'part', kinds())", "print(1)\ndelattr(helper.part, 'a')",
    "print(1)\nglobals()['helper'] = kinds()", "print(1)\nglobals().update(helper=kinds())",
    "print(1)\nglobals().update({'helper': kinds()})",
    "print(1)\ndef setup():\n    global helper\n    helper = kinds()\nsetup()",
])  # fmt: skip
def test_of_two_definitions_the_last_before_the_graded_cells_is_in_force(again: str) -> None:
    """Whoever finds a fault after a first try mends a helper below it."""
    use, mark = code("scale()"), code("check(scale)", graded=True)
    for first in ("def helper(x):\n    return 2\n", "helper = []\n"):
        for order in ((use, code(again)), (code(again), use), (code(again),)):
            seen = parsed(code(first), code(USING, solution=True), *order, mark)
            assert again.replace("print(1)", "") in seen.cells
        assert again not in parsed(code(first), code(USING, solution=True), mark, code(again)).cells


def test_what_a_setup_below_binds_is_bound() -> None:
    """The call may stand in another cell than the setup, and that above."""
    setup = "def setup():\n    global helper\n    helper = kinds()\n"
    assert parsed(code(USING, solution=True), code(setup), code("setup()")).cells[1:] == (
        setup, "setup()"
    )  # fmt: skip
    for own in (f"{setup}{USING}", f"helper = None\n{setup}{USING}"):
        seen = parsed(code(own, solution=True), code("train()\nsetup()"))
        assert seen.cells == (own, "\nsetup()")
    counting = "n = 0\ndef scale(model):\n    global n\n    n += 1\n"
    assert parsed(code(counting, solution=True), code("scale(net)")).cells == (counting,)


@pytest.mark.parametrize("above", ["x = 1\nprint(x)", "def show():\n    print(x)\nx = 1\nshow()"])
@pytest.mark.parametrize("below", ["x = train()", "x.train()", "for _ in x:\n    train()"])
def test_what_is_done_below_to_what_the_function_does_not_need_is_left_out(
    above: str, below: str
) -> None:
    cells = code(above), code(RIGHT, solution=True), code(below), code("check(scale)", graded=True)
    assert parsed(*cells).cells == (above, RIGHT)


EXPERIMENT = f"""{HELPER}masks = train()
for tickets in train():
    masks.append(1)
with train() as figure:
    pass
"""


@pytest.mark.parametrize("line", ["masks[0].shape", "print(len(tickets))", "figure", "_"])
def test_a_name_of_the_experiment_does_not_start_it(line: str) -> None:
    """Who looked at what it made may leave such a line behind; to make it anew takes minutes."""
    experiment = code(EXPERIMENT, tags=["skip-grading"])
    inside = USING.replace("    return", f"    if 0:\n        {line}\n    return")
    for own in (f"{USING}{line}\n", inside):
        lent = HELPER + "\n" * EXPERIMENT.replace(HELPER, "").count("\n")
        below = parsed(code(own, solution=True), code("scale()"), experiment)
        assert below.cells == (own, "", lent)
        assert parsed(experiment, code(own, solution=True)).cells == (lent, own)


@pytest.mark.parametrize("name", ["_", "___", "_i", "_oh", "In", "Out", "display", "exit", "quit"])
def test_what_ipython_gives_needs_nobody(name: str) -> None:
    own, below = f"{RIGHT}{name}\n", f"for {name} in train():\n    {name} = train()"
    assert parsed(code(own, solution=True), code(below)).cells == (own,)


def test_what_nothing_else_binds_may_stand_below_the_graded_cells() -> None:
    """As the function itself may: the learner's kernel had it, in whatever order cells were run."""
    mark, helper = code("check(scale)", graded=True), f"train()\n{HELPER}"
    own = code(USING, solution=True)
    assert parsed(own, mark, code(helper)).cells == (USING, "", f"\n{HELPER}")
    assert parsed(own, mark, code("helper = kinds()")).cells == (USING, "", "helper = kinds()")
    assert parsed(own, code(HELPER), mark, code("helper = max")).cells == (USING, HELPER)
    assert parsed(code(HELPER), own, mark, code("helper.a = 1")).cells == (HELPER, USING)


@pytest.mark.parametrize("below", [
    "print(helper)", "helpers = {}\nhelpers['a'] = train()", "torch.train()",
    "for helpers in train():\n    print(helpers)", "class A:\n    helper = train()", "scale()",
    "torch.manual_seed(0)\ntrain()", "(lambda: helper.append(1))()",
])  # fmt: skip
def test_what_takes_long_and_makes_nothing_new_is_left_out(below: str) -> None:
    above, mark = f"import torch\n{HELPER}", code("check(scale)", graded=True)
    own = USING.replace("helper(model)", "helper(torch)")
    for order in ((code(below), mark), (code(below),)):
        assert parsed(code(above), code(own, solution=True), *order).cells == (above, own)


@pytest.mark.parametrize("below", [
    HELPER, "class helper:\n    pass", "helper = lambda x: x", "from helpers import helper",
    "import helpers as helper", "import helper.parts", "helper: object = max",
    "helper = partial(max, 1)", "other, (helper, *more) = pair()",
    "if fast():\n    helper = max\nelse:\n    helper = min",
    "try:\n    from fast import helper\nexcept ImportError:\n    helper = max",
    "def helper(x):\n    return KINDS\nKINDS = kinds()", "helper = {}\nhelper['a'] = kinds()",
    "helper = []\nhelper.append(kinds())",
    "with torch.no_grad():\n    helper = kinds()", "for helper in kinds():\n    pass",
    "helper = []\nfor kind in kinds():\n    helper.append(kind)",
    "match kinds():\n    case helper:\n        pass", "while not (helper := kinds()):\n    pass",
    "@singledispatch\ndef helper(x):\n    pass\n@helper.register\ndef _(x: int):\n    pass",
])  # fmt: skip
def test_what_the_function_needs_is_there_wherever_it_stands(below: str) -> None:
    """The graded cells come last: when they call the function, all that is above has run."""
    needs = code("scale()"), code("x = train()"), code(below)
    mark = code("check(scale)", graded=True)
    for after in ((mark,), (mark, code("def helper(x):\n    return 2"))):
        seen = parsed(code(USING, solution=True), *needs, *after)
        assert seen.cells == (USING, "", "", below)
    assert parsed(code(USING, solution=True), code(below)).cells == (USING, below)


@pytest.mark.parametrize("mark", [(), (code("check(scale)", graded=True),)])
def test_what_nothing_binds_may_come_with_a_star(mark: tuple[dict[str, Any], ...]) -> None:
    cells = code(USING, solution=True), code("train()"), code("from helpers import *")
    assert parsed(*cells, *mark).cells == (USING, "", "from helpers import *")


@pytest.mark.parametrize("name", ["x", "y", "z", "rest", "error", "inner", "k", "len"])
def test_names_of_a_functions_own_need_nobody(name: str) -> None:
    source = (
        "def scale(x, *rest):\n    y = x\n    inner = lambda z: z\n    try:\n        pass\n"
        "    except ValueError as error:\n        raise error\n"
        "    match x:\n        case [*k]:\n            return k\n    return inner(y), rest, len\n"
    )
    seen = parsed(code(source, solution=True), code(f"{name} = train()"), code("scale()"))
    assert seen.cells == (source,)


@pytest.mark.parametrize(("below", "kept"), [
    (f"{HELPER}assert helper(1) == 1", HELPER),
    (f"print(1)\n{HELPER}", f"\n{HELPER}"),
    (f"%matplotlib inline\n{HELPER}helper?\n", f"\n{HELPER}\n"),
    (f"@cache\n{HELPER}\nhelper(\n    1\n)", f"@cache\n{HELPER}\n\n\n"),
    ("a = {\n}; helper = 1; print('é')\n", "\npass; helper = 1; pass\n"),
    ("print('é'); a = {\n}; helper = (\n2)\n", "\npass; pass; helper = (\n2)\n"),
    (f"%%time\n\nprint(1)\n{HELPER}", f"\n\n\n{HELPER}"),
])  # fmt: skip
def test_of_a_cell_that_does_more_only_what_is_needed_is_kept(below: str, kept: str) -> None:
    cells = code("from functools import cache"), code(USING, solution=True), code(below)
    assert parsed(*cells, code("scale()")).cells[1:] == (USING, kept)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_a_line_ends_where_it_does_for_python(end: str) -> None:
    """A lone carriage return, too, which a notebook's JSON can hold."""
    below = f'print("""two\nlines""")\n{HELPER}print(2)\n'.replace("\n", end)
    skipped = code(below, tags=["skip-grading"])
    seen = parsed(skipped, code(USING.replace("\n", end), solution=True))
    assert seen.cells == (f"\n\n{HELPER}\n", USING)


@pytest.mark.parametrize("above", ["print('now try scale')", "x = 1  # for scale"])
def test_to_name_the_function_is_not_to_use_it(above: str) -> None:
    cells = code(HELPER), code(USING, solution=True), code(above), code("helper = max")
    assert parsed(*cells, code("scale()")).cells[3] == "helper = max"


def test_a_definition_below_the_graded_cells_comes_too_late() -> None:
    mark, again = code("check(scale)", graded=True), "def scale(model):\n    return None\n"
    seen = parsed(code(RIGHT, solution=True), mark, code(again, solution=True))
    assert seen.cells == (RIGHT,)
    assert any("below the graded cells" in note for note in seen.notes)
    seen = parsed(code(STUB, solution=True), mark, code(RIGHT))
    assert seen.cells == (STUB, "check(scale)", RIGHT)
    assert (seen.attempted, seen.notes) == (True, ())


def test_a_notebook_without_metadata_and_ids_is_read() -> None:
    cells = [{"cell_type": "code", "source": source} for source in ("import torch", RIGHT, "x")]
    seen = from_document({"cells": cells}, entry_point="scale", name="n")
    assert seen.cells == ("import torch", RIGHT)
    assert [note.split(";")[0] for note in seen.notes] == [
        "the notebook did not say its format",
        "the solution cell had lost its mark",
    ]


@pytest.mark.parametrize("form", [2, 3])
@pytest.mark.parametrize("key", ["input", "source"])
def test_a_notebook_of_an_old_format_is_read_and_noted(form: int, key: str) -> None:
    """Before format 4, cells lay in worksheets, and their code was their input."""
    lines = ["import torch\n", "import math"]
    first = {"cell_type": "code", key: lines, "prompt_number": 1, "outputs": []}
    second = {"cell_type": "code", key: RIGHT, "metadata": {}}
    sheets = [{"cells": [first, {"cell_type": "heading", "source": "a", "level": 1}]}]
    document = {"nbformat": form, "worksheets": [*sheets, {"cells": [second]}], "metadata": {}}
    seen = from_document(document, entry_point="scale", name="n")
    assert seen.cells == ("import torch\nimport math", RIGHT)
    assert any("old format" in note for note in seen.notes)


@pytest.mark.parametrize("form", [2, 3])
def test_lines_of_an_old_format_may_have_no_ends(form: int) -> None:
    """Some programs wrote them so, and Jupyter reads them as lines."""
    cells = [
        {"cell_type": "code", "input": RIGHT.splitlines()},
        {"cell_type": "code", "input": []},
        {"cell_type": "markdown", "source": ["one", "two"]},
    ]
    document = {"nbformat": form, "worksheets": [{"cells": cells}]}
    seen = from_document(document, entry_point="scale", name="n")
    assert seen.cells == (RIGHT.removesuffix("\n"),)
    document["worksheets"] = [{"cells": [{"cell_type": "code", "input": ["x = 1", 3]}]}]
    with pytest.raises(UnreadableError, match="source is not text"):
        from_document(document, entry_point="scale", name="n")


def test_entries_that_are_no_cells_are_left_out_and_noted() -> None:
    document = notebook(code(RIGHT, solution=True)) | {"cells": [None, code(RIGHT), 3, []]}
    seen = from_document(document, entry_point="scale", name="n")
    assert seen.cells == (RIGHT,)
    assert any("were no cells" in note for note in seen.notes)


@pytest.mark.parametrize("magics", ["%%time\n", "\n%%capture out\n", "%%time\n%%capture\n"])
def test_a_function_below_a_cell_magic_is_found(magics: str) -> None:
    """A timing magic runs the cell below it."""
    seen = parsed(code(STUB, solution=True), code(magics + RIGHT), code("later"))
    assert seen.cells == (STUB, magics + RIGHT)
    assert seen.attempted
    assert not parsed(code(magics + STUB, solution=True)).attempted


@pytest.mark.parametrize("prompt", ["In [1]: ", ">>> "])
def test_a_function_behind_a_prompt_is_found(prompt: str) -> None:
    seen = parsed(code(STUB, solution=True), code(f"{prompt}scale = better"), code("later"))
    assert seen.cells == (STUB, f"{prompt}scale = better")
    assert seen.attempted


def test_a_name_may_be_spelt_in_other_letters() -> None:
    """Python reads them as the same name."""
    source = RIGHT.replace("scale", "\N{MATHEMATICAL BOLD SMALL S}cale")
    seen = parsed(code(STUB, solution=True), code(source), code("later"))
    assert seen.cells == (STUB, source)


def test_what_is_needed_may_lie_deep() -> None:
    deep = "if 0:\n    x = 1\n" + "elif 0:\n    x = 1\n" * 900 + "helper = 1" + " + 1" * 900 + "\n"
    cells = code(USING, solution=True), code(deep), code("scale()")
    assert parsed(*cells).cells == (USING, deep)


NESTED = "if 0:\n    pass\n"
for _depth in range(19):
    _inside = NESTED.replace("\n", "\n    ")
    NESTED = f"try:\n    pass\nfinally:\n    {_inside.rstrip()}\n"


def test_what_python_would_compile_for_ever_is_read_at_once() -> None:
    """Python compiles what stands under `finally` once for each way into it."""
    cells = code(NESTED + HELPER, tags=["skip-grading"]), code(USING, solution=True)
    assert parsed(*cells).cells[0].endswith(HELPER)


@pytest.mark.parametrize("trying", [
    "try:\n    helper = a()\nexcept helper:\n    pass\nelse:\n    b = 1\nfinally:\n    c = 1\n",
    "try:\n    pass\nexcept ValueError as helper:\n    raise\n",
    "try:\n    pass\nexcept* ValueError:\n    helper = 1\n",
    "for x in y:\n    try:\n        break\n    finally:\n        helper = x\n",
])  # fmt: skip
def test_a_name_may_be_bound_anywhere_in_a_try(trying: str) -> None:
    lender = code(f"train()\n{trying}")
    assert parsed(code(USING, solution=True), lender).cells[1] == f"\n{trying}"


def test_what_needs_one_another_is_followed_once() -> None:
    chain = "".join(f"a{n} = a{n + 1}\n" for n in range(1500))
    using = code(USING.replace("helper", "a0"), solution=True)
    assert parsed(code(chain, tags=["skip-grading"]), using).cells[0] == chain


@pytest.mark.parametrize("source", [
    "class P:\n    def helper(self):\n        return helper(1)\ndef scale(m):\n    return P()\n",
    "def scale(m):\n    def inner():\n        helper = 1\n    return helper(m)\n",
    "def scale(m):\n    return sorted(helper(m), key=lambda helper: 1)\n",
    "def scale(m):\n    global helper\n    helper += 1\n",
    "scale = lambda m: helper(m)\n",
    "with torch.no_grad():\n    def scale(m):\n        helper(m)\n",
    "FIRST = helper([])\ndef scale(m):\n    m.mul_(1)\n",
])  # fmt: skip
def test_names_mean_what_they_mean_to_python(source: str) -> None:
    lender = code(f"train()\n{HELPER}", tags=["skip-grading"])
    assert parsed(lender, code(source, solution=True)).cells == (f"\n{HELPER}", source)


def test_what_no_one_calls_needs_nothing() -> None:
    source = f"{RIGHT}def look():\n    print(tickets)\n"
    below = code("scale()"), code("tickets = train()"), code("check(scale)", graded=True)
    assert parsed(code(source, solution=True), *below).cells == (source,)


@pytest.mark.parametrize("below", [
    "class Trainer:\n    def scale(self):\n        pass\ntrain()",
    "def train_all():\n    scale = 2\ntrain_all()", "train(lambda scale: scale)",
])  # fmt: skip
def test_another_things_own_name_is_not_the_functions(below: str) -> None:
    assert parsed(code(RIGHT, solution=True), code(below)).cells == (RIGHT,)


@pytest.mark.parametrize("again", [
    "def make():\n    global scale\n    scale = max\nmake()", "globals()['scale'] = max",
    "if fast():\n    scale = max", "with quiet():\n    def scale(model):\n        pass\n",
])  # fmt: skip
def test_the_function_may_be_bound_in_other_ways(again: str) -> None:
    cells = code(STUB, solution=True), code(again)
    assert parsed(*cells).cells == (STUB, again)
    assert parsed(*cells).attempted


def test_a_magic_beside_a_long_line_is_no_obstacle() -> None:
    below = f"%%time\n\n{HELPER}# {'long ' * 99}\n"
    assert parsed(code(USING, solution=True), code(below)).cells == (USING, below)


def test_of_two_helpers_the_one_before_the_first_use_is_meant() -> None:
    other = code("train()\ndef helper(x):\n    return 2\n", tags=["skip-grading"])
    mark = code("check(scale)", graded=True)
    first = code(f"train()\n{HELPER}")
    seen = parsed(code(USING, solution=True), first, code("scale()"), other, mark)
    assert seen.cells == (USING, f"\n{HELPER}")


def test_the_last_graded_cell_tells_what_comes_too_late() -> None:
    mark = code("check(scale)", graded=True)
    seen = parsed(code(USING, solution=True), mark, code(RIGHT), mark)
    assert (seen.cells[2], seen.notes) == (RIGHT, ())
    answer = parsed(code(RIGHT, solution=True), mark, code("It would speak.", solution=True))
    assert (answer.cells, answer.notes) == ((RIGHT,), ())


@pytest.mark.parametrize(("version", "told"), [
    ("3.99.1", "3.99"), ("4.0", "4.0"), ("3.0.0", ""), ("", ""), ("new", ""), (3, ""), (None, ""),
])  # fmt: skip
def test_syntax_that_is_newer_than_the_grader_is_explained(version: object, told: str) -> None:
    newer = f"{RIGHT}sorted model by size\n"
    for source in (newer, RIGHT):
        document = notebook(code(source, solution=True))
        document["metadata"] = {"language_info": {"name": "python", "version": version}}
        notes = " ".join(from_document(document, entry_point="scale", name="n").notes)
        assert (f"Python {told} " in notes) == bool(told and source == newer)


# Bounds


def test_code_that_is_too_long_is_unreadable(tmp_path: Path) -> None:
    fill = "#" * (MAX_CODE_CHARS - len(RIGHT))
    assert parsed(code(RIGHT + fill, solution=True)).attempted
    for cells in ([code(RIGHT + fill + "#")], [code(fill), code("#" + RIGHT, solution=True)]):
        with pytest.raises(UnreadableError, match="more than 200,000 characters of code"):
            parsed(*cells)
    with pytest.raises(UnreadableError, match="more than 200,000 characters of code"):
        parsed(code(fill), code(fill))
    path = tmp_path / "long.py"
    path.write_text(RIGHT + fill + "#", encoding="utf-8")
    with pytest.raises(UnreadableError, match="more than 200,000 characters of code"):
        read(path, entry_point="scale")


def test_what_lies_below_the_solution_may_be_long() -> None:
    image = "image = '" + "A" * 500_000 + "'"
    assert parsed(code(RIGHT, solution=True), code(image)).cells == (RIGHT,)


def test_text_cells_may_be_long() -> None:
    words = text("def scale(): pass\n" + "#" * 500_000)
    assert parsed(code("import torch"), words).cells == ("import torch",)


@pytest.mark.parametrize(
    "source",
    [
        "%m\n" * 2000 + RIGHT,
        "x?\n" * 2000 + RIGHT,
        "%m\n" + RIGHT + "# " + "a" * 1000,
        RIGHT + "a" + "\u0316\u0301" * 50 + " = 1\n",
        "(" * 1000 + RIGHT,
    ],
    ids=["magics", "help", "long_line", "accents", "brackets"],
)
def test_code_that_takes_long_to_parse_is_an_attempt(source: str) -> None:
    """It is found by its text, and runs in a child like any other."""
    seen = parsed(code("import torch"), code(source), code("later"))
    assert seen.cells == ("import torch", source)
    assert seen.attempted
    assert attempted([source], "scale")


# Files


def test_a_script_is_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "solution.py"
    path.write_text(RIGHT, encoding="utf-8")
    seen = read(path, entry_point="scale")
    assert seen == Submission(str(path), (RIGHT,), "scale", attempted=True, script=True)


@pytest.mark.parametrize("name", ["a.PY", "a.py.txt", "A.Ipynb", "a.ipynb.txt", "a.ipynb.json"])
def test_endings_may_be_in_capitals_or_have_got_another_on_the_way(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if "py" in name.lower().split("."):
        path.write_text(RIGHT, encoding="utf-8")
    else:
        write_notebook(path, code(RIGHT, solution=True))
    seen = read(path, entry_point="scale")
    assert (seen.cells, seen.script) == ((RIGHT,), "ipynb" not in name.lower())


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
        (b'{"worksheets": [{"cells": []}], "nbformat": 4}', "no list of cells"),
        (b'{"worksheets": [{"cells": {}}], "nbformat": 3}', "no list of cells"),
        (b'{"worksheets": [3], "nbformat": 3}', "no list of cells"),
        (b'{"worksheets": 3, "nbformat": 3}', "no list of cells"),
        (b'{"cells": [], "nbformat": 3}', "no list of cells"),
        (b'{"cells": [], "nbformat": 99}', "it says it is of another"),
        (b'{"cells": [], "nbformat": 1}', "it says it is of another"),
        (b'{"cells": [], "nbformat": "4"}', "it says it is of another"),
        (b'{"cells": [], "nbformat": [4]}', "it says it is of another"),
        (b'{"cells": [], "nbformat": NaN}', "it says it is of another"),
        (b'{"cells": [], "nbformat": 1' + b"0" * 4000 + b"}", "it says it is of another"),
        (b'{"cells": [], "nbformat": 1' + b"0" * 9000 + b"}", "its JSON is broken"),
        (b'{"cells": [' + b"{}," * 2000 + b"{}]}", "more than 2000 cells"),
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


@pytest.mark.parametrize(("encoding", "letter"), [
    ("latin-1", "é"), ("iso-8859-15", "é"), ("windows-1252", "é"), ("utf-8", "é"), ("gbk", "数"),
    ("shift_jis", "数"), ("big5", "數"), ("euc-kr", "수"), ("windows-1251", "ж"), ("koi8-r", "ж"),
    ("iso8859-2", "ł"),
])  # fmt: skip
def test_a_script_may_declare_its_encoding(tmp_path: Path, encoding: str, letter: str) -> None:
    path = tmp_path / "declared.py"
    source = f"#!/usr/bin/env python\n# -*- coding: {encoding} -*-\n# {letter}\n{RIGHT}"
    path.write_bytes(source.encode(encoding))
    assert read(path, entry_point="scale").cells == (source,)


@pytest.mark.parametrize("encoding", ["idna", "rot13", "utf-16", "no_such_one"])
def test_no_other_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "declared.py"
    path.write_bytes(f"# coding: {encoding}\n# café\n".encode("latin-1"))
    with pytest.raises(UnreadableError, match="is not UTF-8"):
        read(path, entry_point="scale")


def test_what_is_no_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read(tmp_path / "missing.ipynb", entry_point="scale")
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("folder.ipynb", "pipe.ipynb"):
        with pytest.raises(UnreadableError, match="it is no file"):
            read(tmp_path / name, entry_point="scale")


def test_a_link_is_unreadable(tmp_path: Path) -> None:
    """It could stand for any file that the grader may read."""
    (tmp_path / "secret.py").write_text(RIGHT)
    (tmp_path / "link.py").symlink_to(tmp_path / "secret.py")
    with pytest.raises(UnreadableError, match="it is a link"):
        read(tmp_path / "link.py", entry_point="scale")


def test_a_file_that_is_too_large_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "large.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(UnreadableError, match="larger than 128 MiB"):
        read(path, entry_point="scale")


def test_a_notebook_may_hold_large_outputs(tmp_path: Path) -> None:
    cell = code(RIGHT, solution=True) | {"outputs": [{"data": {"image/png": "A" * 5_000_000}}]}
    assert read(write_notebook(tmp_path / "a.ipynb", cell), entry_point="scale").attempted


def test_a_notebook_may_hold_numbers_that_are_none(tmp_path: Path) -> None:
    numbers = [float("nan"), float("inf"), -float("inf"), 'NaN "NaN', "Infinity\\"]
    for room in ("", "A" * 9_000_000):
        output = {"data": {"image/png": room, "application/json": numbers}}
        cell = code(RIGHT + "x = 'NaN'\n", solution=True) | {"outputs": [output]}
        seen = read(write_notebook(tmp_path / "a.ipynb", cell), entry_point="scale")
        assert (seen.cells, seen.notes) == ((RIGHT + "x = 'NaN'\n",), ())


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


def test_outputs_of_any_size_are_not_read(tmp_path: Path) -> None:
    """Sixty million bytes of output, as a learner's endless print leaves them."""
    path = write_notebook(tmp_path / "large.ipynb", code(RIGHT, solution=True))
    text = path.read_text(encoding="utf-8")
    output = json.dumps([{"output_type": "stream", "name": "stdout", "text": "10\n" * 15_000_000}])
    path.write_text(text.replace('"outputs": []', f'"outputs": {output}'), encoding="utf-8")
    submission = read(path, entry_point="scale")
    assert submission.cells == (RIGHT,)
    assert submission.attempted
    assert submission.notes == ()


def test_large_metadata_are_not_read(tmp_path: Path) -> None:
    large = code("x = 1") | {"metadata": {"a": [[]] * 3_000_000}}
    path = write_notebook(tmp_path / "large.ipynb", large, code(RIGHT, solution=True), code("last"))
    seen = read(path, entry_point="scale")
    assert (seen.cells, seen.notes) == (("x = 1", RIGHT), ())


def test_cells_are_counted_however_their_keys_are_written(tmp_path: Path) -> None:
    path = tmp_path / "large.ipynb"
    cells = ",".join([r'{"\u0063ell_type": ""}'] * 300_000)
    path.write_text(f'{{"nbformat": 4, "cells": [{cells}]}}')
    with pytest.raises(UnreadableError, match="more than 2000 cells"):
        read(path, entry_point="scale")


@pytest.mark.parametrize("cells", ['[{"cell_type": "code"},', "[[],", "[0,", '["a",'])
def test_a_large_file_that_is_no_notebook_is_unreadable(tmp_path: Path, cells: str) -> None:
    path = tmp_path / "large.ipynb"
    body = cells + cells[1:] * (9_000_000 // len(cells[1:]))
    path.write_text(f'{{"nbformat": 4, "cells": {body[:-1]}]}}')
    with pytest.raises(UnreadableError):
        read(path, entry_point="scale")


def test_cells_tagged_to_be_skipped_are_left_empty_wherever_they_are(tmp_path: Path) -> None:
    """The experiment takes long; a solution moved below it does not need it."""
    path = write_notebook(
        tmp_path / "moved.ipynb",
        code("import torch\n"),
        code("train_for_hours()\n", tags=["skip-grading"]),
        code(HELPER, tags=["skip-grading"]),
        code(USING, solution=True),
    )
    submission = read(path, entry_point="scale")
    assert submission.cells == ("import torch\n", "", HELPER, USING)


# Which files


def test_notebooks_and_scripts_below_a_folder_are_found_in_order(tmp_path: Path) -> None:
    names = [
        "b/deep/er/z.py", "b/a.ipynb", "a.py", "c.py/inside.ipynb", "D.IPYNB", "E.Py",
        "f.ipynb.txt", "g.ipynb.json", "h.py.txt",
    ]  # fmt: skip
    aside = [
        "b/notes.txt", "b/notes.json", "b/a.ipynb.bak", ".hidden/x.py", "b/.x.py",
        "__pycache__/x.py", "b/.checkpoints/x.py",
    ]  # fmt: skip
    for name in [*names, *aside]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found, unseen = find(tmp_path)
    assert found == sorted(tmp_path / name for name in names)
    assert unseen == {}
    assert find(tmp_path / "a.py") == ([tmp_path / "a.py"], {})
    assert find(tmp_path / "nowhere") == ([tmp_path / "nowhere"], {})


def test_a_folder_that_is_a_link_is_told_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "submitted" / "ada").mkdir(parents=True)
    (tmp_path / "submitted" / "ada" / "work.py").touch()
    (tmp_path / "submitted" / "eve").symlink_to("ada")
    (tmp_path / "submitted" / ".link").symlink_to("ada")
    (tmp_path / "submitted" / "ada" / "data").symlink_to("work.py")
    found, unseen = find(tmp_path / "submitted")
    assert found == [tmp_path / "submitted" / "ada" / "work.py"]
    assert unseen == {tmp_path / "submitted" / "eve": "it is a link"}
    (tmp_path / "link").symlink_to("submitted")  # whoever names it means it
    assert find(tmp_path / "link")[0] == [tmp_path / "link" / "ada" / "work.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_cannot_be_entered_is_told(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "work.py").touch()
    (tmp_path / "bob").mkdir(mode=0)
    unseen = {tmp_path / "bob": "Permission denied"}
    assert find(tmp_path) == ([tmp_path / "ada" / "work.py"], unseen)
    assert find(tmp_path / "bob") == ([], unseen)
