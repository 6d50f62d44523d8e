"""Runs a learner's cells in the child: IPython's syntax, none of IPython's machinery.

A failing statement is noted. What its cell defines further down is run all the same, and more if
the failure may be this machine's; so are the next cells, as in a notebook. Magics are ignored, but
what one times or captures is run, and a file that one writes is there.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import inspect
import linecache
import re
import shlex
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any, TypeAlias

import IPython
from IPython.core.inputtransformer2 import TransformerManager
from IPython.utils.text import SList

from autograder.probe import fault_of
from autograder.records import Fault, Submission
from autograder.sources import Code, has_prompts, only_define

_RUNS_ITS_BODY = {"time", "timeit", "capture", "prun", "python", "python3"}
_WRITES_ITS_BODY = {"writefile", "file"}
_RUNS_ITS_LINE = {"time", "timeit", "prun"}
_FUTURE = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})
_Asked: TypeAlias = Callable[[ast.stmt], bool]
_OPTIONS = re.compile(r"^(\s*-\w+(\s*\d+)?)+\s*")


class _Part:
    """Stands for any part of IPython: it takes every call, and has every attribute."""

    def __getattr__(self, name: str) -> _Part:
        if name.startswith("__"):  # what Python itself looks for
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> _Part:
        return self


class _Shell:
    """What `get_ipython()` returns here: magics are ignored, or run what they time, or write it."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace
        self.config: dict[str, Any] = {}
        self.cell = 0
        self.faults: list[Fault] = []
        self.missing: set[str] = set()  # names that may be there where the learner worked
        self.above = 0  # lines above what runs
        self.flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def __getattr__(self, name: str) -> _Part:
        return _Part().__getattr__(name)

    def run_line_magic(self, name: str, line: str, **_: object) -> object:
        return self._run_line(name, line, sys._getframe(1).f_locals)

    def magic(self, line: str) -> object:
        name, _, rest = line.removeprefix("%").partition(" ")
        return self._run_line(name, rest, sys._getframe(1).f_locals)

    def _run_line(self, name: str, line: str, local: dict[str, Any]) -> object:
        """Run what a magic times, among the names of where it stands: in a function, say."""
        if name not in _RUNS_ITS_LINE:
            return None
        line = _OPTIONS.sub("", line).strip()
        for kind in ("eval", "exec"):
            try:
                code = compile(line, "<string>", kind)
            except SyntaxError:  # no expression; no statement: a subcommand of the magic's own
                continue
            value = eval(code, self.user_ns, local)  # noqa: S307 - confined child
            return value if name == "time" else None
        return None

    def run_cell_magic(self, name: str, line: str, body: str, **_: object) -> None:
        if name in _RUNS_ITS_BODY:
            _run(body, self.cell, self, below=self.above + 1)
        elif name in _WRITES_ITS_BODY and line.strip():
            *options, path = shlex.split(line)
            with Path(path).open("a" if "-a" in options else "w", encoding="utf-8") as file:
                file.write(body)
            sys.path.append(str(Path.cwd()))  # where a notebook's own modules lie

    def system(self, command: str) -> None:
        """Run no shell command."""

    def getoutput(self, command: str) -> list[str]:  # noqa: ARG002
        """Run no shell command."""
        return SList()  # type: ignore[no-any-return, no-untyped-call]


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
    namespace |= {"get_ipython": lambda: shell, "display": _display, **_of_a_session()}
    sys.argv = ["submission.py" if submission.script else "notebook"]
    if submission.script:
        namespace["__file__"] = str(Path.cwd() / "submission.py")
    builtins.display = _display  # type: ignore[attr-defined]
    _lend_to_ipython(shell)
    ran = namespace["In"]
    for number, source in enumerate(submission.cells, start=1):
        try:
            shell.cell = number
            ran.append(source)
            _run(source, number, shell, plain=submission.script)
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001 - any end of a cell is the learner's
            shell.faults.append(fault_of(error, number))
    function = namespace.get(submission.entry_point)
    return (function if callable(function) else None), tuple(dict.fromkeys(shell.faults))


def _of_a_session() -> dict[str, object]:
    """Make what IPython keeps of a session; outputs are not kept here."""
    ran: list[str] = [""]
    came_out: dict[int, object] = {}
    names = dict.fromkeys(("_", "__", "___", "_i", "_ii", "_iii"), "")
    return {**names, "In": ran, "_ih": ran, "Out": came_out, "_oh": came_out, "_dh": [Path.cwd()]}


def _lend_to_ipython(shell: _Shell) -> None:
    """Have `from IPython import get_ipython` find the shell; libraries find none, as elsewhere."""

    def get_ipython() -> _Shell | None:
        return shell if sys._getframe(1).f_globals is shell.user_ns else None

    IPython.get_ipython = IPython.core.getipython.get_ipython = get_ipython


def _display(*objects: object, **_: object) -> None:
    for item in objects:
        print(item)  # noqa: T201 - what a notebook would show


