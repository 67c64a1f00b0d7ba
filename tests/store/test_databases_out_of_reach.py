"""A database that cannot take what comes for a while: it is waited for, and nothing is lost or comes twice."""

import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from servers.cutting_proxy import Cut, CuttingProxy
from servers.postgres import PostgresServer
from slow_runs import begin, count, status, through
from support import PATIENCE_S, Cli, heard, until

from tempkit.errors import StoreError
from tempkit.store import Store, UnavailableError
from tempkit.testing import store_samples as samples
from tempkit.types import Failure
from tempkit.types.batches import Batch, BatchRequest


@pytest.fixture
def url(postgres_schema: Callable[[], str]) -> str:
    return postgres_schema()


@pytest.fixture
def proxy(url: str) -> Iterator[Callable[[Callable[[int], Cut]], CuttingProxy]]:
    def make(cut: Callable[[int], Cut]) -> CuttingProxy:
        port = urlsplit(url).port
        assert port is not None
        return CuttingProxy(port, cut)

    return make


class TestRuns:
    def test_connections_that_the_server_ends(
        self, restartable_server: PostgresServer, tmp_path: Path, cli_env: dict[str, str]
    ) -> None:
        db = restartable_server.schema("ends")
        terminate = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with (
            psycopg.connect(db, autocommit=True) as other,
            begin(db, tmp_path, cli_env, 200, fail_every=7) as run,
        ):
            until(lambda: count(db, "completion") > 0)
            while run.poll() is None:
                other.execute(terminate)
                time.sleep(0.2)
            _, err = run.communicate(timeout=PATIENCE_S)
        failed = count(db, "failure")
        assert (run.returncode, status(db)) == (3, "finished"), err
        assert count(db, "completion") + failed == 200
        assert failed == 200 // 7
        assert "Traceback" not in err

    @pytest.mark.parametrize("cut", ["before", "after"])
    def test_commits_that_are_cut_off_are_done_once(
        self, cut: Cut, url: str, proxy: Callable[..., CuttingProxy], tmp_path: Path, cli_env: dict[str, str]
    ) -> None:
        Store.open(url).close()
        # The first of them make the run.
        with proxy(lambda number: cut if number > 4 and number % 5 == 0 else None) as between:
            with begin(through(url, between.port), tmp_path, cli_env, 100, fail_every=5) as run:
                _, err = run.communicate(timeout=PATIENCE_S)
            assert between.cuts > 2
        assert (run.returncode, status(url)) == (3, "finished"), err
        assert (count(url, "completion"), count(url, "failure")) == (80, 20)
        assert "waiting for at most 1 min 40 s: no connection to postgresql://tempkit:***@127.0.0.1" in err

    def test_a_server_that_is_away_for_some_seconds(
        self, restartable_server: PostgresServer, tmp_path: Path, cli_env: dict[str, str]
    ) -> None:
        server = restartable_server
        db = server.schema("seconds")
        with begin(db, tmp_path, cli_env, 300) as run:
            until(lambda: count(db, "completion") > 0)
            server.stop()
            time.sleep(3)
            assert run.poll() is None
            server.start()
            _, err = run.communicate(timeout=PATIENCE_S)
        assert (run.returncode, status(db), count(db, "completion")) == (0, "finished", 300), err
        assert "takes what comes again" in err

    def test_a_server_that_stays_away_ends_the_run_with_one_line_and_keeps_what_was_stored(
        self, restartable_server: PostgresServer, cli: Cli, tmp_path: Path, cli_env: dict[str, str]
    ) -> None:
        server = restartable_server
        db = server.schema("away")
        with begin(db, tmp_path, {**cli_env, "TEMPKIT_DB_WAIT": "1.5"}, 300) as run:
            until(lambda: count(db, "completion") > 0)
            server.stop()
            _, err = run.communicate(timeout=PATIENCE_S)
        try:
            for command in (
                ("runs",),
                ("show", "latest"),
                ("report", "latest"),
                ("export", "latest", "-o", "x.csv"),
            ):
                done = cli(*command, "--db", db)
                assert (done.code, done.out) == (1, "")
                assert len(done.err.splitlines()) == 1
                assert done.err.startswith("error: no connection to postgresql://")
        finally:
            server.start()
        errors = [line for line in err.splitlines() if line.startswith("error: ")]
        assert run.returncode == 1
        assert len(errors) == 1
        assert "Traceback" not in err
        assert errors[0].startswith("error: no connection to postgresql://tempkit:***@127.0.0.1")
        assert "; waited 2 s for it (TEMPKIT_DB_WAIT); " in errors[0]
        assert errors[0].endswith(" answers that had come are not stored")
        assert 0 < count(db, "completion") < 300
        done = cli("run", "--resume", "latest", "--db", db)
        assert (done.code, count(db, "completion")) == (0, 300), done.err

    def test_a_wait_that_is_no_time_is_refused_at_once(self, cli: Cli) -> None:
        for wrong in ("soon", "-1", "nan", "inf"):
            done = cli("runs", env={"TEMPKIT_DB_WAIT": wrong})
            assert done.code == 1
            assert done.err.startswith(f"error: TEMPKIT_DB_WAIT is {wrong!r}: set it to the seconds")


