"""The beliefs behind failures: which wrong programs do what a submission did.

A wrong program explains a failed clause if the clause is silent with the wrong program in the
reference's place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from autograder.endings import ended_alike, failed_otherwise
from autograder.expected import Expected
from autograder.kata import Clause, Given, Kata, Misconception, Program, as_it_is
from autograder.records import Belief, Case, Finding, Observation, Status, Unjudged

MAX_NAMED = 3

_Asked: TypeAlias = "Sequence[tuple[Case, Observation, Finding | Unjudged | None]]"
"""Cases, each with what a submission did there and how that was judged."""


@dataclass(frozen=True)
class Told:
    """What became of a clause, or of a check that was not reached.

    Attributes:
        check: Id of the check.
        clause: The clause; None if the check was not reached.
        failed: Whether the clause failed.
        explained_by: What explains it, if it did not hold.
    """

    check: str
    clause: Clause | None = None
    failed: bool = False
    explained_by: tuple[Misconception, ...] = ()

    @property
    def beliefs(self) -> set[Belief]:
        """What may be believed of whoever did so."""
        return {misconception.belief for misconception in self.explained_by}


@dataclass(frozen=True)
class Named:
    """What is named for a check.

    Attributes:
        beliefs: The likeliest.
        either: Whether they are alternatives: each explains the same failures, and equally well.
    """

    beliefs: tuple[Belief, ...]
    either: bool


class Beliefs:
    """The misconceptions of one kata, asked about failures on one set of cases."""

    def __init__(self, kata: Kata, cases: Sequence[Case], expected: Expected) -> None:
        """Take the expected sides from `expected`, which the judge uses as well."""
        self.kata = kata
        self.cases = cases
        self._expected = expected
        self._failing = {
            (id(m.model), clause.id): False
            for m in kata.misconceptions
            for check in kata.checks
            for clause in check.clauses
            if m.model is not None and not kata.may_fail(m.model, clause)
        }
        self._own: dict[tuple[int, str, Given, int], Finding | Unjudged | None] = {}

    def likeliest(self, check: str, told: Sequence[Told]) -> Named:
        """Choose what to name for a check among the misconceptions that explain its failures.

        Whoever explains two failures is likelier than two that explain one each. What speaks
        against a belief are clauses that its program would fail: those that hold, and those whose
        failure others explain and it does not. Those of equal merit are all named, as alternatives
        if they explain the same failures. Who explains a failure alone is not named if anything
        speaks against it; but checks that come first do not speak against whoever does wrong only
        later.

        Args:
            check: Id of the check.
            told: What became of all clauses.
        """
        explained = Counter(belief for one in told for belief in one.beliefs)
        first = self.kata.find_check(check).after
        speaking = [one for one in told if one.beliefs or not one.failed]

        def against(suspect: Misconception) -> list[Told]:
            return [
                one for one in speaking
                if one.clause is not None
                and suspect.belief not in one.beliefs
                and self._fails(suspect.model, one.clause)
            ]  # fmt: skip

        best: list[list[Belief]] = []  # for each failure
        for one in told:
            if one.check != check or not one.explained_by:
                continue
            found = [(suspect, against(suspect)) for suspect in one.explained_by]
            if len(one.beliefs) == 1:
                fits = any(
                    all(o.check in first or (o.clause and o.clause.coarse) for o in others)
                    for _, others in found
                )
                best += [[*one.beliefs]] if fits else []
                continue
            merits = [explained[suspect.belief] - len(others) for suspect, others in found]
            best.append([
                suspect.belief
                for (suspect, _), merit in zip(found, merits, strict=True)
                if merit == max(merits)
            ])  # fmt: skip
        named = tuple(dict.fromkeys(belief for beliefs in best for belief in beliefs))
        alike = len(named) > 1 and all(set(beliefs) == set(named) for beliefs in best)
        return Named(named[:MAX_NAMED], either=alike)

    def behind(
        self, check: str, failed: Sequence[Clause], observations: Sequence[Observation]
    ) -> list[Told]:
        """Find what explains each failed clause of a check.

        A coarse clause names nobody who does not explain another one.
        """
        told = [
            Told(check, clause, failed=True, explained_by=self.explaining(clause, observations))
            for clause in failed
        ]
        named = {b for one in told for b in one.beliefs if one.clause and not one.clause.coarse}
        return [
            replace(one, explained_by=tuple(m for m in one.explained_by if m.belief in named))
            for one in told
        ]

    def explaining(
        self, clause: Clause, observations: Sequence[Observation]
    ) -> tuple[Misconception, ...]:
        """Find what explains that a clause fails: wrong programs, or else what is vague."""
        asked = self._asked(clause, observations)
        ways = dict.fromkeys([clause, replace(clause, given=as_it_is)])
        if all(found is None and len(got.rounds) == len(c.trained) for c, got, found in asked):
            ways = {}  # it fails in a case that tells nothing, and all wrong programs would be run
        exact = tuple(
            m
            for m in self.kata.misconceptions
            if m.model is not None
            # Most models differ in the first case asked; to know that one never fails takes all.
            and self._failing.get((id(m.model), clause.id), True)
            and any(self._explains(m.model, way, asked) for way in ways)
            and self._fails(m.model, clause)
        )
        return exact or tuple(
            m
            for m in self.kata.misconceptions
            if m.predicate is not None
            and clause.id in m.clauses
            and m.predicate(observations, self.cases)
        )

    def ending_alike(self, check: str, observations: Sequence[Observation]) -> Told:
        """Find the wrong programs that end as a submission does, which raises, in every case."""
        pairs = list(zip(self.cases, observations, strict=True))
        pairs.sort(key=lambda pair: pair[1].status is Status.RETURNED)
        if not pairs or pairs[0][1].status is Status.RETURNED:
            return Told(check)
        alike = (
            m
            for m in self.kata.misconceptions
            if m.model is not None
            and all(
                ended_alike(got, self._expected.observe(m.model, case), case) for case, got in pairs
            )
        )
        return Told(check, explained_by=tuple(alike))

    def _asked(self, clause: Clause, observations: Sequence[Observation]) -> _Asked:
        """Judge the cases that tell why a clause fails.

        Most wrong programs differ in the first case where the clause fails, and to run them is
        what takes time: so those cases come first, the cheap ones before the others.
        """
        asked = [
            (case, got, self._expected.compare(clause, got, self.kata.reference, case))
            for case, got in zip(self.cases, observations, strict=True)
            if case.telling or clause.coarse
        ]
        asked.sort(
            key=lambda one: (not isinstance(one[2], Finding), len(one[0].trained), one[0].trains)
        )
        return asked

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

    def _explains(self, model: Program, clause: Clause, asked: _Asked) -> bool:
        """Tell whether the clause is silent with the wrong program in the reference's place.

        The wrong program itself must fail the clause, reach what the submission fails at, and be
        judged where the submission is, unless that comes to its end and cannot be judged.

        Args:
            model: The wrong program.
            clause: The clause that the submission fails.
            asked: Where it is asked.
        """
        fails = False
        for case, got, found in sorted(asked, key=lambda a: not self._expected.knows(model, a[0])):
            given = clause.given(got, case)
            wrong = self._expected.observe(model, given)
            if isinstance(clause.sees(got, wrong, case), Finding):
                return False
            if failed_otherwise(got, wrong, case):
                return False
            its = self._judged(model, clause, case, given)
            if isinstance(its, Unjudged) != isinstance(found, Unjudged):
                if isinstance(found, Unjudged) and len(got.rounds) == len(case.trained):
                    continue  # something else that it does wrong leaves nothing to be judged
                return False
            if isinstance(its, Finding):
                fails = True
            elif isinstance(found, Finding) and len(wrong.rounds) < len(got.rounds):
                return False
        return fails

    def _judged(
        self, model: Program, clause: Clause, case: Case, given: Case
    ) -> Finding | Unjudged | None:
        """Judge what a wrong program does in a case that is given."""
        wrong = self._expected.observe(model, given)
        if not self._expected.is_kept(given):
            return self._expected.compare(clause, wrong, self.kata.reference, case)
        key = (id(model), clause.id, clause.given, id(case))
        if key not in self._own:
            self._own[key] = self._expected.compare(clause, wrong, self.kata.reference, case)
        return self._own[key]
