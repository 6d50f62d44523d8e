"""How far a learner has climbed the ladder of hints: a rung more for every try.

Counted in this process only; nothing is stored and nothing sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from autograder.records import Belief


class Attempts:
    """Counts at how many tries each belief was met."""

    def __init__(self) -> None:
        """Begin without any try."""
        self._met: Counter[str] = Counter()
        self._last: object = None

    def count(self, attempt: object, beliefs: Iterable[Belief]) -> Mapping[str, int]:
        """Count a try, and tell how many hints are open for each belief by its id.

        Args:
            attempt: What was tried. The same object again is no new try.
            beliefs: Those that were met.
        """
        if attempt is not self._last:
            self._last = attempt
            self._met.update({belief.id for belief in beliefs})
        return dict(self._met)
