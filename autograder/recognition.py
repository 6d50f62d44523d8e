"""Which kata a file is about: told by the function that it holds, and never run.

Where an exercise is not named, each file is taken for what it is. No kata is loaded for that, and
no text is parsed unless it defines the functions of several.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from autograder.kata import names
from autograder.katas import DEFAULT
from autograder.notebook import UnreadableError, contents, read_bytes
from autograder.sources import Parser

_KATAS = Path(__file__).parent / "katas"


def kata_in(data: bytes, path: Path) -> str:
    """Name the kata whose function a file's solution cell is for; or it defines; or mentions.

    Where the text leaves it open, the file's name tells, or that of a folder as in nbgrader's
    courses; then the function that calls the other one; then it is the usual one.

    Args:
        data: What the file holds.
        path: Where it lies.
    """
    held = _marked(data) or _defined(data) or _mentioned(data) or names()
    if len(held) == 1:
        return held[0]
    places = [part for part in (path.stem, *reversed(path.parts[:-1])) if part in held]
    if places:
        return places[0]
    asked = _without_helpers(data, path, held)
    return DEFAULT if DEFAULT in asked else asked[0]


def kata_at(path: Path) -> str:
    """Name the kata that a file is about; where it cannot be read, its place tells."""
    try:
        return kata_in(contents(path), path)
    except UnreadableError:
        return kata_in(b"", path)


def other_function_in(data: bytes, path: Path, kata: str, *, named: bool = True) -> str:
    """Name the function that a file defines for another kata; empty if it defines this one's.

    Args:
        data: What the file holds.
        path: Where it lies.
        kata: Which it is graded by.
        named: Whether somebody named that. If not, a file that defines both functions leaves it
            open, unless its solution cell tells, or one of them calls the other.
    """
    defined = _defined(data)
    if kata in defined and (named or kata in _marked(data)):
        return ""
    others = [other for other in _without_helpers(data, path, defined) if other != kata]
    return entry_points()[others[0]] if others else ""


@cache
def entry_points() -> Mapping[str, str]:
    """Read from the katas' sources what their functions are called.

    Raises:
        LookupError: A kata does not say it as a plain text.
    """
    return {name: _entry_point(name) for name in names()}


def kata_asking_for(function: str) -> str:
    """Name the kata that asks for a function of this name.

    Raises:
        LookupError: None does.
    """
    for kata, name in entry_points().items():
        if name == function:
            return kata
    known = ", ".join(entry_points().values())
    raise LookupError(f"no kata asks for a function named {function!r}; there are: {known}")


def _entry_point(kata: str) -> str:
    place = _KATAS / kata
    for path in sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if "entry_point=" in source else ():
            if isinstance(node, ast.keyword) and node.arg == "entry_point":
                name = getattr(node.value, "value", None)
                if isinstance(name, str):
                    return name
    raise LookupError(f'kata {kata}: no entry_point="…"; name the function where `Kata(` is made')


def _without_helpers(data: bytes, path: Path, held: list[str]) -> list[str]:
    """Leave out katas whose function is called by another one's, unless that leaves none."""
    if not _defined(data)[1:]:
        return held
    functions = {kata: entry_points()[kata] for kata in held}
    called: set[str] = set()
    with suppress(UnreadableError):
        for function in functions.values():
            cells = read_bytes(data, path, entry_point=function).cells
            called |= _used_by(function, cells) - {function}
    return [kata for kata in held if functions[kata] not in called] or held


def _used_by(function: str, cells: Iterable[str]) -> set[str]:
    """Tell which names stand in a function."""
    parser = Parser()
    return {
        node.id
        for tree in map(parser.tree, cells)
        for statement in getattr(tree, "body", ())
        if isinstance(statement, ast.FunctionDef) and statement.name == function
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }


def _marked(data: bytes) -> list[str]:
    return _matching(data, lambda name: rf'"grade_id":\s*"{name}"')


def _defined(data: bytes) -> list[str]:
    return _matching(data, lambda name: rf"{_word('def')}\s+{name}\s*\(")


def _mentioned(data: bytes) -> list[str]:
    return _matching(data, lambda name: rf"{_word(name)}\b")


def _word(letters: str) -> str:
    r"""Write a pattern for letters that begin a word, or follow a line's end as JSON writes it: \n.

    A pattern that begins with plain letters is found many times faster.
    """
    return rf"{letters}(?:(?<=\b{letters})|(?<=\\[nrt]{letters}))"


def _matching(data: bytes, pattern: Callable[[str], str]) -> list[str]:
    return [
        kata
        for kata, name in entry_points().items()
        if re.search(pattern(re.escape(name)).encode(), data)
    ]
