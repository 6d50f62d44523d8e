"""What makes a grader, and where its seed comes from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from autograder.terms import AS_IT_IS, Terms

PUBLIC_SEED = "public"
SEED_VARIABLE = "AUTOGRADER_SEED"
SEED_FILE = "autograder.seed"
DEFAULT_TIMEOUT = 20.0


@dataclass(frozen=True)
class Settings:
    """What makes a grader.

    Attributes:
        kata: Name of the kata; empty for whichever each file is about.
        seed: Secret of the hidden cases; not part of its text, which may come into logs.
        timeout: Limit in seconds for each run of a submission, the wait for a processor left out.
        allow_unconfined: Whether to run learners' code where the kernel cannot confine it.
        terms: What the course sets: points, further cases and the like.
    """

    kata: str
    seed: str = field(repr=False)
    timeout: float = DEFAULT_TIMEOUT
    allow_unconfined: bool = False
    terms: Terms = AS_IT_IS


class SeedError(Exception):
    """The seed, or the file that holds it, cannot be used; the message says why, in a sentence."""


def seed_in_force(given: str | None, folder: Path) -> tuple[str, bool]:
    """Choose the seed: the option, the environment, the course's file, or the public default.

    Args:
        given: What was asked for; nothing if empty.
        folder: The course's folder, which may hold the file `autograder.seed`.

    Returns:
        The seed and whether it is a secret one.

    Raises:
        SeedError: It is no text, or the file is there and cannot be read, or holds nothing.
    """
    seed = given or os.environ.get(SEED_VARIABLE) or _seed_in(folder / SEED_FILE)
    try:
        seed.encode()
    except UnicodeEncodeError as error:
        where = "that was given" if given else f"in {SEED_VARIABLE}"
        raise SeedError(f"the seed {where} is no UTF-8 text; take another") from error
    return (seed, True) if seed else (PUBLIC_SEED + " hidden", False)


def _seed_in(path: Path) -> str:
    try:
        seed = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise SeedError(f"{path} cannot be read: {why}") from error
    if not seed:
        raise SeedError(f"{path} holds no seed; write one into it, or remove it")
    return seed
