"""Which kata a file is about: told by the function that it holds, its text unparsed and never run.

Where an exercise is not named, each file is taken for what it is. No kata is loaded for that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from autograder.kata import names
from autograder.katas import DEFAULT
from autograder.notebook import UnreadableError, contents

_KATAS = Path(__file__).parent / "katas"


def kata_in(data: bytes, path: Path) -> str:
    """Name the kata whose function a file's solution cell is for; or it defines; or mentions.

    Where the text leaves it open, a folder named after a kata tells, as in nbgrader's courses; then
    it is the usual one.

    Args:
        data: What the file holds.
        path: Where it lies.
    """
    held = _marked(data) or _defined(data) or _mentioned(data) or names()
    if len(held) == 1:
        return held[0]
    folders = [part for part in reversed(path.parts[:-1]) if part in held]
    return next(iter(folders), DEFAULT if DEFAULT in held else held[0])


def kata_at(path: Path) -> str:
    """Name the kata that a file is about; where it cannot be read, its place tells."""
    try:
        return kata_in(contents(path), path)
    except UnreadableError:
        return kata_in(b"", path)


def other_function_in(data: bytes, kata: str, *, named: bool = True) -> str:
    """Name the function that a file defines for another kata; empty if it defines this one's.

    Args:
        data: What the file holds.
        kata: Which it is graded by.
        named: Whether somebody named that. If not, a file that defines both functions leaves it
            open, unless its solution cell tells.
    """
    defined = _defined(data)
    others = [other for other in defined if other != kata]
    if not others or (kata in defined and (named or kata in _marked(data))):
        return ""
    return entry_points()[others[0]]


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
