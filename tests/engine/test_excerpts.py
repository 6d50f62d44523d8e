"""What is shown of a learner's code, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.excerpts import MAX_LINES, excerpt, own_words, size_of, solution_in, words_in

PRIVATE = '''# Alice Archer, alice@uni.example
"""Alice's solution

of C:\\\\Users\\\\alice
"""
import torch  # by Alice

def step(model, amount=0.2):
    """Do what Alice does."""
    print("Alice was here")
    open('/home/archer/data.csv')
    open("C:\\\\archer")
    mail = 'archer@uni.example'
    share = total / count / 2
    alice_lr = x@w
    name = "weight"; alice = 1
    return {"a b": alice}
'''


def test_the_code_stays_and_the_rest_goes() -> None:
    assert excerpt(PRIVATE, {"alice"}).splitlines() == [
        "import torch", "def step(model, amount=0.2):",
        '    print("…")', "    open('…')", '    open("…")', "    mail = '…'",
        "    share = total / count / 2", "    …_lr = x@w", '    name = "weight"; … = 1',
        '    return {"…": …}',
    ]  # fmt: skip


@pytest.mark.parametrize("text", ['f"by {x} Alice"', 'f"Alice\'s {x}"', "f'{x} a@b.example'"])
def test_texts_with_values_in_them_go_too(text: str) -> None:
    shown = excerpt(f"print({text})")
    assert shown.startswith("print(")
    assert not [word for word in ("Alice", "by", "example") if word in shown]


@pytest.mark.parametrize("broken", ["(", "'''", "  x = '", "\tif x:\n  y", '"""', "x = 'Alice A"])
def test_what_is_no_code_loses_them_too(broken: str) -> None:
    shown = excerpt(PRIVATE + broken, {"alice"})
    assert "Archer" not in shown
    assert "archer" not in shown
    assert not [word for word in ("Alice", "here", "alice@") if word in shown]
    assert "def step(model, amount=0.2):" in shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("(" + "a" * 1_000_000, "(aaa"),
        ("(a@" + "b-" * 500_000, "(a@b"),
        ("(" + "a." * 500_000 + "@b", "(a.a"),
        ("x = [" + "'a b'," * 150_000 + "]", "x = ['…','…',"),
    ],
)
def test_a_line_without_end_is_cut_down_as_well(code: str, shown: str) -> None:
    """Where the time grows with the square of what is read, each takes hours."""
    assert excerpt(code).startswith(shown)


@pytest.mark.parametrize("mail", ["a.b+c-d@uni.example", "-a@b-c.example.org", "x=a@b.example"])
def test_addresses_go_from_what_is_no_code(mail: str) -> None:
    assert excerpt(f"( {mail} and") == f"( {'x=' if '=' in mail else ''}… and"


@given(st.text(alphabet=st.sampled_from("ab#'\"\\\n\t (){}@/f=:é\u2028\x0c…"), max_size=60))
def test_any_text_is_cut_down_without_an_error(code: str) -> None:
    assert len(excerpt(code, {"a", "é"}).splitlines()) <= max(MAX_LINES, len(code))


def test_what_is_long_is_cut_and_says_so() -> None:
    shown = excerpt("\n\n".join(f"x = {n}" for n in range(100))).splitlines()
    assert len(shown) == MAX_LINES
    assert shown[-1] == "… (76 more lines)"
    assert len(excerpt("x = " + "1" * 10_000)) < 200


def test_the_solution_is_the_last_cell_that_defines_the_function() -> None:
    cells = ("def step(): 1", "def step(): 2", "step()", "other")
    assert solution_in(cells, "step") == "def step(): 2"
    assert solution_in(("step = f", "other"), "step") == "step = f"
    assert solution_in(("one", "two"), "step") == "two"
    assert solution_in((), "step") == ""


def test_empty_lines_do_not_make_code_long() -> None:
    assert size_of("a\n\n  \nb\n") == (2, 8)


def test_own_words_are_those_that_most_paths_have_not() -> None:
    paths = [f"submitted/{name}/kata/solution.py" for name in ("alice", "bob-x1", "carol")]
    how_often = {
        word: sum(word in words_in(path) for path in paths)
        for path in paths
        for word in words_in(path)
    }
    assert sorted(own_words(paths[1], how_often, 3)) == ["bob", "x1"]
    assert "alice" in own_words("alice/solution.py", {"alice": 1}, 1)


@pytest.mark.parametrize(
    "path", ["lovelace_ada", "ada99", "99ada_x", "Ada.Lovelace", "ada-b", "Zoe\u0308"]
)
@pytest.mark.parametrize(
    "code", ["ada_prune = 1", "prune_ADA2 = 1", "print('ada')", "zo\u00eb = 1"]
)
def test_a_name_goes_wherever_it_stands_between_other_signs(path: str, code: str) -> None:
    shown = excerpt(code, words_in(path))
    named = "zo\u00eb" in code if path.startswith("Z") else "zo\u00eb" not in code
    assert ("…" in shown) == named
    assert excerpt("shadow = canada + 1", words_in(path)) == "shadow = canada + 1"


def test_a_number_goes_too() -> None:
    assert excerpt("seed = 1234567; s = 1", words_in("s1234567/kata")) == "seed = …; s = 1"
