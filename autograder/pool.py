"""Many submissions at once: worker processes, each with a grader of its own.

The process that asks stays small: it loads no torch, and holds no more than what is being graded.
Torch is loaded once, whatever their number: in the nursery that they are forked from, as is all
that learners' code runs in.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from autograder.confine import require
from autograder.nursery import Nursery
from autograder.recognition import kata_at
from autograder.records import Graded, Grading
from autograder.settings import Settings


class ExecutorError(Exception):
    """Those who grade cannot be had, or were lost; the message says why, in a sentence."""


def grade_many(
    settings: Settings, paths: Iterable[Path], *, jobs: int
) -> Generator[tuple[Path, Graded], None, None]:
    """Grade files in `jobs` processes; they come as they are finished.

    Whoever stops listening, or is interrupted, ends the processes and what runs in them at once.
    If a process dies, what all had in hand is graded again, one at a time: the one that makes its
    process die again is to blame, and gets a scorecard that says so.

    Raises:
        UnconfinedError: Learners' code cannot be confined, and that was not allowed.
    """
    require(allow_unconfined=settings.allow_unconfined)
    nursery = Nursery()
    try:
        rest = iter(paths)
        while lost := (yield from _graded(settings, nursery, rest, jobs)):
            for path in lost:
                if (yield from _graded(settings, nursery, iter([path]), 1)):
                    yield path, _blamed(settings, path)
    finally:
        nursery.stop()


def _graded(
    settings: Settings, nursery: Nursery, paths: Iterator[Path], jobs: int
) -> Generator[tuple[Path, Graded], None, list[Path]]:
    """Grade until all is done or a process dies: what was in hand then is returned."""
    workers = _workers(settings, nursery, jobs)
    flying: dict[Connection[Any, Any], Path] = {}

    def ask(worker: Connection[Any, Any]) -> None:
        path = next(paths, None)
        if path is not None:
            flying[worker] = path
            with suppress(ConnectionError):  # listening will tell
                worker.send(path)

    try:
        for worker in workers:
            ask(worker)
        while flying:
            ready: list[Any] = wait(list(flying))
            for worker in ready:
                try:
                    graded = worker.recv()
                except (EOFError, OSError):
                    return list(flying.values())
                path = flying.pop(worker)
                ask(worker)  # so that it works while whoever listens does
                yield path, graded
        return []
    finally:
        for worker in workers:  # it ends, whatever it does
            worker.close()


def _workers(settings: Settings, nursery: Nursery, jobs: int) -> list[Connection[Any, Any]]:
    """Have the processes that grade forked: a line to each."""
    pairs = [Pipe() for _ in range(jobs)]
    try:
        nursery.fork_crew([theirs for _, theirs in pairs])
    finally:
        for _, theirs in pairs:
            theirs.close()
    lines: list[Connection[Any, Any]] = [ours for ours, _ in pairs]
    with suppress(ConnectionError):  # listening will tell
        lines[0].send(settings)
    return lines


def _blamed(settings: Settings, path: Path) -> Graded:
    from autograder.review import Reviewer  # noqa: PLC0415 - torch loads in this rare event

    message = "the process that graded it died, twice"
    reviewer = Reviewer(settings.kata or kata_at(path), settings.seed, settings.terms)
    return Graded(reviewer.ungraded(str(path), Grading.ERROR, message))
