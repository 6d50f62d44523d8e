"""Every way in which a submission can end, in real child processes."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import indent

import pytest

from autograder import confine
from autograder import sandbox as sandbox_module
from autograder.answers import read_answers
from autograder.confine import ALWAYS_IN_FORCE
from autograder.forks import Child, ForkServer
from autograder.judge import Judge
from autograder.nursery import Nest
from autograder.records import Execution, Observation, Outcome, Status
from autograder.sandbox import ClosedError, Sandbox
from tests.engine.examples import function, submission, toy_cases
from tests.katas import toy

HANGS = "def scale(model, initial, factor=0.5):\n    while True:  # the loop\n        pass\n"


@dataclass(frozen=True)
class Seen(Execution):
    """An execution, and what was observed in it."""

    observations: tuple[Observation, ...] = ()


def run(sandbox: Sandbox, *cells: str, script: bool = False) -> Seen:
    given = submission(*cells, script=script)
    execution, observations = read_answers(sandbox.run(given, toy_cases()), given, toy_cases())
    return Seen(**vars(execution), observations=observations)


def right(seen: Seen) -> bool:
    """Tell whether the execution passes every check of the toy kata."""
    if seen.status is not Status.RETURNED:
        return False
    verdicts = Judge(toy.kata, toy_cases()).verdicts(seen.observations)
    return all(verdict.outcome is Outcome.PASSED for verdict in verdicts)


# Those that end by themselves


def test_a_right_submission_returns_with_an_observation_for_each_case(sandbox: Sandbox) -> None:
    execution = run(sandbox, toy.RIGHT)
    assert right(execution)
    assert execution.fault is None
    assert execution.cell_faults == ()
    assert execution.wall_seconds > 0
    assert execution.confinement == (
        *ALWAYS_IN_FORCE, "no_capabilities", "landlock", "seccomp"
    )  # fmt: skip


def test_a_call_that_raises_has_the_learners_own_line(sandbox: Sandbox) -> None:
    cell = "import torch\n" + function("model[0](torch.ones(7))  # a wrong shape")
    execution = run(sandbox, "x = 1", cell)
    assert execution.status is Status.RAISED
    assert execution.fault is not None
    assert execution.fault.type == "RuntimeError"
    assert execution.fault.line == "model[0](torch.ones(7))  # a wrong shape"
    assert (execution.fault.line_number, execution.fault.cell) == (3, 2)
    assert [o.status for o in execution.observations] == [Status.RAISED] * len(toy_cases())


def test_a_submission_that_raises_in_some_cases_is_observed_in_all(sandbox: Sandbox) -> None:
    execution = run(sandbox, function("assert factor == 0.5"))
    assert execution.status is Status.RETURNED
    assert {o.status for o in execution.observations} == {Status.RETURNED, Status.RAISED}
    assert execution.fault is not None
    assert execution.fault.line == "assert factor == 0.5"


def test_a_cell_that_fails_is_reported_and_not_fatal(sandbox: Sandbox) -> None:
    execution = run(sandbox, "1 / 0", toy.RIGHT)
    assert right(execution)
    assert [(f.type, f.line, f.cell) for f in execution.cell_faults] == [
        ("ZeroDivisionError", "1 / 0", 1)
    ]


def test_what_only_some_readers_take_for_a_lines_end_is_none(sandbox: Sandbox) -> None:
    cell = "x = 'a\x0b\f\x1c\x1d\x1e\x85\u2028\u2029b'\n1 / 0"
    execution = run(sandbox, cell, function("x = 'a\u2028b'\nraise KeyError"))
    assert [(fault.line, fault.line_number) for fault in execution.cell_faults] == [("1 / 0", 2)]
    assert execution.fault is not None
    assert execution.fault.line == "raise KeyError"


@pytest.mark.parametrize(
    "cell",
    ["raise SystemExit", "exit()", "import sys; sys.exit(1)", "quit()", "raise GeneratorExit"],
)
def test_an_exit_in_a_cell_is_not_fatal(sandbox: Sandbox, cell: str) -> None:
    assert right(run(sandbox, cell, toy.RIGHT))


def test_an_exit_in_a_call_is_an_exception(sandbox: Sandbox) -> None:
    execution = run(sandbox, function("raise SystemExit(0)"))
    assert execution.status is Status.RAISED
    assert execution.fault is not None
    assert execution.fault.type == "SystemExit"


@pytest.mark.parametrize("cell", ["", "x = 1", "scale = 3", "def scales():\n    pass"])
def test_without_the_function_there_is_a_name_error(sandbox: Sandbox, cell: str) -> None:
    execution = run(sandbox, cell)
    assert execution.status is Status.RAISED
    assert execution.fault is not None
    assert (execution.fault.type, execution.observations) == ("NameError", ())
    assert "scale" in execution.fault.message


def test_a_syntax_error_has_its_line(sandbox: Sandbox) -> None:
    execution = run(sandbox, "x = 1", "def scale(model, initial, factor=0.5)\n    return model\n")
    assert execution.status is Status.RAISED
    assert execution.fault is not None
    assert execution.fault.type == "SyntaxError"
    assert execution.fault.line == "def scale(model, initial, factor=0.5)"
    assert (execution.fault.line_number, execution.fault.cell) == (1, 2)


@pytest.mark.parametrize("level", range(1, 9))
def test_a_warning_may_be_about_any_caller(sandbox: Sandbox, level: int) -> None:
    warns = f"import warnings\nwarnings.warn('beware', stacklevel={level})\n"
    assert right(run(sandbox, toy.RIGHT.replace("):\n", "):\n" + indent(warns, "    "), 1)))


# Those that do not


def test_an_endless_loop_is_timed_out_with_the_learners_own_line(hasty_sandbox: Sandbox) -> None:
    execution = run(hasty_sandbox, "x = 1", HANGS)
    assert execution.status is Status.TIMED_OUT
    assert execution.fault is not None
    assert execution.fault.line in {"while True:  # the loop", "pass"}
    assert execution.fault.cell == 2
    assert "1.5 seconds" in execution.fault.message


def test_the_wait_for_a_processor_does_not_count() -> None:
    busy = [sys.executable, "-c", "while True: pass"]
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # what is started from here on has this one
    others = [subprocess.Popen(busy) for _ in range(5)]
    box = Sandbox(timeout=4.0)
    try:
        works = "import time\nwhile time.process_time() < 1:\n    pass\n"
        execution = run(box, works, toy.RIGHT)
    finally:
        for other in others:
            other.kill()
            other.wait()
        os.sched_setaffinity(0, cores)
        box.close()
    assert execution.wall_seconds > box.timeout
    assert right(execution)


@pytest.mark.parametrize(
    "cell",
    [
        "import time\ntime.sleep(1000)",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
        "sum(range(10 ** 12))",
        "import threading\nthreading.Event().wait()",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    ],
    ids=["sleep", "catches_all", "ignores_alarm", "in_c", "waits", "stopped"],
)
def test_whatever_never_ends_is_timed_out(hasty_sandbox: Sandbox, cell: str) -> None:
    assert run(hasty_sandbox, cell, toy.RIGHT).status is Status.TIMED_OUT
    assert right(run(hasty_sandbox, toy.RIGHT))


@pytest.mark.parametrize(
    "source",
    [
        function("x = bytearray(8 << 30)"),
        function("x = []\nwhile True:\n    x.append(bytearray(512 << 20))"),
        "import torch\n" + function("x = torch.zeros(1 << 33)"),
        "x = bytearray(8 << 30)\n" + toy.RIGHT,
    ],
    ids=["at_once", "bit_by_bit", "in_torch", "in_a_cell"],
)
def test_too_much_memory_is_out_of_memory(sandbox: Sandbox, source: str) -> None:
    assert run(sandbox, source).status is Status.OUT_OF_MEMORY
    assert right(run(sandbox, toy.RIGHT))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import os; os._exit(0)", "without an answer"),
        ("import os; os._exit(7)", "without an answer"),
        ("import os; os.abort()", "SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import os; os.kill(os.getpid(), 40)", "signal 40"),  # it has no name
    ],
)
def test_a_process_that_dies_has_crashed(sandbox: Sandbox, line: str, words: str) -> None:
    for cell in (line + "\n" + toy.RIGHT, function(line)):
        execution = run(sandbox, cell)
        assert execution.status is Status.CRASHED
        assert execution.observations == ()
        assert execution.fault is not None
        assert words in execution.fault.message
    assert right(run(sandbox, toy.RIGHT))


@pytest.mark.parametrize("data", ["b'10'", "b'{}' * 100", "b'\\x00' * 100", "bytes(70 << 20)"])
def test_an_answer_of_ones_own_is_malformed(sandbox: Sandbox, data: str) -> None:
    cell = (
        f"import os\ndata = {data}\nwhile data:\n    data = data[os.write(3, data):]\nos._exit(0)"
    )
    execution = run(sandbox, cell)
    assert execution.status is Status.MALFORMED
    assert execution.observations == ()


TAMPERING = """import copy, gc, sys
from dataclasses import replace
import autograder.probe
from autograder.probe import observe as real
def observe(function, case):
    seen = real(function, case)
    return replace(seen, rounds=seen.rounds + copy.deepcopy(seen.rounds))
