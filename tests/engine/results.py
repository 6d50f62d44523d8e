"""Lines of results as `grade --output` writes them, made up."""

from __future__ import annotations

import json
from typing import Any

CHECKS = {"mask": "The mask is right.", "rewind": "It is θ₀.", "conduct": "All else stays."}


def record(submission: str = "alice.py", failing: str = "", **changes: Any) -> dict[str, Any]:
    """Make the object of a submission; of its three checks one may fail, two points each."""
    checks = [
        {
            "id": name,
            "title": title,
            "outcome": "failed" if name == failing else "passed",
            "points": 0 if name == failing else 2,
            "max_points": 2,
            "message": "",
            "misconceptions": [],
        }
        for name, title in CHECKS.items()
    ]
    made = {
        "format": 1, "submission": submission, "kata": "toy", "status": "graded",
        "points": 4 if failing else 6, "max_points": 6, "message": "", "notes": [],
        "checks": checks, "misconceptions": [],
        "execution": {"status": "returned", "error": None, "wall_seconds": 0.5},
        "confinement": [], "versions": {},
    }  # fmt: skip
    return {**made, **changes}


def belief(name: str = "no_rewind", title: str = "Nothing goes back") -> dict[str, str]:
    return {"id": name, "title": title, "hint": "Where does it start?"}


def ended(status: str, error: str | None = None) -> dict[str, Any]:
    return {"status": status, "error": error, "wall_seconds": 0.5}


def line(*arguments: Any, **changes: Any) -> bytes:
    return json.dumps(record(*arguments, **changes)).encode() + b"\n"
