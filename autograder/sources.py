"""What a learner's code says of itself: which names it binds, and whether anything was written.

Code is parsed, never run. This is the grader's own process: what may take long counts as no code.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

_MAX_READ_CHARS = 250_000
_MAX_LINE_CHARS = 300
_MAX_MARKS = 30
_KEPT_CELLS, _MAX_KEPT_CHARS = 64, 5_000
_MAY_BE_MARKS = re.compile(rf"[\u0300-\U0010ffff]{{{_MAX_MARKS + 1},}}")  # no mark has a lower code
_CELL_MAGICS = re.compile(r"(\s*%%.*\n)*")
_PLAIN_CALLS = {
    "abs", "bool", "dict", "float", "frozenset", "int", "len", "list", "max", "min", "range", "set",
    "str", "tuple",
}  # fmt: skip
_PROMPT = re.compile(r"^[ \t]*(In ?\[|>>>|\.\.\.)", re.MULTILINE)


@dataclass(frozen=True)
class Code:
    """A cell that is code: its text, magics made Python, and what that means."""

    text: str
    tree: ast.Module

    @cached_property
    def binds(self) -> frozenset[str]:
        """Names that it binds at its top, or that its functions bind there."""
        return frozenset().union(*map(bound, _at_top(self.tree)))

    def uses(self, name: str) -> bool:
        """Tell whether it uses a name where it does more than define something."""
        return any(
            isinstance(node, ast.Name) and node.id == name
            for statement in self.tree.body
            if not only_define([statement])
            for node in ast.walk(statement)
        )


class Parser(TransformerManager):  # type: ignore[misc]
    """Parses the cells of one submission as IPython would.

    IPython reads a whole cell again for each magic in it, and some lines again from each letter;
    Python sorts the combining marks of a name by insertion. All of that is bounded here.
    """

    def __init__(self) -> None:
        """Begin with a budget for one submission."""
        super().__init__()
        self._left = _MAX_READ_CHARS
        self._read: dict[str, Code | None] = {}

    def code(self, source: str) -> Code | None:
        """Parse a cell; None if it is no code."""
        if source not in self._read:
            plain = _plain_kept if len(source) <= _MAX_KEPT_CHARS else _plain
            self._read[source] = plain(source) or self._mended(source)
        return self._read[source]

    def tree(self, source: str) -> ast.Module | None:
        """Parse a cell; None if it is no code."""
        code = self.code(source)
        return code.tree if code is not None else None

    def defines(self, source: str, entry_point: str) -> bool:
        """Tell whether a cell binds a name, or was meant to."""
        if not may_bind(source, entry_point):
            return False
        code = self.code(source)
        if code is None:
            return f"def {entry_point}" in source
        return entry_point in code.binds

    def uses(self, source: str, entry_point: str) -> bool:
        """Tell whether a cell uses a name, and does not only define what will use it."""
        if not may_bind(source, entry_point):
            return False
        code = self.code(source)
        return code is None or code.uses(entry_point)

    def holds_function(self, source: str, name: str) -> bool:
        """Tell whether a cell defines a function at its top level."""
        return any(
            isinstance(statement, ast.FunctionDef) and statement.name == name
            for statement in getattr(self.tree(source), "body", ())
        )

    def do_one_token_transform(self, lines: list[str]) -> Any:
        """Replace one magic.

        Raises:
            RuntimeError: There were too many.
        """
        self._left -= sum(map(len, lines))
        if self._left < 0:
            raise RuntimeError("too many magics")
        return super().do_one_token_transform(lines)

    def _mended(self, source: str) -> Code | None:
        if _has_many_marks(source):
            return None
        magics = _CELL_MAGICS.match(source)
        body = source[magics.end() if magics else 0 :]
        if plain := _plain("\n" * (source.count("\n") - body.count("\n")) + body):
            return plain
        if max(map(len, source.splitlines()), default=0) > _MAX_LINE_CHARS:
            return None
        above = source[: len(source) - len(body.lstrip())].count("\n")  # IPython drops blank lines
        with suppress(Exception):  # IPython and Python raise many things over odd text
            text = "\n" * above + self.transform_cell(body)
            return Code(text, ast.parse(text))
        return None


def _plain(source: str) -> Code | None:
    """Parse a cell that is Python as it stands; None if it is not."""
    with suppress(Exception):
        if not _has_many_marks(source) and not has_prompts(source):
            return Code(source, ast.parse(source))
    return None


_plain_kept = lru_cache(_KEPT_CELLS)(_plain)  # most cells of a class are the starter's


def bare(source: str) -> str:
    """Write a cell in a form that comments and layout leave no trace in, if that is soon done."""
    code = _plain_kept(source) if len(source) <= _MAX_KEPT_CHARS else None
    with suppress(RecursionError):
        return ast.dump(code.tree) if code is not None else source
    return source


def has_prompts(source: str) -> bool:
    """Tell whether a cell holds a prompt as IPython writes it, which Python may take for code.

    A cell that has none and is Python's means the same to IPython.
    """
    return _PROMPT.search(source) is not None


def _has_many_marks(text: str) -> bool:
    """Tell whether there are too many combining marks in a row."""
    for run in _MAY_BE_MARKS.findall(text):
        marks = (unicodedata.combining(unicodedata.normalize("NFKD", c)[0]) > 0 for c in run)
        if any(is_mark and sum(1 for _ in same) > _MAX_MARKS for is_mark, same in groupby(marks)):
            return True
    return False


def bound(statement: ast.AST) -> set[str]:
    """Tell which names a statement, or a part of one, binds by itself."""
    match statement:
        case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
            return {statement.name}
        case ast.Name(id=name, ctx=ast.Store()):
            return {name}
        case ast.alias():
            return {statement.asname or statement.name.partition(".")[0]}
        case ast.Global(names=names):
            return {*names}
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="globals")), slice=ast.Constant(str(name)),
            ctx=ast.Store(),
        ):  # fmt: skip
            return {name}
        case _:
            return set()


def _at_top(tree: ast.Module) -> Iterator[ast.AST]:
    """Go through code, but for what functions and classes bind for themselves."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Global))
        else:
            waiting += ast.iter_child_nodes(node)


