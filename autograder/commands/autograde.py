"""`python -m autograder autograde ASSIGNMENT`: grade a class into nbgrader's gradebook."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

from autograder.commands.progress import Progress
from autograder.commands.voice import DONE, FAILED, INTERRUPTED, say, show
from autograder.confine import UnconfinedError
from autograder.report import summary_of
from autograder.settings import SEED_VARIABLE

if TYPE_CHECKING:
    from autograder.gradebook import Course


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "autograde", help="do what `nbgrader autograde` does, for a whole class at once"
    )
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="its name in the course")
    parser.add_argument("--student", default="*", metavar="GLOB",
                        help="only learners whose id matches")  # fmt: skip
    parser.add_argument("--force", action="store_true",
                        help="also what is recorded already, and no older")  # fmt: skip
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
                        help="submissions graded at once (default: the cores)")  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="show no progress and no count")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.jobs < 1:
        say(f"--jobs must be at least 1 (got {options.jobs})")
        return FAILED
    try:
        # nbgrader takes seconds to load, and the workers load this module, too.
        from autograder.gradebook import Course, CourseError  # noqa: PLC0415

        try:
            with Course(
                options.assignment, learners=options.student, force=options.force
            ) as course:
                return _autograde(course, options)
        except CourseError as error:
            say(str(error))
        except UnconfinedError as error:
            say(f"{error}; `python -m autograder doctor` says how to get it,"
                " c.Grade.allow_unconfined = True grades all the same: do that only where nothing"
                " is secret")  # fmt: skip
    except KeyboardInterrupt:
        say("stopped; what was recorded has been kept")
        return INTERRUPTED
    return FAILED


def _autograde(course: Course, options: argparse.Namespace) -> int:
    if not course.secret:
        say(f"hidden cases come from the public seed; set {SEED_VARIABLE} for grades that count")
    lost, done = [*course.lost], 0
    with (
        Progress(len(course.waiting), quiet=options.quiet) as progress,
        closing(course.autograde(options.jobs)) as recorded,
    ):
        for one in recorded:
            if one.fault:
                lost.append(one)
            else:
                done += 1
            for card in one.cards:
                progress.add(summary_of(card), "")
    for one in lost:
        say(f"{one.learner} is not recorded: {one.fault}")
    if not options.quiet:
        kept = f", {course.kept:,} recorded before and no newer" if course.kept else ""
        show(f"{done:,} recorded, {len(lost):,} not{kept}")
    return FAILED if lost else DONE
