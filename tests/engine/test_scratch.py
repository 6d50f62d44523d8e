"""What is found of a folder that a child fills."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from autograder import scratch


@pytest.mark.parametrize("name", ["plain", "a\rb", "a\nb", "\r", "a\x0b\x0c\x1c b", " "])
def test_a_mapped_file_without_a_name_is_found_whatever_it_was_called(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0):
        assert scratch.mapped(os.getpid(), tmp_path) == set()
        path.unlink()
        assert scratch.mapped(os.getpid(), tmp_path) == {os.fstat(file.fileno()).st_ino}
    assert scratch.mapped(os.getpid(), tmp_path) == set()
