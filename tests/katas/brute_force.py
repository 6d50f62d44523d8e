"""The contract said once more, in plain loops over what was observed.

This shares no code with the checks and asks no reference: it reads masks and values entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import torch
from torch import nn

from autograder.models import build
from autograder.records import Case, Observation, Outcome, Snapshot

PASSED, FAILED, NOT_REACHED = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED
Outcomes = dict[str, Outcome]


class Contract:
    """What CONTRACT.md asks of one case, as loops over the entries of an observation."""

    def __init__(self, case: Case) -> None:
        self.case = case
        model = build(case.recipe)
        self.initial = case.states["initial"]
        self.shapes = {name: parameter.shape for name, parameter in model.named_parameters()}
        self.weights = [
            f"{name}.weight"
            for name, module in model.named_modules()
            if type(module) in (nn.Linear, nn.Conv2d)
        ]
        positional = case.arguments[1] if len(case.arguments) > 1 else 0.2
        self.amount = case.keywords.get("prune_amount", positional)
        self.later_amount = case.later.get("prune_amount", self.amount)

    def outcomes(self, seen: Observation) -> Outcomes:
        """Decide each check."""
        if not seen.rounds:
            return dict.fromkeys(("mask", "sparsity", "rewind", "rounds", "conduct"), NOT_REACHED)
        first = seen.rounds[0]
        zeros = sum(value == 0 for _, _, value in self._mask_entries(first))
        masked = [name for name in self.weights if self._has_mask(first, name)]
        found: Outcomes = {
            "mask": self._mask(first, zeros),
            "sparsity": _passed(zeros == self._count(self._all_entries())),
            "rewind": _passed(self._is_rewound(first)),
            "conduct": _passed(
                all(self._conduct(snapshot, turn) for turn, snapshot in enumerate(seen.rounds))
            ),
        }
        if not masked:
            found["sparsity"] = NOT_REACHED
        if not zeros:
            found["rewind"] = NOT_REACHED
            del found["conduct"]  # it earns nothing; whether it failed as well is all the same
        comes_first = [found[name] for name in ("mask", "sparsity", "rewind")]
        right = len(seen.rounds) == len(self.case.trained) and all(
            self._later_round(seen.rounds[turn - 1], seen.rounds[turn], turn)
            for turn in range(1, len(seen.rounds))
        )
        found["rounds"] = NOT_REACHED if set(comes_first) != {PASSED} else _passed(right)
        return found

    def _mask(self, snapshot: Snapshot, zeros: int) -> Outcome:
        for name in self.shapes:
            if self._has_mask(snapshot, name) != (name in self.weights):
                return FAILED
        if zeros in (0, len(self._all_entries())):
            return NOT_REACHED
        pruned = [
            self._trained(name, i, 0)
            for name, i, value in self._mask_entries(snapshot)
            if value == 0
        ]
        everything = sorted(self._trained(name, i, 0) for name, i in self._all_entries())
        return _passed(sorted(pruned) == everything[:zeros])

    def _later_round(self, before: Snapshot, after: Snapshot, turn: int) -> bool:
        for name in self.shapes:
            if self._has_mask(after, name) != (name in self.weights):
                return False
        remaining, pruned = [], []
        values = {(name, i): value for name, i, value in self._mask_entries(after)}
        for name, i, value in self._mask_entries(before):
            if value == 0 and values[name, i] != 0:
                return False  # kept again
            if value != 0:
                remaining.append(self._trained(name, i, turn))
                if values[name, i] == 0:
                    pruned.append(self._trained(name, i, turn))
        right = sorted(remaining)[: self._count(remaining, turn)]
        return sorted(pruned) == right and self._is_rewound(after)

    def _is_rewound(self, snapshot: Snapshot) -> bool:
        for name in self.weights:
            orig, initial = snapshot.state.get(f"{name}_orig"), self.initial[name]
            if orig is None:
                if self._has_mask(snapshot, name):
                    return False
                continue
            if f"{name}_orig" not in snapshot.parameters or orig.dtype != initial.dtype:
                return False
            for i, value in enumerate(initial.flatten().tolist()):
                # 0.0 == -0.0, and no other two floats of other bits are equal
                if str(orig.flatten()[i].item()) != str(value):
                    return False
        return True

    def _conduct(self, snapshot: Snapshot, turn: int) -> bool:
        for name in self.weights:
            used = snapshot.in_use.get(name)
            kept = snapshot.state.get(f"{name}_mask")
            if kept is not None and kept.shape == self.shapes[name]:
                if not self.case.trains:
                    continue
                if used is None:
                    continue
                pairs = zip(used.flatten().tolist(), kept.flatten().tolist(), strict=True)
                if any(value != 0 for value, keep in pairs if keep == 0):
                    return False
        for name in self.shapes:
            flag = snapshot.parameters.get(f"{name}_orig", snapshot.parameters.get(name))
            if flag is None and name in self.weights:
                continue
            if flag != (name not in self.case.frozen):
                return False
            if name not in self.weights and not self._stayed_or_reset(snapshot, name, turn):
                return False
        for name in (held.removesuffix("_orig") for held in snapshot.unreached):
            if name in self.shapes and (name not in self.weights or self._has_mask(snapshot, name)):
                return False
        for name, mode in snapshot.modes.items():
            switched = any(name == top or name.startswith(f"{top}.") for top in self.case.switched)
            if mode != (self.case.training is not switched):
                return False
        after = snapshot.states_after.get("initial", {})
        return (
            snapshot.returned == "same"
            and snapshot.grad_enabled == self.case.grad_enabled
            and snapshot.stuck == ""
            and not snapshot.edited
            and not snapshot.shared
            and all(
                torch.equal(after.get(key, value), value) for key, value in self.initial.items()
            )
        )

    def _stayed_or_reset(self, snapshot: Snapshot, name: str, turn: int) -> bool:
        now = snapshot.state.get(f"{name}_orig", snapshot.state.get(name))
        return now is not None and any(
            now.dtype == known.dtype and str(now.tolist()) == str(known.tolist())
            for known in (self.initial[name], self.case.trained[turn][name])
        )

    def _has_mask(self, snapshot: Snapshot, name: str) -> bool:
        kept = snapshot.state.get(f"{name}_mask")
        return kept is not None and kept.shape == self.shapes[name]

    def _mask_entries(self, snapshot: Snapshot) -> Iterator[tuple[str, int, float]]:
        for name in self.weights:
            if self._has_mask(snapshot, name):
                for i, value in enumerate(snapshot.state[f"{name}_mask"].flatten().tolist()):
                    yield name, i, value

    def _all_entries(self) -> list[tuple[str, int]]:
        return [(name, i) for name in self.weights for i in range(self.shapes[name].numel())]

    def _trained(self, name: str, i: int, turn: int) -> float:
        return abs(float(self.case.trained[turn][name].flatten()[i]))

    def _count(self, remaining: list[float] | list[tuple[str, int]], turn: int = 0) -> int:
        """Round half to even, as `round` does, of the product as floats have it."""
        product = Fraction((self.later_amount if turn else self.amount) * len(remaining))
        below = product.numerator // product.denominator
        rest = product - below
        if rest == Fraction(1, 2):
            return below + below % 2
        return below + (rest > Fraction(1, 2))


def _passed(holds: bool) -> Outcome:  # noqa: FBT001 - a plain predicate
    return PASSED if holds else FAILED
