"""`nbgrader zip_collect` with our plugins, on downloads as Moodle and Canvas make them."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import shutil
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import nbformat
import pytest
from nbgrader.apps import ZipCollectApp

from tests.course import ASSIGNMENT, NOTEBOOK, Course, code_of, filled

NAME = "problem_one.ipynb"
EARLY, LATER = (2026, 1, 10, 12, 0, 0), (2026, 1, 12, 12, 0, 0)
TWICE_OR_NEVER = "which the clocks there show twice or never, so that its offset must be given"
PLUGINS = """
c = get_config()
c.ZipCollectApp.extractor_plugin = "autograder.course.collect.Extractor"
c.ZipCollectApp.collector_plugin = "autograder.course.collect.Collector"
"""


class Download:
    """A course's folder with downloads of one assignment, which `zip_collect` runs on."""

    def __init__(self, folder: Path, *released: str) -> None:
        """Lay out a course whose assignment `ps` has some notebooks."""
        self.folder = folder
        self.archive = folder / "downloaded" / "ps" / "archive"
        self.archive.mkdir(parents=True)
        for name in released or [NAME]:
            path = folder / "release" / "ps" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")

    def zip(self, name: str, files: dict[str, str], moment: tuple[int, ...] = EARLY) -> None:
        """Download an archive, made by the LMS at some moment."""
        with ZipFile(self.archive / name, "w") as archive:
            for path, text in files.items():
                archive.writestr(ZipInfo(path, moment), text)  # type: ignore[arg-type]

    def forget(self) -> None:
        """Take away what was collected before."""
        shutil.rmtree(self.folder / "submitted")

    def collect(
        self, config: str = "", *, force: bool = True, fails: bool = False
    ) -> tuple[dict[str, str], str]:
        """Collect; return what lies in `submitted` and what was said."""
        (self.folder / "nbgrader_config.py").write_text(f"{PLUGINS}\n{config}\n")
        said = io.StringIO()
        status: object = 0
        with contextlib.chdir(self.folder):
            app = ZipCollectApp(log=logging.Logger("collect"))  # noqa: LOG001 - one for each run
            handler = logging.StreamHandler(said)
            handler.setLevel(logging.WARNING)
            app.log.addHandler(handler)
            try:
                app.initialize(["ps", *(["--force"] if force else [])])
                app.start()
            except SystemExit as ended:
                status = ended.code
        assert bool(status) == fails, said.getvalue()
        submitted = self.folder / "submitted"
        files = {
            path.relative_to(submitted).as_posix(): path.read_text(encoding="utf-8")
            for path in submitted.rglob("*")
            if path.is_file()
        }
        return files, said.getvalue()


@pytest.fixture
def download(tmp_path: Path) -> Download:
    """A course with one notebook."""
    return Download(tmp_path)


def test_moodles_folders_and_flat_files(download: Download) -> None:
    download.zip(
        "CS1-ps-77.zip",
        {
            f"Ada O'Neil_101_assignsubmission_file_/{NAME}": "ada",
            f"Zoë Ångström_102_assignsubmission_file/{NAME}": "zoë",
            "王 小明_103_assignsubmission_file_/work/problem_one (1).ipynb": "wang",
            f"Bob_104_assignsubmission_file_{NAME}": "bob",
            "Eve_105_assignsubmission_file_/homework.ipynb": "eve",
            "Eve_105_assignsubmission_onlinetext_/onlinetext.html": "hello",
            "Kim_106_assignsubmission_file_/essay.pdf": "kim",
            f"__MACOSX/Ada O'Neil_101_assignsubmission_file_/._{NAME}": "rubbish",
            f"Ada O'Neil_101_assignsubmission_file_/.ipynb_checkpoints/{NAME}": "old",
            f"Default group_assignsubmission_file_/{NAME}": "whose?",
        },
    )
    files, said = download.collect()
    assert files == {
        f"101/ps/{NAME}": "ada",
        f"102/ps/{NAME}": "zoë",
        f"103/ps/{NAME}": "wang",
        f"104/ps/{NAME}": "bob",
        f"105/ps/{NAME}": "eve",
    }
    assert f"taken for {NAME}, the only notebook: 'CS1-ps-77.zip/Eve_105" in said
    assert "106 handed in no notebook: 'CS1-ps-77.zip/Kim_106" in said
    assert "left, as its name does not tell whose it is: 'CS1-ps-77.zip/Default group" in said
    assert "Moodle's numbers of participants" in said
    assert "in each assignment, as in 'CS1-ps-77.zip/Bob_104_" in said


