from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import prune


def iter_prunable(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield (qualified name, module) for each Linear / Conv2d."""
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            yield name, module


def find_winning_ticket_step(
    model: nn.Module,
    initial_state_dict: Mapping[str, Tensor],
    prune_amount: float = 0.2,
) -> nn.Module:
    """One iteration of IMP: prune globally by magnitude, then rewind.

    Args:
        model: the trained network.
        initial_state_dict: weights at initialisation.
        prune_amount: fraction of remaining weights to remove.

    Returns:
        The same network.
    """
    pairs: list[tuple[nn.Module, str]] = [(m, "weight") for _, m in iter_prunable(model)]
    prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, module in iter_prunable(model):
        source: Tensor = initial_state_dict[f"{name}.weight"]
        target: nn.Parameter = module.weight_orig
        with torch.no_grad():
            target.copy_(source)
    return model
