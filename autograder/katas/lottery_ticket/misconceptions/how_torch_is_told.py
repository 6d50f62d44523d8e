"""Beliefs about what torch's global pruning has to be told."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn
from torch.nn.utils import prune

from autograder.katas.lottery_ticket.exercise import kata
from autograder.katas.lottery_ticket.misconceptions import topics
from autograder.katas.lottery_ticket.misconceptions.steps import State, layers_of, pairs_of


@kata.misconception(
    hint="How should torch know which of a module's parameters you mean?", see=topics.PAIRS
)
def modules_alone(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """Torch's global pruning takes modules, weights or names in any form.

    It takes pairs: a module, and the name of one of its parameters. A module alone is no such
    pair, nor is the weight itself, with a name or without, nor the name before the module; a loop
    that unpacks pairs takes them as little.
    """
    return _handed_over(list(layers_of(model).values()), model, prune_amount)


@kata.variant(of="modules_alone")
def weights_by_themselves(
    model: nn.Module,
    state: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """Weights stand where pairs should."""
    return _handed_over([layer.weight for layer in layers_of(model).values()], model, prune_amount)


@kata.variant(of="modules_alone")
def every_parameter_by_itself(
    model: nn.Module,
    state: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """The model's parameters stand where pairs should."""
    return _handed_over(list(model.parameters()), model, prune_amount)


@kata.variant(of="modules_alone")
def parameters_behind_their_names(
    model: nn.Module,
    state: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """The named parameters of a model pass for pairs."""
    return _handed_over(list(model.named_parameters()), model, prune_amount)


@kata.variant(of="modules_alone")
def names_before_modules(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """The name stands before the module."""
    return _handed_over(
        [("weight", layer) for layer in layers_of(model).values()], model, prune_amount
    )


@kata.variant(of="modules_alone")
def weights_alone(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """A weight stands where the module should."""
    return _handed_over(
        [(layer.weight, "weight") for layer in layers_of(model).values()], model, prune_amount
    )


@kata.misconception(hint="Which object has an attribute that is called `weight`?", see=topics.PAIRS)
def layers_by_name(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """Torch's pruning finds a layer by its name.

    A pair holds the layer itself, and what the layer calls its parameter. The name of a layer in
    its place, or the model together with a name that has dots in it, leads nowhere.
    """
    return _handed_over([(name, "weight") for name in layers_of(model)], model, prune_amount)


@kata.variant(of="layers_by_name")
def weights_by_full_name(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """The model stands beside the full name of each weight."""
    return _handed_over(
        [(model, f"{name}.weight") for name in layers_of(model)], model, prune_amount
    )


@kata.variant(of="layers_by_name")
def full_names_beside_layers(
    model: nn.Module,
    state: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """The layer stands beside the full name of its weight."""
    return _handed_over(
        [(layer, f"{name}.weight") for name, layer in layers_of(model).items()], model, prune_amount
    )


@kata.misconception(
    hint="Who makes the pruning method, and who tells it the amount?", see=topics.METHOD
)
def method_by_name(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """Torch's global pruning takes a method by its name, or ready made.

    It takes the class of a method and makes the method itself, with the amount that it is handed.
    A text, a function that prunes one layer, or a method that was made before is no such class.
    """
    prune.global_unstructured(_pairs(model), "l1_unstructured", amount=prune_amount)
    return model


@kata.variant(of="method_by_name")
def method_ready_made(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """The method is made before, with its amount."""
    prune.global_unstructured(_pairs(model), prune.L1Unstructured(prune_amount))
    return model


@kata.variant(of="method_by_name")
def method_ready_made_with_its_amount(
    model: nn.Module,
    state: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """The method is made before, and the amount is handed on all the same."""
    made = prune.L1Unstructured(prune_amount)
    prune.global_unstructured(_pairs(model), made, amount=prune_amount)
    return model


@kata.variant(of="method_by_name")
def function_for_one_layer(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """The function that prunes one layer stands in the place of the method."""
    prune.global_unstructured(_pairs(model), prune.l1_unstructured, amount=prune_amount)
    return model


@kata.misconception(
    hint="What does torch have to know, beside the layers, before it can prune?", see=topics.METHOD
)
def amount_not_handed_on(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """Torch's global pruning knows by itself how to prune, or how much.

    Both are told with each call: the method as a class, and the amount under the name `amount`. In
    another place the amount passes for scores, and scores are a dict that has pairs as its keys.
    """
    prune.global_unstructured(_pairs(model), prune.L1Unstructured)
    return model


@kata.variant(of="amount_not_handed_on")
def method_not_handed_on(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """No method is named."""
    prune.global_unstructured(_pairs(model), amount=prune_amount)  # type: ignore[call-arg]
    return model


@kata.variant(of="amount_not_handed_on")
def amount_under_another_name(
    model: nn.Module,
    state: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """The amount has the name that it has in the step."""
    prune.global_unstructured(_pairs(model), prune.L1Unstructured, prune_amount=prune_amount)
    return model


@kata.variant(of="amount_not_handed_on")
def amount_without_its_name(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """The amount stands third, where scores are expected."""
    prune.global_unstructured(_pairs(model), prune.L1Unstructured, prune_amount)
    return model


def _handed_over(parameters: Sequence[object], model: nn.Module, amount: float) -> nn.Module:
    prune.global_unstructured(parameters, prune.L1Unstructured, amount=amount)
    return model


def _pairs(model: nn.Module) -> list[tuple[nn.Module, str]]:
    return pairs_of(layers_of(model))
