"""A folder of HTML reports: a page for each submission, and an index."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from autograder.markup import as_index, as_page
from autograder.records import Scorecard, Summary

_READABLE_CHARACTERS = 120


class Pages:
    """Writes the pages of a folder.

    Raises:
        OSError: The folder, or a page, cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def has(self, submission: str) -> bool:
        """Tell whether a submission has its page already."""
        return (self._folder / _name(submission)).exists()

    def write(self, card: Scorecard) -> None:
        """Write the page of a submission."""
        self._write(_name(card.submission), as_page(card))

    def write_index(self, summaries: Iterable[Summary]) -> None:
        """Write the index."""
        linked = [(summary, _name(summary.submission)) for summary in summaries]
        self._write("index.html", as_index(linked, title="Submissions"))

    def _write(self, name: str, page: str) -> None:
        path = self._folder / name
        path.write_text(page, encoding="utf-8", errors="backslashreplace")


def _name(submission: str) -> str:
    """Make a file name that tells the path and is its own, however long or odd that is."""
    digest = hashlib.sha256(submission.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    readable = re.sub(r"[^\w.-]+", "_", submission, flags=re.ASCII).strip("._")
    return f"{readable[-_READABLE_CHARACTERS:] or 'submission'}-{digest}.html"
