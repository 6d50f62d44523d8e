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
from sqlalchemy.engine import Connection
from sqlalchemy.orm import scoped_session, sessionmaker
from traitlets.config import Application

_BEGIN, _CLOSE = Gradebook.__init__, Gradebook.close


class Sharing:
    """The engines that are shared, each by the gradebooks that are opened alike.

    Open one of each kind before the first transaction: an engine that is made in one ends it.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._opened: dict[tuple[Any, ...], Gradebook] = {}
        self._joined: dict[str, Connection] | None = None

    @contextmanager
    def one_transaction(self) -> Iterator[None]:
        """Write what gradebooks write in here in one transaction for each database.

        It is written at the end, after an exception, too, or with `commit`. A process that is
        killed or interrupted before has written nothing. Gradebooks opened in here see what each
        other writes.
        """
        self._joined = {}
        try:
            try:
                yield
            except Exception:
                self.commit()
                raise
            self.commit()
        finally:
            for connection in self._joined.values():
                connection.close()
            self._joined = None

    def commit(self) -> None:
        """Write what was written so far in a transaction that goes on, if there is one.

        Raises:
            SQLAlchemyError: It cannot be written.
        """
        for connection in (self._joined or {}).values():
            if connection.in_transaction():
                connection.commit()

    def begin(self, gradebook: Gradebook, *arguments: Any, **named: Any) -> None:
        """Take over an engine, if there is one, for a gradebook that is opened."""
        key = (*arguments, *sorted(named.items()))
        first = self._opened.get(key)
        if first is None:
            self.commit()  # its engine is another one, which would wait for that
            _BEGIN(gradebook, *arguments, **named)
            if not {"engine", "db"} <= vars(gradebook).keys():
                return
            self._opened[key] = gradebook
        else:
            sessions = scoped_session(sessionmaker(first.engine))
            vars(gradebook).update(vars(first), db=sessions)
        if self._joined is not None:
            gradebook.db = scoped_session(self._joining(self._joined, gradebook))

    def close(self, gradebook: Gradebook) -> None:
        """End the session of a gradebook; its engine stays, if it is shared."""
        if any(gradebook.engine is first.engine for first in self._opened.values()):
            gradebook.db.remove()
        else:
            _CLOSE(gradebook)

    def end(self) -> None:
        """Let go of all engines."""
        for first in self._opened.values():
            first.db.remove()
            first.engine.dispose()

    def _joining(self, joined: dict[str, Connection], gradebook: Gradebook) -> sessionmaker[Any]:
        """Make sessions whose commits are those of a transaction that goes on.

        Source: SQLAlchemy, "Joining a Session into an External Transaction".
        """
        url = str(gradebook.engine.url)
        if url not in joined:
            joined[url] = gradebook.engine.connect()
        if not joined[url].in_transaction():
            joined[url].begin()
        return sessionmaker(joined[url], join_transaction_mode="rollback_only")


@contextmanager
def shared() -> Iterator[Sharing]:
    """Let a `Gradebook` that is opened like an earlier one take over its engine.

    Its session is its own, so that several may be open at once. An nbgrader whose gradebooks are
    built otherwise is left alone.
    """
    sharing = Sharing()
    if Gradebook.__init__ is not _BEGIN:  # shared already
        yield sharing
        return

    def begin(gradebook: Gradebook, *arguments: Any, **named: Any) -> None:
        sharing.begin(gradebook, *arguments, **named)

    def close(gradebook: Gradebook) -> None:
        sharing.close(gradebook)

    Gradebook.__init__, Gradebook.close = begin, close
    try:
        yield sharing
    finally:
        Gradebook.__init__, Gradebook.close = _BEGIN, _CLOSE
        sharing.end()


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
