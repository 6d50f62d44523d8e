"""How fast a class is graded, side by side with others: `make bench`.

All contenders grade the same submissions on this machine in this run. Stock nbgrader and
otter-grader get the smallest assignment that makes sense: one test with three assertions, where
ours tries a function in all hidden cases, confined. Times are of whole commands, from start to end;
otter-grader's command takes one submission, and is run for one after another. What is over in
minutes is run three times, and the median kept: the speed of a virtual machine is not steady. All
that takes two hours or three; it may be measured in parts, class by class: the table tells of
earlier parts, too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks import otter
from benchmarks.classes import hand_in, members
from benchmarks.figures import Measured, draw, p50_p95, table
from tests.course import ROOT, SOLUTION_CELL, Course

TIMEOUT = 2
SEED = "a secret for this benchmark"
BUILD = ROOT / "build" / "bench"
PICTURE = ROOT / "docs" / "speed.png"
ALL = (50, 200)
OURS_ONLY = (2_000, 10_000)
_REPEATS, _SHORT_SECONDS = 3, 120.0
_WATCH_SECONDS = 0.1
_TESTS = """model = nn.Sequential(nn.Linear(3, 2))
initial = {key: value.clone() for key, value in model.state_dict().items()}
with torch.no_grad():
    model[0].weight.add_(torch.randn(2, 3))
assert find_winning_ticket_step(model, initial, 0.5) is model
assert int(model[0].weight_mask.sum()) == 3
assert torch.equal(model[0].weight_orig, initial["0.weight"])"""


Contender = Callable[[Path, Sequence[str]], Measured]


def stock(folder: Path, codes: Sequence[str]) -> Measured:
    """Grade with nbgrader as it comes."""
    _write_stock_assignment(folder / "source" / "prune" / "prune.ipynb")
    config = f"c = get_config()\nc.CourseDirectory.root = {str(folder)!r}\n"
    config += f"c.Execute.timeout = {TIMEOUT}\n"
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    _run([sys.executable, "-m", "nbgrader", "generate_assignment", "prune"], folder)
    starter = folder / "source" / "prune" / "prune.ipynb"
    hand_in(folder / "submitted", codes, "prune", starter)
    seconds = _run([sys.executable, "-m", "nbgrader", "autograde", "prune"], folder)
    return Measured("stock nbgrader", len(codes), seconds)


def with_preprocessor(folder: Path, codes: Sequence[str]) -> Measured:
    """Grade with nbgrader and our preprocessor."""
    course = _course(folder, codes)
    command = [sys.executable, "-m", "nbgrader", "autograde", "lottery_ticket"]
    seconds = _run(command, course.folder)
    return Measured("nbgrader, our preprocessor", len(codes), seconds)


def in_bulk(folder: Path, codes: Sequence[str]) -> Measured:
    """Grade and record into nbgrader's gradebook."""
    course = _course(folder, codes)
    command = [sys.executable, "-m", "autograder", "autograde", "lottery_ticket", "--quiet"]
    seconds = _run(command, course.folder)
    return Measured("autograder autograde", len(codes), seconds)


