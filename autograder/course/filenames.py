"""Whose hand-in a file in an LMS's download is, and which notebook of the assignment; no I/O.

Moodle makes a folder for each learner, or puts the same in front of the file's name:
`Full Name_PARTICIPANT_assignsubmission_file_/FILE`. Newer versions leave the last `_` out; a
group's folder may have no number. Canvas writes `name_USER_ATTACHMENT_FILE`, with `_LATE` after
the name, and puts `-1`, `-2` … after the name of a file that was handed in again.

The ids are those of the LMS. Names are the learners' to choose, files even more so: where a name
can be read in several ways, only the first counts, and only if its file is one of the assignment's.

Sources: Moodle's `mod/assign/classes/downloader.php`, Canvas' `lib/content_zipper.rb`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

_MOODLE = "_assignsubmission_"
_MOODLE_FOLDER = re.compile(
    r"(?:[^/]+/)*?[^_/]*_(?P<key>[0-9]+)_assignsubmission_[a-z]+_?/(?:.*/)?(?P<file>[^/]+)",
    re.DOTALL,
)
# Without a name in front where Canvas keeps hand-ins anonymous.
_ANYWHERE = re.compile(
    r"(?:(?<=_)|^(?=(?:LATE_)?anon_))"
    r"(?=(?:(?P<late>LATE)_)?(?P<key>[0-9]+|anon_[^\W_]+)_"
    r"(?:(?P<attachment>[0-9]+)|assignsubmission_[a-z]+)_(?P<file>.+)$)",
    re.DOTALL,
)
# What browsers, file managers, Jupyter and Canvas put after a name that is taken.
_COPY = re.compile(
    r"(?:\s*\([0-9]+\)|[-_ ][0-9]{1,2}|[-_ ]+(?:copy|kopie|copie|copia|cópia)[0-9]*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """One way to read a file's path.

    Attributes:
        key: The learner's number: Canvas' id of the user (or `anon_…`), which stays the same in
            all assignments; Moodle's of the participant, which is another in each.
        file: The file's name as the learner chose it.
        attachment: Canvas' number of the upload, which grows with time; 0 for Moodle.
        late: Whether Canvas says so.
    """

    key: str
    file: str
    attachment: int = 0
    late: bool = False


def readings(path: str) -> list[Reading]:
    """Read a path below the extracted archive in every way, the LMS's own first.

    Args:
        path: Folders and file, with `/` between them.
    """
    folder = _MOODLE_FOLDER.fullmatch(path)
    if folder:
        return [Reading(folder["key"], folder["file"])]
    folders, _, name = path.rpartition("/")
    if _MOODLE in folders:  # of a group without a number
        return []
    found: dict[tuple[str, str], Reading] = {}
    for way in _ANYWHERE.finditer(name):
        number = int(way["attachment"] or 0)
        reading = Reading(way["key"], way["file"], number, bool(way["late"]))
        found.setdefault((reading.key, reading.file), reading)
    ways = list(found.values())
    return [] if _MOODLE in name and ways and ways[0].attachment else ways


def depth_of(path: str) -> int:
    """Count the folders above the one, or the file, that the LMS has named after a learner."""
    parts = path.split("/")
    return next((depth for depth, part in enumerate(parts) if _MOODLE in part), len(parts) - 1)


def sure_reading(path: str, released: Collection[str]) -> Reading | None:
    """Choose the reading that no learner can have forged; None if there is none."""
    ways = readings(path)
    if len(ways) > 1 and notebook_of(ways[0], released) is None:
        return None
    return ways[0] if ways else None


def notebook_of(reading: Reading, released: Collection[str]) -> str | None:
    """Find the notebook that a file is, though its name may be that of a copy.

    Args:
        reading: The file.
        released: Paths of the assignment's notebooks.

    Returns:
        One of `released`; None if none fits, or more than one.
    """
    known: dict[str, set[str]] = {}
    for path in released:
        known.setdefault(_folded(PurePosixPath(path).stem), set()).add(path)
    stem = unicodedata.normalize("NFC", PurePosixPath(reading.file).stem)
    fits = known.get(_folded(stem), set())
    if fits and not reading.attachment:
        return min(fits) if len(fits) == 1 else None
    fits = set(fits)
    while (shorter := _COPY.sub("", stem)) != stem:
        stem = shorter
        fits |= known.get(_folded(stem), set())
    return min(fits) if len(fits) == 1 else None


def is_exact(reading: Reading, notebook: str) -> bool:
    """Tell whether a file has the very name of a notebook."""
    names = (unicodedata.normalize("NFC", text) for text in (reading.file, notebook))
    first, second = (PurePosixPath(text).name for text in names)
    return first == second


def _folded(stem: str) -> str:
    text = unicodedata.normalize("NFKC", stem).casefold()
    return re.sub(r"[-_\s]+", "_", text).strip("_")
