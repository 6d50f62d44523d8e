"""The world outside the sandbox, with all that an attack may be after, and what became of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from tests.confinement.notebooks import RIGHT

_FAMILIES = (socket.AF_INET, socket.AF_INET6)
_LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
_PUBLIC_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/dev/mqueue")  # noqa: S108
_WITNESS = """
import signal, sys, time
signal.signal(signal.SIGURG, lambda *_: (print("heard", flush=True), sys.exit()))
print("listening", flush=True)
time.sleep(3600)
"""


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for what is outside, what is graded, and scratch."""
    folder = Path(tempfile.mkdtemp(prefix="attacks-"))
    try:
        yield folder
    finally:
        (folder / "outside" / "closed").chmod(0o700)
        shutil.rmtree(folder)


class Outside:
    """Files, sockets and a process that no submission may touch.

    Attributes:
        place: The folder of the files.
        names: What attacks are told: placeholders of their sources and what stands for them.
    """

    def __init__(self, folder: Path) -> None:
        self.place = folder / "outside"
        self._sockets: list[socket.socket] = []
        self._make_files()
        listening = [self._listener(family) for family in _FAMILIES if _offered(family)]
        port = listening[0].getsockname()[1]
        datagrams = self._bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        pid = os.getpid()
        for address in (str(self.place / "socket"), f"\0autograder-canary-{pid}"):
            self._bound(socket.AF_UNIX, socket.SOCK_STREAM, address).listen()
        for address in (str(self.place / "datagrams"), f"\0autograder-datagrams-{pid}"):
            self._bound(socket.AF_UNIX, socket.SOCK_DGRAM, address)
        self._witness = subprocess.Popen(
            [sys.executable, "-I", "-c", _WITNESS], stdout=subprocess.PIPE, text=True
        )
        assert self._witness.stdout is not None
        assert self._witness.stdout.readline() == "listening\n"
        self.names = {
            "@CANARY@": str(self.place),
            "@GRADER@": str(pid),
            "@TCP@": str(port),
            "@UDP@": str(datagrams.getsockname()[1]),
            "@WITNESS@": str(self._witness.pid),
        }
        self._before = dict(self._files())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._witness.kill()
        self._witness.wait()
        assert self._witness.stdout is not None
        self._witness.stdout.close()
        for each in self._sockets:
            each.close()

    def changes(self) -> list[str]:
        """Say what is not as it was."""
        return [*self._changed_files(), *self._calls(), *self._left(), *self._signals()]

    def _make_files(self) -> None:
        (self.place / "learner").mkdir(parents=True)
        (self.place / ".ssh").mkdir()
        (self.place / "empty").mkdir()
        (self.place / "learner" / "solution.py").write_text(RIGHT, encoding="utf-8")
        for name in ("secret.txt", ".ssh/id_ed25519", ".bashrc", "crontab"):
            (self.place / name).write_text("nobody may read or change this\n", encoding="utf-8")
        with contextlib.closing(sqlite3.connect(self.place / "gradebook.db")) as base:
            base.execute("create table grade (student text, points real)")
            base.execute("insert into grade values ('somebody', 3.5)")
            base.commit()
        with contextlib.suppress(OSError):  # not every file system keeps attributes
            os.setxattr(self.place / "secret.txt", "user.note", b"a note")
        for path in self.place.rglob("*"):
            os.utime(path, (10**9, 10**9))
        (self.place / "closed").mkdir(mode=0)

    def _bound(self, family: int, kind: int, address: Any) -> socket.socket:
        made = socket.socket(family, kind)
        made.bind(address)
        made.settimeout(0)
        self._sockets.append(made)
        return made

    def _listener(self, family: socket.AddressFamily) -> socket.socket:
        port = self._sockets[0].getsockname()[1] if self._sockets else 0
        made = self._bound(family, socket.SOCK_STREAM, (_LOOPBACK[family], port))
        made.listen()
        return made

    def _files(self) -> Iterator[tuple[str, Any]]:
        for path in [self.place, *sorted(self.place.rglob("*"))]:
            seen = path.lstat()
            held = path.read_bytes() if stat.S_ISREG(seen.st_mode) else b""
            kept = (seen.st_mode, seen.st_uid, seen.st_gid, seen.st_nlink, seen.st_mtime_ns)
            notes = {name: os.getxattr(path, name) for name in os.listxattr(path)}
            yield str(path.relative_to(self.place)), (*kept, held, notes)

    def _changed_files(self) -> Iterator[str]:
        after = dict(self._files())
        for name in sorted(self._before.keys() | after.keys()):
            if self._before.get(name) != after.get(name):
                yield f"{name} was {self._before.get(name)}, is {after.get(name)}"

    def _calls(self) -> Iterator[str]:
        for each in self._sockets:
            take = each.accept if each.type == socket.SOCK_STREAM else (lambda s=each: s.recv(9))
            with contextlib.suppress(BlockingIOError):
                take()
                yield f"somebody called {each.getsockname()!r}"

    def _left(self) -> Iterator[str]:
        for folder in map(Path, _PUBLIC_FOLDERS):
            for name in (f"autograder-pwned-{os.getpid()}", "autograder-pwned"):
                if (folder / name).exists():
                    yield f"{folder / name} was left"

    def _signals(self) -> Iterator[str]:
        time.sleep(0.1)
        if self._witness.poll() is not None:
            yield "the witness heard a signal"


def descendants() -> dict[int, str]:
    """Name this process's children, and theirs: not the witness, and not Python's own tracker."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            if fields[0] != "Z":
                parents[int(path.parent.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    commands = {pid: _command(pid) for pid in found - {os.getpid()}}
    return {
        pid: command
        for pid, command in commands.items()
        if "SIGURG" not in command and "multiprocessing.resource_tracker" not in command
    }


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return b" ".join(words).decode("utf-8", "replace")


def _offered(family: socket.AddressFamily) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((_LOOPBACK[family], 0))
    except OSError:
        return False
    return True
