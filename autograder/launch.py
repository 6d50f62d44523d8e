"""Starts a module of this package as a process of its own, which imports nothing from elsewhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = str(Path(__file__).parent.parent)
_START = (
    "import gc, runpy, sys; gc.disable(); _, root, *sys.argv = sys.argv;"
    " sys.path.insert(0, root); runpy.run_module(sys.argv[0], run_name='__main__')"
)


def launch(
    module: str, *arguments: object, keep: Sequence[int], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start it, in a session of its own: an interrupt from the keyboard reaches its parent only.

    Nothing is collected while it imports, which takes a quarter of that time: it has to say
    `gc.enable()` when it is ready.

    Args:
        module: Its name in the package.
        arguments: What it finds in `sys.argv`.
        keep: The descriptors that it shall have.
        environment: All of its environment.
    """
    command = [sys.executable, "-I", "-c", _START, _ROOT, f"autograder.{module}"]
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        pass_fds=keep,
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
