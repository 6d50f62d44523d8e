"""The learner's own check: the same judge on open cases, in the notebook's own process.

What the function prints is swallowed here: it is called dozens of times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from inspect import getsource
from io import StringIO
from textwrap import dedent

from autograder.judge import Judge
from autograder.kata import Kata, load, names
from autograder.probe import observe
from autograder.records import (
    Case,
    Execution,
    Grading,
    Observation,
    Outcome,
    Scorecard,
    Status,
)
from autograder.report import as_html, as_text, check_text
from autograder.sources import attempted

NOT_ATTEMPTED = "{name} is still the stub; fill it in, run its cell, then run this cell again"
_SEED = "practice"


def practise(function: Callable[..., object], name: str | None) -> None:
    """Judge `function` and show a card; with a `name`, raise if that check does not pass."""
    if name is None:
        _show(card_of(function))
        return
    _kata_of(function).find_check(name)
    card = card_of(function)
    if card.status is Grading.NOT_ATTEMPTED:
        raise AssertionError(card.message) from None
    verdict = next(v for v in card.verdicts if v.check == name)
    if verdict.outcome is not Outcome.PASSED:
        raise AssertionError(check_text(verdict)) from None


def card_of(function: Callable[..., object]) -> Scorecard:
    """Judge a function on open cases, in this process.

    Raises:
        TypeError: It is no function.
        LookupError: No kata asks for a function of its name.
    """
    kata = _kata_of(function)
    judge = _judge(kata.id)
    if _is_stub(function, kata.entry_point):
        status, message = Grading.NOT_ATTEMPTED, NOT_ATTEMPTED.format(name=kata.entry_point)
        verdicts = kata.unreached("")  # the card's headline says why, once
    else:
        status, message = Grading.GRADED, ""
        verdicts = judge.verdicts([_observed(function, case) for case in judge.cases])
    return Scorecard(
        submission=kata.entry_point,
        kata=kata.id,
        status=status,
        verdicts=verdicts,
        points=sum(verdict.points for verdict in verdicts),
        max_points=kata.max_points,
        execution=Execution(Status.RETURNED),
        message=message,
    )


def _observed(function: Callable[..., object], case: Case) -> Observation:
    with redirect_stdout(StringIO()):
        observation = observe(function, case)
    if observation.fault is not None and observation.fault.type == "KeyboardInterrupt":
        raise KeyboardInterrupt
    return observation


def _is_stub(function: Callable[..., object], name: str) -> bool:
    try:
        source = dedent(getsource(function))
    except (OSError, TypeError):
        return False  # defined where no source is kept: it is judged by what it does
    return not attempted([source], name)


@cache
def _judge(kata: str) -> Judge:
    loaded = load(kata)
    return Judge(loaded, loaded.draw_cases(_SEED, hidden=False))


def _kata_of(function: Callable[..., object]) -> Kata:
    if not callable(function):
        raise TypeError(
            f"check() takes your function (got {function!r}, a {type(function).__name__})"
        )
    name = getattr(function, "__name__", "")
    katas = [load(kata) for kata in names()]
    for kata in katas:
        if kata.entry_point == name:
            return kata
    if len(katas) == 1:
        return katas[0]
    known = ", ".join(kata.entry_point for kata in katas)
    raise LookupError(f"no kata asks for a function named {name!r}; there are: {known}")


def _show(card: Scorecard) -> None:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and shell.has_trait("kernel"):
        from IPython.display import HTML, display  # noqa: PLC0415 - only where a notebook runs

        display(HTML(as_html(card)))  # type: ignore[no-untyped-call]
    else:
        print(as_text(card))  # noqa: T201 - this is its output
