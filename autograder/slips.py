"""A friendly line after a cell that asks for a kata's function before it is defined.

IPython's events are added to and nothing is replaced: the traceback stays as it is.
"""

from __future__ import annotations

import sys
from typing import Any


def explain_missing_functions() -> None:
    """Listen to the notebook's cells, if this process runs one."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        shell.events.register("post_run_cell", _explain)


def _explain(result: Any) -> None:
    error = result.error_in_exec
    if not isinstance(error, NameError):
        return
    from autograder.kata import load, names  # noqa: PLC0415 - torch loads when it is needed

    if error.name in {load(kata).entry_point for kata in names()}:
        print(  # noqa: T201 - it belongs below the traceback
            f"{error.name} is not defined yet: run the cell that defines it, then this one again."
        )
