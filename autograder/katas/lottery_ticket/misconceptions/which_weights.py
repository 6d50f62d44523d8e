"""Beliefs about which weights take part in the ranking."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.katas.lottery_ticket.exercise import kata
from autograder.katas.lottery_ticket.misconceptions import topics
from autograder.katas.lottery_ticket.misconceptions.steps import (
    Layers,
    State,
    layers_of,
    pairs_of,
    prune_globally,
    rewind_attributes,
    rewind_layers,
    step,
)


def _of_kind(model: nn.Module, *kinds: type[nn.Module]) -> Layers:
    return {name: layer for name, layer in model.named_modules() if isinstance(layer, kinds)}


def _direct_children(model: nn.Module) -> Layers:
    return {name: layer for name, layer in layers_of(model).items() if "." not in name}


def _weight(layer: nn.Module) -> Tensor | None:
    weight = getattr(layer, "weight", None)
    return weight if isinstance(weight, Tensor) else None


def _step_if_any(model: nn.Module, state: State, amount: float, layers: Layers) -> nn.Module:
    return step(model, state, amount, layers=layers) if layers else model


# Each layer, or each group of layers, by itself


@kata.misconception(
    hint="If one layer is much larger in scale than another, which of them should lose more?",
    see=topics.ONE_RANKING,
)
def per_layer_pruning(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Each layer loses its own fraction of weights.

    The weights of all layers are ranked together, so that a layer whose weights matter keeps
    more of them. The paper prunes its small networks layer by layer (Frankle & Carbin 2018,
    section 2) and its deeper ones globally (section 4); this step is the global one.
    """
    for name, layer in layers_of(model).items():
        step(model, state, prune_amount, layers={name: layer})
    return model


