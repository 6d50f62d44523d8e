"""A class into nbgrader's gradebook: graded in worker processes, recorded by nbgrader itself.

Workers grade; this process lets nbgrader's own `Autograde` record each submission as soon as it
is graded, so that files and rows are those of `nbgrader autograde`. It knows no check and no case.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from glob import glob
from pathlib import Path
from typing import Self

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.converters.base import NbGraderException
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets import TraitError

from autograder import database
from autograder.converter import NO_TIME, Converter, CourseError, configured, said
from autograder.course.grades import unusable
from autograder.course.rules import RulesError
from autograder.language import language_in_force
from autograder.marks import Mark, Standing, graded_again
from autograder.nursery import Nursery
from autograder.pool import grade_many
from autograder.records import Scorecard
from autograder.settings import SeedError


@dataclass(frozen=True)
class HandedIn:
    """What a learner has handed in.

    Attributes:
        learner: Who.
        folder: Where it lies.
        files: All notebooks in it.
        notebooks: Those that the assignment knows.
        anew: Whether nbgrader would keep autograded files that do not hold: those that the
            gradebook knows nothing of, as whoever made them was killed, or could not write to it,
            and those of another content, where times do not tell which is newer.
    """

    learner: str
    folder: str
    files: tuple[str, ...]
    notebooks: tuple[Path, ...]
    anew: bool = False


@dataclass(frozen=True)
class Found:
    """What was found in each of a learner's notebooks."""

    handed_in: HandedIn
    cards: tuple[Scorecard, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """What became of a learner's submission; `fault` says why it is not in the gradebook."""

    learner: str
    cards: tuple[Scorecard, ...] = ()
    fault: str = ""


class Course:
    """The course in the current folder, open to record one assignment.

    Args:
        assignment: Its name.
        learners: A pattern that their ids match.
        force: Whether to record also what is recorded already, and no older.
        language: Of the feedback; as the configuration says if empty.

    Raises:
        CourseError: There is no such course or assignment, or nothing was handed in.
    """

    def __init__(
        self, assignment: str, *, learners: str = "*", force: bool = False, language: str = ""
    ) -> None:
        """Open it; only as a `with` block, which ends all that nbgrader holds open."""
        self._open = ExitStack()
        try:
            self._begin(assignment, learners, force=force)
            self._grade.language = language_in_force(
                language or self._grade.language, course=self.settings.terms.language
            )
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> Self:
        """Close it at the end of a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._open.close()

    def _begin(self, assignment: str, learners: str, *, force: bool) -> None:
        app = configured()
        self._open.callback(AutogradeApp.clear_instance)
        self._directory = app.coursedir
        try:
            app.coursedir.assignment_id, app.coursedir.student_id = assignment, learners
        except TraitError as error:
            raise CourseError(str(error)) from error
        self._open.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, for each new learner
        self._open.enter_context(contextlib.chdir(app.coursedir.root))
        self._sharing = self._open.enter_context(database.shared())
        self._known = self._released()
        Gradebook(app.coursedir.db_url).close()  # as preprocessors open it, before any transaction
        self._converter = Converter(coursedir=app.coursedir, parent=app, force=force)
        self._converter.commit = self._sharing.commit
        self._force = force
        try:
            self._grade = self._converter.prepare()
            self.settings, self.secret = self._grade.settings(assignment)
        except (NbGraderException, RulesError, SeedError) as error:
            raise CourseError(str(error)) from error
        except (TraitError, ImportError) as error:
            raise CourseError(f"nbgrader_config.py: {error}") from error
        self.waiting: list[HandedIn] = []
        self.kept = 0
        self.lost: list[Recorded] = []
        self._look(learners)

    def graded(self, jobs: int, nursery: Nursery) -> Generator[Found, None, None]:
        """Grade what waits, in the order in which it is finished.

        Raises:
            UnconfinedError: Learners' code cannot be confined, and that was not allowed.
        """
        owner = {path: one for one in self.waiting for path in one.notebooks}
        cards: dict[Path, Scorecard] = {}
        for one in self.waiting:
            if not one.notebooks:
                yield Found(one)
        if not owner:
            return
        jobs = min(jobs, len(owner))
        with closing(grade_many(self.settings, owner, jobs=jobs, nursery=nursery)) as graded:
            for path, result in graded:
                cards[path] = result.card
                one = owner[path]
                if all(notebook in cards for notebook in one.notebooks):
                    yield Found(one, tuple(cards.pop(path) for path in one.notebooks))

    def record(self, found: Found) -> Recorded:
        """Let nbgrader record a submission, with what was found in it."""
        one, cards = found.handed_in, found.cards
        self._grade.cards = dict(
            zip(((one.learner, path.stem) for path in one.notebooks), cards, strict=True)
        )
        self._converter.assignments = {one.folder: list(one.files)}
        self._converter.ungraded = {
            path.stem: card.message
            for path, card in zip(one.notebooks, cards, strict=True)
            if card.points is None
        }
        self._converter.fault = None
        self._converter.force = self._force or one.anew
        fault = ""
        try:
            with self._sharing.one_transaction():
                self._converter.convert_notebooks()
        except Exception as error:  # noqa: BLE001 - what ails one submission costs no other
            fault = self._why(one, self._converter.fault or error)
        return Recorded(one.learner, cards, fault)

    def before_and_after(self, found: Found) -> tuple[Standing, Standing]:
        """Tell what the gradebook has of a learner, and what it will have if this is recorded."""
        course = self._directory
        try:
            with Gradebook(course.db_url, course.course_id) as gradebook:
                learner = found.handed_in.learner
                submission = gradebook.find_submission(course.assignment_id, learner)
                now = _standing(submission)
                return now, self._foreseen(gradebook, submission, now, found)
        except MissingEntry:
            return Standing(), Standing()

    def _foreseen(
        self, gradebook: Gradebook, submission: SubmittedAssignment, now: Standing, found: Found
    ) -> Standing:
        """Foresee what recording will leave; nothing is written."""
        one = found.handed_in
        if not one.notebooks:  # nbgrader stops before it looks for those that are missing
            return now
        cards: dict[str, Scorecard] = {}
        for path, card in zip(one.notebooks, found.cards, strict=True):
            if card.points is None:  # nbgrader takes them in this order, and stops there
                break
            cards[path.stem] = card
        try:
            missing = {
                name for name in now.penalties if not Path(one.folder, f"{name}.ipynb").exists()
            }
            marks = graded_again(now.marks, cards, missing)
            scores = {
                name: sum(mark.points for mark in marks if mark.notebook == name) for name in cards
            }
            handed_in = self._directory.get_existing_timestamp(one.folder) or submission.timestamp
            late = _seconds_late(submission, handed_in)
            penalties = self._converter.late_penalties(gradebook, one.learner, scores, late)
        except Exception:  # noqa: BLE001 - what is no time, or a plugin's fault: recording says so
            return now
        return Standing(marks, {**now.penalties, **penalties})

    def _why(self, one: HandedIn, error: Exception) -> str:
        """Say in a line why a submission could not be recorded."""
        try:
            self._directory.get_existing_timestamp(one.folder)
        except NO_TIME:
            return (
                "its timestamp.txt holds no time; write one into it as plain text in UTF-8,"
                " such as 2030-01-31 23:59:00 UTC, or take it away"
            )
        return said(error)

    def _released(self) -> set[str]:
        """Name the notebooks that the gradebook knows of the assignment."""
        name, url = self._directory.assignment_id, self._directory.db_url
        file = make_url(url).database
        if url.startswith("sqlite") and file and not Path(file).exists():
            raise CourseError(f"there is no gradebook yet; {self._how_to_release()}")
        try:
            with Gradebook(url, self._directory.course_id) as gradebook:
                found = {
                    one.name: {notebook.name for notebook in one.notebooks}
                    for one in gradebook.assignments
                }
        except SQLAlchemyError as error:
            raise CourseError(unusable(url, error, name)) from error
        if known := found.get(name):
            return known
        others = sorted(other for other, notebooks in found.items() if notebooks)
        there = Path(self._directory.format_path(self._directory.source_directory, ".", name))
        do = self._how_to_release()
        if others and not there.is_dir():
            do = f"there are: {', '.join(others)}"
        raise CourseError(f"the gradebook knows no release of {name!r}; {do}")

    def _how_to_release(self) -> str:
        """Name the command; without `--force` nbgrader keeps a release as it is."""
        course, name = self._directory, self._directory.assignment_id
        released = Path(course.format_path(course.release_directory, ".", name)).exists()
        force = " --force" if released else ""
        return f"run `nbgrader generate_assignment {name}{force}` first"

    def _look(self, learners: str) -> None:
        """Find what is to be recorded, how many are kept as they are, and what nobody can read."""
        course = self._directory
        place = course.format_path(course.submitted_directory, learners, course.assignment_id)
        with contextlib.suppress(NbGraderException):  # there is none
            self._converter.init_notebooks()
        recorded = self._recorded()
        for folder in sorted(filter(os.path.isdir, glob(place))):  # noqa: PTH207 - as nbgrader does
            try:
                learner = self._converter.learner(folder)
            except NbGraderException:
                self.lost.append(Recorded(folder, fault="nbgrader can read no id from its path"))
                continue
            files = sorted(self._converter.assignments.get(folder, ()))
            if learner in course.student_id_exclude.split(","):
                continue
            if not files:
                self.lost.append(Recorded(learner, fault="no notebook was handed in"))
                continue
            if why := self._converter.refusal(folder):
                self.lost.append(Recorded(learner, fault=why))
                continue
            notebooks = tuple(path for path in map(Path, files) if path.stem in self._known)
            due = self._is_due(learner, files)
            anew = self._is_left_over(learner, recorded)
            anew = anew or (not due and self._is_another(learner))
            if due or anew:
                self.waiting.append(HandedIn(learner, folder, tuple(files), notebooks, anew))
            else:
                self.kept += 1
        if not (self.waiting or self.kept or self.lost):
            raise CourseError(f"nothing was handed in: there is no {place}")

    def _recorded(self) -> dict[str, datetime | None]:
        """Read who has a submission in the gradebook, and when it was handed in."""
        course = self._directory
        with Gradebook(course.db_url, course.course_id) as gradebook:
            submissions = gradebook.assignment_submissions(course.assignment_id)
            return {one.student_id: one.timestamp for one in submissions}

    def _places(self, learner: str) -> tuple[Path, Path]:
        """Tell where a learner's autograded files lie, and what was handed in."""
        course = self._directory
        autograded, submitted = (
            Path(course.format_path(step, learner, course.assignment_id))
            for step in (course.autograded_directory, course.submitted_directory)
        )
        return autograded, submitted

    def _is_left_over(self, learner: str, recorded: Mapping[str, datetime | None]) -> bool:
        """Tell whether there are autograded files that the gradebook knows nothing of."""
        course = self._directory
        place, _ = self._places(learner)
        if not place.exists():
            return False
        try:
            made = course.get_existing_timestamp(str(place))
        except NO_TIME:
            return False
        return learner not in recorded or (made is not None and made != recorded[learner])

    def _is_due(self, learner: str, files: Sequence[str]) -> bool:
        """Foresee what nbgrader's `init_destination` will say, which clears the place as well."""
        course = self._directory
        old, new = self._places(learner)
        whole = course.notebook_id == "*"
        places = [old] if whole else [old / Path(file).name for file in files]
        if self._converter.force or not all(place.exists() for place in places):
            return True
        try:
            recorded, handed_in = map(course.get_existing_timestamp, (str(old), str(new)))
        except NO_TIME:  # recording will say so
            return True
        return recorded is not None and handed_in is not None and handed_in > recorded

    def _is_another(self, learner: str) -> bool:
        """Tell whether nbgrader would keep what is of another content."""
        old, new = self._places(learner)
        return self._converter.holds_another(new, old, self._known)


def _standing(submission: SubmittedAssignment) -> Standing:
    """Read what a submission has in the gradebook."""
    marks = []
    for notebook in submission.notebooks:
        by_hand = {cell.name for cell in notebook.notebook.solution_cells}
        marks += [
            Mark(
                notebook.name,
                grade.name,
                grade.max_score,
                by_check=grade.cell.cell_type == "code" and grade.name not in by_hand,
                auto=grade.auto_score,
                manual=grade.manual_score,
                extra=grade.extra_credit or 0.0,
            )
            for grade in notebook.grades
        ]
    late = {one.name: one.late_submission_penalty or 0.0 for one in submission.notebooks}
    return Standing(tuple(marks), late)


def _seconds_late(submission: SubmittedAssignment, handed_in: datetime | None) -> float:
    """Tell what nbgrader's `total_seconds_late` will be, once this is the submission's time."""
    if handed_in is None or submission.duedate is None:
        return 0.0
    return max(0.0, float((handed_in - submission.duedate).total_seconds()))