"""
REPLACES = {
    "in_its_module": "autograder.probe._kind = lambda *_: 'same'\n",
    "in_a_class": "autograder.probe.Snapshot.__init__ = lambda *_, **__: None\n",
    "its_code": "autograder.probe._kind.__code__ = (lambda *_: 'same').__code__\n",
    "under_another_name": """import builtins
builtins._kind = lambda *_: 'same'
autograder.probe._other = vars(autograder.probe).pop('_kind')
""",
    "its_defaults": "autograder.probe.fault_of.__defaults__ = (3,)\n",
    "by_frames": """frame = sys._getframe()
while frame is not None:
    if frame.f_globals.get('observe') is real and frame.f_globals is not globals():
        frame.f_globals['observe'] = observe
    frame = frame.f_back
""",
    "by_the_collector": """gc.unfreeze()
for held in gc.get_objects():
    if type(held) is dict and held.get('observe') is real and held is not globals():
        held['observe'] = observe
""",
}


@pytest.mark.parametrize("way", REPLACES)
def test_who_changes_the_graders_own_code_has_no_result(sandbox: Sandbox, way: str) -> None:
    execution = run(sandbox, TAMPERING + REPLACES[way] + toy.RIGHT)
    assert execution.status is Status.MALFORMED
    assert execution.fault is not None
    assert "the grader's own code" in execution.fault.message


def test_who_changes_it_in_a_call_and_back_has_no_result(sandbox: Sandbox) -> None:
    source = "import autograder.probe as p\n" + function(
        "kept = p._kind\np._kind = lambda *_: 'same'\n"
        "model.register_forward_pre_hook(lambda *_: setattr(p, '_kind', kept))"
    )
    assert run(sandbox, source).status is Status.MALFORMED


def test_who_only_looks_at_the_graders_own_code_has_a_result(sandbox: Sandbox) -> None:
    cell = """import inspect
