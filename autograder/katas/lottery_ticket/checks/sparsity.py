"""The count: how many entries one step prunes."""

from __future__ import annotations

from dataclasses import replace

from autograder.katas.lottery_ticket.cases import prunable
from autograder.katas.lottery_ticket.checks.choices import counts_differ
from autograder.katas.lottery_ticket.checks.facts import NO_CALL, NO_MASK, carriers_of
from autograder.katas.lottery_ticket.exercise import kata
from autograder.records import Case, Finding, Observation, Unjudged


@kata.check(points=2)
def sparsity(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """Exactly `round(prune_amount * remaining)` entries are pruned, over all layers together."""
    if not got.rounds or not want.rounds:
        return NO_CALL
    if not carriers_of(got.rounds[0], case) & set(prunable(case.recipe)):
        return replace(NO_MASK, decisive=True)
    return counts_differ(got, want, case, 0)
