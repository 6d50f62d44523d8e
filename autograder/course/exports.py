"""Grades out of nbgrader's gradebook, as Canvas, Moodle and programs read them.

For `nbgrader export --exporter=autograder.course.exports.CanvasExport` and the like.

Sources: Canvas' `lib/gradebook_importer.rb` and `lib/gradebook_exporter.rb`; Moodle's
`grade/import/csv/classes/load_data.php`, `lib/csvlib.class.php` and its page *Grade import*.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from traitlets import Bool, Dict, Enum, Unicode

from autograder.course.exporting import GradesExport, TableExport, named
from autograder.course.grades import Grade, Grades, Student

_CANVAS_COLUMNS = ("ID", "SIS User ID", "SIS Login ID")


class CanvasExport(TableExport):
    """A CSV file for *Import* in Canvas' gradebook.

    Canvas looks for a learner by ID, then by SIS User ID, SIS Login ID and name, and asks about
    whom it does not find. It knows an assignment by the number in `Title (number)`; without one,
    by exactly its title, and else offers to create a new assignment. The file is UTF-8 without a
    byte order mark.
    """

    default_name = "canvas.csv"

    id_column = Enum(
        _CANVAS_COLUMNS,
        default_value=None,
        allow_none=True,
        help="the column of Canvas that nbgrader's student ids are; SIS Login ID, if it is not set",
    ).tag(config=True)
    assignment_ids = Dict(
        help="the number of each assignment in Canvas (the last in its page's address), by name"
    ).tag(config=True)
    section = Unicode("", help="what stands in the column Section").tag(config=True)

    def written(self, grades: Grades) -> str:
        """Write the table with Canvas' two header rows."""
        titles = [self._title(assignment.name) for assignment in grades.assignments]
        most = [self.number(assignment.max_score) for assignment in grades.assignments]
        ids = {student.id: student.id for student in grades.students}
        self.check_ids(self._column, ids)
        strays = [one for one in ids if not (one.isascii() and one.isdigit())]
        if self._column == "ID" and strays:
            self.refuse(f"Canvas' ID is a number, and these student ids are none: {named(strays)}")
        if self.id_column is None and not strays:
            self.log.warning(
                "all student ids are numbers, and stand in the column %s; set"
                " c.CanvasExport.id_column to 'ID' if they are Canvas' own, as `nbgrader"
                " zip_collect` takes them from its files, or else to the column that is theirs",
                self._column,
            )
        header = ["Student", *_CANVAS_COLUMNS, "Section", *titles]
        possible = ["    Points Possible", "", "", "", "", *most]
        return self.table(header, [possible, *self._rows(grades)])

    @property
    def _column(self) -> str:
        return self.id_column or "SIS Login ID"

    def _rows(self, grades: Grades) -> Iterator[list[str]]:
        for student in grades.students:
            known = [student.id if column == self._column else "" for column in _CANVAS_COLUMNS]
            found = [self.score(grades.of[student.id, one.name]) for one in grades.assignments]
            yield [_sortable(student), *known, self.section, *map(self.number, found)]

    def _title(self, assignment: str) -> str:
        if assignment not in self.assignment_ids:
            self.log.warning(
                "%s has no number in c.CanvasExport.assignment_ids; unless Canvas has an assignment"
                " of exactly this title, it will create a new one",
                assignment,
            )
            return assignment
        number = str(self.assignment_ids[assignment])
        if not (number.isascii() and number.isdigit()):
            self.refuse(
                f"c.CanvasExport.assignment_ids must give {assignment} a number (got {number!r})"
            )
        return f"{assignment} ({number})"


