"""The kata: one step of iterative magnitude pruning with rewinding to θ₀.

Importing this package fills the registry: cases, then checks, then misconceptions.
"""

from autograder.katas.lottery_ticket import checks, misconceptions
from autograder.katas.lottery_ticket.cases import draw
from autograder.katas.lottery_ticket.exercise import kata
from autograder.katas.lottery_ticket.failures import FAILURES
from autograder.katas.lottery_ticket.further import EXAMPLE, draw_further

kata.set_cases(draw)
kata.set_further_cases(like=EXAMPLE)(draw_further)
kata.set_failures(FAILURES)

__all__ = ["checks", "kata", "misconceptions"]
