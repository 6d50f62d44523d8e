"""The notebooks in other languages say all that the English ones say, and are the same programs."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.__main__ import main
from autograder.course.rules import FILE, read_rules
from autograder.course.translation import (
    book_of,
    entries_of,
    languages_of,
    translate,
    words_of,
)
from autograder.kata import load, names
from autograder.language import LANGUAGE_VARIABLE, catalogue, entries_in, languages
from autograder.notebook import from_document, read
from solutions.build import assignments, convert, release_translated
from tests.course import code_of, filled
from tests.preloaded import run
from tests.test_notebooks import by_id, without_experiment
from tests.translations.heard import translated_katas
from tests.translations.notebooks import texts_of_notebook

TRANSLATED = [(name, code) for name in names() for code in languages_of(name)]
LINE = 100  # columns
in_each_language = pytest.mark.parametrize(("name", "code"), TRANSLATED)


def english(name: str) -> NotebookNode:
    return convert(assignments()[name].source)


def translated(name: str, code: str) -> NotebookNode:
    notebook = english(name)
    translate(notebook, words_of(name, code), code)
    return notebook


def starter(name: str, code: str) -> NotebookNode:
    return nbformat.read(assignments()[name].starter_in(code), as_version=4)


def test_a_kata_that_is_translated_has_its_notebook_in_the_same_languages() -> None:
    others = [code for code in languages() if code != "en"]
    spoken = {(name, code) for code in others for name in translated_katas(code)}
    assert set(TRANSLATED) == spoken


# What is said


@in_each_language
def test_every_text_is_translated(name: str, code: str) -> None:
    assert set(texts_of_notebook(name)) - entries_of(name, code).keys() == set()


@in_each_language
def test_no_entry_is_unused(name: str, code: str) -> None:
    assert entries_in(book_of(name, code)).keys() - texts_of_notebook(name).keys() == set()


def kept(text: str) -> Iterator[list[str]]:
    """What a translation may not lose: values, code, formats, addresses, symbols and numbers."""
    yield re.findall(r"\{\w+[^{} ]*\}", text)
    yield sorted(re.findall(r"`[^`]*`", text))
    yield re.findall(r"%[\d.]*[a-z]|\\.|https?://[^)\s]+", text)
    yield sorted(re.findall(r"\*+", text))
    yield sorted({state for state in ("θ₀", "θₖ", "θⱼ") if state in text})
    yield sorted(re.sub(r"[.,]", "", number) for number in re.findall(r"\d[\d.,]*", text))
    yield re.findall(r"[.?](?= *$)", text)


@in_each_language
def test_both_sides_hold_the_same_values_code_and_numbers(name: str, code: str) -> None:
    for text, said in entries_in(book_of(name, code)).items():
        assert list(kept(text)) == list(kept(said)), said
        prose = re.sub(r"`[^`]*`", "", said)
        assert '"' not in prose
        assert prose.count("„") == prose.count("“")


@in_each_language
def test_what_hints_refer_to_is_there(name: str, code: str) -> None:
    words = catalogue(code, name)
    text = "\n".join(cell.source for cell in starter(name, code).cells)
    topics = [misconception.belief.see for misconception in load(name).misconceptions]
    headings = {words(topic.section) for topic in topics}
    for heading in re.findall("„([^“]+)“", "\n".join(headings)):
        assert f"## {heading}\n" in text
    assert len(headings) == len({topic.section for topic in topics}) > 1
    for part in re.findall("„([^“]+)“", "\n".join(words(topic.place) for topic in topics)):
        assert f"**{part}.**" in text or f"*{part}*" in text


# The program


class Shape(ast.NodeTransformer):
    """Leaves of a program what a translation may not change: no texts, and no `language`."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "check":
            node.keywords = [word for word in node.keywords if word.arg != "language"]
        return self.generic_visit(node)


def shape(source: str) -> str:
    return ast.dump(Shape().visit(ast.parse(source)))


@in_each_language
def test_the_program_is_the_same_and_only_texts_differ(name: str, code: str) -> None:
    ours, others = english(name).cells, translated(name, code).cells
    assert [(cell.id, cell.metadata) for cell in ours] == [(c.id, c.metadata) for c in others]
    for cell, other in zip(ours, others, strict=True):
        assert cell.cell_type == other.cell_type
        if cell.cell_type == "code":
            assert shape(cell.source) == shape(other.source), cell.id
            assert cell.source.count("### ") == other.source.count("### ")
            assert other.source.count(f'language="{code}")') == other.source.count("check(")
            assert max(map(len, other.source.splitlines())) <= LINE, cell.id


@pytest.mark.parametrize("code", languages_of("lottery_ticket"))
def test_the_notebook_runs_and_its_card_is_in_its_language(code: str) -> None:
    notebook = without_experiment(translated("lottery_ticket", code))
    NotebookClient(notebook, timeout=120).execute()
    (card,) = by_id(notebook)["check"].outputs
    assert f"<div class='ag' lang='{code}'>" in card.data["text/html"]


# The starter notebook


@in_each_language
def test_starter_is_what_nbgrader_makes_of_the_translation(
    name: str, code: str, tmp_path: Path
) -> None:
    made = release_translated(assignments()[name], code, tmp_path)
    assert made.read_bytes() == assignments()[name].starter_in(code).read_bytes()


@in_each_language
def test_released_stub_is_not_attempted(name: str, code: str) -> None:
    entry_point = assignments()[name].entry_point
    assert not read(assignments()[name].starter_in(code), entry_point=entry_point).attempted
    solution = from_document(translated(name, code), entry_point=entry_point, name="solution")
    assert solution.attempted
    assert "pass  # Your logic here" not in by_id(starter(name, code))[entry_point].source


def test_a_course_in_german_is_released_and_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LANGUAGE_VARIABLE, "en")
    folder = tmp_path / "course"
    assert main(["course", "new", str(folder), "--language", "de"]) == 0
    assert read_rules(folder / FILE).terms.language == "de"
    monkeypatch.chdir(folder)
    path = generated(folder)
    stub = nbformat.read(path, as_version=4)
    assert by_id(stub)["explain"].source == "*Hier kommt deine Antwort hin.*"
    for learner in ("mia", "ben"):
        place = folder / "submitted" / learner / "lottery_ticket" / path.name
        place.parent.mkdir(parents=True)
        nbformat.write(stub, place)
        stub = filled(stub, code_of("right_textbook"))
    options = ["--output", "results.jsonl", "--html", "pages", "--quiet"]
    assert main(["grade", "submitted", *options]) == 0
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    cards = {card["submission"].split("/")[1]: card for card in map(json.loads, lines)}
    assert (cards["mia"]["status"], cards["mia"]["points"]) == ("not_attempted", 0)
    assert cards["ben"]["points"] == cards["ben"]["max_points"]
    assert "nicht bearbeitet" in (folder / "pages" / "index.html").read_text(encoding="utf-8")


def generated(folder: Path) -> Path:
    """Let nbgrader make the starter notebook of a course."""
    done = run("nbgrader", "generate_assignment", "lottery_ticket", cwd=folder, env=os.environ)
    assert done.returncode == 0, done.stderr
    (path,) = (folder / "release" / "lottery_ticket").glob("*.ipynb")
    return path
