"""Beliefs of the lottery ticket kata that are as wrong here, with θₖ in the place of θ₀.

A program that prunes wrongly, or rewinds wrongly, does so whatever state it is to rewind to: it is
given θₖ, and its words speak of θₖ. What one may do to either state, or believe of its keys, is
said of both. Beliefs whose words would not hold then are left out; what replaces them stands in
this package's other modules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps

from torch import Tensor, nn

from autograder.kata import Misconception, Program
from autograder.katas.late_rewinding.exercise import kata
from autograder.katas.late_rewinding.misconceptions import topics
from autograder.katas.lottery_ticket.exercise import kata as lottery_ticket
from autograder.katas.lottery_ticket.misconceptions import topics as lottery_topics
from autograder.records import Belief, Topic

LEFT_OUT = {
    "ranked_by_initial",
    "ranked_by_movement",
    "magnitude_increase",
    "no_rewind",
    "pruned_entries_only",
    "rewinds_to_zero",
    "fresh_initialisation",
    "computed_from_theta0",
    "theta0_without_mask",
    "rewound_once",
}
OF_EITHER_STATE = {
    "loads_theta0_after_pruning",
    "same_names_after_pruning",
    "theta0_knows_new_names",
    "renamed_keys",
    "loads_what_fits",
    "matched_by_shape",
    "matched_by_order",
    "keys_of_another_form",
    "aliases_theta0",
    "edits_theta0",
    "others_overwritten",
}
_AT_FIRST = re.compile(r"(^|\. )θ₀")  # in a sentence


def given_theta_k(program: Program) -> Program:
    """Let a program of the lottery ticket kata rewind to θₖ."""

    @wraps(program)
    def late(
        model: nn.Module,
        initial_state_dict: Mapping[str, Tensor],  # noqa: ARG001 - the kata's signature
        rewind_step_state: Mapping[str, Tensor],
        *amount: float,
        **keywords: float,
    ) -> object:
        return program(model, rewind_step_state, *amount, **keywords)

    return late


def _retold(belief: Belief) -> Belief:
    """Say the same of θₖ, or of either state."""
    say: Callable[[str], str]
    if belief.id in OF_EITHER_STATE:
        state, title, say = "state", _of_either(belief.title, "a"), _of_either
    else:
        state, title, say = "theta_k", _of_theta_k(belief.title), _of_theta_k
    see = topics.REWIND if belief.see is lottery_topics.REWIND else belief.see
    return Belief(
        belief.id.replace("theta0", state),
        title,
        say(belief.explanation),
        say(belief.hint),
        Topic(see.section, _of_theta_k(see.place), _of_theta_k(see.example)),
    )


def _of_theta_k(text: str) -> str:
    return text.replace("θ₀", "θₖ")


def _of_either(text: str, article: str = "the") -> str:
    text = _AT_FIRST.sub(rf"\1{article.capitalize()} given state", text)
    return text.replace("θ₀", f"{article} given state")


def _taken_over(misconception: Misconception) -> Misconception:
    model = misconception.model and given_theta_k(misconception.model)
    return replace(misconception, belief=_retold(misconception.belief), model=model)


kata.misconceptions += [
    _taken_over(misconception)
    for misconception in lottery_ticket.misconceptions
    if misconception.belief.id not in LEFT_OUT
]
