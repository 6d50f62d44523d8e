"""What several tests share: sandboxes, and how Hypothesis searches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from autograder.sandbox import Sandbox

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
