"""Grades what nbgrader will come to next while it is still at work on what came before.

nbgrader takes learners in turn, and a processor's core would be idle while it does. It gets only
what was found in the very file that it has come to.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import closing, suppress
from pathlib import Path

from autograder.confine import UnconfinedError
from autograder.notebook import UnreadableError, digest
from autograder.pool import ExecutorError, grade_many
from autograder.records import Scorecard
from autograder.settings import Settings

_MAX_JOBS = 4  # more are done sooner than nbgrader can come to them


class Ahead:
    """What is found in files, in the background, in the order in which it will be asked for."""

    def __init__(self, settings: Settings, paths: Sequence[Path]) -> None:
        """Begin; it ends with this process, or when all are graded."""
        self._settings = settings
        self._found: dict[Path, Future[Scorecard]] = {path: Future() for path in paths}
        self._contents: dict[Path, str] = {}
        threading.Thread(target=self._grade, daemon=True).start()

    def card(self, path: Path) -> Scorecard | None:
        """Wait for what was found in a file; None if nothing was, or the file has changed since."""
        found = self._found.get(path)
        if found is None:
            return None
        try:
            card = found.result()
            return card if digest(path) == self._contents[path] else None
        except (CancelledError, UnreadableError):
            return None

    def _grade(self) -> None:
        jobs = min(len(self._found), os.cpu_count() or 1, _MAX_JOBS)
        try:
            with (
                # Whoever grades on the spot will say so.
                suppress(OSError, ExecutorError, UnconfinedError),
                closing(grade_many(self._settings, self._noted(), jobs=jobs)) as graded,
            ):
                for path, one in graded:
                    self._found[path].set_result(one.card)
        finally:
            for found in self._found.values():
                found.cancel()

    def _noted(self) -> Iterator[Path]:
        """Note each file's content before it is graded: if it changes meanwhile, it is old."""
        for path in self._found:
            try:
                self._contents[path] = digest(path)
            except UnreadableError:
                self._found[path].cancel()
                continue
            yield path
