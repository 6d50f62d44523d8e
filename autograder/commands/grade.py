"""`python -m autograder grade PATH...`: grade notebooks, scripts and folders of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder import pool
from autograder.archive import EvidenceError, Run
from autograder.commands import rules
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
from autograder.notebook import UnreadableError, contents, find, sha256
from autograder.pool import ExecutorError
from autograder.recognition import entry_points, kata_asking_for, kata_in, other_function_in
from autograder.records import Graded, Grading, Summary
from autograder.report import as_text, summary_of
from autograder.results import BusyError, Results, key_of, mark_of
from autograder.settings import DEFAULT_TIMEOUT, Settings, seed_in_force
from autograder.texts import one_line
from autograder.variants import is_pattern, learner_in


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
    parser.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1, metavar="N",
                        help="submissions graded at once (default: the cores)")  # fmt: skip
    parser.add_argument("--executor", type=_scheduler, metavar="dask://HOST:PORT",
                        help="grade on the Dask cluster of this scheduler, not on this"
                        " machine")  # fmt: skip
    parser.add_argument("--timeout", type=seconds, default=DEFAULT_TIMEOUT, metavar="SECONDS",
                        help="for each run of a submission (default: %(default)g)")  # fmt: skip
    parser.add_argument("--fail-under", type=float, metavar="POINTS",
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
    course, folder = rules.rules_for(options, quiet=options.quiet)
    seed, secret = seed_in_force(options.seed, folder)
    language = language_in_force(options.language, course=course.terms.language)
    if not secret:
        say("hidden cases come from the public seed; set AUTOGRADER_SEED for grades that count")
    missing = [given for given in options.paths if not os.path.lexists(given)]
    for given in missing:
        say(f"{given} is not there; name a file, or a folder that holds some")
    paths, unseen = _found(given for given in options.paths if given not in missing)
    for folder, why in unseen.items():
        say(f"{folder} was not looked into: {why}")
    if not paths:
        if not missing and not unseen:
            say("no .ipynb or .py file was found; name a file or a folder that holds one")
        return FAILED
    terms = course.terms
    if options.per_learner:
        terms = replace(terms, per_learner=options.per_learner)
    settings = Settings(course.kata, seed, options.timeout, options.allow_unconfined, terms)
    try:
        with ExitStack() as stack:
            results = stack.enter_context(Results(options.output)) if options.output else None
            pages = None
            if options.html:
                pages = Pages(options.html, language=language, kata=settings.kata)
            desk = _Desk(settings, results, pages)
            kept = {} if options.again else desk.kept(paths)
            if kept:
                say(f"{len(kept):,} of {len(paths):,} are graded already, and unchanged;"
                    " --again grades them all the same")  # fmt: skip
            rest = [path for path in paths if path not in kept]
            waiting = desk.handed_in(rest)
            progress = stack.enter_context(Progress(len(rest), quiet=options.quiet))
            jobs = max(1, min(options.jobs, len(rest)))
            graded = stack.enter_context(
                closing(_grade_many(settings, waiting, jobs=jobs, scheduler=options.executor))
            )
            done = dict(kept)
            for path, one in graded:
                done[path] = desk.record(path, one)
                text = as_text(one.card, language=language)
                progress.add(done[path], f"{one_line(one.card.submission)}\n{text}\n")
            summaries = [done[path] for path in paths]
            if pages is not None:
                pages.write_index(summaries)
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
    if course.kata:
        _tell_of_other_functions(done, course.kata, named=options.kata is not None)
    status = _status(summaries, options.fail_under)
    return FAILED if missing or unseen else status


def _found(given: Iterable[Path]) -> tuple[list[Path], dict[Path, str]]:
    """Find the files, each once, and the folders that cannot be looked into, with the reason."""
    paths: dict[Path, None] = {}
    unseen: dict[Path, str] = {}
    for path in given:
        files, folders = find(path)
        paths |= dict.fromkeys(files)
        unseen |= folders
    return [*paths], unseen


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


class _Desk:
    """Keeps what is graded, and knows what needs no grading again."""

    def __init__(self, settings: Settings, results: Results | None, pages: Pages | None) -> None:
        self._settings = settings
        self._results = results
        self._pages = pages
        self._contents: dict[Path, tuple[str, str]] = {}

    def kept(self, paths: Sequence[Path]) -> dict[Path, Summary]:
        """Find what was graded before, by the same grader with the same settings, unchanged."""
        kept: dict[Path, Summary] = {}
        if self._results is None:
            return kept
        for path in paths:
            known = self._results.kept.get(str(path))
            if known is None or known.summary.status is Grading.ERROR:
                continue
            if self._pages is not None and not self._pages.has(str(path), known.mark):
                continue
            if known.key == self._key(path, *self._content(path)):
                kept[path] = known.summary
        return kept

    def handed_in(self, paths: Iterable[Path]) -> Iterator[Path]:
        """Note each file's content before it is graded: if it changes meanwhile, it is old."""
        for path in paths:
            if self._results is not None:
                self._contents[path] = self._content(path)
            yield path

    def record(self, path: Path, graded: Graded) -> Summary:
        """Write down what was graded."""
        card, run, mark = graded.card, None, ""
        if self._results is not None:
            (content, kata), settings = self._contents[path], self._settings
            if graded.submission is not None and graded.evidence is not None:
                run = Run(content, settings.timeout, graded.submission, graded.evidence)
            key = self._key(path, content, kata)
            self._results.add(card, key, run)
            mark = mark_of(card, key)
        if self._pages is not None:
            self._pages.write(card, mark)
        return summary_of(card)

    def _key(self, path: Path, content: str, kata: str) -> str:
        learner = learner_in(path, self._settings.terms.per_learner)
        return key_of(replace(self._settings, kata=kata), content, learner)

    def _content(self, path: Path) -> tuple[str, str]:
        """Tell a file's content and its kata; one that cannot be read is tried again each time."""
        try:
            data = contents(path)
            content = sha256(data)
        except UnreadableError:
            data, content = b"", ""
        return content, self._settings.kata or kata_in(data, path)


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
        function = other_function_in(contents(path), kata)
    except UnreadableError:
        return ""
    return kata_asking_for(function) if function else ""


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1 (got {number})")
    return number


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


def seconds(text: str) -> float:
    """Read how long something may take."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number of seconds (got {text})")
    return number
