"""What every kata must hold: right passes, nothing earns nothing, each error is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

import pytest
import torch
from torch import nn

from autograder.answers import read_answers
from autograder.judge import Judge
from autograder.kata import Check, Clause, Misconception, Program, as_it_is, name_of, names
from autograder.language import catalogue_of, entries_in, languages
from autograder.notebook import read
from autograder.probe import observe
from autograder.records import Grading, Observation, Outcome, Status, Submission
from autograder.sandbox import Sandbox
from autograder.wire import encode_answer
from tests.failures import failures_in, own_rows, rows_of
from tests.katas import toy
from tests.katas.all import KATAS, judge_elsewhere, judge_of, kata_of, verdicts_of
from tests.translations.heard import heard_of, heard_of_engine, translated_katas


def _program_name(misconception: Misconception) -> str:
    program = misconception.model or misconception.predicate
    return getattr(program, "__name__", misconception.belief.id)


MISCONCEPTIONS = [
    pytest.param(name, misconception, id=f"{name}-{_program_name(misconception)}")
    for name in KATAS
    for misconception in kata_of(name).misconceptions
]

TRANSLATED = [(c, name) for c in languages() if c != "en" for name in translated_katas(c)]


def program_of(name: str, misconception: Misconception) -> Program:
    if misconception.model is not None:
        return misconception.model
    belief = misconception.belief.id
    example: Program | None = getattr(import_module(f"tests.katas.vague.{name}"), belief, None)
    assert example, f"{name}, {belief}: a vague belief needs an example in tests/katas/vague"
    return example


def untouched(model: nn.Module, *_: object, **__: object) -> nn.Module:
    return model


def nothing(*_: object, **__: object) -> None:
    pass


@pytest.mark.parametrize("name", KATAS)
def test_the_reference_passes_every_check(name: str) -> None:
    outcomes = {v.check: v.outcome for v in verdicts_of(name, kata_of(name).reference)}
    assert outcomes == {check.id: Outcome.PASSED for check in kata_of(name).checks}


@pytest.mark.parametrize("name", KATAS)
@pytest.mark.parametrize("program", [untouched, nothing])
def test_doing_nothing_earns_nothing(name: str, program: Program) -> None:
    verdicts = verdicts_of(name, program)
    assert [v.points for v in verdicts] == [0] * len(verdicts)
    assert Outcome.ERRORED not in {v.outcome for v in verdicts}


@pytest.mark.parametrize("name", KATAS)
def test_each_check_is_failed_by_some_misconception(name: str) -> None:
    failed = {
        verdict.check
        for misconception in kata_of(name).misconceptions
        for verdict in verdicts_of(name, program_of(name, misconception))
        if verdict.outcome is Outcome.FAILED
    }
    assert failed == {check.id for check in kata_of(name).checks}


@pytest.mark.parametrize(("name", "misconception"), MISCONCEPTIONS)
def test_a_misconception_loses_points_and_is_named_as_itself_and_nothing_else(
    name: str, misconception: Misconception
) -> None:
    verdicts = verdicts_of(name, program_of(name, misconception))
    assert sum(v.points for v in verdicts) < kata_of(name).max_points
    assert Outcome.ERRORED not in {v.outcome for v in verdicts}
    named = [belief.id for verdict in verdicts for belief in verdict.explained_by]
    assert set(named) == {misconception.belief.id}


@pytest.mark.parametrize(("name", "misconception"), MISCONCEPTIONS)
def test_the_two_sides_of_a_finding_differ(name: str, misconception: Misconception) -> None:
    for verdict in verdicts_of(name, program_of(name, misconception)):
        if verdict.finding is not None:
            assert verdict.finding.got != verdict.finding.expected, verdict.check


@pytest.mark.parametrize("name", KATAS)
def test_a_wrong_program_does_the_same_each_time(name: str) -> None:
    judge = judge_of(name)
    for misconception in kata_of(name).misconceptions:
        if misconception.model is None:
            continue
        program = misconception.model
        for case in judge.cases[::5]:  # small and large ones, with one round and with more
            anew, kept = observe(program, case), judge._expected.observe(program, case)
            assert encode_answer(anew) == encode_answer(kept), (misconception.belief.id, case.id)


@pytest.mark.parametrize("name", KATAS)
def test_a_failed_check_has_a_finding_and_a_skipped_one_a_reason(name: str) -> None:
    for misconception in kata_of(name).misconceptions:
        for verdict in verdicts_of(name, program_of(name, misconception)):
            assert (verdict.finding is not None) == (verdict.outcome is Outcome.FAILED)
            assert bool(verdict.reason) == (verdict.outcome is Outcome.SKIPPED)


@pytest.mark.parametrize("name", KATAS)
def test_verdicts_do_not_depend_on_the_seed(name: str) -> None:
    judge = judge_elsewhere(name)
    for misconception in kata_of(name).misconceptions:
        if misconception.model is None:
            continue
        program = misconception.model
        observations = [judge._expected.observe(program, case) for case in judge.cases]
        seen = judge.verdicts(observations, explain=False)
        expected = verdicts_of(name, program)
        assert [v.outcome for v in seen] == [v.outcome for v in expected], misconception.belief.id


@pytest.mark.parametrize("name", names())
def test_what_each_wrong_program_fails_is_on_record(name: str) -> None:
    """If not, `python -m tests.failures` puts it there."""
    kata, judge = kata_of(name), judge_elsewhere(name)
    programs = {name_of(m.model) for m in kata.misconceptions if m.model}
    assert programs - kata._failures.keys() == set()
    assert rows_of(name).keys() - programs == set()
    found = failures_in(kata, judge.cases, judge._expected)
    assert {n for n, failed in found.items() if not failed <= set(kata._failures[n])} == set()


@pytest.mark.parametrize("name", names())
def test_what_another_kata_has_on_record_is_not_said_again(name: str) -> None:
    """`python -m tests.failures` leaves it out."""
    assert own_rows(name, rows_of(name)) == rows_of(name)


@pytest.mark.parametrize(("code", "name"), TRANSLATED)
def test_all_that_a_kata_says_is_translated(code: str, name: str) -> None:
    assert heard_of(name, code).missing - heard_of_engine(code).missing == set()


@pytest.mark.parametrize(("code", "name"), TRANSLATED)
def test_no_entry_of_a_translation_is_unused(code: str, name: str) -> None:
    assert set(entries_in(catalogue_of(name, code))) - heard_of(name, code).used == set()


@pytest.mark.parametrize("name", KATAS)
def test_cases_have_names_of_their_own_and_differ_between_seeds(name: str) -> None:
    kata = kata_of(name)
    one, other = (kata.draw_cases(seed, hidden=True) for seed in ("one", "other"))
    ids = [case.id for case in one]
    assert len(set(ids)) == len(ids)
    assert ids == [case.id for case in other]
    for case, twin in zip(one, other, strict=True):
        assert case.hidden
        for key, value in case.trained[0].items():
            if value.numel() > 1:
                assert not torch.equal(value, twin.trained[0][key]), (case.id, key)


@pytest.mark.parametrize("name", KATAS)
def test_the_same_seed_draws_the_same_cases(name: str) -> None:
    one, other = (kata_of(name).draw_cases("a seed", hidden=False) for _ in range(2))
    for case, twin in zip(one, other, strict=True):
        assert torch.equal(case.example, twin.example)
        for values, again in zip(case.trained, twin.trained, strict=True):
            assert all(torch.equal(values[key], again[key]) for key in values)


# The toy kata, from its file to its points


@pytest.mark.parametrize(
    ("source", "points", "named"),
    [(toy.RIGHT, 3, []), (toy.WRONG, 0, ["weights_only"])],
    ids=["right", "wrong"],
)
def test_the_toy_kata_is_graded_from_end_to_end(
    sandbox: Sandbox, source: str, points: float, named: list[str]
) -> None:
    judge = judge_of("toy")
    submission = Submission("toy.py", (source,), "scale", attempted=True, script=True)
    execution = sandbox.run(submission, judge.cases)
    assert execution.status is Status.RETURNED
    _, observations = read_answers(execution, submission, judge.cases)
    verdicts = judge.verdicts(observations)
    assert sum(v.points for v in verdicts) == points
    assert [belief.id for v in verdicts for belief in v.explained_by] == named


def test_the_toy_stub_is_not_attempted(tmp_path) -> None:
    path = tmp_path / "toy.py"
    path.write_text(toy.STUB, encoding="utf-8")
    assert not read(path, entry_point=toy.kata.entry_point).attempted
    assert Grading.NOT_ATTEMPTED.value == "not_attempted"


def test_a_check_that_goes_wrong_is_ours_and_leaves_the_others_alone() -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    broken = Check("broken", "It breaks.", 5, (), [Clause("broken", breaks, as_it_is)])
    judge = Judge(replace(toy.kata, checks=[broken, *toy.kata.checks]), judge_of("toy").cases)
    observations = [observe(toy.scale, case) for case in judge.cases]
    outcomes = {v.check: v.outcome for v in judge.verdicts(observations)}
    assert outcomes == {
        "broken": Outcome.ERRORED,
        "scaled": Outcome.PASSED,
        "same_model": Outcome.PASSED,
    }


def test_a_fault_of_ours_in_explaining_a_check_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def behind(_: str, failed: Sequence[Clause], __: Sequence[Observation]) -> list[object]:
        if failed:
            raise ZeroDivisionError("a fault of ours")
        return []

    judge = Judge(toy.kata, judge_of("toy").cases)
    monkeypatch.setattr(judge._beliefs, "behind", behind)
    wrong = program_of("toy", toy.kata.misconceptions[0])
    outcomes = {v.outcome for v in judge.verdicts([observe(wrong, case) for case in judge.cases])}
    assert outcomes == {Outcome.ERRORED, Outcome.SKIPPED}  # one check comes after the other
