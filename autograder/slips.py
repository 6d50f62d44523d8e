"""One friendly line for each common slip that comes before any rule is asked."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature, getsource, signature
from textwrap import dedent
from typing import Any

from autograder.kata import Kata
from autograder.language import (
    ENGLISH,
    Catalogue,
    UnknownLanguageError,
    catalogue,
    language_in_force,
)
from autograder.recognition import entry_points
from autograder.sources import attempted

NOT_ATTEMPTED = "{name} is still the stub; fill it in, run its cell, then run this cell again."
_LANGUAGE = re.compile(r"\blanguage=[\"'](\w+)")
RETURNS_NOTHING = "{name} returns None: its last line should return what was asked for"


def explain_missing_functions() -> None:
    """Add a line below the traceback of a cell that asks for a kata's function too early.

    IPython's events are added to and nothing is replaced.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        shell.events.register("post_run_cell", _explain)


def _explain(result: Any) -> None:
    error = result.error_in_exec
    if not isinstance(error, NameError):
        return
    if error.name in entry_points().values():
        line = "{name} is not defined yet: run the cell that defines it, then this one again."
        words = _words(_LANGUAGE.search(result.info.raw_cell))
        print(words(line, name=error.name))  # noqa: T201 - it belongs below the traceback


def _words(asked_for: re.Match[str] | None) -> Catalogue:
    try:
        return catalogue(language_in_force(asked_for and asked_for[1]))
    except UnknownLanguageError:  # whoever asks for a card will hear of it
        return catalogue(ENGLISH)


def is_stub(function: Callable[..., object], name: str) -> bool:
    """Tell whether nothing has been filled in yet."""
    try:
        source = dedent(getsource(function))
    except (OSError, TypeError):
        return False  # defined where no source is kept: it is judged by what it does
    return not attempted([source], name)


def misfit(function: Callable[..., object], kata: Kata) -> str:
    """Tell whether a function cannot be called as the kata's is."""
    asked = signature(kata.reference).replace(return_annotation=Signature.empty)
    bare = [
        parameter.replace(annotation=Parameter.empty) for parameter in asked.parameters.values()
    ]
    *places, last = asked.parameters
    try:
        own = signature(function)
    except (TypeError, ValueError):
        return ""
    if _takes(own, places, {last: 0}) or _takes(own, [*places, last], {}):
        return ""
    return (
        f"{kata.entry_point} takes {own.replace(return_annotation=Signature.empty)}, but is called"
        f" with {asked.replace(parameters=bare)}; write its first line as it was given, run its"
        " cell, then run this cell again."
    )


def _takes(own: Signature, places: Sequence[object], keywords: Mapping[str, object]) -> bool:
    try:
        own.bind(*places, **keywords)
    except TypeError:
        return False
    return True
