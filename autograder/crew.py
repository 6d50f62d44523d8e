"""Those who grade: a process that draws the cases once, then forks the workers.

It is forked where torch has been loaded, and knows nothing until the first line brings the
settings. Down each line come paths, one at a time, and up it what was graded. Who hangs up ends a
worker, and what runs for it, at once.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NoReturn

from autograder.grading import Grader
from autograder.nursery import Line, Nest


def main(nest: Nest, descriptors: Sequence[int]) -> None:
    """Fork a worker for each line, then wait for them.

    Args:
        nest: Where they find their fork servers.
        descriptors: Of the lines, one to each worker.
    """
    lines: list[Line] = [Connection(descriptor) for descriptor in descriptors]
    grader = Grader(lines[0].recv(), nest)
    gc.enable()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # from now on whoever hangs up ends it
    for line in lines:
        if os.fork() == 0:
            _work(grader, line, [other for other in lines if other is not line])
    for line in lines:
        line.close()
    nest.line.close()
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _work(grader: Grader, line: Line, others: Sequence[Line]) -> NoReturn:
    """Grade what comes, until nobody asks any more."""
    try:
        for other in others:
            other.close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        threading.Thread(target=_end_with, args=(line,), daemon=True).start()
        with suppress(EOFError, ConnectionError):
            while True:
                line.send(grader.grade_path(line.recv()))
    finally:
        os._exit(0)


def _end_with(line: Line) -> None:
    """End this process as soon as the other end of a line is closed, whatever it does then."""
    poll = select.poll()
    poll.register(line, 0)  # a hang-up is told all the same
    poll.poll()
    os._exit(0)
