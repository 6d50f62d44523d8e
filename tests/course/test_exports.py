"""Exports by the real `nbgrader export`, read back by the rules of Canvas and of Moodle."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import logging
import re
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own

SAMPLES = Path(__file__).resolve().parent / "samples"
CANVAS_IDS = "c.CanvasExport.assignment_ids = {'Warm-up': 40101, 'Second kata': '40102'}"
COURSE = "c = get_config()\nc.Exporter.optimistic_validation = True"  # as in nbgrader_config.py
FORMULA = "=cmd|' /C calc'!A0"


class Desk:
    """A folder with a gradebook, in which `nbgrader export` runs."""

    def __init__(self, folder: Path) -> None:
        """Fill a gradebook with two assignments and five learners."""
        self.folder = folder
        self.url = f"sqlite:///{folder}/gradebook.db"
        with Gradebook(self.url, "a course") as gradebook:
            for name in ("Warm-up", "Second kata"):
                gradebook.add_assignment(name, duedate="2026-01-10 12:00:00 UTC")
                gradebook.add_notebook("problem", name)
                gradebook.add_grade_cell(
                    "code", "problem", name, max_score=8 if name == "Warm-up" else 4,
                    cell_type="code",
                )  # fmt: skip
            gradebook.add_grade_cell(
                "words", "problem", "Warm-up", max_score=2, cell_type="markdown"
            )
            gradebook.add_solution_cell("words", "problem", "Warm-up")
            for student, last, first in [
                ("ada", "Ångström", "Ada"),
                ("lovelace", "Love, lace", "O'Neil"),
                ("mallory", FORMULA, "+1"),
                ("nameless", None, None),
                ("nobody", "Nobody", "Nik\nolas"),
            ]:
                email = f"{student}@example.org"
                gradebook.add_student(student, first_name=first, last_name=last, email=email)
        self.grade("Warm-up", "ada", 0.1 + 0.2 + 5.7, words=2.0, penalty=2.0)
        self.grade("Second kata", "ada", 4.0)
        self.grade("Second kata", "lovelace", 3.245)
        self.grade("Warm-up", "mallory", 1.0, penalty=5.0)
        self.grade("Warm-up", "nameless", None)

    def grade(
        self, assignment: str, student: str, code: float | None, *,
        words: float | None = None, penalty: float | None = None,
    ) -> None:  # fmt: skip
        """Record what autograding and formgrader would."""
        with Gradebook(self.url) as gradebook:
            submission = gradebook.add_submission(assignment, student)
            notebook = submission.notebooks[0]
            notebook.late_submission_penalty = penalty
            for grade in notebook.grades:
                if grade.cell.name == "code":
                    grade.auto_score = code
                    grade.needs_manual_grade = False
                else:
                    grade.manual_score = words
                    grade.needs_manual_grade = words is None and code is not None
            for comment in notebook.comments:
                comment.auto_comment = "No response."  # as nbgrader says
                comment.manual_comment = "Well reasoned,\nand short." if words else None
            gradebook.db.commit()

    def export(
        self, exporter: str, *options: str, config: str = "", fails: bool = False
    ) -> tuple[str, str]:
        """Export; return the file's text and what the command said."""
        (self.folder / "nbgrader_config.py").write_text(f"{COURSE}\n{config}\n")
        named = [f"--exporter=autograder.course.exports.{exporter}"] if exporter else []
        to = [] if any(one.startswith("--to=") for one in options) else ["--to=out.csv"]
        said = io.StringIO()
        status: object = 0
        with contextlib.chdir(self.folder):
            app = ExportApp(log=logging.Logger("export"))  # noqa: LOG001 - one for each run
            app.log.addHandler(logging.StreamHandler(said))
            try:
                app.initialize([f"--db={self.url}", *to, *named, *options])
                app.start()
            except SystemExit as ended:
                status = ended.code
        assert bool(status) == fails, said.getvalue()
        assert "not recognized" not in said.getvalue()
        place = self.folder / "out.csv"
        return (place.read_bytes().decode("utf-8") if place.exists() else ""), said.getvalue()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One gradebook for all tests, which only read it."""
    return Desk(tmp_path_factory.mktemp("desk"))


def read_canvas(text: str) -> tuple[list[str], dict[str, str], dict[str, dict[str, str]]]:
    """Read a file as Canvas' importer documents it.

    Returns:
        The columns about students, the points possible and the grades, by the assignment's number
        or, without one, its title; grades by the login.
    """
    lines = text.splitlines()[:3]
    semicolons = {len(next(csv.reader([line], delimiter=";"))) for line in lines}
    commas = {len(next(csv.reader([line]))) for line in lines}
    assert len(commas) == 1
    assert semicolons == {1}
    header, *rows = csv.reader(io.StringIO(text))
    assert "Student" in header[0]
    assert "ID" in header[1]
    about = header[: header.index("Section") + 1]
    assert about[2:] == ["SIS User ID", "SIS Login ID", "Section"]
    columns = {}
    for place, title in enumerate(header):
        numbered = re.fullmatch(r"(.*)\s\((\d+)\)", title)
        if place >= len(about) and "Score" not in title:
            columns[numbered[2] if numbered else title] = place
    possible: dict[str, str] = {}
    grades: dict[str, dict[str, str]] = {}
    for row in rows:
        found = {name: row[place].strip() for name, place in columns.items()}
        if "Points Possible" in row[0]:
            possible = found
        elif not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", one) for one in row):
            grades[row[about.index("SIS Login ID")]] = found
    return about, possible, grades


def test_canvas_reads_our_file_as_it_reads_the_sample(desk: Desk) -> None:
    sample = read_canvas((SAMPLES / "canvas.csv").read_text(encoding="utf-8"))
    text, _ = desk.export("CanvasExport", config=CANVAS_IDS)
    about, possible, grades = read_canvas(text)
    assert about == sample[0]
    assert possible == {"40101": "10", "40102": "4"}
    assert {k: float(v) for k, v in possible.items()} == {k: float(v) for k, v in sample[1].items()}
    assert grades["ada"] == {"40101": "6", "40102": "4"}
    assert grades["lovelace"] == {"40101": "", "40102": "3.25"}
    assert {k: v and float(v) for k, v in grades["ada"].items()} == {
        k: v and float(v) for k, v in sample[2]["ada"].items()
    }
    assert grades["mallory"] == {"40101": "0", "40102": ""}
    assert grades["nobody"] == {"40101": "", "40102": ""}
    assert '"Ångström, Ada"' in text
    assert '"Love, lace, O\'Neil"' in text
    assert '"Nobody, Nik olas"' in text
    assert "\r\nnameless," in text
    assert not text.startswith("\ufeff")


@pytest.mark.parametrize("exporter", ["CanvasExport", "MoodleExport"])
def test_no_cell_is_a_formula(desk: Desk, exporter: str) -> None:
    text, _ = desk.export(exporter)
    cells = [one for row in csv.reader(io.StringIO(text)) for one in row if one != "-"]
    assert any("cmd|" in one for one in cells)
    assert not [one for one in cells if one.lstrip().startswith(tuple("=+-@"))]


def test_what_canvas_and_the_log_need_to_know(desk: Desk) -> None:
    _, said = desk.export("CanvasExport", config="c.CanvasExport.assignment_ids = {'Warm-up': 1}")
    assert "Second kata has no number in c.CanvasExport.assignment_ids" in said
    assert "Warm-up has no number" not in said
    assert "Warm-up: to be graded by hand: mallory" in said
    assert "Warm-up: handed in and without a grade: nameless" in said
    assert "all student ids are numbers" not in said


def test_ids_that_may_be_canvas_own_are_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with Gradebook(desk.url) as gradebook:
        for number in ("7001", "7002"):
            gradebook.add_student(number)
    config = f"{CANVAS_IDS}\nc.ExportPlugin.student = [7001, 7002]"
    text, said = desk.export("CanvasExport", config=config)
    assert "\r\n7001,,,7001," in text
    assert "all student ids are numbers, and stand in the column SIS Login ID; set" in said
    assert "c.CanvasExport.id_column to 'ID' if they are Canvas' own" in said
    for column, row in (("ID", "7001,7001,,,"), ("SIS Login ID", "7001,,,7001,")):
        chosen = f"{config}\nc.CanvasExport.id_column = {column!r}"
        text, said = desk.export("CanvasExport", config=chosen)
        assert f"\r\n{row}" in text
        assert "all student ids are numbers" not in said


def test_who_could_not_be_autograded_does_not_wait_for_a_hand(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with Gradebook(desk.url) as gradebook:
        gradebook.add_submission("Second kata", "nobody")  # as nbgrader leaves it, if that failed
        submission = gradebook.find_submission("Second kata", "nobody")
        assert submission.needs_manual_grade
    options = ["--assignment=Second kata"]
    _, said = desk.export("CanvasExport", *options)
    assert "Second kata: handed in and without a grade: nobody" in said
    assert "to be graded by hand" not in said
    refusing = "c.CanvasExport.refuse_unfinished = True"
    _, said = desk.export("CanvasExport", *options, config=refusing, fails=True)
    assert "what was handed in has no grade; nothing was written" in said


def _lay(desk: Desk, step: str, student: str, *files: str) -> None:
    folder = desk.folder / step / student / "Warm-up"
    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        nbformat.write(nbformat.v4.new_notebook(), folder / name)


AGAIN = "handed in again and not autograded, so that the points are of an earlier hand-in"


def test_whose_last_hand_in_is_not_what_was_graded_is_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    # As nbgrader leaves them, which clears away what it could not autograde.
    for student in ("ada", "lovelace", "mallory", "nameless"):
        _lay(desk, "submitted", student, "problem.ipynb", "mine.ipynb")
    _lay(desk, "autograded", "ada", "problem.ipynb")
    text, said = desk.export("JSONExport", "--assignment=Warm-up")
    assert f"Warm-up: {AGAIN}: mallory\n" in said
    assert "Warm-up: handed in and without a grade: nameless, lovelace\n" in said
    outdated = {one["student"]: one["outdated"] for one in json.loads(text)["grades"]}
    assert [student for student, is_so in outdated.items() if is_so] == ["mallory"]


def test_points_of_an_earlier_hand_in_are_refused_with_what_is_unfinished(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    refusing = f"{CANVAS_IDS}\nc.CanvasExport.refuse_unfinished = True"
    options = ["--assignment=Warm-up", "--student=ada"]
    _lay(desk, "submitted", "ada", "renamed.ipynb")
    for _ in range(2):  # its files are cleared away, or those of the earlier one are still there
        _, said = desk.export("CanvasExport", *options, config=refusing, fails=True)
        assert f"{AGAIN}: ada\n" in said
        assert "what was handed in again is not autograded; nothing was written" in said
        _lay(desk, "autograded", "ada", "problem.ipynb")
    _lay(desk, "submitted", "ada", "problem.ipynb")
    desk.export("CanvasExport", *options, config=refusing)


def test_points_of_a_hand_in_that_was_taken_away_are_of_an_earlier_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    _lay(desk, "autograded", "ada", "problem.ipynb")
    options = ["--assignment=Warm-up", "--student=ada"]
    assert AGAIN not in desk.export("CanvasExport", *options)[1]  # no hand-in came with the files
    _lay(desk, "submitted", "lovelace", "problem.ipynb")
    assert f"Warm-up: {AGAIN}: ada\n" in desk.export("CanvasExport", *options)[1]


def test_who_handed_in_and_is_unknown_to_the_gradebook_gets_no_nought(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    _lay(desk, "submitted", "nobody", "essay.pdf")
    _lay(desk, "submitted", "lovelace")
    config = f"{CANVAS_IDS}\nc.CanvasExport.missing_as_zero = True"
    text, said = desk.export("CanvasExport", config=config)
    _, _, grades = read_canvas(text)
    assert grades["nobody"] == {"40101": "", "40102": "0"}
    assert grades["lovelace"] == {"40101": "0", "40102": "3.25"}
    assert "Warm-up: handed in and without a grade: nameless, nobody\n" in said


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("c.CanvasExport.id_column = 'ID'", "Canvas' ID is a number"),
        ("c.CanvasExport.refuse_unfinished = True", "answers wait to be graded by hand"),
        ("c.CanvasExport.assignment_ids = {'Warm-up': 'x'}", "must give Warm-up a number"),
        ("c.ExportPlugin.assignment = ['Third']", "the gradebook knows no assignment 'Third'"),
        ("c.ExportPlugin.student = ['eve']", "the gradebook knows no student 'eve'"),
        ("c.CanvasExport.id_column = 'id'", "The 'id_column' trait of a CanvasExport instance"),
    ],
)
def test_what_is_refused_leaves_the_old_file(desk: Desk, config: str, sentence: str) -> None:
    before, _ = desk.export("CanvasExport", config=CANVAS_IDS)
    after, said = desk.export("CanvasExport", config=config, fails=True)
    assert sentence in said
    assert after == before
    assert not list(desk.folder.glob("*.part"))


@pytest.mark.parametrize("kept", [0, 20_000])
def test_a_gradebook_that_is_broken_is_told_by_its_name(tmp_path: Path, kept: int) -> None:
    desk = Desk(tmp_path)
    file = tmp_path / "gradebook.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:kept] + b"no database" * 9_000)
    _, said = desk.export("JSONExport", fails=True)
    assert "Traceback" not in said
    assert f"the gradebook {file} cannot be used: " in said
    assert "; restore a backup, or move it away, which loses points given by hand, and run" in said
    assert "`nbgrader generate_assignment ASSIGNMENT --force`; nothing was written" in said


def test_an_unwritable_place_is_told(desk: Desk) -> None:
    _, said = desk.export("JSONExport", "--to=missing/grades.json", fails=True)
    assert "cannot be written: No such file or directory" in said


def test_the_filters_of_nbgrader_hold(desk: Desk) -> None:
    options = ["--assignment=Second kata", "--student=ada", "--student=lovelace"]
    text, _ = desk.export("CanvasExport", *options, config=CANVAS_IDS)
    _, possible, grades = read_canvas(text)
    assert possible == {"40102": "4"}
    assert grades == {"ada": {"40102": "4"}, "lovelace": {"40102": "3.25"}}


def test_who_never_handed_in_is_written_if_a_file_names_the_learners(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ids = {"1": "ada", "2": "zoe@example.org", "3": "kim"}
    (tmp_path / "ids.json").write_text(json.dumps(ids), encoding="utf-8")
    config = f"{CANVAS_IDS}\nc.Collector.ids = 'ids.json'"
    grades = read_canvas(desk.export("CanvasExport", config=config)[0])[2]
    assert grades["ada"] == {"40101": "6", "40102": "4"}
    assert grades["kim"] == grades["zoe@example.org"] == {"40101": "", "40102": ""}
    config += "\nc.CanvasExport.missing_as_zero = True"
    text, _ = desk.export("CanvasExport", "--student=kim", config=config)
    assert read_canvas(text)[2] == {"kim": {"40101": "0", "40102": "0"}}
    text, said = desk.export("MoodleExport", config=config)
    assert read_moodle(text)["zoe@example.org"]["Assignment: Warm-up"] == "-"
    assert "left out, as they have no Email address: kim" in said
    (tmp_path / "ids.json").unlink()
    text, said = desk.export("CanvasExport", config=config)
    assert "kim" not in text
    assert "without those who never handed in: c.Collector.ids: " in said


def test_decimals_and_noughts_as_wished(desk: Desk) -> None:
    config = f"{CANVAS_IDS}\nc.CanvasExport.decimals = 1\nc.CanvasExport.missing_as_zero = True"
    _, _, grades = read_canvas(desk.export("CanvasExport", config=config)[0])
    assert grades["lovelace"] == {"40101": "0", "40102": "3.2"}
    assert grades["nameless"] == {"40101": "", "40102": "0"}


def read_moodle(text: str, delimiter: str = ",") -> dict[str, dict[str, str]]:
    """Read a file as Moodle's importer documents it; return the rows by email."""
    header, *rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    assert {len(row) for row in rows} == {len(header)}
    found = [dict(zip(map(str.strip, header), map(str.strip, row), strict=True)) for row in rows]
    assert all(row["Email address"] not in ("", "0") for row in found)
    return {row["Email address"]: row for row in found}


