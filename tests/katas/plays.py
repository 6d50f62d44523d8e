"""Right programs, what may be done to their result for free, and what may not."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.records import Case


def layers_of(model: nn.Module) -> dict[str, nn.Module]:
    kinds = (nn.Linear, nn.Conv2d)
    return {name: module for name, module in model.named_modules() if isinstance(module, kinds)}


def masks_of(model: nn.Module) -> dict[str, Tensor]:
    return {
        name: mask.clone()
        for name, layer in layers_of(model).items()
        if (mask := layer._buffers.get("weight_mask")) is not None
    }


def by_hand(
    model: nn.Module, initial: Mapping[str, Tensor], prune_amount: float = 0.2
) -> nn.Module:
    """A stable sort over everything that remains, and new parameters in place of the old ones."""
    layers = layers_of(model)
    before = masks_of(model)
    masks = {
        name: before[name].bool()
        if name in before
        else torch.ones_like(layer.get_parameter("weight"), dtype=torch.bool)
        for name, layer in layers.items()
    }
    sizes = torch.cat([layers[name].weight.detach()[mask].abs() for name, mask in masks.items()])  # type: ignore[index, operator]
    order = sizes.argsort(descending=True, stable=True)
    kept = torch.ones_like(sizes, dtype=torch.bool)
    kept[order[len(sizes) - round(prune_amount * len(sizes)) :]] = False
    parts = kept.split([int(mask.sum()) for mask in masks.values()])
    for (name, mask), part in zip(masks.items(), parts, strict=True):
        layer = layers[name]
        mask[mask.clone()] = part
        prune.custom_from_mask(layer, "weight", mask)
        flag = layer.get_parameter("weight_orig").requires_grad
        layer.weight_orig = nn.Parameter(initial[f"{name}.weight"].clone(), requires_grad=flag)
    return model


@dataclass
class Scene:
    """What a fault may touch after a right step: the model, θ₀, and a number to choose by."""

    model: nn.Module
    initial: dict[str, Tensor]
    trained: dict[str, Tensor]
    masks_before: dict[str, Tensor]
    pick: int

    def layer(self) -> tuple[str, nn.Module]:
        layers = list(layers_of(self.model).items())
        return layers[self.pick % len(layers)]

    def mask(self) -> Tensor:
        return self.layer()[1].get_buffer("weight_mask")

    def orig(self) -> Tensor:
        return self.layer()[1].get_parameter("weight_orig").data

    def entry(self, tensor: Tensor) -> tuple[Tensor, int]:
        return tensor.view(-1), self.pick // 7 % tensor.numel()

    def entries(self, value: float) -> list[tuple[float, Tensor, int]]:
        """List what remained before and has this mask now, with its trained magnitudes."""
        found = []
        for name, layer in layers_of(self.model).items():
            mask = layer.get_buffer("weight_mask").view(-1)
            sizes = self.trained[f"{name}.weight"].abs().flatten().tolist()
            before = self.masks_before.get(name, torch.ones_like(mask)).flatten().tolist()
            places = range(len(sizes))
            found += [(sizes[i], mask, i) for i in places if before[i] and mask[i] == value]
        return found


def flip(scene: Scene) -> None:
    flat, i = scene.entry(scene.mask())
    flat[i] = 1 - flat[i].int()


def swap(scene: Scene) -> None:
    _exchange(scene, scene.entries(0), scene.entries(1))


def swap_equal(scene: Scene) -> None:
    dead, kept = scene.entries(0), scene.entries(1)
    both = {size for size, *_ in dead} & {size for size, *_ in kept}
    _exchange(scene, *([e for e in side if e[0] in both] for side in (dead, kept)))


def _exchange(
    scene: Scene, dead: list[tuple[float, Tensor, int]], kept: list[tuple[float, Tensor, int]]
) -> None:
    if dead and kept:
        _, one, i = dead[scene.pick % len(dead)]
        _, other, j = kept[scene.pick // 5 % len(kept)]
        one[i], other[j] = 1, 0


def prune_all(scene: Scene) -> None:
    for layer in layers_of(scene.model).values():
        layer.get_buffer("weight_mask").zero_()


def prune_none(scene: Scene) -> None:
    for layer in layers_of(scene.model).values():
        layer.get_buffer("weight_mask").fill_(1)


def next_float(scene: Scene) -> None:
    flat, i = scene.entry(scene.orig())
    flat[i] = flat[i].nextafter(torch.tensor(9.0).to(flat))


def zero_an_entry(scene: Scene) -> None:
    flat, i = scene.entry(scene.orig())
    flat[i] = 0.0


def turn_signs_of_zeros(scene: Scene) -> None:
    orig = scene.orig()
    orig[orig == 0] = -0.0


def leave_trained(scene: Scene) -> None:
    scene.orig().copy_(scene.trained[f"{scene.layer()[0]}.weight"])


def rewind_the_kept(scene: Scene) -> None:
    dead = scene.mask() == 0
    scene.orig()[dead] = scene.trained[f"{scene.layer()[0]}.weight"][dead]


def another_dtype(scene: Scene) -> None:
    orig = scene.layer()[1].get_parameter("weight_orig")
    orig.data = orig.data.half()


def orig_as_buffer(scene: Scene) -> None:
    layer = scene.layer()[1]
    values = layer._parameters.pop("weight_orig")
    assert values is not None
    layer.register_buffer("weight_orig", values.detach().clone())


def mask_of_bools(scene: Scene) -> None:
    scene.layer()[1].weight_mask = scene.mask().bool()


def mask_of_halves(scene: Scene) -> None:
    scene.layer()[1].weight_mask = scene.mask().to(torch.bfloat16)


def mask_removed(scene: Scene) -> None:
    prune.remove(scene.layer()[1], "weight")


def bias_masked(scene: Scene) -> None:
    layer = scene.layer()[1]
    if isinstance(layer._parameters.get("bias"), nn.Parameter):
        prune.identity(layer, "bias")


def other_weights_masked(scene: Scene) -> None:
    for module in scene.model.modules():
        if not isinstance(module, (nn.Linear, nn.Conv2d)) and "weight" in module._parameters:
            prune.identity(module, "weight")


def theta0_edited(scene: Scene) -> None:
    flat, i = scene.entry(scene.initial[f"{scene.layer()[0]}.weight"])
    flat[i] += 1


def theta0_shared(scene: Scene) -> None:
    name, layer = scene.layer()
    layer.get_parameter("weight_orig").data = scene.initial[f"{name}.weight"]


def theta0_loses_a_key(scene: Scene) -> None:
    scene.initial.pop(f"{scene.layer()[0]}.weight")


def modes_turned(scene: Scene) -> None:
    scene.model.train(not scene.model.training)


def one_mode_turned(scene: Scene) -> None:
    layer = scene.layer()[1]
    layer.train(not layer.training)


def gradients_turned(_: Scene) -> None:
    torch.set_grad_enabled(not torch.is_grad_enabled())


def flag_turned(scene: Scene) -> None:
    parameters = [p for p in scene.model.parameters() if p.is_leaf]
    parameter = parameters[scene.pick % len(parameters)]
    parameter.requires_grad = not parameter.requires_grad


def hook_lost(scene: Scene) -> None:
    """The weight in use no longer follows the mask."""
    layer = scene.layer()[1]
    layer._forward_pre_hooks.clear()
    vars(layer).pop("weight")
    layer.weight = nn.Parameter(torch.ones_like(scene.orig()))


def raises(_: Scene) -> None:
    raise ValueError


# What is free


def biases_rewound(scene: Scene) -> None:
    with torch.no_grad():
        for name, parameter in scene.model.named_parameters():
            if name in scene.initial:
                parameter.copy_(scene.initial[name])


def new_parameter(scene: Scene) -> None:
    layer = scene.layer()[1]
    old = layer.get_parameter("weight_orig")
    layer.weight_orig = nn.Parameter(old.detach().clone(), requires_grad=old.requires_grad)


def nothing(_: Scene) -> None:
    pass


RETURNED: dict[str, Callable[[nn.Module], object]] = {
    "same": lambda model: model,
    "nothing": lambda _: None,
    "copy": lambda model: copy.deepcopy(model) if not _has_views(model) else None,
    "state": lambda model: model.state_dict(),
}


def _has_views(model: nn.Module) -> bool:
    return any(isinstance(vars(m).get("weight"), Tensor) for m in model.modules())


FREE = (nothing, biases_rewound, new_parameter, mask_of_bools, mask_of_halves, swap_equal)
FAULTS = (
    flip, swap, prune_all, prune_none, next_float, zero_an_entry, turn_signs_of_zeros,
    leave_trained, rewind_the_kept, another_dtype, orig_as_buffer,  mask_removed,
    bias_masked, other_weights_masked, theta0_edited, theta0_shared, theta0_loses_a_key,
    modes_turned, one_mode_turned, gradients_turned, flag_turned, hook_lost, raises,
)  # fmt: skip


@dataclass(frozen=True)
class Play:
    """A program: a right one, and what is done besides in one of the rounds."""

    right: Callable[..., nn.Module]
    faults: tuple[Callable[[Scene], None], ...]
    turn: int
    pick: int
    returned: str = "same"
    amount: float = 1.0

    def program(self, case: Case) -> Callable[..., object]:
        turns = iter(range(len(case.trained)))

        def plays(
            model: nn.Module, initial: dict[str, Tensor], prune_amount: float = 0.2
        ) -> object:
            turn, before = next(turns), masks_of(model)
            if turn != self.turn:
                return self.right(model, initial, prune_amount)
            self.right(model, initial, prune_amount * self.amount)
            for fault in self.faults:
                fault(Scene(model, initial, dict(case.trained[turn]), before, self.pick))
            return RETURNED[self.returned](model)

        return plays
