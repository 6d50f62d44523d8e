"""A line of results, as it is written and read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.lines import parsed, written
from tests.engine.results import line
from tests.engine.test_report import card


def test_what_was_written_is_parsed() -> None:
    one = parsed(written(card()))
    assert one is not None
    assert (one.submission, one.points) == ("alice/solution.ipynb", 3)


def test_half_characters_come_back() -> None:
    odd = replace(card(), submission="back\\slash\udce9", message="half \ud800")
    one = parsed(written(odd))
    assert one is not None
    assert (one.submission, one.message) == (odd.submission, odd.message)


@pytest.mark.parametrize(
    "strange",
    [b"", b"notes\n", b'{"format": 1}\n', b"[" * 100_000, line(format=2), line(points=-1)],
)
def test_what_is_nothing_of_ours_is_told(strange: bytes) -> None:
    assert parsed(strange) is None
