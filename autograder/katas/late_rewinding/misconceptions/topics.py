"""Where a hint sends the learner: what this notebook says otherwise than the lottery ticket's."""

from __future__ import annotations

from autograder.records import Topic

THREE_STATES = Topic(
    "The rules",
    "the table of the three states, and what each of them is for",
    "One weight is 0.9 at the start, 0.4 after k steps and 0.1 in the end. It is ranked by 0.1, and"
    " if that is among the smallest, it goes. Either way `weight_orig` is 0.4 afterwards, and 0.9"
    " is used for nothing.",
)
REWIND = Topic(
    "The rules",
    "“Rewind”, the word in italics",
    "A layer holds 0.4, 0.6 and −0.9 after k steps, is trained on to 1.5, −0.2 and 0.7, and loses"
    " the second. Afterwards `weight_orig` is 0.4, 0.6 and −0.9: all of θₖ, to the last bit, the"
    " pruned entry too. That 0.6 is out of use is told by the mask alone.",
)
EVERY_ROUND = Topic(
    "The rules",
    "“Later rounds”, what θₖ is in each of them",
    "θₖ is saved once, on the first way from θ₀. Round one trains to 1.5 and goes back to the 0.4"
    " that a weight had after k steps; round two trains from there to 1.2 and goes back to the very"
    " same 0.4.",
)
