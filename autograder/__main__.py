"""The command line: `python -m autograder COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from io import TextIOWrapper

_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names and texts may be any bytes
    try:
        return _run(arguments)
    except KeyboardInterrupt:  # as the commands load; each has words of its own later
        if sys.stderr is not None:  # where it was closed beforehand, `print` would take stdout
            begin = "\n" if sys.stderr.isatty() else ""  # a terminal has written ^C
            print(f"{begin}autograder: stopped", file=sys.stderr)  # noqa: T201
        return _INTERRUPTED


def _run(arguments: list[str] | None) -> int:
    # Loaded here, since half a second is long enough for a Ctrl-C.
    from autograder.commands import (  # noqa: PLC0415
        autograde,
        course,
        doctor,
        explain,
        grade,
        regrade,
        report,
        similar,
        watch,
    )
    from autograder.commands.voice import FAILED, UNHEARD, UnheardError, say  # noqa: PLC0415
    from autograder.course.rules import RulesError  # noqa: PLC0415
    from autograder.language import UnknownLanguageError  # noqa: PLC0415
    from autograder.settings import SeedError  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (course, grade, autograde, regrade, report, explain, similar, doctor, watch):
        command.add_to(commands)
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except (RulesError, SeedError, UnknownLanguageError) as error:
        say(str(error))
        return FAILED
    except UnheardError:
        return UNHEARD


if __name__ == "__main__":
    sys.exit(main())
