"""Gets a notebook's kernel ready for a first check while it waits for the learner.

What is behind a failure is told by running a hundred wrong programs, which takes a second or more
the first time. While the learner reads and writes, the kernel has nothing to do: they are run then,
a few hundredths of a second at a time, in the kernel's own thread, so that none of the learner's
cells ever runs beside them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from autograder.recognition import entry_points, kata_at

_AT_ONCE_SECONDS = 0.02
_REST_SECONDS = 0.02  # half of the processor is left to others
_PATIENCE_SECONDS = 1.0  # until torch has been loaded


def get_ready_when_idle() -> None:
    """Begin, in a cell: what is to be done is done between cells."""
    with suppress(RuntimeError):  # no loop runs here
        loop = asyncio.get_running_loop()
        loop.call_later(_PATIENCE_SECONDS, _go_on, loop, _steps())


def _go_on(loop: asyncio.AbstractEventLoop, steps: Iterator[None]) -> None:
    """Do a few steps, then leave the loop to the learner."""
    if "torch" not in sys.modules:
        loop.call_later(_PATIENCE_SECONDS, _go_on, loop, steps)
        return
    until = time.monotonic() + _AT_ONCE_SECONDS
    with suppress(Exception), warnings.catch_warnings():  # a check will say what is wrong
        warnings.simplefilter("ignore")
        while time.monotonic() < until:
            next(steps)
        loop.call_later(_REST_SECONDS, _go_on, loop, steps)


def _steps() -> Iterator[None]:
    from autograder.practice import get_ready  # noqa: PLC0415 - takes part of a second

    yield
    yield from get_ready(_kata())


def _kata() -> str:
    """Name the kata whose function is defined, or that the notebook is about; else the usual one.

    Jupyter's server tells a kernel where its notebook lies.
    """
    defined = vars(sys.modules["__main__"])
    for kata, name in entry_points().items():
        if name in defined:
            return kata
    return kata_at(Path(os.environ.get("JPY_SESSION_NAME", "")))
