"""Beliefs about how many weights go."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from autograder.katas.lottery_ticket.cases import amount_of, leaves_amount_out, total
from autograder.katas.lottery_ticket.checks.facts import count_of
from autograder.katas.lottery_ticket.exercise import kata
from autograder.katas.lottery_ticket.misconceptions import topics
from autograder.katas.lottery_ticket.misconceptions.steps import (
    State,
    layers_of,
    mask_of,
    prune_globally,
    smallest,
    step,
)
from autograder.katas.lottery_ticket.reference import weight_of
from autograder.records import Case, Observation

# Rounding


def _down(amount: float, remaining: int) -> int:
    return int(amount * remaining)


def _up(amount: float, remaining: int) -> int:
    return math.ceil(amount * remaining)


@kata.misconception(hint="What does Python's round make of 2.6?", see=topics.COUNT)
def rounds_down(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The number of weights to prune is rounded down.

    It is `round(prune_amount * remaining)`, as in torch's pruning.
    """
    return step(model, state, prune_amount, count=_down)


@kata.misconception(hint="What does Python's round make of 2.4?", see=topics.COUNT)
def rounds_up(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The number of weights to prune is rounded up.

    It is `round(prune_amount * remaining)`, as in torch's pruning.
    """
    return step(model, state, prune_amount, count=_up)


@kata.variant(of="rounds_up")
def rounds_down_and_adds_one(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """One more than the number rounded down: also where there is nothing to round."""
    return step(model, state, prune_amount, count=lambda amount, n: int(amount * n) + 1)


@kata.misconception(hint="What does Python's round make of 2.5, and what of 3.5?", see=topics.COUNT)
def rounds_half_up(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A half is always rounded up.

    Python rounds a half to the even neighbour: 2.5 becomes 2 and 3.5 becomes 4. The count is
    `round(prune_amount * remaining)`, as in torch's pruning.
    """
    return step(model, state, prune_amount, count=lambda amount, n: int(amount * n + 0.5))


@kata.misconception(
    hint="When 4.5 of 15 weights should go, does it matter which of the two numbers is rounded?",
    see=topics.COUNT,
)
def rounds_what_is_kept(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """What is pruned follows from what is kept.

    The count to prune is `round(prune_amount * remaining)`, and the rest stays. The other way round
    it may differ at a half: Python rounds 4.5 to 4 and 10.5 to 10, and 1 - (1 - 0.3) is a little
    more than 0.3.
    """
    return step(model, state, prune_amount, count=lambda amount, n: n - round((1 - amount) * n))


@kata.misconception(
    hint="What do three layers of which each should lose 1.4 weights lose together?",
    see=topics.COUNT,
)
def rounded_layer_by_layer(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The count is rounded for each layer, then added up.

    The fraction is one of all remaining weights together, and rounding comes last:
    `round(prune_amount * remaining)`.
    """
    left = [int((mask_of(layer) != 0).sum()) for layer in layers_of(model).values()]

    def count(amount: float, remaining: int) -> int:  # noqa: ARG001 - the shape of a Count
        return sum(round(amount * n) for n in left)

    return step(model, state, prune_amount, count=count)


@kata.variant(of="rounds_down")
def rounds_down_and_prunes_up_to_a_threshold(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The last of those that go is a threshold, and all of its size go with it."""
    return step(model, state, prune_amount, count=_down, choose=_up_to_the_last)


@kata.variant(of="rounds_up")
def rounds_up_and_prunes_up_to_a_threshold(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The last of those that go is a threshold, and all of its size go with it."""
    return step(model, state, prune_amount, count=_up, choose=_up_to_the_last)


@kata.variant(of="rounds_down")
def rounds_down_and_prunes_below_a_threshold(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The first of those that stay is a threshold, and all of its size stay with it."""
    return step(
        model,
        state,
        prune_amount,
        count=_down,
        choose=lambda s, k: s < _value_at(s, k),
    )


# Thresholds


def _up_to_the_last(scores: Tensor, count: int) -> Tensor:
    return scores <= _value_at(scores, count - 1) if count else smallest(scores, 0)


def _value_at(scores: Tensor, position: int) -> Tensor:
    """The score at a position of the ascending order, the last one if there are fewer."""
    alive = scores[torch.isfinite(scores)].sort().values
    return alive[max(0, min(position, len(alive) - 1))]


@kata.misconception(
    hint="How many weights have exactly the size of your threshold?", see=topics.EXACT
)
def all_ties_pruned(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """All weights of the threshold's size go together.

    Where several weights are exactly as large as the last one to prune, a threshold takes all of
    them. The count is exact; which of equal weights go is free.
    """
    return step(model, state, prune_amount, choose=lambda s, k: s <= _value_at(s, k - 1))


@kata.misconception(
    hint="How many weights have exactly the size of your threshold?", see=topics.EXACT
)
def all_ties_kept(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """All weights of the threshold's size stay together.

    Where several weights are exactly as large as the first one to keep, a threshold spares all of
    them. The count is exact; which of equal weights go is free.
    """
    return step(model, state, prune_amount, choose=lambda s, k: s < _value_at(s, k))


@kata.misconception(
    hint="Is the weight at your threshold itself among those that go?", see=topics.EXACT
)
def one_too_few(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weight at the threshold stays.

    If the threshold is the k-th smallest size, the k-th weight itself is one of the k to prune.
    """
    return step(model, state, prune_amount, choose=lambda s, k: s < _value_at(s, k - 1))


@kata.variant(of="one_too_few")
def one_less(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """One weight less is pruned."""
    return step(model, state, prune_amount, choose=lambda s, k: smallest(s, k - 1))


@kata.misconception(hint="Which is the position of the k-th smallest if counting starts at 0?",
                    see=topics.EXACT)  # fmt: skip
def one_too_many(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The k-th weight in order has index k.

    Indices start at 0: the weight at index k is the first one to keep.
    """
    return step(model, state, prune_amount, choose=lambda s, k: s <= _value_at(s, k))


@kata.variant(of="one_too_many")
def up_to_the_one_at_a_place_rounded_down(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The weight at the place `int(prune_amount * remaining)` goes as well."""
    return step(
        model,
        state,
        prune_amount,
        count=_down,
        choose=lambda s, k: s <= _value_at(s, k),
    )


@kata.variant(of="one_too_many")
def one_more(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """One weight more is pruned."""
    return step(model, state, prune_amount, choose=lambda s, k: smallest(s, k + 1))


@kata.misconception(
    hint="Between which two weights does your threshold lie, and how many are below it?",
    see=topics.EXACT,
)
def quantile_threshold(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A quantile of the sizes is the threshold.

    A quantile counts in the n - 1 gaps between n values, so the number below it is not always
    `round(prune_amount * remaining)`; and it cannot choose among equal ones.
    """
    return step(model, state, prune_amount, choose=lambda s, _: s <= _quantile(s, prune_amount))


@kata.variant(of="quantile_threshold")
def below_quantile(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """What is below the quantile goes, and no equal ones."""
    return step(model, state, prune_amount, choose=lambda s, _: s < _quantile(s, prune_amount))


@kata.variant(of="quantile_threshold")
def quantile_of_what_is_not_zero(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Weights that are zero are left out of the quantile, as if they were the pruned ones."""

    def up_to_the_quantile(scores: Tensor, _: int) -> Tensor:
        return scores <= _quantile(scores[scores > 0], prune_amount)

    return step(model, state, prune_amount, choose=up_to_the_quantile)


def _quantile(scores: Tensor, amount: float) -> Tensor:
    return scores[torch.isfinite(scores)].quantile(amount)


# What the amount means


@kata.misconception(
    hint="Where does your function use the amount that it is given?", see=topics.FRACTION
)
def fixed_fraction(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """The fraction is always 20 %.

    0.2 is only the default of `prune_amount`; the caller may ask for another.
    """
    return step(model, state, 0.2)


@kata.misconception(
    hint="What does the ranking know of layers, and what of their number?", see=topics.FRACTION
)
def amount_shared_out(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The fraction is shared out among the layers.

    It is a fraction of the remaining weights of all layers together, however many layers there
    are: divided by their number it prunes too few.
    """
    return step(model, state, prune_amount / max(1, len(layers_of(model))))


@kata.misconception(
    hint="After pruning 30 %, what share of the weights is left?", see=topics.FRACTION
)
def fraction_to_keep(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`prune_amount` is the fraction to keep.

    It is the fraction of the remaining weights that this step prunes.
    """
    return step(model, state, 1 - prune_amount)


@kata.variant(of="fraction_to_keep")
def fraction_is_kept(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """What is kept is counted: `round(prune_amount * remaining)`."""
    return step(model, state, prune_amount, count=lambda amount, n: n - round(amount * n))


@kata.misconception(
    hint="How many weights would go if all of them were ten times as large?", see=topics.FRACTION
)
def amount_is_a_size(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`prune_amount` is the size below which a weight goes.

    It says how many weights go, as a fraction of the remaining ones, and not how large they may
    be: the threshold follows from the count.
    """
    return step(model, state, prune_amount, choose=lambda s, _: s < prune_amount)


@kata.variant(of="amount_is_a_size")
def amount_of_the_largest(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The size is a share of the largest weight's."""
    size = prune_amount * _in_use(model).abs().max()
    return step(model, state, prune_amount, choose=lambda s, _: s < size)


@kata.variant(of="amount_is_a_size")
def amount_of_the_mean(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The size is a share of the mean magnitude."""
    size = prune_amount * _in_use(model).abs().mean()
    return step(model, state, prune_amount, choose=lambda s, _: s < size)


@kata.variant(of="amount_is_a_size")
def amount_of_the_standard_deviation(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The size is a share of the standard deviation."""
    size = prune_amount * _in_use(model).std()
    return step(model, state, prune_amount, choose=lambda s, _: s < size)


def _in_use(model: nn.Module) -> Tensor:
    return torch.cat([weight_of(layer).flatten() for layer in layers_of(model).values()])


@kata.misconception(
    hint="What is left of ten weights after a half went, and then a half again?",
    see=topics.ONE_CALL,
)
def prunes_repeatedly(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A step calls global pruning more than once.

    One call prunes the fraction of the weights of all layers that it is given. Each further call
    prunes it once more, of what the last one left; one step is one call.
    """
    return _in_turns(len(layers_of(model)), model, state, prune_amount)


@kata.variant(of="prunes_repeatedly")
def prunes_twice(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Global pruning is called twice, such as once for each kind of layer."""
    return _in_turns(2, model, state, prune_amount)


@kata.variant(of="prunes_repeatedly")
def prunes_while_collecting(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Global pruning is called inside the loop that collects the layers, for those found so far."""
    layers: dict[str, nn.Module] = {}
    for name, layer in layers_of(model).items():
        layers[name] = layer
        prune_globally(model, layers, state, prune_amount)
    return model


def _in_turns(turns: int, model: nn.Module, state: State, amount: float) -> nn.Module:
    for _ in range(turns - 1):
        step(model, state, amount, rewind=None)
    return step(model, state, amount)


@kata.misconception(
    hint="Of ten weights, how many should go if the amount is 0.5?", see=topics.FRACTION
)
def amount_in_percent(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`prune_amount` is given in percent.

    It is a fraction between 0 and 1: 0.2 stands for a fifth of the remaining weights.
    """
    return step(model, state, prune_amount / 100)


@kata.variant(of="amount_in_percent")
def percentile_of_the_fraction(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The threshold is the percentile of that number, and a percentile counts to 100."""
    percent = prune_amount / 100
    return step(model, state, prune_amount, choose=lambda s, _: s < _quantile(s, percent))


@kata.misconception(
    hint="Which numbers does torch's pruning take as an amount, and as what?", see=topics.FRACTION
)
def percent_as_count(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Torch's pruning takes its amount in percent.

    Torch takes a float between 0 and 1 as a fraction and a whole number as a count of entries: 20
    stands for twenty weights, which a small model may not have, and 20.0 for nothing at all.
    """
    return prune_globally(model, layers_of(model), state, round(prune_amount * 100))


@kata.variant(of="percent_as_count")
def percent_as_count_rounded_down(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Whole percent, rounded down."""
    return prune_globally(model, layers_of(model), state, int(prune_amount * 100))


@kata.variant(of="percent_as_count")
def percent_as_float(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Percent with decimals, which is no amount."""
    return prune_globally(model, layers_of(model), state, prune_amount * 100)


@kata.misconception(hint="Do biases count among the weights that may go?", see=topics.KINDS)
def share_of_all_parameters(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The fraction is one of all parameters of the model.

    It is one of the remaining weights of the Linear and Conv2d layers: what cannot be pruned,
    such as biases and normalisation, does not count.
    """
    total = _sizes(model)
    return step(model, state, prune_amount, count=lambda amount, _: round(amount * total))


@kata.variant(of="share_of_all_parameters")
def share_of_all_remaining_parameters(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The fraction is one of all parameters but the pruned ones, and one weight stays."""
    others = _sizes(model) - sum(mask_of(layer).numel() for layer in layers_of(model).values())
    return step(
        model, state, prune_amount, count=lambda amount, n: min(round(amount * (n + others)), n - 1)
    )


@kata.variant(of="share_of_all_parameters")
def share_of_weights_and_biases(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The fraction is one of weights and biases of the pruned layers."""
    total = sum(p.numel() for layer in layers_of(model).values() for p in layer.parameters())
    return step(model, state, prune_amount, count=lambda amount, _: round(amount * total))


def _sizes(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@kata.vague_misconception(
    hint="How much is to be pruned when the caller names no amount?",
    see=topics.FRACTION,
    clauses=["sparsity"],
)
def own_default(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """The default of `prune_amount` is up to the function.

    The caller may leave the amount out, and 0.2 is what then holds: the signature is a part of
    what was asked for.
    """
    right: dict[bool, list[bool]] = {True: [], False: []}
    for observation, case in zip(observations, cases, strict=True):
        if not observation.rounds:
            return False
        left_out = leaves_amount_out(case)
        remaining = total(case.recipe)
        right[left_out].append(count_of(observation, case, 0) == round(amount_of(case) * remaining))
    return all(right[False]) and not any(right[True])


@kata.variant(of="own_default")
def no_default(model: nn.Module, state: State, prune_amount: float) -> nn.Module:
    """There is no default at all."""
    return step(model, state, prune_amount)


# Zeros


@kata.misconception(
    hint="Can training leave a weight at zero that nobody has pruned?", see=topics.ZEROS
)
def zero_means_pruned(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A weight that is zero has been pruned.

    Only the mask tells. A weight in use may be zero by chance or by training: it is a remaining
    one, counts as such, and is the smallest of all.
    """
    return step(
        model,
        state,
        prune_amount,
        choose=lambda s, _: smallest(s, round(prune_amount * _nonzero(s))),
    )


@kata.variant(of="zero_means_pruned")
def zeros_take_no_part(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Weights that are zero are not ranked and stay."""
    return step(model, state, prune_amount, choose=lambda s, _: _smallest_nonzero(s, prune_amount))


@kata.variant(of="zero_means_pruned")
def zeros_go_besides(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Weights that are zero get masked besides those that are counted."""
    return step(
        model,
        state,
        prune_amount,
        choose=lambda s, _: (s == 0) | _smallest_nonzero(s, prune_amount),
    )


def _nonzero(scores: Tensor) -> int:
    return int((torch.isfinite(scores) & (scores != 0)).sum())


def _smallest_nonzero(scores: Tensor, amount: float) -> Tensor:
    ranked = scores.masked_fill(scores == 0, torch.inf)
    return smallest(ranked, round(amount * _nonzero(scores)))
