"""What nbgrader's gradebook says of learners and assignments; knows no format it is written in.

A grade is what nbgrader shows: points with those given by hand, less the late penalty, never
below 0. Who handed in nothing, or was not graded yet, has no grade; that is not a 0.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Gradebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.orm import selectinload, undefer


@dataclass(frozen=True)
class Student:
    """A learner; the names and the email are empty where the gradebook has none."""

    id: str
    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True)
class Assignment:
    """An assignment; `duedate` is in UTC, ISO 8601, `notebooks` are the names of its own."""

    name: str
    max_score: float
    duedate: str | None
    notebooks: frozenset[str]


@dataclass(frozen=True)
class Grade:
    """What a learner has for an assignment.

    Attributes:
        handed_in: Whether the gradebook has a submission.
        timestamp: When it was handed in, in UTC, ISO 8601.
        raw_score: Points before the late penalty; None without a grade.
        late_penalty: Points taken off.
        score: Points; None without a grade.
        needs_manual_grade: Whether an answer waits to be graded by hand.
        outdated: Whether it is of an earlier hand-in, and the last one was not graded.
        comments: What graders wrote by hand, in one text.
    """

    handed_in: bool = False
    timestamp: str | None = None
    raw_score: float | None = None
    late_penalty: float = 0.0
    score: float | None = None
    needs_manual_grade: bool = False
    outdated: bool = False
    comments: str = ""


@dataclass(frozen=True)
class Grades:
    """A table: the rows, the columns, and by the two ids the grade where they meet."""

    course: str
    students: Sequence[Student]
    assignments: Sequence[Assignment]
    of: Mapping[tuple[str, str], Grade]


class UnknownError(ValueError):
    """Something was asked for that the gradebook does not have; the message says what."""


def unusable(url: str, error: SQLAlchemyError, assignment: str = "ASSIGNMENT") -> str:
    """Say in a sentence what ails a gradebook, and what helps where its file is no database."""
    why = next(iter(str(getattr(error, "orig", None) or error).splitlines()), "")
    said = f"the gradebook {make_url(url).database or ''} cannot be used: {why}"
    if type(error) is not DatabaseError:  # one that is locked, say, is whole
        return said
    return (
        f"{said}; restore a backup, or move it away, which loses points given by hand, and run"
        f" `nbgrader generate_assignment {assignment} --force`"
    )


def read_grades(
    gradebook: Gradebook,
    students: list[str],
    assignments: list[str],
    others: Iterable[str] = (),
) -> Grades:
    """Read the grades.

    Args:
        gradebook: An open gradebook.
        students: Ids of those asked for; all if empty.
        assignments: Names of those asked for; all if empty.
        others: Ids of learners whom the gradebook may not know, as they handed in nothing.

    Raises:
        UnknownError: One of them is not in the gradebook, or there are none at all.
    """
    rows = {one.id: one for one in gradebook.students}
    columns = {one.name: one for one in gradebook.assignments}
    chosen = list(dict.fromkeys((*rows, *others)))
    _check("student", chosen, students)
    _check("assignment", columns, assignments)
    kept = {key: one for key, one in columns.items() if not assignments or key in assignments}
    found = {
        (submission.student_id, name): _grade(submission)
        for name, assignment in kept.items()
        for submission in _submissions(gradebook, assignment)
    }
    chosen = [key for key in chosen if not students or key in students]
    return Grades(
        str(gradebook.course_id or ""),
        [
            Student(key, *(_line(getattr(rows.get(key), name, "")) for name in _OF_A_STUDENT))
            for key in chosen
        ],
        [
            Assignment(
                key,
                one.max_score,
                _time(one.duedate),
                frozenset(book.name for book in one.notebooks),
            )
            for key, one in kept.items()
        ],
        {(key, name): found.get((key, name), Grade()) for name in kept for key in chosen},
    )


_OF_A_STUDENT = ("first_name", "last_name", "email")


def _check(kind: str, known: Collection[str], asked: list[str]) -> None:
    if not known:
        raise UnknownError(f"the gradebook has no {kind}s yet")
    unknown = [one for one in asked if one not in known]
    if unknown:
        raise UnknownError(f"the gradebook knows no {kind} {', '.join(map(repr, unknown))}")


def _submissions(gradebook: Gradebook, assignment: AssignmentRow) -> Iterator[SubmittedAssignment]:
    """Read an assignment's submissions at once; nbgrader would ask seven times for each."""
    notebooks = selectinload(SubmittedAssignment.notebooks)
    totals = ("score", "late_submission_penalty", "needs_manual_grade")
    yield from (
        gradebook.db.query(SubmittedAssignment)
        .filter(SubmittedAssignment.assignment_id == assignment.id)
        .options(
            *(undefer(getattr(SubmittedAssignment, total)) for total in totals),
            notebooks.selectinload(SubmittedNotebook.grades),
            notebooks.selectinload(SubmittedNotebook.comments),
        )
    )


def _grade(submission: SubmittedAssignment) -> Grade:
    cells = [grade for notebook in submission.notebooks for grade in notebook.grades]
    comments = [
        one.manual_comment for notebook in submission.notebooks for one in notebook.comments
    ]
    seen = not cells or any(
        points is not None for cell in cells for points in (cell.auto_score, cell.manual_score)
    )
    graded = seen and math.isfinite(submission.score)
    penalty = submission.late_submission_penalty or 0.0
    return Grade(
        handed_in=True,
        timestamp=_time(submission.timestamp),
        raw_score=submission.score if graded else None,
        late_penalty=penalty,
        score=max(0.0, submission.score - penalty) if graded else None,
        needs_manual_grade=bool(submission.needs_manual_grade),
        comments=" ".join(_line(comment) for comment in comments if comment),
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat()}Z"


def _line(text: str | None) -> str:
    """Write a text in one line."""
    return " ".join((text or "").split())
