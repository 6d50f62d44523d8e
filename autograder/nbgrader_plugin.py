"""nbgrader's preprocessors: `Grade` in the place of `Execute`, and what it needs around it.

No kernel starts and no learner's line runs in nbgrader's process. What is graded is the file as
it was handed in, so that `python -m autograder grade` on it gives the same points. Each graded
code cell gets exactly one result: its points as text and the finding as HTML. Whatever outputs a
submission brings along are dropped, so that nothing a learner prints can become a score.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar

from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbformat.corpus.words import generate_corpus_id
from nbformat.v4 import new_output
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor, OverwriteCells
from traitlets import Bool, Float, Unicode

from autograder.grading import Grader
from autograder.records import Scorecard, Verdict
from autograder.report import as_html, check_text
from autograder.settings import DEFAULT_TIMEOUT, Settings, seed_in_force

_FORMAT_WITH_IDS = (4, 5)


class Mend(OverwriteCells):  # type: ignore[misc]
    """nbgrader's `OverwriteCells`, which would stop at what editors and learners do to cells.

    What a cell is worth, and whether it is graded, is as the assignment says, whatever the file
    says. Copies of a graded cell and cells that the assignment does not know count for nothing. A
    deleted graded cell comes back at the end.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Restore what the assignment says about a cell."""
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        graded = {known.name: known.max_score for known in source.grade_cells}
        solutions = {known.name for known in source.solution_cells}
        tasks = {known.name for known in source.task_cells}
        marks = cell.metadata.get("nbgrader")
        name = marks.get("grade_id") if isinstance(marks, dict) else None
        if name not in [known.name for known in source.source_cells]:
            cell.metadata.pop("nbgrader", None)
            return cell, resources
        marks.update(grade=name in graded, solution=name in solutions, task=name in tasks)
        if name in graded:
            marks["points"] = graded[name]
        return super().preprocess_cell(cell, resources, cell_index)  # type: ignore[no-any-return]

    def add_missing_grade_cells(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Append the graded cells that were deleted."""
        held = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        cells = {cell.name: cell for cell in source.source_cells}
        solutions = {cell.name for cell in source.solution_cells}
        for missing in (cell for cell in source.grade_cells if cell.name not in held):
            restored = self.missing_cell_transform(
                cells[missing.name], missing.max_score, is_solution=missing.name in solutions
            )
            if (nb.nbformat, nb.nbformat_minor) >= _FORMAT_WITH_IDS:
                restored["id"] = generate_corpus_id()
            nb.cells.append(restored)
        return nb, resources


class Grade(NbGraderPreprocessor):  # type: ignore[misc]
    """Grades a notebook with the kata's checks."""

    kata = Unicode(help="name of the kata").tag(config=True)
    seed = Unicode("", help="secret of the hidden cases; AUTOGRADER_SEED if empty").tag(config=True)
    timeout = Float(DEFAULT_TIMEOUT, help="seconds for each submission").tag(config=True)

    allow_unconfined = Bool(help="grade even where the kernel cannot confine code").tag(config=True)

    _graders: ClassVar[dict[Settings, Grader]] = {}

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the outputs of graded code cells by points and feedback."""
        card = self._grader().grade_path(self._handed_in(resources["nbgrader"])).card
        verdicts = {verdict.check: verdict for verdict in card.verdicts}
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            cell.outputs = []
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade"):
                verdict = verdicts.get(marks.get("grade_id", ""))
                cell.outputs = [_result(card, verdict, float(marks.get("points", 0)))]
        return nb, resources

    def _handed_in(self, names: dict[str, str]) -> Path:
        """Find the file as the learner handed it in."""
        course = CourseDirectory(config=self.config)
        folder = course.format_path(
            course.submitted_directory, names["student"], names["assignment"]
        )
        return Path(folder) / f"{names['notebook']}.ipynb"

    def _grader(self) -> Grader:
        seed, secret = seed_in_force(self.seed or None)
        if not secret:
            self.log.warning("hidden cases come from the public seed; set AUTOGRADER_SEED")
        settings = Settings(self.kata, seed, self.timeout, self.allow_unconfined)
        if settings not in self._graders:
            self._graders[settings] = Grader(settings)
        return self._graders[settings]


class EscapeText(SanitizeHTML):  # type: ignore[misc]
    """Escapes scripts and the like in text cells, wherever nbgrader shows a submission.

    Outputs are left alone: after autograding they are ours.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Escape the HTML of a text cell, but for harmless tags."""
        if cell.cell_type == "code":
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)  # type: ignore[no-any-return]


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
