"""The file of results and its archive: what survives kills, what is graded anew, what is shared."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.archive import Archive, EvidenceError, Run
from autograder.records import (
    Evidence,
    Execution,
    Fault,
    Finding,
    Grading,
    Outcome,
    Scorecard,
    Status,
    Submission,
    Verdict,
)
from autograder.report import summary_of
from autograder.results import BusyError, Results, key_of, mark_of
from autograder.settings import Settings
from autograder.terms import Terms
from tests.room import room_for

KILLS = 20
OVERTAKEN = """
import sys
from pathlib import Path
from tests.engine.test_results import card
from autograder.results import Results

path = Path(sys.argv[1])
other = Results(path)
for points in (1.0, 2.0):
    other.add(card("alice", points=points), "key", None)
others = [other]

def close_first(event, _):
    if event == "fcntl.flock" and others:
        others.pop().close()

sys.addaudithook(close_first)
with Results(path) as results:
    results.add(card("bob"), "key", None)
    print(path.read_text(encoding="utf-8"))
"""
ENDLESS_WRITER = """
import sys
from pathlib import Path
from tests.engine.test_results import card, run
from autograder.results import Results

with Results(Path(sys.argv[1])) as results:
    print("ready", flush=True)
    for number in range(int(sys.argv[2]), 10**9):
        name = f"submission {number}"
        results.add(card(name), f"key {number}", run(name))
        print(name, flush=True)