def test_canvas_and_several_attempts(download: Download) -> None:
    files = {
        "lovelaceada_12345_600_problem_one.ipynb": "old",
        "lovelaceada_LATE_12345_602_problem_one-2.ipynb": "newest",
        "lovelaceada_12345_601_problem_one-1.ipynb": "newer",
        "anon_a1B2c_603_problem_one.ipynb": "anonymous",
        "eve_777_604_12345_999_problem_one.ipynb": "forged",
    }
    download.zip("submissions.zip", files)
    found, said = download.collect()
    assert found == {f"12345/ps/{NAME}": "newest", f"anon_a1B2c/ps/{NAME}": "anonymous"}
    assert "late, says Canvas, whose archive does not say how late: 12345" in said
    assert (
        "its name does not tell whose it is: 'submissions.zip/eve_777_604_12345_999_problem" in said
    )
    assert "Moodle" not in said


def test_of_two_downloads_the_later_counts(download: Download) -> None:
    path = f"Ada_101_assignsubmission_file_/{NAME}"
    download.zip("a.zip", {path: "second"}, LATER)
    download.zip("b.zip", {path: "first"}, EARLY)
    assert download.collect()[0] == {f"101/ps/{NAME}": "second"}
    download.zip("c.zip", {path: "second"}, LATER)
    assert download.collect()[0] == {f"101/ps/{NAME}": "second"}
    download.zip("c.zip", {path: "another"}, LATER)
    files, said = download.collect()
    assert "left, as none is newer than the other" in said
    assert files == {}  # what was collected before is one of the two, and may be the older


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"Ada_101_assignsubmission_file_/{NAME}", "Ada_101_assignsubmission_file_/homework.ipynb"),
        (f"ada_101_600_{NAME}", "ada_101_605_homework.ipynb"),
    ],
)
def test_a_notebook_that_was_renamed_counts_if_it_is_alone_in_the_newest_download(
    download: Download, old: str, new: str
) -> None:
    download.zip("a.zip", {old: "old"}, EARLY)
    download.zip("b.zip", {new: "new"}, LATER)
    files, said = download.collect()
    assert files == {f"101/ps/{NAME}": "new"}
    assert f"taken for {NAME}, the only notebook: 'b.zip/" in said
    folder = new.rpartition("_")[0]
    download.zip("b.zip", {new: "new", f"{folder}_notes.ipynb": "?"}, LATER)
    download.forget()
    files, said = download.collect()
    assert files == {}
    assert "not sure which notebook it is: 'b.zip/" in said
    assert "101 is left out: what is older does not count in its place: 'a.zip/" in said


def test_a_newest_download_without_a_notebook_leaves_the_learner_out(download: Download) -> None:
    folder = "Ada_101_assignsubmission_file_"
    download.zip("a.zip", {f"{folder}/{NAME}": "old", f"Bob_102{folder[7:]}/{NAME}": "bob"}, EARLY)
    download.zip("b.zip", {f"{folder}/essay.pdf": "new"}, LATER)
    files, said = download.collect()
    assert files == {f"102/ps/{NAME}": "bob"}
    assert "101 handed in no notebook: 'b.zip/Ada_101" in said
    assert "101 is left out: what is older does not count in its place: 'a.zip/Ada_101" in said


