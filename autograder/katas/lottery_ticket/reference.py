"""The right answer, written to be obvious rather than fast.

Source: Frankle & Carbin 2018, arXiv 1803.03635, section 2, iterative pruning.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import prune


def prunable_names(model: nn.Module) -> list[str]:
    """Name the Linear and Conv2d modules of a model, at any depth."""
    return [n for n, module in model.named_modules() if isinstance(module, (nn.Linear, nn.Conv2d))]


def weight_of(layer: nn.Module) -> Tensor:
    """Read the weight that a layer uses: `weight_orig * weight_mask` once it is pruned."""
    weight: Tensor = layer.weight.detach()  # type: ignore[union-attr, operator, assignment]
    return weight


def find_winning_ticket_step(
    model: nn.Module, initial_state_dict: Mapping[str, Tensor], prune_amount: float = 0.2
) -> nn.Module:
    """Prune the smallest remaining weights of all layers together, then rewind to θ₀.

    Args:
        model: Trained model, changed in place.
        initial_state_dict: θ₀, under the names of the unpruned model.
        prune_amount: Fraction of the remaining weights to prune.
    """
    masks = {}
    remaining = []
    for name in prunable_names(model):
        layer = model.get_submodule(name)
        mask = getattr(layer, "weight_mask", torch.ones_like(weight_of(layer))).clone()
        masks[name] = mask
        magnitudes = weight_of(layer).abs().flatten().tolist()
        for position, kept in enumerate(mask.flatten().tolist()):
            if kept:
                remaining.append((magnitudes[position], name, position))
    remaining.sort()
    for _, name, position in remaining[: round(prune_amount * len(remaining))]:
        masks[name].view(-1)[position] = 0
    for name, mask in masks.items():
        layer = model.get_submodule(name)
        prune.custom_from_mask(layer, "weight", mask)
        with torch.no_grad():
            layer.get_parameter("weight_orig").copy_(initial_state_dict[f"{name}.weight"])
    return model
