"""Wrong programs that people believe to be right, most specific first.

Each is registered by its decorator: the first docstring line is the belief, the rest says why it
is not so. Most differ from the right program in one place, which is what they pass to `_step`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.katas.lottery_ticket.cases import prunable
from autograder.katas.lottery_ticket.checks import kata
from autograder.katas.lottery_ticket.reference import prunable_names, weight_of
from autograder.records import Case, Observation

State = Mapping[str, Tensor]
Score = Callable[[nn.Module, Tensor], Tensor]
Layers = dict[str, nn.Module]

_RULES, _EXAMPLE, _GUIDANCE = "The rules", "A worked example", "Your turn"


def _layers(model: nn.Module) -> Layers:
    return {name: model.get_submodule(name) for name in prunable_names(model)}


def _direct_children(model: nn.Module) -> Layers:
    return {name: layer for name, layer in _layers(model).items() if "." not in name}


def _magnitude(layer: nn.Module, theta: Tensor) -> Tensor:  # noqa: ARG001 - the shape of a Score
    return weight_of(layer).abs()


def _count(amount: float, remaining: int) -> int:
    return round(amount * remaining)


def _copy(layer: nn.Module, theta: Tensor) -> None:
    layer.get_parameter("weight_orig").copy_(theta)


def _step(
    model: nn.Module,
    state: State,
    amount: float,
    *,
    layers: Layers | None = None,
    score: Score = _magnitude,
    count: Callable[[float, int], int] = _count,
    forget: bool = False,
    rewind: Callable[[nn.Module, Tensor], None] | None = _copy,
) -> nn.Module:
    """Take a pruning step, one choice of which may be wrong."""
    chosen = _layers(model) if layers is None else layers
    masks, scores = {}, []
    for name, layer in chosen.items():
        old = getattr(layer, "weight_mask", None)
        mask = torch.ones_like(weight_of(layer)) if old is None or forget else old.clone()
        masks[name] = mask
        scores.append(score(layer, state[f"{name}.weight"]).masked_fill(mask == 0, torch.inf))
    flat = torch.cat([s.flatten().double() for s in scores])
    total = count(amount, int(torch.isfinite(flat).sum()))
    doomed = flat.topk(max(0, min(total, int(torch.isfinite(flat).sum()))), largest=False).indices
    kept = torch.ones_like(flat).index_fill(0, doomed, 0)
    parts = kept.split([mask.numel() for mask in masks.values()])
    for (name, mask), part in zip(masks.items(), parts, strict=True):
        layer = chosen[name]
        new = mask * part.reshape(mask.shape).to(mask.dtype)
        if forget and hasattr(layer, "weight_mask"):
            layer.get_buffer("weight_mask").copy_(new)
        else:
            prune.custom_from_mask(layer, "weight", new)
        if rewind is not None:
            with torch.no_grad():
                rewind(layer, state[f"{name}.weight"])
    return model


# Which weights


@kata.misconception(
    hint="If one layer is much larger in scale than another, which of them should lose more?",
    see=_RULES,
)
def per_layer_pruning(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Each layer loses its own fraction of weights.

    The weights of all layers are ranked together, so that a layer whose weights matter keeps
    more of them (Frankle & Carbin 2018, section 4, prunes deeper networks globally).
    """
    for name, layer in _layers(model).items():
        _step(model, state, prune_amount, layers={name: layer})
    return model


