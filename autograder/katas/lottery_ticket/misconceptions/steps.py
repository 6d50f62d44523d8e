"""A pruning step whose single choices can be exchanged for wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.katas.lottery_ticket.reference import prunable_names, weight_of

State = Mapping[str, Tensor]
Layers = dict[str, nn.Module]
Score = Callable[[nn.Module, Tensor], Tensor]
Count = Callable[[float, int], int]
Choose = Callable[[Tensor, int], Tensor]
Merge = Callable[[Tensor, Tensor], Tensor]
Rewind = Callable[[nn.Module, Tensor], None]


def layers_of(model: nn.Module) -> Layers:
    """The layers that a right step prunes, by name."""
    return {name: model.get_submodule(name) for name in prunable_names(model)}


def magnitude(layer: nn.Module, theta: Tensor) -> Tensor:  # noqa: ARG001 - the shape of a Score
    """The right score: the absolute value of the weight in use."""
    return weight_of(layer).abs()


def rounded(amount: float, remaining: int) -> int:
    """The right count."""
    return round(amount * remaining)


def smallest(scores: Tensor, count: int) -> Tensor:
    """The right choice: mark the `count` smallest of the scores, which are infinite for dead ones.

    Args:
        scores: Shape (N,), float64.
        count: How many to mark.
    """
    count = max(0, min(count, int(torch.isfinite(scores).sum())))
    chosen = torch.zeros_like(scores, dtype=torch.bool)
    chosen[scores.topk(count, largest=False).indices] = True
    return chosen


def both(old: Tensor, new: Tensor) -> Tensor:
    """The right merging of an earlier mask and this round's: what either prunes is pruned."""
    return old * new


def copy_theta(layer: nn.Module, theta: Tensor) -> None:
    """The right rewinding: `weight_orig` takes θ₀'s values."""
    layer.get_parameter("weight_orig").copy_(theta)


def mask_of(layer: nn.Module) -> Tensor:
    """A copy of a layer's mask; ones where it has none yet."""
    mask: Tensor | None = getattr(layer, "weight_mask", None)
    return torch.ones_like(weight_of(layer)) if mask is None else mask.clone()


def set_mask(layer: nn.Module, mask: Tensor) -> None:
    """Make this the layer's mask, whatever it had before."""
    if hasattr(layer, "weight_mask"):
        layer.get_buffer("weight_mask").copy_(mask)
    else:
        prune.custom_from_mask(layer, "weight", mask)


def step(
    model: nn.Module,
    state: State,
    amount: float,
    *,
    layers: Layers | None = None,
    score: Score = magnitude,
    count: Count = rounded,
    choose: Choose = smallest,
    forget: bool = False,
    merge: Merge = both,
    rewind: Rewind | None = copy_theta,
) -> nn.Module:
    """Take a pruning step, one choice of which may be wrong.

    Args:
        model: As the learner's function gets it.
        state: θ₀.
        amount: Fraction to prune.
        layers: The layers to rank and to prune.
        score: What a layer's weights are ranked by; θ₀ of the layer is its second argument.
        count: How many of the remaining entries to prune.
        choose: Which of all scores go.
        forget: Whether earlier masks are left out of account.
        merge: How an earlier mask and this round's become one.
        rewind: What is done to each layer in the end, under `no_grad`.
    """
    chosen = layers_of(model) if layers is None else layers
    masks: dict[str, Tensor] = {}
    scores = []
    for name, layer in chosen.items():
        masks[name] = torch.ones_like(weight_of(layer)) if forget else mask_of(layer)
        ranked = score(layer, state[f"{name}.weight"])
        scores.append(ranked.masked_fill(masks[name] == 0, torch.inf))
    flat = torch.cat([s.flatten().double() for s in scores])
    kept = ~choose(flat, count(amount, int(torch.isfinite(flat).sum())))
    parts = kept.split([mask.numel() for mask in masks.values()])
    for (name, mask), part in zip(masks.items(), parts, strict=True):
        set_mask(chosen[name], merge(mask, part.reshape(mask.shape).to(mask.dtype)))
        if rewind is not None:
            with torch.no_grad():
                rewind(chosen[name], state[f"{name}.weight"])
    return model


def rewind_layers(layers: Layers, state: State) -> None:
    """Rewind these layers as a right step does."""
    with torch.no_grad():
        for name, layer in layers.items():
            copy_theta(layer, state[f"{name}.weight"])


def rewind_attributes(layers: Layers, state: State) -> None:
    """Write θ₀ to whatever these modules hold as `weight_orig`, also where that is no parameter."""
    with torch.no_grad():
        for name, layer in layers.items():
            layer.weight_orig.copy_(state[f"{name}.weight"])  # type: ignore[operator, union-attr]


def pairs_of(layers: Layers) -> list[tuple[nn.Module, str]]:
    """What torch's global pruning takes: each layer with the name of its weight."""
    return [(layer, "weight") for layer in layers.values()]


def prune_globally(model: nn.Module, layers: Layers, state: State, amount: float) -> nn.Module:
    """Prune these layers with torch's own global pruning and rewind them."""
    prune.global_unstructured(pairs_of(layers), prune.L1Unstructured, amount=amount)
    rewind_layers(layers, state)
    return model
