"""What the checks of the lottery ticket kata tell apart in a snapshot, and name beliefs by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.katas.lottery_ticket.cases import amount_of
from autograder.katas.lottery_ticket.checks.conduct import conduct
from autograder.katas.lottery_ticket.checks.facts import NO_MASK, NOTHING_NEW, revived
from autograder.katas.lottery_ticket.checks.mask import _unmasked, own_count
from autograder.katas.lottery_ticket.checks.sources import _written
from autograder.katas.lottery_ticket.checks.training import _detached
from autograder.probe import observe
from autograder.records import Observation, Snapshot, Status
from tests.katas.test_checks import CASE, ONE_LAYER, THETA0, TWO_ROUNDS, pruning
from tests.katas.test_contract import fast

NAME = "0.weight"
MASK = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])


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


def noting(layer: nn.Linear, factor: float = 1.0, size: int = 3) -> None:
    layer.kept = factor * MASK[:, :size]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (doing_nothing, "neither zero nor rewound"),
        (zeroing, "set to zero"),
        (resetting, "all of them rewound"),
        (noting, "masked under another name"),
        (lambda layer: noting(layer, factor=2.0), "neither zero nor rewound"),
        (lambda layer: noting(layer, size=2), "neither zero nor rewound"),
        (lambda layer: delattr(layer, "weight"), "gone"),
    ],
)
def test_what_became_of_weights_without_a_mask(
    change: Callable[[nn.Linear], object], words: str
) -> None:
    assert _unmasked(seen(change).rounds[0], ONE_LAYER) == words


def test_weights_alone_are_all_that_is_asked_for() -> None:
    snapshot = seen(doing_nothing).rounds[0]
    alone = replace(snapshot, state={NAME: snapshot.state[NAME]})
    assert _unmasked(alone, ONE_LAYER) == "neither zero nor rewound"


def test_a_layer_that_cannot_be_compared_hides_no_other() -> None:
    snapshot = observe(fast, CASE).rounds[0]
    used = {name: values for name, values in snapshot.in_use.items() if name != f"{NAME}_orig"}
    used["2.weight"] = used["2.weight"] + 1
    output = {"last": snapshot.output["last"] + 1}
    assert _detached(replace(snapshot, in_use=used, output=output), CASE) == ["2.weight"]


def test_what_a_model_does_not_compute_with_may_be_stale() -> None:
    snapshot = observe(fast, CASE).rounds[0]
    used = {**snapshot.in_use, NAME: snapshot.in_use[NAME] + 1}
    assert _detached(replace(snapshot, in_use=used), CASE) == []


def pruned(weight: Tensor, mask: Tensor) -> Snapshot:
    """A snapshot of a right step with another `weight` and mask, and the trained `weight_orig`."""
    snapshot = observe(fast, ONE_LAYER).rounds[0]
    held = {NAME: weight, f"{NAME}_mask": mask, f"{NAME}_orig": ONE_LAYER.trained[0][NAME]}
    return replace(snapshot, state={**snapshot.state, **held})


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


def test_masks_that_come_in_a_later_round_revive_nothing() -> None:
    calls = iter((False, True))

    def late(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        return fast(model, initial, prune_amount) if next(calls) else model

    assert revived(observe(late, TWO_ROUNDS), TWO_ROUNDS, 1) == 0


def test_conduct_is_judged_only_where_something_was_pruned() -> None:
    right = observe(fast, ONE_LAYER)

    def renaming(layer: nn.Linear) -> None:
        layer.weight_orig = layer.weight

    def masking_nothing(layer: nn.Linear) -> None:
        layer.register_buffer("weight_mask", torch.ones(2, 3))

    def masking_nothing_under_torchs_names(layer: nn.Linear) -> None:
        masking_nothing(layer)
        renaming(layer)

    for change in (doing_nothing, renaming):
        assert conduct(seen(change), right, ONE_LAYER) is NO_MASK, change
    for change in (masking_nothing, masking_nothing_under_torchs_names):
        assert conduct(seen(change), right, ONE_LAYER) is NOTHING_NEW, change


def test_the_own_count_is_taken_as_given_where_it_is_another_and_all_layers_carry_masks() -> None:
    def partly(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        fast(model, initial, prune_amount / 2)
        prune.remove(model[2], "weight")
        return model

    for program in (fast, partly, pruning(0)):
        assert own_count(observe(program, CASE), CASE) is CASE
    assert own_count(Observation(Status.RAISED), CASE) is CASE
    for count in (1, 3, 12):
        given = own_count(observe(pruning(count), TWO_ROUNDS), CASE)
        assert (amount_of(given), len(given.trained)) == (count / 12, 1)
