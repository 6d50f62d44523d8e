"""Many submissions at once, on a Dask cluster: files are sent in batches, scorecards come back.

The workers share no disk with the asker. Whoever reaches the scheduler can read what is sent, the
seed included, and have the workers run any code: its network must be a trusted one, or use TLS.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import dask
from distributed import Client, Future, KilledWorker, Security, as_completed
from distributed.client import ClosedClientError
from distributed.comm.core import connect

from autograder.confine import UnconfinedError
from autograder.notebook import UnreadableError, contents
from autograder.outpost import Answer, Batch, Parcel, grade
from autograder.pool import ExecutorError
from autograder.records import Graded, Grading
from autograder.results import grader_version
from autograder.settings import Settings
from autograder.variants import learner_in

_AHEAD = 2  # batches for each worker: one in work, and one that waits
_ROUNDS = 4  # of equal batches, before they grow
_MOST = 16  # submissions in a batch
_MOST_BYTES = 8 * 2**20
_CONNECT_SECONDS = 5.0
_COUNT_SECONDS = 1.0
_BLAME = "each worker that graded it died, again and again"


def grade_many(
    settings: Settings, paths: Iterable[Path], *, address: str, tell: Callable[[str], None]
) -> Generator[tuple[Path, Graded], None, None]:
    """Grade files on the cluster whose scheduler has this address; they come as they are finished.

    Whoever stops listening, or is interrupted, cancels what is left, and ends what runs. What a
    worker had in hand when it died is graded by another. What Dask gives up, because worker after
    worker died of it, is graded again one at a time: the one that kills them gets a scorecard that
    says so.

    Args:
        settings: What makes the workers' graders.
        paths: The files.
        address: `HOST:PORT`, in the form that Dask takes.
        tell: Says a line to whoever waits.

    Raises:
        ExecutorError: The scheduler cannot be reached, was lost, or a worker does not fit.
        UnconfinedError: A worker cannot confine learners' code, and that was not allowed.
    """
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is told in a sentence
    quiet = dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"})
    with quiet, closing(_connected(address)) as client:
        try:
            waiting = (_parcel(path, settings.terms.per_learner) for path in paths)
            yield from _graded(_Errands(client, settings), waiting, tell)
        except (OSError, ClosedClientError) as error:
            raise _lost() from error


def _connected(address: str) -> Client:
    try:
        asyncio.run(_greet(address))
        return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        why = re.sub("^in <[^>]*>: ", "", " ".join(str(error.__cause__ or error).split()))
        why = why or "it does not answer"
        raise ExecutorError(f"the Dask scheduler at {address} cannot be reached ({why})") from error


async def _greet(address: str) -> None:
    """See whether a scheduler answers: a `Client` where none does cannot be interrupted."""
    security = Security().get_connection_args("client")
    async with asyncio.timeout(2 * _CONNECT_SECONDS):  # Dask's own does not cover all
        comm = await connect(address, timeout=_CONNECT_SECONDS, **security)
    comm.abort()


def _graded(
    errands: _Errands, waiting: Iterator[Parcel], tell: Callable[[str], None]
) -> Generator[tuple[Path, Graded], None, None]:
    if not errands.workers():
        tell("the cluster has no worker yet; grading begins when one joins")
    suspects: list[Parcel] = []
    while True:
        while errands.room() and (parcels := _batch(waiting, errands.size())):
            errands.send(parcels)
        if not errands.out:
            break
        parcels, answer = errands.wait()
        if answer is None:
            suspects += parcels
            continue
        for parcel, graded in zip(parcels, answer.graded, strict=False):
            yield parcel.path, graded
        if left := parcels[len(answer.graded) :]:
            errands.send(left)
    for parcel in suspects:
        errands.send((parcel,))
        while (answer := errands.wait()[1]) is None:
            errands.send((Parcel(parcel.path, fault=(Grading.ERROR, _BLAME)),))
        yield parcel.path, answer.graded[0]


class _Errands:
    """The batches that are out."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self.out: dict[Future[Answer], tuple[Parcel, ...]] = {}
        self._client, self._settings = client, settings
        self._done = as_completed(with_results=True, raise_errors=False, loop=client.loop)
        self._name, self._batches, self._sent = f"autograder-{uuid.uuid4().hex}", 0, 0
        self._workers, self._counted = 0, -_COUNT_SECONDS

    def workers(self) -> int:
        """Count the workers that there are now."""
        if time.monotonic() - self._counted > _COUNT_SECONDS:
            self._workers, self._counted = len(self._client.nthreads()), time.monotonic()
        return self._workers

    def room(self) -> bool:
        """Tell whether workers can take another batch."""
        return len(self.out) < _AHEAD * max(1, self.workers())

    def size(self) -> int:
        """Choose how many go into a batch: more as a class turns out to be large."""
        return min(_MOST, 1 + self._sent // (_ROUNDS * max(1, self.workers())))

    def send(self, parcels: tuple[Parcel, ...]) -> None:
        """Send a batch. Its name tells nothing."""
        batch = Batch(self._settings, grader_version(), parcels)
        future = self._client.submit(grade, batch, key=f"{self._name}-{self._batches}")
        self.out[future] = parcels
        self._batches += 1
        self._sent += len(parcels)
        self._done.add(future)

    def wait(self) -> tuple[tuple[Parcel, ...], Answer | None]:
        """Wait for an answer; None comes where worker after worker died.

        Raises:
            ExecutorError: The scheduler was lost, or a worker does not fit.
            UnconfinedError: A worker cannot confine learners' code.
        """
        future, result = self._next()
        parcels = self.out.pop(future)
        if isinstance(result, Answer):
            return parcels, result
        if not isinstance(result, tuple):
            raise _lost()
        error = result[1]
        if isinstance(error, KilledWorker):
            return parcels, None
        if isinstance(error, ExecutorError | UnconfinedError):
            raise error
        what = " ".join(str(error).split("\n\n", maxsplit=1)[0].split())
        raise ExecutorError(
            f"the cluster could not grade ({type(error).__name__}: {what}): its scheduler and its"
            " workers need the same Python packages as this machine, this one included"
        )

    def _next(self) -> tuple[Future[Answer], Any]:
        try:
            found: tuple[Future[Answer], Any] = next(self._done)
        except RuntimeError as error:
            if isinstance(error.__context__, KeyboardInterrupt):  # while a lock was changing hands
                raise error.__context__ from None
            raise
        return found


def _lost() -> ExecutorError:
    return ExecutorError(
        "the Dask scheduler was lost, or has dropped the work; what was finished has been kept,"
        " and with --output the same command goes on"
    )


def _batch(waiting: Iterator[Parcel], size: int) -> tuple[Parcel, ...]:
    """Take the next files, as many as one batch may hold."""
    parcels: list[Parcel] = []
    total = 0
    for parcel in islice(waiting, size):
        parcels.append(parcel)
        total += len(parcel.data)
        if total > _MOST_BYTES:
            break
    return tuple(parcels)


def _parcel(path: Path, per_learner: str) -> Parcel:
    try:
        return Parcel(path, contents(path), learner_in(path, per_learner))
    except UnreadableError as error:
        return Parcel(path, fault=(Grading.UNREADABLE, str(error)))
