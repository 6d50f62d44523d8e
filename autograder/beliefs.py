"""The beliefs behind failures: which wrong programs do what a submission did.

A wrong program explains a failed clause if the clause is silent with the wrong program in the
reference's place. The expected sides are made here, by running the reference and the wrong programs
on the cases, and remembered; learners' code never runs here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.kata import Clause, Kata, Misconception, Program, as_it_is
from autograder.probe import observe
from autograder.records import (
    Belief,
    Case,
    Fault,
    Finding,
    Observation,
    Status,
    Unjudged,
)

MAX_NAMED = 3
_MAX_REMEMBERED = 20_000
_TELLING_WORDS = 4
_QUOTED_PATH = re.compile(r"'[\w.]*\.(\w+)'")


class Expected:
    """What programs that are not the learner's do in the cases, observed once when first needed."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._memory: dict[tuple[int, int, str], Observation] = {}

    def compare(
        self, clause: Clause, got: Observation, program: Program, case: Case
    ) -> Finding | Unjudged | None:
        """Tell what differs between a submission and a program in a case."""
        want = self.observe(program, clause.given(got, case))
        return clause.sees(got, want, case)

    def observe(self, program: Program, case: Case) -> Observation:
        """Tell what a program does in a case."""
        key = (
            id(program),
            id(case.states),
            f"{case.arguments[1:]}{case.keywords}{len(case.trained)}",
        )
        if key not in self._memory:
            if len(self._memory) >= _MAX_REMEMBERED:
                self._memory.clear()
            self._memory[key] = observe(program, case)
        return self._memory[key]


def _no_beliefs(*_: object) -> tuple[Belief, ...]:
    return ()


class Beliefs:
    """The misconceptions of one kata, asked about failures on one set of cases."""

    def __init__(self, kata: Kata, cases: Sequence[Case], expected: Expected) -> None:
        """Take the expected sides from `expected`, which the judge uses as well."""
        self.kata = kata
        self.cases = cases
        self._expected = expected
        self._failing: dict[tuple[int, str], bool] = {}

    def likeliest(
        self,
        check: str,
        explaining: Mapping[str, Sequence[Sequence[Misconception]]],
        held: Sequence[Clause],
    ) -> tuple[Belief, ...]:
        """Choose what to name for a check among the misconceptions that explain its failures.

        Whoever explains two failures is likelier than two that explain one each; whoever would
        fail a clause that holds is less likely. Those of equal merit are all named.

        Args:
            check: Id of the check.
            explaining: For each check, what explains each of its failed clauses.
            held: The clauses that the submission does not fail.
        """
        explained = Counter(
            belief
            for failures in explaining.values()
            for found in failures
            for belief in dict.fromkeys(m.belief for m in found)
        )

        def merit(misconception: Misconception) -> int:
            against = sum(self._fails(misconception.model, clause) for clause in held)
            return explained[misconception.belief] - against

        best: list[Belief] = []
        for found in explaining.get(check, ()):
            merits = [merit(m) if len(found) > 1 else 0 for m in found]
            best += [m.belief for m, its in zip(found, merits, strict=True) if its == max(merits)]
        return tuple(dict.fromkeys(best))[:MAX_NAMED]

    def explaining(
        self, clause: Clause, failed: Case, observations: Sequence[Observation]
    ) -> list[Misconception]:
        """Find what explains that a clause fails, asking first the case where it was seen to."""
        pairs = list(zip(self.cases, observations, strict=True))
        pairs.sort(key=lambda pair: pair[0] is not failed)
        unjudged = [
            isinstance(self._expected.compare(clause, got, self.kata.reference, case), Unjudged)
            for case, got in pairs
        ]
        ways = {clause, replace(clause, given=as_it_is)}
        exact = [
            m
            for m in self.kata.misconceptions
            if m.model is not None
            and any(self._explains(m.model, way, pairs, unjudged) for way in ways)
        ]
        vague = [
            m
            for m in self.kata.misconceptions
            if m.predicate is not None
            and clause.id in m.clauses
            and not exact
            and m.predicate(observations, self.cases)
        ]
        return exact or vague

    def ending_alike(self, observations: Sequence[Observation]) -> list[Misconception]:
        """Find the wrong programs that end as a submission does, which raises, in every case."""
        pairs = list(zip(self.cases, observations, strict=True))
        pairs.sort(key=lambda pair: pair[1].status is Status.RETURNED)
        if not pairs or pairs[0][1].status is Status.RETURNED:
            return []
        return [
            m
            for m in self.kata.misconceptions
            if m.model is not None
            and all(_ended_alike(got, self._expected.observe(m.model, case)) for case, got in pairs)
        ]

    def _fails(self, model: Program | None, clause: Clause) -> bool:
        """Tell whether a wrong program fails a clause by itself."""
        if model is None:
            return False
        key = (id(model), clause.id)
        if key not in self._failing:
            self._failing[key] = any(
                isinstance(
                    self._expected.compare(clause, wrong, self.kata.reference, case), Finding
                )
                for case in self.cases
                for wrong in [self._expected.observe(model, case)]
            )
        return self._failing[key]

    def _explains(
        self,
        model: Program,
        clause: Clause,
        pairs: Sequence[tuple[Case, Observation]],
        unjudged: Sequence[bool],
    ) -> bool:
        """Tell whether the clause is silent with the wrong program in the reference's place.

        The wrong program itself must fail the clause, and be judged where the submission is:
        `unjudged` tells the cases where that is not.
        """
        fails = False
        for (case, got), skipped in zip(pairs, unjudged, strict=True):
            if not case.telling:
                continue
            if isinstance(self._expected.compare(clause, got, model, case), Finding):
                return False
            wrong = self._expected.observe(model, clause.given(got, case))
            if _failed_otherwise(got, wrong):
                return False
            its = self._expected.compare(clause, wrong, self.kata.reference, case)
            if isinstance(its, Unjudged) != skipped:
                return False
            fails = fails or isinstance(its, Finding)
        return fails


def _ended_alike(one: Observation, other: Observation) -> bool:
    ends = [(side.status, len(side.rounds), _kind_of(side.fault)) for side in (one, other)]
    return ends[0] == ends[1]


def _failed_otherwise(one: Observation, other: Observation) -> bool:
    """Tell whether both sides raised an exception, and not of one kind."""
    if one.fault is None or other.fault is None:
        return False
    return _kind_of(one.fault) != _kind_of(other.fault)


def _kind_of(fault: Fault | None) -> tuple[str, ...]:
    """Tell the kind of an exception: its type and how its message begins.

    Of a quoted path such as `'block.0.weight'` the last part counts: which module comes first is a
    matter of style.
    """
    if fault is None:
        return ()
    message = _QUOTED_PATH.sub(r"'….\1'", fault.message)
    return (fault.type, *message.split()[:_TELLING_WORDS])
