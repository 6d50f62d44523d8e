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
        self._counted: set[str] = set()  # of the last try

    def count(self, attempt: object, beliefs: Iterable[Belief]) -> Mapping[str, int]:
        """Count a try, and tell how many hints are open for each belief by its id.

        Args:
            attempt: What was tried. The same object again is no new try, though other beliefs may
                be met with it.
            beliefs: Those that were met.
        """
        if attempt is not self._last:
            self._last, self._counted = attempt, set()
        new = {belief.id for belief in beliefs} - self._counted
        self._met.update(new)
        self._counted |= new
        return dict(self._met)
