"""A whole nbgrader course in a folder: the sample submissions, from release to feedback.

`python -m tests.course FOLDER` holds it and ends with a table of points and an HTML report.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from tests.preloaded import run

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "submissions"
ASSIGNMENT = "lottery_ticket"
NOTEBOOK = "find_winning_ticket"
SOLUTION_CELL = "find_winning_ticket_step"
TIMEOUT = 2.0
CLASS = (
    "right_textbook",
    "right_numpy_argpartition",
    "wrong_per_layer_l1",
    "wrong_no_rewind_textbook",
    "stub",
    "syntax_error",
    "endless_loop",
    "deleted_graded_cell",
)


class Course:
    """A course below a folder, driven by the real `nbgrader` command."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: str = "a secret for this course",
        assignment: str = ASSIGNMENT,
        notebook: str = NOTEBOOK,
    ) -> None:
        """Lay out the course; a folder of that name is replaced."""
        self.assignment, self.notebook = assignment, notebook
        self.folder = folder.resolve()
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        shutil.copytree(
            ROOT / "solutions" / self.assignment, self.folder / "solutions" / self.assignment
        )
        shutil.copy(ROOT / "nbgrader_config.py", self.folder)
        self.environment = {
            **os.environ,
            "AUTOGRADER_SEED": seed,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def nbgrader(self, *arguments: str, fails: bool = False) -> str:
        """Run a command in the course and return what it says."""
        done = run("nbgrader", *arguments, cwd=self.folder, env=self.environment)
        text = done.stdout + done.stderr
        if bool(done.returncode) != fails:
            raise RuntimeError(f"nbgrader {' '.join(arguments)} failed:\n{text[-4000:]}")
        return text

    def generate(self) -> Path:
        """Generate the starter notebook that learners get."""
        self.nbgrader("generate_assignment", self.assignment)
        return self.folder / "notebooks" / self.assignment / f"{self.notebook}.ipynb"

    def learners(self) -> set[str]:
        """Name the learners who have handed in."""
        return {path.name for path in (self.folder / "course" / "submitted").glob("*")}

    def path(self, learner: str) -> Path:
        """Name the file of a learner's submission."""
        return (
            self.folder
            / "course"
            / "submitted"
            / learner
            / self.assignment
            / f"{self.notebook}.ipynb"
        )

    def hand_in(self, learner: str, notebook: nbformat.NotebookNode) -> None:
        """Lay a notebook where `nbgrader collect` would."""
        self.path(learner).parent.mkdir(parents=True, exist_ok=True)
        self.path(learner).write_text(json.dumps(notebook), encoding="utf-8")

    def autograde(self) -> str:
        """Autograde everything that was handed in."""
        return self.nbgrader("autograde", self.assignment, f"--Grade.timeout={TIMEOUT}")

    def points(self) -> dict[str, float]:
        """Ask nbgrader's gradebook for each learner's points."""
        with Gradebook(f"sqlite:///{self.folder}/course/gradebook.db") as gradebook:
            submissions = gradebook.assignment_submissions(self.assignment)
            return {each.student.id: each.score for each in submissions}

    def exported(self) -> dict[str, float]:
        """Have nbgrader export the gradebook; return each learner's points."""
        grades = self.folder / "course" / "grades.csv"
        self.nbgrader("export", f"--to={grades}")
        with grades.open(newline="", encoding="utf-8") as rows:
            return {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(rows)}

    def feedback(self, learner: str) -> str:
        """Read the feedback page of a learner."""
        folder = self.folder / "course" / "feedback" / learner / self.assignment
        return (folder / f"{self.notebook}.html").read_text(encoding="utf-8")

    def grade_by_command_line(
        self, *learners: str, fails: bool = False
    ) -> dict[str, dict[str, object]]:
        """Grade the files of some learners, or all, with `python -m autograder grade`.

        Returns:
            The JSON objects, by learner.
        """
        handed_in = Path("course", "submitted")
        results = self.folder / "results.jsonl"
        reports = self.folder / "reports"
        options = [f"--timeout={TIMEOUT}", f"--output={results}", f"--html={reports}"]
        paths = [handed_in / learner for learner in learners or ("",)]
        results.unlink(missing_ok=True)
        done = run("autograder", "grade", *paths, *options, cwd=self.folder, env=self.environment)
        if bool(done.returncode) != fails:
            raise RuntimeError(f"grading ended with status {done.returncode}")
        cards = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        return {Path(card["submission"]).parts[-3]: card for card in cards}


def grade_id(cell: nbformat.NotebookNode) -> str:
    """Read the name that nbgrader knows a cell by."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def filled(starter: nbformat.NotebookNode, code: str) -> nbformat.NotebookNode:
    """Write `code` into the solution cell."""
    for cell in starter.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = code
    return starter


def code_of(sample: str) -> str:
    """Read the code of a sample submission."""
    return (SAMPLES / sample / "solution.py").read_text(encoding="utf-8")


def notebook_of(sample: str, starter: Path) -> nbformat.NotebookNode:
    """Make the notebook that a member of `CLASS` hands in."""
    notebook = nbformat.read(starter, as_version=4)
    if sample == "stub":
        return notebook
    if sample != "deleted_graded_cell":
        return filled(notebook, code_of(sample))
    notebook = filled(notebook, code_of(CLASS[0]))
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) != "rewind"]
    return notebook


def hold(folder: Path) -> Course:
    """Hold a whole course for `CLASS`, up to the feedback pages."""
    course = Course(folder)
    starter = course.generate()
    for sample in CLASS:
        course.hand_in(sample, notebook_of(sample, starter))
    course.autograde()
    course.nbgrader("generate_feedback", ASSIGNMENT)
    return course


def main() -> int:
    """Hold the course and print the points in the gradebook beside those of the command line."""
    course = hold(Path(sys.argv[1]))
    points, cards = course.points(), course.grade_by_command_line()
    print(f"{'submission':26} {'gradebook':>9} {'command line':>12}  what was found")
    for learner in CLASS:
        card = cards[learner]
        beliefs = ", ".join(str(m["id"]) for m in card["misconceptions"])  # type: ignore[attr-defined]
        said = beliefs or card["message"] or "–"
        print(f"{learner:26} {points[learner]:9g} {card['points']:12g}  {said}")
    print(f"\nFeedback pages: {course.folder / 'course' / 'feedback'}")
    print(f"HTML report:    {course.folder / 'reports' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
