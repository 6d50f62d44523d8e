"""The command line, as a person or a script starts it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.__main__ import main
from autograder.commands.voice import DONE, FAILED, INTERRUPTED, UNHEARD, UNMET
from tests.asking import Done
from tests.engine.examples import ROOT, SAMPLES, code, write_notebook
from tests.preloaded import run
from tests.room import room_for

SEED = "the seed of this test"
RIGHT = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
HEAD = "def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):\n"
STUB = HEAD + "    with torch.no_grad():\n        pass # Your logic here\n    return model\n"
HANGS = HEAD + "    while True:\n        pass\n"
NO_REWIND = RIGHT[: RIGHT.index("    with torch.no_grad()")] + "    return model\n"
FIELDS = {
    "format", "submission", "kata", "status", "points", "max_points", "message", "notes", "checks",
    "misconceptions", "execution", "confinement", "versions",
}  # fmt: skip


def environment(**changes: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AUTOGRADER")}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "autograder", "grade", *map(str, arguments)]


def started(folder: Path, *arguments: object, **changes: str) -> Done:
    """Grade in a process that starts as a person starts it."""
    return _seen(
        subprocess.run(
            command(*arguments), cwd=folder, env=environment(**changes), capture_output=True,
            text=True, check=False,
        )
    )  # fmt: skip


def grade(folder: Path, *arguments: object, **changes: str) -> Done:
    """Grade in a process that need not load what others have loaded."""
    return _seen(run("autograder", "grade", *arguments, cwd=folder, env=environment(**changes)))


def _seen(done: subprocess.CompletedProcess[str]) -> Done:
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def student(folder: Path, name: str, source: str) -> Path:
    path = folder / "submitted" / name / "lottery_ticket" / "find_winning_ticket.ipynb"
    return write_notebook(path, code("import torch"), code(source, solution=True), code("1 / 0"))


# A whole class at once


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    folder = tmp_path_factory.mktemp("class")
    for name, source in {
        "alice": RIGHT, "bob": NO_REWIND, "carol": STUB, "dave": HANGS, "erin": RIGHT + "\n1 / 0\n",
        "frank": HEAD + "    model.train()\n    raise ValueError('<script>alert(1)</script>')\n",
    }.items():  # fmt: skip
        student(folder, name, source)
    broken = folder / "submitted" / "mallory" / "lottery_ticket" / "find_winning_ticket.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text('{"cells": [', encoding="utf-8")
    aside = folder / "submitted" / "alice" / "lottery_ticket" / ".ipynb_checkpoints"
    write_notebook(aside / "find_winning_ticket-checkpoint.ipynb", code(RIGHT))
    done = started(
        folder, "submitted", "--output", "results.jsonl", "--html", "html", "--seed", SEED,
        "--jobs", 2, "--timeout", 5,
    )  # fmt: skip
    return folder, done


def by_student(folder: Path) -> dict[str, dict[str, Any]]:
    return {Path(r["submission"]).parts[1]: r for r in records(folder / "results.jsonl")}


def test_one_that_could_not_be_graded_is_said_in_one_line_and_the_others_are_graded(
    class_folder: tuple[Path, Done],
) -> None:
    folder, done = class_folder
    assert done.status == FAILED
    path = "submitted/mallory/lottery_ticket/find_winning_ticket.ipynb"
    assert done.err.startswith(f"autograder: {path} could not be graded: it is not a notebook: its")
    assert len(done.err.splitlines()) == 1
    assert done.out.count("its JSON is broken") == 1
    assert len(records(folder / "results.jsonl")) == 7


def test_each_submission_gets_its_status_and_points(class_folder: tuple[Path, Done]) -> None:
    seen = {n: (r["status"], r["points"]) for n, r in by_student(class_folder[0]).items()}
    assert seen == {
        "alice": ("graded", 10), "bob": ("graded", 6), "carol": ("not_attempted", 0),
        "dave": ("graded", 0), "erin": ("graded", 10), "frank": ("graded", 0),
        "mallory": ("unreadable", None),
    }  # fmt: skip


def test_each_line_has_the_documented_fields(class_folder: tuple[Path, Done]) -> None:
    for record in records(class_folder[0] / "results.jsonl"):
        assert record.keys() == FIELDS
        assert record["format"] == 1
        assert record["kata"] == "lottery_ticket"
        assert record["max_points"] == 10
        assert [check["id"] for check in record["checks"]] == [
            "mask", "sparsity", "rewind", "rounds", "conduct",
        ]  # fmt: skip
        assert [check["max_points"] for check in record["checks"]] == [3, 2, 3, 1, 1]
        if record["points"] is not None:
            assert sum(check["points"] for check in record["checks"]) == record["points"]


def test_submissions_are_named_by_the_path_as_it_was_found(
    class_folder: tuple[Path, Done],
) -> None:
    names = {record["submission"] for record in records(class_folder[0] / "results.jsonl")}
    assert "submitted/alice/lottery_ticket/find_winning_ticket.ipynb" in names
    assert not [name for name in names if "checkpoint" in name]


def test_beliefs_and_errors_are_told(class_folder: tuple[Path, Done]) -> None:
    folder, done = class_folder
    seen = by_student(folder)
    assert [belief["id"] for belief in seen["bob"]["misconceptions"]] == ["no_rewind"]
    outcomes = {check["id"]: check["outcome"] for check in seen["bob"]["checks"]}
    assert outcomes == {
        "mask": "passed", "sparsity": "passed", "rewind": "failed", "rounds": "skipped",
        "conduct": "passed",
    }  # fmt: skip
    assert seen["dave"]["execution"]["status"] == "timed_out"
    assert (
        "while True" in seen["dave"]["execution"]["error"]
        or "pass" in (seen["dave"]["execution"]["error"])
    )
    assert seen["frank"]["execution"]["status"] == "raised"
    assert "raise ValueError" in seen["frank"]["execution"]["error"]
    assert "After pruning the trained values stay" in done.out
    assert all(record["confinement"] for record in (seen["alice"], seen["bob"]))


def test_a_failing_later_line_of_the_cell_is_reported_and_not_fatal(
    class_folder: tuple[Path, Done],
) -> None:
    folder, done = class_folder
    assert by_student(folder)["erin"]["points"] == 10
    told = json.dumps(by_student(folder)["erin"]) + done.out
    assert "ZeroDivisionError" in told


def test_a_report_is_written_for_each_and_one_for_all(class_folder: tuple[Path, Done]) -> None:
    folder, _ = class_folder
    pages = {path.name for path in (folder / "html").iterdir()}
    assert "index.html" in pages
    assert len(pages) == 8
    index = (folder / "html" / "index.html").read_text(encoding="utf-8")
    assert "After pruning the trained values stay" in index
    for page in (folder / "html").iterdir():
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "Content-Security-Policy" in text


def test_the_seed_is_told_nowhere(class_folder: tuple[Path, Done]) -> None:
    folder, done = class_folder
    written = [path.read_text(encoding="utf-8") for path in (folder / "html").iterdir()]
    written.append((folder / "results.jsonl").read_text(encoding="utf-8"))
    assert not [text for text in [done.out, done.err, *written] if SEED in text]


# Exit status; stubs need no child process, so these are quick


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    path = tmp_path / "stub.py"
    path.write_text(STUB, encoding="utf-8")
    return path


def test_grading_worked_whatever_the_points(stub: Path) -> None:
    done = started(stub.parent, "stub.py", "--seed", SEED)
    assert (done.status, done.err) == (DONE, "")
    assert "0 / 10 points (not attempted)" in done.out


@pytest.mark.parametrize(("points", "status"), [("1", UNMET)])
def test_too_few_points_are_an_exit_status(stub: Path, points: str, status: int) -> None:
    assert grade(stub.parent, "stub.py", "--seed", SEED, "--fail-under", points).status == status


def test_a_sample_with_all_points_meets_any_bound() -> None:
    done = grade(
        ROOT, "tests/submissions/right_textbook", "--seed", SEED, "--fail-under", 10, "--jobs", 1
    )
    assert (done.status, done.err) == (DONE, "")
    assert "tests/submissions/right_textbook/solution.py" in done.out
    assert "10 / 10 points" in done.out


def test_without_a_secret_seed_one_line_says_so(stub: Path) -> None:
    done = grade(stub.parent, "stub.py")
    assert done.status == DONE
    assert len(done.err.splitlines()) == 1
    assert "AUTOGRADER_SEED" in done.err


def test_results_are_appended(stub: Path) -> None:
    (stub.parent / "out.jsonl").write_text('{"earlier": 1}\n', encoding="utf-8")
    done = grade(stub.parent, "stub.py", "--output", "out.jsonl", AUTOGRADER_SEED=SEED)
    assert done.err == ""  # the environment may hold the seed
    assert records(stub.parent / "out.jsonl")[0] == {"earlier": 1}
    assert len(records(stub.parent / "out.jsonl")) == 2


def test_what_is_named_twice_is_graded_once(stub: Path) -> None:
    done = grade(stub.parent, ".", "stub.py", "--output", "out.jsonl", "--seed", SEED)
    assert done.status == DONE
    assert done.out.count("not attempted") == 1
    assert len(records(stub.parent / "out.jsonl")) == 1


@pytest.mark.parametrize("name", ["missing.ipynb", "missing"])
def test_a_missing_path_is_said_in_one_line_and_the_others_are_graded(
    stub: Path, name: str
) -> None:
    done = grade(stub.parent, name, "stub.py", "--seed", SEED, "--output", "out.jsonl")
    assert done.status == FAILED
    assert len(done.err.splitlines()) == 1
    assert name in done.err
    assert "not attempted" in done.out
    assert name not in done.out.splitlines()
    assert len(records(stub.parent / "out.jsonl")) == 1


def test_a_folder_without_submissions_is_said(tmp_path: Path) -> None:
    done = grade(tmp_path, ".", "--seed", SEED)
    assert (done.status, done.out) == (FAILED, "")
    assert len(done.err.splitlines()) == 1


def test_a_folder_that_is_a_link_is_told_of_and_the_others_are_graded(stub: Path) -> None:
    folder = stub.parent / "submitted"
    (folder / "ada").mkdir(parents=True)
    stub.rename(folder / "ada" / "stub.py")
    (folder / "eve").symlink_to("ada")
    done = grade(stub.parent, "submitted", "--output", "out.jsonl", "--seed", SEED)
    assert done.status == FAILED
    assert done.err == "autograder: submitted/eve was not looked into: it is a link\n"
    assert [r["submission"] for r in records(stub.parent / "out.jsonl")] == [
        "submitted/ada/stub.py"
    ]


def test_nothing_but_a_link_is_told_of_once(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "eve").symlink_to("../elsewhere")
    done = grade(tmp_path, "submitted", "--seed", SEED)
    assert done.status == FAILED
    assert done.err == "autograder: submitted/eve was not looked into: it is a link\n"


def test_where_there_is_no_room_for_the_evidence_the_lines_stay(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:02}.py").write_text(STUB, encoding="utf-8")
    arguments = (".", "--output", "out.jsonl", "--seed", SEED, "--jobs", 1, "--quiet")
    with room_for(100_000):
        done = started(tmp_path, *arguments)
    assert done.status == FAILED
    assert done.err.startswith("autograder: out.jsonl.evidence cannot be written: ")
    assert len(done.err.splitlines()) == 1
    kept = records(tmp_path / "out.jsonl")
    assert 0 < len(kept) < 60
    assert f"{len(kept)} of 60 are graded already" in grade(tmp_path, *arguments[:-1]).err
    assert len(records(tmp_path / "out.jsonl")) == 60


# Nobody reads


@pytest.fixture
def broken() -> Iterator[int]:
    """The end of a pipe that nobody reads."""
    ours, theirs = os.pipe()
    os.close(ours)
    yield theirs
    os.close(theirs)


def test_where_nobody_reads_the_output_it_ends_quietly(stub: Path, broken: int) -> None:
    (stub.parent / "other.py").write_text(STUB, encoding="utf-8")
    for options in (["--seed", SEED], []):
        done = subprocess.run(
            command(".", "--output", "out.jsonl", "--again", *options), cwd=stub.parent,
            env=environment(), stdout=broken, stderr=subprocess.PIPE if options else broken,
            check=False, text=True,
        )  # fmt: skip
        assert (done.returncode, done.stderr or "") == (UNHEARD, "")
    assert records(stub.parent / "out.jsonl")


def test_where_nobody_reads_the_output_a_bar_is_no_hindrance(stub: Path, broken: int) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    done = subprocess.run(
        command("stub.py", "--seed", SEED), cwd=stub.parent, env=environment(), stdout=broken,
        stderr=theirs, check=False,
    )  # fmt: skip
    said = os.read(ours, 10_000).decode()
    os.close(theirs)
    os.close(ours)
    assert done.returncode == UNHEARD
    assert "0/1" in said
    assert "rror" not in said
    assert "Exception" not in said


def test_where_there_is_no_standard_error_the_output_is_as_ever(stub: Path) -> None:
    """What is said beside it must not get into it."""
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *command("stub.py")], cwd=stub.parent,
        env=environment(), stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == DONE
    assert "0 / 10 points (not attempted)" in done.stdout
    assert "autograder: " not in done.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--output", "no/such/folder/out.jsonl"),
        ("--output", "folder"),
        ("--html", "stub.py/below"),
    ],
)
def test_an_output_that_cannot_be_written_is_said_in_one_line(
    stub: Path, options: tuple[str, str]
) -> None:
    (stub.parent / "folder").mkdir()
    done = grade(stub.parent, "stub.py", "--seed", SEED, *options)
    assert done.status == FAILED
    assert len(done.err.splitlines()) == 1
    assert options[1].split("/")[0] in done.err


@pytest.mark.parametrize(
    "options",
    [("--jobs", "0"), ("--jobs", "x"), ("--timeout", "0"), ("--timeout", "inf"),
     ("--timeout", "nan"), ("--kata", "none"), ("--fail-under", "x"), ("--nothing",)],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused(
    stub: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["grade", str(stub), *options])
    assert caught.value.code == FAILED
    seen = capsys.readouterr()
    assert seen.out == ""
    assert options[0] in seen.err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("grade", "x", "--jobs", "abc"), "--jobs: must be a whole number, at least 1 (got abc)"),
        (("autograde", "ps", "--jobs", "0"), "--jobs: must be a whole number, at least 1 (got 0)"),
        (("grade", "x", "--timeout", "abc"), "--timeout: must be a number of seconds above 0 (got"),
        (("watch", "x", "--timeout", "nan"), "--timeout: must be a number of seconds above 0 (got"),
        (("similar", "x", "--least", "abc"), "--least: must be a number above 0 and at most 1 (g"),
        (("similar", "x", "--least", "1.5"), "--least: must be a number above 0 and at most 1 (g"),
        (("grade", "x", "--fail-under", "nan"), "--fail-under: must be a number of points, 0 or m"),
        (("grade", "x", "--fail-under", "inf"), "--fail-under: must be a number of points, 0 or m"),
        (("grade", "x", "--fail-under=-1"), "--fail-under: must be a number of points, 0 or more"),
    ],
)
def test_what_an_option_takes_is_told_in_a_sentence(
    asked: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*asked])
    assert caught.value.code == FAILED
    assert f"error: argument {said}" in capsys.readouterr().err


def test_submissions_of_like_names_get_a_report_each(tmp_path: Path) -> None:
    for name in ("a/b.py", "a_b.py", "a b.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(STUB, encoding="utf-8")
    done = grade(tmp_path, ".", "--html", "html", "--seed", SEED)
    assert done.status == DONE
    assert len(list((tmp_path / "html").glob("*.html"))) == 4


def test_a_long_path_is_no_obstacle_to_a_report(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 200) / ("y" * 200)
    folder.mkdir(parents=True)
    (folder / "stub.py").write_text(STUB, encoding="utf-8")
    done = grade(tmp_path, ".", "--html", "html", "--seed", SEED)
    assert (done.status, done.err) == (DONE, "")
    assert len(list((tmp_path / "html").glob("*.html"))) == 2


def test_a_file_whose_name_is_no_text_does_not_stop_the_others(stub: Path) -> None:
    odd = os.fsencode(stub.parent) + b"/caf\xe9.py"
    with open(odd, "w", encoding="utf-8") as file:  # noqa: PTH123 - a name that is no text
        file.write(STUB)
    done = grade(stub.parent, ".", "--output", "out.jsonl", "--html", "html", "--seed", SEED)
    assert done.status == DONE
    assert len(records(stub.parent / "out.jsonl")) == 2
    done = grade(stub.parent, ".", "--output", "out.jsonl", "--html", "html", "--seed", SEED)
    assert "2 of 2 are graded already" in done.err
    assert len(records(stub.parent / "out.jsonl")) == 2


def test_half_a_character_in_a_notebook_does_not_stop_the_others(stub: Path) -> None:
    write_notebook(stub.parent / "half.ipynb", code("x = '\ud800'\n" + RIGHT, solution=True))
    done = grade(stub.parent, ".", "--output", "out.jsonl", "--seed", SEED, "--jobs", 1)
    assert done.status in (DONE, FAILED)
    assert len(records(stub.parent / "out.jsonl")) == 2


# Stopped by hand


def test_an_interrupt_keeps_what_was_finished_and_exits_with_130(tmp_path: Path) -> None:
    (tmp_path / "a_stub.py").write_text(STUB, encoding="utf-8")
    (tmp_path / "b_hangs.py").write_text(HANGS, encoding="utf-8")
    (tmp_path / "c_right.py").write_text(RIGHT, encoding="utf-8")
    output = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        command(".", "--output", output, "--seed", SEED, "--jobs", 1, "--timeout", 600),
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while not (output.exists() and output.read_text(encoding="utf-8").endswith("\n")):
            assert process.poll() is None
            time.sleep(0.05)
        while len(records(output)) < 2:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=15)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == INTERRUPTED
    assert "Traceback" not in err
    assert len(err.splitlines()) == 1
    assert err.endswith("has been kept, and the same command goes on where it stopped\n")
    graded = {record["submission"] for record in records(output)}
    assert graded == {"a_stub.py", "c_right.py"}


LOADING = """
import os, signal, sys
class Loading:
    def find_spec(self, name, path=None, target=None):
        if name == "autograder.commands.report":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Loading())
