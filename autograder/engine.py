"""One database engine for all of nbgrader's gradebooks in a process.

nbgrader opens about nine gradebooks for each learner. Each makes an engine, looks for all tables
and compiles its queries anew, which takes more time than all else that nbgrader does, and there is
no public way to hand it one. This is the only place that changes nbgrader itself.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy.orm import scoped_session
from traitlets.config import Application

_BEGIN, _CLOSE = Gradebook.__init__, Gradebook.close


@contextmanager
def shared() -> Iterator[None]:
    """Let a `Gradebook` that is opened like an earlier one take over its engine.

    Its session is its own, so that several may be open at once. An nbgrader whose gradebooks are
    built otherwise is left alone.
    """
    if Gradebook.__init__ is not _BEGIN:  # shared already
        yield
        return
    opened: dict[tuple[Any, ...], Gradebook] = {}

    def begin_like_the_first(self: Gradebook, *arguments: Any, **named: Any) -> None:
        key = (*arguments, *sorted(named.items()))
        first = opened.get(key)
        if first is None:
            _BEGIN(self, *arguments, **named)
            if {"engine", "db"} <= vars(self).keys():
                opened[key] = self
        else:
            vars(self).update(vars(first), db=scoped_session(first.db.session_factory))

    def close_session(self: Gradebook) -> None:
        if any(self.engine is first.engine for first in opened.values()):
            self.db.remove()
        else:
            _CLOSE(self)

    Gradebook.__init__, Gradebook.close = begin_like_the_first, close_session
    try:
        yield
    finally:
        Gradebook.__init__, Gradebook.close = _BEGIN, _CLOSE
        for first in opened.values():
            first.close()


def ends_with_this_process() -> bool:
    """Tell whether this process is `nbgrader autograde`, and not formgrader's server, say.

    That one lives on, and may open another database.
    """
    return Application.initialized() and type(Application.instance()).__name__ == "AutogradeApp"


@cache
def share_in_autograde() -> None:
    """Share the engine in a process that is `nbgrader autograde`, and ends with it."""
    if ends_with_this_process():
        sharing = ExitStack()
        sharing.enter_context(shared())
        atexit.register(sharing.close)
