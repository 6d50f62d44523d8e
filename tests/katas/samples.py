"""The sample submissions in this very process: fast, and without a sandbox.

For samples that are known to come back only; the sandbox is tested elsewhere.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch

from autograder.interpreter import run_cells
from autograder.kata import load
from autograder.katas import DEFAULT
from autograder.notebook import read
from autograder.probe import observe
from autograder.records import Case, Observation, Verdict

_TESTS = Path(__file__).resolve().parents[1]
SAMPLES = _TESTS / "submissions"
NEVER_COME_BACK = ("endless_loop",)


def samples_of(kata: str) -> list[Path]:
    """Find the folders of a kata's samples; those of any but the usual kata carry its name."""
    place = SAMPLES if kata == DEFAULT else _TESTS / f"submissions_{kata}"
    return sorted(found.parent for found in place.glob("*/verdict.json"))


def path_of(folder: Path) -> Path:
    """Find the submission in its folder, a script or a notebook."""
    (path,) = [found for kind in ("*.py", "*.ipynb") for found in folder.glob(kind)]
    return path


def golden(folder: Path) -> dict[str, Any]:
    """Read the verdict that a sample must get: points, outcomes, and beliefs in order."""
    verdict: dict[str, Any] = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    return verdict


def verdict_of(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """Write verdicts as a golden one is written."""
    verdicts = tuple(verdicts)
    named = [belief.id for verdict in verdicts for belief in verdict.explained_by]
    return {
        "points": sum(verdict.points for verdict in verdicts),
        "outcomes": {verdict.check: verdict.outcome.value for verdict in verdicts},
        "beliefs": list(dict.fromkeys(named)),
    }


@cache
def function_of(name: str) -> Callable[..., object] | None:
    """Run a sample's cells; None if they define no function, or were never attempted."""
    entry_point = load("lottery_ticket").entry_point
    submission = read(path_of(SAMPLES / name), entry_point=entry_point)
    if not submission.attempted:
        return None
    with _quiet():
        return run_cells(submission)[0]


@cache
def callable_samples() -> tuple[str, ...]:
    """Name the samples that define a function which always comes back."""
    folders = sorted(golden.parent.name for golden in SAMPLES.glob("*/verdict.json"))
    return tuple(name for name in folders if name not in NEVER_COME_BACK and function_of(name))


def observations_of(name: str, cases: Sequence[Case]) -> list[Observation]:
    """Observe a sample's function in each case."""
    function = function_of(name)
    assert function is not None, name
    with _quiet():
        seen = [observe(function, case) for case in cases]
    torch.set_grad_enabled(True)
    return seen


@contextlib.contextmanager
def _quiet() -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
