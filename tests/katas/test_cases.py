"""What the drawn cases of the lottery ticket kata hold, whatever the seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from autograder.katas.lottery_ticket.cases import (
    DECAY,
    HAIR,
    SITUATIONS,
    Situation,
    amount_of,
    draw,
    is_lone,
    prunable,
    shapes,
    with_amount,
)
from autograder.katas.lottery_ticket.reference import find_winning_ticket_step
from autograder.models import build
from autograder.probe import observe
from autograder.records import Case, Snapshot, Status

SEEDS = ("one", "two")
DRAWN = {
    (situation.id, seed): (situation, case)
    for seed in SEEDS
    for situation, case in zip(SITUATIONS, draw(seed, hidden=True), strict=True)
}
every_case = pytest.mark.parametrize(
    ("situation", "case"), DRAWN.values(), ids=["-".join(key) for key in DRAWN]
)


def remaining_magnitudes(case: Case) -> Iterator[tuple[int, dict[str, Tensor]]]:
    """Yield for each round the trained weights that no earlier round has pruned."""
    rounds = observe(find_winning_ticket_step, case).rounds
    for turn, trained in enumerate(case.trained):
        alive = {name: torch.ones_like(trained[name]) for name in prunable(case.recipe)}
        if turn:
            alive = {name: rounds[turn - 1].state[f"{name}_mask"] for name in alive}
        yield turn, {name: trained[name][mask != 0].abs() for name, mask in alive.items()}


def pruned_of(snapshot: Snapshot, case: Case) -> int:
    masks = (snapshot.state[f"{name}_mask"] for name in prunable(case.recipe))
    return sum(int((mask == 0).sum()) for mask in masks)


def test_later_rounds_are_of_each_kind() -> None:
    later = [situation for situation in SITUATIONS if situation.rounds > 1]
    for word in ("Conv2d", "bias=False", "BatchNorm", "Branches", ".double()"):
        assert any(word in situation.recipe for situation in later), word
    assert any(situation.decayed and situation.trains for situation in later)
    assert {situation.grad_enabled for situation in later} == {True, False}
    assert {situation.training for situation in later} == {True, False}
    assert any(situation.later_amount for situation in later)


def test_one_case_of_each_kind_is_trained_on() -> None:
    trains = [situation for situation in SITUATIONS if situation.trains]
    for word in ("Conv2d", "BatchNorm", "Embedding", "LayerNorm", "Chain", "Residual", ".double()"):
        assert any(word in situation.recipe for situation in trains), word
    assert any(situation.rounds > 1 for situation in trains)
    assert any(situation.frozen for situation in trains)
    assert {situation.training for situation in trains} == {True, False}
    assert {situation.grad_enabled for situation in trains} == {True, False}
    assert any(is_lone(situation.recipe) for situation in trains)


@every_case
def test_a_case_is_what_its_situation_says(situation: Situation, case: Case) -> None:
    for name in ("id", "recipe", "training", "switched", "grad_enabled", "trains"):
        assert getattr(case, name) == getattr(situation, name)
    assert case.frozen == (*situation.frozen, *situation.frozen_late)
    assert case.hidden
    assert len(case.trained) == situation.rounds
    assert tuple(case.example.shape) == situation.example
    amount = 0.2 if situation.amount is None else situation.amount
    assert amount_of(case) == amount
    assert amount_of(case, 1) == (situation.later_amount or amount)
    assert len(case.arguments) == (2 if situation.positional else 1)
    assert ("prune_amount" in case.keywords) == (
        not situation.positional and situation.amount is not None
    )
    assert case.telling == (situation.rounds == 1 or not situation.zeros)


@every_case
def test_theta0_is_a_state_of_the_model(situation: Situation, case: Case) -> None:
    del situation
    initial, fresh = case.states["initial"], build(case.recipe).state_dict()
    assert list(initial) == list(fresh)
    parameters = shapes(case.recipe)
    for key, value in fresh.items():
        assert (initial[key].shape, initial[key].dtype) == (value.shape, value.dtype)
        assert torch.equal(initial[key], value) == (key not in parameters)


@every_case
def test_what_spoils_one_state_of_a_case_spoils_no_other(situation: Situation, case: Case) -> None:
    del situation
    tensors = [
        value for state in (*case.states.values(), *case.trained) for value in state.values()
    ]
    assert len({tensor.untyped_storage().data_ptr() for tensor in tensors}) == len(tensors)


@every_case
def test_training_moves_every_parameter_that_is_not_frozen(
    situation: Situation, case: Case
) -> None:
    initial = case.states["initial"]
    for turn, trained in enumerate(case.trained):
        assert trained.keys() == shapes(case.recipe).keys()
        for name, value in trained.items():
            assert (value.shape, value.dtype) == (initial[name].shape, initial[name].dtype)
            moved = value != initial[name]
            if name in situation.frozen:
                assert not moved.any()
            elif turn == 0:
                both_zero = (value == 0) & (initial[name] == 0)
                assert bool((moved | both_zero).all())
            if name not in prunable(case.recipe) and name not in situation.frozen:
                assert value.abs().min() >= 1


@every_case
def test_what_was_pruned_stays_at_theta0_while_training_or_decays(
    situation: Situation, case: Case
) -> None:
    rounds = observe(find_winning_ticket_step, case).rounds
    for turn in range(1, situation.rounds):
        for name in prunable(case.recipe):
            dead = rounds[turn - 1].state[f"{name}_mask"] == 0
            initial = case.states["initial"][name]
            due = initial * DECAY**turn if situation.decayed else initial
            assert torch.equal(case.trained[turn][name][dead], due[dead])
            if name not in situation.frozen and not dead.all():
                assert not torch.equal(case.trained[turn][name][~dead], initial[~dead])


@every_case
def test_each_round_prunes_something_and_keeps_something(situation: Situation, case: Case) -> None:
    seen = observe(find_winning_ticket_step, case)
    assert (seen.status, len(seen.rounds)) == (Status.RETURNED, situation.rounds)
    before, total = 0, sum(shapes(case.recipe)[name].numel() for name in prunable(case.recipe))
    for snapshot in seen.rounds:
        assert snapshot.stuck == ""
        assert before < pruned_of(snapshot, case) < total
        before = pruned_of(snapshot, case)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rounds", "values"), [(1, 0.0), (1, 1.0), (2, 0.0)])
def test_a_whole_layer_is_pruned_or_kept(seed: str, rounds: int, values: float) -> None:
    found = []
    for situation, case in (drawn for key, drawn in DRAWN.items() if key[1] == seed):
        for snapshot in observe(find_winning_ticket_step, case).rounds[rounds - 1 : rounds]:
            masks = [snapshot.state[f"{name}_mask"] for name in prunable(case.recipe)]
            found += [situation.id for mask in masks if bool((mask == values).all())]
    assert found


@every_case
def test_magnitudes_are_rungs_whose_number_no_seed_changes(
    situation: Situation, case: Case
) -> None:
    if situation.frozen:
        return  # frozen weights are at θ₀, which lies on no rungs
    scales = dict(zip(prunable(case.recipe), situation.scales, strict=False))
    for turn, magnitudes in remaining_magnitudes(case):
        last = turn == situation.rounds - 1
        rungs: list[float] = []
        zeros = 0
        for name, values in magnitudes.items():
            unscaled = values.double() / scales.get(name, 1.0)
            if situation.close:
                assert torch.equal(values.float(), torch.full_like(values, 0.5).float())
                unscaled = (unscaled - 0.5) / HAIR
            zeros += int((unscaled == 0).sum())
            rungs += unscaled[unscaled != 0].tolist()
        assert 0.1 - 1e-6 <= min(rungs) < 0.1 + 0.9 * 1.5 / len(set(rungs))
        assert 0.5 < max(rungs) < 1.0
        count = len({round(rung, 6) for rung in rungs})
        assert count == (situation.levels if last and situation.levels else len(rungs))
        assert zeros == (situation.zeros if last else 0)


@pytest.mark.parametrize("case", [case for _, case in DRAWN.values()], ids=lambda case: case.id)
def test_weights_have_both_signs_and_no_order(case: Case) -> None:
    values = torch.cat([case.trained[0][name].flatten() for name in prunable(case.recipe)])
    if len(values) >= 20:
        assert 0.1 < float((values > 0).double().mean()) < 0.9
        for sign in (1, -1):
            steps = (values.abs() * sign).diff()
            assert float((steps > 0).double().mean()) > 0.2


@every_case
def test_most_weights_of_double_precision_are_not_those_of_single_precision(
    situation: Situation, case: Case
) -> None:
    """Or whoever computes with less precision would not be told apart."""
    del situation
    for state in (case.states["initial"], *case.trained):
        values = torch.cat([state[name].flatten() for name in prunable(case.recipe)])
        if values.dtype == torch.float64:
            assert float((values != values.float()).double().mean()) > 0.5


@every_case
def test_zeros_are_in_theta0_too_and_spread_over_the_layers(
    situation: Situation, case: Case
) -> None:
    weights = prunable(case.recipe)
    counts = [int((case.states["initial"][name] == 0).sum()) for name in weights]
    assert sum(counts) == situation.zeros
    assert max(counts) - min(counts) <= 1


@every_case
def test_where_magnitudes_are_equal_one_must_choose_among_them(
    situation: Situation, case: Case
) -> None:
    seen = observe(find_winning_ticket_step, case).rounds
    for turn, magnitudes in remaining_magnitudes(case):
        ordered = sorted(torch.cat(list(magnitudes.values())).tolist())
        before = pruned_of(seen[turn - 1], case) if turn else 0
        count = pruned_of(seen[turn], case) - before
        tied = ordered[count - 1] == ordered[count]
        last = turn == situation.rounds - 1
        assert tied == bool(last and (situation.levels or situation.zeros > count))


@every_case
def test_tokens_are_ids_of_the_vocabulary(situation: Situation, case: Case) -> None:
    if situation.vocabulary:
        assert case.example.dtype == torch.int64
        assert 0 <= int(case.example.min()) < int(case.example.max()) < situation.vocabulary
    else:
        assert case.example.dtype == case.trained[0][prunable(case.recipe)[0]].dtype
        assert len(set(case.example.flatten().tolist())) == case.example.numel()


def test_halves_are_rounded_both_ways() -> None:
    due = {"half_rounds_down": 2, "half_rounds_up": 4, "half_of_an_odd_number": 4}
    for (name, _), (_, case) in DRAWN.items():
        if name in due:
            remaining = shapes(case.recipe)["0.weight"].numel()
            assert amount_of(case) * remaining % 1 == 0.5
            assert pruned_of(observe(find_winning_ticket_step, case).rounds[0], case) == due[name]


def test_values_depend_on_the_seed_and_nothing_else_does() -> None:
    for name in {situation.id for situation in SITUATIONS}:
        cases = [DRAWN[name, seed][1] for seed in SEEDS]
        for one, other in pairwise(cases):
            for field in fields(Case):
                if field.name not in ("states", "trained", "example"):
                    assert getattr(one, field.name) == getattr(other, field.name)
            weight = prunable(one.recipe)[0]
            assert not torch.equal(one.states["initial"][weight], other.states["initial"][weight])
            assert not torch.equal(one.trained[0][weight].abs(), other.trained[0][weight].abs())
            assert not torch.equal(one.example, other.example)


def test_one_seed_draws_the_same_again_and_other_values_for_each_situation() -> None:
    again = draw("one", hidden=False)
    assert not any(case.hidden for case in again)
    firsts = []
    for case in again:
        _, first = DRAWN[case.id, "one"]
        for key, value in case.states["initial"].items():
            assert torch.equal(value, first.states["initial"][key])
        for values, due in zip(case.trained, first.trained, strict=True):
            assert all(torch.equal(values[name], due[name]) for name in due)
        firsts.append(float(case.example.flatten()[0]))
    assert len(set(firsts)) >= len(firsts) - 1


def test_to_draw_leaves_the_random_numbers_of_the_process_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    draw("one", hidden=False)
    assert torch.equal(torch.rand(3), expected)


def kinds_of(models: Iterable[nn.Module], parameter: str = "") -> set[type[nn.Module]]:
    """Kinds of modules, or of those alone that have a parameter of this name."""
    modules = (module for model in models for module in model.modules())
    return {type(m) for m in modules if not parameter or m._parameters.get(parameter) is not None}


def test_a_network_has_more_than_what_is_pruned() -> None:
    """Of nearly every kind that has a `weight`, too: who prunes one kind too many is told apart.

    No case holds attention: a subclass of Linear is inside, which nobody is asked about.
    """
    models = [build(recipe) for recipe in {situation.recipe for situation in SITUATIONS}]
    assert {nn.Linear, nn.Conv2d, nn.ModuleList, nn.ModuleDict, nn.LSTM} <= kinds_of(models)
    assert kinds_of(models, "weight") - {nn.Linear, nn.Conv2d} == {
        nn.Conv1d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
        nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.RMSNorm, nn.GroupNorm,
        nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d, nn.Embedding, nn.EmbeddingBag,
        nn.Bilinear, nn.PReLU,
    }  # fmt: skip


def test_a_child_may_be_none() -> None:
    """As `register_module` allows: whatever walks a model by torch's own methods skips it."""
    models = [build(situation.recipe) for situation in SITUATIONS if situation.trains]
    children = [m._modules.values() for model in models for m in model.modules()]
    assert any(None in own and [*own][-1] is not None for own in children)


