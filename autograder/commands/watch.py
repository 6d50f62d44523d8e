"""`python -m autograder watch NOTEBOOK`: check a notebook again whenever it is saved."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from autograder.commands import rules
from autograder.commands.options import seconds
from autograder.commands.voice import (
    FAILED,
    INTERRUPTED,
    add_language,
    is_terminal,
    say,
    show,
)
from autograder.confine import UnconfinedError
from autograder.language import catalogue, language_in_force
from autograder.notebook import UnreadableError, contents
from autograder.recognition import kata_at
from autograder.records import Outcome
from autograder.report import ALL_HINTS, as_text
from autograder.settings import DEFAULT_TIMEOUT
from autograder.texts import printable

if TYPE_CHECKING:
    from autograder.tryout import Tried, Tryout

_CLEAR = "\x1b[H\x1b[2J"
_LOOK_EVERY_MS = 1000
_QUIET_MS, _AT_MOST_MS = 50, 200  # how long a save may take before it is looked at


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("watch", help="check a notebook again whenever it is saved")
    parser.add_argument("path", type=Path, metavar="NOTEBOOK", help=".ipynb or .py file")
    parser.add_argument("--timeout", type=seconds, default=DEFAULT_TIMEOUT, metavar="SECONDS",
                        help="for each run of the notebook (default: %(default)g)")  # fmt: skip
    parser.add_argument("--hints", type=int, choices=range(1, ALL_HINTS + 1),
                        help="how many hints to open at once (default: one more each time the"
                        " same belief shows)")  # fmt: skip
    parser.add_argument("--allow-unconfined", action="store_true",
                        help="run it even where the kernel cannot confine code")  # fmt: skip
    add_language(parser)
    rules.add_to(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    course, _ = rules.rules_for(options, quiet=False)
    language = language_in_force(options.language, course=course.terms.language)
    words = catalogue(language)
    try:
        contents(options.path)  # there is nothing to wait for where a name is misspelt
        begins = "Watching {line}. Ctrl-C ends. The first check takes seconds."
        show(printable(words(begins, line=options.path)))
        from autograder.tryout import Tryout  # noqa: PLC0415 - the workers load this module, too

        with ExitStack() as stack:
            tryout = Tryout(
                course.kata or kata_at(options.path),
                timeout=options.timeout,
                allow_unconfined=options.allow_unconfined,
                terms=course.terms,
            )
            stack.callback(tryout.close)
            desk = stack.enter_context(ThreadPoolExecutor(1))
            stack.callback(tryout.close)  # first, or the desk would finish what it has in hand
            _Watch(options.path, tryout, desk, options.hints, language).go_on()
    except UnreadableError as error:
        say(words(str(error)))
    except UnconfinedError as error:
        say(f"{error}; `python -m autograder doctor` says how to get it, --allow-unconfined runs"
            " it all the same: do that with your own notebook only")  # fmt: skip
    except OSError as error:
        why = error.strerror or error
        say(words("{line} cannot be watched any more: {text}", line=options.path, text=why))
    except KeyboardInterrupt:
        say(words("stopped"))
        return INTERRUPTED
    return FAILED


class _Watch:
    """Has the file checked at the desk, a thread of its own, while it looks for the next save."""

    def __init__(
        self,
        path: Path,
        tryout: Tryout,
        desk: ThreadPoolExecutor,
        hints: int | None,
        language: str,
    ) -> None:
        self._path, self._tryout, self._desk, self._hints = path, tryout, desk, hints
        self._language, self._words = language, catalogue(language)
        self._warming = tryout.warm_up()
        self._checking: Future[None] | None = None
        self._stale = Event()
        self._over = Event()  # nothing can be shown any more

    def go_on(self) -> None:
        """Check each state of the file until Ctrl-C; what is out of date is not finished."""
        try:
            for state in _states(self._path, self._over):
                if self._checking is not None:
                    self._abandon(self._checking)
                    changed = self._words(
                        "{line} has changed; looking at it.", line=self._path.name
                    )
                    show(printable(f"\n{changed}"))
                self._stale = Event()
                self._checking = self._desk.submit(self._check, state, self._stale)
                self._checking.add_done_callback(self._end_if_unheard)
                self._desk.submit(self._warm_up, self._stale)
            if self._checking is not None:
                self._checking.result()  # raises why it is over
        finally:
            self._stale.set()

    def _abandon(self, checking: Future[None]) -> None:
        self._stale.set()
        while not checking.done():  # it may be about to start a run
            self._tryout.interrupt()
            wait([checking], timeout=0.05)
        checking.result()  # raises if nothing can be shown any more

    def _end_if_unheard(self, checking: Future[None]) -> None:
        if not checking.cancelled() and checking.exception() is not None:
            self._over.set()

    def _check(self, state: bytes | str, stale: Event) -> None:
        try:
            said = self._tryout.check(state, self._path) if isinstance(state, bytes) else state
        except Exception as error:  # noqa: BLE001 - a fault of ours, or Ctrl-C, which is no news
            said = f"the check itself failed ({type(error).__name__}: {error})"
        if not stale.is_set():
            clear = _CLEAR if is_terminal(sys.stdout) else ""
            status = self._words(
                "Watching {line}, checked at {time}. Ctrl-C ends.",
                line=self._path,
                time=time.strftime("%H:%M:%S"),
            )
            show(f"{clear}{self._told(said)}\n\n{printable(status)}")

    def _told(self, said: Tried | str) -> str:
        if isinstance(said, str):
            return f"{printable(self._words(said))}."
        opened = dict.fromkeys(said.opened, self._hints) if self._hints else said.opened
        option = f"--hints {ALL_HINTS}"
        text = as_text(said.card, opened=opened, language=self._language, option=option)
        passed = all(verdict.outcome is Outcome.PASSED for verdict in said.card.verdicts)
        return f"{text}\n{self._words('All checks pass.')}" if passed else text

    def _warm_up(self, stale: Event) -> None:
        """Get ready for wrong answers as long as there is nothing else to do."""
        for _ in self._warming:
            if stale.is_set():
                return


def _states(path: Path, over: Event) -> Iterator[bytes | str]:
    """Tell what the file holds, now and after each change until it is over, or why it cannot be."""
    known: bytes | str | None = None
    for _ in _looks(path, over):
        try:
            state: bytes | str = contents(path)
        except UnreadableError as error:
            state = f"{error}; the watch goes on until it can be"
        if state != known:
            known = state
            yield state


def _looks(path: Path, over: Event) -> Iterator[None]:
    """Come back now and whenever something was done to the file, in whatever way it was saved.

    Also now and then: some network and container file systems tell of no change, and a folder that
    was put in the place of another tells it to nobody.
    """
    from watchfiles import watch  # noqa: PLC0415 - see above

    yield
    changes = watch(
        path.parent,
        watch_filter=lambda _, changed: Path(changed).name == path.name,
        recursive=False,
        step=_QUIET_MS,
        debounce=_AT_MOST_MS,
        rust_timeout=_LOOK_EVERY_MS,
        yield_on_timeout=True,
        stop_event=over,
    )
    try:
        for _ in changes:
            yield
    except RuntimeError as error:  # among others, where the kernel grants no further watch
        raise OSError(str(error)) from error
