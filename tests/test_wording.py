"""What people read: one belief a sentence, a question for a hint, and no word that belittles."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from autograder.kata import Misconception, load, names
from tests.katas.all import KATAS, kata_of

ROOT = Path(__file__).resolve().parent.parent
BELITTLES = re.compile(r"\b(just|simply|obviously|trivially|of course)\b", re.IGNORECASE)
BLAMES = re.compile(
    r"\b(you (failed|forgot|should have)|stupid|careless|bad|silly)\b", re.IGNORECASE
)
CODE = re.compile(r"\w\(|[=\[\]{}]|[a-z_]\.[a-z_]|```|\bimport\b|\bfor \w+ in\b")
MISCONCEPTIONS = [
    pytest.param(misconception, id=f"{name}-{misconception.belief.id}")
    for name in KATAS
    for misconception in kata_of(name).misconceptions
]


@pytest.mark.parametrize("misconception", MISCONCEPTIONS)
def test_the_title_is_one_sentence_that_says_the_belief(misconception: Misconception) -> None:
    title = misconception.belief.title
    assert title
    assert "\n" not in title
    assert title[0].isupper() or title[0] in "`θ"
    assert title[-1] not in ".?!,;:"
    assert ". " not in title
    assert len(title) <= 80


@pytest.mark.parametrize("misconception", MISCONCEPTIONS)
def test_the_explanation_is_there_and_ends_like_a_sentence(misconception: Misconception) -> None:
    explanation = misconception.belief.explanation
    assert explanation
    assert explanation != misconception.belief.title
    assert explanation[-1] == "."


@pytest.mark.parametrize("misconception", MISCONCEPTIONS)
def test_the_hint_is_a_question_without_code(misconception: Misconception) -> None:
    hint = misconception.belief.hint
    assert hint.endswith("?")
    assert hint.count("?") == 1
    assert hint[0].isupper()
    assert not CODE.search(hint), hint


@pytest.mark.parametrize("misconception", MISCONCEPTIONS)
def test_the_words_neither_belittle_nor_blame(misconception: Misconception) -> None:
    belief = misconception.belief
    for text in (
        belief.title,
        belief.explanation,
        belief.hint,
        belief.see.place,
        belief.see.example,
    ):
        assert not BELITTLES.search(text), text
        assert not BLAMES.search(text), text


@pytest.mark.parametrize("misconception", MISCONCEPTIONS)
def test_where_to_look_and_the_example_hold_no_code(misconception: Misconception) -> None:
    topic = misconception.belief.see
    assert topic.place[-1] not in ".?!,;:"
    assert topic.example[-1] == "."
    for text in (topic.place, topic.example):
        assert not CODE.search(text), text


@pytest.mark.parametrize("name", KATAS)
def test_names_and_titles_are_told_apart(name: str) -> None:
    beliefs = list(dict.fromkeys(m.belief for m in kata_of(name).misconceptions))
    for field in ("id", "title"):
        texts = [getattr(belief, field) for belief in beliefs]
        assert len(set(texts)) == len(texts), field
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", belief.id) for belief in beliefs)


@pytest.mark.parametrize("name", KATAS)
def test_a_check_says_in_one_sentence_what_holds(name: str) -> None:
    for check in kata_of(name).checks:
        assert check.title[-1] == "."
        assert check.title[0].isupper() or check.title[0] == "`"
        assert not BELITTLES.search(check.title)
        assert check.points > 0
        earlier = [other.id for other in kata_of(name).checks[: kata_of(name).checks.index(check)]]
        assert set(check.after) <= set(earlier)


@pytest.mark.parametrize("name", names())
def test_see_names_a_heading_of_the_notebook(name: str) -> None:
    source = ROOT / "solutions" / f"{name}.py"
    if not source.exists():
        pytest.skip(f"solutions/{name}.py is not there")
    text = source.read_text(encoding="utf-8")
    headings = {match[1].strip() for match in re.finditer(r"^# #+ (.+)$", text, re.MULTILINE)}
    named = {misconception.belief.see.section for misconception in load(name).misconceptions}
    assert named <= headings


@pytest.mark.parametrize(
    "path", sorted((ROOT / "autograder").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_no_text_in_the_package_belittles(path: Path) -> None:
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if BELITTLES.search(text)] == []


def test_no_text_for_readers_belittles() -> None:
    for path in (ROOT / "README.md", *(ROOT / "solutions").glob("*.py")):
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            assert [line for line in lines if BELITTLES.search(line)] == [], path
