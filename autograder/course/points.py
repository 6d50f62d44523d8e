"""nbgrader's preprocessor that makes the graded cells worth what the course's rules say."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.nbgrader_plugin import Grade


class SetPoints(NbGraderPreprocessor):  # type: ignore[misc]
    """Writes the points of `autograder.toml` into the cells that are named after its checks.

    It comes before the cells are saved in the gradebook, so that the maximum in formgrader is that
    of the command line. Cells of checks that the file does not name, and assignments of another
    kata than the file's, stay as they are.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Set the points of a notebook's cells."""
        rules = Grade(config=self.config).rules(resources["nbgrader"]["assignment"])
        points = dict(rules.terms.points)
        for cell in nb.cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade") and marks.get("grade_id") in points:
                marks["points"] = points[marks["grade_id"]]
        return nb, resources