from autograder.probe import observe
inspect.signature(observe), vars(observe), inspect.getdoc(observe), observe.__annotations__
"""
    assert right(run(sandbox, cell + toy.RIGHT))


# What they see and leave behind


def test_no_question_is_there_before_all_cells_have_run(sandbox: Sandbox) -> None:
    cell = "import select, time\ntime.sleep(0.3)\nearly = select.select([4], [], [], 0)[0]"
    execution = run(sandbox, cell, function("raise ValueError(str(early))"))
    assert execution.fault is not None
    assert execution.fault.message == "[]"


def test_a_child_finds_a_model_ready_for_each_case(sandbox: Sandbox) -> None:
    cell = "from autograder.models import _stock\nready = sum(map(len, _stock.values()))"
    execution = run(sandbox, cell, function("raise ValueError(ready)"))
    assert execution.fault is not None
    assert int(execution.fault.message) >= len(toy_cases())


def test_who_names_what_is_slow_to_import_finds_it_imported() -> None:
    box = Sandbox(timeout=30.0)
    loaded = "import sys\nassert ('matplot' 'lib.pyplot' in sys.modules) is "
    assert not run(box, f"{loaded}False", toy.RIGHT).cell_faults
    for _ in range(2):
        asking = f"{loaded}True\nimport matplotlib.pyplot as plt"
        drawing = "plt.plot([1, 2])\nassert plt.get_backend() == 'agg'\nplt.savefig('a.png')"
        seen = run(box, asking, drawing, toy.RIGHT)
        assert not seen.cell_faults
        assert right(seen)
    server = box._server
    assert server is not None
    assert len([*Path(f"/proc/{server.process.pid}/task").iterdir()]) == 1
    box.close()


def test_no_configuration_is_read_where_grading_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 99\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    box = Sandbox(timeout=30.0)
    cell = "import matplotlib.pyplot as plt\nassert plt.rcParams['lines.linewidth'] < 99"
    assert not run(box, cell, toy.RIGHT).cell_faults
    box.close()


def test_a_recipe_that_makes_no_model_harms_no_other_run() -> None:
    box = Sandbox(timeout=30.0)
    bad = replace(toy_cases()[0], recipe="Nothing(1)")
    try:
        assert box.run(submission(toy.RIGHT), (bad,)).status is Status.CRASHED
        assert right(run(box, toy.RIGHT))
    finally:
        box.close()


def test_a_flood_of_output_is_swallowed(sandbox: Sandbox, capfd: pytest.CaptureFixture) -> None:
    cell = "import sys\nfor s in (sys.stdout, sys.stderr):\n    print('10' * 5_000_000, file=s)"
    assert right(run(sandbox, cell, toy.RIGHT))
    assert capfd.readouterr() == ("", "")


def test_a_call_for_input_finds_no_one(sandbox: Sandbox) -> None:
    execution = run(sandbox, "name = input('your name: ')", toy.RIGHT)
    assert right(execution)
    assert [fault.type for fault in execution.cell_faults] == ["EOFError"]


def test_magics_are_understood_in_notebooks(sandbox: Sandbox) -> None:
    cell = "%matplotlib inline\n!pip install nothing\n" + toy.RIGHT
    execution = run(sandbox, "%load_ext autoreload", cell, "%%bash\nexit 1")
    assert right(execution)
    assert execution.cell_faults == ()


def test_a_script_is_run_as_an_import_would(sandbox: Sandbox) -> None:
    source = toy.RIGHT + "\nif __name__ == '__main__':\n    raise ValueError\n"
    execution = run(sandbox, source, script=True)
    assert right(execution)
    assert execution.cell_faults == ()


def test_the_learners_own_check_is_quiet(sandbox: Sandbox) -> None:
    cell = toy.RIGHT + "\nfrom autograder import check\ncheck(scale)\ncheck(scale, 'scaled')\n"
    execution = run(sandbox, cell)
    assert right(execution)
    assert execution.cell_faults == ()


def test_so_is_the_card_that_the_experiment_asks_for(sandbox: Sandbox) -> None:
    cell = "from autograder.practice import card_of\nimport autograder.practice as practice\n"
    cell += "def shown():\n    card = card_of(scale)\n    return card.points < card.max_points\n"
    execution = run(sandbox, cell, toy.RIGHT, "shown() or practice.card_of(scale)")
    assert right(execution)
    assert execution.cell_faults == ()


def test_cells_that_fail_in_one_helper_are_each_told(sandbox: Sandbox) -> None:
    execution = run(sandbox, "def load():\n    1 / 0", "load()", "load()", toy.RIGHT)
    assert right(execution)
    assert [(f.line, f.cell) for f in execution.cell_faults] == [("load()", 2), ("load()", 3)]


def test_of_many_faults_some_are_told(sandbox: Sandbox) -> None:
    execution = run(sandbox, *["1 / 0"] * 300, toy.RIGHT)
    assert right(execution)
    assert 100 < len(execution.cell_faults) < 300


def test_half_a_character_in_an_exception_is_an_exception(sandbox: Sandbox) -> None:
    execution = run(sandbox, function("raise ValueError(chr(0xD800))"))
    assert execution.status is Status.RAISED
    assert execution.fault is not None
    assert execution.fault.type == "ValueError"


def test_the_seed_and_the_environment_of_the_grader_are_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTOGRADER_SEED", "nobody-may-know-this")
    monkeypatch.setenv("API_TOKEN", "nor-this")
    box = Sandbox(timeout=30.0)
    try:
        cell = "import os\nfound = dict(os.environ)"
        execution = run(box, cell, function("raise ValueError(str(found))"))
    finally:
        box.close()
    assert execution.status is Status.RAISED
    assert execution.fault is not None
    assert execution.fault.type == "ValueError"
    assert "PATH" in execution.fault.message
    for secret in ("nobody-may-know-this", "nor-this", "AUTOGRADER", "API_TOKEN"):
        assert secret not in execution.fault.message


def test_no_judge_and_no_kata_is_loaded_beside_the_learners_code(sandbox: Sandbox) -> None:
    cell = "import sys\nnames = [n for n in sys.modules if n.startswith('autograder')]"
    execution = run(sandbox, cell, function("raise ValueError(' '.join(sorted(names)))"))
    assert execution.fault is not None
    assert "autograder.probe" in execution.fault.message
    for word in ("judge", "kata", "grading", "report"):
        assert word not in execution.fault.message


def test_a_submission_works_in_a_folder_that_is_emptied_afterwards(sandbox: Sandbox) -> None:
    cell = "import os\nopen('file', 'w').write('x')\nopen(os.environ['HOME'] + '/more', 'w')"
    execution = run(sandbox, cell, function("raise ValueError(os.getcwd())"))
    assert execution.fault is not None
    folder = Path(execution.fault.message)
    assert folder.is_absolute()
    assert folder != Path.cwd()
    assert list(folder.iterdir()) == []


def test_a_fault_of_ours_leaves_nothing_of_a_submission_for_the_next(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Child, "finish", _fails)
        with pytest.raises(ZeroDivisionError):
            run(sandbox, "open('left', 'w').write('x')", toy.RIGHT)
    cell = "import os\n" + function("assert os.listdir() == []\nraise KeyError(os.getcwd())")
    execution = run(sandbox, cell)
    assert execution.fault is not None
    assert execution.fault.type == "KeyError"


def _fails(_: Child) -> None:
    raise ZeroDivisionError


def test_nothing_of_one_submission_is_left_for_the_next(sandbox: Sandbox) -> None:
    run(sandbox, "import builtins, torch\nbuiltins.left = 1\ntorch.left = 1\n" + toy.RIGHT)
    cell = "import torch\n" + function("assert not hasattr(torch, 'left')\nleft")
    execution = run(sandbox, cell)
    assert execution.fault is not None
    assert execution.fault.type == "NameError"


@pytest.mark.parametrize("start", [
    "import os\nos.fork()",
    "import subprocess\nsubprocess.Popen(['sleep', '1000'])",
    "import os\nos.posix_spawn('/bin/sleep', ['sleep', '1000'], {})",
    "import multiprocessing\nmultiprocessing.Process(target=print).start()",
    "import os\nos.execv('/bin/true', ['true'])",
])  # fmt: skip
def test_no_submission_starts_a_process(sandbox: Sandbox, start: str) -> None:
    execution = run(sandbox, start, toy.RIGHT)
    assert right(execution)
    assert [fault.type for fault in execution.cell_faults] == ["PermissionError"]


# Faults from outside


def _running(box: Sandbox) -> int:
    """Wait until a child runs the learner's code."""
    while True:
        child = box._server.child if box._server else None
        if child is not None and child.runs:
            return child.pid
        time.sleep(0.01)


