"""Fixtures for prompt files and what goes into them."""

import signal
from collections.abc import Iterator
from types import FrameType

import pytest


@pytest.fixture
def promptly() -> Iterator[None]:
    """Fail a test that takes far longer than any honest machine needs, so that a bomb ends and does not hang the suite."""

    def late(_number: int, _frame: FrameType | None) -> None:
        pytest.fail("took more than 30 seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(30)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
