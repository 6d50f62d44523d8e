"""Hostile submissions, each with the verdict that must come back.

Each folder below `attacks` holds a submission and `verdict.json`: what it tries, and the status,
execution and points that are right. An attack that got what it must not get says `PWNED` in an
exception, so that the scorecard tells. All are graded in one class, with honest submissions in
between by the user who runs the tests; where that is root, an ordinary user grades those that aim
at the machine once more.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograder.records import Grading, Status
from tests.confinement.batch import HONEST, ODD_NAME
from tests.confinement.files import FILES, HostileFile
from tests.confinement.notebooks import ATTACKS, KEPT, MADE_ANEW, ROOT, files

FOLDERS = sorted(path.parent.name for path in ATTACKS.glob("*/verdict.json"))
GOLDEN = {
    **{name: json.loads((ATTACKS / name / "verdict.json").read_text("utf-8")) for name in FOLDERS},
    **{attack.name: attack.verdict for attack in MADE_ANEW},
}
FAMILIES = {"forge": 60, "read": 30, "net": 12, "stay": 30, "deny": 70, "notebook": 45}
OTHER_USER = 65534
AS_OTHER_USER = ("read_", "net_", "stay_", "deny_disk_", "deny_kill", "claim_")
PATIENCE = 400
TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "table", "thead",
    "tbody", "tr", "th", "td", "caption", "details", "summary", "div", "section", "p", "dl", "dt",
    "dd", "strong", "em", "code", "small", "span",
}  # fmt: skip


USERS = {
    "this_user": tuple(GOLDEN),
    "another_user": tuple(name for name in FOLDERS if name.startswith(AS_OTHER_USER)),
}
EACH = [(user, name) for user, names in USERS.items() for name in names]


@dataclass(frozen=True)
class Run:
    """What a batch said."""

    names: tuple[str, ...]
    said: dict[str, Any]

    def card(self, name: str) -> dict[str, Any]:
        return self.said["cards"][name]


def run(module: str, names: Sequence[str], prefix: Sequence[str] = ()) -> dict[str, Any]:
    command = [*prefix, sys.executable, "-m", f"tests.confinement.{module}", *names]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_another_user() -> list[str]:
    """Make the words that start a program as an ordinary user who can read all it needs.

    Where Python lies in root's home, that user gets a view of the files in which it can be reached.
    """
    drop = ["setpriv", f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups"]
    closed = [path for path in _needed() if not path.stat().st_mode & 0o001]
    if not closed:
        return drop
    script = (
        'exec 9<"$2" && mount -t tmpfs -o mode=755 none "$1" && mkdir -p "$2"'
        ' && mount --no-canonicalize --bind /proc/self/fd/9 "$2"'
        ' && exec 9<&- && shift 2 && exec "$@"'
    )
    inside = Path(*Path(sys.base_prefix).parts[: len(closed[0].parts) + 1])
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]
    return [*words, str(closed[0]), str(inside), *drop]


def _needed() -> list[Path]:
    places = [Path(sys.base_prefix), Path(sys.prefix), ROOT]
    return [folder for place in places for folder in reversed([place, *place.parents])]


@cache
def _why_not_another_user() -> str:
    if os.geteuid() != 0:
        return "only root can become another user; the tests ran as an ordinary one already"
    command = [*as_another_user(), sys.executable, "-c", "import torch"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return f"an ordinary user cannot run Python here: {tried.stderr}" if tried.returncode else ""


@pytest.fixture(params=USERS)
def batch(request: pytest.FixtureRequest) -> Run:
    """Grade all attacks as this user, and those that aim at the machine as another one."""
    return _batch(request.param)


@cache
def _batch(user: str) -> Run:
    if user == "this_user":
        return Run(USERS[user], run("batch", ()))
    if why := _why_not_another_user():
        pytest.skip(why)
    return Run(USERS[user], run("batch", USERS[user], as_another_user()))


@pytest.fixture(scope="module")
def hostile_files() -> dict[str, Any]:
    return run("files", ())


# Each attack


@pytest.mark.parametrize(("batch", "name"), EACH, indirect=["batch"])
def test_an_attack_gets_its_golden_verdict(batch: Run, name: str) -> None:
    card = batch.card(name)
    golden = GOLDEN[name]
    assert "PWNED" not in json.dumps(card), card["text"]
    assert card["json"]["status"] == golden["status"], card["text"]
    assert card["json"]["execution"]["status"] in golden["execution"], card["text"]
    points = golden["points"]
    assert card["json"]["points"] in (points if isinstance(points, list) else [points])


@pytest.mark.parametrize(("batch", "name"), EACH, indirect=["batch"])
def test_a_scorecard_can_be_shown_anywhere(batch: Run, name: str) -> None:
    assert_harmless(batch.card(name))


# The class and the world around it


def test_honest_submissions_in_between_get_all_points(batch: Run) -> None:
    honest = {name: card for name, card in batch.said["cards"].items() if name not in GOLDEN}
    assert len(honest) > len(batch.names) / 10
    for name, card in honest.items():
        assert name.startswith(HONEST) or name == ODD_NAME
        assert card["json"]["points"] == card["json"]["max_points"], (name, card["text"])
        assert card["json"]["execution"]["status"] == "returned", name


def test_no_submission_ends_the_grading_of_the_class(batch: Run) -> None:
    assert batch.said["failures"] == {}


def test_everybody_is_graded(batch: Run) -> None:
    assert batch.said["cards"].keys() >= set(batch.names)


def test_every_child_was_confined_by_every_layer(batch: Run) -> None:
    for name in batch.names:
        card = batch.card(name)["json"]
        if card["status"] == "graded":
            assert {"landlock", "seccomp", "no_capabilities"} <= set(card["confinement"]), name


def test_the_world_outside_is_as_it_was(batch: Run) -> None:
    assert batch.said["changes"] == []


def test_no_file_is_left(batch: Run) -> None:
    assert batch.said["left"] == []


def test_no_process_is_left(batch: Run) -> None:
    assert batch.said["processes"] == []


def test_the_page_of_the_class_has_no_markup_of_learners(batch: Run) -> None:
    assert tags(batch.said["page"]) <= TAGS
    assert tags(batch.said["index"]) <= TAGS | {"a", "href", "br", "wbr"}
    assert batch.said["index"].count("href=") == batch.said["index"].count("href='link'>")


def test_whoever_claims_something_has_all_other_points(batch: Run) -> None:
    """Claims are made beside the learner's code, tensors cannot be had without the work."""
    claims = [name for name in batch.names if name.startswith("claim_")]
    assert claims
    for name in claims:
        card = batch.card(name)["json"]
        assert sum(check["max_points"] for check in card["checks"] if check["id"] == "conduct") == 1
        assert all(
            check["outcome"] == "passed" for check in card["checks"] if check["id"] != "conduct"
        )