def test_a_child_that_is_killed_from_outside_does_not_harm_the_next(sandbox: Sandbox) -> None:
    seen: list[Execution] = []
    thread = threading.Thread(target=lambda: seen.append(run(sandbox, HANGS)))
    thread.start()
    os.kill(_running(sandbox), signal.SIGKILL)
    thread.join()
    assert seen[0].status is Status.CRASHED
    assert right(run(sandbox, toy.RIGHT))


def test_a_child_keeps_its_number_until_nobody_signals_it_any_more(sandbox: Sandbox) -> None:
    child = sandbox._started().fork(9)
    child.ready()
    os.kill(child.pid, signal.SIGKILL)
    select.select([child._control], [], [])  # the server has seen its end
    assert "zombie" in Path(f"/proc/{child.pid}/status").read_text("ascii")
    assert not child.ended
    assert child.end() == -signal.SIGKILL
    assert not Path(f"/proc/{child.pid}").exists()


def test_a_server_that_is_killed_is_started_anew(sandbox: Sandbox) -> None:
    run(sandbox, toy.RIGHT)
    server = sandbox._server
    assert server is not None
    os.kill(server.process.pid, signal.SIGKILL)
    assert right(run(sandbox, toy.RIGHT))


def test_a_closed_sandbox_runs_nothing(sandbox: Sandbox) -> None:
    box = Sandbox(timeout=sandbox.timeout)
    box.close()
    with pytest.raises(ClosedError):
        run(box, toy.RIGHT)


