"""Grading on a Dask cluster: a real scheduler and real workers, each a process of its own."""

from __future__ import annotations

import json
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.__main__ import main
from autograder.commands.voice import DONE, FAILED, INTERRUPTED
from autograder.outpost import Answer, Batch, Parcel, sharing
from autograder.records import Evidence, Execution, Graded, Grading, Scorecard, Status
from autograder.results import Results
from autograder.settings import Settings
from tests.engine.examples import ROOT, SAMPLES, code, write_notebook
from tests.test_cli import HANGS, STUB, Done, environment, records

SEED = "a seed that no log may hold"
OUT = "out.jsonl"
TIMEOUT = 60
RIGHT = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
MEMBERS = (
    "right_textbook", "right_lambda", "right_partial", "right_closures", "right_foreach_copy",
    "right_stack_walk", "stub", "syntax_error", "wrong_exits", "wrong_no_default",
    "wrong_per_layer_l1", "wrong_rounds_up_ceil", "wrong_shares_data", "wrong_returns_nothing",
)  # fmt: skip

ODD_WORKER = """\
import os, signal
from autograder import confine, outpost

confine.missing_layers = lambda: [(confine.LAYERS[0], "a test took it away")]
outpost._ENOUGH_SECONDS = 0.0
grade = outpost.grade

def grade_or_die(batch):
    if any(parcel.path.name == "kills.py" and not parcel.fault for parcel in batch.parcels):
        os.kill(os.getpid(), signal.SIGKILL)
    return grade(batch)

outpost.grade = grade_or_die
"""
"""What a worker loads that cannot confine, answers one by one, and dies of a submission."""

WITHOUT_TORCH = """\
import sys
from autograder.__main__ import main
status = main()
sys.exit("torch is loaded" if "torch" in sys.modules else status)
"""


class Cluster:
    """A scheduler and its workers, whose logs lie in a folder."""

    def __init__(self, folder: Path, stack: ExitStack, **changes: str) -> None:
        self.folder, self._stack = folder, stack
        self._environment = environment(DASK_LOGGING__DISTRIBUTED="debug", **changes)
        file = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", file,
        )  # fmt: skip
        wait_until(lambda: file.exists() and file.read_text(encoding="utf-8").endswith("}"))
        self.address = json.loads(file.read_text(encoding="utf-8"))["address"]
        self.workers: list[subprocess.Popen[bytes]] = []

    def add(self, count: int, *options: object) -> None:
        before = self.logs().count("Register worker")
        self.workers += [
            self._start(
                "worker", self.address, "--nworkers", "1", "--nthreads", "1", "--no-nanny",
                "--no-dashboard", "--local-directory", self.folder, *options,
            )
            for _ in range(count)
        ]  # fmt: skip
        wait_until(lambda: self.logs().count("Register worker") == before + count)

    def logs(self) -> str:
        logs = self.folder.glob("*.log")
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in logs)

    @property
    def executor(self) -> tuple[str, str]:
        return "--executor", self.address.replace("tcp://", "dask://")

    def _start(self, *arguments: object) -> subprocess.Popen[bytes]:
        log = self.folder / f"{arguments[0]}-{len(list(self.folder.glob('*.log')))}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *map(str, arguments)],
                cwd=self.folder, env=self._environment, stdout=output, stderr=output,
            )  # fmt: skip
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        cluster = Cluster(tmp_path_factory.mktemp("cluster"), stack)
        cluster.add(2)
        yield cluster


@pytest.fixture(scope="module")
def odd_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Its workers cannot confine; of `kills.py` they die, and the scheduler allows no failure."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "odd_worker.py").write_text(ODD_WORKER, encoding="utf-8")
    with ExitStack() as stack:
        cluster = Cluster(
            folder, stack, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0",
            PYTHONPATH=f"{folder}:{ROOT}",
        )  # fmt: skip
        cluster.add(3, "--preload", "odd_worker")
        yield cluster


def started(
    folder: Path, *arguments: object, run: tuple[str, ...] = ("-m", "autograder"), **changes: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", *run, "grade", ".", "--output", OUT, "--seed", SEED,
         "--timeout", str(TIMEOUT), *map(str, arguments)],
        cwd=folder, env=environment(**changes), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> Done:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    assert SEED not in out + err
    return Done(process.returncode, out, err)


def grade(folder: Path, *arguments: object, **changes: str) -> Done:
    return finished(started(folder, *arguments, **changes))


