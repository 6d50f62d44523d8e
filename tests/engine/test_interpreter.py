"""Cells run as a notebook runs them, magics aside."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import IPython
import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder.interpreter import run_cells
from autograder.probe import fault_of
from autograder.records import Fault
from tests.engine.examples import submission


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The cells' module takes the place of `__main__`; put things back afterwards."""
    main, shown = sys.modules["__main__"], getattr(builtins, "display", None)
    found, arguments = IPython.get_ipython, sys.argv
    yield
    sys.argv = arguments
    IPython.get_ipython = IPython.core.getipython.get_ipython = found
    sys.modules["__main__"] = main
    sys.modules.pop("submission", None)
    if shown is None:
        vars(builtins).pop("display", None)


def run(*cells: str, script: bool = False) -> tuple[Any, tuple[Fault, ...]]:
    return run_cells(submission(*cells, script=script))


def result(*cells: str, script: bool = False) -> Any:
    """Run cells without any fault and call their function."""
    function, faults = run(*cells, script=script)
    assert faults == ()
    return function()


def test_cells_share_a_namespace_and_run_in_order() -> None:
    assert result("x = 1", "x = x + 1", "def scale():\n    return x") == 2


def test_a_failing_cell_is_noted_and_the_next_ones_run() -> None:
    function, faults = run("x = 1", "y = 1\nz = x / 0\nx += 5", "def scale():\n    return x, y")
    assert function() == (1, 1)
    assert [(f.type, f.line, f.line_number, f.cell) for f in faults] == [
        ("ZeroDivisionError", "z = x / 0", 2, 2)
    ]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("x = = 1", "SyntaxError"),
        ("raise SystemExit", "SystemExit"),
        ("exit()", "NameError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("def f():\n    return f()\nf()", "RecursionError"),
        ("x = 'half", "SyntaxError"),
        ("\tx = 1\n  y = 2", "IndentationError"),
        ("assert False", "AssertionError"),
    ],
)
def test_no_failing_cell_is_fatal(cell: str, kind: str) -> None:
    if kind == "NameError" and hasattr(builtins, "exit"):
        kind = "SystemExit"
    function, faults = run(cell, "def scale():\n    return 1")
    assert function() == 1
    assert [(fault.type, fault.cell) for fault in faults] == [(kind, 1)]


def test_a_lack_of_memory_ends_the_run() -> None:
    with pytest.raises(MemoryError):
        run("raise MemoryError", "def scale():\n    return 1")


@pytest.mark.parametrize("cell", ["x = 1", "scale = 3", "scale = None", ""])
def test_without_a_function_there_is_none(cell: str) -> None:
    assert run(cell) == (None, ())


@pytest.mark.parametrize(
    "cell",
    [
        "scale = lambda: 1",
        "class scale:\n    def __new__(cls):\n        return 1",
        "from functools import partial\nscale = partial(int, 1)",
        "class C:\n    def __call__(self):\n        return 1\nscale = C()",
    ],
)
def test_anything_callable_under_the_name_is_the_function(cell: str) -> None:
    assert result(cell) == 1


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "%load_ext autoreload",
        "%pip install nothing",
        "%no_such_magic at all",
        "%config InlineBackend.figure_format = 'svg'",
        "!exit 3",
        "!rm -rf nothing",
        "print?",
        "?print",
        "print??",
        "%time",
        "%timeit -n 1 -r 1 sum(range(3))",
        "%time x = 1",
    ],
)
def test_a_line_magic_is_no_fault_and_the_cell_runs_on(line: str) -> None:
    assert result(f"{line}\ndef scale():\n    return 1") == 1


@pytest.mark.parametrize("line", ["!touch made", "files = !touch made", "%sx touch made"])
def test_no_shell_command_is_run(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(f"{line}\ndef scale():\n    return 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile", "%%javascript", "%%nope"])
def test_a_cell_magic_of_another_language_is_left_out(magic: str) -> None:
    assert result(f"{magic}\nthis is no Python", "def scale():\n    return 1") == 1


def test_a_module_that_a_cell_writes_can_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    cells = "%%writefile own_parts.py\nONE = 1", "%%writefile -a 'own_parts.py'\nTWO = 2\n"
    using = "from own_parts import ONE, TWO\ndef scale():\n    return ONE, TWO"
    assert result(*cells, using) == (1, 2)
    monkeypatch.delitem(sys.modules, "own_parts")
    assert [path.name for path in tmp_path.glob("*.py")] == ["own_parts.py"]


