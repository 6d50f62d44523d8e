"""What makes a grader, and where its seed comes from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

PUBLIC_SEED = "public"
SEED_VARIABLE = "AUTOGRADER_SEED"
DEFAULT_TIMEOUT = 20.0


@dataclass(frozen=True)
class Settings:
    """What makes a grader.

    Attributes:
        kata: Name of the kata.
        seed: Secret of the hidden cases; not part of its text, which may come into logs.
        timeout: Wall-clock limit in seconds for each run of a submission.
        allow_unconfined: Whether to run learners' code where the kernel cannot confine it.
        per_learner: How a path names its learner, who then has hidden cases of their own, see
            `autograder.variants`; empty if all have the same.
    """

    kata: str
    seed: str = field(repr=False)
    timeout: float = DEFAULT_TIMEOUT
    allow_unconfined: bool = False
    per_learner: str = ""


def seed_in_force(given: str | None) -> tuple[str, bool]:
    """Choose the seed: the option, the environment, or the public default.

    Returns:
        The seed and whether it is a secret one.
    """
    seed = given or os.environ.get(SEED_VARIABLE)
    return (seed, True) if seed else (PUBLIC_SEED + " hidden", False)
