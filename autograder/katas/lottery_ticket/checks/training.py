"""Training on: what a step leaves can be trained, and pruned weights stay zero in use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import prod

import torch
from torch import Tensor

from autograder.katas.lottery_ticket.cases import is_lone, prunable, shapes
from autograder.katas.lottery_ticket.checks.facts import masks_of, same_bits
from autograder.katas.lottery_ticket.checks.remembered import remembered
from autograder.katas.lottery_ticket.exercise import kata
from autograder.models import build
from autograder.records import Case, Finding, Observation, Snapshot


@kata.clause(of="conduct")
def trains_on(got: Observation, want: Observation, case: Case) -> Finding | None:
    """Forward, backward and an optimiser step work, and pruned weights stay zero in use."""
    if not case.trains:
        return None
    for seen, due in zip(got.rounds, want.rounds, strict=False):
        if _kind(seen.stuck) != _kind(due.stuck):
            return Finding("training on", seen.stuck or "possible", due.stuck or "possible")
        leaks, should = _leaks(seen, case), _leaks(due, case)
        if bool(leaks) != bool(should):
            return Finding(
                "pruned weights that are in use after an optimiser step and a forward",
                str(leaks),
                str(should),
            )
        apart, should_be = _detached(seen, case), _detached(due, case)
        if bool(apart) != bool(should_be):
            return Finding(
                "layers whose weight in use is no longer weight_orig × weight_mask after training",
                str(len(apart)),
                str(len(should_be)),
                where=", ".join(apart),
            )
        if _learns(due, case) and not _learns(seen, case):
            return Finding("weight_orig after an optimiser step", "unchanged", "trained on")
        unreached, idle = _unreached(seen, case), _unreached(due, case)
        if bool(unreached) != bool(idle):
            return Finding(
                "parameters that a backward pass does not reach",
                str(len(unreached)),
                str(len(idle)),
                where=", ".join(sorted(unreached)),
            )
        otherwise, should = (_computes_as_held(side, case) is False for side in (seen, due))
        if otherwise != should:
            return Finding(
                "what the model computes while it trains on",
                "not what weight_orig × weight_mask gives",
                "what weight_orig × weight_mask gives",
            )
    return None


@remembered
def _leaks(snapshot: Snapshot, case: Case) -> int:
    """Count masked entries that the modules nevertheless use.

    Where the model computes with `weight_orig`, an attribute `weight` may hold anything, and the
    mask tells: as a parameter it may itself be trained.
    """
    count = 0
    for name, kept in masks_of(snapshot, case).items():
        multiplies = f"{name}_orig" in snapshot.in_use and _computes_as_held(snapshot, case)
        used = snapshot.in_use.get(f"{name}_mask" if multiplies else name)
        if used is None:
            continue  # what the model makes of the example tells
        if used.shape != kept.shape:
            count += kept.numel()
        else:
            count += int(((kept == 0) & (used != 0)).sum())
    return count


@remembered
def _detached(snapshot: Snapshot, case: Case) -> list[str]:
    """Name the layers that use something else than `weight_orig * weight_mask` after training."""
    if _computes_as_held(snapshot, case):
        return []
    names = []
    for name in masks_of(snapshot, case):
        used, values, kept = (
            snapshot.in_use.get(key) for key in (name, f"{name}_orig", f"{name}_mask")
        )
        if used is None or values is None or kept is None:
            continue  # another clause's fault
        alike = used.shape == values.shape == kept.shape
        if not (alike and torch.allclose(used.double(), values.double() * kept.double())):
            names.append(name)
    return names


@remembered
def _learns(snapshot: Snapshot, case: Case) -> bool:
    """Tell whether training reaches `weight_orig`.

    Asked of lone layers that keep a weight only: through others a gradient may honestly vanish.
    """
    if not is_lone(case.recipe):
        return True
    name = prunable(case.recipe)[0]
    key = f"{name}_orig"
    kept = masks_of(snapshot, case).get(name)
    if kept is None or not bool((kept != 0).any()):
        return True
    if key not in snapshot.parameters:
        return True  # another clause's fault
    before, after = snapshot.state.get(key), snapshot.in_use.get(key)
    return before is None or after is None or not same_bits(before, after)


@remembered
def _unreached(snapshot: Snapshot, case: Case) -> set[str]:
    """Name the model's own parameters that got no gradient; weights only if they are pruned."""
    names = {name.removesuffix("_orig") for name in snapshot.unreached}
    unpruned = set(prunable(case.recipe)) - masks_of(snapshot, case).keys()
    return (names & shapes(case.recipe).keys()) - unpruned


def _kind(stuck: str) -> str:
    """Tell the type of the exception that training on ended with."""
    return stuck.partition(":")[0]


@remembered
def _computes_as_held(snapshot: Snapshot, case: Case) -> bool | None:
    """Tell whether the model computes what it holds says; None if there is no telling.

    Some do so only with gradients on, as in training, and some only without.
    """
    pruned = all(f"{name}_orig" in snapshot.state for name in prunable(case.recipe))
    if pruned and _gives("first", snapshot.state, snapshot, case) is False:
        return False
    return _gives("last", snapshot.in_use, snapshot, case)


def _gives(when: str, state: Mapping[str, Tensor], snapshot: Snapshot, case: Case) -> bool | None:
    """Tell whether a model of ours, which is given a state's values, makes the same as was made."""
    made = snapshot.output.get(when)
    if made is None:
        return None
    model = _ours(case.recipe)
    for name, value in model.state_dict().items():
        pruned = [state.get(f"{name}_{kind}") for kind in ("orig", "mask")]
        parts = [state.get(name)] if any(part is None for part in pruned) else pruned
        held = [part for part in parts if part is not None and part.shape == value.shape]
        if len(held) < len(parts):
            return None  # another clause's fault
        value.copy_(prod(held))
    for name, module in model.named_modules():
        module.training = snapshot.modes.get(name, True)
    with torch.no_grad(), torch.random.fork_rng(devices=()):
        before = torch.get_rng_state()
        due = model(case.example)
        if not torch.equal(torch.get_rng_state(), before):
            return None  # chance has a say in it
    return made.shape == due.shape and _alike(made, due)


_ours = cache(build)  # every value in it is written anew each time


def _alike(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one.double(), other.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
