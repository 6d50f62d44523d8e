"""Build the notebooks from their one hand-written source each.

`python solutions/build.py [NAME...]` converts `solutions/NAME.py` (jupytext's percent format),
executes it, writes the solution notebook with its outputs, and lets nbgrader make the starter
notebook from that, and one from each translation; without a name, for every assignment.

In the source a cell's header names its `id` and, where nbgrader has to know it, its `role`:
`solution`, `locked`, `graded` or `answer`, the last two with `points`. The id of the solution cell
is the name of the function that it holds.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.course.translation import languages_of, translate, words_of
from autograder.language import ENGLISH, LANGUAGE_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
ROLES = {
    "solution": {"grade": False, "locked": False, "solution": True},
    "locked": {"grade": False, "locked": True, "solution": False},
    "graded": {"grade": True, "locked": True, "solution": False},
    "answer": {"grade": True, "locked": False, "solution": True},
}
CELL_SECONDS = 600
_SOLUTION_CELL = re.compile(r'^# %% id="(\w+)" role="solution"', re.MULTILINE)


@dataclass(frozen=True)
class Assignment:
    """An assignment: its name, and the function that learners write."""

    name: str
    entry_point: str

    @property
    def source(self) -> Path:
        """The one hand-written source."""
        return ROOT / "solutions" / f"{self.name}.py"

    @property
    def solution(self) -> Path:
        """The solution notebook, executed."""
        return ROOT / "solutions" / self.name / self.file

    @property
    def starter(self) -> Path:
        """The starter notebook, as nbgrader releases it."""
        return ROOT / "notebooks" / self.name / self.file

    def starter_in(self, language: str) -> Path:
        """The starter notebook in another language; not beside the English one: nbgrader's."""
        return ROOT / "notebooks" / language / self.name / self.file

    @property
    def file(self) -> str:
        """What both notebooks are called: as the function is, without `_step`."""
        return f"{self.entry_point.removesuffix('_step')}.ipynb"


def assignments() -> dict[str, Assignment]:
    """Find the assignments: the sources that hold a solution cell."""
    found = {}
    for path in sorted((ROOT / "solutions").glob("*.py")):
        if marked := _SOLUTION_CELL.search(path.read_text(encoding="utf-8")):
            found[path.stem] = Assignment(path.stem, marked[1])
    return found


def convert(source: Path) -> NotebookNode:
    """Turn the source into a notebook without outputs.

    Args:
        source: A file in jupytext's percent format.

    Returns:
        A valid notebook of format 4.5, each cell with the id that its header names.

    Raises:
        KeyError: A cell has no id, or a role that is not one of `ROLES`.
        nbformat.ValidationError: Two cells have the same id, or one is malformed.
    """
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL))
    for cell in notebook.cells:
        _mark(cell)
    _mark_what_grading_skips(notebook)
    nbformat.validate(notebook)
    return notebook


def _mark(cell: NotebookNode) -> None:
    """Move what the header says to where Jupyter and nbgrader look for it."""
    cell.id = cell.metadata.pop("id")
    role = cell.metadata.pop("role", None)
    points = cell.metadata.pop("points", None)
    if role is None:
        return
    marks = {"grade_id": cell.id, "schema_version": 3, "task": False, **ROLES[role]}
    if marks["grade"]:
        marks["points"] = points
    cell.metadata["nbgrader"] = NotebookNode(marks)


def _mark_what_grading_skips(notebook: NotebookNode) -> None:
    """Tag the code below the solution, so that it is told apart wherever a learner moves cells."""
    solution = [cell.metadata.get("nbgrader", {}).get("solution") for cell in notebook.cells]
    for cell in notebook.cells[solution.index(True) + 1 :]:
        if cell.cell_type == "code":
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "skip-grading"]


def execute(notebook: NotebookNode) -> None:
    """Run all cells in a new kernel and keep what comes out the same the next time.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell raised.
    """
    NotebookClient(notebook, timeout=CELL_SECONDS, record_timing=False).execute()
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _settled(cell.outputs)


def _settled(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join the pieces of each stream, and keep of a progress bar what stands there in the end."""
    streams: dict[str, NotebookNode] = {}
    kept = []
    for output in outputs:
        if output.output_type != "stream":
            kept.append(output)
        elif output.name in streams:
            streams[output.name].text += output.text
        else:
            streams[output.name] = output
            kept.append(output)
    for stream in streams.values():
        lines = stream.text.split("\n")
        stream.text = "\n".join(line.split("\r")[-1] for line in lines)
    return kept


def release(
    assignment: Assignment, solutions: Path, into: Path, *, language: str = ENGLISH
) -> Path:
    """Let nbgrader make the starter notebook, with this repository's configuration.

    Args:
        assignment: Which one.
        solutions: The folder that holds the assignment's folder of solution notebooks.
        into: A folder that nbgrader makes the assignment's folder in.
        language: Of what stands in the place of the solution.

    Returns:
        The path of the starter notebook.

    Raises:
        RuntimeError: nbgrader failed; the message is what it said.
    """
    command = [
        sys.executable, "-m", "nbgrader", "generate_assignment", assignment.name, "--no-db",
        f"--CourseDirectory.source_directory={solutions.resolve()}",
        f"--CourseDirectory.release_directory={into.resolve()}",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, LANGUAGE_VARIABLE: language},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    starter = into.resolve() / assignment.name / assignment.file
    if done.returncode or not starter.exists():
        raise RuntimeError(f"nbgrader could not make the starter notebook:\n{done.stderr[-4000:]}")
    return starter


def release_translated(assignment: Assignment, language: str, into: Path) -> Path:
    """Let nbgrader make the starter notebook from a translation of the solution notebook.

    Args:
        assignment: Which one.
        language: One that its kata's notebook is translated into.
        into: An empty folder.

    Returns:
        The path of the starter notebook.
    """
    notebook = convert(assignment.source)
    translate(notebook, words_of(assignment.name, language), language)
    solution = into / "solutions" / assignment.name / assignment.file
    solution.parent.mkdir(parents=True)
    nbformat.write(notebook, solution)
    return release(assignment, into / "solutions", into / "notebooks", language=language)


def build(assignment: Assignment) -> None:
    """Build the solution notebook of an assignment, and the starter notebook from it."""
    notebook = convert(assignment.source)
    execute(notebook)
    assignment.solution.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, assignment.solution)
    with tempfile.TemporaryDirectory() as folder:
        starter = release(assignment, assignment.solution.parent.parent, Path(folder))
        _keep(starter, assignment.starter)


def build_translated(assignment: Assignment) -> None:
    """Build the starter notebook of an assignment in each other language."""
    for language in languages_of(assignment.name):
        with tempfile.TemporaryDirectory() as folder:
            starter = release_translated(assignment, language, Path(folder))
            _keep(starter, assignment.starter_in(language))


def _keep(made: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, place)


def main() -> None:
    """Build the notebooks that are named, or all."""
    found = assignments()
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME", help="assignments (default: all)")
    parser.add_argument(
        "--translated", action="store_true", help="only what is in other languages; nothing is run"
    )
    options = parser.parse_args()
    for name in options.names or found:
        if name not in found:
            sys.exit(f"there is no assignment {name!r}; there are: {', '.join(found)}")
        if not options.translated:
            build(found[name])
        build_translated(found[name])


if __name__ == "__main__":
    main()
