"""How long a process has run: what it waited for a processor does not count.

On a busy machine a right submission must not run out of time because others ran.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_MOST = 4  # no time lasts longer than so many times on the clock
_AFTER_THE_NAME = b") "
_STATE, _USER, _SYSTEM = 0, 11, 12  # counted from there, see proc_pid_stat(5)
_TICKS = os.sysconf("SC_CLK_TCK")


class Stopwatch:
    """Runs from the moment it is made; without `/proc` it is an ordinary one."""

    def __init__(self, pid: int) -> None:
        """Start."""
        self._place = Path(f"/proc/{pid}/stat")
        self._start = self._last = time.monotonic()
        self._waited = 0.0
        self._used = self._look()[1]

    def elapsed(self) -> float:
        """Tell the seconds since the start; look often, waiting is told from looks in between."""
        now = time.monotonic()
        runnable, used = self._look()
        if runnable:
            waited = self._waited + now - self._last - (used - self._used)
            self._waited = max(0.0, waited)
        self._last, self._used = now, used
        passed = now - self._start
        return max(passed - self._waited, passed / _MOST)

    def _look(self) -> tuple[bool, float]:
        """Tell whether the process could run now, and how many seconds it has."""
        try:
            fields = self._place.read_bytes().rpartition(_AFTER_THE_NAME)[2].split()
        except OSError:
            return False, 0.0
        return fields[_STATE] == b"R", (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
