"""Classes to measure with: learners drawn from the sample submissions, none like another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import cycle
from pathlib import Path

import nbformat

from tests.course import ROOT, filled
from tests.katas.samples import SAMPLES, golden, path_of

STARTER = ROOT / "notebooks" / "lottery_ticket" / "find_winning_ticket.ipynb"
_HEAD = "def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):\n"
STUCK = (
    _HEAD + "    while True:\n        pass\n",
    "import time\n" + _HEAD + "    time.sleep(60)\n",
    "import os\n" + _HEAD + "    os.abort()\n",
    _HEAD + "    raise KeyError('weight_mask')\n",
)
TWENTY = ("right",) * 14 + ("wrong",) * 5 + ("stuck",)


@cache
def _sources() -> dict[str, tuple[str, ...]]:
    """Read the samples that are scripts: those with full points, with fewer, and the stuck ones."""
    found: dict[str, list[str]] = {"right": [], "wrong": []}
    for folder in sorted(path.parent for path in SAMPLES.glob("*/verdict.json")):
        if folder.name.startswith(("right_", "wrong_")) and path_of(folder).suffix == ".py":
            kind = "right" if golden(folder)["points"] == 10 else "wrong"  # noqa: PLR2004
            found[kind].append(path_of(folder).read_text(encoding="utf-8"))
    return {kind: tuple(sources) for kind, sources in found.items()} | {"stuck": STUCK}


def members(count: int, mix: Sequence[str] = TWENTY) -> list[str]:
    """Write the code of so many learners: of every twenty, 14 right, 5 wrong and 1 stuck.

    The stuck ones hang, busy or asleep, crash, or raise. Each learner has a line of their own, as
    the same code is run once.
    """
    drawn = {kind: cycle(sources) for kind, sources in _sources().items()}
    return [
        f"{next(drawn[kind])}\nLEARNER = {number}\n"
        for number, kind in zip(range(count), cycle(mix), strict=False)
    ]


def hand_in(folder: Path, codes: Sequence[str], assignment: str, starter: Path = STARTER) -> None:
    """Fill the starter notebook in for each learner, laid out as nbgrader collects."""
    notebook = nbformat.read(starter, as_version=4)
    for number, code in enumerate(codes):
        place = folder / f"learner{number:05}" / assignment / starter.name
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(filled(notebook, code)), encoding="utf-8")
