"""The exercise itself: what is asked for, and the right answer. Checks and beliefs are added to it.

Source: Frankle, Dziugaite, Roy & Carbin 2020, arXiv 1912.05671, algorithm 2.
"""

from __future__ import annotations

from autograder.kata import Kata
from autograder.katas.late_rewinding.reference import find_late_rewinding_ticket_step

kata = Kata(
    id="late_rewinding",
    title="Rewind a Lottery Ticket to an Early Step of Training",
    entry_point="find_late_rewinding_ticket_step",
)
kata.set_reference(find_late_rewinding_ticket_step)
