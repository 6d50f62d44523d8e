"""What is told of weights that come from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from autograder.judge import Judge
from autograder.kata import load
from autograder.probe import observe
from autograder.records import Finding

KATA = load("lottery_ticket")
OTHER_SHAPES = [torch.empty(7_089_555, 0), torch.empty(1, 77), torch.empty(2, 3, dtype=torch.int16)]


def finding_of(values: Tensor, *, hidden: bool) -> Finding:
    """Judge a program that leaves these values where the smallest case has its weights."""

    def program(model: nn.Module, given: Mapping[str, Tensor], fraction: float = 0.2) -> nn.Module:
        KATA.reference(model, given, fraction)
        first = next(m for m in model.modules() if "weight_orig" in dict(m.named_parameters()))
        first._parameters["weight_orig"] = nn.Parameter(values, requires_grad=False)
        return model

    cases = KATA.draw_cases("a seed", hidden=hidden)
    judge = Judge(KATA, cases)
    verdicts = judge.verdicts([observe(program, case) for case in judge.cases], explain=False)
    found = next(verdict.finding for verdict in verdicts if verdict.check == "rewind")
    assert found is not None
    return found


@pytest.mark.parametrize("values", OTHER_SHAPES)
def test_a_hidden_case_tells_no_shape_that_a_submission_chose(values: Tensor) -> None:
    """It could be a value of the case."""
    assert finding_of(values, hidden=True) == finding_of(OTHER_SHAPES[0], hidden=True)


def test_an_open_case_tells_the_shape() -> None:
    found = finding_of(OTHER_SHAPES[1], hidden=False)
    assert found.got == "something else"
    assert found.where == "shape (1, 77), torch.float32"
