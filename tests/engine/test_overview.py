"""A class as text, page and table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from html.parser import HTMLParser

import pytest

from autograder.briefing import lecture, share
from autograder.bulletin import as_text
from autograder.cohort import Cohort, count, numbered
from autograder.groups import Trace
from autograder.learners import Class, read_class
from autograder.overview import Shown, as_overview, wanted
from autograder.records import Belief, Topic
from autograder.roster import write_csv
from tests.engine.results import belief, ended, line
from tests.engine.test_report import EVIL

MANY = 10_000
TOPIC = Topic("The rules", "the second line", "Of six weights two go.")
TOLD = {"no_rewind": Belief("no_rewind", "Nothing goes back", "It does.", "Why?", TOPIC)}


def counted(lines: Iterable[bytes], traces: dict[str, Trace] | None = None) -> tuple[Class, Cohort]:
    found = read_class(lines)
    return found, count(found, traces or {}, numbered(found.learners.values()))


def mixed_class() -> list[bytes]:
    return [
        *(line(f"right{n}") for n in range(4)),
        *(line(f"wrong{n}", "rewind", misconceptions=[belief()]) for n in range(4)),
        line("odd", "mask", execution=ended("returned", "KeyError: 'x'")),
        line("hangs", "mask", execution=ended("timed_out", "TimeoutError: still running")),
        line("stub", status="not_attempted", points=0),
        b"half a line",
    ]


def page_of(cohort: Cohort, found: Class, code: str = "", label: str = "") -> str:
    labels = {name: label or f"{n}" for n, name in enumerate(found.learners, start=1)}
    return as_overview(
        cohort, Shown(dict.fromkeys(found.learners, code), labels, bool(label), TOLD)
    )


class Reader(HTMLParser):
    """Collects tags and what is open, and holds that everything is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read_page(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


# Text


def test_the_short_form_says_it_all() -> None:
    text = as_text(counted(mixed_class())[1], TOLD)
    for words in (
        "Class report: 11 submissions (10 graded, 1 not attempted)",
        "Mean 4.8, median 4 of 6 points, over the 10 submissions that were graded.",
        "✓ passed 8 (80 %), ✗ not yet 2 (20 %), – not reached 0 (0 %)",
        "     4  Nothing goes back",
        "     1  out of time",
        "     1  with KeyError as the first exception",
        "     4  got equal verdicts: 4 of 6 points; rewind not yet",
        "4 (40 %) of the graded submissions do what one does who believes: Nothing goes back.",
        "1 line of the file could not be read and was left out.",
    ):
        assert words in text


def test_bars_of_text_are_as_long_as_there_is_room() -> None:
    text = as_text(counted(mixed_class())[1], TOLD)
    bars = [row[11:41] for row in text.splitlines() if "✓" in row]
    assert bars == ["█" * 24 + "▒" * 6, "█" * 18 + "▒" * 12, "█" * 30]


def test_a_class_of_one_and_one_without_anything_graded_have_a_short_form() -> None:
    assert "Only 1 submission was graded: too few" in as_text(counted([line()])[1], {})
    text = as_text(counted([line(status="unreadable", points=None)])[1], {})
    assert "No submission was graded." in text
    assert "Only 0 submissions were graded" in text


@pytest.mark.parametrize(
    ("number", "total", "text"),
    [(0, 0, "0 (0 %)"), (1, 1000, "1 (under 1 %)"), (999, 1000, "999 (over 99 %)"),
     (1, 3, "1 (33 %)"), (5000, 5000, "5,000 (100 %)")],
)  # fmt: skip
def test_a_share_is_not_rounded_to_nothing_or_all(number: int, total: int, text: str) -> None:
    assert share(number, total) == text


# What to say in the lecture


def test_the_lecture_gets_the_belief_why_it_is_not_so_a_question_and_an_example() -> None:
    (said,) = lecture(counted(mixed_class())[1], TOLD)
    assert said == (
        "4 (40 %) of the graded submissions do what one does who believes: Nothing goes back."
        " It does. Ask: Why? Then work an example (The rules: the second line). Of six weights"
        " two go."
    )


def test_of_a_belief_that_the_exercise_does_not_know_the_results_words_are_said() -> None:
    (said,) = lecture(counted(mixed_class())[1], {})
    assert said.endswith("Nothing goes back. Ask: Where does it start?")


def test_where_the_numbers_suggest_nothing_that_is_said() -> None:
    right = [line(f"right{n}") for n in range(100)]
    assert "No known belief explains" in lecture(counted(right)[1], TOLD)[0]
    few = [*right, line("wrong", "mask", misconceptions=[belief()])]
    assert "No belief is common" in lecture(counted(few)[1], TOLD)[0]
    assert "(under 1 %)" in lecture(counted(few)[1], TOLD)[0]


# The page


def test_the_page_is_well_formed_and_brings_nothing_from_elsewhere() -> None:
    found, cohort = counted(mixed_class())
    reader = read_page(page_of(cohort, found, "x = 1"))
    assert not reader.tags & {"script", "link", "img", "iframe", "object", "form", "a"}
    assert not {name for name in reader.attributes if name.startswith("on")}
    assert "src" not in reader.attributes
    assert "href" not in reader.attributes


def test_the_page_shows_code_that_is_known_and_says_where_none_is() -> None:
    found, cohort = counted(mixed_class())
    assert "The evidence is not beside the results" in page_of(cohort, found)
    traces = dict.fromkeys(found.learners, Trace(b"same", (3, 30)))
    found, cohort = counted(mixed_class(), traces)
    assert wanted(cohort)
    page = page_of(cohort, found, "x = 1 < 2")
    assert "<pre tabindex='0' role='region' aria-label='Code'>x = 1 &lt; 2</pre>" in page
    assert "did the same in every case, to the last bit" in page
    assert "4 submissions do the same" in page


def test_nothing_of_learners_is_taken_for_markup() -> None:
    evil = [
        line(f"{EVIL}{n}", EVIL, kata=EVIL, misconceptions=[belief(EVIL, EVIL)],
             execution=ended("raised", EVIL),
             checks=[{"id": EVIL, "title": EVIL, "outcome": "failed", "message": EVIL}])
        for n in range(6)
    ]  # fmt: skip
    found = read_class(evil)
    traces = dict.fromkeys(found.learners, Trace(b"", (1, 1)))
    page = page_of(counted(evil, traces)[1], found, EVIL + "\x1b[2J\u202e", EVIL)
    reader = read_page(page)
    assert not reader.tags & {"script", "img"}
    assert not {name for name in reader.attributes if name.startswith("on")}
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_a_page_on_ten_thousand_is_small() -> None:
    lines = (
        line(
            f"submitted/{'x' * 200}{n}/kata/solution.py", "mask",
            misconceptions=[belief(f"belief_{n % 300}", f"The belief with number {n % 300}")],
            execution=ended("returned", f"{'KeyError' if n % 2 else 'ValueError'}: {n}"),
        )
        for n in range(MANY)
    )  # fmt: skip
    found = read_class(lines)
    traces = dict.fromkeys(found.learners, Trace(b"", (25, 4000)))
    cohort = count(found, traces, numbered(found.learners.values()))
    long = "\n".join(["x" * 160] * 25)
    labels = {name: name for name in found.learners}
    shown = Shown(dict.fromkeys(wanted(cohort), long), labels, named=True, beliefs={})
    page = as_overview(cohort, shown)
    assert len(page.encode()) < 1_000_000
    assert "Class report: 10,000 submissions" in page
    assert "… and 270 more beliefs." in page
    assert "… and 260 more groups." in page


# The table


def table(found: Class, *, names: bool) -> list[dict[str, str]]:
    file = io.StringIO()
    write_csv(file, found, numbered(found.learners.values()), names=names)
    return list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))