def test_moodle_reads_our_file_as_it_reads_the_sample(desk: Desk) -> None:
    sample = read_moodle((SAMPLES / "moodle.csv").read_text(encoding="utf-8"))
    text, _ = desk.export("MoodleExport", config="c.MoodleExport.feedback = True")
    rows = read_moodle(text)
    for email, expected in sample.items():
        for column in ("Assignment: Warm-up", "Assignment: Second kata", "Feedback: Warm-up"):
            seen, wanted = rows[email][column], expected[column]
            assert seen == wanted or float(seen) == float(wanted), (email, column)
    assert rows["nobody@example.org"]["Assignment: Warm-up"] == "-"
    assert {row["Feedback: Warm-up"] for row in rows.values()} == {"", "Well reasoned, and short."}
    assert list(rows["ada@example.org"])[:3] == ["First name", "Last name", "Email address"]


def test_moodle_with_commas_for_points(desk: Desk) -> None:
    config = "c.MoodleExport.decimal = ','\nc.MoodleExport.separator = ';'"
    rows = read_moodle(desk.export("MoodleExport", config=config)[0], ";")
    assert rows["lovelace@example.org"]["Assignment: Second kata"] == "3,25"


def test_an_id_that_is_an_address_is_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with Gradebook(desk.url) as gradebook:
        gradebook.add_student("grace@example.org", first_name="Grace", last_name="Hopper")
    desk.grade("Warm-up", "grace@example.org", 5.0)
    rows = read_moodle(desk.export("MoodleExport")[0])
    assert float(rows["grace@example.org"]["Assignment: Warm-up"]) == 5


