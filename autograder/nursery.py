"""The process that fork servers are forked from: torch loads in it once for all of them.

It is started with nothing of the grader's: neither it nor what it forks knows a seed.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder import scratch
from autograder.launch import launch

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Nest:
    """Where fork servers can be had by any process that holds it, while the nursery runs.

    Attributes:
        line: Takes a descriptor: the control socket of the server that is wanted, with the name of
            its scratch folder.
        folder: Where its scratch folder must lie.
    """

    line: socket.socket
    folder: Path


class Nursery:
    """The nursery, which goes when all who hold its nest have hung up."""

    def __init__(self) -> None:
        """Start it; it then gets ready by itself."""
        folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        line, theirs = socket.socketpair()
        self.nest = Nest(line, folder)
        with theirs:
            self._process = launch_child(theirs, folder, "nurse")

    def stop(self) -> None:
        """End it and what it has forked; nobody else may hold the nest by then."""
        self.nest.line.close()
        end(self._process)
        scratch.remove(self.nest.folder)


def launch_child(control: socket.socket, folder: Path, task: str) -> subprocess.Popen[bytes]:
    """Start the child's main program: as a fork server, or as what forks those."""
    return launch(
        "child", control.fileno(), folder, task,
        keep=[control.fileno()],
        environment={
            "OMP_NUM_THREADS": "1",
            "LANG": "C.UTF-8",
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "TMPDIR": str(folder),
        },
    )  # fmt: skip


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that nobody talks to any more; one that is not ready yet ends at once.

    One that is ready ignores the signal, and ends when it has seen to what it has forked.
    """
    process.terminate()
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
