"""Recipes from outside a kata: whether one makes a small model and does nothing else.

A recipe is an expression that is evaluated. One from a file may be a mistake, or come with a folder
that somebody else has sent: so it is looked at before it is built.
"""

from __future__ import annotations

import ast

import torch
from torch import nn

from autograder.models import WORDS, build

MAX_CHARACTERS = 2_000
_PLAIN = (ast.Expression, ast.keyword, ast.Tuple, ast.List, ast.Load, ast.UnaryOp, ast.USub)
_METHODS = {"double"}


def small_model(recipe: str, *, most: int) -> nn.Module:
    """Build the model of a recipe, unless it does anything else or the model is too large.

    Args:
        recipe: As `autograder.models.build` takes it; modules, plain values and `.double()` only.
        most: How many entries its parameters and buffers may have together.

    Returns:
        The model, on the CPU.

    Raises:
        ValueError: There is no such model; the message says why.
    """
    if len(recipe) > MAX_CHARACTERS:
        raise ValueError(f"the recipe is longer than {MAX_CHARACTERS:,} characters")
    try:
        tree = ast.parse(recipe.strip(), mode="eval")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"the recipe {recipe!r} is no Python expression ({error})") from error
    for node in ast.walk(tree):
        _refuse_all_but_modules(node)
    try:
        with torch.device("meta"):  # takes no memory, however large it is
            outline = build(recipe.strip())
    except Exception as error:
        said = str(error).partition("\n")[0]
        raise ValueError(
            f"the recipe {recipe!r} makes no model ({type(error).__name__}: {said})"
        ) from error
    if any(isinstance(module, nn.modules.lazy.LazyModuleMixin) for module in outline.modules()):
        raise ValueError("lazy modules have no weights yet; name their sizes")
    entries = sum(value.numel() for value in (*outline.parameters(), *outline.buffers()))
    if entries > most:
        raise ValueError(
            f"the model is too large: {entries:,} entries in its parameters and buffers, at most"
            f" {most:,} can be graded quickly"
        )
    return build(recipe.strip())


def _refuse_all_but_modules(node: ast.AST) -> None:
    if isinstance(node, ast.Name):
        word = WORDS.get(node.id)
        if not (isinstance(word, type) and issubclass(word, nn.Module)):
            raise ValueError(f"{node.id!r} is no module of torch.nn")
    elif isinstance(node, ast.Call):
        if any(keyword.arg is None for keyword in node.keywords):
            raise ValueError("a recipe cannot hold **")
    elif isinstance(node, ast.Attribute):
        if not isinstance(node.value, ast.Call):
            raise ValueError(f"a recipe cannot hold .{node.attr}; modules are named alone")
        if node.attr not in _METHODS:
            raise ValueError(f"a recipe cannot call .{node.attr}()")
    elif not isinstance(node, (*_PLAIN, ast.Constant)):
        raise ValueError(
            f"a recipe holds modules of torch.nn and plain values only (got {ast.unparse(node)!r})"
        )
