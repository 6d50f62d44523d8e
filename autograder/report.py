"""What people and programs read: a scorecard as text, JSON or HTML. Pure, no I/O.

A report format is one function. Everything that comes from a learner is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape
from typing import Any

from autograder.records import Belief, Grading, Grid, Outcome, Scorecard, Summary, Verdict
from autograder.texts import printable

FORMAT = 1
_SYMBOLS = {
    Outcome.PASSED: ("✓", "passed"),
    Outcome.FAILED: ("✗", "not yet"),
    Outcome.SKIPPED: ("–", "not reached"),
    Outcome.ERRORED: ("!", "could not be judged"),
}
_STYLE = """
.ag{font:15px/1.5 system-ui,sans-serif;max-width:52rem;color:inherit}
.ag h2{font-size:1.15em;margin:.2em 0 .5em}.ag h3{font-size:1em;margin:0}
.ag h2,.ag h3{font-weight:600;line-height:1.4}
.ag section{border:1px solid #8886;border-left:6px solid #767676;border-radius:4px;
padding:.5em .9em;margin:.5em 0}
.ag .passed{border-left-color:#1a7f37}.ag .failed{border-left-color:#b35900}
.ag p{margin:.3em 0}.ag dl{margin:.3em 0;display:grid;grid-template-columns:max-content 1fr;
gap:0 .8em}.ag dt,.ag dd{float:none;width:auto;margin:0;padding:0}
.ag dt{font-weight:600;white-space:nowrap}.ag .belief{border-left:3px solid #0969da;
padding-left:.7em;margin:.5em 0}.ag .grids{display:grid;
grid-template-columns:max-content max-content;gap:.4em 1.6em;overflow-x:auto}
.ag table{border-collapse:collapse;margin:.2em 0}.ag caption{text-align:left;font-size:.85em}
.ag td{border:1px solid #888;padding:.15em .5em;text-align:right;
font-variant-numeric:tabular-nums}.ag td.out{background:#57606a;color:#fff}
"""


def as_text(card: Scorecard) -> str:
    """Write a scorecard for a terminal."""
    verdicts = _without_repeats(card.verdicts)
    notes = (f"Note: {note}." for note in card.notes)
    return printable("\n".join([_headline(card), *map(_verdict_text, verdicts), *notes]))


def as_json(card: Scorecard) -> dict[str, Any]:
    """Write a scorecard as the JSON object that the README documents field by field."""
    fault = card.execution.fault
    return {
        "format": FORMAT,
        "submission": card.submission,
        "kata": card.kata,
        "status": card.status.value,
        "points": card.points,
        "max_points": card.max_points,
        "message": card.message,
        "notes": list(card.notes),
        "checks": [
            {
                "id": verdict.check,
                "title": verdict.title,
                "outcome": verdict.outcome.value,
                "points": verdict.points,
                "max_points": verdict.max_points,
                "message": message_of(verdict),
                "misconceptions": [belief.id for belief in verdict.explained_by],
            }
            for verdict in card.verdicts
        ],
        "misconceptions": [
            {"id": belief.id, "title": belief.title, "hint": belief.hint}
            for belief in beliefs(card)
        ],
        "execution": {
            "status": card.execution.status.value,
            "error": _fault_line(card) if fault else None,
            "wall_seconds": round(card.execution.wall_seconds, 4),
        },
        "confinement": list(card.execution.confinement),
        "versions": dict(card.versions),
    }


def as_html(card: Scorecard, *, only: str | None = None) -> str:
    """Write a scorecard, or one of its checks, as an HTML fragment without scripts."""
    verdicts = [v for v in card.verdicts if only in (None, v.check)]
    parts = [f"<style>{_STYLE}</style><div class='ag'>"]
    if only is None:
        parts.append(f"<h2>{_escaped(_headline(card))}</h2>")
    elif card.message:
        parts.append(f"<p>{_escaped(card.message)}</p>")
    parts += [_verdict_html(verdict) for verdict in _without_repeats(verdicts)]
    parts += [f"<p>Note: {_escaped(note)}.</p>" for note in card.notes]
    return "\n".join([*parts, "</div>"])


def as_page(card: Scorecard) -> str:
    """Write a self-contained HTML page of a scorecard with a strict content policy."""
    return _page(card.submission, as_html(card))


def as_index(summaries: Iterable[tuple[Summary, str]], *, title: str) -> str:
    """Write a table of submissions as a page, each with a link to its own page."""
    rows = "\n".join(_index_row(summary, link) for summary, link in summaries)
    return _page(
        title,
        f"""<table><thead><tr><th scope="col">Submission</th><th scope="col">Status</th>
<th scope="col">Points</th><th scope="col">Beliefs</th></tr></thead><tbody>
{rows}
</tbody></table>""",
    )


def summary_of(card: Scorecard) -> Summary:
    """Keep what tables and counts are made from."""
    return Summary(
        card.submission,
        card.status,
        card.points,
        card.max_points,
        card.message,
        tuple(belief.title for belief in beliefs(card)),
    )


def _index_row(summary: Summary, link: str) -> str:
    name = _escaped(summary.submission)
    beliefs = "<br>".join(map(_prose, summary.beliefs)) or _escaped(summary.message)
    return (
        f"<tr><th scope='row'><a href='{_escaped(link)}'>{name}</a></th>"
        f"<td>{summary.status.value.replace('_', ' ')}</td><td>{_points(summary)}</td>"
        f"<td>{beliefs}</td></tr>"
    )


def _page(title: str, content: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{_escaped(title)}</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<style>body{{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;
color:#1f2328;background:#fff}}table{{border-collapse:collapse}}
th,td{{text-align:left;vertical-align:top;padding:.2em .8em;border-bottom:1px solid #d0d7de}}
td:nth-child(3){{white-space:nowrap}}
th[scope=row]{{font-weight:400;overflow-wrap:anywhere}}</style>
</head><body><main><h1>{_escaped(title)}</h1>
{content}
</main></body></html>
"""


def message_of(verdict: Verdict) -> str:
    """Say in one line what was seen and what should be."""
    if verdict.finding is not None:
        finding = verdict.finding
        where = f" [{finding.where}]" if finding.where else ""
        return f"{finding.what}: {finding.got}, but should be {finding.expected}{where}"
    if verdict.outcome is Outcome.SKIPPED and verdict.reason:
        return f"not reached: {verdict.reason}"
    return verdict.reason


def beliefs(card: Scorecard) -> list[Belief]:
    """Collect the beliefs over all checks, each once, at most three, most specific first."""
    named = dict.fromkeys(b for verdict in card.verdicts for b in verdict.explained_by)
    return list(named)[:3]


def check_text(verdict: Verdict) -> str:
    """Write one verdict as plain text; the text of a failed `check(f, name)`."""
    return printable(_verdict_text(verdict))


def _points(card: Scorecard | Summary) -> str:
    points = "could not be graded" if card.points is None else f"{card.points:g}"
    return f"{points} / {card.max_points:g}"


def _without_repeats(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Tell each belief in full once, and draw one picture: the first says it all."""
    told: set[str] = set()
    drawn = False
    for verdict in verdicts:
        believed = tuple(
            replace(belief, explanation="", hint="") if belief.id in told else belief
            for belief in verdict.explained_by
        )
        told |= {belief.id for belief in believed}
        finding = verdict.finding
        if finding is not None and finding.grids:
            finding = replace(finding, grids=()) if drawn else finding
            drawn = True
        yield replace(verdict, explained_by=believed, finding=finding)


def _headline(card: Scorecard) -> str:
    words = {
        Grading.GRADED: "",
        Grading.NOT_ATTEMPTED: " (not attempted)",
        Grading.UNREADABLE: " (unreadable)",
        Grading.ERROR: " (the grader failed)",
    }
    message = f": {card.message}" if card.message else ""
    return f"{_points(card)} points{words[card.status]}{message}"


def _fault_line(card: Scorecard) -> str:
    fault = card.execution.fault
    if fault is None:
        return ""
    cell = f"cell {fault.cell}, " if fault.cell else ""
    place = f" ({cell}line {fault.line_number}: {fault.line})" if fault.line else ""
    return f"{fault.type}: {fault.message}{place}"


def _verdict_text(verdict: Verdict) -> str:
    symbol, word = _SYMBOLS[verdict.outcome]
    points = f"{verdict.points:g}/{verdict.max_points:g}"
    lines = [f"{symbol} {verdict.check} ({points}, {word}): {verdict.title}"]
    if message := message_of(verdict):
        lines.append(f"    {message}")
    for belief in verdict.explained_by:
        lines.append(f"    It looks like this belief: {belief.title}.")
        if belief.explanation:
            lines += [f"    {belief.explanation}", f"    {belief.hint} (see: {belief.see})"]
    if verdict.finding is not None and verdict.finding.grids:
        lines.append(f"    {verdict.finding.grids[0].legend}:")
        lines += [line for grid in verdict.finding.grids for line in _grid_text(grid)]
    return "\n".join(lines)


def _grid_text(grid: Grid) -> Iterator[str]:
    yield f"    {grid.title}"
    for values, kept in zip(grid.values, grid.kept, strict=True):
        cells = (f"{v:7.3f} " if k else f"({v:6.3f})" for v, k in zip(values, kept, strict=True))
        yield "      " + " ".join(cells)


def _verdict_html(verdict: Verdict) -> str:
    symbol, word = _SYMBOLS[verdict.outcome]
    head = f"{symbol} {verdict.check}: {word} ({verdict.points:g} of {verdict.max_points:g})"
    parts = [
        f"<section class='{verdict.outcome.value}'>",
        f"<h3>{_escaped(head)}</h3><p>{_prose(verdict.title)}</p>",
    ]
    finding = verdict.finding
    if finding is not None:
        pairs = [("Looked at", finding.what), ("Seen", finding.got)]
        pairs += [("Should be", finding.expected)]
        pairs += [("Where", finding.where)] if finding.where else []
        rows = "".join(f"<dt>{term}</dt><dd>{_escaped(text)}</dd>" for term, text in pairs)
        parts.append(f"<dl>{rows}</dl>")
        if finding.grids:
            grids = "".join(_grid_html(grid) for grid in finding.grids)
            legend = _escaped(finding.grids[0].legend)
            parts.append(f"<p>{legend}:</p><div class='grids'>{grids}</div>")
    elif message := message_of(verdict):
        parts.append(f"<p>{_escaped(message)}</p>")
    parts += [_belief_html(belief) for belief in verdict.explained_by]
    return "".join([*parts, "</section>"])


def _belief_html(belief: Belief) -> str:
    title = f"<p><strong>It looks like this belief:</strong> {_prose(belief.title)}.</p>"
    more = (
        f"<p>{_prose(belief.explanation)}</p>"
        f"<p><em>{_prose(belief.hint)}</em> (see: {_escaped(belief.see)})</p>"
    )
    return f"<div class='belief'>{title}{more if belief.explanation else ''}</div>"


def _prose(text: str) -> str:
    """Escape a text of ours; what stands in backticks becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _escaped(text))


def _escaped(text: str) -> str:
    return escape(printable(text))


def _grid_html(grid: Grid) -> str:
    rows = "".join(
        "<tr>"
        + "".join(
            (f"<td>{v:.3f}</td>" if k else f"<td class='out'>({v:.3f})</td>")
            for v, k in zip(values, kept, strict=True)
        )
        + "</tr>"
        for values, kept in zip(grid.values, grid.kept, strict=True)
    )
    return f"<table><caption>{_escaped(grid.title)}</caption>{rows}</table>"
