"""nbgrader's preprocessor that mends what editors and learners do to cells."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from nbformat import NotebookNode
from nbformat.corpus.words import generate_corpus_id
from nbgrader.api import Gradebook, GradeCell, SolutionCell, SourceCell, TaskCell
from nbgrader.preprocessors import OverwriteCells
from traitlets import Dict

from autograder import database

_FORMAT_WITH_IDS = (4, 5)


class Mend(OverwriteCells):  # type: ignore[misc]
    """nbgrader's `OverwriteCells`, which would stop at what editors and learners do to cells.

    What a cell is worth, and whether it is graded, is as the assignment says, whatever the file
    says. Copies of a graded cell and cells that the assignment does not know count for nothing. A
    deleted graded cell comes back at the end.
    """

    _released = Dict(help="what was released, by database, assignment and notebook")

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Restore what the assignment says about a notebook."""
        database.share_in_autograde()
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        key = (names["db_url"], self.assignment_id, self.notebook_id)
        if key not in self._released:
            with Gradebook(names["db_url"]) as gradebook:
                self._released[key] = _Released(gradebook, self.notebook_id, self.assignment_id)
        self.gradebook = self._released[key]
        nb, resources = super(OverwriteCells, self).preprocess(nb, resources)
        if self.add_missing_cells:
            nb, resources = self.add_missing_grade_cells(nb, resources)
            nb, resources = self.add_missing_task_cells(nb, resources)
        return nb, resources

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Restore what the assignment says about a cell."""
        marks = cell.metadata.get("nbgrader")
        name = marks.get("grade_id") if isinstance(marks, dict) else None
        known = self.gradebook
        if name not in [source.name for source in known.source_cells]:
            cell.metadata.pop("nbgrader", None)
            return cell, resources
        graded = {grade.name: grade.max_score for grade in known.grade_cells}
        marks.update(
            grade=name in graded,
            solution=name in [solution.name for solution in known.solution_cells],
            task=name in [task.name for task in known.task_cells],
        )
        if name in graded:
            marks["points"] = graded[name]
        return super().preprocess_cell(cell, resources, cell_index)  # type: ignore[no-any-return]

    def add_missing_grade_cells(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Append the graded cells that were deleted."""
        held = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
        known = self.gradebook
        solutions = [solution.name for solution in known.solution_cells]
        for missing in (cell for cell in known.grade_cells if cell.name not in held):
            restored = self.missing_cell_transform(
                known.find_source_cell(missing.name),
                missing.max_score,
                is_solution=missing.name in solutions,
            )
            if (nb.nbformat, nb.nbformat_minor) >= _FORMAT_WITH_IDS:
                restored["id"] = generate_corpus_id()
            nb.cells.append(restored)
        return nb, resources


class _Released:
    """What the gradebook says about the cells of a released notebook, read at once.

    It answers what `OverwriteCells` asks the gradebook: queries for each cell of each learner
    would take more time than all the rest of nbgrader.
    """

    def __init__(self, gradebook: Gradebook, notebook: str, assignment: str) -> None:
        released = gradebook.find_notebook(notebook, assignment)

        def cells(kind: type, *fields: str) -> list[SimpleNamespace]:
            found = gradebook.db.query(kind).filter_by(notebook_id=released.id)
            return [
                SimpleNamespace(**{field: getattr(cell, field) for field in ("name", *fields)})
                for cell in found
            ]

        self.source_cells = cells(SourceCell, "cell_type", "locked", "source", "checksum")
        self.grade_cells = cells(GradeCell, "max_score")
        self.task_cells = cells(TaskCell, "max_score")
        self.solution_cells = cells(SolutionCell)

    def find_notebook(self, *_: str) -> _Released:
        """Stand for the notebook as well."""
        return self

    def find_source_cell(self, name: str, *_: str) -> SimpleNamespace:
        """Find a cell as it was released."""
        return next(cell for cell in self.source_cells if cell.name == name)

    def find_graded_cell(self, name: str, *_: str) -> SimpleNamespace:
        """Find what a cell is worth."""
        graded = (*self.grade_cells, *self.task_cells)
        return next(cell for cell in graded if cell.name == name)
