"""What a class did, in numbers. Pure, no I/O; the forms that people read are elsewhere."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from autograder.digests import digest_of
from autograder.groups import Group, Trace, example_among, groups_of
from autograder.learners import Class, Learner
from autograder.records import Grading, Outcome, Status

FEW = 5
_COMMON, _COMMON_SHARE, _AT_MOST = 3, 0.05, 2
_BARS = 20


@dataclass(frozen=True)
class CheckCount:
    """How many of the graded submissions came out how at a check."""

    id: str
    title: str
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True)
class BeliefCount:
    """How many submissions a belief explains.

    Attributes:
        id: The belief's name.
        title: The belief in a sentence.
        hint: A question back.
        count: How many submissions.
        example: The submission whose code shows it best; empty if no code is known.
    """

    id: str
    title: str
    hint: str
    count: int
    example: str


@dataclass(frozen=True)
class Cohort:
    """A class in numbers.

    Attributes:
        kata: The exercise of most submissions.
        statuses: How many submissions have which status.
        max_points: What could be had.
        mean: Of the points of graded submissions; None if there are none.
        median: Likewise.
        histogram: Bars of the points of graded submissions, each with its label.
        checks: How the graded submissions came out at each check.
        beliefs: Most frequent first.
        endings: How many graded submissions ended how, but for those that returned.
        exceptions: How many graded submissions raised which type first, most frequent first.
        not_reached: How many graded submissions have checks that were not reached.
        full: How many passed everything.
        groups: Of the graded submissions that did not; two or more in each, largest first.
        alone: How many of these are like no other.
        evidence: Of how many submissions the archive knows what they did.
        left_out: How many lines could not be read.
    """

    kata: str
    statuses: Mapping[Grading, int]
    max_points: float
    mean: float | None
    median: float | None
    histogram: tuple[tuple[str, int], ...]
    checks: tuple[CheckCount, ...]
    beliefs: tuple[BeliefCount, ...]
    endings: Mapping[Status, int]
    exceptions: tuple[tuple[str, int], ...]
    not_reached: int
    full: int
    groups: tuple[Group, ...]
    alone: int
    evidence: int
    left_out: int

    @property
    def total(self) -> int:
        """How many submissions there are."""
        return sum(self.statuses.values())

    @property
    def graded(self) -> int:
        """How many of them were run and judged."""
        return self.statuses.get(Grading.GRADED, 0)


def count(found: Class, traces: Mapping[str, Trace], numbers: Mapping[str, int]) -> Cohort:
    """Count a class.

    Args:
        found: The learners.
        traces: What the archive knows of them, by submission.
        numbers: See `numbered`.
    """
    learners = sorted(found.learners.values(), key=lambda one: numbers[one.submission])
    graded = [one for one in learners if one.graded]
    points = [one.points for one in graded if one.points is not None]
    most = max((one.max_points for one in learners), default=0.0)
    groups = groups_of(graded, traces)
    return Cohort(
        kata=_most_common(one.kata for one in learners),
        statuses=Counter(one.status for one in learners),
        max_points=most,
        mean=mean(points) if points else None,
        median=median(points) if points else None,
        histogram=_histogram(points, most),
        checks=tuple(_check(name, title, graded) for name, title in found.checks.items()),
        beliefs=_beliefs(found, graded, traces),
        endings=Counter(one.ended for one in graded if one.ended is not Status.RETURNED),
        exceptions=_by_frequency(one.error for one in graded if _raised(one)),
        not_reached=sum(any(o is Outcome.SKIPPED for _, o in one.outcomes) for one in graded),
        full=sum(one.full for one in graded),
        groups=tuple(group for group in groups if len(group.members) > 1),
        alone=sum(len(group.members) == 1 for group in groups),
        evidence=len(traces),
        left_out=found.left_out,
    )


def numbered(learners: Collection[Learner]) -> dict[str, int]:
    """Give each submission a number, in an order that tells nothing.

    It depends on all that the lines say, so that nobody finds it out from a list of names.
    """
    salt = b"".join(sorted(one.line for one in learners))
    key = digest_of(salt)
    order = sorted(learners, key=lambda one: digest_of(key + one.line))
    return {one.submission: number for number, one in enumerate(order, start=1)}


def worth_a_word(cohort: Cohort) -> tuple[BeliefCount, ...]:
    """Choose the beliefs to speak of before all: common ones, if the class is large enough."""
    if cohort.graded < FEW:
        return ()
    least = max(_COMMON, _COMMON_SHARE * cohort.graded)
    return tuple(belief for belief in cohort.beliefs if belief.count >= least)[:_AT_MOST]


def _raised(learner: Learner) -> bool:
    return bool(learner.error) and learner.ended in (Status.RETURNED, Status.RAISED)


def _check(name: str, title: str, graded: Iterable[Learner]) -> CheckCount:
    outcomes = Counter(o for one in graded for check, o in one.outcomes if check == name)
    return CheckCount(name, title, outcomes)


def _histogram(points: Sequence[float], most: float) -> tuple[tuple[str, int], ...]:
    """Count points in whole numbers, or in wider steps where there are many points to have."""
    step = max(1, math.ceil(most / _BARS))
    bars = [0] * (int(most // step) + 1)
    for one in points:
        bars[min(max(int(one // step), 0), len(bars) - 1)] += 1
    whole = all(one == int(one) for one in points)
    labels = (_label(low, step, most, whole=whole) for low in range(0, len(bars) * step, step))
    return tuple(zip(labels, bars, strict=True))


def _label(low: int, step: int, most: float, *, whole: bool) -> str:
    if step == 1:
        return f"{low}" if whole or low == most else f"{low} to below {low + 1}"
    return f"{low}" if low == most else f"{low} to below {low + step}"


def _beliefs(
    found: Class, graded: Iterable[Learner], traces: Mapping[str, Trace]
) -> tuple[BeliefCount, ...]:
    by_belief = defaultdict(list)
    for one in graded:
        for belief in one.beliefs:
            by_belief[belief].append(one)
    counts = [
        BeliefCount(name, named.title, named.hint, len(ones), example_among(ones, traces))
        for name, named in found.beliefs.items()
        if (ones := by_belief[name])
    ]
    return tuple(sorted(counts, key=lambda belief: (-belief.count, belief.title, belief.id)))


def _most_common(names: Iterable[str]) -> str:
    return next((name for name, _ in _by_frequency(names)), "")


def _by_frequency(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))
