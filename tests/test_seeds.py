"""No seed changes a verdict: many seeds, in this process, for `pytest -m benchmark`.

All samples with 200 seeds would take more than an hour, so most families send every eighth.
`tests/test_submissions.py` grades all of them with one seed, and some with three more.
"""

from __future__ import annotations

import pytest

from autograder.judge import Judge
from autograder.kata import load
from tests.katas.samples import SAMPLES, callable_samples, golden, observations_of, verdict_of
from tests.test_submissions import EVERY_SEED

SEEDS = 200
EVERY = 8


@pytest.mark.benchmark
@pytest.mark.parametrize("block", range(0, SEEDS, 20))
def test_no_seed_changes_points_or_outcomes(block: int) -> None:
    kata = load("lottery_ticket")
    others = [name for name in callable_samples() if name not in EVERY_SEED]
    names = [*EVERY_SEED, *others[::EVERY]]
    for number in range(block, block + 20):
        judge = Judge(kata, kata.draw_cases(f"seed {number}", hidden=True))
        for name in names:
            verdicts = judge.verdicts(observations_of(name, judge.cases), explain=False)
            due = golden(SAMPLES / name) | {"beliefs": []}
            assert verdict_of(verdicts) == due, f"{name}, seed {number}"
