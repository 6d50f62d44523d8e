"""What people and programs read: a scorecard as text and as JSON.

A report format is one function; what all of them say alike is here too. People read it in their
language; JSON is English, since programs compare it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.language import ENGLISH, Catalogue, catalogue
from autograder.records import Belief, Entry, Grading, Grid, Outcome, Scorecard, Summary, Verdict
from autograder.texts import one_line, printable

FORMAT = 1
ALL_HINTS = 3
_OPTION = f"hints={ALL_HINTS}"
IN_ENGLISH = catalogue(ENGLISH)
_WIDTH = 96
SYMBOLS = {
    Outcome.PASSED: ("✓", "passed"),
    Outcome.FAILED: ("✗", "not yet"),
    Outcome.SKIPPED: ("–", "not reached"),
    Outcome.ERRORED: ("!", "could not be judged"),
}
_FURTHER = "A further hint opens with the next try; {option} opens all of them."
_NOT_ATTEMPTED = "not attempted"


def as_text(
    card: Scorecard,
    *,
    opened: Mapping[str, int] | None = None,
    language: str = ENGLISH,
    option: str = _OPTION,
) -> str:
    """Write a scorecard for a terminal.

    Args:
        card: What to write.
        opened: How many hints are open for each belief by its id; all where nothing is said.
        language: In which language.
        option: What opens all hints at once, as whoever reads it would write it.
    """
    words = catalogue(language, card.kata)
    card = words.card(card)
    told = told_once(card.verdicts, known=said_above(card, words), words=words)
    verdicts = (_verdict_text(verdict, opened or {}, words, option) for verdict in told)
    notes = (one_line(words("Note: {note}.", note=note)) for note in card.notes)
    first = headline(card, words)
    first = one_line(f"{first}: {card.message}") if card.message else first
    return printable("\n".join([first, *verdicts, *notes]))


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


def summary_of(card: Scorecard) -> Summary:
    """Keep what tables and counts are made from."""
    return Summary(
        card.submission,
        card.status,
        card.points,
        card.max_points,
        card.message,
        tuple(belief.title for belief in beliefs(card)),
        next((v.title for v in card.verdicts if v.outcome is Outcome.FAILED), ""),
    )


def message_of(verdict: Verdict, words: Catalogue = IN_ENGLISH) -> str:
    """Say in one line what was seen and what should be.

    Args:
        verdict: In the language of the words.
        words: What to say it with.
    """
    if verdict.finding is not None:
        finding = verdict.finding
        where = f" [{finding.where}]" if finding.where else ""
        what, got, due = finding.what, finding.got, finding.expected
        return words("{what}: {got}, but should be {due}", what=what, got=got, due=due) + where
    if verdict.outcome is Outcome.SKIPPED and verdict.reason:
        return words("not reached: {reason}", reason=verdict.reason)
    return verdict.reason


def beliefs(card: Scorecard) -> list[Belief]:
    """Collect the beliefs over all checks, each once, at most three, most specific first."""
    return named_in(card.verdicts)[:3]


def named_in(verdicts: Iterable[Verdict]) -> list[Belief]:
    """Collect all beliefs that verdicts name, each once."""
    return list(dict.fromkeys(b for verdict in verdicts for b in verdict.explained_by))


def led(verdict: Verdict, words: Catalogue = IN_ENGLISH) -> Iterator[tuple[str, Belief]]:
    """Give each belief of a verdict the words that lead to it."""
    either = verdict.either and len(verdict.explained_by) > 1
    for number, belief in enumerate(verdict.explained_by):
        if not either:
            lead = words("It looks like this belief:")
        elif number == 0:
            lead = words("It looks like one of these beliefs:")
        else:
            lead = words("Or it is this one:")
        yield lead, belief


def rungs(belief: Belief, words: Catalogue = IN_ENGLISH) -> tuple[tuple[str, str], ...]:
    """Name the hints of a belief in the order in which they open; `ALL_HINTS` of them."""
    return (
        (words("Ask yourself"), belief.hint),
        (words("Where to look"), f"{belief.see.section}: {belief.see.place}."),
        (words("The same idea elsewhere"), belief.see.example),
    )


def check_text(
    verdict: Verdict,
    *,
    opened: Mapping[str, int] | None = None,
    language: str = ENGLISH,
    kata: str = "",
) -> str:
    """Write one verdict as plain text; the text of a failed `check(f, name)`.

    Args:
        verdict: What to write.
        opened: How many hints are open for each belief by its id; all where nothing is said.
        language: In which language.
        kata: Name of the kata that the verdict is about; its words stay English without it.
    """
    words = catalogue(language, kata)
    return printable(_verdict_text(words.verdict(verdict), opened or {}, words, _OPTION))


def points_of(card: Scorecard | Summary) -> str:
    """Write the points, and of how many; a dash where there is no grade."""
    return "–" if card.points is None else f"{card.points:g} / {card.max_points:g}"


def told_once(
    verdicts: Iterable[Verdict], *, known: Collection[str] = (), words: Catalogue = IN_ENGLISH
) -> Iterator[Verdict]:
    """Tell each reason once and each belief in full once, and draw one picture.

    Where a reason is that of a check above, so are the beliefs behind it.

    Args:
        verdicts: In their order, and in the language of the words; the first says it all.
        known: Reasons that stand above them already.
        words: What to say it with.
    """
    reasons = set(known)
    told: set[str] = set()
    drawn = False
    for verdict in verdicts:
        believed = tuple(
            replace(belief, explanation="", hint="") if belief.id in told else belief
            for belief in verdict.explained_by
        )
        again = bool(verdict.reason) and verdict.reason in reasons
        if again:
            believed = tuple(belief for belief in believed if belief.id not in told)
        told |= {belief.id for belief in believed}
        finding = verdict.finding
        if finding is not None and finding.grids:
            finding = replace(finding, grids=()) if drawn else finding
            drawn = True
        reason = verdict.reason
        if again:
            reason = "" if reason in known else words("for the same reason")
        reasons.add(verdict.reason)
        yield replace(verdict, explained_by=believed, finding=finding, reason=reason)


def said_above(card: Scorecard, words: Catalogue = IN_ENGLISH) -> set[str]:
    """Tell what a card's first words say, so that its verdicts need not: message and status.

    Args:
        card: In the language of the words.
        words: What to say it with.
    """
    return {card.message, words(_NOT_ATTEMPTED)}


def headline(card: Scorecard, words: Catalogue = IN_ENGLISH) -> str:
    """Write the first words of a card: points and status, or that there is no grade."""
    if card.points is None:
        return words("could not be graded")
    points = words("{points} points", points=points_of(card))
    not_attempted = card.status is Grading.NOT_ATTEMPTED
    return f"{points} ({words(_NOT_ATTEMPTED)})" if not_attempted else points


def _fault_line(card: Scorecard) -> str:
    fault = card.execution.fault
    if fault is None:
        return ""
    cell = f"cell {fault.cell}, " if fault.cell else ""
    place = f" ({cell}line {fault.line_number}: {fault.line})" if fault.line else ""
    return fault.said + place


def _verdict_text(
    verdict: Verdict, opened: Mapping[str, int], words: Catalogue, option: str
) -> str:
    symbol, word = SYMBOLS[verdict.outcome]
    points = f"{verdict.points:g}/{verdict.max_points:g}"
    lines = [f"{symbol} {verdict.check} ({points}, {words(word)}): {verdict.title}"]
    if message := message_of(verdict, words):
        lines.append(f"    {one_line(message)}")
    if verdict.finding is not None and verdict.finding.grids:
        lines.append(f"    {verdict.finding.grids[0].legend}:")
        lines += _grids_text(verdict.finding.grids)
    for lead, belief in led(verdict, words):
        lines += _belief_text(lead, belief, opened.get(belief.id, ALL_HINTS), words, option)
    return "\n".join(lines)


def _belief_text(
    lead: str, belief: Belief, opened: int, words: Catalogue, option: str
) -> Iterator[str]:
    yield f"    {lead} {belief.title}."
    if not belief.explanation:
        return
    yield f"    {belief.explanation}"
    for name, text in rungs(belief, words)[:opened]:
        yield f"    {name}: {text}"
    if opened < ALL_HINTS:
        yield f"    ({words(_FURTHER, option=option)})"


def _grids_text(grids: Sequence[Grid]) -> Iterator[str]:
    """Write matrices one below the other, two beside each other where they fit."""
    blocks = [_block(grid) for grid in grids]
    while blocks:
        block = blocks.pop(0)
        if blocks and len(blocks[0]) == len(block) and 2 * len(block[-1]) < _WIDTH:
            width = max(map(len, block)) + 4
            block = [
                left.ljust(width) + right for left, right in zip(block, blocks.pop(0), strict=True)
            ]
        yield from (f"      {line}".rstrip() for line in block)


def _block(grid: Grid) -> list[str]:
    return [grid.title, *(" ".join(map(_entry_text, row)) for row in grid.rows)]


def _entry_text(entry: Entry) -> str:
    number = f"{entry.value:.3f}" if entry.kept else f"({entry.value:.3f})"
    rank = "" if entry.rank is None else f"#{entry.rank}"
    return f"{'✗' if entry.differs else ' '}{number:>8} {rank:<3}"
