"""From observations to verdicts, and from failures to the beliefs behind them.

Pure and deterministic: no I/O, no learner's code. Which beliefs are behind a failure is asked of
`autograder.beliefs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from autograder.beliefs import Beliefs, Told
from autograder.expected import Expected
from autograder.kata import Check, Clause, Kata
from autograder.records import (
    Case,
    Fault,
    Finding,
    Observation,
    Outcome,
    Status,
    Unjudged,
    Verdict,
)
from autograder.texts import plain_type


class Judge:
    """Judges submissions of one kata on one set of cases, small cases first."""

    def __init__(self, kata: Kata, cases: Sequence[Case]) -> None:
        """Remember nothing yet; expected sides are observed when they are first needed."""
        self.kata = kata
        self.cases = tuple(sorted(cases, key=_size))
        self._expected = Expected(self.cases)
        self._beliefs = Beliefs(kata, self.cases, self._expected)

    def verdicts(
        self, observations: Sequence[Observation], *, explain: bool = True
    ) -> tuple[Verdict, ...]:
        """Judge a submission by what it did in each of `self.cases`.

        Args:
            observations: One for each case.
            explain: Whether to look for the beliefs behind failures, which takes longer.
        """
        shown = [
            _discreet(got) if case.hidden else got
            for case, got in zip(self.cases, observations, strict=False)
        ]
        verdicts: dict[str, Verdict] = {}
        judged: dict[str, _Judged] = {}
        for check in self.kata.checks:
            with self._ours(check, verdicts):
                judged[check.id] = self._judge(check, shown, verdicts)
                verdicts[check.id] = judged[check.id].verdict
        if not explain:
            return tuple(verdicts.values())
        told = [Told(name, clause) for name, found in judged.items() for clause in found.held]
        for check in self.kata.checks:
            with self._ours(check, verdicts):
                found = judged.get(check.id, _Judged(verdicts[check.id]))
                told += self._beliefs.behind(check.id, found.failed, observations)
                if found.unreached:
                    told.append(self._beliefs.ending_alike(check.id, observations))
        for check in self.kata.checks:
            with self._ours(check, verdicts):
                named = self._beliefs.likeliest(check.id, told)
                verdicts[check.id] = replace(
                    verdicts[check.id], explained_by=named.beliefs, either=named.either
                )
        return tuple(verdicts.values())

    def differences(self, observations: Sequence[Observation]) -> Iterator[Difference]:
        """Tell all that differs, check by check: values of hidden cases are not kept back."""
        reference = self.kata.reference
        for check in self.kata.checks:
            for clause in check.clauses:
                for case, got in zip(self.cases, observations, strict=True):
                    found = self._expected.compare(clause, got, reference, case)
                    if isinstance(found, Finding):
                        want = self._expected.observe(reference, case)
                        yield Difference(check.id, case, got, want, _drawn(found))

    def warm_up(self) -> Iterator[None]:
        """Look, one step at a time, at what the wrong programs do: to explain is quick then.

        Small cases come first: they rule out most.
        """
        models = [m.model for m in self.kata.misconceptions if m.model is not None]
        for case in self.cases:
            self._expected.observe(self.kata.reference, case)
            yield
        for case in self.cases:
            for model in models:
                self._expected.observe(model, case)
                yield

    @contextmanager
    def _ours(self, check: Check, verdicts: dict[str, Verdict]) -> Iterator[None]:
        """Turn an exception into a verdict: a fault of ours must cost nobody a point."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - see above
            reason = f"the check itself failed ({type(error).__name__}: {error})"
            verdicts[check.id] = _verdict(check, Outcome.ERRORED, reason=reason)

    def seen_in(self, verdict: Verdict, observation: Observation) -> Verdict:
        """Tell what led to a verdict by an observation of a case that was made with these cases.

        Args:
            verdict: One that did not pass, made by another judge with hidden cases.
            observation: Of the case here that has the id of the verdict's.
        """
        check = self.kata.find_check(verdict.check)
        case = next(case for case in self.cases if case.id == verdict.case)
        try:
            found = [
                self._expected.compare(clause, observation, self.kata.reference, case)
                for clause in check.clauses
            ]
        except Exception:  # noqa: BLE001 - a fault of ours: the verdict stands as it is
            return verdict
        if verdict.outcome is Outcome.FAILED:
            finding = next((one for one in found if isinstance(one, Finding)), verdict.finding)
            return replace(verdict, finding=finding and _drawn(finding))
        if observation.fault is None:  # what was said of the hidden case holds no value of its own
            return verdict
        unjudged = [one for one in found if isinstance(one, Unjudged)]
        unjudged.sort(key=lambda one: not _ends_it(one, observation))
        reasons = [_reason(one, observation) for one in unjudged]
        return replace(verdict, reason=next(iter(reasons), verdict.reason))

    def _judge(
        self, check: Check, observations: Sequence[Observation], earlier: Mapping[str, Verdict]
    ) -> _Judged:
        for name in check.after:
            if earlier[name].outcome is not Outcome.PASSED:
                reason = f"the check '{name}' comes first"
                return _Judged(_verdict(check, Outcome.SKIPPED, reason=reason))
        failed: list[tuple[Clause, Case, Finding]] = []
        unjudged: tuple[str, str] | None = None
        for clause in check.clauses:
            reasons = []
            for case, got in zip(self.cases, observations, strict=True):
                found = self._expected.compare(clause, got, self.kata.reference, case)
                if isinstance(found, Finding):
                    failed.append((clause, case, found))
                    break
                if isinstance(found, Unjudged):
                    reasons.append((_reason(found, got), case.id))
                    if _ends_it(found, got):
                        unjudged = unjudged or reasons[-1]
            if len(reasons) == len(self.cases):
                unjudged = unjudged or reasons[0]
        if failed:
            broken = [clause for clause, *_ in failed]
            held = [clause for clause in check.clauses if clause not in broken]
            _, case, finding = failed[0]
            finding = _discreet_finding(finding) if case.hidden else _drawn(finding)
            verdict = _verdict(check, Outcome.FAILED, finding=finding, case=case.id)
            return _Judged(verdict, failed=broken, held=held)
        if unjudged:
            reason, where = unjudged
            verdict = _verdict(check, Outcome.SKIPPED, reason=reason, case=where)
            return _Judged(verdict, unreached=True)
        return _Judged(_verdict(check, Outcome.PASSED), held=check.clauses)