@pytest.mark.parametrize("first", ["is kept", "is gone"])
def test_who_is_left_out_keeps_nothing_that_was_collected_before(
    download: Download, first: str
) -> None:
    folder = "Ada_101_assignsubmission_file_"
    download.zip("a.zip", {f"{folder}/{NAME}": "old", f"Bob_102{folder[7:]}/{NAME}": "bob"}, EARLY)
    assert download.collect()[0].keys() == {f"101/ps/{NAME}", f"102/ps/{NAME}"}
    if first == "is gone":
        (download.archive / "a.zip").unlink()
    aside = download.folder / "downloaded" / "ps" / "set_aside" / "101"
    for number in range(2):  # what a person lays there again is set aside again
        download.zip("b.zip", {f"{folder}/essay.pdf": "new"}, LATER)
        files, said = download.collect()
        assert f"101/ps/{NAME}" not in files
        assert (aside / NAME).read_text(encoding="utf-8") == ("old", "by email")[number]
        assert f"101's hand-in of before no longer counts, and was moved to {aside}" in said
        lies = download.folder / "submitted" / "101" / "ps"
        lies.mkdir()
        (lies / NAME).write_text("by email")
    assert f"102/ps/{NAME}" in files


def test_what_was_collected_before_stays_without_force_and_is_told(download: Download) -> None:
    lies = download.folder / "submitted" / "101" / "ps"
    lies.mkdir(parents=True)
    (lies / NAME).write_text("old")
    download.zip("b.zip", {"Ada_101_assignsubmission_file_/essay.pdf": "new"})
    files, said = download.collect(force=False)
    assert files == {f"101/ps/{NAME}": "old"}
    assert f"101's hand-in of before no longer counts, and is still in {lies}; --force" in said


def test_of_canvas_files_in_one_archive_the_newest_must_be_sure(download: Download) -> None:
    download.zip("a.zip", {f"ada_7_600_{NAME}": "old", "ada_7_605_homework.ipynb": "new"})
    files, said = download.collect()
    assert files == {}
    assert "not sure which notebook it is: 'a.zip/ada_7_605_homework.ipynb'" in said
    assert (
        f"7 is left out: what is older does not count in its place: 'a.zip/ada_7_600_{NAME}'"
        in said
    )
    download.zip("a.zip", {"ada_7_600_homework.ipynb": "old", f"ada_7_605_{NAME}": "new"})
    assert download.collect()[0] == {f"7/ps/{NAME}": "new"}


def test_loose_files_of_one_learner_are_one_download(tmp_path: Path) -> None:
    download = Download(tmp_path, "one.ipynb", "two.ipynb")
    folder = download.archive / "unpacked" / "Ada_101_assignsubmission_file_"
    folder.mkdir(parents=True)
    for day, name in enumerate(("one.ipynb", "two.ipynb")):
        (folder / name).write_text(name)
        os.utime(folder / name, (day * 86_400, day * 86_400))
    assert download.collect()[0] == {f"101/ps/{one}": one for one in ("one.ipynb", "two.ipynb")}


def test_what_the_newest_download_no_longer_holds_is_told(tmp_path: Path) -> None:
    download = Download(tmp_path, "one.ipynb", "two.ipynb")
    folder = "Ada_101_assignsubmission_file_"
    download.zip("a.zip", {f"{folder}/one.ipynb": "1", f"{folder}/two.ipynb": "2"}, EARLY)
    download.zip("b.zip", {f"{folder}/one.ipynb": "3"}, LATER)
    files, said = download.collect()
    assert files == {"101/ps/one.ipynb": "3"}
    assert f"left, as 101's newest download holds no two.ipynb: 'a.zip/{folder}/two.ipynb'" in said


