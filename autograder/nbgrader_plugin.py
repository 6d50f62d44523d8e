"""nbgrader's preprocessors: `Grade` in the place of `Execute`, and what it needs around it.

No kernel starts and no learner's line runs in nbgrader's process. What is graded is the file as
it was handed in, so that `python -m autograder grade` on it gives the same points. Each graded
code cell gets exactly one result: its points as text and the finding as HTML. Whatever outputs a
submission brings along are dropped, so that nothing a learner prints can become a score.
"""

from __future__ import annotations

import atexit
import json
import math
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbformat.corpus.words import generate_corpus_id
from nbformat.v4 import new_output
from nbgrader.api import Gradebook, GradeCell, SolutionCell, SourceCell, TaskCell
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, NbGraderPreprocessor, OverwriteCells
from traitlets import Bool, Dict, Float, Unicode
from traitlets.config import Application

from autograder import engine
from autograder.ahead import Ahead
from autograder.course.rules import Rules, rules_in_force
from autograder.harmless import harmless
from autograder.kata import names as katas
from autograder.language import catalogue, language_in_force
from autograder.marks import auto_points
from autograder.markup import as_html
from autograder.records import Scorecard, Verdict
from autograder.settings import DEFAULT_TIMEOUT, Settings, seed_in_force

if TYPE_CHECKING:
    from autograder.grading import Grader

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
        _share_engine()
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
    """What the gradebook says about the cells of a released notebook, read once.

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


def _ends_with_it() -> bool:
    """Tell whether this process is `nbgrader autograde`, and not formgrader's server, say.

    That one lives on, and may open another database.
    """
    return Application.initialized() and type(Application.instance()).__name__ == "AutogradeApp"


@cache
def _share_engine() -> None:
    """Share the engine in a process that is `nbgrader autograde`, and ends with it."""
    if _ends_with_it():
        sharing = ExitStack()
        sharing.enter_context(engine.shared())
        atexit.register(sharing.close)


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
        """Tell what the configuration says of the grader, and whether its seed is a secret.

        The kata is the one that the configuration names, or else the one that the assignment is
        named after, or the course's; where there is none, each file is graded for what it is.
        Points and cases that the course sets are its kata's.
        """
        rules, root = self.rules(), self._root()
        seed, secret = seed_in_force(self.seed, rules.file.parent if rules.file else root)
        kata = self.kata or (assignment if assignment in katas() else rules.kata)
        terms = rules.terms if kata == rules.kata else replace(rules.terms, points=(), cases=())
        return Settings(kata, seed, self.timeout, self.allow_unconfined, terms), secret

    def rules(self) -> Rules:
        """Read what the course is graded by."""
        root = self._root()
        return rules_in_force(root / self.course if self.course else None, self.kata or None, root)

    def _root(self) -> Path:
        return Path(CourseDirectory(config=self.config).root)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the outputs of graded code cells by points and feedback."""
        language = language_in_force(self.language, course=self.rules().terms.language)
        names = resources["nbgrader"]
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
        if _ends_with_it() and settings not in self._ahead:
            self._ahead[settings] = Ahead(settings, [path, *self._coming(names)])
        ahead = self._ahead[settings].card(path) if settings in self._ahead else None
        return ahead or self._grader(settings).grade_path(path).card

    def _coming(self, now: dict[str, str]) -> Iterator[Path]:
        """Foresee which files nbgrader will come to: those that were never graded, in its order."""
        course = CourseDirectory(config=self.config)
        place = course.format_path(
            course.submitted_directory, "(?P<student>.*)", now["assignment"], escape=True
        )
        passed = False
        for folder, files in sorted(self.parent.parent.assignments.items()):
            if (matched := re.fullmatch(place, folder)) is None:
                return  # where nbgrader will stop
            for file in sorted(files):
                names = {**now, **matched.groupdict(), "notebook": Path(file).stem}
                if passed and not self._place(names, "autograded_directory").exists():
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


class EscapeText(SanitizeHTML):  # type: ignore[misc]
    """Shows text cells without scripts and the like, wherever nbgrader shows a submission.

    They are turned into HTML as ever, and that is made harmless: Markdown that was escaped
    beforehand would be another text. Outputs are left alone: after autograding they are ours.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Have the exporter make text cells harmless."""
        exporter = self.parent
        exporter.exclude_anchor_links = True  # nobody can link to them, as ids are not harmless

        @pass_context
        def markdown2html(context: Context, source: str) -> str:
            return harmless(exporter.markdown2html(context, source))

        exporter.register_filter("markdown2html", markdown2html)
        return super().preprocess(nb, resources)  # type: ignore[no-any-return]

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Escape the HTML of a raw cell, which is shown as it is."""
        if cell.cell_type != "raw":
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)  # type: ignore[no-any-return]


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
