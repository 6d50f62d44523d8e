"""How the commands speak, and their exit statuses."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TextIO

from autograder.language import LANGUAGE_VARIABLE, languages
from autograder.texts import printable

DONE, UNMET, FAILED, INTERRUPTED, UNHEARD = 0, 1, 2, 130, 141


class UnheardError(Exception):
    """Whoever read what the command writes has left, as `head` does; no `OSError`, of files."""


def say(line: str) -> None:
    """Say one line to whoever runs the command, beside its output.

    Raises:
        UnheardError: Nobody reads it.
    """
    interrupted = isinstance(sys.exception(), KeyboardInterrupt)
    begin = "\n" if interrupted and sys.stderr.isatty() else ""  # a terminal has written ^C
    _print(f"{begin}autograder: {printable(line)}", sys.stderr)


def show(text: str) -> None:
    """Write a part of the command's output.

    Raises:
        OSError: It cannot be written.
        UnheardError: Nobody reads it.
    """
    _print(text, sys.stdout)


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


def _print(text: str, stream: TextIO) -> None:
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - Python writes the rest as it ends
            os.dup2(nowhere.fileno(), stream.fileno())
        if isinstance(error, BrokenPipeError):
            raise UnheardError from None
        raise