def test_the_table_has_a_row_for_each() -> None:
    found = read_class([line("alice"), line("bob", "mask", misconceptions=[belief(), belief("b")])])
    rows = {row["submission"]: row for row in table(found, names=True)}
    number = rows["bob"].pop("number")
    assert number in {"1", "2"}
    assert rows["bob"] == {
        "submission": "bob", "status": "graded", "points": "4", "max_points": "6",
        "mask": "failed", "rewind": "passed", "conduct": "passed", "beliefs": "no_rewind b",
    }  # fmt: skip
    anonymous = table(found, names=False)
    assert [row["number"] for row in anonymous] == ["1", "2"]
    assert "submission" not in anonymous[0]
    assert next(row for row in anonymous if row["number"] == number)["mask"] == "failed"


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"]
)
def test_no_cell_is_a_formula(name: str) -> None:
    found = read_class([line(name, checks=[], misconceptions=[belief(name)])])
    (row,) = table(found, names=True)
    for cell in (row["submission"], row["beliefs"]):
        assert cell.endswith(name.strip())
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.parametrize("name", ['a,b"c', "two\nlines", "caf\udce9", "semi;colon"])
def test_odd_names_stay_one_cell(name: str) -> None:
    (row,) = table(read_class([line(name)]), names=True)
    assert row["submission"] == name.replace("\udce9", "?")
    assert row["status"] == "graded"
