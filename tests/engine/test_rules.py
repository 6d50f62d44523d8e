"""What `autograder.toml` may say, and what is told where it says something else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn

from autograder.course.rules import FILE, MAX_CASES, Rules, RulesError, read_rules, rules_in_force
from autograder.judge import Judge
from autograder.kata import load, names
from autograder.outpost import Batch
from autograder.probe import observe
from autograder.recipes import small_model
from autograder.records import Outcome
from autograder.results import key_of
from autograder.settings import SEED_FILE, SeedError, Settings, seed_in_force
from autograder.terms import AS_IT_IS, Terms
from autograder.variants import NBGRADER_LAYOUT
from tests.katas import toy
from tests.katas.samples import SAMPLES, golden, observations_of, verdict_of

CASE = """
[[cases]]
model = "Sequential(Linear(8, 4), ReLU(), Linear(4, 2))"
input = [4, 8]
amount = 0.35
rounds = 2
"""
WHOLE = f"""
kata = "lottery_ticket"
language = "de"
per_learner = "{{learner}}/*/*"
[points]
mask = 4
conduct = 0
{CASE}"""
WRONG = {
    "poinst = 3": "key 'poinst' is not known; did you mean 'points'?",
    'language = "fr"': "language 'fr' is not known; did you mean",
    'language = "DE"': "language 'DE' is not known; did you mean 'de'?",
    "language = 3": "language must be a text in quotes (got a whole number)",
    "per_learner = true": "per_learner must be a text in quotes (got true or false)",
    'per_learner = "*/*"': "per_learner must hold {learner} once, as {learner}/*/* does (got */*)",
    "points = 3": "points must be a table (got a whole number)",
    'kata = "lotery"': "did you mean 'lottery_ticket'?",
    "[points]\nmaks = 1": "[points] check 'maks' is not known; did you mean 'mask'?",
    "[points]\nmask = nan": "mask must be a number from 0 to 1,000,000 (got nan)",
    "[points]\nmask = inf": "mask must be a number from 0 to 1,000,000 (got inf)",
    "[points]\nmask = -1": "mask must be a number from 0 to 1,000,000 (got -1)",
    "[points]\nmask = true": "mask must be a number from 0 to 1,000,000 (got True)",
    "[points]\nmask = '4'": "mask must be a number from 0 to 1,000,000 (got '4')",
    "[points]\nmask = 0\nsparsity = 0\nrewind = 0\nrounds = 0\nconduct = 0":
        "at least one check with more than 0 points",
    "cases = 3": "cases must be a list (got a whole number)",
    '[[cases]]\nmodel = "ReLU()"': "[[cases]] number 1: input is missing",
    "points": "is no TOML",
    CASE * (MAX_CASES + 1): f"may be {MAX_CASES} at most (got {MAX_CASES + 1})",
}  # fmt: skip
WRONG_CASES = {
    ("0.35", "1.0"): "amount must lie between 0 and 1",
    ("0.35", "0"): "amount must lie between 0 and 1",
    ("0.35", "nan"): "numbers must be finite",
    ("0.35", "'a'"): "amount must be a number (got a text in quotes)",
    ("0.35", "0.001"): "prunes none of the 40 weights that remain in round 1",
    ("0.35", "0.99"): "prunes all of the 40 weights that remain in round 1",
    ("0.35\nrounds = 2", "0.9\nrounds = 3"): "prunes all of the 4 weights that remain in round 2",
    ("rounds = 2", "rounds = 99"): "rounds must be from 1 to 5 (got 99)",
    ("rounds = 2", "rounds = 2.5"): "rounds must be a whole number",
    ("rounds", "runds"): "key 'runds' is not known; did you mean 'rounds'?",
    ("[4, 8]", "[4, 7]"): "does not take an input of shape [4, 7]",
    ("[4, 8]", "[4, 'a']"): "input[1] must be a whole number",
    ("[4, 8]", "[]"): "input must be the shape of a batch",
    ("[4, 8]", "[-4, -8]"): "input must be the shape of a batch",
    ("[4, 8]", "[1000000, 8]"): "at most 10,000 entries",
    ("8, 4", "8, 4000000000"): "the model is too large",
    ("ReLU()", "Relu()"): "'Relu' is no module of torch.nn",
    ("ReLU()", "ReLU("): "is no Python expression",
    ("ReLU()", "Linear(4, 4, 4, 4, 4, 4)"): "makes no model (TypeError",
    ("ReLU()", "LazyLinear(4)"): "lazy modules have no weights yet",
    ("ReLU()", "Unflatten(1, (4, 1)), Upsample(scale_factor=1e6), Flatten()"):
        "a layer returns 16,000,000 entries",
    ("ReLU()", "MultiheadAttention(4, 1)"): "a subclass of Linear or Conv2d",
    ("Sequential(Linear(8, 4), ReLU(), Linear(4, 2))", "Linear(8, 4)"): "put the model into Sequ",
    ("Sequential(Linear(8, 4), ReLU(), Linear(4, 2))", "Sequential(ReLU())"): "nothing to prune",
}  # fmt: skip


def read(folder: Path, text: str) -> Rules:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_rules(folder / FILE)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(RulesError) as caught:
        read(folder, text)
    said = str(caught.value)
    assert said.startswith(str(folder / FILE))
    assert "\n" not in said
    return said


def test_what_the_file_says_is_what_holds(tmp_path: Path) -> None:
    rules = read(tmp_path, WHOLE)
    terms = rules.terms
    assert (rules.kata, terms.language, terms.per_learner) == (
        "lottery_ticket", "de", NBGRADER_LAYOUT,
    )  # fmt: skip
    kata, course = load("lottery_ticket"), load("lottery_ticket").under(terms)
    points = {check.id: check.points for check in course.checks}
    assert points == {check.id: check.points for check in kata.checks} | {"mask": 4, "conduct": 0}
    assert [check.title for check in course.checks] == [check.title for check in kata.checks]


def test_a_kata_stays_as_it_is(tmp_path: Path) -> None:
    kata = load("lottery_ticket")
    before = [check.points for check in kata.checks], len(kata.draw_cases("s", hidden=True))
    kata.under(read(tmp_path, WHOLE).terms)
    assert ([c.points for c in kata.checks], len(kata.draw_cases("s", hidden=True))) == before


@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("name", names())
def test_further_cases_stand_beside_the_katas_own(tmp_path: Path, name: str, hidden: bool) -> None:  # noqa: FBT001
    kata = load(name)
    own = kata.draw_cases("s", hidden=hidden)
    terms = read(tmp_path, f'kata = "{name}"{CASE * 2}').terms
    cases = kata.under(terms).draw_cases("s", hidden=hidden)
    assert [case.id for case in cases[: len(own)]] == [case.id for case in own]
    further = cases[len(own) :]
    assert [(len(case.trained), tuple(case.example.shape)) for case in further] == [(2, (4, 8))] * 2
    assert {case.hidden for case in further} == {hidden}
    assert len({case.id for case in cases}) == len(cases)
    judge = Judge(kata, further)
    verdicts = judge.verdicts([observe(kata.reference, case) for case in further])
    assert {verdict.outcome for verdict in verdicts} == {Outcome.PASSED}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    assert WRONG[text] in refused(tmp_path, text)


@pytest.mark.parametrize("change", WRONG_CASES)
def test_a_case_that_is_not_fair_is_told_in_one_line(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    said = refused(tmp_path, CASE + CASE.replace(*change))
    assert WRONG_CASES[change] in said
    assert "is no TOML" in said or "[[cases]] number 2: " in said


@pytest.mark.parametrize("code", [
    "__import__('os').system('echo')", "ReLU().__class__", "(lambda: ReLU())()", "eval('ReLU()')",
    "ReLU().register_forward_hook(ReLU)", "[ReLU() for _ in '12'][0]", "ReLU(**{})", "ReLU() or 1",
    "Sequential.__init__.__globals__", "f'{ReLU()}'", "ReLU(10 ** 9)", "(x := ReLU())", "torch",
])  # fmt: skip
def test_a_recipe_makes_modules_and_does_nothing_else(code: str) -> None:
    with pytest.raises(ValueError, match=r"recipe|no module"):
        small_model(code, most=100)


def test_a_recipe_with_a_prefix_is_told_to_go_without() -> None:
    with pytest.raises(ValueError, match=r"hold \.Linear; modules are named alone$"):
        small_model("nn.Linear(3, 2)", most=100)


def test_a_recipe_may_ask_for_double() -> None:
    model = small_model("Sequential(Linear(3, 2, bias=False), PReLU(init=-0.5)).double()", most=100)
    assert isinstance(model, nn.Sequential)
    assert {str(parameter.dtype) for parameter in model.parameters()} == {"torch.float64"}


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="cannot be read: No such file"):
        read_rules(tmp_path / "other.toml")
    (tmp_path / FILE).write_bytes(b"\xff")
    with pytest.raises(RulesError, match="no UTF-8 text"):
        read_rules(tmp_path / FILE)


def test_a_mark_that_windows_writes_first_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'\xef\xbb\xbflanguage = "de"\n')
    assert read_rules(tmp_path / FILE).terms.language == "de"


def test_without_a_file_the_kata_is_as_it_is(tmp_path: Path) -> None:
    rules = rules_in_force(None, "lottery_ticket", tmp_path)
    assert rules == Rules("lottery_ticket", AS_IT_IS)


def test_another_kata_than_the_files_is_refused(tmp_path: Path) -> None:
    read(tmp_path, WHOLE)
    assert rules_in_force(None, "lottery_ticket", tmp_path).terms.per_learner
    with pytest.raises(RulesError, match='kata is "lottery_ticket", but toy was asked for'):
        rules_in_force(None, "toy", tmp_path)


def test_a_kata_that_takes_no_further_cases_says_so() -> None:
    with pytest.raises(LookupError, match="toy takes no further cases"):
        toy.kata.under(Terms(cases=("{}",)))


@pytest.mark.parametrize("name", [
    "right_textbook", "right_numpy_argpartition", "wrong_per_layer_l1", "wrong_no_rewind_textbook",
    "wrong_rounds_up_ceil", "wrong_shares_data", "wrong_two_per_layer_and_no_rewind",
])  # fmt: skip
def test_a_further_case_changes_no_samples_verdict(tmp_path: Path, name: str) -> None:
    kata = load("lottery_ticket").under(read(tmp_path, CASE).terms)
    judge = Judge(kata, kata.draw_cases("a secret", hidden=True))
    verdicts = judge.verdicts(observations_of(name, judge.cases))
    assert verdict_of(verdicts) == golden(SAMPLES / name)


def test_a_result_depends_on_points_and_cases(tmp_path: Path) -> None:
    settings = Settings("lottery_ticket", "a secret")
    terms = [AS_IT_IS, read(tmp_path, "[points]\nmask = 4").terms, read(tmp_path, CASE).terms]
    keys = {key_of(replace(settings, terms=one), "content") for one in terms}
    assert len(keys) == len(terms)


def test_the_rules_reach_a_worker_and_the_seed_is_in_no_text(tmp_path: Path) -> None:
    import pickle  # noqa: PLC0415 - as Dask sends a batch

    settings = Settings("lottery_ticket", "a secret", terms=read(tmp_path, WHOLE).terms)
    batch = pickle.loads(pickle.dumps(Batch(settings, "1", ())))
    assert batch.settings == settings
    assert hash(batch.settings) == hash(settings)
    assert "a secret" not in repr(batch)


def test_where_the_seed_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_SEED", raising=False)
    assert seed_in_force(None, tmp_path) == ("public hidden", False)
    (tmp_path / SEED_FILE).write_text("of the file\n", encoding="utf-8")
    assert seed_in_force("", tmp_path) == ("of the file", True)
    monkeypatch.setenv("AUTOGRADER_SEED", "of the environment")
    assert seed_in_force(None, tmp_path) == ("of the environment", True)
    assert seed_in_force("given", tmp_path) == ("given", True)


def test_a_seed_that_is_no_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SEED", "\udcff")
    with pytest.raises(SeedError, match="the seed in AUTOGRADER_SEED is no UTF-8 text"):
        seed_in_force(None, tmp_path)
    with pytest.raises(SeedError, match="the seed that was given is no UTF-8 text"):
        seed_in_force("half \ud800", tmp_path)


@pytest.mark.parametrize(
    ("content", "why"), [(b" \n", "holds no seed"), (b"\xff", "it is no text")]
)
def test_a_seed_that_cannot_be_used_is_never_replaced_by_the_public_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, why: str
) -> None:
    monkeypatch.delenv("AUTOGRADER_SEED", raising=False)
    (tmp_path / SEED_FILE).write_bytes(content)
    with pytest.raises(SeedError, match=why):
        seed_in_force(None, tmp_path)
