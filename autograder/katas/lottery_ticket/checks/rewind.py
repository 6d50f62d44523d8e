"""The rewinding: `weight_orig` equals θ₀."""

from __future__ import annotations

from autograder.katas.lottery_ticket.checks.facts import NO_CALL, unpruned
from autograder.katas.lottery_ticket.checks.sources import sources_differ
from autograder.katas.lottery_ticket.exercise import kata
from autograder.records import Case, Finding, Observation, Unjudged


@kata.check(points=3)
def rewind(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """In each pruned module `weight_orig` equals θ₀ in every entry, masked ones too."""
    if not got.rounds or not want.rounds:
        return NO_CALL
    return unpruned(got, case) or sources_differ(got, want, case, 0)
