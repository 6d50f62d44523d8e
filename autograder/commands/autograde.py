"""`python -m autograder autograde ASSIGNMENT`: grade a class into nbgrader's gradebook."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from autograder.changes import Tally, between
from autograder.commands.options import positive
from autograder.commands.progress import Progress
from autograder.commands.voice import (
    DONE,
    FAILED,
    INTERRUPTED,
    add_language,
    confirmed,
    say,
    show,
)
from autograder.confine import UnconfinedError
from autograder.language import language_in_force
from autograder.marks import as_card
from autograder.nursery import Nursery
from autograder.pool import ExecutorError, open_nursery
from autograder.report import summary_of
from autograder.settings import SEED_VARIABLE

if TYPE_CHECKING:
    from autograder.gradebook import Course, Found


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
    parser.add_argument("--compare", action="store_true",
                        help="grade again what is recorded, tell who gains and who loses, and"
                        " record it once that is confirmed")  # fmt: skip
    parser.add_argument("--yes", action="store_true",
                        help="confirm what --compare tells beforehand")  # fmt: skip
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N",
                        help="submissions graded at once (default: the cores)")  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="show no progress and no count")
    add_language(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.language:
        language_in_force(options.language)  # before nbgrader loads
    try:
        with open_nursery() as nursery:  # torch loads in it while nbgrader loads here
            return _recorded(nursery, options)
    except ExecutorError as error:
        say(f"{error}; what was recorded has been kept")
        return FAILED
    except KeyboardInterrupt:
        say("stopped; what was recorded has been kept")
        return INTERRUPTED


def _recorded(nursery: Nursery, options: argparse.Namespace) -> int:
    """Open the course and grade it; say why if that cannot be."""
    # nbgrader takes seconds to load, and the workers load this module, too.
    from autograder.converter import CourseError  # noqa: PLC0415
    from autograder.gradebook import Course  # noqa: PLC0415

    try:
        with Course(
            options.assignment,
            learners=options.student,
            force=options.force or options.compare,
            language=options.language or "",
        ) as course:
            return _autograde(course, nursery, options)
    except CourseError as error:
        say(str(error))
    except UnconfinedError as error:
        say(f"{error}; `python -m autograder doctor` says how to get it,"
            " c.Grade.allow_unconfined = True grades all the same: do that only where nothing"
            " is secret")  # fmt: skip
    except OSError as error:
        say(f"it had to stop ({error.strerror or error}); what was recorded has been kept")
    return FAILED


def _autograde(course: Course, nursery: Nursery, options: argparse.Namespace) -> int:
    if not course.secret:
        say(f"hidden cases come from the public seed; set {SEED_VARIABLE} for grades that count")
    lost, done = [*course.lost], 0
    with (
        Progress(len(course.waiting), quiet=options.quiet) as progress,
        closing(course.graded(options.jobs, nursery)) as graded,
    ):
        agreed = _compared(course, graded, progress, options) if options.compare else graded
        for found in agreed:
            one = course.record(found)
            if one.fault:
                lost.append(one)
            else:
                done += 1
            if not options.compare:
                _count(progress, found)
    for one in lost:
        say(f"{one.learner} is not recorded: {one.fault}")
    if not options.quiet:
        kept = f", {course.kept:,} recorded before and no newer" if course.kept else ""
        show(f"{done:,} recorded, {len(lost):,} not{kept}")
    return FAILED if lost else DONE


def _compared(
    course: Course, graded: Iterable[Found], progress: Progress, options: argparse.Namespace
) -> list[Found]:
    """Tell what would change in the gradebook; return what to record, once that is confirmed."""
    every: list[Found] = []
    tally = Tally()
    for found in graded:
        every.append(found)
        learner = found.handed_in.learner
        before, after = course.before_and_after(found)
        old, new = as_card(before), as_card(after)
        changes = between(old, new) if before.marks else ["not recorded before"]
        unread = [card.message for card in found.cards if card.points is None]
        changes += [f"cannot be recorded: {why}" for why in unread[:1]]  # nbgrader stops there
        tally.add(old["points"], new["points"], changes)
        _count(progress, found, [learner, *(f"    {change}" for change in changes)])
    show("\n".join(tally.lines()))
    # Where all keep their points recording still writes their cards anew, and nbgrader then asks
    # for what a person has marked to be looked at again.
    if not every or options.yes or confirmed("Record this in the gradebook?"):
        return every
    show("the gradebook is as it was; --yes records what was found")
    return []


def _count(progress: Progress, found: Found, lines: Sequence[str] = ()) -> None:
    text = "\n".join(lines) if len(lines) > 1 else ""
    for card in found.cards:
        progress.add(summary_of(card), text)
        text = ""
