"""The command line, asked in this process: torch and nbgrader, which take seconds, are loaded."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.__main__ import main
from tests.preloaded import grading_is_forked


@dataclass
class Done:
    """What a run of the command left."""

    status: int
    out: str
    err: str


def ask(folder: Path, *arguments: object, environment: Mapping[str, str] | None = None) -> Done:
    """Run a command in a folder, with these variables or those that are there."""
    out, err = io.StringIO(), io.StringIO()
    with (
        grading_is_forked(),
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        patch.chdir(folder)
        for name in os.environ.keys() - (environment or os.environ).keys():
            patch.delenv(name)
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        status = main([*map(str, arguments)])
    return Done(status, out.getvalue(), err.getvalue())
