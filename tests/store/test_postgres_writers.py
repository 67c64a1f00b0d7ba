"""Several processes that write into one PostgreSQL database at once, and a server that is gone in the middle of it."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psycopg
import pytest
from servers.postgres import PostgresServer
from slow_runs import count, stands, started, stored
from support import PATIENCE_S, Cli, until

from tempkit.errors import StoreError
from tempkit.store import Store, UnavailableError
from tempkit.store.bulk import insert_many, insert_meanwhile
from tempkit.store.models import METADATA


@pytest.fixture
def url(postgres_schema: Callable[[], str]) -> str:
    return postgres_schema()


@pytest.fixture(scope="module")
def keeping_server() -> Iterator[PostgresServer]:
    """A server that a crash takes no commit from."""
    server = PostgresServer(keeps_commits=True)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.csv"
    path.write_text("question\n" + "".join(f"What is {n} + {n}?\n" for n in range(6)), encoding="utf-8")
    return path


def command(name: str, *more: str, delay_ms: int = 5) -> tuple[str, ...]:
    model = f"scripted:words,delay_ms={delay_ms},label=words"
    return ("run", "questions.csv", "-m", model, "-t", "0,0.7,1.4", "-n", "8", "--logprobs", "5", "--use-case", "chatbot",
            "--name", name, *more)  # fmt: skip


def ended_well(commands: list[tuple[str, ...]], folder: Path, env: dict[str, str]) -> None:
    """Run commands at once, each as a process of its own."""
    with ExitStack() as all_of_them:
        processes = [all_of_them.enter_context(started(each, folder, env)) for each in commands]
        for process in processes:
            _, err = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 0, err


@pytest.mark.usefixtures("questions")
class TestTwoWriters:
    def test_two_runs_at_once_are_as_if_each_were_alone(
        self, cli: Cli, cli_env: dict[str, str], url: str, tmp_path: Path
    ) -> None:
        # Into a database without tables, so that both make them at once too.
        ended_well([command(name, "--seed", seed, "--db", url) for name, seed in (("one", "1"), ("two", "2"))],
                   tmp_path, cli_env)  # fmt: skip
        for name, seed in (("one", "1"), ("two", "2")):
            assert cli(*command(name, "--seed", seed, "--db", "alone.db", delay_ms=0)).code == 0
            assert stored(url, name) == stored(tmp_path / "alone.db", name)
            assert stands(url, name) == ("finished", 144, 0)
        assert stored(url, "one") != stored(url, "two")

    def test_two_shards_at_once_are_the_run_in_one_piece(
        self, cli: Cli, cli_env: dict[str, str], url: str, tmp_path: Path
    ) -> None:
        ended_well(
            [command("shared", "--db", url, "--shard", f"{part}/2") for part in (1, 2)], tmp_path, cli_env
        )
        assert cli(*command("shared", "--db", "whole.db")).code == 0
        assert stored(url, "shared") == stored(tmp_path / "whole.db", "shared")
        assert stands(url, "shared") == ("finished", 144, 0)
        with Store.open(url) as store:
            assert len(store.runs()) == 1


@pytest.mark.usefixtures("questions")
class TestServersThatAreGone:
    """Either with a run of two shards under way, so that both of them have to find the server again."""

    def at_work(self, db: str, least: int) -> bool:
        """Whether both parts have stored so many answers."""
        if not count(db, "completion"):
            return False
        with psycopg.connect(db) as connection:
            parts = connection.execute(
                "SELECT position % 2, count(*) FROM completion JOIN item ON item.id = item_id GROUP BY 1"
            ).fetchall()
        return len(parts) == 2 and min(stored for _, stored in parts) >= least

    def outlived(
        self, cut: Callable[[], None], db: str, cli: Cli, folder: Path, env: dict[str, str]
    ) -> list[str]:
        """Cut both parts of a run off in the middle, twice; return what they said of it."""
        with ExitStack() as both:
            parts = [
                both.enter_context(
                    started(command("gone", "--db", db, "--shard", f"{part}/2", delay_ms=40), folder,
                            {**env, "TEMPKIT_DB_WAIT": "200"})
                )
                for part in (1, 2)
            ]  # fmt: skip
            for least in (1, 30):
                until(partial(self.at_work, db, least))
                cut()
                assert count(db, "completion") < 144
            said = []
            for process in parts:
                _, err = process.communicate(timeout=PATIENCE_S)
                assert process.returncode == 0, err
                assert "Traceback" not in err
                assert "s3cret" not in err
                said.append(err)
        assert cli(*command("gone", "--db", "whole.db", delay_ms=40)).code == 0
        assert stored(db, "gone") == stored(folder / "whole.db", "gone")
        assert stands(db, "gone") == ("finished", 144, 0)
        assert count(db, "failure") == 0
        return said

    def test_connections_that_the_server_ends(
        self, keeping_server: PostgresServer, cli: Cli, cli_env: dict[str, str], tmp_path: Path
    ) -> None:
        db = keeping_server.schema("ended")

        def cut() -> None:
            with psycopg.connect(db, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )

        self.outlived(cut, db, cli, tmp_path, cli_env)

    def test_a_server_that_crashes_and_starts_again(
        self, keeping_server: PostgresServer, cli: Cli, cli_env: dict[str, str], tmp_path: Path
    ) -> None:
        db = keeping_server.schema("crashed")

        def cut() -> None:
            keeping_server.stop(signal.SIGQUIT)  # as `pg_ctl restart -m immediate` does
            time.sleep(1.5)
            keeping_server.start()

        for err in self.outlived(cut, db, cli, tmp_path, cli_env):
            assert "no connection to postgresql://tempkit:***@127.0.0.1" in err
            assert "takes what comes again" in err


def test_a_connection_that_ends_within_a_copy_is_one_that_is_lost(url: str) -> None:
    token = METADATA.tables["token"]
    columns = ("completion_id", "position", "text")

    def rows(other: psycopg.Connection) -> Iterator[tuple[int, int, str]]:
        yield 1, 0, "a"
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND query LIKE 'COPY%'"
        )
        for position in range(1, 200_000):
            yield 1, position, "b" * 100

    with Store.open(url) as store, psycopg.connect(url, autocommit=True) as other:
        with (
            pytest.raises(UnavailableError, match="no connection to postgresql://tempkit:"),
            store._write() as connection,
        ):
            insert_many(connection, token, columns, rows(other))
        assert store.runs() == []  # by another connection
        with pytest.raises(StoreError, match="refused"), store._write() as connection:
            insert_many(connection, token, columns, [(1, 0, "of no completion")])
        assert count(url, "token") == 0


def test_what_fails_beside_the_inserting_is_raised_once_that_has_ended(url: str) -> None:
    token = METADATA.tables["token"]
    columns = ("completion_id", "position", "text")
    rows = [(1, position, "of no completion") for position in range(20_000)]

    def fails() -> None:
        raise ArithmeticError

    with Store.open(url) as store:
        with pytest.raises(ArithmeticError), store._write() as connection:
            insert_meanwhile(connection, token, columns, rows, fails)
        with pytest.raises(StoreError, match="refused"), store._write() as connection:
            insert_meanwhile(connection, token, columns, rows, list)
        assert store.runs() == []  # and the connection is as good as before
        assert count(url, "token") == 0
