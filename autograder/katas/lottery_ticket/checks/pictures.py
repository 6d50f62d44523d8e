"""Trained values and masks as small matrices, for people to read by eye."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.katas.lottery_ticket.cases import amount_of, prunable, shapes, total
from autograder.katas.lottery_ticket.checks.facts import (
    count_of,
    masks_of,
    newly_pruned,
    sizes_of,
    zeros_in,
)
from autograder.records import Case, Entry, Grid, Observation

_DRAWN_ENTRIES = 40
_LEGEND = (
    "Trained weights, pruned ones in parentheses; #1 is the smallest of all layers, and ✗ marks"
    " what should be the other way round"
)


def grids_of(got: Observation, want: Observation, case: Case, turn: int) -> tuple[Grid, ...]:
    """Draw trained values and masks, where they may be shown and are few enough to read."""
    if case.hidden:
        return ()
    names = prunable(case.recipe)
    if sum(shapes(case.recipe)[name].numel() for name in names) > _DRAWN_ENTRIES:
        return ()
    grids = []
    own, expected = masks_of(got.rounds[turn], case), _expected(got, want, case, turn)
    ranks = _ranks(want, case, turn)
    as_asked = turn or count_of(want, case, 0) == round(amount_of(case) * total(case.recipe))
    due = "expected" if as_asked else "expected if so many go"
    for name in names:
        values = case.trained[turn][name]
        right = expected[name] != 0
        kept = own[name] != 0 if name in own else torch.ones_like(right)
        missing = "" if name in own else ", no mask"
        grids += [
            Grid(f"{name}, yours{missing}", _LEGEND, _rows(values, kept, ranks[name], right)),
            Grid(f"{name}, {due}", _LEGEND, _rows(values, right, ranks[name], right)),
        ]
    return tuple(grids)


def _rows(
    values: Tensor, kept: Tensor, ranks: Tensor, right: Tensor
) -> tuple[tuple[Entry, ...], ...]:
    columns = [part.flatten(1).tolist() for part in (values, kept, ranks, kept != right)]
    return tuple(
        tuple(
            Entry(value, is_kept, rank or None, differs)
            for value, is_kept, rank, differs in zip(*row, strict=True)
        )
        for row in zip(*columns, strict=True)
    )


def _ranks(want: Observation, case: Case, turn: int) -> dict[str, Tensor]:
    """Rank the remaining weights of all layers by magnitude, from 1; equal ones share a rank."""
    sizes = {
        name: case.trained[turn][name]
        .abs()
        .masked_fill(_dead_before(want, name, case, turn), torch.inf)
        for name in prunable(case.recipe)
    }
    alive = torch.cat([size.flatten() for size in sizes.values()])
    alive = alive[torch.isfinite(alive)].sort().values
    return {
        name: (torch.searchsorted(alive, size) + 1).masked_fill(~torch.isfinite(size), 0)
        for name, size in sizes.items()
    }


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
