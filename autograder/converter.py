"""nbgrader's own converter and configuration: made ready once for a whole class."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbconvert.writers import FilesWriter
from nbformat import NotebookNode, from_dict, reads
from nbgrader.api import Gradebook
from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files, is_locked
from traitlets.utils.importstring import import_item

from autograder.nbgrader_plugin import Grade
from autograder.notebook import contents

_CONFIG = "nbgrader_config.py"
NO_TIME = (AttributeError, OSError, OverflowError, ValueError)
"""How nbgrader fails at a `timestamp.txt` that it can read no time from."""


class CourseError(Exception):
    """Why nothing of an assignment can be recorded."""


class Converter(Autograde):  # type: ignore[misc]
    """nbgrader's converter, made ready once, which remembers why a submission failed."""

    fault: Exception | None = None
    commit: Callable[[], None] | None = None
    """Writes to the database at the end: if that fails, nbgrader clears the files away."""
    ungraded: Mapping[str, str] = {}
    """Why notebooks of the submission that is recorded could not be graded, by name."""

    def prepare(self) -> Grade:
        """Do what `start` does before it converts; return the preprocessor that grades.

        The preprocessors are made here, once, and not for each notebook anew.
        """
        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)
        # It ends with one anyway; twelve validations take a fifth of the time.
        self.exporter.optimistic_validation = True
        for name in ("sanitize_preprocessors", "autograde_preprocessors"):
            setattr(self, name, [_made(one, self.exporter) for one in getattr(self, name)])
        self.exporter._preprocessors = []
        steps = (*self.sanitize_preprocessors, _as_if_read_anew, *self.autograde_preprocessors)
        for preprocessor in steps:
            self.exporter.register_preprocessor(preprocessor)
        graders = [one for one in self.autograde_preprocessors if isinstance(one, Grade)]
        if not graders:
            raise CourseError(
                f"{_CONFIG} has no autograder.nbgrader_plugin.Grade in"
                " c.Autograde.autograde_preprocessors; `nbgrader autograde` grades such a course"
            )
        return graders[0]

    def learner(self, folder: str) -> str:
        """Read a learner's id from the name of a submission's folder."""
        names = self.init_single_notebook_resources(f"{folder}/notebook.ipynb")["nbgrader"]
        return str(names["student"])

    def refusal(self, folder: str) -> str:
        """Say why nbgrader must not look into a submission's folder; empty if it may.

        It would follow links, which could stand for another learner's work or for a secret, and
        wait for ever for what comes out of a pipe. Notebooks are the grader's to refuse.
        """
        return next(filter(None, map(_refused, self._looked_at(folder))), "")

    def holds_another(self, handed_in: Path, recorded: Path, known: Container[str]) -> bool:
        """Tell whether what was handed in is not what was recorded; nothing is run.

        Times tell, where they differ: what is older is what was recorded, or came before it. Where
        they do not, what learners wrote does.

        Args:
            handed_in: The folder of what was handed in.
            recorded: The folder of what autograding has left of it.
            known: Names of the assignment's notebooks.
        """
        old, new = map(self.coursedir.get_existing_timestamp, map(str, (recorded, handed_in)))
        if None not in (old, new) and old != new:
            return bool(new > old)
        left, there = (
            {
                path.name
                for path in place.glob(f"{self.coursedir.notebook_id}.ipynb")
                if path.stem in known
            }
            for place in (recorded, handed_in)
        )
        return left != there or not all(
            self.has_recorded(handed_in / name, recorded / name) for name in there
        )

    def has_recorded(self, handed_in: Path, recorded: Path) -> bool:
        """Tell whether what a learner wrote into a notebook is what was recorded; nothing is run.

        What nbgrader mends before it grades is mended here, too, and would else be a change. Cells
        that learners cannot change do not count, and outputs are not graded.

        Args:
            handed_in: The notebook as it lies there now.
            recorded: What autograding has left of it.
        """
        try:
            found = reads(contents(handed_in).decode(), as_version=4)
            resources = self.init_single_notebook_resources(str(handed_in))
            for step in (*self._sanitizing_steps, _as_if_read_anew):
                found, resources = step(found, resources)
            return _written(found) == _written(reads(contents(recorded).decode(), as_version=4))
        except Exception:  # noqa: BLE001 - recording will say why it cannot be read
            return False

    def late_penalties(
        self, gradebook: Gradebook, learner: str, scores: Mapping[str, float], seconds: float
    ) -> dict[str, float]:
        """Foresee what nbgrader's `AssignLatePenalties` will assign; nothing is written.

        Args:
            gradebook: An open one, which the course's plugin may ask.
            learner: Whose notebooks they are.
            scores: What each will have earned, by its name.
            seconds: How late they were handed in.

        Returns:
            Penalties by notebook; none where the configuration leaves them as they are.
        """
        found = {}
        for step in self.autograde_preprocessors:
            if not (isinstance(step, AssignLatePenalties) and step.enabled):
                continue
            step.gradebook, step.db_url = gradebook, self.coursedir.db_url
            step.student_id, step.assignment_id = learner, self.coursedir.assignment_id
            for notebook, score in scores.items():
                step.notebook_id = notebook
                step.init_plugin()
                plugin = step.plugin_inst
                penalty = plugin.late_submission_penalty(learner, score, seconds) if seconds else 0
                worth = SimpleNamespace(score=score)
                found[notebook] = float(step._check_late_penalty(worth, penalty or 0))
        return found

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Note why it fails."""
        with self._noting():
            return bool(super().init_destination(assignment_id, student_id))

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Note why it fails."""
        with self._noting():
            super().init_assignment(assignment_id, student_id)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Sanitize and grade in one pass, and note why it fails.

        nbgrader takes two, and writes and reads the notebook between: a sixth more of the time.
        What could not be graded is not opened: the grader refuses what nobody should open.
        """
        with self._noting(), _autograding():
            if why := self.ungraded.get(Path(notebook_filename).stem):
                raise NbGraderException(why)
            super(Autograde, self).convert_single_notebook(notebook_filename)

    def run_post_convert_hook(self) -> None:
        """Write to the database first: what is called may read it."""
        with self._noting():
            if self.commit is not None:
                self.commit()
        super().run_post_convert_hook()

    def _looked_at(self, folder: str) -> Iterator[Path]:
        """List what nbgrader will go through: the learner's own folders first, then files."""
        steps = Path(self.coursedir.directory_structure).parts
        first = next(index for index, step in enumerate(steps) if "{student_id}" in step)
        yield from (Path(folder), *Path(folder).parents)[: len(steps) - first]
        yield from map(Path, find_all_files(folder, [*self.coursedir.ignore, "*.ipynb"]))

    @cached_property
    def _sanitizing_steps(self) -> list[Any]:
        """What is done to a notebook before it is graded; also by a converter not prepared."""
        return [_made(one, self) for one in self.sanitize_preprocessors]

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.fault = error
            raise


