"""From observations to verdicts, and from failures to the beliefs behind them.

Pure and deterministic: no I/O, no learner's code. The expected side is made here, by running the
reference and the wrong programs on the same cases; it is remembered for as long as the judge is.
"""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.kata import Check, Clause, Kata, Program
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

    def verdicts(self, observations: Sequence[Observation]) -> tuple[Verdict, ...]:
        """Judge a submission by what it did in each of `self.cases`."""
        shown = [
            _discreet(got) if case.hidden else got
            for case, got in zip(self.cases, observations, strict=False)
        ]
        verdicts: dict[str, Verdict] = {}
        behind: dict[str, list[list[Belief]]] = {}
        for check in self.kata.checks:
            try:
                judged = self._judge(check, shown, verdicts)
                verdicts[check.id] = judged.verdict
                if judged.unreached:
                    behind[check.id] = [self._crash_beliefs(observations)]
                else:
                    behind[check.id] = [self._beliefs(*at, observations) for at in judged.failed]
            except Exception as error:  # noqa: BLE001 - our own fault must cost nobody a point
                reason = f"the check itself failed ({type(error).__name__}: {error})"
                verdicts[check.id] = _verdict(check, Outcome.ERRORED, reason=reason)
                behind[check.id] = []
        named = _fewest(behind)
        return tuple(replace(v, explained_by=named[id_]) for id_, v in verdicts.items())

    def unreached(self, reason: str) -> tuple[Verdict, ...]:
        """Make the verdicts of a submission that could not be observed at all."""
        return tuple(_verdict(check, Outcome.SKIPPED, reason=reason) for check in self.kata.checks)

    def _judge(
        self, check: Check, observations: Sequence[Observation], earlier: Mapping[str, Verdict]
    ) -> _Judged:
        for name in check.after:
            if earlier[name].outcome is not Outcome.PASSED:
                reason = f"the check '{name}' comes first"
                return _Judged(_verdict(check, Outcome.SKIPPED, reason=reason))
        failed: list[tuple[Clause, Case]] = []
        findings: list[Finding] = []
        unjudged = ""
        for clause in check.clauses:
            reasons = []
            for case, got in zip(self.cases, observations, strict=True):
                found = self._compare(clause, got, self.kata.reference, case)
                if isinstance(found, Finding):
                    failed.append((clause, case))
                    findings.append(found)
                    break
                if isinstance(found, Unjudged):
                    reasons.append(_reason(found, got))
                    if found.decisive or not got.rounds:
                        unjudged = unjudged or reasons[-1]
            if len(reasons) == len(self.cases):
                unjudged = unjudged or reasons[0]
        if failed:
            case = failed[0][1]
            finding = replace(findings[0], where="", grids=()) if case.hidden else findings[0]
            verdict = _verdict(check, Outcome.FAILED, finding=finding, case=case.id)
            return _Judged(verdict, failed=failed)
        if unjudged:
            return _Judged(_verdict(check, Outcome.SKIPPED, reason=unjudged), unreached=True)
        return _Judged(_verdict(check, Outcome.PASSED))

    def _compare(
        self, clause: Clause, got: Observation, program: Program, case: Case
    ) -> Finding | Unjudged | None:
        want = self._observe(program, clause.given(got, case))
        return clause.sees(got, want, case)

    def _beliefs(
        self, clause: Clause, failed: Case, observations: Sequence[Observation]
    ) -> list[Belief]:
        """Find the beliefs that explain why a clause fails, asking first where it was seen to."""
        pairs = list(zip(self.cases, observations, strict=True))
        pairs.sort(key=lambda pair: pair[0] is not failed)
        unjudged = [
            isinstance(self._compare(clause, got, self.kata.reference, case), Unjudged)
            for case, got in pairs
        ]
        exact = [
            m.belief
            for m in self.kata.misconceptions
            if m.model is not None and self._explains(m.model, clause, pairs, unjudged)
        ]
        vague = [
            m.belief
            for m in self.kata.misconceptions
            if m.predicate is not None
            and clause.id in m.clauses
            and not exact
            and m.predicate(observations, self.cases)
        ]
        return list(dict.fromkeys(exact or vague))

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
            if isinstance(self._compare(clause, got, model, case), Finding):
                return False
            wrong = self._observe(model, clause.given(got, case))
            if _failed_otherwise(got, wrong):
                return False
            its = self._compare(clause, wrong, self.kata.reference, case)
            if isinstance(its, Unjudged) != skipped:
                return False
            fails = fails or isinstance(its, Finding)
        return fails

    def _crash_beliefs(self, observations: Sequence[Observation]) -> list[Belief]:
        """Find the beliefs whose wrong programs end as the submission does in every case."""
        pairs = list(zip(self.cases, observations, strict=True))
        pairs.sort(key=lambda pair: pair[1].status is Status.RETURNED)
        if not pairs or pairs[0][1].status is Status.RETURNED:
            return []
        named = [
            m.belief
            for m in self.kata.misconceptions
            if m.model is not None
            and all(_ended_alike(got, self._observe(m.model, case)) for case, got in pairs)
        ]
        return list(dict.fromkeys(named))

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


@dataclass(frozen=True)
class _Judged:
    """A verdict, and what has to be explained: the clauses that failed, each with a case."""

    verdict: Verdict
    failed: Sequence[tuple[Clause, Case]] = ()
    unreached: bool = False


def _fewest(behind: Mapping[str, Sequence[Sequence[Belief]]]) -> dict[str, tuple[Belief, ...]]:
    """Choose what to name for each check: of a failure's beliefs those that explain most failures.

    One belief that accounts for two failures is likelier than two beliefs.
    """
    explained = Counter(
        belief for failures in behind.values() for beliefs in failures for belief in beliefs
    )
    named = {}
    for check, failures in behind.items():
        best = [
            belief
            for beliefs in failures
            for belief in beliefs
            if explained[belief] == max(explained[other] for other in beliefs)
        ]
        named[check] = tuple(dict.fromkeys(best))[:MAX_NAMED]
    return named


def _discreet(got: Observation) -> Observation:
    """Leave out what exceptions say in a hidden case: it may hold the case's values."""
    rounds = tuple(replace(s, stuck=_plain_type(s.stuck.partition(":")[0])) for s in got.rounds)
    fault = got.fault
    if fault is not None:
        fault = replace(fault, type=_plain_type(fault.type), message="")
    return replace(got, rounds=rounds, fault=fault)


def _plain_type(name: str) -> str:
    """Name an exception's type if it is one of Python's own; another is the learner's text, too."""
    return name if not name or isinstance(getattr(builtins, name, None), type) else "Exception"


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
) -> Verdict:
    points = check.points if outcome is Outcome.PASSED else 0.0
    return Verdict(check.id, check.title, outcome, points, check.points, finding, reason, case)
