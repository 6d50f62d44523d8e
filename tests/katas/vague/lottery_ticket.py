"""Examples of the lottery ticket kata's vague beliefs."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.katas.lottery_ticket.reference import find_winning_ticket_step, prunable_names

State = Mapping[str, Tensor]


def random_mask(model: nn.Module, initial: State, prune_amount: float = 0.2) -> nn.Module:
    pairs = [(model.get_submodule(name), "weight") for name in prunable_names(model)]
    prune.global_unstructured(pairs, prune.RandomUnstructured, amount=prune_amount)
    with torch.no_grad():
        for name in prunable_names(model):
            model.get_parameter(f"{name}.weight_orig").copy_(initial[f"{name}.weight"])
    return model


def fresh_initialisation(model: nn.Module, initial: State, prune_amount: float = 0.2) -> nn.Module:
    find_winning_ticket_step(model, initial, prune_amount)
    for name in prunable_names(model):
        nn.init.kaiming_uniform_(model.get_parameter(f"{name}.weight_orig"))
    return model


def some_layers_left_trained(
    model: nn.Module, initial: State, prune_amount: float = 0.2
) -> nn.Module:
    pairs = [(model.get_submodule(name), "weight") for name in prunable_names(model)]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name in prunable_names(model)[:-1]:
            model.get_parameter(f"{name}.weight_orig").copy_(initial[f"{name}.weight"])
    return model


def computed_from_theta0(model: nn.Module, initial: State, prune_amount: float = 0.2) -> nn.Module:
    find_winning_ticket_step(model, initial, prune_amount)
    for name in prunable_names(model):
        model.get_parameter(f"{name}.weight_orig").data *= 2
    return model


def own_default(model: nn.Module, initial: State, prune_amount: float = 0.4) -> nn.Module:
    return find_winning_ticket_step(model, initial, prune_amount)


def others_overwritten(model: nn.Module, initial: State, prune_amount: float = 0.2) -> nn.Module:
    find_winning_ticket_step(model, initial, prune_amount)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.fill_(2.0)
    return model
