"""From an LMS's download to nbgrader's `submitted` folders: plugins for `nbgrader zip_collect`.

`Extractor` unpacks what lies in the archive folder, `Collector` tells whose each notebook is. What
cannot be used is left with a line in the log; the rest is collected.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.utils import find_all_notebooks
from traitlets import Float, Integer, List, Unicode

from autograder.course.filenames import depth_of, notebook_of, sure_reading
from autograder.course.handins import HandIn, parted
from autograder.course.ids import Columns, Identity, IdsError, read_ids
from autograder.course.unzip import ARCHIVES, ArchiveError, Limits, quoted, unpack

_APPLE_DOUBLE = b"\0\5\x16\7"


class Extractor(ExtractorPlugin):  # type: ignore[misc]
    """Unpacks zip files that nobody vouches for, each as a whole or not at all."""

    zip_ext = List([".zip"], help="endings of zip files, which are unpacked").tag(config=True)
    max_entries = Integer(20_000, help="files and folders in an archive").tag(config=True)
    max_total_mib = Float(2048.0, help="MiB of all files in an archive, unpacked").tag(config=True)
    max_ratio = Float(200.0, help="times a file may be smaller packed than unpacked").tag(
        config=True
    )

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack the archives, and copy the other files, into a folder.

        Args:
            archive_path: Where the downloads are.
            extracted_path: Where to.
        """
        archives, extracted = Path(archive_path), Path(extracted_path)
        limits = Limits(self.max_entries, int(self.max_total_mib * 2**20), self.max_ratio)
        refused = 0
        found = list(_files(archives))
        if not found:
            self.log.error("nothing lies in %s, where downloads are looked for", archives)
        for file in found:
            name = file.relative_to(archives)
            target = extracted / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._take(file, target, limits)
            except ArchiveError as error:
                refused += 1
                why = f"{quoted(str(name))} {error}; nothing of it was taken"
                self.log.error(why)  # noqa: TRY400 - the line says all there is to say
        if refused:
            files, were = ("file", "was") if refused == 1 else ("files", "were")
            self.log.error("%d %s in %s %s refused, see above", refused, files, archives, were)

    def _take(self, file: Path, target: Path, limits: Limits) -> None:
        if file.is_symlink() or not file.is_file():
            raise ArchiveError("is a link or no file")
        ending = file.suffix.lower()
        if ending in self.zip_ext:
            self.log.info("Extracting from: %s", file)
            for inner in unpack(file, target, limits):
                self.log.warning(
                    "%s holds another archive, which is not opened: %s",
                    quoted(file.name),
                    quoted(inner),
                )
        elif ending in ARCHIVES:
            raise ArchiveError("is no zip file, and others are not opened")
        else:
            self.log.info("Copying from: %s", file)
            try:
                shutil.copy2(file, target)
            except OSError as error:
                raise ArchiveError(f"cannot be copied ({error.strerror})") from error


