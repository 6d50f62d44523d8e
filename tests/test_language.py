"""Languages: what is chosen, what is shown in it, and that no translation lacks anything."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
import torch
from babel.messages.pofile import read_po

from autograder import check
from autograder.__main__ import main
from autograder.judge import Judge
from autograder.kata import load, names
from autograder.language import (
    LANGUAGE_VARIABLE,
    PLACEHOLDER,
    Catalogue,
    UnknownLanguageError,
    catalogue,
    catalogue_of,
    entries_in,
    hearing,
    language_in_force,
    languages,
)
from autograder.markup import as_html, as_page
from autograder.probe import observe
from autograder.records import Execution, Grading, Scorecard, Status
from autograder.report import as_json, as_text
from autograder.scorecards import scorecard
from tests.course import Course, code_of, filled
from tests.katas import samples
from tests.translations.__main__ import add
from tests.translations.heard import heard_of, heard_of_engine, translated_katas
from tests.translations.sources import ENGINE

OTHERS = [code for code in languages() if code != "en"]
TRANSLATED = [(code, name) for code in OTHERS for name in translated_katas(code)]
BOOKS = [ENGINE / "translations" / f"{code}.po" for code in OTHERS]
BOOKS += [catalogue_of(name, code) for code, name in TRANSLATED]
ENTRIES = [
    pytest.param(english, other, id=f"{book.parent.parent.name}-{number}")
    for book in BOOKS
    for number, (english, other) in enumerate(entries_in(book).items())
]
WRONG = samples.SAMPLES / "wrong_per_layer_l1"


@pytest.fixture(autouse=True)
def no_language_from_outside(monkeypatch) -> None:
    monkeypatch.delenv(LANGUAGE_VARIABLE, raising=False)


def card_of(name: str) -> Scorecard:
    kata = load("lottery_ticket")
    judge = Judge(kata, kata.draw_cases("public", hidden=False))
    model = next(m.model for m in kata.misconceptions if m.belief.id == name)
    verdicts = judge.verdicts([observe(model, case) for case in judge.cases])
    torch.set_grad_enabled(True)
    return scorecard(
        kata, "a.ipynb", Grading.GRADED, verdicts, Execution(Status.RETURNED), message="",
        notes=("cell 2 failed with ValueError: no; the rest was run",),
    )  # fmt: skip


# Completeness


@pytest.mark.parametrize("code", OTHERS)
def test_all_that_the_engine_says_is_translated(code: str) -> None:
    assert heard_of_engine(code).missing == set()


@pytest.mark.parametrize(("code", "name"), TRANSLATED)
def test_all_that_a_kata_says_is_translated(code: str, name: str) -> None:
    assert heard_of(name, code).missing - heard_of_engine(code).missing == set()


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("name", names())
def test_a_kata_is_translated_or_english_only(code: str, name: str) -> None:
    if not catalogue_of(name, code).exists():
        pytest.skip(f"{name} is not translated into {code}")
    assert entries_in(catalogue_of(name, code))


@pytest.mark.parametrize("code", OTHERS)
def test_no_entry_of_the_engine_is_unused(code: str) -> None:
    used = heard_of_engine(code).used
    assert set(entries_in(ENGINE / "translations" / f"{code}.po")) - used == set()


@pytest.mark.parametrize(("code", "name"), TRANSLATED)
def test_no_entry_of_a_kata_is_unused(code: str, name: str) -> None:
    assert set(entries_in(catalogue_of(name, code))) - heard_of(name, code).used == set()


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: f"{book.parent.parent.name}-{book.stem}")
def test_no_entry_is_empty_or_unfinished(book: Path) -> None:
    with book.open("rb") as file:
        read = read_po(file, abort_invalid=True)
    assert [entry.id for entry in read if entry.id and (entry.fuzzy or not entry.string)] == []
    assert read.obsolete == {}


@pytest.mark.parametrize(("english", "other"), ENTRIES)
def test_both_sides_hold_the_same_values_code_and_signs(english: str, other: str) -> None:
    assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(other))
    code = re.compile(r"`[^`]*`")
    assert sorted(code.findall(english)) == sorted(code.findall(other))
    assert ("θ₀" in english) == ("θ₀" in other)
    assert english.endswith("?") == other.endswith("?")
    assert english.endswith(".") == other.endswith(".")
    assert english.count("“") == english.count("”") <= other.count("„") == other.count("“")
    assert "”" not in other
    assert (english[:1] == " ", english[-1:] == " ") == (other[:1] == " ", other[-1:] == " ")


def test_a_text_whose_english_has_changed_is_missing_and_its_old_entry_unused() -> None:
    words = Catalogue({"Each layer loses some": "Jede Schicht verliert etwas"})
    with hearing() as heard:
        assert words("Each layer loses a few") == "Each layer loses a few"
    assert heard.missing == {"Each layer loses a few"}
    assert heard.used == set()


def test_what_is_missing_is_added_once_and_the_rest_stays(tmp_path) -> None:
    book = tmp_path / "translations" / "de.po"
    for _ in range(2):
        add(book, {"Half of it is 20 % of all": "belief half, hint"}, language="de")
    text = book.read_text(encoding="utf-8")
    assert text.count('msgid "Half of it is 20 % of all"\nmsgstr ""') == 1
    assert "#. belief half, hint" in text
    assert "python-format" not in text
    assert entries_in(book) == {}
    book.write_text(text.replace('all"\nmsgstr ""', 'all"\nmsgstr "Die Hälfte"'), encoding="utf-8")
    assert entries_in(book) == {"Half of it is 20 % of all": "Die Hälfte"}


# How a catalogue finds a text

WORDS = Catalogue(
    {
        "{n} of {m} remaining": "{n} von {m} verbleibenden",
        "all {n}": "alle {n}",
        "all of them": "alle davon",
        "no mask on {name}": "keine Maske auf {name}",
        "some calls raised {text}": "einige lösten aus: {text}",
        "it was late": "es war spät",
        "{name} is {name}": "{name} ist {name}",
    }
)


@pytest.mark.parametrize(
    ("english", "other"),
    [
        ("3 of 10 remaining", "3 von 10 verbleibenden"),
        ("all 12", "alle 12"),
        ("all of them", "alle davon"),
        ("all of the rest", "all of the rest"),
        ("no mask on 0.w; no mask on 2.w", "keine Maske auf 0.w; keine Maske auf 2.w"),
        ("no mask on 0.w; nor here", "no mask on 0.w; nor here"),
        ("some calls raised it was late", "einige lösten aus: es war spät"),
        ("some calls raised 2 of 3 remaining", "einige lösten aus: 2 von 3 verbleibenden"),
        ("some calls raised {n} of {m}", "einige lösten aus: {n} of {m}"),
        ("some calls raised a\nb", "einige lösten aus: a\nb"),
        ("a is a", "a ist a"),
        ("a is b", "a is b"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_text_is_found_whole_or_with_values(english: str, other: str) -> None:
    assert WORDS(english) == other


def test_a_value_is_taken_over_as_it_is() -> None:
    assert WORDS("all {n}", n="{m} \\1 {n}") == "alle {m} \\1 {n}"


def test_what_is_longer_than_any_text_of_ours_is_not_looked_up() -> None:
    long = "some calls raised " + "x" * 10_000
    with hearing() as heard:
        assert WORDS(long) == long
    assert heard.missing == {long}


def test_english_needs_no_catalogue() -> None:
    assert catalogue("en", "lottery_ticket")("Should be") == "Should be"


def test_a_kata_without_a_catalogue_has_the_words_of_the_engine_and_of_other_katas() -> None:
    words = catalogue("de", "no_such_kata")
    assert words("not yet") == "noch nicht"
    assert words("Each layer loses its own fraction of weights").startswith("Jede Schicht")
    assert words("What it alone says") == "What it alone says"


# Which language


def test_the_option_comes_before_the_course_and_that_before_the_environment(monkeypatch) -> None:
    assert language_in_force() == "en"
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    assert language_in_force() == "de"
    assert language_in_force(None, course="en") == "en"
    assert language_in_force("de", course="en") == "de"


def test_an_unknown_language_is_told_with_those_that_there_are(monkeypatch) -> None:
    with pytest.raises(UnknownLanguageError, match=r"no language 'xx'; there are: de, en"):
        language_in_force("xx")
    monkeypatch.setenv(LANGUAGE_VARIABLE, "../de")
    with pytest.raises(UnknownLanguageError, match="there are: de, en"):
        language_in_force()


# Cards and pages


class Words(HTMLParser):
    """What a page says, without its style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said, self.language, self._style = "", "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        if tag == "html":
            self.language = str(dict(attrs)["lang"])

    def handle_endtag(self, tag: str) -> None:
        self._style = self._style and tag != "style"

    def handle_data(self, data: str) -> None:
        self.said += "" if self._style else data


