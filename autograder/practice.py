"""The learner's own check: the same judge on open cases, in the notebook's own process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

from autograder.judge import Judge
from autograder.kata import Kata, load, names
from autograder.probe import observe
from autograder.records import Execution, Grading, Outcome, Scorecard, Status, Verdict
from autograder.report import as_html, as_text, check_text

_SEED = "practice"


def practise(function: Callable[..., object], name: str | None) -> None:
    """Judge `function` and show a card; with a `name`, raise if that check does not pass."""
    if not callable(function):
        raise TypeError(
            f"check() takes your function (got {function!r}, a {type(function).__name__})"
        )
    kata = _kata_of(function)
    if name is not None:
        kata.find_check(name)
    verdicts = _verdicts(kata, function)
    if name is not None:
        verdict = next(v for v in verdicts if v.check == name)
        if verdict.outcome is not Outcome.PASSED:
            raise AssertionError(check_text(verdict)) from None
        return
    card = Scorecard(
        submission=kata.entry_point,
        kata=kata.id,
        status=Grading.GRADED,
        verdicts=verdicts,
        points=sum(verdict.points for verdict in verdicts),
        max_points=kata.max_points,
        execution=Execution(Status.RETURNED),
    )
    _show(card)


def _verdicts(kata: Kata, function: Callable[..., object]) -> tuple[Verdict, ...]:
    judge = _judge(kata.id)
    return judge.verdicts([observe(function, case) for case in judge.cases])


@cache
def _judge(kata: str) -> Judge:
    loaded = load(kata)
    return Judge(loaded, loaded.draw_cases(_SEED, hidden=False))


def _kata_of(function: Callable[..., object]) -> Kata:
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
