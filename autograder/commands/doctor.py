"""`python -m autograder doctor`: what this machine can do to confine learners' code."""

from __future__ import annotations

import argparse
import os
import platform
from typing import Any

from autograder.commands.voice import DONE, UNMET, show
from autograder.confine import LAYERS, missing_layers


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help="tell what this machine can do to confine code")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Run the command."""
    missing = {layer.id: fault for layer, fault in missing_layers()}
    show(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    show("✓ process, scratch folder, limits: always in force")
    for layer in LAYERS:
        if fault := missing.get(layer.id):
            show(f"✗ {layer.id}: {fault}\n  it takes away {layer.takes_away}")
            show(f"  to get it, {layer.remedy}")
        else:
            show(f"✓ {layer.id}: takes away {layer.takes_away}")
    if not missing:
        show("Learners' code is confined on this machine.")
        return DONE
    show("Learners' code cannot be confined on this machine: `grade` refuses to run it unless"
         " --allow-unconfined is given.")  # fmt: skip
    return UNMET
