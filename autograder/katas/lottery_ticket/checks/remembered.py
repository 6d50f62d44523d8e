"""Facts that are computed once for each side and forgotten with it.

Whoever explains a failure compares one submission with a hundred wrong programs, and each of those
with every submission of a class: the same facts are asked for again and again.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from autograder.records import Case, Observation, Snapshot

_Side = TypeVar("_Side", Observation, Snapshot)
_Rest = TypeVarTuple("_Rest")
_Value = TypeVar("_Value")

_memory: dict[int, dict[object, tuple[Case, object]]] = {}


def remembered(
    fact: Callable[[_Side, Case, *_Rest], _Value],
) -> Callable[[_Side, Case, *_Rest], _Value]:
    """Remember what a fact is for a side in a case; nobody may change the value."""

    def recall(side: _Side, case: Case, *rest: *_Rest) -> _Value:
        known = _memory.get(id(side))
        if known is None:
            known = _memory[id(side)] = {}
            weakref.finalize(side, _memory.pop, id(side))
        key = (fact, *rest)
        found = known.get(key)
        if found is None or found[0] is not case:
            found = known[key] = (case, fact(side, case, *rest))
        return found[1]  # type: ignore[return-value]

    return recall
