"""The texts in the notebooks of the katas."""

from __future__ import annotations

from functools import cache

from nbformat import NotebookNode

from autograder.course.translation import translate
from solutions.build import assignments, convert


@cache
def texts_of_notebook(kata: str) -> dict[str, str]:
    """Collect what a kata's notebook says, each text with its cell."""
    texts: dict[str, str] = {}
    for cell in convert(assignments()[kata].source).cells:

        def hear(text: str, place: str = f"cell {cell.id}") -> str:
            texts.setdefault(text, place)
            return text

        translate(NotebookNode(cells=[cell]), hear, "xx")
    return texts
