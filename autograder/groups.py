"""Which submissions of a class are alike, so that one comment can serve them all. Pure, no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.learners import Learner


@dataclass(frozen=True)
class Trace:
    """What the archive knows of a submission.

    Attributes:
        behaviour: Digest of what it did in every case; empty if it did not come through them.
        size: How long its solution is: lines, then characters.
    """

    behaviour: bytes
    size: tuple[int, int]


@dataclass(frozen=True)
class Group:
    """Submissions that one comment can serve.

    Attributes:
        members: The submissions, by number.
        first: One of them; the others have the same outcomes.
        behaves: Whether they do the same in every case, and not only get the same verdicts.
        example: The submission with the shortest code; empty if no code is known.
    """

    members: tuple[str, ...]
    first: Learner
    behaves: bool
    example: str


def groups_of(graded: Iterable[Learner], traces: Mapping[str, Trace]) -> list[Group]:
    """Put the submissions that did not pass everything into groups, largest first.

    What did the same is together; so is what got equal verdicts, where no more is known.
    """
    alike: dict[object, list[Learner]] = defaultdict(list)
    for one in graded:
        if not one.full:
            alike[_behaviour(one, traces) or _verdicts(one)].append(one)
    groups = [
        Group(
            tuple(one.submission for one in ones),
            ones[0],
            bool(_behaviour(ones[0], traces)),
            example_among(ones, traces),
        )
        for ones in alike.values()
    ]
    return sorted(groups, key=lambda group: -len(group.members))


def _behaviour(learner: Learner, traces: Mapping[str, Trace]) -> bytes:
    """Tell what it did; nothing where it raised, for that tells the line, too."""
    trace = traces.get(learner.submission)
    return b"" if trace is None or learner.error else trace.behaviour


def _verdicts(learner: Learner) -> tuple[object, ...]:
    """Tell what was said of it; not the words where it raised, for these quote its line."""
    words = b"" if learner.error else learner.said
    return learner.outcomes, learner.beliefs, learner.ended, learner.error, words


def example_among(ones: Iterable[Learner], traces: Mapping[str, Trace]) -> str:
    """Choose the submission to show: with few beliefs, and short."""
    known = [one for one in ones if one.submission in traces]
    best = min(
        known, default=None, key=lambda one: (len(one.beliefs), *traces[one.submission].size)
    )
    return "" if best is None else best.submission
