"""`python -m autograder regrade FILE.jsonl`: judge again what was observed, without running it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.commands.pages import Pages
from autograder.commands.progress import Progress
from autograder.commands.voice import DONE, FAILED, INTERRUPTED, say, show, unwritable
from autograder.kata import names
from autograder.records import Scorecard
from autograder.report import as_json, summary_of
from autograder.results import BusyError, Results, key_of
from autograder.settings import Settings, seed_in_force

_WORDS = ("title", "message", "max_points")


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "regrade", help="judge results again after a check or a message has changed; runs nothing"
    )
    parser.add_argument("results", type=Path, metavar="FILE.jsonl", help="what --output wrote")
    parser.add_argument("--html", type=Path, metavar="DIR", help="write a report for each here")
    parser.add_argument("--seed", metavar="TEXT", help="secret of the hidden cases")
    parser.add_argument("--quiet", action="store_true", help="show no changes and no progress")
    parser.add_argument("--kata", choices=names(), default=names()[0], help="which exercise")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    seed, _ = seed_in_force(options.seed)
    settings = Settings(options.kata, seed)
    if not options.results.is_file():
        say(f"{options.results} is not there; name a file that `grade --output` wrote")
        return FAILED
    try:
        with Results(options.results) as results:
            return _regrade(results, settings, options)
    except BusyError as error:
        say(str(error))
    except OSError as error:
        say(unwritable(error))
    except KeyboardInterrupt:
        say("stopped; the results are as they were")
        return INTERRUPTED
    return FAILED


def _regrade(results: Results, settings: Settings, options: argparse.Namespace) -> int:
    from autograder.review import Reviewer  # noqa: PLC0415 - loads torch

    reviewer = Reviewer(settings.kata, settings.seed)
    pages = Pages(options.html) if options.html else None
    fresh: list[tuple[Scorecard, str]] = []
    changed = strange = 0
    with Progress(len(results.kept), quiet=options.quiet) as progress:
        for kept in results.runs():
            if kept.evidence.asked != reviewer.asked:
                strange += 1
                continue
            card = reviewer.judge(kept.submission, kept.evidence)
            changes = _changes(results.document(card.submission), as_json(card))
            changed += bool(changes)
            progress.add(
                summary_of(card), "\n".join([card.submission, *changes] if changes else [])
            )
            fresh.append((card, key_of(replace(settings, timeout=kept.timeout), kept.content)))
            if pages is not None:
                pages.write(card)
    results.replace(fresh)
    never = len(results.kept) - len(fresh) - strange
    show(f"{len(fresh):,} judged again, {changed:,} changed")
    if never:
        show(f"{never:,} were never run (not attempted, unreadable): `grade` looks at them anew")
    if strange:
        say(f"{strange:,} were observed with another seed, other cases or another version of the"
            " observer; grade them again")  # fmt: skip
        return FAILED
    return DONE


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Tell what a learner would see changed, in a line each."""
    changes = []
    points = [_points(card) for card in (old, new)]
    if points[0] != points[1]:
        changes.append(f"    points: {points[0]} → {points[1]}")
    before, after = ({check["id"]: check for check in card["checks"]} for card in (old, new))
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name, {}), after.get(name, {})
        if one.get("outcome") != other.get("outcome"):
            ends = (one.get("outcome", "not there"), other.get("outcome", "not there"))
            changes.append(f"    {name}: {ends[0]} → {ends[1]}")
        elif changed := [part for part in _WORDS if one.get(part) != other.get(part)]:
            changes.append(f"    {name}: another {' and '.join(changed)}")
    named = [", ".join(belief["id"] for belief in card["misconceptions"]) for card in (old, new)]
    if named[0] != named[1]:
        changes.append(f"    misconceptions: {named[0] or 'none'} → {named[1] or 'none'}")
    elif old["misconceptions"] != new["misconceptions"]:
        changes.append("    misconceptions: other words")
    return changes


def _points(card: dict[str, Any]) -> str:
    points = "none" if card["points"] is None else f"{card['points']:g}"
    return f"{points} of {card['max_points']:g}"
