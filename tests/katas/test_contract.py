"""The contract of the lottery ticket kata as properties of any right implementation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.judge import Judge
from autograder.kata import Program, load
from autograder.katas.lottery_ticket.cases import prunable, shapes
from autograder.models import build
from autograder.probe import observe
from autograder.records import Case, Outcome

KATA = load("lottery_ticket")
UNEXPLAINED = replace(KATA, misconceptions=[])  # explaining failures is another test's business


def fast(
    model: nn.Module, initial_state_dict: Mapping[str, Tensor], prune_amount: float = 0.2
) -> nn.Module:
    """What most people write: torch's own global pruning, then a copy of θ₀."""
    layers = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, (nn.Linear, nn.Conv2d))
    }
    pairs = [(layer, "weight") for layer in layers.values()]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, layer in layers.items():
            layer.get_parameter("weight_orig").copy_(initial_state_dict[f"{name}.weight"])
    return model


@dataclass(frozen=True)
class Draw:
    """An architecture, an amount and a number of rounds.

    Equal magnitudes (`levels`) come in the last round only: which of them an earlier round prunes
    is free, and decides what is left for the next.
    """

    recipe: str
    example: tuple[int, ...]
    amount: float
    rounds: int
    levels: int
    training: bool
    seed: int


@st.composite
def draws(draw: st.DrawFn, *, rounds: int = 3, levels: bool = True) -> Draw:
    widths = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    inside = [f"Linear({i}, {o}), Tanh()" for i, o in pairwise(widths)]
    recipe, example = ", ".join(inside), (2, widths[0])
    if draw(st.booleans()):
        channels = draw(st.integers(1, 3))
        recipe = (
            f"Conv2d(1, {channels}, 2), BatchNorm2d({channels}), ReLU(), Flatten(),"
            f" Linear({4 * channels}, {widths[0]}), {recipe}"
        )
        example = (2, 1, 3, 3)
    recipe = f"{draw(st.sampled_from(['Sequential', 'Chain']))}({recipe})"
    if draw(st.booleans()):
        recipe = f"Sequential({recipe})"
    if draw(st.booleans()):
        recipe += ".double()"
    return Draw(
        recipe=recipe,
        example=example,
        amount=draw(st.floats(0.02, 0.98)),
        rounds=draw(st.integers(1, rounds)),
        levels=draw(st.sampled_from([0, 0, 3])) if levels else 0,
        training=draw(st.booleans()),
        seed=draw(st.integers(0, 2**32)),
    )


def case_of(drawn: Draw) -> Case:
    """Make a case that leaves an entry to prune and one to keep in each round."""
    remaining = sum(shapes(drawn.recipe)[name].numel() for name in prunable(drawn.recipe))
    for _ in range(drawn.rounds):
        count = round(drawn.amount * remaining)
        assume(0 < count < remaining)
        remaining -= count
    generator = torch.Generator().manual_seed(drawn.seed)
    initial = dict(build(drawn.recipe).state_dict())

    def values(levels: int) -> dict[str, Tensor]:
        made = {}
        for name, shape in shapes(drawn.recipe).items():
            drawn_values = torch.randn(shape, generator=generator, dtype=torch.float64)
            if levels:
                drawn_values = drawn_values.mul(levels).round().div(levels)
            made[name] = drawn_values.to(initial[name].dtype)
        return made

    dtype = initial[prunable(drawn.recipe)[0]].dtype
    return Case(
        id="drawn",
        recipe=drawn.recipe,
        states={"initial": {**initial, **values(0)}},
        arguments=("@initial",),
        keywords={"prune_amount": drawn.amount},
        trained=(*(values(0) for _ in range(drawn.rounds - 1)), values(drawn.levels)),
        example=torch.randn(drawn.example, generator=generator).to(dtype),
        training=drawn.training,
    )


def outcomes(program: Program, case: Case) -> dict[str, Outcome]:
    judge = Judge(UNEXPLAINED, [case])
    return {v.check: v.outcome for v in judge.verdicts([observe(program, case)])}


