"""The clauses of the contract: those of the lottery ticket kata, which tell θ₀ and θₖ apart.

What a clause says of values it says of the state to rewind to, the last that a step is given.
"""

from __future__ import annotations

from autograder.katas.late_rewinding.exercise import kata
from autograder.katas.lottery_ticket.checks import conduct as conduct_
from autograder.katas.lottery_ticket.checks import mask as mask_
from autograder.katas.lottery_ticket.checks import rewind as rewind_
from autograder.katas.lottery_ticket.checks import rounds as rounds_
from autograder.katas.lottery_ticket.checks import sparsity as sparsity_
from autograder.katas.lottery_ticket.checks import training
from autograder.records import Case, Finding, Observation, Unjudged

# Which weights are pruned, and how many: as in the lottery ticket kata.

kata.check(points=3)(mask_.mask)
kata.clause(of="mask", given=mask_.own_count)(mask_.smallest_are_masked)
kata.check(points=2)(sparsity_.sparsity)

# What they are rewound to.


@kata.check(points=3)
def rewind(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """In each pruned module `weight_orig` equals θₖ in every entry, masked ones too."""
    return rewind_.rewind(got, want, case)


kata.check(points=1, after=("mask", "sparsity", "rewind"))(rounds_.rounds)
kata.clause(of="rounds")(rounds_.earlier_masks_stay)
kata.clause(of="rounds")(rounds_.later_choices)
kata.clause(of="rounds", coarse=True)(rounds_.later_rounds_prune)
kata.clause(of="rounds")(rounds_.later_rewinds)

# What a step leaves as it was.


@kata.check(points=1)
def conduct(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """The same model is returned, θ₀, θₖ and all modes are as before, and training can go on."""
    return conduct_.conduct(got, want, case)


kata.clause(of="conduct")(conduct_.initial_state_is_kept)
kata.clause(of="conduct")(conduct_.initial_state_is_apart)
kata.clause(of="conduct")(conduct_.modes_are_kept)
kata.clause(of="conduct")(conduct_.grad_mode_is_kept)
kata.clause(of="conduct")(conduct_.requires_grad_is_kept)
kata.clause(of="conduct")(conduct_.others_are_kept)
kata.clause(of="conduct")(training.trains_on)
