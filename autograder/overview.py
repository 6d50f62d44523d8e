"""A class as a page for instructors. Pure, no I/O; what comes from learners is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from autograder.briefing import (
    grouped_how,
    hardships,
    headline,
    lecture,
    left_out,
    middle,
    outcome_of,
    share,
    statuses,
    submissions,
    tally,
)
from autograder.charts import PATTERNS, STYLE, bar, swatch
from autograder.cohort import BeliefCount, CheckCount, Cohort
from autograder.groups import Group
from autograder.markup import page, prose
from autograder.records import Belief, Outcome
from autograder.report import SYMBOLS
from autograder.texts import printable

_MOST_BELIEFS, _MOST_GROUPS, _MOST_MEMBERS, _MOST_WAYS = 30, 40, 40, 30
_OPEN = 3
_NAME_CHARACTERS = 100
_LOOKS = {
    Outcome.PASSED: "full", Outcome.FAILED: "half", Outcome.SKIPPED: "none",
    Outcome.ERRORED: "odd",
}  # fmt: skip
_STYLE = f"""{STYLE}
h2{{font-size:1.15em;margin:1.6em 0 .4em}}h3{{font-size:1em;margin:.8em 0 .1em;font-weight:600}}
.rows{{border-collapse:collapse;width:100%}}.rows td,.rows th{{padding:.15em .6em .15em 0;
text-align:left;font-weight:400;vertical-align:top}}
.rows .count{{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}}
.rows .bars{{width:100%}}.rows thead{{white-space:nowrap}}.hard{{width:auto}}
.legend span{{display:inline-block;margin-right:1.4em}}
.measure .bar{{display:inline-block;width:10em;margin-right:.6em;vertical-align:-.2em}}
p{{margin:.4em 0;overflow-wrap:anywhere}}.lecture{{border-left:4px solid #2f6fc4;
padding:.1em 0 .1em .9em;max-width:44rem}}.lecture p+p{{margin-top:.8em}}
details{{margin:.2em 0 .6em}}summary{{cursor:pointer}}
pre{{font:13px/1.45 ui-monospace,monospace;border:1px solid #8886;border-radius:4px;
padding:.6em .8em;margin:.3em 0;overflow-x:auto}}
@media print{{section{{break-inside:avoid}}pre{{white-space:pre-wrap}}}}
"""


@dataclass(frozen=True)
class Shown:
    """What the page shows beside numbers.

    Attributes:
        code: What may be shown of a submission's code, by submission.
        labels: What each submission is called: its number, or its path.
        named: Whether these are paths.
        beliefs: All that the exercise says of a belief, by its id.
    """

    code: Mapping[str, str]
    labels: Mapping[str, str]
    named: bool
    beliefs: Mapping[str, Belief]


def as_overview(cohort: Cohort, shown: Shown) -> str:
    """Write the report of a class as a self-contained page."""
    parts = [
        f"<style>{_STYLE}</style>{PATTERNS}",
        _opening(cohort),
        _section("Points", _points(cohort)),
        _section("Checks", _checks(cohort)),
        _section("For the next lecture", _lecture(cohort, shown)),
        _section("Beliefs", _beliefs(cohort, shown)),
        _section("What was hard", _hard(cohort)),
        _section("Groups that one comment can serve", _groups(cohort, shown)),
    ]
    return page(headline(cohort), "\n".join(filter(None, parts)))


def wanted(cohort: Cohort) -> set[str]:
    """Name the submissions whose code the page would show."""
    examples = [belief.example for belief in cohort.beliefs[:_MOST_BELIEFS]]
    return {*examples, *(group.example for group in cohort.groups[:_MOST_GROUPS])} - {""}


def _section(title: str, parts: Iterable[str]) -> str:
    body = "\n".join(parts)
    return f"<section><h2>{title}</h2>\n{body}</section>" if body else ""


def _opening(cohort: Cohort) -> str:
    counted = ", ".join(f"{number:,} {words}" for words, number in statuses(cohort))
    missing = f"<p>{left_out(cohort)}</p>" if cohort.left_out else ""
    return f"<p>Exercise <code>{_text(cohort.kata)}</code>: {counted}.</p>{missing}"


def _points(cohort: Cohort) -> Iterator[str]:
    yield f"<p>{middle(cohort)}</p>"
    if cohort.graded:
        rows = [(label, count) for label, count in cohort.histogram]
        yield _bars("Points", rows, cohort.graded)


def _bars(what: str, rows: list[tuple[str, int]], total: int) -> str:
    """Draw a bar a row, the longest as long as there is room."""
    most = max(count for _, count in rows) or 1
    lines = "".join(
        f"<tr><th scope='row' class='count'>{_text(label)}</th>"
        f"<td class='bars'>{bar([('full', count / most)])}</td>"
        f"<td class='count'>{share(count, total)}</td></tr>"
        for label, count in rows
    )
    return (
        f"<table class='rows'><thead><tr><th scope='col' class='count'>{what}</th><td></td>"
        f"<th scope='col' class='count'>Submissions</th></tr></thead><tbody>{lines}</tbody></table>"
    )


def _checks(cohort: Cohort) -> Iterator[str]:
    if not cohort.graded:
        return
    seen = {outcome for check in cohort.checks for outcome, n in check.outcomes.items() if n}
    looks = "".join(
        f"<span>{swatch(_LOOKS[outcome])}{symbol} {word}</span>"
        for outcome, (symbol, word) in SYMBOLS.items()
        if outcome is not Outcome.ERRORED or outcome in seen
    )
    yield f"<p class='legend'>{looks}</p>"
    yield from map(_check, cohort.checks)


def _check(check: CheckCount) -> str:
    total = sum(check.outcomes.values()) or 1
    parts = [(look, check.outcomes.get(outcome, 0) / total) for outcome, look in _LOOKS.items()]
    return f"<h3>{_text(check.id)}</h3><p>{prose(check.title)}</p>{bar(parts)}<p>{tally(check)}</p>"


def _lecture(cohort: Cohort, shown: Shown) -> Iterator[str]:
    said = "".join(f"<p>{prose(words)}</p>" for words in lecture(cohort, shown.beliefs))
    yield f"<div class='lecture'>{said}</div>"


def _beliefs(cohort: Cohort, shown: Shown) -> Iterator[str]:
    if not cohort.beliefs:
        return
    yield (
        "<p>A belief is named where a failed check is explained by it, at most three a submission;"
        " the shares are of the graded submissions."
        " The code is the shortest that shows it, without comments and long texts.</p>"
    )
    for place, belief in enumerate(cohort.beliefs[:_MOST_BELIEFS]):
        yield _belief(belief, cohort.graded, shown.code.get(belief.example, ""), place < _OPEN)
    yield _more(len(cohort.beliefs) - _MOST_BELIEFS, "belief")


def _belief(belief: BeliefCount, graded: int, code: str, first: bool) -> str:  # noqa: FBT001
    part = belief.count / graded
    return (
        f"<h3>{prose(belief.title)}</h3><p class='measure'>"
        f"{bar([('full', part), ('none', 1 - part)])}{share(belief.count, graded)}</p>"
        + _code(code, "Code that shows it", first)
    )


def _code(code: str, title: str, opened: bool = False) -> str:  # noqa: FBT001, FBT002
    if not code:
        return ""
    return (
        f"<details{' open' if opened else ''}><summary>{title}</summary>"
        f"<pre tabindex='0' role='region' aria-label='Code'>{_text(code)}</pre></details>"
    )


def _hard(cohort: Cohort) -> Iterator[str]:
    rows = hardships(cohort)
    if not rows:
        yield "<p>Nothing was raised, hung or crashed, and everything was reached.</p>"
        return
    lines = "".join(
        f"<tr><td class='count'>{number:,}</td><th scope='row'>{_text(words)}</th></tr>"
        for words, number in rows[:_MOST_WAYS]
    )
    yield f"<table class='rows hard'><tbody>{lines}</tbody></table>"
    yield _more(len(rows) - _MOST_WAYS, "way")


def _groups(cohort: Cohort, shown: Shown) -> Iterator[str]:
    aside = f"Left aside: {submissions(cohort.full)} with all checks passed."
    yield f"<p>{aside} {grouped_how(cohort)}</p>"
    for group in cohort.groups[:_MOST_GROUPS]:
        yield _group(group, cohort, shown)
    yield _more(len(cohort.groups) - _MOST_GROUPS, "group")
    if cohort.alone:
        yield f"<p>{submissions(cohort.alone)} more: each is like no other.</p>"


def _group(group: Group, cohort: Cohort, shown: Shown) -> str:
    how = "do the same" if group.behaves else "got equal verdicts"
    titles = {belief.id: belief.title for belief in cohort.beliefs}
    believed = "; ".join(titles[name] for name in group.first.beliefs)
    labels = [shown.labels[member] for member in group.members]
    members = [_name(label) for label in (sorted(labels) if shown.named else labels)]
    more = len(group.members) - _MOST_MEMBERS
    listed = ", ".join(members[:_MOST_MEMBERS]) + (f", and {more:,} more" if more > 0 else "")
    return (
        f"<h3>{submissions(len(group.members))} {how}</h3><p>{_text(outcome_of(group))}</p>"
        + (f"<p>Beliefs: {prose(believed)}.</p>" if believed else "")
        + f"<p>{'Submissions' if shown.named else 'Numbers'} {listed}</p>"
        + _code(shown.code.get(group.example, ""), "Code of one of them, the shortest")
    )


def _name(label: str) -> str:
    return _text(label if len(label) <= _NAME_CHARACTERS else f"…{label[-_NAME_CHARACTERS:]}")


def _more(number: int, what: str) -> str:
    return f"<p>… and {number:,} more {what}{'s'[: number > 1]}.</p>" if number > 0 else ""


def _text(text: str) -> str:
    return escape(printable(text))
