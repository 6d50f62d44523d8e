"""Beliefs about rewinding: what `weight_orig` holds after the step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from autograder.katas.lottery_ticket.cases import prunable
from autograder.katas.lottery_ticket.exercise import kata
from autograder.katas.lottery_ticket.misconceptions import topics
from autograder.katas.lottery_ticket.misconceptions.steps import (
    State,
    copy_theta,
    layers_of,
    rewind_layers,
    step,
)
from autograder.katas.lottery_ticket.reference import weight_of
from autograder.records import Case, Observation

# Nothing is rewound


@kata.misconception(hint="What becomes of keys that one side alone has?", see=topics.NAMES)
def loads_what_fits(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Putting back what has the same name rewinds the model.

    θ₀ says `weight`, a pruned layer `weight_orig`: what matches are biases and the like. The
    weights, which the rewinding is about, stay as trained, and nothing complains.
    """
    step(model, state, prune_amount, rewind=None).load_state_dict(state, strict=False)
    return model


@kata.variant(of="loads_what_fits")
def loads_what_fits_into_each_layer(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The matching keys of each pruned layer are loaded: its bias alone goes back."""
    for name, layer in layers_of(step(model, state, prune_amount, rewind=None)).items():
        own = {k.removeprefix(f"{name}."): v for k, v in state.items() if k.startswith(f"{name}.")}
        layer.load_state_dict(own, strict=False)
    return model


@kata.misconception(
    hint="From which values does a winning ticket start its training?", see=topics.REWIND
)
def no_rewind(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """After pruning the trained values stay.

    All weights of the pruned layers go back to θ₀, and the mask says which of them are in use.
    Without that it is ordinary fine-tuning of a pruned network (Frankle & Carbin 2018, section 1,
    step 4). A line that is to put them back must reach `weight_orig`.
    """
    return step(model, state, prune_amount, rewind=None)


@kata.misconception(hint="After pruning, which of the module's tensors is the parameter?",
                    see=topics.THREE_TENSORS)  # fmt: skip
def rewinds_weight_attribute(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Writing to `weight` rewinds a pruned layer.

    `weight` is computed anew from `weight_orig * weight_mask` before each forward; what is
    written to it is lost. The values to rewind live in `weight_orig`.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        weight_of(layer).copy_(theta)

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="rewinds_weight_attribute")
def weight_attribute_becomes_a_parameter(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A new parameter `weight` is put beside `weight_orig`."""

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.weight = nn.Parameter(theta.clone())

    return step(model, state, prune_amount, rewind=write)


@kata.misconception(hint="Should autograd record that you put values back?",
                    see=topics.PARAMETER)  # fmt: skip
def rewinds_with_gradients_on(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A parameter can be overwritten like any other tensor.

    Autograd records what happens to a parameter and refuses a change in place of one that
    requires a gradient. Rewinding is no part of the computation: it stands under `no_grad`.
    """
    step(model, state, prune_amount, rewind=None)
    for name, layer in layers_of(model).items():
        copy_theta(layer, state[f"{name}.weight"])
    return model


@kata.misconception(hint="What does a module register under the name of a parameter?",
                    see=topics.PARAMETER)  # fmt: skip
def tensor_for_parameter(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A tensor may be assigned where a parameter was.

    A module refuses it: under the name of a parameter it takes an `nn.Parameter` or nothing.
    Rewinding keeps the parameter and copies values into it.
    """
    step(model, state, prune_amount, rewind=None)
    for name, layer in layers_of(model).items():
        layer.weight_orig = state[f"{name}.weight"].clone()
    return model


# Some entries, or some layers, are rewound


@kata.misconception(hint="What does `weight_mask` do to the entries that you left trained?",
                    see=topics.REWIND)  # fmt: skip
def survivors_only(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only the surviving entries go back to θ₀.

    `weight_orig` equals θ₀ in every entry; the mask alone says which ones are in use.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        kept = layer.get_buffer("weight_mask") != 0
        layer.get_parameter("weight_orig")[kept] = theta[kept]

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="survivors_only")
def survivors_moved_back(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only the surviving entries are moved, by their distance from θ₀."""

    def move(layer: nn.Module, theta: Tensor) -> None:
        weight = layer.get_parameter("weight_orig")
        weight.add_(layer.get_buffer("weight_mask") * (theta - weight))

    return step(model, state, prune_amount, rewind=move)


@kata.misconception(hint="Which entries does the pruned network compute with?", see=topics.REWIND)
def pruned_entries_only(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only the pruned entries go back to θ₀.

    The entries in use train again, so they have to start from θ₀, too (Frankle & Carbin 2018,
    section 1, step 4). `weight_orig` is θ₀ in every entry; the hook applies the mask.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        gone = layer.get_buffer("weight_mask") == 0
        layer.get_parameter("weight_orig")[gone] = theta[gone]

    return step(model, state, prune_amount, rewind=write)


@kata.misconception(hint="Which kinds of layers did you prune, and which did you put back?",
                    see=topics.OWN_VALUES)  # fmt: skip
def rewinds_linear_only(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Only Linear layers go back to θ₀.

    Every layer that is pruned is rewound as well, Conv2d too.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        if isinstance(layer, nn.Linear):
            copy_theta(layer, theta)

    return step(model, state, prune_amount, rewind=write)


@kata.misconception(
    hint="What are the keys of θ₀ like for a layer inside a block?", see=topics.DEPTH
)
def rewinds_direct_children_only(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The layers to rewind are the model's direct children.

    Every layer that is pruned is rewound as well, at any depth: θ₀ holds each under its full
    name.
    """
    step(model, state, prune_amount, rewind=None)
    children = dict(model.named_children())
    rewind_layers({n: m for n, m in children.items() if hasattr(m, "weight_mask")}, state)
    return model


@kata.misconception(
    hint="How many layers are back at θ₀ when your loop is left?", see=topics.OWN_VALUES
)
def rewinds_one_layer(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """One pass through the loop rewinds every layer.

    What is to happen to each layer stands inside the loop, and the loop runs to its end: a
    `return` inside it stops after the first layer, a line below it sees the last one only.
    """
    step(model, state, prune_amount, rewind=None)
    return _rewind_one(model, state, 0)


@kata.variant(of="rewinds_one_layer")
def rewinds_last_layer_only(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The line that rewinds stands below the loop."""
    step(model, state, prune_amount, rewind=None)
    return _rewind_one(model, state, -1)


def _rewind_one(model: nn.Module, state: State, place: int) -> nn.Module:
    one = list(layers_of(model).items())[place]
    rewind_layers(dict([one]), state)
    return model


# More goes back than need be


@kata.misconception(hint="What is `bias` in a layer that was made without one?", see=topics.FREE)
def every_layer_has_a_bias(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Every layer that is pruned has a bias.

    Linear and Conv2d layers may be made with `bias=False`, as before a batch norm: `bias` is None
    then, and no state holds one. Biases are free, and need not be put back at all.
    """
    step(model, state, prune_amount)
    with torch.no_grad():
        for name, layer in layers_of(model).items():
            layer.bias.copy_(state[f"{name}.bias"])  # type: ignore[operator, union-attr]
    return model


@kata.variant(of="every_layer_has_a_bias")
def data_of_every_bias(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The bias is written to through `data`."""
    step(model, state, prune_amount)
    for name, layer in layers_of(model).items():
        layer.bias.data = state[f"{name}.bias"].clone()  # type: ignore[union-attr]
    return model


@kata.variant(of="every_layer_has_a_bias")
def every_bias_has_a_key(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The bias is looked up first."""
    step(model, state, prune_amount)
    with torch.no_grad():
        for name, layer in layers_of(model).items():
            theta = state[f"{name}.bias"]
            layer.bias.copy_(theta)  # type: ignore[operator, union-attr]
    return model


# Other values take the place of θ₀


@kata.misconception(hint="Who multiplies by the mask before each forward: you or the hook?",
                    see=topics.REWIND)  # fmt: skip
def masked_rewind(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`weight_orig` holds θ₀ times the mask.

    `weight_orig` keeps θ₀ in every entry. The mask is a tensor of its own, and torch's hook
    multiplies the two before each forward.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").copy_(theta * layer.get_buffer("weight_mask"))

    return step(model, state, prune_amount, rewind=write)


@kata.misconception(hint="Which values would the next training start from?", see=topics.REWIND)
def masked_trained_weights(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`weight_orig` holds the trained weights times the mask.

    Zeroing is the hook's work, and the trained weights were for the ranking alone: `weight_orig`
    goes back to θ₀ in every entry.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:  # noqa: ARG001 - the shape of a Rewind
        layer.get_parameter("weight_orig").mul_(layer.get_buffer("weight_mask"))

    return step(model, state, prune_amount, rewind=write)


@kata.misconception(hint="Would training get anywhere from there?", see=topics.REWIND)
def rewinds_to_zero(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """To start anew is to start from zero.

    A winning ticket starts from θ₀, the random values that the same weights had at first (Frankle
    & Carbin 2018, section 1, step 4).
    """

    def write(layer: nn.Module, theta: Tensor) -> None:  # noqa: ARG001 - the shape of a Rewind
        layer.get_parameter("weight_orig").zero_()

    return step(model, state, prune_amount, rewind=write)


@kata.vague_misconception(
    hint="What would become of the lottery if each ticket were drawn anew?",
    see=topics.REWIND,
    clauses=["rewind"],
)
def fresh_initialisation(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Any random initialisation will do.

    Winning tickets that are reinitialised at random learn slower and lose accuracy (Frankle &
    Carbin 2018, section 2): it is the very values of θ₀ that won.
    """
    return are_drawn(observations, cases)


@kata.vague_misconception(
    hint="Is what you write into `weight_orig` θ₀ itself, or something computed from it?",
    see=topics.REWIND,
    clauses=["rewind"],
)
def computed_from_theta0(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Values made out of θ₀ do as well as θ₀.

    A winning ticket starts from the very values of θ₀ (Frankle & Carbin 2018, section 1, step 4):
    they are copied bit by bit, not scaled, averaged with the trained values or drawn around them.
    """
    return are_like_target(observations, cases)


@kata.vague_misconception(
    hint="Which layers did your function prune, and which of them did it put back?",
    see=topics.OWN_VALUES,
    clauses=["rewind"],
)
def some_layers_left_trained(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Some of the pruned layers may stay as trained.

    Every layer that is pruned goes back to θ₀: with a bias or without, frozen or not, whatever it
    lost in this round, and wherever it stands.
    """
    put_back: list[bool] = []
    for observation, case in zip(observations, cases, strict=True):
        if not observation.rounds:
            return False
        state = observation.rounds[0].state
        *_, target = case.states.values()
        for name in prunable(case.recipe):
            held = state.get(f"{name}_orig")
            if held is None:
                return False
            put_back.append(torch.equal(held, target[name]))
            if not (put_back[-1] or torch.equal(held, case.trained[0][name])):
                return False
    return len({*put_back}) > 1


_ALIKE = 0.4  # chance gives about 0.1


def are_like_target(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Tell whether `weight_orig` is like the state to rewind to, and yet another."""
    alike = _likeness(observations, cases)
    return bool(alike) and alike[0] > _ALIKE


def are_drawn(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Tell whether `weight_orig` is like nothing that is at hand, but has values of its own."""
    alike = _likeness(observations, cases)
    return bool(alike) and max(alike) < _ALIKE and _are_new(observations, cases)


def _likeness(observations: Sequence[Observation], cases: Sequence[Case]) -> list[float]:
    """Tell how alike the kept entries of `weight_orig` are to all that a step is given.

    Nothing is told if most of them are from there, or 0, to the last bit.

    Returns:
        Mean cosines over the layers, 0 to 1: with the state to rewind to, the trained weights, and
        other states.
    """
    cosines: list[list[float]] = []
    known: list[Tensor] = []
    for observation, case in zip(observations, cases, strict=True):
        if not observation.rounds:
            return []
        state = observation.rounds[0].state
        *others, target = case.states.values()
        for name in prunable(case.recipe):
            held, mask = (state.get(f"{name}_{what}") for what in ("orig", "mask"))
            sides = [given[name] for given in (target, case.trained[0], *others)]
            if held is None or mask is None or not held.shape == mask.shape == sides[0].shape:
                continue
            asked = (mask != 0) & (sides[0] != sides[1])
            if bool(asked.any()):
                equal = torch.stack([held == 0, *(held == side for side in sides)]).any(0)
                known.append(equal[asked])
                cosines.append([_cosine(held[asked], side[asked]) for side in sides])
    if not cosines or float(torch.cat(known).double().mean()) > 0.5:  # noqa: PLR2004
        return []
    means: list[float] = torch.tensor(cosines).mean(0).abs().tolist()
    return means


def _are_new(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
    """Tell whether `weight_orig` holds many values of its own: none of a state's elsewhere."""
    for observation, case in zip(observations, cases, strict=True):
        state = observation.rounds[0].state
        given = [values for entries in case.states.values() for values in entries.values()]
        names = [name for name in prunable(case.recipe) if f"{name}_orig" in state]
        if not names:
            continue
        held, theta = (
            torch.cat([values.double().abs().flatten() for values in side]).unique()
            for side in ([state[f"{name}_orig"] for name in names], given)
        )
        if len(held) == 1 or float(torch.isin(held, theta).double().mean()) > 0.5:  # noqa: PLR2004
            return False
    return True


def _cosine(one: Tensor, other: Tensor) -> float:
    return float(torch.cosine_similarity(one.double(), other.double(), dim=0))


@kata.variant(of="fresh_initialisation")
def layers_reset_after_pruning(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """`reset_parameters` draws anew; in a pruned layer it does not even reach `weight_orig`."""
    step(model, state, prune_amount, rewind=None)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for layer in layers_of(model).values():
            layer.reset_parameters()  # type: ignore[operator]
    return model


# θ₀'s values in other places


@kata.misconception(hint="How many layers of this model have weights of the same shape?",
                    see=topics.OWN_VALUES)  # fmt: skip
def matched_by_shape(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A weight's shape tells which entry of θ₀ is its own.

    Several layers may have weights of one shape. The name tells: θ₀ has the same names as the
    unpruned model.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        alike = [v for k, v in state.items() if "weight" in k and v.shape == theta.shape]
        copy_theta(layer, alike[0])

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="matched_by_shape")
def matched_by_shape_last_wins(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Of several entries of one shape, the last is taken."""

    def write(layer: nn.Module, theta: Tensor) -> None:
        alike = [v for k, v in state.items() if "weight" in k and v.shape == theta.shape]
        copy_theta(layer, alike[-1])

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="matched_by_shape")
def matched_by_shape_each_once(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Of several entries of one shape, each layer takes the next."""
    alike: dict[torch.Size, list[Tensor]] = {}
    for key, value in state.items():
        if key.endswith("weight"):
            alike.setdefault(value.shape, []).append(value)

    def write(layer: nn.Module, theta: Tensor) -> None:
        copy_theta(layer, alike[theta.shape].pop(0))

    return step(model, state, prune_amount, rewind=write)


@kata.misconception(
    hint="Under which name does the dict hold the weight of one certain layer?",
    see=topics.OWN_VALUES,
)
def matched_by_order(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The weights in θ₀ match the layers by their order.

    Other modules have weights as well, and sorted names have an order of their own: a dict is read
    by its keys.
    """
    values = iter([value for key, value in state.items() if key.endswith("weight")])
    return step(model, state, prune_amount, rewind=lambda layer, _: copy_theta(layer, next(values)))


@kata.variant(of="matched_by_order")
def matched_by_sorted_names(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Values are copied in the order of their sorted names, where the shape is right."""
    names = [f"{name}.weight" for name in layers_of(model)]
    values = iter([state[name] for name in sorted(names)])

    def write(layer: nn.Module, theta: Tensor) -> None:
        value = next(values)
        copy_theta(layer, value if value.shape == theta.shape else theta)

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="matched_by_order")
def parameters_in_their_order(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Parameters take θ₀'s values in turn; a pruned weight stands behind its bias by then."""
    step(model, state, prune_amount, rewind=None)
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), state.values(), strict=False):
            parameter.copy_(value)
    return model


@kata.misconception(hint="Which keys does θ₀ hold for a model with blocks?", see=topics.DEPTH)
def keys_of_another_form(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A key of θ₀ can be put together from any name of a layer.

    θ₀ has the names that the whole model gives its layers, each with a dot and the name of the
    parameter behind it: no prefix, no class, no number of one's own, and no part left out.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:  # noqa: ARG001 - the shape of a Rewind
        copy_theta(layer, state[f"{type(layer).__name__}.weight"])

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="keys_of_another_form")
def keys_are_names_of_layers(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The name of the parameter is left out."""
    step(model, state, prune_amount, rewind=None)
    for name, layer in layers_of(model).items():
        copy_theta(layer, state[name])
    return model


# θ₀'s values in another form


@kata.misconception(
    hint="How many digits of θ₀ survive a narrower number format?", see=topics.REWIND
)
def rounded_theta0(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """θ₀ may pass through float32.

    In a model of float64 that loses digits: rewinding copies every bit, in the model's dtype.
    """

    def write(layer: nn.Module, theta: Tensor) -> None:
        copy_theta(layer, theta.float())

    return step(model, state, prune_amount, rewind=write)


@kata.variant(of="rounded_theta0")
def theta0_through_half(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """θ₀ passes through float16."""
    return step(
        model, state, prune_amount, rewind=lambda layer, theta: copy_theta(layer, theta.half())
    )


@kata.variant(of="rounded_theta0")
def theta0_left_in_float32(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`weight_orig` becomes float32."""

    def write(layer: nn.Module, theta: Tensor) -> None:
        layer.get_parameter("weight_orig").data = theta.float().clone()

    return step(model, state, prune_amount, rewind=write)


@kata.misconception(
    hint="Which tensors of a module does an optimiser get to see?", see=topics.PARAMETER
)
def plain_tensor(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """`weight_orig` may be any tensor.

    It is the parameter that trains: an optimiser gets to see `nn.Parameter`s alone.
    """
    for layer in layers_of(model).values():
        if "weight_orig" in vars(layer):
            layer.register_parameter("weight_orig", nn.Parameter(vars(layer).pop("weight_orig")))

    def write(layer: nn.Module, theta: Tensor) -> None:
        del layer.weight_orig
        layer.weight_orig = theta.clone()

    return step(model, state, prune_amount, rewind=write)
