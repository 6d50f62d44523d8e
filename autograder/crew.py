"""Those who grade: a process that draws the cases once, then forks the workers.

It is forked where torch has been loaded, and knows nothing until the first line brings the
settings. Down each line come paths, one at a time, and up it what was graded. A worker serves a few
lines, each in a thread: what it found out of one submission serves the others. Who hangs up ends a
worker, and what runs for it, at once.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NoReturn

from autograder.grading import Grader
from autograder.nursery import Line, Nest
from autograder.recent import Recent

_KNOWN = 256  # programs that count for others, in a run
_LINES_EACH = 8  # a worker judges several times as fast as so many children run


def main(nest: Nest, descriptors: Sequence[int]) -> None:
    """Fork the workers, then wait for them.

    Args:
        nest: Where they find their fork servers.
        descriptors: Of the lines.
    """
    lines: list[Line] = [Connection(descriptor) for descriptor in descriptors]
    grader = Grader(lines[0].recv(), nest, known=Recent(_KNOWN))
    gc.enable()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # from now on whoever hangs up ends it
    workers = -(-len(lines) // _LINES_EACH)
    for first in range(workers):
        if os.fork() == 0:
            _work(grader, lines, lines[first::workers])
    for line in lines:
        line.close()
    nest.line.close()
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _work(grader: Grader, lines: Sequence[Line], ours: Sequence[Line]) -> NoReturn:
    """Grade what comes until whoever asks on one of our lines hangs up: they all do."""
    try:
        for line in lines:
            if line not in ours:
                line.close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for line in ours:
            threading.Thread(target=_serve, args=(grader.another(), line), daemon=True).start()
        poll = select.poll()
        for line in ours:
            poll.register(line, 0)  # a hang-up is told all the same
        poll.poll()
    finally:
        os._exit(0)


def _serve(grader: Grader, line: Line) -> None:
    """Grade what comes down a line; its end, and whatever goes wrong, ends the worker."""
    try:
        with suppress(EOFError, ConnectionError):
            while True:
                line.send(grader.grade_path(line.recv()))
    except Exception:  # noqa: BLE001 - a fault of ours must be seen
        traceback.print_exc()
    finally:
        os._exit(0)
