"""Submissions to the toy kata that many tests use, and notebooks made of cells."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from textwrap import indent
from typing import Any

from autograder.judge import Judge
from autograder.records import Case, Submission
from tests.katas import toy

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "submissions"


@cache
def toy_cases() -> tuple[Case, ...]:
    return Judge(toy.kata, toy.kata.draw_cases("a seed", hidden=True)).cases


def submission(*cells: str, script: bool = False) -> Submission:
    return Submission("toy", cells, "scale", attempted=True, script=script)


def function(body: str, *, name: str = "scale") -> str:
    """Write a function of the toy kata with this body."""
    return f"def {name}(model, initial, factor=0.5):\n{indent(body, '    ')}\n    return model\n"


def code(
    source: Any, *, solution: bool = False, graded: bool = False, **metadata: Any
) -> dict[str, Any]:
    marks: dict[str, Any] = {}
    if solution or graded:
        marks = {"nbgrader": {"solution": solution, "grade": graded, "grade_id": "scale"}}
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": marks | metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def write_notebook(path: Path, *cells: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    return path