def _run(source: str, number: int, shell: _Shell, *, plain: bool = False, below: int = 0) -> None:
    """Run a cell, or what stands in it below some lines of magics.

    Where a statement at its top fails, what follows is run one by one.
    """
    filename = f"<cell {number}>"
    shell.above = below + _blank_above(source)
    text, code = _compiled(source, filename, shell.flags, plain=plain, below=below)
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    shell.flags |= code.co_flags & _FUTURE  # as IPython does: it holds from there on
    error = _error_in(code, shell)
    if error is None:
        return
    tree = compile(text, filename, "exec", shell.flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    failed, left = _at(tree.body, _place_in(code, error))
    if isinstance(failed, ast.Import | ast.ImportFrom):
        _run_each([failed, *left], number, shell)  # of several names only one may be missing
    else:
        shell.faults.append(fault_of(error, number))
        _run_each(left, number, shell, [_what_runs_below(error, failed, shell)])


def _run_each(
    statements: list[ast.stmt], number: int, shell: _Shell, asking: list[_Asked] | None = None
) -> None:
    """Run statements one by one, as far as failures above them let them, and note each that fails.

    Args:
        statements: What to run.
        number: The cell's.
        shell: What else they find.
        asking: What each failure above asks of a statement.
    """
    asking = asking or []
    for statement in statements:
        if not all(asked(statement) for asked in asking):
            continue
        for part in _parts(statement):
            module = ast.Module([part], [])
            code = compile(module, f"<cell {number}>", "exec", shell.flags, dont_inherit=True)
            error = _error_in(code, shell)
            if error is not None:
                shell.faults.append(fault_of(error, number))
                asking.append(_what_runs_below(error, part, shell))


def _what_runs_below(error: BaseException, failed: ast.stmt | None, shell: _Shell) -> _Asked:
    """Tell what runs below a statement that failed, which may run where the learner worked.

    There a package may be installed, and all goes on; a file may lie, a device or a service be
    there, and what binds something is run. What the learner's own line raises ends the cell there,
    too: what only defines something is run.
    """
    asked: _Asked
    match error:
        case ImportError():
            asked = _is_any
        case NameError(name=name) if name in shell.missing:
            asked = _is_any
        case OSError():
            asked = _binds
        case SystemExit() | NameError():
            return _defines
        case _:
            *_, last = _frames_of(error)
            if last.tb_frame.f_code.co_filename.startswith("<"):  # a cell's, or made of text
                return _defines
            asked = _binds
    if failed is not None:
        shell.missing |= Code("", ast.Module([failed], [])).binds
    return asked


def _is_any(_: ast.stmt) -> bool:
    return True


def _binds(statement: ast.stmt) -> bool:
    """Tell whether a statement is more than a call, and no loop: those may do anything."""
    return not isinstance(statement, ast.Expr | ast.For | ast.AsyncFor | ast.While)


def _defines(statement: ast.stmt) -> bool:
    return only_define([statement])


def _error_in(code: types.CodeType, shell: _Shell) -> BaseException | None:
    """Run code and tell what it raised, but for what ends its cell."""
    try:
        result = eval(code, shell.user_ns)  # noqa: S307 - the confined child exists to run this
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - SystemExit and the like end a statement
        return error
    return None


def _parts(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Take an import of several names apart; anything else is one part."""
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        yield statement
        return
    for alias in statement.names:
        part = copy(statement)
        part.names = [alias]
        yield part


def _at(body: list[ast.stmt], place: tuple[int, int]) -> tuple[ast.stmt | None, list[ast.stmt]]:
    """Find the statement in which a place lies, and those after it; nothing if it lies in none."""
    begun = [statement for statement in body if _beginning(statement) <= place]
    return (begun[-1], body[len(begun) :]) if begun else (None, [])


def _beginning(statement: ast.stmt) -> tuple[int, int]:
    decorators = getattr(statement, "decorator_list", ())
    return min([statement.lineno, *(one.lineno for one in decorators)]), statement.col_offset


def _place_in(code: types.CodeType, error: BaseException) -> tuple[int, int]:
    """Tell line and column of the instruction of a cell at which an exception came up."""
    for frame in _frames_of(error):
        if frame.tb_frame.f_code is code:
            line, _, column, _ = [*code.co_positions()][frame.tb_lasti // 2]
            return line or 0, column or 0
    return 0, 0


def _frames_of(error: BaseException) -> Iterator[types.TracebackType]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _compiled(
    source: str, filename: str, flags: int, *, plain: bool, below: int
) -> tuple[str, types.CodeType]:
    """Compile a cell as Python's, or else as IPython reads it, which takes longer.

    Of a plain script IPython reads the magics alone, so that other errors are Python's own.
    """
    above = "\n" * below
    source = source.removesuffix("\n") + "\n"  # as IPython does
    with suppress(SyntaxError, ValueError):
        if plain or not has_prompts(source):
            text = above + source
            return text, compile(text, filename, "exec", flags, dont_inherit=True)
    reader = TransformerManager()
    if plain:
        reader.cleanup_transforms = []
    else:
        above += "\n" * _blank_above(source)  # IPython drops them
    text = above + reader.transform_cell(source)
    return text, compile(text, filename, "exec", flags, dont_inherit=True)


def _blank_above(source: str) -> int:
    """Count the lines that a cell has before its first that holds something."""
    return source[: len(source) - len(source.lstrip())].count("\n")
