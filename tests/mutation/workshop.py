"""Tests one mutant: a fork of a process that has torch loaded, in which one module is another."""

from __future__ import annotations

import gc
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.mutation.mutants import Mutant

_KATA = "autograder.katas.lottery_ticket"
_KEPT = ("autograder.records", "autograder.texts", "autograder.models", "autograder.parcel",
         "autograder.wire", "autograder.probe", "autograder.kata")  # fmt: skip
"""What observations are made of and with: it stays loaded unless the mutant is one of it."""

# Tests by what they are about, the fastest first; none starts a sandbox.
_ENGINE = {
    "autograder.parcel": ("tests/engine/test_wire.py",),
    "autograder.wire": ("tests/engine/test_wire.py",),
    "autograder.probe": ("tests/engine/test_probe.py",),
    "autograder.judge": ("tests/engine/test_judge.py",),
    "autograder.beliefs": ("tests/engine/test_judge.py",),
    "autograder.expected": ("tests/engine/test_judge.py",),
    "autograder.endings": ("tests/engine/test_judge.py",),
}
_KATAS = (
    "tests/katas/test_checks.py",
    "tests/katas/test_words.py",
    "tests/katas/test_conduct.py",
    "tests/katas/test_relations.py",
    "tests/katas/test_cases.py",
    "tests/katas/test_contract.py",
    "tests/katas/test_brute_force.py",
)
_NO_SANDBOX = "not sandbox and not grader and not graded and not scorecard"


class Workshop:
    """Loads torch and the samples' observations once, and tests mutants in forks.

    Args:
        samples: Names of the sample submissions to judge where no test fails.
    """

    def __init__(self, samples: Sequence[str]) -> None:
        """Judge the samples with the code as it is, and remember what was observed."""
        self._samples = tuple(samples)
        self._memory: dict[bytes, Any] = {}
        self._judged()
        _forget(lambda name: name not in _KEPT)
        gc.freeze()  # or every fork's first collection copies all that was loaded

    def failing_unchanged(self) -> str:
        """Tell what fails without a mutant. Only for a forked process."""
        engine = [path for paths in dict.fromkeys(_ENGINE.values()) for path in paths]
        return _first_failure([*engine, *_KATAS]) or self._judged()

    def is_killed(self, mutant: Mutant) -> str:
        """Tell what notices a mutant; empty if nothing does. Only for a forked process."""
        module = mutant.site.module
        below = module in _KEPT or module == f"{_KATA}.reference"
        if below:
            self._memory.clear()
        if module in _KEPT:
            _forget(lambda _: True)
        sys.meta_path.insert(0, _Finder(module, mutant.source))
        try:
            importlib.import_module(module)
        except Exception as error:  # noqa: BLE001 - any exception kills a mutant
            return f"import: {type(error).__name__}"
        katas = () if module in {"autograder.parcel", "autograder.wire"} else _KATAS
        for path in (*_ENGINE.get(module, ()), *katas):  # one by one: to collect all takes longer
            if failed := _first_failure([path]):
                return failed
        return self._judged() if katas else ""

    def _judged(self) -> str:
        """Judge the samples and tell the first whose verdict is not the golden one."""
        samples: Any = importlib.import_module("tests.katas.samples")
        expected: Any = importlib.import_module("autograder.expected")
        judge_of = importlib.import_module("autograder.judge").Judge
        kata = importlib.import_module("autograder.kata").load("lottery_ticket")
        expected.observe = self._remembering(expected.observe)
        judge = judge_of(kata, kata.draw_cases("mutation", hidden=False))

        def observed(name: str, case: Any) -> Any:
            return self._remembered(name, case, lambda: samples.observations_of(name, [case])[0])

        for name in self._samples:
            verdicts = judge.verdicts([observed(name, case) for case in judge.cases])
            if samples.verdict_of(verdicts) != samples.golden(samples.SAMPLES / name):
                return f"sample {name}"
        return ""

    def _remembering(self, observe: Callable[..., Any]) -> Callable[..., Any]:
        """Observe a program of ours once in each case, whichever judge asks."""

        def remembering(program: Any, case: Any) -> Any:
            name = f"{program.__module__}.{program.__qualname__}"
            return self._remembered(name, case, lambda: observe(program, case))

        return remembering

    def _remembered(self, name: str, case: Any, observe: Callable[[], Any]) -> Any:
        key = _fingerprint(name, case)
        if key not in self._memory:
            self._memory[key] = observe()
        return self._memory[key]


def _fingerprint(name: str, case: Any) -> bytes:
    """Tell programs and cases apart by what they hold: both are loaded anew for each mutant."""
    digest = hashlib.sha256(name.encode())
    plain = (
        case.recipe, case.arguments, case.keywords, case.training, case.frozen, case.switched,
        case.grad_enabled, case.later, [list(state) for state in case.states.values()],
    )  # fmt: skip
    digest.update(repr(plain).encode())
    for state in (*case.states.values(), *case.trained, {"": case.example}):
        for value in state.values():
            digest.update(value.numpy().tobytes())
    return digest.digest()


def _first_failure(paths: Sequence[str]) -> str:
    """Run tests until one fails, and name it."""
    there = [path for path in paths if Path(path).exists()]
    if not there:
        return ""
    seen = _Seen()
    arguments = [
        "-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-k", _NO_SANDBOX, *there,
    ]  # fmt: skip
    code = pytest.main(arguments, plugins=[seen])
    return "" if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else seen.failed


class _Seen:
    """A pytest plugin that remembers what failed and keeps Hypothesis from shrinking."""

    failed = "collection"

    def pytest_configure(self) -> None:
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutation", settings.get_profile("tests"), phases=phases, max_examples=20
        )
        settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module's changed source."""

    def __init__(self, module: str, source: str) -> None:
        self._module = module
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, self._source)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a source that is not the file's."""

    def __init__(self, fullname: str, path: str, source: str) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, fullname: str) -> Any:
        return compile(self._source, self.get_filename(fullname), "exec", dont_inherit=True)


def _forget(which: Callable[[str], bool]) -> None:
    """Have modules of the grader and of its tests loaded anew, but for this package."""
    for name in list(sys.modules):
        ours = name == "autograder" or name.startswith(("autograder.", "tests."))
        if ours and not name.startswith("tests.mutation") and which(name):
            del sys.modules[name]


def in_a_fork(work: Callable[[], str]) -> tuple[int, int]:
    """Start a fork that writes what `work` returns into a pipe.

    Returns:
        The process's id, and the pipe's end to read from.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    try:
        said = work()
    except BaseException as error:  # noqa: BLE001 - whatever a mutant raises kills it
        said = f"{type(error).__name__}: {error}"
    os.write(writing, said.encode()[:4000])
    os._exit(0)
