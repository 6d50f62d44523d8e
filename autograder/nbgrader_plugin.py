"""nbgrader's preprocessors that grade: `Grade` in the place of `Execute`, and `CheckOnce`.

No kernel starts and no learner's line runs in nbgrader's process. What is graded is the file as
it was handed in, so that `python -m autograder grade` on it gives the same points. Each graded
code cell gets exactly one result: its points as text and the finding as HTML. Whatever outputs a
submission brings along are dropped, so that nothing a learner prints can become a score.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, NbGraderPreprocessor
from traitlets import Bool, Dict, Float, Unicode

from autograder import database
from autograder.ahead import Ahead
from autograder.course.rules import Rules, rules_in_force
from autograder.kata import names as katas
from autograder.language import catalogue, language_in_force
from autograder.marks import auto_points
from autograder.markup import as_html
from autograder.records import Scorecard, Verdict
from autograder.settings import DEFAULT_TIMEOUT, Settings, seed_in_force

if TYPE_CHECKING:
    from autograder.grading import Grader


class Grade(NbGraderPreprocessor):  # type: ignore[misc]
    """Grades a notebook with the kata's checks."""

    kata = Unicode(
        "",
        help="name of the kata; if empty, the assignment's, as `course` says, or what a file holds",
    ).tag(config=True)
    course = Unicode(
        "", help="the course's rules; `autograder.toml` in its folder, if it is there, if empty"
    ).tag(config=True)
    seed = Unicode(
        "", help="secret of the hidden cases; AUTOGRADER_SEED if empty, then `autograder.seed`"
    ).tag(config=True)
    timeout = Float(DEFAULT_TIMEOUT, help="seconds for each submission").tag(config=True)

    allow_unconfined = Bool(help="grade even where the kernel cannot confine code").tag(config=True)
    language = Unicode("", help="of the feedback; AUTOGRADER_LANGUAGE, or en, if empty").tag(
        config=True
    )

    cards = Dict(help="what was graded beforehand, by learner and notebook")
    _graders: ClassVar[dict[Settings, Grader]] = {}
    _ahead: ClassVar[dict[Settings, Ahead]] = {}

    def settings(self, assignment: str) -> tuple[Settings, bool]:
        """Tell what the configuration says of the grader, and whether its seed is a secret."""
        rules = self.rules(assignment)
        folder = rules.file.parent if rules.file else self._root()
        seed, secret = seed_in_force(self.seed, folder)
        settings = Settings(
            rules.kata, seed, self.timeout, self.allow_unconfined, rules.terms
        )  # fmt: skip
        return settings, secret

    def rules(self, assignment: str) -> Rules:
        """Read what an assignment of the course is graded by.

        The kata is the one that the configuration names, or else the one that the assignment is
        named after, or the course's; where there is none, each file is graded for what it is.
        Points and cases that the course sets are its kata's.
        """
        root = self._root()
        file = root / self.course if self.course else None
        rules = rules_in_force(file, self.kata or None, root)
        kata = self.kata or (assignment if assignment in katas() else rules.kata)
        if kata == rules.kata:
            return rules
        return replace(rules, kata=kata, terms=replace(rules.terms, points=(), cases=()))

    def _root(self) -> Path:
        return Path(CourseDirectory(config=self.config).root)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the outputs of graded code cells by points and feedback."""
        names = resources["nbgrader"]
        course = self.rules(names["assignment"]).terms.language
        language = language_in_force(self.language, course=course)
        card = self.cards.get((names["student"], names["notebook"]))
        if card is None:
            card = self._graded(names)
        verdicts = {verdict.check: verdict for verdict in card.verdicts}
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            cell.outputs = []
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade"):
                verdict = verdicts.get(marks.get("grade_id", ""))
                cell.outputs = [_result(card, verdict, float(marks.get("points", 0)), language)]
        return nb, resources

    def _graded(self, names: dict[str, str]) -> Scorecard:
        """Grade the file as it was handed in, unless that has been done ahead."""
        settings, secret = self.settings(names["assignment"])
        if not secret:
            self.log.warning("hidden cases come from the public seed; set AUTOGRADER_SEED")
        path = self._place(names, "submitted_directory")
        if database.ends_with_this_process() and settings not in self._ahead:
            self._ahead[settings] = Ahead(settings, [path, *self._coming(names)])
        ahead = self._ahead[settings].card(path) if settings in self._ahead else None
        return ahead or self._grader(settings).grade_path(path).card

    def _coming(self, now: dict[str, str]) -> Iterator[Path]:
        """Foresee which files nbgrader will come to, in its order: all, or the ungraded ones."""
        converter = self.parent.parent
        course = CourseDirectory(config=self.config)
        place = course.format_path(
            course.submitted_directory, "(?P<student>.*)", now["assignment"], escape=True
        )
        passed = False
        for folder, files in sorted(converter.assignments.items()):
            if (matched := re.fullmatch(place, folder)) is None:
                return  # where nbgrader will stop
            for file in sorted(files):
                names = {**now, **matched.groupdict(), "notebook": Path(file).stem}
                graded = self._place(names, "autograded_directory").exists()
                if passed and (converter.force or not graded):
                    yield Path(file)
                passed = passed or names == now

    def _place(self, names: dict[str, str], step: str) -> Path:
        """Find a learner's file at one of nbgrader's steps."""
        course = CourseDirectory(config=self.config)
        folder = course.format_path(getattr(course, step), names["student"], names["assignment"])
        return Path(folder) / f"{names['notebook']}.ipynb"

    def _grader(self, settings: Settings) -> Grader:
        if settings not in self._graders:
            from autograder.grading import Grader  # noqa: PLC0415 - torch loads for who grades

            self._graders[settings] = Grader(settings)
        return self._graders[settings]


class CheckOnce(CheckCellMetadata):  # type: ignore[misc]
    """nbgrader's check of its metadata, which is slow, but for what has passed it before.

    It looks at nothing else, and that is the same in nearly all notebooks of a class. nbgrader
    makes its preprocessors anew for each notebook.
    """

    _passed: ClassVar[set[str]] = set()

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Check a notebook's metadata."""
        marks = json.dumps([(cell.cell_type, cell.metadata.get("nbgrader")) for cell in nb.cells])
        if marks not in self._passed:
            nb, resources = super().preprocess(nb, resources)
            self._passed.add(marks)
        return nb, resources


def _result(
    card: Scorecard, verdict: Verdict | None, max_points: float, language: str
) -> NotebookNode:
    """Make the one output that nbgrader reads as a score.

    Raises:
        RuntimeError: The grader itself failed; nbgrader then keeps the submission ungraded.
    """
    if card.points is None:
        raise RuntimeError(f"{card.submission} could not be graded: {card.message}")
    points = auto_points(verdict, max_points)
    if not math.isfinite(points):
        raise RuntimeError(f"{card.submission}: points must be finite (got {points!r})")
    if verdict is not None:
        html = as_html(card, only=verdict.check, language=language)
    else:
        text = catalogue(language)("no check has this cell's name")
        html = f"<p>{escape(text)}</p>"
    return new_output(
        "execute_result", {"text/plain": repr(float(points)), "text/html": html}, execution_count=1
    )