"""


TOLD = (
    Verdict("mask", "It is right.", Outcome.PASSED, 3, 3),
    Verdict("rewind", "It is θ₀.", Outcome.FAILED, 0, 3, Finding("entries", "3", "2")),
    Verdict("rounds", "It holds.", Outcome.FAILED, 0, 1, Finding("entries", "3", "2")),
)


def card(name: str = "alice.py", points: float = 10.0) -> Scorecard:
    return Scorecard(
        submission=name, kata="lottery_ticket", status=Grading.GRADED, verdicts=(), points=points,
        max_points=10.0, execution=Execution(Status.RETURNED), message="m" * 3000,
    )  # fmt: skip


def run(name: str = "alice.py", *answers: bytes) -> Run:
    submission = Submission(name, ("x = 1", "half \ud800"), "step", attempted=True)
    fault = Fault("ValueError", "no", "raise ValueError('no')", 3, 1)
    answers = answers or (b"a" * 500, b"b" * 500)
    hidden = Execution(Status.RETURNED, answers, cell_faults=(fault,), wall_seconds=0.5)
    shown = Execution(
        Status.RAISED, (b"c",), fault, wall_seconds=0.25, confinement=("process",)
    )  # fmt: skip
    evidence = Evidence("cases", hidden, shown, ("one",))
    return Run("content", 2.0, submission, evidence)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


@pytest.fixture
def results(path: Path) -> Iterator[Results]:
    with Results(path) as results:
        yield results


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def kept(path: Path) -> dict[str, tuple[float | None, str]]:
    with Results(path) as results:
        return {name: (k.summary.points, k.key) for name, k in results.kept.items()}


# What is kept


def test_a_line_says_of_a_card_what_tables_need(path: Path) -> None:
    told = replace(card(), verdicts=TOLD)
    with Results(path) as results:
        results.add(told, "key", run())
    with Results(path) as results:
        assert results.kept["alice.py"].summary == summary_of(told)
    assert summary_of(told).failed == "It is θ₀."


def test_what_was_written_is_known_when_the_file_is_opened_again(path: Path) -> None:
    with Results(path) as results:
        assert results.kept == {}
        results.add(card("alice"), "key of alice", run("alice"))
        results.add(card("bob", points=3.0), "key of bob", None)
    assert kept(path) == {"alice": (10.0, "key of alice"), "bob": (3.0, "key of bob")}


def test_a_file_that_is_written_anew_keeps_its_mode_and_the_link_to_it(path: Path) -> None:
    real = path.with_name("elsewhere.jsonl")
    real.touch(mode=0o600)
    path.symlink_to(real)
    for points in (10.0, 3.0):
        with Results(path) as results:
            results.add(card("alice", points=points), "key", None)
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert [line["points"] for line in lines(real)] == [3.0]


def test_a_run_comes_back_as_it_was_but_for_half_characters(path: Path) -> None:
    with Results(path) as results:
        results.add(card("caf\udce9"), "", run("caf\udce9"))
        results.add(card("alice"), "", run("alice"))
        results.add(card("bob"), "", None)
    with Results(path) as results:
        back = [*results.runs()]
    for name, one in zip(("alice", "caf\udce9"), back, strict=True):
        original = run(name)
        cells = (original.submission.cells[0], "half ?")
        assert one == replace(original, submission=replace(original.submission, cells=cells))


def test_a_line_that_is_no_text_is_known_again(path: Path) -> None:
    odd = replace(card("caf\udce9"), message="half \ud800")
    for _ in range(2):
        with Results(path) as results:
            results.add(odd, "key", run("caf\udce9"))
    assert len(lines(path)) == 1
    with Results(path) as results:
        assert results.kept["caf\udce9"].summary == summary_of(odd)
        assert results.kept["caf\udce9"].key == "key"


def test_equal_answers_are_kept_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "evidence")
    noise = os.urandom(100_000)
    for number in range(200):
        archive.keep(f"{number}", "", b"", run(f"{number}", noise))
    archive.close()
    assert (tmp_path / "evidence").stat().st_size < 500_000


def test_a_new_result_of_a_submission_takes_the_place_of_the_old(path: Path) -> None:
    path.write_text('a line of somebody else\n{"earlier": 1}\n', encoding="utf-8")
    with Results(path) as results:
        for name in ("alice", "bob"):
            results.add(card(name, points=1.0), "old", run(name))
    with Results(path) as results:
        results.add(card("alice", points=2.0), "new", run("alice"))
    written = path.read_text(encoding="utf-8").splitlines()
    assert written[:2] == ["a line of somebody else", '{"earlier": 1}']
    assert [json.loads(line)["submission"] for line in written[2:]] == ["bob", "alice"]
    assert kept(path) == {"bob": (1.0, "old"), "alice": (2.0, "new")}


def test_lines_that_a_killed_run_left_twice_are_dropped_by_the_next(path: Path) -> None:
    with Results(path) as results:
        for name in ("alice", "bob", "carol"):
            results.add(card(name, points=1.0), "old", run(name))
    with Results(path) as results:
        results.add(card("alice", points=2.0), "new", run("alice"))
        killed = path.read_bytes()
    path.write_bytes(killed)
    with Results(path) as results:
        results.add(card("bob", points=3.0), "new", run("bob"))
    assert [(line["submission"], line["points"]) for line in lines(path)] == [
        ("carol", 1), ("alice", 2), ("bob", 3),
    ]  # fmt: skip
    path.write_bytes(killed)
    assert kept(path)["alice"] == (2.0, "new")
    assert [line["submission"] for line in lines(path)] == ["bob", "carol", "alice"]


def test_what_is_judged_again_takes_the_place_of_all_that_a_killed_run_left(path: Path) -> None:
    with Results(path) as results:
        results.add(card("alice", points=1.0), "old", run("alice"))
    with Results(path) as results:
        results.add(card("alice", points=2.0), "new", run("alice"))
        killed = path.read_bytes()
    path.write_bytes(killed)
    with Results(path) as results:
        results.replace([(card("alice", points=4.0), "newer")])
    assert kept(path) == {"alice": (4.0, "newer")}
    assert len(lines(path)) == 1


def test_a_result_is_told_from_any_other(path: Path) -> None:
    with Results(path) as results:
        results.add(card("alice"), "key", run("alice"))
    with Results(path) as results:
        mark = results.kept["alice"].mark
    assert mark == mark_of(card("alice"), "key")
    assert mark not in {mark_of(card("alice"), "other"), mark_of(card("alice", points=1.0), "key")}


def test_where_there_is_no_room_for_the_evidence_the_lines_stay(path: Path) -> None:
    with Results(path) as results:
        results.add(card("alice"), "key", run("alice"))
        with (
            room_for(100_000),
            pytest.raises(EvidenceError, match=r"out\.jsonl\.evidence cannot be written: "),
        ):
            results.add(card("bob"), "key", run("bob", os.urandom(200_000)))
    assert kept(path) == {"alice": (10.0, "key")}


def test_a_line_without_its_archive_depends_on_something_unknown(path: Path) -> None:
    with Results(path) as results:
        results.add(card("alice"), "key", run("alice"))
    path.with_name("out.jsonl.evidence").unlink()
    assert kept(path) == {"alice": (10.0, "")}


def test_a_line_that_somebody_changed_depends_on_something_unknown(path: Path) -> None:
    with Results(path) as results:
        results.add(card("alice", points=3.0), "key", run("alice"))
    path.write_text(path.read_text(encoding="utf-8").replace("3.0", "9.0"), encoding="utf-8")
    assert kept(path) == {"alice": (9.0, "")}


def test_results_that_were_judged_again_keep_their_place_and_their_run(path: Path) -> None:
    with Results(path) as results:
        for name in ("alice", "bob", "carol"):
            results.add(card(name), "old", run(name))
    with Results(path) as results:
        results.replace([(card("bob", points=4.0), "new")])
    assert [line["submission"] for line in lines(path)] == ["alice", "bob", "carol"]
    assert kept(path) == {"alice": (10.0, "old"), "bob": (4.0, "new"), "carol": (10.0, "old")}
    with Results(path) as results:
        assert len(list(results.runs())) == 3


def test_where_there_is_no_room_to_judge_again_the_results_are_as_they_were(path: Path) -> None:
    long = "m" * 100_000
    with Results(path) as results:
        for name in ("alice", "bob", "carol"):
            results.add(replace(card(name), message=long), "old", run(name))
    before = path.read_bytes()
    judged = [
        (replace(card(name, points=4.0), message=long), "new") for name in ("alice", "bob", "carol")
    ]
    with (
        Results(path) as results,
        room_for(200_000),
        pytest.raises(OSError, match="File too large"),
    ):
        results.replace(judged)
    assert path.read_bytes() == before
    assert set(kept(path).values()) == {(10.0, "old")}


def test_where_keys_cannot_be_written_the_results_are_as_they_were(path: Path) -> None:
    with Results(path) as results:
        results.add(card("alice"), "old", run("alice"))
        with closing(sqlite3.connect(path.with_name("out.jsonl.evidence"))) as database:
            database.execute("DROP TABLE results")
        before = path.read_bytes()
        with pytest.raises(EvidenceError, match="no such table"):
            results.replace([(card("alice", points=4.0), "new")])
    assert path.read_bytes() == before


# What a result depends on


def test_a_key_tells_seed_kata_limit_and_content_and_shows_none() -> None:
    settings = Settings("lottery_ticket", "a secret", 20.0)
    others = [
        replace(settings, seed="another"), replace(settings, kata="toy"),
        replace(settings, timeout=2.0),
    ]  # fmt: skip
    keys = [key_of(one, "content") for one in (settings, *others)]
    keys += [key_of(settings, "other"), key_of(settings, "content", "ada")]
    assert len(set(keys)) == len(keys)
    assert key_of(replace(settings), "content") == keys[0]
    assert "secret" not in "".join(keys)


def test_a_key_does_not_depend_on_the_order_in_which_points_are_set() -> None:
    points = (("mask", 4.0), ("rewind", 1.0))
    keys = {
        key_of(Settings("lottery_ticket", "a secret", terms=Terms(points=one)), "content")
        for one in (points, points[::-1])
    }
    assert len(keys) == 1


# Two at once, and sudden ends


def test_a_file_is_written_by_one_run_at_a_time(results: Results, path: Path) -> None:
    with pytest.raises(BusyError, match=r"out\.jsonl"):
        Results(path)
    results.add(card(), "key", run())
    assert len(lines(path)) == 1


def test_a_file_that_was_replaced_before_it_could_be_locked_is_opened_anew(path: Path) -> None:
    """The other run drops a line that another supersedes, and ends, between the two."""
    command = [sys.executable, "-c", OVERTAKEN, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    names = [json.loads(line)["submission"] for line in done.stdout.split("\n") if line]
    assert names == ["alice", "bob"]


def test_a_file_that_is_judged_again_has_one_writer_until_the_end(path: Path) -> None:
    with Results(path) as results:
        results.add(card("alice"), "old", run("alice"))
        results.replace([(card("alice", points=4.0), "new")])
        with pytest.raises(BusyError):
            Results(path)
    assert kept(path) == {"alice": (4.0, "new")}


def test_what_a_killed_writer_left_of_a_line_is_cut_off(path: Path) -> None:
    with Results(path) as results:
        results.add(card("alice"), "key", run("alice"))
    whole = path.read_bytes()
    for length in (1, 5, 20, 100, len(whole) - 2):
        path.write_bytes(whole + whole[:length])
        assert kept(path) == {"alice": (10.0, "key")}
        assert path.read_bytes() == whole


def test_text_of_somebody_else_is_never_cut_off(path: Path) -> None:
    path.write_text("notes without an end", encoding="utf-8")
    with Results(path) as results:
        results.add(card("alice"), "key", run("alice"))
    assert path.read_text(encoding="utf-8").startswith("notes without an end\n{")


def test_a_writer_that_is_killed_at_any_moment_loses_no_line(path: Path) -> None:
    moments = random.Random(0)  # noqa: S311 - moments, not secrets
    told: list[str] = []
    for _ in range(KILLS):
        command = [sys.executable, "-c", ENDLESS_WRITER, str(path), str(len(told))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0, 0.05))
            writer.kill()
            told += writer.stdout.read().splitlines()
        with Results(path) as results:
            names = list(results.kept)
            assert names[: len(told)] == told
            assert len(names) <= len(told) + 1  # one that was written and not yet told
            assert all(one.key for one in results.kept.values())
            assert sorted(one.submission.id for one in results.runs()) == sorted(names)
        told = names
    assert len(told) > KILLS
