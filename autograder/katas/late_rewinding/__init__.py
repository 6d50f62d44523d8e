"""The kata: one step of iterative magnitude pruning that rewinds to an early step, θₖ.

Importing this package fills the registry: cases, then checks, then misconceptions.
"""

from autograder.katas.late_rewinding import checks, misconceptions
from autograder.katas.late_rewinding.cases import draw, draw_further
from autograder.katas.late_rewinding.exercise import kata
from autograder.katas.late_rewinding.failures import FAILURES
from autograder.katas.lottery_ticket.failures import FAILURES as FAILURES_OF_LOTTERY_TICKET
from autograder.katas.lottery_ticket.further import EXAMPLE

kata.set_cases(draw)
kata.set_further_cases(like=EXAMPLE)(draw_further)
kata.set_failures(FAILURES_OF_LOTTERY_TICKET | FAILURES)

__all__ = ["checks", "kata", "misconceptions"]