def test_whoever_is_called_dot_is_not_hidden(download: Download) -> None:
    rubbish = "\0\5\x16\7rubbish of macOS"
    download.zip(
        "a.zip",
        {
            f". Lovelace_101_assignsubmission_file_/{NAME}": "ada",
            f"._102_assignsubmission_file_/{NAME}": "dot",
            f".net_103_assignsubmission_file_{NAME}": "net",
            f"._Bob_104_assignsubmission_file_{NAME}": rubbish,
            f"Bob_104_assignsubmission_file_{NAME}": "bob",
            f"Eve_105_assignsubmission_file_/.trash/{NAME}": "thrown away",
            f"Eve_105_assignsubmission_file_/.{NAME}": "hidden",
            f"Eve_105_assignsubmission_file_/{NAME}": "eve",
        },
    )
    old = download.archive / ".old"
    old.mkdir()
    (old / f"Kim_106_assignsubmission_file_{NAME}").write_text("put aside")
    files, said = download.collect()
    assert files == {
        f"101/ps/{NAME}": "ada",
        f"102/ps/{NAME}": "dot",
        f"103/ps/{NAME}": "net",
        f"104/ps/{NAME}": "bob",
        f"105/ps/{NAME}": "eve",
    }
    assert "its name does not tell" not in said


def test_a_checkpoint_in_the_release_is_no_notebook_of_the_assignment(download: Download) -> None:
    checkpoints = download.folder / "release" / "ps" / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "problem_one-checkpoint.ipynb").write_text("{}")
    (checkpoints / NAME).write_text("{}")
    folder = "assignsubmission_file_"
    download.zip(
        "a.zip", {f"Ada_101_{folder}/{NAME}": "ada", f"Eve_105_{folder}/mine.ipynb": "eve"}
    )
    assert download.collect()[0] == {f"101/ps/{NAME}": "ada", f"105/ps/{NAME}": "eve"}


def test_the_right_name_counts_before_a_copys(download: Download) -> None:
    folder = "Ada_101_assignsubmission_file_"
    download.zip("a.zip", {f"{folder}/{NAME}": "right", f"{folder}/problem_one (1).ipynb": "copy"})
    assert download.collect()[0] == {f"101/ps/{NAME}": "right"}


def test_an_assignment_of_two_notebooks(tmp_path: Path) -> None:
    download = Download(tmp_path, "one.ipynb", "two.ipynb")
    folder = "Ada_101_assignsubmission_file_"
    names = ["one.ipynb", "Two (1).ipynb", "three.ipynb"]
    download.zip("a.zip", {f"{folder}/{name}": name for name in names})
    files, said = download.collect()
    assert files == {"101/ps/one.ipynb": "one.ipynb", "101/ps/two.ipynb": "Two (1).ipynb"}
    assert "not sure which notebook it is: 'a.zip/Ada_101_assignsubmission_file_/three" in said


WORKSHEET = """\ufeffIdentifier,Full name,Email address,Status,Last modified (submission)
Participant 101,"O'Neil, Ada",ada@example.org,Submitted,"Saturday, 10 January 2026, 1:30 PM"
Participant 102,Bob,bob@example.org,No submission,-
"""
BY_WORKSHEET = """
c.Collector.ids = "worksheet.csv"
c.Collector.ids_key = "Identifier"
c.Collector.ids_student = "Email address"
c.Collector.ids_time = "Last modified (submission)"
c.Collector.ids_timezone = "Europe/Berlin"
"""