class TestFullDisks:
    def run(self, folder: Path, env: dict[str, str]) -> AbstractContextManager["subprocess.Popen[str]"]:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))

        return begin("tempkit.db", folder, env, 500, tokens=60, preexec_fn=limit)

    def test_a_disk_that_is_full_until_some_is_freed(self, tmp_path: Path, cli_env: dict[str, str]) -> None:
        with self.run(tmp_path, cli_env) as run:
            heard(run, "waiting for at most 1 min 40 s: ")
            time.sleep(1)
            assert run.poll() is None
            resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            _, err = run.communicate(timeout=PATIENCE_S)
        assert run.returncode == 0, err
        with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
            assert connection.execute("SELECT count(*) FROM completion").fetchone() == (500,)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def test_ctrl_c_twice_gives_up_what_is_kept(self, tmp_path: Path, cli_env: dict[str, str]) -> None:
        with self.run(tmp_path, cli_env) as run:
            heard(run, "waiting for at most 1 min 40 s: ")
            for _ in range(2):
                run.send_signal(signal.SIGINT)
                time.sleep(0.3)
            _, err = run.communicate(timeout=PATIENCE_S)
        assert run.returncode == 130
        assert " answers that had come are not stored; go on with: " in err


@pytest.mark.parametrize("stored_before", [True, False])
@pytest.mark.parametrize("kind", ["completions", "failures"])
def test_what_may_have_been_stored_is_looked_up(
    kind: str, stored_before: bool, url: str, proxy: Callable[..., CuttingProxy]
) -> None:
    with Store.open(url) as store:
        run = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
    keys = samples.keys(samples.plan())[:3]
    given = [
        samples.completion(key) if kind == "completions" else Failure(key=key, kind="server", message="no")
        for key in keys
    ]
    cut: Cut = "after" if stored_before else "before"
    at = datetime.now(UTC)
    with (
        proxy(lambda number: cut if number == 2 else None) as between,
        Store.open(through(url, between.port)) as store,
    ):
        with pytest.raises(UnavailableError, match="no connection to postgresql://"):
            store.add(run.id, given, at=at)
        for _ in range(2):
            store.add(run.id, given, at=at, again=True)
        assert between.cuts == 1
        found = store.completions(run.id) if kind == "completions" else store.failures(run.id, standing=False)
        assert sorted(outcome.key for outcome in found) == sorted(keys)
        if kind == "completions":
            with pytest.raises(StoreError, match="another process is writing run"):  # not this batch
                store.add(run.id, given, at=datetime.now(UTC), again=True)


def test_a_batch_is_written_down_once(url: str, proxy: Callable[..., CuttingProxy]) -> None:
    with Store.open(url) as store:
        run = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
    keys = samples.keys(samples.plan())[:2]
    batch = Batch(
        tag="t1",
        model=keys[0].model,
        requests=2,
        created_at=datetime.now(UTC),
        awaited=tuple(
            BatchRequest(number=n, key=replace(key, model=keys[0].model), seed=1, params={})
            for n, key in enumerate(keys)
        ),
    )
    with (
        proxy(lambda number: "after" if number == 2 else None) as between,
        Store.open(through(url, between.port)) as store,
    ):
        with pytest.raises(UnavailableError):
            store.add_batch(run.id, batch)
        store.add_batch(run.id, batch)
        assert [found.tag for found in store.batches(run.id)] == ["t1"]