ENGLISH_WORDS = re.compile(r"\b(the|of|which|[Ss]hould|[Ss]een|not|weights|layers?|passed)\b")


@pytest.mark.parametrize("name", ["per_layer_pruning", "biases_too", "theta0_without_mask"])
def test_a_card_in_german_says_no_word_of_english(name: str) -> None:
    card = card_of(name)
    for said in (as_text(card, language="de"), Words(as_page(card, language="de")).said):
        assert [word[0] for word in ENGLISH_WORDS.finditer(re.sub("„[^“]*“", "", said))] == []
        assert "Punkte" in said
        assert "Zelle 2 scheiterte mit ValueError: no" in said


def test_a_page_and_a_fragment_tell_their_language() -> None:
    card = card_of("per_layer_pruning")
    assert Words(as_page(card, language="de")).language == "de"
    assert Words(as_page(card)).language == "en"
    assert "<div class='ag' lang='de'>" in as_html(card, language="de")
    assert "<div class='ag'>" in as_html(card)


def test_the_json_object_is_the_same_in_every_language(monkeypatch) -> None:
    card = card_of("per_layer_pruning")
    english = as_json(card)
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    as_text(card, language="de")
    assert as_json(card) == english
    assert english["misconceptions"][0]["title"].startswith("Each layer")