def command_line(jobs: int) -> Contender:
    """Grade with our command line."""

    def measure(folder: Path, codes: Sequence[str]) -> Measured:
        hand_in(folder / "submitted", codes, "lottery_ticket")
        out = folder / "out.jsonl"
        command = [sys.executable, "-m", "autograder", "grade", "submitted", "--quiet"]
        command += ["--output", str(out), "--jobs", str(jobs), "--timeout", str(TIMEOUT)]
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=_environment(), stderr=subprocess.PIPE)
        first: float | None = None
        peak = at_100 = 0.0
        while process.poll() is None:
            time.sleep(_WATCH_SECONDS)
            lines = _lines(out)
            if lines and first is None:
                first = time.perf_counter() - start
            peak = max(peak, _megabytes(process.pid))
            at_100 = at_100 or (_megabytes(process.pid) if lines >= 100 else 0.0)  # noqa: PLR2004
        seconds = time.perf_counter() - start
        ran = [line["execution"]["wall_seconds"] for line in map(json.loads, out.open())]
        latency = p50_p95([second for second in ran if second])
        growth = peak - at_100 if at_100 else None
        name = f"autograder grade --jobs {jobs}"
        return Measured(name, len(codes), seconds, first, latency, peak, growth)

    return measure


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, keep the figures, draw the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=ALL, help="of classes for all")
    parser.add_argument("--ours", type=int, nargs="*", default=OURS_ONLY, help="for ours alone")
    parser.add_argument("--right", action="store_true", help="right submissions only")
    parser.add_argument("--no-otter", action="store_true", help="leave otter-grader out")
    options = parser.parse_args(arguments)
    print(machine(), flush=True)
    theirs: list[Contender] = [stock]
    if options.sizes and not options.no_otter:
        if otter.installed():
            theirs.append(otter.contender(_TESTS))
        else:
            print(f"  {otter.OTTER} cannot be installed here: it is left out")
    kept = BUILD / ("right.json" if options.right else "mixed.json")
    measuring = {*options.sizes, *options.ours}
    found = [one for one in _before(kept) if one.submissions not in measuring]
    for size in sorted(measuring):
        contenders: list[Contender] = [command_line(2)]
        if size in options.sizes:
            contenders = [*theirs, with_preprocessor, in_bulk, command_line(1), command_line(2)]
        codes = members(size, ("right",)) if options.right else members(size)
        for contender in contenders:
            found.append(_measured(contender, codes))
            print(f"  {found[-1].contender}: {size} in {found[-1].seconds:.1f} s", flush=True)
            _keep(kept, found)  # who interrupts a measurement of hours loses little
    print(table(found))
    draw(found, BUILD / "right.png" if options.right else PICTURE, machine())
    return 0


def _measured(contender: Contender, codes: Sequence[str]) -> Measured:
    """Run a contender, and take the median of a few runs if that does not take long."""
    runs: list[Measured] = []
    while len(runs) < _REPEATS and all(one.seconds < _SHORT_SECONDS for one in runs):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(contender(Path(folder).resolve(), codes))
    return sorted(runs, key=lambda one: one.seconds)[len(runs) // 2]


def _keep(kept: Path, found: Sequence[Measured]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    figures = {"machine": machine(), "measured": [asdict(one) for one in found]}
    kept.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _before(kept: Path) -> list[Measured]:
    """Read what was measured on this machine before."""
    figures = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if figures.get("machine") != machine():
        return []
    return [Measured(**figure) for figure in figures["measured"]]


def machine() -> str:
    """Describe the machine."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{len(models)} × {models[0]}, {system}"


def _write_stock_assignment(path: Path) -> None:
    def marks(name: str, **more: object) -> dict[str, object]:
        base = {"grade_id": name, "schema_version": 3, "task": False, "locked": True}
        return {"nbgrader": base | {"grade": False, "solution": False} | more}

    head = "def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):\n"
    stub = head + "    ### BEGIN SOLUTION\n    return model\n    ### END SOLUTION"
    imports = "import torch\nfrom torch import nn\nfrom torch.nn.utils import prune"
    notebook = new_notebook(
        cells=[
            new_code_cell(imports),
            new_code_cell(stub, metadata=marks(SOLUTION_CELL, solution=True, locked=False)),
            new_code_cell(_TESTS, metadata=marks("test", grade=True, points=10)),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}
        },
    )
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def _course(folder: Path, codes: Sequence[str]) -> Course:
    course = Course(folder / "course", seed=SEED)
    with (course.folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\nc.Grade.timeout = {TIMEOUT}\n")
    starter = course.generate()
    hand_in(course.folder / "course" / "submitted", codes, "lottery_ticket", starter)
    return course


def _run(command: Sequence[str], folder: Path) -> float:
    """Run a command; some learners fail, and so does its exit status."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, check=False)
    return time.perf_counter() - start


def _environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "AUTOGRADER_SEED": SEED}


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _megabytes(pid: int) -> float:
    """Read the resident memory of a process."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
