"""Trained values and masks as small matrices, for people to read by eye."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.katas.lottery_ticket.cases import prunable, shapes
from autograder.katas.lottery_ticket.checks.facts import masks_of, newly_pruned, sizes_of, zeros_in
from autograder.records import Case, Grid, Observation

_DRAWN_ENTRIES = 40


def grids_of(got: Observation, want: Observation, case: Case, turn: int) -> tuple[Grid, ...]:
    """Draw trained values and masks, where they may be shown and are few enough to read."""
    if case.hidden:
        return ()
    names = prunable(case.recipe)
    if sum(shapes(case.recipe)[name].numel() for name in names) > _DRAWN_ENTRIES:
        return ()
    grids = []
    own, expected = masks_of(got.rounds[turn], case), _expected(got, want, case, turn)
    for name in names:
        values = case.trained[turn][name].flatten(1)
        for title, masks in (("yours", own), ("expected", expected)):
            kept = masks.get(name, torch.ones_like(values)).flatten(1) != 0
            missing = "" if name in masks else ", no mask"
            grids.append(
                Grid(
                    f"{name}, {title}{missing}",
                    "Trained weights, pruned entries in parentheses",
                    tuple(tuple(float(v) for v in row) for row in values),
                    tuple(tuple(bool(k) for k in row) for row in kept),
                )
            )
    return tuple(grids)


def _expected(got: Observation, want: Observation, case: Case, turn: int) -> dict[str, Tensor]:
    """Choose the right mask that is nearest to the submission's: any choice among ties is right."""
    masks = dict(masks_of(want.rounds[turn], case))
    largest = max(sizes_of(want, case, turn), default=0.0)
    own = newly_pruned(got, case, turn)
    ties = {
        name: (case.trained[turn][name].abs() == largest) & ~_dead_before(want, name, case, turn)
        for name in masks
    }
    left = sum(zeros_in(masks[name][entries]) for name, entries in ties.items())
    for name, entries in ties.items():
        masks[name] = masks[name].clone()
        masks[name][entries] = 1
    for wanted in (True, False):  # first the ties that the submission pruned as well
        for name, entries in ties.items():
            chosen = own.get(name, torch.zeros_like(entries))
            for index in (entries & (chosen == wanted)).nonzero()[:left].tolist():
                masks[name][tuple(index)] = 0
                left -= 1
    return masks


def _dead_before(side: Observation, name: str, case: Case, turn: int) -> Tensor:
    if turn == 0:
        return torch.zeros(shapes(case.recipe)[name], dtype=torch.bool)
    return masks_of(side.rounds[turn - 1], case)[name] == 0
