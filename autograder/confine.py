"""Takes a forked child's rights away before the learner's first line runs.

In force today: a process and session of its own, no descriptors but its own pipes, a scratch
folder for a home, and limits on memory, processor time, file size and core dumps. The file
system and the network are not closed off.
"""

from __future__ import annotations

import os
import resource
import signal
import tempfile

IN_FORCE = ("process", "scratch_folder", "limits")
MEMORY_BYTES = 2 * 2**30
FILE_BYTES = 64 * 2**20


def confine(scratch: str, seconds: float) -> None:
    """Confine the calling process, for good.

    Args:
        scratch: An existing empty folder: working directory, home and temporary folder.
        seconds: Wall-clock limit of the submission; processor time is bounded a little above.
    """
    os.setsid()
    os.chdir(scratch)
    os.environ.clear()
    os.environ.update(HOME=scratch, TMPDIR=scratch, PATH="/usr/bin:/bin", LANG="C.UTF-8")
    tempfile.tempdir = None
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    cpu = int(seconds) + 5
    for kind, bound in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, _address_space() + MEMORY_BYTES),
    ):
        resource.setrlimit(kind, (bound, bound))


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        return int(statm.read().split()[0]) * resource.getpagesize()
