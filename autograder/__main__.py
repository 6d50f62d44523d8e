"""The command line: `python -m autograder grade PATH...` and `python -m autograder doctor`."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from autograder.confine import LAYERS, missing_layers
from autograder.grading import (
    DEFAULT_TIMEOUT,
    Grader,
    find_submissions,
    grade_many,
    seed_in_force,
)
from autograder.kata import names
from autograder.records import Grading, Scorecard
from autograder.report import as_json, as_page, as_text
from autograder.sandbox import UnconfinedError
from autograder.texts import printable

_READABLE_CHARACTERS = 120
GRADED, POINTS_UNMET, NOT_GRADED, INTERRUPTED = 0, 1, 2, 130
UNCONFINED = 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names and texts may be any bytes
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _grade(options: argparse.Namespace) -> int:
    seed, secret = seed_in_force(options.seed)
    if not secret:
        _say("hidden cases come from the public seed; set AUTOGRADER_SEED for grades that count")
    paths = [path for given in options.paths for path in find_submissions(given)]
    if not paths:
        _say("no .ipynb or .py file was found; name a file or a folder that holds one")
        return NOT_GRADED
    try:
        with ExitStack() as stack:
            output = _opened(stack, options.output)
            if options.html:
                options.html.mkdir(parents=True, exist_ok=True)
            grader = Grader(
                options.kata,
                seed=seed,
                timeout=options.timeout,
                allow_unconfined=options.allow_unconfined,
            )
            stack.callback(grader.close)
            cards = []
            for card in grade_many(grader, paths, jobs=options.jobs):
                _record(card, output, options.html)
                cards.append(card)
            if options.html:
                _write_page(options.html / "index.html", cards, title="Submissions")
    except UnconfinedError as error:
        _say(f"{error}; `python -m autograder doctor` says how to get it, --allow-unconfined grades"
             " all the same: do that only where nothing is secret")  # fmt: skip
        return NOT_GRADED
    except OSError as error:
        _say(f"{error.filename or 'the output'} cannot be written: {error.strerror or error}")
        return NOT_GRADED
    except KeyboardInterrupt:
        _say("stopped; what was finished has been kept")
        return INTERRUPTED
    return _status(cards, options.fail_under)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    grade = commands.add_parser("grade", help="grade notebooks, scripts and folders of them")
    grade.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=".ipynb, .py or folder")
    grade.add_argument("--output", type=Path, metavar="FILE.jsonl", help="append JSON lines here")
    grade.add_argument("--html", type=Path, metavar="DIR", help="write a report for each here")
    grade.add_argument("--seed", metavar="TEXT", help="secret of the hidden cases")
    grade.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1, metavar="N",
                       help="submissions graded at once (default: the cores)")  # fmt: skip
    grade.add_argument("--timeout", type=_seconds, default=DEFAULT_TIMEOUT, metavar="SECONDS",
                       help="for each run of a submission (default: %(default)g)")  # fmt: skip
    grade.add_argument("--fail-under", type=float, metavar="POINTS",
                       help="exit with 1 if a submission has fewer points")  # fmt: skip
    grade.add_argument("--allow-unconfined", action="store_true",
                       help="grade even where the kernel cannot confine code")  # fmt: skip
    grade.add_argument("--kata", choices=names(), default=names()[0], help="which exercise")
    grade.set_defaults(run=_grade)
    doctor = commands.add_parser("doctor", help="tell what this machine can do to confine code")
    doctor.set_defaults(run=_doctor)
    return parser


def _doctor(_: argparse.Namespace) -> int:
    missing = {layer.id: fault for layer, fault in missing_layers()}
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")  # noqa: T201
    print("✓ process, scratch folder, limits: always in force")  # noqa: T201
    for layer in LAYERS:
        if fault := missing.get(layer.id):
            print(f"✗ {layer.id}: {fault}\n  it takes away {layer.takes_away}")  # noqa: T201
            print(f"  to get it, {layer.remedy}")  # noqa: T201
        else:
            print(f"✓ {layer.id}: takes away {layer.takes_away}")  # noqa: T201
    if not missing:
        print("Learners' code is confined on this machine.")  # noqa: T201
        return GRADED
    print("Learners' code cannot be confined on this machine: `grade` refuses to run it unless"  # noqa: T201
          " --allow-unconfined is given.")  # fmt: skip
    return UNCONFINED


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1 (got {number})")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number of seconds (got {text})")
    return number


def _opened(stack: ExitStack, path: Path | None) -> IO[str] | None:
    if path is None:
        return None
    return stack.enter_context(path.open("a", encoding="utf-8", errors="backslashreplace"))


def _record(card: Scorecard, output: IO[str] | None, html: Path | None) -> None:
    print(f"{printable(card.submission)}\n{as_text(card)}\n", flush=True)  # noqa: T201 - the command's output
    if output is not None:
        output.write(json.dumps(as_json(card), ensure_ascii=False) + "\n")
        output.flush()
    if html is not None:
        _write_page(html / _page_name(card.submission), [card], title=card.submission)


def _page_name(submission: str) -> str:
    """Make a file name that tells the path and is its own, however long or odd that is."""
    digest = hashlib.sha256(submission.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    readable = re.sub(r"[^\w.-]+", "_", submission, flags=re.ASCII).strip("._")
    return f"{readable[-_READABLE_CHARACTERS:] or 'submission'}-{digest}.html"


def _write_page(path: Path, cards: list[Scorecard], *, title: str) -> None:
    page = as_page(cards, title=title)
    path.write_text(page, encoding="utf-8", errors="backslashreplace")


def _status(cards: list[Scorecard], fail_under: float | None) -> int:
    lost = [card for card in cards if card.status in (Grading.UNREADABLE, Grading.ERROR)]
    for card in lost:
        _say(f"{card.submission} could not be graded: {card.message}")
    if lost:
        return NOT_GRADED
    if fail_under is not None and any((card.points or 0) < fail_under for card in cards):
        return POINTS_UNMET
    return GRADED


def _say(line: str) -> None:
    print(f"autograder: {printable(line)}", file=sys.stderr)  # noqa: T201 - the command's voice


if __name__ == "__main__":
    sys.exit(main())
