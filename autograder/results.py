"""A file of results, written line by line: whatever ends the process, no line is lost.

Beside it lies the archive of what the results rest on, `<file>.evidence`: so a run goes on where
another stopped.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import json
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import msgspec

from autograder import __version__
from autograder.archive import Archive, Run, archive_of
from autograder.digests import digest_of
from autograder.records import Grading, Outcome, Scorecard, Summary
from autograder.report import as_json
from autograder.settings import Settings

_CHUNK = 1 << 20
_BEGINNING = b'{"format": 1, "submission": '


class BusyError(Exception):
    """Another process writes to the file of results."""


@dataclass(frozen=True)
class Kept:
    """What the file has of a submission.

    Attributes:
        summary: What its line says.
        place: Where the line starts, in bytes.
        key: What the result depends on, see `key_of`; empty if that is not known.
    """

    summary: Summary
    place: int
    key: str


class Results:
    """The file of results, open for this process alone.

    Attributes:
        kept: The last line of each submission, as it was when the file was opened.

    Raises:
        BusyError: Another process has it.
        OSError: It cannot be written.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; what a killed process left of a last line is cut off."""
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "it is no file", str(path))
        self.path = path
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise BusyError(f"{path} is being written by another run") from None
        self._end_with_a_line()
        self._archive = Archive(archive_of(path))
        self._begins = self._file.seek(0, os.SEEK_END)
        self._superseded: set[str] = set()
        keys = self._archive.keys()
        self.kept: dict[str, Kept] = {}
        for line, place in self._lines():
            if (summary := _summary_in(line)) is not None:
                key = keys.get((summary.submission, digest_of(line)), "")
                self.kept[summary.submission] = Kept(summary, place, key)

    def __enter__(self) -> Self:
        """Be closed at the end of a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close, whatever happened."""
        self.close()

    def add(self, card: Scorecard, key: str, run: Run | None) -> None:
        """Write a scorecard, after what it rests on."""
        line = _line(card)
        self._archive.keep(card.submission, key, line, run)
        self._file.write(line)
        self._file.flush()
        if card.submission in self.kept:
            self._superseded.add(card.submission)

    def document(self, submission: str) -> dict[str, Any]:
        """Read the whole line of a submission that is kept."""
        self._file.seek(self.kept[submission].place)
        document: dict[str, Any] = json.loads(self._file.readline())
        return document

    def runs(self) -> Iterator[Run]:
        """Read the runs behind the lines that are kept."""
        return (run for run in self._archive.runs() if run.submission.id in self.kept)

    def replace(self, judged: Iterable[tuple[Scorecard, str]]) -> None:
        """Put these scorecards of kept submissions, with their keys, in the place of the old."""
        lines = {}
        for card, key in judged:
            lines[card.submission] = _line(card)
            self._archive.rekey(card.submission, key, lines[card.submission])
        self._rewrite(
            line if summary is None else lines.get(summary.submission, line)
            for line, place in self._lines()
            for summary in [_summary_in(line)]
            if summary is None or self.kept[summary.submission].place == place
        )

    def close(self) -> None:
        """Drop the lines that newer ones supersede, and let others write."""
        if self._superseded:
            self._rewrite(
                line
                for line, place in self._lines()
                if place >= self._begins or not self._is_superseded(line)
            )
        self._archive.close()
        self._file.close()

    def _is_superseded(self, line: bytes) -> bool:
        summary = _summary_in(line)
        return summary is not None and summary.submission in self._superseded

    def _lines(self) -> Iterator[tuple[bytes, int]]:
        """Read the lines, each with the place where it starts."""
        self._file.seek(0)
        place = 0
        for line in self._file:
            yield line, place
            place += len(line)

    def _rewrite(self, lines: Iterable[bytes]) -> None:
        """Put other lines in the file's place, all at once."""
        path = self.path.resolve()  # a link to it stays one
        fresh = path.with_name(path.name + ".new")
        with fresh.open("wb") as file:
            fresh.chmod(stat.S_IMODE(path.stat().st_mode))
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def _end_with_a_line(self) -> None:
        """Cut off what a killed process left of a line; end any other text with a line break."""
        size = self._file.seek(0, os.SEEK_END)
        start, tail = size, b""
        while start > 0 and b"\n" not in tail:
            step = min(_CHUNK, start)
            start -= step
            self._file.seek(start)
            tail = self._file.read(step) + tail
        last = tail[tail.rfind(b"\n") + 1 :]
        ours = last.startswith(_BEGINNING) or _BEGINNING.startswith(last)
        if last and ours and _summary_in(last) is None:
            self._file.truncate(size - len(last))
        elif last:
            self._file.write(b"\n")
            self._file.flush()


def key_of(settings: Settings, content: str, learner: str = "") -> str:
    """Tell what a result depends on: the submission's content, the grader and its settings.

    Whoever reads it without the seed learns nothing of that.

    Args:
        settings: How it was graded.
        content: Digest of what was handed in.
        learner: Whose own hidden cases decided; empty for those that all have.
    """
    terms = settings.terms
    facts = [
        content, settings.kata, settings.timeout, terms.points, terms.cases, learner,
        grader_version(),
    ]  # fmt: skip
    return hmac.new(settings.seed.encode(), json.dumps(facts).encode(), "sha256").hexdigest()


@cache
def grader_version() -> str:
    """Tell the version, and a digest of the sources: a kata may be edited without a new version."""
    package = Path(__file__).parent
    sources = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        sources.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{sources.hexdigest()}"


def _line(card: Scorecard) -> bytes:
    text = json.dumps(as_json(card), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


class _Belief(msgspec.Struct):
    title: str


class _Check(msgspec.Struct):
    title: str
    outcome: Outcome


class _Line(msgspec.Struct):
    """What is read of a line."""

    submission: str
    status: Grading
    points: float | None
    max_points: float
    message: str
    checks: list[_Check]
    misconceptions: list[_Belief]


def _summary_in(line: bytes) -> Summary | None:
    """Read a line; None if it is nothing of ours."""
    try:
        read = msgspec.json.decode(line, type=_Line)
    except msgspec.DecodeError:
        return None
    beliefs = tuple(belief.title for belief in read.misconceptions)
    failed = next((one.title for one in read.checks if one.outcome is Outcome.FAILED), "")
    return Summary(
        read.submission, read.status, read.points, read.max_points, read.message, beliefs, failed
    )
