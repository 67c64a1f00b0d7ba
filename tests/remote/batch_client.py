"""A client of `servers/batches.py`, for the tests of batches: the command line, which may be killed."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from batch_cli import hurry
from servers.batches import KEY, BatchServer
from support import PATIENCE_S, CliResult

from tempkit.cli import main

OPENAI, ANTHROPIC = "openai:gpt-5.4-mini", "anthropic:claude-haiku-4-5"
PROMPTS = ("Name a colour.", "Name a town.")
GRID = ("-t", "0,0.5,1", "-n", "4", "--max-tokens", "8", "--logprobs", "0", "--name", "r")
SAMPLES = 24


class Client:
    """Runs the command line against the server: in this process, or in one of its own where that is to be killed."""

    def __init__(
        self,
        server: BatchServer,
        folder: Path,
        env: dict[str, str],
        patch: pytest.MonkeyPatch,
        printed: pytest.CaptureFixture[str],
    ) -> None:
        self.server, self.folder, self._env = server, folder, {**env, **server.env}
        self._patch, self._printed = patch, printed
        self.most = 1000
        """Requests that OpenAI takes in one batch."""

    def begin(self, *args: str) -> "subprocess.Popen[str]":
        script = str(Path(__file__).with_name("batch_cli.py"))
        return subprocess.Popen(
            [sys.executable, "-W", "error", script, str(self.most), *args],
            cwd=self.folder,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *args: str) -> CliResult:
        self._printed.readouterr()
        with self._patch.context() as patch:
            hurry(self.most, patch.setattr)
            patch.chdir(self.folder)
            for name in os.environ.keys() - self._env.keys():
                patch.delenv(name)
            for name, value in self._env.items():
                patch.setenv(name, value)
            for name in ("freeze", "set_threshold"):  # for a process that is about to end
                patch.setattr(f"gc.{name}", lambda *_: None)
            with pytest.raises(SystemExit) as ended:
                main(list(args))
        out, err = self._printed.readouterr()
        assert KEY not in out + err
        assert isinstance(ended.value.code, int)
        return CliResult(ended.value.code, out, err)

    def run(self, *args: str, models: tuple[str, ...] = (OPENAI,)) -> CliResult:
        return self(*self.command(*args, models=models))

    def command(self, *args: str, models: tuple[str, ...]) -> list[str]:
        # Its address is the environment's, where its key goes only if that is named; the other's is the preset's own here.
        keyed = [f"{m},api_key_env=ANTHROPIC_API_KEY" if m == ANTHROPIC else m for m in models]
        named = [word for model in keyed for word in ("-m", model)]
        return ["run", *PROMPTS, *named, *GRID, *args]

    def killed(self, *args: str, when: str, how: signal.Signals = signal.SIGKILL) -> CliResult:
        """Run until the server has `taken` a batch or `looked` after one, then kill."""
        event = getattr(self.server, when)
        event.clear()
        with self.begin(*args) as process:
            assert event.wait(PATIENCE_S)
            process.send_signal(how)
            out, err = process.communicate(timeout=PATIENCE_S)
        return CliResult(process.returncode, out, err)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "tempkit.db")) as connection:
            return connection.execute(query).fetchall()

    def whole(self, *, samples: int = SAMPLES) -> None:
        """Check that every sample is there once, nothing is owed, and nothing was paid for twice."""
        assert self.rows("select count(*), count(distinct temperature_requested) from completion") == [
            (samples, 3)
        ]
        assert self.rows("select count(*) from batch_request") == [(0,)]
        assert self.rows("select count(*) from batch where state in ('open', 'submitting')") == [(0,)]
        assert self.server.paid.total() == samples
        assert self.server.without_key == []