def _made(preprocessor: Any, parent: Any) -> Any:
    """Make a preprocessor of its class, or of the name of that, unless it is one already."""
    if isinstance(preprocessor, str):
        preprocessor = import_item(preprocessor)
    return preprocessor(parent=parent) if isinstance(preprocessor, type) else preprocessor


def _written(notebook: NotebookNode) -> list[tuple[str, str, object]]:
    """Read what a learner may have written."""
    return [
        (cell.cell_type, cell.source, cell.get("attachments"))
        for cell in notebook.cells
        if not is_locked(cell)
    ]


def _as_if_read_anew(
    notebook: NotebookNode, resources: dict[str, Any]
) -> tuple[NotebookNode, dict[str, Any]]:
    """Make nodes of the dictionaries that a preprocessor may have put in."""
    return from_dict(notebook), resources


def _refused(path: Path) -> str:
    """Say what is wrong with a file or folder, without opening it; empty if nothing is."""
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    if stat.S_ISLNK(mode):
        return f"{path} is a link; put what it stands for in its place"
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return f"{path} is no file; take it away"
    return ""


@contextmanager
def _autograding() -> Iterator[None]:
    """Say so in the environment, as nbgrader does, which forgets to take it back after a fault."""
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    try:
        yield
    finally:
        del os.environ["NBGRADER_EXECUTION"]


def configured() -> Any:
    """Load the configuration that `nbgrader autograde` loads here."""
    app = AutogradeApp.instance()
    try:
        app.initialize([])
    except SystemExit as error:
        raise CourseError("nbgrader's configuration cannot be used; it says why above") from error
    if not any(Path(file).name == _CONFIG for file in app.loaded_config_files):
        raise CourseError(f"there is no {_CONFIG} here; run this in the course's folder")
    for handler in app.log.handlers:
        if type(handler) is logging.StreamHandler:  # the console, and nothing that is others'
            handler.setLevel(logging.CRITICAL)  # what failed is told in a line each
    return app


def said(error: BaseException) -> str:
    """Tell an error in a line; nbgrader's own are sentences."""
    line = next(iter(str(error).strip().splitlines()), "")
    if isinstance(error, NbGraderException):
        return line
    return f"{type(error).__name__}: {line}"
