"""Going on where a run stopped, judging again, and what becomes of killed processes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from autograder.commands.voice import DONE, FAILED, INTERRUPTED, UNHEARD
from autograder.course.rules import FILE
from tests.asking import Done, ask
from tests.engine.examples import ROOT
from tests.processes import workers_below
from tests.test_cli import (
    HANGS,
    NO_REWIND,
    RIGHT,
    SEED,
    STUB,
    command,
    environment,
    grade,
    records,
)

MEMBERS = {"alice": RIGHT, "bob": NO_REWIND, "carol": STUB, "dave": "raise ValueError(1)\n" + RIGHT}
OUT = "out.jsonl"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    for name, source in MEMBERS.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    assert again(folder, "--html", "html").status == DONE
    return folder


@pytest.fixture
def folder(graded: Path, tmp_path: Path) -> Path:
    """A copy of a class that was graded."""
    shutil.copytree(graded, tmp_path / "copy")
    return tmp_path / "copy"


def again(folder: Path, *options: object, seed: str = SEED) -> Done:
    return grade(folder, ".", "--output", OUT, "--seed", seed, *options)


def by_name(folder: Path) -> dict[str, dict[str, Any]]:
    lines = records(folder / OUT)
    found = {line["submission"].removesuffix(".py"): line for line in lines}
    assert len(found) == len(lines), "a submission has two lines"
    return found


def fresh(old: Path, new: Path) -> set[str]:
    """Name whose result is not the very same as before."""
    before, after = by_name(old), by_name(new)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


# Nothing twice


def test_the_same_command_runs_nothing_again(graded: Path, folder: Path) -> None:
    done = again(folder, "--html", "html")
    assert (done.status, done.out) == (DONE, "")
    assert "4 of 4 are graded already, and unchanged; --again" in done.err
    assert len(done.err.splitlines()) == 1
    assert (folder / OUT).read_bytes() == (graded / OUT).read_bytes()
    for page in (graded / "html").iterdir():
        assert (folder / "html" / page.name).read_bytes() == page.read_bytes()


def test_what_changed_or_came_is_graded_and_the_rest_is_kept(graded: Path, folder: Path) -> None:
    (folder / "bob.py").write_text(RIGHT, encoding="utf-8")
    (folder / "erin.py").write_text(STUB, encoding="utf-8")
    done = again(folder)
    assert fresh(graded, folder) == {"bob", "erin"}
    assert by_name(folder)["bob"]["points"] == 10
    assert "alice" not in done.out
    assert "3 of 5 are graded already" in done.err


@pytest.mark.parametrize(
    ("options", "seed"),
    [(["--again", "--quiet"], SEED), ([], "another seed"), (["--timeout", 19], SEED)],
)
def test_another_seed_or_limit_or_the_wish_grades_all_again(
    graded: Path, folder: Path, options: list[object], seed: str
) -> None:
    done = again(folder, *options, seed=seed)
    assert done.status == DONE
    assert fresh(graded, folder) == {"alice", "bob", "dave"}  # a stub takes no time to tell
    assert ("--quiet" in options) == (done.out + done.err == "")


def test_a_page_that_is_missing_is_written(folder: Path) -> None:
    for page in (folder / "html").iterdir():
        page.unlink()
    again(folder, "--html", "html")
    assert len(list((folder / "html").iterdir())) == len(MEMBERS) + 1


def pages(folder: Path) -> dict[str, str]:
    """Read the pages of a folder, by the submission that they are of."""
    found = [page.read_text(encoding="utf-8") for page in (folder / "html").iterdir()]
    return {text.split("<title>")[1].split(".py<")[0]: text for text in found}


def test_a_page_that_shows_an_older_result_is_written_anew(folder: Path) -> None:
    (folder / "bob.py").write_text(RIGHT, encoding="utf-8")
    again(folder)  # as a run that is killed between a line and its page
    assert "6 / 10 points" in pages(folder)["bob"]
    done = again(folder, "--html", "html")
    assert "3 of 4 are graded already" in done.err
    assert "10 / 10 points" in pages(folder)["bob"]
    assert "4 of 4 are graded already" in again(folder, "--html", "html").err


def test_a_page_of_which_a_part_was_written_is_written_anew(graded: Path, folder: Path) -> None:
    (page,) = (folder / "html").glob("bob*")
    page.write_bytes(page.read_bytes()[:-20])
    again(folder, "--html", "html")
    assert page.read_text(encoding="utf-8").rstrip().endswith("-->")
    assert pages(folder).keys() == pages(graded).keys()


def test_a_page_in_another_language_is_written_anew(folder: Path) -> None:
    assert "4 of 4" not in again(folder, "--html", "html", "--language", "de").err
    assert 'lang="de"' in pages(folder)["alice"]
    assert "4 of 4" in again(folder, "--html", "html", "--language", "de").err


def test_damaged_evidence_is_said_in_a_line_and_the_lines_stay(graded: Path, folder: Path) -> None:
    damage(folder)
    for done in (again(folder), regrade(folder, "--yes")):
        assert (done.status, done.out) == (FAILED, "")
        assert done.err.startswith(f"autograder: {OUT}.evidence cannot be read: ")
        assert len(done.err.splitlines()) == 1
    assert (folder / OUT).read_bytes() == (graded / OUT).read_bytes()


def damage(folder: Path) -> None:
    """Leave nothing of the evidence but its first page, which names the tables."""
    evidence = folder / f"{OUT}.evidence"
    whole = evidence.read_bytes()
    evidence.write_bytes(whole[:4096] + b"Z" * (len(whole) - 4096))


def test_kept_results_count_for_the_exit_status(folder: Path) -> None:
    assert again(folder, "--fail-under", 5).status == 1
    (folder / "mallory.py").write_text("\0", encoding="utf-8")
    (folder / "nobody.ipynb").write_text("{", encoding="utf-8")
    for _ in range(2):
        assert again(folder).status == FAILED


# Sudden ends


@contextmanager
def running(folder: Path, *options: object) -> Iterator[subprocess.Popen[str]]:
    """Grade in the background; temporary files and whoever makes them can be told by the folder."""
    (folder / "scratch").mkdir(exist_ok=True)
    process = subprocess.Popen(
        command(".", "--output", OUT, "--seed", SEED, "--jobs", 2, *options),
        cwd=folder, env=environment(TMPDIR=str(folder / "scratch")), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_lines(folder: Path, count: int) -> None:
    out = folder / OUT
    while not (out.exists() and out.read_bytes().count(b"\n") >= count):
        time.sleep(0.02)


def left_of(folder: Path) -> set[int]:
    """Find the processes that were told to keep their temporary files below a folder."""
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.fsencode(folder / "scratch") in (place / "environ").read_bytes():
                found.add(int(place.name))
    return found


def gone(folder: Path) -> bool:
    """Wait until nothing is left of what ran for a folder."""
    until = time.monotonic() + 30
    while left_of(folder) and time.monotonic() < until:
        time.sleep(0.05)
    return not left_of(folder) and not list((folder / "scratch").iterdir())


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A class that is not graded; no two programs are the same, of which one would be run."""
    for number in range(8):
        source = (STUB, RIGHT, NO_REWIND, RIGHT)[number % 4]
        (tmp_path / f"{number}.py").write_text(f"{source}# {number}\n", encoding="utf-8")
    return tmp_path


