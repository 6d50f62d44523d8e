"""What cells that do not run lend to those that do: whatever the learner's function needs.

Cells below the solution, and those of the experiment, may take long. Yet a learner may have put a
helper there, and in Jupyter it is there when the function is called.
"""

from __future__ import annotations

import ast
import builtins
import dis
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import TypeAlias

from autograder.sources import Code, Parser, only_define

_MAX_STATEMENTS = 2000  # each takes a moment, in the grader's own process
_KEPT = 4096  # statements: most are the starter's
_BUILTINS = frozenset(vars(builtins))
_ALL = "*"
_CAN_BE_LENT = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign,
    ast.AnnAssign, ast.AugAssign, ast.Expr, ast.If, ast.Try,
)  # fmt: skip
_CAN_BE_MADE_ANEW = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NEW_NAMES = 0x2  # CO_NEWLOCALS: a function's code, not a class's


@dataclass(frozen=True)
class Lender:
    """A cell that does not run.

    Attributes:
        source: Its source.
        counts: Whether it comes before the function is first used: what it defines is in force by
            then, wanted or not.
    """

    source: str
    counts: bool


def lent(
    parser: Parser, entry_point: str, running: Iterable[str], lenders: Sequence[Lender]
) -> list[str]:
    """Leave of each lender what it lends: empty where it lends nothing.

    Args:
        parser: Reads the cells.
        entry_point: Name of the function.
        running: The cells that run.
        lenders: Those that do not.
    """
    ours = [code.tree.body for code in map(parser.code, running) if code is not None]
    codes = [parser.code(lender.source) for lender in lenders]
    theirs = [code.tree.body if code is not None else [] for code in codes]
    if sum(map(len, (*ours, *theirs))) > _MAX_STATEMENTS:
        return [""] * len(lenders)
    search = _Search(entry_point)
    for statements in ours:
        search.run(statements)
    for number, (lender, statements) in enumerate(zip(lenders, theirs, strict=True)):
        search.offer(number, statements, counts=lender.counts)
    kept = search.found()
    return [
        _excerpt(lender.source, code, kept[number])
        for number, (lender, code) in enumerate(zip(lenders, codes, strict=True))
    ]


_Place = tuple[int, int]  # of a cell, and of a statement in it


@dataclass(frozen=True)
class _Names:
    """Names that a statement has to do with, outside of functions but for `later`."""

    binds: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    fills: frozenset[str] = frozenset()


_Offers: TypeAlias = defaultdict[str, list[tuple[_Place, _Names]]]


@dataclass
class _Search:
    """Follows names from the function to what binds them, each name once."""

    entry_point: str
    _running: list[_Names] = field(default_factory=list)
    _known: set[str] = field(default_factory=lambda: {*_BUILTINS})
    _kept: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    _anew: _Offers = field(default_factory=lambda: defaultdict(list))
    _early: _Offers = field(default_factory=lambda: defaultdict(list))
    _late: _Offers = field(default_factory=lambda: defaultdict(list))
    _fills: _Offers = field(default_factory=lambda: defaultdict(list))

    def run(self, statements: Iterable[ast.stmt]) -> None:
        """Take statements that run, one after another."""
        for names in map(_names, statements):
            self._running.append(names)
            self._known |= names.binds

    def offer(self, cell: int, statements: Sequence[ast.stmt], *, counts: bool) -> None:
        """Take statements of a cell that does not run; those of one that only defines all do."""
        made = {*self._known}.union(*(_names(node).binds for node in statements))
        needs = {name for node in statements for name in _names(node).needs}
        if counts and only_define(statements) and (needs <= made or _ALL in made):
            self._kept[cell].update(range(len(statements)))
            self.run(statements)
            return
        for number, node in enumerate(statements):
            if not isinstance(node, _CAN_BE_LENT):
                continue
            names, place = _names(node), (cell, number)
            for name in names.binds:
                (self._early if counts else self._late)[name].append((place, names))
                if counts and isinstance(node, _CAN_BE_MADE_ANEW):
                    self._anew[name].append((place, names))
            for name in names.fills:
                self._fills[name].append((place, names))

    def found(self) -> Mapping[int, AbstractSet[int]]:
        """Find the statements that are needed, by cell."""
        bound: dict[str, list[_Names]] = defaultdict(list)
        waiting = {self.entry_point}
        for names in self._running:
            waiting |= names.needs
            for name in names.binds:
                bound[name].append(names)
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            reached.add(name)
            offers = self._anew[name] if name in self._known else self._to_make(name)
            for (cell, number), _ in offers:
                self._kept[cell].add(number)
            for names in (*bound[name], *(names for _, names in offers)):
                waiting |= (names.needs | names.later) - reached
        return self._kept

    def _to_make(self, name: str) -> list[tuple[_Place, _Names]]:
        """Find what binds a name that nothing binds yet, and what is done to it then."""
        made = self._early[name] or self._late[name] or self._early[_ALL] or self._late[_ALL]
        return [*made, *self._fills[name]]