class Collector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Reads the names of Moodle's and of Canvas' files, see `filenames`; the newest counts.

    A learner's id is Canvas' number of the user or Moodle's of the participant, unless `ids` names
    a file that says whose number it is. An own `named_regexp` takes the place of all this.
    """

    ids = Unicode(
        "", help="a CSV or JSON file with the course's id for each number of the LMS"
    ).tag(config=True)
    ids_key = Unicode("key", help="column of the numbers, in a CSV file").tag(config=True)
    ids_student = Unicode("student_id", help="column of the course's ids").tag(config=True)
    ids_time = Unicode("", help="column of the times of hand-in, if any").tag(config=True)
    ids_timezone = Unicode("UTC", help="time zone of those times").tag(config=True)

    _plan: dict[Path, dict[str, str]] | None = None

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Tell nbgrader whose a file is.

        Args:
            submitted_file: A file below the folder of extracted files.

        Returns:
            `student_id`, `file_id` and, if known, `timestamp`; None to leave the file.
        """
        if self.named_regexp:
            return super().collect(submitted_file)  # type: ignore[no-any-return]
        if self._plan is None:
            self._plan = self._planned()
        return self._plan.get(Path(submitted_file))

    def _planned(self) -> dict[Path, dict[str, str]]:
        """Decide about all files at once, as of several of a learner's only one can be taken."""
        app, course = self.parent, self.parent.coursedir
        folder = Path(app._format_collect_path(app.extracted_directory))
        place = course.format_path(course.release_directory, ".", course.assignment_id)
        # A checkpoint is no notebook of the assignment's.
        released = [one for one in find_all_notebooks(place) if not _has_hidden(Path(one).parts)]
        by_student: dict[str, list[HandIn]] = {}
        for one in self._hand_ins(folder, released):
            by_student.setdefault(one.owner.student, []).append(one)
        chosen = [
            (one, notebook)
            for student, ones in by_student.items()
            for notebook, one in self._newest(student, ones, released).items()
        ]
        counting = {one.owner.student for one, _ in chosen}
        left_out = sorted(by_student.keys() - counting)
        for student in left_out:
            self._set_aside(student)
        said = f"learners whose notebooks count: {len(counting)}"
        said += f"; left out, see above: {', '.join(left_out)}" if left_out else ""
        atexit.register(self.log.warning, said)  # nbgrader has lines for each file before
        late = sorted(
            one.owner.student for one, _ in chosen if one.reading.late and not one.owner.timestamp
        )
        if late:
            self.log.warning(
                "late, says Canvas, whose archive does not say how late: %s", ", ".join(late)
            )
        return {one.path: one.told(notebook) for one, notebook in chosen}

    def _set_aside(self, student: str) -> None:
        """Take away what was collected of a learner before; nbgrader does so for the others.

        It is moved, as it may be the only copy of what came another way than through the LMS.
        """
        app, course = self.parent, self.parent.coursedir
        lies = Path(course.format_path(course.submitted_directory, student, course.assignment_id))
        if not (lies.is_dir() and any(lies.iterdir())):
            return
        before = f"{student}'s hand-in of before no longer counts, and"
        if not app.force:
            self.log.warning("%s is still in %s; --force takes it away", before, lies)
            return
        aside = Path(app._format_collect_path("set_aside"), student)
        shutil.rmtree(aside, ignore_errors=True)
        aside.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(lies, aside)
        self.log.warning("%s was moved to %s", before, aside)

    def _hand_ins(self, folder: Path, released: list[str]) -> Iterator[HandIn]:
        """Find the files that are somebody's; tell of notebooks that are nobody's."""
        known = self._known()
        moodle = ""
        for path in _files(folder):
            place = path.relative_to(folder)
            shown = place.as_posix()
            own = depth_of(shown)
            if _has_hidden((*place.parts[:own], *place.parts[own + 1 :])) or _is_apples(path):
                continue
            reading = sure_reading(shown, released)
            owner = None if reading is None else Identity(reading.key)
            if reading and known is not None:
                owner = known.get(reading.key)
            if reading and owner:
                if not reading.attachment:
                    moodle = moodle or quoted(shown)
                download = folder.joinpath(*place.parts[:own])
                yield HandIn(path, quoted(shown), reading, owner, download)
            elif path.suffix in self.valid_ext:
                why = (
                    f"{self.ids} has no {reading.key}"
                    if reading
                    else "its name does not tell whose it is"
                )
                self.log.warning("left, as %s: %s", why, quoted(shown))
        if moodle and known is None:
            self.log.warning(
                "learners are named by Moodle's numbers of participants, which are others in each"
                " assignment, as in %s; c.Collector.ids can name a file with their ids",
                moodle,
            )

    def identities(self) -> dict[str, Identity] | None:
        """Read who is who, by the numbers of the LMS; None if no file was named.

        Raises:
            IdsError: The file cannot be used.
        """
        if not self.ids:
            return None
        columns = Columns(self.ids_key, self.ids_student, self.ids_time, self.ids_timezone)
        return read_ids(Path(self.parent.coursedir.root, self.ids), columns)

    def _known(self) -> dict[str, Identity] | None:
        try:
            return self.identities()
        except IdsError as error:
            self.parent.fail("c.Collector.ids: %s; nothing was collected", error)
            raise

    def _newest(self, student: str, ones: list[HandIn], released: list[str]) -> dict[str, HandIn]:
        """Choose a learner's file for each notebook; none that is not of the newest download.

        An LMS hands out all that counts at that time. What a learner takes back, replaces or
        renames is still in an older download.
        """
        current, older = parted(ones)
        found: dict[str, list[HandIn]] = {}
        unsure: list[HandIn] = []
        for files in current:
            notebooks = [one for one in files if one.path.suffix in self.valid_ext]
            for one in notebooks:
                notebook = self._notebook(one, released, alone=len(notebooks) == 1)
                if notebook is None:
                    unsure.append(one)
                    self.log.warning("left, as it is not sure which notebook it is: %s", one.shown)
                else:
                    found.setdefault(notebook, []).append(one)
        if not (found or unsure):
            files = [one for files in current for one in files]
            self.log.warning("%s handed in no notebook: %s", student, _list(files))
        sure = [one for several in found.values() for one in several]
        last = max((one.reading.attachment for one in sure), default=0)
        if any(one.reading.attachment > last for one in unsure):  # the notebook, renamed, perhaps
            older, found = older + sure, {}
        self._tell_older(student, older, found, released)
        newest = {name: self._last(several, name) for name, several in found.items()}
        return {name: last for name, last in newest.items() if last is not None}

    def _tell_older(
        self, student: str, older: list[HandIn], found: Container[str], released: list[str]
    ) -> None:
        """Tell what of an older download does not count."""
        notebooks = [one for one in older if one.path.suffix in self.valid_ext]
        if notebooks and not found:
            self.log.warning(
                "%s is left out: what is older does not count in its place: %s",
                student,
                _list(notebooks),
            )
            return
        for one in notebooks:
            notebook = self._notebook(one, released, alone=False)
            if notebook is None or notebook in found:
                self.log.info("left, as %s has a newer download: %s", student, one.shown)
            else:
                self.log.warning(
                    "left, as %s's newest download holds no %s: %s", student, notebook, one.shown
                )

    def _last(self, several: list[HandIn], notebook: str) -> HandIn | None:
        """Choose the newest of the files that are the same notebook; None if that is not sure."""
        *older, last = sorted(several, key=lambda one: one.age(notebook))
        if older and older[-1].may_be_newer(last, notebook):
            self.log.warning("left, as none is newer than the other: %s", _list(several))
            return None
        if older:
            self.log.info("left, as %s is newer: %s", last.shown, _list(older))
        return last

    def _notebook(self, one: HandIn, released: list[str], *, alone: bool) -> str | None:
        """Say which notebook of the assignment a file is."""
        if not released:
            return one.reading.file
        notebook = notebook_of(one.reading, released)
        if notebook is None and alone and len(released) == 1:
            self.log.warning("taken for %s, the only notebook: %s", released[0], one.shown)
            return released[0]
        return notebook


def _has_hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in parts)


def _is_apples(path: Path) -> bool:
    """Tell whether a file is what macOS lays beside another, `._NAME`, and no learner's."""
    if not (path.name.startswith("._") and path.is_file()):
        return False
    with path.open("rb") as file:
        return file.read(len(_APPLE_DOUBLE)) == _APPLE_DOUBLE


def _files(folder: Path) -> Iterator[Path]:
    """Find all files below a folder, in order, not through links."""
    for root, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            yield Path(root, name)


def _list(ones: list[HandIn]) -> str:
    return ", ".join(one.shown for one in ones)