@dataclass(frozen=True)
class Difference:
    """What differs in a case, with its values.

    Attributes:
        check: Whose clause it is.
        case: Where.
        got: What the submission did there.
        want: What the reference does there.
        finding: What differs.
    """

    check: str
    case: Case
    got: Observation
    want: Observation
    finding: Finding


@dataclass(frozen=True)
class _Judged:
    """A verdict, and what has to be explained: the clauses that failed, and those that held."""

    verdict: Verdict
    failed: Sequence[Clause] = ()
    held: Sequence[Clause] = ()
    unreached: bool = False


def _discreet(got: Observation) -> Observation:
    """Leave out what exceptions say in a hidden case, and where: it may tell the case's values."""
    rounds = tuple(replace(s, stuck=plain_type(s.stuck.partition(":")[0])) for s in got.rounds)
    fault = got.fault
    if fault is not None:
        fault = Fault(plain_type(fault.type), "")
    return replace(got, rounds=rounds, fault=fault)


def _discreet_finding(finding: Finding) -> Finding:
    """Leave out the values: clause and counts are all that is said of a hidden case."""
    return replace(finding, where="", grids=(), draw=None)


def _drawn(finding: Finding) -> Finding:
    return replace(finding, grids=finding.draw(), draw=None) if finding.draw else finding


def _ends_it(unjudged: Unjudged, got: Observation) -> bool:
    """Tell whether a check cannot pass any more, even if other cases can be judged."""
    return unjudged.decisive or not got.rounds


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
