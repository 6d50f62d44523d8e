"""`python -m autograder grade PATH...`: grade notebooks, scripts and folders of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder import pool
from autograder.archive import EvidenceError
from autograder.commands import rules
from autograder.commands.desk import Desk
from autograder.commands.options import points, positive, seconds
from autograder.commands.pages import Pages
from autograder.commands.progress import Progress
from autograder.commands.voice import (
    DONE,
    FAILED,
    INTERRUPTED,
    UNMET,
    add_language,
    say,
    unwritable,
)
from autograder.confine import UnconfinedError
from autograder.language import language_in_force
from autograder.notebook import UnreadableError, contents, find
from autograder.pool import ExecutorError
from autograder.recognition import entry_points, kata_asking_for, other_function_in
from autograder.records import Graded, Grading, Summary
from autograder.report import as_text
from autograder.results import BusyError, Results
from autograder.settings import DEFAULT_TIMEOUT, SEED_VARIABLE, Settings, seed_in_force
from autograder.texts import one_line
from autograder.variants import is_pattern


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("grade", help="grade notebooks, scripts and folders of them")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=".ipynb, .py or folder")
    parser.add_argument("--output", type=Path, metavar="FILE.jsonl",
                        help="append JSON lines here; the same command goes on where it"
                        " stopped")  # fmt: skip
    parser.add_argument("--again", action="store_true",
                        help="grade also what --output has already, unchanged")  # fmt: skip
    parser.add_argument("--html", type=Path, metavar="DIR", help="write a report for each here")
    parser.add_argument("--seed", metavar="TEXT", help="secret of the hidden cases")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N",
                        help="submissions graded at once (default: the cores)")  # fmt: skip
    parser.add_argument("--executor", type=_scheduler, metavar="dask://HOST:PORT",
                        help="grade on the Dask cluster of this scheduler, not on this"
                        " machine")  # fmt: skip
    parser.add_argument("--timeout", type=seconds, default=DEFAULT_TIMEOUT, metavar="SECONDS",
                        help="for each run of a submission (default: %(default)g)")  # fmt: skip
    parser.add_argument("--fail-under", type=points, metavar="POINTS",
                        help="exit with 1 if a submission has fewer points")  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="show no scorecards and no progress")
    parser.add_argument("--allow-unconfined", action="store_true",
                        help="grade even where the kernel cannot confine code")  # fmt: skip
    parser.add_argument("--per-learner", type=_pattern, metavar="PATTERN",
                        help="hidden cases of their own for each learner, whose id is where"
                        " {learner} stands at the end of the paths: '{learner}/*/*' for"
                        " nbgrader's folders")  # fmt: skip
    add_language(parser)
    rules.add_to(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    settings, language = _settings(options)
    paths, complete = _found(options.paths)
    if not paths:
        return FAILED
    try:
        done = _graded(paths, settings, language, options)
    except UnconfinedError as error:
        say(f"{error}; `python -m autograder doctor` says how to get it, --allow-unconfined grades"
            " all the same: do that only where nothing is secret")  # fmt: skip
        return FAILED
    except (BusyError, EvidenceError, ExecutorError) as error:
        say(str(error))
        return FAILED
    except OSError as error:
        say(unwritable(error))
        return FAILED
    except KeyboardInterrupt:
        said = "what was finished has been kept, and the same command goes on where it stopped"
        say(f"stopped; {said if options.output else '--output would keep what was finished'}")
        return INTERRUPTED
    if settings.kata:
        _tell_of_other_functions(done, settings.kata, named=options.kata is not None)
    status = _status([*done.values()], options.fail_under)
    return status if complete else FAILED


def _settings(options: argparse.Namespace) -> tuple[Settings, str]:
    """Tell how to grade, and in which language learners are told of it."""
    course, folder = rules.rules_for(options, quiet=options.quiet)
    seed, secret = seed_in_force(options.seed, folder)
    language = language_in_force(options.language, course=course.terms.language)
    if not secret:
        say(f"hidden cases come from the public seed; set {SEED_VARIABLE} for grades that count")
    terms = course.terms
    if options.per_learner:
        terms = replace(terms, per_learner=options.per_learner)
    settings = Settings(course.kata, seed, options.timeout, options.allow_unconfined, terms)
    return settings, language


def _found(given: Sequence[Path]) -> tuple[list[Path], bool]:
    """Find the files, each once, and say what was not found; whether that is nothing."""
    missing = [path for path in given if not os.path.lexists(path)]
    for path in missing:
        say(f"{path} is not there; name a file, or a folder that holds some")
    paths: dict[Path, None] = {}
    unseen: dict[Path, str] = {}
    for path in given:
        if path not in missing:
            files, folders = find(path)
            paths |= dict.fromkeys(files)
            unseen |= folders
    for folder, why in unseen.items():
        say(f"{folder} was not looked into: {why}")
    complete = not missing and not unseen
    if complete and not paths:
        say("no .ipynb or .py file was found; name a file or a folder that holds one")
    return [*paths], complete


def _graded(
    paths: Sequence[Path], settings: Settings, language: str, options: argparse.Namespace
) -> dict[Path, Summary]:
    """Grade what is not graded yet, and keep and show it as it comes; what became of each file."""
    with ExitStack() as stack:
        results = stack.enter_context(Results(options.output)) if options.output else None
        pages = None
        if options.html:
            pages = Pages(options.html, language=language, kata=settings.kata)
        desk = Desk(settings, results, pages)
        done = {} if options.again else desk.kept(paths)
        if done:
            say(f"{len(done):,} of {len(paths):,} are graded already, and unchanged;"
                " --again grades them all the same")  # fmt: skip
        rest = [path for path in paths if path not in done]
        progress = stack.enter_context(Progress(len(rest), quiet=options.quiet))
        jobs = max(1, min(options.jobs, len(rest)))
        waiting = desk.handed_in(rest)
        graded = stack.enter_context(
            closing(_grade_many(settings, waiting, jobs=jobs, scheduler=options.executor))
        )
        for path, one in graded:
            done[path] = desk.record(path, one)
            text = as_text(one.card, language=language)
            progress.add(done[path], f"{one_line(one.card.submission)}\n{text}\n")
        done = {path: done[path] for path in paths}
        if pages is not None:
            pages.write_index(done.values())
    return done


def _grade_many(
    settings: Settings, paths: Iterable[Path], *, jobs: int, scheduler: str | None
) -> Generator[tuple[Path, Graded], None, None]:
    """Choose who grades: processes of this machine, or a cluster."""
    if scheduler is None:
        return pool.grade_many(settings, paths, jobs=jobs)
    try:
        from autograder import cluster  # noqa: PLC0415 - few need what it imports
    except ImportError as error:
        raise ExecutorError(
            f"--executor needs Dask ({error}): pip install '.[cluster]' in the grader's folder"
        ) from error
    return cluster.grade_many(settings, paths, address=scheduler, tell=say)


def _status(summaries: Sequence[Summary], fail_under: float | None) -> int:
    lost = [one for one in summaries if one.status in (Grading.UNREADABLE, Grading.ERROR)]
    for one in lost:
        why = one.message.removeprefix(one.submission)
        why = one.message if why == one.message else f"it{why}"
        say(f"{one.submission} could not be graded: {why}")
    if lost:
        return FAILED
    if fail_under is not None and any((one.points or 0) < fail_under for one in summaries):
        return UNMET
    return DONE


def _tell_of_other_functions(done: Mapping[Path, Summary], kata: str, *, named: bool) -> None:
    """Tell in one line of files without points that hold another kata's function."""
    held = [_other_kata(path, kata) for path, one in done.items() if one.points == 0]
    if found := [other for other in held if other]:
        others = " or ".join(f"{other}'s" for other in sorted(set(found)))
        asked = f"--kata {kata} was asked for" if named else f"the rules ask for {kata}"
        say(f"{len(found):,} of {len(done):,} files {'hold' if len(found) > 1 else 'holds'} no"
            f" {entry_points()[kata]}, but {others} function; {asked}")  # fmt: skip


def _other_kata(path: Path, kata: str) -> str:
    try:
        function = other_function_in(contents(path), path, kata)
    except UnreadableError:
        return ""
    return kata_asking_for(function) if function else ""


def _pattern(text: str) -> str:
    if not is_pattern(text):
        raise argparse.ArgumentTypeError(f"must hold {{learner}} once (got {text})")
    return text


def _scheduler(text: str) -> str:
    """Take the address out of `dask://HOST:PORT`."""
    address = text.removeprefix("dask://")
    host, _, port = address.rpartition(":")
    if address == text or not host or not port.isdecimal() or "/" in host:
        raise argparse.ArgumentTypeError(f"must be dask://HOST:PORT (got {text})")
    return address
