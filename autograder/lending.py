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
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import TypeAlias

from autograder.sources import Code, Parser, bound, only_define

_MAX_STATEMENTS = 2000  # each takes a moment, in the grader's own process
_KEPT = 4096  # statements: most are the starter's
_OF_IPYTHON = (
    "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "In", "Out", "get_ipython",
    "display", "exit", "quit",
)  # fmt: skip
_GIVEN = frozenset({*vars(builtins), *_OF_IPYTHON})
_ALL = "*"
_CAN_BE_LENT = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign,
    ast.AnnAssign, ast.AugAssign, ast.Expr, ast.If, ast.Try, ast.TryStar, ast.For, ast.While,
    ast.With, ast.Match,
)  # fmt: skip
_MAKES_ANEW = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign,
)  # fmt: skip
_HOLDERS = (ast.stmt, ast.excepthandler, ast.match_case)  # what statements may stand in
_NEW_NAMES = 0x2  # CO_NEWLOCALS: a function's code, not a class's


@dataclass(frozen=True)
class Lender:
    """A cell that does not run.

    Attributes:
        source: Its source.
        counts: Whether what it defines is in force when the function is called, wanted or not.
        defines: Whether it lends definitions alone, for what else it does takes long.
    """

    source: str
    counts: bool
    defines: bool


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
    if not lenders:
        return []
    ours = [code.tree.body for code in map(parser.code, running) if code is not None]
    codes = [parser.code(lender.source) for lender in lenders]
    theirs = [code.tree.body if code is not None else [] for code in codes]
    if sum(map(len, (*ours, *theirs))) > _MAX_STATEMENTS:
        return [""] * len(lenders)
    search = _Search(entry_point)
    for statements in ours:
        search.run(statements)
    for number, (lender, statements) in enumerate(zip(lenders, theirs, strict=True)):
        search.offer(number, statements, lender)
    kept = search.found()
    return [
        _excerpt(lender.source, code, kept[number])
        for number, (lender, code) in enumerate(zip(lenders, codes, strict=True))
    ]


_Place = tuple[int, int]  # of a cell, and of a statement in it


@dataclass(frozen=True)
class _Names:
    """Names that a statement has to do with, outside of functions but for `later`.

    Attributes:
        binds: Those that it binds.
        needs: Those that it reads.
        later: Those that its functions read.
        fills: Those whose items or attributes it sets, or that decorate.
        calls: Those that it calls a method of, which may change them.
        imports: Those among `binds` that come from an import.
    """

    binds: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    fills: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()


_Offers: TypeAlias = defaultdict[str, list[tuple[_Place, _Names]]]


@dataclass
class _Search:
    """Follows names from the function to what binds them, each name once."""

    entry_point: str
    _running: list[_Names] = field(default_factory=list)
    _known: set[str] = field(default_factory=lambda: {*_GIVEN})
    _imported: set[str] = field(default_factory=set)
    _stored: dict[str, frozenset[str]] = field(default_factory=dict)
    _binding: dict[str, list[_Names]] = field(default_factory=lambda: defaultdict(list))
    _kept: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    _anew: _Offers = field(default_factory=lambda: defaultdict(list))
    _early: _Offers = field(default_factory=lambda: defaultdict(list))
    _late: _Offers = field(default_factory=lambda: defaultdict(list))
    _fills: _Offers = field(default_factory=lambda: defaultdict(list))
    _refills: _Offers = field(default_factory=lambda: defaultdict(list))

    def run(self, statements: Iterable[ast.stmt]) -> None:
        """Take statements that run, one after another."""
        for node in statements:
            names = _names(node)
            self._running.append(names)
            self._known |= names.binds
            self._imported |= names.imports
            self._filled_by(node, names)

    def offer(self, cell: int, statements: Sequence[ast.stmt], lender: Lender) -> None:
        """Take statements of a cell that does not run; those of one that only defines all do."""
        counts = lender.counts
        made = {*self._known}.union(*(_names(node).binds for node in statements))
        needs = {name for node in statements for name in _names(node).needs}
        if counts and only_define(statements) and (needs <= made or _ALL in made):
            self._kept[cell].update(range(len(statements)))
            self.run(statements)
            return
        for number, node in enumerate(statements):
            if not isinstance(node, _CAN_BE_LENT) or (lender.defines and not only_define([node])):
                continue
            names, place = _names(node), (cell, number)
            for name in names.binds - _GIVEN:
                (self._early if counts else self._late)[name].append((place, names))
                if counts and isinstance(node, _MAKES_ANEW):
                    self._anew[name].append((place, names))
            fills = self._filled_by(node, names)
            for name in fills | names.calls:
                self._fills[name].append((place, names))
                if counts and (name in fills or name not in self._imported):
                    self._refills[name].append((place, names))

    def found(self) -> Mapping[int, AbstractSet[int]]:
        """Find the statements that are needed, by cell."""
        for names in self._running:
            for name in names.binds:
                self._binding[name].append(names)
        reached = self._follow({self.entry_point}, set(), is_called=True)
        at_once = set().union(*(names.needs for names in self._running))
        self._follow(at_once - reached, reached, is_called=False)
        return self._kept

    def _follow(self, waiting: set[str], reached: set[str], *, is_called: bool) -> set[str]:
        """Keep what some names need, and what that needs; tell which names have been reached."""
        while waiting:
            name = waiting.pop()
            reached.add(name)
            offers = self._offers(name, is_called=is_called)
            for (cell, number), _ in offers:
                self._kept[cell].add(number)
            for names in (*self._binding[name], *(names for _, names in offers)):
                waiting |= (names.needs | names.later) - reached
        return reached

    def _offers(self, name: str, *, is_called: bool) -> list[tuple[_Place, _Names]]:
        """Find what makes a name, or for what is called later also what makes it anew."""
        if name not in self._known:
            return self._to_make(name)
        return self._anew[name] + self._refills[name] if is_called else []

    def _filled_by(self, node: ast.stmt, names: _Names) -> frozenset[str]:
        """Tell whom a statement changes, by a call too of a function that stores global names."""
        match node:
            case ast.FunctionDef(name=name):
                self._stored[name] = names.binds - {name}
            case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=[], keywords=[])):
                return names.fills | self._stored.get(name, frozenset())
        return names.fills

    def _to_make(self, name: str) -> list[tuple[_Place, _Names]]:
        """Find what binds a name that nothing binds yet, and what is done to it then."""
        made = self._early[name] or self._late[name] or self._early[_ALL] or self._late[_ALL]
        return [*made, *self._fills[name]]


