"""`make learn`: learners work in a copy of the starter notebook, and what is not there is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.course import ASSIGNMENT, NOTEBOOK, ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")

MAKE = ("make", "--old-file=.venv/ready", "learn")
STARTED = 60  # seconds
REFUSED = 2


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what `make learn` needs, with the environment that runs the tests."""
    folder = tmp_path / "checkout"
    for name in ("notebooks", "solutions"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "Makefile", folder)
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return folder


def learn(checkout: Path, *options: str) -> dict[str, object]:
    """Run `make learn` until JupyterLab has started; return what the server says of itself."""
    runtime = checkout.parent / "runtime"
    shutil.rmtree(runtime, ignore_errors=True)
    environment = {
        **os.environ,
        "BROWSER": "true",  # the command, which opens nothing
        "HOME": str(checkout.parent),
        "JUPYTER_RUNTIME_DIR": str(runtime),
    }
    with subprocess.Popen(
        [*MAKE, *options], cwd=checkout, env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            end = time.monotonic() + STARTED
            while not (opened := _text(runtime, "jpserver-file-to-run-*.html")):
                assert process.poll() is None, process.stdout.read()
                assert time.monotonic() < end
                time.sleep(0.1)
            return {**json.loads(_text(runtime, "jpserver-*.json")), "opened": opened}
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _text(folder: Path, pattern: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in folder.glob(pattern))


def test_learners_write_in_a_copy_that_stays(checkout: Path) -> None:
    released = checkout / "notebooks" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    starter = released.read_bytes()
    server = learn(checkout)
    mine = checkout / "build" / "learn" / "en" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    assert mine.read_bytes() == starter
    assert Path(str(server["root_dir"])) == mine.parent
    assert f"/lab/tree/{mine.name}" in str(server["opened"])
    mine.write_text("my work", encoding="utf-8")
    (mine.parent / "Another.ipynb").write_text("{}", encoding="utf-8")
    released.touch()  # as a pull of a newer starter
    again = learn(checkout)
    assert f"/lab/tree/{mine.name}" in str(again["opened"])
    assert mine.read_text(encoding="utf-8") == "my work"
    assert released.read_bytes() == starter


def test_each_kata_and_language_has_its_own_copy(checkout: Path) -> None:
    name = Path("late_rewinding", "find_late_rewinding_ticket.ipynb")
    server = learn(checkout, "KATA=late_rewinding", "LANGUAGE=de")
    copy = checkout / "build" / "learn" / "de" / name
    assert copy.read_bytes() == (checkout / "notebooks" / "de" / name).read_bytes()
    assert Path(str(server["root_dir"])) == copy.parent


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("KATA=foo", "there is no KATA 'foo'; there are: late_rewinding lottery_ticket"),
        ("KATA=de", "there is no KATA 'de'; there are: late_rewinding lottery_ticket"),
        ("LANGUAGE=fr", "there is no LANGUAGE 'fr'; there are: de en"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(checkout: Path, option: str, sentence: str) -> None:
    done = subprocess.run(
        [*MAKE, option], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == REFUSED
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (checkout / "build").exists()


def test_what_learners_write_is_ignored_by_git(checkout: Path) -> None:
    shutil.copy(ROOT / ".gitignore", checkout)
    for arguments in (
        ("init", "--quiet"),
        ("check-ignore", "--quiet", f"build/learn/en/{ASSIGNMENT}/{NOTEBOOK}.ipynb"),
    ):
        subprocess.run(["git", *arguments], cwd=checkout, check=True)
