"""How the commands speak, and their exit statuses."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TextIO

from autograder.language import LANGUAGE_VARIABLE, languages
from autograder.texts import one_line

DONE, UNMET, FAILED, INTERRUPTED, UNHEARD = 0, 1, 2, 130, 141


class UnheardError(Exception):
    """Whoever read what the command writes has left, as `head` does; no `OSError`, of files."""


def say(line: str) -> None:
    """Say one line to whoever runs the command, beside its output.

    Raises:
        UnheardError: Nobody reads it.
    """
    interrupted = isinstance(sys.exception(), KeyboardInterrupt)
    begin = "\n" if interrupted and is_terminal(sys.stderr) else ""  # it has written ^C
    _print(f"{begin}autograder: {one_line(line)}", sys.stderr)


def show(text: str) -> None:
    """Write a part of the command's output.

    Raises:
        OSError: It cannot be written.
        UnheardError: Nobody reads it.
    """
    _print(text, sys.stdout)


def confirmed(question: str) -> bool:
    """Ask at a terminal; where there is none, nobody confirms anything."""
    if not is_terminal(sys.stdin):
        return False
    _print(f"{question} [y/N] ", sys.stderr, end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether somebody sits at a stream; Python has None where it was closed beforehand."""
    return stream is not None and stream.isatty()


def add_language(parser: argparse.ArgumentParser) -> None:
    """Declare the option for the language of what learners read."""
    parser.add_argument("--language", metavar="CODE",
                        help=f"of what learners read: {', '.join(languages())} (default: the"
                        f" course's, {LANGUAGE_VARIABLE}, or en)")  # fmt: skip


def unwritable(error: OSError) -> str:
    """Say what cannot be written, and why."""
    return f"{error.filename or 'the output'} cannot be written: {error.strerror or error}"


def unreadable(error: OSError) -> str:
    """Say what stopped a command that reads files and writes its output alone, and why."""
    if error.filename is None:
        return unwritable(error)
    return f"{error.filename} cannot be read: {error.strerror or error}"


def _print(text: str, stream: TextIO | None, *, end: str = "\n") -> None:
    if stream is None:  # `print` would take the other one
        return
    try:
        print(text, file=stream, end=end, flush=True)
    except OSError as error:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - Python writes the rest as it ends
            os.dup2(nowhere.fileno(), stream.fileno())
        if isinstance(error, BrokenPipeError):
            raise UnheardError from None
        raise
