"""Lays out a course: nbgrader's configuration, the notebook, the rules and a secret seed.

All of it is made beside the folder and put in its place in one step, so that there is either a
whole course or none.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.course.rules import FILE, MAX_CASES
from autograder.course.translation import translate, words_of
from autograder.kata import load
from autograder.language import ENGLISH, languages
from autograder.settings import SEED_FILE

COURSE_ID = re.compile(r"\w[\w.-]*")
_SEED_BYTES = 32
_MEANS_SOMETHING = "?*[]{}"  # to nbgrader: in patterns, templates and the gradebook's address
_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE / "solutions", _HERE.parents[1] / "solutions")  # installed; in the repository


class LayoutError(Exception):
    """Why no course can be laid out there, in a sentence."""


@dataclass(frozen=True)
class Plan:
    """What a course is to be.

    Attributes:
        kata: Name of the exercise, and of the assignment.
        course_id: What nbgrader calls the course.
        points: What checks are worth, by their ids; the others keep their points.
        late: `none`, `zero`, or percent of the points for each day.
        exchange: Whether learners fetch and submit through nbgrader's exchange.
        language: Of the notebook, and of what learners are told.
    """

    kata: str
    course_id: str
    points: tuple[tuple[str, float], ...] = ()
    late: str | float = "none"
    exchange: bool = False
    language: str = ENGLISH


def lay_out(folder: Path, plan: Plan) -> None:
    """Lay out a course in a folder that is not there, or empty.

    Raises:
        LayoutError: The folder cannot be a course's.
        OSError: It cannot be written.
    """
    folder = folder.resolve()
    _refuse(folder)
    notebooks = notebooks_of(plan.kata)
    with _beside(folder) as building:
        _write(building / "nbgrader_config.py", _configuration(plan))
        _write(building / FILE, _rules(plan))
        _write(building / ".gitignore", _IGNORED)
        seed = os.open(building / SEED_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(seed, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(secrets.token_hex(_SEED_BYTES) + "\n")
        source = building / "source" / plan.kata
        source.mkdir(parents=True)
        for notebook in notebooks:
            _copy(notebook, source / notebook.name, plan)
        if not plan.exchange:
            (building / "downloaded" / plan.kata / "archive").mkdir(parents=True)


def notebooks_of(kata: str) -> list[Path]:
    """Find the solution notebooks of a kata, which nbgrader makes the learners' from.

    Raises:
        LayoutError: There are none.
    """
    for place in _PLACES:
        if found := sorted((place / kata).glob("*.ipynb")):
            return found
    raise LayoutError(f"this installation holds no notebook for the kata {kata}")


def _copy(notebook: Path, place: Path, plan: Plan) -> None:
    """Copy a solution notebook, in the language of the course."""
    if plan.language == ENGLISH:
        shutil.copyfile(notebook, place)
        return
    import nbformat  # noqa: PLC0415 - English needs none

    document = nbformat.read(notebook, as_version=4)
    translate(document, words_of(plan.kata, plan.language), plan.language)
    nbformat.write(document, place)


def _refuse(folder: Path) -> None:
    if found := sorted({mark for mark in _MEANS_SOMETHING if mark in str(folder)}):
        raise LayoutError(f"nbgrader cannot work in {folder}: take a path without {found[0]}")
    if folder == Path.cwd():
        raise LayoutError(f"{folder} is the current folder; name another, which will be made")
    if not folder.parent.is_dir():
        raise LayoutError(f"{folder.parent} is no folder; make it first, or name another")
    if folder.exists() and not folder.is_dir():
        raise LayoutError(f"{folder} is no folder; name another")
    if folder.is_dir() and any(folder.iterdir()):
        raise LayoutError(f"{folder} is not empty; name a folder that is, or one to be made")


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Make a folder that takes the place of another in the end; if anything fails it is gone."""
    building = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    try:  # named before it is made: an interrupt finds it, whenever it comes
        building.mkdir()
        yield building
        building.rename(folder)
    except OSError as error:  # it names what was asked for
        shutil.rmtree(building, ignore_errors=True)
        place = str(error.filename or folder).replace(str(building), str(folder))
        raise OSError(error.errno, error.strerror, place) from error
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


_IGNORED = f"""\
# What only graders may see, and what is made from the rest.
{SEED_FILE}
gradebook.db*
release/
submitted/
autograded/
feedback/
downloaded/
*.jsonl
*.jsonl.evidence*
*.csv
/*.json
/*.html
/reports/
.ipynb_checkpoints/
__pycache__/
"""


def _configuration(plan: Plan) -> str:
    return f'''\
"""nbgrader's configuration of this course; {FILE} says how it is graded."""

from pathlib import Path

from autograder.course.configuration import configure

root = Path(__file__).resolve().parent
c = get_config()  # noqa: F821 - nbgrader defines it
configure(c, language="{plan.language}")

c.CourseDirectory.course_id = "{plan.course_id}"
c.CourseDirectory.root = str(root)
c.CourseDirectory.db_url = f"sqlite:///{{root}}/gradebook.db?timeout=60"

c.Grade.course = "{FILE}"

{_late(plan.late)}
{_collecting(exchange=plan.exchange)}'''


def _late(late: str | float) -> str:
    plugin = {"none": "NoPenalty", "zero": "ZeroAfterDue"}.get(str(late), "PercentADay")
    line = f'c.AssignLatePenalties.plugin_class = "autograder.course.late.{plugin}"\n'
    return line if isinstance(late, str) else f"{line}c.{plugin}.percent = {late!r}\n"


def _collecting(*, exchange: bool) -> str:
    if exchange:
        return (
            "# Learners fetch and submit through nbgrader's exchange, which all of them can write\n"
            "# to. JupyterHub's administrators say where it lies; to say so here:\n"
            '# c.Exchange.root = "/usr/local/share/nbgrader/exchange"\n'
        )
    return (
        "# Submissions come as files or zips in downloaded/ASSIGNMENT/archive.\n"
        'c.ZipCollectApp.extractor_plugin = "autograder.course.collect.Extractor"\n'
        'c.ZipCollectApp.collector_plugin = "autograder.course.collect.Collector"\n'
    )


def _rules(plan: Plan) -> str:
    points = dict(plan.points)
    kata = load(plan.kata)
    rows = [
        f"{'' if check.id in points else '# '}{check.id} ="
        f" {_toml(points.get(check.id, check.points))}"
        for check in kata.checks
    ]
    known = ", ".join(f'"{language}"' for language in languages())
    lines = [
        "# How this course is graded. After a change of points:",
        f"#     nbgrader generate_assignment {plan.kata} --force",
        f"#     python -m autograder autograde {plan.kata} --compare",
        f"#     nbgrader generate_feedback {plan.kata} --force",
        "",
        f'kata = "{plan.kata}"',
        f'language = "{plan.language}"  # of what learners are told: {known}',
        'per_learner = ""  # "{learner}/*/*": each learner has hidden cases of their own',
        "",
        "[points]  # of the checks; those that are not named here keep what the kata gives",
        *rows,
    ]
    if kata.wish is not None:
        lines += [
            "",
            f"# Further situations beside the kata's own, {MAX_CASES} at most, each as this one:",
            "# [[cases]]",
            *(f"# {key} = {_toml(value)}" for key, value in asdict(kata.wish).items()),
        ]
    return "\n".join(lines) + "\n"


def _toml(value: str | float | tuple[int, ...]) -> str:
    if isinstance(value, tuple):
        return json.dumps(value)
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value)
