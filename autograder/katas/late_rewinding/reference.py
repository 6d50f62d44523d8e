"""The right answer: the same pruning as in the lottery ticket kata, and another state to rewind to.

Source: Frankle, Dziugaite, Roy & Carbin 2020, arXiv 1912.05671, algorithm 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from autograder.katas.lottery_ticket.reference import find_winning_ticket_step


def find_late_rewinding_ticket_step(
    model: nn.Module,
    initial_state_dict: Mapping[str, Tensor],  # noqa: ARG001 - given, and not to be used
    rewind_step_state: Mapping[str, Tensor],
    prune_amount: float = 0.2,
) -> nn.Module:
    """Prune the smallest remaining weights of all layers together, then rewind to θₖ.

    Args:
        model: Trained model, changed in place.
        initial_state_dict: θ₀, under the names of the unpruned model.
        rewind_step_state: θₖ, what the first training held after k steps, under the same names.
        prune_amount: Fraction of the remaining weights to prune.
    """
    return find_winning_ticket_step(model, rewind_step_state, prune_amount)
