"""The situations in which a submission is tried: those of the lottery ticket kata, with θ₀ beside.

There the one state is what a step rewinds to, and what pruned weights stay at: here that is θₖ. θ₀
is another state, drawn anew, so that no value of it can pass for one of θₖ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from autograder.katas.lottery_ticket import cases, further
from autograder.records import Case

GIVEN = ("@initial", "@rewind")


def draw(seed: str, hidden: bool) -> Sequence[Case]:  # noqa: FBT001 - the registry's signature
    """Draw every situation's values from a seed."""
    return [_with_theta0(case, seed) for case in cases.draw(seed, hidden)]


def draw_further(
    wishes: Sequence[further.Further],
    seed: str,
    hidden: bool,  # noqa: FBT001 - the registry's signature
) -> Sequence[Case]:
    """Draw the cases that a course adds, with θ₀ beside.

    Raises:
        ValueError: One of them is not what the contract allows; the message says why.
    """
    return [_with_theta0(case, seed) for case in further.draw_further(wishes, seed, hidden)]


def _with_theta0(case: Case, seed: str) -> Case:
    (theta_k,) = case.states.values()
    return replace(
        case,
        states={"initial": _theta0(case, seed), "rewind": theta_k},
        arguments=(*GIVEN, *case.arguments[1:]),
    )


def _theta0(case: Case, seed: str) -> dict[str, Tensor]:
    """Draw θ₀: what never trained is as in θₖ."""
    (theta_k,) = case.states.values()
    digest = hashlib.sha256(f"{seed}\n{case.id}\nθ₀".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))
    theta_0 = {key: value.clone() for key, value in theta_k.items()}
    for name, shape in cases.shapes(case.recipe).items():
        drawn = torch.randn(shape, generator=generator, dtype=torch.float64)
        never_trained = name in case.frozen and torch.equal(case.trained[0][name], theta_k[name])
        if not never_trained:
            theta_0[name] = drawn.to(theta_0[name].dtype)
    return theta_0
