"""A class in short, for a terminal. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import fill

from autograder.briefing import (
    hardships,
    headline,
    lecture,
    left_out,
    middle,
    outcome_of,
    statuses,
    tally,
)
from autograder.cohort import BeliefCount, CheckCount, Cohort
from autograder.groups import Group
from autograder.records import Belief, Outcome
from autograder.texts import printable

_BAR, _LINE = 30, 96
_SHORT_LIST, _LONG_LIST = 5, 12
_MARKS = {Outcome.PASSED: "█", Outcome.FAILED: "▒", Outcome.SKIPPED: "·", Outcome.ERRORED: "!"}


def as_text(cohort: Cohort, beliefs: Mapping[str, Belief]) -> str:
    """Write the short form.

    Args:
        cohort: The class.
        beliefs: See `lecture`.
    """
    counted = ", ".join(f"{number:,} {words}" for words, number in statuses(cohort))
    parts = [f"{headline(cohort)} ({counted})\n{middle(cohort)}"]
    if cohort.graded:
        parts += [_block("Points", _histogram(cohort)), _block("Checks", _checks(cohort))]
    parts.append(_block("Beliefs", map(_belief, cohort.beliefs[:_SHORT_LIST])))
    hard = (f"{count:>6,}  {words}" for words, count in hardships(cohort)[:_LONG_LIST])
    parts.append(_block("What was hard", hard))
    alike = map(_group, cohort.groups[:_SHORT_LIST])
    parts.append(_block("Groups that one comment can serve", alike))
    said = (fill(words, _LINE) for words in lecture(cohort, beliefs))
    parts.append(_block("For the next lecture", said))
    if cohort.left_out:
        parts.append(left_out(cohort))
    return printable("\n\n".join(filter(None, parts)))


def _block(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"{title}\n{body}" if body else ""


def _histogram(cohort: Cohort) -> Iterator[str]:
    most = max(count for _, count in cohort.histogram) or 1
    wide = max(len(label) for label, _ in cohort.histogram)
    for label, count in cohort.histogram:
        bar = "█" * max(round(_BAR * count / most), int(count > 0))
        yield f"{label:>{max(wide, 6)}}  {bar:<{_BAR}} {count:,}"


def _checks(cohort: Cohort) -> Iterator[str]:
    wide = max((len(check.id) for check in cohort.checks), default=0)
    for check in cohort.checks:
        yield f"  {check.id:<{wide}}  {_bar(check)}  {tally(check)}"


def _bar(check: CheckCount) -> str:
    """Draw the outcomes in a line; the ends are rounded, so that all fit."""
    total = sum(check.outcomes.values()) or 1
    bar, seen = "", 0
    for outcome, mark in _MARKS.items():
        seen += check.outcomes.get(outcome, 0)
        bar = bar.ljust(round(_BAR * seen / total), mark)
    return bar.ljust(_BAR)


def _belief(belief: BeliefCount) -> str:
    return f"{belief.count:>6,}  {belief.title}"


def _group(group: Group) -> str:
    how = "did the same" if group.behaves else "got equal verdicts"
    return f"{len(group.members):>6,}  {how}: {outcome_of(group)}"