# The learner's own check


def test_check_answers_in_the_language_that_is_asked_for(capsys, monkeypatch) -> None:
    function = samples.function_of(WRONG.name)
    assert function is not None
    check(function, language="de")
    said = capsys.readouterr().out
    assert "Jede Schicht verliert ihren eigenen Anteil der Gewichte" in said
    with pytest.raises(AssertionError, match="noch nicht"):
        check(function, "mask", language="de")
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    check(function, hints=3)
    assert "Dieselbe Idee mit anderen Zahlen" in capsys.readouterr().out
    with pytest.raises(LookupError, match="keine Prüfung namens 'masks'"):
        check(function, "masks")
    with pytest.raises(ValueError, match="hints muss von 1 bis 3 sein"):
        check(function, hints=4)
    with pytest.raises(ValueError, match="no language 'fr'; there are: de, en"):
        check(function, language="fr")


# The command line


def grade(*options: object) -> int:
    return main(["grade", str(samples.path_of(WRONG)), "--quiet", *map(str, options)])


def test_pages_are_german_and_results_english(tmp_path) -> None:
    results, pages = tmp_path / "results.jsonl", tmp_path / "pages"
    assert grade("--output", results, "--html", pages, "--language", "de") == 0
    (index,) = pages.glob("index.html")
    (page,) = set(pages.iterdir()) - {index}
    for path in (index, page):
        words = Words(path.read_text(encoding="utf-8"))
        assert words.language == "de"
        assert "Jede Schicht verliert ihren eigenen Anteil der Gewichte" in words.said
    assert "Abgabe" in index.read_text(encoding="utf-8")
    line = json.loads(results.read_text(encoding="utf-8"))
    assert line["misconceptions"][0]["title"] == "Each layer loses its own fraction of weights"

    assert main(["regrade", str(results), "--html", str(pages), "--quiet"]) == 0
    assert Words(page.read_text(encoding="utf-8")).language == "en"


def test_a_page_of_another_language_is_written_anew(tmp_path) -> None:
    results, pages = tmp_path / "results.jsonl", tmp_path / "pages"
    for code in ("en", "de"):
        assert grade("--output", results, "--html", pages, "--language", code) == 0
        assert {Words(page.read_text("utf-8")).language for page in pages.iterdir()} == {code}


@pytest.mark.parametrize("command", ["grade", "regrade", "watch", "autograde"])
def test_every_command_tells_an_unknown_language_at_once(command: str, capsys) -> None:
    assert main([command, "nothing", "--language", "fr"]) == 2
    assert capsys.readouterr().err == "autograder: there is no language 'fr'; there are: de, en\n"


# nbgrader


def test_the_feedback_of_nbgrader_is_in_the_language_that_its_configuration_says(tmp_path) -> None:
    course = Course(tmp_path / "course")
    course.environment[LANGUAGE_VARIABLE] = "en"
    with (course.folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('c.Grade.language = "de"\n')
    starter = nbformat.read(course.generate(), as_version=4)
    course.hand_in("mia", filled(starter, code_of(WRONG.name)))
    course.autograde()
    assert course.points() == {"mia": samples.golden(WRONG)["points"]}
    course.nbgrader("generate_feedback", "lottery_ticket")
    assert "Jede Schicht verliert ihren eigenen Anteil der Gewichte" in course.feedback("mia")