def test_a_run_that_is_killed_leaves_nothing_behind_and_is_gone_on_with(many: Path) -> None:
    with running(many) as process:
        wait_for_lines(many, 3)
        process.kill()
    assert gone(many), left_of(many)
    finished = by_name(many)
    assert again(many).status == DONE
    after = by_name(many)
    assert len(after) == 8
    assert {name: after[name] for name in finished} == finished


def test_an_interrupt_ends_all_that_runs_and_is_gone_on_with(many: Path) -> None:
    (many / "hangs.py").write_text(HANGS, encoding="utf-8")
    with running(many, "--timeout", 600) as process:
        wait_for_lines(many, 8)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == INTERRUPTED
    assert err.splitlines()[-1] == (
        "autograder: stopped; what was finished has been kept, and the same command goes on where"
        " it stopped"
    )
    assert gone(many)
    (many / "hangs.py").write_text(RIGHT, encoding="utf-8")
    done = again(many, "--timeout", 600)
    assert "8 of 9 are graded already" in done.err
    assert len(by_name(many)) == 9


def test_a_worker_that_is_killed_loses_nothing(many: Path) -> None:
    with running(many) as process:
        wait_for_lines(many, 2)
        os.kill(workers_below(process.pid)[0], signal.SIGKILL)
        _, err = process.communicate(timeout=300)
    assert process.returncode == DONE
    assert "Traceback" not in err
    assert gone(many)
    assert [by_name(many)[f"{number}"]["points"] for number in range(4)] == [0, 10, 6, 10]
    assert len(by_name(many)) == 8


