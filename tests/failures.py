"""Puts on record which clauses the wrong programs of each kata fail.

`python -m tests.failures [KATA...]` writes `failures.py` of the katas that are named, or of all.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.expected import Expected
from autograder.kata import Kata, load, name_of, names
from autograder.records import Case, Finding
from autograder.settings import PUBLIC_SEED

KATAS = Path(__file__).resolve().parents[1] / "autograder" / "katas"
SEEDS = (PUBLIC_SEED, "one", "two")
_HEAD = '''"""Which clauses each wrong program fails; made by `python -m tests.failures`."""

from __future__ import annotations

FAILURES: dict[str, list[str]] = '''


def failures_in(
    kata: Kata, cases: Sequence[Case], expected: Expected | None = None
) -> dict[str, set[str]]:
    """Run all wrong programs: ids of the clauses, coarse ones aside, that each of them fails.

    What `expected` has seen of them is not looked at again.
    """
    expected = expected or Expected(cases)
    clauses = [clause for check in kata.checks for clause in check.clauses if not clause.coarse]
    return {
        name_of(m.model): {
            clause.id
            for clause in clauses
            if any(
                isinstance(
                    expected.compare(clause, expected.observe(m.model, case), kata.reference, case),
                    Finding,
                )
                for case in cases
            )
        }
        for m in kata.misconceptions
        if m.model is not None
    }


def main() -> None:
    """Write the records; what a program fails with any of some seeds counts."""
    for name in sys.argv[1:] or names():
        kata = load(name)
        found: dict[str, set[str]] = {}
        for seed in SEEDS:
            cases = kata.draw_cases(seed, hidden=seed != PUBLIC_SEED)
            for program, failed in failures_in(kata, cases).items():
                found.setdefault(program, set()).update(failed)
        path = KATAS / name / "failures.py"
        written = {program: sorted(failed) for program, failed in found.items()}
        path.write_text(f"{_HEAD}{written!r}\n", encoding="utf-8")
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)
        print(f"{name}: {len(found)} programs, {sum(map(len, found.values()))} clauses failed")


if __name__ == "__main__":
    main()