# Files


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_hostile_file_is_refused_in_time(file: HostileFile, hostile_files: dict) -> None:
    came = hostile_files[file.name]
    assert came["failed"] == ""
    assert came["json"]["status"] in file.statuses
    assert came["json"]["points"] in file.points
    assert "nobody may" not in json.dumps(came)
    assert_harmless(came)


def test_reading_hostile_files_changes_nothing(hostile_files: dict) -> None:
    assert hostile_files["changes"] == []


# The corpus


def test_every_verdict_is_complete() -> None:
    for name, golden in GOLDEN.items():
        assert golden.keys() == {"aim", "status", "execution", "points"}, name
        assert golden["status"] in set(Grading), name
        assert set(golden["execution"]) <= set(Status), name
        assert golden["execution"], name
        assert golden["aim"], name
        assert not golden["aim"].endswith("."), name


def test_no_attack_is_there_twice() -> None:
    sources = [path.read_bytes() for path in ATTACKS.glob("*/solution.py")]
    assert len(set(sources)) == len(sources)
    aims = [golden["aim"] for golden in GOLDEN.values()]
    assert len(set(aims)) == len(aims)


def test_every_family_has_attacks() -> None:
    counts = dict.fromkeys(FAMILIES, 0)
    for name in GOLDEN:
        family = name.split("_")[0]
        counts["forge" if family == "claim" else family] += 1
    assert {family: count for family, count in counts.items() if count < FAMILIES[family]} == {}


def test_attacks_are_python() -> None:
    for path in ATTACKS.glob("*/solution.py"):
        ast.parse(path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize("attack", KEPT, ids=lambda attack: attack.name)
def test_hostile_notebooks_are_up_to_date(attack: Any) -> None:
    for path, data in files(attack):
        assert path.read_bytes() == data, "run python -m tests.confinement.notebooks"


def test_no_hostile_notebook_is_without_its_maker() -> None:
    made = {attack.name for attack in KEPT}
    assert {name for name in FOLDERS if name.startswith("notebook_")} == made


def assert_harmless(card: dict[str, Any]) -> None:
    """Hold a scorecard to what terminals, pages and files can take."""
    assert tags(card["html"]) <= TAGS
    for text in (card["text"], card["html"], json.dumps(card["json"], ensure_ascii=False)):
        text.encode("utf-8")
        odd = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c not in "\n\t"}
        assert odd == set(), text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        names = {name for name, _ in attrs}
        self.found |= {name for name in names if name.startswith("on") or name in {"src", "href"}}


def tags(html: str) -> set[str]:
    """Name the elements of a page, and attributes that load or run something."""
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser.found
