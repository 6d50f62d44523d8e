"""A programming kata on the Lottery Ticket Hypothesis, and the autograder that judges it."""

from __future__ import annotations

import sys
from collections.abc import Callable

__version__ = "0.1.0"


def check(
    function: Callable[..., object],
    name: str | None = None,
    *,
    hints: int | None = None,
    language: str | None = None,
) -> None:
    """Judge a function on open cases and show what was found.

    In a notebook the answer is a card, elsewhere plain text. Where a belief is named, a hint opens,
    and one more with each further function that shows the same belief.

    Args:
        function: The learner's function; its name tells the kata.
        name: Judge this check only, silently when it passes.
        hints: How many hints to open at once, from 1 to 3.
        language: What the card is written in, such as `"de"`; else what `AUTOGRADER_LANGUAGE` says,
            or English.

    Raises:
        AssertionError: A check was named, and it did not pass. The text is the card's.
        LookupError: The kata has no such check.
        ValueError: There are not so many hints, or there is no such language.
    """
    __tracebackhide__ = True  # the message is what counts
    from autograder.practice import practise  # noqa: PLC0415 - torch loads when it is needed

    practise(function, name, hints, language)


if "ipykernel" in sys.modules:  # a notebook's kernel
    from autograder.idle import get_ready_when_idle
    from autograder.slips import explain_missing_functions

    explain_missing_functions()
    get_ready_when_idle()
