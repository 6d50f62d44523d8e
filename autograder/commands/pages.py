"""A folder of HTML reports: a page for each submission, and an index."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from autograder.language import ENGLISH
from autograder.markup import as_index, as_page
from autograder.records import Scorecard, Summary

_READABLE_CHARACTERS = 120


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

    def has(self, submission: str, mark: str) -> bool:
        """Tell whether a submission has its page already, whole, of this result in this language.

        Args:
            submission: Its path.
            mark: Tells the result from any other.
        """
        path = self._folder / _name(submission)
        if not path.is_file():
            return False
        end = self._end(mark).encode()
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(end)))
            return file.read() == end

    def write(self, card: Scorecard, mark: str = "") -> None:
        """Write the page of a submission; the mark of its result, if there is one, at its end.

        So a page of which only a part was written has none.
        """
        end = self._end(mark) if mark else ""
        self._write(_name(card.submission), as_page(card, language=self._language) + end)

    def write_index(self, summaries: Iterable[Summary], *, without: Collection[str] = ()) -> None:
        """Write the index.

        Args:
            summaries: What it lists.
            without: Submissions that have no page.
        """
        linked = [
            (summary, "" if summary.submission in without else _name(summary.submission))
            for summary in summaries
        ]
        index = as_index(linked, title="Submissions", language=self._language, kata=self._kata)
        self._write("index.html", index)

    def _end(self, mark: str) -> str:
        return f"<!-- {self._language} {mark} -->\n"

    def _write(self, name: str, page: str) -> None:
        path = self._folder / name
        path.write_text(page, encoding="utf-8", errors="backslashreplace")


def _name(submission: str) -> str:
    """Make a file name that tells the path and is its own, however long or odd that is."""
    digest = hashlib.sha256(submission.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    readable = re.sub(r"[^\w.-]+", "_", submission, flags=re.ASCII).strip("._")
    return f"{readable[-_READABLE_CHARACTERS:] or 'submission'}-{digest}.html"
