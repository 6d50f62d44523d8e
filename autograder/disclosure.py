"""All that a verdict rests on, hidden cases and their values included: for instructors only. Pure.

It serves a dispute: what a submission was asked, what it left behind, and what should have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from autograder.judge import Difference
from autograder.records import Case, Fault, Observation, Scorecard
from autograder.report import as_text
from autograder.texts import printable

_MAX_SHOWN = 400  # entries of a tensor
_WIDE = 1_000_000


def disclosed(
    card: Scorecard, differences: Sequence[Difference], cases: Iterable[Case], wanted: Iterable[str]
) -> str:
    """Write a scorecard as the learner has it, then what its learner must not see.

    Args:
        card: Of the submission.
        differences: All that differs, in every case.
        cases: The hidden cases.
        wanted: Ids of the cases to show in full.
    """
    wanted = set(wanted)
    parts = [as_text(card), "", "What differs, in all hidden cases:"]
    parts += [*dict.fromkeys(map(_line, differences))] or ["    nothing"]
    for case in cases:
        if case.id in wanted:
            parts += ["", *_case(case), *_seen(case, differences)]
    return printable("\n".join(parts))


def first_of_each(differences: Iterable[Difference]) -> list[str]:
    """Name the smallest case in which each check differs."""
    return [*{one.check: one.case.id for one in reversed([*differences])}.values()]


def _line(one: Difference) -> str:
    found = one.finding
    where = f" [{found.where}]" if found.where else ""
    said = f"{found.what}: {found.got}, but should be {found.expected}{where}"
    return f"    {one.check}, {one.case.id}: {said}"


def _case(case: Case) -> Iterator[str]:
    """Write what was asked."""
    named = ", ".join([*map(str, case.arguments), *_keywords(case.keywords)])
    later = f"; in later ones {', '.join(_keywords(case.later))}" if case.later else ""
    mode = "train" if case.training else "eval"
    others = f", but for {', '.join(case.switched)}" if case.switched else ""
    yield f"Case {case.id}: {case.recipe}"
    yield f"    asked, after the model: {named}; rounds: {len(case.trained)}{later}"
    yield f"    {mode} mode{others}; grad mode {'on' if case.grad_enabled else 'off'}"
    if case.frozen:
        yield f"    requires no grad: {', '.join(case.frozen)}"
    for name, state in case.states.items():
        yield from _tensors(f"@{name}", state)
    for number, trained in enumerate(case.trained, 1):
        yield from _tensors(f"trained, before round {number}", trained)


def _keywords(given: Mapping[str, object]) -> Iterator[str]:
    return (f"{key}={value}" for key, value in given.items())


def _seen(case: Case, differences: Iterable[Difference]) -> Iterator[str]:
    """Write what the submission left in a case, beside what should have been."""
    one = next((one for one in differences if one.case is case), None)
    if one is None:
        yield "    nothing differs in what it left"
        return
    if one.got.fault is not None:
        yield f"    it raised {_fault(one.got.fault)}"
    for number, (got, want) in enumerate(_rounds(one.got, one.want), 1):
        alike = [name for name in want if name in got and _same(got[name], want[name])]
        if alike:
            yield f"    after round {number}, as the reference has it: {', '.join(alike)}"
        for name in dict.fromkeys((*want, *got)):
            if name not in alike:
                yield from _tensors(f"after round {number}, it has", {name: got.get(name)})
                yield from _tensors("    the reference has", {name: want.get(name)})


def _rounds(
    got: Observation, want: Observation
) -> Iterator[tuple[Mapping[str, Tensor], Mapping[str, Tensor]]]:
    for number, due in enumerate(want.rounds):
        yield got.rounds[number].state if number < len(got.rounds) else {}, due.state


def _same(one: Tensor, other: Tensor) -> bool:
    alike = (one.dtype, one.shape) == (other.dtype, other.shape)
    return alike and bool(torch.equal(one, other))


def _tensors(what: str, state: Mapping[str, Tensor | None]) -> Iterator[str]:
    for name, value in state.items():
        yield f"    {what}: {name} = {'not there' if value is None else _written(value)}"


def _written(value: Tensor) -> str:
    """Write a tensor to the last digit, so that it can be made again from this."""
    if value.numel() > _MAX_SHOWN:
        return f"{tuple(value.shape)} of {value.dtype}, too large to write here"
    numbers = np.array2string(
        (value.float() if value.dtype is torch.bfloat16 else value).numpy(),  # numpy has no such
        separator=", ",
        floatmode="unique",
        threshold=_MAX_SHOWN,
        max_line_width=_WIDE,
    )
    return f"tensor({' '.join(numbers.split())}, dtype={value.dtype})"


def _fault(fault: Fault) -> str:
    place = f" in `{fault.line}`" if fault.line else ""
    return fault.said + place
