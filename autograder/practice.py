"""The learner's own check: the same judge on open cases, in the notebook's own process.

What the function prints is swallowed here: it is called dozens of times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cache, lru_cache
from io import StringIO
from itertools import islice
from typing import TypeVar

import torch
from torch import nn

from autograder.attempts import Attempts
from autograder.judge import Judge
from autograder.kata import Kata, default, load
from autograder.language import ENGLISH, Catalogue, catalogue, language_in_force
from autograder.markup import as_html
from autograder.probe import observe
from autograder.recognition import entry_points
from autograder.records import (
    Case,
    Execution,
    Grading,
    Observation,
    Outcome,
    Scorecard,
    Status,
)
from autograder.report import ALL_HINTS, as_text, check_text, named_in
from autograder.scorecards import scorecard
from autograder.slips import NOT_ATTEMPTED, RETURNS_NOTHING, is_stub, misfit
from autograder.terms import AS_IT_IS, Terms

_Error = TypeVar("_Error", bound=BaseException)
_SEED = "practice"
_NO_MODEL = (
    "check() takes your function, not a model (got one of type {type}); name the function itself,"
    " without calling it"
)
_NO_CLASS = "check() takes your function, not a class (got {type}); name the function itself"
_RETURNS_NONE = "returns_none"  # id of the belief that a kata may have about it
_attempts = Attempts()


def practise(
    function: Callable[..., object],
    name: str | None,
    hints: int | None,
    language: str | None = None,
) -> None:
    """Judge `function` and show a card; with a `name`, raise if that check does not pass."""
    __tracebackhide__ = True  # the message is what counts
    language = language_in_force(language)
    words = catalogue(language)
    if hints is not None and not (isinstance(hints, int) and 1 <= hints <= ALL_HINTS):
        most, got = ALL_HINTS, repr(hints)
        text = words("hints must be from 1 to {most} (got {line})", most=most, line=got)
        raise _alone(ValueError(text))
    with _said_in(words):
        kata = _kata_of(function)
        if name is not None:
            kata.find_check(name)
    try:
        card = card_of(function)
    except KeyboardInterrupt as interrupt:
        text = words(str(interrupt) or "Interrupted while the check was running.")
        raise _alone(KeyboardInterrupt(text)) from None
    asked = [v for v in card.verdicts if name in (None, v.check)]
    opened = _attempts.count(function, named_in(asked))
    if hints is not None:
        opened = dict.fromkeys(opened, hints)
    if name is None:
        _show(card, opened, language)
        return
    (verdict,) = asked
    if card.message:
        raise _alone(AssertionError(words(card.message))) from None
    if verdict.outcome is not Outcome.PASSED:
        text = check_text(verdict, opened=opened, language=language, kata=card.kata)
        raise _alone(AssertionError(text)) from None


@contextmanager
def _said_in(words: Catalogue) -> Iterator[None]:
    """Raise what is raised in the words of a language."""
    __tracebackhide__ = True  # the message is what counts
    try:
        yield
    except (LookupError, TypeError) as error:
        raise _alone(type(error)(words(str(error)))) from None


def _alone(error: _Error) -> _Error:
    """Have IPython show what an exception says, and no line of this package.

    Source: `InteractiveShell.showtraceback`, which asks an exception for `_render_traceback_`.
    """
    vars(error)["_render_traceback_"] = str(error).splitlines
    return error


def card_of(function: Callable[..., object]) -> Scorecard:
    """Judge a function on open cases, in this process.

    Raises:
        KeyboardInterrupt: Somebody interrupted it; says in which line, if it was one of its own.
        TypeError: It is no function.
    """
    return _card(_kata_of(function), function)


def _card(kata: Kata, function: Callable[..., object]) -> Scorecard:
    status, message = Grading.GRADED, misfit(function, kata)
    notes: tuple[str, ...] = ()
    if is_stub(function, kata.entry_point):
        status, message = Grading.NOT_ATTEMPTED, NOT_ATTEMPTED.format(name=kata.entry_point)
    if message:
        verdicts = kata.unreached("")  # the card's headline says why, once
    else:
        with _by_itself():
            judge = open_judge(kata.id)
            met = _met_by(id(function))
            observations = [_observed(function, case, met) for case in judge.cases]
            verdicts = judge.verdicts(observations)
        told = _RETURNS_NONE in {belief.id for belief in named_in(verdicts)}
        if not told and {s.returned for got in observations for s in got.rounds} == {"none"}:
            notes = (RETURNS_NOTHING.format(name=kata.entry_point),)
    execution = Execution(Status.RETURNED)
    name = kata.entry_point
    return scorecard(kata, name, status, verdicts, execution, message=message, notes=notes)


def get_ready(kata: str) -> Iterator[None]:
    """Do beforehand, one step at a time, what makes a first check slow."""
    loaded = load(kata)
    models = (m.model for m in loaded.misconceptions if m.model is not None)
    steps = open_judge(kata).warm_up()
    while True:
        with _by_itself():
            if next(steps, steps) is steps:
                break
        yield
    for program in (loaded.reference, *islice(models, 1)):  # one that passes, and one that fails
        card = _card(loaded, program)
        yield
        for form in (as_html, as_text):
            form(card, opened={}, language=ENGLISH)
        yield


@contextmanager
def _by_itself() -> Iterator[None]:
    """Leave the learner's torch as it was: threads, device, grad mode, and random numbers to come.

    One thread of the processor computes, as in grading: for small networks all else is slower.
    """
    threads, device = torch.get_num_threads(), torch.get_default_device()
    torch.set_num_threads(1)
    if device.type != "cpu":
        torch.set_default_device(None)
    try:
        with torch.set_grad_enabled(torch.is_grad_enabled()), torch.random.fork_rng(devices=()):
            yield
    finally:
        torch.set_num_threads(threads)
        if device.type != "cpu":
            torch.set_default_device(device)


@lru_cache(maxsize=1)
def _met_by(function: int) -> list[nn.Module]:  # noqa: ARG001 - by its id
    """Keep the models of all checks of the latest function; see `observe`."""
    return []


def _observed(function: Callable[..., object], case: Case, met: list[nn.Module]) -> Observation:
    with redirect_stdout(StringIO()):
        observation = observe(function, case, met)
    fault = observation.fault
    if fault is not None and fault.type == "KeyboardInterrupt":
        said = ""
        if fault.line:
            said = (
                f"Interrupted while your function was running, in the line `{fault.line}`."
                " If it stands in a loop: does that loop ever end?"
            )
        raise KeyboardInterrupt(said)
    return observation


@cache
def open_judge(kata: str, terms: Terms = AS_IT_IS) -> Judge:
    """Make the judge of the open cases, which are the same in every notebook."""
    loaded = load(kata).under(terms)
    return Judge(loaded, loaded.draw_cases(_SEED, hidden=False))


def _kata_of(function: Callable[..., object]) -> Kata:
    """Tell which kata a function is for: by its name, or where it is bound; else the usual one.

    Raises:
        TypeError: It is no function. A model or a class can be called, and yet is none.
    """
    if isinstance(function, nn.Module):
        raise TypeError(_NO_MODEL.format(type=type(function).__name__))
    if isinstance(function, type):
        raise TypeError(_NO_CLASS.format(type=function.__name__))
    if not callable(function):
        raise TypeError(
            f"check() takes your function (got {function!r}, of type {type(function).__name__})"
        )
    defined, own_name = vars(sys.modules["__main__"]), getattr(function, "__name__", "")
    for kata, name in entry_points().items():
        if name == own_name or defined.get(name) is function:  # a decorator may rename it
            return load(kata)
    return load(default())


def _show(card: Scorecard, opened: Mapping[str, int], language: str) -> None:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and shell.has_trait("kernel"):
        from IPython.display import display  # noqa: PLC0415 - only where a notebook runs

        forms = {
            "text/html": as_html(card, opened=opened, language=language),
            "text/plain": as_text(card, opened=opened, language=language),
        }
        display(forms, raw=True)  # type: ignore[no-untyped-call]
    else:
        print(as_text(card, opened=opened, language=language))  # noqa: T201 - this is its output
