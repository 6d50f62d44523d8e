"""The clauses of the contract, as relations between two observations.

Each function says what differs between `got` and `want` in a case. `want` is what the reference
did when a submission is judged, and what a wrong program did when a failure is explained. Only
tensors and plain facts are compared; every comparison rejects NaN and other shapes.

Importing this package registers the checks in the order in which people read them, which is not
the alphabet's.
"""

# isort: off
from autograder.katas.lottery_ticket.checks import mask
from autograder.katas.lottery_ticket.checks import sparsity
from autograder.katas.lottery_ticket.checks import rewind
from autograder.katas.lottery_ticket.checks import rounds
from autograder.katas.lottery_ticket.checks import conduct
from autograder.katas.lottery_ticket.checks import training
# isort: on

__all__ = ["conduct", "mask", "rewind", "rounds", "sparsity", "training"]
