"""Texts of strangers, made fit to be shown."""

from __future__ import annotations

import builtins

_FORMULA = tuple("=+-@＝＋－＠")


def printable(text: str) -> str:
    """Replace what a terminal or a page would obey rather than show: control and bidi characters.

    Line breaks and tabs stay.
    """
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def one_line(text: str) -> str:
    """Make one line of what may hold anything, such as the name of a file."""
    return printable(" ".join(text.split()))


def plain_type(name: str) -> str:
    """Name an exception's type if it is one of Python's own; another is the learner's text, too."""
    return name if not name or isinstance(getattr(builtins, name, None), type) else "Exception"


def encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can escape and UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def cell(text: str) -> str:
    """Write a cell that no spreadsheet takes for a formula."""
    shown = printable(encodable(text))
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
