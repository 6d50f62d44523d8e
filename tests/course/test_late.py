"""Late policies, alone and in nbgrader's autograde."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from traitlets import TraitError

from autograder.course.late import NoPenalty, PercentADay, ZeroAfterDue
from tests.course import ASSIGNMENT, Course, code_of, filled

DAY = 86_400.0


def test_no_penalty_takes_nothing() -> None:
    assert NoPenalty().late_submission_penalty("ada", 9.0, 100 * DAY) is None


@pytest.mark.parametrize(
    ("grace", "seconds", "expected"),
    [(0, 0, None), (0, 1, 9.0), (5, 300, None), (5, 301, 9.0), (0, DAY, 9.0)],
)
def test_zero_after_due(grace: float, seconds: float, expected: float | None) -> None:
    plugin = ZeroAfterDue(grace_minutes=grace)
    assert plugin.late_submission_penalty("ada", 9.0, seconds) == expected


@pytest.mark.parametrize(
    ("settings", "seconds", "expected"),
    [
        ({}, 0, None),
        ({}, 0.001, 1.0),
        ({}, 1, 1.0),
        ({}, DAY, 1.0),
        ({}, DAY + 1, 2.0),
        ({}, 10 * DAY, 10.0),
        ({}, 1000 * DAY, 10.0),
        ({"at_most": 50}, 1000 * DAY, 5.0),
        ({"percent": 0}, DAY, 0.0),
        ({"percent": 100}, 1, 10.0),
        ({"percent": 12.5}, DAY + 1, 2.5),
        ({"grace_minutes": 15}, 15 * 60, None),
        ({"grace_minutes": 15}, 15 * 60 + 1, 1.0),
        ({"grace_minutes": 15}, DAY + 15 * 60, 1.0),
    ],
)
def test_percent_a_day_of_ten_points(
    settings: dict[str, float], seconds: float, expected: float | None
) -> None:
    assert PercentADay(**settings).late_submission_penalty("ada", 10.0, seconds) == expected


@pytest.mark.parametrize("score", [0.0, -1.0])
def test_who_has_no_points_loses_none(score: float) -> None:
    for plugin in (ZeroAfterDue(), PercentADay()):
        assert plugin.late_submission_penalty("ada", score, DAY) is None


@given(
    score=st.floats(0, 1e6),
    seconds=st.floats(0, 1e9),
    percent=st.floats(0, 100),
    most=st.floats(0, 100),
    grace=st.floats(0, 1e6),
)
def test_a_penalty_is_never_negative_and_never_more_than_the_score(
    score: float, seconds: float, percent: float, most: float, grace: float
) -> None:
    plugin = PercentADay(percent=percent, at_most=most, grace_minutes=grace)
    penalty = plugin.late_submission_penalty("ada", score, seconds)
    assert penalty is None or 0 <= penalty <= score


@pytest.mark.parametrize(("score", "seconds"), [(math.nan, 1.0), (9.0, math.nan), (math.inf, 1.0)])
def test_what_is_no_number_costs_nothing_and_is_told(
    score: float, seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    for plugin in (ZeroAfterDue(log=_log()), PercentADay(log=_log())):
        caplog.clear()
        assert plugin.late_submission_penalty("ada", score, seconds) is None
        assert "ada gets no late penalty" in caplog.text


def _log() -> logging.Logger:
    return logging.getLogger("test_late")


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("percent", 101, "c.PercentADay.percent must be a number from 0 to 100 (got 101.0)"),
        ("percent", math.nan, "c.PercentADay.percent must be a number from 0 to 100 (got nan)"),
        ("at_most", -1, "c.PercentADay.at_most must be a number from 0 to 100 (got -1.0)"),
        ("grace_minutes", -1, "c.PercentADay.grace_minutes must be a number, 0 or more (got -1.0)"),
        (
            "grace_minutes",
            math.inf,
            "c.PercentADay.grace_minutes must be a number, 0 or more (got inf)",
        ),
    ],
)
def test_a_wrong_setting_is_told_in_a_sentence(setting: str, value: float, sentence: str) -> None:
    with pytest.raises(TraitError) as raised:
        PercentADay(**{setting: value})
    assert str(raised.value) == sentence


def test_nbgrader_takes_a_late_penalty_off(tmp_path: Path) -> None:
    course = Course(tmp_path / "course")
    starter = course.generate()
    config = course.folder / "nbgrader_config.py"
    released = config.read_text(encoding="utf-8")
    with Gradebook(f"sqlite:///{course.folder}/course/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-01-10 12:00:00 UTC")
    times = {"punctual": "12:00:00", "late": "12:00:01"}
    for learner, time in times.items():
        notebook = filled(nbformat.read(starter, as_version=4), code_of("right_textbook"))
        course.hand_in(learner, notebook)
        stamp = course.path(learner).parent / "timestamp.txt"
        stamp.write_text(f"2026-01-10 {time} UTC", encoding="utf-8")
    policies = [
        ("PercentADay", "c.PercentADay.percent = 25; c.PercentADay.of = 'maximum'", 3.0),
        ("ZeroAfterDue", "c.ZeroAfterDue.grace_minutes = 0.01", 10.0),
    ]
    for policy, settings, expected in policies:
        plugin = f"c.AssignLatePenalties.plugin_class = 'autograder.course.late.{policy}'"
        config.write_text(f"{released}\n{plugin}\n{settings}\n", encoding="utf-8")
        course.nbgrader("autograde", ASSIGNMENT, "--force")
        with Gradebook(f"sqlite:///{course.folder}/course/gradebook.db") as gradebook:
            found = {
                learner: gradebook.find_submission(ASSIGNMENT, learner).late_submission_penalty
                for learner in times
            }
        assert found == {"punctual": 0.0, "late": expected}, settings
