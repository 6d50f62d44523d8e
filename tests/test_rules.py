"""`autograder.toml` in force: on the command line, and judged again after it has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.__main__ import main
from autograder.commands.voice import DONE, FAILED
from autograder.nbgrader_plugin import Grade
from tests.engine.test_rules import CASE
from tests.test_cli import NO_REWIND, RIGHT, SEED, Done, grade, records

OUT = "out.jsonl"
HERE = "the rules are those of autograder.toml, which is here"
SEVEN = """
[[cases]]
model = "Sequential(Linear(7, 4), Linear(4, 2))"
input = [4, 7]
amount = 0.5
"""
FAILS_AT_SEVEN = (
    RIGHT
    + """
elsewhere = find_winning_ticket_step

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    if any(getattr(module, "in_features", 0) == 7 for module in model.modules()):
        return model
    return elsewhere(model, initial_state_dict, prune_amount)
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, source in {"ann": RIGHT, "ben": NO_REWIND, "cas": FAILS_AT_SEVEN}.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    return tmp_path


def graded(folder: Path, *options: object) -> Done:
    names = ("ann.py", "ben.py", "cas.py")
    return grade(folder, *names, "--output", OUT, "--seed", SEED, "--jobs", 2, *options)


def points(folder: Path) -> dict[str, tuple[float, float]]:
    return {
        line["submission"].removesuffix(".py"): (line["points"], line["max_points"])
        for line in records(folder / OUT)
    }


def test_points_and_cases_count_and_a_change_is_graded_or_judged_again(folder: Path) -> None:
    assert HERE not in graded(folder).err
    assert points(folder) == {"ann": (10, 10), "ben": (6, 10), "cas": (10, 10)}

    (folder / "autograder.toml").write_text("[points]\nmask = 4\nconduct = 0.5\n", encoding="utf-8")
    assert main(["regrade", str(folder / OUT), "--seed", SEED, "--course",
                 str(folder / "autograder.toml"), "--yes"]) == DONE  # fmt: skip
    assert points(folder) == {"ann": (10.5, 10.5), "ben": (6.5, 10.5), "cas": (10.5, 10.5)}
    done = graded(folder)
    assert HERE in done.err
    assert "3 of 3 are graded already" in done.err

    with (folder / "autograder.toml").open("a", encoding="utf-8") as file:
        file.write(SEVEN)
    assert main(["regrade", str(folder / OUT), "--seed", SEED, "--course",
                 str(folder / "autograder.toml")]) == FAILED  # fmt: skip
    done = graded(folder, "--quiet")
    assert HERE not in done.err
    assert "graded already" not in done.err
    found = points(folder)
    assert (found["ann"], found["ben"]) == ((10.5, 10.5), (6.5, 10.5))
    assert found["cas"][0] < 10.5
    (line,) = [line for line in records(folder / OUT) if line["submission"] == "cas.py"]
    assert {check["outcome"] for check in line["checks"]} >= {"failed"}


def test_a_wrong_file_grades_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "autograder.toml").write_text(CASE.replace("0.35", "0.001"), encoding="utf-8")
    done = graded(folder)
    assert done.status == FAILED
    assert "autograder.toml: [[cases]] number 1: amount 0.001 prunes none" in done.err
    assert not (folder / OUT).exists()
    named = folder / "other.toml"
    for command in (["grade", str(folder)], ["regrade", str(folder / OUT)],
                    ["watch", str(folder / "ann.py")]):  # fmt: skip
        assert main([*command, "--course", str(named)]) == FAILED
        assert "other.toml cannot be read: No such file" in capsys.readouterr().err


def test_points_are_those_of_the_files_kata_and_of_no_other(tmp_path: Path) -> None:
    (tmp_path / "autograder.toml").write_text("[points]\nmask = 4\n", encoding="utf-8")
    grade = Grade(config=Config({"CourseDirectory": {"root": str(tmp_path)}}))
    found = {
        assignment: (rules.kata, dict(rules.terms.points))
        for assignment in ("lottery_ticket", "late_rewinding", "homework 3")
        for rules in [grade.rules(assignment)]
    }
    assert found == {
        "lottery_ticket": ("lottery_ticket", {"mask": 4.0}),
        "late_rewinding": ("late_rewinding", {}),
        "homework 3": ("lottery_ticket", {"mask": 4.0}),
    }
