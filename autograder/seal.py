"""Tells whether a submission changed the observer's own code, in the process that they share.

No promise: whoever knows this module can get around it. It catches what reaches into our modules
by name, through frames or through the garbage collector.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from typing import Any


class Seal:
    """Remembers what modules hold: names, functions' code, classes' attributes.

    Args:
        namespaces: The modules' dictionaries.
    """

    def __init__(self, namespaces: Iterable[dict[str, Any]]) -> None:
        """Look at everything as it is now."""
        self._spaces: list[tuple[Any, dict[str, object]]] = []
        self._functions: list[tuple[types.FunctionType, object, object, object]] = []
        self._broken = False
        for namespace in namespaces:
            self._keep(namespace)
            for item in list(namespace.values()):
                if isinstance(item, type) and item.__module__ == namespace["__name__"]:
                    self._keep(vars(item))

    def around(self, function: Callable[..., object]) -> Callable[..., object]:
        """Wrap a function so that a seal broken in a call stays broken, even if mended later."""

        def called(*arguments: object, **keywords: object) -> object:
            try:
                return function(*arguments, **keywords)
            finally:
                self.is_broken()

        return called

    def is_broken(self) -> bool:
        """Tell whether anything is, or once was, different."""
        self._broken = (
            self._broken
            or any(_addresses(now) != _addresses(then) for now, then in self._spaces)
            or any(
                f.__code__ is not code
                or f.__defaults__ is not usual
                or f.__kwdefaults__ is not named
                for f, code, usual, named in self._functions
            )
        )
        return self._broken

    def _keep(self, space: Any) -> None:
        self._spaces.append((space, dict(space)))
        self._functions += [
            (item, item.__code__, item.__defaults__, item.__kwdefaults__)
            for item in space.values()
            if isinstance(item, types.FunctionType)
        ]


def _addresses(space: Any) -> list[Any]:
    """Name all things and where they lie: compared fast, and without asking the things."""
    return [*space, *map(id, space.values())]
