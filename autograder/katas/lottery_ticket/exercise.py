"""The exercise itself: what is asked for, and the right answer. Checks and beliefs are added to it.

Source: Frankle & Carbin 2018, arXiv 1803.03635, sections 1 and 2.
"""

from __future__ import annotations

from autograder.kata import Kata
from autograder.katas.lottery_ticket.reference import find_winning_ticket_step

kata = Kata(
    id="lottery_ticket",
    title="Implement Lottery Ticket Hypothesis Pruning",
    entry_point="find_winning_ticket_step",
)
kata.set_reference(find_winning_ticket_step)
