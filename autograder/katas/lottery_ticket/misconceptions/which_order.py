"""Beliefs about the order in which weights go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import torch
from torch import Tensor, nn

from autograder.katas.lottery_ticket.cases import prunable
from autograder.katas.lottery_ticket.exercise import kata
from autograder.katas.lottery_ticket.misconceptions import topics
from autograder.katas.lottery_ticket.misconceptions.steps import (
    State,
    layers_of,
    magnitude,
    mask_of,
    set_mask,
    smallest,
    step,
)
from autograder.katas.lottery_ticket.reference import weight_of
from autograder.records import Case, Observation


@kata.misconception(hint="Which weight changes the output less: −5 or 0.1?", see=topics.MAGNITUDE)
def signed_order(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The smallest weights are the most negative ones.

    Magnitude is the absolute value: a large negative weight matters as much as a positive one.
    """
    return step(model, state, prune_amount, score=lambda layer, _: weight_of(layer))


@kata.misconception(hint="What does the hook do with an entry whose mask is 0?", see=topics.MASK)
def inverted_mask(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The ones of a mask mark what is pruned.

    The weight in use is `weight_orig * weight_mask`: a one keeps an entry, a zero prunes it.
    """

    def others(scores: Tensor, count: int) -> Tensor:
        return ~smallest(scores, count) & torch.isfinite(scores)

    return step(model, state, prune_amount, choose=others)


@kata.misconception(hint="Which weights would you miss least?", see=topics.MAGNITUDE)
def largest_magnitude(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weights of largest magnitude are pruned.

    The smallest ones go: they contribute least to what the trained network computes.
    """
    return step(model, state, prune_amount, score=lambda layer, theta: -magnitude(layer, theta))


@kata.misconception(hint="Which values has training told you something about?", see=topics.TRAINED)
def ranked_by_initial(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Weights are ranked by their initial values.

    The ranking uses the trained values; rewinding comes after pruning, not before
    (Frankle & Carbin 2018, section 1, steps 3 and 4).
    """
    return step(model, state, prune_amount, score=lambda _, theta: theta.abs())


@kata.misconception(hint="Is a weight that moved little also a small weight?", see=topics.TRAINED)
def ranked_by_movement(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weights that moved least in training are pruned.

    The criterion of this step is the magnitude after training, not the distance from θ₀.
    """

    def moved(layer: nn.Module, theta: Tensor) -> Tensor:
        return (weight_of(layer) - theta).abs()

    return step(model, state, prune_amount, score=moved)


@kata.misconception(
    hint="Can a large weight grow little, and a small one much?", see=topics.TRAINED
)
def magnitude_increase(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weights whose magnitude grew least in training are pruned.

    The criterion of this step is how large a weight is after training, not how much it grew.
    """
    return step(model, state, prune_amount, score=_growth)


def _growth(layer: nn.Module, theta: Tensor) -> Tensor:
    return weight_of(layer).abs() - theta.abs()


@kata.misconception(
    hint="If a layer of small weights is scaled up for the ranking, which other layer pays for it?",
    see=topics.ONE_RANKING,
)
def own_scale(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Magnitudes are first divided by the scale of their layer.

    Magnitudes of all layers are compared as they are, so that a layer of small weights loses more
    of them. The paper ranks its deeper networks so (Frankle & Carbin 2018, section 4).
    """
    return _relative_to(lambda weight: weight.norm(), model, state, prune_amount)


@kata.variant(of="own_scale")
def relative_to_standard_deviation(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Magnitudes are divided by their layer's standard deviation."""
    return _relative_to(lambda weight: weight.std(), model, state, prune_amount)


@kata.variant(of="own_scale")
def relative_to_mean(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Magnitudes are divided by their layer's mean magnitude, or sum of them."""
    return _relative_to(lambda weight: weight.abs().mean(), model, state, prune_amount)


@kata.variant(of="own_scale")
def relative_to_root_mean_square(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Magnitudes are divided by the root of their layer's mean square."""
    return _relative_to(lambda weight: weight.square().mean().sqrt(), model, state, prune_amount)


@kata.variant(of="own_scale")
def relative_to_sum(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Magnitudes are divided by the sum over their layer."""
    return _relative_to(lambda weight: weight.abs().sum(), model, state, prune_amount)


@kata.variant(of="own_scale")
def relative_to_largest(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Magnitudes are divided by the largest of their layer."""
    return _relative_to(lambda weight: weight.abs().max(), model, state, prune_amount)


@kata.variant(of="own_scale")
def relative_to_a_bit_more_than_largest(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The largest of a layer has something added to it, lest it be zero."""
    return _relative_to(lambda weight: weight.abs().max() + 1e-8, model, state, prune_amount)


def _relative_to(
    scale: Callable[[Tensor], Tensor], model: nn.Module, state: State, amount: float
) -> nn.Module:
    def relative(layer: nn.Module, theta: Tensor) -> Tensor:  # noqa: ARG001 - the shape of a Score
        weight = weight_of(layer)
        return weight.abs() / scale(weight)

    return step(model, state, amount, score=relative)


@kata.misconception(
    hint="If the smallest weights all sit in one layer, which ones go?", see=topics.ONE_RANKING
)
def one_weight_left_in_each_layer(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A layer must keep a weight.

    The ranking spares no layer: if all weights of one are among the smallest, all of them go, and
    its mask is zero everywhere. Nor does a weight of another layer go in their place.
    """
    return step(model, state, prune_amount, score=_largest_of_a_layer_last)


@kata.variant(of="one_weight_left_in_each_layer")
def one_weight_revived_in_an_empty_layer(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The largest weight of a layer that has lost all comes back, and no other goes."""
    layers = layers_of(model)
    sizes = {name: weight_of(layer).abs() for name, layer in layers.items()}
    step(model, state, prune_amount)
    for name, layer in layers.items():
        mask = mask_of(layer)
        if not mask.any():
            mask.view(-1)[sizes[name].argmax()] = 1
            set_mask(layer, mask)
    return model


def _largest_of_a_layer_last(layer: nn.Module, theta: Tensor) -> Tensor:
    sizes = magnitude(layer, theta).double() * mask_of(layer)
    sizes.view(-1)[sizes.argmax()] = torch.finfo(torch.float64).max
    return sizes


@kata.misconception(hint="By what does the hook multiply the entries that stay?", see=topics.MASK)
def mask_of_magnitudes(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A mask holds the weights that are kept.

    A mask says yes or no: one for an entry in use, zero for a pruned one. The values are in
    `weight_orig`, and the two are multiplied.
    """
    sizes = {name: weight_of(layer).abs() for name, layer in layers_of(model).items()}
    step(model, state, prune_amount)
    for name, size in sizes.items():
        model.get_buffer(f"{name}.weight_mask").mul_(size.clamp_min(1e-8))
    return model


@kata.misconception(
    hint="What is at place i of `argsort`: the rank of weight i, or the place of another weight?",
    see=topics.ONE_RANKING,
)
def places_for_ranks(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`argsort` gives each weight its rank.

    It gives the places of the weights in their order: the first is where the smallest weight is.
    The mask is 0 at the first of these places, at as many as weights are to go.
    """
    return step(model, state, prune_amount, choose=lambda scores, count: scores.argsort() < count)


@kata.vague_misconception(
    hint="Does your choice of entries depend on their trained values at all?",
    see=topics.TRAINED,
    clauses=["smallest_are_masked"],
)
def random_mask(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Any weights may be pruned.

    A randomly sampled sparse network learns slower and reaches a lower accuracy than the winning
    ticket (Frankle & Carbin 2018, section 1, figure 1): which weights go is what the step is about.
    """
    ranks: dict[str, list[float]] = {}
    for observation, case in zip(observations, cases, strict=True):
        if not observation.rounds:
            return False
        state = observation.rounds[0].state
        names = [name for name in prunable(case.recipe) if f"{name}_mask" in state]
        if not names:
            continue
        gone = torch.cat([state[f"{name}_mask"].flatten() == 0 for name in names])
        sides = {
            side: torch.cat([values[name].flatten() for name in names])
            for side, values in {"trained": case.trained[0], **case.states}.items()
        }
        if gone.shape != sides["trained"].shape:
            continue
        orders = {"place": torch.arange(len(gone)), **sides}
        for one, other in combinations(sides, 2):
            orders[f"change of {one} since {other}"] = sides[one] - sides[other]
            orders[f"sum of {one} and {other}"] = sides[one] + sides[other]
        orders["sum of all"] = torch.stack([*sides.values()]).sum(0)
        orders["mean of the layer"] = torch.cat(
            [w.abs().mean().expand(w.numel()) for w in (case.trained[0][name] for name in names)]
        )
        orders |= {f"size of {order}": values.abs() for order, values in orders.items()}
        for order, values in orders.items():
            if order == "size of trained" and 2 * int(gone.sum()) > len(gone):
                continue  # a draw among the smaller ones is one among all there
            rank = values.argsort().argsort().double() / max(1, len(values) - 1)
            ranks.setdefault(order, []).extend(rank[gone].tolist())
    return any(ranks.values()) and all(map(_spread_evenly, ranks.values()))


def _spread_evenly(ranks: Sequence[float]) -> bool:
    """Tell whether ranks from 0 to 1 lie about a half, and on average a quarter away from it."""
    off = torch.tensor(ranks) - 0.5
    return abs(float(off.mean())) < 0.07 and 0.2 < float(off.abs().mean()) < 0.3  # noqa: PLR2004
