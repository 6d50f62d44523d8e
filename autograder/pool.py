"""Many submissions at once: lines to those who grade, one submission down each at a time.

The process that asks stays small: it loads no torch, and holds no more than what is being graded.
Torch is loaded once, whatever their number: in the nursery that they are forked from, as is all
that learners' code runs in.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import cast

from autograder.confine import require
from autograder.nursery import Line, Nursery
from autograder.recognition import kata_at
from autograder.records import Graded, Grading
from autograder.settings import Settings

_OTHER_DESCRIPTORS = 100  # that a process needs beside the lines
_LONG_SECONDS = 0.5  # a submission that runs longer keeps no other waiting
_LONG_AT_FIRST_SECONDS = 5.0  # until the first answer: all is being loaded


class ExecutorError(Exception):
    """Those who grade cannot be had, or were lost; the message says why, in a sentence."""


def grade_many(
    settings: Settings, paths: Iterable[Path], *, jobs: int, nursery: Nursery | None = None
) -> Generator[tuple[Path, Graded], None, None]:
    """Grade files, `jobs` at once; they come as they are finished.

    One that takes long, most likely asleep or in an endless loop, keeps no other waiting: it counts
    no more, and another one is started beside it, up to as many again.

    Whoever stops listening, or is interrupted, ends the processes and what runs in them at once.
    If a process dies, what all had in hand is graded again, one at a time: the one that makes its
    process die again is to blame, and gets a scorecard that says so.

    Args:
        settings: How to grade.
        paths: What to grade.
        jobs: How many at once.
        nursery: One that has been started, and is ended, by whoever asks; else one starts here.

    Raises:
        ExecutorError: No process can be started.
        UnconfinedError: Learners' code cannot be confined, and that was not allowed.
    """
    require(allow_unconfined=settings.allow_unconfined)
    with nullcontext(nursery) if nursery else open_nursery() as home:
        rest = iter(paths)
        while lost := (yield from _graded(settings, home, rest, jobs)):
            for path in lost:
                if (yield from _graded(settings, home, iter([path]), 1)):
                    yield path, _blamed(settings, path)


def open_nursery() -> Nursery:
    """Start a nursery.

    Raises:
        ExecutorError: It cannot be started.
    """
    with _starting():
        return Nursery()


@contextmanager
def _starting() -> Iterator[None]:
    """Say in a sentence that nobody can be had who grades."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise ExecutorError(f"those who grade cannot be started: {why}") from error


def _graded(
    settings: Settings, nursery: Nursery, paths: Iterator[Path], jobs: int
) -> Generator[tuple[Path, Graded], None, list[Path]]:
    """Grade until all is done or a process dies: what was in hand then is returned."""
    team = _Team(_workers(settings, nursery, 2 * jobs), paths, jobs)
    try:
        team.ask()
        while team.flying:
            for worker in team.heard():
                try:
                    graded = worker.recv()
                except (EOFError, OSError):
                    return team.in_hand()
                path = team.has_answered(worker)
                team.ask()  # so that it works while whoever listens does
                yield path, graded
            team.ask()
        return []
    finally:
        team.dismiss()


class _Team:
    """The lines of one run, half of them in reserve: they help out where others take long.

    Who comes first is asked most: no more fork servers start than are needed.
    """

    def __init__(self, workers: list[Line], paths: Iterator[Path], jobs: int) -> None:
        self.flying: dict[Line, _Flight] = {}
        self._all, self._idle = workers, [*workers]
        self._paths, self._jobs = paths, jobs
        self._patience = _LONG_AT_FIRST_SECONDS

    def ask(self) -> None:
        """Hand out as many submissions as may be graded at once."""
        counting = len(self._counting())
        while self._idle and counting < self._jobs and (path := next(self._paths, None)):
            worker = min(self._idle, key=self._all.index)
            self._idle.remove(worker)
            self.flying[worker] = _Flight(path)
            counting += 1
            with suppress(ConnectionError):  # listening will tell
                worker.send(path)

    def heard(self) -> list[Line]:
        """Wait until some have answered, or the next one has taken long."""
        until = None
        if self._idle and (counting := self._counting()):
            until = max(0.0, min(counting) + self._patience - time.monotonic())
        return cast("list[Line]", wait(list(self.flying), until))

    def has_answered(self, worker: Line) -> Path:
        """Take a worker back: which path it graded."""
        self._idle.append(worker)
        self._patience = _LONG_SECONDS
        return self.flying.pop(worker).path

    def in_hand(self) -> list[Path]:
        """Tell what is being graded."""
        return [flight.path for flight in self.flying.values()]

    def dismiss(self) -> None:
        """End the workers, whatever they do."""
        for worker in self._all:
            worker.close()

    def _counting(self) -> list[float]:
        """Tell since when those run that have not taken long."""
        now = time.monotonic()
        return [f.start for f in self.flying.values() if now - f.start < self._patience]


@dataclass(frozen=True)
class _Flight:
    path: Path
    start: float = field(default_factory=time.monotonic)


def _workers(settings: Settings, nursery: Nursery, jobs: int) -> list[Line]:
    """Have the processes that grade forked: a line to each."""
    with _starting():
        pairs = [Pipe() for _ in range(min(jobs, _most_lines()))]
        try:
            nursery.fork_crew([theirs for _, theirs in pairs])
        finally:
            for _, theirs in pairs:
                theirs.close()
    lines: list[Line] = [ours for ours, _ in pairs]
    with suppress(ConnectionError):  # listening will tell
        lines[0].send(settings)
    return lines


def _most_lines() -> int:
    """Tell how many lines this process may hold: each takes two descriptors at first."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, (allowed - _OTHER_DESCRIPTORS) // 2) if allowed > 0 else sys.maxsize


def _blamed(settings: Settings, path: Path) -> Graded:
    from autograder.review import Reviewer  # noqa: PLC0415 - torch loads in this rare event

    message = "the process that graded it died, twice"
    reviewer = Reviewer(settings.kata or kata_at(path), settings.seed, settings.terms)
    return Graded(reviewer.ungraded(str(path), Grading.ERROR, message))