def lines(folder: Path) -> int:
    out = folder / OUT
    return out.read_bytes().count(b"\n") if out.exists() else 0


def fill(folder: Path) -> Path:
    """Lay down a class: scripts, two notebooks, and what cannot be read."""
    for name in MEMBERS:
        (folder / name).mkdir(parents=True)
        shutil.copy(SAMPLES / name / "solution.py", folder / name)
    write_notebook(folder / "book.ipynb", code("import torch"), code(RIGHT, solution=True))
    (folder / "marked.py").write_bytes(b"\xef\xbb\xbf" + RIGHT.encode())
    (folder / "broken.ipynb").write_text('{"cells": [', encoding="utf-8")
    (folder / "link.py").symlink_to(folder / "book.ipynb")
    return folder


def results(folder: Path) -> dict[str, Any]:
    """Read the lines, each once, with what they rest on; without times."""
    found = records(folder / OUT)
    for record in found:
        del record["execution"]["wall_seconds"]
    assert len({record["submission"] for record in found}) == len(found)
    with Results(folder / OUT) as opened:
        runs = {
            run.submission.id: (
                run.content, run.submission, run.evidence.asked, run.evidence.cases,
                run.evidence.hidden.answers, run.evidence.shown and run.evidence.shown.answers,
            )
            for run in opened.runs()
        }  # fmt: skip
    return {record["submission"]: (record, runs.get(record["submission"])) for record in found}


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = fill(tmp_path_factory.mktemp("local"))
    assert grade(folder, "--quiet").status == FAILED
    return results(folder)


def test_a_cluster_gives_what_this_machine_gives(
    cluster: Cluster, local: dict[str, Any], tmp_path: Path
) -> None:
    fill(tmp_path)
    arguments = (*cluster.executor, "--html", "html")
    done = finished(started(tmp_path, *arguments, run=("-c", WITHOUT_TORCH)))
    assert done.status == FAILED, done.err
    assert sorted(line.split()[1] for line in done.err.splitlines()) == ["broken.ipynb", "link.py"]
    assert results(tmp_path) == local
    assert len(list((tmp_path / "html").iterdir())) == len(local) + 1
    again = grade(tmp_path, *arguments)
    assert f"{len(local):,} of {len(local):,} are graded already" in again.err
    assert results(tmp_path) == local


def test_a_learner_is_known_by_the_place_of_the_file_on_this_machine(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "work.py").write_text(RIGHT, encoding="utf-8")
    arguments = (*cluster.executor, "--per-learner", "{learner}/*")
    done = grade(tmp_path / "ada", *arguments)
    assert (done.status, done.err) == (DONE, "")
    with Results(tmp_path / "ada" / OUT) as opened:
        (run,) = opened.runs()
    assert (run.submission.id, run.evidence.learner) == ("work.py", "ada")
    assert "1 of 1 are graded already" in grade(tmp_path / "ada", *arguments).err


def test_another_autograder_on_the_workers_is_said_in_a_sentence(
    cluster: Cluster, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "autograder", tmp_path / "other" / "autograder")
    with (tmp_path / "other" / "autograder" / "kata.py").open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "stub.py").write_text(STUB, encoding="utf-8")
    done = grade(tmp_path / "class", *cluster.executor, PYTHONPATH=str(tmp_path / "other"))
    assert done.status == FAILED
    assert "has another autograder" in done.err
    assert len(done.err.splitlines()) == 1


def test_an_interrupt_ends_what_runs_on_the_workers(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "a_stub.py").write_text(STUB, encoding="utf-8")
    (tmp_path / "b_hangs.py").write_text(HANGS, encoding="utf-8")
    process = started(tmp_path, *cluster.executor, "--quiet")
    wait_until(lambda: lines(tmp_path) == 1)
    time.sleep(2)  # let the hanging one start
    process.send_signal(signal.SIGINT)
    interrupted = time.monotonic()
    done = finished(process)
    assert time.monotonic() - interrupted < 5
    assert (done.status, len(done.err.splitlines())) == (INTERRUPTED, 1), done.err
    assert lines(tmp_path) == 1
    wait_until(lambda: any(not children(worker.pid) for worker in cluster.workers), 10)


def children(pid: int) -> set[str]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {child for task in tasks for child in task.read_text("ascii").split()}


