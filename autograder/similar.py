"""Which submissions share their code: a list to look at, never a verdict. Pure.

Source: copydetect, which compares fingerprints of code whose names and texts stand for nothing
(Schleimer, Wilkerson & Aiken 2003, "Winnowing: local algorithms for document fingerprinting").
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from copydetect import CodeFingerprint, compare_files

from autograder.texts import one_line

_GRAM = 25  # characters of stripped code that count if they are alike
_ADVICE = "Short answers to the same question are often alike: look before you conclude anything."


@dataclass(frozen=True)
class Solution:
    """A submission's code, with what it earned."""

    submission: str
    code: str
    points: str

    @property
    def lines(self) -> int:
        """How many lines are not empty."""
        return sum(bool(line.strip()) for line in self.code.splitlines())


@dataclass(frozen=True)
class Alike:
    """Submissions whose code is the same but for names, texts, comments and layout."""

    members: tuple[Solution, ...]
    print: CodeFingerprint


@dataclass(frozen=True)
class Pair:
    """Two different codes that share much.

    Attributes:
        one: Those who have the first.
        other: Those who have the second.
        share: How much of the one is in the other, and of the other in the one: the smaller.
    """

    one: Alike
    other: Alike
    share: float


def groups_of(solutions: Iterable[Solution]) -> list[Alike]:
    """Put those together whose code is the same but for names, texts, comments and layout."""
    prints: dict[str, CodeFingerprint] = {}
    members: dict[str, list[Solution]] = defaultdict(list)
    for solution in solutions:
        seen = CodeFingerprint("solution.py", _GRAM, 1, fp=io.StringIO(solution.code))
        prints.setdefault(seen.filtered_code, seen)
        members[seen.filtered_code].append(solution)
    return [Alike(tuple(ones), prints[code]) for code, ones in members.items()]


def pairs_of(groups: Sequence[Alike], least: float) -> list[Pair]:
    """Find different codes that share at least this part of each, most alike first.

    Args:
        groups: All codes that there are.
        least: Above 0, at most 1.
    """
    pairs = []
    for one, other in combinations(groups, 2):
        if one.print.hashes & other.print.hashes:
            share = float(min(compare_files(one.print, other.print)[1]))
            if share >= least:
                pairs.append(Pair(one, other, share))
    return sorted(pairs, key=lambda pair: -pair.share)


def as_text(groups: Iterable[Alike], pairs: Iterable[Pair] = ()) -> str:
    """Write the list: long codes first, for they are alike by chance least often."""
    shared = [group for group in groups if len(group.members) > 1]
    shared.sort(key=lambda group: (-group.members[0].lines, len(group.members)))
    lines = [f"Shared, but for names, texts, comments and layout: {len(shared):,} solutions."]
    for group in shared:
        lines += _group(group)
    for pair in pairs:
        lines += ["", f"{100 * pair.share:.0f} % of each is in the other:"]
        lines += [_member(alike.members[0], _others(alike)) for alike in (pair.one, pair.other)]
    return "\n".join([*lines, "", _ADVICE])


def _group(group: Alike) -> Iterator[str]:
    first = group.members[0]
    yield ""
    yield f"{len(group.members):,} submissions, {first.lines} lines:"
    for place, member in enumerate(group.members):
        same = place and member.code.split() == first.code.split()
        yield _member(member, ", with the same names, too" if same else "")


def _member(solution: Solution, remark: str) -> str:
    return f"    {one_line(solution.submission)} ({solution.points} points{remark})"


def _others(group: Alike) -> str:
    more = len(group.members) - 1
    return f", and {more} more like it" if more else ""
