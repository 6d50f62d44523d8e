"""The nursery's main program: torch loads, and then others are forked.

Its arguments are a socket that requests come through, and a folder. A request has one descriptor, a
socket for whoever is wanted: a fork server, by the name of its scratch folder, or those who grade,
who first find the descriptors of the nest and of their lines there.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from autograder.child import prepared, requested, serve
from autograder.nursery import CREW, Nest


def main(line: socket.socket, folder: Path) -> None:
    """Fork until all who may ask hang up; then wait for everybody.

    The first request is not kept waiting for what only fork servers need.
    """
    crews: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: _leave(crews))
    unbroken = None
    while True:
        wanted, descriptors = requested(line)
        if not descriptors:
            break
        with socket.socket(fileno=descriptors[0]) as control:
            if wanted == CREW:
                crews.append(os.fork())
                if crews[-1] == 0:
                    line.close()
                    _grade(control, folder)
            if unbroken is None:
                unbroken = prepared()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)  # whoever hangs up ends it now
            if wanted != CREW and os.fork() == 0:
                line.close()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                serve(control, Path(os.fsdecode(wanted)), unbroken)
                os._exit(0)
    _end(crews)
    with suppress(ChildProcessError):
        while True:
            os.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _leave(crews: Sequence[int]) -> NoReturn:
    _end(crews)
    os._exit(0)


def _end(crews: Sequence[int]) -> None:
    """End those who grade: at once if they are not ready yet, or else when everybody hangs up."""
    for crew in crews:
        os.kill(crew, signal.SIGTERM)


def _grade(control: socket.socket, folder: Path) -> NoReturn:
    """Become those who grade."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with suppress(OSError):
            Path("/proc/self/comm").write_text("grader-crew", encoding="ascii")
        descriptors: list[int] = []
        with control:
            while received := socket.recv_fds(control, 1, 1)[1]:
                descriptors += received
        nest, *lines = descriptors
        from autograder import crew  # noqa: PLC0415 - what judges is loaded in this fork only

        crew.main(Nest(socket.socket(fileno=nest), folder), lines)
    except Exception:  # noqa: BLE001 - a fault of ours must be seen
        traceback.print_exc()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))
