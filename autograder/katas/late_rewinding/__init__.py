"""The kata: one step of iterative magnitude pruning that rewinds to an early step, θₖ.

Importing this package fills the registry: cases, then checks, then misconceptions.
"""

from autograder.katas.late_rewinding import checks, misconceptions
from autograder.katas.late_rewinding.cases import draw
from autograder.katas.late_rewinding.exercise import kata

kata.set_cases(draw)

__all__ = ["checks", "kata", "misconceptions"]
