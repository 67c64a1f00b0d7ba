"""Fixtures for prompt files and what goes into them."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a text file, folders included; the test runs where the files are, so that messages name them shortly."""
    monkeypatch.chdir(tmp_path)

    def file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return Path(name)

    return file


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
