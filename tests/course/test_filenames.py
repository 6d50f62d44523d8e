"""File names of Moodle and Canvas: whose they are, and which notebook."""

from __future__ import annotations

import pytest

from autograder.course.filenames import notebook_of, readings, sure_reading

ONE = ["problem_one.ipynb"]
MOODLE = "_assignsubmission_file_"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"Ada Lovelace_1234567{MOODLE}/problem_one.ipynb", ("1234567", 0, False)),
        ("Ada Lovelace_1234567_assignsubmission_file/problem_one.ipynb", ("1234567", 0, False)),
        (f"class.zip/Ada O'Neil-Ångström_7{MOODLE}/sub/problem_one.ipynb", ("7", 0, False)),
        (f"王 小明_1234567{MOODLE}problem_one.ipynb", ("1234567", 0, False)),
        ("class.zip/lovelaceada_12345_67890_problem_one.ipynb", ("12345", 67890, False)),
        ("lovelaceada_LATE_12345_67890_problem_one-1.ipynb", ("12345", 67890, True)),
        ("ångströmada_12345_67890_problem one (1).ipynb", ("12345", 67890, False)),
        ("_12345_67890_problem_one.ipynb", ("12345", 67890, False)),
        ("anon_a1B2c_67890_problem_one.ipynb", ("anon_a1B2c", 67890, False)),
        ("LATE_anon_a1B2c_67890_problem_one.ipynb", ("anon_a1B2c", 67890, True)),
    ],
)
def test_whose_it_is(path: str, expected: tuple[str, int, bool]) -> None:
    reading = sure_reading(path, ONE)
    assert reading is not None
    assert (reading.key, reading.attachment, reading.late) == expected
    assert notebook_of(reading, ONE) == ONE[0]


@pytest.mark.parametrize(
    "path",
    [
        "problem_one.ipynb",
        "ada/problem_one.ipynb",
        f"Default group{MOODLE}/problem_one.ipynb",
        # A group without a number, whose members choose the file's name.
        f"Default group{MOODLE}/bob_12345_67890_problem_one.ipynb",
        f"Default group{MOODLE}bob_12345_67890_problem_one.ipynb",
        "lovelaceada_12345_problem_one.ipynb",
    ],
)
def test_what_is_nobodys(path: str) -> None:
    assert readings(path) == []
    assert sure_reading(path, ONE) is None


@pytest.mark.parametrize(
    "path",
    [
        # The learner chose the file's name ...
        "eve_999_888_12345_67890_problem_one.ipynb",
        f"Eve_999{MOODLE}bob_12345_67890_problem_one.ipynb",
        f"eve_999_888_7_bob_12345{MOODLE}problem_one.ipynb",
        "Eve_999_assignsubmission_onlinetext_bob_12345_67890_problem_one.ipynb",
        # ... or their own.
        "eve_12345_999_888_problem_one.ipynb",
        "eve_12345_67890_x_999_888_problem_one.ipynb",
        f"eve_12345{MOODLE}999_888_problem_one.ipynb",
    ],
)
def test_a_name_in_which_another_learner_stands_is_left(path: str) -> None:
    assert len(readings(path)) != 1
    assert sure_reading(path, ONE) is None


@pytest.mark.parametrize("kind", ["file_", "file", "onlinetext_"])
def test_in_a_folder_that_moodle_made_only_its_name_counts(kind: str) -> None:
    folder = f"Eve_999_assignsubmission_{kind}"
    path = f"{folder}/x_12345{MOODLE}/bob_12345_67890_problem_one.ipynb"
    assert [reading.key for reading in readings(path)] == ["999"]


def test_a_notebook_whose_name_begins_with_numbers_is_nobody_elses() -> None:
    reading = sure_reading("ada_12345_67890_01_intro.ipynb", ["01_intro.ipynb"])
    assert reading is not None
    assert reading.key == "12345"


@pytest.mark.parametrize(
    ("file", "released", "expected"),
    [
        ("problem_one.ipynb", ONE, ONE[0]),
        ("problem_one (1).ipynb", ONE, ONE[0]),
        ("Problem One.ipynb", ONE, ONE[0]),
        ("problem-one-Copy1.ipynb", ONE, ONE[0]),
        ("problem_one (2) - Kopie.ipynb", ONE, ONE[0]),
        ("u\u0308bung.ipynb", ["übung.ipynb"], "übung.ipynb"),
        ("problem_two.ipynb", ONE, None),
        ("problem_one.ipynb", ["a/problem_one.ipynb", "b/problem_one.ipynb"], None),
        ("ps-1.ipynb", ["ps-1.ipynb", "ps-2.ipynb"], "ps-1.ipynb"),
        ("ps-1 (1).ipynb", ["ps-1.ipynb", "ps-2.ipynb"], "ps-1.ipynb"),
        ("ps-1.ipynb", ["ps.ipynb", "ps-1.ipynb"], "ps-1.ipynb"),
        ("ps-1 (1).ipynb", ["ps.ipynb", "ps-1.ipynb"], None),
    ],
)
def test_which_notebook_it_is(file: str, released: list[str], expected: str | None) -> None:
    (reading,) = readings(f"Ada_1{MOODLE}/{file}")
    assert notebook_of(reading, released) == expected


def test_a_number_that_canvas_may_have_put_there_is_not_sure() -> None:
    (reading,) = readings("ada_12345_67890_ps-1.ipynb")
    assert notebook_of(reading, ["ps.ipynb", "ps-1.ipynb"]) is None
    assert notebook_of(reading, ["ps.ipynb", "ps-2.ipynb"]) == "ps.ipynb"
