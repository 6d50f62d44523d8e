"""`python -m autograder autograde` beside the true `nbgrader autograde`, on copies of a course."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import gradebook as bulk
from autograder.__main__ import main
from autograder.commands.voice import FAILED
from autograder.notebook import MAX_FILE_BYTES
from tests.asking import Done, ask
from tests.course import ASSIGNMENT, NOTEBOOK, Course, code_of, filled, grade_id
from tests.test_nbgrader import TAMPERED

CONFIGURATION = """
c.Grade.timeout = {timeout}
c.LateSubmissionPlugin.penalty_method = "zero"
"""
EARLIER, IN_TIME, LATE, LATER = (f"{day} 12:00:00.000000 UTC" for day in (
    "2029-12-30", "2029-12-31", "2030-01-02", "2030-01-03"))  # fmt: skip
RIGHT, WRONG = code_of("right_textbook"), code_of("wrong_per_layer_l1")
CRASHING = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n" + RIGHT
LEARNERS = {
    "right": (RIGHT, IN_TIME),
    "wrong": (WRONG, IN_TIME),
    "two faults": (code_of("wrong_no_rewind_textbook"), None),
    "stub": (None, IN_TIME),
    "hanging": (code_of("endless_loop"), IN_TIME),
    "crashing": (CRASHING, IN_TIME),
    "late right": (RIGHT, LATE),
    "late wrong": (WRONG, LATE),
    "marked": (WRONG, IN_TIME),
    "marked_late": (RIGHT, LATE),
    "resubmits": (WRONG, IN_TIME),
    "resubmits_broken": (RIGHT, IN_TIME),
}
MENDED = (
    "duplicated_cell", "no_graded_cells", "other_cell_types", "extra_graded_cell",
    "without_metadata", "split_solution", "forger", "hostile_text",
)  # fmt: skip
LOST = {"broken", "renamed", "clockless", "empty"}
READ_ONLY = 0o444


def _fill(course: Course) -> None:
    """Lay out what the class hands in."""
    starter = nbformat.read(course.generate(), as_version=4)

    def notebook(code: str | None) -> nbformat.NotebookNode:
        copy = nbformat.from_dict(starter)
        return copy if code is None else filled(copy, code)

    for learner, (code, stamp) in LEARNERS.items():
        course.hand_in(learner, notebook(code))
        if stamp is not None:
            _stamp(course, learner, stamp)
    for learner in MENDED:
        code, change, _ = TAMPERED[learner]
        changed = notebook(code)
        if change is not None:
            change(changed)
        course.hand_in(learner, changed)
    (course.path("right").parent / "notes.txt").write_text("beside the notebook", encoding="utf-8")
    for learner in LOST:
        course.hand_in(learner, notebook(RIGHT))
    course.path("broken").write_text("{", encoding="utf-8")
    course.path("renamed").rename(course.path("renamed").with_name("mine.ipynb"))
    _stamp(course, "clockless", "yesterday")
    course.path("empty").unlink()


def _stamp(course: Course, learner: str, stamp: str) -> None:
    (course.path(learner).parent / "timestamp.txt").write_text(stamp, encoding="utf-8")


def _configure(course: Course, *, timeout: float) -> None:
    with (course.folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(timeout=timeout))


def _gradebook(course: Course) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(course.folder / "course" / "gradebook.db"))


def _change(course: Course, *statements: str) -> None:
    with _gradebook(course) as gradebook, gradebook:
        for statement in statements:
            gradebook.execute(statement)


def _forget(course: Course, learner: str) -> None:
    with Gradebook(f"sqlite:///{course.folder}/course/gradebook.db") as gradebook:
        gradebook.remove_submission(ASSIGNMENT, learner)


def _copy(course: Course, folder: Path) -> Course:
    twin = Course(folder)
    shutil.rmtree(twin.folder)
    shutil.copytree(course.folder, twin.folder)
    return twin


def _started(course: Course, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder", "autograde", ASSIGNMENT, "--jobs=2", *options],
        cwd=course.folder, env=course.environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def _ask(course: Course, *options: str) -> Done:
    """As `_started`, in this process: those who grade are processes of their own all the same."""
    command = ["autograde", ASSIGNMENT, "--jobs=1", *options]
    return ask(course.folder, *command, environment=course.environment)


def _rows(course: Course) -> list[str]:
    """Read every row of every table, each id in it replaced by the row that it stands for."""
    with _gradebook(course) as gradebook:
        gradebook.row_factory = sqlite3.Row
        tables = [name for (name,) in gradebook.execute(
            "select name from sqlite_master where type = 'table' and name != 'alembic_version'"
        )]  # fmt: skip
        links = {
            table: {row["from"]: row["table"] for row in gradebook.execute(
                f"pragma foreign_key_list({table})"
            )}
            for table in tables
        }  # fmt: skip
        held = {table: list(gradebook.execute(f"select * from {table}")) for table in tables}  # noqa: S608
    by_id = {(table, row["id"]): row for table in tables for row in held[table]}

    def told(table: str, row: sqlite3.Row) -> dict[str, Any]:
        return {
            key: told(target, by_id[target, row[key]])
            if (target := links[table].get(key)) and row[key] is not None
            else row[key]
            for key in row.keys()  # noqa: SIM118 - a `Row` iterates over its values
            if key != "id" or table in ("student", "course") or key in links[table]
        }

    return sorted(f"{table}: {told(table, row)}" for table in tables for row in held[table])


def _files(course: Course) -> dict[str, tuple[int, Any]]:
    """Read what autograding left, notebooks without the ids that are drawn anew for their cells."""
    found: dict[str, tuple[int, Any]] = {}
    folder = course.folder / "course" / "autograded"
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8").replace(str(course.folder), "COURSE")
        content: Any = text
        if path.suffix == ".ipynb":
            content = json.loads(text)
            for cell in content["cells"]:
                cell.pop("id", None)
        found[str(path.relative_to(folder))] = (path.stat().st_mode, content)
    return found


@pytest.fixture(scope="module")
def empty_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course that is handed in, and not graded."""
    course = Course(tmp_path_factory.mktemp("course") / "handed in", seed="a secret")
    _fill(course)
    _change(course, "update assignment set duedate = '2030-01-01 00:00:00'")
    return course


