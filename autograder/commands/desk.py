"""The desk of `grade`: keeps what is graded, and knows what needs no grading again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.archive import Run
from autograder.commands.pages import Pages
from autograder.notebook import UnreadableError, contents, sha256
from autograder.recognition import kata_in
from autograder.records import Graded, Grading, Summary
from autograder.report import summary_of
from autograder.results import Results, key_of, mark_of
from autograder.settings import Settings
from autograder.variants import learner_in


class Desk:
    """Has the file of results and the folder of pages, if they are wanted.

    Args:
        settings: How is graded.
        results: Where to keep what is graded.
        pages: Where to write a page for each submission.
    """

    def __init__(self, settings: Settings, results: Results | None, pages: Pages | None) -> None:
        """Begin with what the results hold."""
        self._settings = settings
        self._results = results
        self._pages = pages
        self._contents: dict[Path, tuple[str, str]] = {}

    def kept(self, paths: Sequence[Path]) -> dict[Path, Summary]:
        """Find what was graded before, by the same grader with the same settings, unchanged."""
        kept: dict[Path, Summary] = {}
        if self._results is None:
            return kept
        for path in paths:
            known = self._results.kept.get(str(path))
            if known is None or known.summary.status is Grading.ERROR:
                continue
            if self._pages is not None and not self._pages.has(str(path), known.mark):
                continue
            if known.key == self._key(path, *self._content(path)):
                kept[path] = known.summary
        return kept

    def handed_in(self, paths: Iterable[Path]) -> Iterator[Path]:
        """Note each file's content before it is graded: if it changes meanwhile, it is old."""
        for path in paths:
            if self._results is not None:
                self._contents[path] = self._content(path)
            yield path

    def record(self, path: Path, graded: Graded) -> Summary:
        """Write down what was graded."""
        card, run, mark = graded.card, None, ""
        if self._results is not None:
            (content, kata), settings = self._contents[path], self._settings
            if graded.submission is not None and graded.evidence is not None:
                run = Run(content, settings.timeout, graded.submission, graded.evidence)
            key = self._key(path, content, kata)
            self._results.add(card, key, run)
            mark = mark_of(card, key)
        if self._pages is not None:
            self._pages.write(card, mark)
        return summary_of(card)

    def _key(self, path: Path, content: str, kata: str) -> str:
        learner = learner_in(path, self._settings.terms.per_learner)
        return key_of(replace(self._settings, kata=kata), content, learner)

    def _content(self, path: Path) -> tuple[str, str]:
        """Tell a file's content and its kata; one that cannot be read is tried again each time."""
        try:
            data = contents(path)
            content = sha256(data)
        except UnreadableError:
            data, content = b"", ""
        return content, self._settings.kata or kata_in(data, path)
