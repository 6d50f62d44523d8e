"""nbgrader's preprocessor in the place of `Execute`: no kernel, no learner's line in its process.

Each graded code cell gets exactly one result: its points as text and the finding as HTML.
Whatever outputs a submission brings along are dropped from graded cells, so that nothing a
learner prints can become a score.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float, Unicode

from autograder.grading import DEFAULT_TIMEOUT, Grader, seed_in_force
from autograder.notebook import UnreadableError, from_document
from autograder.records import Scorecard, Verdict
from autograder.report import as_html, check_text


class Grade(NbGraderPreprocessor):  # type: ignore[misc]
    """Grades a notebook with the kata's checks."""

    kata = Unicode("lottery_ticket", help="name of the kata").tag(config=True)
    seed = Unicode("", help="secret of the hidden cases; AUTOGRADER_SEED if empty").tag(config=True)
    timeout = Float(DEFAULT_TIMEOUT, help="seconds for each submission").tag(config=True)

    _graders: ClassVar[dict[tuple[str, str, float], Grader]] = {}

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the outputs of graded code cells by points and feedback."""
        metadata = resources.get("metadata", {})
        name = str(Path(str(metadata.get("path", ""))) / str(metadata.get("name", "notebook")))
        card = self._card(nb, name)
        verdicts = {verdict.check: verdict for verdict in card.verdicts}
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade"):
                verdict = verdicts.get(marks.get("grade_id", ""))
                cell.outputs = [_result(card, verdict, float(marks.get("points", 0)))]
        return nb, resources

    def _card(self, nb: NotebookNode, name: str) -> Scorecard:
        seed, secret = seed_in_force(self.seed or None)
        if not secret:
            self.log.warning("hidden cases come from the public seed; set AUTOGRADER_SEED")
        key = (self.kata, seed, self.timeout)
        if key not in self._graders:
            self._graders[key] = Grader(self.kata, seed=seed, timeout=self.timeout)
        grader = self._graders[key]
        try:
            submission = from_document(nb, entry_point=grader.kata.entry_point, name=name)
        except UnreadableError as error:
            return grader.unreadable(name, str(error))
        return grader.grade(submission)


def _result(card: Scorecard, verdict: Verdict | None, max_points: float) -> NotebookNode:
    """Make the one output that nbgrader reads as a score.

    Raises:
        RuntimeError: The grader itself failed; nbgrader then keeps the submission ungraded.
    """
    if card.points is None:
        raise RuntimeError(f"{card.submission} could not be graded: {card.message}")
    share = verdict.points / verdict.max_points if verdict is not None else 0.0
    points = max(0.0, min(max_points, share * max_points))
    if not math.isfinite(points):
        raise RuntimeError(f"{card.submission}: points must be finite (got {points!r})")
    text = check_text(verdict) if verdict is not None else "no check has this cell's name"
    html = as_html(card, only=verdict.check) if verdict is not None else f"<p>{text}</p>"
    return new_output(
        "execute_result", {"text/plain": repr(float(points)), "text/html": html}, execution_count=1
    )
