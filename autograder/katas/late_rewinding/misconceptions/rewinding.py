"""Beliefs about the state that a step goes back to, where two are given."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from autograder.katas.late_rewinding.exercise import kata
from autograder.katas.late_rewinding.misconceptions import topics
from autograder.katas.late_rewinding.misconceptions.ranking import values_in
from autograder.katas.late_rewinding.misconceptions.shared import given_theta_k
from autograder.katas.lottery_ticket.misconceptions import conduct as lottery_conduct
from autograder.katas.lottery_ticket.misconceptions import rewind as lottery_rewind
from autograder.katas.lottery_ticket.misconceptions import rounds as lottery_rounds
from autograder.katas.lottery_ticket.misconceptions.steps import State, layers_of, step
from autograder.records import Case, Observation


@kata.misconception(
    hint="Which of the two states that you are given has a few steps of training behind it?",
    see=topics.THREE_STATES,
)
def rewinds_to_theta0(
    model: nn.Module,
    initial: State,
    rewind: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """A ticket goes back to θ₀, as in the first paper.

    Tickets of larger networks that are found so do no better than random ones; rewound to an early
    step of training they match the dense network (Frankle et al. 2020, section 4). `weight_orig`
    takes θₖ.
    """
    return step(model, initial, prune_amount)


@kata.variant(of="rewinds_to_theta0")
def loads_theta0_of_matching_names(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """All of θ₀ is put back, biases too."""
    rewinds_to_theta0(model, initial, rewind, prune_amount)
    model.load_state_dict(initial, strict=False)
    return model


@kata.misconception(
    hint="In which rounds has the network the trouble that late rewinding cures?",
    see=topics.EVERY_ROUND,
)
def theta0_in_later_rounds(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """Only the first round rewinds to θₖ, later ones to θ₀.

    Each round goes back to the same θₖ, which was saved in the first training (Frankle et al. 2020,
    algorithm 2). k counts steps of training, not rounds.
    """
    later = any(hasattr(layer, "weight_mask") for layer in layers_of(model).values())
    return step(model, initial if later else rewind, prune_amount)


@kata.misconception(
    hint="From which values does the training after the second pruning start?",
    see=topics.EVERY_ROUND,
)
def rewound_once(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> object:
    """In later rounds the weights stay as trained.

    Each round prunes, goes back to the same θₖ, and trains again from step k (Frankle et al. 2020,
    algorithm 2). That a layer has a mask says that it was pruned before, not that it holds θₖ. Nor
    is `weight` its parameter any more: what is written to it does not last.
    """
    return lottery_rounds.rewound_once(model, rewind, prune_amount)


@kata.misconception(
    hint="From which values does the ticket start its next training?", see=topics.REWIND
)
def no_rewind(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> object:
    """After pruning the trained values stay.

    To train on from there is fine-tuning. A ticket goes back to θₖ and trains again from step k
    (Frankle et al. 2020, algorithm 2). A line that is to put it back must reach `weight_orig`.
    """
    return lottery_rewind.no_rewind(model, rewind, prune_amount)


@kata.variant(of="loads_what_fits")
def loads_what_fits_of_theta0(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """The matching keys of θ₀ are loaded: biases and the like go back, further than they should."""
    step(model, rewind, prune_amount, rewind=None).load_state_dict(initial, strict=False)
    return model


@kata.misconception(hint="Which entries does the pruned network compute with?", see=topics.REWIND)
def pruned_entries_only(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> object:
    """Only the pruned entries go back to θₖ.

    The entries in use train on from step k, so they have to be as they were then (Frankle et al.
    2020, algorithm 2). `weight_orig` is θₖ in every entry; the hook applies the mask.
    """
    return lottery_rewind.pruned_entries_only(model, rewind, prune_amount)


@kata.misconception(
    hint="Which tensor says that an entry is out of use, and which says where it started?",
    see=topics.REWIND,
)
def pruned_entries_to_theta0(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """What stays goes back to θₖ, what is pruned to θ₀.

    `weight_orig` equals θₖ in every entry. The mask alone tells the pruned ones apart, and they
    need no state of their own.
    """
    at_first = values_in(initial, model)

    def write(layer: nn.Module, theta: Tensor) -> None:
        kept = layer.get_buffer("weight_mask")
        layer.get_parameter("weight_orig").copy_(theta.where(kept != 0, at_first[layer]))

    return step(model, rewind, prune_amount, rewind=write)


@kata.misconception(
    hint="Was the network ever in the state that you make out of two others?",
    see=topics.THREE_STATES,
)
def average_of_states(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """A ticket starts half-way between two states.

    On the line between two trained networks the paper measures whether training is stable (Frankle
    et al. 2020, section 2). A ticket starts from θₖ itself, to the last bit.
    """
    at_first = values_in(initial, model)

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").copy_((theta + at_first[layer]) / 2)

    return step(model, rewind, prune_amount, rewind=write)


@kata.variant(of="average_of_states")
def average_with_the_trained_weights(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> nn.Module:
    """Half-way between θₖ and the trained weights."""

    def write(layer: nn.Module, theta: Tensor) -> None:
        weight = layer.get_parameter("weight_orig")
        weight.copy_((theta + weight) / 2)

    return step(model, rewind, prune_amount, rewind=write)


@kata.variant(of="average_of_states")
def average_of_theta0_and_the_trained_weights(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> object:
    """Half-way between θ₀ and the trained weights."""
    return average_with_the_trained_weights(model, rewind, initial, prune_amount)


@kata.misconception(
    hint="Does the state after k steps hold weights, or how far they have moved?",
    see=topics.THREE_STATES,
)
def theta_k_is_a_change(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """θₖ says how far the weights have moved from θ₀.

    θₖ holds the weights themselves, as they were after k steps. They are copied; θ₀ is in them
    already.
    """
    at_first = values_in(initial, model)

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").copy_(at_first[layer] + theta)

    return step(model, rewind, prune_amount, rewind=write)


@kata.variant(of="theta_k_is_a_change")
def rewinds_to_the_change(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """What moved in the first k steps is what the ticket starts from."""
    at_first = values_in(initial, model)

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").copy_(theta - at_first[layer])

    return step(model, rewind, prune_amount, rewind=write)


@kata.misconception(
    hint="What else than its sign has a weight learnt in k steps?", see=topics.REWIND
)
def signs_of_theta_k(
    model: nn.Module, initial: State, rewind: State, prune_amount: float = 0.2
) -> nn.Module:
    """The signs of θₖ are enough, sizes stay those of θ₀.

    In small networks signs go a long way (Zhou et al. 2019, arXiv 1905.01067). This step rewinds
    to θₖ itself: signs and sizes, bit by bit.
    """
    at_first = values_in(initial, model)

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").copy_(at_first[layer].abs() * theta.sign())

    return step(model, rewind, prune_amount, rewind=write)


@kata.variant(of="rewinds_weight_attribute")
def writes_theta0_to_the_weight_attribute(
    model: nn.Module,
    initial: State,
    rewind: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> object:
    """θ₀ is written to `weight`."""
    return lottery_rewind.rewinds_weight_attribute(model, initial, prune_amount)


@kata.misconception(hint="Would training get anywhere from there?", see=topics.REWIND)
def rewinds_to_zero(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> object:
    """To start anew is to start from zero.

    The ticket starts from θₖ, the values that the same weights had after k steps (Frankle et al.
    2020, algorithm 2).
    """
    return lottery_rewind.rewinds_to_zero(model, rewind, prune_amount)


@kata.vague_misconception(
    hint="What have k steps of training given to the weights that new ones lack?",
    see=topics.REWIND,
    clauses=["rewind"],
)
def fresh_initialisation(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Any random initialisation will do.

    Tickets that start from new random values lose accuracy (Frankle et al. 2020, section 4, the
    networks that are randomly reinitialised). `weight_orig` takes θₖ.
    """
    return lottery_rewind.are_drawn(observations, cases)


