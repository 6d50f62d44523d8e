"""Verdicts from observations, on the toy kata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from autograder.beliefs import Beliefs
from autograder.endings import kind_of
from autograder.expected import Expected
from autograder.grading import Grader
from autograder.judge import Judge
from autograder.kata import Check, Clause, Given, Kata, Program, Sees, as_it_is, name_of
from autograder.probe import observe
from autograder.records import (
    Case,
    Fault,
    Finding,
    Grading,
    Grid,
    Observation,
    Outcome,
    Status,
    Submission,
    Unjudged,
    Verdict,
)  # fmt: skip
from autograder.settings import Settings
from tests.engine.examples import SAMPLES
from tests.katas import toy
from tests.preloaded import grading_is_forked

SHOWN = toy.kata.draw_cases("a seed", hidden=False)
HIDDEN = toy.kata.draw_cases("a secret", hidden=True)


def judged(program: Program, judge: Judge | None = None) -> dict[str, Verdict]:
    judge = judge or Judge(toy.kata, [*SHOWN, *HIDDEN])
    verdicts = judge.verdicts([observe(program, case) for case in judge.cases])
    return {verdict.check: verdict for verdict in verdicts}


def weights_only(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> nn.Module:
    del initial
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("weight"):
                parameter.mul_(factor)
    return model


def fails_here(*_: object, **__: object) -> None:
    raise KeyError("0.weight_orig")  # here


def test_a_right_program_passes_every_check() -> None:
    verdicts = judged(toy.scale)
    assert {v.outcome for v in verdicts.values()} == {Outcome.PASSED}
    assert [(v.points, v.max_points) for v in verdicts.values()] == [(2, 2), (1, 1)]
    assert verdicts["scaled"].title == "Every parameter is its trained value times the factor."


def test_cases_are_judged_small_ones_first_and_the_smallest_failing_one_is_shown() -> None:
    judge = Judge(toy.kata, tuple(reversed(SHOWN)))
    assert [case.id for case in judge.cases] == ["one", "two"]
    assert judged(weights_only, judge)["scaled"].case == "one"


def test_a_failed_check_has_a_finding_no_points_and_its_belief() -> None:
    verdict = judged(weights_only)["scaled"]
    assert (verdict.outcome, verdict.points, verdict.max_points) == (Outcome.FAILED, 0, 2)
    assert verdict.finding is not None
    assert (verdict.finding.got, verdict.finding.expected) == ("not all", "all")
    assert [belief.id for belief in verdict.explained_by] == ["weights_only"]


def test_a_check_after_one_that_failed_is_not_reached() -> None:
    verdict = judged(weights_only)["same_model"]
    assert (verdict.outcome, verdict.points) == (Outcome.SKIPPED, 0)
    assert verdict.reason == "the check 'scaled' comes first"
    assert verdict.finding is None


def test_a_program_that_nobody_believes_in_is_failed_without_a_belief() -> None:
    def odd(model: nn.Module, *_: object, **__: object) -> nn.Module:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.fill_(123.0)
        return model

    verdict = judged(odd)["scaled"]
    assert verdict.outcome is Outcome.FAILED
    assert verdict.explained_by == ()


def test_a_program_that_always_raises_is_not_reached_and_says_where() -> None:
    verdicts = judged(fails_here)
    assert {v.outcome for v in verdicts.values()} == {Outcome.SKIPPED}
    assert sum(v.points for v in verdicts.values()) == 0
    assert "KeyError" in verdicts["scaled"].reason
    assert 'raise KeyError("0.weight_orig")  # here' in verdicts["scaled"].reason


def test_a_program_that_raises_in_one_case_does_not_pass() -> None:
    def sometimes(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        if factor != 0.5:
            raise ValueError("another factor")
        return toy.scale(model, initial, factor)

    verdict = judged(sometimes)["scaled"]
    assert verdict.outcome is not Outcome.PASSED
    assert verdict.points == 0


def test_a_check_that_no_case_can_judge_is_skipped_with_the_reason() -> None:
    def never(*_: object) -> Unjudged:
        return Unjudged("nothing to see")

    check = Check("never", "Never.", 1, (), [Clause("never", never, as_it_is)])
    judge = Judge(replace(toy.kata, checks=[check]), SHOWN)
    verdict = judged(toy.scale, judge)["never"]
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, "nothing to see")
    assert verdict.explained_by == ()


def test_where_no_case_can_judge_the_reason_is_that_of_the_first() -> None:
    judge = judge_of_clauses(lambda _got, _want, case: Unjudged(f"of case {case.id}"))
    verdict = judged(toy.scale, judge)["several"]
    assert (verdict.reason, verdict.case) == ("of case one", "one")


def test_a_check_that_goes_wrong_is_a_fault_of_ours_and_leaves_the_others_alone() -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    broken = Check("broken", "It breaks.", 5, (), [Clause("broken", breaks, as_it_is)])
    judge = Judge(replace(toy.kata, checks=[broken, *toy.kata.checks]), SHOWN)
    observations = [observe(toy.scale, case) for case in judge.cases]
    reason = "the check itself failed (ZeroDivisionError: a fault of ours)"
    for explain in (True, False):
        first, *others = judge.verdicts(observations, explain=explain)
        assert first == Verdict("broken", "It breaks.", Outcome.ERRORED, 0, 5, reason=reason)
        assert {verdict.outcome for verdict in others} == {Outcome.PASSED}


def test_a_finding_in_a_hidden_case_shows_neither_place_nor_values() -> None:
    finding = judged(weights_only, Judge(toy.kata, HIDDEN))["scaled"].finding
    assert finding == Finding("parameters that are scaled", "not all", "all")
    finding = judged(weights_only, Judge(toy.kata, SHOWN))["scaled"].finding
    assert finding is not None
    assert "trained was" in finding.where


def test_an_open_case_is_shown_rather_than_a_hidden_one_of_the_same_size() -> None:
    judge = Judge(toy.kata, [*SHOWN, *HIDDEN])
    assert [case.hidden for case in judge.cases] == [False, True, False, True]


def test_at_most_three_beliefs_are_named_in_order_of_declaration() -> None:
    again = [
        replace(m, belief=replace(m.belief, id=f"{m.belief.id}_{n}"))
        for n in range(5)
        for m in toy.kata.misconceptions
        if m.belief.id == "weights_only"
    ]
    judge = Judge(replace(toy.kata, misconceptions=again), SHOWN)
    named = [belief.id for belief in judged(weights_only, judge)["scaled"].explained_by]
    assert named == ["weights_only_0", "weights_only_1", "weights_only_2"]


def test_beliefs_that_explain_the_same_equally_well_are_alternatives() -> None:
    first, *_ = [m for m in toy.kata.misconceptions if m.belief.id == "weights_only"]
    second = replace(first, belief=replace(first.belief, id="the_same_in_other_words"))
    judge = Judge(replace(toy.kata, misconceptions=[first, second]), SHOWN)
    verdict = judged(weights_only, judge)["scaled"]
    assert (len(verdict.explained_by), verdict.either) == (2, True)
    assert not judged(weights_only)["scaled"].either  # there is one alone


def test_beliefs_that_explain_a_failure_each_are_no_alternatives() -> None:
    clauses = [clause for check in toy.kata.checks for clause in check.clauses]
    check = Check("all", "All of it holds.", 1, (), clauses)
    verdict = judged(weights_only_and_none, Judge(replace(toy.kata, checks=[check]), SHOWN))["all"]
    assert {belief.id for belief in verdict.explained_by} == {"weights_only", "returns_none"}
    assert not verdict.either


def weights_only_and_none(
    model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5
) -> None:
    """Only weights are scaled, and nothing is returned.

    Two faults in one belief.
    """
    weights_only(model, initial, factor)


def with_a_double_fault() -> Judge:
    """A judge whose two checks do not wait for each other, and who knows of both faults at once."""
    checks = [replace(check, after=()) for check in toy.kata.checks]
    kata = replace(toy.kata, checks=checks, misconceptions=[*toy.kata.misconceptions])
    kata.misconception(hint="Which two?", see=toy.RULES)(weights_only_and_none)
    return Judge(kata, SHOWN)


def named_by(judge: Judge, program: Program) -> dict[str, list[str]]:
    verdicts = judged(program, judge)
    return {name: [b.id for b in verdict.explained_by] for name, verdict in verdicts.items()}


def test_one_belief_behind_two_failures_is_likelier_than_two_beliefs() -> None:
    both = ["weights_only_and_none"]
    assert named_by(with_a_double_fault(), weights_only_and_none) == {
        "scaled": both,
        "same_model": both,
    }


def test_a_belief_that_would_fail_what_holds_is_not_named_beside_one_that_would_not() -> None:
    judge = with_a_double_fault()
    assert named_by(judge, weights_only) == {"scaled": ["weights_only"], "same_model": []}
    assert named_by(judge, toy.returns_none) == {"scaled": [], "same_model": ["returns_none"]}


def test_a_belief_is_named_once_however_many_ways_there_are_to_write_it() -> None:
    kata = replace(toy.kata, misconceptions=[*toy.kata.misconceptions])
    kata.variant(of="weights_only")(weights_only_and_none)
    judge = Judge(kata, SHOWN)
    assert named_by(judge, weights_only)["scaled"] == ["weights_only"]
    assert named_by(judge, weights_only_and_none)["scaled"] == ["weights_only"]


def test_who_alone_explains_a_failure_is_not_named_if_it_fails_what_holds() -> None:
    checks = [replace(check, after=()) for check in toy.kata.checks]
    kata = replace(toy.kata, checks=checks, misconceptions=[])
    kata.misconception(hint="Which?", see=toy.RULES)(weights_only_and_none)
    judge = Judge(kata, SHOWN)
    assert named_by(judge, weights_only)["scaled"] == []
    assert named_by(judge, weights_only_and_none)["scaled"] == ["weights_only_and_none"]


def test_a_variant_needs_a_misconception_that_is_there() -> None:
    with pytest.raises(LookupError, match="no misconception named 'nobody' yet"):
        toy.kata.variant(of="nobody")


def test_exceptions_of_one_type_with_other_messages_are_other_beliefs() -> None:
    kata = replace(toy.kata, misconceptions=[])

    @kata.misconception(hint="Which key?", see=toy.RULES)
    def looks_up_orig(model: nn.Module, *_: object, **__: object) -> None:
        """The key is there.

        It is not.
        """
        raise KeyError(f"{module_in(model, 0)}.weight_orig")

    def same_kind(model: nn.Module, *_: object, **__: object) -> None:
        raise KeyError(f"{module_in(model, -1)}.weight_orig")

    def another_name(model: nn.Module, *_: object, **__: object) -> None:
        raise KeyError(f"{module_in(model, 0)}.weight")

    def no_such_module(*_: object, **__: object) -> None:
        raise KeyError("model.0.weight_orig")

    def module_in(model: nn.Module, place: int) -> str:
        return [*model.state_dict()][place].rpartition(".")[0]

    judge = Judge(kata, SHOWN)
    assert named_by(judge, same_kind)["scaled"] == ["looks_up_orig"]
    for another_kind in (another_name, no_such_module):
        assert named_by(judge, another_kind)["scaled"] == []


def test_the_same_observations_get_the_same_verdicts_again_and_from_another_judge() -> None:
    judge, other = (Judge(toy.kata, [*SHOWN, *HIDDEN]) for _ in range(2))
    first = judged(weights_only, judge)
    judged(toy.scale, judge)
    judged(fails_here, judge)
    assert judged(weights_only, judge) == first
    assert judged(weights_only, other) == first


def test_as_many_observations_as_cases_are_asked_for() -> None:
    judge = Judge(toy.kata, SHOWN)
    observations = [observe(toy.scale, case) for case in judge.cases]
    seen = judge.verdicts(observations[:1])
    assert Outcome.PASSED not in {verdict.outcome for verdict in seen}


def test_an_unreached_submission_has_every_check_skipped() -> None:
    verdicts = toy.kata.unreached("it could not be read")
    assert [(v.check, v.outcome, v.points, v.max_points, v.reason) for v in verdicts] == [
        ("scaled", Outcome.SKIPPED, 0, 2, "it could not be read"),
        ("same_model", Outcome.SKIPPED, 0, 1, "it could not be read"),
    ]


def test_beliefs_are_left_out_where_they_are_not_asked_for() -> None:
    judge = Judge(toy.kata, SHOWN)
    observations = [observe(weights_only, case) for case in judge.cases]
    bare = judge.verdicts(observations, explain=False)
    told = judge.verdicts(observations)
    assert bare == tuple(replace(verdict, explained_by=()) for verdict in told)
    assert told[0].explained_by


def test_cases_of_more_rounds_come_later_however_small_they_are() -> None:
    large, small = (next(case for case in SHOWN if case.id == name) for name in ("two", "one"))
    more = replace(small, trained=small.trained * 2)
    assert Judge(toy.kata, [more, large, small]).cases == (small, large, more)


def judge_of_clauses(*clauses: Sees) -> Judge:
    named = [Clause(f"clause_{n}", sees, as_it_is) for n, sees in enumerate(clauses)]
    check = Check("several", "All of them hold.", 1, (), named)
    return Judge(replace(toy.kata, checks=[check], misconceptions=[]), SHOWN)


def in_case(name: str, answer: Finding | Unjudged) -> Sees:
    return lambda _got, _want, case: answer if case.id == name else None


def test_the_first_clause_that_fails_is_shown_with_its_case() -> None:
    first, second = Finding("a", "b", "c"), Finding("d", "e", "f")
    judge = judge_of_clauses(in_case("two", first), in_case("one", second))
    verdict = judged(toy.scale, judge)["several"]
    assert (verdict.finding, verdict.case) == (first, "two")


def test_a_clause_that_failed_is_not_asked_of_further_cases() -> None:
    asked = []

    def fails(_got: Observation, _want: Observation, case: Case) -> Finding:
        asked.append(case.id)
        return Finding("a", "b", "c")

    judge = judge_of_clauses(fails)
    judge.verdicts([observe(toy.scale, case) for case in judge.cases], explain=False)
    assert asked == ["one"]


def test_a_check_that_some_cases_judge_is_not_skipped_for_the_others() -> None:
    judge = judge_of_clauses(in_case("one", Unjudged("nothing to see")))
    assert judged(toy.scale, judge)["several"].outcome is Outcome.PASSED


def test_one_case_that_cannot_be_judged_decides_where_it_is_decisive() -> None:
    def unjudged(*args: object) -> Unjudged:
        return Unjudged(f"of case {args[2].id}", decisive=args[2].id == "two")

    def half(_got: object, _want: object, case: Case) -> Unjudged | None:
        return Unjudged("of half", decisive=True) if case.id == "one" else None

    assert judged(toy.scale, judge_of_clauses(unjudged))["several"].reason == "of case two"
    verdict = judged(toy.scale, judge_of_clauses(half, unjudged))["several"]
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, "of half")


@pytest.mark.parametrize("order", [(False, True), (True, False)])
def test_what_led_to_a_verdict_is_told_by_the_clause_that_decided(order: tuple[bool, ...]) -> None:
    """An answer may claim that the call returned, and an exception besides."""

    def unjudged(*, decisive: bool) -> Sees:
        return lambda *_: Unjudged("it decides" if decisive else "another", decisive=decisive)

    judge = judge_of_clauses(*(unjudged(decisive=decisive) for decisive in order))
    verdict = Verdict("several", "All of them hold.", Outcome.SKIPPED, 0, 1, case="one")
    seen = replace(observe(toy.scale, SHOWN[0]), fault=Fault("KeyError", ""))
    assert judge.seen_in(verdict, seen).reason == "it decides"


def test_a_failure_counts_more_than_what_cannot_be_judged() -> None:
    found = Finding("a", "b", "c")
    judge = judge_of_clauses(in_case("one", Unjudged("x", decisive=True)), in_case("two", found))
    assert judged(toy.scale, judge)["several"].finding == found


def test_a_hidden_case_tells_only_pythons_own_exceptions_and_no_message() -> None:
    class SecretError(Exception):
        pass

    for error, told in ((ValueError("secret"), "ValueError"), (SecretError("s"), "Exception")):

        def raises(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        hidden = judged(raises, Judge(toy.kata, HIDDEN))["scaled"].reason
        shown = judged(raises, Judge(toy.kata, SHOWN))["scaled"].reason
        assert hidden == f"the call raised {told}"
        assert shown == f"the call raised {type(error).__name__}: {error} in the line `raise error`"


def test_an_exception_of_no_known_line_is_told_without_one() -> None:
    raised = Observation(Status.RAISED, fault=Fault("KeyError", ""))
    verdict = Judge(toy.kata, SHOWN).verdicts([raised] * len(SHOWN))[0]
    assert verdict.reason == "the call raised KeyError"


def test_a_hidden_case_tells_the_type_alone_of_what_stops_training() -> None:
    def stuck_of(got: Observation, _want: object, _case: object) -> Finding:
        return Finding("stuck", got.rounds[0].stuck, "")

    def breaks(model: nn.Module, *_: object, **__: object) -> nn.Module:
        model[0].bias.data = torch.zeros(9)
        return model

    check = Check("stuck", "It trains.", 1, (), [Clause("stuck", stuck_of, as_it_is)])
    kata = replace(toy.kata, checks=[check])
    hidden, shown = (judged(breaks, Judge(kata, cases))["stuck"] for cases in (HIDDEN, SHOWN))
    assert hidden.finding == Finding("stuck", "RuntimeError", "")
    assert shown.finding is not None
    assert shown.finding.got.startswith("RuntimeError: ")
    works = judged(toy.scale, Judge(kata, HIDDEN))["stuck"].finding
    assert works == Finding("stuck", "", "")


def test_a_case_that_does_not_help_to_explain_is_left_out_of_explaining() -> None:
    """What the program does there neither names a belief nor speaks against one."""

    def odd_in_one(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        toy.scale(model, initial, 9) if factor == 0.5 else weights_only(model, initial, factor)
        return model

    one, two = sorted(SHOWN, key=lambda case: case.id)
    assert named_by(Judge(toy.kata, [one, two]), odd_in_one)["scaled"] == []
    judge = Judge(toy.kata, [replace(one, telling=False), two])
    assert named_by(judge, odd_in_one)["scaled"] == ["weights_only"]
    assert named_by(judge, weights_only)["scaled"] == ["weights_only"]


def raising(error: Exception, factor: float) -> Program:
    """Make a program that scales weights only, and raises for every other factor."""

    def raises(model: nn.Module, initial: Mapping[str, Tensor], factor_: float) -> nn.Module:
        if factor_ != factor:
            raise error
        return weights_only(model, initial, factor_)

    def program(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> nn.Module:
        """It works for one factor.

        There are others.
        """
        return raises(model, initial, factor)

    return program


def kata_that_knows(program: Program) -> Kata:
    kata = replace(toy.kata, misconceptions=[])
    kata.misconception(hint="Which factor?", see=toy.RULES)(program)
    return kata


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (KeyError("0.weight_orig"), ["program"]),
        (KeyError("2.weight_orig"), []),
        (KeyError("2.weight_mask"), []),
        (ValueError("0.weight_orig"), []),
    ],
    ids=repr,
)
def test_who_fails_in_one_case_and_raises_in_another_is_explained_by_both(
    error: Exception, named: list[str]
) -> None:
    judge = Judge(kata_that_knows(raising(KeyError("0.weight_orig"), 0.5)), SHOWN)
    assert named_by(judge, raising(error, 0.5))["scaled"] == named


def right_but_raising(error: Exception, *, factor: float = 0.5) -> Program:
    def program(model: nn.Module, initial: Mapping[str, Tensor], factor_: float) -> nn.Module:
        if factor_ != factor:
            raise error
        return toy.scale(model, initial, factor_)

    def raises(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> nn.Module:
        """It is right for one factor.

        There are others.
        """
        return program(model, initial, factor)

    return raises


def test_who_raises_in_one_case_alone_is_explained_by_who_does_as_well() -> None:
    judge = Judge(kata_that_knows(right_but_raising(KeyError("a b c d e"))), SHOWN)
    for error, named in (
        (KeyError("a b c d e"), ["raises"]),
        (KeyError("a b c d other"), ["raises"]),
        (KeyError("a b c other e"), []),
        (TypeError("a b c d e"), []),
    ):
        assert named_by(judge, right_but_raising(error))["scaled"] == named, error
    assert named_by(judge, right_but_raising(KeyError("a b c d e"), factor=0.25))["scaled"] == []
    assert named_by(judge, fails_here)["scaled"] == []


def test_in_which_round_an_exception_is_raised_tells_beliefs_apart() -> None:
    def in_round(number: int) -> Program:
        turns = iter(range(9))

        def raises(model: nn.Module, *_: object, **__: object) -> nn.Module:
            """It works once.

            It is called again.
            """
            if next(turns) % 3 == number:
                raise KeyError
            return model

        return raises

    cases = [replace(SHOWN[0], trained=SHOWN[0].trained[:1] * 2)]
    check = replace(
        toy.kata.checks[0], clauses=[Clause("never", in_case("one", Unjudged("x")), as_it_is)]
    )
    kata = replace(kata_that_knows(in_round(1)), checks=[check])
    assert named_by(Judge(kata, cases), in_round(1))["scaled"] == ["raises"]
    assert named_by(Judge(kata, cases), in_round(0))["scaled"] == []


def test_a_vague_belief_is_named_for_its_own_clauses_where_nothing_else_explains() -> None:
    kata = replace(toy.kata, misconceptions=[*toy.kata.misconceptions])
    asked = []

    @kata.vague_misconception(hint="Which?", see=toy.RULES, clauses=["scaled"])
    def something_else(observations: Sequence[Observation], cases: Sequence[Case]) -> bool:
        """Anything goes.

        It does not.
        """
        asked.append((len(observations), len(cases)))
        return True

    def odd(model: nn.Module, *_: object, **__: object) -> None:
        model[0].weight.data.fill_(123.0)

    checks = [replace(check, after=()) for check in kata.checks]
    judge = Judge(replace(kata, checks=checks), SHOWN)
    assert named_by(judge, odd) == {"scaled": ["something_else"], "same_model": ["returns_none"]}
    assert named_by(judge, weights_only)["scaled"] == ["weights_only"]
    assert set(asked) == {(2, 2)}


def test_what_is_expected_is_remembered_for_each_call_apart() -> None:
    calls = []

    def counts(model: nn.Module, *_: object, **keywords: object) -> nn.Module:
        calls.append(keywords)
        return model

    expected, case = Expected(), SHOWN[0]
    others = [
        replace(case, keywords={"factor": 0.125}),
        replace(case, arguments=(*case.arguments, 0.75), keywords={}),
        replace(case, trained=case.trained[:1]),
        replace(case, states={**case.states}),
        replace(case, arguments=(0.5, "@initial")),
        replace(case, arguments=(0.25, "@initial")),
        replace(case, keywords={"factor": True}),
        replace(case, keywords={"factor": 1}),
        replace(case, trained=case.trained[::-1]),
        replace(case, example=case.example.clone()),
        replace(case, training=not case.training),
    ]
    for one in (case, *others):
        first = expected.observe(counts, one)
        made = len(calls)
        assert expected.observe(counts, replace(one)) is first
        assert len(calls) == made
    assert expected.observe(toy.scale, case) is not expected.observe(counts, case)
    assert len({id(expected.observe(counts, one)) for one in (case, *others)}) == len(others) + 1


def test_a_vague_belief_is_named_neither_for_other_clauses_nor_where_it_says_no() -> None:
    def odd(model: nn.Module, *_: object, **__: object) -> nn.Module:
        model[0].weight.data.fill_(123.0)
        return model

    for clause, says in (("scaled", True), ("scaled", False), ("same_model", True)):
        kata = replace(toy.kata, misconceptions=[])

        @kata.vague_misconception(hint="Which?", see=toy.RULES, clauses=[clause])
        def something_else(*_: object, says: bool = says) -> bool:
            """Anything goes.

            It does not.
            """
            return says

        named = ["something_else"] if clause == "scaled" and says else []
        assert named_by(Judge(kata, SHOWN), odd)["scaled"] == named


def own_factor(got: Observation, case: Case) -> Case:
    """Take as given by how much the submission scales the first weight."""
    weights = (state["0.weight"] for state in (got.rounds[0].state, case.trained[0]))
    seen, trained = (float(weight.flatten()[0]) for weight in weights)
    return replace(case, keywords={"factor": seen / trained})


def taking_the_factor_as_given(kata: Kata) -> Kata:
    check = kata.find_check("scaled")
    return replace(
        kata, checks=[replace(check, clauses=[replace(check.clauses[0], given=own_factor)])]
    )


def test_what_a_submission_answered_may_be_given_to_a_wrong_program_or_not() -> None:
    def squares(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        """The factor is squared, and for weights only.

        It is the factor, and for all.
        """
        return weights_only(model, initial, factor**2)

    kata = taking_the_factor_as_given(kata_that_knows(squares))
    assert named_by(Judge(kata, SHOWN), squares)["scaled"] == ["squares"]
    kata = taking_the_factor_as_given(toy.kata)
    assert named_by(Judge(kata, SHOWN), squares)["scaled"] == ["weights_only"]


def the_same_again(_: Observation, case: Case) -> Case:
    """Take nothing as given, in a case that is no longer one of the judge's."""
    return replace(case)


