"""What the check `conduct` says, and when: what a step leaves as it was, and training on."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autograder.models import build
from autograder.records import Case, Outcome
from tests.katas.test_checks import (
    CASE,
    ONE_LAYER,
    THETA0,
    TRAINED,
    TWO_ROUNDS,
    after,
    finding,
    outcome,
    said,
    verdicts,
)
from tests.katas.test_contract import fast


@pytest.mark.parametrize(
    ("returned", "got"),
    [
        (lambda _: 3, "something else"),
        (lambda model: model.state_dict(), "a dict"),
        (lambda model: (model, 1), "a tuple or list"),
        (lambda model: model[0].weight_mask, "a tensor"),
        (lambda model: nn.Sequential(*model), "another module"),
    ],
)
@pytest.mark.parametrize("turn", [0, 1])
def test_what_is_returned_is_named(returned: Any, got: str, turn: int) -> None:
    program = after(lambda model, _: returned(model), turn)
    assert said("conduct", program, TWO_ROUNDS)[:3] == (
        "returned value", got, "the same model object"
    )  # fmt: skip


def test_nothing_returned_is_named() -> None:
    def returns_nothing(
        model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float
    ) -> None:
        fast(model, initial, prune_amount)

    assert finding("conduct", returns_nothing).got == "None"


@pytest.mark.parametrize("turn", [0, 1])
def test_edited_entries_of_theta0_are_counted_and_named(turn: int) -> None:
    def edits(_: nn.Module, initial: dict[str, Tensor]) -> None:
        initial["0.bias"].add_(1)
        initial["mine"] = torch.ones(1)

    found = finding("conduct", after(edits, turn), TWO_ROUNDS)
    assert (found.what, found.got, found.expected) == (
        "entries of initial_state_dict that the call changed", "1, and some were added", "0"
    )  # fmt: skip
    assert set(found.where.split(", ")) == {"0.bias", "mine"}


def test_an_entry_that_theta0_has_lost_is_named() -> None:
    def loses(_: nn.Module, initial: dict[str, Tensor]) -> None:
        del initial["2.bias"]

    found = finding("conduct", after(loses))
    assert (found.got, found.where) == ("1", "2.bias")


@pytest.mark.parametrize("turn", [0, 1])
def test_shared_entries_of_theta0_are_counted_and_named(turn: int) -> None:
    def shares(model: nn.Module, initial: dict[str, Tensor]) -> None:
        model[0].weight_orig.data = initial["0.weight"]
        model[2].bias.data = initial["2.bias"]

    assert said("conduct", after(shares, turn), TWO_ROUNDS) == (
        "entries of initial_state_dict that the model holds, or changes when it trains on",
        "2",
        "0",
        "0.weight, 2.bias",
    )


def test_theta0_that_moves_with_the_model_in_a_hidden_way_is_seen() -> None:
    def hooks(model: nn.Module, initial: dict[str, Tensor]) -> None:
        model.register_forward_hook(lambda *_: initial["2.bias"].add_(1) and None)

    assert finding("conduct", after(hooks)).where == "2.bias"


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("part", ["all", "one"])
def test_modes_are_told(training: bool, part: str) -> None:  # noqa: FBT001
    case = replace(TWO_ROUNDS, training=training, switched=("2",))

    def turns(model: nn.Module, _: object) -> None:
        (model if part == "all" else model[0]).train(not training)

    word = {True: "train", False: "eval"}[not training]
    assert said("conduct", after(turns), case) == (
        "train/eval mode after the call", f"{word} mode", "as before", ""
    )  # fmt: skip


def test_modules_below_a_switched_one_are_in_the_other_mode() -> None:
    recipe = "Sequential(Sequential(Linear(3, 2), Tanh()), Tanh(), Linear(2, 3))"
    names = {"0.weight": "0.0.weight", "0.bias": "0.0.bias"}
    start, trained = (
        {names.get(name, name): value for name, value in state.items()}
        for state in (THETA0, TRAINED)
    )
    case = replace(
        CASE, recipe=recipe, states={"initial": start}, trained=(trained,), switched=("0",)
    )
    assert {v.outcome for v in verdicts(fast, case).values() if v.check != "rounds"} == {
        Outcome.PASSED
    }
    program = after(lambda model, _: model[0][0].train() and None)
    assert finding("conduct", program, case).got == "train mode"


@pytest.mark.parametrize("enabled", [True, False])
def test_the_grad_mode_is_told(enabled: bool) -> None:  # noqa: FBT001
    case = replace(TWO_ROUNDS, grad_enabled=enabled)
    word = {True: "enabled", False: "disabled"}
    program = after(lambda *_: torch.set_grad_enabled(not enabled) and None)
    assert said("conduct", program, case) == (
        "gradients after the call", word[not enabled], word[enabled], ""
    )  # fmt: skip


@pytest.mark.parametrize(
    ("frozen", "what", "names"),
    [
        (("0.bias", "2.weight"), "frozen parameters that train now", "0.bias, 2.weight_orig"),
        ((), "parameters that no longer train", "0.weight_orig"),
    ],
)
def test_flags_that_changed_are_counted_and_named_as_they_are_now(
    frozen: tuple[str, ...], what: str, names: str
) -> None:
    def turns(model: nn.Module, _: object) -> None:
        model[0].bias.requires_grad = True
        model[0].weight_orig.requires_grad = False
        model[2].weight_orig.requires_grad = True

    count = str(len(names.split(", ")))
    case = replace(TWO_ROUNDS, frozen=frozen)
    assert said("conduct", after(turns), case) == (what, count, "0", names)


def test_a_frozen_weight_is_not_hidden_by_another_of_its_name() -> None:
    def hides(model: nn.Module, _: object) -> None:
        model[0].weight_orig.requires_grad = False
        vars(model[0])["weight"] = nn.Parameter(model[0].weight.detach())

    assert finding("conduct", after(hides)).where == "0.weight_orig"


@pytest.mark.parametrize("place", ["nowhere", "plain", "buffer"])
def test_a_parameter_that_is_none_any_more_is_named(place: str) -> None:
    def loses(model: nn.Module, _: object) -> None:
        bias = model[2]._parameters.pop("bias").detach()
        if place == "buffer":
            model[2].register_buffer("bias", bias)
        else:
            model[2].bias = bias if place == "plain" else None

    assert said("conduct", after(loses)) == ("parameters that are gone", "1", "0", "2.bias")


def test_modules_that_were_added_may_be_in_any_mode() -> None:
    def adds(model: nn.Module, _: object) -> None:
        model[0].helper = nn.Identity().eval()

    assert outcome("conduct", after(adds)) == "passed"


# What is not pruned


STRANGE = "biases, other parameters and buffers that are neither as trained nor as given"


@pytest.mark.parametrize("turn", [0, 1])
def test_what_is_neither_trained_nor_given_is_named(turn: int) -> None:
    def overwrites(model: nn.Module, _: object) -> None:
        model[2].bias.data.zero_()

    assert said("conduct", after(overwrites, turn), TWO_ROUNDS) == (STRANGE, "1", "0", "2.bias")


@pytest.mark.parametrize("turn", [0, 1])
def test_each_bias_may_stay_or_be_reset(turn: int) -> None:
    def resets_one(model: nn.Module, initial: Mapping[str, Tensor]) -> None:
        model[2].bias.data.copy_(initial["2.bias"])

    assert outcome("conduct", after(resets_one, turn), TWO_ROUNDS) == "passed"


def _with_statistics(training: bool) -> Case:  # noqa: FBT001
    """Make a case of two rounds whose running statistics move in between, in train mode."""
    recipe = "Sequential(Linear(3, 2), BatchNorm1d(2), Linear(2, 3))"
    norm = {"1.weight": torch.tensor([1.0, 2.0]), "1.bias": torch.tensor([0.5, 0.25])}
    fresh = {k: v for k, v in build(recipe).state_dict().items() if "1.running" in k or "num" in k}
    trained = {**TRAINED, **norm}
    return replace(
        TWO_ROUNDS, recipe=recipe, states={"initial": {**THETA0, **norm, **fresh}},
        trained=(trained, trained), training=training,
    )  # fmt: skip


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("turn", [0, 1])
def test_running_statistics_that_a_call_changes_are_named(training: bool, turn: int) -> None:  # noqa: FBT001
    def overwrites(model: nn.Module, _: object) -> None:
        model[1].running_mean.add_(1)

    found = said("conduct", after(overwrites, turn), _with_statistics(training))
    assert found == (STRANGE, "1", "0", "1.running_mean")


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("turn", [0, 1])
def test_running_statistics_may_stay_or_be_reset(training: bool, turn: int) -> None:  # noqa: FBT001
    def resets_one(model: nn.Module, initial: Mapping[str, Tensor]) -> None:
        model[1].running_mean.copy_(initial["1.running_mean"])

    case = _with_statistics(training)
    assert outcome("conduct", fast, case) == "passed"
    assert outcome("conduct", after(resets_one, turn), case) == "passed"


# Training on


def test_a_model_that_does_not_run_says_why() -> None:
    def breaks(model: nn.Module, _: object) -> None:
        model[2].forward = lambda x: x @ torch.zeros(7)

    found = finding("conduct", after(breaks))
    assert (found.what, found.expected) == ("training on", "possible")
    assert found.got.startswith("RuntimeError: ")


def test_masked_weights_in_use_are_counted() -> None:
    def leaks(model: nn.Module, _: object) -> None:
        for layer in (model[0], model[2]):
            layer._forward_pre_hooks.clear()
            used = torch.ones_like(layer.weight_mask)
            used.view(-1)[0] = 0
            layer.weight = used

    assert said("conduct", after(leaks)) == (
        "pruned weights that are in use after an optimiser step and a forward", "5", "0", ""
    )  # fmt: skip


def _without_weight(layer: Any, computed: Any) -> None:
    layer._forward_pre_hooks.clear()
    del layer.weight
    layer.forward = lambda x: x @ computed(layer).T + layer.bias


def test_a_layer_may_compute_without_an_attribute_for_it() -> None:
    def loses(model: nn.Module, _: object) -> None:
        _without_weight(model[0], lambda layer: layer.weight_orig * layer.weight_mask)

    assert outcome("conduct", after(loses)) == "passed"


def test_a_layer_that_computes_with_all_of_its_weights_is_seen() -> None:
    def dense(model: nn.Module, _: object) -> None:
        _without_weight(model[0], lambda layer: layer.weight_orig)

    assert said("conduct", after(dense))[:3] == (
        "what the model computes while it trains on",
        "not what weight_orig × weight_mask gives",
        "what weight_orig × weight_mask gives",
    )


@pytest.mark.parametrize("training", [True, False])
def test_a_layer_that_computes_with_its_mask_only_sometimes_is_seen(training: bool) -> None:  # noqa: FBT001 - a parameter
    def weight(layer: Any) -> Tensor:
        masked: Tensor = layer.weight_orig * layer.weight_mask
        return masked if torch.is_grad_enabled() is training else layer.weight_orig

    def sometimes(model: nn.Module, _: object) -> None:
        _without_weight(model[0], weight)

    assert said("conduct", after(sometimes))[0] == "what the model computes while it trains on"


def test_a_weight_that_no_gradient_reaches_is_named() -> None:
    def detaches(model: nn.Module, _: object) -> None:
        _without_weight(model[2], lambda layer: (layer.weight_orig * layer.weight_mask).detach())

    assert said("conduct", after(detaches)) == (
        "parameters that a backward pass does not reach", "1", "0", "2.weight"
    )  # fmt: skip


def test_where_chance_has_a_say_in_it_nothing_is_compared() -> None:
    case = replace(CASE, recipe="Sequential(Linear(3, 2), Dropout(0.5), Linear(2, 3))")
    assert outcome("conduct", fast, case) == "passed"


def test_a_weight_that_does_not_follow_the_mask_is_named() -> None:
    def detaches(model: nn.Module, _: object) -> None:
        layer = model[2]
        layer._forward_pre_hooks.clear()
        layer.weight = torch.full_like(layer.weight_mask, 0.5) * layer.weight_mask

    assert said("conduct", after(detaches)) == (
        "layers whose weight in use is no longer weight_orig × weight_mask after training",
        "1",
        "0",
        "2.weight",
    )


def test_a_single_layer_learns() -> None:
    def detaches(model: nn.Module, _: object) -> None:
        layer = model[0]
        layer._forward_pre_hooks.clear()
        layer.weight = (layer.weight_orig * layer.weight_mask).detach()

    assert said("conduct", after(detaches), ONE_LAYER)[:3] == (
        "weight_orig after an optimiser step", "unchanged", "trained on"
    )  # fmt: skip


def test_a_single_layer_that_keeps_nothing_cannot_learn() -> None:
    def all_go(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        del prune_amount
        return fast(model, initial, 6)

    assert outcome("conduct", all_go, ONE_LAYER) == "passed"


def test_a_weight_orig_that_is_no_parameter_is_not_asked_to_learn() -> None:
    def registers(model: nn.Module, _: object) -> None:
        values = model[0]._parameters.pop("weight_orig")
        model[0].register_buffer("weight_orig", values.detach().clone())

    assert finding("rewind", after(registers), ONE_LAYER).got == "not an nn.Parameter"


def test_deeper_down_a_gradient_may_vanish() -> None:
    case = replace(CASE, recipe="Sequential(Linear(3, 2), ReLU(), Linear(2, 3))")
    dead = {**THETA0, "0.bias": torch.tensor([-9.0, -9.0])}

    def dies(model: nn.Module, _: object) -> None:
        model[0].bias.data.fill_(-9.0)

    assert outcome("conduct", after(dies), replace(case, states={"initial": dead})) == "passed"


def test_a_copy_that_was_pruned_is_judged_in_place_of_the_model() -> None:
    def copies(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        return fast(copy.deepcopy(model), initial, prune_amount)

    assert finding("conduct", copies).got == "another module"


@pytest.mark.parametrize("shape", [(7,), (2, 1), (3, 2), (), (0, 3)])
@pytest.mark.parametrize("name", ["weight_mask", "weight_orig", "weight"])
def test_whatever_shape_a_learner_gives_to_a_tensor_is_no_fault_of_ours(
    name: str, shape: tuple[int, ...]
) -> None:
    def reshapes(model: nn.Module, _: object) -> None:
        layer = model[0]
        layer._forward_pre_hooks.clear()
        if name == "weight_orig":
            layer.weight_orig = nn.Parameter(torch.ones(shape))
        else:
            setattr(layer, name, torch.ones(shape))

    for check in ("mask", "sparsity", "rewind", "rounds", "conduct"):
        assert outcome(check, after(reshapes)) != "errored"
