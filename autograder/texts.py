"""Texts of strangers, made fit to be shown."""

from __future__ import annotations


def printable(text: str) -> str:
    """Replace what a terminal or a page would obey rather than show: control and bidi characters.

    Line breaks and tabs stay.
    """
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
