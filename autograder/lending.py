"""What cells that do not run lend to those that do: whatever the functions there need.

Cells below the solution, and those of the experiment, may take long. Yet a learner may have put a
helper there, and in Jupyter it is there when the function is called.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.sources import Code, Parser, bound, only_define

_BUILTINS = frozenset(vars(builtins))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)  # what they need may come later


@dataclass(frozen=True)
class Lender:
    """A cell that does not run.

    Attributes:
        source: Its source.
        counts: Whether it comes before the function is first used: what it defines anew is in force
            by then.
    """

    source: str
    counts: bool


def lent(parser: Parser, running: Iterable[str], lenders: Sequence[Lender]) -> list[str]:
    """Leave of each lender what it lends: empty where it lends nothing.

    Args:
        parser: Reads the cells.
        running: The cells that run.
        lenders: Those that do not.
    """
    ours = [statement for source in running for statement in _statements(parser, source)]
    known = _BUILTINS | _names(ours)
    offered = {
        statement: lender.counts and only_define([statement])
        for lender in lenders
        for statement in _statements(parser, lender.source)
    }
    kept: set[ast.stmt] = set()
    users: set[ast.stmt] = {one for one in ours if isinstance(one, _FUNCTIONS)}
    while users and offered:
        used = frozenset().union(*map(_needs, users))
        users = {
            statement for statement, is_in_force in offered.items()
            if _names([statement]) & (used if is_in_force else used - known)
        } - kept  # fmt: skip
        kept |= users
    return [_excerpt(parser.code(lender.source), lender.source, kept) for lender in lenders]


def _statements(parser: Parser, source: str) -> Sequence[ast.stmt]:
    code = parser.code(source)
    return code.tree.body if code is not None else ()


def _needs(node: ast.stmt) -> frozenset[str]:
    """Tell which names a statement uses and does not bind itself."""
    used: set[str] = set()
    own: set[str] = set()
    for inner in ast.walk(node):
        own |= bound(inner)
        match inner:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                own.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                own.add(name)
    return frozenset(used - own)


def _names(statements: Iterable[ast.stmt]) -> frozenset[str]:
    """Tell which names statements bind outside of functions."""
    return frozenset(name for statement in statements for name in _bound_by(statement))


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        else:
            yield from bound(node)
        if not isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def _excerpt(code: Code | None, source: str, kept: set[ast.stmt]) -> str:
    """Leave out all other statements, and what stands in one line with them."""
    if code is None or kept.isdisjoint(code.tree.body):
        return ""
    if kept.issuperset(code.tree.body):
        return source
    lines = code.text.split("\n")
    for first, last, statements in _blocks(code.tree.body):
        if not kept.issuperset(statements):
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(lines)


def _blocks(statements: Iterable[ast.stmt]) -> list[tuple[int, int, list[ast.stmt]]]:
    """Tell first and last line of each statement; those that share a line are one block."""
    blocks: list[tuple[int, int, list[ast.stmt]]] = []
    for statement in statements:
        above = (decorator.lineno for decorator in getattr(statement, "decorator_list", ()))
        first, last = min([statement.lineno, *above]), statement.end_lineno or statement.lineno
        together = [statement]
        if blocks and blocks[-1][1] == first:
            first, _, before = blocks.pop()
            together = [*before, statement]
        blocks.append((first, last, together))
    return blocks
