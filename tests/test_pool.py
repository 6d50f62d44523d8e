"""Many at once: which processes there are, and what becomes of a class when they are killed."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from autograder.ahead import Ahead
from autograder.commands.voice import FAILED
from autograder.nursery import Nursery
from autograder.pool import ExecutorError, grade_many
from autograder.records import Grading
from autograder.settings import Settings
from tests.asking import ask
from tests.processes import (
    children,
    crews_below,
    forked_with,
    nurseries_below,
    servers_below,
    threads_of,
    workers_below,
)
from tests.test_cli import HANGS, NO_REWIND, RIGHT, STUB

SEED = "a seed that no learner's process knows"
SETTINGS = Settings("lottery_ticket", SEED)
POINTS = {STUB: 0.0, RIGHT: 10.0, NO_REWIND: 6.0}
OURS = os.getpid()


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of temporary files."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture
def members(tmp_path: Path) -> dict[Path, float]:
    """A class, and what its members should get."""
    sources = [RIGHT, NO_REWIND, STUB, RIGHT, NO_REWIND, RIGHT]
    for number, source in enumerate(sources):
        (tmp_path / f"{number}.py").write_text(source, encoding="utf-8")
    return {tmp_path / f"{number}.py": POINTS[source] for number, source in enumerate(sources)}


def gone(scratch: Path) -> bool:
    """Wait until neither a process nor a folder is left; whoever was orphaned ends by itself."""

    def left() -> list[object]:
        return [*forked_with(scratch), *scratch.iterdir()]

    until = time.monotonic() + 30
    while left() and time.monotonic() < until:
        time.sleep(0.05)
    return not left()


@pytest.mark.parametrize(("jobs", "lines"), [(2, [4]), (5, [5, 5])])  # half of them in reserve
def test_all_come_from_one_process_that_learners_cannot_learn_from(
    members: dict[Path, float],
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
    jobs: int,
    lines: list[int],
) -> None:
    monkeypatch.setenv("AUTOGRADER_SEED", SEED)
    with closing(grade_many(SETTINGS, members, jobs=jobs)) as graded:
        found = {path: one.card.points for path, one in [next(graded), next(graded)]}
        (crew,), (nursery,) = crews_below(OURS), nurseries_below(OURS)
        assert [threads_of(worker) for worker in children(crew)] == [1 + own for own in lines]
        assert 1 <= len(servers_below(OURS)) <= 2 * jobs
        for pid in (nursery, *servers_below(OURS)):
            for file in ("environ", "cmdline"):
                assert SEED.encode() not in Path(f"/proc/{pid}/{file}").read_bytes()
        assert crew not in servers_below(OURS)
        found |= {path: one.card.points for path, one in graded}
    assert found == members
    assert gone(scratch)


@pytest.mark.parametrize("victims", [workers_below, crews_below, servers_below, nurseries_below])
def test_whoever_is_killed_all_are_graded_and_nothing_is_left(
    victims: Callable[[int], list[int]], members: dict[Path, float], scratch: Path
) -> None:
    with closing(grade_many(SETTINGS, members, jobs=2)) as graded:
        path, one = next(graded)
        found = {path: one.card.points}
        for pid in victims(OURS):
            os.kill(pid, signal.SIGKILL)
        for path, one in graded:
            assert path not in found
            found[path] = one.card.points
    assert found == members
    assert gone(scratch)


def test_one_that_kills_its_process_twice_is_to_blame(
    members: dict[Path, float], scratch: Path
) -> None:
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.01):
            for pid in workers_below(OURS):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        ((path, graded),) = grade_many(SETTINGS, [next(iter(members))], jobs=1)
    finally:
        over.set()
        killer.join()
    assert path in members
    assert (graded.card.status, graded.card.points) == (Grading.ERROR, None)
    assert graded.card.message == "the process that graded it died, twice"
    assert gone(scratch)


def test_one_that_hangs_holds_up_none_and_ends_with_who_stops_listening(
    members: dict[Path, float], scratch: Path
) -> None:
    hanging = next(iter(members))
    hanging.write_text(HANGS, encoding="utf-8")
    with closing(grade_many(Settings("lottery_ticket", SEED, 600.0), members, jobs=1)) as graded:
        for _ in range(len(members) - 1):
            path, _ = next(graded)
            assert path != hanging
    assert gone(scratch)


def test_an_interrupt_while_all_start_leaves_nothing(
    members: dict[Path, float], scratch: Path
) -> None:
    def interrupted() -> Iterator[Path]:
        yield next(iter(members))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(grade_many(SETTINGS, interrupted(), jobs=2))
    assert gone(scratch)


def test_where_nothing_can_be_started_that_is_said(
    members: dict[Path, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Nursery()
    lost.stop()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    said = "^those who grade cannot be started: No such file or directory$"
    for nursery in (None, lost):
        with pytest.raises(ExecutorError, match=said):
            next(grade_many(SETTINGS, members, jobs=1, nursery=nursery))
    monkeypatch.chdir(tmp_path)
    done = ask(tmp_path, "grade", "0.py", "--seed", SEED)
    assert (done.status, done.err) == (FAILED, f"autograder: {said[1:-1]}\n")


def test_what_was_graded_ahead_counts_for_the_very_file_only(
    members: dict[Path, float], scratch: Path
) -> None:
    first, second, *others = members
    missing, broken = first.with_name("missing.py"), first.with_name("broken.ipynb")
    broken.write_text("{", encoding="utf-8")
    ahead = Ahead(SETTINGS, [first, missing, second, broken])
    for path in (second, first, second):
        card = ahead.card(path)
        assert card is not None
        assert card.points == members[path]
    assert ahead.card(missing) is None
    assert ahead.card(others[0]) is None  # nobody has asked for it
    unreadable = ahead.card(broken)
    assert unreadable is not None
    assert unreadable.status is Grading.UNREADABLE
    second.write_text(RIGHT, encoding="utf-8")
    assert ahead.card(second) is None
    assert gone(scratch)
