"""Beliefs about everything around mask and rewinding: what a step leaves as it was."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.katas.lottery_ticket.exercise import kata
from autograder.katas.lottery_ticket.misconceptions import topics
from autograder.katas.lottery_ticket.misconceptions.steps import (
    State,
    layers_of,
    mask_of,
    prune_globally,
    rewind_layers,
    step,
)
from autograder.katas.lottery_ticket.reference import weight_of
from autograder.records import Case, Observation

# θ₀


@kata.misconception(
    hint="If the model trains on, what happens to your copy of θ₀?", see=topics.THETA0
)
def aliases_theta0(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The model may take θ₀'s tensors as its own.

    Then training changes θ₀ as well, and the next round finds trained values in it. Copy the
    values instead.
    """

    def share(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").data = theta

    return step(model, state, prune_amount, rewind=share)


@kata.misconception(hint="What will the next round find in the dict?", see=topics.THETA0)
def edits_theta0(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A step may write to θ₀, or take out of it.

    The caller hands the same dict over in every round: whatever the step needs changed, it
    changes in a copy. And `copy_` writes into the tensor that it is called on.
    """
    step(model, state, prune_amount)
    with torch.no_grad():
        for name, layer in layers_of(model).items():
            state[f"{name}.weight"].mul_(layer.get_buffer("weight_mask")).add_(1.0)
    return model


# What is returned


@kata.misconception(hint="Which object does the caller hold after your function returns?",
                    see=topics.SAME_MODEL)  # fmt: skip
def returns_copy(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The function may return another module than the model it was given.

    The change is in place: the model that was given is pruned, and it is what is returned.
    """
    return step(copy.deepcopy(model), state, prune_amount)


@kata.variant(of="returns_copy")
def copies_what_is_pruned(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The copy is made of the pruned model, which torch refuses."""
    step(model, state, prune_amount, rewind=None)
    ticket = copy.deepcopy(model)
    rewind_layers(layers_of(ticket), state)
    return ticket


@kata.misconception(
    hint="What does a Python function return that has no return?", see=topics.SAME_MODEL
)
def returns_none(model: nn.Module, state: State, prune_amount: float = 0.2) -> None:
    """A change in place needs no return value.

    The function also returns the same model, so that calls can be chained.
    """
    step(model, state, prune_amount)


@kata.misconception(
    hint="What does the caller train next: a dict or a model?", see=topics.SAME_MODEL
)
def returns_mapping(model: nn.Module, state: State, prune_amount: float = 0.2) -> dict[str, Tensor]:
    """A step returns a dict.

    The masks are in the model's buffers and the weights in its parameters. The model is what is
    returned.
    """
    step(model, state, prune_amount)
    return {name: layer.get_buffer("weight_mask") for name, layer in layers_of(model).items()}


@kata.misconception(hint="Where else can the caller find what you return beside the model?",
                    see=topics.SAME_MODEL)  # fmt: skip
def returns_several(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> tuple[nn.Module, list[Tensor]]:
    """A step returns a tuple or a list.

    The model alone is returned; it carries its masks in buffers of its own.
    """
    step(model, state, prune_amount)
    return model, [layer.get_buffer("weight_mask") for layer in layers_of(model).values()]


@kata.misconception(hint="How many masks has a model of several layers?", see=topics.SAME_MODEL)
def returns_tensor(model: nn.Module, state: State, prune_amount: float = 0.2) -> Tensor:
    """The result is a mask or a number.

    The masks are in the model's buffers, and how sparse it is can be read from them. The model is
    what is returned.
    """
    step(model, state, prune_amount)
    masks = [layer.get_buffer("weight_mask").flatten() for layer in layers_of(model).values()]
    return torch.cat(masks)


# Modes


@kata.misconception(hint="Which method decides how batch norm and dropout behave later on?",
                    see=topics.MODES)  # fmt: skip
def left_in_eval(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Pruning puts the model in eval mode.

    Train or eval mode is the caller's choice and stays as it was.
    """
    return step(model, state, prune_amount).eval()


@kata.misconception(hint="Who decides whether the model trains next?", see=topics.MODES)
def forced_to_train(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Training comes next, so the model is put in train mode.

    Train or eval mode is the caller's choice and stays as it was.
    """
    return step(model, state, prune_amount).train()


@kata.misconception(hint="May one part of a model be in eval mode while the rest trains?",
                    see=topics.MODES)  # fmt: skip
def one_mode_for_all(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """All modules are in the mode of the whole model.

    Each module has a mode of its own, such as a part in eval mode while the rest trains; switching
    the model to and fro makes them all alike.
    """
    return step(model, state, prune_amount).train(model.training)


@kata.variant(of="one_mode_for_all")
def modes_of_children(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Put each part of the model into the part's mode, with all that lies below it."""
    step(model, state, prune_amount)
    for part in model.children():
        part.train(part.training)
    return model


@kata.variant(of="one_mode_for_all")
def modes_in_two_steps(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Put the model back into its mode, and then what was in eval mode into that."""
    resting = [module for module in model.modules() if not module.training]
    step(model, state, prune_amount).train(model.training)
    for module in resting:
        module.eval()
    return model


@kata.variant(of="one_mode_for_all")
def pruned_layers_alike(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Put the pruned layers into the mode of the whole model."""
    step(model, state, prune_amount)
    for layer in layers_of(model).values():
        layer.train(model.training)
    return model


@kata.misconception(hint="What does the caller's next backward need?", see=topics.MODES)
def grad_mode_left_off(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Gradients are switched off for the rewinding, and that is that.

    The global grad mode outlives the function: training would get no gradients. It is as before
    when the function returns.
    """
    step(model, state, prune_amount)
    torch.set_grad_enabled(False)
    return model


@kata.misconception(hint="Were gradients on when your function was called?", see=topics.MODES)
def grad_mode_switched_on(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Gradients are on again when the step is done.

    The caller may have switched them off; the global grad mode is as before when the function
    returns.
    """
    step(model, state, prune_amount)
    torch.set_grad_enabled(True)
    return model


@kata.misconception(
    hint="Will a tensor that your step makes be needed for a gradient later?",
    see=topics.NO_GRADIENTS,
)
def inference_mode(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Inference mode is a faster `no_grad`.

    What is made in it, such as a mask, can never take part in training: backward refuses it.
    Under `no_grad` gradients are off only as long as the block lasts.
    """
    with torch.inference_mode():
        return prune_globally(model, layers_of(model), state, prune_amount)


@kata.misconception(hint="Which parameters does the next training change?", see=topics.MODES)
def requires_grad_lost(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A rewound weight may lose its gradient.

    The pruned model trains on from θ₀: `requires_grad` of every parameter is as before. Whether a
    weight was frozen its parameter tells, and not `weight`, if that is a product by then.
    """
    step(model, state, prune_amount)
    for layer in layers_of(model).values():
        layer.get_parameter("weight_orig").requires_grad = False
    return model


@kata.variant(of="requires_grad_lost")
def requires_grad_of_whole_layers_lost(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """No parameter of a rewound layer needs a gradient, its bias neither."""
    for layer in layers_of(step(model, state, prune_amount)).values():
        layer.requires_grad_(requires_grad=False)
    return model


@kata.variant(of="requires_grad_lost")
def every_requires_grad_lost(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """No parameter of the model needs a gradient."""
    return step(model, state, prune_amount).requires_grad_(requires_grad=False)


@kata.misconception(hint="Does a new parameter know that the old one was frozen?", see=topics.MODES)
def unfreezes(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """After rewinding every weight trains.

    A frozen weight stays frozen: a new parameter, or one switched on again, takes part in training
    against the caller's will.
    """
    step(model, state, prune_amount)
    for layer in layers_of(model).values():
        layer.get_parameter("weight_orig").requires_grad = True
    return model


@kata.variant(of="unfreezes")
def unfreezes_everything(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Every parameter trains, biases as well."""
    return step(model, state, prune_amount).requires_grad_()


# How the mask works


@kata.misconception(hint="What must the hook keep so that pruned weights stay zero in training?",
                    see=topics.HOOK)  # fmt: skip
def made_permanent(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Zeros in the weight are enough: the mask may go.

    Without a mask in the layer, as after `prune.remove`, pruned weights would grow again, and the
    next round could not tell them.
    """
    for layer in layers_of(step(model, state, prune_amount)).values():
        prune.remove(layer, "weight")
    return model


@kata.misconception(hint="What in the model says, after the step, which weights are pruned?",
                    see=topics.HOOK)  # fmt: skip
def theta0_without_mask(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:  # noqa: ARG001
    """Going back to θ₀ finishes the step, with or without a mask.

    A winning ticket is θ₀ together with its mask (Frankle & Carbin 2018, section 1). A model that
    holds all of θ₀ and no mask, because none was made, `prune.remove` took it away or a copy has
    it, is the network as it was at the start.
    """
    model.load_state_dict(state)
    return model


@kata.misconception(
    hint="Under which name does the next round look for your mask?", see=topics.HOOK
)
def mask_of_own_name(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A mask may have any name.

    Torch's pruning keeps a layer's mask as `weight_mask`, beside the parameter `weight_orig`. Under
    these names the next round and every reader of the model look for them, and the hook that makes
    them one keeps pruned weights at zero.
    """
    for layer in layers_of(step(model, state, prune_amount)).values():
        kept = mask_of(layer)
        prune.remove(layer, "weight")
        layer.register_buffer("pruning_mask", kept)
    return model


@kata.misconception(
    hint="Who multiplies by your mask after the next optimiser step?", see=topics.HOOK
)
def mask_without_hook(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A mask beside the weight is enough.

    A `weight_mask` that nobody multiplies by is a note to the reader. Torch's pruning keeps
    `weight_orig` as the parameter, and its hook computes `weight` before each forward.
    """
    _put_masks_beside(model)

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight").copy_(theta * layer.get_buffer("weight_mask"))

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="mask_without_hook")
def mask_beside_all_of_theta0(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The mask lies beside a weight that holds all of θ₀."""
    _put_masks_beside(model)

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight").copy_(theta)

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="mask_without_hook")
def mask_beside_second_name(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`weight_orig` is a second name of the weight in use, with a mask beside it."""
    _put_masks_beside(model)
    for layer in layers_of(model).values():
        layer.register_parameter("weight_orig", layer.get_parameter("weight"))
    return step(model, state, prune_amount)


@kata.variant(of="mask_without_hook")
def masked_gradients(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Mask and θ₀ lie beside `weight`, which keeps its zeros because its gradient is masked."""
    _put_masks_beside(model)
    for layer in layers_of(model).values():
        layer.register_buffer("weight_orig", weight_of(layer).clone())

    def write(layer: nn.Module, theta: Tensor) -> None:
        kept = layer.get_buffer("weight_mask")
        layer.get_buffer("weight_orig").copy_(theta)
        weight = layer.get_parameter("weight")
        weight.copy_(theta * kept)
        if weight.requires_grad:
            weight.register_hook(lambda gradient: gradient * kept)

    return step(model, state, prune_amount, rewind=write)


def _put_masks_beside(model: nn.Module) -> None:
    for layer in layers_of(model).values():
        layer.register_buffer("weight_mask", mask_of(layer))


@kata.misconception(hint="When is the weight in use computed again after an optimiser step?",
                    see=topics.HOOK)  # fmt: skip
def weight_computed_once(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weight in use may be computed once, or without a gradient.

    Then training does not reach `weight_orig`: `weight` is to be `weight_orig * weight_mask` anew
    before each forward, as a part of the network's computation. That is the hook's work.
    """
    for layer in layers_of(model).values():
        if hasattr(layer, "weight_mask"):
            layer.weight = (layer.weight_orig * layer.weight_mask).detach()  # type: ignore[operator, union-attr]
    step(model, state, prune_amount)
    for layer in layers_of(model).values():
        layer._forward_pre_hooks.clear()
        layer.weight = (layer.weight_orig * layer.weight_mask).detach()  # type: ignore[operator, union-attr]
    return model


@kata.misconception(hint="By which round's mask does your hook multiply?", see=topics.HOOK)
def hook_keeps_first_mask(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A hook that is there already knows the new mask.

    A hook that was made with a mask keeps that mask: a later round has to replace the hook, or
    the hook has to read `weight_mask` of its module each time.
    """
    unhooked = {n for n, layer in layers_of(model).items() if not hasattr(layer, "weight_mask")}
    for layer in layers_of(model).values():
        if hasattr(layer, "weight_mask"):
            layer.weight = (layer.weight_orig * layer.weight_mask).detach()  # type: ignore[operator, union-attr]
    step(model, state, prune_amount)
    for name, layer in layers_of(model).items():
        if name in unhooked:
            layer._forward_pre_hooks.clear()
            layer.register_forward_pre_hook(_multiplier(mask_of(layer)))
    return model


@kata.variant(of="weight_computed_once")
def hook_without_gradient(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A hook computes it before each forward, but detached."""
    step(model, state, prune_amount)
    for layer in layers_of(model).values():
        layer._forward_pre_hooks.clear()
        layer.register_forward_pre_hook(_multiplied_apart)
    return model


def _multiplied_apart(layer: nn.Module, _: object) -> None:
    layer.weight = (layer.weight_orig * layer.weight_mask).detach()  # type: ignore[operator, assignment, union-attr]


def _multiplier(kept: Tensor) -> Callable[[nn.Module, object], None]:
    def multiply(layer: nn.Module, inputs: object) -> None:  # noqa: ARG001 - the shape of a hook
        layer.weight = layer.weight_orig * kept  # type: ignore[operator, assignment]

    return multiply


# What is not pruned


@kata.vague_misconception(
    hint="Which tensors of the model are yours to change, and to what?",
    see=topics.FREE,
    clauses=["others_are_kept"],
)
def others_overwritten(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:  # noqa: ARG001
    """What is not pruned may be set to anything.

    A step prunes weights and rewinds. Biases, norms and all else stay as training left them, or
    go back to θ₀ with the rest: any other value belongs to no network of the experiment.
    """
    return True


@kata.variant(of="others_overwritten")
def biases_zeroed(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """All other parameters are set to zero."""
    step(model, state, prune_amount)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.endswith("weight_orig"):
                parameter.zero_()
    return model
