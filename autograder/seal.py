"""Tells whether a submission changed the observer's own code, in the process that they share.

No promise: whoever knows this module can get around it. It catches what reaches into our modules
by name, through frames or through the garbage collector.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from gc import get_referents
from itertools import chain
from operator import is_
from typing import Any


class Seal:
    """Remembers what modules hold: names, classes' attributes, what functions are made of.

    Args:
        namespaces: The modules' dictionaries.
        at_work: Those of the modules that run between the end of a call and the next look at all.
    """

    def __init__(
        self, namespaces: Iterable[dict[str, Any]], at_work: Iterable[dict[str, Any]] = ()
    ) -> None:
        """Look at everything as it is now."""
        watched, busy = [*namespaces], [*at_work]
        for space in (*watched, *busy):  # who warns with a `stacklevel` has Python put it there
            space.setdefault("__warningregistry__", {})
        self._all, self._at_work = _View(watched), _View(busy)
        self._broken = False

    def around(self, function: Callable[..., object]) -> Callable[..., object]:
        """Wrap a function so that a seal broken in a call stays broken, even if mended later."""

        def called(*arguments: object, **keywords: object) -> object:
            try:
                return function(*arguments, **keywords)
            finally:
                self._broken = self._broken or self._at_work.differs()

        return called

    def is_broken(self) -> bool:
        """Tell whether anything is, or once was, different."""
        self._broken = self._broken or self._all.differs()
        return self._broken


class _View:
    """What namespaces hold, and the package's own classes in them, and all of their functions."""

    def __init__(self, namespaces: Iterable[dict[str, Any]]) -> None:
        self._spaces: list[Any] = [*namespaces]
        package = __name__.partition(".")[0] + "."
        classes = {
            item: None for space in self._spaces for item in space.values()
            if isinstance(item, type) and item.__module__.startswith(package)
        }  # fmt: skip
        self._spaces += get_referents(*map(vars, classes))  # the dictionaries behind the proxies
        functions = {
            item: None for space in self._spaces for item in space.values()
            if isinstance(item, types.FunctionType)
        }  # fmt: skip
        for function in functions:  # both are made when somebody first asks for them
            _ = function.__annotations__, function.__dict__
        self._holders = (*self._spaces, *functions)
        self._seen = self._look()

    def differs(self) -> bool:
        """Compare by identity with what was there: fast, and without asking the things."""
        return not all(map(_same, self._look(), self._seen))

    def _look(self) -> tuple[tuple[object, ...], ...]:
        """See which names there are, and what stands for them.

        The garbage collector knows what a function is made of: code, defaults and more.
        """
        return (
            (*chain.from_iterable(self._spaces),),
            (*get_referents(*self._holders),),
        )


def _same(these: tuple[object, ...], those: tuple[object, ...]) -> bool:
    return len(these) == len(those) and all(map(is_, these, those))
