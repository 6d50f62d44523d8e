"""Wrong programs that people believe to be right: those of the lottery ticket kata, and own ones.

Importing this package registers them in the order in which they are to be named.
"""

# isort: off
from autograder.katas.late_rewinding.misconceptions import shared
from autograder.katas.late_rewinding.misconceptions import ranking
from autograder.katas.late_rewinding.misconceptions import rewinding
# isort: on

__all__ = ["ranking", "rewinding", "shared"]
