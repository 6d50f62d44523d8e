"""What an instructor sets for a course: it travels, with the seed, to whoever grades."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Terms:
    """What is other than the kata says.

    Attributes:
        points: What checks are worth, by their ids; the others keep their points.
        cases: Further cases, each a JSON object with the fields that the kata takes.
        language: In which learners are told what was found; empty where the course does not say.
        per_learner: How a path names its learner, who then has hidden cases of their own, see
            `autograder.variants`; empty if all have the same.
    """

    points: tuple[tuple[str, float], ...] = ()
    cases: tuple[str, ...] = ()
    language: str = ""
    per_learner: str = ""


AS_IT_IS = Terms()
"""The kata as it is."""
