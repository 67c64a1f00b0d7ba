"""A real PostgreSQL for the store's contract: started once per session on a free loopback port, thrown away after."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import psycopg
import pytest
from support import PATIENCE_S, lacking

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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server, without a database's name."""
    binaries = _server_binaries()
    folder = Path(tempfile.mkdtemp(prefix="tempkit-postgres-"))
    as_user: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")
    port = _free_port()
    with (folder / "password").open("w") as file:
        file.write(_PASSWORD)
    (folder / "password").chmod(0o644)
    initdb = [binaries / "initdb", "-D", folder / "data", "-U", "tempkit", "-A", "scram-sha-256"]
    initdb += ["--pwfile", folder / "password", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **as_user)
    settings = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=127.0.0.1"]
    command = [binaries / "postgres", "-D", folder / "data", "-k", folder, "-p", str(port)]
    command += [word for setting in settings for word in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **as_user)
    try:
        _wait_until_up(server, port, folder / "log")
        yield f"postgresql://tempkit:{_PASSWORD.replace('/', '%2F')}@127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGQUIT)  # an immediate shutdown: nothing of it is kept
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


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


@pytest.fixture(scope="session")
def postgres_schema(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes URLs of fresh schemas: as good as a database each, and fifty times faster to make."""
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        numbers = count(1)

        def make() -> str:
            schema = f"test{next(numbers)}"
            connection.execute(f"CREATE SCHEMA {schema}")
            return f"{postgres_server}/postgres?options=-csearch_path%3D{schema}"

        yield make
