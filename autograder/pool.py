"""Many submissions at once: worker processes, each with a grader of its own.

The process that asks stays small: it loads no torch, and holds no more than what is being graded.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait as wait_for
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.confine import require
from autograder.records import Graded, Grading
from autograder.settings import Settings

if TYPE_CHECKING:
    from autograder.grading import Grader

_AHEAD = 2  # submissions that wait for each worker, so that none is idle
_grader: Grader | None = None


class ExecutorError(Exception):
    """Those who grade cannot be had, or were lost; the message says why, in a sentence."""


def grade_many(
    settings: Settings, paths: Iterable[Path], *, jobs: int
) -> Generator[tuple[Path, Graded], None, None]:
    """Grade files in `jobs` processes; they come as they are finished.

    Whoever stops listening, or is interrupted, ends the processes and what runs in them at once.
    If a process dies, what it had in hand is graded again, one at a time: the one that makes its
    process die again is to blame, and gets a scorecard that says so.

    Raises:
        UnconfinedError: Learners' code cannot be confined, and that was not allowed.
    """
    require(allow_unconfined=settings.allow_unconfined)
    rest = iter(paths)
    while lost := (yield from _graded(settings, rest, jobs)):
        for path in lost:
            if (yield from _graded(settings, iter([path]), 1)):
                yield path, _blamed(settings, path)


def _graded(
    settings: Settings, paths: Iterator[Path], jobs: int
) -> Generator[tuple[Path, Graded], None, list[Path]]:
    """Grade until all is done or a process dies: what was in hand then is returned."""
    flying: dict[Future[Graded], Path] = {}
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(settings,),
    )
    try:
        while True:
            for path in islice(paths, jobs * _AHEAD - len(flying)):
                flying[pool.submit(_grade, path)] = path
            if not flying:
                pool.shutdown()
                return []
            done, _ = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                yield flying[future], future.result()
                del flying[future]
    except BrokenProcessPool:
        return list(flying.values())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.kill()


def _begin(settings: Settings) -> None:
    """Get a worker ready, which ends with the process that it works for."""
    global _grader  # noqa: PLW0603 - what a worker is there for
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["OMP_NUM_THREADS"] = "1"
    from autograder.grading import Grader  # noqa: PLC0415 - torch loads in workers only

    _grader = Grader(settings)
    Finalize(_grader, _grader.close, exitpriority=0)  # a worker runs no `atexit` functions


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _grade(path: Path) -> Graded:
    if _grader is None:
        raise RuntimeError("a worker grades before it has begun")
    return _grader.grade_path(path)


def _blamed(settings: Settings, path: Path) -> Graded:
    from autograder.review import Reviewer  # noqa: PLC0415 - torch loads in this rare event

    message = "the process that graded it died, twice"
    reviewer = Reviewer(settings.kata, settings.seed)
    return Graded(reviewer.ungraded(str(path), Grading.ERROR, message))
