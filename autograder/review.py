"""From what was observed of a submission to its scorecard. Runs nothing of a learner's."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import torch

from autograder.answers import fingerprint, read_answers
from autograder.digests import digest_of
from autograder.judge import Difference, Judge
from autograder.kata import load
from autograder.recent import Recent
from autograder.records import (
    Case,
    Evidence,
    Execution,
    Fault,
    Grading,
    Outcome,
    Scorecard,
    Status,
    Submission,
    Verdict,
)
from autograder.scorecards import scorecard
from autograder.settings import PUBLIC_SEED
from autograder.terms import Terms
from autograder.texts import plain_type
from autograder.variants import seed_of

_ENDINGS = {
    Status.RAISED: "the submission raised an exception",
    Status.TIMED_OUT: "the submission ran out of time",
    Status.OUT_OF_MEMORY: "the submission ran out of memory",
    Status.CRASHED: "the submission's process crashed",
    Status.MALFORMED: "the submission's answer made no sense",
}
_NOT_RUN = {
    Grading.NOT_ATTEMPTED: Status.RETURNED,
    Grading.UNREADABLE: Status.MALFORMED,
    Grading.ERROR: Status.CRASHED,
}
_UNREADABLE = {"SyntaxError", "IndentationError", "TabError"}
_REMEMBERED = 4096  # behaviours
_Judged: TypeAlias = Recent[tuple[bytes, ...], tuple[Verdict, ...]]
_judging = threading.Lock()  # threads share random numbers, and what checks remember


@dataclass(frozen=True)
class Decision:
    """What the hidden cases say of a submission: no verdicts if it could not be observed."""

    execution: Execution
    verdicts: tuple[Verdict, ...] = ()


class Reviewer:
    """Judges submissions of one kata by the hidden cases of one seed.

    The hidden cases decide. What went wrong is told by the open ones: a process that has seen
    hidden inputs says nothing that a learner reads, but for which checks fail, counts, and which
    belief it fits.
    """

    def __init__(self, kata: str, seed: str, terms: Terms) -> None:
        """Draw the cases; the process leaves it at one thread of torch's.

        Tensors as small as ours take ten times as long with more.
        """
        torch.set_num_threads(1)
        self.kata = load(kata).under(terms)
        self._seed = seed
        self._hidden = Judge(self.kata, self.kata.draw_cases(seed, hidden=True))
        self._judged: _Judged = Recent(_REMEMBERED)

    def of(self, learner: str) -> Reviewer:
        """Judge by a learner's own hidden cases, or by everybody's if there is no name."""
        if not learner:
            return self
        with _judging:
            other = copy(self)
            vars(other).update(_open=self._open, _judged=Recent(_REMEMBERED))
            vars(other).pop("asked", None)
            seed = seed_of(learner, self._seed)
            other._hidden = Judge(self.kata, self.kata.draw_cases(seed, hidden=True))
        return other

    @property
    def hidden_cases(self) -> Sequence[Case]:
        """The cases that decide."""
        return self._hidden.cases

    @cached_property
    def asked(self) -> str:
        """Tells whether evidence was made with these very cases, and observed as it is now."""
        return fingerprint(self._hidden.cases)

    @cached_property
    def _open(self) -> Judge:
        return Judge(self.kata, self.kata.draw_cases(PUBLIC_SEED, hidden=False))

    def decide(self, submission: Submission, hidden: Execution) -> Decision:
        """Judge a run on the hidden cases.

        Many submissions do the same to the last bit: what was read and judged once is remembered.
        Where something was raised it is not: the verdict quotes the learner's line.
        """
        key = tuple(map(digest_of, hidden.answers))
        if known := self._judged.get(key):
            return Decision(hidden, known)
        with _judging:
            execution, observations = read_answers(hidden, submission, self._hidden.cases)
            if not observations:
                return Decision(execution)
            verdicts = self._hidden.verdicts(observations)
            errored = any(verdict.outcome is Outcome.ERRORED for verdict in verdicts)
            if execution.fault is None and not errored:  # a fault of ours may pass
                self._judged.keep(key, verdicts)
        return Decision(execution, verdicts)

    def worth_showing(self, decision: Decision) -> list[Case]:
        """Choose the open cases that show what went wrong in the hidden ones; none if nothing."""
        failed = (v for v in decision.verdicts if v.outcome is not Outcome.PASSED)
        wanted = {verdict.case for verdict in failed}
        if not wanted:
            return []
        with _judging:
            return [case for case in self._open.cases if case.id in wanted]

    def judge(
        self, submission: Submission, evidence: Evidence, decision: Decision | None = None
    ) -> Scorecard:
        """Judge what was observed of a submission, now or at another time.

        Args:
            submission: What was run.
            evidence: What was observed.
            decision: What `decide` said of it, if it was asked.
        """
        decision = decision or self.decide(submission, evidence.hidden)
        execution, verdicts = _discreet(decision.execution), decision.verdicts
        execution, verdicts = self._told(submission, evidence, execution, verdicts)
        message = _message(execution)
        return scorecard(
            self.kata, submission.id, Grading.GRADED,
            verdicts or self.kata.unreached(message), execution,
            message=message,
            notes=_notes(submission, execution),
        )  # fmt: skip

    def differences(self, submission: Submission, evidence: Evidence) -> list[Difference]:
        """Tell all that differs in the hidden cases: for instructors only."""
        observations = read_answers(evidence.hidden, submission, self._hidden.cases)[1]
        return [*self._hidden.differences(observations)] if observations else []

    def ungraded(self, name: str, status: Grading, message: str) -> Scorecard:
        """Make the scorecard of a submission that did not come to be judged."""
        not_attempted = status is Grading.NOT_ATTEMPTED
        verdicts = self.kata.unreached("not attempted" if not_attempted else message)
        execution = Execution(_NOT_RUN[status])
        return scorecard(self.kata, name, status, verdicts, execution, message=message)

    def _told(
        self,
        submission: Submission,
        evidence: Evidence,
        execution: Execution,
        verdicts: tuple[Verdict, ...],
    ) -> tuple[Execution, tuple[Verdict, ...]]:
        """Tell what went wrong by what was seen in the open cases, if that makes sense."""
        if evidence.shown is None:
            return execution, verdicts
        with _judging:
            cases = [case for case in self._open.cases if case.id in evidence.cases]
            shown, observations = read_answers(evidence.shown, submission, cases)
            if not observations:
                return execution, verdicts
            seen = dict(zip((case.id for case in cases), observations, strict=True))
            told = [self._open.seen_in(v, seen[v.case]) if v.case in seen else v for v in verdicts]
        seconds = execution.wall_seconds + shown.wall_seconds
        fault = shown.fault or execution.fault
        shown = replace(shown, status=execution.status, fault=fault, wall_seconds=seconds)
        return shown, tuple(told)


def _discreet(execution: Execution) -> Execution:
    """Leave out what may hold values of hidden cases: what an exception after the cells says."""
    fault = execution.fault
    if fault is not None and execution.status is Status.OUT_OF_MEMORY:
        fault = replace(fault, type="MemoryError", message="")
    elif fault is not None and execution.answers:
        fault = Fault(plain_type(fault.type), "")
    return replace(execution, fault=fault)


def _message(execution: Execution) -> str:
    fault = execution.fault
    if fault is None:
        return "" if execution.status is Status.RETURNED else _ENDINGS[execution.status]
    said = _said(fault)
    return f"some calls raised {said}" if execution.status is Status.RETURNED else said


def _notes(submission: Submission, execution: Execution) -> tuple[str, ...]:
    faults = execution.cell_faults
    if submission.script:  # it has no cells
        faults = tuple(replace(fault, cell=0) for fault in faults)
    return (*submission.notes, *map(_cell_note, faults))


def _cell_note(fault: Fault) -> str:
    """Say what failed in a cell, or in a script; nothing of what Python cannot read is run."""
    if fault.type == "SystemExit":
        return f"an exit was passed over: {_said(fault)}"
    if fault.cell:
        return f"cell {fault.cell} failed with {_said(fault)}; the rest was run as far as possible"
    if fault.type in _UNREADABLE or not fault.line_number:
        return f"the script failed with {_said(fault)}"
    number = fault.line_number
    return f"line {number} failed with {_said(fault)}; the rest was run as far as possible"


def _said(fault: Fault) -> str:
    return fault.said + (f" in `{fault.line}`" if fault.line else "")
