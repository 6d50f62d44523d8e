"""A line of results, as it is written and read: a scorecard as JSON. Pure.

What is read is what tables, counts and the report on a class are made from.
"""

from __future__ import annotations

import json
from typing import Annotated, NoReturn

import msgspec

from autograder.records import Grading, Outcome, Scorecard, Status
from autograder.report import FORMAT, as_json

_Points = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class Check(msgspec.Struct):
    """What is read of a check."""

    id: str
    title: str
    outcome: Outcome
    message: str


class Believed(msgspec.Struct):
    """What is read of a belief."""

    id: str
    title: str
    hint: str


class Executed(msgspec.Struct):
    """What is read of an execution."""

    status: Status
    error: str | None


class Line(msgspec.Struct):
    """What is read of a line."""

    format: int
    submission: str
    kata: str
    status: Grading
    points: _Points | None
    max_points: _Points
    message: str
    checks: list[Check]
    misconceptions: list[Believed]
    execution: Executed


def written(card: Scorecard) -> bytes:
    """Write the line of a scorecard."""
    text = json.dumps(as_json(card), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def parsed(line: bytes) -> Line | None:
    """Read a line; None if it is nothing of ours, or of another format."""
    read = _parsed(line)
    return read if read is not None and read.format == FORMAT else None


def _parsed(line: bytes) -> Line | None:
    try:
        return msgspec.json.decode(line, type=Line)
    except msgspec.DecodeError:
        pass
    try:  # a path that is no text is written with half characters, which only `json` reads
        return msgspec.convert(json.loads(line, parse_constant=_refuse), type=Line)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
