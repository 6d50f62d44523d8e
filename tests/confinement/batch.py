"""Grades all attacks, with honest submissions in between, in a process of its own.

`python -m tests.confinement.batch [NAME ...]` writes what came back, and what became of the world
outside, as one JSON object.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.markup import as_html, as_index, as_page
from autograder.pool import grade_many
from autograder.records import Grading, Scorecard
from autograder.report import as_json, as_text, summary_of
from autograder.settings import Settings
from tests.confinement.notebooks import ATTACKS, FILE, MADE_ANEW, RIGHT, ROOT
from tests.confinement.outside import Outside, descendants, temporary_folder

TIMEOUT = 2.0
JOBS = 2
HONEST = "honest_"
HONEST_EVERY = 8
ODD_NAME = "<img src=x onerror=alert(1)>\n10 points"
_SET_CHILD_SUBREAPER = 36


def main(names: Sequence[str]) -> dict[str, Any]:
    """Grade the attacks of these names, all if there are none."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # whoever is left becomes our child
    os.environ["AUTOGRADER_SEED"] = "CANARY: a seed that nobody may know"
    with temporary_folder() as folder, Outside(folder) as outside:
        names_told = {**outside.names, "@REPO@": str(ROOT), "@CLASS@": str(folder / "class")}
        paths = _submissions(folder / "class", names, names_told)
        start = time.monotonic()
        cards = _graded(folder / "scratch", paths)
        seconds = time.monotonic() - start
        return {
            "seconds": seconds,
            "failures": {
                _name(card, folder): card.message for card in cards if card.status is Grading.ERROR
            },
            "cards": {_name(card, folder): _written(card) for card in cards},
            "page": "".join(as_page(card) for card in cards),
            "index": as_index(((summary_of(card), "link") for card in cards), title="All attacks"),
            "changes": outside.changes(),
            "left": sorted(str(path) for path in (folder / "scratch").rglob("*")),
            "processes": list(descendants().values()),
        }


def _submissions(folder: Path, names: Sequence[str], told: dict[str, str]) -> list[Path]:
    """Write the class: attacks that know where they are, honest learners in between."""
    sources = {
        path.parent.name: (path.name, path.read_bytes())
        for path in sorted(ATTACKS.glob("*/*"))
        if path.suffix in {".py", ".ipynb"}
    }
    sources |= {attack.name: (FILE, attack.data) for attack in MADE_ANEW}
    chosen = [(name, *sources[name]) for name in names or sources]
    members: list[tuple[str, str, bytes]] = []
    for number, attack in enumerate(chosen):
        if number % HONEST_EVERY == 0:
            members.append((f"{HONEST}{number}", "solution.py", RIGHT.encode()))
        members.append(attack)
    members.append((ODD_NAME, "solution.py", RIGHT.encode()))
    paths = []
    for name, file, data in members:
        path = folder / name / file
        path.parent.mkdir(parents=True)
        path.write_bytes(_told_where(data, told))
        paths.append(path)
    return paths


def _told_where(source: bytes, told: dict[str, str]) -> bytes:
    for placeholder, meant in told.items():
        source = source.replace(placeholder.encode(), meant.encode())
    return source


def _graded(scratch: Path, paths: Sequence[Path]) -> list[Scorecard]:
    scratch.mkdir()
    os.environ["TMPDIR"] = str(scratch)  # for the processes that grade
    settings = Settings("lottery_ticket", os.environ["AUTOGRADER_SEED"], TIMEOUT)
    return [graded.card for _, graded in grade_many(settings, paths, jobs=JOBS)]


def _name(card: Scorecard, folder: Path) -> str:
    return str(Path(card.submission).parent.relative_to(folder / "class"))


def _written(card: Scorecard) -> dict[str, Any]:
    return {"json": as_json(card), "html": as_html(card), "text": as_text(card)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