def test_closing_ends_what_runs() -> None:
    box = Sandbox(timeout=1000.0)
    seen: list[BaseException] = []

    def hang() -> None:
        try:
            run(box, HANGS)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is looked at
            seen.append(error)

    thread = threading.Thread(target=hang)
    thread.start()
    _running(box)
    box.close()
    thread.join()
    assert [type(error) for error in seen] == [ClosedError]


def test_closing_during_the_start_leaves_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[ForkServer] = []

    class ClosedMeanwhile(ForkServer):
        def __init__(self, nest: Nest | None = None) -> None:
            super().__init__(nest)
            started.append(self)
            box.close()

    monkeypatch.setattr(sandbox_module, "ForkServer", ClosedMeanwhile)
    box = Sandbox(timeout=20.0)
    with pytest.raises(ClosedError):
        box.start()
    (server,) = started
    try:
        assert server.process is not None
        assert server.process.poll() is not None
    finally:
        server.stop()


def test_an_interrupt_while_a_child_is_forked_harms_no_other_run(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Child, "__init__", _is_interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(sandbox, toy.RIGHT)
    assert sandbox._server is None
    assert right(run(sandbox, toy.RIGHT))


def _is_interrupted(_: Child, control: socket.socket, __: Path, seconds: float) -> None:
    """Ask for a child, and hear no more of it."""
    with open(os.devnull, "r+b") as null:  # noqa: PTH123
        socket.send_fds(control, [b"%g" % seconds], [null.fileno(), null.fileno()])
    raise KeyboardInterrupt


def test_a_child_that_lacks_a_layer_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the parent found may have run out by the time that a fork server starts."""
    walls = confine.Layer("walls", "leaving", lambda: "", "build some")
    box = Sandbox(timeout=20.0)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(confine, "LAYERS", (*confine.LAYERS, walls))
            with pytest.raises(OSError, match="could not be confined: it lacks walls"):
                box.run(submission(toy.RIGHT), toy_cases())
        assert right(run(box, toy.RIGHT))
    finally:
        box.close()
    bold = Sandbox(timeout=20.0, allow_unconfined=True)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(confine, "LAYERS", (*confine.LAYERS, walls))
            assert right(run(bold, toy.RIGHT))
    finally:
        bold.close()
