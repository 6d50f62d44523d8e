"""`python -m autograder course new DIR`: lay out an nbgrader course that is ready to run."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from autograder.commands.voice import (
    DONE,
    FAILED,
    INTERRUPTED,
    add_language,
    say,
    show,
    unwritable,
)
from autograder.course.layout import COURSE_ID, LayoutError, Plan, lay_out, notebooks_of
from autograder.course.rules import RulesError, points_of
from autograder.kata import default, load, names
from autograder.language import language_in_force

_MOST_PERCENT = 100


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("course", help="lay out an nbgrader course that is ready to run")
    new = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "new", help="make the folder of a new course"
    )
    new.add_argument("folder", type=Path, metavar="DIR", help="a folder to be made, or empty")
    new.add_argument("--kata", choices=names(), default=default(),
                     help="which exercise (default: %(default)s)")  # fmt: skip
    new.add_argument("--points", type=_points, action="append", default=[], metavar="CHECK=POINTS",
                     help="what a check is worth; may be given again for others")  # fmt: skip
    new.add_argument("--late", type=_late, default="none", metavar="none|zero|PERCENT",
                     help="what late submissions lose: nothing (default), all, or this many percent"
                     " a day")  # fmt: skip
    new.add_argument("--exchange", action="store_true",
                     help="learners fetch and submit through nbgrader's exchange, as on JupyterHub"
                     " (default: zips and files)")  # fmt: skip
    new.add_argument("--course-id", type=_course_id, metavar="NAME",
                     help="nbgrader's name of the course (default: the folder's)")  # fmt: skip
    add_language(new)
    new.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    language = language_in_force(options.language)
    try:
        points = points_of(dict(options.points), load(options.kata), "--points:")
        name = options.course_id or _as_id(options.folder.resolve().name)
        plan = Plan(options.kata, name, points, options.late, options.exchange, language)
        lay_out(options.folder, plan)
    except (LayoutError, RulesError) as error:
        say(str(error))
        return FAILED
    except OSError as error:
        say(unwritable(error))
        return FAILED
    except KeyboardInterrupt:
        say("stopped; nothing was made")
        return INTERRUPTED
    show(_next_steps(options.folder, plan))
    return DONE


def _next_steps(folder: Path, plan: Plan) -> str:
    """Say what to do next, in commands that can be pasted as they are."""
    name, kata = shlex.quote(str(folder)), plan.kata
    notebook = notebooks_of(kata)[0].name
    release = [f"nbgrader generate_assignment {kata}"]
    if plan.exchange:
        release.append(f"nbgrader release_assignment {kata}")
        collect, handing = f"nbgrader collect {kata}", "When they have submitted"
    else:
        collect = f"nbgrader zip_collect {kata}"
        handing = (
            f"Hand out release/{kata}/{notebook}. When the submissions, as files or zips, lie in"
            f" downloaded/{kata}/archive"
        )
    return "\n".join((
        f"The course lies in {folder}. To release the assignment:", "",
        *(f"    {line}" for line in (*_path(), f"cd {name}", *release)), "",
        f"{handing}:", "",
        f"    {collect}",
        f"    nbgrader autograde {kata}", "",
        "The written question is yours to grade: `jupyter lab`, Nbgrader, Formgrader. Then:", "",
        f"    nbgrader generate_feedback {kata}",
        "    nbgrader export --to=grades.csv",
    ))  # fmt: skip


def _path() -> list[str]:
    """Put this Python's commands first on the PATH, unless they are."""
    commands = Path(sys.executable).parent
    found = shutil.which("nbgrader")
    if found is not None and Path(found).parent == commands:
        return []
    return [f'export PATH={shlex.quote(str(commands))}{os.pathsep}"$PATH"']


def _as_id(name: str) -> str:
    """Make an id of a folder's name."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "course"


def _points(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be CHECK=POINTS, as mask=4 (got {text})") from None


def _late(text: str) -> str | float:
    if text in ("none", "zero"):
        return text
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = 0.0
    if not 0 < percent <= _MOST_PERCENT:
        raise argparse.ArgumentTypeError(
            f"must be none, zero, or a percentage a day from above 0 to 100 (got {text})"
        )
    return percent


def _course_id(text: str) -> str:
    if not COURSE_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(
            "must begin with a letter, a digit or '_', and hold only these, '-' and '.'"
            f" (got {text})"
        )
    return text
