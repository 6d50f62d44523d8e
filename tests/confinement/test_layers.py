"""What happens where the kernel lacks a layer: a filter makes this machine such a one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.engine.examples import ROOT

RIGHT = ROOT / "tests" / "submissions" / "right_textbook" / "solution.py"
WITHOUT = """
import errno, os, sys
import pyseccomp
made = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for call in sys.argv[1].split():
    made.add_rule(pyseccomp.ERRNO(errno.ENOSYS), int(call))
made.load()
os.execv(sys.executable, [sys.executable, "-m", "autograder", *sys.argv[2:]])
"""
LANDLOCK = "444 445 446"


def without(calls: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run our command line on a machine that lacks these system calls."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, calls, *arguments],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
    )  # fmt: skip


def test_the_doctor_finds_everything_here() -> None:
    done = without("", "doctor")
    assert done.returncode == 0
    assert done.stdout.count("✓") == 3
    assert "✗" not in done.stdout


def test_the_doctor_says_what_is_missing_and_how_to_get_it() -> None:
    done = without(LANDLOCK, "doctor")
    assert done.returncode == 1
    assert "✗ landlock" in done.stdout
    assert "Linux 6.2" in done.stdout
    assert "--allow-unconfined" in done.stdout


def test_grading_refuses_to_run_unconfined(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    source = tmp_path / "solution.py"
    source.write_text(f"open({str(marker)!r}, 'w')\ndef find_winning_ticket_step(*a): print(a)\n")
    done = without(LANDLOCK, "grade", str(source))
    assert done.returncode == 2
    assert not marker.exists()
    assert done.stdout == ""
    said = done.stderr.splitlines()[-1]
    assert "no landlock" in said
    assert "--allow-unconfined" in said
    assert "doctor" in said


def test_it_grades_unconfined_if_told_so_and_says_so(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    done = without(
        LANDLOCK, "grade", str(RIGHT), "--allow-unconfined", "--output", str(output)
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    card = json.loads(output.read_text())
    assert card["points"] == 10
    assert card["confinement"] == ["process", "scratch_folder", "limits", "no_capabilities",
                                   "seccomp"]  # fmt: skip


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that lacks both packages."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder / "venv", with_pip=False)
    hidden = folder / "hidden"
    for name in ("landlockpy", "pyseccomp"):
        (hidden / name).mkdir(parents=True)
        (hidden / name / "__init__.py").write_text("raise ImportError('hidden')\n")
    python = folder / "venv" / "bin" / "python"
    places = f"{hidden}\n{sysconfig.get_path('purelib')}\n{ROOT}\n"
    (next((folder / "venv").glob("lib/*/site-packages")) / "here.pth").write_text(places)
    return python


def test_without_the_packages_the_doctor_names_them(bare: Path) -> None:
    done = subprocess.run(
        [bare, "-m", "autograder", "doctor"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "the package landlockpy is not installed" in done.stdout
    assert "the package pyseccomp is not installed" in done.stdout


def test_what_an_unconfined_submission_leaves_behind_is_ended(bare: Path, tmp_path: Path) -> None:
    """Nothing keeps it from starting a process of another session; the process ends with it."""
    marker = f"98765{os.getpid()}"
    start = f"subprocess.Popen(['sleep', '{marker}'], start_new_session=True)"
    source = tmp_path / "solution.py"
    source.write_text(f"import subprocess\n{start}\n{RIGHT.read_text()}")
    done = subprocess.run(
        [bare, "-m", "autograder", "grade", str(source), "--allow-unconfined"],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "10 / 10" in done.stdout
    commands = [read(place) for place in Path("/proc").glob("[0-9]*/cmdline")]
    assert not any(marker in command for command in commands)


def read(place: Path) -> str:
    try:
        return place.read_text()
    except OSError:
        return ""
