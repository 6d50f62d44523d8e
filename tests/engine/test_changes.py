"""What a later look at the same submissions changes, told in a line each."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.changes import between
from tests.engine.results import record


def changed(**changes: Any) -> list[str]:
    old, new = record(), record()
    new["checks"][1] |= changes
    return between(old, new)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"max_points": 5.0}, ["rewind: worth 5 instead of 2"]),
        ({"max_points": 0.5, "title": "T."}, ["rewind: worth 0.5 instead of 2, another title"]),
        ({"title": "T.", "message": "M"}, ["rewind: another title and message"]),
        ({"outcome": "failed", "max_points": 5.0}, ["rewind: passed → failed"]),
    ],
)
def test_what_changed_of_a_check_is_told(changes: dict[str, Any], told: list[str]) -> None:
    assert changed(**changes) == told
