"""Tells whether a submission changed the observer's own code, in the process that they share.

No promise: whoever knows this module can get around it. It catches what reaches into our modules
by name, through frames or through the garbage collector.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import attrgetter, is_, methodcaller
from typing import Any

_RUNS = ("__code__", "__defaults__", "__kwdefaults__")  # what a call of a function goes by
_values = methodcaller("values")


class Seal:
    """Remembers what modules hold: names, functions' code, classes' attributes.

    Args:
        namespaces: The modules' dictionaries.
    """

    def __init__(self, namespaces: Iterable[dict[str, Any]]) -> None:
        """Look at everything as it is now."""
        self._spaces: list[Any] = []
        for namespace in namespaces:
            self._spaces.append(namespace)
            self._spaces += [
                vars(item) for item in namespace.values()
                if isinstance(item, type) and item.__module__ == namespace["__name__"]
            ]  # fmt: skip
        self._functions = [
            item for space in self._spaces for item in space.values()
            if isinstance(item, types.FunctionType)
        ]  # fmt: skip
        self._sizes, self._names = self._sizes_now(), self._names_now()
        self._things = [*self._things_now()]
        self._broken = False

    def around(self, function: Callable[..., object]) -> Callable[..., object]:
        """Wrap a function so that a seal broken in a call stays broken, even if mended later."""

        def called(*arguments: object, **keywords: object) -> object:
            try:
                return function(*arguments, **keywords)
            finally:
                self.is_broken()

        return called

    def is_broken(self) -> bool:
        """Tell whether anything is, or once was, different.

        Things are compared by identity: fast, and without asking them.
        """
        self._broken = (
            self._broken
            or self._sizes != self._sizes_now()
            or self._names != self._names_now()
            or not all(map(is_, self._things, self._things_now()))
        )
        return self._broken

    def _sizes_now(self) -> list[int]:
        return [*map(len, self._spaces)]

    def _names_now(self) -> list[str]:
        return [*chain.from_iterable(self._spaces)]

    def _things_now(self) -> Iterator[object]:
        insides = (map(attrgetter(part), self._functions) for part in _RUNS)
        return chain.from_iterable(chain(map(_values, self._spaces), insides))
