"""Models from recipes: a Python expression over `torch.nn` and six containers of our own.

The containers are what learners meet in real networks and what a plain `Sequential` hides:
a forward pass of one's own, `ModuleList` and `ModuleDict`, a parameter beside the layers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from types import CodeType

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """Adds its input to what its block makes of it.

    The place for a projection of the input is registered and empty: the shapes agree.
    """

    def __init__(self, block: nn.Module) -> None:
        """Keep the block under the name `module`, as wrappers of models do."""
        super().__init__()
        self.register_module("projection", None)
        self.module = block

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, ...) to the same shape."""
        out: Tensor = x + self.module(x)
        return out


class Chain(nn.Module):
    """Runs its layers, kept in a `ModuleList`, one after another."""

    def __init__(self, *layers: nn.Module) -> None:
        """Keep the layers under the name `layers`."""
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, ...) through all layers."""
        for layer in self.layers:
            x = layer(x)
        return x


class Branches(nn.Module):
    """Sums what its branches, kept in a `ModuleDict`, make of the same input."""

    def __init__(self, **branches: nn.Module) -> None:
        """Keep the branches under the name `branches`."""
        super().__init__()
        self.branches = nn.ModuleDict(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, ...) to the sum over branches."""
        outputs = [branch(x) for branch in self.branches.values()]
        total: Tensor = sum(outputs[1:], outputs[0])
        return total


class Scaled(nn.Module):
    """Scales what its body makes by a parameter of its own, which has no layer's name before it.

    As layers for attention do, it keeps a buffer that is called a mask and masks no weight.
    """

    def __init__(self, body: nn.Module) -> None:
        """Keep the body under the name `output`, the parameter, of shape (1,), as `scale`."""
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("causal_mask", torch.ones(4, 4).tril())
        self.output = body

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, ...) to what the body makes of it, scaled."""
        out: Tensor = self.scale * self.output(x)
        return out


class Twice(nn.Module):
    """Gives its body the same input twice, as a `Bilinear` needs it."""

    def __init__(self, body: nn.Module) -> None:
        """Keep the body under the name `body`."""
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, ...) to what the body makes of it and itself."""
        out: Tensor = self.body(x, x)
        return out


class First(nn.Module):
    """Keeps the first of what its body makes: an `LSTM` also returns the state it ends in."""

    def __init__(self, body: nn.Module) -> None:
        """Keep the body under the name `body`."""
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, ...) to the first of what the body makes of it."""
        out: Tensor = self.body(x)[0]
        return out


_CONTAINERS = (Residual, Chain, Branches, Scaled, Twice, First)
WORDS = {**vars(nn), **{container.__name__: container for container in _CONTAINERS}}
"""What a recipe may name."""

_stock: dict[str, list[nn.Module]] = {}


def lay_in(recipes: Iterable[str]) -> None:
    """Build models beforehand, as many of a recipe as it is named: `build` hands each out once.

    A recipe that makes no module is left to `build`.
    """
    for recipe, wanted in Counter(recipes).items():
        models = _stock.setdefault(recipe, [])
        with suppress(Exception):
            models += [_built(recipe) for _ in range(wanted - len(models))]


def build(recipe: str) -> nn.Module:
    """Build the model that a recipe describes, e.g. `"Sequential(Linear(3, 2), ReLU())"`.

    Recipes come from kata files, or have passed `autograder.recipes`; never from learners. The
    global generator and default dtype stay as they are, and make no difference.

    Raises:
        TypeError: The recipe does not make a module.
    """
    models = _stock.get(recipe)
    return models.pop() if models else _built(recipe)


def _built(recipe: str) -> nn.Module:
    dtype, numbers = torch.get_default_dtype(), torch.get_rng_state()
    torch.set_default_dtype(torch.float32)
    try:
        model = eval(_code_of(recipe), dict(WORDS))  # noqa: S307 - see the docstring
    finally:
        torch.set_default_dtype(dtype)
        torch.set_rng_state(numbers)
    if not isinstance(model, nn.Module):
        raise TypeError(f"the recipe {recipe!r} must make a Module (got {model!r})")
    return model


@cache
def _code_of(recipe: str) -> CodeType:
    return compile(recipe, "<string>", "eval")
