"""Runs a learner's cells in the child: IPython's syntax, none of IPython's machinery.

A failing cell is noted and the next one runs, as in a notebook. Magics are noted and ignored,
except that a timing or capturing cell magic runs its body.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import inspect
import linecache
import re
import sys
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import IPython
from IPython.core.inputtransformer2 import TransformerManager

from autograder.probe import fault_of
from autograder.records import Fault, Submission
from autograder.sources import has_prompts

_RUNS_ITS_BODY = {"time", "timeit", "capture", "prun", "python", "python3"}
_RUNS_ITS_LINE = {"time", "timeit", "prun"}
_FUTURE = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})
_OPTIONS = re.compile(r"^(\s*-\w+(\s*\d+)?)+\s*")


class _Shell:
    """What `get_ipython()` returns here: magics are ignored, or run what they time."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace
        self.config: dict[str, Any] = {}
        self.cell = 0
        self.flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def run_line_magic(self, name: str, line: str, **_: object) -> None:
        self._run_line(name, line, sys._getframe(1).f_locals)

    def magic(self, line: str) -> None:
        name, _, rest = line.removeprefix("%").partition(" ")
        self._run_line(name, rest, sys._getframe(1).f_locals)

    def _run_line(self, name: str, line: str, local: dict[str, Any]) -> None:
        """Run what a magic times, among the names of where it stands: in a function, say."""
        if name in _RUNS_ITS_LINE:
            with suppress(SyntaxError):  # not a statement: one of the magic's own subcommands
                code = compile(_OPTIONS.sub("", line), "<magic>", "exec")
                exec(code, self.user_ns, local)  # noqa: S102 - confined child

    def run_cell_magic(self, name: str, line: str, body: str, **_: object) -> None:  # noqa: ARG002
        if name in _RUNS_ITS_BODY:
            _run("\n" + body, self.cell, self)  # the magic itself was the first line

    def system(self, command: str) -> None:
        """Run no shell command."""

    def getoutput(self, command: str) -> list[str]:  # noqa: ARG002
        """Run no shell command."""
        return []


def run_cells(submission: Submission) -> tuple[Callable[..., object] | None, tuple[Fault, ...]]:
    """Run the cells in order.

    Returns:
        The function under the entry point's name, None if there is none, and what failed.
    """
    name = "submission" if submission.script else "__main__"
    module = types.ModuleType(name)
    sys.modules[name] = module
    namespace = vars(module)
    shell = _Shell(namespace)
    namespace |= {"get_ipython": lambda: shell, "display": _display, "In": [], "Out": {}}
    if submission.script:
        namespace["__file__"] = str(Path.cwd() / "submission.py")
    builtins.display = _display  # type: ignore[attr-defined]
    _lend_to_ipython(shell)
    faults = []
    for number, source in enumerate(submission.cells, start=1):
        try:
            shell.cell = number
            _run(source, number, shell, plain=submission.script)
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001 - any end of a cell is the learner's
            faults.append(fault_of(error, number))
    function = namespace.get(submission.entry_point)
    return (function if callable(function) else None), tuple(faults)


def _lend_to_ipython(shell: _Shell) -> None:
    """Have `from IPython import get_ipython` find the shell; libraries find none, as elsewhere."""

    def get_ipython() -> _Shell | None:
        return shell if sys._getframe(1).f_globals is shell.user_ns else None

    IPython.get_ipython = IPython.core.getipython.get_ipython = get_ipython


def _display(*objects: object, **_: object) -> None:
    for item in objects:
        print(item)  # noqa: T201 - what a notebook would show


def _run(source: str, number: int, shell: _Shell, *, plain: bool = False) -> None:
    filename = f"<cell {number}>"
    text, code = _compiled(source, filename, shell.flags, plain=plain)
    shell.flags |= code.co_flags & _FUTURE  # as IPython does: it holds from there on
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    result = eval(code, shell.user_ns)  # noqa: S307 - the confined child exists to run this
    if inspect.iscoroutine(result):
        asyncio.run(result)


def _compiled(source: str, filename: str, flags: int, *, plain: bool) -> tuple[str, types.CodeType]:
    """Compile a cell as Python's, or else as IPython reads it, which takes longer."""
    if not plain:
        source = source.removesuffix("\n") + "\n"  # as IPython does
        with suppress(SyntaxError, ValueError):
            if not has_prompts(source):
                return source, compile(source, filename, "exec", flags, dont_inherit=True)
        source = TransformerManager().transform_cell(source)
    return source, compile(source, filename, "exec", flags, dont_inherit=True)
