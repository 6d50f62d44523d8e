"""Takes a zip file apart that nobody vouches for: all of it, or nothing and the reason.

What only an archive made by hand can hold is refused. What learners can put into an LMS's download
is not, but for sizes beyond the limits: one of them could otherwise keep a class from its grades.

Nothing is written outside the folder. Everything is checked before the first byte is written, and
what was written appears under its name only when it is complete. Archives inside are left out.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import struct
import tempfile
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from autograder.texts import encodable, printable

ARCHIVES = frozenset(
    {".zip", ".gz", ".tgz", ".tar", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".7z", ".rar"}
)
_SMALL = 2**20  # a file up to this size may be packed as tightly as it likes
_LONGEST = 255  # bytes of a name on nearly all file systems
_DEEPEST = 64  # folders in a path
_ENDING = 6  # letters of an ending that are kept: `.ipynb`
_ENCRYPTED, _UTF8 = 0x1, 0x800  # bits of an entry's flags
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


class ArchiveError(Exception):
    """Why an archive was not taken apart, in words that follow its name."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold.

    Attributes:
        entries: Number of files and folders.
        total_bytes: Bytes of all files together, unpacked.
        ratio: How many times smaller than unpacked a file may be packed.
    """

    entries: int
    total_bytes: int
    ratio: float


def unpack(archive: Path, folder: Path, limits: Limits) -> list[str]:
    """Write an archive's files below a folder that does not exist yet.

    All files get one time, the newest in the archive, which is when the LMS made it.

    Returns:
        The archives inside, which were left out.

    Raises:
        ArchiveError: Something is wrong with it; nothing was written.
    """
    fresh = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        with ZipFile(archive) as opened:
            entries = opened.infolist()
            files = _checked(entries, limits)
            moment = _moment(entries)
            for place, entry in files.items():
                if _is_archive(place):
                    continue
                path = fresh / place
                path.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(entry) as source, path.open("xb") as target:
                    shutil.copyfileobj(source, target)
                os.utime(path, (moment, moment))
        fresh.chmod(0o755)
        fresh.rename(folder)
    except (BadZipFile, zlib.error, struct.error, EOFError, ValueError) as error:
        raise ArchiveError(f"is no sound zip file ({_said(error)})") from error
    except (OSError, OverflowError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(f"could not be unpacked ({_said(error)})") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return [str(place) for place in files if _is_archive(place)]


def _checked(entries: list[ZipInfo], limits: Limits) -> dict[PurePosixPath, ZipInfo]:
    """Hold the list of contents against the limits; return the files by their places."""
    if len(entries) > limits.entries:
        raise ArchiveError(
            f"has {len(entries):,} entries, more than {limits.entries:,} (max_entries)"
        )
    total = sum(entry.file_size for entry in entries)
    if total > limits.total_bytes:
        raise ArchiveError(
            f"unpacks to {total:,} bytes, more than {limits.total_bytes:,} (max_total_mib)"
        )
    files: dict[PurePosixPath, ZipInfo] = {}
    folders: set[PurePosixPath] = set()
    seen: set[str] = set()
    for entry in entries:
        text = _name(entry)
        name = quoted(text)
        place = _place(text, name)
        _check_content(entry, name, limits)
        folders |= set(place.parents)
        if entry.is_dir():
            folders.add(place)
            continue
        if text in seen:
            raise ArchiveError(f"holds {name} twice")
        seen.add(text)
        numbers, alone = count(len(files)), place
        while place in files:  # of another name that can only be written alike
            place = _numbered(alone, next(numbers))
        files[place] = entry
    both = sorted(folders & files.keys())
    if both:
        raise ArchiveError(f"holds {quoted(str(both[0]))} as a file and as a folder")
    return files


def _name(entry: ZipInfo) -> str:
    """Read an entry's name; many programs write UTF-8 and do not say so."""
    if not entry.flag_bits & _UTF8:
        with contextlib.suppress(UnicodeError):
            return entry.orig_filename.encode("cp437").decode("utf-8")
    return entry.orig_filename


def _place(name: str, shown: str) -> PurePosixPath:
    """Read where an entry goes, with slashes or Windows' backslashes between folders."""
    text = name.replace("\\", "/")
    if text.startswith("/") or re.match(r"[A-Za-z]:", text):
        raise ArchiveError(f"holds {shown}, an absolute path")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ArchiveError(f"holds {shown}, a path that leads out of the folder")
    if len(parts) > _DEEPEST:
        raise ArchiveError(f"holds a path of {len(parts):,} folders")
    if not parts:
        raise ArchiveError(f"holds {shown}, which names no file")
    return PurePosixPath(*map(_writable, parts))


def _writable(part: str) -> str:
    """Write a name as any file system takes it, and so that any log can show it."""
    plain = "".join(letter if letter.isprintable() else "_" for letter in part)
    if len(plain.encode()) <= _LONGEST:
        return plain
    ending = PurePosixPath(plain).suffix[:_ENDING]
    return plain.encode()[: _LONGEST - 4 * _ENDING].decode(errors="ignore") + ending


def _numbered(place: PurePosixPath, number: int) -> PurePosixPath:
    mark = f" ({number}){place.suffix[:_ENDING]}"
    room = _LONGEST - len(mark.encode())
    return place.with_name(place.stem.encode()[:room].decode(errors="ignore") + mark)


def _check_content(entry: ZipInfo, name: str, limits: Limits) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind in _KINDS:
        raise ArchiveError(f"holds {name}, {_KINDS[kind]}")
    if entry.flag_bits & _ENCRYPTED:
        raise ArchiveError(f"holds {name}, which is encrypted")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ArchiveError(f"holds {name}, packed by a method that no LMS uses")
    if entry.file_size > max(_SMALL, limits.ratio * entry.compress_size):
        raise ArchiveError(
            f"holds {name}, which unpacks to more than {limits.ratio:g} times its size (max_ratio)"
        )


def _moment(entries: Iterable[ZipInfo]) -> float:
    """Find the newest time in an archive; times that no calendar has do not count."""
    moments = [0.0]
    for entry in entries:
        try:
            moments.append(time.mktime((*entry.date_time, 0, 0, -1)))
        except (ValueError, OverflowError):
            continue
    return max(moments)


def _is_archive(place: PurePosixPath) -> bool:
    return place.suffix.lower() in ARCHIVES


def quoted(name: str) -> str:
    """Write a stranger's name so that a log can show it."""
    return repr(printable(encodable(name)))


def _said(error: BaseException) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return printable(encodable(reason)) or type(error).__name__