@pytest.mark.parametrize("given", [as_it_is, the_same_again])
def test_no_wrong_program_is_run_where_what_fails_tells_nothing(given: Given) -> None:
    calls = []

    def counts(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        """It is counted.

        It counts for nothing.
        """
        calls.append(factor)
        return weights_only(model, initial, factor)

    def odd_in_one(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        return toy.scale(model, initial, factor if factor != 0.5 else 9)

    one, two = sorted(SHOWN, key=lambda case: case.id)
    kata = kata_that_knows(counts)
    check = kata.find_check("scaled")
    clauses = [replace(clause, given=given) for clause in check.clauses]
    kata = replace(kata, checks=[replace(check, clauses=clauses)])
    judge = Judge(kata, [replace(one, telling=False), two])
    verdict = judged(odd_in_one, judge)["scaled"]
    assert (verdict.outcome, verdict.explained_by) == (Outcome.FAILED, ())
    assert calls == []
    assert named_by(judge, weights_only)["scaled"] == ["counts"]


def test_who_cannot_be_judged_where_the_submission_is_does_not_explain_it() -> None:
    def raises_in_two(
        model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5
    ) -> object:
        """It works for one factor.

        There are others.
        """
        if factor != 0.5:
            raise ValueError
        return weights_only(model, initial, factor)

    def right_in_two(
        model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5
    ) -> object:
        return (weights_only if factor == 0.5 else toy.scale)(model, initial, factor)

    judge = Judge(kata_that_knows(raises_in_two), SHOWN)
    assert named_by(judge, right_in_two)["scaled"] == []
    assert named_by(judge, raises_in_two)["scaled"] == ["raises_in_two"]


def test_an_exception_of_one_side_in_a_later_round_is_no_other_failure() -> None:
    turns = iter(range(99))

    def raises_then(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        """It is called once.

        It is called again.
        """
        if next(turns) % 2:
            raise ValueError
        return weights_only(model, initial, factor)

    assert named_by(Judge(kata_that_knows(raises_then), SHOWN), weights_only)["scaled"]
    assert named_by(Judge(toy.kata, SHOWN), raises_then)["scaled"] == ["weights_only"]


def shifting(in_one: float, in_two: float, *, raises: bool = False) -> Program:
    """Make a program that scales rightly and shifts the biases, by another amount in each case."""
    calls = []

    def shifts(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> nn.Module:
        """Biases are shifted.

        They are not.
        """
        calls.append(factor)
        if raises and calls.count(0.25) == 2:
            raise ValueError
        toy.scale(model, initial, factor)
        model[0].bias.data += in_one if factor == 0.5 else in_two
        return model

    return shifts


def test_who_is_nearly_right_where_the_submission_fails_explains_it_if_it_gets_as_far() -> None:
    def far(got: Observation, want: Observation, _: Case) -> Finding | None:
        seen, due = (side.rounds[0].state["0.bias"] for side in (got, want))
        return Finding("bias", "far", "near") if (seen - due).abs().max() > 1.5 else None

    for raises, named in ((False, ["shifts"]), (True, [])):
        kata = kata_that_knows(shifting(2, 1, raises=raises))
        check = replace(kata.find_check("scaled"), clauses=[Clause("far", far, as_it_is)])
        kata = replace(kata, checks=[check])
        assert named_by(Judge(kata, SHOWN), shifting(2, 2))["scaled"] == named
        where_it_is_right = [replace(case, telling=case.id == "two") for case in SHOWN]
        assert named_by(Judge(kata, where_it_is_right), shifting(2, 2))["scaled"] == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("a b c d 'x' 'y'", "a b c d 'z' 'y'", True),
        ("a b c d 'y'", "a b c d 'z'", False),
        ("a b c d e 'y'", "a b c d e 'z'", False),
        ("a b c d 'x' e", "a b c d 'y' e", True),
        ("a b c d", "a b c e", False),
        ("f() missing a b c", "g.h() missing a b c", True),
        ("a 'x.y.weight'", "a 'z.weight'", True),
        ("a 'x.weight'", "a 'x.bias'", False),
        ("a 'x.weight'", "a 'w.weight'", False),
        ("a 'v.weight'", "a 'w.weight'", True),
        ('a b c d e "x.weight"', 'a b c d f "z.weight"', True),
        ('a b c d e "x.weight"', 'a b c d e "x.weight", "x.bias"', False),
    ],
)
def test_exceptions_are_of_one_kind_if_they_begin_alike_and_miss_the_same(
    one: str, other: str, *, alike: bool
) -> None:
    state = {f"{module}.weight": torch.ones(1) for module in ("x", "x.y", "z")}
    case = replace(SHOWN[0], states={"initial": state})
    kinds = [kind_of(Fault("KeyError", message), case) for message in (one, other)]
    assert (kinds[0] == kinds[1]) == alike
    assert kinds[0] != kind_of(Fault("ValueError", one), case)


def test_after_warming_up_no_wrong_program_is_run_again() -> None:
    calls = []

    def counts(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        """It is counted.

        It counts for nothing.
        """
        calls.append(factor)
        return weights_only(model, initial, factor)

    kata = kata_that_knows(counts)
    kata.vague_misconception(hint="Which?", see=toy.RULES, clauses=["scaled"])(never_so)
    judge = Judge(kata, SHOWN)
    made = [len(calls) for _ in judge.warm_up()]
    assert made == [0, 0, 2, 4]  # the reference; two rounds in each case, the small one first
    assert set(calls[:2]) == {0.5}
    assert named_by(judge, weights_only)["scaled"] == ["counts"]
    assert len(calls) == 4


@pytest.mark.parametrize(
    ("record", "coarse", "further", "runs"),
    [
        (None, False, (), True),
        (["scaled"], False, (), True),
        (["same_model"], False, (), False),
        (["same_model"], True, (), True),
        (["same_model"], False, ("a course's own case",), True),
    ],
)
def test_to_explain_a_failure_only_those_are_run_that_are_not_on_record_as_without_it(
    record: list[str] | None,
    coarse: bool,  # noqa: FBT001 - as declared
    further: tuple[str, ...],
    runs: bool,  # noqa: FBT001 - what is expected
) -> None:
    calls = []

    def counts(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        """It is counted.

        It counts for nothing.
        """
        calls.append(factor)
        return weights_only(model, initial, factor)

    kata = replace(kata_that_knows(counts), _further=further)
    kata.set_failures({} if record is None else {name_of(counts): record})
    clause = replace(kata.checks[0].clauses[0], coarse=coarse)
    assert kata.may_fail(counts, clause) is runs
    if not coarse:
        assert named_by(Judge(kata, SHOWN), weights_only)["scaled"] == ["counts"] * runs
        assert bool(calls) is runs


def never_so(*_: object) -> bool:
    """It is never so.

    It is not.
    """
    return False


def test_what_led_to_a_failure_is_looked_up_in_the_open_case() -> None:
    hidden, shown = (judged(weights_only, Judge(toy.kata, cases)) for cases in (HIDDEN, SHOWN))
    judge = Judge(toy.kata, SHOWN)
    seen = [observe(weights_only, case) for case in judge.cases]
    for case, got in zip(judge.cases, seen, strict=True):
        failed = replace(hidden["scaled"], case=case.id)
        finding = judge.seen_in(failed, got).finding
        assert finding is not None
        assert finding.where.endswith(f"{case.trained[0]['0.bias'].tolist()}")
    assert judge.seen_in(hidden["scaled"], seen[0]) == replace(
        shown["scaled"], explained_by=hidden["scaled"].explained_by
    )
    right = observe(toy.scale, judge.cases[0])
    assert judge.seen_in(hidden["scaled"], right) == hidden["scaled"]
    broken = replace(seen[0], rounds=(None,))
    assert judge.seen_in(hidden["scaled"], broken) == hidden["scaled"]


def test_what_led_to_a_failure_is_drawn() -> None:
    grid = Grid("a", "b", ())
    judge = judge_of_clauses(in_case("one", Finding("a", "b", "c", draw=lambda: (grid,))))
    failed = judged(toy.scale, judge)["several"]
    assert failed.finding is not None
    assert (failed.finding.grids, failed.finding.draw) == ((grid,), None)
    bare = replace(failed, finding=Finding("a", "b", "c"))
    assert judge.seen_in(bare, observe(toy.scale, SHOWN[0])) == failed


def test_why_nothing_was_judged_is_looked_up_in_the_open_case() -> None:
    judge = Judge(toy.kata, SHOWN)
    skipped = judged(fails_here, Judge(toy.kata, HIDDEN))["scaled"]
    raised = observe(fails_here, judge.cases[0])
    assert "0.weight_orig" not in skipped.reason.partition(" in the line")[0]
    assert judge.seen_in(skipped, raised).reason == judged(fails_here, judge)["scaled"].reason
    silent = Observation(Status.RETURNED)
    assert judge.seen_in(skipped, silent) == skipped


def test_a_coarse_clause_weighs_among_what_explains_others_and_names_nothing_itself() -> None:
    def tripling(*names: str) -> Program:
        def triples(
            model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5
        ) -> nn.Module:
            """Three times as much.

            Once will do.
            """
            toy.scale(model, initial, factor)
            for name in names:
                model.get_parameter(f"0.{name}").data *= 3
            return model

        triples.__name__ = "_and_".join(names)
        return triples

    def other(name: str) -> Sees:
        def sees(got: Observation, want: Observation, _: Case) -> Finding | None:
            seen, due = (side.rounds[0].state[f"0.{name}"] for side in (got, want))
            return None if torch.equal(seen, due) else Finding(name, "other", "as due")

        return sees

    kata = replace(toy.kata, misconceptions=[])
    programs = [tripling("weight"), tripling("bias"), tripling("weight", "bias")]
    for program in programs:
        kata.misconception(hint="How often?", see=toy.RULES)(program)
    clauses = [
        Clause("weight", other("weight"), as_it_is),
        Clause("bias", other("bias"), as_it_is, coarse=True),
    ]
    check = replace(kata.find_check("scaled"), clauses=clauses)
    judge = Judge(replace(kata, checks=[check]), SHOWN)
    named = [named_by(judge, program)["scaled"] for program in programs]
    assert named == [["weight"], [], ["weight_and_bias"]]


def test_what_a_wrong_program_does_is_judged_anew_for_each_case_that_is_given() -> None:
    def half_only(model: nn.Module, initial: Mapping[str, Tensor], factor: float = 0.5) -> object:
        return (toy.scale if factor == 0.5 else weights_only)(model, initial, factor)

    judge, case = Judge(toy.kata, SHOWN), SHOWN[0]
    beliefs = Beliefs(judge.kata, judge.cases, Expected(judge.cases))
    clause = replace(toy.kata.find_check("scaled").clauses[0], given=own_factor)
    found = [
        beliefs._judged(half_only, clause, case, replace(case, keywords={"factor": factor}))
        for factor in (0.5, 0.25, 0.5)
    ]
    assert [isinstance(one, Finding) for one in found] == [False, True, False]


# Scorecards

SPARSE = """
def find_winning_ticket_step(model, state, prune_amount=0.2):
    for parameter in model.parameters():
        parameter.data = parameter.data.to_sparse()
    return model
"""
NO_SHAPE = """
import torch

def find_winning_ticket_step(model, state, prune_amount=0.2):
    for layer in model.modules():
        layer.weight_mask = layer.weight_orig = torch.ones(1)
    return model
"""
OWN_TENSORS = """
import torch

def find_winning_ticket_step(model, state, prune_amount=0.2):
    for layer in model.modules():
        if isinstance(layer, (torch.nn.Linear, torch.nn.Conv2d)):
            for name in ("weight_mask", "weight_orig"):
                layer.register_buffer(name, (layer.weight.detach() > 0).to(torch.DTYPE))
    return model
"""


@pytest.fixture(scope="module")
def grader():
    with grading_is_forked():
        grader = Grader(Settings("lottery_ticket", seed="a secret", timeout=30.0))
        yield grader
        grader.close()


def test_a_right_sample_is_graded_with_all_points(grader: Grader) -> None:
    card = grader.grade_path(SAMPLES / "right_textbook" / "solution.py", "alice").card
    assert (card.submission, card.status, card.points, card.max_points) == (
        "alice", Grading.GRADED, 10, 10
    )  # fmt: skip
    assert card.message == ""
    assert {"autograder", "python", "torch"} <= card.versions.keys()


def test_a_check_that_goes_wrong_makes_the_scorecard_an_error_without_points() -> None:
    with grading_is_forked():
        grader = Grader(Settings("lottery_ticket", seed="a secret", timeout=30.0))

    def breaks(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    broken = Check("broken", "It breaks.", 5, (), [Clause("broken", breaks, as_it_is)])
    reviewer = grader._reviewers["lottery_ticket"]
    reviewer.kata = replace(reviewer.kata, checks=[*reviewer.kata.checks, broken])
    reviewer._hidden = Judge(reviewer.kata, reviewer._hidden.cases)
    reviewer._open = Judge(reviewer.kata, reviewer._open.cases)
    path = SAMPLES / "right_textbook" / "solution.py"
    try:
        card = grader.grade_path(path).card
        assert (card.status, card.points) == (Grading.ERROR, None)
        assert "ZeroDivisionError" in card.message
        outcomes = {v.check: v.outcome for v in card.verdicts}
        assert outcomes.pop("broken") is Outcome.ERRORED
        assert set(outcomes.values()) == {Outcome.PASSED}
        broken.clauses[0] = Clause("broken", lambda *_: None, as_it_is)
        card = grader.grade_path(path).card  # a fault that passes is not remembered
        assert (card.status, card.points) == (Grading.GRADED, 15)
    finally:
        grader.close()


@pytest.mark.parametrize(
    "source",
    [
        "def find_winning_ticket_step(m, s, prune_amount=0.2):\n    raise ValueError('\\ud800')\n",
        "x = '\ud800'\ndef find_winning_ticket_step(m, s, prune_amount=0.2):\n    return m, 1\n",
        "\0",
        "def find_winning_ticket_step(m, s, prune_amount=0.2):\n    m.weight = s.clear()\n",
        "def find_winning_ticket_step(m, s, prune_amount=0.2):\n    del m._modules\n",
        "find_winning_ticket_step = print\n",
        SPARSE,
        NO_SHAPE,
        *(OWN_TENSORS.replace("DTYPE", dtype) for dtype in ("bool", "bfloat16", "int64")),
    ],
    ids=["half_exception", "half_source", "nul", "emptied", "no_modules", "print", "sparse",
         "no_shape", "masks_bool", "masks_bfloat16", "masks_int64"],
)  # fmt: skip
def test_whatever_a_learner_does_is_graded(grader: Grader, source: str) -> None:
    submission = Submission("odd", (source,), "find_winning_ticket_step", attempted=True)
    card = grader.grade(submission).card
    assert card.status is Grading.GRADED, card.message
    assert card.points == 0
    assert Outcome.ERRORED not in {v.outcome for v in card.verdicts}
    assert card.execution.status in set(Status)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_ends_a_program_of_ours_from_outside_is_not_kept(error: type[BaseException]) -> None:
    """An interrupt in the middle of a check must not spoil all checks to come."""
    ends = [error]

    def interrupted(*arguments: object, **keywords: object) -> object:
        if ends:
            raise ends.pop()
        return toy.scale(*arguments, **keywords)  # type: ignore[arg-type]

    expected = Expected(SHOWN)
    with pytest.raises(error):
        expected.observe(interrupted, SHOWN[0])
    assert expected.observe(interrupted, SHOWN[0]).status is Status.RETURNED