class Pair:
    """One course graded by nbgrader, its copy graded by us."""

    def __init__(self, course: Course, folder: Path) -> None:
        self.theirs, self.ours = _copy(course, folder / "theirs"), _copy(course, folder / "ours")
        for copy in (self.theirs, self.ours):
            _configure(copy, timeout=2)
        self.theirs.nbgrader("autograde", ASSIGNMENT, fails=True)
        self.first = _started(self.ours)

    def both(self, change: Callable[[Course], None]) -> None:
        for course in (self.theirs, self.ours):
            change(course)

    def agree(self) -> None:
        assert _rows(self.ours) == _rows(self.theirs)
        assert _files(self.ours) == _files(self.theirs)


@pytest.fixture(scope="module")
def pair(empty_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(empty_course, tmp_path_factory.mktemp("pair"))


def test_files_and_rows_are_those_of_nbgrader(pair: Pair) -> None:
    pair.agree()
    rows = _rows(pair.ours)
    assert sum(row.startswith("submitted_assignment:") for row in rows) == len(
        LEARNERS.keys() | set(MENDED) | LOST - {"empty", "clockless"}
    )
    modes = {oct(mode & 0o777) for mode, _ in _files(pair.ours).values()}
    assert modes == {oct(READ_ONLY)}


def test_what_is_not_recorded_is_said_in_a_line_each(pair: Pair) -> None:
    assert pair.first.returncode == 2
    lines = pair.first.stderr.splitlines()
    said = {name: [line for line in lines if f": {name} is not recorded: " in line]
            for name in LOST}  # fmt: skip
    assert {name: len(found) for name, found in said.items()} == dict.fromkeys(LOST, 1)
    assert len([line for line in lines if "is not recorded" in line]) == len(LOST)
    assert "no notebook was handed in" in said["empty"][0]
    assert "timestamp.txt" in said["clockless"][0]
    assert "nbgrader generate_assignment" in said["renamed"][0]
    recorded = len(LEARNERS) + len(MENDED)
    assert pair.first.stdout == f"{recorded} recorded, {len(LOST)} not\n"


def test_late_work_gets_the_penalty_of_the_course(pair: Pair) -> None:
    rows = [row for row in _rows(pair.ours) if row.startswith("submitted_notebook:")]
    late = [row for row in rows if "'late_submission_penalty': None" not in row]
    assert len(late) == 3
    assert all("late" in row for row in late)


def test_marks_survive_and_only_what_is_newer_is_graded_again(pair: Pair) -> None:
    marked = (
        "select submitted_notebook.id from submitted_notebook join submitted_assignment on"
        " submitted_assignment.id = submitted_notebook.assignment_id"
        " where student_id like 'marked%'"
    )
    place = f"notebook_id in ({marked})"

    def mark(course: Course) -> None:
        _change(
            course,
            f"update grade set manual_score = 1.5, needs_manual_grade = 0 where {place}",  # noqa: S608
            f"update grade set extra_credit = 0.5 where {place} and auto_score = 3.0",  # noqa: S608
            f"update comment set manual_comment = 'well said' where {place}",  # noqa: S608
        )
        for learner, code in (("resubmits", RIGHT), ("marked_late", WRONG)):
            starter = course.folder / "notebooks" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
            course.hand_in(learner, filled(nbformat.read(starter, as_version=4), code))
            _stamp(course, learner, LATER)
        course.path("resubmits_broken").write_text("[]", encoding="utf-8")
        _stamp(course, "resubmits_broken", LATER)
        course.hand_in("wrong", nbformat.read(course.path("right"), as_version=4))
        _stamp(course, "wrong", EARLIER)

    pair.both(mark)
    pair.theirs.nbgrader("autograde", ASSIGNMENT, fails=True)
    done = _ask(pair.ours)
    assert done.status == 2
    assert "resubmits_broken is not recorded" in done.err
    kept = len(LEARNERS) + len(MENDED) - 3
    assert done.out == f"2 recorded, {len(LOST) + 1} not, {kept} recorded before and no newer\n"
    pair.agree()
    rows = "\n".join(_rows(pair.ours))
    assert all(part in rows for part in ("'manual_score': 1.5", "'extra_credit': 0.5", "well said"))


def test_force_grades_again_those_who_are_named(pair: Pair) -> None:
    pair.theirs.nbgrader("autograde", ASSIGNMENT, "--force", "--student=[mw]*")
    done = _ask(pair.ours, "--force", "--student=[mw]*", "--quiet")
    assert (done.status, done.out, done.err) == (0, "", "")
    pair.agree()


def test_a_second_run_does_nothing(pair: Pair) -> None:
    before = _rows(pair.ours), _files(pair.ours)
    done = _ask(pair.ours, "--student=[hs]*")
    assert done.status == 0
    assert done.out == "0 recorded, 0 not, 4 recorded before and no newer\n"
    assert (_rows(pair.ours), _files(pair.ours)) == before


def test_without_times_another_content_is_graded_again(pair: Pair, tmp_path: Path) -> None:
    course = _copy(pair.ours, tmp_path / "course")
    learner, kept = "two faults", "0 recorded, 0 not, 1 recorded before and no newer\n"
    name = f"--student={learner}"
    notebook = nbformat.read(course.path(learner), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":  # it was run, which changes nothing that is graded
            cell.outputs = [nbformat.v4.new_output("stream", text="1\n")]
    course.hand_in(learner, notebook)
    assert _ask(course, name).out == kept
    course.hand_in(learner, filled(notebook, RIGHT))
    course.nbgrader("autograde", ASSIGNMENT, name)  # which looks at times alone
    assert course.points()[learner] < 10
    done = _ask(course, name)
    assert (done.status, done.out) == (0, "1 recorded, 0 not\n")
    assert course.points()[learner] == 10
    assert _ask(course, name).out == kept
    for cell in notebook.cells:
        if grade_id(cell) == "explain":
            cell.source = "Because it began well."
    course.hand_in(learner, notebook)
    assert _ask(course, name).out == "1 recorded, 0 not\n"
    _stamp(course, learner, LATE)  # times come later: nothing else has changed
    assert _ask(course, name).out == kept
    course.hand_in(learner, filled(notebook, WRONG))
    assert _ask(course, name).out == "1 recorded, 0 not\n"
    course.hand_in(learner, filled(notebook, RIGHT))
    assert _ask(course, name).out == "1 recorded, 0 not\n"  # both have the same time now
    course.hand_in(learner, filled(notebook, WRONG))
    assert AGAIN in _exported(course, learner)
    _stamp(course, learner, IN_TIME)
    assert _ask(course, name).out == kept  # the time says that it is no newer
    assert AGAIN not in _exported(course, learner)
    _stamp(course, learner, LATER)
    assert AGAIN in _exported(course, learner)
    assert _ask(course, name).out == "1 recorded, 0 not\n"
    assert AGAIN not in _exported(course, learner)


AGAIN = "handed in again and not autograded"


def _exported(course: Course, learner: str) -> str:
    exporter = "--exporter=autograder.course.exports.CanvasExport"
    return course.nbgrader("export", exporter, f"--student={learner}")


def test_what_learners_do_to_cells_is_no_other_content(pair: Pair, tmp_path: Path) -> None:
    course = _copy(pair.ours, tmp_path / "course")
    before = _rows(course), _files(course)
    for learner in MENDED:
        assert not (course.path(learner).parent / "timestamp.txt").exists()
        done = _ask(course, f"--student={learner}")
        assert done.out == "0 recorded, 0 not, 1 recorded before and no newer\n", learner
    assert (_rows(course), _files(course)) == before


def test_a_hand_in_without_times_that_cannot_be_read_is_said_and_named_in_the_export(
    pair: Pair, tmp_path: Path
) -> None:
    course = _copy(pair.ours, tmp_path / "course")
    for learner, stamp in (("two faults", None), ("wrong", LATER)):
        course.path(learner).write_text("{", encoding="utf-8")
        if stamp:
            _stamp(course, learner, stamp)
    course.path("stub").rename(course.path("stub").with_name("mine.ipynb"))
    _stamp(course, "stub", LATER)
    done = _ask(course, "--student=[tws]*[stgb]")
    assert done.out == "0 recorded, 3 not\n"
    exporter = "--exporter=autograder.course.exports.CanvasExport"
    options = [exporter, "--to=grades.csv", f"--assignment={ASSIGNMENT}"]
    said = course.nbgrader("export", *options)
    (line,) = (line for line in said.splitlines() if "of an earlier hand-in: " in line)
    named = set(line.split(": ")[-1].split(", "))
    assert named - {"resubmits_broken"} == {"stub", "two faults", "wrong"}


def test_files_that_the_gradebook_knows_nothing_of_are_made_anew(pair: Pair) -> None:
    before = _rows(pair.ours), _files(pair.ours)
    _forget(pair.ours, "right")
    done = _ask(pair.ours, "--student=right")
    assert done.out == "1 recorded, 0 not\n"
    assert (_rows(pair.ours), _files(pair.ours)) == before


def test_what_cannot_be_written_to_the_gradebook_leaves_no_files_and_is_tried_again(
    pair: Pair,
) -> None:
    before = _rows(pair.ours), _files(pair.ours)
    configuration = pair.ours.folder / "nbgrader_config.py"
    patient = configuration.read_text(encoding="utf-8")
    hasty = f"sqlite:///{pair.ours.folder}/course/gradebook.db?timeout=1"
    configuration.write_text(f"{patient}\nc.CourseDirectory.db_url = {hasty!r}\n", encoding="utf-8")
    _forget(pair.ours, "right")
    with _gradebook(pair.ours) as reading:  # SQLite then lets others write, but not commit
        reading.execute("begin")
        assert reading.execute("select count(*) from student").fetchone()
        done = _ask(pair.ours, "--student=right")
    configuration.write_text(patient, encoding="utf-8")
    assert done.status == FAILED
    assert done.out == "0 recorded, 1 not\n"
    (said,) = done.err.splitlines()
    assert said.startswith("autograder: right is not recorded: ")
    assert "database is locked" in said
    assert not (pair.ours.folder / "course" / "autograded" / "right" / ASSIGNMENT).exists()
    assert _ask(pair.ours, "--student=right").out == "1 recorded, 0 not\n"
    assert (_rows(pair.ours), _files(pair.ours)) == before


def test_feedback_and_export_go_on_from_there(pair: Pair) -> None:
    pair.ours.nbgrader("generate_feedback", ASSIGNMENT, "--student=[hl]*")  # a second for each
    assert pair.theirs.points().items() <= pair.ours.exported().items()
    assert "each layer" in pair.ours.feedback("late wrong")


@pytest.fixture(scope="module")
def changed(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A graded course whose gradebook would be another now; a person marked two cells."""
    course = _copy(pair.ours, tmp_path_factory.mktemp("changed") / "course")
    starter = course.folder / "notebooks" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    course.hand_in("right", filled(nbformat.read(starter, as_version=4), WRONG))
    _change(
        course,
        "update grade set manual_score = 2.5 where auto_score = 2.0 and notebook_id in (select"
        " submitted_notebook.id from submitted_notebook join submitted_assignment on"
        " submitted_assignment.id = submitted_notebook.assignment_id where student_id = 'right')",
        "update comment set manual_comment = 'well said'",
    )
    return course


def test_what_would_change_is_told_and_nothing_recorded(changed: Course) -> None:
    before = _rows(changed), _files(changed)
    done = _ask(changed, "--compare", "--student=[rs]*ight")
    assert (done.status, done.err) == (0, "")
    changes = [
        "points: 10.5 of 12 → 6.5 of 12",
        "mask: 3 → 0",
        "sparsity: 2 (a person gave 2.5, which stays) → 0 (a person gave 2.5, which stays)",
        "rounds: 1 → 0",
    ]
    assert done.out.splitlines() == [
        "right",
        *(f"    {change}" for change in changes),
        "0 gain points, 1 lose points, 0 keep theirs",
        f"    1 ×  {'; '.join(changes)}",
        "the gradebook is as it was; --yes records what was found",
        "0 recorded, 0 not",
    ]
    assert (_rows(changed), _files(changed)) == before


def test_once_confirmed_it_is_recorded_and_marks_stay(changed: Course) -> None:
    done = _ask(changed, "--compare", "--yes", "--student=right")
    assert (done.status, done.err) == (0, "")
    assert done.out.endswith("1 recorded, 0 not\n")
    assert changed.points()["right"] == 6.5
    assert "'manual_comment': 'well said'" in "\n".join(_rows(changed))
    again = _ask(changed, "--compare", "--student=right")
    assert again.out.splitlines() == [
        "0 gain points, 0 lose points, 1 keep theirs",
        "the gradebook is as it was; --yes records what was found",
        "0 recorded, 0 not",
    ]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('c.LateSubmissionPlugin.penalty_method = "none"', [10.0, 4.0]),
        (
            """
c.AssignLatePenalties.plugin_class = "autograder.course.late.PercentADay"
c.PercentADay.percent = 25
c.PercentADay.of = "maximum"
""",
            [4.0, 0.0],  # two days have begun, which cost half of twelve points
        ),
    ],
)
def test_what_late_penalties_will_be_is_told_as_nbgrader_then_assigns_them(
    pair: Pair, tmp_path: Path, settings: str, told: list[float]
) -> None:
    course = _copy(pair.ours, tmp_path / "course")
    with (course.folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(settings)
    before = _rows(course), _files(course)
    asked = _ask(course, "--compare", "--student=late *")
    assert (_rows(course), _files(course)) == before
    gaining = sum(points > 0 for points in told)  # both had lost all
    counts = f"{gaining} gain points, 0 lose points, {2 - gaining} keep theirs"
    assert counts in asked.out.splitlines()
    for learner, points in zip(("late right", "late wrong"), told, strict=True):
        change = f"{learner}\n    points: 0 of 12 → {points:g} of 12\n    late penalty: "
        assert (change in asked.out) == (points > 0)
    assert _ask(course, "--compare", "--yes", "--student=late *").status == 0
    assert [_after_penalty(course)[name] for name in ("late right", "late wrong")] == told


def test_nothing_is_recorded_unasked_when_only_the_due_date_or_nothing_has_changed(
    pair: Pair, tmp_path: Path
) -> None:
    course = _copy(pair.ours, tmp_path / "course")
    before = _rows(course)
    asked = _ask(course, "--compare", "--student=late right")
    assert asked.out.splitlines() == [
        "0 gain points, 0 lose points, 1 keep theirs",
        "the gradebook is as it was; --yes records what was found",
        "0 recorded, 0 not",
    ]
    assert _rows(course) == before
    _change(course, "update assignment set duedate = '2030-01-05 00:00:00'")
    assert "1 gain points" in _ask(course, "--compare", "--student=late right").out
    assert _after_penalty(course)["late right"] == 0.0


def _after_penalty(course: Course) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course.folder}/course/gradebook.db") as gradebook:
        return {
            one.student.id: one.score - one.late_submission_penalty
            for one in gradebook.assignment_submissions(ASSIGNMENT)
        }


@pytest.fixture(scope="module")
def twofold(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of two notebooks, in which one check is worth nothing, graded by nbgrader."""
    course = Course(tmp_path_factory.mktemp("course") / "twofold", seed="a secret")
    (course.folder / "autograder.toml").write_text("[points]\nconduct = 0\n", encoding="utf-8")
    source = course.folder / "solutions" / ASSIGNMENT
    shutil.copy(source / f"{NOTEBOOK}.ipynb", source / "second.ipynb")
    course.hand_in("right", filled(nbformat.read(course.generate(), as_version=4), RIGHT))
    shutil.copy(course.path("right"), course.path("right").with_name("second.ipynb"))
    course.nbgrader("autograde", ASSIGNMENT)
    return course


def test_a_check_may_be_worth_nothing(twofold: Course) -> None:
    assert twofold.points() == {"right": 18.0}
    before = _rows(twofold), _files(twofold)
    done = _ask(twofold, "--force")
    assert (done.status, done.out) == (0, "1 recorded, 0 not\n")
    assert (_rows(twofold), _files(twofold)) == before


def test_a_notebook_that_is_missing_now_is_told(twofold: Course, tmp_path: Path) -> None:
    course = _copy(twofold, tmp_path / "course")
    course.path("right").with_name("second.ipynb").unlink()
    before = _rows(course), _files(course)
    lost = ["mask: 3 → 0", "sparsity: 2 → 0", "rewind: 3 → 0", "rounds: 1 → 0"]
    changes = ["points: 18 of 22 → 9 of 22", *(f"second: {change}" for change in lost)]
    asked = _ask(course, "--compare")
    assert asked.out.splitlines()[:-2] == [
        "right",
        *(f"    {change}" for change in changes),
        "0 gain points, 1 lose points, 0 keep theirs",
        f"    1 ×  {'; '.join(changes)}",
    ]
    assert (_rows(course), _files(course)) == before
    assert _ask(course, "--compare", "--yes").status == 0
    assert course.points() == {"right": 9.0}


def test_a_broken_notebook_stops_what_comes_after_it_as_is_told(
    twofold: Course, tmp_path: Path
) -> None:
    course = _copy(twofold, tmp_path / "course")
    starter = course.folder / "notebooks" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    course.hand_in("right", filled(nbformat.read(starter, as_version=4), WRONG))
    course.path("right").with_name("second.ipynb").write_text("{", encoding="utf-8")
    done = _ask(course, "--compare", "--yes")
    assert "    points: 18 of 22 → 12 of 22\n" in done.out
    assert re.search(r"^    cannot be recorded: .*second\.ipynb", done.out, re.MULTILINE)
    assert (done.status, done.out.splitlines()[-1]) == (2, "0 recorded, 1 not")
    assert course.points() == {"right": 12.0}


def _no_utf_8(path: Path) -> None:
    path.write_text(IN_TIME, encoding="utf-16")  # as PowerShell's `>` writes it


def _folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


NO_TIMES: dict[str, Callable[[Path], object]] = {
    "of words": lambda path: path.write_text("yesterday", encoding="utf-8"),
    "of digits": lambda path: path.write_text("9" * 30, encoding="utf-8"),
    "of utf-16": _no_utf_8,
    "of latin-1": lambda path: path.write_bytes("31. März 2030".encode("latin-1")),
    "of a folder": _folder,
}


def test_a_timestamp_that_is_no_time_costs_nobody_else_a_grade(
    empty_course: Course, tmp_path: Path
) -> None:
    course = _copy(empty_course, tmp_path / "course")
    stamps = {learner: course.path(learner).parent / "timestamp.txt" for learner in NO_TIMES}
    for learner, spoil in NO_TIMES.items():
        shutil.copytree(course.path("right").parent, course.path(learner).parent)
        spoil(stamps[learner])

    def named(err: str) -> list[str]:
        lines = err.splitlines()
        assert all(" is not recorded: its timestamp.txt holds no time; write " in one
                   for one in lines)  # fmt: skip
        return [line.split(": ")[1].removesuffix(" is not recorded") for line in lines]

    done = _ask(course, "--student=[or][fi]*")
    assert (sorted(named(done.err)), done.out) == (sorted(NO_TIMES), "1 recorded, 5 not\n")
    for stamp in stamps.values():
        shutil.rmtree(stamp) if stamp.is_dir() else None
        stamp.write_text(IN_TIME, encoding="utf-8")
    assert _ask(course, "--student=[or][fi]*").out == (
        "5 recorded, 0 not, 1 recorded before and no newer\n"
    )
    _stamp(course, "right", LATER)
    for learner, spoil in NO_TIMES.items():
        spoil(stamps[learner])
    done = _ask(course, "--student=[or][fi]*")
    assert (sorted(named(done.err)), done.out) == (sorted(NO_TIMES), "1 recorded, 5 not\n")
    assert "5 keep theirs" in _ask(course, "--compare", "--student=of *").out


def test_what_should_not_be_opened_is_refused_in_a_line(
    empty_course: Course, tmp_path: Path
) -> None:
    course = _copy(empty_course, tmp_path / "course")
    ada, secret = course.path("ada").parent, course.folder / "secret.txt"
    secret.write_text("a secret", encoding="utf-8")
    shutil.copytree(course.path("right").parent, ada)
    learners = [
        "a pipe", "a device", "a large file", "a slow clock", "a linked folder", "a linked note",
    ]  # fmt: skip
    for learner in learners:
        course.path(learner).parent.parent.mkdir()
        shutil.copytree(ada, course.path(learner).parent)
    for learner in learners[:2]:
        course.path(learner).unlink()
    os.mkfifo(course.path("a pipe"))
    course.path("a device").symlink_to("/dev/zero")
    os.truncate(course.path("a large file"), MAX_FILE_BYTES + 1)
    clock = course.path("a slow clock").parent / "timestamp.txt"
    clock.unlink()
    os.mkfifo(clock)
    linked = course.path("a linked folder").parent
    shutil.rmtree(linked)
    linked.symlink_to(ada)
    (course.path("a linked note").parent / "note.txt").symlink_to(secret)
    friend = linked.parent.with_name("a friend")
    friend.symlink_to(ada.parent)
    done = _ask(course, "--student=a*")
    lines = dict(
        line.removeprefix("autograder: ").split(" is not recorded: ")
        for line in done.err.splitlines()
    )
    assert {learner: why.split(": ")[-1] for learner, why in lines.items()} == {
        "a pipe": "it is no file",
        "a device": "it is a link",
        "a large file": f"{course.path('a large file')} is larger than 128 MiB",
        "a slow clock": f"{clock} is no file; take it away",
        "a linked folder": f"{linked} is a link; put what it stands for in its place",
        "a friend": f"{friend} is a link; put what it stands for in its place",
        "a linked note": f"{course.path('a linked note').parent / 'note.txt'} is a link; put what"
        " it stands for in its place",
    }
    assert done.out == "1 recorded, 7 not\n"
    assert course.points().keys() >= {"ada"}
    autograded = course.folder / "course" / "autograded"
    assert [path.name for path in autograded.iterdir() if any(path.rglob("*.*"))] == ["ada"]


def test_interrupted_it_ends_at_once_and_keeps_what_is_recorded(
    empty_course: Course, tmp_path: Path
) -> None:
    course = _copy(empty_course, tmp_path / "interrupted")
    _configure(course, timeout=300)
    command = [sys.executable, "-m", "autograder", "autograde", ASSIGNMENT, "--jobs=2"]
    with subprocess.Popen(
        command, cwd=course.folder, env=course.environment, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 120
        place = course.folder / "course" / "autograded" / "late right" / ASSIGNMENT
        while not any(place.glob("*.ipynb")) and time.monotonic() < deadline:
            time.sleep(0.1)  # its neighbour in the queue hangs by then, or is done
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert time.monotonic() - begun < 5  # about one, on an idle machine
    assert process.returncode == 130
    assert said.splitlines()[-1].endswith("stopped; what was recorded has been kept")
    assert any(row.startswith("grade:") and "'auto_score': 3.0" in row for row in _rows(course))


def _append(folder: Path, line: str) -> None:
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


@pytest.mark.parametrize(
    ("spoil", "options", "said"),
    [
        (lambda folder: (folder / "nbgrader_config.py").unlink(), (), "no nbgrader_config.py here"),
        (
            lambda folder: (folder / "course" / "gradebook.db").unlink(), (),
            f"no gradebook yet; run `nbgrader generate_assignment {ASSIGNMENT} --force` first",
        ),
        (
            lambda folder: (folder / "course" / "gradebook.db").write_text("no database" * 99), (),
            "/course/gradebook.db cannot be used: file is not a database; restore a backup, or ",
        ),
        (
            lambda folder: _append(folder, 'c.AssignLatePenalties.plugin_class = "typo"'), (),
            "autograder: nbgrader_config.py: The 'plugin_class' trait of ",
        ),
        (
            lambda folder: _append(folder, 'c.Autograde.autograde_preprocessors = ["no.such"]'),
            (), "autograder: nbgrader_config.py: No module named 'no'",
        ),
        (lambda folder: shutil.rmtree(folder / "course" / "submitted"), (), "nothing was handed"),
        (lambda _: None, ("--student=nobody",), "nothing was handed in"),
    ],
)  # fmt: skip
def test_what_stops_it_is_said_in_a_sentence(
    spoil: Callable[[Path], object], options: tuple[str, ...], said: str, empty_course: Course,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    course = _copy(empty_course, tmp_path / "spoilt")
    spoil(course.folder)
    monkeypatch.chdir(course.folder)
    assert main(["autograde", ASSIGNMENT, *options]) == 2
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_an_assignment_without_a_release_is_said(empty_course: Course) -> None:
    done = ask(empty_course.folder, "autograde", "another", environment=empty_course.environment)
    assert (done.status, done.out) == (2, "")
    known = f"the gradebook knows no release of 'another'; there are: {ASSIGNMENT}"
    assert done.err == f"autograder: {known}\n"


def test_an_assignment_that_is_not_released_yet_is_said_with_the_command(
    empty_course: Course, tmp_path: Path
) -> None:
    course = _copy(empty_course, tmp_path / "course")
    (course.folder / "solutions" / "another").mkdir()
    done = ask(course.folder, "autograde", "another", environment=course.environment)
    assert done.err.endswith("; run `nbgrader generate_assignment another` first\n")


def test_what_nbgrader_will_come_to_is_foreseen_in_its_order(
    empty_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty_course.folder)
    with bulk.Course(ASSIGNMENT) as course:
        known = {"student": "marked", "assignment": ASSIGNMENT, "notebook": NOTEBOOK}
        coming = list(course._grade._coming(known | {"db_url": "of no interest"}))
    places = sorted(f"{one}/" for one in (*LEARNERS, *MENDED, *LOST - {"empty"}))
    later = [place[:-1] for place in places[places.index("marked/") + 1 :]]
    assert [path.parts[-3] for path in coming] == later
    files = [path for path in coming if path.parts[-3] != "renamed"]
    assert files == [empty_course.path(learner) for learner in later if learner != "renamed"]


def test_nbgraders_gradebook_is_its_own_again_afterwards(
    empty_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = vars(bulk.Gradebook).copy()
    monkeypatch.chdir(empty_course.folder)
    with bulk.Course(ASSIGNMENT) as course:
        assert course.waiting
        assert vars(bulk.Gradebook) != before
    assert vars(bulk.Gradebook) == before
    assert Path.cwd() == empty_course.folder
    assert os.environ.get("NBGRADER_EXECUTION") is None