def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    cluster: Cluster, local: dict[str, Any], tmp_path: Path
) -> None:
    process = started(fill(tmp_path), *cluster.executor, "--quiet")
    wait_until(lambda: lines(tmp_path) >= 3)
    cluster.workers[0].kill()
    assert finished(process).status == FAILED
    assert results(tmp_path) == local


def test_no_log_of_the_cluster_holds_the_seed_or_a_name(cluster: Cluster) -> None:
    logs = cluster.logs()
    assert "autograder-" in logs  # the names of batches
    assert SEED not in logs
    assert "right_textbook" not in logs


def test_a_worker_that_cannot_confine_refuses(odd_cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "stub.py").write_text(STUB, encoding="utf-8")
    done = grade(tmp_path, *odd_cluster.executor)
    assert done.status == FAILED
    assert len(done.err.splitlines()) == 1
    assert "cannot be confined on this machine: no landlock, a test took it away" in done.err


def test_what_kills_every_worker_is_blamed_and_the_others_are_graded(
    odd_cluster: Cluster, tmp_path: Path
) -> None:
    stubs = {f"{number:02}.py": "not_attempted" for number in range(40)}
    for name in (*stubs, "kills.py"):
        (tmp_path / name).write_text(STUB, encoding="utf-8")
    done = grade(tmp_path, *odd_cluster.executor, "--allow-unconfined", "--quiet")
    assert done.status == FAILED
    assert "kills.py could not be graded: each worker that graded it died" in done.err
    seen = {record["submission"]: record["status"] for record in records(tmp_path / OUT)}
    assert seen == {**stubs, "kills.py": "error"}
    assert lines(tmp_path) == len(seen)


def test_a_lost_scheduler_is_said_in_a_sentence_and_what_is_finished_is_kept(
    odd_cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "a_stub.py").write_text(STUB, encoding="utf-8")
    (tmp_path / "b_hangs.py").write_text(HANGS, encoding="utf-8")
    process = started(tmp_path, *odd_cluster.executor, "--allow-unconfined", "--quiet")
    wait_until(lambda: lines(tmp_path) == 1)
    odd_cluster.scheduler.kill()
    done = finished(process)
    assert done.status == FAILED
    assert len(done.err.splitlines()) == 1
    assert "the Dask scheduler was lost" in done.err
    assert lines(tmp_path) == 1


def test_a_scheduler_that_does_not_answer_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "stub.py").write_text(STUB, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    done = grade(tmp_path, "--executor", f"dask://{address}")
    assert done.status == FAILED
    assert len(done.err.splitlines()) == 1
    assert f"the Dask scheduler at {address} cannot be reached (" in done.err
    assert "<" not in done.err


def test_without_dask_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "stub.py").write_text(STUB, encoding="utf-8")
    (tmp_path / "path").mkdir()
    fake = tmp_path / "path" / "distributed.py"
    fake.write_text("raise ImportError(\"No module named 'distributed'\")", encoding="utf-8")
    done = grade(tmp_path, "--executor", "dask://127.0.0.1:1", PYTHONPATH=f"{fake.parent}:{ROOT}")
    assert done.status == FAILED
    assert len(done.err.splitlines()) == 1
    assert "pip install" in done.err


@pytest.mark.parametrize(
    "executor",
    ["local", "dask://", "dask://host", "dask://host:port", "dask://host:1/x", "tcp://host:1"],
)
def test_an_executor_that_makes_no_sense_is_refused(
    executor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["grade", ".", "--executor", executor])
    assert caught.value.code == FAILED
    assert f"must be dask://HOST:PORT (got {executor})" in capsys.readouterr().err


def test_what_dask_may_log_holds_neither_seed_nor_name() -> None:
    batch = Batch(Settings("toy", SEED), "1", (Parcel(Path("ann"), b"her work", "ben"),))
    for word in (SEED, "ann", "her work", "ben"):
        assert word not in repr(batch)


def test_equal_answers_travel_once() -> None:
    card = Scorecard("a", "toy", Grading.GRADED, (), 1, 1, Execution(Status.RETURNED))
    runs = [Execution(Status.RETURNED, (b"x" * 50_000 + bytes([i % 2]),)) for i in range(20)]
    graded = [Graded(replace(card), None, Evidence("asked", run, run)) for run in runs]
    answer = Answer(sharing(graded))
    assert answer.graded == tuple(graded)
    assert len(pickle.dumps(answer)) < 120_000