def test_ids_and_times_from_moodles_grading_worksheet(download: Download) -> None:
    (download.folder / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    names = ("Ada_101", "Bob_102", "Eve_103")
    download.zip("a.zip", {f"{one}_assignsubmission_file_/{NAME}": one for one in names})
    files, said = download.collect(BY_WORKSHEET)
    assert files == {
        f"ada@example.org/ps/{NAME}": "Ada_101",
        "ada@example.org/ps/timestamp.txt": "2026-01-10 12:30:00",
        f"bob@example.org/ps/{NAME}": "Bob_102",
    }
    assert "left, as worksheet.csv has no 103: 'a.zip/Eve_103" in said


def test_a_worksheet_may_hold_long_texts(download: Download) -> None:
    essay = f'"{"word " * 40_000}\n"'
    sheet = "\n".join(f"{line},{essay}" for line in WORKSHEET.splitlines())
    (download.folder / "worksheet.csv").write_text(sheet, encoding="utf-8")
    download.zip("a.zip", {f"Ada_101_assignsubmission_file_/{NAME}": "ada"})
    assert f"ada@example.org/ps/{NAME}" in download.collect(BY_WORKSHEET)[0]


@pytest.mark.parametrize(
    ("time", "stamp"),
    [
        ("2026-01-10 13:30", "2026-01-10 12:30:00"),
        ("2026-01-10T13:30:15.5Z", "2026-01-10 13:30:15"),
        ("2026-01-10 13:30:00.000000 UTC", "2026-01-10 13:30:00"),
        ("2026-07-10 13:30 +0530", "2026-07-10 08:00:00"),
        ("2026/07/10 13:30 GMT", "2026-07-10 13:30:00"),
        ("10.01.2026 13:30", "2026-01-10 12:30:00"),
        ("10.1.2026, 13:30 Uhr", "2026-01-10 12:30:00"),
        ("13/01/2026 13:30", "2026-01-13 12:30:00"),
        ("01/13/2026 1:30 PM", "2026-01-13 12:30:00"),
        ("01/01/2026 13:30", "2026-01-01 12:30:00"),
        ("Samstag, 10. Januar 2026, 13:30", "2026-01-10 12:30:00"),
        ("Sonnabend, 10. Jänner 2026 um 13:30 Uhr", "2026-01-10 12:30:00"),
        ("Di., 10. Mär. 2026, 13:30", "2026-03-10 12:30:00"),
        ("10. Dez 2026, 00:05", "2026-12-09 23:05:00"),
        ("Saturday, 10 January 2026, 12:05 AM", "2026-01-09 23:05:00"),
        ("Saturday, January 10, 2026, 12:05\u202fp.m.", "2026-01-10 11:05:00"),
        ("Jan 10, 2026 at 1:30pm", "2026-01-10 12:30:00"),
        ("Sat, 10 Jan 2026 13:30:00 +0100", "2026-01-10 12:30:00"),
        ("2026-10-25 01:59", "2026-10-24 23:59:00"),
        ("2026-10-25 02:30 +01:00", "2026-10-25 01:30:00"),
        ("2026-10-25 03:00", "2026-10-25 02:00:00"),
    ],
)
def test_times_are_read_as_people_and_moodle_write_them(
    download: Download, time: str, stamp: str
) -> None:
    (download.folder / "worksheet.csv").write_text(f'Identifier;Email address;When\n1;ada;"{time}"')
    download.zip("a.zip", {f"ada_1_5_{NAME}": "ada"})
    config = BY_WORKSHEET.replace("Last modified (submission)", "When")
    assert download.collect(config)[0]["ada/ps/timestamp.txt"] == stamp


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("10/01/2026 13:30", "in which day and month may be the one or the other"),
        ("10-01-2026 13:30", "in which day and month may be the one or the other"),
        ("1:30 PM", "which cannot be read"),
        ("10 January 2026", "which cannot be read"),
        ("January 2026, 13:30", "which cannot be read"),
        ("10.01.26 13:30", "which cannot be read"),
        ("2026-13-01 13:30", "which cannot be read"),
        ("30.02.2026 13:30", "which cannot be read"),
        ("10.01.2026 25:30", "which cannot be read"),
        ("10.01.2026 13:30 PM", "which cannot be read"),
        ("samedi 10 janvier 2026, 13:30", "which cannot be read"),
        ("0001-01-01 00:30", "which cannot be read"),
        ("2026-01-10 13:30 CST", "whose zone 'CST' is not known"),
        ("2026-01-10 13:30 Mars/Olympus", "whose zone 'Mars/Olympus' is not known"),
        ("2026-01-10 13:30 +99:00", "whose zone '+99:00' is not known"),
        ("2026-10-25 02:30", TWICE_OR_NEVER),
        ("2026-03-29 02:30", TWICE_OR_NEVER),
    ],
)
def test_times_that_are_not_sure_stop_with_the_way_to_write_them(
    download: Download, time: str, why: str
) -> None:
    (download.folder / "worksheet.csv").write_text(f'Identifier;Email address;When\n1;ada;"{time}"')
    download.zip("a.zip", {f"ada_1_5_{NAME}": "ada"})
    (download.folder / "submitted").mkdir()
    config = BY_WORKSHEET.replace("Last modified (submission)", "When")
    files, said = download.collect(config, fails=True)
    assert files == {}
    assert (
        f"worksheet.csv gives the time {time!r}, {why}; write it as 2026-01-31 23:59, or with its"
        " offset from UTC as 2026-01-31 23:59 +01:00; nothing was collected"
    ) in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"1": "ada", "1": "bob"}', "ids.json gives 1 two ids"),
        ('{"1": true}', "ids.json must be a JSON object of ids by numbers"),
        ('{"1": {"2": "ada"}}', "ids.json must be a JSON object of ids by numbers"),
        ('[["1", "ada"]]', "ids.json must be a JSON object of ids by numbers"),
        ('{"1": ".ada"}', "gives the id '.ada', which nbgrader would not find as a folder's name"),
    ],
)
def test_json_that_gives_no_sure_ids_stops_before_anything_is_collected(
    download: Download, text: str, sentence: str
) -> None:
    (download.folder / "ids.json").write_text(text)
    download.zip("a.zip", {f"ada_1_5_{NAME}": "ada"})
    (download.folder / "submitted").mkdir()
    files, said = download.collect("c.Collector.ids = 'ids.json'", fails=True)
    assert (files, f"{sentence}; nothing was collected" in said) == ({}, True)


