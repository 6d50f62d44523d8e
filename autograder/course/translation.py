"""Turns a kata's notebook into another language, from the catalogue beside the kata's own.

A catalogue, `katas/NAME/translations/notebook/<language>.po`, holds the English texts with what is
said for them: headings, paragraphs, items of lists and cells of tables, each on one line; comments
and texts of the code. What has no entry stays as it is, to the letter. Katas may use each other's
entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.course.programs import Words, holds_words, translated_program
from autograder.kata import names
from autograder.language import ENGLISH, catalogue_of, entries_in, languages

_HEADING = re.compile(r"(#{1,6} +)")
_ROW = re.compile(r"\s*\|")
_ITEM = re.compile(r"(\s*(?:[-*+]|\d+[.)]) +)")
_BETWEEN_CELLS = re.compile(r"(\s*\|\s*)")


def book_of(kata: str, language: str) -> Path:
    """Tell where the catalogue of a kata's notebook lies, if it has one."""
    own = catalogue_of(kata, language)
    return own.parent / "notebook" / own.name


def languages_of(kata: str) -> list[str]:
    """Name the languages that a kata's notebook is translated into."""
    return [code for code in languages() if code != ENGLISH and book_of(kata, code).is_file()]


def entries_of(kata: str, language: str) -> dict[str, str]:
    """Load what is said for the texts of a kata's notebook; its own book comes first."""
    books = [book_of(name, language) for name in (*names(), kata)]
    return {english: said for book in books for english, said in entries_in(book).items()}


def words_of(kata: str, language: str) -> Words:
    """Load what translates the texts of a kata's notebook."""
    entries = entries_of(kata, language)
    return lambda text: entries.get(text, text)


def translate(notebook: Any, words: Words, language: str) -> None:
    """Translate a notebook in place; its outputs go, as they speak English.

    Args:
        notebook: One of nbformat's, of format 4.
        words: What translates a text.
        language: The language of the cards that its cells ask for.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = translated_markdown(cell.source, words)
        elif cell.cell_type == "code":
            cell.source = translated_program(cell.source, words, language)
            cell.outputs, cell.execution_count = [], None


def translated_markdown(source: str, words: Words) -> str:
    """Translate text by text, each with the mark that it begins with; blank lines stay."""
    units = _units(source.split("\n"))
    return "\n".join(line for unit in units for line in _translated(unit, words))


def _units(lines: list[str]) -> Iterator[list[str]]:
    """Group the lines of a text: those that follow a paragraph's or an item's first one."""
    unit: list[str] = []
    for line in lines:
        begins = not line.strip() or any(mark.match(line) for mark in (_HEADING, _ROW, _ITEM))
        if unit and (begins or not unit[0].strip() or _HEADING.match(unit[0])):
            yield unit
            unit = []
        unit.append(line)
    yield unit


def _translated(unit: list[str], words: Words) -> list[str]:
    """Translate the text that some lines hold; if it has no translation they stay as they are."""
    if _ROW.match(unit[0]):
        cells = _BETWEEN_CELLS.split(unit[0])
        return ["".join(words(cell) if holds_words(cell) else cell for cell in cells), *unit[1:]]
    first = _HEADING.match(unit[0]) or _ITEM.match(unit[0])
    mark = first[1] if first else ""
    text = " ".join(map(str.strip, [unit[0].removeprefix(mark), *unit[1:]]))
    said = words(text) if holds_words(text) else text
    return unit if said == text else [mark + said]
