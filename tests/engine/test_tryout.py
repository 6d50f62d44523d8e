"""What is said of a file of which nothing can be judged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.language import catalogue
from autograder.tryout import Tryout
from tests.engine.examples import SAMPLES
from tests.preloaded import grading_is_forked

RIGHT = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
NONE, KEINS = "there is no {} to check: ", "es gibt keine Funktion {} zum Prüfen: "
MEMORY = "stopped, because it took too much memory"
SPEICHER = "abgebrochen, weil es zu viel Speicher brauchte"


@pytest.fixture(scope="module")
def tryout() -> Iterator[Tryout]:
    with grading_is_forked():
        opened = Tryout("lottery_ticket", timeout=30)
        yield opened
        opened.close()


@pytest.mark.parametrize(
    ("line", "english", "german"),
    [
        ("raise KeyError", f"{NONE}KeyError", f"{KEINS}KeyError"),
        ("raise KeyError('')", f"{NONE}KeyError: ''", f"{KEINS}KeyError: ''"),
        (r"raise ValueError(' \n')", f"{NONE}ValueError", f"{KEINS}ValueError"),
    ],
)
def test_a_cell_whose_exception_says_nothing_leaves_no_gap(
    tryout: Tryout, line: str, english: str, german: str
) -> None:
    name = "find_winning_ticket_step"
    said = tryout.check(f"{line}\n{name} = None".encode(), Path("mine.py"))
    assert said == f"{english.format(name)}, in `{line}` (code cell 1, line 1)"
    assert catalogue("de")(said) == f"{german.format(name)}, in `{line}` (Codezelle 1, Zeile 1)"


def test_a_call_whose_exception_says_nothing_leaves_no_gap(tryout: Tryout) -> None:
    source = RIGHT.replace("    return model", "    raise MemoryError")
    number = source.splitlines().index("    raise MemoryError") + 1
    said = tryout.check(source.encode(), Path("mine.py"))
    assert said == f"{MEMORY}, in `raise MemoryError` (code cell 1, line {number})"
    german = f"{SPEICHER}, in `raise MemoryError` (Codezelle 1, Zeile {number})"
    assert catalogue("de")(said) == german
