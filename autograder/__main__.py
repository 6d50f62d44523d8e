"""The command line: `python -m autograder COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from io import TextIOWrapper

from autograder.commands import (
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
from autograder.commands.voice import FAILED, say
from autograder.course.rules import RulesError
from autograder.language import UnknownLanguageError
from autograder.settings import SeedError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names and texts may be any bytes
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


if __name__ == "__main__":
    sys.exit(main())
