"""Which mutants there are: Cosmic Ray's operators and two of our own."""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).resolve().parents[2]
TARGETS = (
    "autograder.parcel",
    "autograder.wire",
    "autograder.probe",
    "autograder.judge",
    "autograder.beliefs",
    "autograder.expected",
    "autograder.endings",
    "autograder.katas.lottery_ticket.reference",
    "autograder.katas.lottery_ticket.cases",
    *(
        f"autograder.katas.lottery_ticket.checks.{path.stem}"
        for path in sorted((ROOT / "autograder/katas/lottery_ticket/checks").glob("[a-z]*.py"))
    ),
)
# For each operator in the code its opposite or its neighbour; others would be noticed sooner.
_REPLACED = {
    "Comparison": (
        "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt",
        "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt",
    ),
    "Binary": (
        "Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul",
        "BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitOr", "LShift_RShift",
    ),
    "Unary": ("Delete_Not", "USub_UAdd", "Delete_Invert"),
}  # fmt: skip
_OTHERS = (
    "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr",
    "ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak",
    "ExceptionReplacer", "NumberReplacer", "RemoveDecorator", "ZeroIterationForLoop",
)  # fmt: skip


_OPERATORS = (
    *(f"Replace{kind}Operator_{pair}" for kind, pairs in _REPLACED.items() for pair in pairs),
    *_OTHERS,
    "DropStatement",
    "DropMethod",
)
_TABLES = ("SITUATIONS",)
"""Data, of which other numbers would do as well; `tests/katas/test_cases.py` says what it needs."""


class DropStatement(Operator):  # type: ignore[misc]
    """Puts `pass` in the place of a statement that is executed for what it does."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[object, object]]:
        if node.type == "simple_stmt" and self._does(node.children[0]):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002 - Cosmic Ray's signature
        node.children[0] = parso.parse(f"{node.get_first_leaf().prefix}pass")
        return node

    @staticmethod
    def _does(statement: Any) -> bool:
        if statement.type != "expr_stmt":
            return statement.type in ("atom_expr", "raise_stmt", "yield_expr")
        target, sign = statement.children[:2]
        return bool(target.type == "atom_expr" or (sign.type == "operator" and sign.value != "="))

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("f(x)\n", "pass\n"), Example("x += 1\n", "pass\n"))


class DropMethod(Operator):  # type: ignore[misc]
    """Takes `.method()` without arguments off an expression."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[object, object]]:
        children = list(node.children) if self._places(node) else []
        for place in self._places(node):
            yield children[place].start_pos, children[place + 1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        place = self._places(node)[index]
        del node.children[place : place + 2]
        return node

    @staticmethod
    def _places(node: Any) -> list[int]:
        if node.type != "atom_expr":
            return []
        code = [child.get_code() for child in node.children]
        return [
            place
            for place in range(1, len(code) - 1)
            if code[place].startswith(".") and code[place + 1] == "()"
        ]

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("x.abs().sum()", "x.sum()"),)


@dataclass(frozen=True)
class Site:
    """A place where an operator may change a module: the mutant itself is made when it is tested.

    Attributes:
        module: Dotted name.
        operator: Name of the kind of change.
        occurrence: Which of the places where that operator fits.
    """

    module: str
    operator: str
    occurrence: int

    @property
    def order(self) -> bytes:
        """A place in a shuffled list that other sites have no part in."""
        return hashlib.sha256(repr(self).encode()).digest()


@dataclass(frozen=True)
class Mutant:
    """One small change of one module.

    Attributes:
        site: Where and what.
        function: Dotted name of what it lies in; empty at the module's top.
        line: Where it begins.
        before: The lines as they are.
        after: The lines as they are changed.
        source: The whole changed module.
    """

    site: Site
    function: str
    line: int
    before: str
    after: str
    source: str


def path_of(module: str) -> Path:
    """Find a module's file."""
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def sites_of(module: str) -> list[Site]:
    """Find every site of a module but those in annotations and tables, see `_untouched`."""
    source = path_of(module).read_text(encoding="utf-8")
    tree = get_ast(source)
    untouched = _untouched(source)
    sites = []
    for name in _OPERATORS:
        operator = _operator(name)
        places = [at for node in ast_nodes(tree) for at in operator.mutation_positions(node)]
        sites += [
            Site(module, name, occurrence)
            for occurrence, (start, _) in enumerate(places)
            if start not in untouched
        ]
    return sites


def mutant_at(site: Site) -> Mutant | None:
    """Make a mutant; None if it is no Python."""
    source = path_of(site.module).read_text(encoding="utf-8")
    changed = mutate_code(source, _operator(site.operator), site.occurrence)
    try:
        compile(changed, site.module, "exec")
    except SyntaxError:
        return None
    old, new = source.splitlines(), changed.splitlines()
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    _, i1, i2, j1, j2 = next(block for block in blocks if block[0] != "equal")
    before, after = (" ".join(map(str.strip, lines)) for lines in (old[i1:i2], new[j1:j2]))
    return Mutant(site, _function_at(source, i1 + 1), i1 + 1, before, after, changed)


def _operator(name: str) -> Operator:
    own = {"DropStatement": DropStatement, "DropMethod": DropMethod}
    return own[name]() if name in own else get_operator(f"core/{name}")()


def _function_at(source: str, line: int) -> str:
    """Name the functions and classes of a module around a line."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first <= line <= (node.end_lineno or line):
                names.append(node.name)
    return ".".join(names)


def _untouched(source: str) -> set[tuple[int, int]]:
    """Find the places, as parso counts them, of a function's annotations and of tables of data.

    Nothing evaluates the annotations of functions, nor those inside of them.
    """
    places: set[tuple[int, int]] = set()
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.FunctionDef):
            parts = [
                node.returns,
                *(a.annotation for a in (*node.args.args, *node.args.kwonlyargs)),
                *(line.annotation for line in ast.walk(node) if isinstance(line, ast.AnnAssign)),
            ]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in _TABLES:
            parts = [node.value]
        for part in parts:
            if part is not None:
                lines = range(part.lineno, (part.end_lineno or 0) + 1)
                places |= {
                    (line, column)
                    for line in lines
                    for column in range(200)
                    if (part.lineno, part.col_offset)
                    <= (line, column)
                    < (part.end_lineno, part.end_col_offset)
                }
    return places