def test_a_second_run_on_the_same_results_is_refused(many: Path) -> None:
    with running(many):
        wait_for_lines(many, 1)
        done = again(many)
    assert (done.status, done.out) == (FAILED, "")
    assert done.err == f"autograder: {OUT} is being written by another run\n"


# Judging again


def regrade(folder: Path, *options: object, package: Path = ROOT, seed: str = SEED) -> Done:
    """Judge again; what is no other package is asked in this process."""
    command = ["regrade", OUT, "--seed", seed, *map(str, options)]
    if package == ROOT:
        return ask(folder, *command, environment=environment())
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *command],
        cwd=folder, env=environment(PYTHONPATH=str(package)), capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with another rubric and another title of a check."""
    package = tmp_path_factory.mktemp("edited") / "autograder"
    shutil.copytree(ROOT / "autograder", package)
    checks = package / "katas" / "lottery_ticket" / "checks"
    for name, old, new in (
        ("rewind.py", "points=3", "points=5"),
        ("sparsity.py", '"""', '"""In other words: '),
    ):
        text = (checks / name).read_text(encoding="utf-8")
        kept, declaration, rest = text.partition("@kata.check")
        assert old in rest
        (checks / name).write_text(kept + declaration + rest.replace(old, new, 1), "utf-8")
    return package.parent


def test_nothing_changes_where_nothing_changed(graded: Path, folder: Path) -> None:
    done = regrade(folder)
    assert (done.status, done.err) == (DONE, "")
    assert done.out == "4 judged again, 0 changed\n"
    assert (folder / OUT).read_bytes() == (graded / OUT).read_bytes()


def test_a_new_rubric_is_applied_without_running_anything(folder: Path, edited: Path) -> None:
    old = by_name(folder)
    for path in folder.glob("*.py"):
        path.unlink()
    done = regrade(folder, "--yes", "--html", "pages", package=edited)
    assert done.status == DONE
    index = (folder / "pages" / "index.html").read_text(encoding="utf-8")
    assert ("12 / 12" in index, "10 / 10" in index, "dave" in index) == (True, False, True)
    assert "4 judged again, 4 changed\n2 gain points, 0 lose points, 2 keep theirs" in done.out
    assert "points: 10 of 10 → 12 of 12" in done.out
    assert "points: 6 of 10 → 6 of 12" in done.out
    assert "rewind: worth 5 instead of 3" in done.out
    assert "sparsity: another title" in done.out
    new = by_name(folder)
    assert new["alice"]["points"] == 12
    assert new["bob"]["checks"][2]["max_points"] == 5
    assert (new["carol"]["points"], new["carol"]["max_points"]) == (0, 12)
    assert new["alice"]["execution"] == old["alice"]["execution"]
    assert "1 / 0" not in str(new["carol"])


def reward_rewinding(folder: Path) -> None:
    (folder / FILE).write_text("[points]\nrewind = 5\n", encoding="utf-8")


def test_nothing_is_overwritten_before_it_is_confirmed(graded: Path, folder: Path) -> None:
    reward_rewinding(folder)
    done = regrade(folder, "--html", "pages")
    assert done.status == DONE
    assert "points: 10 of 10 → 12 of 12" in done.out
    assert done.out.endswith(f"{OUT} is as it was; --yes writes the changes\n")
    assert (folder / OUT).read_bytes() == (graded / OUT).read_bytes()
    assert not (folder / "pages").exists()


def test_those_who_did_not_try_count_and_wait_to_be_confirmed_too(tmp_path: Path) -> None:
    (tmp_path / "carol.py").write_text(STUB, encoding="utf-8")
    again(tmp_path)
    before = (tmp_path / OUT).read_bytes()
    (tmp_path / FILE).write_text("[points]\nmask = 30\n", encoding="utf-8")
    done = regrade(tmp_path)
    assert done.out.splitlines() == [
        "carol.py",
        "    points: 0 of 10 → 0 of 37",
        "    mask: worth 30 instead of 3",
        "1 judged again, 1 changed",
        "0 gain points, 0 lose points, 1 keep theirs",
        "    1 ×  points: 0 of 10 → 0 of 37; mask: worth 30 instead of 3",
        f"{OUT} is as it was; --yes writes the changes",
    ]
    assert (tmp_path / OUT).read_bytes() == before
    regrade(tmp_path, "--yes")
    assert by_name(tmp_path)["carol"]["max_points"] == 37


def test_where_there_is_no_standard_input_nothing_is_confirmed(folder: Path) -> None:
    reward_rewinding(folder)
    regrading = [sys.executable, "-m", "autograder", "regrade", OUT, "--seed", SEED]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *regrading], cwd=folder, env=environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == DONE, done.stderr
    assert done.stdout.endswith(f"{OUT} is as it was; --yes writes the changes\n")


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("\n", False), ("no\n", False)])
def test_at_a_terminal_it_asks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, answer: str, written: bool
) -> None:
    ours, theirs = os.openpty()
    before = (folder / OUT).read_bytes()
    reward_rewinding(folder)
    os.write(ours, answer.encode())
    with open(theirs, encoding="utf-8") as terminal:  # noqa: PTH123 - it has no path
        monkeypatch.setattr("sys.stdin", terminal)
        done = regrade(folder)
    os.close(ours)
    assert done.status == DONE
    assert done.err.endswith(f"Write this into {OUT}? [y/N] ")
    assert ((folder / OUT).read_bytes() != before) == written


def test_what_was_judged_again_counts_as_graded(folder: Path, edited: Path) -> None:
    regrade(folder, "--yes", package=edited)
    done = subprocess.run(
        command(".", "--output", OUT, "--seed", SEED), cwd=folder, text=True, check=False,
        env=environment(PYTHONPATH=str(edited)), capture_output=True,
    )  # fmt: skip
    assert "3 of 4 are graded already" in done.stderr


def test_observations_of_other_cases_are_not_judged(graded: Path, folder: Path) -> None:
    done = regrade(folder, seed="another seed")
    assert done.status == FAILED
    assert "3 were observed with another seed" in done.err
    assert (folder / OUT).read_bytes() == (graded / OUT).read_bytes()


def test_results_that_are_not_there_are_said(tmp_path: Path) -> None:
    done = regrade(tmp_path)
    assert (done.status, done.out) == (FAILED, "")
    assert len(done.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_page_that_cannot_be_written_leaves_the_results_as_they_are(
    graded: Path, folder: Path
) -> None:
    reward_rewinding(folder)
    (folder / "html" / "index.html").unlink()
    (folder / "html" / "index.html").mkdir()
    for place, said in (
        ("bob.py", "bob.py cannot be written: File exists"),
        ("html", "html/index.html cannot be written: Is a directory"),
    ):
        done = regrade(folder, "--yes", "--html", place)
        assert done.status == FAILED
        assert done.err.splitlines()[1:] == [f"autograder: {said}"]
        assert (folder / OUT).read_bytes() == (graded / OUT).read_bytes()


def test_an_interrupt_while_pages_are_written_leaves_the_results_as_they_are(
    graded: Path, folder: Path
) -> None:
    reward_rewinding(folder)
    (waiting,) = (folder / "html").glob("bob*")
    waiting.unlink()
    os.mkfifo(waiting)  # nobody reads it
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "regrade", OUT, "--seed", SEED, "--yes", "--html",
         "html"],
        cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    (first,) = (folder / "html").glob("alice*")
    with process:
        while "12 / 12 points" not in first.read_text(encoding="utf-8"):
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == INTERRUPTED
    assert err.splitlines()[1:] == ["autograder: stopped; the results are as they were"]
    assert (folder / OUT).read_bytes() == (graded / OUT).read_bytes()


def test_the_index_links_only_pages_that_show_what_it_says(folder: Path) -> None:
    (folder / "nobody.ipynb").write_text("{", encoding="utf-8")
    again(folder)
    done = regrade(folder, "--yes", "--html", "pages")
    assert "1 without evidence (unreadable, say): `grade` looks at them anew" in done.out
    assert linked(folder / "pages") == ["alice", "bob", "carol", "dave"]
    assert "nobody.ipynb" in (folder / "pages" / "index.html").read_text(encoding="utf-8")
    again(folder, "--html", "pages")
    regrade(folder, "--yes", "--html", "pages")
    assert linked(folder / "pages") == ["alice", "bob", "carol", "dave", "nobody"]


def linked(pages: Path) -> list[str]:
    """Name the submissions whose pages the index links; the pages are there."""
    names = re.findall("href='([^']+)'", (pages / "index.html").read_text(encoding="utf-8"))
    assert all((pages / name).is_file() for name in names)
    return sorted(name.split(".")[0] for name in names)


def test_what_was_judged_again_with_pages_needs_none_anew(folder: Path) -> None:
    reward_rewinding(folder)
    regrade(folder, "--yes")
    assert "10 / 10 points" in pages(folder)["alice"]
    regrade(folder, "--yes", "--html", "html")
    assert "12 / 12 points" in pages(folder)["alice"]
    assert "3 of 4 are graded already" in again(folder, "--html", "html").err
    assert "0 / 12 points" in pages(folder)["carol"]


def test_a_page_of_before_the_rubric_changed_is_written_anew(folder: Path) -> None:
    reward_rewinding(folder)
    regrade(folder, "--yes")
    again(folder, "--html", "html")
    assert "12 / 12 points" in pages(folder)["alice"]


# Nobody reads


@pytest.mark.parametrize(
    "asked", [("regrade", "--yes"), ("report",), ("explain", "bob"), ("similar",)]
)
def test_where_nobody_reads_the_output_commands_end_quietly(
    graded: Path, folder: Path, asked: tuple[str, ...]
) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    name, *rest = asked
    done = subprocess.run(
        [sys.executable, "-m", "autograder", name, OUT, *rest], cwd=folder, stdout=theirs,
        env=environment(AUTOGRADER_SEED=SEED), stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(theirs)
    assert (done.returncode, done.stderr) == (UNHEARD, "")
    assert (folder / OUT).read_bytes() == (graded / OUT).read_bytes()


def test_what_cannot_be_looked_at_is_never_said_to_be_unwritable(tmp_path: Path) -> None:
    name = "a" * 300
    for asked, place in (
        (("explain", name, "bob"), f"{name}.evidence"),
        (("similar", name), name),
    ):
        done = ask(tmp_path, *asked)
        said = f"autograder: {place} cannot be read: File name too long\n"
        assert (done.status, done.out, done.err) == (FAILED, "", said)


def test_what_cannot_be_written_is_never_said_to_be_unreadable_evidence(folder: Path) -> None:
    for name, *rest in (("explain", "bob"), ("similar",), ("report",)):
        with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
            done = subprocess.run(
                [sys.executable, "-m", "autograder", name, OUT, *rest], cwd=folder, stdout=full,
                env=environment(AUTOGRADER_SEED=SEED), stderr=subprocess.PIPE, text=True,
                check=False,
            )  # fmt: skip
        said = "autograder: the output cannot be written: No space left on device\n"
        assert (done.returncode, done.stderr) == (FAILED, said)
