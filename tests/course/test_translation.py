"""A text is found whole wherever its lines break, and nothing else of a notebook changes."""

from __future__ import annotations

import pytest

from autograder.course.programs import holds_words, translated_program
from autograder.course.translation import translated_markdown


def shout(text: str) -> str:
    return text.upper()


def program(source: str) -> str:
    return translated_program(source, shout, "de")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a = 1  # one\n", "a = 1  # ONE\n"),
        ("# two\n# lines\na = 1", "# TWO\n# LINES\na = 1"),
        ("if a:\n    # two\n    #  lines\n    pass", "if a:\n    # TWO\n    #  LINES\n    pass"),
        ("a = 1  # one\n# two\n", "a = 1  # ONE\n# TWO\n"),
        ("### BEGIN SOLUTION\na = 1\n### END SOLUTION", None),
        ("a = [\n    1]  # fmt: skip", None),
        ("a = 1  # k", None),
    ],
)
def test_comments_are_translated_and_marks_for_tools_stay(source: str, said: str | None) -> None:
    assert program(source) == (said or source)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('print("all weights")', 'print("ALL WEIGHTS")'),
        ("print('before:')", "print('BEFORE:')"),
        ('θ, a = 1, "two words"', 'θ, a = 1, "TWO WORDS"'),
        ('prune(layer, "weight")', None),
        ('axes.plot(label="weight")', 'axes.plot(label="WEIGHT")'),
        ('figure.legend(loc="outside upper right")', None),
        ('plt.rcParams["axes.titlelocation"] = "left"', None),
        ('color="#0072B2"', None),
        ('f"{name}.weight"', None),
        ('bars(fmt="%.0f %%")', None),
        ('print("\\n\\t")', None),
        ('print(rb"two words")', None),
    ],
)
def test_a_literal_is_a_text_if_it_holds_words(source: str, said: str | None) -> None:
    assert program(source) == (said or source)


def test_a_literal_keeps_its_prefix_its_quotes_and_what_is_put_into_it() -> None:
    seen = []

    def swap(text: str) -> str:
        seen.append(text)
        return text.replace("left of", "übrig von")

    source = "print(rf'{n:{width}} left of {m[\"all\"]}')\n"
    assert translated_program(source, swap, "de") == source.replace("left of", "übrig von")
    assert seen == ['{n:{width}} left of {m["all"]}']


def test_a_docstring_is_one_text_without_its_indentation() -> None:
    seen = []

    def longer(text: str) -> str:
        seen.append(text)
        return "Eins.\n\nZwei,\ndrei."

    source = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    assert translated_program(source, longer, "de") == (
        'def f():\n    """Eins.\n\n    Zwei,\n    drei.\n    """\n    return 1\n'
    )
    assert seen == ["One.\n\nTwo."]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("check(f)", 'check(f, language="de")'),
        ('check(f, "mask")', 'check(f, "mask", language="de")'),
        ("check(made(1, [2]),)", 'check(made(1, [2]), language="de")'),
        ("from autograder import check", None),
    ],
)
def test_each_check_is_told_the_language(source: str, said: str | None) -> None:
    assert program(source) == (said or source)


@pytest.mark.parametrize("text", ["`weight_mask`", "θ₀", "1, 2", "k = {k}", "|---|", "%.0f %%"])
def test_code_values_and_symbols_are_no_words(text: str) -> None:
    assert not holds_words(text)


def test_markdown_is_translated_text_by_text() -> None:
    source = (
        "## A heading\nA paragraph\nof *two* lines.\n\n1. one item\n   of two lines\n2. another\n"
        "\n| | head |\n|---|---|\n| `code` | a cell |\n"
    )
    assert translated_markdown(source, shout) == (
        "## A HEADING\nA PARAGRAPH OF *TWO* LINES.\n\n1. ONE ITEM OF TWO LINES\n2. ANOTHER\n"
        "\n| | HEAD |\n|---|---|\n| `code` | A CELL |\n"
    )


def test_what_has_no_entry_stays_to_the_letter() -> None:
    source = (
        "A paragraph\nof two  lines.\n\n- an item\n  of two\n\n```python\nx = 1\n\ny = 2\n```\n"
    )
    assert translated_markdown(source, str) == source