@every_case
def test_every_model_of_a_case_takes_its_batch(situation: Situation, case: Case) -> None:
    """A function may run it, and the probe does in some cases alone."""
    out = build(case.recipe).train(situation.training)(case.example)
    assert isinstance(out, Tensor)


def test_another_amount_is_asked_for_in_the_first_round_only() -> None:
    for situation, case in DRAWN.values():
        other = with_amount(case, 0.75)
        assert amount_of(other) == 0.75
        assert len(other.trained) == 1
        assert other.trained[0] is case.trained[0]
        assert (other.arguments, other.keywords) == (("@initial",), {"prune_amount": 0.75})
        assert replace(other, arguments=(), keywords={}, trained=()) == replace(
            case, arguments=(), keywords={}, trained=()
        ), situation.id


def test_a_situation_trains_on_only_where_it_says_so() -> None:
    """Training takes time; few situations need it."""
    assert sum(case.trains for case in draw("a seed", hidden=True)) < len(SITUATIONS) / 2


def test_a_lone_layer_has_nothing_before_or_behind_it() -> None:
    """Through other layers a gradient may vanish: training is no test of the step then."""
    recipes = ("Sequential(Linear(5, 2))", "Linear(5, 2)", "Sequential(Linear(3, 2), Tanh())")
    assert [is_lone(recipe) for recipe in recipes] == [True, True, False]
