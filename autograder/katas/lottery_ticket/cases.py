"""The situations in which a submission is tried: shapes are fixed, values come from a seed.

A situation is one line. Shapes, amounts and modes never depend on the seed, so neither does the
verdict; values do, so that knowing this file does not help.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import torch
from torch import Tensor

from autograder.katas.lottery_ticket.reference import find_winning_ticket_step, prunable_names
from autograder.models import build
from autograder.records import Case


@dataclass(frozen=True)
class Situation:
    """What is special about a case.

    Attributes:
        id: Its name.
        recipe: The model, as `autograder.models.build` takes it.
        example: Shape of a batch for the forward pass.
        amount: `prune_amount`; None leaves it out.
        rounds: How often the step is taken, training in between.
        later_amount: `prune_amount` of all rounds but the first; None if it is the same.
        positional: Whether the amount is passed by position.
        training: Train or eval mode.
        frozen: Parameters with `requires_grad=False`; training leaves them at θ₀. To whoever ranks
            by change they are all equal: let nearly everything be pruned, so that all of them are.
        frozen_late: Parameters with `requires_grad=False` that were trained before.
        decayed: Whether weight decay shrinks pruned weights, too, which else stay at θ₀.
        close: Whether trained magnitudes are equal in single precision, and not in double.
        switched: Modules in the other mode, with all below them.
        grad_enabled: The global grad mode when the step is taken.
        scales: Factor on the trained weights of each prunable module.
        levels: Number of distinct magnitudes in the last round; 0 for all distinct. The last
            entry to prune lies within a step, so that one must choose among equal ones.
        zeros: Number of entries that are exactly 0 in θ₀, and in the last round's θⱼ.
        vocabulary: For integer input: how many ids there are.
        trains: Whether the model is trained on afterwards: it takes time, so a few of each kind do.
    """

    id: str
    recipe: str
    example: tuple[int, ...]
    amount: float | None
    rounds: int = 1
    later_amount: float | None = None
    positional: bool = False
    training: bool = True
    frozen: tuple[str, ...] = ()
    frozen_late: tuple[str, ...] = ()
    decayed: bool = False
    close: bool = False
    switched: tuple[str, ...] = ()
    grad_enabled: bool = True
    scales: tuple[float, ...] = ()
    levels: int = 0
    zeros: int = 0
    vocabulary: int = 0
    trains: bool = False


DECAY = 0.9
HAIR = 1e-8

_SMALL = "Sequential(Linear(3, 2), Tanh(), Linear(2, 3))"
_MLP = "Sequential(Linear(4, 6), ReLU(), Linear(6, 3))"
_CNN = "Sequential(Conv2d(1, 2, 2, bias=False), BatchNorm2d(2), ReLU(), Flatten(), Linear(8, 3))"
_STRIDED = (
    "Sequential(Conv2d(1, 2, 2, stride=3, padding=1, dilation=2, padding_mode='circular'),"
    " BatchNorm2d(2), ReLU(), Flatten(), Linear(8, 3, bias=False))"
)
# The first two layers have equal shapes and the same last two names.
_NESTED = (
    "Chain(Residual(Sequential(Linear(4, 4), Tanh())), Residual(Sequential(Linear(4, 4), Tanh())),"
    " Branches(output=Linear(4, 2), shortcut=Sequential(Linear(4, 3), ReLU(), Linear(3, 2))))"
)
_OTHER_CONVOLUTIONS = (
    "Sequential(ConvTranspose2d(1, 2, 2), Conv2d(2, 2, 2, groups=2), Flatten(2),"
    " Conv1d(2, 2, 2), Flatten(), Linear(6, 2))"
)
_VOLUMES = (
    "Sequential(Unflatten(1, (1, 1)), Conv3d(1, 2, (1, 2, 2)), ConvTranspose3d(2, 2, 1),"
    " InstanceNorm3d(2, affine=True), Flatten(1, 2), InstanceNorm2d(2, affine=True),"
    " Conv2d(2, 2, 1), Flatten(), PReLU(8), Linear(8, 2)).double()"
)
_OTHER_MODULES = (
    "Sequential(Unflatten(1, (2, 3)), GroupNorm(1, 2), LayerNorm((2, 3)), ConvTranspose1d(2, 2, 1),"
    " InstanceNorm1d(2), MaxPool1d(1), InstanceNorm1d(2, affine=True), Flatten(), BatchNorm1d(6),"
    " Dropout(0.0), Twice(Bilinear(6, 6, 3)), First(LSTM(3, 3)), RMSNorm(3), Linear(3, 6))"
)
_TOKENS = (
    "Sequential(Embedding(3, 4), LayerNorm(4), Linear(4, 3), Flatten(), Dropout(0.0), Linear(6, 2))"
)
_BAG_OF_TOKENS = "Sequential(EmbeddingBag(3, 6), Linear(6, 5))"
_EQUAL = "Branches(stem=Linear(3, 3), classifier=Linear(3, 3), head=Linear(3, 3))"
_FORK = (
    "Branches(downsample=Sequential(Linear(3, 2), ReLU()), fc=Linear(3, 2), fc_2=Linear(3, 2),"
    " mask_head=Linear(3, 2))"
)
# Of equal shape, and "1" is how the other two names end: a part of a name is not enough.
_MIXED = (
    "Sequential(Sequential(BatchNorm1d(3), Linear(3, 3)), Linear(3, 3),"
    " Sequential(Tanh(), Linear(3, 3)))"
)
_CLOSE = "Sequential(Linear(12, 5), Linear(5, 12)).double()"
_DOUBLE = "Sequential(Linear(4, 3), ReLU(), Linear(3, 3), ReLU(), Linear(3, 2)).double()"

SITUATIONS = (
    Situation("one_layer", "Sequential(Linear(3, 2))", (4, 3), 0.3),
    Situation("half_rounds_down", "Sequential(Linear(5, 2))", (4, 5), 0.25, positional=True,
              trains=True),
    Situation("half_rounds_up", "Sequential(Linear(5, 2))", (4, 5), 0.35),
    Situation("half_of_an_odd_number", "Sequential(Linear(5, 3))", (4, 5), 0.3),
    Situation("half_in_a_later_round", "Sequential(Linear(5, 2))", (4, 5), 0.5, rounds=2),
    Situation("below_a_half", "Sequential(Linear(9, 5))", (4, 9), 0.7),
    Situation("mixed_modes", _MIXED, (4, 3), 0.65, switched=("0.0", "0.1")),
    Situation("two_layers", _SMALL, (4, 3), 0.5, frozen_late=("0.weight",), scales=(0.5, 1.0)),
    Situation("gradients_off", _SMALL, (4, 3), 0.4, grad_enabled=False, trains=True),
    Situation("two_rounds", _SMALL, (4, 3), 0.3, rounds=2, decayed=True, trains=True),
    Situation("ties", "Sequential(Linear(4, 4), ReLU(), Linear(4, 2))", (4, 4), 0.4, levels=4),
    Situation("equal_shapes", _EQUAL, (4, 3), 0.07, scales=(1.0, 10.0, 1.0)),
    Situation("frozen_layer", _DOUBLE, (4, 4), 0.95, frozen=("4.weight", "4.bias"), trains=True),
    Situation("eval_mode", _STRIDED, (3, 1, 4, 4), 0.45, training=False, trains=True),
    Situation("other_convolutions", _OTHER_CONVOLUTIONS, (2, 1, 2, 2), 0.25, zeros=2,
              trains=True),
    Situation("volumes", _VOLUMES, (2, 1, 3, 3), 0.4, scales=(0.05,)),
    Situation("other_modules", _OTHER_MODULES, (4, 6), 0.4, training=False, switched=("9",)),
    Situation("tokens", _TOKENS, (3, 2), 0.3, rounds=2, frozen_late=("0.weight", "1.weight"),
              switched=("1", "5"), vocabulary=3, trains=True),
    Situation("prunes_one", _BAG_OF_TOKENS, (4, 2), 0.03, vocabulary=3),
    Situation("prunes_almost_all", _CLOSE, (4, 12), 0.9545, positional=True, close=True),
    Situation("default_amount", f"Scaled({_MLP})", (4, 4), None),
    Situation("unequal_scales", _MLP, (4, 4), 0.6, scales=(100.0, 1.0)),
    Situation("zeros", _MLP, (4, 4), 0.3, zeros=6),
    Situation("train_mode", _CNN, (3, 1, 3, 3), 0.45, rounds=2, positional=True,
              frozen_late=("0.weight",), scales=(0.5, 1.0), trains=True),
    Situation("nested", _NESTED, (4, 4), 0.6, trains=True),
    Situation("zeros_later", _MLP, (4, 4), 0.2, rounds=2, zeros=12),
    Situation("two_rounds_with_ties", _MLP, (4, 4), 0.35, rounds=2, levels=4),
    Situation("three_rounds", f"Scaled({_FORK})", (4, 3), 0.25, rounds=3, positional=True,
              training=False, decayed=True, grad_enabled=False, scales=(1.0, 0.05)),
    Situation("three_rounds_double", _DOUBLE, (4, 4), 0.4, rounds=3, later_amount=0.5, zeros=4,
              frozen=("4.weight", "4.bias")),
    Situation("four_rounds", _MLP, (4, 4), None, rounds=4, later_amount=0.7,
              scales=(1000.0, 300.0)),
)  # fmt: skip


def draw(
    seed: str,
    hidden: bool,  # noqa: FBT001 - the registry's signature
    situations: Sequence[Situation] = SITUATIONS,
) -> Sequence[Case]:
    """Draw every situation's values from a seed."""
    return [replace(_draw(situation, seed), hidden=hidden) for situation in situations]


