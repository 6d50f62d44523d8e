"""Submissions that share their code, as instructors get them listed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from autograder.commands.voice import DONE, FAILED
from autograder.similar import Solution, groups_of, pairs_of
from tests.engine.examples import SAMPLES
from tests.preloaded import run

TEXTBOOK = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
OTHER = (SAMPLES / "right_heapq_smallest" / "solution.py").read_text(encoding="utf-8")
RENAMED = TEXTBOOK.replace("layers", "ebenen") + "\n# von mir\n\n"
TO_THE_LETTER = TEXTBOOK.replace("\n", "\n\n")
LONGER = TEXTBOOK.replace("    return model", "    print(len(layers))\n    return model")
EARNED = "10 points"


def similar(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    done = run("autograder", "similar", *arguments, cwd=folder, env=os.environ)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    codes = {"ada": TEXTBOOK, "ben": RENAMED, "cem": OTHER, "dea": TO_THE_LETTER, "eve": LONGER}
    for learner, code in codes.items():
        (folder / f"{learner}.py").write_text(code, encoding="utf-8")
    secret = {**os.environ, "AUTOGRADER_SEED": "a secret"}
    done = run("autograder", "grade", ".", "--output", "r.jsonl", "--quiet", cwd=folder, env=secret)
    assert done.returncode == DONE, done.stderr
    return folder


def test_what_is_the_same_but_for_names_and_layout_is_listed(folder: Path) -> None:
    done = similar(folder, "r.jsonl")
    assert (done.returncode, done.stderr) == (DONE, "")
    lines = done.stdout.splitlines()
    assert lines[0].endswith("layout: 1 solutions.")
    assert lines[2].startswith("3 submissions, ")
    assert sorted(lines[3:6]) == [
        f"    ada.py ({EARNED})",
        f"    ben.py ({EARNED})",
        f"    dea.py ({EARNED}, with the same names, too)",
    ]
    assert "cem" not in done.stdout
    assert "eve" not in done.stdout
    assert "look before you conclude anything" in lines[-1]


def test_what_shares_much_is_listed_if_asked_for(folder: Path) -> None:
    done = similar(folder, "r.jsonl", "--least", "0.8")
    assert done.returncode == DONE
    pair = done.stdout.split("of each is in the other:\n")[1].splitlines()
    assert re.search(r"\n\d\d % of each is in the other:\n", done.stdout)
    assert {line.partition(" (")[0].strip() for line in pair[:2]} == {"ada.py", "eve.py"}
    assert f"({EARNED}, and 2 more like it)" in done.stdout
    assert "cem" not in done.stdout


def test_results_without_evidence_are_told(folder: Path) -> None:
    done = similar(folder, "other.jsonl")
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert done.stderr.startswith("autograder: other.jsonl.evidence is not there")
    assert similar(folder, "r.jsonl", "--least", "0").returncode == FAILED


def test_code_that_cannot_be_parsed_is_compared_all_the_same() -> None:
    broken = [Solution(name, f"def {name}(:\n  return ((", "0") for name in ("f", "g")]
    assert [len(group.members) for group in groups_of(broken)] == [2]


def test_a_pair_shares_as_much_as_the_lesser_of_both() -> None:
    doubled = f"{TEXTBOOK}\n{OTHER}"
    groups = groups_of([Solution("a", TEXTBOOK, "10"), Solution("b", doubled, "10")])
    [pair] = pairs_of(groups, least=0.1)
    assert pair.share < 0.9
