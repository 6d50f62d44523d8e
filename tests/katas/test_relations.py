"""Checks as relations between two wrong programs: silent where both do the same, and only there.

That is how a failure is explained: the wrong program takes the reference's place.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.judge import Judge
from autograder.kata import Clause, Program, load
from autograder.katas.lottery_ticket.checks.choices import choices_differ, counts_differ
from autograder.katas.lottery_ticket.checks.conduct import requires_grad_is_kept
from autograder.katas.lottery_ticket.checks.facts import (
    NO_CALL,
    NO_MASK,
    as_rewound,
    same_bits,
    sizes_of,
)
from autograder.katas.lottery_ticket.checks.mask import own_count
from autograder.katas.lottery_ticket.checks.sources import sources_differ
from autograder.probe import observe
from autograder.records import Finding, Observation, Outcome, Status
from tests.katas.test_checks import (
    CASE,
    KATA,
    ONE_LAYER,
    THETA0,
    TRAINED,
    TWO_ROUNDS,
    fast,
    pruning,
)

HALF = replace(CASE, keywords={"prune_amount": 4})  # 4 of 6 in the first layer, none in the second


@dataclass(frozen=True)
class Writes:
    """A program that prunes rightly and writes values of its own into `weight_orig`.

    Attributes:
        kept: What it writes into kept entries: `θ₀`, `trained`, `zero`, `noise` or `other noise`.
        masked: The same for masked ones.
        second: The same for all of the second layer; empty for what the first gets.
        biases: Whether it resets biases.
        attribute: What it writes into the kept entries of `weight`, beside `weight_orig`; empty
            for nothing.
        half: Whether the first layer gets another dtype.
        removes: A layer from which it takes mask and `weight_orig` again.
    """

    kept: str = "trained"
    masked: str = "trained"
    second: str = ""
    biases: bool = False
    attribute: str = ""
    half: bool = False
    removes: str = ""

    def __call__(
        self, model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float
    ) -> nn.Module:
        fast(model, initial, prune_amount)
        for name in ("0", "2"):
            layer = model.get_submodule(name)
            mask = layer.get_buffer("weight_mask") != 0
            values = layer.get_parameter("weight_orig").data
            words = (self.kept, self.masked)
            if name == "2" and self.second:
                words = (self.second, self.second)
            for word, entries in zip(words, (mask, ~mask), strict=True):
                values[entries] = self._values(word, name)[entries]
            if self.half and name == "0":
                layer.get_parameter("weight_orig").data = values.half()
            if self.attribute:
                layer.weight.data[mask] = self._values(self.attribute, name)[mask]
            if self.biases:
                layer.get_parameter("bias").data.copy_(initial[f"{name}.bias"])
            if self.removes == name:
                layer._forward_pre_hooks.clear()
                del layer._buffers["weight_mask"], layer._parameters["weight_orig"]
        return model

    @staticmethod
    def _values(word: str, name: str) -> Tensor:
        key = f"{name}.weight"
        made = {"θ₀": THETA0[key], "trained": TRAINED[key], "zero": torch.zeros_like(THETA0[key])}
        noise = {"noise": 0.123, "other noise": 0.321}
        return made[word] if word in made else torch.full_like(THETA0[key], noise[word])


@cache
def seen(program: Writes) -> Observation:
    return observe(program, HALF)


def differ(got: Writes, want: Writes) -> bool:
    return sources_differ(seen(got), seen(want), HALF, 0) is not None


WORDS = ("θ₀", "trained", "zero", "noise", "other noise")
PROGRAMS = [
    *(Writes(kept, masked) for kept, masked in product(WORDS, WORDS)),
    *(Writes(second=word) for word in ("θ₀", "zero", "noise")),
    *(Writes("θ₀", "θ₀", second=word) for word in ("trained", "zero", "noise")),
    Writes(biases=True),
    Writes(attribute="θ₀"),
    Writes(attribute="noise"),
]


@pytest.mark.parametrize("got", PROGRAMS, ids=repr)
def test_two_wrong_programs_are_alike_only_if_they_write_the_same(got: Writes) -> None:
    for want in PROGRAMS:
        assert differ(got, want) == (got != want), want


def test_a_weight_that_is_computed_anew_tells_nothing() -> None:
    lazy, anew = Writes("θ₀", "trained"), Writes("θ₀", "trained", attribute="θ₀")
    assert not differ(lazy, anew)
    assert not differ(anew, lazy)


def test_a_layer_that_the_other_side_leaves_out_is_not_compared() -> None:
    bare = Writes("zero", "zero", removes="2")
    assert not differ(bare, Writes("zero", "zero", second="noise"))
    assert not differ(Writes("zero", "zero", second="noise"), bare)
    assert differ(Writes("zero", "zero"), replace(bare, kept="noise"))
    assert differ(replace(bare, kept="noise"), Writes("zero", "zero"))


def test_layers_after_one_that_was_left_out_are_compared() -> None:
    first_only, both = Writes("zero", "zero", removes="0"), Writes("zero", "zero")
    noisy = replace(both, second="noise")
    assert differ(noisy, first_only)
    assert differ(first_only, noisy)
    assert not differ(both, first_only)
    assert not differ(first_only, both)


def test_what_the_other_side_never_has_may_come_from_anywhere() -> None:
    """The second layer of one side has masked entries, that of the other has none."""

    def pruning(program: Writes, count: int) -> Observation:
        def prunes(
            model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float
        ) -> nn.Module:
            del prune_amount
            return program(model, initial, count)

        return observe(prunes, CASE)

    more, fewer, none = (8, 4, 0)
    pairs = (("zero", "trained"), ("trained", "zero"), ("trained", "θ₀"), ("zero", "zero"))
    for kept, masked in pairs:
        program = Writes(kept, masked)
        one, other, bare = (pruning(program, count) for count in (more, fewer, 1))
        for got, want in ((one, other), (other, one), (one, bare), (bare, one)):
            assert sources_differ(got, want, HALF, 0) is None
        for word in {"zero", "trained", "θ₀"} - {kept, masked}:
            stranger = pruning(Writes(kept, word), more)
            assert sources_differ(stranger, other, HALF, 0) is not None
            assert sources_differ(other, stranger, HALF, 0) is not None
    nothing = pruning(Writes("zero"), none)
    assert sources_differ(pruning(Writes("zero", "θ₀"), more), nothing, HALF, 0) is None
    assert sources_differ(pruning(Writes("trained", "θ₀"), more), nothing, HALF, 0) is not None


def test_layers_of_another_dtype_are_compared_with_their_like() -> None:
    one, other = (Writes("zero", "zero", half=half) for half in (True, False))
    assert differ(one, other)
    assert differ(other, one)
    assert not differ(one, one)
    assert differ(replace(one, second="trained"), one)
    assert differ(one, replace(one, second="trained"))


def test_a_parameter_and_a_buffer_differ() -> None:
    def buffers(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        Writes()(model, initial, prune_amount)
        values = model[0]._parameters.pop("weight_orig")
        model[0].register_buffer("weight_orig", values.detach().clone())
        return model

    one, other = observe(buffers, HALF), seen(Writes())
    assert sources_differ(one, other, HALF, 0) is not None
    assert sources_differ(other, one, HALF, 0) is not None
    assert sources_differ(one, one, HALF, 0) is None


def test_a_mask_that_is_missing_on_one_side_is_no_source() -> None:
    def loses(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        Writes("zero", "zero")(model, initial, prune_amount)
        del model[0]._parameters["weight_orig"]
        return model

    one, other = observe(loses, HALF), seen(Writes("zero", "zero"))
    assert sources_differ(one, other, HALF, 0) == Finding(
        "0.weight_orig", "missing beside its mask", "an nn.Parameter that equals θ₀"
    )
    assert sources_differ(other, one, HALF, 0) == Finding(
        "0.weight_orig", "there", "missing beside its mask"
    )
    assert sources_differ(one, one, HALF, 0) is None


def test_where_only_the_other_side_is_not_rewound_the_first_entry_is_shown() -> None:
    start, trained = (
        {"0.weight": state["0.weight"][:1], "0.bias": state["0.bias"][:1]}
        for state in (THETA0, TRAINED)
    )
    case = replace(
        ONE_LAYER, recipe="Sequential(Linear(3, 1))", states={"initial": start}, trained=(trained,)
    )

    def trained_on(
        model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float
    ) -> nn.Module:
        fast(model, initial, prune_amount)
        model[0].weight_orig.data.copy_(trained["0.weight"])
        return model

    found = sources_differ(observe(fast, case), observe(trained_on, case), case, 0)
    assert found is not None
    assert (found.got, found.where) == (
        "3 of 3", "0.weight_orig[0, 0] is 0.5, θ₀ is 0.5, trained was 1"
    )  # fmt: skip


def test_flags_that_changed_on_one_side_alone_are_named() -> None:
    def turning(*layers: int) -> Program:
        def turns(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> object:
            for layer in layers:
                model[layer].bias.requires_grad = False
            return fast(model, initial, prune_amount)

        return turns

    sides = [observe(turning(*layers), CASE) for layers in ((0,), (0, 2))]
    for got, want in (sides, reversed(sides)):
        found = requires_grad_is_kept(got, want, CASE)
        assert found is not None
        assert found.where == "2.bias"


def test_resetting_all_else_tells_two_programs_apart_that_rewind_nothing() -> None:
    assert differ(Writes(biases=True), Writes())
    assert differ(Writes(), Writes(biases=True))
    for word in ("zero", "θ₀"):
        one = Writes(word, word, biases=True)
        assert not differ(one, replace(one, biases=False))
        assert not differ(replace(one, biases=False), one)


def test_a_layer_without_a_weight_or_a_mask_to_look_at_says_nothing_of_them() -> None:
    def bare(program: Writes, what: str) -> Observation:
        def strips(
            model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float
        ) -> nn.Module:
            program(model, initial, prune_amount)
            model[0]._forward_pre_hooks.clear()
            delattr(model[0], what)
            return model

        return observe(strips, HALF)

    for what in ("weight", "weight_mask"):
        one, other = bare(Writes(), what), seen(Writes(attribute="θ₀"))
        assert sources_differ(one, one, HALF, 0) is None
        for got, want in ((one, other), (other, one)):
            assert sources_differ(got, want, HALF, 0) is not None  # of the other layer


@pytest.mark.parametrize("rounds", [1, 2])
def test_without_masks_programs_that_zero_weights_differ_from_those_that_do_not(
    rounds: int,
) -> None:
    later = {**TRAINED, "0.weight": torch.zeros(2, 3)}
    case = replace(CASE, trained=(TRAINED, later)[:rounds])

    def zeroes(model: nn.Module, *_: object, **__: object) -> nn.Module:
        model[0].weight.data[0, 0] = 0.0
        return model

    def leaves(model: nn.Module, *_: object, **__: object) -> nn.Module:
        return model

    (check,) = [check for check in KATA.checks if check.id == "mask"]
    sees = check.clauses[0].sees
    sides = [observe(program, case) for program in (zeroes, leaves)]
    for got in sides:
        for want in sides:
            assert (sees(got, want, case) is None) == (got is want)


# Which entries, and how many


def masking(*places: int) -> Observation:
    """Observe a program that prunes these entries of both layers; magnitudes rise with `RANKS`."""

    def masks(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        del prune_amount
        fast(model, initial, 1)
        flat = torch.ones(12)
        flat[list(places)] = 0
        model[0].weight_mask.copy_(flat[:6].view(2, 3))
        model[2].weight_mask.copy_(flat[6:].view(3, 2))
        return model

    return observe(masks, CASE)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ((0, 2), (0, 2), True),
        ((0, 2), (0, 2, 4), True),
        ((0, 2), (0, 2, 4, 1), True),
        ((0, 2), (0, 2, 4, 1, 3), False),
        ((0, 2), (0, 4), False),
        ((0, 2), (0, 4, 1), False),
        ((0, 2), (4, 1, 3), False),
        ((0,), (6,), False),
    ],
)
def test_choices_are_alike_if_one_side_goes_on_where_the_other_stops(
    one: tuple[int, ...], other: tuple[int, ...], *, alike: bool
) -> None:
    """Where it goes on for no more entries than there are layers: counts are another matter."""
    for got, want in ((masking(*one), masking(*other)), (masking(*other), masking(*one))):
        assert (choices_differ(got, want, CASE, 0) is None) == alike
        assert (counts_differ(got, want, CASE, 0) is None) == (len(one) == len(other))


# Several cases, several rounds


def test_who_leaves_one_network_alone_does_not_pass_the_count() -> None:
    def many_layers_only(
        model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float
    ) -> nn.Module:
        return fast(model, initial, prune_amount) if len(model) > 1 else model

    judge = Judge(KATA, [ONE_LAYER, CASE])
    seen_of = [observe(many_layers_only, case) for case in judge.cases]
    found = {v.check: v.outcome for v in judge.verdicts(seen_of)}
    assert (found["mask"], found["sparsity"]) == (Outcome.FAILED, Outcome.SKIPPED)


def test_the_first_round_is_judged_by_what_it_did() -> None:
    turns = iter(range(2))

    def second_only(
        model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float
    ) -> nn.Module:
        return fast(model, initial, prune_amount) if next(turns) else model

    judge = Judge(KATA, [TWO_ROUNDS])
    found = {v.check: v.outcome for v in judge.verdicts([observe(second_only, TWO_ROUNDS)])}
    assert {found[name] for name in ("sparsity", "rewind", "conduct")} == {Outcome.SKIPPED}


def clauses_of(*checks: str) -> list[Clause]:
    return [clause for check in KATA.checks if check.id in checks for clause in check.clauses]


def losing_masks(*, turn: int, layer: int = 2) -> Program:
    """Make a program that is right but for a layer that it takes out again in one round."""
    turns = iter(range(9))

    def loses(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        fast(model, initial, prune_amount)
        if next(turns) == turn:
            prune.remove(model[layer], "weight")
        return model

    return loses


def test_nothing_is_judged_where_one_side_has_no_round() -> None:
    bare, whole = Observation(Status.RAISED), observe(fast, CASE)
    clauses = [*clauses_of("mask"), *(clauses_of(name)[0] for name in ("rewind", "conduct")),
               *clauses_of("sparsity")]  # fmt: skip
    for clause in clauses:
        for got, want in ((bare, whole), (whole, bare)):
            assert clause.sees(got, want, CASE) is NO_CALL, clause.id


def test_sides_of_which_one_goes_further_are_compared_as_far_as_both_go() -> None:
    short, whole = observe(raising(KeyError, 1), TWO_ROUNDS), observe(fast, TWO_ROUNDS)
    for clause in clauses_of("mask", "sparsity", "rewind", "conduct"):
        for got, want in ((short, whole), (whole, short)):
            assert clause.sees(got, want, TWO_ROUNDS) is None, clause.id


def test_the_first_round_is_compared_with_the_first_of_the_other_side() -> None:
    whole, loses = observe(fast, TWO_ROUNDS), observe(losing_masks(turn=1), TWO_ROUNDS)
    for clause in clauses_of("mask", "sparsity", "rewind"):
        for got, want in ((whole, loses), (loses, whole)):
            assert clause.sees(got, want, TWO_ROUNDS) is None, clause.id
    assert own_count(observe(losing_masks(turn=1), TWO_ROUNDS), CASE) is not CASE


def test_which_are_the_smallest_is_not_judged_where_a_layer_of_one_side_has_no_mask() -> None:
    whole, loses = observe(fast, CASE), observe(losing_masks(turn=0), CASE)
    (_, smallest) = clauses_of("mask")
    for got, want in ((whole, loses), (loses, whole)):
        assert smallest.sees(got, want, CASE) is NO_MASK


def test_a_weight_orig_that_vanishes_while_training_is_no_fault_of_ours() -> None:
    def vanishes(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        fast(model, initial, prune_amount)
        layer = model[0]

        def forgets(*_: object) -> None:
            layer._forward_pre_hooks.clear()
            layer._parameters.pop("weight_orig", None)

        model.register_forward_hook(forgets)
        return model

    judge = Judge(KATA, [ONE_LAYER])
    found = {v.check: v.outcome for v in judge.verdicts([observe(vanishes, ONE_LAYER)])}
    assert Outcome.ERRORED not in found.values()


@pytest.mark.parametrize(
    "dtype",
    [torch.bool, torch.int8, torch.float16, torch.bfloat16, torch.float32, torch.float64],
    ids=str,
)
def test_bits_are_compared_in_every_dtype(dtype: torch.dtype) -> None:
    one = torch.tensor([[0, 1, 0], [1, 1, 0]]).to(dtype)
    other = one.clone()
    assert same_bits(one, other)
    assert same_bits(one.t().contiguous().t(), other)
    assert same_bits(other, one.t().contiguous().t())
    other[1, 2] = 1
    assert not same_bits(one, other)
    assert not same_bits(one, one.view(-1))
    assert not same_bits(one, one.to(torch.int64))
    if dtype.is_floating_point:
        assert not same_bits(one, -one)
        assert same_bits(one * float("nan"), one * float("nan"))


def raising(kind: type[Exception], turn: int) -> Program:
    """Make a program that raises in a round."""
    turns = iter(range(9))

    def raises(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        if next(turns) == turn:
            raise kind
        return fast(model, initial, prune_amount)

    return raises


def test_programs_that_raise_are_alike_if_the_exception_and_its_round_are() -> None:
    case = replace(TWO_ROUNDS, trained=(TRAINED, TRAINED, TRAINED))
    (sees, *_) = [clause.sees for clause in KATA.find_check("rounds").clauses]
    sides = {
        (kind, turn): [observe(raising(kind, turn), case) for _ in range(2)]
        for kind, turn in [(KeyError, 1), (ValueError, 1), (KeyError, 2), (KeyError, 9)]
    }
    for one, (got, _) in sides.items():
        for other, (_, want) in sides.items():
            assert (sees(got, want, case) is None) == (one == other), (one, other)


def test_whether_a_later_round_prunes_at_all_is_told() -> None:
    stops, whole = (observe(pruning(*counts), TWO_ROUNDS) for counts in ((3, 0), (3, 2)))
    (clause,) = (clause for clause in clauses_of("rounds") if clause.coarse)
    for got, want, words in ((stops, whole, ("none", "some")), (whole, stops, ("some", "none"))):
        found = clause.sees(got, want, TWO_ROUNDS)
        assert isinstance(found, Finding)
        assert (found.got, found.expected) == words
    assert clause.sees(stops, stops, TWO_ROUNDS) is None


@pytest.mark.parametrize(("masks_biases", "named"), [(False, ["pruned_once"]), (True, [])])
def test_to_prune_nothing_in_later_rounds_names_no_belief_by_itself(
    masks_biases: bool,  # noqa: FBT001
    named: list[str],
) -> None:
    def stops(model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float) -> nn.Module:
        if not prune.is_pruned(model):
            return fast(model, initial, prune_amount)
        if masks_biases:
            prune.identity(model[0], "bias")
        return model

    judge = Judge(load("lottery_ticket"), [TWO_ROUNDS])
    rounds = {v.check: v for v in judge.verdicts([observe(stops, TWO_ROUNDS)])}["rounds"]
    assert rounds.outcome is Outcome.FAILED
    assert [belief.id for belief in rounds.explained_by] == named


# Facts are remembered


def test_a_fact_is_one_of_a_side_in_a_case_and_a_round() -> None:
    side = observe(fast, TWO_ROUNDS)
    doubled = {name: 2 * values for name, values in TRAINED.items()}
    other = replace(TWO_ROUNDS, trained=(doubled, doubled))
    for _ in range(2):
        assert sizes_of(side, TWO_ROUNDS, 0) == [1, 2, 3]
        assert sizes_of(side, TWO_ROUNDS, 1) == [4, 5]
        assert sizes_of(side, other, 0) == [2, 4, 6]
    assert sizes_of(observe(fast, HALF), HALF, 0) == [1, 4, 2, 3]


def test_a_fact_is_computed_once() -> None:
    side = observe(fast, TWO_ROUNDS)
    assert sizes_of(side, TWO_ROUNDS, 1) is sizes_of(side, TWO_ROUNDS, 1)


def test_facts_are_forgotten_with_their_side() -> None:
    side = observe(fast, CASE).rounds[0]
    fact = weakref.ref(as_rewound(side, CASE))
    assert fact()
    del side
    assert fact() is None
