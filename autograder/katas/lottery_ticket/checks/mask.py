"""The mask: which parameters carry one, and which entries it masks."""

from __future__ import annotations

from functools import partial

from autograder.katas.lottery_ticket.cases import amount_of, prunable, total, with_amount
from autograder.katas.lottery_ticket.checks.choices import choices_differ
from autograder.katas.lottery_ticket.checks.facts import (
    NO_CALL,
    NO_MASK,
    NOTHING_NEW,
    as_rewound,
    carriers_of,
    count_of,
    masks_of,
    zeros_in,
)
from autograder.katas.lottery_ticket.checks.pictures import grids_of
from autograder.katas.lottery_ticket.checks.remembered import remembered
from autograder.katas.lottery_ticket.exercise import kata
from autograder.records import Case, Finding, Observation, Snapshot, Unjudged

_NOTHING_LEFT = Unjudged("every entry was pruned, so that none was chosen")


def own_count(got: Observation, case: Case) -> Case:
    """Take as given how many entries the submission prunes in its first round."""
    if not got.rounds or carriers_of(got.rounds[0], case) < set(prunable(case.recipe)):
        return case
    masks = masks_of(got.rounds[0], case)
    count = sum(zeros_in(mask) for mask in masks.values())
    if count in (0, round(amount_of(case) * total(case.recipe))):
        return case
    return with_amount(case, count / total(case.recipe))


@kata.check(points=3)
def mask(got: Observation, want: Observation, case: Case) -> Finding | None | Unjudged:
    """Exactly the smallest trained weights of all Linear and Conv2d layers together are masked."""
    if not got.rounds or not want.rounds:
        return NO_CALL
    seen, due = got.rounds[0], want.rounds[0]
    carriers, should = carriers_of(seen, case), carriers_of(due, case)
    if carriers == should:
        if not carriers and _unmasked(seen, case) != _unmasked(due, case):
            return Finding("weights without a mask", _unmasked(seen, case), _unmasked(due, case))
        return None
    missing, extra = sorted(should - carriers), sorted(carriers - should)
    names = [f"no mask on {name}" for name in missing] + [f"a mask on {name}" for name in extra]
    return Finding(
        "parameters that carry a mask",
        _counted(len(carriers), len(missing), len(extra)),
        f"{len(should)}: the weight of each Linear and Conv2d module, and nothing else",
        where="; ".join(names),
        draw=partial(grids_of, got, want, case, 0),
    )


def _counted(carriers: int, missing: int, extra: int) -> str:
    """Count those that carry a mask, and what is wrong with them; what is not wrong is left out."""
    if not carriers:
        return "none"
    if not missing:
        return f"{carriers} ({extra} that should have none)"
    if not extra:
        return f"{carriers} ({missing} missing)"
    return f"{carriers} ({missing} missing, {extra} that should have none)"


@kata.clause(of="mask", given=own_count)
def smallest_are_masked(
    got: Observation, want: Observation, case: Case
) -> Finding | None | Unjudged:
    """The masked entries are the smallest in absolute trained value."""
    if not got.rounds or not want.rounds:
        return NO_CALL
    weights = set(prunable(case.recipe))
    if not (
        weights <= carriers_of(got.rounds[0], case) and weights <= carriers_of(want.rounds[0], case)
    ):
        return NO_MASK
    if found := choices_differ(got, want, case, 0):
        return found
    if not (count := count_of(got, case, 0)):
        return NOTHING_NEW
    return _NOTHING_LEFT if count == total(case.recipe) else None


@remembered
def _unmasked(snapshot: Snapshot, case: Case) -> str:
    """Tell what has become of the weights where nothing carries a mask: it names a belief."""
    names = prunable(case.recipe)
    if not snapshot.state.keys() >= set(names):
        return "gone"
    if all(_masked_beside(snapshot, name) for name in names):
        return "masked under another name"
    if as_rewound(snapshot, case).issuperset(names):
        return "all of them rewound"
    if any(zeros_in(snapshot.state[name]) > zeros_in(case.trained[0][name]) for name in names):
        return "set to zero"
    return "neither zero nor rewound"


def _masked_beside(snapshot: Snapshot, name: str) -> bool:
    """Tell whether a layer holds something else of its weight's shape, all zeros and ones."""
    layer = name.removesuffix("weight")
    return any(
        other.startswith(layer)
        and values.shape == snapshot.state[name].shape
        and bool(((values == 0) | (values == 1)).all())
        for other, values in snapshot.state.items()
        if other != name
    )
