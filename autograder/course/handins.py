"""Files of learners in an LMS's downloads, and which of them are the newest."""

from __future__ import annotations

import filecmp
from dataclasses import dataclass
from pathlib import Path

from autograder.course.filenames import Reading, is_exact
from autograder.course.ids import Identity


@dataclass(frozen=True)
class HandIn:
    """A file, and whose it is.

    Attributes:
        path: Where it lies.
        shown: Its path as a log can show it.
        reading: What its name says.
        owner: Whose it is.
        download: The folder that holds what was downloaded with it.
    """

    path: Path
    shown: str
    reading: Reading
    owner: Identity
    download: Path

    def moment(self) -> tuple[int, float]:
        """Order a learner's files, oldest first: by Canvas' numbers, or by time of download."""
        number = self.reading.attachment
        return number, 0.0 if number else self.path.stat().st_mtime

    def age(self, notebook: str) -> tuple[tuple[int, float], bool]:
        """Order those of one moment, too: the one with the notebook's very name counts."""
        return self.moment(), is_exact(self.reading, notebook)

    def may_be_newer(self, other: HandIn, notebook: str) -> bool:
        """Tell whether nothing says which of two files is the newer, and it matters."""
        same = self.age(notebook) == other.age(notebook)
        return same and not filecmp.cmp(self.path, other.path, shallow=False)

    def told(self, notebook: str) -> dict[str, str]:
        """Write what nbgrader asks for."""
        time = self.owner.timestamp
        told = {"student_id": self.owner.student, "file_id": notebook}
        return told if time is None else {**told, "timestamp": time}


def parted(ones: list[HandIn]) -> tuple[list[list[HandIn]], list[HandIn]]:
    """Part a learner's files into the newest downloads, several if of one moment, and the rest."""
    downloads: dict[Path, list[HandIn]] = {}
    for one in ones:
        downloads.setdefault(one.download, []).append(one)
    moments = {place: max(map(HandIn.moment, files)) for place, files in downloads.items()}
    newest = max(moments.values())
    current = [files for place, files in downloads.items() if moments[place] == newest]
    return current, [one for one in ones if moments[one.download] != newest]
