"""What late rewinding has of its own: two states, and beliefs that speak of the right one."""

from __future__ import annotations

import pytest
import torch

from autograder.kata import load
from autograder.katas.late_rewinding.misconceptions.shared import LEFT_OUT
from autograder.katas.lottery_ticket.cases import DECAY, SITUATIONS, amount_of, prunable, shapes
from autograder.katas.lottery_ticket.states import symbol_of, target_of
from autograder.probe import observe
from autograder.records import Case

KATA, SIBLING = load("late_rewinding"), load("lottery_ticket")
CASES = KATA.draw_cases("a seed", hidden=True)
SIBLINGS = SIBLING.draw_cases("a seed", hidden=True)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


@every_case
def test_theta0_and_theta_k_differ_in_every_entry_that_ever_trained(case: Case) -> None:
    theta_0, theta_k = case.states["initial"], case.states["rewind"]
    frozen = next(situation.frozen for situation in SITUATIONS if situation.id == case.id)
    assert list(theta_0) == list(theta_k)
    for name in shapes(case.recipe):
        alike = theta_0[name] == theta_k[name]
        assert bool(alike.all() if name in frozen else not alike.any()), name
        assert (theta_0[name].shape, theta_0[name].dtype) == (
            theta_k[name].shape,
            theta_k[name].dtype,
        )


@every_case
def test_what_a_step_rewinds_to_is_theta_k(case: Case) -> None:
    assert target_of(case) is case.states["rewind"]
    assert symbol_of(case) == "θₖ"
    for snapshot in observe(KATA.reference, case).rounds:
        for name in prunable(case.recipe):
            assert torch.equal(snapshot.state[f"{name}_orig"], case.states["rewind"][name])


@every_case
def test_pruned_weights_stay_at_theta_k_in_training_or_decay(case: Case) -> None:
    decayed = next(situation.decayed for situation in SITUATIONS if situation.id == case.id)
    rounds = observe(KATA.reference, case).rounds
    for turn, (snapshot, trained) in enumerate(zip(rounds, case.trained[1:], strict=False), 1):
        for name in prunable(case.recipe):
            gone = snapshot.state[f"{name}_mask"] == 0
            due = case.states["rewind"][name] * (DECAY**turn if decayed else 1.0)
            assert torch.equal(trained[name][gone], due[gone])


@pytest.mark.parametrize(
    ("case", "sibling", "situation"), list(zip(CASES, SIBLINGS, SITUATIONS, strict=True))
)
def test_both_states_come_first_and_the_amount_as_in_the_sibling(case, sibling, situation) -> None:
    assert case.arguments == ("@initial", "@rewind", *sibling.arguments[1:])
    assert (case.keywords, case.later) == (sibling.keywords, sibling.later)
    assert amount_of(case) == (0.2 if situation.amount is None else situation.amount)


def test_no_belief_says_that_a_right_step_rewinds_to_theta0() -> None:
    taken_over = {
        m.belief.id.replace("theta0", state)
        for m in SIBLING.misconceptions
        for state in ("theta_k", "state")
    }
    for misconception in KATA.misconceptions:
        belief = misconception.belief
        if belief.id in taken_over and belief.id not in LEFT_OUT:
            told = (belief.title, belief.explanation, belief.hint, belief.see.place)
            assert not any("θ₀" in text for text in told), belief.id


def test_a_belief_that_is_left_out_is_one_of_the_siblings() -> None:
    assert {m.belief.id for m in SIBLING.misconceptions} >= LEFT_OUT


def test_the_states_that_a_call_spoils_are_not_called_by_one_name_alone() -> None:
    (check,) = [check for check in KATA.checks if check.id == "conduct"]
    (kept,) = [clause for clause in check.clauses if clause.id == "initial_state_is_kept"]
    (program,) = [m.model for m in KATA.misconceptions if m.belief.id == "edits_state"]
    found = kept.sees(observe(program, CASES[0]), observe(KATA.reference, CASES[0]), CASES[0])
    assert found.what == "entries of the given states that the call changed"
