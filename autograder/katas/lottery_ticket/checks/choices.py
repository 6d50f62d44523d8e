"""Which entries were pruned, and how many: two sides compared."""

from __future__ import annotations

from collections import Counter
from functools import partial

from autograder.katas.lottery_ticket.cases import amount_of, prunable, total
from autograder.katas.lottery_ticket.checks.facts import (
    carriers_of,
    count_of,
    masks_of,
    newly_pruned,
    sizes_of,
)
from autograder.katas.lottery_ticket.checks.pictures import grids_of
from autograder.katas.lottery_ticket.checks.remembered import remembered
from autograder.records import Case, Finding, Observation


def counts_differ(got: Observation, want: Observation, case: Case, turn: int) -> Finding | None:
    """Compare how many entries were pruned."""
    counts = [count_of(side, case, turn) for side in (got, want)]
    if counts[0] == counts[1]:
        return None
    remaining = total(case.recipe)
    if turn:
        before = masks_of(want.rounds[turn - 1], case)
        remaining = sum(int((m != 0).sum()) for m in before.values())
    return Finding(
        f"entries pruned in round {turn + 1}" if len(case.trained) > 1 else "entries pruned",
        f"{counts[0]} of the {remaining} that remained",
        f"{counts[1]} of the {remaining} that remained",
        where=f"prune_amount={amount_of(case, turn):g}",
        draw=partial(grids_of, got, want, case, turn),
    )


def choices_differ(got: Observation, want: Observation, case: Case, turn: int) -> Finding | None:
    """Compare which entries were pruned, by magnitude: among equal ones any choice is right."""
    if _binary(got, case, turn) != _binary(want, case, turn):
        return Finding("values of weight_mask", "others than 0 and 1", "0 and 1")
    seen, due = (_tally(side, case, turn) for side in (got, want))
    if seen == due or not seen or _nearly_alike(seen, due, case):
        return None
    stray = seen - due
    return Finding(
        "pruned entries",
        f"{stray.total()} of {seen.total()} not among the smallest",
        f"the {due.total()} smallest of all layers together",
        where=_first_stray(got, stray, case, turn),
        draw=partial(grids_of, got, want, case, turn),
    )


@remembered
def _tally(side: Observation, case: Case, turn: int) -> Counter[float]:
    return Counter(sizes_of(side, case, turn))


def _nearly_alike(seen: Counter[float], due: Counter[float], case: Case) -> bool:
    """Tell whether one side prunes all that the other does, and but a few more.

    Two programs of one order may round their counts otherwise, in each layer; how many entries go
    is another check's business.
    """
    few = len(prunable(case.recipe))
    return 0 < abs(seen.total() - due.total()) <= few and (seen <= due or due <= seen)


@remembered
def _binary(observation: Observation, case: Case, turn: int) -> bool:
    masks = masks_of(observation.rounds[turn], case).values()
    return all(bool(((values == 0) | (values == 1)).all()) for values in masks)


def _first_stray(got: Observation, stray: Counter[float], case: Case, turn: int) -> str:
    if case.hidden:
        return ""
    for name, entries in newly_pruned(got, case, turn).items():
        for index in entries.nonzero().tolist():
            value = float(case.trained[turn][name][tuple(index)])
            if abs(value) in stray:
                return f"{name}{index} = {value:.3g} is pruned, ones of smaller magnitude are kept"
    return ""


def carriers_differ(got: Observation, want: Observation, case: Case, turn: int) -> Finding | None:
    """Compare which parameters carry a mask."""
    seen, should = (carriers_of(side.rounds[turn], case) for side in (got, want))
    if seen == should:
        return None
    what = f"parameters that carry a mask in round {turn + 1}"
    return Finding(what, str(len(seen)), str(len(should)))
