"""Situations that an instructor adds: what they may say, and when one is no fair case."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autograder.katas.lottery_ticket.cases import Situation, draw
from autograder.katas.lottery_ticket.reference import prunable_names
from autograder.recipes import small_model
from autograder.records import Case

MAX_ROUNDS = 5
MAX_ENTRIES = 10_000  # of a model, and of an input
MAX_DIMENSIONS = 5
_MAX_ACTIVATIONS = 100_000  # entries of what any module returns


@dataclass(frozen=True)
class Further:
    """What an instructor says of a situation.

    Attributes:
        model: Recipe of the model, e.g. `"Sequential(Linear(8, 4), ReLU(), Linear(4, 2))"`.
        input: Shape of a batch that it takes.
        amount: Fraction of the remaining weights that each step prunes.
        rounds: How often the step is taken, training in between.
    """

    model: str
    input: tuple[int, ...]
    amount: float
    rounds: int = 1


EXAMPLE = Further("Sequential(Linear(8, 4), ReLU(), Linear(4, 2))", (4, 8), 0.35, rounds=2)


def draw_further(
    wishes: Sequence[Further],
    seed: str,
    hidden: bool,  # noqa: FBT001 - the registry's signature
) -> Sequence[Case]:
    """Draw the cases that a course adds.

    Raises:
        ValueError: One of them is not what the contract allows; the message says why.
    """
    for wish in wishes:
        _examine(wish)
    situations = [
        Situation(f"of_this_course_{number}", wish.model.strip(), wish.input, wish.amount,
                  rounds=wish.rounds)
        for number, wish in enumerate(wishes, start=1)
    ]  # fmt: skip
    return draw(seed, hidden, situations)


def _examine(wish: Further) -> None:
    """Refuse what no function could be asked for."""
    if not 0 < wish.amount < 1:
        raise ValueError(f"amount must lie between 0 and 1, both excluded (got {wish.amount:g})")
    if not 1 <= wish.rounds <= MAX_ROUNDS:
        raise ValueError(f"rounds must be from 1 to {MAX_ROUNDS} (got {wish.rounds})")
    _examine_shape(wish.input)
    model = small_model(wish.model, most=MAX_ENTRIES)
    names = prunable_names(model)
    if names == [""]:
        raise ValueError(f"put the model into Sequential(…): it is itself a {type(model).__name__}")
    for name in names:
        layer = model.get_submodule(name)
        if type(layer) not in (nn.Linear, nn.Conv2d):
            raise ValueError(
                f"the model holds a {type(layer).__name__}, a subclass of Linear or Conv2d, which"
                " learners are not asked about"
            )
    if not names:
        raise ValueError("the model holds no Linear and no Conv2d: there is nothing to prune")
    _examine_forward(model, names[0], wish.input)
    _examine_counts(sum(model.get_parameter(f"{name}.weight").numel() for name in names), wish)


def _examine_shape(shape: tuple[int, ...]) -> None:
    entries = 1
    for size in shape:
        entries *= max(size, 0)
    if not 1 <= len(shape) <= MAX_DIMENSIONS or not 1 <= entries <= MAX_ENTRIES:
        raise ValueError(
            f"input must be the shape of a batch, such as [4, 8]: from 1 to {MAX_DIMENSIONS} sizes,"
            f" each at least 1, and at most {MAX_ENTRIES:,} entries (got {list(shape)})"
        )


def _examine_forward(model: nn.Module, name: str, shape: tuple[int, ...]) -> None:
    example = torch.zeros(shape, dtype=model.get_parameter(f"{name}.weight").dtype)
    outline = copy.deepcopy(model).to("meta")  # takes no memory, however large its activations are
    for module in outline.modules():
        module.register_forward_hook(_refuse_large)
    try:
        with torch.no_grad():
            outline(example.to("meta"))
            out = model(example)
    except Exception as error:
        said = str(error).partition("\n")[0]
        raise ValueError(
            f"the model does not take an input of shape {list(shape)}"
            f" ({type(error).__name__}: {said})"
        ) from error
    if not isinstance(out, Tensor):
        raise ValueError(f"the model must return a tensor (got a {type(out).__name__})")


def _refuse_large(_module: nn.Module, _inputs: object, out: object) -> None:
    if isinstance(out, Tensor) and out.numel() > _MAX_ACTIVATIONS:
        raise ValueError(f"a layer returns {out.numel():,} entries, more than {_MAX_ACTIVATIONS:,}")


def _examine_counts(remaining: int, wish: Further) -> None:
    """Each round must leave something to prune and something to keep."""
    for turn in range(1, wish.rounds + 1):
        count = round(wish.amount * remaining)
        if not 0 < count < remaining:
            which = "none" if count == 0 else "all"
            raise ValueError(
                f"amount {wish.amount:g} prunes {which} of the {remaining} weights that remain in"
                f" round {turn}: take another amount or a larger model"
            )
        remaining -= count
