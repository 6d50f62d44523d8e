"""A folder of HTML reports: a page for each submission, and an index."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from autograder.language import ENGLISH
from autograder.markup import as_index, as_page
from autograder.records import Scorecard, Summary

_READABLE_CHARACTERS = 120
_HEAD_BYTES = 64


class Pages:
    """Writes the pages of a folder.

    Args:
        folder: Where to write them; made if it is not there.
        language: In which language.
        kata: Name of the kata.

    Raises:
        OSError: The folder, or a page, cannot be written.
    """

    def __init__(self, folder: Path, *, language: str = ENGLISH, kata: str = "") -> None:
        """Make the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._language, self._kata = folder, language, kata

    def has(self, submission: str) -> bool:
        """Tell whether a submission has its page already, in this language."""
        path = self._folder / _name(submission)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return f'lang="{self._language}"'.encode() in file.read(_HEAD_BYTES)

    def write(self, card: Scorecard) -> None:
        """Write the page of a submission."""
        self._write(_name(card.submission), as_page(card, language=self._language))

    def write_index(self, summaries: Iterable[Summary]) -> None:
        """Write the index."""
        linked = [(summary, _name(summary.submission)) for summary in summaries]
        index = as_index(linked, title="Submissions", language=self._language, kata=self._kata)
        self._write("index.html", index)

    def _write(self, name: str, page: str) -> None:
        path = self._folder / name
        path.write_text(page, encoding="utf-8", errors="backslashreplace")


def _name(submission: str) -> str:
    """Make a file name that tells the path and is its own, however long or odd that is."""
    digest = hashlib.sha256(submission.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    readable = re.sub(r"[^\w.-]+", "_", submission, flags=re.ASCII).strip("._")
    return f"{readable[-_READABLE_CHARACTERS:] or 'submission'}-{digest}.html"
