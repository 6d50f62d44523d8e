"""Wrong programs that people believe to be right, family by family, most specific first.

Each is registered by its decorator: the first docstring line is the belief, the rest says why it
is not so. Most differ from the right program in one place, which is what they pass to `step`.
Importing this package registers them in the order in which they are to be named.
"""

# isort: off
from autograder.katas.lottery_ticket.misconceptions import which_weights
from autograder.katas.lottery_ticket.misconceptions import how_torch_is_told
from autograder.katas.lottery_ticket.misconceptions import which_order
from autograder.katas.lottery_ticket.misconceptions import how_many
from autograder.katas.lottery_ticket.misconceptions import rounds
from autograder.katas.lottery_ticket.misconceptions import rewind
from autograder.katas.lottery_ticket.misconceptions import conduct
# isort: on

__all__ = [
    "conduct", "how_many", "how_torch_is_told", "rewind", "rounds", "which_order", "which_weights",
]  # fmt: skip
