"""The kata: one step of iterative magnitude pruning with rewinding to θ₀.

Source: Frankle & Carbin 2018, arXiv 1803.03635, section 2.
"""

from autograder.katas.lottery_ticket.cases import draw
from autograder.katas.lottery_ticket.checks import kata

kata.set_cases(draw)

from autograder.katas.lottery_ticket import misconceptions  # noqa: E402, F401 - fills the registry

__all__ = ["kata"]