def test_who_has_no_email_is_left_out_and_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with Gradebook(desk.url) as gradebook:
        gradebook.update_or_create_student("ada", email=None)
        gradebook.update_or_create_student("nobody", email="lovelace@example.org")
    _, said = desk.export("MoodleExport", fails=True)
    assert "two students have the same Email address: 'lovelace@example.org'" in said
    with Gradebook(desk.url) as gradebook:
        gradebook.update_or_create_student("nobody", email="nobody@example.org")
    text, said = desk.export("MoodleExport")
    assert "left out, as they have no Email address: ada" in said
    assert "ada" not in text
    with Gradebook(desk.url) as gradebook:
        for student in gradebook.students:
            gradebook.update_or_create_student(student.id, email=None)
    _, said = desk.export("MoodleExport", fails=True)
    assert "no learner has an Email address, by which Moodle could know them" in said
    text, _ = desk.export("MoodleExport", config="c.MoodleExport.id_column = 'Username'")
    assert "Ada,Ångström,ada,4,6\r\n" in text


def test_json_holds_numbers_and_nulls(desk: Desk) -> None:
    found = json.loads(desk.export("JSONExport")[0])
    assert found["assignments"][1] == {
        "name": "Warm-up", "max_score": 10.0, "duedate": "2026-01-10T12:00:00Z"
    }  # fmt: skip
    grades = {(one["assignment"], one["student"]): one for one in found["grades"]}
    ada = grades["Warm-up", "ada"]
    assert (ada["raw_score"], ada["late_penalty"], ada["score"]) == (8.0, 2.0, 6.0)
    assert grades["Warm-up", "nobody"]["score"] is None
    assert grades["Warm-up", "mallory"]["needs_manual_grade"] is True


def test_an_empty_gradebook_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.url = f"sqlite:///{tmp_path}/empty.db"
    _, said = desk.export("CanvasExport", fails=True)
    assert "the gradebook has no students yet; nothing was written" in said


def test_nbgraders_own_csv_works_beside_them(desk: Desk) -> None:
    text, _ = desk.export("")
    assert text.splitlines()[0].startswith("assignment,duedate,timestamp,student_id")
    assert "Warm-up" in text
