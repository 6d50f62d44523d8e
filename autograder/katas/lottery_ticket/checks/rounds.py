"""Later rounds: the model comes pruned before."""

from __future__ import annotations

from autograder.katas.lottery_ticket.checks.choices import (
    carriers_differ,
    choices_differ,
    counts_differ,
)
from autograder.katas.lottery_ticket.checks.facts import count_of, later_turns, revived
from autograder.katas.lottery_ticket.checks.sources import sources_differ
from autograder.katas.lottery_ticket.exercise import kata
from autograder.records import Case, Finding, Observation, Unjudged


@kata.check(points=1, after=("mask", "sparsity", "rewind"))
def rounds(
    got: Observation,
    want: Observation,
    case: Case,  # noqa: ARG001 - a relation takes it
) -> Finding | None | Unjudged:
    """Mask, count and rewinding are right in every later round as well."""
    if got.rounds and len(got.rounds) < len(want.rounds):
        fault = got.fault
        return Finding(
            f"the result of the call in round {len(got.rounds) + 1}, on a model pruned before",
            f"none: it raised {fault.said}" if fault else "none: it did not return",
            "the pruned and rewound model",
        )
    if got.fault and want.fault and got.fault.type != want.fault.type:
        return Finding("the exception", got.fault.type, want.fault.type)
    if len(want.rounds) < len(got.rounds):
        return Finding("the call in a later round", "it returned", "it raised an exception")
    return None


@kata.clause(of="rounds")
def earlier_masks_stay(got: Observation, want: Observation, case: Case) -> Finding | None:
    """Entries pruned in an earlier round stay pruned."""
    for turn in later_turns(got, want):
        if found := carriers_differ(got, want, case, turn):
            return found
        again, should = revived(got, case, turn), revived(want, case, turn)
        if again != should:
            return Finding(
                f"entries pruned in an earlier round that are kept again in round {turn + 1}",
                str(again),
                str(should),
            )
    return None


@kata.clause(of="rounds")
def later_choices(got: Observation, want: Observation, case: Case) -> Finding | None:
    """In later rounds, too, the smallest remaining entries are pruned, as many as asked."""
    for turn in later_turns(got, want):
        found = carriers_differ(got, want, case, turn) or counts_differ(got, want, case, turn)
        if found := found or choices_differ(got, want, case, turn):
            return found
    return None


@kata.clause(of="rounds", coarse=True)
def later_rounds_prune(got: Observation, want: Observation, case: Case) -> Finding | None:
    """In later rounds some entries are pruned that were not pruned before."""
    for turn in later_turns(got, want):
        some, due = ("some" if count_of(side, case, turn) else "none" for side in (got, want))
        if some != due:
            return Finding("entries newly pruned in a later round", some, due)
    return None


@kata.clause(of="rounds")
def later_rewinds(got: Observation, want: Observation, case: Case) -> Finding | None:
    """In later rounds, too, `weight_orig` equals θ₀."""
    for turn in later_turns(got, want):
        found = carriers_differ(got, want, case, turn)
        if found := found or sources_differ(got, want, case, turn):
            return found
    return None
