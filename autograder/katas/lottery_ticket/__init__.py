"""The kata: one step of iterative magnitude pruning with rewinding to θ₀.

Importing this package fills the registry: cases, then checks, then misconceptions.
"""

from autograder.katas.lottery_ticket import checks, misconceptions
from autograder.katas.lottery_ticket.cases import draw
from autograder.katas.lottery_ticket.exercise import kata

kata.set_cases(draw)

__all__ = ["checks", "kata", "misconceptions"]
