"""Hidden cases of a learner's own, and all that a verdict rests on, shown to an instructor."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograder.archive import Archive, Run, archive_of
from autograder.commands.voice import DONE, FAILED
from autograder.variants import NBGRADER_LAYOUT, is_pattern, learner_in, seed_of
from tests.asking import Done, ask
from tests.engine.examples import SAMPLES
from tests.preloaded import run

RESULTS = "results.jsonl"


def autograder(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    secret = {**os.environ, "AUTOGRADER_SEED": "a secret"}
    done = run("autograder", *arguments, cwd=folder, env=secret)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def told(folder: Path, *arguments: object) -> Done:
    """Ask what runs nobody's code, in this process."""
    return ask(folder, *arguments, environment={**os.environ, "AUTOGRADER_SEED": "a secret"})


def grade(folder: Path, *options: object) -> subprocess.CompletedProcess[str]:
    return autograder(
        folder, "grade", "submitted", "--output", RESULTS, "--per-learner", NBGRADER_LAYOUT,
        "--quiet", *options,
    )  # fmt: skip


def hand_in(folder: Path, learner: str, sample: str) -> None:
    place = folder / "submitted" / learner / "lottery_ticket"
    place.mkdir(parents=True)
    shutil.copy(SAMPLES / sample / "solution.py", place / "ticket.py")


def runs(folder: Path) -> dict[str, Run]:
    archive = Archive(archive_of(folder / RESULTS), read_only=True)
    try:
        return {Path(run.submission.id).parts[1]: run for run in archive.runs()}
    finally:
        archive.close()


def lines(folder: Path) -> dict[str, dict[str, Any]]:
    text = (folder / RESULTS).read_text(encoding="utf-8")
    cards = [json.loads(line) for line in text.splitlines()]
    return {Path(card["submission"]).parts[1]: card for card in cards}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    hand_in(folder, "ada", "wrong_per_layer_l1")
    hand_in(folder, "ben", "wrong_per_layer_l1")
    hand_in(folder, "cem", "right_textbook")
    done = grade(folder)
    assert (done.returncode, done.stderr) == (DONE, "")
    return folder


def test_learners_have_cases_of_their_own_and_the_same_verdict(course: Path) -> None:
    seen, cards = runs(course), lines(course)
    assert [run.evidence.learner for run in seen.values()] == ["ada", "ben", "cem"]
    assert len({run.evidence.asked for run in seen.values()}) == 3
    assert seen["ada"].evidence.hidden.answers != seen["ben"].evidence.hidden.answers
    assert [cards[name]["points"] for name in ("ada", "ben", "cem")] == [4, 4, 10]
    for name in ("ada", "ben"):
        assert [belief["id"] for belief in cards[name]["misconceptions"]] == ["per_layer_pruning"]


def test_they_are_known_again(course: Path) -> None:
    assert "3 of 3 are graded already, and unchanged" in grade(course).stderr
    assert "3 judged again, 0 changed" in told(course, "regrade", RESULTS).out
    assert "3 of 3 are graded already, and unchanged" in grade(course).stderr


def test_a_path_without_a_learner_is_told(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "right_textbook" / "solution.py", tmp_path / "ada.py")
    done = autograder(tmp_path, "grade", "ada.py", "--per-learner", "{learner}/homework/*")
    assert done.returncode == FAILED
    assert done.stderr == (
        "autograder: ada.py could not be graded: its path names no learner as"
        " {learner}/homework/* does\n"
    )


def test_a_pattern_that_names_nobody_is_refused(tmp_path: Path) -> None:
    done = autograder(tmp_path, "grade", ".", "--per-learner", "*/*")
    assert done.returncode == FAILED
    assert done.stderr.endswith("argument --per-learner: must hold {learner} once (got */*)\n")
    (tmp_path / "autograder.toml").write_text('per_learner = "*/*"\n', encoding="utf-8")
    done = autograder(tmp_path, "grade", ".")
    assert done.returncode == FAILED
    assert done.stderr == (
        "autograder: autograder.toml: per_learner must hold {learner} once, as {learner}/*/* does"
        " (got */*)\n"
    )