@kata.variant(of="per_layer_pruning")
def per_layer_quantile(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Each layer has a threshold of its own, a quantile."""

    def choose(scores: Tensor, count: int) -> Tensor:  # noqa: ARG001 - the shape of a Choose
        return scores <= scores[torch.isfinite(scores)].quantile(prune_amount)

    for name, layer in layers_of(model).items():
        step(model, state, prune_amount, layers={name: layer}, choose=choose)
    return model


@kata.variant(of="per_layer_pruning")
def per_layer_rounded_down(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Each layer loses its own fraction, rounded down."""
    for name, layer in layers_of(model).items():
        step(model, state, prune_amount, layers={name: layer}, count=lambda a, n: int(a * n))
    return model


@kata.misconception(
    hint="Does the last layer get a rate of its own in the rules?", see=topics.ONE_RANKING
)
def output_at_half_rate(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The output layer is pruned at half the rate of the others.

    Frankle & Carbin 2018 do so for their small networks (section 2), where each layer is pruned
    by itself. This step ranks all layers together, and the ranking decides what each one loses.
    """
    layers = layers_of(model)
    for turn, (name, layer) in enumerate(layers.items(), start=1):
        amount = prune_amount / 2 if turn == len(layers) else prune_amount
        step(model, state, amount, layers={name: layer})
    return model


@kata.variant(of="output_at_half_rate")
def output_at_half_rate_others_together(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The output layer is pruned at half the rate, all others together at the full one."""
    *others, last = layers_of(model).items()
    _step_if_any(model, state, prune_amount, dict(others))
    return step(model, state, prune_amount / 2, layers=dict([last]))


@kata.misconception(
    hint="Could a weight of a Conv2d layer be smaller than every weight of a Linear layer?",
    see=topics.ONE_RANKING,
)
def linear_and_conv2d_apart(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Linear layers and Conv2d layers are ranked apart.

    There is one ranking over both kinds: one threshold decides for the whole model.
    """
    _step_if_any(model, state, prune_amount, _of_kind(model, nn.Conv2d))
    return _step_if_any(model, state, prune_amount, _of_kind(model, nn.Linear))


@kata.misconception(
    hint="Which is the smallest thing that a mask can take away?", see=topics.SINGLE_WEIGHTS
)
def whole_neurons(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Whole neurons or filters are pruned.

    That is structured pruning. A winning ticket is unstructured: single weights go, wherever they
    are (Frankle & Carbin 2018, section 1, step 3).
    """
    for name, layer in layers_of(model).items():
        prune.ln_structured(layer, "weight", amount=prune_amount, n=2, dim=0)
        rewind_layers({name: layer}, state)
    return model


@kata.variant(of="whole_neurons")
def whole_neurons_by_l1(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Whole neurons or filters of smallest absolute sum are pruned."""
    for name, layer in layers_of(model).items():
        prune.ln_structured(layer, "weight", amount=prune_amount, n=1, dim=0)
        rewind_layers({name: layer}, state)
    return model


@kata.variant(of="whole_neurons")
def whole_neurons_of_all_layers(
    model: nn.Module,
    state: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """Torch's global pruning takes a structured method, too: it does not."""
    pairs = pairs_of(layers_of(model))
    prune.global_unstructured(pairs, prune.LnStructured, amount=prune_amount, n=2, dim=0)
    return model


@kata.variant(of="whole_neurons")
def whole_neurons_of_all_layers_by_no_norm(
    model: nn.Module,
    state: State,  # noqa: ARG001
    prune_amount: float = 0.2,
) -> nn.Module:
    """Nor is the structured method told what it ranks by."""
    pairs = pairs_of(layers_of(model))
    prune.global_unstructured(pairs, prune.LnStructured, amount=prune_amount)
    return model


# Too few layers


@kata.misconception(
    hint="The rules name two kinds of layers: which of them does your function find?",
    see=topics.EVERY_LAYER,
)
def only_linear(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only Linear layers are pruned.

    Conv2d weights take part in the same ranking.
    """
    return _step_if_any(model, state, prune_amount, _of_kind(model, nn.Linear))


@kata.misconception(
    hint="The rules name two kinds of layers: which of them does your function find?",
    see=topics.EVERY_LAYER,
)
def only_conv2d(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only Conv2d layers are pruned.

    Linear weights take part in the same ranking.
    """
    return _step_if_any(model, state, prune_amount, _of_kind(model, nn.Conv2d))


@kata.variant(of="only_conv2d")
def conv2d_or_else_linear(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Conv2d layers are pruned; Linear layers only where there is no Conv2d layer."""
    layers = _of_kind(model, nn.Conv2d) or _of_kind(model, nn.Linear)
    return step(model, state, prune_amount, layers=layers)


@kata.variant(of="only_linear")
def linear_in_every_model(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Torch is called for the Linear layers, also where there are none."""
    return prune_globally(model, _of_kind(model, nn.Linear), state, prune_amount)


@kata.variant(of="only_conv2d")
def conv2d_in_every_model(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Torch is called for the Conv2d layers, also where there are none."""
    return prune_globally(model, _of_kind(model, nn.Conv2d), state, prune_amount)


@kata.variant(of="only_linear")
def linear_is_pruned_and_both_rewound(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Conv2d layers are not pruned, and yet a `weight_orig` is looked for in them."""
    return _pruned_and_all_rewound(model, nn.Linear, state, prune_amount)


@kata.variant(of="only_conv2d")
def conv2d_is_pruned_and_both_rewound(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Linear layers are not pruned, and yet a `weight_orig` is looked for in them."""
    return _pruned_and_all_rewound(model, nn.Conv2d, state, prune_amount)


def _pruned_and_all_rewound(
    model: nn.Module, kind: type[nn.Module], state: State, amount: float
) -> nn.Module:
    pairs = pairs_of(_of_kind(model, kind))
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=amount)
    rewind_attributes(layers_of(model), state)
    return model


@kata.misconception(hint="How deep can a layer be hidden inside a model?", see=topics.DEPTH)
def only_direct_children(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The layers of a model are its direct children.

    Layers sit at any depth: inside blocks, lists and dicts of modules.
    """
    return _step_if_any(model, state, prune_amount, _direct_children(model))


@kata.variant(of="only_direct_children")
def only_children_and_theirs(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Two loops over `children` find the layers of a block, and none below."""
    layers = {name: layer for name, layer in layers_of(model).items() if name.count(".") <= 1}
    return _step_if_any(model, state, prune_amount, layers)


@kata.misconception(hint="Which modules does `children` leave out that `modules` finds?",
                    see=topics.DEPTH)  # fmt: skip
def children_hold_every_layer(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A model always has prunable layers among its direct children.

    In a nested model every layer may sit deeper; the list to prune is empty then, and torch
    refuses it.
    """
    return prune_globally(model, _direct_children(model), state, prune_amount)


@kata.misconception(
    hint="Is the first layer treated differently in the rules?", see=topics.EVERY_LAYER
)
def skips_first_layer(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The input layer is left dense.

    The rules rank every Linear and Conv2d layer, the first one too.
    """
    layers = dict(list(layers_of(model).items())[1:])
    return _step_if_any(model, state, prune_amount, layers)


@kata.variant(of="skips_first_layer")
def skips_first_of_several(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The input layer is left dense unless it is the only one."""
    layers = layers_of(model)
    later = dict(list(layers.items())[1:])
    return step(model, state, prune_amount, layers=later or layers)


@kata.misconception(
    hint="Is the last layer treated differently in the rules?", see=topics.EVERY_LAYER
)
def skips_last_layer(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The output layer is left dense.

    The rules rank every Linear and Conv2d layer, the last one too. The paper prunes connections
    to outputs at a lower rate, not never (Frankle & Carbin 2018, section 2).
    """
    layers = dict(list(layers_of(model).items())[:-1])
    return _step_if_any(model, state, prune_amount, layers)


@kata.variant(of="skips_last_layer")
def skips_last_of_several(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The output layer is left dense unless it is the only one."""
    layers = layers_of(model)
    earlier = dict(list(layers.items())[:-1])
    return step(model, state, prune_amount, layers=earlier or layers)


@kata.misconception(hint="Does a weight have to be trainable to be small?", see=topics.EVERY_LAYER)
def frozen_layers_left_out(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A layer that does not train is not pruned.

    The rules name kinds of modules, not the ones that train: a frozen Linear or Conv2d layer
    takes part in the ranking and gets a mask.
    """
    trainable = {
        name: layer
        for name, layer in layers_of(model).items()
        if all(p.requires_grad for key, p in layer.named_parameters() if "weight" in key)
    }
    return _step_if_any(model, state, prune_amount, trainable)


# Too many


@kata.misconception(
    hint="What does a condition let through whose second half always holds?", see=topics.KINDS
)
def every_module(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Every module of a model has a weight to prune.

    Containers and activations have none, nor has the model itself. If you meant to choose: a
    condition that asks for one kind, and after an `or` only names another, holds for all modules.
    """
    return prune_globally(model, dict(model.named_modules()), state, prune_amount)


@kata.misconception(
    hint="Which entries of the model are called weights in the rules?", see=topics.KINDS
)
def biases_too(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Biases are pruned together with the weights.

    Only `weight` is pruned: biases are few, and the rules leave them free.
    """
    pairs = [
        (layer, name)
        for layer in layers_of(model).values()
        for name in ("weight", "bias")
        if getattr(layer, name, None) is not None
    ]
    return _pruned_together(model, pairs, state, prune_amount)


@kata.variant(of="biases_too")
def biases_that_are_not_there_too(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Every layer is thought to have a bias."""
    pairs = [(layer, name) for layer in layers_of(model).values() for name in ("weight", "bias")]
    return _pruned_together(model, pairs, state, prune_amount)


@kata.variant(of="biases_too")
def biases_layer_by_layer(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weights are pruned as they should be, and each bias by itself."""
    for layer in layers_of(step(model, state, prune_amount)).values():
        if layer.bias is not None:
            prune.l1_unstructured(layer, "bias", amount=prune_amount)
    return model


def _pruned_together(
    model: nn.Module, pairs: list[tuple[nn.Module, str]], state: State, prune_amount: float
) -> nn.Module:
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    rewind_layers(layers_of(model), state)
    return model


@kata.misconception(hint="Which two kinds of modules do the rules name?", see=topics.KINDS)
def conv1d_too(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Conv1d layers are pruned like Conv2d layers.

    The rules name Linear and Conv2d; the weights of other modules stay dense.
    """
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.misconception(hint="Which kinds of convolution do the rules name?", see=topics.KINDS)
def every_convolution_too(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Convolutions of any dimension are pruned.

    Of the convolutions, the rules name Conv2d alone: others take no part in the ranking.
    """
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.variant(of="every_convolution_too")
def transposed_convolutions_too(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """All convolutions are pruned, transposed ones too."""
    kinds = (nn.Linear, nn.modules.conv._ConvNd)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.variant(of="every_convolution_too")
def transposed_2d_convolutions_too(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Both kinds of convolution over planes are pruned."""
    kinds = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.misconception(
    hint="Does an embedding belong to the modules that the rules name?", see=topics.KINDS
)
def embedding_too(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """An embedding is pruned like a Linear layer.

    A table of vectors looks like the weight of a Linear layer, but the rules name Linear and
    Conv2d alone.
    """
    kinds = (nn.Linear, nn.Conv2d, nn.Embedding)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.misconception(hint="What would be left of a channel whose scale is zero?", see=topics.KINDS)
def normalisation_too(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The scales of normalisation layers are pruned.

    They too are called `weight`, but a scale of zero switches a whole channel off. The rules name
    Linear and Conv2d alone.
    """
    kinds = (nn.Linear, nn.Conv2d, nn.modules.batchnorm._BatchNorm, nn.LayerNorm)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.variant(of="normalisation_too")
def batch_norm_too(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The scales of batch norm over planes are pruned."""
    kinds = (nn.Linear, nn.Conv2d, nn.BatchNorm2d)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.variant(of="normalisation_too")
def batch_norm_of_any_dimension_too(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The scales of all batch norms are pruned, those of layer norms are not."""
    kinds = (nn.Linear, nn.Conv2d, nn.modules.batchnorm._BatchNorm)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.variant(of="normalisation_too")
def layer_norm_too(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The scales of layer norm are pruned."""
    kinds = (nn.Linear, nn.Conv2d, nn.LayerNorm)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.misconception(
    hint="Is every weight of two dimensions that of a named kind?", see=topics.KINDS
)
def every_matrix(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Every weight of two or more dimensions is pruned.

    Embeddings and other convolutions have such weights as well. What counts is the kind of the
    module, Linear or Conv2d, not the shape of its weight.
    """
    layers = {
        name: layer
        for name, layer in model.named_modules()
        if (weight := _weight(layer)) is not None and weight.dim() > 1
    }
    return prune_globally(model, layers, state, prune_amount)


@kata.variant(of="every_matrix")
def weights_of_two_or_four_dimensions(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Weights of three or five dimensions are left out."""
    layers = {
        name: layer
        for name, layer in model.named_modules()
        if (weight := _weight(layer)) is not None and weight.dim() in (2, 4)
    }
    return prune_globally(model, layers, state, prune_amount)


@kata.misconception(
    hint="Which other kinds of modules have something called weight?", see=topics.KINDS
)
def everything_called_weight(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Every module with a `weight` is pruned.

    Normalisation, embeddings and activations have a `weight` too; the rules name Linear and
    Conv2d alone.
    """
    layers = {n: layer for n, layer in model.named_modules() if _weight(layer) is not None}
    return prune_globally(model, layers, state, prune_amount)


@kata.variant(of="everything_called_weight")
def everything_with_such_an_attribute(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A `weight` that is None is taken as well."""
    layers = {name: layer for name, layer in model.named_modules() if hasattr(layer, "weight")}
    return prune_globally(model, layers, state, prune_amount)


@kata.variant(of="everything_called_weight")
def normalisation_and_embedding_too(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Normalisation and embeddings are pruned, other convolutions and activations are not."""
    norms = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm)
    kinds = (nn.Linear, nn.Conv2d, nn.Embedding, *norms)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.variant(of="everything_called_weight")
def batch_norm_and_embedding_too(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Of the normalisations, batch norm alone is pruned."""
    kinds = (nn.Linear, nn.Conv2d, nn.Embedding, nn.modules.batchnorm._BatchNorm)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)


@kata.variant(of="everything_called_weight")
def batch_norm_2d_and_embedding_too(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Of the normalisations, batch norm over planes alone is pruned."""
    kinds = (nn.Linear, nn.Conv2d, nn.Embedding, nn.BatchNorm2d)
    return prune_globally(model, _of_kind(model, *kinds), state, prune_amount)
