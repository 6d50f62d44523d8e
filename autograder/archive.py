"""The evidence behind results, in an SQLite file: to know what is graded, and to judge it again.

It keeps every different answer once, so that a class of ten thousand takes little more room than
its different ways of being wrong.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from autograder.digests import digest_of
from autograder.records import Evidence, Execution, Submission
from autograder.texts import encodable

_DAMAGES = (sqlite3.Error, zlib.error, msgspec.DecodeError, UnicodeError)
_TABLES = """
CREATE TABLE IF NOT EXISTS answers (digest BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results
    (submission BLOB PRIMARY KEY, key TEXT NOT NULL, line BLOB NOT NULL, run BLOB) WITHOUT ROWID;
"""


class EvidenceError(OSError):
    """The evidence cannot be read or written; the text says why, in a sentence."""


@dataclass(frozen=True)
class Run:
    """What a scorecard was made from.

    Attributes:
        content: SHA-256 of the submission's file.
        timeout: The limit that it ran under, in seconds.
        submission: What was run.
        evidence: What was observed.
    """

    content: str
    timeout: float
    submission: Submission
    evidence: Evidence


class Archive:
    """The file; one connection at a time writes to it.

    Raises:
        EvidenceError: It cannot be read or written, is no archive, or holds what makes no sense;
            all that is done with it may raise that.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file, or make it unless it is to be read only."""
        self._path = path
        if read_only:
            with self._reading():
                self._database = _opened_to_read(path)
            return
        with suppress(OSError):  # SQLite says why
            path.touch(0o600)  # it holds learners' code and values of hidden cases
        with self._writing():
            self._database = sqlite3.connect(path, timeout=60)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = OFF")  # what was run can be run again
            self._database.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def keys(self) -> dict[tuple[str, bytes], str]:
        """Read the key of each result, by submission and the digest of its line."""
        with self._reading():
            rows = self._database.execute("SELECT submission, line, key FROM results")
            return {(_text(name), line): key for name, line, key in rows}

    def keep(self, submission: str, key: str, line: bytes, run: Run | None) -> None:
        """Keep what the result with this line rests on, in the place of what was there."""
        with self._writing(), self._database as database:
            row = (_name(submission), key, digest_of(line), run and self._packed(run))
            database.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", row)

    def rekey(self, judged: Iterable[tuple[str, str, bytes]]) -> None:
        """Note that runs have given other results, all at once: each submission, key and line."""
        with self._writing(), self._database as database:
            database.executemany(
                "UPDATE results SET key = ?, line = ? WHERE submission = ?",
                ((key, digest_of(line), _name(submission)) for submission, key, line in judged),
            )

    def submissions(self) -> list[str]:
        """Name the submissions that have a run."""
        query = "SELECT submission FROM results WHERE run IS NOT NULL ORDER BY submission"
        with self._reading():
            return [_text(name) for (name,) in self._database.execute(query)]

    def runs(self) -> Iterator[Run]:
        """Read the runs that there are, one by one."""
        return map(self.run, self.submissions())

    def run(self, submission: str) -> Run:
        """Read the run of a submission that has one."""
        run = self.trace(submission)
        with self._reading():
            hidden = self._with_answers(run.evidence.hidden)
            shown = run.evidence.shown and self._with_answers(run.evidence.shown)
        return replace(run, evidence=replace(run.evidence, hidden=hidden, shown=shown))

    def traces(self) -> Iterator[tuple[Run, bytes]]:
        """Read the runs, with digests in the place of answers, and the digest of each line."""
        query = "SELECT submission, line, run FROM results WHERE run IS NOT NULL"
        with self._reading():
            for name, line, data in self._database.execute(query):
                yield _unpacked(name, data), line

    def trace(self, submission: str) -> Run:
        """Read the run of a submission that has one, with digests in the place of answers."""
        query = "SELECT run FROM results WHERE submission = ? AND run IS NOT NULL"
        name = _name(submission)
        with self._reading():
            row = self._database.execute(query, (name,)).fetchone()
            if row is None:
                raise sqlite3.DataError(f"it knows no run of {submission}")
            return _unpacked(name, row[0])

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Say in a sentence what cannot be read."""
        try:
            yield
        except _DAMAGES as error:
            raise EvidenceError(f"{self._path} cannot be read: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Say in a sentence what cannot be written."""
        try:
            yield
        except sqlite3.Error as error:
            raise EvidenceError(f"{self._path} cannot be written: {error}") from error

    def _packed(self, run: Run) -> bytes:
        hidden = self._without_answers(run.evidence.hidden)
        shown = run.evidence.shown and self._without_answers(run.evidence.shown)
        cells = tuple(map(encodable, run.submission.cells))
        run = replace(
            run,
            submission=replace(run.submission, id="", cells=cells),
            evidence=replace(run.evidence, hidden=hidden, shown=shown),
        )
        return zlib.compress(msgspec.msgpack.encode(run), 1)

    def _without_answers(self, execution: Execution) -> Execution:
        """Keep the answers that are new, and put digests in the place of all."""
        digests = tuple(map(digest_of, execution.answers))
        for digest, answer in zip(digests, execution.answers, strict=True):
            if self._answer(digest) is None:
                row = (digest, zlib.compress(answer, 1))
                self._database.execute("INSERT INTO answers VALUES (?, ?)", row)
        return replace(execution, answers=digests)

    def _with_answers(self, execution: Execution) -> Execution:
        answers = (zlib.decompress(self._answer(digest) or b"") for digest in execution.answers)
        return replace(execution, answers=tuple(answers))

    def _answer(self, digest: bytes) -> bytes | None:
        query = "SELECT data FROM answers WHERE digest = ?"
        found: tuple[bytes] | None = self._database.execute(query, (digest,)).fetchone()
        return found and found[0]


def archive_of(results: Path) -> Path:
    """Say where the archive of a file of results lies."""
    return results.with_name(results.name + ".evidence")


def _opened_to_read(path: Path) -> sqlite3.Connection:
    """Open a file that may lie where nothing can be written, and leave nothing beside it.

    SQLite would make files beside it, unless it is told that nobody changes this one; nobody does
    if they are not there.
    """
    path = path.resolve()
    in_use = path.with_name(path.name + "-wal").exists()
    fault: sqlite3.Error | None = None
    for options in ("mode=ro", "mode=ro&immutable=1")[not in_use :]:
        database = sqlite3.connect(f"{path.as_uri()}?{options}", timeout=60, uri=True)
        try:
            database.execute("SELECT count(*) FROM results")
        except sqlite3.Error as error:
            database.close()
            fault = error
        else:
            return database
    raise fault or sqlite3.OperationalError("cannot be opened")


def _unpacked(name: bytes, data: bytes) -> Run:
    run = msgspec.msgpack.decode(zlib.decompress(data), type=Run)
    return replace(run, submission=replace(run.submission, id=_text(name)))


def _name(submission: str) -> bytes:
    return submission.encode("utf-8", "surrogateescape")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
