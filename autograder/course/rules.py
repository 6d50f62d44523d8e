"""`autograder.toml`: the one place where an instructor says how a course is graded.

What it says is looked at when it is read, against the kata, so that no learner meets a mistake in
it. A file that sets points or cases takes the seconds that loading torch takes.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from autograder.kata import Kata, default, load, names
from autograder.language import languages
from autograder.records import Outcome
from autograder.settings import PUBLIC_SEED
from autograder.terms import AS_IT_IS, Terms
from autograder.variants import NBGRADER_LAYOUT, is_pattern

FILE = "autograder.toml"
MAX_CASES = 16
MAX_POINTS = 1_000_000
_KINDS = {
    "int": "a whole number", "float": "a number", "str": "a text in quotes",
    "bool": "true or false", "array": "a list", "object": "a table",
}  # fmt: skip
_MISMATCH = re.compile(r"Expected `(\w+)`, got `(\w+)`")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_Kind = TypeVar("_Kind")


class RulesError(Exception):
    """The file says what cannot be; the message names the file, the place and what to do."""


@dataclass(frozen=True)
class Rules:
    """What a course is graded by.

    Attributes:
        kata: Name of the exercise; empty where each file tells.
        terms: What is other than the kata says.
        file: Where that was read; None if there is no such file.
    """

    kata: str
    terms: Terms
    file: Path | None = None


@dataclass(frozen=True)
class _Sheet:
    """The file's keys."""

    kata: str = ""
    language: str = ""
    per_learner: str = ""
    points: dict[str, Any] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)


def rules_in_force(file: Path | None, kata: str | None, folder: Path) -> Rules:
    """Read the rules that hold in a folder.

    Args:
        file: The file that was named; else `autograder.toml` in the folder, if it is there.
        kata: The kata that was named; it must be the file's. If neither names one, it is left open,
            unless the file sets points or cases: then it is the usual one.
        folder: Where the course lies.

    Raises:
        RulesError: The file cannot be read, or says what cannot be.
    """
    if file is None and not (folder / FILE).exists():
        return Rules(kata or "", AS_IT_IS)
    file = file or folder / FILE
    rules = read_rules(file, kata)
    if kata not in (None, rules.kata):
        raise RulesError(f'{file}: kata is "{rules.kata}", but {kata} was asked for')
    return rules


def read_rules(file: Path, kata: str | None = None) -> Rules:
    """Read a file of rules; `kata` is the one that is meant where the file names none.

    Raises:
        RulesError: It cannot be read, or says what cannot be.
    """
    return _rules_in(_text(file), file, kata)


@cache  # each notebook of a class asks
def _rules_in(text: str, file: Path, kata: str | None) -> Rules:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{file} is no TOML: {error}") from error
    sheet = _converted(document, _Sheet, f"{file}: ")
    own = bool(sheet.points or sheet.cases)  # they are a kata's, and another has other checks
    name = sheet.kata or kata or (default() if own else "")
    if name:
        _one_of(name, names(), f"{file}: kata")
    if sheet.language:
        _one_of(sheet.language, languages(), f"{file}: language")
    if sheet.per_learner and not is_pattern(sheet.per_learner):
        raise RulesError(
            f"{file}: per_learner must hold {{learner}} once, as {NBGRADER_LAYOUT} does"
            f" (got {sheet.per_learner})"
        )
    terms = Terms(language=sheet.language, per_learner=sheet.per_learner)
    if own:
        exercise = load(name)
        points = points_of(sheet.points, exercise, f"{file}: [points]")
        cases = _cases(sheet.cases, exercise, f"{file}: [[cases]]")
        terms = replace(terms, points=points, cases=cases)
    return Rules(name, terms, file)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RulesError(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise RulesError(f"{file} is no UTF-8 text") from error


def _converted(table: Mapping[str, Any], kind: type[_Kind], place: str) -> _Kind:
    """Make a dataclass of a table, or say which key is wrong, and how."""
    known = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    for key in table:
        _one_of(key, known, f"{place}key")
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        if missing := _MISSING.fullmatch(what):
            raise RulesError(f"{place}{missing[1]} is missing") from error
        if mismatch := _MISMATCH.fullmatch(what):
            due, got = (_KINDS.get(one, one) for one in mismatch.groups())
            what = f"must be {due} (got {got})"
        raise RulesError(f"{place}{path.removesuffix('`')} {what}") from error


def _one_of(name: str, known: Iterable[str], what: str) -> None:
    known = list(known)
    if name not in known:
        (nearest,) = get_close_matches(name.lower(), known, n=1, cutoff=0.0)
        raise RulesError(
            f"{what} {name!r} is not known; did you mean {nearest!r}? There are: {', '.join(known)}"
        )


def points_of(given: Mapping[str, Any], kata: Kata, place: str) -> tuple[tuple[str, float], ...]:
    """Look at what checks are to be worth.

    Args:
        given: Points by the ids of checks.
        kata: Whose checks they are.
        place: Where they were given, for messages.

    Raises:
        RulesError: There is no such check, or a number is no number of points.
    """
    for name, value in given.items():
        _one_of(name, [check.id for check in kata.checks], f"{place} check")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and math.isfinite(value) and 0 <= value <= MAX_POINTS):
            raise RulesError(
                f"{place} {name} must be a number from 0 to {MAX_POINTS:,} (got {value!r})"
            )
    points = tuple((name, float(value)) for name, value in given.items())
    if not kata.under(Terms(points)).max_points:
        raise RulesError(f"{place} must leave at least one check with more than 0 points")
    return points


def _cases(given: list[dict[str, Any]], kata: Kata, place: str) -> tuple[str, ...]:
    if given and kata.wish is None:
        raise RulesError(f"{place} cannot be had: the kata {kata.id} takes no further cases")
    if len(given) > MAX_CASES:
        raise RulesError(f"{place} may be {MAX_CASES} at most (got {len(given)})")
    for number, table in enumerate(given, start=1):
        _examine(table, kata, f"{place} number {number}: ")
    return tuple(msgspec.json.encode(table).decode() for table in given)


def _examine(table: dict[str, Any], kata: Kata, place: str) -> None:
    """Draw a case, and see whether the reference passes it by itself."""
    from autograder.judge import Judge  # noqa: PLC0415 - loads torch
    from autograder.probe import observe  # noqa: PLC0415 - loads torch

    _converted(table, type(kata.wish), place)
    for value in table.values():
        if isinstance(value, float) and not math.isfinite(value):
            raise RulesError(f"{place}numbers must be finite (got {value})")
    case = msgspec.json.encode(table).decode()
    try:
        drawn = kata.under(Terms(cases=(case,))).draw_cases(PUBLIC_SEED, hidden=False)[-1]
        judge = Judge(kata, [drawn])
        verdicts = judge.verdicts([observe(kata.reference, drawn)], explain=False)
    except ValueError as error:
        raise RulesError(f"{place}{error}") from error
    failed = [verdict.check for verdict in verdicts if verdict.outcome is not Outcome.PASSED]
    if failed:
        raise RulesError(
            f"{place}a right solution could not pass {', '.join(failed)} there; take another case"
        )
