"""One submission or many: read, run in a sandbox, judge, make a scorecard."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock

from autograder import __version__
from autograder.kata import Kata, load
from autograder.notebook import UnreadableError, read
from autograder.records import (
    Execution,
    Fault,
    Grading,
    Outcome,
    Scorecard,
    Status,
    Submission,
    Verdict,
)
from autograder.sandbox import ClosedError, Sandbox

PUBLIC_SEED = "public"
SEED_VARIABLE = "AUTOGRADER_SEED"
DEFAULT_TIMEOUT = 20.0
_ENDINGS = {
    Status.RAISED: "the submission raised an exception",
    Status.TIMED_OUT: "the submission ran out of time",
    Status.OUT_OF_MEMORY: "the submission ran out of memory",
    Status.CRASHED: "the submission's process crashed",
    Status.MALFORMED: "the submission's answer made no sense",
}
_MANY = 10  # wrong submissions, from which on it pays to prepare for more
_RANK = {Outcome.PASSED: 0, Outcome.SKIPPED: 1, Outcome.FAILED: 2, Outcome.ERRORED: 3}


class Grader:
    """Grades submissions of one kata with one secret seed; safe to use from several threads.

    A submission runs on the hidden cases first. One that passes them all is right; any other runs
    again, in a new process, on the open cases, where what went wrong may be told: a process that
    has seen hidden inputs says nothing that a learner reads.

    Args:
        kata: Name of the kata.
        seed: Secret of the hidden cases.
        timeout: Wall-clock limit in seconds for each run of a submission.
        allow_unconfined: Whether to run learners' code where the kernel cannot confine it.

    Raises:
        UnconfinedError: It cannot, and that was not allowed.
    """

    def __init__(
        self,
        kata: str,
        *,
        seed: str,
        timeout: float = DEFAULT_TIMEOUT,
        allow_unconfined: bool = False,
    ) -> None:
        """Draw the cases; the sandbox starts with the first submission."""
        from autograder.judge import Judge  # noqa: PLC0415 - torch loads when grading starts

        self._new_sandbox = partial(Sandbox, timeout=timeout, allow_unconfined=allow_unconfined)
        self._sandboxes = [self._new_sandbox()]
        self._idle: SimpleQueue[Sandbox] = SimpleQueue()
        self._idle.put(self._sandboxes[0])
        self.kata: Kata = load(kata)
        self._hidden = Judge(self.kata, self.kata.draw_cases(seed, hidden=True))
        self._open = Judge(self.kata, self.kata.draw_cases(PUBLIC_SEED, hidden=False))
        self._lock = Lock()
        self._explained = 0
        self._closed = False
        self._versions = {
            "autograder": __version__,
            "python": sys.version.split()[0],
            "torch": _version("torch"),
        }

    def grade_path(self, path: Path, name: str | None = None) -> Scorecard:
        """Grade a file. A file that cannot be read gets a scorecard that says why."""
        try:
            submission = read(path, entry_point=self.kata.entry_point, name=name)
        except UnreadableError as error:
            return self.unreadable(name or str(path), str(error))
        return self.grade(submission)

    def grade(self, submission: Submission) -> Scorecard:
        """Grade a submission that was read. Never raises for what a learner did.

        Raises:
            ClosedError: `close` was called meanwhile.
        """
        if not submission.attempted:
            return self._card(
                submission.id, Grading.NOT_ATTEMPTED, Execution(Status.RETURNED),
                self._hidden.unreached("not attempted"),
                message=f"{self.kata.entry_point} is still the untouched stub",
                notes=submission.notes,
            )  # fmt: skip
        sandbox = self._borrowed()
        try:
            execution, verdicts = self._observed_and_judged(sandbox, submission)
        except OSError as error:
            return self._card(
                submission.id, Grading.ERROR, Execution(Status.CRASHED),
                self._hidden.unreached("not judged"),
                message=f"the sandbox could not be started: {error}",
            )  # fmt: skip
        finally:
            self._idle.put(sandbox)
        message = _message(execution)
        return self._card(
            submission.id, Grading.GRADED, execution,
            verdicts or self._hidden.unreached(message),
            message=message,
            notes=(*submission.notes, *map(_cell_note, execution.cell_faults)),
        )  # fmt: skip

    def _observed_and_judged(
        self, sandbox: Sandbox, submission: Submission
    ) -> tuple[Execution, tuple[Verdict, ...]]:
        """Run a submission as often as is needed; no verdicts if it could not be observed."""
        hidden = sandbox.run(submission, self._hidden.cases)
        if len(hidden.observations) < len(self._hidden.cases):
            return _discreet(hidden), ()
        with self._lock:
            verdicts = self._hidden.verdicts(hidden.observations, explain=False)
        if all(verdict.outcome is Outcome.PASSED for verdict in verdicts):
            return _discreet(hidden), verdicts
        shown = sandbox.run(submission, self._open.cases)
        seconds = hidden.wall_seconds + shown.wall_seconds
        if len(shown.observations) < len(self._open.cases):
            return replace(shown, wall_seconds=seconds), ()
        with self._lock:
            self._explained += 1
            if self._explained == _MANY:
                self._open.prepare()
            told = self._open.verdicts(shown.observations)
            if any(_rank(h) > _rank(t) for h, t in zip(verdicts, told, strict=True)):
                verdicts = self._hidden.verdicts(hidden.observations)
        worst = tuple(max(pair, key=_rank) for pair in zip(told, verdicts, strict=True))
        return replace(shown, wall_seconds=seconds), worst

    def unreadable(self, name: str, message: str) -> Scorecard:
        """Make the scorecard of a submission that could not be read."""
        verdicts = self._hidden.unreached(message)
        execution = Execution(Status.MALFORMED)
        return self._card(name, Grading.UNREADABLE, execution, verdicts, message=message)

    def close(self) -> None:
        """End all sandboxes and what runs in them, for good; what runs raises `ClosedError`."""
        self._closed = True
        for sandbox in self._sandboxes:
            sandbox.close()

    def _borrowed(self) -> Sandbox:
        if self._closed:
            raise ClosedError
        try:
            return self._idle.get_nowait()
        except Empty:
            sandbox = self._new_sandbox()
            self._sandboxes.append(sandbox)
            return sandbox

    def _card(
        self,
        name: str,
        status: Grading,
        execution: Execution,
        verdicts: tuple[Verdict, ...],
        *,
        message: str = "",
        notes: tuple[str, ...] = (),
    ) -> Scorecard:
        errored = next((v for v in verdicts if v.outcome is Outcome.ERRORED), None)
        if errored is not None:
            status, message = Grading.ERROR, f"{errored.check}: {errored.reason}"
        failed = status in (Grading.ERROR, Grading.UNREADABLE)
        return Scorecard(
            submission=name,
            kata=self.kata.id,
            status=status,
            verdicts=verdicts,
            points=None if failed else sum(verdict.points for verdict in verdicts),
            max_points=self.kata.max_points,
            execution=replace(execution, observations=()),
            message=message,
            notes=notes,
            versions=self._versions,
        )


def grade_many(grader: Grader, paths: Sequence[Path], *, jobs: int) -> Iterator[Scorecard]:
    """Grade files concurrently; scorecards come as they are finished."""
    done: SimpleQueue[Future[Scorecard]] = SimpleQueue()
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(partial(grader.grade_path, path)) for path in paths]
        for future in futures:
            future.add_done_callback(done.put)
        try:
            for _ in futures:
                yield done.get().result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            grader.close()
            raise


def find_submissions(path: Path) -> list[Path]:
    """Find the files to grade: the path itself, or every notebook and script below a folder.

    Checkpoints, hidden folders and build caches are left out.
    """
    if not path.is_dir():
        return [path]
    found = (p for kind in ("*.ipynb", "*.py") for p in path.rglob(kind))
    return sorted(p for p in found if not _aside(p.relative_to(path)))


def seed_in_force(given: str | None) -> tuple[str, bool]:
    """Choose the seed: the option, the environment, or the public default.

    Returns:
        The seed and whether it is a secret one.
    """
    seed = given or os.environ.get(SEED_VARIABLE)
    return (seed, True) if seed else (PUBLIC_SEED + " hidden", False)


def _discreet(execution: Execution) -> Execution:
    """Leave out what may hold values of hidden cases: what an exception after the cells says."""
    fault = execution.fault
    if fault is not None and execution.status is Status.OUT_OF_MEMORY:
        fault = replace(fault, type="MemoryError", message="")
    return replace(execution, fault=fault)


def _rank(verdict: Verdict) -> int:
    return _RANK[verdict.outcome]


def _aside(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _message(execution: Execution) -> str:
    fault = execution.fault
    if fault is None:
        return "" if execution.status is Status.RETURNED else _ENDINGS[execution.status]
    said = _said(fault)
    return f"some calls raised {said}" if execution.status is Status.RETURNED else said


def _cell_note(fault: Fault) -> str:
    return f"cell {fault.cell} failed with {_said(fault)}; the rest was run"


def _said(fault: Fault) -> str:
    place = f" in `{fault.line}`" if fault.line else ""
    return f"{fault.type}: {fault.message}".removesuffix(": ") + place


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
