"""Translations lack nothing, hold nothing that is not used, and keep values and code.

What the katas say is listened to in `tests/katas/test_meta.py`, where their wrong programs are run.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from autograder.kata import names
from autograder.language import (
    PLACEHOLDER,
    Catalogue,
    catalogue_of,
    entries_in,
    hearing,
    languages,
)
from tests.translations.__main__ import add
from tests.translations.heard import heard_of_engine, translated_katas
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


@pytest.mark.parametrize("code", OTHERS)
def test_all_that_the_engine_says_is_translated(code: str) -> None:
    assert heard_of_engine(code).missing == set()


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
    for state in ("θ₀", "θₖ"):
        assert (state in english) == (state in other)
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
