"""The judge against the contract said once more, on whatever Hypothesis draws.

It draws networks, amounts, rounds, ties and zeros, and what is done wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from autograder.judge import Judge
from autograder.kata import load
from autograder.models import build
from autograder.probe import observe
from autograder.records import Case, Observation, Status
from tests.katas.brute_force import PASSED, Contract, Outcomes
from tests.katas.plays import FAULTS, FREE, RETURNED, Play, Scene, by_hand
from tests.katas.test_checks import TWO_ROUNDS
from tests.katas.test_contract import fast

UNEXPLAINED = replace(load("lottery_ticket"), misconceptions=[])
TIMES = settings().max_examples


@st.composite
def recipes(draw: st.DrawFn) -> tuple[str, tuple[int, ...]]:
    """Draw a network with something to prune, and the shape of a batch for it."""
    width, out = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    widths = [width, *draw(st.lists(st.integers(1, 3), max_size=1)), out]
    after = st.sampled_from(["Tanh()", "ELU()"])
    layers = [
        f"Linear({i}, {o}, bias={draw(st.booleans())}), {draw(after)}" for i, o in pairwise(widths)
    ]
    others = {
        "plain": "",
        "normed": f"LayerNorm({out}), ",
        "batch normed": f"BatchNorm1d({out}), ",
        "residual": f"Residual(Linear({out}, {out})), ",
        "branches": f"Branches(left=Linear({out}, {out}), right=Chain(Tanh(), PReLU())), ",
    }
    tail = others[draw(st.sampled_from(sorted(others)))]
    inside, example = f"{', '.join(layers)}, {tail}Softplus()", (3, width)
    head = draw(st.sampled_from(["none", "convolution", "both convolutions", "tokens"]))
    if head == "convolution":
        inside = f"Conv2d(1, 2, 2), Flatten(), Linear(8, {width}), {inside}"
        example = (2, 1, 3, 3)
    elif head == "both convolutions":
        inside = (
            f"Conv2d(1, 2, 2), Flatten(2), Conv1d(2, 1, 2), Flatten(), Linear(3, {width}), {inside}"
        )
        example = (2, 1, 3, 3)
    outer = draw(st.sampled_from(["Sequential", "Chain"]))
    if head == "tokens":
        inside = f"Embedding(5, 2), Flatten(), Linear(4, {width}), {inside}"
        example = (3, 2)
    recipe = f"{outer}({inside})"
    return (f"Sequential({recipe})" if draw(st.booleans()) else recipe), example


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case; equal magnitudes come in the last round only.

    Which of them an earlier round prunes is free, and decides what is left for the next.
    """
    recipe, shape = draw(recipes())
    recipe += draw(st.sampled_from(["", "", ".double()"]))
    amount = draw(st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]) | st.floats(0.05, 0.95) | st.none())
    rounds = draw(st.sampled_from([1, 1, 2, 3]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    model = build(recipe)
    shapes = {name: parameter.shape for name, parameter in model.named_parameters()}
    initial = dict(model.state_dict())

    def values(levels: int, zeros: int) -> dict[str, Tensor]:
        made = {}
        for name, size in shapes.items():
            drawn = torch.randn(size, generator=generator, dtype=torch.float64)
            if levels:
                drawn = drawn.mul(levels).round().div(levels)
            if zeros:
                drawn.view(-1)[torch.randperm(drawn.numel(), generator=generator)[:zeros]] = 0.0
            made[name] = drawn.to(initial[name].dtype)
        return made

    start = values(0, draw(st.sampled_from([0, 0, 2])))
    trained = [values(0, 0) for _ in range(rounds - 1)]
    trained.append(values(draw(st.sampled_from([0, 2])), draw(st.sampled_from([0, 0, 3]))))
    frozen = draw(st.sets(st.sampled_from(sorted(shapes)), max_size=min(1, len(shapes) - 1)))
    for turn in trained:
        turn.update({name: start[name] for name in frozen})
    example = torch.randn(shape, generator=generator).to(next(iter(start.values())).dtype)
    if "Embedding" in recipe:
        example = torch.randint(5, shape, generator=generator)
    case = Case(
        id="drawn",
        recipe=recipe,
        states={"initial": {**initial, **start}},
        arguments=("@initial",),
        keywords={} if amount is None else {"prune_amount": amount},
        trained=tuple(trained),
        example=example,
        training=draw(st.booleans()),
        frozen=tuple(frozen),
        switched=tuple(
            draw(st.sets(st.sampled_from([name for name, _ in model.named_children()]), max_size=1))
        ),
        grad_enabled=draw(st.booleans()),
    )
    if amount is not None and draw(st.booleans()):
        case = replace(case, arguments=("@initial", amount), keywords={})
    elif amount is not None and draw(st.booleans()):
        case = replace(case, later={"prune_amount": draw(st.floats(0.05, 0.95))})
    contract = Contract(case)
    remaining = len(contract._all_entries())
    for turn in range(rounds):
        pruned = contract._count([0.0] * remaining, turn)
        assume(0 < pruned < remaining)
        remaining -= pruned
    return case


@st.composite
def plays(draw: st.DrawFn) -> Play:
    faults = st.sampled_from(FAULTS) | st.sampled_from(FREE)
    return Play(
        right=draw(st.sampled_from([fast, by_hand])),
        faults=tuple(draw(st.lists(faults, min_size=1, max_size=2))),
        turn=draw(st.sampled_from([0, 0, 1, 2])),
        pick=draw(st.integers(0, 10_000)),
        returned=draw(st.sampled_from(["same", "same", "same", *RETURNED])),
        amount=draw(st.sampled_from([1.0, 1.0, 1.0, 0.9, 0.5])),
    )


def judged(seen: Observation, case: Case) -> Outcomes:
    return {v.check: v.outcome for v in Judge(UNEXPLAINED, [case]).verdicts([seen])}


def test_half_is_rounded_to_even() -> None:
    case = Case(
        "", "Sequential(Linear(5, 2))", {"initial": {}}, ("@initial",), {}, (), torch.ones(1)
    )
    for amount in (0.25, 0.35, 0.45, 0.05, 0.75):
        contract = Contract(replace(case, keywords={"prune_amount": amount}))
        assert contract._count(contract._all_entries()) == round(amount * 10)


@pytest.mark.parametrize("right", [fast, by_hand])
@pytest.mark.parametrize("change", [*FREE, *FAULTS], ids=lambda change: change.__name__)
def test_the_contract_passes_what_is_free_and_nothing_else(
    right: Callable[..., nn.Module], change: Callable[[Scene], None]
) -> None:
    """Else the judge would agree with a statement that sees nothing."""
    network = "Sequential(LayerNorm(3), Linear(3, 2), Tanh(), Linear(2, 3))"
    start = {
        name.replace("2.", "3.").replace("0.", "1."): value.clone()
        for name, value in TWO_ROUNDS.states["initial"].items()
    }
    start["1.weight"][0, 0] = 0.0
    start |= {"0.weight": torch.ones(3), "0.bias": torch.zeros(3)}
    trained = {
        name: value + torch.arange(value.numel()).view_as(value) for name, value in start.items()
    }
    case = replace(
        TWO_ROUNDS, recipe=network, states={"initial": start}, trained=(trained, trained)
    )
    found = set()
    for turn in range(2):
        for pick in range(6):
            seen = observe(Play(right, (change,), turn, pick).program(case), case)
            found |= {*Contract(case).outcomes(seen).values()}
    assert (found == {PASSED}) == (change in FREE)


@given(cases(), st.sampled_from([fast, by_hand]), st.lists(st.sampled_from(FREE), max_size=2))
@settings(max_examples=TIMES)
def test_a_right_program_passes_the_judge_and_the_contract(
    case: Case, right: Callable[..., nn.Module], free: list[Callable[[Scene], None]]
) -> None:
    for turn in range(len(case.trained)):
        seen = observe(Play(right, tuple(free), turn, pick=turn).program(case), case)
        assert seen.status is Status.RETURNED, seen.fault
        assert set(judged(seen, case).values()) == {PASSED}
        assert set(Contract(case).outcomes(seen).values()) == {PASSED}


@given(cases(), plays())
@settings(max_examples=5 * TIMES)
def test_the_judge_and_the_contract_agree_on_whatever_is_done(case: Case, play: Play) -> None:
    seen = observe(play.program(case), case)
    due = Contract(case).outcomes(seen)
    assert {check: found for check, found in judged(seen, case).items() if check in due} == due