@cache
def shapes(recipe: str) -> dict[str, torch.Size]:
    """Shapes of the parameters of a recipe's model, by name."""
    return {name: p.shape for name, p in build(recipe).named_parameters()}


@cache
def prunable(recipe: str) -> tuple[str, ...]:
    """Names of the weights that a step prunes, e.g. `("0.weight", "2.weight")`."""
    return tuple(f"{name}.weight" for name in prunable_names(build(recipe)))


@cache
def total(recipe: str) -> int:
    """How many entries may be pruned in a recipe's model."""
    return sum(shapes(recipe)[name].numel() for name in prunable(recipe))


@cache
def modules(recipe: str) -> tuple[str, ...]:
    """Names of the modules of a recipe's model; the root's is empty."""
    return tuple(name for name, _ in build(recipe).named_modules())


@cache
def is_lone(recipe: str) -> bool:
    """Tell whether a recipe's model is one layer, with nothing before or behind it."""
    return sum(1 for module in build(recipe).modules() if not [*module.children()]) == 1


def amount_of(case: Case, turn: int = 0) -> float:
    """Fraction that a case asks for in a round."""
    positional = case.arguments[len(_states_in(case)) :] or (0.2,)
    given = {**case.keywords, **case.later} if turn else case.keywords
    return float(given.get("prune_amount", positional[0]))


