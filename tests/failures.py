"""Puts on record which clauses the wrong programs of each kata fail.

`python -m tests.failures [KATA...]` writes `failures.py` of the katas that are named, or of all.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
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


def rows_of(name: str) -> Mapping[str, list[str]]:
    """What a kata's file `failures.py` says."""
    rows: Mapping[str, list[str]] = import_module(f"autograder.katas.{name}.failures").FAILURES
    return rows


def own_rows(name: str, found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Leave out what is on record in the katas whose programs this one takes over."""
    return {
        program: failed
        for program, failed in found.items()
        if (origin := program.partition(".")[0]) == name
        or load(origin)._failures.get(program) != failed
    }


def main() -> None:
    """Write the records; what a program fails with any of some seeds counts."""
    found = {name: _failures_with_any_seed(load(name)) for name in sys.argv[1:] or names()}
    for name, rows in found.items():
        load(name).set_failures(rows)
    for name, rows in found.items():
        _write(name, own_rows(name, rows))


def _failures_with_any_seed(kata: Kata) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for seed in SEEDS:
        cases = kata.draw_cases(seed, hidden=seed != PUBLIC_SEED)
        for program, failed in failures_in(kata, cases).items():
            found.setdefault(program, set()).update(failed)
    return {program: sorted(failed) for program, failed in found.items()}


def _write(name: str, rows: dict[str, list[str]]) -> None:
    path = KATAS / name / "failures.py"
    path.write_text(f"{_HEAD}{rows!r}\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)
    print(f"{name}: {len(rows)} programs, {sum(map(len, rows.values()))} clauses failed")


if __name__ == "__main__":
    main()
