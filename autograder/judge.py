"""From observations to verdicts, and from failures to the beliefs behind them.

Pure and deterministic: no I/O, no learner's code. The expected side is made here, by running the
reference and the wrong programs on the same cases; it is remembered for as long as the judge is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from autograder.kata import Check, Clause, Kata, Misconception, Program
from autograder.probe import observe
from autograder.records import (
    Belief,
    Case,
    Fault,
    Finding,
    Observation,
    Outcome,
    Status,
    Unjudged,
    Verdict,
)

MAX_NAMED = 3
_MAX_REMEMBERED = 20_000
_TELLING_WORDS = 4
_QUOTED_PATH = re.compile(r"'[\w.]*\.(\w+)'")


class Judge:
    """Judges submissions of one kata on one set of cases, small cases first."""

    def __init__(self, kata: Kata, cases: Sequence[Case]) -> None:
        """Remember nothing yet; expected sides are observed when they are first needed."""
        self.kata = kata
        self.cases = tuple(sorted(cases, key=_size))
        self._memory: dict[tuple[int, int, str], Observation] = {}

    def verdicts(
        self, observations: Sequence[Observation], *, explain: bool = True
    ) -> tuple[Verdict, ...]:
        """Judge a submission by what it did in each of `self.cases`, and name beliefs behind it."""
        verdicts: dict[str, Verdict] = {}
        shown = [
            _discreet(got) if case.hidden else got
            for case, got in zip(self.cases, observations, strict=False)
        ]
        beliefs = partial(self._beliefs, observations=observations) if explain else _no_beliefs
        crash_beliefs = partial(self._crash_beliefs, observations) if explain else _no_beliefs
        for check in self.kata.checks:
            try:
                verdicts[check.id] = self._judge(check, shown, verdicts, beliefs, crash_beliefs)
            except Exception as error:  # noqa: BLE001 - our own fault must cost nobody a point
                reason = f"the check itself failed ({type(error).__name__}: {error})"
                verdicts[check.id] = _verdict(check, Outcome.ERRORED, reason=reason)
        return tuple(verdicts.values())

    def unreached(self, reason: str) -> tuple[Verdict, ...]:
        """Make the verdicts of a submission that could not be observed at all."""
        return tuple(_verdict(check, Outcome.SKIPPED, reason=reason) for check in self.kata.checks)

    def _judge(
        self,
        check: Check,
        observations: Sequence[Observation],
        earlier: dict[str, Verdict],
        beliefs_behind: Callable[[Sequence[Clause]], tuple[Belief, ...]],
        crash_beliefs: Callable[[], tuple[Belief, ...]],
    ) -> Verdict:
        for name in check.after:
            if earlier[name].outcome is not Outcome.PASSED:
                return _verdict(check, Outcome.SKIPPED, reason=f"the check '{name}' comes first")
        failed: list[tuple[Clause, Case, Finding]] = []
        unjudged = ""
        for clause in check.clauses:
            reasons = []
            for case, got in zip(self.cases, observations, strict=True):
                found = self._compare(clause, got, self.kata.reference, case)
                if isinstance(found, Finding):
                    failed.append((clause, case, found))
                    break
                if isinstance(found, Unjudged):
                    reasons.append(_reason(found, got))
                    if found.decisive or not got.rounds:
                        unjudged = unjudged or reasons[-1]
            if len(reasons) == len(self.cases):
                unjudged = unjudged or reasons[0]
        if failed:
            beliefs = beliefs_behind([clause for clause, _, _ in failed])
            _, case, finding = failed[0]
            shown = replace(finding, where="", grids=()) if case.hidden else finding
            return _verdict(
                check, Outcome.FAILED, finding=shown, case=case.id, explained_by=beliefs
            )
        if unjudged:
            beliefs = crash_beliefs()
            return _verdict(check, Outcome.SKIPPED, reason=unjudged, explained_by=beliefs)
        return _verdict(check, Outcome.PASSED)

    def _compare(
        self, clause: Clause, got: Observation, program: Program, case: Case
    ) -> Finding | Unjudged | None:
        want = self._observe(program, clause.given(got, case))
        return clause.sees(got, want, case)

    def _beliefs(
        self, clauses: Sequence[Clause], observations: Sequence[Observation]
    ) -> tuple[Belief, ...]:
        named: list[Belief] = []
        for clause in clauses:
            unjudged = [
                isinstance(self._compare(clause, got, self.kata.reference, case), Unjudged)
                for case, got in zip(self.cases, observations, strict=True)
            ]
            models = [
                m
                for m in self.kata.misconceptions
                if self._explains(m, clause, observations, unjudged)
            ]
            vague = [m for m in models if m.model is None]
            exact = [m for m in models if m.model is not None]
            for belief in (m.belief for m in exact or vague):
                if belief not in named:
                    named.append(belief)
        return tuple(named[:MAX_NAMED])

    def _explains(
        self,
        misconception: Misconception,
        clause: Clause,
        observations: Sequence[Observation],
        unjudged: Sequence[bool],
    ) -> bool:
        """Tell whether the clause is silent with the wrong program in the reference's place.

        The wrong program itself must fail the clause, and be judged where the submission is:
        `unjudged` tells the cases where that is not.
        """
        if misconception.model is None or misconception.predicate is not None:
            predicate = misconception.predicate
            return (
                predicate is not None
                and clause.id in misconception.clauses
                and predicate(observations, self.cases)
            )
        fails = False
        for case, got, skipped in zip(self.cases, observations, unjudged, strict=True):
            if not case.telling:
                continue
            if isinstance(self._compare(clause, got, misconception.model, case), Finding):
                return False
            wrong = self._observe(misconception.model, clause.given(got, case))
            if _failed_otherwise(got, wrong):
                return False
            its = self._compare(clause, wrong, self.kata.reference, case)
            if isinstance(its, Unjudged) != skipped:
                return False
            fails = fails or isinstance(its, Finding)
        return fails

    def _crash_beliefs(self, observations: Sequence[Observation]) -> tuple[Belief, ...]:
        if all(got.status is Status.RETURNED for got in observations):
            return ()
        named = [
            m.belief
            for m in self.kata.misconceptions
            if m.model is not None
            and all(
                _ended_alike(got, self._observe(m.model, case))
                for case, got in zip(self.cases, observations, strict=True)
            )
        ]
        return tuple(dict.fromkeys(named))[:MAX_NAMED]

    def _observe(self, program: Program, case: Case) -> Observation:
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


def _discreet(got: Observation) -> Observation:
    """Leave out what exceptions say in a hidden case: it may hold the case's values."""
    rounds = tuple(replace(s, stuck=s.stuck.partition(":")[0]) for s in got.rounds)
    fault = replace(got.fault, message="") if got.fault is not None else None
    return replace(got, rounds=rounds, fault=fault)


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


def _reason(unjudged: Unjudged, got: Observation) -> str:
    if got.status is Status.RETURNED or got.fault is None:
        return unjudged.reason
    fault = got.fault
    place = f" in the line `{fault.line}`" if fault.line else ""
    said = f": {fault.message}" if fault.message else ""
    return f"the call raised {fault.type}{said}{place}"


def _size(case: Case) -> tuple[int, int]:
    weights = sum(value.numel() for value in next(iter(case.states.values())).values())
    return len(case.trained), weights


def _verdict(
    check: Check,
    outcome: Outcome,
    *,
    finding: Finding | None = None,
    reason: str = "",
    case: str = "",
    explained_by: tuple[Belief, ...] = (),
) -> Verdict:
    points = check.points if outcome is Outcome.PASSED else 0.0
    return Verdict(
        check.id, check.title, outcome, points, check.points, finding, reason, case, explained_by
    )
