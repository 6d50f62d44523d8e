"""Sample submissions against their golden verdicts, which were decided from the contract alone.

Each folder below `tests/submissions` holds a submission and `verdict.json`: points, the outcome of
each check, and the ids of the misconceptions that are to be named. All are graded once, with a
secret seed, in the sandbox that grades real submissions.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.kata import load
from autograder.pool import grade_many
from autograder.records import Grading, Scorecard
from autograder.settings import Settings
from tests.katas.samples import SAMPLES, golden, path_of, verdict_of

FOLDERS = sorted(found.parent.name for found in SAMPLES.glob("*/verdict.json"))
TIMEOUT = 10.0
JOBS = min(4, os.cpu_count() or 1)
SEEDS = ("one", "two", "three", "four", "five")
EVERY_SEED = (
    "right_hand_written_hook",
    "right_numpy_lexsort",
    "right_whole_theta0_through_parameters",
    "wrong_batchnorm2d_in_tuple",
    "wrong_conv1d_in_tuple",
    "wrong_conv1d_too",
    "wrong_growth_since_start_by_hand",
    "wrong_linear_and_conv_ranked_apart",
    "wrong_matches_theta0_by_order_guarded",
    "wrong_matches_theta0_by_shape_dict",
    "wrong_normal_reinitialisation",
    "wrong_quantile_interpolates",
    "wrong_random_unstructured",
    "wrong_rounds_kept_count",
    "wrong_threshold_prunes_all_ties",
    "wrong_two_biases_and_no_rewind",
    "wrong_two_signed_and_masked_rewind",
)
"""Faults that show in few cases, or by chance: those a seed is most likely to hide."""


@pytest.fixture(scope="module")
def cards() -> dict[str, Scorecard]:
    """Grade every sample once."""
    return _graded("a secret that no sample knows", FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_sample_gets_its_golden_verdict(folder: str, cards: dict[str, Scorecard]) -> None:
    assert _verdict(cards[folder]) == golden(SAMPLES / folder)


def test_a_right_program_gets_all_points_and_no_name(cards: dict[str, Scorecard]) -> None:
    right = {name: card for name, card in cards.items() if name.startswith("right_")}
    assert len(right) >= 40
    for name, card in right.items():
        assert card.status is Grading.GRADED, name
        assert card.points == card.max_points, name
        assert not any(verdict.explained_by for verdict in card.verdicts), name


def test_a_wrong_program_never_gets_all_points(cards: dict[str, Scorecard]) -> None:
    wrong = {name: card for name, card in cards.items() if name.startswith("wrong_")}
    assert len(wrong) >= 80
    for name, card in wrong.items():
        assert card.points is not None, name
        assert card.points < card.max_points, name


def test_every_misconception_is_named_for_two_samples_or_more(cards: dict[str, Scorecard]) -> None:
    named = [belief for card in cards.values() for belief in _verdict(card)["beliefs"]]
    assert {belief: count for belief, count in _counted(named).items() if count < 2} == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_verdicts_do_not_depend_on_the_seed(seed: str, cards: dict[str, Scorecard]) -> None:
    again = _graded(seed, EVERY_SEED)
    assert {name: _verdict(card) for name, card in again.items()} == {
        name: _verdict(cards[name]) for name in EVERY_SEED
    }


def _graded(seed: str, folders: Sequence[str]) -> dict[str, Scorecard]:
    paths = {str(path): name for name in folders for path in [path_of(SAMPLES / name)]}
    settings = Settings("lottery_ticket", seed, TIMEOUT)
    done = grade_many(settings, [Path(path) for path in paths], jobs=JOBS)
    return {paths[str(path)]: graded.card for path, graded in done}


def _verdict(card: Scorecard) -> dict[str, Any]:
    return verdict_of(card.verdicts) | {"points": card.points}


def _counted(named: Sequence[str]) -> dict[str, int]:
    counts = {m.belief.id: 0 for m in load("lottery_ticket").misconceptions}
    for belief in named:
        counts[belief] += 1
    return counts
