"""Where the values of `weight_orig` come from: two sides compared."""

from __future__ import annotations

import torch

from autograder.katas.lottery_ticket.cases import prunable, shapes
from autograder.katas.lottery_ticket.checks.facts import (
    as_in,
    as_rewound,
    bits_equal,
    carriers_of,
    rewindable,
    same_bits,
)
from autograder.katas.lottery_ticket.checks.remembered import remembered
from autograder.katas.lottery_ticket.states import SYMBOLS, symbol_of, target_of
from autograder.records import Case, Finding, Observation, Snapshot

Sources = dict[tuple[str, str], frozenset[str]]
"""Where values come from, for each layer's "kept" or "masked" part: states, trained, zero, else."""


def sources_differ(got: Observation, want: Observation, case: Case, turn: int) -> Finding | None:
    """Compare where the values of `weight_orig` come from, kept and masked entries apart.

    Where the other side is rewound, every bit must be the target's. Otherwise the mask is taken as
    given: a layer that the other side left out is not compared, and entries are compared by their
    source, not one by one. Where the other side has no masked (or no kept) entries in a layer, its
    other layers tell what it does with such entries.
    """
    seen, due = got.rounds[turn], want.rounds[turn]
    rewound = as_rewound(due, case).issuperset(f"{name}_orig" for name in rewindable(due, case))
    own, others = ({}, {}) if rewound else (_sources(side, case, turn) for side in (seen, due))
    if not rewound and _rest_differs(seen, due, case, others):
        return Finding("parameters other than pruned weights", "as seen", "otherwise")
    for name in prunable(case.recipe):
        key = f"{name}_orig"
        if key not in due.state:
            if key in seen.state and name in carriers_of(due, case):
                return Finding(key, "there", "missing beside its mask")
            continue
        if key not in seen.state:
            if name in carriers_of(seen, case):
                return Finding(
                    key, "missing beside its mask", f"an nn.Parameter that equals {symbol_of(case)}"
                )
            continue
        if (key in seen.parameters) != (key in due.parameters):
            return Finding(key, "not an nn.Parameter", "an nn.Parameter")
        values, should = seen.state[key], due.state[key]
        if (values.shape, values.dtype) != (should.shape, should.dtype):
            return _rewind_finding(seen, case, name, turn)
        if rewound:
            if key not in as_rewound(seen, case):
                return _rewind_finding(seen, case, name, turn)
            continue
        parts = {part: words for (layer, part), words in own.items() if layer == name}
        if any(not _comes_from(words, others, name, part) for part, words in parts.items()):
            return _rewind_finding(seen, case, name, turn)
        if any("else" in words for words in parts.values()) and not same_bits(values, should):
            return _rewind_finding(seen, case, name, turn)
        if _attributes_differ(seen, due, case, name, turn):
            return _rewind_finding(seen, case, name, turn)
    return None


def _attributes_differ(seen: Snapshot, due: Snapshot, case: Case, name: str, turn: int) -> bool:
    """Tell whether other values were written to the kept entries of `weight`: it names a belief."""
    sides = [_written(side, case, name, turn) for side in (seen, due)]
    return "" not in sides and sides[0] != sides[1]


@remembered
def _written(snapshot: Snapshot, case: Case, name: str, turn: int) -> str:
    """Tell whether the target or, beside a trained `weight_orig`, other values are in `weight`.

    Asked of kept entries; where there are none, nothing can be told. Where `weight` is what
    `weight_orig` is, it was computed anew.
    """
    target, trained = target_of(case)[name], case.trained[turn][name]
    values, kept = snapshot.state.get(name), snapshot.state.get(f"{name}_mask")
    held = snapshot.state[f"{name}_orig"]
    if values is None or kept is None or not values.shape == kept.shape == target.shape:
        return ""
    if not bool((kept != 0).any()):
        return ""
    if same_bits(values[kept != 0], held[kept != 0]):
        return "nothing"
    if same_bits(values[kept != 0], target[kept != 0]):
        return symbol_of(case)
    return "else" if same_bits(held, trained) else "nothing"


def _rest_differs(seen: Snapshot, due: Snapshot, case: Case, sources: Sources) -> bool:
    """Tell whether one side alone reset all biases and the like, where the other reset no weight.

    What happens to them is free; where nothing else was rewound it names a belief.
    """
    if any(words != {"trained"} for words in sources.values()):
        return False
    if not as_rewound(due, case).isdisjoint(prunable(case.recipe)):
        return False
    return _rest_from(seen, case) != _rest_from(due, case)


@remembered
def _rest_from(snapshot: Snapshot, case: Case) -> set[str]:
    """Tell to which states all that no step prunes was reset."""
    rest = _trained_rest(case)
    return {SYMBOLS[key] for key, state in case.states.items() if rest <= as_in(state, snapshot)}


def _trained_rest(case: Case) -> set[str]:
    """Names of the parameters that no step prunes and that training has moved."""
    target = target_of(case)
    rest = shapes(case.recipe).keys() - set(prunable(case.recipe))
    return {name for name in rest if not same_bits(case.trained[0][name], target[name])}


@remembered
def _sources(snapshot: Snapshot, case: Case, turn: int) -> Sources:
    """Tell where the values of kept and of masked entries come from, layer by layer.

    Entries that several sources would explain alike tell nothing and are left out.
    """
    sources: Sources = {}
    for name in rewindable(snapshot, case):
        values, target = snapshot.state[f"{name}_orig"], target_of(case)[name]
        if values.shape != target.shape or values.dtype != target.dtype:
            continue
        kept = snapshot.state.get(f"{name}_mask")
        kept = torch.ones_like(target) if kept is None or kept.shape != values.shape else kept
        matches = {
            **{SYMBOLS[key]: bits_equal(values, state[name]) for key, state in case.states.items()},
            "trained": bits_equal(values, case.trained[turn][name]),
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

    Where that part is empty on the other side, what it does with such parts elsewhere and with the
    rest of this layer must account for the words; if such parts are empty everywhere, they may do.
    """
    if (name, part) in sources:
        return words == sources[name, part]
    if not any(part in key for key in sources):
        return True
    elsewhere = [found for key, found in sources.items() if name in key or part in key]
    return words <= frozenset().union(*elsewhere)


def _rewind_finding(snapshot: Snapshot, case: Case, name: str, turn: int) -> Finding:
    values = snapshot.state[f"{name}_orig"]
    target, symbol = target_of(case)[name], symbol_of(case)
    if values.shape != target.shape or values.dtype != target.dtype:
        return Finding(
            f"{name}_orig",
            "something else",  # a shape may be a value of a hidden case
            f"shape {tuple(target.shape)}, {target.dtype}",
            where=f"shape {tuple(values.shape)}, {values.dtype}",
        )
    wrong = ~bits_equal(values, target)
    index = tuple(wrong.nonzero()[0].tolist()) if bool(wrong.any()) else (0,) * values.dim()
    numbers = [float(side[index]) for side in (values, target, case.trained[turn][name])]
    held, due, trained = (f"{number + 0.0:.4g}" for number in numbers)  # no sign before 0
    if held == due:  # they differ further behind, or in the sign of 0
        held, due, _ = map(repr, numbers)
    return Finding(
        f"entries of {name}_orig that equal {symbol}",
        f"{int((~wrong).sum())} of {wrong.numel()}",
        f"all {wrong.numel()}",
        where=f"{name}_orig{list(index)} is {held}, {symbol} is {due}, trained was {trained}",
    )
