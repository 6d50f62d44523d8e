"""What options take that is a number in some range, and the sentence for what is none."""

from __future__ import annotations

import argparse
import math


def positive(text: str) -> int:
    """Read how many of something there are to be."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, at least 1 (got {text})")
    return number


def seconds(text: str) -> float:
    """Read how long something may take."""
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0 (got {text})")
    return number


def share(text: str) -> float:
    """Read a part of a whole that is not empty."""
    number = _number(text)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"must be a number above 0 and at most 1 (got {text})")
    return number


def points(text: str) -> float:
    """Read how many points are meant."""
    number = _number(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of points, 0 or more (got {text})")
    return number


def _number(text: str) -> float:
    """Read a number; NaN, which lies in no range, where there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
