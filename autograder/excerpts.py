"""A learner's code, fit to be shown to others: short, and without what tells whose it is. Pure.

Comments, docstrings and texts of several words say nothing that the code does not do, and may say
anything; they go. No program can promise that what stays tells nobody's name.
"""

from __future__ import annotations

import io
import re
import tokenize
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate

MAX_LINES = 25
_MAX_WIDTH = 160
_GONE = "…"
_LETTER = r"[^\W\d_]"
_TELLING = re.compile(r"[\s@/\\]")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]*\w@\w[\w-]*\.\w[\w.-]*")
_LONG_TEXT = re.compile(r"'''.*?(?:'''|\Z)|\"\"\".*?(?:\"\"\"|\Z)", re.DOTALL)
_TEXT = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_REMARK = re.compile(r"#.*")
_TEXTS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
_BEGIN = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}

_Piece = tuple[int, int, int, int, str]  # from row and column to row and column, and what for it


def solution_in(cells: Sequence[str], entry_point: str) -> str:
    """Find the cell that holds the learner's function: the last that defines it, or names it."""
    for sign in (f"def {entry_point}", entry_point):
        for cell in reversed(cells):
            if sign in cell:
                return cell
    return cells[-1] if cells else ""


def size_of(code: str) -> tuple[int, int]:
    """Tell how long code is: lines that are not empty, then characters."""
    return sum(bool(line.strip()) for line in code.splitlines()), len(code)


def excerpt(code: str, names: Iterable[str] = ()) -> str:
    """Cut code down to what may be shown.

    Args:
        code: A cell.
        names: Words that must not stay, such as the learner's name.
    """
    bare = unicodedata.normalize("NFC", _without(code))
    words = sorted(set(names), key=lambda name: (-len(name), name))
    if words:
        either = "|".join(map(re.escape, words))
        bare = re.sub(rf"(?i)(?<!{_LETTER})(?:{either})(?!{_LETTER})", _GONE, bare)
    lines = [_narrow(line.expandtabs(4).rstrip()) for line in bare.splitlines() if line.strip()]
    if len(lines) > MAX_LINES:
        more = len(lines) - MAX_LINES + 1
        lines = [*lines[: MAX_LINES - 1], f"{_GONE} ({more} more lines)"]
    return "\n".join(lines)


def own_words(path: str, how_often: dict[str, int], total: int) -> list[str]:
    """Find the words of a path that tell this submission from most others.

    Args:
        path: Of the submission.
        how_often: In how many paths each word is.
        total: How many paths there are.
    """
    return [word for word in words_in(path) if how_often.get(word, 0) <= max(1, total / 2)]


def words_in(path: str) -> set[str]:
    """Take a path apart: `ada_99-b` holds `ada_99`, `ada` and `99`."""
    path = unicodedata.normalize("NFC", path)
    found = (re.findall(kind, path) for kind in (r"\w+", rf"{_LETTER}+", r"\d+"))
    return {word for words in found for word in words if len(word) > 1}


def _without(code: str) -> str:
    """Take out comments, docstrings and telling texts."""
    lines = list(io.StringIO(code))
    try:
        pieces = _pieces(list(tokenize.generate_tokens(iter(lines).__next__)))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return _without_roughly(code)
    starts = [0, *accumulate(map(len, lines))]
    kept, place = [], 0
    for top, left, bottom, right, instead in pieces:
        kept += [code[place : starts[top - 1] + left], instead]
        place = starts[bottom - 1] + right
    return "".join([*kept, code[place:]])


def _without_roughly(code: str) -> str:
    """Do the same to what is no code, and rather too much than too little."""
    bare = _REMARK.sub("", _LONG_TEXT.sub(_GONE, code))
    bare = _TEXT.sub(lambda text: _GONE if _TELLING.search(text[0]) else text[0], bare)
    return _MAIL.sub(_GONE, bare)


def _pieces(tokens: Sequence[tokenize.TokenInfo]) -> list[_Piece]:
    """Say what goes, in order, and what stands there instead."""
    pieces = []
    before = tokenize.ENCODING
    for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        if token.type == tokenize.COMMENT:
            pieces.append((*token.start, *token.end, ""))
        elif token.type in _TEXTS:
            if before in _BEGIN and after.type == tokenize.NEWLINE:
                pieces.append((*token.start, *token.end, ""))
            elif _TELLING.search(token.string):
                quote = "" if token.string[-1] not in "'\"" else token.string[-1]
                pieces.append((*token.start, *token.end, f"{quote}{_GONE}{quote}"))
        before = token.type
    return pieces


def _narrow(line: str) -> str:
    return line if len(line) <= _MAX_WIDTH else line[: _MAX_WIDTH - 1] + _GONE
