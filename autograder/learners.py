"""From lines of results to what is known of each learner, in little memory.

A line is what `grade --output` wrote of one submission; the last line of a submission counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from autograder.digests import digest_of
from autograder.lines import Line, parsed
from autograder.records import Grading, Outcome, Status
from autograder.texts import plain_type

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Learner:
    """What a line says of a submission.

    Attributes:
        submission: Its path.
        kata: Name of the exercise.
        status: What became of it.
        points: None where it could not be graded.
        max_points: What could be had.
        outcomes: The outcome of each check by its id.
        beliefs: Ids of the beliefs that explain what failed.
        ended: How its execution ended.
        error: Type of the first exception, if it is one of Python's own; empty if there was none.
        said: Digest of all that the verdicts say.
        line: Digest of the line, by which the archive knows it.
    """

    submission: str
    kata: str
    status: Grading
    points: float | None
    max_points: float
    outcomes: tuple[tuple[str, Outcome], ...]
    beliefs: tuple[str, ...]
    ended: Status
    error: str
    said: bytes
    line: bytes

    @property
    def graded(self) -> bool:
        """Whether it was run and judged."""
        return self.status is Grading.GRADED

    @property
    def full(self) -> bool:
        """Whether all checks passed."""
        return self.graded and all(o is Outcome.PASSED for _, o in self.outcomes)


@dataclass(frozen=True)
class Named:
    """A belief in the words of the results: its title, and a question back."""

    title: str
    hint: str


@dataclass
class Class:
    """All learners of a file of results, and the words that are theirs in common.

    Attributes:
        learners: By submission.
        checks: Title of each check by its id, in order.
        beliefs: Each belief by its id.
        left_out: How many lines could not be read.
    """

    learners: dict[str, Learner] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    beliefs: dict[str, Named] = field(default_factory=dict)
    left_out: int = 0


def read_class(lines: Iterable[bytes]) -> Class:
    """Read lines one by one; empty ones count for nothing."""
    found = Class()
    shared: dict[object, object] = {}  # of ten thousand learners many have the same outcomes
    for line in lines:
        if not line.strip():
            continue
        read = parsed(line)
        if read is None:
            found.left_out += 1
            continue
        found.checks.update((check.id, check.title) for check in read.checks)
        found.beliefs.update((b.id, Named(b.title, b.hint)) for b in read.misconceptions)
        found.learners[read.submission] = _learner(read, line, shared)
    return found


def _learner(read: Line, line: bytes, shared: dict[object, object]) -> Learner:
    outcomes = tuple((check.id, check.outcome) for check in read.checks)
    beliefs = tuple(dict.fromkeys(belief.id for belief in read.misconceptions))
    said = repr([(c.id, c.outcome, c.message) for c in read.checks] + [beliefs])
    return Learner(
        submission=read.submission,
        kata=_one(read.kata, shared),
        status=read.status,
        points=read.points,
        max_points=read.max_points,
        outcomes=_one(outcomes, shared),
        beliefs=_one(beliefs, shared),
        ended=read.execution.status,
        error=_one(_type_of(read.execution.error), shared),
        said=_one(digest_of(said.encode("utf-8", "backslashreplace")), shared),
        line=digest_of(line),
    )


def _type_of(error: str | None) -> str:
    """Name the exception's type; what it says may be anything, and so may a type of one's own."""
    return plain_type((error or "").partition(":")[0])


def _one(value: _T, shared: dict[object, object]) -> _T:
    """Keep equal values once."""
    return cast(_T, shared.setdefault(value, value))