def may_bind(source: str, entry_point: str) -> bool:
    """Tell quickly whether code may define a name, which other letters than ASCII may spell.

    Python reads names in the normal form NFKC (Unicode Standard Annex 15): there an ASCII letter
    comes from itself, or from one compatible character.
    """
    if entry_point in source:
        return True
    others = (c for c in set(source) if not c.isascii())
    return any(not set(entry_point).isdisjoint(unicodedata.normalize("NFKC", c)) for c in others)


def attempted(sources: Iterable[str], name: str, parser: Parser | None = None) -> bool:
    """Tell whether anything was written: an untouched stub calls nothing and stores nothing.

    Args:
        sources: Cells, or one function's source.
        name: Name of the function that the kata asks for.
        parser: One that may know some of the sources already.
    """
    found = False
    inert = True
    for tree in map((parser or Parser()).tree, sources):
        if tree is None:
            return True
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef) and statement.name == name:
                found = True
                if statement.decorator_list or not all(map(_inert, statement.body)):
                    return True
            elif any(name in bound(node) for node in ast.walk(statement)):
                return True
            elif not _inert(statement):
                inert = False
    return not found and not inert


def only_define(statements: Iterable[ast.stmt]) -> bool:
    """Tell whether statements only define something, or import it; they may lie deep."""
    waiting = [*statements]
    while waiting:
        match waiting.pop():
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass
            case ast.Assign(targets=targets) as named:
                if not (all(map(_is_name, targets)) and does_nothing(named)):
                    return False
            case ast.AnnAssign(target=target) as named:
                if not (_is_name(target) and does_nothing(named)):
                    return False
            case ast.If(test=test) as either:  # `if TYPE_CHECKING:`
                if not does_nothing(test):
                    return False
                waiting += [*either.body, *either.orelse]
            case ast.Try() as tried:  # an import that may be missing
                caught = (inner for handler in tried.handlers for inner in handler.body)
                waiting += [*tried.body, *caught, *tried.orelse, *tried.finalbody]
            case other:
                if not _inert(other):
                    return False
    return True


def _is_name(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_is_name, target.elts))
    return isinstance(target, ast.Name)


def does_nothing(node: ast.AST) -> bool:
    """Tell whether evaluating something calls nothing but builtins, as `float("inf")` does."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case ast.Await():
                return False
            case ast.Call(func=called) if getattr(called, "id", "") not in _PLAIN_CALLS:
                return False
            case ast.Lambda(args=arguments):  # what it will do is done later
                waiting.append(arguments)
            case other:
                waiting += ast.iter_child_nodes(other)
    return True


def _inert(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Raise() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()) | ast.Return(value=None | ast.Name() | ast.Constant()):
            return True
        case ast.Assign(value=ast.Constant() | ast.Name() | ast.List(elts=[]) | ast.Dict(keys=[])):
            return all(isinstance(target, ast.Name) for target in statement.targets)
        case ast.With():
            switches = all(map(_switches_gradients, statement.items))
            return switches and all(map(_inert, statement.body))
        case _:
            return False


def _switches_gradients(item: ast.withitem) -> bool:
    """Tell whether a context is `torch.no_grad()` or the like, under which a stub may stand."""
    match item.context_expr:
        case ast.Call(func=ast.Attribute(attr=name), args=[], keywords=[]):
            return name in {"no_grad", "enable_grad", "inference_mode"}
        case _:
            return False
