"""What the checks of the lottery ticket kata say, and when: one small network, one fault each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.judge import Judge
from autograder.kata import Program, load
from autograder.katas.lottery_ticket.checks.pictures import grids_of
from autograder.models import build
from autograder.probe import observe
from autograder.records import Case, Entry, Finding, Outcome, Verdict
from tests.katas.test_contract import fast

KATA = replace(load("lottery_ticket"), misconceptions=[])
# Magnitudes 1 to 6 in the first layer, 7 to 12 in the second.
FIRST = torch.tensor([[1.0, -4.0, 2.0], [-5.0, 3.0, 6.0]])
SECOND = torch.tensor([[7.0, -8.0], [9.0, 10.0], [-11.0, 12.0]])
THETA0 = {
    "0.weight": torch.tensor([[0.5, 0.25, -0.5], [0.75, -0.125, 0.375]]),
    "0.bias": torch.tensor([0.1, 0.2]),
    "2.weight": torch.tensor([[0.3, 0.6], [-0.3, 0.2], [0.7, -0.1]]),
    "2.bias": torch.tensor([0.3, 0.4, 0.5]),
}
TRAINED = {
    "0.weight": FIRST,
    "0.bias": torch.tensor([1.0, 1.5]),
    "2.weight": SECOND,
    "2.bias": torch.tensor([1.0, 1.5, 2.0]),
}
CASE = Case(
    id="two_layers",
    recipe="Sequential(Linear(3, 2), Tanh(), Linear(2, 3))",
    states={"initial": THETA0},
    arguments=("@initial",),
    keywords={"prune_amount": 0.5},
    trained=(TRAINED,),
    example=torch.tensor([[0.1, -0.2, 0.3], [0.05, 0.2, -0.1]]),
)
TWO_ROUNDS = replace(CASE, trained=(TRAINED, TRAINED), keywords={"prune_amount": 0.25})
ONE_LAYER = replace(
    CASE,
    recipe="Sequential(Linear(3, 2))",
    states={"initial": {name: THETA0[name] for name in ("0.weight", "0.bias")}},
    trained=({name: TRAINED[name] for name in ("0.weight", "0.bias")},),
)
Change = Callable[[nn.Module, dict[str, Tensor]], object]


def after(change: Change, turn: int = 0, right: Program = fast) -> Program:
    """Make a program that takes a right step, and changes something besides in one round."""
    turns = iter(range(9))

    def changes(model: nn.Module, initial: dict[str, Tensor], prune_amount: float = 0.2) -> object:
        right(model, initial, prune_amount)
        returned = change(model, initial) if next(turns) == turn else None
        return model if returned is None else returned

    return changes


def pruning(*counts: int) -> Program:
    """Make a program that is right but for how many entries it prunes in each round."""
    turns = iter(counts)

    def prunes(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        del prune_amount
        return fast(model, initial, next(turns, counts[-1]))

    return prunes


def verdicts(program: Program, case: Case = CASE) -> dict[str, Verdict]:
    return {v.check: v for v in Judge(KATA, [case]).verdicts([observe(program, case)])}


def finding(check: str, program: Program, case: Case = CASE) -> Finding:
    """Judge a program that fails this check and, of the first round, no other."""
    seen = verdicts(program, case)
    assert seen[check].outcome is Outcome.FAILED
    assert seen[check].finding is not None
    others = {name: v.outcome for name, v in seen.items() if name not in (check, "rounds")}
    assert set(others.values()) == {Outcome.PASSED}, others
    return seen[check].finding


def said(check: str, program: Program, case: Case = CASE) -> tuple[str, str, str, str]:
    found = finding(check, program, case)
    return (found.what, found.got, found.expected, found.where)


def outcome(check: str, program: Program, case: Case = CASE) -> str:
    return verdicts(program, case)[check].outcome.value


def masks(model: nn.Module) -> tuple[Tensor, Tensor]:
    return model[0].weight_mask, model[2].weight_mask


def test_the_checks_are_worth_ten_points() -> None:
    points = {check.id: check.points for check in KATA.checks}
    assert points == {"mask": 3, "sparsity": 2, "rewind": 3, "rounds": 1, "conduct": 1}


def test_a_call_that_raises_is_told_and_nothing_is_reached() -> None:
    def raises(*_: object, **__: object) -> None:
        raise KeyError

    seen = verdicts(raises)
    assert {verdict.outcome for verdict in seen.values()} == {Outcome.SKIPPED}
    for name in ("mask", "sparsity", "rewind", "conduct"):
        assert seen[name].reason == "the call raised KeyError in the line `raise KeyError`"


# How many


@pytest.mark.parametrize("count", [1, 5, 7, 11])
def test_another_count_is_told_with_what_remained(count: int) -> None:
    assert said("sparsity", pruning(count)) == (
        "entries pruned",
        f"{count} of the 12 that remained",
        "6 of the 12 that remained",
        "prune_amount=0.5",
    )


def test_a_count_in_a_later_round_is_of_what_the_round_before_left() -> None:
    assert said("rounds", pruning(3, 1), TWO_ROUNDS) == (
        "entries pruned in round 2",
        "1 of the 9 that remained",
        "2 of the 9 that remained",
        "prune_amount=0.25",
    )


def test_a_count_in_a_later_round_is_told_with_what_was_asked_for_there() -> None:
    case = replace(TWO_ROUNDS, later={"prune_amount": 0.5})
    assert outcome("rounds", fast, case) == "passed"
    assert said("rounds", pruning(3, 2), case) == (
        "entries pruned in round 2",
        "2 of the 9 that remained",
        "4 of the 9 that remained",
        "prune_amount=0.5",
    )


def test_a_count_of_the_first_of_several_rounds_names_the_round() -> None:
    found = finding("sparsity", pruning(4), TWO_ROUNDS)
    assert found.what == "entries pruned in round 1"
    assert found.got == "4 of the 12 that remained"


# Which ones


def largest(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
    fast(model, initial, prune_amount)
    for mask in masks(model):
        mask.copy_(1 - mask)
    return model


def test_pruned_entries_that_are_not_the_smallest_are_counted_and_the_first_is_shown() -> None:
    found = finding("mask", largest)
    assert (found.what, found.got, found.expected, found.where) == (
        "pruned entries",
        "6 of 6 not among the smallest",
        "the 6 smallest of all layers together",
        "2.weight[0, 0] = 7 is pruned, ones of smaller magnitude are kept",
    )


def test_one_stray_entry_is_one() -> None:
    def strays(model: nn.Module, _: object) -> None:
        model[0].weight_mask[1, 2] = 1
        model[2].weight_mask[2, 0] = 0

    found = finding("mask", after(strays))
    assert found.got == "1 of 6 not among the smallest"
    assert found.where == "2.weight[2, 0] = -11 is pruned, ones of smaller magnitude are kept"


def test_the_order_of_the_smallest_is_judged_whatever_their_count() -> None:
    def strays(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        fast(model, initial, 3 * prune_amount / 6)
        model[0].weight_mask[0, 0] = 1
        model[2].weight_mask[2, 1] = 0
        return model

    seen = verdicts(strays)
    assert [seen[name].outcome for name in ("mask", "sparsity")] == [Outcome.FAILED] * 2
    assert seen["mask"].finding is not None
    assert seen["mask"].finding.got == "1 of 3 not among the smallest"
    assert seen["mask"].finding.expected == "the 3 smallest of all layers together"


def test_missing_and_extra_masks_are_counted_and_named() -> None:
    def elsewhere(model: nn.Module, _: object) -> None:
        prune.remove(model[2], "weight")
        prune.identity(model[0], "bias")
        prune.identity(model[2], "bias")

    seen = verdicts(after(elsewhere))["mask"]
    assert seen.finding is not None
    assert seen.finding.what == "parameters that carry a mask"
    assert seen.finding.got == "3 (1 missing, 2 that should have none)"
    assert seen.finding.expected.startswith("2: ")
    assert seen.finding.where == ("no mask on 2.weight; a mask on 0.bias; a mask on 2.bias")


def test_masks_of_one_kind_of_fault_are_counted_without_the_other() -> None:
    def lacks(model: nn.Module, _: object) -> None:
        prune.remove(model[2], "weight")

    def lacks_all(model: nn.Module, _: object) -> None:
        for layer in (0, 2):
            prune.remove(model[layer], "weight")

    def has_more(model: nn.Module, _: object) -> None:
        prune.identity(model[0], "bias")

    changes = (lacks, lacks_all, has_more)
    found = [verdicts(after(change))["mask"].finding for change in changes]
    assert [one.got for one in found if one is not None] == [
        "1 (1 missing)", "none", "3 (1 that should have none)",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [0.5, -1.0, 2.0])
def test_a_mask_holds_zeros_and_ones(value: float) -> None:
    def softens(model: nn.Module, _: object) -> None:
        model[2].weight_mask[0, 0] = value

    found = finding("mask", after(softens))
    assert (found.what, found.got, found.expected) == (
        "values of weight_mask", "others than 0 and 1", "0 and 1"
    )  # fmt: skip


def test_a_mask_that_masks_nothing_is_not_judged() -> None:
    def fills(model: nn.Module, _: object) -> None:
        for mask in masks(model):
            mask.fill_(1)

    seen = verdicts(after(fills))
    assert seen["mask"].outcome is Outcome.SKIPPED
    assert seen["mask"].reason == "no entry was pruned"
    assert seen["sparsity"].outcome is Outcome.FAILED
    for name in ("rewind", "conduct"):
        assert (seen[name].outcome, seen[name].reason) == (Outcome.SKIPPED, "no entry was pruned")


def test_a_mask_that_masks_everything_has_chosen_nothing() -> None:
    seen = verdicts(pruning(12))
    assert seen["mask"].outcome is Outcome.SKIPPED
    assert seen["mask"].reason == "every entry was pruned, so that none was chosen"
    assert seen["sparsity"].finding is not None
    assert seen["sparsity"].finding.got == "12 of the 12 that remained"


def test_a_mask_of_another_shape_is_none() -> None:
    def reshapes(model: nn.Module, _: object) -> None:
        model[2].weight_mask = torch.ones(6)

    assert outcome("mask", after(reshapes)) == "failed"


@pytest.mark.parametrize("case", [CASE, ONE_LAYER], ids=["two_layers", "one_layer"])
def test_without_any_mask_nothing_else_is_reached(case: Case) -> None:
    seen = verdicts(lambda model, *_, **__: model, case)
    assert seen.pop("mask").outcome is Outcome.FAILED
    assert {v.outcome for v in seen.values()} == {Outcome.SKIPPED}
    assert {seen[name].reason for name in ("sparsity", "rewind", "conduct")} == {
        "no Linear or Conv2d module carries a weight_mask, so this cannot be judged"
    }


# Pictures


def drawn(found: Finding, title: str) -> list[list[Entry]]:
    (grid,) = [grid for grid in found.grids if grid.title == title]
    return [list(row) for row in grid.rows]


def kept(found: Finding, title: str) -> list[list[bool]]:
    return [[entry.kept for entry in row] for row in drawn(found, title)]


def test_the_own_mask_and_the_expected_one_are_drawn_over_the_trained_values() -> None:
    found = finding("mask", largest)
    assert [grid.title for grid in found.grids] == [
        "0.weight, yours", "0.weight, expected", "2.weight, yours", "2.weight, expected"
    ]  # fmt: skip
    for name, values in (("0.weight", FIRST), ("2.weight", SECOND)):
        for side in ("yours", "expected"):
            rows = drawn(found, f"{name}, {side}")
            assert [[entry.value for entry in row] for row in rows] == values.tolist()
    assert kept(found, "0.weight, yours") == [[True] * 3] * 2
    assert kept(found, "0.weight, expected") == [[False] * 3] * 2
    assert kept(found, "2.weight, yours") == [[False] * 2] * 3
    assert kept(found, "2.weight, expected") == [[True] * 2] * 3


def ranks(found: Finding, title: str) -> list[list[int | None]]:
    return [[entry.rank for entry in row] for row in drawn(found, title)]


def differing(found: Finding, title: str) -> list[list[bool]]:
    return [[entry.differs for entry in row] for row in drawn(found, title)]


def test_entries_are_ranked_over_all_layers_and_those_marked_that_differ() -> None:
    def strays(model: nn.Module, _: object) -> None:
        model[0].weight_mask[1, 2] = 1
        model[2].weight_mask[2, 0] = 0

    found = finding("mask", after(strays))
    for side in ("yours", "expected"):
        assert ranks(found, f"0.weight, {side}") == [[1, 4, 2], [5, 3, 6]]
        assert ranks(found, f"2.weight, {side}") == [[7, 8], [9, 10], [11, 12]]
    assert differing(found, "0.weight, yours") == [[False] * 3, [False, False, True]]
    assert differing(found, "2.weight, yours") == [[False] * 2, [False] * 2, [True, False]]
    assert differing(found, "0.weight, expected") == [[False] * 3] * 2
    assert differing(found, "2.weight, expected") == [[False] * 2] * 3


def test_what_was_pruned_before_has_no_rank() -> None:
    found = finding("rounds", pruning(3, 1), TWO_ROUNDS)
    assert ranks(found, "0.weight, yours") == [[None, 1, None], [2, None, 3]]
    assert ranks(found, "2.weight, yours") == [[4, 5], [6, 7], [8, 9]]


def test_a_layer_without_a_mask_is_drawn_as_kept() -> None:
    def removes(model: nn.Module, _: object) -> None:
        prune.remove(model[2], "weight")

    found = verdicts(after(removes))["mask"].finding
    assert found is not None
    assert kept(found, "2.weight, yours, no mask") == [[True] * 2] * 3
    assert kept(found, "0.weight, yours") == [[False] * 3] * 2


TIED = torch.tensor([[1.0, 2.0, -2.0], [2.0, 2.0, 3.0]])


@pytest.mark.parametrize("own", [1, 2, 3, 4])
def test_the_expected_mask_is_the_nearest_among_equal_ones(own: int) -> None:
    """One of four entries of magnitude 2 is to be pruned beside the 1: any of them will do."""
    case = replace(
        ONE_LAYER, trained=({**TRAINED, "0.weight": TIED},), keywords={"prune_amount": 1 / 3}
    )

    def masks_own(model: nn.Module, initial: dict[str, Tensor], prune_amount: float) -> nn.Module:
        del prune_amount
        mask = torch.ones(6)
        mask[[own, 5]] = 0
        prune.custom_from_mask(model[0], "weight", mask.view(2, 3))
        model[0].weight_orig.data.copy_(initial["0.weight"])
        return model

    found = finding("mask", masks_own, case)
    assert found.got == "1 of 2 not among the smallest"
    assert ranks(found, "0.weight, yours") == [[1, 2, 2], [2, 2, 6]]
    expected = [entry for row in kept(found, "0.weight, expected") for entry in row]
    assert expected == [i not in (0, own) for i in range(6)]


def test_among_equal_ones_that_were_not_chosen_the_first_are_expected() -> None:
    case = replace(
        ONE_LAYER, trained=({**TRAINED, "0.weight": TIED},), keywords={"prune_amount": 0.5}
    )

    def masks_own(model: nn.Module, initial: dict[str, Tensor], prune_amount: float) -> nn.Module:
        del prune_amount
        prune.custom_from_mask(model[0], "weight", torch.tensor([[0, 1, 1], [0, 1, 0.0]]))
        model[0].weight_orig.data.copy_(initial["0.weight"])
        return model

    found = finding("mask", masks_own, case)
    assert kept(found, "0.weight, expected") == [[False, False, True], [False, True, True]]


def test_ties_in_a_later_round_leave_alone_what_was_pruned_before() -> None:
    """θ₀ of a pruned entry has the very magnitude of those among which round 2 must choose."""
    start = {**THETA0, "0.weight": torch.tensor([[2.0, 0.25, -0.5], [0.75, -0.125, 0.375]])}
    first = {**TRAINED, "0.weight": FIRST}
    second = {**TRAINED, "0.weight": torch.tensor([[2.0, 2.0, -2.0], [2.0, 4.0, 3.0]])}
    case = replace(
        ONE_LAYER,
        states={"initial": {name: start[name] for name in ("0.weight", "0.bias")}},
        trained=(first, second),
        keywords={"prune_amount": 0.2},
    )

    def strays(model: nn.Module, _: object) -> None:
        model[0].weight_mask.copy_(torch.tensor([[0, 1, 1], [1, 0, 1.0]]))

    found = finding("rounds", after(strays, turn=1), case)
    assert found.where == "0.weight[1, 1] = 4 is pruned, ones of smaller magnitude are kept"
    assert kept(found, "0.weight, expected") == [[False, False, True], [True, True, True]]


def test_the_nearest_mask_of_a_later_round_keeps_the_own_choice_among_equal_ones() -> None:
    first = {**TRAINED, "0.weight": FIRST}
    second = {**TRAINED, "0.weight": torch.tensor([[0.5, 2.0, -2.0], [2.0, 4.0, 3.0]])}
    case = replace(ONE_LAYER, trained=(first, second), keywords={"prune_amount": 0.3})

    def strays(model: nn.Module, _: object) -> None:
        model[0].weight_mask.copy_(torch.tensor([[0, 1, 0], [0, 0, 1.0]]))

    found = finding("rounds", after(strays, turn=1), case)
    assert kept(found, "0.weight, expected") == [[False, True, False], [False, True, True]]


@pytest.mark.parametrize(("width", "height", "few"), [(8, 5, True), (41, 1, False)])
def test_networks_of_more_than_40_weights_are_not_drawn(
    width: int,
    height: int,
    few: bool,  # noqa: FBT001
) -> None:
    recipe = f"Sequential(Linear({width}, {height}))"
    model = build(recipe).state_dict()
    case = replace(
        CASE,
        recipe=recipe,
        states={"initial": {name: torch.randn_like(value) for name, value in model.items()}},
        trained=({name: torch.randn_like(value) for name, value in model.items()},),
        example=torch.randn(2, width),
    )
    assert bool(finding("sparsity", pruning(3), case).grids) == few


def test_to_draw_the_nearest_mask_leaves_the_expected_side_as_it_is() -> None:
    case = replace(
        ONE_LAYER, trained=({**TRAINED, "0.weight": TIED},), keywords={"prune_amount": 1 / 3}
    )
    want, got = observe(fast, case), observe(pruning(4), case)
    mask = want.rounds[0].state["0.weight_mask"]
    before = mask.clone()
    grids = grids_of(got, want, case, 0)
    assert torch.equal(mask, before)
    assert repr(grids[0].rows[0][0]) == "Entry(value=1.0, kept=False, rank=1, differs=False)"


# Rewinding


def test_one_entry_off_is_counted_and_shown_with_all_three_values() -> None:
    def is_off(model: nn.Module, _: object) -> None:
        model[2].weight_orig.data[1, 0] = 5.0

    assert said("rewind", after(is_off)) == (
        "entries of 2.weight_orig that equal θ₀",
        "5 of 6",
        "all 6",
        "2.weight_orig[1, 0] is 5, θ₀ is -0.3, trained was 9",
    )


def test_of_several_entries_that_are_off_the_first_is_shown_as_it_was_trained_then() -> None:
    doubled = {name: 2 * values for name, values in TRAINED.items()}
    case = replace(TWO_ROUNDS, trained=(TRAINED, doubled))

    def are_off(model: nn.Module, _: object) -> None:
        model[2].weight_orig.data[1:, 0] = 5.0

    found = finding("rewind", after(are_off), case)
    assert found.got == "4 of 6"
    assert found.where == "2.weight_orig[1, 0] is 5, θ₀ is -0.3, trained was 9"


def test_another_dtype_is_told_with_its_shape() -> None:
    def halves(model: nn.Module, _: object) -> None:
        model[0].weight_orig.data = model[0].weight_orig.data.half()

    assert verdicts(after(halves))["rewind"].finding == Finding(
        "0.weight_orig",
        "something else",
        "shape (2, 3), torch.float32",
        where="shape (2, 3), torch.float16",
    )


def test_zeros_of_the_other_sign_are_other_bits() -> None:
    start = {**THETA0, "0.weight": torch.tensor([[0.0, 0.25, -0.5], [0.75, -0.125, 0.375]])}
    case = replace(CASE, states={"initial": start})

    def turns_sign(model: nn.Module, _: object) -> None:
        model[0].weight_orig.data[0, 0] = -0.0

    found = finding("rewind", after(turns_sign), case)
    assert found.got == "5 of 6"
    assert found.where.startswith("0.weight_orig[0, 0] is -0.0, θ₀ is 0.0, ")


def test_the_sign_of_zero_is_shown_only_where_it_makes_the_difference() -> None:
    def masks(model: nn.Module, _: object) -> None:
        model[2].weight_orig.data[1, 0] = -0.0

    shown = finding("rewind", after(masks)).where
    assert shown == "2.weight_orig[1, 0] is 0, θ₀ is -0.3, trained was 9"


def test_a_mask_without_weight_orig_says_so() -> None:
    def pops(model: nn.Module, _: object) -> None:
        del model[2]._parameters["weight_orig"]

    assert verdicts(after(pops))["rewind"].finding == Finding(
        "2.weight_orig", "missing beside its mask", "an nn.Parameter that equals θ₀"
    )


def test_a_weight_orig_that_is_no_parameter_says_so() -> None:
    def registers(model: nn.Module, _: object) -> None:
        values = model[2]._parameters.pop("weight_orig")
        model[2].register_buffer("weight_orig", values.detach().clone())

    assert verdicts(after(registers))["rewind"].finding == Finding(
        "2.weight_orig", "not an nn.Parameter", "an nn.Parameter"
    )


def test_a_layer_that_was_left_out_is_not_asked_to_be_rewound() -> None:
    def removes(model: nn.Module, _: object) -> None:
        prune.remove(model[2], "weight")

    seen = {name: v.outcome.value for name, v in verdicts(after(removes)).items()}
    assert (seen["mask"], seen["rewind"], seen["rounds"]) == ("failed", "passed", "skipped")


def test_a_weight_orig_without_mask_earns_nothing() -> None:
    def renames(model: nn.Module, initial: dict[str, Tensor], prune_amount: float) -> nn.Module:
        del prune_amount
        for name in ("0", "2"):
            values = initial[f"{name}.weight"].clone()
            model.get_submodule(name).register_parameter("weight_orig", nn.Parameter(values))
        return model

    seen = {name: v.outcome.value for name, v in verdicts(renames).items()}
    assert (seen.pop("mask"), set(seen.values())) == ("failed", {"skipped"})


@pytest.mark.parametrize("free", ["biases", "new parameter", "mask of bools", "mask of halves"])
def test_what_is_free_passes(free: str) -> None:
    def changes(model: nn.Module, initial: dict[str, Tensor]) -> None:
        with torch.no_grad():
            if free == "biases":
                model[0].bias.copy_(initial["0.bias"])
        if free == "new parameter":
            model[0].weight_orig = nn.Parameter(initial["0.weight"].clone())
        if free.startswith("mask"):
            dtype = torch.bool if free.endswith("bools") else torch.float16
            model[0].weight_mask = model[0].weight_mask.to(dtype)

    assert {v.outcome for v in verdicts(after(changes), TWO_ROUNDS).values()} == {Outcome.PASSED}


# Later rounds


def test_an_exception_in_a_later_round_is_told_with_the_round() -> None:
    def raises(*_: object) -> None:
        raise KeyError("0.weight_orig")

    found = finding("rounds", after(raises, turn=1), TWO_ROUNDS)
    assert found.what == "the result of the call in round 2, on a model pruned before"
    assert found.got == "none: it raised KeyError: '0.weight_orig'"
    assert found.expected == "the pruned and rewound model"


def test_an_exception_without_message_is_told_by_its_type() -> None:
    def raises(*_: object) -> None:
        raise ValueError

    assert finding("rounds", after(raises, turn=1), TWO_ROUNDS).got == "none: it raised ValueError"


def test_entries_kept_again_are_counted() -> None:
    def revives(model: nn.Module, _: object) -> None:
        model[0].weight_mask.copy_(torch.tensor([[1, 0, 1], [0, 1, 0.0]]))
        model[2].weight_mask.copy_(torch.tensor([[0, 0], [1, 1], [1, 1.0]]))

    assert said("rounds", after(revives, turn=1), TWO_ROUNDS) == (
        "entries pruned in an earlier round that are kept again in round 2", "3", "0", ""
    )  # fmt: skip


def test_masks_of_a_later_round_are_counted() -> None:
    def removes(model: nn.Module, _: object) -> None:
        prune.remove(model[2], "weight")

    assert said("rounds", after(removes, turn=1), TWO_ROUNDS) == (
        "parameters that carry a mask in round 2", "1", "2", ""
    )  # fmt: skip


def test_strays_of_a_later_round_are_told_with_the_values_of_that_round() -> None:
    third = {**TRAINED, "0.weight": FIRST.flip(0), "2.weight": -10 * SECOND}
    case = replace(TWO_ROUNDS, trained=(TRAINED, third))

    def strays(model: nn.Module, _: object) -> None:
        masks(model)[0].copy_(torch.tensor([[0, 1, 0], [1, 0, 1.0]]))
        masks(model)[1].copy_(torch.tensor([[1, 1], [0, 0], [1, 1.0]]))

    found = finding("rounds", after(strays, turn=1), case)
    assert found.where == "2.weight[1, 0] = -90 is pruned, ones of smaller magnitude are kept"


def test_a_later_round_is_rewound() -> None:
    def is_off(model: nn.Module, _: object) -> None:
        model[2].weight_orig.data[1, 0] = 5.0

    later = {**TRAINED, "2.weight": SECOND * 2}
    found = finding("rounds", after(is_off, turn=1), replace(TWO_ROUNDS, trained=(TRAINED, later)))
    assert found.got == "5 of 6"
    assert found.where == "2.weight_orig[1, 0] is 5, θ₀ is -0.3, trained was 18"


def test_rounds_come_after_the_three_others() -> None:
    seen = verdicts(largest)["rounds"]
    assert (seen.outcome, seen.reason) == (Outcome.SKIPPED, "the check 'mask' comes first")
