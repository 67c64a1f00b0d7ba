"""A real PostgreSQL on a free loopback port, thrown away after."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support import PATIENCE_S, lacking

__all__ = ["PostgresServer"]

_PASSWORD = "s3cret/pass"  # with a character that a URL must escape


def _server_binaries() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    if which := shutil.which("initdb"):
        found.append(Path(which))
    if not found:
        lacking("PostgreSQL's server is not installed: apt-get install postgresql")
    return found[0].parent


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_up(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if server.poll() is not None:
            pytest.fail(f"PostgreSQL did not start: {log.read_text()}")
        with suppress(psycopg.OperationalError):
            psycopg.connect(
                host="127.0.0.1", port=port, user="tempkit", password=_PASSWORD, dbname="postgres"
            ).close()
            return
        time.sleep(0.1)
    pytest.fail(f"PostgreSQL did not answer within {PATIENCE_S} s")


class PostgresServer:
    """A server on a free loopback port, which can be stopped and started again."""

    def __init__(self, *, keeps_commits: bool = False) -> None:
        """Make a server's files.

        Args:
            keeps_commits: Every commit outlasts a crash of the server, as by PostgreSQL's default; the others are faster.
        """
        self._keeps_commits = keeps_commits
        self._binaries = _server_binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="tempkit-postgres-"))
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(self._folder, "postgres", "postgres")
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        with (self._folder / "password").open("w") as file:
            file.write(_PASSWORD)
        (self._folder / "password").chmod(0o644)
        initdb = [
            self._binaries / "initdb",
            "-D",
            self._folder / "data",
            "-U",
            "tempkit",
            "-A",
            "scram-sha-256",
        ]
        initdb += ["--pwfile", self._folder / "password", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=self._folder, **self._as_user)
        self.url = f"postgresql://tempkit:{_PASSWORD.replace('/', '%2F')}@127.0.0.1:{self._port}"
        """Without a database's name."""

    def start(self) -> None:
        settings = [
            "fsync=off",
            "full_page_writes=off",
            f"synchronous_commit={'on' if self._keeps_commits else 'off'}",
            "listen_addresses=127.0.0.1",
        ]
        command = [self._binaries / "postgres", "-D", self._folder / "data", "-k", self._folder]
        command += ["-p", str(self._port), *(word for setting in settings for word in ("-c", setting))]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self._folder, **self._as_user
            )
        _wait_until_up(self._process, self._port, self._folder / "log")

    def schema(self, name: str) -> str:
        """Return the URL of a fresh schema: as good as a database, and fifty times faster to make."""
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}/postgres?options=-csearch_path%3D{name}"

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: by SIGINT without waiting for whoever is connected, by SIGQUIT without keeping anything in order."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)
