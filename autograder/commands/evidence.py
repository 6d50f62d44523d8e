"""The evidence beside a file of results, as the commands that read both need it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.archive import Archive, Run
from autograder.excerpts import solution_in
from autograder.learners import Class, Learner, read_class


class UnusableError(Exception):
    """What is asked for cannot be had; the message says why, in a sentence."""


def class_in(path: Path) -> Class:
    """Read a file of results.

    Raises:
        UnusableError: It cannot be read, or holds no result.
    """
    try:
        if path.exists() and not path.is_file():
            raise UnusableError(f"{path} cannot be read: it is no file")
        with path.open("rb") as file:
            found = read_class(file)
    except OSError as error:
        raise UnusableError(f"{path} cannot be read: {error.strerror or error}") from error
    if not found.learners:
        why = "is no file of results" if found.left_out else "holds no result yet"
        raise UnusableError(f"{path} {why}; name a file that `grade --output` wrote")
    return found


def missing(path: Path) -> str:
    """Say that there is no evidence in this place."""
    return (
        f"{path} is not there: name a file that `grade --output` wrote, with its evidence beside it"
    )


def solutions(archive: Archive, found: Class) -> Iterator[tuple[Learner, Run, str]]:
    """Read each learner's run and solution; of a line that was changed the archive knows nothing.

    Answers are digests.

    Raises:
        OSError: What is kept makes no sense.
    """
    for run, line in archive.traces():
        learner = found.learners.get(run.submission.id)
        if learner is not None and learner.line == line:
            yield learner, run, solution_in(run.submission.cells, run.submission.entry_point)