def test_ids_from_canvas_gradebook_and_from_json(download: Download) -> None:
    gradebook = (Path(__file__).parent / "samples" / "canvas.csv").read_text(encoding="utf-8")
    (download.folder / "grades.csv").write_text(gradebook, encoding="utf-8")
    (download.folder / "ids.json").write_text(json.dumps({"7001": "ada"}))
    download.zip("a.zip", {"ångströmada_7001_5_problem_one.ipynb": "ada"})
    by_gradebook = "c.Collector.ids_key = 'ID'\nc.Collector.ids_student = 'SIS Login ID'"
    for config in (f"c.Collector.ids = 'grades.csv'\n{by_gradebook}", "c.Collector.ids='ids.json'"):
        assert download.collect(config)[0] == {f"ada/ps/{NAME}": "ada"}


@pytest.mark.parametrize(
    ("text", "config", "sentence"),
    [
        (None, "", "cannot be read: No such file or directory"),
        ("who,what\n", "", "has no columns 'key', 'student_id'; it has 'who', 'what'"),
        ("key;id;a,b\n", "", "has no column 'student_id'; it has 'key', 'id', 'a,b'"),
        ("", "", "has no columns 'key', 'student_id'; it has none"),
        ("key,student_id\n1,Zo\xeb\n", "", "it is not UTF-8; save it as UTF-8, in Excel as"),
        ("key,student_id\n", "", "holds no ids"),
        ("key;student_id\n1;../ada\n", "", "gives the id '../ada', which cannot name a folder"),
        ("key,student_id\n1,ada\n1,bob\n", "", "gives 1 two ids"),
        ("key,student_id\n1,ada\n2,ada\n", "", "gives 'ada' to two numbers"),
        ("key,student_id,t\n1,ada,soon\n", "c.Collector.ids_time='t'", "the time 'soon', which"),
        (
            "key,student_id,t\n1,ada,2026-01-10\n",
            "c.Collector.ids_time='t'; c.Collector.ids_timezone='Mars/Olympus'",
            "'Mars/Olympus' is no time zone",
        ),
    ],
)
def test_ids_that_cannot_be_used_stop_before_anything_is_collected(
    download: Download, text: str | None, config: str, sentence: str
) -> None:
    if text is not None:
        encoding = "utf-8" if text.isascii() else "latin-1"  # as Excel writes it
        (download.folder / "ids.csv").write_text(text, encoding=encoding)
    download.zip("a.zip", {f"ada_1_5_{NAME}": "ada"})
    config = f"c.Collector.ids = 'ids.csv'\n{config}"
    (download.folder / "submitted").mkdir()
    files, said = download.collect(config, fails=True)
    assert sentence in said
    assert "nothing was collected" in said
    assert files == {}


