"""The parent's end of the engine's process: start it, talk to it, and say what happened when it dies."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

from tempkit.backends.gguf import ipc
from tempkit.errors import ModelError, one_line

__all__ = ["Engine", "EngineDiedError"]


class EngineDiedError(ModelError):
    """The engine's process ended by itself; the message says how, in words that follow "llama.cpp"."""


class Engine:
    """A process with one model in it."""

    def __init__(self, process: asyncio.subprocess.Process, log: Any) -> None:
        self._process, self._log = process, log
        self._busy = False

    @classmethod
    async def start(cls) -> "Engine":
        """Start the process; it waits for an order to load."""
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`, a pipe would have to be emptied all the time
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # modules come from where tempkit is installed, not from the folder it is run in
            "-m",
            "tempkit.backends.gguf.engine_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=_environment(),
        )
        return cls(process, log)

    async def ask(self, order: object) -> AsyncGenerator[Any, None]:
        """Send an order and yield the answers, up to and including `Loaded`, `Done` or `Refused`.

        Raises:
            EngineDiedError: The process ended before that.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None  # noqa: S101 - both are pipes
        assert stdout is not None  # noqa: S101
        self._busy = True
        try:
            stdin.write(ipc.pack(order))
            await stdin.drain()
            while True:
                size = ipc.body_size(await stdout.readexactly(ipc.HEADER.size))
                answer = ipc.unpack(await stdout.readexactly(size))
                self._busy = not isinstance(answer, (ipc.Loaded, ipc.Done, ipc.Refused))
                yield answer
                if not self._busy:
                    return
        except ipc.StrangeAnswerError as e:
            self._process.kill()  # what it says next means no more than this
            raise EngineDiedError(f"gave an answer that cannot be read: {e}") from e
        except (asyncio.IncompleteReadError, ConnectionError) as e:
            raise EngineDiedError(await self._death()) from e

    async def _death(self) -> str:
        code = await self._process.wait()
        self._log.seek(0)
        lines = [line.strip() for line in self._log.read().decode("utf-8", "replace").splitlines()]
        telling = [line for line in lines if "GGML_ASSERT" in line or "what():" in line]
        last = one_line((telling or [line for line in lines if line] or ["it said nothing"])[-1])
        if code < 0:
            name = signal.Signals(-code).name
            hint = _HINTS.get(name, "")
            return f"was ended by {name}{hint}: {last}"
        return f"ended with exit code {code}: {last}"

    async def close(self) -> None:
        """End the process and wait for it; harmless when it is gone already.

        In the middle of an order it is killed: it holds nothing that is not told already.
        """
        process = self._process
        if self._busy and process.returncode is None:
            process.kill()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.close()  # waiting for orders, it ends at this
        with suppress(ConnectionError):
            await process.stdin.wait_closed()
        await process.stdout.read()
        await process.wait()
        self._log.close()


_UNFIT = (
    " (compiled for another processor, or for instructions that this machine only pretends to have? build it anew: "
    "pip install --force-reinstall --no-cache-dir llama-cpp-python, and see docs/local-models.md)"
)
_HINTS = {
    "SIGILL": _UNFIT,
    "SIGSEGV": _UNFIT,
    "SIGKILL": " (out of memory? lower --memory or the option parallel)",
    "SIGBUS": " (was the model's file changed or truncated while in use?)",
}


def _environment() -> dict[str, str]:
    """Return the child's environment.

    llama.cpp's threads meet at a barrier several hundred times per token. By default OpenMP waits there by spinning, and
    when any other process wants a core the spinners wait for each other's time slices: 6 tokens/s instead of 50 to 80 were
    measured on two busy cores. Spinning for some microseconds and then sleeping is as fast on idle cores. What the user has
    set stands.
    """
    environment = dict(os.environ)
    if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & set(environment):
        environment["GOMP_SPINCOUNT"] = "20000"
    # The sampler's matrix products are too small to share; a second pool of threads would only be in llama.cpp's way.
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    environment["GGML_NO_BACKTRACE"] = "1"  # it would start a debugger
    return environment
