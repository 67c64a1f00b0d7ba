"""Names that tests in several folders import."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parent.parent

PATIENCE_S = 300
"""Seconds after which a test says that something hangs: never a measure of how fast it is."""


def lacking(what: str) -> NoReturn:
    """Skip a test whose machine lacks something; where everything has to be there, fail.

    Args:
        what: That is missing, and how it is had.
    """
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what, allow_module_level=True)


def heard(process: "subprocess.Popen[str]", beginning: str) -> str:
    """Return the first line on a process's stderr that begins so; it fails where the process ends without it."""
    assert process.stderr is not None
    passed = []
    while line := process.stderr.readline():
        if line.startswith(beginning):
            return line
        passed.append(line)
    pytest.fail(f"no line begins with {beginning!r}: {''.join(passed)}")


def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened elsewhere; it need not be quick, but it must come."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"this did not happen in {PATIENCE_S} s"
        time.sleep(0.02)


@dataclass(frozen=True)
class CliResult:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Cli = Callable[..., CliResult]


@dataclass(frozen=True)
class LlamaServer:
    """A running llama.cpp server."""

    base_url: str
    key: str


@contextmanager
def serve(model: Path, key: str = "sk-test-0123456789", *options: str) -> Iterator[LlamaServer]:
    """Serve a GGUF file with llama.cpp's own server, as a process of its own; without a key it asks for none."""
    command = [sys.executable, str(ROOT / "tests/servers/llama_server.py"), str(model), key, *options]
    env = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), "the llama.cpp server did not start"
            yield LlamaServer(f"{url}/v1", key)
        finally:
            process.kill()


@dataclass(frozen=True)
class FaultyServer:
    """A running `servers/faulty.py`."""

    url: str
    kill: Callable[[], None] = lambda: None

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def host(self) -> str:
        """With its port."""
        return self.url.removeprefix("http://")

    def stats(self) -> dict[str, Any]:
        return self._get("/stats")

    def allow(self, more: int | None) -> None:
        """Let so many more requests be answered, or all; the others wait."""
        self._get(f"/allow/{'all' if more is None else more}")

    def _get(self, path: str) -> dict[str, Any]:
        with urlopen(f"{self.url}{path}", timeout=PATIENCE_S) as response:
            found: dict[str, Any] = json.load(response)
            return found


@contextmanager
def faulty(*args: str) -> Iterator[FaultyServer]:
    """Serve chat completions with faults, as a process of its own; the arguments are those of `servers/faulty.py`."""
    command = [sys.executable, str(ROOT / "tests/servers/faulty.py"), *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), "the server did not start"
            yield FaultyServer(url, process.kill)
        finally:
            process.kill()


RECOMMENDING = """
[[model]]
provider = "scripted"
names = ["words"]
temperature = "honoured"
source = "a test"
date = 2026-01-02
recommended = {%s}
recommended_by = "its card"
"""
"""A row of the table of models that recommends something for the scripted one."""
