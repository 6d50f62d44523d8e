"""Who is who: the course's ids, and times of hand-in, by the numbers of an LMS, from a file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.course.times import HOW, UnsureError, in_utc

_NUMBER = re.compile(r"(?:[0-9]+|anon_[^\W_]+)\s*$")
_NO_TIME = ("", "-")


class IdsError(ValueError):
    """Why the file cannot be used, in a sentence that begins with its name."""


@dataclass(frozen=True)
class Identity:
    """A learner of the course, and when their work was handed in: UTC, ISO 8601."""

    student: str
    timestamp: str | None = None


@dataclass(frozen=True)
class Columns:
    """Names of a CSV file's columns; `time` may be empty."""

    key: str
    student: str
    time: str
    timezone: str


def read_ids(path: Path, columns: Columns) -> dict[str, Identity]:
    """Read the file: CSV with a header, or a JSON object of ids by numbers.

    Of a key only the number at its end counts, so that Moodle's grading worksheet (`Participant
    1234`) and Canvas' exported gradebook are such files. Rows without key or id are skipped.

    Raises:
        IdsError: It cannot be read, or is ambiguous, or an id cannot name a folder.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        no_text = "it is not UTF-8; save it as UTF-8, in Excel as CSV UTF-8"
        reason = error.strerror if isinstance(error, OSError) else no_text
        raise IdsError(f"{path} cannot be read: {reason}") from error
    is_json = path.suffix.lower() == ".json"
    found: dict[str, Identity] = {}
    for key, student, time in _pairs(path, text) if is_json else _rows(path, text, columns):
        number = _NUMBER.search(key)
        if number is None or not student:
            continue
        _check(path, student)
        identity = Identity(student, _utc(path, time, columns.timezone))
        if found.setdefault(number[0].strip(), identity) != identity:
            raise IdsError(f"{path} gives {number[0].strip()} two ids")
    students = [identity.student for identity in found.values()]
    twice = {student for student in students if students.count(student) > 1}
    if twice:
        raise IdsError(f"{path} gives {min(twice)!r} to two numbers")
    if not found:
        raise IdsError(f"{path} holds no ids")
    return found


def _pairs(path: Path, text: str) -> Iterator[tuple[str, str, str]]:
    try:
        found = json.loads(text, object_pairs_hook=tuple)  # an object would lose the first of two
    except (ValueError, RecursionError) as error:
        raise IdsError(f"{path} is no JSON") from error
    if not isinstance(found, tuple) or not all(type(one) in (str, int) for _, one in found):
        raise IdsError(f"{path} must be a JSON object of ids by numbers")
    for key, student in found:
        yield key, str(student).strip(), ""


def _rows(path: Path, text: str, columns: Columns) -> list[tuple[str, str, str]]:
    wanted = [name for name in (columns.key, columns.student, columns.time) if name]
    limit = csv.field_size_limit(len(text) + 1)  # a worksheet holds the texts of hand-ins
    headers: list[list[str]] = []
    try:
        for delimiter in ",;\t":
            rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
            header = [name.strip() for name in rows.fieldnames or ()]
            headers.append(header)
            if not set(wanted) <= set(header):
                continue
            rows.fieldnames = header
            cells = [[(row.get(name) or "").strip() for name in wanted] for row in rows]
            return [(row[0], row[1], row[2] if columns.time else "") for row in cells]
    finally:
        csv.field_size_limit(limit)
    header = max(headers, key=len)  # by the delimiter that the file is written with
    missing = [name for name in wanted if name not in header]
    noun = "columns" if len(missing) > 1 else "column"
    raise IdsError(f"{path} has no {noun} {_list(missing)}; it has {_list(header)}")


def _list(names: list[str]) -> str:
    return ", ".join(map(repr, names)) or "none"


def _check(path: Path, student: str) -> None:
    if student in (".", "..") or re.search(r"[/\\]", student) or not student.isprintable():
        raise IdsError(f"{path} gives the id {student!r}, which cannot name a folder")
    if student.startswith("."):
        raise IdsError(
            f"{path} gives the id {student!r}, which nbgrader would not find as a folder's name"
        )


def _utc(path: Path, time: str, timezone: str) -> str | None:
    if time in _NO_TIME:
        return None
    try:
        return in_utc(time, ZoneInfo(timezone)).isoformat()
    except UnsureError as error:
        raise IdsError(f"{path} gives the time {time!r}, {error}; {HOW}") from error
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise IdsError(f"{timezone!r} is no time zone, such as 'Europe/Berlin'") from error
