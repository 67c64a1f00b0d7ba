"""Contestants run in processes of their own, so that each one's peak memory is its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tempkit.errors import TempkitError


class Child:
    """A script beside this one that answers each line of JSON with a line of JSON; gone when the block ends.

    Args:
        script: Its name, without `.py`.
        environment: Variables to set for it.
    """

    def __init__(self, script: str, environment: Mapping[str, str] | None = None) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the block
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(f"{script}.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **(environment or {})},
        )

    def ask(self, question: Any) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps(question).encode() + b"\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            code = self._process.wait()
            self._log.seek(0)
            said = self._log.read().decode("utf-8", "replace").splitlines()[-12:]
            raise SystemExit("\n".join([f"a contestant ended with exit code {code}:", *said]))
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, which may be in the middle of its work after Ctrl-C."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._log):
            assert file is not None
            try:
                file.close()
            except BrokenPipeError:  # a question that it never read
                continue


def answer(handle: Callable[[Any], Any]) -> None:
    """Be such a child: answer every question on standard input until it ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not land between the answers
    for line in sys.stdin:
        answers.write(json.dumps(handle(json.loads(line))).encode() + b"\n")


def run(main: Callable[[], None]) -> None:
    """Run a benchmark; at Ctrl-C and SIGTERM its children and files go before it does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except TempkitError as e:
        sys.exit(str(e))


def of_command(command: Sequence[str]) -> tuple[float, float, float]:
    """Run a command of tempkit in a process of its own; return the seconds, those of CPU, and the peak of memory in MB."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stderr)
    worked, peak = map(float, done.stderr.split()[-2:])
    return seconds, worked, peak / 1e3


_MEASURED = """
import resource, sys
from tempkit.cli import main
try:
    main(sys.argv[1:])
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
"""


@contextmanager
def serving(
    server: Path, *, latency: float, tokens: int, top: int
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Start a server that answers after a fixed time; yield its address and its process."""
    options = ["--latency", str(latency), "--tokens", str(tokens), "--top", str(top)]
    with subprocess.Popen(
        [sys.executable, str(server), *options], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip() + "/v1", process
        finally:
            process.kill()
