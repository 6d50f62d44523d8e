"""What several tests share: sandboxes, one thread for torch, and how Hypothesis searches."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

from autograder.sandbox import Sandbox

# Here and in what tests start: more threads only keep other tests from the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

settings.register_profile("tests", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that gives submissions time."""
    box = Sandbox(timeout=30.0)
    yield box
    box.close()


@pytest.fixture(scope="session")
def hasty_sandbox() -> Iterator[Sandbox]:
    """A sandbox for submissions that never end."""
    box = Sandbox(timeout=1.5)
    yield box
    box.close()
