"""What every export of grades does, whatever its format: see `exports`.

It takes the grades from the gradebook, tells what is unfinished, and replaces the file in one step.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from glob import glob
from logging import Logger
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from sqlalchemy.exc import SQLAlchemyError
from traitlets import Bool, Integer, TraitError

from autograder.converter import NO_TIME, Converter
from autograder.course.collect import Collector
from autograder.course.grades import (
    Assignment,
    Grade,
    Grades,
    Student,
    UnknownError,
    read_grades,
    unusable,
)
from autograder.course.ids import IdsError
from autograder.texts import cell

_NAMED = 10  # how many learners a line of the log names

_UNFINISHED: tuple[tuple[str, str, Callable[[Grade], bool]], ...] = (
    (
        "to be graded by hand",
        "answers wait to be graded by hand in formgrader",
        lambda grade: grade.needs_manual_grade and grade.score is not None,
    ),
    (
        "handed in and without a grade",
        "what was handed in has no grade",
        lambda grade: grade.handed_in and grade.score is None,
    ),
    (
        "handed in again and not autograded, so that the points are of an earlier hand-in",
        "what was handed in again is not autograded",
        lambda grade: grade.outdated,
    ),
)
"""What the log says of learners, why nothing is written then, and of whose grades it holds."""


class GradesExport(ExportPlugin):  # type: ignore[misc]
    """Takes the grades from the gradebook and replaces the file in one step."""

    decimals = Integer(2, min=0, max=6, help="digits after the decimal point").tag(config=True)
    missing_as_zero = Bool(help="give 0 to who handed in nothing").tag(config=True)
    refuse_unfinished = Bool(
        help="write nothing while a hand-in is without a grade, or its grade of an earlier one, or"
        " an answer waits to be graded by hand, rather than name them"
    ).tag(config=True)

    default_name: ClassVar[str]

    def __init__(self, **named: Any) -> None:
        """Refuse settings that cannot be, and a gradebook that nbgrader could not open."""
        app = named["parent"]
        try:
            super().__init__(**named)
            Gradebook(app.coursedir.db_url, app.coursedir.course_id).close()
        except TraitError as error:
            refuse(app.log, f"nbgrader's configuration: {error}")
        except SQLAlchemyError as error:
            refuse(app.log, unusable(app.coursedir.db_url, error))

    def export(self, gradebook: Gradebook) -> None:
        """Write the grades to `--to`, those of `--assignment` and `--student` if given."""
        students, assignments = (
            [str(one) for one in chosen] for chosen in (self.student, self.assignment)
        )
        try:
            grades = read_grades(gradebook, students, assignments, self._others())
        except UnknownError as error:
            self.refuse(str(error))
        except SQLAlchemyError as error:
            self.refuse(unusable(self.parent.coursedir.db_url, error))
        grades = self._compared(grades)
        self._tell_unfinished(grades)
        self._replace(Path(self.to or self.default_name), self.written(grades))

    def written(self, grades: Grades) -> str:
        """Write the grades in the format of this export."""
        raise NotImplementedError

    def score(self, grade: Grade) -> float | None:
        """Say what to write; what was handed in and not graded is never a 0."""
        return 0.0 if self.missing_as_zero and not grade.handed_in else grade.score

    def number(self, score: float | None) -> str:
        """Write points rounded, without noughts at the end."""
        return self.no_grade() if score is None else f"{self.rounded(score).normalize():f}"

    def rounded(self, score: float) -> Decimal:
        """Round in decimal, half a digit up, as one does by hand."""
        return Decimal(repr(float(score))).quantize(
            Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP
        )

    def no_grade(self) -> str:
        """Write that there is no grade."""
        return ""

    def refuse(self, why: str) -> NoReturn:
        """End the command with a line, before anything is written."""
        refuse(self.log, why)

    def _others(self) -> list[str]:
        """Name whom the course has, whether or not the gradebook knows them."""
        try:
            known = Collector(parent=self.parent).identities() or {}
        except IdsError as error:
            self.log.warning("without those who never handed in: c.Collector.ids: %s", error)
            return []
        return [one.student for one in known.values()]

    def _compared(self, grades: Grades) -> Grades:
        """Hold the grades against what lies in the course's folders."""
        of = {
            (student.id, assignment.name): self._as_handed_in(
                grades.of[student.id, assignment.name], student, assignment
            )
            for assignment in grades.assignments
            for student in grades.students
        }
        return replace(grades, of=of)

    def _as_handed_in(self, grade: Grade, student: Student, assignment: Assignment) -> Grade:
        """Note if a hand-in is not the one that was graded.

        nbgrader keeps the points of an earlier one, or nothing, where one cannot be autograded, and
        clears the autograded files away.
        """
        course = self.parent.coursedir
        submitted, autograded = (
            Path(course.format_path(step, student.id, assignment.name))
            for step in (course.submitted_directory, course.autograded_directory)
        )
        graded = {path.stem for path in autograded.glob("*.ipynb")} & assignment.notebooks
        if not (submitted.is_dir() and any(submitted.iterdir())):
            # The gradebook may have come without its folders; else the hand-in was taken away.
            gone = bool(graded) and self._has_hand_ins(assignment)
            return replace(grade, outdated=gone and grade.score is not None)
        outdated = grade.score is not None and (
            not graded or self._holds_another(submitted, autograded, assignment)
        )
        return replace(grade, handed_in=True, outdated=outdated)

    def _holds_another(self, submitted: Path, autograded: Path, assignment: Assignment) -> bool:
        stamp = submitted / "timestamp.txt"
        if stamp.exists() and not stamp.is_file():
            return True  # out of a pipe nothing may ever come
        try:
            return self._converter.holds_another(submitted, autograded, assignment.notebooks)
        except NO_TIME:
            return True  # it cannot be autograded either

    @cached_property
    def _converter(self) -> Converter:
        return Converter(coursedir=self.parent.coursedir, parent=self.parent)

    def _has_hand_ins(self, assignment: Assignment) -> bool:
        """Tell whether the course's folders hold anybody's hand-in."""
        course = self.parent.coursedir
        place = course.format_path(course.submitted_directory, "*", assignment.name)
        return bool(glob(place))  # noqa: PTH207 - as nbgrader does

    def _tell_unfinished(self, grades: Grades) -> None:
        """Name who waits to be graded, and stop there if that was asked for."""
        unfinished = ""
        for name in [assignment.name for assignment in grades.assignments]:
            mine = {one.id: grades.of[one.id, name] for one in grades.students}
            for line, why, holds in _UNFINISHED:
                if found := [one for one, grade in mine.items() if holds(grade)]:
                    unfinished = unfinished or why
                    self.log.warning("%s: %s: %s", name, line, named(found))
        if unfinished and self.refuse_unfinished:
            self.refuse(unfinished)

    def _replace(self, place: Path, text: str) -> None:
        place = place.resolve()
        fresh = place.with_name(f"{place.name}.part")
        if place.exists() and not place.is_file():
            self.refuse(f"{place} is no file")
        try:
            fresh.write_text(text, encoding="utf-8", newline="")
            fresh.replace(place)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            self.refuse(f"{place} cannot be written: {error.strerror}")
        self.log.info("Grades written to %s", place)


