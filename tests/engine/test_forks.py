"""What a fork server, and whoever asks it, leave behind when something goes wrong."""

from __future__ import annotations

import os
import resource
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.forks import Child, ForkServer
from autograder.nursery import Nest, launch_forking

PATIENCE = 60


@pytest.fixture
def control() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Yield both ends of a control socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


@pytest.mark.parametrize("module", ["child", "nurse"])
def test_who_forks_ends_when_the_parent_dies_in_the_middle_of_a_request(
    module: str, tmp_path: Path
) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = launch_forking(module, theirs, tmp_path)
    try:
        with ours:
            ours.sendall(b'["Linear(1, 1)"')
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


def test_a_server_that_cannot_start_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    before = descriptors()
    with pytest.raises(FileNotFoundError) as raised:
        ForkServer()
    assert descriptors() == before, raised.tb  # it keeps what was left open from being collected
    assert [*tmp_path.iterdir()] == []


def test_a_server_whose_nest_is_lost_leaves_nothing(
    tmp_path: Path, control: tuple[socket.socket, socket.socket]
) -> None:
    line, theirs = control
    theirs.close()
    before = descriptors()
    with pytest.raises(OSError, match="Broken pipe") as raised:
        ForkServer(Nest(line, tmp_path))
    assert descriptors() == before, raised.tb
    assert [*tmp_path.iterdir()] == []


def test_a_child_for_which_there_are_too_few_descriptors_leaves_none(
    tmp_path: Path, control: tuple[socket.socket, socket.socket]
) -> None:
    ours, _ = control
    free = [os.dup(ours.fileno()) for _ in range(3)]
    for descriptor in free:
        os.close(descriptor)
    before = descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[2], hard))  # enough for one pipe
    try:
        with pytest.raises(OSError, match="Too many open files"):
            Child(ours, tmp_path, 1.0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert descriptors() == before


def test_a_child_that_is_no_number_leaves_no_descriptor(
    tmp_path: Path, control: tuple[socket.socket, socket.socket]
) -> None:
    """As where an interrupt comes while its number is waited for."""
    ours, theirs = control
    theirs.sendall(b"?\n")
    before = descriptors()
    with pytest.raises(ValueError, match="invalid literal"):
        Child(ours, tmp_path, 1.0)
    assert descriptors() == before
