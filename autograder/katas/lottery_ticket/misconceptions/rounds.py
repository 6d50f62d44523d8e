"""Beliefs about later rounds: what is left of the earlier ones, and under which names."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from autograder.katas.lottery_ticket.exercise import kata
from autograder.katas.lottery_ticket.misconceptions import topics
from autograder.katas.lottery_ticket.misconceptions.steps import (
    State,
    copy_theta,
    layers_of,
    mask_of,
    prune_globally,
    rewind_attributes,
    rewind_layers,
    set_mask,
    step,
)
from autograder.katas.lottery_ticket.reference import weight_of

# What is left of earlier rounds


@kata.misconception(hint="In round two, is 20 % of all weights the same as 20 % of what is left?",
                    see=topics.NESTED)  # fmt: skip
def share_of_all_weights(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Each round prunes a fraction of all weights.

    Each round prunes a fraction of the weights that survive the previous round (Frankle & Carbin
    2018, section 1).
    """
    total = _total(model)
    return step(model, state, prune_amount, count=lambda amount, _: round(amount * total))


@kata.misconception(hint="To which whole numbers does Python round 2.5 and 7.5?", see=topics.COUNT)
def rounds_the_total(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The number that is pruned in all is what is rounded.

    It is `round(prune_amount * remaining)` that a round prunes, and what was pruned before comes on
    top. Added before the rounding, an odd number sends a half to the other neighbour.
    """
    gone = _gone(model)
    return step(model, state, prune_amount, count=lambda amount, n: round(gone + amount * n) - gone)


@kata.misconception(
    hint="Of what is `prune_amount` the fraction, in this round and in every other?",
    see=topics.NESTED,
)
def amount_compounds(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The amount compounds over the rounds.

    It is what one round prunes, of what is left, and the rounds compound by themselves. Converted
    with the number of the round, earlier rounds count twice.
    """
    number = _round_of(model)
    amount = prune_amount if number == 1 else 1 - (1 - prune_amount) ** number
    return step(model, state, amount)


def _round_of(model: nn.Module) -> int:
    """Count the rounds of a model in an attribute of its own."""
    number = vars(model).get("rounds_taken", 0) + 1
    vars(model)["rounds_taken"] = number
    return int(number)


@kata.misconception(hint="Of how many weights does torch take the fraction in round two?",
                    see=topics.NESTED)  # fmt: skip
def fraction_converted(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A fraction must be converted for layers that have a mask.

    torch's pruning leaves out of account what earlier masks prune, as this step does: the fraction
    is one of what remains (PyTorch, `PruningContainer`). Made smaller or larger beforehand, it
    prunes too few or too many.
    """
    total = _total(model)
    return step(model, state, prune_amount, count=lambda amount, n: round(amount * n / total * n))


@kata.variant(of="fraction_converted")
def fraction_that_adds_up(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """What is pruned already is added: the fraction is one of all weights, taken of the rest."""
    total = _total(model)

    def count(amount: float, n: int) -> int:
        gone = 1 - n / total
        return round((gone + amount * (1 - gone)) * n)

    return step(model, state, prune_amount, count=count)


@kata.misconception(
    hint="In round two, which layers does your function find, and whose mask has the last word?",
    see=topics.NESTED,
)
def pruned_once(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """After the first round nothing more goes.

    The step is repeated: each round prunes a fraction of what the last one left, in layers that
    have a mask already (Frankle & Carbin 2018, section 1, iterative pruning). They are found by
    their kind, as a parameter `weight` is no more in them, and of an old mask and a new one an
    entry needs both to stay.
    """
    fresh = {n: m for n, m in layers_of(model).items() if not hasattr(m, "weight_mask")}
    return step(model, state, prune_amount, layers=fresh) if fresh else model


@kata.misconception(
    hint="From which values does the training after the second pruning start?",
    see=topics.EVERY_ROUND,
)
def rewound_once(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """In later rounds the weights stay as trained.

    Iterative pruning repeats the whole step (Frankle & Carbin 2018, section 1): each round prunes,
    goes back to θ₀, and trains again. That a layer has a mask says that it was pruned before, not
    that it holds θ₀. Nor is `weight` its parameter any more: what is written to it does not last.
    """
    earlier = {m for m in layers_of(model).values() if hasattr(m, "weight_mask")}

    def rewind(layer: nn.Module, theta: Tensor) -> None:
        if layer not in earlier:
            copy_theta(layer, theta)

    return step(model, state, prune_amount, rewind=rewind)


@kata.misconception(hint="What happens to a weight in round two that was pruned in round one?",
                    see=topics.NESTED)  # fmt: skip
def old_mask_lost(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Each round makes its mask from scratch.

    Entries pruned earlier are zero in use, so they are the smallest and fill this round's share
    once more. Only remaining weights are ranked and counted; earlier entries stay pruned besides.
    """
    return step(model, state, prune_amount, forget=True)


@kata.variant(of="pruned_once")
def pruned_once_rewound_again(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Layers that have a mask keep it, and are rewound."""
    fresh = {n: m for n, m in layers_of(model).items() if not hasattr(m, "weight_mask")}
    if fresh:
        return step(model, state, prune_amount, layers=fresh)
    rewind_layers(layers_of(model), state)
    return model


@kata.variant(of="old_mask_lost")
def dead_ones_fill_the_share(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Earlier masks are kept, but what they prune is ranked and counted once more."""
    old = _masks(model)
    step(model, state, prune_amount, forget=True)
    return _merge_with(old, model)


@kata.misconception(
    hint="Which entries should be zero in the mask after two rounds?", see=topics.NESTED
)
def only_this_rounds_entries(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A round's mask holds the entries of that round only.

    The mask of the last round says which weights are in use at all: what earlier rounds pruned is
    zero in it as well.
    """
    return step(model, state, prune_amount, merge=lambda _, new: new)


@kata.misconception(
    hint="May a weight that is out of use be chosen a second time?", see=topics.NESTED
)
def pruned_compete_again(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Weights that were pruned earlier compete again in the next round.

    `weight_orig` holds a value for them too, but they are out of the race: only remaining weights
    are ranked, and masks are nested from round to round.
    """
    return step(model, state, prune_amount, score=_stored, forget=True)


@kata.variant(of="pruned_compete_again")
def as_many_compete_again(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """The new mask has as many zeros as it should, but all weights compete for them."""
    gone = _gone(model)
    return step(
        model,
        state,
        prune_amount,
        score=_stored,
        forget=True,
        merge=lambda _, new: new,
        count=lambda amount, n: gone + round(amount * (n - gone)),
    )


@kata.misconception(
    hint="Whom does a pruned weight displace if it is ranked once more?", see=topics.NESTED
)
def pruned_take_places(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Pruned weights keep their places in the ranking.

    They stay pruned, but whoever ranks and counts them once more prunes too few of the others:
    the ranking is one of the remaining weights.
    """
    old = _masks(model)
    step(model, state, prune_amount, score=_stored, forget=True)
    return _merge_with(old, model)


@kata.variant(of="pruned_take_places")
def pruned_take_places_but_are_not_counted(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Only remaining weights are counted, but pruned ones are ranked with them."""
    old = _masks(model)
    gone = _gone(model)
    step(
        model,
        state,
        prune_amount,
        score=_stored,
        forget=True,
        count=lambda amount, n: round(amount * (n - gone)),
    )
    return _merge_with(old, model)


def _masks(model: nn.Module) -> dict[str, Tensor]:
    return {name: mask_of(layer) for name, layer in layers_of(model).items()}


def _merge_with(old: dict[str, Tensor], model: nn.Module) -> nn.Module:
    """Prune what earlier masks prune as well."""
    for name, layer in layers_of(model).items():
        set_mask(layer, layer.get_buffer("weight_mask") * old[name])
    return model


def _total(model: nn.Module) -> int:
    return sum(weight_of(layer).numel() for layer in layers_of(model).values())


def _gone(model: nn.Module) -> int:
    return sum(int((mask_of(layer) == 0).sum()) for layer in layers_of(model).values())


def _stored(layer: nn.Module, theta: Tensor) -> Tensor:  # noqa: ARG001 - the shape of a Score
    """Magnitudes of all entries of `weight_orig`, masked ones too."""
    return dict(layer.named_parameters()).get("weight_orig", weight_of(layer)).detach().abs()


# Under which names


@kata.misconception(hint="Which names has a layer's weight before pruning, and which after?",
                    see=topics.NAMES)  # fmt: skip
def loads_theta0_after_pruning(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """`load_state_dict` puts θ₀ back into a pruned model.

    θ₀ says `weight`, a pruned layer has `weight_orig` and `weight_mask`: the keys do not match.
    """
    step(model, state, prune_amount, rewind=None).load_state_dict(state)
    return model


@kata.misconception(hint="Which names has a layer's weight before pruning, and which after?",
                    see=topics.NAMES)  # fmt: skip
def same_names_after_pruning(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A pruned model keeps the names that it had at the start.

    Where θ₀ says `weight`, a pruned layer has `weight_orig` and `weight_mask`.
    """
    holders = step(model, state, prune_amount, rewind=None).state_dict()
    for name in state:
        holders[name].copy_(state[name])
    return model


@kata.misconception(
    hint="When was θ₀ saved, and what were the weights called then?", see=topics.NAMES
)
def theta0_knows_new_names(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """θ₀ holds the weights under the names of the pruned model.

    θ₀ was saved before anything was pruned: it says `weight` where the pruned model has
    `weight_orig`.
    """
    step(model, state, prune_amount, rewind=None)
    with torch.no_grad():
        for name in layers_of(model):
            model.get_parameter(f"{name}.weight_orig").copy_(state[f"{name}.weight_orig"])
    return model


@kata.misconception(hint="Which keys has θ₀, and which has a model that was pruned before?",
                    see=topics.NAMES)  # fmt: skip
def renamed_keys(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """θ₀ has the same keys as the model in every round.

    A pruned model calls its weights `weight_orig`; θ₀ was saved before and says `weight`.
    """
    names = [name for name, _ in model.named_parameters() if "weight" in name]
    for name in names:
        state[name]
    return step(model, state, prune_amount)


@kata.variant(of="renamed_keys")
def parameters_under_old_names(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The model's weights are looked up under θ₀'s keys."""
    trained = dict(model.named_parameters())
    for name in layers_of(model):
        trained[f"{name}.weight"]
    return step(model, state, prune_amount)


@kata.variant(of="renamed_keys")
def loads_theta0_before_pruning(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """θ₀ is loaded before this round's pruning, as if the model had never been pruned."""
    scores = {name: weight_of(layer).abs().clone() for name, layer in layers_of(model).items()}
    names = {id(layer): name for name, layer in layers_of(model).items()}
    model.load_state_dict(state)
    return step(model, state, prune_amount, score=lambda layer, _: scores[names[id(layer)]])


@kata.misconception(hint="Which of a pruned layer's tensors does an optimiser get to see?",
                    see=topics.NAMES)  # fmt: skip
def weight_stays_a_parameter(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """`weight` is a parameter in every round.

    Pruning makes `weight_orig` the parameter; `weight` is a plain tensor from then on, which the
    hook computes anew before each forward.
    """
    for layer in layers_of(model).values():
        layer._parameters["weight"]
    return step(model, state, prune_amount)


@kata.variant(of="weight_stays_a_parameter")
def parameters_called_weight(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """The layers are found by their parameters called `weight`; in later rounds there are none."""
    owners = {name.rpartition(".")[0] for name, _ in model.named_parameters()
              if name.endswith(".weight")}  # fmt: skip
    layers = {name: layer for name, layer in layers_of(model).items() if name in owners}
    return prune_globally(model, layers, state, prune_amount)


@kata.misconception(
    hint="Which name does torch's pruning add a mask to in a layer that has one?",
    see=topics.NAMES,
)
def prunes_weight_orig(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """In later rounds `weight_orig` is what is pruned.

    Torch is asked to prune `weight` in every round, and adds to the mask that is there. Asked for
    `weight_orig`, it makes a parameter `weight_orig_orig` with a mask of its own out of it, and
    `weight_mask` stays as it was.
    """
    pairs = [
        (layer, "weight_orig" if hasattr(layer, "weight_orig") else "weight")
        for layer in layers_of(model).values()
    ]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    rewind_attributes(layers_of(model), state)
    return model


@kata.misconception(
    hint="Which layers of a pruned model have a mask, and which have none?", see=topics.NAMES
)
def every_weight_renamed(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Pruning renames every weight of the model.

    Only a pruned layer has a `weight_orig`, and a `weight_mask` beside it. Norms, embeddings and
    layers of other kinds keep their `weight`.
    """
    held = step(model, state, prune_amount, rewind=None).state_dict()
    model.load_state_dict(held | _renamed(state))
    return model


@kata.variant(of="every_weight_renamed")
def renamed_without_masks(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """What is loaded holds no masks either."""
    step(model, state, prune_amount, rewind=None).load_state_dict(_renamed(state))
    return model


def _renamed(state: State) -> dict[str, Tensor]:
    return {name.replace("weight", "weight_orig"): value for name, value in state.items()}


@kata.misconception(
    hint="What can be taken away from a layer that was never pruned?", see=topics.FIRST_ROUND
)
def removes_mask_first(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """Pruning begins with `prune.remove`.

    In the first round there is no mask to remove, and torch says so. In later rounds the mask is
    needed: torch's pruning adds to the one that is there.
    """
    for layer in layers_of(model).values():
        prune.remove(layer, "weight")
    return step(model, state, prune_amount)


@kata.misconception(
    hint="From when to when does a layer have `weight_orig`?", see=topics.FIRST_ROUND
)
def masked_from_the_start(model: nn.Module, state: State, prune_amount: float = 0.2) -> nn.Module:
    """A layer always has `weight_orig` and `weight_mask`.

    It gets them by being pruned, and has them as long as it is: not before, not after
    `prune.remove`, not if it is of another kind, and not in a model of which a copy was pruned.
    """
    for layer in layers_of(model).values():
        layer.weight_mask  # noqa: B018 - what it raises is the point
    return step(model, state, prune_amount)


@kata.variant(of="masked_from_the_start")
def reparametrised_from_the_start(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """Every layer has its `weight_orig` from the start."""
    for layer in layers_of(model).values():
        layer.weight_orig  # noqa: B018 - what it raises is the point
    return step(model, state, prune_amount)


@kata.variant(of="masked_from_the_start")
def whatever_has_a_weight_is_pruned(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A `weight_orig` is looked for wherever there is a `weight`."""
    step(model, state, prune_amount, rewind=None)
    layers = {name: layer for name, layer in model.named_modules() if hasattr(layer, "weight")}
    rewind_attributes(layers, state)
    return model


@kata.variant(of="masked_from_the_start")
def whatever_has_a_key_is_pruned(
    model: nn.Module, state: State, prune_amount: float = 0.2
) -> nn.Module:
    """A `weight_orig` is looked for wherever θ₀ has a weight."""
    step(model, state, prune_amount, rewind=None)
    with torch.no_grad():
        for key, theta in state.items():
            name, _, parameter = key.rpartition(".")
            if parameter == "weight":
                model.get_submodule(name).weight_orig.copy_(theta)  # type: ignore[operator, union-attr]
    return model
