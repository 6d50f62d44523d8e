"""The process that all others are forked from: torch loads in it, once.

It is started with nothing of the grader's: neither it nor the fork servers know a seed. Those who
grade are forked from it too, and only then told what they need.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

from autograder import scratch
from autograder.launch import launch

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Line: TypeAlias = "Connection[Any, Any]"
"""Down it come paths, one at a time, and up it what was graded."""

CREW = b"crew"
_PATIENCE_SECONDS = 10.0


class HasDescriptor(Protocol):
    """What can be handed to another process."""

    def fileno(self) -> int:
        """Tell its descriptor."""


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
        """Start it; it then gets ready by itself. It stops at the end of a `with`."""
        self._start()

    def __enter__(self) -> Self:
        """Stop it at the end of a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def fork_crew(self, lines: Sequence[HasDescriptor]) -> None:
        """Have those who grade forked, with a line to each; a nursery that is lost starts again.

        Raises:
            OSError: It is lost at once.
        """
        try:
            self._ask_for_crew(lines)
        except OSError:
            self.stop()
            self._start()
            self._ask_for_crew(lines)

    def stop(self) -> None:
        """End it and what it has forked; nobody else may hold the nest by then."""
        self._nest.line.close()
        self._process.terminate()  # if it is not ready yet; later it ends when nobody talks to it
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        scratch.remove(self._nest.folder)

    def _start(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        line, theirs = socket.socketpair()
        self._nest = Nest(line, folder)
        try:
            with theirs:
                self._process = launch_forking("nurse", theirs, folder)
        except BaseException:  # an interrupt comes at any time
            line.close()
            scratch.remove(folder)
            raise

    def _ask_for_crew(self, lines: Sequence[HasDescriptor]) -> None:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                socket.send_fds(self._nest.line, [CREW], [theirs.fileno()])
            for line in (self._nest.line, *lines):
                socket.send_fds(ours, [b"."], [line.fileno()])


def launch_forking(module: str, control: socket.socket, folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that others are forked from: with one thread, and an environment of ours."""
    return launch(
        module, control.fileno(), folder,
        keep=[control.fileno()],
        environment={
            "OMP_NUM_THREADS": "1",
            "LANG": "C.UTF-8",
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "TMPDIR": str(folder),
        },
    )  # fmt: skip
