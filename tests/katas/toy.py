"""A tiny kata: scale every parameter of a model in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from autograder.kata import Kata
from autograder.models import build
from autograder.records import Case, Finding, Observation, Topic, Unjudged

kata = Kata(id="toy", title="Scale a model", entry_point="scale")

STUB = """
def scale(model, initial, factor=0.5):
    pass  # your lines here
    return model
"""
RIGHT = """
import torch

def scale(model, initial, factor=0.5):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(factor)
    return model
"""
WRONG = """
import torch

def scale(model, initial, factor=0.5):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("weight"):
                parameter.mul_(factor)
    return model
"""
RULES = Topic("The rules", "the first sentence", "Two halves of 3 are 1.5 each.")
_SHAPES = {"one": ("Sequential(Linear(2, 1))", 2), "two": ("Sequential(Linear(3, 2))", 3)}


@kata.set_reference
def scale(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> nn.Module:  # noqa: ARG001
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter * factor)
    return model


@kata.set_cases
def draw(seed: str, hidden: bool) -> Sequence[Case]:  # noqa: FBT001 - the registry's signature
    generator = torch.Generator().manual_seed(sum(seed.encode()))
    cases = []
    for name, (recipe, width) in _SHAPES.items():
        initial = build(recipe).state_dict()
        values = [
            {key: torch.randn(value.shape, generator=generator) for key, value in initial.items()}
            for _ in range(3)
        ]
        cases.append(
            Case(
                id=name,
                recipe=recipe,
                states={"initial": values[0]},
                arguments=("@initial",),
                keywords={} if name == "one" else {"factor": 0.25},
                trained=tuple(values[1:]),
                example=torch.randn((2, width), generator=generator),
                hidden=hidden,
            )
        )
    return cases


@kata.check(points=2)
def scaled(got: Observation, want: Observation, case: Case) -> Finding | Unjudged | None:
    """Every parameter is its trained value times the factor."""
    if not got.rounds or not want.rounds:
        return Unjudged("the call did not return")
    for name, value in want.rounds[0].state.items():
        seen = got.rounds[0].state.get(name)
        if seen is None or not torch.equal(seen, value):
            shown = str(None if seen is None else seen.tolist())
            where = f"{name} is {shown}, trained was {case.trained[0][name].tolist()}"
            return Finding("parameters that are scaled", "not all", "all", where=where)
    return None


@kata.check(points=1, after=("scaled",))
def same_model(got: Observation, want: Observation, case: Case) -> Finding | Unjudged | None:  # noqa: ARG001
    """The model that was given is returned."""
    if not got.rounds or not want.rounds:
        return Unjudged("the call did not return")
    seen, due = got.rounds[0].returned, want.rounds[0].returned
    return Finding("returned value", seen, due) if seen != due else None


@kata.misconception(hint="Which other parameters has a layer?", see=RULES)
def weights_only(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> nn.Module:  # noqa: ARG001
    """Only weights are scaled.

    A bias is a parameter as well.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("weight"):
                parameter.copy_(parameter * factor)
    return model


@kata.misconception(hint="Which values has the model when your function is called?", see=RULES)
def scales_initial(
    model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5
) -> nn.Module:
    """The initial values are scaled.

    The model comes trained; its own values are the ones to scale.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(initial[name] * factor)
    return model


@kata.misconception(hint="What does a function without a return give back?", see=RULES)
def returns_none(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> None:
    """A change in place needs no return value.

    The model is returned as well, so that calls can be chained.
    """
    scale(model, initial, factor)