@lru_cache(_KEPT)
def _names(node: ast.stmt) -> _Names:
    """Tell the names of a statement, as Python's compiler sees them."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        code = compile(ast.Module([node], []), "", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Names()
    binds: set[str] = set()
    needs: set[str] = set()
    later: set[str] = set()
    for is_later, inner in _codes(code):
        for step in dis.get_instructions(inner):
            match step.opname:
                case "STORE_NAME" if inner is code:
                    binds.add(step.argval)
                case "STORE_GLOBAL":
                    binds.add(step.argval)
                case "LOAD_NAME" | "LOAD_GLOBAL":
                    (later if is_later else needs).add(step.argval)
    if isinstance(node, ast.ImportFrom) and node.names[0].name == _ALL:
        binds.add(_ALL)
    return _Names(frozenset(binds), frozenset(needs), frozenset(later), frozenset(_filled(node)))


def _codes(code: CodeType) -> Iterator[tuple[bool, CodeType]]:
    """Go through the code in a statement, and tell whether it runs later."""
    waiting = [(False, code)]
    while waiting:
        is_later, outer = waiting.pop()
        yield is_later, outer
        inside = (inner for inner in outer.co_consts if isinstance(inner, CodeType))
        waiting += [(is_later or bool(inner.co_flags & _NEW_NAMES), inner) for inner in inside]


def _filled(node: ast.stmt) -> Iterator[str]:
    """Tell whom a statement changes by a method, an item, an attribute or as a decorator."""
    changed: list[ast.expr] = list(getattr(node, "decorator_list", ()))
    match node:
        case ast.Assign(targets=targets):
            changed += [t for t in targets if isinstance(t, ast.Attribute | ast.Subscript)]
        case ast.AugAssign(target=target) | ast.AnnAssign(target=ast.Attribute() as target):
            changed.append(target)
        case ast.Expr(value=ast.Call(func=ast.Attribute() as method)):
            changed.append(method)
    for one in changed:
        while isinstance(one, ast.Attribute | ast.Subscript | ast.Call):
            one = one.func if isinstance(one, ast.Call) else one.value  # noqa: PLW2901
        if isinstance(one, ast.Name):
            yield one.id


def _excerpt(source: str, code: Code | None, kept: AbstractSet[int]) -> str:
    """Leave out all statements but some; the others stay in their lines."""
    if code is None or not kept:
        return ""
    if len(kept) == len(code.tree.body):
        return source
    lines = [line.encode() for line in code.text.split("\n")]
    moved: dict[int, int] = {}  # what stood in a line with the end of something longer
    for place, statement in reversed([*enumerate(code.tree.body)]):
        if place in kept:
            continue
        above = (decorator.lineno for decorator in getattr(statement, "decorator_list", ()))
        first, last = min([statement.lineno, *above]), statement.end_lineno or statement.lineno
        first, last = moved.get(first, first), moved.get(last, last)
        before = lines[first - 1][: statement.col_offset]
        after = lines[last - 1][statement.end_col_offset :]
        rest = [b""] * (last - first)
        lines[first - 1 : last] = [*rest, before + b"pass" + after if before or after else b""]
        moved[first] = last
    return "\n".join(line.decode() for line in lines)
