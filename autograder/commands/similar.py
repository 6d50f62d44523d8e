"""`python -m autograder similar RESULTS.jsonl`: which submissions share their code."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.archive import Archive, EvidenceError, archive_of
from autograder.commands.evidence import UnusableError, class_in, missing, solutions
from autograder.commands.options import share
from autograder.commands.voice import DONE, FAILED, INTERRUPTED, say, show, unreadable

if TYPE_CHECKING:
    from autograder.similar import Solution


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "similar", help="list submissions whose code is the same but for names and layout"
    )
    parser.add_argument("results", type=Path, metavar="RESULTS.jsonl",
                        help="what `grade --output` wrote")  # fmt: skip
    parser.add_argument("--least", type=share, metavar="SHARE",
                        help="list also those that share this part of each, such as 0.9: compares"
                        " every two")  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    try:
        from autograder.similar import as_text, groups_of, pairs_of  # noqa: PLC0415 - an extra
    except ImportError as error:
        say(f"it needs copydetect ({error}): pip install '.[similar]' in the grader's folder")
        return FAILED
    path = archive_of(options.results)
    try:
        if not options.results.is_file() or not path.is_file():
            say(missing(path))
            return FAILED
        groups = groups_of(_solutions(options.results, path))
        show(as_text(groups, pairs_of(groups, options.least) if options.least else ()))
    except (EvidenceError, UnusableError) as error:
        say(str(error))
        return FAILED
    except OSError as error:
        say(unreadable(error))
        return FAILED
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED
    return DONE


def _solutions(results: Path, path: Path) -> Iterator[Solution]:
    from autograder.similar import Solution  # noqa: PLC0415

    found = class_in(results)
    with closing(Archive(path, read_only=True)) as archive:
        for learner, _, code in solutions(archive, found):
            points = "no" if learner.points is None else f"{learner.points:g}"
            yield Solution(learner.submission, code, points)