def with_amount(case: Case, amount: float) -> Case:
    """Ask for another fraction, in the first round only."""
    keywords = {"prune_amount": amount}
    return replace(case, arguments=_states_in(case), keywords=keywords, trained=case.trained[:1])


def leaves_amount_out(case: Case) -> bool:
    """Tell whether a case leaves it to the function how much to prune."""
    return case.arguments == _states_in(case) and not case.keywords


def _states_in(case: Case) -> tuple[Any, ...]:
    """The arguments that stand for states, which come first."""
    return case.arguments[: len(case.states)]


def _draw(situation: Situation, seed: str) -> Case:
    digest = hashlib.sha256(f"{seed}\n{situation.id}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))
    model = build(situation.recipe)
    initial = {key: value.clone() for key, value in model.state_dict().items()}
    for name, shape in shapes(situation.recipe).items():
        drawn = torch.randn(shape, generator=generator, dtype=torch.float64)
        initial[name] = drawn.to(initial[name].dtype)
    weights = prunable(situation.recipe)
    everywhere = {name: torch.ones_like(initial[name], dtype=torch.bool) for name in weights}
    # A remaining weight of exactly 0 ties with the pruned ones for whoever ranks them again, and
    # whoever multiplies may lose the sign of a zero: such cases tell a fault, and not which.
    telling = not (situation.zeros and situation.rounds > 1)
    _put_zeros(initial, everywhere, situation.zeros, generator, signed=not telling)
    states = {"initial": initial}
    amount, later = situation.amount, situation.later_amount
    case = Case(
        id=situation.id,
        recipe=situation.recipe,
        states=states,
        arguments=("@initial", amount) if situation.positional else ("@initial",),
        keywords={} if situation.positional or amount is None else {"prune_amount": amount},
        trained=(),
        example=_example(situation, initial[weights[0]].dtype, generator),
        training=situation.training,
        frozen=(*situation.frozen, *situation.frozen_late),
        switched=situation.switched,
        grad_enabled=situation.grad_enabled,
        trains=situation.trains,
        later={} if later is None else {"prune_amount": later},
        telling=telling,
    )
    return replace(case, trained=_train(situation, case, initial, generator))


def _train(
    situation: Situation, case: Case, initial: dict[str, Tensor], generator: torch.Generator
) -> tuple[dict[str, Tensor], ...]:
    """Make what training leaves in each round: pruned entries get no gradient, only decay."""
    weights = prunable(situation.recipe)
    alive = {name: torch.ones_like(initial[name], dtype=torch.bool) for name in weights}
    model = build(situation.recipe)
    trained: list[dict[str, Tensor]] = []
    for turn in range(situation.rounds):
        last = turn == situation.rounds - 1
        values = {
            name: _large(shape, generator).to(initial[name].dtype)
            for name, shape in shapes(situation.recipe).items()
        }
        magnitudes = _magnitudes(situation, alive, generator, levels=situation.levels * last)
        for name in weights:
            values[name] = initial[name] * (DECAY**turn if situation.decayed else 1.0)
            values[name][alive[name]] = magnitudes[name].to(initial[name].dtype)
        _put_zeros(values, alive, situation.zeros * last, generator)
        for name in situation.frozen:
            values[name] = initial[name].clone()
        trained.append(values)
        if last:
            break
        holders = dict(model.named_parameters())
        with torch.no_grad():
            for name in weights:
                holders[name if name in holders else f"{name}_orig"].copy_(values[name])
            model(case.example)  # refreshes `weight` in pruned modules
        find_winning_ticket_step(model, initial, amount_of(case, turn))
        alive = {name: model.get_buffer(f"{name}_mask") != 0 for name in weights}
    return tuple(trained)


def _large(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Draw values of magnitude 1 and more for what is not pruned.

    They are larger than most weights that are, so that how many weights a program prunes which
    ranks them too does not depend on the seed.
    """
    drawn = torch.randn(shape, generator=generator)
    return drawn + drawn.sign()


def _magnitudes(
    situation: Situation, alive: dict[str, Tensor], generator: torch.Generator, *, levels: int
) -> dict[str, Tensor]:
    """Draw the remaining weights of each layer: magnitudes are uneven rungs from 0.1 to 1.

    Over the whole model the rungs are all distinct, or lie on `levels` steps of nearly equal size,
    so that how many are equal never depends on the seed. Those that are close lie within 1e-8 of
    one half. Order and signs are random.
    """
    counts = [int(entries.sum()) for entries in alive.values()]
    total = sum(counts)
    steps = levels or total
    spread = torch.arange(steps) + 0.5 * torch.rand(steps, generator=generator).double()
    ladder = 0.1 + 0.9 * spread / steps
    if situation.close:
        ladder = 0.5 + HAIR * ladder
    rungs = torch.randperm(total, generator=generator) * steps // total
    signs = torch.where(torch.rand(total, generator=generator) < 0.5, -1.0, 1.0).double()  # noqa: PLR2004
    parts = (ladder[rungs] * signs).split(counts)
    scales = dict(zip(alive, situation.scales, strict=False))
    return {name: part * scales.get(name, 1.0) for name, part in zip(alive, parts, strict=True)}


def _put_zeros(
    values: dict[str, Tensor],
    places: dict[str, Tensor],
    count: int,
    generator: torch.Generator,
    *,
    signed: bool = False,
) -> None:
    """Set `count` of the entries marked in `places` to zero, spread over the layers.

    Signed zeros are -0.0 in every other layer.
    """
    for turn, (name, entries) in enumerate(places.items()):
        share = len(range(turn, count, len(places)))
        candidates = entries.flatten().nonzero().flatten()
        chosen = candidates[torch.randperm(len(candidates), generator=generator)[:share]]
        values[name].view(-1)[chosen] = -0.0 if signed and turn % 2 else 0.0


def _example(situation: Situation, dtype: torch.dtype, generator: torch.Generator) -> Tensor:
    if situation.vocabulary:
        return torch.randint(situation.vocabulary, situation.example, generator=generator)
    return torch.randn(situation.example, generator=generator).to(dtype)
