"""The conduct: what a step leaves as it was."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor

from autograder.katas.lottery_ticket.cases import modules, prunable, shapes
from autograder.katas.lottery_ticket.checks.facts import (
    NO_CALL,
    names_differ,
    same_bits,
    unlike,
    unpruned,
)
from autograder.katas.lottery_ticket.checks.remembered import remembered
from autograder.katas.lottery_ticket.exercise import kata
from autograder.records import Case, Finding, Observation, Snapshot, Unjudged

_FLAGS = {
    None: "parameters that are gone",
    False: "parameters that no longer train",
    True: "frozen parameters that train now",
}


@kata.check(points=1)
def conduct(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """The same model is returned, θ₀ and all modes are as before, and training can go on."""
    if not got.rounds or not want.rounds:
        return NO_CALL
    if nothing := unpruned(got, case):
        return nothing
    kinds = {
        "same": "the same model object",
        "module": "another module",
        "none": "None",
        "tensor": "a tensor",
        "mapping": "a dict",
        "sequence": "a tuple or list",
        "other": "something else",
    }
    found = unlike(got, want, lambda snapshot, _: kinds[snapshot.returned])
    return found and Finding("returned value", *found)


@kata.clause(of="conduct")
def initial_state_is_kept(got: Observation, want: Observation, case: Case) -> Finding | None:
    """The states that were given are the same after the call as before."""
    found = unlike(got, want, lambda snapshot, _: snapshot.edited, by=bool)
    if not found:
        return None
    seen, due = found
    what = f"entries of {_given(case)} that the call changed"
    return Finding(what, _counted(seen, case), _counted(due, case), where=", ".join(seen))


@kata.clause(of="conduct")
def initial_state_is_apart(got: Observation, want: Observation, case: Case) -> Finding | None:
    """The states that were given share no memory with the model: training on leaves them alone."""
    what = f"entries of {_given(case)} that the model holds, or changes when it trains on"
    return names_differ(got, want, what, lambda snapshot, _: _aliased(snapshot, case))


@kata.clause(of="conduct")
def modes_are_kept(got: Observation, want: Observation, case: Case) -> Finding | None:
    """Train or eval mode of every module is as before."""
    words = {True: "train mode", False: "eval mode", None: "as before"}
    found = unlike(got, want, lambda snapshot, _: words[_mode_changed(snapshot, case)])
    return found and Finding("train/eval mode after the call", *found)


@kata.clause(of="conduct")
def grad_mode_is_kept(
    got: Observation,
    want: Observation,
    case: Case,  # noqa: ARG001 - a relation takes it
) -> Finding | None:
    """The global grad mode is as before."""
    words = {True: "enabled", False: "disabled"}
    found = unlike(got, want, lambda snapshot, _: words[snapshot.grad_enabled])
    return found and Finding("gradients after the call", *found)


@kata.clause(of="conduct")
def requires_grad_is_kept(got: Observation, want: Observation, case: Case) -> Finding | None:
    """Every parameter is still one, and its `requires_grad` is as before."""
    found = unlike(got, want, lambda snapshot, _: _grad_flags_changed(snapshot, case), by=set)
    if not found:
        return None
    seen, due = found
    apart = [(due | seen)[name] for name in sorted(seen.keys() ^ due.keys())]
    what, _ = apart[0]  # of several kinds one is told
    count, should = (str(sum(kind == what for kind, _ in side.values())) for side in found)
    names = ", ".join(now for kind, now in apart if kind == what)
    return Finding(what, count, should, where=names)


@kata.clause(of="conduct")
def others_are_kept(got: Observation, want: Observation, case: Case) -> Finding | None:
    """Biases and all else that is not pruned stay as trained, or are reset to a given state."""
    what = "biases, other parameters and buffers that are neither as trained nor as given"
    return names_differ(got, want, what, lambda snapshot, turn: _strange(snapshot, case, turn))


def _given(case: Case) -> str:
    return "initial_state_dict" if len(case.states) == 1 else "the given states"


def _counted(edited: Collection[str], case: Case) -> str:
    """Count the given entries that were changed: what was added is a learner's to count."""
    given = {key for state in case.states.values() for key in state}
    changed = len(given.intersection(edited))
    return str(changed) if given.issuperset(edited) else f"{changed}, and some were added"


@remembered
def _aliased(snapshot: Snapshot, case: Case) -> set[str]:
    """Find entries of given states that share memory with the model, or move when it trains on."""
    moved = set(snapshot.shared)
    for name, given in case.states.items() if case.trains else ():
        after = snapshot.states_after.get(name, {})
        moved |= {key for key, value in given.items() if not _unmoved(after.get(key), value)}
    return moved - set(snapshot.edited)


def _unmoved(after: Tensor | None, given: Tensor) -> bool:
    return after is not None and after.dtype == given.dtype and torch.equal(after, given)


@remembered
def _mode_changed(snapshot: Snapshot, case: Case) -> bool | None:
    """Tell the mode of the first module whose mode changed; None if none did."""
    for name in modules(case.recipe):
        below = any(name == top or name.startswith(f"{top}.") for top in case.switched)
        due = case.training != below
        if (mode := snapshot.modes.get(name, due)) != due:
            return mode
    return None


@remembered
def _grad_flags_changed(snapshot: Snapshot, case: Case) -> dict[str, tuple[str, str]]:
    """Find the parameters that train no longer or now: what became of them, and today's name."""
    changed = {}
    for name in shapes(case.recipe):
        now = f"{name}_orig" if f"{name}_orig" in snapshot.parameters else name
        flag = snapshot.parameters.get(now)
        if flag is None and name in prunable(case.recipe):
            continue  # another clause's fault
        if flag != (name not in case.frozen):
            changed[name] = (_FLAGS[flag], now)
    return changed


@remembered
def _strange(snapshot: Snapshot, case: Case, turn: int) -> set[str]:
    """Find what is not pruned, and neither as training left it nor as in a given state."""
    states, trained = [*case.states.values()], case.trained[turn]
    strange = set()
    for name in states[0].keys() - set(prunable(case.recipe)):
        now = snapshot.state.get(f"{name}_orig", snapshot.state.get(name))
        if now is None:
            strange |= {name} - shapes(case.recipe).keys()  # a parameter is another clause's
            continue
        known = [state[name] for state in (*states, trained, snapshot.found) if name in state]
        if not any(same_bits(now, one) for one in known):
            strange.add(name)
    return strange
