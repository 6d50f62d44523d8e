"""The evidence, where it cannot be read or kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.archive import Archive, EvidenceError
from tests.engine.test_results import run
from tests.room import room_for


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "out.jsonl.evidence"
    archive = Archive(path)
    for number in range(50):
        archive.keep(f"{number}", "key", b"line", run(f"{number}", os.urandom(1000)))
    archive.close()
    return path


@pytest.fixture
def damaged(path: Path) -> Iterator[Archive]:
    """An archive of which nothing is left but its first page, which names the tables."""
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x5a" * (len(whole) - 4096))
    archive = Archive(path)
    yield archive
    archive.close()


@pytest.mark.parametrize(
    "read",
    [
        lambda archive: archive.keys(),
        lambda archive: archive.submissions(),
        lambda archive: archive.run("7"),
        lambda archive: archive.trace("7"),
        lambda archive: [*archive.runs()],
        lambda archive: [*archive.traces()],
    ],
    ids=["keys", "submissions", "run", "trace", "runs", "traces"],
)
def test_what_is_damaged_is_said_in_a_sentence(
    damaged: Archive, read: Callable[[Archive], object]
) -> None:
    with pytest.raises(EvidenceError, match=r"^\S*/out\.jsonl\.evidence cannot be read: .+$"):
        read(damaged)


def test_nobody_else_can_read_what_is_kept(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_cannot_be_kept_is_said_in_a_sentence(path: Path) -> None:
    archive = Archive(path)
    for write in (
        lambda: archive.keep("7", "new", b"line", run("7", os.urandom(1000))),
        lambda: archive.rekey([("7", "new", b"line")]),
    ):
        with (
            room_for(1000),
            pytest.raises(EvidenceError, match=r"out\.jsonl\.evidence cannot be written: .+$"),
        ):
            write()
    assert set(archive.keys().values()) == {"key"}
    archive.close()


def test_what_is_no_archive_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_bytes(b"no database" * 1000)
    for read_only, what in ((True, "read"), (False, "written")):
        with pytest.raises(EvidenceError, match=f"evidence cannot be {what}: file is not a dat"):
            Archive(tmp_path / "evidence", read_only=read_only)


def test_a_run_that_is_not_there_is_said_in_a_sentence(path: Path) -> None:
    archive = Archive(path, read_only=True)
    with pytest.raises(EvidenceError, match="evidence cannot be read: it knows no run of nobody"):
        archive.run("nobody")
    archive.close()
