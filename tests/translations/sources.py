"""The texts in the sources of the engine and of the katas."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from autograder.kata import Kata
from autograder.records import Fault

ENGINE = Path(__file__).resolve().parents[2] / "autograder"
_FINDINGS = {"Finding", "Unjudged", "Grid"}

# Where the engine says something to learners: what is called, assigned to, or returned. What goes
# through `words` is a template; in other texts the values are filled in when they are translated.
_SPEAKERS = (
    "answers", "commands.watch", "course.configuration", "forks", "grading", "judge", "markup",
    "nbgrader_plugin", "notebook", "pool", "practice", "report", "review", "sandbox", "slips",
    "tryout",
)  # fmt: skip
_CALLED = {
    "words", "_words", "append", "UnreadableError", "Fault", "LookupError", "TypeError",
}  # fmt: skip
_ASSIGNED = {
    "begins", "ending", "further", "heads", "how", "limit", "line", "message", "missing", "note",
    "pairs", "reason", "said", "state", "why", "NOT_ATTEMPTED", "RETURNS_NOTHING", "SYMBOLS",
    "_ENDINGS", "_STATUSES",
}  # fmt: skip
_RETURNED = {"check", "misfit", "rungs", "_cell_note", "_message", "_reason", "_unseen"}


def texts_of(kata: Kata) -> dict[str, str]:
    """Collect what a kata says without being asked, each text with its place."""
    texts: dict[str, str] = {}
    for check in kata.checks:
        texts.setdefault(check.title, f"check {check.id}")
    for belief in dict.fromkeys(m.belief for m in kata.misconceptions):
        for part in ("title", "explanation", "hint"):
            texts.setdefault(getattr(belief, part), f"belief {belief.id}, {part}")
        for part in ("section", "place", "example"):
            texts.setdefault(getattr(belief.see, part), f"topic of {belief.id}, {part}")
    for path in files_of(kata.id):
        for node in _nodes(path, called=_FINDINGS):
            for text in _constants(node):
                texts.setdefault(text, f"said in {path.name}")
    return {text: place for text, place in texts.items() if any(map(str.isalpha, text))}


def files_of_engine() -> list[Path]:
    """Find the files in which the engine speaks to learners."""
    return [ENGINE.joinpath(*name.split(".")).with_suffix(".py") for name in _SPEAKERS]


def files_of(kata: str) -> list[Path]:
    """Find the files of a kata, a module or a package."""
    katas = ENGINE / "katas"
    return sorted([*katas.glob(f"{kata}.py"), *(katas / kata).rglob("*.py")])


def said_in(path: Path) -> set[str]:
    """Find what a file of the engine says."""
    nodes = _nodes(path, called=_CALLED, assigned=_ASSIGNED, returned=_RETURNED)
    texts = {text for node in nodes for text in _constants(node, values=True)}
    return {text for text in texts if not text.startswith("<")}


def strings_in(path: Path) -> Iterator[str]:
    """Find all strings in a file; the last value of one may be empty, as a message may."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            for text in _constants(node, values=True):
                yield from (text, text.removesuffix(": {message}"))


def faults_in(paths: Iterable[Path]) -> Iterator[Fault]:
    """Find what the engine puts in the place of an exception."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Fault"), args=[ast.Constant(value=kind), message]):
                    yield from (Fault(kind, text) for text in _constants(message, values=True))


def _nodes(
    path: Path,
    *,
    called: AbstractSet[str],
    assigned: AbstractSet[str] = frozenset(),
    returned: AbstractSet[str] = frozenset(),
) -> Iterator[ast.expr]:
    """Find what is handed to functions, bound to names, and returned, each of these names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Fault"), args=[_, message]) if "Fault" in called:
                yield message  # its type is no text
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in called:
                yield from node.args
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AugAssign(target=ast.Name(id=name), value=value)
            ) if name in assigned:
                yield value
            case ast.FunctionDef() if node.name in returned:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        yield inner.value


def _constants(node: ast.expr, *, values: bool = False) -> Iterator[str]:
    """Find the texts in an expression; with `values`, also those that values are put into.

    A value stands there as a placeholder of its name.
    """
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr():
            if values:
                yield "".join(map(_part, node.values))
        case ast.Call(func=ast.Attribute(value=ast.Constant())) | ast.Compare() | ast.Subscript():
            return  # `", ".join(…)` and the like
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from _constants(child, values=values)


def _part(part: ast.expr) -> str:
    """Write a part of a text: words, or a placeholder for a value."""
    match part:
        case ast.Constant(value=words):
            return str(words)
        case ast.FormattedValue(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return f"{{{name}}}"
        case _:
            return "{value}"
