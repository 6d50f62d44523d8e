"""`course new`: a course that runs as it is laid out, by the commands that it prints."""

from __future__ import annotations

import csv
import json
import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.__main__ import main
from autograder.commands.voice import DONE, FAILED, INTERRUPTED
from autograder.course.rules import FILE, read_rules
from autograder.settings import SEED_FILE
from tests.asking import ask
from tests.course import ASSIGNMENT, NOTEBOOK, ROOT, code_of, filled
from tests.preloaded import run
from tests.test_cli import environment

RIGHT, WRONG = code_of("right_textbook"), code_of("wrong_no_rewind_textbook")
POINTS = {"mask": 4.0, "sparsity": 2.0, "rewind": 3.0, "rounds": 1.0, "conduct": 0.5}
EARNED = [10.5, 6.5]  # the wrong one does not rewind, so that nothing is said of later rounds
QUESTION = 2.0
SMALL = 100_000  # bytes; the notebook has more


def environment_of(tool: Path) -> dict[str, str]:
    """What a shell has in which the tool's commands are found, and no seed."""
    return environment(PATH=f"{tool.parent}{os.pathsep}{os.environ['PATH']}")


ENVIRONMENT = environment_of(Path(sys.executable))


def new(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run("autograder", "course", "new", *arguments, cwd=cwd, env=ENVIRONMENT)


def blocks(said: str) -> list[str]:
    """Read the commands that are printed, block by block."""
    found: list[list[str]] = [[]]
    for line in said.splitlines():
        if line.startswith("    "):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return ["\n".join(block) for block in found if block]


def paste(commands: str, cwd: Path) -> str:
    done = subprocess.run(
        ["bash", "-e", "-c", commands], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def nbgrader(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run("nbgrader", *arguments, cwd=folder, env=ENVIRONMENT)


def made(folder: Path) -> dict[Path, bytes]:
    """Read what was released and what was autograded."""
    steps = (folder / "release", folder / "autograded")
    return {path: path.read_bytes() for step in steps for path in step.rglob("*.ipynb")}


def written(folder: Path, code: str) -> str:
    starter = nbformat.read(folder / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", as_version=4)
    return json.dumps(filled(starter, code))


def earned(folder: Path) -> list[float]:
    with (folder / "grades.csv").open(newline="", encoding="utf-8") as rows:
        return sorted((float(row["raw_score"]) for row in csv.DictReader(rows)), reverse=True)


def maxima(folder: Path) -> dict[str, float]:
    with closing(sqlite3.connect(folder / "gradebook.db")) as gradebook:
        return dict(
            gradebook.execute(
                "select base_cell.name, grade_cells.max_score from grade_cells join base_cell"
                " on base_cell.id = grade_cells.id"
            )
        )


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A course without exchange after its whole cycle, and what was said on the way."""
    where = tmp_path_factory.mktemp("courses")
    laid = new("a course", "--points", "mask=4", "--points", "conduct=0.5", "--late", "zero",
               "--course-id", "ml", cwd=where)  # fmt: skip
    assert laid.returncode == DONE, laid.stderr
    folder = where / "a course"
    release, *grading = blocks(laid.stdout)
    said = paste(release, where)
    archive = folder / "downloaded" / ASSIGNMENT / "archive" / "submissions.zip"
    with zipfile.ZipFile(archive, "w") as submissions:
        for number, code in ((101, RIGHT), (102, WRONG)):
            name = f"learner{number}_{number}_9{number}_{NOTEBOOK}.ipynb"  # as Canvas names them
            submissions.writestr(name, written(folder, code))
    said += paste("\n".join(grading), folder)
    return folder, laid.stdout + laid.stderr + said


def test_a_course_runs_by_the_commands_that_are_printed(graded: tuple[Path, str]) -> None:
    folder, said = graded
    assert earned(folder) == EARNED
    assert len(list(folder.glob(f"feedback/*/{ASSIGNMENT}/{NOTEBOOK}.html"))) == len(EARNED)
    assert "public seed" not in said


def test_the_gradebook_asks_for_the_points_that_were_set(graded: tuple[Path, str]) -> None:
    assert maxima(graded[0]) == POINTS | {"explain": QUESTION}


def test_the_command_line_gives_the_same_points_with_the_same_seed(
    graded: tuple[Path, str],
) -> None:
    folder, _ = graded
    asked = ("grade", "submitted", "--output", "results.jsonl")
    done = run("autograder", *asked, cwd=folder, env=ENVIRONMENT)
    assert done.returncode == DONE, done.stderr
    assert "public seed" not in done.stderr
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    cards = [json.loads(line) for line in lines]
    assert sorted((card["points"] for card in cards), reverse=True) == EARNED
    assert {card["max_points"] for card in cards} == {sum(POINTS.values())}


def test_the_seed_is_the_owners_alone(graded: tuple[Path, str]) -> None:
    folder, said = graded
    assert stat.S_IMODE((folder / SEED_FILE).stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    seed = (folder / SEED_FILE).read_text(encoding="utf-8").strip()
    assert len(seed) >= 32
    assert seed not in said
    for step in ("release", "autograded", "feedback"):
        for path in (folder / step).rglob("*.*"):
            assert path.name != SEED_FILE
            assert seed not in path.read_text(encoding="utf-8", errors="replace"), path
    assert SEED_FILE in (folder / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_points_that_the_release_does_not_have_yet_stop_grading_with_the_command(
    graded: tuple[Path, str],
) -> None:
    folder, _ = graded
    rules, before = folder / FILE, made(folder)
    in_force = rules.read_text(encoding="utf-8")
    rules.write_text(in_force.replace("mask = 4", "mask = 5"), encoding="utf-8")
    sentence = (
        f"{rules} gives mask 5 points, the release 4; run `nbgrader generate_assignment"
        f" {ASSIGNMENT} --force` first"
    )
    done = nbgrader(folder, "autograde", ASSIGNMENT, "--force")
    own = ask(folder, "autograde", ASSIGNMENT, "--compare", environment=ENVIRONMENT)
    rules.write_text(in_force, encoding="utf-8")
    assert (done.returncode, sentence in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr
    assert (own.status, own.out, own.err) == (FAILED, "", f"autograder: {sentence}\n")
    assert made(folder) == before


def test_points_that_are_changed_later_hold_for_all(graded: tuple[Path, str]) -> None:
    """Runs after those that look at the points as they were."""
    folder, _ = graded
    rules = folder / FILE
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("mask = 4", "mask = 5"), encoding="utf-8"
    )
    header = "\n".join(
        line.removeprefix("#     ")
        for line in rules.read_text(encoding="utf-8").splitlines()
        if line.startswith("#     ")
    )
    paste(header.replace("--compare", "--compare --yes"), folder)
    assert maxima(folder)["mask"] == 5
    for page in folder.glob(f"feedback/*/{ASSIGNMENT}/{NOTEBOOK}.html"):
        assert "(Score: 5.0 / 5.0)" in page.read_text(encoding="utf-8")
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        scores = [each.score for each in gradebook.assignment_submissions(ASSIGNMENT)]
    assert sorted(scores, reverse=True) == [points + 1 for points in EARNED]


@pytest.mark.parametrize(("rules", "sentence"), [
    ("[points]\nmaks = 5\n", "[points] check 'maks' is not known; did you mean 'mask'?"),
    ('[points]\nmask = "4"\n', "[points] mask must be a number from 0"),
    (None, f"{FILE} cannot be read: No such file or directory"),
])  # fmt: skip
def test_rules_that_cannot_be_stop_nbgrader_with_the_sentence_before_anything_is_cleared(
    graded: tuple[Path, str], rules: str | None, sentence: str
) -> None:
    """Runs last: the rules are wrong from here on."""
    folder, _ = graded
    before = made(folder)
    (folder / FILE).unlink(missing_ok=True)
    if rules is not None:
        (folder / FILE).write_text(rules, encoding="utf-8")
    for command in ("generate_assignment", "autograde"):
        done = nbgrader(folder, command, ASSIGNMENT, "--force")
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
    own = ask(folder, "autograde", ASSIGNMENT, "--force", environment=ENVIRONMENT)
    assert (own.status, own.err.count("\n"), sentence in own.err) == (FAILED, 1, True), own.err
    assert made(folder) == before


def test_a_course_with_an_exchange_runs_by_the_commands_that_are_printed(tmp_path: Path) -> None:
    laid = new("hub", "--exchange", cwd=tmp_path)
    assert laid.returncode == DONE, laid.stderr
    folder, exchange, home = tmp_path / "hub", tmp_path / "exchange", tmp_path / "home"
    home.mkdir()
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as configuration:
        configuration.write(f"c.Exchange.root = {str(exchange)!r}\n")
    release, *grading = blocks(laid.stdout)
    paste(release, tmp_path)
    place = f"--course=hub --Exchange.root={exchange}"
    paste(f"nbgrader fetch_assignment {ASSIGNMENT} {place}", home)
    (home / ASSIGNMENT / f"{NOTEBOOK}.ipynb").write_text(written(folder, RIGHT), encoding="utf-8")
    paste(f"nbgrader submit {ASSIGNMENT} {place}", home)
    paste("\n".join(grading), folder)
    assert earned(folder) == [10.0]
    assert maxima(folder)["mask"] == 3


def test_two_courses_have_two_seeds_and_the_same_rules(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "other")]
    assert [main(["course", "new", str(folder)]) for folder in folders] == [DONE, DONE]
    one, other = ((folder / SEED_FILE).read_text(encoding="utf-8") for folder in folders)
    assert one != other
    assert read_rules(folders[0] / FILE).terms == read_rules(folders[1] / FILE).terms


def test_git_leaves_alone_what_tells_of_learners(tmp_path: Path) -> None:
    """As the instructor's guide names it."""
    folder = tmp_path / "course"
    assert main(["course", "new", str(folder)]) == DONE
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)

    def seen() -> set[str]:
        told = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=all"],
            cwd=folder, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return {line[3:] for line in told.stdout.splitlines()}

    before = seen()
    assert f"source/{ASSIGNMENT}/{NOTEBOOK}.ipynb" in before
    for name in (
        "grades.csv", "canvas.csv", "grades.json", "ids.json", "results.jsonl",
        "results.jsonl.evidence", "reports/index.html", "reports/ada.html", "class.html",
    ):  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")
    assert seen() == before
    data = folder / "source" / ASSIGNMENT / "data.json"
    data.write_text("{}", encoding="utf-8")
    assert seen() == before | {data.relative_to(folder).as_posix()}


def test_the_example_of_a_case_holds_when_it_is_uncommented(tmp_path: Path) -> None:
    assert main(["course", "new", str(tmp_path / "course")]) == DONE
    file = tmp_path / "course" / FILE
    head, _, example = file.read_text(encoding="utf-8").partition("# [[cases]]")
    file.write_text(head + "[[cases]]" + example.replace("# ", ""), encoding="utf-8")
    assert len(read_rules(file).terms.cases) == 1


def test_an_empty_folder_is_taken_and_any_other_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty, full = tmp_path / "empty", tmp_path / "full"
    for folder in (empty, full):
        folder.mkdir()
    (full / "thesis.txt").write_text("years", encoding="utf-8")
    assert main(["course", "new", str(empty)]) == DONE
    assert main(["course", "new", str(full)]) == FAILED
    assert f"autograder: {full} is not empty; " in capsys.readouterr().err
    assert [path.name for path in full.iterdir()] == ["thesis.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "full"]


@pytest.mark.parametrize(("arguments", "why"), [
    (("file",), "is no folder; name another"),
    (("missing/course",), "is no folder; make it first, or name another"),
    (("file/course",), "is no folder; make it first, or name another"),
    (("why?",), "nbgrader cannot work in"),
    (("/proc/course",), "autograder: /proc/course cannot be written: "),
    (("new", "--points", "maks=1"), "check 'maks' is not known; did you mean 'mask'?"),
    (("new", "--points", "mask=-1"), "mask must be a number from 0"),
    (("new", "--points", "mask=nan"), "mask must be a number from 0"),
    (("new", "--language", "fr"), "there is no language 'fr'; there are: de, en"),
])  # fmt: skip
def test_where_no_course_can_be_a_sentence_says_why(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["course", "new", *arguments]) == FAILED
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("option", [
    "--late=sometimes", "--late=0", "--late=101", "--late=nan", "--points=mask", "--points=mask=x",
    "--course-id=a/b", "--course-id=", "--kata=other",
])  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused(tmp_path: Path, option: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["course", "new", str(tmp_path / "course"), option])
    assert caught.value.code == FAILED
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("late", "lines"), [
    ("none", ["NoPenalty"]), ("zero", ["ZeroAfterDue"]),
    ("12.5%", ["PercentADay", "c.PercentADay.percent = 12.5"]),
])  # fmt: skip
def test_what_late_submissions_lose_stands_in_the_configuration(
    tmp_path: Path, late: str, lines: list[str]
) -> None:
    assert main(["course", "new", str(tmp_path / "course"), "--late", late]) == DONE
    configuration = (tmp_path / "course" / "nbgrader_config.py").read_text(encoding="utf-8")
    for line in lines:
        assert line in configuration


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    def shrink() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))

    done = subprocess.run(
        [sys.executable, "-m", "autograder", "course", "new", "course"], cwd=tmp_path,
        env=ENVIRONMENT, capture_output=True, text=True, check=False, preexec_fn=shrink,
    )  # fmt: skip
    assert done.returncode == FAILED
    assert "cannot be written: File too large" in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_interrupt_leaves_a_whole_course_or_none(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "course", "new", "course"], cwd=tmp_path,
        env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    while process.poll() is None and not list(tmp_path.iterdir()):
        time.sleep(0.0005)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1].decode()
    assert process.returncode in (DONE, INTERRUPTED, -signal.SIGINT), said
    left = [path.name for path in tmp_path.iterdir()]
    if process.returncode == INTERRUPTED:
        assert left == []
        assert said == "autograder: stopped; nothing was made\n"
    else:
        assert left == ["course"]
        assert read_rules(tmp_path / "course" / FILE).kata == ASSIGNMENT


def test_an_installed_package_lays_out_the_same_notebook(tmp_path: Path) -> None:
    copy, installed = tmp_path / "copy", tmp_path / "installed"
    copy.mkdir()
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("autograder", "solutions"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
         "--no-build-isolation", "--wheel-dir", tmp_path, copy],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "course", "new", "course"], cwd=tmp_path,
        env={**ENVIRONMENT, "PYTHONPATH": str(installed)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == DONE, done.stderr
    books = [path.relative_to(ROOT) for path in (ROOT / "autograder").rglob("*.po")]
    assert [book for book in books if not (installed / book).exists()] == []
    notebook = Path(ASSIGNMENT, f"{NOTEBOOK}.ipynb")
    laid_out = (tmp_path / "course" / "source" / notebook).read_bytes()
    assert laid_out == (ROOT / "solutions" / notebook).read_bytes()
    assert (installed / "autograder" / "course" / "solutions" / notebook).exists()
