"""What several tests share: sandboxes, one thread for torch, and how Hypothesis searches."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

from autograder.sandbox import Sandbox

# What the developer's own shell says of courses, seeds or languages must not reach a test.
for _name in [name for name in os.environ if name.startswith("AUTOGRADER")]:
    del os.environ[_name]
# Here and in what tests start: more threads only keep other tests from the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
torch.set_num_threads(1)

LONGEST = (
    "test_submissions", "test_meta", "test_seeds", "test_autograde", "test_course",
    "test_attacks", "test_resume", "test_nbgrader", "test_notebooks", "test_browser",
    "test_formgrader", "test_variants", "test_cluster", "test_watch", "test_second_kata",
    "test_language",
)  # fmt: skip
"""Files that take a minute or so: no core is to wait for one of them at the end."""

settings.register_profile("tests", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files come first."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


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
