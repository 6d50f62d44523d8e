"""What the checks of the lottery ticket kata tell apart in a snapshot, and name beliefs by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from autograder.katas.lottery_ticket.checks.conduct import conduct
from autograder.katas.lottery_ticket.checks.facts import NO_MASK
from autograder.katas.lottery_ticket.checks.mask import _unmasked
from autograder.katas.lottery_ticket.checks.sources import _written
from autograder.probe import observe
from autograder.records import Observation, Snapshot
from tests.katas.test_checks import ONE_LAYER, THETA0
from tests.katas.test_contract import fast

NAME = "0.weight"


def seen(change: Callable[[nn.Linear], object]) -> Observation:
    def changes(model: nn.Sequential, *_: object, **__: object) -> nn.Module:
        with torch.no_grad():
            change(model[0])
        return model

    return observe(changes, ONE_LAYER)


def doing_nothing(layer: nn.Linear) -> None:
    del layer


def zeroing(layer: nn.Linear) -> None:
    layer.weight[0, 0] = 0.0


def resetting(layer: nn.Linear) -> None:
    layer.weight.copy_(THETA0[NAME])


def noting(layer: nn.Linear) -> None:
    layer.kept = torch.ones(2, 3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (doing_nothing, "neither zero nor as at first"),
        (zeroing, "set to zero"),
        (resetting, "all of them as at first"),
        (noting, "masked under another name"),
        (lambda layer: delattr(layer, "weight"), "gone"),
    ],
)
def test_what_became_of_weights_without_a_mask(
    change: Callable[[nn.Linear], object], words: str
) -> None:
    assert _unmasked(seen(change).rounds[0], ONE_LAYER) == words


def pruned(weight: Tensor, mask: Tensor) -> Snapshot:
    """A snapshot of a right step with another `weight` and mask, and the trained `weight_orig`."""
    snapshot = observe(fast, ONE_LAYER).rounds[0]
    held = {NAME: weight, f"{NAME}_mask": mask, f"{NAME}_orig": ONE_LAYER.trained[0][NAME]}
    return replace(snapshot, state={**snapshot.state, **held})


MASK = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])


@pytest.mark.parametrize(
    ("weight", "mask", "word"),
    [
        (THETA0[NAME] * MASK, MASK, "θ₀"),
        (ONE_LAYER.trained[0][NAME] * MASK, MASK, "nothing"),
        (torch.full((2, 3), 9.0), MASK, "else"),
        (torch.full((2, 3), 9.0), torch.zeros(2, 3), ""),
        (torch.full((3, 2), 9.0), MASK, ""),
    ],
)
def test_what_was_written_to_weight_is_asked_of_kept_entries(
    weight: Tensor, mask: Tensor, word: str
) -> None:
    assert _written(pruned(weight, mask), ONE_LAYER, NAME, 0) == word


def test_conduct_is_judged_only_where_something_was_pruned_or_can_be_rewound() -> None:
    right = observe(fast, ONE_LAYER)

    def renaming(layer: nn.Linear) -> None:
        layer.weight_orig = layer.weight

    def masking_nothing(layer: nn.Linear) -> None:
        layer.register_buffer("weight_mask", torch.ones(2, 3))

    def masking_nothing_under_torchs_names(layer: nn.Linear) -> None:
        masking_nothing(layer)
        renaming(layer)

    for change in (doing_nothing, renaming, masking_nothing):
        assert conduct(seen(change), right, ONE_LAYER) is NO_MASK, change
    assert conduct(seen(masking_nothing_under_torchs_names), right, ONE_LAYER) is None