@pytest.mark.parametrize(
    "magic", ["%%time", "%%timeit", "%%timeit -n 1", "%%capture", "%%capture out"]
)
def test_a_timing_or_capturing_cell_magic_runs_its_body(magic: str) -> None:
    assert result(f"{magic}\ndef scale():\n    return 1") == 1


def test_magics_inside_such_a_body_are_understood() -> None:
    assert result("%%capture\n%matplotlib inline\n!true\ndef scale():\n    return 1") == 1


def test_a_function_under_a_cell_magic_has_its_own_line_in_an_exception() -> None:
    function, _ = run("x = 1", "%%time\ndef scale():\n    return 1 / 0")
    with pytest.raises(ZeroDivisionError) as caught:
        function()
    assert fault_of(caught.value).line == "return 1 / 0"


def test_a_function_has_its_cell_and_line_in_an_exception() -> None:
    function, _ = run("x = 1", "%matplotlib inline\ndef scale():\n    return 1 / 0")
    with pytest.raises(ZeroDivisionError) as caught:
        function()
    fault = fault_of(caught.value)
    assert (fault.line, fault.line_number, fault.cell) == ("return 1 / 0", 3, 2)


def test_the_shell_and_display_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    cell = "get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(1, 'two')\n"
    assert result(f"{cell}scale = lambda: (Out, _)") == ({}, "")
    assert capsys.readouterr().out == "1\ntwo\n"


def test_what_ran_and_came_out_has_the_names_that_ipython_gives_it() -> None:
    """Outputs are not kept: they come to nothing, as at a session's start."""
    cells = "x = In[-1]", "def scale():\n    return x, In, _i, _ih, _, __, ___, _oh"
    ran = ["", *cells]
    assert result(*cells) == (cells[0], ran, "", ran, "", "", "", {})
    names = "_ __ ___ _i _ii _iii _ih _oh _dh In Out get_ipython display exit quit"
    assert result(f"{names.replace(' ', '; ')}\ndef scale():\n    return 1") == 1


def test_await_at_the_top_of_a_cell_runs() -> None:
    cell = "import asyncio\nx = await asyncio.sleep(0, 4)\ndef scale():\n    return x"
    assert result(cell) == 4


def test_a_future_import_holds_from_its_cell_on() -> None:
    cell = "def scale(x: int = 1):\n    return scale.__annotations__['x']"
    future = "from __future__ import annotations"
    assert result(cell) is int
    assert result(future, cell) == "int"
    shell = InteractiveShell()
    for source in (future, cell, "found = scale()"):
        shell.run_cell(source)
    assert shell.user_ns["found"] == "int"


def test_a_magic_in_a_function_sees_its_names() -> None:
    cell = "def scale(start=1):\n    ends = []\n    %time ends.append(start)\n    return ends"
    assert result(cell) == [1]
    assert result(cell.replace("%time", "%timeit -n 1 -r 1")) == [1]


@pytest.mark.parametrize("place", ["IPython", "IPython.core.getipython"])
def test_the_shell_can_be_imported_and_libraries_find_none(place: str) -> None:
    cell = f"from {place} import get_ipython\nget_ipython().magic('matplotlib inline')\n"
    cell += "def scale():\n    return get_ipython().config, len(get_ipython().user_ns) > 1"
    assert result(cell) == ({}, True)
    assert IPython.get_ipython() is None


def test_the_source_of_a_function_can_be_read() -> None:
    cell = "import inspect\ndef scale():\n    return inspect.getsource(scale)"
    assert result(cell) == "def scale():\n    return inspect.getsource(scale)\n"


def test_dataclasses_and_pickles_of_own_classes_work() -> None:
    cell = (
        "import pickle\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n"
        "def scale():\n    return pickle.loads(pickle.dumps(P(3))).x"
    )
    assert result(cell) == 3


def test_a_notebook_is_main_and_a_script_is_imported() -> None:
    cell = "def scale():\n    return __name__\nif __name__ == '__main__':\n    ran = 1"
    assert result(cell) == "__main__"
    assert result(cell, script=True) == "submission"


