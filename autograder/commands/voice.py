"""How the commands speak, and their exit statuses."""

from __future__ import annotations

import argparse
import sys

from autograder.language import LANGUAGE_VARIABLE, languages
from autograder.texts import printable

DONE, UNMET, FAILED, INTERRUPTED = 0, 1, 2, 130


def say(line: str) -> None:
    """Say one line to whoever runs the command, beside its output."""
    interrupted = isinstance(sys.exception(), KeyboardInterrupt)
    begin = "\n" if interrupted and sys.stderr.isatty() else ""  # a terminal has written ^C
    print(f"{begin}autograder: {printable(line)}", file=sys.stderr, flush=True)  # noqa: T201


def show(text: str) -> None:
    """Write a part of the command's output."""
    print(text, flush=True)  # noqa: T201


def confirmed(question: str) -> bool:
    """Ask at a terminal; where there is none, nobody confirms anything."""
    if not sys.stdin.isatty():
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def add_language(parser: argparse.ArgumentParser) -> None:
    """Declare the option for the language of what learners read."""
    parser.add_argument("--language", metavar="CODE",
                        help=f"of what learners read: {', '.join(languages())} (default: the"
                        f" course's, {LANGUAGE_VARIABLE}, or en)")  # fmt: skip


def unwritable(error: OSError) -> str:
    """Say what cannot be written, and why."""
    return f"{error.filename or 'the output'} cannot be written: {error.strerror or error}"
