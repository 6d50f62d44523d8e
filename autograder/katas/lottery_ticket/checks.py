"""The clauses of the contract, as relations between two observations.

Each function says what differs between `got` and `want` in a case. `want` is what the reference
did when a submission is judged, and what a wrong program did when a failure is explained. Only
tensors and plain facts are compared; every comparison rejects NaN and other shapes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import torch
from torch import Tensor

from autograder.kata import Kata
from autograder.katas.lottery_ticket.cases import amount_of, prunable, shapes, with_amount
from autograder.katas.lottery_ticket.reference import find_winning_ticket_step
from autograder.records import Case, Finding, Grid, Observation, Snapshot, Unjudged

kata = Kata(
    id="lottery_ticket",
    title="Implement Lottery Ticket Hypothesis Pruning",
    entry_point="find_winning_ticket_step",
)
kata.set_reference(find_winning_ticket_step)

_NO_CALL = Unjudged("the call did not return")
_NO_MASK = Unjudged("nothing was pruned: no Linear or Conv2d module carries a weight_mask")
_NOTHING_NEW = Unjudged("no entry was pruned")
_DRAWN_ENTRIES = 40

Sources = dict[tuple[str, str], frozenset[str]]
"""Where values come from: θ₀, trained, zero or else, for each layer's "kept" or "masked" part."""


def own_count(got: Observation, case: Case) -> Case:
    """Take as given how many entries the submission prunes in its first round."""
    if not got.rounds or _carriers(got.rounds[0], case) < set(prunable(case.recipe)):
        return case
    masks = _masks(got.rounds[0], case)
    count = sum(_zeros(mask) for mask in masks.values())
    remaining = sum(shapes(case.recipe)[name].numel() for name in prunable(case.recipe))
    if count in (0, round(amount_of(case) * remaining)):
        return case
    return with_amount(case, count / remaining)


