"""The rewinding: `weight_orig` equals θ₀."""

from __future__ import annotations

from autograder.katas.lottery_ticket.checks.facts import (
    NO_CALL,
    NO_MASK,
    NOTHING_NEW,
    masks_of,
    newly_pruned,
)
from autograder.katas.lottery_ticket.checks.sources import sources_differ
from autograder.katas.lottery_ticket.exercise import kata
from autograder.records import Case, Finding, Observation, Unjudged


@kata.check(points=3)
def rewind(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """In each pruned module `weight_orig` equals θ₀ in every entry, masked ones too."""
    if not got.rounds or not want.rounds:
        return NO_CALL
    if not newly_pruned(got, case, 0):
        return NOTHING_NEW if masks_of(got.rounds[0], case) else NO_MASK
    return sources_differ(got, want, case, 0)