class TableExport(GradesExport):
    """Grades as a table with a row for each learner, known to the LMS by one of its columns."""

    def table(
        self, header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ","
    ) -> str:
        """Write rows as CSV, in which no cell is a formula but our own `-`."""
        file = io.StringIO()
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        for row in (header, *rows):
            writer.writerow([text if text == "-" else cell(text) for text in row])
        return file.getvalue()

    def check_ids(self, column: str, ids: Mapping[str, str]) -> None:
        """Refuse ids that would give one learner's grades to another; tell those changed.

        Args:
            column: The LMS's name for the column.
            ids: What stands in it, by the learner's id in nbgrader.
        """
        twice = [text for text, count in Counter(ids.values()).items() if count > 1]
        if twice:
            self.refuse(f"two students have the same {column}: {', '.join(map(repr, twice))}")
        changed = [student for student, text in ids.items() if cell(text) != text]
        if changed:
            self.log.warning(
                "written with ' in front, as spreadsheets would take it for a formula, so that the"
                " LMS will not know them by %s: %s",
                column,
                named(changed),
            )


def refuse(log: Logger, why: str) -> NoReturn:
    """End the command with a line, before anything is written."""
    log.error("%s; nothing was written", why)
    raise SystemExit(1)


def named(students: Sequence[str]) -> str:
    """Name some learners."""
    more = len(students) - _NAMED
    return ", ".join(students[:_NAMED]) + (f" and {more} more" if more > 0 else "")
