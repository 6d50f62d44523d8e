"""Sample submissions against their golden verdicts, which were decided from the contract alone.

Each folder below `tests/submissions`, and `tests/submissions_KATA` for other katas, holds a
submission and `verdict.json`: points, the outcome of each check, and the ids of the misconceptions
that are to be named. All are graded once, with a secret seed, in the sandbox that grades real
submissions, and nobody says which kata each of them is about.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from autograder.kata import Misconception, load, names
from autograder.katas import DEFAULT
from autograder.pool import grade_many
from autograder.records import Grading, Scorecard
from autograder.settings import Settings
from tests.katas.samples import golden, path_of, samples_of, verdict_of

SAMPLES_OF = {name: samples_of(name) for name in names()}
FOLDERS = [folder for folders in SAMPLES_OF.values() for folder in folders]
TIMEOUT = 10.0
JOBS = 1  # each process would see for itself what the wrong programs do


@pytest.fixture(scope="module")
def cards() -> dict[Path, Scorecard]:
    """Grade every sample once."""
    paths = {path_of(folder): folder for folder in FOLDERS}
    done = grade_many(Settings("", "a secret that no sample knows", TIMEOUT), paths, jobs=JOBS)
    return {paths[path]: graded.card for path, graded in done}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f"{f.parent.name}-{f.name}")
def test_a_sample_gets_its_golden_verdict(folder: Path, cards: dict[Path, Scorecard]) -> None:
    assert _verdict(cards[folder]) == golden(folder)


@pytest.mark.parametrize("kata", SAMPLES_OF)
def test_a_sample_is_graded_by_its_kata(kata: str, cards: dict[Path, Scorecard]) -> None:
    assert {cards[folder].kata for folder in SAMPLES_OF[kata]} == {kata}


@pytest.mark.parametrize("kata", SAMPLES_OF)
def test_a_right_program_gets_all_points_and_no_name(
    kata: str, cards: dict[Path, Scorecard]
) -> None:
    right = [cards[f] for f in SAMPLES_OF[kata] if f.name.startswith("right_")]
    assert len(right) >= (40 if kata == DEFAULT else 8)
    for card in right:
        assert card.status is Grading.GRADED, card.submission
        assert card.points == card.max_points, card.submission
        assert not any(verdict.explained_by for verdict in card.verdicts), card.submission


@pytest.mark.parametrize("kata", SAMPLES_OF)
def test_a_wrong_program_never_gets_all_points(kata: str, cards: dict[Path, Scorecard]) -> None:
    wrong = [cards[f] for f in SAMPLES_OF[kata] if f.name.startswith("wrong_")]
    assert len(wrong) >= (80 if kata == DEFAULT else 20)
    for card in wrong:
        assert card.points is not None, card.submission
        assert card.points < card.max_points, card.submission


@pytest.mark.parametrize("kata", SAMPLES_OF)
def test_every_misconception_of_its_own_is_named_for_a_sample_or_two(
    kata: str, cards: dict[Path, Scorecard]
) -> None:
    """A kata that takes over beliefs need not have samples of them once more."""
    named = Counter(
        belief for folder in SAMPLES_OF[kata] for belief in _verdict(cards[folder])["beliefs"]
    )
    own = [m.belief.id for m in load(kata).misconceptions if _home(m) == kata]
    few = 2 if kata == DEFAULT else 1
    assert {belief: named[belief] for belief in own if named[belief] < few} == {}


def _verdict(card: Scorecard) -> dict[str, Any]:
    return verdict_of(card.verdicts) | {"points": card.points}


def _home(misconception: Misconception) -> str:
    """Name the kata in whose files a misconception stands."""
    program: Any = misconception.model or misconception.predicate
    return str(program.__module__).removeprefix("autograder.katas.").partition(".")[0]