@lru_cache(_KEPT)
def _names(node: ast.stmt) -> _Names:
    """Tell the names of a statement, as Python's compiler sees them."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    module = ast.Module([node], [])
    try:
        if any(isinstance(inner, ast.Try | ast.TryStar) for inner in ast.walk(node)):
            module = _Joined().visit(ast.Module([deepcopy(node)], []))
        code = compile(module, "", "exec", flags, dont_inherit=True)
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
    imports = {*binds} if isinstance(node, ast.Import | ast.ImportFrom) else set()
    if isinstance(node, ast.ImportFrom) and node.names[0].name == _ALL:
        binds.add(_ALL)
    fills, calls = _filled(node)
    return _Names(*map(frozenset, (binds, needs, later, fills, calls, imports)))


class _Joined(ast.NodeTransformer):
    """Puts the parts of each `try` one after another, which leaves the names as they are.

    Python compiles what stands under `finally` anew for each way into it: a few nested ones would
    take for ever.
    """

    def visit_Try(self, node: ast.Try | ast.TryStar) -> list[ast.AST]:
        """Put each part under a condition that the compiler knows nothing of."""
        self.generic_visit(node)
        caught = [[*_caught(handler), *handler.body] for handler in node.handlers]
        parts = [node.body, *caught, node.orelse, node.finalbody]
        joined = [ast.If(ast.List([], ast.Load()), part, []) for part in parts if part]
        return [ast.fix_missing_locations(ast.copy_location(one, node)) for one in joined]

    def visit_TryStar(self, node: ast.TryStar) -> list[ast.AST]:
        """Treat `except*` alike."""
        return self.visit_Try(node)


def _caught(handler: ast.ExceptHandler) -> list[ast.stmt]:
    """Write the head of a handler as a statement."""
    kind = handler.type or ast.Constant(value=None)
    if handler.name is None:
        return [ast.Expr(kind)]
    return [ast.Assign([ast.Name(handler.name, ast.Store())], kind)]


def _codes(code: CodeType) -> Iterator[tuple[bool, CodeType]]:
    """Go through the code in a statement, and tell whether it runs later."""
    waiting = [(False, code)]
    while waiting:
        is_later, outer = waiting.pop()
        yield is_later, outer
        inside = (inner for inner in outer.co_consts if isinstance(inner, CodeType))
        waiting += [(is_later or bool(inner.co_flags & _NEW_NAMES), inner) for inner in inside]


def _filled(node: ast.stmt) -> tuple[set[str], set[str]]:
    """Tell whom a statement changes by an item, an attribute or as a decorator; or by a method."""
    fills: set[str] = set()
    calls: set[str] = set()
    waiting: list[ast.AST] = [node]
    while waiting:
        inner = waiting.pop()
        fills.update(_owner(one) for one in getattr(inner, "decorator_list", ()))
        match inner:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                continue
            case ast.Assign(targets=targets):
                others = (target for target in targets if not isinstance(target, ast.Name))
                fills.update(*(bound(target) or {_owner(target)} for target in others))
            case ast.AugAssign(target=target) | ast.AnnAssign(target=ast.Attribute() as target):
                fills.add(_owner(target))
            case ast.Expr(value=ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[one, *_])):
                fills.add(_owner(one))
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Call(func=ast.Name(id="globals")), attr="update")
                ) as update
            ):
                fills |= _updated(update)
            case ast.Expr(value=ast.Call(func=ast.Attribute() as method)):
                calls.add(_owner(method))
        waiting += (child for child in ast.iter_child_nodes(inner) if isinstance(child, _HOLDERS))
    return fills - {""}, calls - {""}


def _updated(call: ast.Call) -> set[str]:
    """Tell which keys `globals().update(...)` sets."""
    keys = [key for one in call.args if isinstance(one, ast.Dict) for key in one.keys]
    texts = {key.value for key in keys if isinstance(key, ast.Constant)}
    named = {keyword.arg for keyword in call.keywords}
    return {text for text in texts | named if isinstance(text, str)}


def _owner(one: ast.expr) -> str:
    """Name what an item, an attribute or a method belongs to in the end; empty if nothing does."""
    while isinstance(one, ast.Attribute | ast.Subscript | ast.Call):
        one = one.func if isinstance(one, ast.Call) else one.value
    return one.id if isinstance(one, ast.Name) else ""


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