def test_a_script_has_a_place_and_a_notebook_has_none() -> None:
    cell = "import os\ndef scale():\n    return os.path.basename(__file__)"
    assert result(cell, script=True) == "submission.py"
    assert result("def scale():\n    return '__file__' in globals()") is False


@pytest.mark.parametrize("above", [
    '"""Downloaded from Colab."""\n\n!pip install torch\n', "# %%\n%matplotlib inline\n# %%\n",
    "\n\n%%time\n", "files = !ls\n", "if True:\n    %load_ext autoreload\n",
])  # fmt: skip
def test_a_script_may_hold_magics_and_its_lines_keep_their_numbers(above: str) -> None:
    function, faults = run(f"{above}def scale():\n    return 1\n1 / 0\n", script=True)
    assert function() == 1
    number = above.count("\n") + 3
    assert [(f.type, f.line, f.line_number) for f in faults] == [
        ("ZeroDivisionError", "1 / 0", number)
    ]


@pytest.mark.parametrize("script", [
    "x = = 1", "\n\nx = (1,\n", "!pip install torch\n\nx = = 1\ny = 2", "x = 1\n  y = 2",
    "    x = 1\n    y = 2", "class A:\n    ...\nprint 'x'", ">>> x = 1", "def scale():\nreturn 1",
    "x = 'half", "%matplotlib inline\nfor x in y\n    pass",
])  # fmt: skip
def test_a_script_that_is_no_python_is_told_with_pythons_own_words(script: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        compile(re.sub("(?m)^[!%].*", "", script), "<cell 1>", "exec")
    function, (fault,) = run(script, script=True)
    assert function is None
    own = fault_of(caught.value, 1)
    own = replace(own, line=script.split("\n")[own.line_number - 1].strip())
    assert fault == own


def test_a_script_that_python_can_read_is_read_by_no_other() -> None:
    script = '"""\n>>> scale()\n"""\nclass A:\n    ...\ndef scale():\n    return __doc__'
    assert result(script, script=True) == "\n>>> scale()\n"
    assert result("class A:\n    ...\ndef scale():\n    ...", script=True) is None


@pytest.mark.parametrize(("script", "name"), [(True, "submission.py"), (False, "notebook")])
def test_a_program_has_no_arguments(name: str, *, script: bool) -> None:
    cell = (
        "import argparse, sys\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--amount', default=0.2)\nasked = parser.parse_args()\n"
        "def scale():\n    return asked.amount, sys.argv"
    )
    assert result(cell, script=script) == (0.2, [name])


@pytest.mark.parametrize(("cell", "line", "number"), [
    ("%%time\nx = 1\n%matplotlib inline\ny = 1 / 0", "y = 1 / 0", 4),
    ("%%time\n%%capture\n!true\ny = 1 / 0", "y = 1 / 0", 4),
    ("%%time\n%%capture\ny = 1 / 0", "y = 1 / 0", 3),
    ("\n \n%matplotlib inline\ny = 1 / 0", "y = 1 / 0", 4),
    ("\n%%time\n\ny = 1 / 0", "y = 1 / 0", 4),
    ("x = 1\n%time 1 / 0", "get_ipython().run_line_magic('time', '1 / 0')", 2),
    ("x = 1\nexec('y = = 1')", "exec('y = = 1')", 2),
])  # fmt: skip
def test_a_fault_among_magics_has_its_own_line(cell: str, line: str, number: int) -> None:
    _, (fault,) = run("x = 1", cell)
    assert (fault.line, fault.line_number, fault.cell) == (line, number, 2)


def test_cells_that_fail_in_one_helper_fail_each_where_it_is_called() -> None:
    function, faults = run(
        "def load(path):\n    return open(path)", "a = load('a.csv')", "b = load('b.csv')",
        "def scale():\n    return 1",
    )  # fmt: skip
    assert function() == 1
    assert [(f.type, f.line, f.cell) for f in faults] == [
        ("FileNotFoundError", "a = load('a.csv')", 2),
        ("FileNotFoundError", "b = load('b.csv')", 3),
    ]


def test_what_is_timed_has_its_value() -> None:
    assert result("def scale():\n    x = %time sum([1, 2])\n    return x") == 3
    assert result("def scale():\n    x = %timeit -n 1 -r 1 sum([1, 2])\n    return x") is None


def test_a_package_that_is_not_there_takes_no_other_along() -> None:
    cell = "import json\nfrom google.colab import drive\nimport no_such\nimport math\n"
    function, faults = run(cell, "def scale():\n    return math.floor(1.5), json.dumps(1)")
    assert function() == (1, "1")
    assert [(f.type, f.line) for f in faults] == [
        ("ModuleNotFoundError", "from google.colab import drive"),
        ("ModuleNotFoundError", "import no_such"),
    ]


FAILING = [
    "1 / 0", "assert False", "raise SystemExit", "import os; os.no_such()", "no_such()",
    "import sys; sys.exit()", "x = {}['PWD']",
    "if x:\n    1 / 0", "try:\n    1 / 0\nexcept OSError:\n    x = 2", "with no_such:\n    x = 3",
    "def f():\n    return 1 / 0\nf()", "await no_such()", "for x in [1]:\n    1 / 0; x = 4",
    "é = 1; 1 / 0", "@no_such\ndef f():\n    x = 2", "@staticmethod\n@no_such\nclass C:\n    x = 2",
    "def f(x=1 / 0):\n    x = 2", "class C:\n    1 / 0", "%time 1 / 0", "del no_such",
]  # fmt: skip


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize("cell", FAILING)
def test_what_is_defined_below_a_failing_line_is_there(cell: str, *, script: bool) -> None:
    below = """
import math
from json import dumps
ONE: int = 1
calls += [1]
calls.append(1)
class Two:
    pass
try:
    import no_such
except ImportError:
    no_such = None
def scale():
    return math.floor(1.5), dumps(ONE), Two.__name__, no_such, calls
"""
    function, faults = run(f"x, calls = 1, []\n{cell}{below}", script=script)
    assert function() == (1, "1", "Two", None, [])
    assert len(faults) == 1


def test_a_definition_that_fails_is_missing() -> None:
    function, faults = run("1 / 0\n@no_such\ndef scale():\n    return 1\nx = 1")
    assert function is None
    assert [(f.type, f.line, f.line_number) for f in faults] == [
        ("ZeroDivisionError", "1 / 0", 1), ("NameError", "@no_such", 2)
    ]  # fmt: skip
    function, faults = run("def scale():\n    return 1\nscale = 1 / 0\nx = 1")
    assert function() == 1
    assert [fault.line for fault in faults] == ["scale = 1 / 0"]


def test_below_a_failing_line_an_interrupt_and_a_lack_of_memory_are_what_they_were() -> None:
    ends = "def end(function):\n    raise {}\n1 / 0\n@end\ndef f():\n    pass\nx = 2"
    function, faults = run("x = 1", ends.format("KeyboardInterrupt"), "def scale():\n    return x")
    assert function() == 1
    assert [fault.type for fault in faults] == ["ZeroDivisionError", "KeyboardInterrupt"]
    with pytest.raises(MemoryError):
        run(ends.format("MemoryError"))


def test_under_a_cell_magic_too_what_is_defined_below_a_failing_line_is_there() -> None:
    function, faults = run("x = 1", "%%time\n\n1 / 0\ndef scale():\n    return x")
    assert function() == 1
    assert [(f.line, f.line_number, f.cell) for f in faults] == [("1 / 0", 3, 2)]


@pytest.mark.parametrize("cell", [
    "if x:\n    import no_such", "raise ImportError", "__import__('no_such')",
    "def f():\n    import no_such\nf()", "import math; __import__('no_such')",
    "try:\n    import no_such\nexcept ImportError:\n    !pip install no_such\n    import no_such",
])  # fmt: skip
def test_wherever_a_package_is_missing_the_next_line_runs(cell: str) -> None:
    below = "calls.append(1)\ndef scale():\n    return calls"
    function, faults = run("x, calls = 1, []", f"{cell}\n{below}")
    assert (function(), len(faults)) == ([1], 1)


@pytest.mark.parametrize("cell", [
    "x = open('no_such')", "import os; os.listdir('/no/such/place')",
    "import subprocess; subprocess.run(['no_such'])", "raise PermissionError",
    "import json\njson.loads('')", "import torch; torch.cuda.get_device_name(9)",
    "%time open('no_such')",
])  # fmt: skip
def test_what_may_fail_here_alone_takes_nothing_along(cell: str) -> None:
    """A file, a device, a service: what a library cannot do here it may do elsewhere."""
    below = """
calls = sorted([2, *calls])
if len(sorted(calls)) == 1:
    calls += sorted([3])
calls.append(4)
for number in [5]:
    calls.append(number)
def scale():
    return calls
"""
    function, faults = run("x, calls = 1, []", f"{cell}{below}")
    assert (function(), len(faults)) == ([2, 3], 1)


@pytest.mark.parametrize("cells", [
    ("import no_such as ns\nns.set_theme()\nx = pow(2, 1)",),
    ("import no_such.parts\nx = pow(2, 1)\nno_such.parts.do()\nx = pow(x, 1)",),
    ("from no_such import a\nb = a()\nc = b.d\nx = pow(2, 1)",),
    ("from no_such import a", "b = [a()]", "print(b)\nx = pow(2, 1)"),
    ("table = open('no_such').read()", "print(table)\nx = pow(2, 1)"),
    ("import no_such as ns\ndef plot():\n    ns.lines()\nplot()\nx = pow(2, 1)",),
    ("import no_such as ns\n@ns.timed\ndef f():\n    pass\nf()\nx = pow(2, 1)",),
])  # fmt: skip
def test_what_needs_a_missing_package_fails_with_it_and_takes_nothing_along(
    cells: tuple[str, ...],
) -> None:
    function, faults = run(*cells, "def scale():\n    return x")
    assert function() == 2
    assert {fault.type for fault in faults[1:]} <= {"NameError"}


def test_what_needs_something_that_fails_everywhere_fails_everywhere() -> None:
    cells = "calls = []\nx = 1 / 0", "print(x)\ncalls.append(1)", "scale = lambda: calls"
    function, _ = run(*cells)
    assert function() == []


@pytest.mark.parametrize(("line", "there", "missing"), [
    ("import json, no_such, nor_this as a, math as b", ["json", "b"], ["no_such", "nor_this"]),
    ("from math import no_such, pi, nor_this, ceil as b", ["pi", "b"], ["no_such", "nor_this"]),
    ("from no_such import (\n    one,\n    two,\n)", [], ["no_such"]),
    ("import no_such", [], ["no_such"]),
    ("x = 1; import no_such, math", ["x", "math"], ["no_such"]),
])  # fmt: skip
def test_of_names_in_one_import_those_that_are_there_are_there(
    line: str, there: list[str], missing: list[str]
) -> None:
    for above in ("", "1 / 0\n"):
        function, faults = run(f"{above}{line}\ndef scale():\n    return globals()")
        assert {*there} <= function().keys()
        told = [fault for fault in faults if fault.type != "ZeroDivisionError"]
        assert [fault.line for fault in told] == [line.partition("\n")[0]] * len(missing)
        assert all(name in fault.message for name, fault in zip(missing, told, strict=True))


OWN_MAGIC = "from IPython.core.magic import {0}\n@{0}\n{1}"


@pytest.mark.parametrize("line", [
    "get_ipython().Completer.use_jedi = False", "get_ipython().set_custom_exc((), print)",
    "get_ipython().events.register('post_run_cell', print)", "files = !ls\nprint(files.n, files.s)",
    "get_ipython().run_line_magic('load_ext', 'autoreload')",
    OWN_MAGIC.format("register_line_magic", "def hi(line):\n    return 1\n%hi there"),
    OWN_MAGIC.format("magics_class", "class Own:\n    x = 1\nget_ipython().register_magics(Own)"),
])  # fmt: skip
def test_what_else_of_ipython_is_asked_for_does_nothing(line: str) -> None:
    assert result(f"{line}\ndef scale():\n    return 1") == 1


def test_the_shell_can_be_copied() -> None:
    assert result("import copy\ndef scale():\n    return copy.copy(get_ipython()).config") == {}


@pytest.mark.parametrize(
    "before", ["import os; ", "from __future__ import division; ", "%%time\n\nimport os; "]
)
def test_a_package_that_is_not_there_may_stand_anywhere_in_a_line(before: str) -> None:
    cell = f"{before}import no_such, json; import nor_this; x = 1\n"
    function, faults = run(cell, "def scale():\n    return x")
    assert function() == 1
    assert [fault.message for fault in faults] == [
        "No module named 'no_such'", "No module named 'nor_this'"
    ]  # fmt: skip
