"""What is found of a folder that a child fills."""

from __future__ import annotations

import ctypes
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pyseccomp
import pytest

from autograder import scratch
from autograder.confine import FILE_BYTES

SIZE = mmap.PAGESIZE
KEEPS = """
import ctypes, mmap, os, sys, threading, time

def keep():
    with open(sys.argv[1], "r+b") as file:
        kept = mmap.mmap(file.fileno(), 0)
    os.unlink(sys.argv[1])
    time.sleep(0.1)
    print("mapped", flush=True)
    time.sleep(600)

threading.Thread(target=keep).start()
ctypes.CDLL(None).syscall(int(sys.argv[2]), 0)
"""


def mapped(pid: int, folder: Path) -> dict[int, int]:
    return scratch.mapped(pid, folder, each=FILE_BYTES)


@pytest.mark.parametrize("name", ["plain", "a\rb", "a\nb", "\r", "a\x0b\x0c\x1c b", " "])
def test_a_mapped_file_without_a_name_is_found_whatever_it_was_called(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0):
        assert mapped(os.getpid(), tmp_path) == {}
        path.unlink()
        assert mapped(os.getpid(), tmp_path) == {os.fstat(file.fileno()).st_ino: FILE_BYTES}
    assert mapped(os.getpid(), tmp_path) == {}


def test_what_a_thread_has_mapped_is_found_when_the_first_thread_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    inode = path.stat().st_ino
    leave = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "exit")
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPS, str(path), str(leave)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "mapped\n"
        assert Path(f"/proc/{process.pid}/maps").read_bytes() == b""
        assert mapped(process.pid, tmp_path) == {inode: FILE_BYTES}
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_more_mappings_than_can_be_looked_at_count_as_too_large(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    with path.open("r+b") as file:  # neighbours that differ in their place in the file stay apart
        pages = [
            libc.mmap(None, SIZE, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), SIZE * (n % 2))
            for n in range(40_000)
        ]
    try:
        assert sum(mapped(os.getpid(), tmp_path).values()) > scratch.MAX_BYTES
    finally:
        for page in pages:
            libc.munmap(page, SIZE)
    assert mapped(os.getpid(), tmp_path) == {}
