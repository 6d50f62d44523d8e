"""The folder that a child may fill: how full it is, and how it is emptied."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES = 256 * 2**20
MAX_FILES = 5000
_MAX_DEPTH = 40
_BLOCK_BYTES = 512
_MAX_MAPS_BYTES = 2 * 2**20  # torch alone takes 50 KB


class _TooDeepError(Exception):
    """A folder lies deeper than anybody needs."""


def usage(folder: Path) -> tuple[int, int]:
    """Count bytes and files in a folder that a child fills meanwhile, up to the bounds.

    Links are never followed: the child may swap what it made for a link at any moment. A folder
    that lies too deep counts as too many files.
    """
    size = files = 0
    with _opened(str(folder), None) as descriptor, contextlib.suppress(_TooDeepError):
        for entry in _entries(descriptor, depth=0):
            files += 1
            size += entry.st_blocks * _BLOCK_BYTES
            if size > MAX_BYTES or files > MAX_FILES:
                break
        return size, files
    return size, MAX_FILES + 1


def nameless(pid: int) -> dict[int, int]:
    """Find files that a process holds open and no name leads to any more: bytes by inode.

    Its threads share what they hold open, and the first of them may be gone.
    """
    sizes: dict[int, int] = {}
    for place in _descriptors(pid):
        with contextlib.suppress(OSError):
            entry = os.stat(place)  # noqa: PTH116 - there may be many
            if stat.S_ISREG(entry.st_mode) and not entry.st_nlink:
                sizes[entry.st_ino] = entry.st_blocks * _BLOCK_BYTES
    return sizes


def mapped(pid: int, folder: Path, *, each: int) -> dict[int, int]:
    """Find files of a folder that a process has mapped and no name leads to any more, by inode.

    Nobody tells how large they are. A list of mappings that is too long to be looked at counts as
    too large a file. Source: proc_pid_maps(5).

    Args:
        pid: The process; the first of its threads may be gone, and with it the process's own list.
        folder: Where the files were.
        each: How many bytes one may hold.
    """
    maps = _maps(pid)
    if len(maps) > _MAX_MAPS_BYTES:
        return {0: MAX_BYTES + 1}
    lines = maps.split(b"\n")  # names may hold "\r"
    gone = (line.split(maxsplit=5) for line in lines if line.endswith(b"(deleted)"))
    inside = os.fsencode(folder.resolve())
    return {int(words[4]): each for words in gone if words[5].startswith(inside)}


def _maps(pid: int) -> bytes:
    for thread in _threads(pid):
        with contextlib.suppress(OSError), Path(thread, "maps").open("rb") as file:
            if maps := file.read(_MAX_MAPS_BYTES + 1):
                return maps
    return b""


def _descriptors(pid: int) -> list[str]:
    for thread in _threads(pid):
        with contextlib.suppress(OSError):
            if names := os.listdir(f"{thread}/fd"):  # noqa: PTH208 - names are all we need
                return [f"{thread}/fd/{name}" for name in names]
    return []


def _threads(pid: int) -> list[str]:
    place = f"/proc/{pid}/task"
    with contextlib.suppress(OSError):
        return [f"{place}/{name}" for name in os.listdir(place)]  # noqa: PTH208 - as above
    return []


def _entries(descriptor: int, *, depth: int) -> Iterator[os.stat_result]:
    """Walk below an open folder."""
    if depth > _MAX_DEPTH:
        raise _TooDeepError
    with os.scandir(descriptor) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # it was swapped
                yield entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    with _opened(entry.name, descriptor) as inside:
                        yield from _entries(inside, depth=depth + 1)


@contextlib.contextmanager
def _opened(name: str, parent: int | None) -> Iterator[int]:
    flags = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags | os.O_RDONLY, dir_fd=parent)
    except PermissionError:  # the child forbade reading it; it is ours all the same
        place = os.open(name, flags | os.O_PATH, dir_fd=parent)
        try:
            os.chmod(f"/proc/self/fd/{place}", 0o700)  # noqa: PTH101 - this very folder
            descriptor = os.open(f"/proc/self/fd/{place}", flags & ~os.O_NOFOLLOW)
        finally:
            os.close(place)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove what a child left, however deep or forbidden it is."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(path)
        return
    for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
        subprocess.run([*command, str(path)], check=False, stderr=subprocess.DEVNULL)