"""


def test_an_interrupt_while_the_commands_load_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(LOADING, encoding="utf-8")
    done = started(tmp_path, "nothing", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert (done.status, done.out, done.err) == (INTERRUPTED, "", "autograder: stopped\n")


def test_on_a_terminal_the_last_word_has_a_line_of_its_own(tmp_path: Path) -> None:
    """A terminal has written ^C before it."""
    (tmp_path / "hangs.py").write_text(HANGS, encoding="utf-8")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("hangs.py", "--seed", SEED, "--jobs", 1, "--timeout", 600, "--quiet"),
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    try:
        while not _children(process.pid):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)
        said = os.read(ours, 1000).decode()
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
    assert process.returncode == INTERRUPTED
    line = "autograder: stopped; --output would keep what was finished"
    assert said.splitlines() == ["", line]


def _children(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")


# The other kata's function


def test_a_file_of_another_kata_than_asked_for_is_told_of_at_the_end(stub: Path) -> None:
    other = RIGHT.replace("find_winning_ticket_step", "find_late_rewinding_ticket_step")
    (stub.parent / "late.py").write_text(other, encoding="utf-8")
    said = "1 of 1 files holds no find_late_rewinding_ticket_step, but lottery_ticket's function"
    done = grade(stub.parent, "stub.py", "--kata", "late_rewinding", "--seed", SEED, "--quiet")
    assert done.status == DONE
    assert done.err == f"autograder: {said}; --kata late_rewinding was asked for\n"
    (stub.parent / "autograder.toml").write_text('kata = "lottery_ticket"\n', encoding="utf-8")
    done = grade(stub.parent, ".", "--seed", SEED, "--quiet", "--fail-under", 1)
    assert done.status == UNMET
    assert done.err == (
        "autograder: 1 of 2 files holds no find_winning_ticket_step, but late_rewinding's function;"
        " the rules ask for lottery_ticket\n"
    )


def test_a_file_name_says_nothing_but_itself(tmp_path: Path) -> None:
    """A terminal would obey some of it, and a line break forges lines."""
    path = tmp_path / "\x1b[2J10 points\nall passed.py"
    path.write_text("x = 1\n")
    done = grade(tmp_path, path)
    assert "\x1b" not in done.out + done.err
    assert "\nall passed.py" not in done.out + done.err


def test_what_is_said_is_one_line_whatever_a_file_is_called(tmp_path: Path) -> None:
    (tmp_path / "a\nautograder: 0 failed.ipynb").write_text("{", encoding="utf-8")
    done = grade(tmp_path, ".", "--seed", SEED, "--quiet")
    assert done.status == FAILED
    (said,) = done.err.splitlines()
    assert said.startswith("autograder: a autograder: 0 failed.ipynb could not be graded: ")
