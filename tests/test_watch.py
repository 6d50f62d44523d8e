"""`python -m autograder watch`, as a learner starts it: a real process, a real file."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.commands.voice import FAILED, INTERRUPTED, UNHEARD
from autograder.tryout import Tried, Tryout
from tests.engine.examples import ROOT, SAMPLES, code, notebook
from tests.processes import children

PATIENCE_SECONDS = 120
RIGHT = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
WRONG = (SAMPLES / "wrong_per_layer_l1_loop" / "solution.py").read_text(encoding="utf-8")
SYNTAX_ERROR = (SAMPLES / "syntax_error" / "solution.py").read_text(encoding="utf-8")
STUB = (SAMPLES / "stub" / "solution.py").read_text(encoding="utf-8")
HEAD = "def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):\n"
HANGS = HEAD + "    while True:\n        pass\n"
CRASHES = "import ctypes\nctypes.string_at(0)\n" + RIGHT
STARTS = "The first check takes seconds.\n"
CHECKED = "Ctrl-C ends.\n"


def text(source: str) -> str:
    return json.dumps(notebook(code("import torch"), code(source, solution=True)))


def write_in_place(path: Path, source: str) -> None:
    path.write_text(text(source), encoding="utf-8")


def write_and_rename(path: Path, source: str) -> None:
    aside = path.with_name("aside.tmp")
    aside.write_text(text(source), encoding="utf-8")
    aside.replace(path)


def move_away_and_write(path: Path, source: str) -> None:
    path.replace(path.with_name(f"{path.name}~"))
    path.write_text(text(source), encoding="utf-8")


def save_like_jupyterlab(path: Path, source: str) -> None:
    """Copy the old content aside, write in place, flush, drop the copy."""
    aside = path.with_name(f".~{path.name}")
    aside.write_bytes(path.read_bytes())
    with path.open("w", encoding="utf-8") as file:
        file.write(text(source))
        file.flush()
        os.fsync(file.fileno())
    aside.unlink()


class Watch:
    """A watch that runs, and what it has said so far."""

    def __init__(self, path: Path, scratch: Path, *options: str, stdout: int | None = None) -> None:
        scratch.mkdir(exist_ok=True)
        self.path, self.scratch = path, scratch
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "error",
                "-m",
                "autograder",
                "watch",
                str(path.relative_to(path.parents[1])),
                *options,
            ],
            cwd=path.parents[1],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)},
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
        )
        self._said = bytearray()
        self._read = 0

    def listen(self, descriptor: int) -> None:
        def go_on() -> None:
            try:
                while chunk := os.read(descriptor, 1 << 16):
                    self._said += chunk
            except OSError:  # a terminal whose other end is closed
                pass

        threading.Thread(target=go_on, daemon=True).start()

    def hear(self, last: str = CHECKED) -> str:
        """Wait for a text that was not read yet; what was said up to and including it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            fresh = self._said.decode("utf-8", "replace").replace("\r\n", "\n")[self._read :]
            if last in fresh:
                end = fresh.index(last) + len(last)
                self._read += end
                return fresh[:end]
            assert self.process.poll() is None, self._ended()
            time.sleep(0.02)
        raise AssertionError(f"not said: {last!r}; but: {fresh!r}")

    def hear_of(self, save: Callable[[Path, str], None], source: str) -> str:
        save(self.path, source)
        return self.hear()

    def servers(self) -> list[int]:
        """Name the processes below the watch."""
        place = Path(f"/proc/{self.process.pid}/task")
        return [
            int(pid) for task in place.iterdir() for pid in (task / "children").read_text().split()
        ]

    def interrupt(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_SECONDS)
        assert self.process.stderr is not None
        return self.process.returncode, self.process.stderr.read().decode()

    def _ended(self) -> str:
        assert self.process.stderr is not None
        return f"it ended with {self.process.returncode}: {self.process.stderr.read().decode()}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work" / "a notebook.ipynb"


