"""nbgrader's gradebooks on one engine, and what is in the database when."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder.database import shared

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # `alembic`
    url = f"sqlite:///{tmp_path}/gradebook.db"
    with Gradebook(url, "course") as gradebook:
        gradebook.add_assignment("prune")
    return url


def learners(database: str) -> list[str]:
    """Read as another process would."""
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        return [name for (name,) in connection.execute("select id from student order by id")]


def hand_in(database: str, learner: str, then: type[BaseException] | None = None) -> None:
    """Record as nbgrader does: several gradebooks, some of them open at once, opened unalike."""
    with Gradebook(database, "course") as gradebook:
        gradebook.add_student(learner)
        with Gradebook(database) as other:
            other.find_student(learner)
        with Gradebook(database, course_id="course") as other:
            other.add_submission("prune", learner)
        gradebook.find_submission("prune", learner)
        if then is not None:
            raise then


def test_one_transaction_is_written_at_its_end(database: str) -> None:
    with shared() as sharing:
        hand_in(database, "first")
        with sharing.one_transaction():
            hand_in(database, "ada")
            assert learners(database) == ["first"]
        assert learners(database) == ["ada", "first"]
    with Gradebook(database, "course") as gradebook:
        assert gradebook.find_submission("prune", "ada").student.id == "ada"


def test_gradebooks_that_are_opened_for_the_first_time_do_not_wait_for_it(database: str) -> None:
    with shared() as sharing, sharing.one_transaction():
        hand_in(database, "ada")
    assert learners(database) == ["ada"]


def test_what_came_before_a_failure_is_kept_as_in_nbgrader(database: str) -> None:
    with shared() as sharing:
        with pytest.raises(MissingEntry), sharing.one_transaction():
            hand_in(database, "ada", then=MissingEntry)
        assert learners(database) == ["ada"]
        with sharing.one_transaction():
            hand_in(database, "grace")
    assert learners(database) == ["ada", "grace"]


def test_an_interrupt_leaves_all_as_it_was(database: str) -> None:
    with shared() as sharing:
        hand_in(database, "first")
        with pytest.raises(KeyboardInterrupt), sharing.one_transaction():
            hand_in(database, "ada", then=KeyboardInterrupt)
        assert learners(database) == ["first"]
        with sharing.one_transaction():
            hand_in(database, "grace")
    assert learners(database) == ["first", "grace"]
