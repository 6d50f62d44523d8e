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

import torch
from torch import Tensor

from autograder.kata import Clause, Given, Kata, Misconception, Program, as_it_is
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
_MAX_GIVEN = 2_000
_TELLING_WORDS = 4
_CALLED = re.compile(r"^[\w.]+\(\)")
_QUOTED = re.compile(r"'\w+'")
_QUOTED_PATH = re.compile(r"'([\w.]*)\.(\w+)'")
_LISTED_NAME = re.compile(r'"(?:[\w.]*\.)?(\w+)"')


class Expected:
    """What programs that are not the learner's do in the cases, observed once when first needed.

    What they do in the cases as drawn is kept. What they do with a submission's answers taken as
    given is kept for the last few of those, or a large class would fill the memory.
    """

    def __init__(self, cases: Sequence[Case] = ()) -> None:
        """Remember nothing yet; `cases` are those that come up with every submission."""
        self._cases = {id(case): case for case in cases}
        self._tensors: dict[tuple[object, ...], Tensor] = {}
        self._kept: dict[tuple[int, int], Observation] = {}
        self._given: dict[tuple[object, ...], tuple[Case, Observation]] = {}

    def compare(
        self, clause: Clause, got: Observation, program: Program, case: Case
    ) -> Finding | Unjudged | None:
        """Tell what differs between a submission and a program in a case."""
        want = self.observe(program, clause.given(got, case))
        return clause.sees(got, want, case)

    def observe(self, program: Program, case: Case) -> Observation:
        """Tell what a program does in a case."""
        if id(case) in self._cases:
            kept = (id(program), id(case))
            if kept not in self._kept:
                self._kept[kept] = self._thrifty(observe(program, case))
            return self._kept[kept]
        key = (id(program), id(case.states), len(case.trained), *_asked(case))
        found = self._given.pop(key, None) or (case, observe(program, case))
        self._given[key] = found
        if len(self._given) > _MAX_GIVEN:
            del self._given[next(iter(self._given))]
        return found[1]

    def _thrifty(self, seen: Observation) -> Observation:
        """Let equal tensors be one: a hundred programs leave much of a model as it was."""

        def one(tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
            return {name: self._tensors.setdefault(_bits(t), t) for name, t in tensors.items()}

        rounds = tuple(
            replace(
                shot,
                state=one(shot.state),
                in_use=one(shot.in_use),
                states_after={name: one(state) for name, state in shot.states_after.items()},
            )
            for shot in seen.rounds
        )
        return replace(seen, rounds=rounds)

    def knows(self, program: Program, case: Case) -> bool:
        """Tell whether it is known what a program does in a case as drawn."""
        return (id(program), id(case)) in self._kept

    def is_kept(self, case: Case) -> bool:
        """Tell whether a case comes up with every submission."""
        return id(case) in self._cases


def _bits(tensor: Tensor) -> tuple[object, ...]:
    flat = tensor.contiguous().reshape(-1).view(torch.uint8)
    return tensor.dtype, tensor.shape, flat.numpy().tobytes()


def _asked(case: Case) -> tuple[object, ...]:
    return (*case.arguments[1:], *case.keywords.items())


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

    def likeliest(
        self,
        check: str,
        explaining: Mapping[str, Sequence[Sequence[Misconception]]],
        held: Mapping[str, Sequence[Clause]],
        failed: Mapping[str, Sequence[Clause]],
    ) -> tuple[Belief, ...]:
        """Choose what to name for a check among the misconceptions that explain its failures.

        Whoever explains two failures is likelier than two that explain one each. What speaks
        against a belief are clauses that its program would fail: those that hold, and those whose
        failure others explain and it does not. Those of equal merit are all named. Who explains a
        failure alone is not named if anything speaks against it; but checks that come first do not
        speak against whoever does wrong only later.

        Args:
            check: Id of the check.
            explaining: For each check, what explains each of its failed clauses.
            held: For each check, the clauses that the submission does not fail.
            failed: For each check, those that it fails.
        """
        explained = Counter(
            belief
            for failures in explaining.values()
            for found in failures
            for belief in dict.fromkeys(m.belief for m in found)
        )

        first = self.kata.find_check(check).after
        # Clauses, each with the beliefs that it does not speak against.
        seen: list[tuple[str, Clause, set[Belief]]] = [
            *((name, clause, set()) for name, clauses in held.items() for clause in clauses),
            *(
                (name, clause, {m.belief for m in found})
                for name, clauses in failed.items()
                for clause, found in zip(clauses, explaining[name], strict=True)
                if found
            ),
        ]
        best: list[Belief] = []
        for found in explaining.get(check, ()):
            against = [
                [
                    (name, clause)
                    for name, clause, beliefs in seen
                    if m.belief not in beliefs and self._fails(m.model, clause)
                ]
                for m in found
            ]
            if len(found) == 1:
                fits = all(name in first or clause.coarse for name, clause in against[0])
                best += [found[0].belief] if fits else []
                continue
            merits = [
                explained[m.belief] - len(clauses)
                for m, clauses in zip(found, against, strict=True)
            ]
            best += [m.belief for m, its in zip(found, merits, strict=True) if its == max(merits)]
        return tuple(dict.fromkeys(best))[:MAX_NAMED]

    def behind(
        self, failed: Sequence[Clause], observations: Sequence[Observation]
    ) -> list[list[Misconception]]:
        """Find what explains each failed clause of a check."""
        found = [self.explaining(clause, observations) for clause in failed]
        fine = [
            m.belief
            for clause, explaining in zip(failed, found, strict=True)
            for m in explaining
            if not clause.coarse
        ]
        return [
            [m for m in explaining if not clause.coarse or m.belief in fine]
            for clause, explaining in zip(failed, found, strict=True)
        ]

    def explaining(
        self, clause: Clause, observations: Sequence[Observation]
    ) -> list[Misconception]:
        """Find what explains that a clause fails.

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
        if all(found is None and len(got.rounds) == len(c.trained) for c, got, found in asked):
            ways = []  # it fails in a case that tells nothing, and all wrong programs would be run
        else:
            ways = [clause]
        if ways and clause.given is not as_it_is:
            ways.append(replace(clause, given=as_it_is))
        exact = [
            m
            for m in self.kata.misconceptions
            if m.model is not None
            # Most models differ in the first case asked; to know that one never fails takes all.
            and self._failing.get((id(m.model), clause.id), True)
            and any(self._explains(m.model, way, asked) for way in ways)
            and self._fails(m.model, clause)
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
            and all(
                _ended_alike(got, self._expected.observe(m.model, case), case)
                for case, got in pairs
            )
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
        asked: Sequence[tuple[Case, Observation, Finding | Unjudged | None]],
    ) -> bool:
        """Tell whether the clause is silent with the wrong program in the reference's place.

        The wrong program itself must fail the clause, reach what the submission fails at, and be
        judged where the submission is.

        Args:
            model: The wrong program.
            clause: The clause that the submission fails.
            asked: Cases, each with what the submission did there and how that was judged.
        """
        fails = False
        for case, got, found in sorted(asked, key=lambda a: not self._expected.knows(model, a[0])):
            given = clause.given(got, case)
            wrong = self._expected.observe(model, given)
            if isinstance(clause.sees(got, wrong, case), Finding):
                return False
            if _failed_otherwise(got, wrong, case):
                return False
            its = self._judged(model, clause, case, given)
            if isinstance(its, Unjudged) != isinstance(found, Unjudged):
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


def _ended_alike(one: Observation, other: Observation, case: Case) -> bool:
    ends = [(side.status, len(side.rounds), _kind_of(side.fault, case)) for side in (one, other)]
    return ends[0] == ends[1]


def _failed_otherwise(one: Observation, other: Observation, case: Case) -> bool:
    """Tell whether both sides raised an exception, and not of one kind."""
    if one.fault is None or other.fault is None:
        return False
    return _kind_of(one.fault, case) != _kind_of(other.fault, case)


def _kind_of(fault: Fault | None, case: Case) -> tuple[str, ...]:
    """Tell the kind of an exception: its type and how its message begins.

    Of a quoted path such as `'block.0.weight'` the last part counts, and whether there is such a
    module: which module comes first is a matter of style. So is the name of a function whose call
    fails. A name in quotes at the very end is what was looked for; lists of missing and unexpected
    keys name what does not fit.
    """
    if fault is None:
        return ()
    modules = {key.rpartition(".")[0] for state in case.states.values() for key in state}
    message = _QUOTED_PATH.sub(
        lambda path: f"'{'…' if path[1] in modules else '?'}.{path[2]}'",
        _CALLED.sub("()", fault.message),
    )
    words = message.split()
    sought = [word for word in words[_TELLING_WORDS:][-1:] if _QUOTED.fullmatch(word)]
    listed = sorted({*_LISTED_NAME.findall(message)})
    return (fault.type, *words[:_TELLING_WORDS], *sought, *listed)