@pytest.fixture
def start(path: Path, tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    started = []

    def start(source: str, *options: str) -> Watch:
        path.parent.mkdir()
        path.write_text(source, encoding="utf-8")
        watch = Watch(path, tmp_path / "scratch", *options)
        started.append(watch)
        assert watch.process.stdout is not None
        watch.listen(watch.process.stdout.fileno())
        assert "Watching work/a notebook.ipynb." in watch.hear(STARTS)
        return watch

    yield start
    for watch in started:
        watch.process.kill()
        watch.process.communicate()


def test_each_way_of_saving_is_noticed_and_the_card_is_shown(
    start: Callable[..., Watch], path: Path
) -> None:
    watch = start(text(STUB))
    assert "is still the stub; fill it in" in watch.hear()
    said = watch.hear_of(write_in_place, WRONG)
    assert "4 / 10 points" in said
    assert "It looks like this belief: Each layer loses its own fraction" in said
    assert "Where to look" not in said  # a further hint opens with the next try
    assert "All checks pass" not in said
    said = watch.hear_of(write_and_rename, RIGHT)
    assert "10 / 10 points" in said
    assert "All checks pass." in said
    assert "expected ':'" in watch.hear_of(move_away_and_write, SYNTAX_ERROR)
    assert "Where to look" in watch.hear_of(save_like_jupyterlab, WRONG)
    assert "\x1b" not in said
    path.with_name("another.ipynb").write_text(text(RIGHT), encoding="utf-8")
    save_like_jupyterlab(path, WRONG)  # nothing new, as nothing is for the other file
    said = watch.hear_of(write_in_place, RIGHT)
    assert said.count("has changed") == 1
    assert "10 / 10 points" in said
    assert watch.interrupt()[0] == INTERRUPTED


def test_whatever_happens_to_the_file_is_said_in_a_line_and_the_watch_goes_on(
    start: Callable[..., Watch], path: Path
) -> None:
    watch = start(text(RIGHT)[:100], "--timeout", "2")
    assert "its JSON is broken" in watch.hear()
    (server,) = watch.servers()
    assert "All checks pass." in watch.hear_of(write_and_rename, RIGHT)
    path.write_text(text(RIGHT)[:-20], encoding="utf-8")
    said = watch.hear()
    assert "its JSON is broken" in said
    assert "/ 10 points" not in said
    assert "All checks pass." in watch.hear_of(write_in_place, RIGHT)
    path.unlink()
    assert "a notebook.ipynb cannot be read" in watch.hear()
    assert "All checks pass." in watch.hear_of(write_in_place, RIGHT)
    said = watch.hear_of(write_in_place, HANGS)
    assert re.search(
        r"stopped: it was still running after 2 seconds.*\(code cell 2, line \d\)", said
    )
    assert "it crashed: " in watch.hear_of(write_in_place, CRASHES)
    assert "there is no find_winning_ticket_step to check." in watch.hear_of(
        write_in_place, "print('\x1b[31m')"
    )
    path.parent.rename(path.parent.with_name("aside"))
    assert "cannot be read" in watch.hear()
    path.parent.mkdir()
    assert "All checks pass." in watch.hear_of(write_in_place, RIGHT)
    assert watch.servers() == [server]  # all of it in one


def test_a_save_puts_an_end_to_a_check_that_hangs(start: Callable[..., Watch], path: Path) -> None:
    watch = start(text(RIGHT), "--timeout", "3600")
    watch.hear()
    (server,) = watch.servers()
    write_in_place(path, HANGS)
    assert "has changed" in watch.hear("looking at it.")
    time.sleep(1)
    said = watch.hear_of(write_in_place, RIGHT)
    if "half-written" in said:  # it was looked at in the middle of the writing
        said = watch.hear()
    assert "All checks pass." in said
    assert "crashed" not in said
    assert watch.servers() == [server]


@pytest.mark.parametrize("source", [RIGHT, HANGS])
def test_an_interrupt_leaves_no_process_and_no_scratch_folder(
    start: Callable[..., Watch], source: str
) -> None:
    watch = start(text(source), "--timeout", "3600")
    if source is RIGHT:
        watch.hear()
    servers = watch.servers()
    while not (source is RIGHT or any(children(server) for server in servers)):
        assert watch.process.poll() is None
        time.sleep(0.05)
        servers = watch.servers()
    below = [child for server in servers for child in children(server)]
    assert list(watch.scratch.iterdir())
    assert watch.interrupt() == (INTERRUPTED, "autograder: stopped\n")
    assert list(watch.scratch.iterdir()) == []
    for pid in (*servers, *below):  # a killed process is gone when init has seen to it
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)


def test_a_terminal_is_cleared_before_each_card(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.write_text(text(STUB), encoding="utf-8")
    ours, theirs = pty.openpty()
    watch = Watch(path, tmp_path / "scratch", stdout=theirs)
    os.close(theirs)
    watch.listen(ours)
    try:
        watch.hear(STARTS)
        assert "\x1b[2Jfind_winning_ticket_step is still the stub" in watch.hear()
        said = watch.hear_of(write_in_place, SYNTAX_ERROR)
        assert "\x1b[2Jthere is no find_winning_ticket_step to check: SyntaxError" in said
        assert watch.interrupt()[0] == INTERRUPTED
    finally:
        watch.process.kill()
        watch.process.communicate()
        os.close(ours)


def test_where_nobody_reads_any_more_the_watch_ends(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.write_text(text(STUB), encoding="utf-8")
    watch = Watch(path, tmp_path / "scratch")
    assert watch.process.stdout is not None
    try:
        watch.process.stdout.readline()  # the first check takes seconds
        watch.process.stdout.close()
        assert watch.process.wait(PATIENCE_SECONDS) == UNHEARD
        assert watch.process.stderr is not None
        assert watch.process.stderr.read() == b""
        assert list(watch.scratch.iterdir()) == []
    finally:
        watch.process.kill()
        watch.process.communicate()


@pytest.mark.parametrize("name", ["missing.ipynb", "no/such/folder.ipynb", "."])
def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "watch", name], cwd=tmp_path, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert len(done.stderr.splitlines()) == 1
    assert f"{name} cannot be read" in done.stderr


def test_other_outputs_are_no_new_try_and_a_step_of_warming_up_is_short() -> None:
    tryout = Tryout("lottery_ticket", timeout=30)
    try:
        path = Path("notebook.ipynb")
        assert next(tryout.warm_up(), "done") is None
        for changed in (WRONG, WRONG):
            cell = code(changed, solution=True) | {"outputs": [], "execution_count": id(changed)}
            tried = tryout.check(json.dumps(notebook(cell)).encode(), path)
            assert isinstance(tried, Tried)
            assert set(tried.opened.values()) == {1}
    finally:
        tryout.close()
