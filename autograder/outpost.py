"""On a worker of a Dask cluster: the grader that it keeps, and what grades a batch with it.

A cluster's scheduler loads this module too. So torch is loaded only where something is graded.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import Reschedule, Worker, WorkerPlugin, get_worker
from distributed.utils import sync

from autograder.confine import UnconfinedError
from autograder.pool import ExecutorError
from autograder.records import Execution, Graded, Grading
from autograder.results import grader_version
from autograder.settings import Settings

if TYPE_CHECKING:
    from autograder.grading import Grader

_ENOUGH_SECONDS = 10.0  # so that results come steadily, whatever submissions do
_NAME = "autograder"


@dataclass(frozen=True)
class Parcel:
    """A file as it was handed in.

    Attributes:
        path: Its place on the asker's machine, which names it.
        data: Its content.
        learner: Whose own hidden cases decide; empty for those that all have.
        fault: Why there is nothing to grade, and what becomes of it then; None if there is.
    """

    path: Path
    data: bytes = b""
    learner: str = ""
    fault: tuple[Grading, str] | None = None


@dataclass(frozen=True)
class Batch:
    """What is sent to a worker. Dask logs what fails: neither seed nor learners are in its text.

    Attributes:
        settings: What makes the grader.
        version: The asker's grader, which must be the worker's.
        parcels: What is to be graded.
    """

    settings: Settings
    version: str
    parcels: tuple[Parcel, ...] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What comes back: the first of the batch, or all if there was time."""

    graded: tuple[Graded, ...] = field(repr=False)


class _Keeper(WorkerPlugin):
    """Keeps one grader, and ends what it runs as soon as nobody waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # a grader grades one at a time
        self._grader: Grader | None = None
        self._settings: Settings | None = None
        self._task: object = None

    def grade(self, worker: Worker, batch: Batch) -> Iterator[Graded]:
        """Grade until there is enough for one answer."""
        with self._lock:
            if _NAME not in worker.plugins:
                sync(worker.loop, worker.plugin_add, self, _NAME)
            self._task = worker.get_current_task()
            grader = self._grader_for(batch.settings)
            end = time.monotonic() + _ENOUGH_SECONDS
            for parcel in batch.parcels:
                if self._task is None:
                    raise Reschedule
                if parcel.fault is None:
                    yield grader.grade_bytes(parcel.data, parcel.path, parcel.learner)
                else:
                    yield grader.ungraded(str(parcel.path), *parcel.fault)
                if time.monotonic() > end:
                    break

    def transition(self, key: object, start: str, finish: str, **_: Any) -> None:
        """Stop if the asker has left, or the scheduler: a task may be released while it runs."""
        if key == self._task and (start, finish) == ("executing", "released"):
            self._stop()

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - what Dask calls
        """End with the worker."""
        self._stop()

    def _grader_for(self, settings: Settings) -> Grader:
        if self._grader is not None and self._settings != settings:
            self._grader.close()
            self._grader = None
        if self._grader is None:
            from autograder.grading import Grader  # noqa: PLC0415 - loads torch in workers only

            self._grader, self._settings = Grader(settings), settings
        return self._grader

    def _stop(self) -> None:
        self._task = None
        grader, self._grader = self._grader, None
        if grader is not None:
            grader.close()


_keeper = _Keeper()


def grade(batch: Batch) -> Answer:
    """Grade a batch, in a worker.

    Raises:
        ExecutorError: This worker's grader is another one than the asker's, or it failed.
        Reschedule: The grader was stopped; if anybody still waits, another worker is to do it.
        UnconfinedError: Learners' code cannot be confined, and that was not allowed.
    """
    worker = get_worker()
    if batch.version != grader_version():
        raise ExecutorError(
            f"the worker {worker.address} has another autograder ({_short(grader_version())}) than"
            f" this machine ({_short(batch.version)}): install the same on both"
        )
    os.environ["OMP_NUM_THREADS"] = "1"
    from autograder.sandbox import ClosedError  # noqa: PLC0415 - loads torch in workers only

    try:
        return Answer(sharing(_keeper.grade(worker, batch)))
    except ClosedError:
        raise Reschedule from None
    except (Reschedule, UnconfinedError):
        raise
    except Exception as error:  # noqa: BLE001 - an asker waits forever where one cannot be pickled
        why = f"the worker {worker.address} failed ({type(error).__name__}: {error})"
    raise ExecutorError(why)


def _short(version: str) -> str:
    name, _, digest = version.partition("+")
    return f"{name}+{digest[:8]}"


def sharing(graded: Iterable[Graded]) -> tuple[Graded, ...]:
    """Make equal answers the same object, which is written once: a class holds many like ones."""
    known: dict[bytes, bytes] = {}

    def share(execution: Execution) -> Execution:
        answers = tuple(known.setdefault(answer, answer) for answer in execution.answers)
        return replace(execution, answers=answers)

    return tuple(
        one
        if one.evidence is None
        else replace(
            one,
            evidence=replace(
                one.evidence,
                hidden=share(one.evidence.hidden),
                shown=one.evidence.shown and share(one.evidence.shown),
            ),
        )
        for one in graded
    )
