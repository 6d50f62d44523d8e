"""What there is to translate, and what of it a language lacks.

`python -m tests.translations LANGUAGE` adds what is missing to the catalogues as empty entries, and
names those entries that nothing uses; `--kata NAME` begins the catalogue of a kata that has none.
Any editor for gettext files opens them.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from autograder.course.translation import book_of, entries_of
from autograder.kata import load, names
from autograder.language import Heard, catalogue_of, entries_in
from tests.translations.heard import heard_of, heard_of_engine, translated_katas
from tests.translations.notebooks import texts_of_notebook
from tests.translations.sources import ENGINE, texts_of

_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def add(path: Path, missing: Mapping[str, str], *, language: str) -> None:
    """Add texts to a catalogue as empty entries, each with its place; the rest stays as it is."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_HEADER.format(language=language), encoding="utf-8")
    with path.open("rb") as file:
        known = read_po(file)
    book, written = Catalog(), BytesIO()
    for text, place in missing.items():
        if text not in known:
            entry = book.add(text, auto_comments=[place] if place else [])
            entry.flags.discard("python-format")  # no text of ours is one: `20 % of`
    write_po(written, book, width=100, omit_header=True)
    with path.open("ab") as file:
        file.write(b"\n" * bool(missing) + written.getvalue().strip() + b"\n" * bool(missing))


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.translations", description=__doc__)
    parser.add_argument("language", metavar="LANGUAGE", help="code such as de")
    parser.add_argument("--kata", choices=names(), help="begin its catalogue")
    options = parser.parse_args(arguments)
    language = options.language
    katas = dict.fromkeys([*translated_katas(language), *([options.kata] if options.kata else [])])
    engine = heard_of_engine(language)
    _report(ENGINE / "translations" / f"{language}.po", engine, {}, language)
    for kata in katas:
        heard = heard_of(kata, language)
        own = Heard(heard.used, heard.missing - engine.missing)
        _report(catalogue_of(kata, language), own, texts_of(load(kata)), language)
        texts = texts_of_notebook(kata)
        notebook = Heard({*texts}, texts.keys() - entries_of(kata, language).keys())
        _report(book_of(kata, language), notebook, texts, language)
    for kata in names():
        if kata not in katas:
            print(f"{kata}: English only")


def _report(path: Path, heard: Heard, places: Mapping[str, str], language: str) -> None:
    asked = [text for text in places if text in heard.missing]
    missing = {text: places.get(text, "") for text in (*asked, *_shapes(heard.missing - {*asked}))}
    add(path, missing, language=language)
    unused = entries_in(path).keys() - heard.used
    print(f"{path.relative_to(ENGINE.parent)}: {len(missing)} missing, {len(unused)} unused")
    for text in sorted(unused):
        print(f"  unused: {text}")


def _shapes(texts: Iterable[str]) -> list[str]:
    """Keep one of those texts that differ in their numbers only: a placeholder serves them all."""
    shapes = {re.sub(r"-?\d[\d., ]*", "0", text): text for text in sorted(texts, reverse=True)}
    return sorted(shapes.values())


if __name__ == "__main__":
    main()