@kata.misconception(
    hint="What would a Conv2d layer tell you about its smallest weights?", see=_RULES
)
def only_linear(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only Linear layers are pruned.

    Conv2d weights take part in the same ranking.
    """
    layers: Layers = {n: m for n, m in _layers(model).items() if isinstance(m, nn.Linear)}
    return _step(model, state, prune_amount, layers=layers)


@kata.misconception(
    hint="What would a Linear layer tell you about its smallest weights?", see=_RULES
)
def only_conv2d(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only Conv2d layers are pruned.

    Linear weights take part in the same ranking.
    """
    layers: Layers = {n: m for n, m in _layers(model).items() if isinstance(m, nn.Conv2d)}
    return _step(model, state, prune_amount, layers=layers) if layers else model


@kata.misconception(hint="Which entries of the model are called weights in the rules?", see=_RULES)
def biases_too(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Biases are pruned together with the weights.

    Only `weight` is pruned: biases are few, and a pruned bias saves nothing.
    """
    pairs = [
        (layer, name)
        for layer in _layers(model).values()
        for name in ("weight", "bias")
        if getattr(layer, name, None) is not None
    ]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, layer in _layers(model).items():
            _copy(layer, state[f"{name}.weight"])
    return model


@kata.misconception(hint="How deep can a layer be hidden inside a model?", see=_GUIDANCE)
def only_direct_children(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The layers of a model are its direct children.

    Layers sit at any depth: inside blocks, lists and dicts of modules.
    """
    layers = _direct_children(model)
    return _step(model, state, prune_amount, layers=layers) if layers else model


@kata.misconception(hint="Which modules does `children` leave out that `modules` finds?",
                    see=_GUIDANCE)  # fmt: skip
def children_hold_every_layer(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A model always has prunable layers among its direct children.

    In a nested model every layer may sit deeper; the list to prune is empty then, and torch
    refuses it.
    """
    layers = _direct_children(model)
    pairs = [(layer, "weight") for layer in layers.values()]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, layer in layers.items():
            _copy(layer, state[f"{name}.weight"])
    return model


@kata.misconception(hint="Is the last layer treated differently in the rules?", see=_RULES)
def skips_last_layer(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The output layer is left dense.

    The rules rank every Linear and Conv2d layer, the last one too.
    """
    layers = dict(list(_layers(model).items())[:-1])
    return _step(model, state, prune_amount, layers=layers) if layers else model


# Which order


@kata.misconception(hint="Which weight changes the output less: −5 or 0.1?", see=_EXAMPLE)
def signed_order(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The smallest weights are the most negative ones.

    Magnitude is the absolute value: a large negative weight matters as much as a positive one.
    """
    return _step(model, state, prune_amount, score=lambda layer, _: weight_of(layer))


@kata.misconception(hint="Which weights would you miss least?", see=_RULES)
def largest_magnitude(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weights of largest magnitude are pruned.

    The smallest ones go: they contribute least to what the trained network computes.
    """
    return _step(model, state, prune_amount, score=lambda layer, theta: -_magnitude(layer, theta))


@kata.misconception(hint="Which values has training told you something about?", see=_RULES)
def ranked_by_initial(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Weights are ranked by their initial values.

    The ranking uses the trained values; rewinding comes after pruning, not before
    (Frankle & Carbin 2018, section 2).
    """
    return _step(model, state, prune_amount, score=lambda _, theta: theta.abs())


@kata.misconception(hint="Is a weight that moved little also a small weight?", see=_RULES)
def ranked_by_movement(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weights that moved least in training are pruned.

    The criterion of this step is the magnitude after training, not the distance from θ₀.
    """

    def moved(layer: nn.Module, theta: Tensor) -> Tensor:
        return (weight_of(layer) - theta).abs()

    return _step(model, state, prune_amount, score=moved)


# How many


@kata.misconception(hint="What does Python's round make of 2.6?", see=_RULES)
def rounds_down(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The number of weights to prune is rounded down.

    It is `round(prune_amount * remaining)`, as in torch's pruning.
    """
    return _step(model, state, prune_amount, count=lambda amount, n: int(amount * n))


@kata.misconception(hint="What does Python's round make of 2.4?", see=_RULES)
def rounds_up(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The number of weights to prune is rounded up.

    It is `round(prune_amount * remaining)`, as in torch's pruning.
    """
    return _step(model, state, prune_amount, count=lambda amount, n: -int(-amount * n // 1))


@kata.misconception(hint="Where does your function use the amount that it is given?", see=_GUIDANCE)
def fixed_fraction(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """The fraction is always 20 %.

    0.2 is only the default of `prune_amount`; the caller may ask for another.
    """
    return _step(model, state, 0.2)


@kata.misconception(hint="After pruning 30 %, what share of the weights is left?", see=_RULES)
def fraction_to_keep(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`prune_amount` is the fraction to keep.

    It is the fraction of the remaining weights that this step prunes.
    """
    return _step(model, state, 1 - prune_amount)


# Rounds


@kata.misconception(hint="In round two, is 20 % of all weights the same as 20 % of what is left?",
                    see=_RULES)  # fmt: skip
def share_of_all_weights(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Each round prunes a fraction of all weights.

    Each round prunes a fraction of the weights that still remain (section 2: p^(1/n) % of the
    weights that survive the previous round).
    """
    total = sum(weight_of(layer).numel() for layer in _layers(model).values())
    return _step(model, state, prune_amount, count=lambda amount, _: round(amount * total))


@kata.misconception(hint="What happens to a weight in round two that was pruned in round one?",
                    see=_RULES)  # fmt: skip
def old_mask_lost(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Each round makes its mask from scratch.

    Entries pruned earlier stay pruned: masks are nested from round to round.
    """
    return _step(model, state, prune_amount, forget=True)


@kata.misconception(hint="May a weight that is out of use be chosen a second time?", see=_RULES)
def pruned_compete_again(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Weights that were pruned earlier compete again in the next round.

    `weight_orig` holds a value for them too, but they are out of the race: only remaining weights
    are ranked, and masks are nested from round to round.
    """

    def values(layer: nn.Module, theta: Tensor) -> Tensor:  # noqa: ARG001 - the shape of a Score
        return dict(layer.named_parameters()).get("weight_orig", weight_of(layer)).detach().abs()

    return _step(model, state, prune_amount, score=values, forget=True)


@kata.misconception(hint="Which names has a layer's weight before pruning, and which after?",
                    see=_EXAMPLE)  # fmt: skip
def loads_theta0_after_pruning(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """`load_state_dict` puts θ₀ back into a pruned model.

    θ₀ says `weight`, a pruned layer has `weight_orig` and `weight_mask`: the keys do not match.
    """
    _step(model, state, prune_amount, rewind=None).load_state_dict(state)
    return model


@kata.misconception(hint="Which names has a layer's weight before pruning, and which after?",
                    see=_EXAMPLE)  # fmt: skip
def same_names_after_pruning(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A pruned model keeps the names that it had at the start.

    Where θ₀ says `weight`, a pruned layer has `weight_orig` and `weight_mask`.
    """
    holders = _step(model, state, prune_amount, rewind=None).state_dict()
    for name in state:
        holders[name].copy_(state[name])
    return model


@kata.misconception(hint="Which keys has θ₀, and which has a model that was pruned before?",
                    see=_GUIDANCE)  # fmt: skip
def renamed_keys(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """θ₀ has the same keys as the model in every round.

    A pruned model calls its weights `weight_orig`; θ₀ was saved before and says `weight`.
    """
    names = [name for name, _ in model.named_parameters() if "weight" in name]
    for name in names:
        state[name]
    return _step(model, state, prune_amount)


# Rewind


@kata.misconception(hint="From which values does a winning ticket start its training?", see=_RULES)
def no_rewind(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Pruning is all there is: the trained values stay.

    The surviving weights go back to θ₀; without that it is ordinary fine-tuning of a pruned
    network (Frankle & Carbin 2018, section 2, step 4).
    """
    return _step(model, state, prune_amount, rewind=None)


@kata.misconception(hint="After pruning, which of the module's tensors is the parameter?",
                    see=_EXAMPLE)  # fmt: skip
def rewinds_weight_attribute(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Writing to `weight` rewinds a pruned layer.

    `weight` is computed anew from `weight_orig * weight_mask` before each forward; what is
    written to it is lost. The values to rewind live in `weight_orig`.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        weight_of(layer).copy_(theta)

    return _step(model, state, prune_amount, rewind=write)


@kata.misconception(hint="Should autograd record that you put a weight back to its start?",
                    see=_GUIDANCE)  # fmt: skip
def rewinds_with_gradients_on(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A parameter can be overwritten like any other tensor.

    Autograd records what happens to a parameter and refuses a change in place of one that
    requires a gradient. Rewinding is no part of the computation: it stands under `no_grad`.
    """
    _step(model, state, prune_amount, rewind=None)
    for name, layer in _layers(model).items():
        _copy(layer, state[f"{name}.weight"])
    return model


@kata.misconception(hint="What does `weight_mask` do to the entries that you left trained?",
                    see=_RULES)  # fmt: skip
def survivors_only(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only the surviving entries go back to θ₀.

    `weight_orig` equals θ₀ in every entry; the mask alone says which ones are in use.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        kept = layer.get_buffer("weight_mask") != 0
        layer.get_parameter("weight_orig")[kept] = theta[kept]

    return _step(model, state, prune_amount, rewind=write)


@kata.misconception(hint="Who multiplies by the mask before each forward: you or the hook?",
                    see=_EXAMPLE)  # fmt: skip
def masked_rewind(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`weight_orig` holds θ₀ times the mask.

    The hook multiplies by `weight_mask`; `weight_orig` itself keeps θ₀ in every entry.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").copy_(theta * layer.get_buffer("weight_mask"))

    return _step(model, state, prune_amount, rewind=write)


# Conduct


@kata.misconception(hint="If the model trains on, what happens to your copy of θ₀?", see=_RULES)
def aliases_theta0(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The model may take θ₀'s tensors as its own.

    Then training changes θ₀ as well, and the next round rewinds to trained values. Copy the
    values instead.
    """

    def share(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").data = theta

    return _step(model, state, prune_amount, rewind=share)


@kata.misconception(hint="Which object does the caller hold after your function returns?",
                    see=_RULES)  # fmt: skip
def returns_copy(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The function returns a pruned copy.

    The change is in place: the model that was given is pruned, and it is what is returned.
    """
    return _step(copy.deepcopy(model), state, prune_amount)


@kata.misconception(hint="What does a Python function return that has no return?", see=_RULES)
def returns_none(model: nn.Module, state: State, prune_amount: float = 0.2) -> None:
    """A change in place needs no return value.

    The function also returns the same model, so that calls can be chained.
    """
    _step(model, state, prune_amount)


@kata.misconception(hint="Which method decides how batch norm and dropout behave later on?",
                    see=_RULES)  # fmt: skip
def left_in_eval(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Pruning puts the model in eval mode.

    Train or eval mode is the caller's choice and stays as it was.
    """
    return _step(model, state, prune_amount).eval()


@kata.misconception(hint="What must the hook keep so that pruned weights stay zero in training?",
                    see=_EXAMPLE)  # fmt: skip
def made_permanent(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`prune.remove` finishes the pruning.

    It drops the mask: pruned weights would grow again, and the next round could not tell them.
    """
    for layer in _layers(_step(model, state, prune_amount)).values():
        prune.remove(layer, "weight")
    return model


@kata.vague_misconception(
    hint="Does your choice of entries depend on their trained values at all?",
    see=_RULES,
    clauses=["smallest_are_masked"],
)
def random_mask(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Any weights may be pruned.

    A random mask of the same sparsity trains worse than the winning ticket (Frankle & Carbin
    2018, section 2, figure 4): which weights go is what the step is about.
    """
    ranks = []
    for observation, case in zip(observations, cases, strict=True):
        if not observation.rounds:
            return False
        state = observation.rounds[0].state
        names = [name for name in prunable(case.recipe) if f"{name}_mask" in state]
        if names:
            sizes = torch.cat([case.trained[0][name].abs().flatten() for name in names])
            gone = torch.cat([state[f"{name}_mask"].flatten() == 0 for name in names])
            order = sizes.argsort().argsort().double() / max(1, sizes.numel() - 1)
            ranks += order[gone].tolist() if gone.shape == order.shape else []
    return len(ranks) > 0 and 0.45 < sum(ranks) / len(ranks) < 0.55  # noqa: PLR2004 - about half