kata.variant(of="fresh_initialisation")(given_theta_k(lottery_rewind.layers_reset_after_pruning))


@kata.vague_misconception(
    hint="Is what you write into `weight_orig` θₖ itself, or something computed from it?",
    see=topics.REWIND,
    clauses=["rewind"],
)
def computed_from_theta_k(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Values made out of θₖ do as well as θₖ.

    Training goes on from the very values that it had at step k (Frankle et al. 2020, algorithm 2):
    they are copied bit by bit, not scaled or drawn around.
    """
    return lottery_rewind.are_like_target(observations, cases)


@kata.misconception(
    hint="What in the model says, after the step, which weights are pruned?",
    see=topics.REWIND,
)
def theta_k_without_mask(
    model: nn.Module,
    initial: State,  # noqa: ARG001
    rewind: State,
    prune_amount: float = 0.2,
) -> object:
    """Going back finishes the step, with or without a mask.

    A ticket is θₖ together with its mask. A model that holds all of a state and no mask is the
    dense network as it once was.
    """
    return lottery_conduct.theta0_without_mask(model, rewind, prune_amount)


@kata.variant(of="theta_k_without_mask")
def theta0_without_mask(
    model: nn.Module,
    initial: State,
    rewind: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> object:
    """The state is θ₀."""
    return lottery_conduct.theta0_without_mask(model, initial, prune_amount)
