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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Self

from autograder import __version__
from autograder.archive import Archive, Run, archive_of
from autograder.digests import digest_of
from autograder.lines import Line, parsed, written
from autograder.records import Outcome, Scorecard, Summary
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
        key: What the result depends on, see `key_of`; empty if that is not known.
        mark: Tells the result from any other, see `mark_of`.
    """

    summary: Summary
    key: str
    mark: str


class Results:
    """The file of results, open for this process alone.

    Attributes:
        kept: The last line of each submission, as it was when the file was opened.

    Raises:
        BusyError: Another process has it.
        EvidenceError: The archive cannot be read or written.
        OSError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; what a killed process left of a last line is cut off."""
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "it is no file", str(path))
        self.path = path
        with ExitStack() as opened:
            self._file = opened.enter_context(_locked(path))
            self._end_with_a_line()
            self._archive = opened.enter_context(closing(Archive(archive_of(path))))
            keys = self._archive.keys()
            self.kept: dict[str, Kept] = {}
            self._places: dict[str, int] = {}  # where the last line of each starts
            self._superseded = False  # whether there are lines that newer ones supersede
            for line, place in self._lines():
                if (read := parsed(line)) is not None:
                    key = keys.get((read.submission, digest_of(line)), "")
                    self.kept[read.submission] = Kept(_summary_of(read), key, _mark(line, key))
                    self._note(read.submission, place)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        """Be what a `with` names."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close, whatever happened."""
        self.close()

    def add(self, card: Scorecard, key: str, run: Run | None) -> None:
        """Write a scorecard, after what it rests on."""
        line = written(card)
        self._archive.keep(card.submission, key, line, run)
        place = self._file.seek(0, os.SEEK_END)
        self._file.write(line)
        self._file.flush()
        self._note(card.submission, place)

    def document(self, submission: str) -> dict[str, Any]:
        """Read the whole line of a submission that is kept."""
        self._file.seek(self._places[submission])
        document: dict[str, Any] = json.loads(self._file.readline())
        return document

    def runs(self) -> Iterator[Run]:
        """Read the runs behind the lines that are kept."""
        return (run for run in self._archive.runs() if run.submission.id in self.kept)

    def replace(self, judged: Iterable[tuple[Scorecard, str]]) -> None:
        """Put these scorecards of kept submissions, with their keys, in the place of the old.

        All of them, or, whatever comes between, none.
        """
        self._rewrite([(card.submission, key, written(card)) for card, key in judged])

    def close(self) -> None:
        """Drop the lines that newer ones supersede, and let others write."""
        with self._opened:
            if self._superseded:
                self._rewrite([])

    def _note(self, submission: str, place: int) -> None:
        """Note that the last line of a submission is here."""
        self._superseded |= submission in self._places
        self._places[submission] = place

    def _lines(self) -> Iterator[tuple[bytes, int]]:
        """Read the lines, each with the place where it starts."""
        self._file.seek(0)
        place = 0
        for line in self._file:
            yield line, place
            place += len(line)

    def _rewrite(self, judged: Sequence[tuple[str, str, bytes]]) -> None:
        """Keep the last line of each submission, or one with its key that was judged again.

        The new file is on the disk, and then its keys are in the archive, before it takes the old
        one's place; and nobody else can lock it before this one is closed.
        """
        new = {submission: line for submission, _, line in judged}
        path = self.path.resolve()  # a link to it stays one
        fresh = path.with_name(path.name + ".new")
        with ExitStack() as opened:
            file = opened.enter_context(fresh.open("wb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fresh.chmod(stat.S_IMODE(path.stat().st_mode))
            for line, place in self._lines():
                read = parsed(line)
                if read is None:
                    file.write(line)
                elif self._places[read.submission] == place:
                    file.write(new.get(read.submission, line))
            file.flush()
            os.fsync(file.fileno())
            self._archive.rekey(judged)
            fresh.replace(path)
            self._opened.enter_context(opened.pop_all())
        self._superseded = False

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
        if last and ours and parsed(last) is None:
            self._file.truncate(size - len(last))
        elif last:
            self._file.write(b"\n")
            self._file.flush()


def _locked(path: Path) -> BinaryIO:
    """Open the file for this process alone.

    A run that ends may put a new file in its place between the two steps: then that one is opened.
    """
    while True:
        with ExitStack() as opened:
            file = opened.enter_context(path.open("a+b"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(f"{path} is being written by another run") from None
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    opened.pop_all()
                    return file


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
        content, settings.kata, settings.timeout, sorted(terms.points), terms.cases, learner,
        grader_version(),
    ]  # fmt: skip
    return hmac.new(settings.seed.encode(), json.dumps(facts).encode(), "sha256").hexdigest()


def mark_of(card: Scorecard, key: str) -> str:
    """Tell a result from any other, its own earlier ones included, by what it says and its key."""
    return _mark(written(card), key)


@cache
def grader_version() -> str:
    """Tell the version, and a digest of the sources: a kata may be edited without a new version."""
    package = Path(__file__).parent
    sources = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        sources.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{sources.hexdigest()}"


def _mark(line: bytes, key: str) -> str:
    return digest_of(key.encode() + line).hex()


def _summary_of(read: Line) -> Summary:
    beliefs = tuple(belief.title for belief in read.misconceptions)
    failed = next((check.title for check in read.checks if check.outcome is Outcome.FAILED), "")
    return Summary(
        read.submission, read.status, read.points, read.max_points, read.message, beliefs, failed
    )