def test_explain_shows_what_the_learner_does_not_see(course: Path) -> None:
    said = {name: told(course, "explain", RESULTS, name) for name in ("ada", "ben")}
    assert [(done.status, done.err) for done in said.values()] == [(DONE, "")] * 2
    drawn = {}
    for name, done in said.items():
        card, values = done.out.split("What differs, in all hidden cases:\n")
        assert card.startswith("4 / 10 points")
        assert "mask, two_layers: pruned entries" in values
        assert "Case two_layers: Sequential(Linear(3, 2), Tanh(), Linear(2, 3))" in values
        assert "asked, after the model: @initial, prune_amount=0.5; rounds: 1" in values
        assert "as the reference has it: 0.bias, 0.weight_orig" in values
        assert "after round 1, it has: 0.weight_mask = tensor([[" in values
        found = re.search(r"trained, before round 1: 0.weight = tensor\((.*), dtype", values)
        assert found is not None
        drawn[name] = found[1]
        assert drawn[name] not in card
    assert drawn["ada"] != drawn["ben"]
    for page in course.rglob("*.jsonl"):
        assert drawn["ada"] not in page.read_text(encoding="utf-8")


def test_explain_shows_the_cases_that_are_named(course: Path) -> None:
    done = told(course, "explain", RESULTS, "cem", "--case", "ties", "--case", "nested")
    assert done.status == DONE
    assert [line.split(":")[0] for line in done.out.splitlines() if line.startswith("Case")] == [
        "Case ties", "Case nested",
    ]  # fmt: skip
    assert done.out.count("    nothing differs in what it left\n") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((RESULTS, "zoe"), "no submission has a folder or file named 'zoe'\n"),
        ((RESULTS, "bin"), "has a folder or file named 'bin'; near: 'ben'\n"),
        ((RESULTS, "e"), "named 'e'; near: 'submitted', 'lottery_ticket', 'ticket.py'\n"),
        ((RESULTS, "lottery_ticket"), "'lottery_ticket' fits 3 submissions, name one:"),
        ((RESULTS, "ada", "--case", "nest"), "there is no case named 'nest'; there are: one_layer"),
        ((RESULTS, "ada", "--seed", "other"), "it was observed with another seed"),
        (("other.jsonl", "ada"), "other.jsonl.evidence is not there"),
    ],
)
def test_explain_says_what_it_misses(course: Path, arguments: tuple[str, ...], said: str) -> None:
    done = told(course, "explain", *arguments)
    assert (done.status, done.out) == (FAILED, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("learner", "said"),
    [
        ("eva", "submitted/eva/work.ipynb could not be read, so there is nothing to explain"),
        ("submitted/fin/work.py", "submitted/fin/work.py was not attempted, so there is nothing"),
        ("work", "'work' fits 2 submissions, none of which was run"),
    ],
)
def test_explain_says_what_became_of_one_that_was_not_run(
    unrun: Path, learner: str, said: str
) -> None:
    done = told(unrun, "explain", RESULTS, learner)
    assert (done.status, done.out) == (FAILED, "")
    assert done.err.startswith(f"autograder: {said}")
    assert len(done.err.splitlines()) == 1


@pytest.fixture(scope="module")
def unrun(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade the course again with two more, of whom there is nothing to run."""
    folder = shutil.copytree(course, tmp_path_factory.mktemp("unrun") / "course")
    for name, text in (("eva/work.ipynb", "no JSON"), ("fin/work.py", "import torch\n")):
        path = folder / "submitted" / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    assert autograder(folder, "grade", "submitted", "--output", RESULTS).returncode == FAILED
    return folder


@pytest.mark.parametrize(
    ("path", "pattern", "learner"),
    [
        ("course/submitted/ada/ticket/a.ipynb", NBGRADER_LAYOUT, "ada"),
        ("/ada/ticket/a.ipynb", NBGRADER_LAYOUT, "ada"),
        ("two\nlines/submitted/ada/ticket/a.ipynb", NBGRADER_LAYOUT, "ada"),
        ("/a.ipynb", NBGRADER_LAYOUT, ""),
        ("zips/ada lovelace.ipynb", "{learner}.ipynb", "ada lovelace"),
        ("zips/ada.b.ipynb", "{learner}.*", "ada"),
        ("zips/ada_77_ticket.py", "{learner}_*_ticket.py", "ada"),
        ("zips/ada(1).py", "{learner}(1).py", "ada"),
        ("zips/ada/x/y.py", "{learner}.py", "y"),
    ],
)
def test_a_learner_is_read_from_the_end_of_a_path(path: str, pattern: str, learner: str) -> None:
    assert learner_in(Path(path), pattern) == learner


def test_patterns_name_the_learner_once() -> None:
    assert [is_pattern(text) for text in ("{learner}/*", "*", "{learner}{learner}")] == [
        True, False, False,
    ]  # fmt: skip


def test_seeds_differ_by_learner_and_by_secret() -> None:
    seeds = {seed_of(learner, secret) for learner in ("ada", "ben") for secret in ("a", "b")}
    assert len(seeds) == 4
    assert seed_of("ada", "a") == seed_of("ada", "a")
