"""Programs that are forked where torch and nbgrader have been loaded, once for many tests.

To load them takes seconds: most of what a command of ours, or of nbgrader's, takes. What is forked
is a process of its own all the same, which runs its module from the first line. Tests of how a
program starts, or of what it finds in memory, start it as everybody does.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import pytest

from autograder import nursery
from autograder.rehearsal import gather_memory, rehearse

ROOT = Path(__file__).resolve().parent.parent
LOADED = (
    "autograder.child", "landlockpy", "pyseccomp", "nbgrader.apps", "autograder.nbgrader_plugin",
    "autograder.commands.autograde", "autograder.commands.grade",
)  # fmt: skip
_REQUEST_BYTES = 1 << 16
_OUT_OF_THE_WAY = 100


class Forked:
    """A forked program, as `subprocess.Popen` shows one."""

    def __init__(
        self, address: str, request: Mapping[str, Any], descriptors: Mapping[int, int]
    ) -> None:
        """Have it forked.

        Args:
            address: Where the process that forks listens.
            request: What `_become` needs.
            descriptors: Those that it has, by their numbers there.
        """
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.connect(address)
        message = json.dumps({**request, "places": [*descriptors]}).encode()
        socket.send_fds(self._line, [message], [*descriptors.values()])
        self.pid = int(self._line.recv(100))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = int(self._line.recv(100))
            except TimeoutError as error:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0) from error
            self._line.close()
        return self.returncode

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def run(
    module: str, *arguments: object, cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ARGUMENTS`; what grades is forked, too."""
    words = [*map(str, arguments)]
    request = {"module": module, "words": words, "folder": str(cwd), "environment": {**env}}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        status = Forked(_server(), request, {1: out.fileno(), 2: err.fileno()}).wait()
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess([module, *words], status, *said)


@contextmanager
def grading_is_forked() -> Iterator[None]:
    """Have what grades forked, instead of started, when this process asks for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nursery, "launch", partial(_launch, _server()))
        yield


def _launch(
    address: str,
    module: str,
    *arguments: object,
    keep: Sequence[int],
    environment: Mapping[str, str],
) -> Forked:
    """Do what `autograder.launch.launch` does."""
    request = {
        "module": f"autograder.{module}", "words": [*map(str, arguments)],
        "folder": str(Path.cwd()), "environment": {**environment}, "is_part": True,
    }  # fmt: skip
    return Forked(address, request, {number: number for number in (1, 2, *keep)})


@cache
def _server() -> str:
    """Start the process that forks, which ends with this one: where it listens."""
    address = str(Path(tempfile.mkdtemp(prefix="preloaded-"), "line"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.bind(address)
        line.listen()
        _running.append(
            subprocess.Popen(
                [sys.executable, "-c", "from tests.preloaded import serve; serve()",
                 str(line.fileno()), address],
                cwd=ROOT, pass_fds=[line.fileno()], stdin=subprocess.PIPE,
            )
        )  # fmt: skip
    return address


_running: list[subprocess.Popen[bytes]] = []


def serve() -> None:
    """Fork until whoever started this process has gone."""
    line, address = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]
    for name in LOADED:
        import_module(name)
    rehearse()
    gc.collect()
    gc.freeze()
    gather_memory()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who look after programs
    poll = select.poll()
    poll.register(line, select.POLLIN)
    poll.register(0, select.POLLIN)
    while all(descriptor != 0 for descriptor, _ in poll.poll()):
        asking, _ = line.accept()
        with asking:
            if os.fork() == 0:
                line.close()
                _look_after(asking, address)
    shutil.rmtree(Path(address).parent)


def _look_after(asking: socket.socket, address: str) -> None:
    """Fork a program; tell its pid, then how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, descriptors, _, _ = socket.recv_fds(asking, _REQUEST_BYTES, 10)
    pid = os.fork()
    if pid == 0:
        asking.close()
        _become(address, descriptors=descriptors, **json.loads(message))
        return
    for descriptor in descriptors:
        os.close(descriptor)
    asking.send(str(pid).encode())
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):
        asking.send(str(code).encode())
    os._exit(0)


def _become(
    address: str,
    *,
    module: str,
    words: list[str],
    folder: str,
    environment: dict[str, str],
    descriptors: list[int],
    places: list[int],
    is_part: bool = False,
) -> None:
    """Be the program, and leave as it does.

    Args:
        address: Where what it starts is forked, in its turn.
        module: What `python -m` would run.
        words: Its arguments.
        folder: Where it runs.
        environment: All of its environment.
        descriptors: Those that it has.
        places: Their numbers as it knows them.
        is_part: Whether it is what `autograder.launch` starts, and not a command.
    """
    high = [fcntl.fcntl(one, fcntl.F_DUPFD, _OUT_OF_THE_WAY) for one in descriptors]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for one, place in zip(high, places, strict=True):
        os.dup2(one, place)
    os.closerange(max(places) + 1, 1 << 16)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # the environment says where that is
    if is_part:
        os.setsid()
        gc.disable()
    else:
        vars(nursery)["launch"] = partial(_launch, address)
    if module == "autograder":
        warnings.simplefilter("error")
    sys.argv[:] = [module, *words]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        _leave(0)
    except SystemExit as error:
        if error.code is not None and not isinstance(error.code, int):
            raise
        _leave(error.code or 0)


def _leave(status: int) -> NoReturn:
    """End as any program does, but do not take apart what was loaded: that takes a second."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)
