"""`python -m autograder regrade FILE.jsonl`: judge again what was observed, without running it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.archive import EvidenceError
from autograder.changes import Tally, between
from autograder.commands import rules
from autograder.commands.evidence import UnusableError, class_in
from autograder.commands.pages import Pages
from autograder.commands.progress import Progress
from autograder.commands.voice import (
    DONE,
    FAILED,
    INTERRUPTED,
    add_language,
    confirmed,
    say,
    show,
    unwritable,
)
from autograder.kata import names
from autograder.language import language_in_force
from autograder.records import Grading, Scorecard
from autograder.report import as_json, summary_of
from autograder.results import BusyError, Results, key_of, mark_of
from autograder.settings import Settings, seed_in_force
from autograder.texts import one_line

if TYPE_CHECKING:
    from autograder.review import Reviewer


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "regrade", help="judge results again after a check or a message has changed; runs nothing"
    )
    parser.add_argument("results", type=Path, metavar="FILE.jsonl", help="what --output wrote")
    parser.add_argument("--html", type=Path, metavar="DIR", help="write a report for each here")
    parser.add_argument("--seed", metavar="TEXT", help="secret of the hidden cases")
    parser.add_argument("--yes", action="store_true",
                        help="write the changes without asking")  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="show no changes and no progress")
    add_language(parser)
    rules.add_to(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    course, folder = rules.rules_for(options, quiet=options.quiet)
    seed, _ = seed_in_force(options.seed, folder)
    options.language = language_in_force(options.language, course=course.terms.language)
    settings = Settings(course.kata, seed, terms=course.terms)
    try:
        if not options.results.is_file():
            say(f"{options.results} is not there; name a file that `grade --output` wrote")
            return FAILED
        class_in(options.results)  # what holds no result stays as it is
        with Results(options.results) as results:
            return _regrade(results, settings, options)
    except (BusyError, EvidenceError, UnusableError) as error:
        say(str(error))
    except OSError as error:
        say(unwritable(error))
    except KeyboardInterrupt:
        say("stopped; the results are as they were")
        return INTERRUPTED
    return FAILED


@dataclass(frozen=True)
class _Judged:
    """A submission's line as it is, and the scorecard and the key to be put in its place."""

    old: Mapping[str, Any]
    card: Scorecard
    key: str


def _regrade(results: Results, settings: Settings, options: argparse.Namespace) -> int:
    fresh, tally, strange = _compared(results, settings, quiet=options.quiet)
    show(f"{len(fresh):,} judged again, {tally.changed:,} changed")
    if tally.changed:
        show("\n".join(tally.lines()))
    if left := len(results.kept) - len(fresh) - strange:
        show(f"{left:,} without evidence (unreadable, say): `grade` looks at them anew")
    if not tally.changed or options.yes or confirmed(f"Write this into {results.path}?"):
        if options.html is not None:  # first: whatever stops it leaves the results as they were
            pages = Pages(options.html, language=options.language, kata=settings.kata)
            _write(pages, results, fresh)
        results.replace(fresh)
    else:
        show(f"{results.path} is as it was; --yes writes the changes")
    if strange:
        say(f"{strange:,} were observed with another seed, other cases or another version of the"
            " observer; grade them again")  # fmt: skip
        return FAILED
    return DONE


def _compared(
    results: Results, settings: Settings, *, quiet: bool
) -> tuple[list[tuple[Scorecard, str]], Tally, int]:
    """Judge again and tell what that changes: scorecards with keys, and how many cannot be."""
    from autograder.review import Reviewer  # noqa: PLC0415 - loads torch

    reviewer_of = cache(lambda kata: Reviewer(kata, settings.seed, settings.terms))
    fresh: list[tuple[Scorecard, str]] = []
    tally = Tally()
    strange = 0
    with Progress(len(results.kept), quiet=quiet) as progress:
        for one in chain(
            _judged(results, settings, reviewer_of), _not_attempted(results, settings, reviewer_of)
        ):
            if one is None:
                strange += 1
                continue
            new = as_json(one.card)
            changes = between(one.old, new)
            tally.add(one.old["points"], new["points"], changes)
            said = [one_line(one.card.submission), *(f"    {change}" for change in changes)]
            progress.add(summary_of(one.card), "\n".join(said if changes else []))
            fresh.append((one.card, one.key))
    return fresh, tally, strange


def _judged(
    results: Results, settings: Settings, reviewer_of: Callable[[str], Reviewer]
) -> Iterator[_Judged | None]:
    """Judge what was observed; None where something else was asked then."""
    for kept in results.runs():
        old = results.document(kept.submission.id)
        kata = settings.kata or old["kata"]
        judge = reviewer_of(kata).of(kept.evidence.learner) if kata in names() else None
        if judge is None or kept.evidence.asked != judge.asked:
            yield None
            continue
        judged_as = replace(settings, kata=kata, timeout=kept.timeout)
        key = key_of(judged_as, kept.content, kept.evidence.learner)
        yield _Judged(old, judge.judge(kept.submission, kept.evidence), key)


def _not_attempted(
    results: Results, settings: Settings, reviewer_of: Callable[[str], Reviewer]
) -> Iterator[_Judged]:
    """Make the cards of those who did not try anew: the maximum may be another."""
    for name, kept in results.kept.items():
        if kept.summary.status is Grading.NOT_ATTEMPTED:
            old = results.document(name)
            kata = settings.kata or old["kata"]
            if kata in names():
                card = reviewer_of(kata).ungraded(name, kept.summary.status, old["message"])
                yield _Judged(old, replace(card, notes=tuple(old["notes"])), kept.key)


def _write(pages: Pages, results: Results, fresh: Iterable[tuple[Scorecard, str]]) -> None:
    """Write the pages of what was judged, and an index of all."""
    judged = {}
    for card, key in fresh:
        pages.write(card, mark_of(card, key))
        judged[card.submission] = summary_of(card)
    others = {name: kept for name, kept in results.kept.items() if name not in judged}
    without = {name for name, kept in others.items() if not pages.has(name, kept.mark)}
    summaries = (judged.get(name, kept.summary) for name, kept in results.kept.items())
    pages.write_index(summaries, without=without)
