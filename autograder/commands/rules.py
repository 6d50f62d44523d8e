"""The options that say which exercise is graded, and by which rules."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.voice import say
from autograder.course.rules import FILE, Rules, rules_in_force
from autograder.kata import names


def add_to(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--course", type=Path, metavar="FILE.toml",
                        help=f"the course's rules (default: {FILE}, if it is here)")  # fmt: skip
    parser.add_argument("--kata", choices=names(),
                        help="which exercise (default: the rules', or the one whose function a file"
                        " holds)")  # fmt: skip


def rules_for(options: argparse.Namespace, *, quiet: bool) -> tuple[Rules, Path]:
    """Read the rules in force, and tell the folder in which the course lies.

    Raises:
        RulesError: They cannot be read, or say what cannot be.
    """
    rules = rules_in_force(options.course, options.kata, Path())
    if rules.file is None:
        return rules, Path()
    if options.course is None and not quiet:
        say(f"the rules are those of {rules.file}, which is here")
    return rules, rules.file.parent
