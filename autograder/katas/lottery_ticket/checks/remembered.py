"""Facts that are computed once for each side and forgotten with it.

Whoever explains a failure compares one submission with a hundred wrong programs, and each of those
with every submission of a class: the same facts are asked for again and again.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from autograder.records import Case, Observation, Snapshot

_Side = TypeVar("_Side", Observation, Snapshot)
_Rest = ParamSpec("_Rest")
_Value = TypeVar("_Value")

_memory: dict[int, dict[object, tuple[Case, object]]] = {}


def remembered(
    fact: Callable[Concatenate[_Side, Case, _Rest], _Value],
) -> Callable[Concatenate[_Side, Case, _Rest], _Value]:
    """Remember what a fact is for a side in a case; nobody may change the value."""

    @wraps(fact)
    def recall(side: _Side, case: Case, *rest: _Rest.args, **named: _Rest.kwargs) -> _Value:
        known = _memory.get(id(side))
        if known is None:
            known = _memory[id(side)] = {}
            weakref.finalize(side, _memory.pop, id(side), None).atexit = False
        key = (fact, *rest, *named.items())
        found = known.get(key)
        if found is None or not _same_values(found[0], case):
            found = known[key] = (case, fact(side, case, *rest, **named))
        return found[1]  # type: ignore[return-value]

    # `wraps` hides that sides go by position.
    return recall  # type: ignore[return-value]


def _same_values(one: Case, other: Case) -> bool:
    """Tell whether two cases differ in no more than how much is pruned, and for how many rounds."""
    if one is other:
        return True
    return (
        one.states is other.states
        and one.recipe == other.recipe
        and one.frozen == other.frozen
        and one.switched == other.switched
        and one.training == other.training
        and all(mine is yours for mine, yours in zip(one.trained, other.trained, strict=False))
    )