@given(draws())
@settings(max_examples=50)
def test_torchs_global_pruning_and_a_copy_are_right_for_any_architecture(drawn: Draw) -> None:
    assert set(outcomes(fast, case_of(drawn)).values()) == {Outcome.PASSED}


@given(draws(rounds=1, levels=False), st.data())
@settings(max_examples=15)
def test_one_entry_pruned_too_many_fails_sparsity_and_nothing_else_of_round_one(
    drawn: Draw, data: st.DataObject
) -> None:
    case = case_of(drawn)
    remaining = sum(shapes(drawn.recipe)[name].numel() for name in prunable(drawn.recipe))
    count = round(drawn.amount * remaining) + data.draw(st.sampled_from([-1, 1]))
    assume(0 < count < remaining)

    def miscounts(
        model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float = 0.2
    ) -> nn.Module:
        del prune_amount
        return fast(model, initial, count)

    seen = outcomes(miscounts, case)
    assert seen.pop("sparsity") is Outcome.FAILED
    assert seen.pop("rounds") is Outcome.SKIPPED
    assert set(seen.values()) == {Outcome.PASSED}


@given(draws(rounds=1, levels=False), st.integers(0, 1000))
@settings(max_examples=20)
def test_one_pair_of_entries_swapped_in_the_mask_fails_mask_and_nothing_else_of_round_one(
    drawn: Draw, pick: int
) -> None:
    def swaps(
        model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float = 0.2
    ) -> nn.Module:
        fast(model, initial, prune_amount)
        masks = [m for n, m in model.named_buffers() if n.endswith("weight_mask")]
        entries = [(mask, i) for mask in masks for i in range(mask.numel())]
        dead = [(m, i) for m, i in entries if m.view(-1)[i] == 0]
        kept = [(m, i) for m, i in entries if m.view(-1)[i] == 1]
        for entry, value in ((dead[pick % len(dead)], 1), (kept[pick % len(kept)], 0)):
            entry[0].view(-1)[entry[1]] = value
        return model

    seen = outcomes(swaps, case_of(drawn))
    assert seen.pop("mask") is Outcome.FAILED
    assert seen.pop("rounds") is Outcome.SKIPPED
    assert set(seen.values()) == {Outcome.PASSED}


@given(draws(rounds=1), st.integers(0, 1000))
@settings(max_examples=20)
def test_one_bit_of_one_entry_off_theta0_fails_rewind_and_nothing_else_of_round_one(
    drawn: Draw, pick: int
) -> None:
    def is_off(
        model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float = 0.2
    ) -> nn.Module:
        fast(model, initial, prune_amount)
        origs = [p for n, p in model.named_parameters() if n.endswith("weight_orig")]
        with torch.no_grad():
            values = origs[pick % len(origs)].view(-1)
            values[pick % len(values)] = values[pick % len(values)].nextafter(
                torch.tensor(9.0).to(values)
            )
        return model

    seen = outcomes(is_off, case_of(drawn))
    assert seen.pop("rewind") is Outcome.FAILED
    assert seen.pop("rounds") is Outcome.SKIPPED
    assert set(seen.values()) == {Outcome.PASSED}


@given(draws(rounds=1), st.sampled_from(["float16", "bfloat16", "float32", "float64"]))
@settings(max_examples=20)
def test_theta0_in_another_dtype_fails_rewind(drawn: Draw, dtype: str) -> None:
    case = case_of(drawn)
    kind = getattr(torch, dtype)
    assume(kind != case.example.dtype)

    def converts(
        model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float = 0.2
    ) -> nn.Module:
        fast(model, initial, prune_amount)
        for module in model.modules():
            if "weight_orig" in module._parameters:
                module.weight_orig.data = module.weight_orig.data.to(kind)
        return model

    assert outcomes(converts, case)["rewind"] is Outcome.FAILED
