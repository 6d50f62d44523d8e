"""What programs that are not a learner's do in the cases: the reference, and the wrong ones.

They are run when somebody first asks, and remembered; learners' code never runs here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from autograder.kata import Clause, Program
from autograder.probe import observe
from autograder.records import Case, Finding, Observation, Status, Unjudged

_MAX_GIVEN = 2_000


class Expected:
    """What programs that are not the learner's do in the cases, observed once when first needed.

    What they do in the cases as drawn is kept. What they do with a submission's answers taken as
    given is kept for the last few of those, or a large class would fill the memory.
    """

    def __init__(self, cases: Sequence[Case] = ()) -> None:
        """Remember nothing yet; `cases` are those that come up with every submission."""
        self._cases = {id(case): case for case in cases}
        self._tensors: dict[tuple[object, ...], Tensor] = {}
        self._kept: dict[tuple[int, int], Observation] = {}
        self._given: dict[tuple[object, ...], tuple[Case, Observation]] = {}

    def compare(
        self, clause: Clause, got: Observation, program: Program, case: Case
    ) -> Finding | Unjudged | None:
        """Tell what differs between a submission and a program in a case."""
        want = self.observe(program, clause.given(got, case))
        return clause.sees(got, want, case)

    def observe(self, program: Program, case: Case) -> Observation:
        """Tell what a program does in a case."""
        if id(case) in self._cases:
            kept = (id(program), id(case))
            if kept not in self._kept:
                self._kept[kept] = self._thrifty(_observed(program, case))
            return self._kept[kept]
        key = (id(program), *_asked(case))
        found = self._given.pop(key, None) or (case, _observed(program, case))
        self._given[key] = found
        if len(self._given) > _MAX_GIVEN:
            del self._given[next(iter(self._given))]
        return found[1]

    def _thrifty(self, seen: Observation) -> Observation:
        """Let equal tensors be one: a hundred programs leave much of a model as it was."""

        def one(tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
            return {name: self._tensors.setdefault(_bits(t), t) for name, t in tensors.items()}

        rounds = tuple(
            replace(
                shot,
                state=one(shot.state),
                in_use=one(shot.in_use),
                states_after={name: one(state) for name, state in shot.states_after.items()},
            )
            for shot in seen.rounds
        )
        return replace(seen, rounds=rounds)

    def knows(self, program: Program, case: Case) -> bool:
        """Tell whether it is known what a program does in a case as drawn."""
        return (id(program), id(case)) in self._kept

    def is_kept(self, case: Case) -> bool:
        """Tell whether a case comes up with every submission."""
        return id(case) in self._cases


def _observed(program: Program, case: Case) -> Observation:
    """Run a program of ours: what ends it from outside is no answer of its own.

    Raises:
        KeyboardInterrupt: Somebody interrupted it.
        MemoryError: There was too little memory for it.
    """
    seen = observe(program, case)
    if seen.status is Status.OUT_OF_MEMORY:
        raise MemoryError
    if seen.fault is not None and seen.fault.type == "KeyboardInterrupt":
        raise KeyboardInterrupt
    return seen


def _bits(tensor: Tensor) -> tuple[object, ...]:
    flat = tensor.contiguous().reshape(-1).view(torch.uint8)
    return tensor.dtype, tensor.shape, flat.numpy().tobytes()


def _asked(case: Case) -> tuple[object, ...]:
    """Tell a case from others: what is plain by its value, all else by its identity.

    That holds for as long as the case is kept.
    """
    others = {**vars(case)}
    plain = (repr(others.pop("arguments")), repr(others.pop("keywords")))
    trained = map(id, others.pop("trained"))
    return (*plain, *trained, *map(id, others.values()))
