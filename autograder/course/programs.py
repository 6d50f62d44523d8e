"""Translates what a program says to people: comments and texts, and not a letter beside them.

Comments on lines that follow each other are one text. A literal is a text if it holds words: not
where it looks like a name (`"weight"`), unless it labels something (`label="weight"`).
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

Words = Callable[[str], str]

_FIELD = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*\}")  # of an f-string or of a format
_WORD = re.compile(r"[A-Za-z]{2,}")
_NO_WORDS = re.compile(rf"`[^`]*`|{_FIELD.pattern}|\\.|%[\d.]*[a-z]")
_LIKE_A_NAME = re.compile(r"[\w.#/%]*")
_LITERAL = re.compile(r"""([rRfFuU]*)(\"{3}|'{3}|"|')(.*)\2""", re.DOTALL)
_TO_TOOLS = re.compile(r"###|# (?:fmt|noqa|type)\b")
_LABELS = {"desc", "label", "title", "xlabel", "ylabel"}  # keywords
_PLACES = {"loc"}  # keywords: what stands there is read by matplotlib
_LAYOUT = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


class _Token(NamedTuple):
    """A part of a program: its kind, what it says, where it begins and ends, and its column."""

    kind: int
    text: str
    start: int
    end: int
    column: int


class _Change(NamedTuple):
    """What is to stand between two places of a program."""

    start: int
    end: int
    text: str


def holds_words(text: str) -> bool:
    """Tell whether there is something to translate, beside code and values."""
    return _WORD.search(_NO_WORDS.sub("", text)) is not None


def translated_program(source: str, words: Words, language: str) -> str:
    """Translate a cell's comments and texts, and let each `check(…)` answer in the language.

    Args:
        source: Python.
        words: What translates a text.
        language: What `check` is told.
    """
    tokens = list(_tokens(source))
    changes = sorted(
        (*_comments(tokens, source, words), *_texts(tokens, words), *_asking(tokens, language))
    )
    for change in reversed(changes):
        source = source[: change.start] + change.text + source[change.end :]
    return source


def _tokens(source: str) -> Iterator[_Token]:
    """Read the tokens, an f-string as one (from Python 3.12 on it comes in parts)."""
    lines = [0, *accumulate(len(line) + 1 for line in source.split("\n"))]
    opened: list[tuple[int, int]] = []  # f-strings: row and column where each begins
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind, (row, column), (last_row, last_column) = token.type, token.start, token.end
        if tokenize.tok_name[kind] == "FSTRING_START":
            opened.append(token.start)
        elif tokenize.tok_name[kind] == "FSTRING_END":
            kind, (row, column) = tokenize.STRING, opened.pop()
        if not opened and kind not in _LAYOUT:
            start, end = lines[row - 1] + column, lines[last_row - 1] + last_column
            yield _Token(kind, source[start:end], start, end, column)


def _comments(tokens: list[_Token], source: str, words: Words) -> Iterator[_Change]:
    blocks: list[list[_Token]] = []
    for token in tokens:
        if token.kind != tokenize.COMMENT or _TO_TOOLS.match(token.text):
            continue
        above = blocks[-1][-1] if blocks else token
        if source[above.end : token.start] == "\n" + " " * token.column and (
            above.column == token.column
        ):
            blocks[-1].append(token)
        else:
            blocks.append([token])
    for block in blocks:
        text = "\n".join(token.text.removeprefix("#").removeprefix(" ") for token in block)
        between = "\n" + " " * block[0].column
        if holds_words(text) and (said := words(text)) != text:
            lines = between.join(f"# {line}" for line in said.split("\n"))
            yield _Change(block[0].start, block[-1].end, lines)


def _texts(tokens: list[_Token], words: Words) -> Iterator[_Change]:
    for place, token in enumerate(tokens):
        literal = _LITERAL.fullmatch(token.text) if token.kind == tokenize.STRING else None
        if literal is None or not _is_text(literal[3], tokens[:place]):
            continue
        start = token.start + literal.start(3)
        between = "\n" + " " * token.column
        text = literal[3]
        if "\n" in text:  # a docstring: without its indentation, and the blank line at its end
            start += len(text) - len(text.lstrip())
            text = text.strip()
        said = re.sub(r"\n(?=.)", between, words(text.replace(between, "\n")))
        if said != text:
            yield _Change(start, start + len(text), said)


def _is_text(text: str, before: list[_Token]) -> bool:
    """Tell a text from code, by what it looks like and by the keyword that it is given for."""
    if not holds_words(text):
        return False
    named = len(before) > 1 and before[-1].text == "="
    keyword = before[-2].text if named else ""
    if _LIKE_A_NAME.fullmatch(_NO_WORDS.sub("", text)):
        return keyword in _LABELS
    return keyword not in _PLACES


def _asking(tokens: list[_Token], language: str) -> Iterator[_Change]:
    """Tell each `check(…)` the language."""
    for place, (name, bracket) in enumerate(pairwise(tokens)):
        if (name.text, bracket.text) == ("check", "("):
            depth = 0
            for before, token in pairwise(tokens[place:]):
                depth += (token.text in "([{") - (token.text in ")]}")
                if depth == 0:
                    comma = {"(": "", ",": " "}.get(before.text, ", ")
                    yield _Change(token.start, token.start, f'{comma}language="{language}"')
                    break
