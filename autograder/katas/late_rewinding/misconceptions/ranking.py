"""Beliefs about the state that weights are ranked by: three are at hand, and one is right."""

from __future__ import annotations

from torch import Tensor, nn

from autograder.katas.late_rewinding.exercise import kata
from autograder.katas.late_rewinding.misconceptions import topics
from autograder.katas.lottery_ticket.misconceptions import which_order as lottery_order
from autograder.katas.lottery_ticket.misconceptions.steps import State, layers_of, step
from autograder.katas.lottery_ticket.reference import weight_of


def values_in(state: State, model: nn.Module) -> dict[nn.Module, Tensor]:
    """What a state holds for the weight of each layer."""
    return {layer: state[f"{name}.weight"] for name, layer in layers_of(model).items()}


@kata.misconception(
    hint="Which of the three states knows the most about what the network needs?",
    see=topics.THREE_STATES,
)
def ranked_by_theta0(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """Weights are ranked by their values in θ₀.

    The ranking uses the weights at the end of training (Frankle et al. 2020, algorithm 2). θ₀ is
    random, and says little of what a weight becomes.
    """
    at_first = values_in(initial, model)
    return step(model, rewind, prune_amount, score=lambda layer, _: at_first[layer].abs())


@kata.misconception(
    hint="If you rewind first, what is left of the training when you rank?",
    see=topics.THREE_STATES,
)
def ranked_by_theta_k(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> object:
    """Weights are ranked by their values in θₖ, where training starts again.

    θₖ is where the ticket starts from. Which weights are in it, the end of training decides: rank
    and prune first, then rewind.
    """
    return lottery_order.ranked_by_initial(model, rewind, prune_amount)


@kata.misconception(
    hint="Is a weight that hardly changed since step k also a small weight?",
    see=topics.THREE_STATES,
)
def ranked_by_movement_since_theta_k(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> object:
    """The weights that moved least since θₖ are pruned.

    The criterion of this step is the magnitude after training, not the distance from where
    training is to start again.
    """
    return lottery_order.ranked_by_movement(model, rewind, prune_amount)


@kata.misconception(
    hint="Is a weight that hardly changed since the start also a small weight?",
    see=topics.THREE_STATES,
)
def ranked_by_movement_since_theta0(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """The weights that moved least since θ₀ are pruned.

    The criterion of this step is the magnitude after training, not the distance from θ₀. This is
    why the step can do without θ₀.
    """
    at_first = values_in(initial, model)
    return step(
        model, rewind, prune_amount,
        score=lambda layer, _: (weight_of(layer) - at_first[layer]).abs(),
    )  # fmt: skip


@kata.misconception(
    hint="What do the first k steps know of those that follow?", see=topics.THREE_STATES
)
def ranked_by_early_movement(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """The weights that moved least in the first k steps are pruned.

    The first k steps decide where training starts again, and not which weights stay: those are
    ranked by their magnitude at the end of training.
    """
    at_first = values_in(initial, model)
    return step(
        model, rewind, prune_amount, score=lambda layer, theta: (theta - at_first[layer]).abs()
    )


@kata.misconception(
    hint="Can a large weight grow little, and a small one much?", see=topics.THREE_STATES
)
def magnitude_increase(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> object:
    """The weights whose magnitude grew least in training are pruned.

    The criterion of this step is how large a weight is after training, not how much it grew since
    θ₀ or θₖ.
    """
    return lottery_order.magnitude_increase(model, rewind, prune_amount)


@kata.variant(of="magnitude_increase")
def magnitude_increase_since_theta0(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """The growth is counted from θ₀."""
    at_first = values_in(initial, model)
    return step(
        model, rewind, prune_amount,
        score=lambda layer, _: weight_of(layer).abs() - at_first[layer].abs(),
    )  # fmt: skip