def test_an_own_pattern_has_the_say(download: Download) -> None:
    download.zip("a.zip", {f"ada-{NAME}": "ada"})
    pattern = r"c.Collector.named_regexp = r'.*/(?P<student_id>\w+)-(?P<file_id>\w+)'"
    assert download.collect(pattern)[0] == {f"ada/ps/{NAME}": "ada"}


def test_what_is_hostile_is_left_and_the_rest_collected(download: Download) -> None:
    good = f"Ada_101_assignsubmission_file_/{NAME}"
    download.zip("good.zip", {good: "ada", "Kim_106_assignsubmission_file_/work.zip": "PK"})
    download.zip("out.zip", {"../../../../evil.ipynb": "evil"})
    (download.archive / "broken.zip").write_text("no zip")
    (download.archive / "class.tar.gz").write_text("no zip")
    (download.archive / f"lovelace_7_5_{NAME}").write_text("loose")
    secret = download.folder / "secret.ipynb"
    secret.write_text("secret")
    (download.archive / f"eve_8_6_{NAME}").symlink_to(secret)
    files, said = download.collect("c.Extractor.max_entries = 5")
    assert files == {f"101/ps/{NAME}": "ada", f"7/ps/{NAME}": "loose"}
    assert "'out.zip' holds '../../../../evil.ipynb', a path that leads out of the folder" in said
    assert "'broken.zip' is no sound zip file" in said
    assert "'class.tar.gz' is no zip file, and others are not opened" in said
    assert f"'eve_8_6_{NAME}' is a link or no file" in said
    assert "'good.zip' holds another archive, which is not opened: 'Kim_106" in said
    assert f"4 files in {download.archive} were refused, see above" in said
    assert not list(download.folder.rglob("evil*"))
    assert not list(download.folder.rglob(".unpacking*"))


def test_an_empty_archive_is_told_by_its_folder(download: Download) -> None:
    said = download.collect()[1]
    assert f"nothing lies in {download.archive}, where downloads are looked for" in said


def test_one_refused_file_is_told_as_one(download: Download) -> None:
    download.zip("canvas.zip", {f"ada_7_5_{NAME}": "ada"})
    download.zip("moodle.zip", {f"Bob_104_assignsubmission_file_/{NAME}": "bob"})
    (download.archive / "broken.zip").write_text("no zip")
    files, said = download.collect()
    assert files == {f"7/ps/{NAME}": "ada", f"104/ps/{NAME}": "bob"}
    assert f"1 file in {download.archive} was refused, see above" in said
    assert "in each assignment, as in 'moodle.zip/Bob_104_" in said


def test_a_download_is_collected_and_graded_by_the_real_nbgrader(tmp_path: Path) -> None:
    course = Course(tmp_path / "course")
    starter = course.generate()
    released = (course.folder / "nbgrader_config.py").read_text(encoding="utf-8")
    config = f"{released}{PLUGINS}c.ZipCollectApp.downloaded_directory = 'course/downloaded'\n"
    (course.folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    right = filled(nbformat.read(starter, as_version=4), code_of("right_textbook"))
    archive = course.folder / "course" / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    with ZipFile(archive / "CS1.zip", "w") as opened:
        opened.writestr(
            f"Ada O'Neil_101_assignsubmission_file_/{NOTEBOOK} (1).ipynb", json.dumps(right)
        )
        opened.writestr("Zoe_102_assignsubmission_file_/report.docx", "no notebook")
    with ZipFile(archive / "hostile.zip", "w") as opened:
        opened.writestr(ZipInfo(f"..{os.sep}x_2_assignsubmission_file_{os.sep}y.ipynb"), "{}")
    said = course.nbgrader("zip_collect", ASSIGNMENT)
    assert "'hostile.zip' holds" in said
    last = said.splitlines()[-1]
    assert last.endswith("learners whose notebooks count: 1; left out, see above: 102")
    assert course.learners() == {"101"}
    course.autograde()
    assert course.points() == {"101": 10.0}
