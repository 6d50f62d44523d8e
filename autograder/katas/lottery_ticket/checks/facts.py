"""What an observation says of masks and values: single facts that several checks read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor

from autograder.katas.lottery_ticket.cases import prunable, shapes
from autograder.katas.lottery_ticket.checks.remembered import remembered
from autograder.katas.lottery_ticket.states import target_of
from autograder.records import Case, Finding, Observation, Snapshot, Unjudged

T = TypeVar("T")
NO_CALL = Unjudged("the call did not return")
NO_MASK = Unjudged("no Linear or Conv2d module carries a weight_mask, so this cannot be judged")
NOTHING_NEW = Unjudged("no entry was pruned")


@remembered
def carriers_of(snapshot: Snapshot, case: Case) -> set[str]:
    """Names of the model's parameters that carry a mask of their own shape."""
    return {
        name
        for name, shape in shapes(case.recipe).items()
        if f"{name}_mask" in snapshot.state and snapshot.state[f"{name}_mask"].shape == shape
    }


@remembered
def masks_of(snapshot: Snapshot, case: Case) -> dict[str, Tensor]:
    """Masks of the weights that are to be pruned, as far as there are any."""
    return {
        name: snapshot.state[f"{name}_mask"]
        for name in prunable(case.recipe)
        if name in carriers_of(snapshot, case)
    }


def zeros_in(values: Tensor) -> int:
    """Count the entries that are 0."""
    return int((values == 0).sum())


@remembered
def newly_pruned(observation: Observation, case: Case, turn: int) -> dict[str, Tensor]:
    """Find the entries newly pruned in a round, as boolean tensors; layers without any left out."""
    masks = masks_of(observation.rounds[turn], case)
    before = masks_of(observation.rounds[turn - 1], case) if turn else {}
    newly = {
        name: (m == 0) & (before[name] != 0) if name in before else m == 0
        for name, m in masks.items()
    }
    return {name: entries for name, entries in newly.items() if bool(entries.any())}


def unpruned(observation: Observation, case: Case) -> Unjudged | None:
    """Say why nothing can be judged of a first round that pruned nothing; None if it did."""
    if newly_pruned(observation, case, 0):
        return None
    return NOTHING_NEW if masks_of(observation.rounds[0], case) else NO_MASK


@remembered
def sizes_of(observation: Observation, case: Case, turn: int) -> list[float]:
    """Trained magnitudes of the entries newly pruned in a round."""
    sizes: list[float] = []
    for name, entries in newly_pruned(observation, case, turn).items():
        sizes += case.trained[turn][name][entries].abs().tolist()
    return sizes


@remembered
def revived(observation: Observation, case: Case, turn: int) -> int:
    """Count the entries masked in the round before and kept in this one."""
    masks = masks_of(observation.rounds[turn], case)
    before = masks_of(observation.rounds[turn - 1], case)
    return sum(
        int(((before[name] == 0) & (m != 0)).sum()) for name, m in masks.items() if name in before
    )


@remembered
def count_of(observation: Observation, case: Case, turn: int) -> int:
    """Count the entries newly pruned in a round."""
    return sum(int(entries.sum()) for entries in newly_pruned(observation, case, turn).values())


@remembered
def rewindable(snapshot: Snapshot, case: Case) -> list[str]:
    """Names of the weights that are to be pruned and have a `weight_orig`."""
    return [name for name in prunable(case.recipe) if f"{name}_orig" in snapshot.state]


def unlike(
    got: Observation,
    want: Observation,
    fact: Callable[[Snapshot, int], T],
    by: Callable[[T], object] = lambda side: side,
) -> tuple[T, T] | None:
    """Find the first round in which a fact differs: both sides of it.

    Args:
        got: One side.
        want: The other.
        fact: What is looked at, in a snapshot of a round.
        by: What of it must be the same.
    """
    for turn, rounds in enumerate(zip(got.rounds, want.rounds, strict=False)):
        seen, due = (fact(snapshot, turn) for snapshot in rounds)
        if by(seen) != by(due):
            return seen, due
    return None


def names_differ(
    got: Observation, want: Observation, what: str, names: Callable[[Snapshot, int], set[str]]
) -> Finding | None:
    """Compare whether there are names of a kind; where there should be none, name them."""
    found = unlike(got, want, names, by=bool)
    if not found:
        return None
    seen, due = found
    return Finding(what, str(len(seen)), str(len(due)), where=", ".join(sorted(seen)))


def later_turns(got: Observation, want: Observation) -> range:
    """Rounds after the first that both sides have."""
    return range(1, min(len(got.rounds), len(want.rounds)))


@remembered
def as_rewound(snapshot: Snapshot, case: Case) -> frozenset[str]:
    """Names of the model's tensors that are bit by bit what they are to be rewound to.

    `0.weight_orig` is compared with the target's `0.weight`.
    """
    return as_in(target_of(case), snapshot)


def as_in(state: Mapping[str, Tensor], snapshot: Snapshot) -> frozenset[str]:
    """Names of the model's tensors that are those of a state, of the same or the unpruned name."""
    return frozenset(
        name
        for name, values in snapshot.state.items()
        for given in [state.get(name, state.get(name.removesuffix("_orig")))]
        if given is not None and same_bits(values, given)
    )


def bits_equal(one: Tensor, other: Tensor) -> Tensor:
    """Compare two tensors of one shape and dtype bit by bit, entry by entry."""
    kind = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[other.element_size()]
    return one.view(kind) == other.view(kind)


def same_bits(one: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors are the same in shape, dtype and every bit."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool(bits_equal(one, other).all())