class MoodleExport(TableExport):
    """A CSV file for *Import* in Moodle's gradebook.

    Moodle stops at the first row whose learner it does not know, and gives a row without an id to
    the learner of the row before; such rows are left out. `-` is its word for no grade.
    """

    default_name = "moodle.csv"

    id_column = Enum(
        ("Email address", "ID number", "Username"),
        default_value="Email address",
        help="how Moodle knows learners: by the gradebook's email (or a student id that is one), or"
        " by nbgrader's student id",
    ).tag(config=True)
    feedback = Bool(help="a second column with the grader's comments").tag(config=True)
    separator = Enum((",", ";", ":", "\t"), default_value=",", help="between columns").tag(
        config=True
    )
    decimal = Enum(
        (".", ","), default_value=".", help="decimal point of the language Moodle is used in"
    ).tag(config=True)

    def written(self, grades: Grades) -> str:
        """Write the table with Moodle's names for the columns."""
        ids = {student.id: self._id(student) for student in grades.students}
        lost = [student for student, text in ids.items() if text in ("", "0")]
        if lost:
            self.log.warning("left out, as they have no %s: %s", self.id_column, named(lost))
        known = [student for student in grades.students if student.id not in lost]
        if lost and not known:
            self.refuse(
                f"no learner has an {self.id_column}, by which Moodle could know them:"
                " c.Collector.ids can bring it, c.MoodleExport.id_column can name another"
            )
        self.check_ids(self.id_column, {student.id: ids[student.id] for student in known})
        header = ["First name", "Last name", self.id_column]
        for assignment in grades.assignments:
            header += [f"Assignment: {assignment.name}"]
            header += [f"Feedback: {assignment.name}"] if self.feedback else []
        return self.table(header, self._rows(grades, known, ids), self.separator)

    def number(self, score: float | None) -> str:
        """Write a grade with Moodle's decimal point."""
        return super().number(score).replace(".", self.decimal)

    def no_grade(self) -> str:
        """Write that there is no grade, as Moodle does."""
        return "-"

    def _rows(
        self, grades: Grades, students: Sequence[Student], ids: Mapping[str, str]
    ) -> Iterator[list[str]]:
        for student in students:
            row = [student.first_name, student.last_name, ids[student.id]]
            for assignment in grades.assignments:
                grade = grades.of[student.id, assignment.name]
                row += [self.number(self.score(grade))]
                row += [grade.comments] if self.feedback else []
            yield row

    def _id(self, student: Student) -> str:
        if self.id_column != "Email address":
            return student.id
        return student.email or (student.id if "@" in student.id else "")


class JSONExport(GradesExport):
    """One JSON object: format, course, assignments, and a grade for each learner and assignment."""

    default_name = "grades.json"

    def written(self, grades: Grades) -> str:
        """Write the object; numbers are rounded, and null where there is no grade."""
        return json.dumps(
            {
                "format": 1,
                "course": grades.course,
                "assignments": [
                    {"name": one.name, "max_score": one.max_score, "duedate": one.duedate}
                    for one in grades.assignments
                ],
                "grades": [
                    self._object(student, assignment.name, grades.of[student.id, assignment.name])
                    for assignment in grades.assignments
                    for student in grades.students
                ],
            },
            ensure_ascii=False,
            indent=1,
        )

    def _object(self, student: Student, assignment: str, grade: Grade) -> dict[str, Any]:
        score = self.score(grade)
        return {
            "assignment": assignment,
            "student": student.id,
            "first_name": student.first_name,
            "last_name": student.last_name,
            "email": student.email,
            "timestamp": grade.timestamp,
            "raw_score": None if grade.raw_score is None else float(self.rounded(grade.raw_score)),
            "late_penalty": float(self.rounded(grade.late_penalty)),
            "score": None if score is None else float(self.rounded(score)),
            "needs_manual_grade": grade.needs_manual_grade,
            "outdated": grade.outdated,
        }


def _sortable(student: Student) -> str:
    """Name a learner as Canvas sorts them, or by the id; never as Canvas names its second row."""
    name = ", ".join(part for part in (student.last_name, student.first_name) if part)
    return student.id if not name or "Points Possible" in name else name