@kata.check(points=3)
def mask(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """Exactly the smallest trained weights of all Linear and Conv2d layers together are masked."""
    if not got.rounds or not want.rounds:
        return _NO_CALL
    seen, due = got.rounds[0], want.rounds[0]
    carriers, should = _carriers(seen, case), _carriers(due, case)
    if carriers == should:
        if not carriers and _weights_zeroed(seen, case) != _weights_zeroed(due, case):
            return Finding("weights set to zero", "as seen", "otherwise")
        return None
    missing, extra = sorted(should - carriers), sorted(carriers - should)
    names = [f"no mask on {name}" for name in missing] + [f"a mask on {name}" for name in extra]
    return Finding(
        "parameters that carry a mask",
        f"{len(carriers)} ({len(missing)} missing, {len(extra)} that should have none)",
        f"{len(should)}: the weight of each Linear and Conv2d module, and nothing else",
        where="; ".join(names),
        grids=_grids(got, want, case, 0),
    )


@kata.clause(of="mask", given=own_count)
def smallest_are_masked(
    got: Observation, want: Observation, case: Case
) -> Finding | None | Unjudged:
    """The masked entries are the smallest in absolute trained value."""
    if not got.rounds or not want.rounds:
        return _NO_CALL
    weights = set(prunable(case.recipe))
    if not (
        weights <= _carriers(got.rounds[0], case) and weights <= _carriers(want.rounds[0], case)
    ):
        return _NO_MASK
    return _choice(got, want, case, 0) or (_NOTHING_NEW if not _pruned(got, case, 0) else None)


@kata.check(points=2)
def sparsity(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """Exactly `round(prune_amount * remaining)` entries are pruned, over all layers together."""
    if not got.rounds or not want.rounds:
        return _NO_CALL
    if not _carriers(got.rounds[0], case) & set(prunable(case.recipe)):
        return replace(_NO_MASK, decisive=True)
    return _count(got, want, case, 0)


@kata.check(points=3)
def rewind(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """In each pruned module `weight_orig` equals θ₀ in every entry, masked ones too."""
    if not got.rounds or not want.rounds:
        return _NO_CALL
    if not (_rewindable(got.rounds[0], case) or _masks(got.rounds[0], case)):
        return _NO_MASK
    return _sources_differ(got, want, case, 0)


@kata.check(points=1, after=("mask", "sparsity", "rewind"))
def rounds(
    got: Observation,
    want: Observation,
    case: Case,  # noqa: ARG001 - a relation takes it
) -> Finding | None | Unjudged:
    """All of this holds as well when the model was pruned before and trained on."""
    if got.rounds and len(got.rounds) < len(want.rounds):
        fault = got.fault
        return Finding(
            f"the call in round {len(got.rounds) + 1}, on a model pruned before",
            f"it raised {fault.type}: {fault.message}".removesuffix(": ")
            if fault
            else "it did not return",
            "it returns the pruned and rewound model",
        )
    if got.fault and want.fault and got.fault.type != want.fault.type:
        return Finding("the exception", got.fault.type, want.fault.type)
    if len(want.rounds) < len(got.rounds):
        return Finding("the call in a later round", "it returned", "it raised an exception")
    return None


@kata.clause(of="rounds")
def earlier_masks_stay(got: Observation, want: Observation, case: Case) -> Finding | None:
    """Entries pruned in an earlier round stay pruned."""
    for turn in _later_turns(got, want):
        if found := _carriers_differ(got, want, case, turn):
            return found
        revived, should = _revived(got, case, turn), _revived(want, case, turn)
        if revived != should:
            return Finding(
                f"entries pruned in an earlier round that are kept again in round {turn + 1}",
                str(revived),
                str(should),
            )
    return None


@kata.clause(of="rounds")
def later_choices(got: Observation, want: Observation, case: Case) -> Finding | None:
    """In later rounds, too, the smallest remaining entries are pruned, as many as asked."""
    for turn in _later_turns(got, want):
        found = _carriers_differ(got, want, case, turn) or _count(got, want, case, turn)
        if found := found or _choice(got, want, case, turn):
            return found
    return None


@kata.clause(of="rounds")
def later_rewinds(got: Observation, want: Observation, case: Case) -> Finding | None:
    """In later rounds, too, `weight_orig` equals θ₀."""
    for turn in _later_turns(got, want):
        found = _carriers_differ(got, want, case, turn)
        if found := found or _sources_differ(got, want, case, turn):
            return found
    return None


@kata.check(points=1)
def conduct(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """The change is in place, θ₀ stays untouched, and the model trains on as before."""
    if not got.rounds or not want.rounds:
        return _NO_CALL
    if not _carriers(got.rounds[0], case) & set(prunable(case.recipe)):
        return _NO_MASK
    kinds = {
        "same": "the same model object",
        "module": "another module",
        "none": "None",
        "tensor": "a tensor",
        "mapping": "a dict",
        "sequence": "a tuple or list",
        "other": "something else",
    }
    for seen, due in zip(got.rounds, want.rounds, strict=False):
        if seen.returned != due.returned:
            return Finding("returned value", kinds[seen.returned], kinds[due.returned])
    return None


@kata.clause(of="conduct")
def initial_state_is_kept(
    got: Observation,
    want: Observation,
    case: Case,  # noqa: ARG001 - a relation takes it
) -> Finding | None:
    """`initial_state_dict` is the same after the call as before."""
    for seen, due in zip(got.rounds, want.rounds, strict=False):
        if bool(seen.edited) != bool(due.edited):
            return Finding(
                "entries of initial_state_dict that the call changed",
                str(len(seen.edited)),
                str(len(due.edited)),
                where=", ".join(seen.edited),
            )
    return None


@kata.clause(of="conduct")
def initial_state_is_apart(got: Observation, want: Observation, case: Case) -> Finding | None:
    """`initial_state_dict` shares no memory with the model, so training on leaves it alone."""
    for seen, due in zip(got.rounds, want.rounds, strict=False):
        aliased = _aliased(seen, case)
        if bool(aliased) != bool(_aliased(due, case)):
            return Finding(
                "entries of initial_state_dict that change when the model trains on",
                f"{len(aliased)} (they share memory with the model)",
                "0",
                where=", ".join(sorted(aliased)),
            )
    return None


@kata.clause(of="conduct")
def modes_are_kept(got: Observation, want: Observation, case: Case) -> Finding | None:
    """Train or eval mode of every module is as before."""
    for seen, due in zip(got.rounds, want.rounds, strict=False):
        changed, should = _mode_changed(seen, case), _mode_changed(due, case)
        if changed != should:
            word = {True: "train", False: "eval", None: "unchanged"}
            return Finding(
                "train/eval mode after the call",
                f"{word[changed]} mode" if changed is not None else "as before",
                f"{word[should]} mode" if should is not None else "as before",
            )
    return None


@kata.clause(of="conduct")
def grad_mode_is_kept(
    got: Observation,
    want: Observation,
    case: Case,  # noqa: ARG001 - a relation takes it
) -> Finding | None:
    """The global grad mode is as before."""
    for seen, due in zip(got.rounds, want.rounds, strict=False):
        if seen.grad_enabled != due.grad_enabled:
            on = {True: "enabled", False: "disabled"}
            return Finding("gradients after the call", on[seen.grad_enabled], on[due.grad_enabled])
    return None


@kata.clause(of="conduct")
def requires_grad_is_kept(got: Observation, want: Observation, case: Case) -> Finding | None:
    """`requires_grad` of every parameter is as before."""
    for seen, due in zip(got.rounds, want.rounds, strict=False):
        changed, should = _grad_flags_changed(seen, case), _grad_flags_changed(due, case)
        if changed != should:
            return Finding(
                "parameters whose requires_grad changed",
                str(len(changed)),
                str(len(should)),
                where=", ".join(sorted(changed ^ should)),
            )
    return None


@kata.clause(of="conduct")
def trains_on(got: Observation, want: Observation, case: Case) -> Finding | None:
    """Forward, backward and an optimiser step work, and pruned weights stay zero in use."""
    for seen, due in zip(got.rounds, want.rounds, strict=False):
        if bool(seen.stuck) != bool(due.stuck):
            return Finding("training on", seen.stuck or "works", "works")
        leaks, should = _leaks(seen, case), _leaks(due, case)
        if bool(leaks) != bool(should):
            return Finding(
                "pruned weights that are in use again after an optimiser step and a forward",
                str(leaks),
                str(should),
            )
        apart, should_be = _detached(seen, case), _detached(due, case)
        if bool(apart) != bool(should_be):
            return Finding(
                "layers whose weight in use is no longer weight_orig × weight_mask after training",
                str(len(apart)),
                str(len(should_be)),
                where=", ".join(apart),
            )
        if _learns(due, case) and not _learns(seen, case):
            return Finding("weight_orig after an optimiser step", "unchanged", "trained on")
    return None


# What follows reads single facts from observations.


def _carriers(snapshot: Snapshot, case: Case) -> set[str]:
    """Names of the model's parameters that carry a mask of their own shape."""
    return {
        name
        for name, shape in shapes(case.recipe).items()
        if f"{name}_mask" in snapshot.state and snapshot.state[f"{name}_mask"].shape == shape
    }


def _later_turns(got: Observation, want: Observation) -> range:
    return range(1, min(len(got.rounds), len(want.rounds)))


def _carriers_differ(got: Observation, want: Observation, case: Case, turn: int) -> Finding | None:
    seen, should = (_carriers(side.rounds[turn], case) for side in (got, want))
    if seen == should:
        return None
    what = f"parameters that carry a mask in round {turn + 1}"
    return Finding(what, str(len(seen)), str(len(should)))


def _masks(snapshot: Snapshot, case: Case) -> dict[str, Tensor]:
    return {
        name: snapshot.state[f"{name}_mask"]
        for name in prunable(case.recipe)
        if name in _carriers(snapshot, case)
    }


def _zeros(values: Tensor) -> int:
    return int((values == 0).sum())


def _pruned(observation: Observation, case: Case, turn: int) -> dict[str, Tensor]:
    """Find the entries newly pruned in a round, as boolean tensors; layers without any left out."""
    masks = _masks(observation.rounds[turn], case)
    before = _masks(observation.rounds[turn - 1], case) if turn else {}
    newly = {
        name: (m == 0) & (before[name] != 0) if name in before else m == 0
        for name, m in masks.items()
    }
    return {name: entries for name, entries in newly.items() if bool(entries.any())}


def _revived(observation: Observation, case: Case, turn: int) -> int:
    masks = _masks(observation.rounds[turn], case)
    before = _masks(observation.rounds[turn - 1], case)
    return sum(int(((before[name] == 0) & (m != 0)).sum()) for name, m in masks.items())


def _count(got: Observation, want: Observation, case: Case, turn: int) -> Finding | None:
    counts = [
        sum(int(entries.sum()) for entries in _pruned(side, case, turn).values())
        for side in (got, want)
    ]
    if counts[0] == counts[1]:
        return None
    remaining = sum(shapes(case.recipe)[name].numel() for name in prunable(case.recipe))
    if turn:
        before = _masks(want.rounds[turn - 1], case)
        remaining = sum(int((m != 0).sum()) for m in before.values())
    return Finding(
        f"entries pruned in round {turn + 1}" if len(case.trained) > 1 else "entries pruned",
        f"{counts[0]} of {remaining} remaining",
        f"{counts[1]} of {remaining} remaining",
        where=f"prune_amount={amount_of(case):g}",
        grids=_grids(got, want, case, turn),
    )


def _choice(got: Observation, want: Observation, case: Case, turn: int) -> Finding | None:
    """Compare which entries were pruned, by magnitude: among equal ones any choice is right."""
    for name, values in _masks(got.rounds[turn], case).items():
        if not bool(((values == 0) | (values == 1)).all()):
            return Finding(f"values of {name}_mask", "others than 0 and 1", "0 and 1")
    sizes = [_sizes(side, case, turn) for side in (got, want)]
    seen, due = Counter(sizes[0]), Counter(sizes[1])
    if seen == due or (len(sizes[0]) != len(sizes[1]) and (seen <= due or due <= seen)):
        return None
    stray = sum((seen - due).values())
    return Finding(
        "pruned entries",
        f"{stray} of {len(sizes[0])} not among the smallest",
        f"the {len(sizes[1])} smallest of all layers together",
        where=_first_stray(got, seen - due, case, turn),
        grids=_grids(got, want, case, turn),
    )


def _sizes(observation: Observation, case: Case, turn: int) -> list[float]:
    sizes: list[float] = []
    for name, entries in _pruned(observation, case, turn).items():
        sizes += case.trained[turn][name][entries].abs().tolist()
    return sizes


def _first_stray(got: Observation, stray: Counter[float], case: Case, turn: int) -> str:
    for name, entries in _pruned(got, case, turn).items():
        for index in entries.nonzero().tolist():
            value = float(case.trained[turn][name][tuple(index)])
            if abs(value) in stray:
                return f"{name}{index} = {value:.3g} is pruned, smaller ones elsewhere are kept"
    return ""


def _grids(got: Observation, want: Observation, case: Case, turn: int) -> tuple[Grid, ...]:
    """Draw trained values and masks, where the model is small enough to be read by eye."""
    names = prunable(case.recipe)
    if sum(shapes(case.recipe)[name].numel() for name in names) > _DRAWN_ENTRIES:
        return ()
    grids = []
    own, expected = _masks(got.rounds[turn], case), _expected(got, want, case, turn)
    for name in names:
        values = case.trained[turn][name].flatten(1)
        for title, masks in (("yours", own), ("expected", expected)):
            kept = masks.get(name, torch.ones_like(values)).flatten(1) != 0
            missing = "" if name in masks else ", no mask"
            grids.append(
                Grid(
                    f"{name}, {title}{missing}",
                    "Trained weights, pruned entries in parentheses",
                    tuple(tuple(float(v) for v in row) for row in values),
                    tuple(tuple(bool(k) for k in row) for row in kept),
                )
            )
    return tuple(grids)


def _expected(got: Observation, want: Observation, case: Case, turn: int) -> dict[str, Tensor]:
    """Choose the right mask that is nearest to the submission's: any choice among ties is right."""
    masks = dict(_masks(want.rounds[turn], case))
    largest = max(_sizes(want, case, turn), default=0.0)
    own = _pruned(got, case, turn)
    ties = {
        name: (case.trained[turn][name].abs() == largest) & ~_dead_before(want, name, case, turn)
        for name in masks
    }
    left = sum(_zeros(masks[name][entries]) for name, entries in ties.items())
    for name, entries in ties.items():
        masks[name] = masks[name].clone()
        masks[name][entries] = 1
    for wanted in (True, False):  # first the ties that the submission pruned as well
        for name, entries in ties.items():
            chosen = own.get(name, torch.zeros_like(entries))
            for index in (entries & (chosen == wanted)).nonzero()[:left].tolist():
                masks[name][tuple(index)] = 0
                left -= 1
    return masks


def _dead_before(side: Observation, name: str, case: Case, turn: int) -> Tensor:
    if turn == 0:
        return torch.zeros(shapes(case.recipe)[name], dtype=torch.bool)
    return _masks(side.rounds[turn - 1], case)[name] == 0


def _weights_zeroed(snapshot: Snapshot, case: Case) -> bool:
    weights = (snapshot.state.get(name) for name in prunable(case.recipe))
    return any(_zeros(values) > _zeros(case.trained[0][name])
               for name, values in zip(prunable(case.recipe), weights, strict=True)
               if values is not None)  # fmt: skip


def _rewindable(snapshot: Snapshot, case: Case) -> list[str]:
    return [name for name in prunable(case.recipe) if f"{name}_orig" in snapshot.state]


def _sources_differ(got: Observation, want: Observation, case: Case, turn: int) -> Finding | None:
    """Compare where the values of `weight_orig` come from, kept and masked entries apart.

    Where the other side is rewound, every bit must be θ₀'s. Otherwise the mask is taken as given: a
    layer that the other side left out is not compared, and entries are compared by their source,
    not one by one. Where the other side has no masked (or no kept) entries in a layer, its other
    layers tell what it does with such entries.
    """
    seen, due = got.rounds[turn], want.rounds[turn]
    initials = next(iter(case.states.values()))
    rewound = all(
        _same_bits(due.state[f"{name}_orig"], initials[name]) for name in _rewindable(due, case)
    )
    own, others = _sources(seen, case, turn), _sources(due, case, turn)
    for name in prunable(case.recipe):
        key = f"{name}_orig"
        if key not in due.state:
            continue
        if key not in seen.state:
            if name in _carriers(seen, case):
                return Finding(key, "missing beside its mask", "an nn.Parameter that equals θ₀")
            continue
        if (key in seen.parameters) != (key in due.parameters):
            return Finding(key, "not an nn.Parameter", "an nn.Parameter")
        values, should = seen.state[key], due.state[key]
        if (values.shape, values.dtype) != (should.shape, should.dtype):
            return _rewind_finding(seen, case, name)
        if rewound:
            if not _same_bits(values, initials[name]):
                return _rewind_finding(seen, case, name)
            continue
        parts = {part: words for (layer, part), words in own.items() if layer == name}
        if any(not _comes_from(words, others, name, part) for part, words in parts.items()):
            return _rewind_finding(seen, case, name)
        if any("else" in words for words in parts.values()) and not _same_bits(values, should):
            return _rewind_finding(seen, case, name)
        if _attributes_differ(seen, due, case, name):
            return _rewind_finding(seen, case, name)
    return None


def _attributes_differ(seen: Snapshot, due: Snapshot, case: Case, name: str) -> bool:
    """Tell whether one side alone wrote θ₀ into the kept entries of `weight`: it names a belief."""
    initial = next(iter(case.states.values()))[name]
    rewound = []
    for side in (seen, due):
        values, kept = side.state.get(name), side.state.get(f"{name}_mask")
        if values is None or kept is None or not values.shape == kept.shape == initial.shape:
            return False
        if not bool((kept != 0).any()):
            return False
        rewound.append(_same_bits(values[kept != 0], initial[kept != 0]))
    return rewound[0] != rewound[1]


def _sources(snapshot: Snapshot, case: Case, turn: int) -> Sources:
    """Tell where the values of kept and of masked entries come from, layer by layer.

    Entries that several sources would explain alike tell nothing and are left out.
    """
    sources: Sources = {}
    initials = next(iter(case.states.values()))
    for name in _rewindable(snapshot, case):
        values, initial = snapshot.state[f"{name}_orig"], initials[name]
        if values.shape != initial.shape or values.dtype != initial.dtype:
            continue
        kept = snapshot.state.get(f"{name}_mask")
        kept = torch.ones_like(initial) if kept is None or kept.shape != values.shape else kept
        matches = {
            "θ₀": _bits_equal(values, initial),
            "trained": _bits_equal(values, case.trained[turn][name]),
            "zero": values == 0,
        }
        count = torch.stack(list(matches.values())).sum(0)
        matches = {word: found & (count == 1) for word, found in matches.items()}
        matches["else"] = count == 0
        for part, entries in (("kept", kept != 0), ("masked", kept == 0)):
            words = {word for word, found in matches.items() if bool((found & entries).any())}
            if words:
                sources[name, part] = frozenset(words)
    return sources


def _comes_from(words: frozenset[str], sources: Sources, name: str, part: str) -> bool:
    """Tell whether a part of a layer has the other side's sources.

    Where that part is empty on the other side, what it does elsewhere must account for the words.
    """
    if (name, part) in sources:
        return words == sources[name, part]
    elsewhere = [found for (_, other), found in sources.items() if other == part]
    return words <= frozenset().union(*(elsewhere or sources.values()))


def _rewind_finding(snapshot: Snapshot, case: Case, name: str) -> Finding:
    values = snapshot.state[f"{name}_orig"]
    initial = next(iter(case.states.values()))[name]
    if values.shape != initial.shape or values.dtype != initial.dtype:
        return Finding(
            f"{name}_orig",
            f"shape {tuple(values.shape)}, {values.dtype}",
            f"shape {tuple(initial.shape)}, {initial.dtype}",
        )
    wrong = ~_bits_equal(values, initial)
    index = tuple(wrong.nonzero()[0].tolist()) if bool(wrong.any()) else (0,) * values.dim()
    trained = case.trained[0][name][index]
    return Finding(
        "entries of weight_orig that equal θ₀",
        f"{int((~wrong).sum())} of {wrong.numel()} in one layer",
        f"all {wrong.numel()}",
        where=f"{name}_orig{list(index)} is {float(values[index]):.4g},"
        f" θ₀ is {float(initial[index]):.4g}, trained was {float(trained):.4g}",
    )


def _bits_equal(one: Tensor, other: Tensor) -> Tensor:
    kind = {2: torch.int16, 4: torch.int32, 8: torch.int64}[other.element_size()]
    return one.contiguous().view(kind) == other.contiguous().view(kind)


def _same_bits(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool(_bits_equal(one, other).all())


def _aliased(snapshot: Snapshot, case: Case) -> set[str]:
    """Find entries of θ₀ that share memory with the model, or move when it trains on."""
    moved = set(snapshot.shared)
    for name, given in case.states.items():
        after = snapshot.states_after.get(name, {})
        moved |= {key for key, value in given.items() if not _unmoved(after.get(key), value)}
    return moved - set(snapshot.edited)


def _unmoved(after: Tensor | None, given: Tensor) -> bool:
    return after is not None and after.dtype == given.dtype and torch.equal(after, given)


def _mode_changed(snapshot: Snapshot, case: Case) -> bool | None:
    """Tell the mode of the modules whose mode changed; None if none did."""
    for mode in snapshot.modes.values():
        if mode != case.training:
            return mode
    return None


def _grad_flags_changed(snapshot: Snapshot, case: Case) -> set[str]:
    changed = set()
    for name in shapes(case.recipe):
        flag = snapshot.parameters.get(name, snapshot.parameters.get(f"{name}_orig"))
        if flag is not None and flag != (name not in case.frozen):
            changed.add(name)
    return changed


def _leaks(snapshot: Snapshot, case: Case) -> int:
    """Count masked entries that the modules nevertheless use."""
    count = 0
    for name, kept in _masks(snapshot, case).items():
        used = snapshot.in_use.get(name)
        if used is None or used.shape != kept.shape:
            count += kept.numel()
        else:
            count += int(((kept == 0) & (used != 0)).sum())
    return count


def _detached(snapshot: Snapshot, case: Case) -> list[str]:
    """Name the layers that use something else than `weight_orig * weight_mask` after training."""
    names = []
    for name in _masks(snapshot, case):
        used, values, kept = (
            snapshot.in_use.get(key) for key in (name, f"{name}_orig", f"{name}_mask")
        )
        if used is None or values is None or kept is None:
            continue  # another clause's fault
        alike = used.shape == values.shape == kept.shape
        if not (alike and torch.allclose(used.double(), values.double() * kept.double())):
            names.append(name)
    return names


def _learns(snapshot: Snapshot, case: Case) -> bool:
    """Tell whether training reaches `weight_orig`.

    Asked of single layers that keep a weight only: deeper down a gradient may honestly vanish.
    """
    names = prunable(case.recipe)
    key = f"{names[0]}_orig"
    kept = _masks(snapshot, case).get(names[0])
    if len(names) > 1 or kept is None or not bool((kept != 0).any()):
        return True
    if key not in snapshot.parameters:
        return True  # another clause's fault
    before, after = snapshot.state.get(key), snapshot.in_use.get(key)
    return before is None or after is None or not _same_bits(before, after)
