"""The lists of what is to be installed agree; git leaves alone what instructors write."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import pytest

from autograder import __version__

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;#]+)(; sys_platform == \"linux\")?")

IGNORED, SEEN = 0, 1  # git's exit status


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.split("#")[0].strip()]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    found = [PIN.fullmatch(line) for line in lines("requirements.txt")]
    return {normal(match[1]): match[2] for match in found if match}


def project() -> dict[str, object]:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(table["project"])


def test_every_line_of_the_requirements_is_a_pin_or_the_package_itself() -> None:
    others = [line for line in lines("requirements.txt") if not PIN.fullmatch(line)]
    assert others == ["-e ."]


def test_the_environment_of_conda_has_the_same_pins_in_the_same_order() -> None:
    listed = [line.removeprefix("- ") for line in lines("environment.yml")]
    assert listed[listed.index("pip:") + 1 :] == lines("requirements.txt")


def test_every_direct_dependency_is_pinned_within_its_bounds() -> None:
    extras = project()["optional-dependencies"].values()  # type: ignore[attr-defined]
    for requirement in chain(project()["dependencies"], *extras):  # type: ignore[call-overload]
        name, bounds = re.match(r"([A-Za-z0-9._-]+)(.*)", requirement).groups()
        assert normal(name) in pins(), f"{name} is not pinned in requirements.txt"
        pinned = _numbers(pins()[normal(name)])
        for sign, bound in re.findall(r"(>=|<)([0-9.]+)", bounds):
            assert (pinned >= _numbers(bound)) == (sign == ">="), requirement


def test_every_pin_is_what_is_installed() -> None:
    installed = {name: version(name).split("+")[0] for name in pins()}
    assert installed == pins()


def test_torch_comes_first() -> None:
    assert lines("requirements.txt")[0].startswith("torch==")
    assert f"torch=={pins()['torch']}" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "status"), [
    ("autograder.seed", IGNORED), ("grades.csv", IGNORED), ("results.jsonl", IGNORED),
    ("terms/results.jsonl.evidence-wal", IGNORED), ("run.log", IGNORED),
    ("autograder/course/rules.py", SEEN), ("tests/course/samples/canvas.csv", SEEN),
])  # fmt: skip
def test_git_leaves_alone_what_instructors_write(tmp_path: Path, name: str, status: int) -> None:
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    done = subprocess.run(["git", "check-ignore", "--quiet", name], cwd=tmp_path, check=False)
    assert done.returncode == status


def test_the_licence_is_named_and_there() -> None:
    assert project()["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_the_version_is_the_packages_own() -> None:
    assert project()["version"] == __version__


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text.partition(".post")[0]))
