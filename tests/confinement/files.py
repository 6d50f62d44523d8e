"""Hostile files: links, pipes, and sources so large that reading them is the attack.

They are made when they are needed, and graded in a process of their own, each in a thread that may
hang: `python -m tests.confinement.files` writes what came back as one JSON object.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.grading import Grader
from autograder.markup import as_html
from autograder.report import as_json, as_text
from autograder.settings import Settings
from tests.confinement.notebooks import RIGHT, code, starter
from tests.confinement.outside import Outside, temporary_folder

TIMEOUT = 2.0
PATIENCE = 10.0
MEMORY_BYTES = 16 << 30


@dataclass(frozen=True)
class HostileFile:
    """A file, and what may come back.

    Attributes:
        make: Writes it at a path; what it could show is in the folder of the other argument.
        suffix: How its name ends.
        statuses: Statuses of scorecards that are right.
        points: Points that are right.
    """

    make: Callable[[Path, Path], None]
    suffix: str = ".py"
    statuses: tuple[str, ...] = ("unreadable",)
    points: tuple[float | None, ...] = (None,)

    @property
    def name(self) -> str:
        return self.make.__name__


def link_to_secret(path: Path, outside: Path) -> None:
    """The scorecard would quote the line that is no Python."""
    path.symlink_to(outside / "secret.txt")


def link_to_answer(path: Path, outside: Path) -> None:
    """The right answer of the learner next door."""
    path.symlink_to(outside / "learner" / "solution.py")


def link_to_environment(path: Path, outside: Path) -> None:  # noqa: ARG001
    """The grader's own environment, which may hold the seed."""
    path.symlink_to("/proc/self/environ")


def link_to_zeros(path: Path, outside: Path) -> None:  # noqa: ARG001
    """A file without end."""
    path.symlink_to("/dev/zero")


def link_to_itself(path: Path, outside: Path) -> None:  # noqa: ARG001
    """A link that leads nowhere."""
    path.symlink_to(path)


def hard_link_to_folder_of_links(path: Path, outside: Path) -> None:
    """A folder named like a file."""
    path.mkdir()
    (path / "more.py").symlink_to(outside)


def pipe(path: Path, outside: Path) -> None:  # noqa: ARG001
    """Whoever reads it waits for ever."""
    os.mkfifo(path)


def socket_file(path: Path, outside: Path) -> None:  # noqa: ARG001
    """Something that cannot be opened."""
    socket.socket(socket.AF_UNIX).bind(str(path))


def sparse_file(path: Path, outside: Path) -> None:  # noqa: ARG001
    """A terabyte without content."""
    path.touch()
    os.truncate(path, 1 << 40)


def null_bytes(path: Path, outside: Path) -> None:  # noqa: ARG001
    """Nothing but null bytes."""
    path.write_bytes(bytes(1 << 20))


def other_encoding(path: Path, outside: Path) -> None:  # noqa: ARG001
    """Bytes that are no UTF-8, in an odd encoding that the source names."""
    path.write_bytes(b"# -*- coding: utf-7 -*-\nname = '\xe9'\n" + RIGHT.encode())


def large_script(path: Path, outside: Path) -> None:  # noqa: ARG001
    """A million characters of code."""
    path.write_text("x=1\n" * (1 << 18) + RIGHT, encoding="utf-8")


def long_line(path: Path, outside: Path) -> None:  # noqa: ARG001
    """One expression of a million characters."""
    path.write_text("x=" + "1+" * (1 << 19) + "1\n" + RIGHT, encoding="utf-8")


def large_cell(path: Path, outside: Path) -> None:  # noqa: ARG001
    """A cell of a million characters, a hundred of its lines magics."""
    document, cells = starter()
    cells.insert(0, code("%time x=1\n" * 100 + "x=1\n" * (1 << 18)))
    path.write_text(json.dumps(document), encoding="utf-8")


def slow_cell(path: Path, outside: Path) -> None:  # noqa: ARG001
    """A cell of few characters that is slow to transform: each magic is found anew."""
    document, cells = starter()
    cells.insert(0, code("x=1\n" * 2000 + "%time x=1\n" * 400))
    path.write_text(json.dumps(document), encoding="utf-8")


def many_cells(path: Path, outside: Path) -> None:  # noqa: ARG001
    """Twenty thousand cells."""
    document, cells = starter()
    document["cells"] = [code("x = 1")] * 20_000 + cells
    path.write_text(json.dumps(document), encoding="utf-8")


_ANY = ("unreadable", "graded")
FILES = (
    HostileFile(link_to_secret),
    HostileFile(link_to_answer),
    HostileFile(link_to_environment),
    HostileFile(link_to_zeros),
    HostileFile(link_to_itself),
    HostileFile(hard_link_to_folder_of_links),
    HostileFile(pipe),
    HostileFile(socket_file),
    HostileFile(sparse_file),
    HostileFile(null_bytes, statuses=_ANY, points=(None, 0)),
    HostileFile(other_encoding),
    HostileFile(large_script, statuses=_ANY, points=(None, 0, 10)),
    HostileFile(long_line, statuses=_ANY, points=(None, 0, 10)),
    HostileFile(large_cell, ".ipynb", statuses=_ANY, points=(None, 0, 10)),
    HostileFile(slow_cell, ".ipynb", statuses=_ANY, points=(None, 0, 10)),
    HostileFile(many_cells, ".ipynb", statuses=_ANY, points=(None, 0, 10)),
)


def main() -> dict[str, Any]:
    """Grade every file and say what came back; nothing where the grader hangs or fails."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
    os.environ["AUTOGRADER_SEED"] = "nobody may read or change this"
    results: dict[str, Any] = {}
    with temporary_folder() as folder, Outside(folder) as outside:
        (folder / "scratch").mkdir()
        tempfile.tempdir = str(folder / "scratch")
        grader = Grader(Settings("lottery_ticket", seed="a secret", timeout=TIMEOUT))
        (folder / "first.py").write_text(RIGHT, encoding="utf-8")
        grader.grade_path(folder / "first.py")  # the server starts outside the measured time
        for file in FILES:
            path = folder / file.name / f"solution{file.suffix}"
            path.parent.mkdir()
            file.make(path, outside.place)
            results[file.name] = _graded(grader, path)
        grader.close()
        results["changes"] = outside.changes()
    return results


def _graded(grader: Grader, path: Path) -> dict[str, Any]:
    told: dict[str, Any] = {}

    def grade() -> None:
        try:
            card = grader.grade_path(path).card
        except Exception as error:  # noqa: BLE001 - the test tells of it
            told["failed"] = f"{type(error).__name__}: {error}"
        else:
            told.update(json=as_json(card), html=as_html(card), text=as_text(card))

    start = time.monotonic()
    thread = threading.Thread(target=grade, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    told.setdefault("failed", "the grader hangs" if thread.is_alive() else "")
    return {**told, "seconds": time.monotonic() - start}


if __name__ == "__main__":
    print(json.dumps(main()), flush=True)
    os._exit(0)  # a thread may still hang
