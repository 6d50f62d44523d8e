"""Archives that nobody vouches for: taken apart as a whole, or not at all."""

from __future__ import annotations

import os
import stat
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.unzip import ArchiveError, Limits, unpack

LIMITS = Limits(entries=100, total_bytes=2**24, ratio=100)


def _entry(name: str, mode: int = stat.S_IFREG | 0o644) -> ZipInfo:
    entry = ZipInfo("x")
    entry.filename = entry.orig_filename = name
    entry.external_attr = mode << 16
    entry.create_system = 3
    return entry


def _named(name: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with ZipFile(path, "w") as archive:
            archive.writestr("first.ipynb", "{}")
            archive.writestr(_entry(name), "bad")

    return write


def _of_kind(kind: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with ZipFile(path, "w") as archive:
            archive.writestr(_entry("link.ipynb", kind | 0o777), "/etc/passwd")

    return write


def _twice(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("a.ipynb", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.ipynb", "2")


def _file_and_folder(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("a", "1")
        archive.writestr("a/b.ipynb", "2")


def _bomb(path: Path) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ipynb", b"0" * 2**22)


def _large(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.bin", os.urandom(2**23))


def _many(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        for number in range(101):
            archive.writestr(f"{number}.ipynb", "")


def _encrypted(path: Path) -> None:
    _named("good.ipynb")(path)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)


def _other_method(path: Path) -> None:
    with ZipFile(path, "w", ZIP_BZIP2) as archive:
        archive.writestr("a.ipynb", "1" * 1000)


def _cut(path: Path) -> None:
    _named("good.ipynb")(path)
    path.write_bytes(path.read_bytes()[:-30])


def _damaged(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("first.ipynb", "{}")
        archive.writestr("second.ipynb", "the very content")
    path.write_bytes(path.read_bytes().replace(b"the very content", b"the other content"[:16]))


def _lying_about_its_size(path: Path) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.ipynb", b"0" * 2**22)
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(mark) + offset
        data[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(data)


def _no_zip(path: Path) -> None:
    path.write_text("this is text")


HOSTILE = {
    "up": (_named("../../evil.ipynb"), "'../../evil.ipynb', a path that leads out of the folder"),
    "up inside": (_named("a/../../evil.ipynb"), "a path that leads out"),
    "up in windows": (_named("..\\evil.ipynb"), "a path that leads out"),
    "absolute": (_named("/tmp/evil.ipynb"), "'/tmp/evil.ipynb', an absolute path"),  # noqa: S108
    "drive": (_named("C:\\evil.ipynb"), "an absolute path"),
    "share": (_named("\\\\host\\evil.ipynb"), "an absolute path"),
    "nothing": (_named("./"), "names no file"),
    "deep": (_named("a/" * 30_000 + "b.ipynb"), "a path of 30,001 folders"),
    "symlink": (_of_kind(stat.S_IFLNK), "a symbolic link"),
    "device": (_of_kind(stat.S_IFCHR), "a device"),
    "pipe": (_of_kind(stat.S_IFIFO), "a pipe"),
    "twice": (_twice, "'a.ipynb' twice"),
    "file and folder": (_file_and_folder, "'a' as a file and as a folder"),
    "bomb": (_bomb, "unpacks to more than 100 times its size (max_ratio)"),
    "large": (_large, "unpacks to 25,165,824 bytes, more than 16,777,216 (max_total_mib)"),
    "many": (_many, "has 101 entries, more than 100 (max_entries)"),
    "encrypted": (_encrypted, "which is encrypted"),
    "other method": (_other_method, "packed by a method that no LMS uses"),
    "cut": (_cut, "is no sound zip file"),
    "damaged": (_damaged, "is no sound zip file"),
    "lying": (_lying_about_its_size, "is no sound zip file"),
    "no zip": (_no_zip, "is no sound zip file"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    write, reason = HOSTILE[name]
    archive, inside = tmp_path / "archive.zip", tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    write(archive)
    before = archive.read_bytes()
    with pytest.raises(ArchiveError) as raised:
        unpack(archive, inside / "folder", LIMITS)
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not Path("/tmp/evil.ipynb").exists()  # noqa: S108 - where the entry points
    assert sorted(tmp_path.rglob("*")) == [inside.parent, inside, archive]
    assert archive.read_bytes() == before


def test_a_good_archive_is_unpacked_but_for_archives_in_it(tmp_path: Path) -> None:
    archive = tmp_path / "good.zip"
    with ZipFile(archive, "w", ZIP_DEFLATED) as opened:
        opened.writestr("Zoë O'Neil_1_x/", "")
        opened.writestr(ZipInfo("Zoë O'Neil_1_x/a b.ipynb", (2026, 1, 10, 12, 0, 0)), "ä")
        opened.writestr(ZipInfo("sub\\folder\\c.ipynb", (2026, 1, 9, 12, 0, 0)), "c")
        opened.writestr(ZipInfo("inner.ZIP", (1980, 0, 0, 0, 0, 0)), "PK")
        opened.writestr("small but dense.txt", b"0" * 2**20)
    os.utime(archive, (0, 0))
    assert unpack(archive, tmp_path / "to", LIMITS) == ["inner.ZIP"]
    files = {path for path in (tmp_path / "to").rglob("*") if path.is_file()}
    names = {path.relative_to(tmp_path / "to").as_posix() for path in files}
    assert names == {"Zoë O'Neil_1_x/a b.ipynb", "sub/folder/c.ipynb", "small but dense.txt"}
    assert (tmp_path / "to" / "Zoë O'Neil_1_x" / "a b.ipynb").read_text("utf-8") == "ä"
    assert len({path.stat().st_mtime for path in files}) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("good.ipynb\0.txt", "good.ipynb_.txt"),
        ("good\n[ERROR] fake.ipynb", "good_[ERROR] fake.ipynb"),
        ("a\u202egnp.ipynb", "a_gnp.ipynb"),
        ("n" * 300 + ".ipynb", "n" * 231 + ".ipynb"),
        ("王" * 100 + ".ipynb", "王" * 77 + ".ipynb"),
    ],
)
def test_names_that_learners_may_choose_keep_nobody_out(
    tmp_path: Path, name: str, expected: str
) -> None:
    _named(name)(tmp_path / "a.zip")
    unpack(tmp_path / "a.zip", tmp_path / "to", LIMITS)
    assert {path.name for path in (tmp_path / "to").iterdir()} == {"first.ipynb", expected}


def test_two_names_that_can_only_be_written_alike_are_both_kept(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        for number, name in enumerate(["a\u00a0b.ipynb", "a_b.ipynb", "a_b (1).ipynb"]):
            archive.writestr(name, str(number))
    unpack(tmp_path / "a.zip", tmp_path / "to", LIMITS)
    found = {path.name: path.read_text() for path in (tmp_path / "to").iterdir()}
    assert found == {"a_b.ipynb": "0", "a_b (1).ipynb": "1", "a_b (1) (2).ipynb": "2"}


def test_so_are_names_as_long_as_a_name_can_be(tmp_path: Path) -> None:
    stem = "n" * 247
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        for number, letter in enumerate("\u200b\u200c\u200d"):  # three bytes each, and invisible
            archive.writestr(f"{stem}{letter}.ipynb"[-255:], str(number))
            archive.writestr(f"{'n' * 246}_ ({number + 1}).ipynb"[-255:], "beside")
    unpack(tmp_path / "a.zip", tmp_path / "to", LIMITS)
    found = [path for path in (tmp_path / "to").iterdir() if path.read_text() in "012"]
    assert len(found) == 3
    assert {path.suffix for path in found} == {".ipynb"}


def test_names_in_utf_8_are_read_though_the_archive_does_not_say_so(tmp_path: Path) -> None:
    archive = tmp_path / "names.zip"
    with ZipFile(archive, "w") as opened:
        opened.writestr("xxbung.ipynb", "")
    archive.write_bytes(archive.read_bytes().replace(b"xxbung", "übung".encode()))
    unpack(archive, tmp_path / "to", LIMITS)
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["übung.ipynb"]


def test_all_files_get_the_newest_time_in_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "times.zip"
    with ZipFile(archive, "w") as opened:
        opened.writestr(ZipInfo("a.ipynb", (2026, 1, 10, 12, 0, 0)), "")
        opened.writestr(ZipInfo("b.ipynb", (2025, 1, 10, 12, 0, 0)), "")
    unpack(archive, tmp_path / "to", LIMITS)
    expected = time.mktime((2026, 1, 10, 12, 0, 0, 0, 0, -1))
    assert {path.stat().st_mtime for path in (tmp_path / "to").iterdir()} == {expected}


@given(data=st.binary(max_size=400), at=st.integers(0, 600))
def test_whatever_the_bytes_it_ends_in_files_or_in_a_reason(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    archive = folder / "archive.zip"
    with ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a/b.ipynb", "{}" * 50)
        opened.writestr("c.ipynb", "{}" * 50)
    whole = archive.read_bytes()
    archive.write_bytes(whole[:at] + data + whole[at + len(data) :])
    try:
        unpack(archive, folder / "to", LIMITS)
    except ArchiveError:
        assert not (folder / "to").exists()
    assert not list(folder.glob(".unpacking-*"))
