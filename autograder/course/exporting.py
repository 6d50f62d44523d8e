"""What every export of grades does, whatever its format: see `exports`.

It takes the grades from the gradebook, tells what is unfinished, and replaces the file in one step.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import ClassVar, NoReturn

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Integer

from autograder.course.grades import Grade, Grades, UnknownError, read_grades
from autograder.texts import cell

_NAMED = 10  # how many learners a line of the log names


class GradesExport(ExportPlugin):  # type: ignore[misc]
    """Takes the grades from the gradebook and replaces the file in one step."""

    decimals = Integer(2, min=0, max=6, help="digits after the decimal point").tag(config=True)
    missing_as_zero = Bool(help="give 0 to who handed in nothing").tag(config=True)
    refuse_unfinished = Bool(
        help="write nothing while a hand-in is without a grade or an answer waits to be graded by"
        " hand, rather than name them"
    ).tag(config=True)

    default_name: ClassVar[str]

    def export(self, gradebook: Gradebook) -> None:
        """Write the grades to `--to`, those of `--assignment` and `--student` if given."""
        asked = ([str(one) for one in chosen] for chosen in (self.student, self.assignment))
        try:
            grades = read_grades(gradebook, *asked)
        except UnknownError as error:
            self.refuse(str(error))
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
        self.log.error("%s; nothing was written", why)
        raise SystemExit(1)

    def _tell_unfinished(self, grades: Grades) -> None:
        """Name who waits to be graded, and stop there if that was asked for."""
        unfinished = ""
        for name in [assignment.name for assignment in grades.assignments]:
            mine = {one.id: grades.of[one.id, name] for one in grades.students}
            ungraded = [
                one for one, grade in mine.items() if grade.handed_in and grade.score is None
            ]
            waiting = [
                one
                for one, grade in mine.items()
                if grade.needs_manual_grade and grade.score is not None
            ]
            if waiting:
                unfinished = "answers wait to be graded by hand in formgrader"
                self.log.warning("%s: to be graded by hand: %s", name, named(waiting))
            if ungraded:
                unfinished = unfinished or "what was handed in has no grade"
                self.log.warning("%s: handed in and without a grade: %s", name, named(ungraded))
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


def named(students: Sequence[str]) -> str:
    """Name some learners."""
    more = len(students) - _NAMED
    return ", ".join(students[:_NAMED]) + (f" and {more} more" if more > 0 else "")
