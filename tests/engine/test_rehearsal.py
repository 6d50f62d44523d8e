"""What the fork server does before it forks: each in a process of its own, as the server is one."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.engine.examples import ROOT


def told(code: str) -> Any:
    """Run code that prints one JSON value."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=True, env={"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return json.loads(done.stdout)


def test_a_rehearsal_leaves_one_thread_and_the_main_module() -> None:
    code = """
import json, os, sys
from autograder.rehearsal import gather_memory, rehearse
main = sys.modules["__main__"]
rehearse()
gather_memory()
print(json.dumps([len(os.listdir("/proc/self/task")), sys.modules["__main__"] is main]))
"""
    assert told(code) == [1, True]


def test_a_child_of_whoever_rehearsed_imports_nothing_more() -> None:
    code = """
import json, sys, torch
from autograder.rehearsal import _SMALL, _case, rehearse
from autograder.probe import observe
from autograder.wire import encode_answer
rehearse()
before = set(sys.modules)
encode_answer(observe(lambda model, state: model, _case(_SMALL)))
import torch.nn.utils.parametrize, torch.nn.utils.prune
str(torch.ones(2, 2))
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    assert told(code) == []


def test_what_was_practised_is_compiled_once() -> None:
    code = """
import json
from pathlib import Path
import torch
from autograder.probe import observe
from autograder.records import Outline
from autograder.rehearsal import _case, practise, rehearse

def compiled():
    areas = [line.split() for line in Path("/proc/self/maps").read_text().splitlines()]
    return {area[0] for area in areas if "x" in area[1] and ".so" not in area[-1]}

rehearse()
recipe = "Sequential(Conv2d(3, 8, 3), BatchNorm2d(8), Dropout(), Flatten(), Linear(288, 4))"
outline = Outline(recipe, (2, 3, 8, 8))
numbers = torch.get_rng_state()
before = compiled()
practise(outline)
practised = compiled()
same = torch.equal(numbers, torch.get_rng_state())
observe(lambda model, _: model, _case(outline))
later = compiled()
practise(Outline("Linear(2, 1)", (1, 3)))  # what it is given does not fit
practise(Outline("Nothing()", (1, 3)))
print(json.dumps([practised > before, later == practised, same]))
"""
    assert told(code) == [True, True, True]


def test_models_laid_in_are_handed_out_once_each() -> None:
    code = """
import json
from torch import nn
from autograder.models import build, lay_in
first, second = "Sequential(Linear(2, 1))", "Sequential(Linear(3, 1))"
lay_in([first, second, first, "Nothing()"])
lay_in([first, second, first])
made = []
real = nn.Linear.reset_parameters
nn.Linear.reset_parameters = lambda layer: (made.append(1), real(layer))
models = [build(first), build(first), build(second)]
before = len(made)
models.append(build(first))
print(json.dumps([before, len(made), len(set(map(id, models)))]))
"""
    assert told(code) == [0, 1, 4]


def test_gathered_memory_holds_what_it_held() -> None:
    code = """
import json, torch
from autograder.rehearsal import gather_memory
numbers = torch.arange(1_000_000)
texts = [str(number) for number in range(100_000)]
gather_memory()
print(json.dumps([int(numbers.sum()), sum(map(int, texts))]))
"""
    assert told(code) == [499_999_500_000, 4_999_950_000]
