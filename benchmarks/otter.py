"""otter-grader's local run without containers: a command and a kernel for each submission."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.figures import Measured, p50_p95
from tests.course import ROOT

OTTER = "otter-grader==7.0.0"
HOME = ROOT / "build" / "otter"
_PATIENCE_SECONDS = 30.0
_IMPORTS = "import torch\nfrom torch import nn\nfrom torch.nn.utils import prune"
_TEST = """from otter.test_files import test_case

OK_FORMAT = False
name = "prune"
points = 10


@test_case()
def test_prune(find_winning_ticket_step):
    import torch
    from torch import nn
{assertions}
"""


def installed() -> bool:
    """Install it in an environment of its own, which finds torch in ours; False if that fails."""
    if (HOME / "bin" / "otter").exists():
        return True
    subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
    command = [str(HOME / "bin" / "pip"), "install", "--quiet", OTTER]
    if subprocess.run(command, check=False).returncode:
        return False
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    beside = HOME / "lib" / version / "site-packages" / "ours.pth"  # its own packages come first
    beside.write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return True


def contender(assertions: str) -> Callable[[Path, Sequence[str]], Measured]:
    """Make what measures it with these assertions as its only test."""

    def measure(folder: Path, codes: Sequence[str]) -> Measured:
        indented = "\n".join(f"    {line}" for line in assertions.splitlines())
        (folder / "tests").mkdir()
        (folder / "tests" / "prune.py").write_text(_TEST.format(assertions=indented), "utf-8")
        _otter(["generate", "-t", "tests", "-o", "autograder.zip"], folder)
        took = []
        for number, code in enumerate(codes):
            out = folder / f"learner{number:05}"
            out.mkdir()
            submission = new_notebook(cells=[new_code_cell(_IMPORTS), new_code_cell(code)])
            submission.metadata["kernelspec"] = {"name": "python3", "display_name": "Python"}
            nbformat.write(submission, out / "prune.ipynb")
            options = ["-a", "autograder.zip", "-o", str(out), "--no-logo"]
            took.append(_otter(["run", str(out / "prune.ipynb"), *options], folder))
        return Measured("otter-grader, local run", len(codes), sum(took), took[0], p50_p95(took))

    return measure


def _otter(arguments: Sequence[str], folder: Path) -> float:
    """Run it; as it sets submissions no limit, what hangs is ended from outside."""
    start = time.perf_counter()
    with subprocess.Popen(
        [str(HOME / "bin" / "otter"), *arguments], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "PATH": f"{HOME / 'bin'}{os.pathsep}{os.environ['PATH']}"},
    ) as process:  # fmt: skip
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its kernel sees that, and ends
    return time.perf_counter() - start
