"""What nbgrader does by a course's rules: look at them first, and give cells their points."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.grades import unusable
from autograder.course.rules import Rules, RulesError
from autograder.nbgrader_plugin import Grade
from autograder.settings import SeedError


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


class RulesFirst(NotebookExporter):  # type: ignore[misc]
    """nbgrader's exporter, which a converter makes before it clears anything away.

    What would fail at each notebook, whose files nbgrader then takes away, stops it here, in a
    sentence.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Read the rules, and before autograding hold the release against them."""
        super().__init__(*arguments, **named)
        if not isinstance(self.parent, Autograde | GenerateAssignment):
            return
        course, grade = self.parent.coursedir, Grade(config=self.config)
        try:
            rules = grade.rules(course.assignment_id)
            if isinstance(self.parent, Autograde):
                grade.settings(course.assignment_id)
                _check_release(course, rules)
        except (RulesError, SeedError) as error:
            self.log.error(str(error))  # noqa: TRY400 - the line says all there is to say
            raise NbGraderException(str(error)) from error


def _check_release(course: CourseDirectory, rules: Rules) -> None:
    """Refuse to grade by points that the released cells do not have yet.

    Raises:
        RulesError: What they have, and how to release them anew.
    """
    points, name = dict(rules.terms.points), course.assignment_id
    try:
        with Gradebook(course.db_url, course.course_id) as gradebook:
            notebooks = gradebook.find_assignment(name).notebooks
            had = {cell.name: cell.max_score for one in notebooks for cell in one.grade_cells}
    except MissingEntry:
        return  # nbgrader says so
    except SQLAlchemyError as error:
        raise RulesError(unusable(course.db_url, error, name)) from error
    other = [
        f"{check} {points[check]:g} points, the release {had[check]:g}"
        for check in points.keys() & had.keys()
        if points[check] != had[check]
    ]
    if other:
        raise RulesError(
            f"{rules.file} gives {', and '.join(sorted(other))}; run `nbgrader generate_assignment"
            f" {name} --force` first"
        )
