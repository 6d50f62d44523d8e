"""`python -m autograder explain RESULTS.jsonl LEARNER`: all that a verdict rests on."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from autograder.archive import Archive, EvidenceError, Run, archive_of
from autograder.commands import rules
from autograder.commands.evidence import UnusableError, class_in, missing
from autograder.commands.voice import DONE, FAILED, INTERRUPTED, say, show, unreadable
from autograder.recognition import kata_asking_for
from autograder.records import Grading
from autograder.settings import seed_in_force

_MAX_NAMED, _MAX_NEAR = 10, 3
_NOT_RUN = {
    Grading.GRADED: "has no evidence",
    Grading.NOT_ATTEMPTED: "was not attempted",
    Grading.UNREADABLE: "could not be read",
    Grading.ERROR: "could not be graded",
}


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "explain", help="show an instructor the hidden cases behind a verdict, with all values"
    )
    parser.add_argument("results", type=Path, metavar="RESULTS.jsonl",
                        help="what `grade --output` wrote")  # fmt: skip
    parser.add_argument("learner", metavar="LEARNER",
                        help="the submission's path, or a folder or file name in it")  # fmt: skip
    parser.add_argument("--case", action="append", metavar="NAME", default=[],
                        help="show this case in full, and not the first of each check that failed;"
                        " may be repeated")  # fmt: skip
    parser.add_argument("--seed", metavar="TEXT", help="secret of the hidden cases")
    rules.add_to(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    path = archive_of(options.results)
    try:
        if not path.is_file():
            say(missing(path))
            return FAILED
        with closing(Archive(path, read_only=True)) as archive:
            found = _wanted(archive.submissions(), options)
            return FAILED if found is None else _explain(archive.run(found), options)
    except EvidenceError as error:
        say(str(error))
    except OSError as error:
        say(unreadable(error))
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED
    return FAILED


def _wanted(submissions: Collection[str], options: argparse.Namespace) -> str | None:
    """Find the one submission that is meant, among those that were run."""
    learner: str = options.learner
    found = _fitting(submissions, learner)
    if len(found) == 1:
        return found[0]
    if found:
        more = f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
        say(f"{learner!r} fits {len(found)} submissions, name one:"
            f" {', '.join(found[:_MAX_NAMED])}{more}")  # fmt: skip
    else:
        say(_nothing_for(learner, submissions, _never_run(options.results, submissions)))
    return None


def _fitting(submissions: Iterable[str], learner: str) -> list[str]:
    """Choose the submission of this path, or those with a folder or file of this name."""
    paths = list(submissions)
    return [learner] if learner in paths else [path for path in paths if learner in _names(path)]


def _names(path: str) -> tuple[str, ...]:
    return (*Path(path).parts, Path(path).stem)


def _never_run(results: Path, submissions: Collection[str]) -> dict[str, Grading]:
    """Tell what became of the submissions that have a result and no run."""
    try:
        learners = class_in(results).learners
    except UnusableError:  # the evidence is enough
        return {}
    return {name: one.status for name, one in learners.items() if name not in submissions}


def _nothing_for(learner: str, submissions: Iterable[str], never_run: Mapping[str, Grading]) -> str:
    """Say why there is nothing to explain."""
    found = _fitting(never_run, learner)
    if len(found) == 1:
        return f"{found[0]} {_NOT_RUN[never_run[found[0]]]}, so there is nothing to explain"
    if found:
        return f"{learner!r} fits {len(found)} submissions, none of which was run"
    known = [name for path in (*submissions, *never_run) for name in _names(path)]
    known = [*dict.fromkeys(known)]
    near = [name for name in known if learner in name]
    near += get_close_matches(learner, known, _MAX_NEAR)
    named = ", ".join(repr(name) for name in [*dict.fromkeys(near)][:_MAX_NEAR])
    return f"no submission has a folder or file named {learner!r}" + (named and f"; near: {named}")


def _explain(run: Run, options: argparse.Namespace) -> int:
    from autograder.disclosure import disclosed, first_of_each  # noqa: PLC0415 - loads torch
    from autograder.review import Reviewer  # noqa: PLC0415

    course, folder = rules.rules_for(options, quiet=True)
    seed, _ = seed_in_force(options.seed, folder)
    kata = course.kata or kata_asking_for(run.submission.entry_point)
    reviewer = Reviewer(kata, seed, course.terms).of(run.evidence.learner)
    if run.evidence.asked != reviewer.asked:
        say("it was observed with another seed, other cases or another version of the observer;"
            " give that seed, or grade it again")  # fmt: skip
        return FAILED
    known = [case.id for case in reviewer.hidden_cases]
    for name in options.case:
        if name not in known:
            say(f"there is no case named {name!r}; there are: {', '.join(known)}")
            return FAILED
    card = reviewer.judge(run.submission, run.evidence)
    differences = reviewer.differences(run.submission, run.evidence)
    wanted = options.case or first_of_each(differences)
    show(disclosed(card, differences, reviewer.hidden_cases, wanted))
    return DONE
