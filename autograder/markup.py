"""A scorecard as HTML for a notebook's output cell, and as a page of its own.

No scripts: it works where notebooks are shown, prints, and can be read aloud. Everything that
comes from a learner is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from autograder.language import ENGLISH, Catalogue, catalogue
from autograder.records import Belief, Entry, Finding, Grid, Scorecard, Summary, Verdict
from autograder.report import (
    SYMBOLS,
    headline,
    led,
    points_of,
    rungs,
    said_above,
    told_once,
)
from autograder.texts import printable

_STYLE = """
.ag{font:15px/1.5 system-ui,sans-serif;max-width:832px;color:inherit;
container-type:inline-size}
.ag h2,.ag h3{font-weight:600;line-height:1.4;overflow-wrap:anywhere}
.ag h2{font-size:18px;margin:.2em 0 .5em}.ag section h3{font-size:15px;margin:0!important}
.ag p,.ag section p{margin:.3em 0}
.ag section{border:1px solid #8886;border-left:6px solid #767676;border-radius:4px;
padding:.4em .9em;margin:.4em 0}
.ag .passed{border-left-color:#2da44e}.ag .failed{border-left:6px double #d9480f}
.ag .passed>h3,.ag .skipped>h3{display:inline;margin-right:.6em!important}
.ag .passed>p,.ag .skipped>p{display:inline;margin-right:.6em}
.ag dl{margin:.3em 0;display:grid;grid-template-columns:max-content minmax(0,1fr);gap:0 .8em}
.ag dt,.ag dd{float:none;width:auto;margin:0;padding:0}.ag dt{font-weight:600;white-space:nowrap}
.ag dd{overflow-wrap:anywhere}
.ag .belief{border-left:3px solid #218bff;padding-left:.7em;margin:.6em 0}
.ag details{margin:.3em 0}.ag summary{display:list-item;cursor:pointer;font-weight:600}
.ag details p{margin:.1em 0 .4em 1.1em}
.ag .grids{padding:2px;overflow-x:auto}
.ag .pair{display:flex;flex-wrap:wrap;align-items:end;gap:0 1.8em;margin:.4em 0}
.ag table{border-collapse:collapse;margin:.2em 0;border:0;font-size:15px;width:max-content}
.ag tr{background:none!important}
.ag caption{text-align:left;font-size:13px;color:inherit;padding:0}
.ag table td{border:1px solid #767676;padding:.1em .5em;text-align:right;background:none;
line-height:1.3;font-variant-numeric:tabular-nums;white-space:nowrap}
.ag table td.out{background:#57606a;color:#fff}
.ag table td.differs{outline:3px solid #d9480f;outline-offset:-1px}
.ag td small{font-size:11px;display:block}
.ag .aloud{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@container(max-width:20em){.ag dl{grid-template-columns:minmax(0,1fr)}}
@media print{.ag section{break-inside:avoid}.ag td.out{print-color-adjust:exact}}
"""


def as_html(
    card: Scorecard,
    *,
    only: str | None = None,
    opened: Mapping[str, int] | None = None,
    language: str = ENGLISH,
) -> str:
    """Write a scorecard, or one of its checks, as an HTML fragment without scripts.

    Args:
        card: What to write.
        only: Id of the one check to write.
        opened: How many hints are open for each belief by its id; one where nothing is said. A
            click opens the others.
        language: In which language.
    """
    words = catalogue(language, card.kata)
    card = words.card(card)
    verdicts = [v for v in card.verdicts if only in (None, v.check)]
    known = said_above(card, words) if only is None else set()
    spoken = "" if language == ENGLISH else f" lang='{language}'"
    parts = [f"<style>{_STYLE}</style><div class='ag'{spoken}>"]
    if only is None:
        parts.append(f"<h2>{_escaped(headline(card, words))}</h2>")
    if card.message and (only is None or all(v.reason != card.message for v in verdicts)):
        parts.append(f"<p>{prose(card.message)}</p>")
    told = told_once(verdicts, known=known, words=words)
    parts += [_verdict(verdict, opened or {}, words) for verdict in told]
    parts += [f"<p>{prose(words('Note: {note}.', note=note))}</p>" for note in card.notes]
    return "\n".join([*parts, "</div>"])


def as_page(card: Scorecard, *, language: str = ENGLISH) -> str:
    """Write a self-contained HTML page of a scorecard with a strict content policy."""
    return page(card.submission, as_html(card, language=language), language=language)


def as_index(
    summaries: Iterable[tuple[Summary, str]], *, title: str, language: str = ENGLISH, kata: str = ""
) -> str:
    """Write a table of submissions as a page, each with a link to its own page, if it has one.

    Args:
        summaries: What to write, each with its link; empty where there is no page.
        title: What stands above, in English.
        language: In which language.
        kata: Name of the kata that they are of; its words stay English without it.
    """
    words = catalogue(language, kata)
    rows = "\n".join(_index_row(summary, link, words) for summary, link in summaries)
    heads = ("Submission", "Status", "Points", "Beliefs, or what happened")
    columns = "\n".join(f'<th scope="col">{_escaped(words(head))}</th>' for head in heads)
    table = f"""<table class="index"><thead><tr>{columns}</tr></thead><tbody>
{rows}
</tbody></table>"""
    return page(words(title), table, language=language)


def _index_row(summary: Summary, link: str, words: Catalogue) -> str:
    name = re.sub("([/_])", r"\1<wbr>", _escaped(summary.submission))
    happened = "<br>".join(prose(words(belief)) for belief in summary.beliefs)
    happened = happened or prose(words(summary.message))
    if summary.failed and not happened:
        happened = f"{_escaped(words('not yet'))}: {prose(words(summary.failed))}"
    status = words(summary.status.value.replace("_", " "))
    head = f"<a href='{_escaped(link)}'>{name}</a>" if link else name
    return (
        f"<tr><th scope='row'>{head}</th>"
        f"<td>{_escaped(status)}</td><td>{_escaped(points_of(summary))}</td>"
        f"<td>{happened}</td></tr>"
    )


def page(title: str, content: str, *, language: str = ENGLISH) -> str:
    """Write a self-contained page: no scripts, nothing from elsewhere, light or dark.

    Args:
        title: A text.
        content: What stands below it, as HTML.
        language: In which language both are.
    """
    return f"""<!DOCTYPE html>
<html lang="{_escaped(language)}"><head><meta charset="utf-8"><title>{_escaped(title)}</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<style>:root{{color-scheme:light dark}}
body{{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;
color:#1f2328;background:#fff}}a{{color:#0b57d0}}
@media(prefers-color-scheme:dark){{body{{color:#e6e6e6;background:#121212}}a{{color:#8ab4f8}}}}
h1{{font-size:1.4em;overflow-wrap:anywhere}}.index{{border-collapse:collapse}}
.index th,.index td{{text-align:left;vertical-align:top;padding:.2em .8em .2em 0;
border-bottom:1px solid #8886}}.index th[scope=row],.index td:last-child{{overflow-wrap:anywhere}}
.index td:nth-child(3){{white-space:nowrap}}
.index th[scope=row]{{font-weight:400;min-width:12em}}</style>
</head><body><main><h1>{_escaped(title)}</h1>
{content}
</main></body></html>
"""


def _verdict(verdict: Verdict, opened: Mapping[str, int], words: Catalogue) -> str:
    symbol, word = SYMBOLS[verdict.outcome]
    points, most = f"{verdict.points:g}", f"{verdict.max_points:g}"
    points = words("{points} of {most}", points=points, most=most)
    head = f"{symbol} {verdict.check}: {words(word)} ({points})"
    parts = [
        f"<section class='{verdict.outcome.value}'>",
        f"<h3>{_escaped(head)}</h3><p>{prose(verdict.title)}</p>",
    ]
    if verdict.finding is not None:
        parts.append(_finding(verdict.finding, words))
    elif verdict.reason:
        parts.append(f"<p>({prose(verdict.reason)})</p>")
    parts += [
        _belief(lead, belief, opened.get(belief.id, 1), words)
        for lead, belief in led(verdict, words)
    ]
    return "".join([*parts, "</section>"])


def _finding(finding: Finding, words: Catalogue) -> str:
    pairs = [("Looked at", finding.what), ("Seen", finding.got), ("Should be", finding.expected)]
    pairs += [("Where", finding.where)] if finding.where else []
    rows = "".join(
        f"<dt>{_escaped(words(term))}</dt><dd>{_escaped(text)}</dd>" for term, text in pairs
    )
    if not finding.grids:
        return f"<dl>{rows}</dl>"
    grids = "".join(_pair(finding.grids[n : n + 2], words) for n in range(0, len(finding.grids), 2))
    aloud = _escaped(words("Matrices"))
    return (
        f"<dl>{rows}</dl><p>{_escaped(finding.grids[0].legend)}:</p>"
        f"<div class='grids' role='region' aria-label='{aloud}' tabindex='0'>{grids}</div>"
    )


def _belief(lead: str, belief: Belief, opened: int, words: Catalogue) -> str:
    title = f"<p><strong>{_escaped(lead)}</strong> {prose(belief.title)}.</p>"
    if not belief.explanation:
        return f"<div class='belief'>{title}</div>"
    ladder = "".join(
        f"<details{' open' if number <= opened else ''}><summary>{_escaped(name)}</summary>"
        f"<p>{prose(text)}</p></details>"
        for number, (name, text) in enumerate(rungs(belief, words), start=1)
    )
    return f"<div class='belief'>{title}<p>{prose(belief.explanation)}</p>{ladder}</div>"


def prose(text: str) -> str:
    """Escape a text of ours; what stands in backticks becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _escaped(text))


def _escaped(text: str) -> str:
    return escape(printable(text))


def _pair(grids: Sequence[Grid], words: Catalogue) -> str:
    """Draw two matrices, one below the other where they do not fit beside each other."""
    return f"<div class='pair'>{''.join(_grid(grid, words) for grid in grids)}</div>"


def _grid(grid: Grid, words: Catalogue) -> str:
    rows = "".join(
        f"<tr>{''.join(_entry(entry, words) for entry in row)}</tr>" for row in grid.rows
    )
    return f"<table><caption>{_escaped(grid.title)}</caption>{rows}</table>"


def _entry(entry: Entry, words: Catalogue) -> str:
    number = f"{entry.value:.3f}" if entry.kept else f"({entry.value:.3f})"
    rank = "" if entry.rank is None else f"#{entry.rank}"
    classes = " ".join(
        name for name, holds in (("out", not entry.kept), ("differs", entry.differs)) if holds
    )
    aloud = words("kept" if entry.kept else "taken out")
    aloud += f", {words('differs')}" if entry.differs else ""
    return (
        f"<td{f' class={classes!r}' if classes else ''}>{'✗ ' if entry.differs else ''}{number}"
        f"<small>{rank}</small><span class='aloud'> {_escaped(aloud)}</span></td>"
    )
