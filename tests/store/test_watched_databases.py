"""A report that is watched while its run goes to PostgreSQL and the server is away for a while; and two who measure a run at once."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers.postgres import PostgresServer
from support import PATIENCE_S, ROOT, Cli, until

from tempkit.api import Standing, watch, watching
from tempkit.errors import StoreError
from tempkit.store import Store
from tempkit.testing import store_samples as samples
from tempkit.types import Score

FACTS = str(ROOT / "prompts/technical-documentation.prompty")


@contextmanager
def sweep(db: str, folder: Path, env: dict[str, str], count: int) -> Iterator["subprocess.Popen[str]"]:
    """A run in a process of its own that has stored its first answer; it does not outlive the test."""
    size = ["--items", "1", "-t", "0,1", "-n", str(count // 2), "--max-tokens", "3", "--db", db]
    command = [sys.executable, "-m", "tempkit", "run", FACTS, "-m", "scripted:words,delay_ms=50", *size]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    run = subprocess.Popen(command, cwd=folder, env=env, **pipes)  # type: ignore[call-overload]

    def began() -> bool:
        with Store.open(db) as store:
            return any(each.completions for each in store.runs())

    try:
        until(began)
        yield run
    finally:
        run.kill()
        run.communicate()


@pytest.mark.slow
def test_a_server_that_is_away_for_some_seconds_is_waited_for(
    restartable_server: PostgresServer, cli: Cli, tmp_path: Path, cli_env: dict[str, str], monkeypatch
) -> None:
    for name, value in (("_LOOK_EVERY_S", 0.2), ("_WRITE_EVERY_S", 0.2), ("_SHARE", 0.1)):
        monkeypatch.setattr(watching, name, value)
    server = restartable_server
    db = server.schema("watched")
    unreachable: list[str] = []
    stopped = False

    def take_away(standing: Standing) -> None:
        nonlocal stopped
        if standing.doing == "waiting" and not stopped:
            stopped = True
            server.stop()
        elif standing.doing == "unreachable":
            if not unreachable:
                server.start()
            unreachable.append(standing.why)

    with sweep(db, tmp_path, cli_env, 200) as run:
        found = watch(db=db, output=tmp_path / "page.html", on_standing=take_away)
        assert run.wait(PATIENCE_S) == 0
    assert (found.ended, found.runs[0].completions) == ("finished", 200)
    assert unreachable[0].startswith("no connection to postgresql://")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert cli("report", "latest", "--db", db, "-o", "after.html").code == 0
    assert (tmp_path / "after.html").read_text("utf-8") == page


def test_a_server_that_stays_away_is_one_line(
    restartable_server: PostgresServer, cli: Cli, tmp_path: Path, cli_env: dict[str, str], monkeypatch
) -> None:
    monkeypatch.setattr(watching, "_LOOK_EVERY_S", 0.2)
    server = restartable_server
    db = server.schema("stays")
    try:
        with sweep(db, tmp_path, cli_env, 2000):
            command = ["report", "--watch", "--db", db, "-o", "page.html"]
            with subprocess.Popen(
                [sys.executable, "-m", "tempkit", *command],
                cwd=tmp_path, env={**cli_env, "TEMPKIT_DB_WAIT": "1"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            ) as watcher:  # fmt: skip
                until((tmp_path / "page.html").exists)
                server.stop()
                out, err = watcher.communicate(timeout=PATIENCE_S)
    finally:
        server.start()
    assert (watcher.returncode, out) == (1, "")
    assert err.splitlines()[-1].startswith("error: no connection to postgresql://")
    assert "Traceback" not in err


def test_two_may_score_the_same_at_once(postgres_schema: Callable[[], str]) -> None:
    """Whoever watches a run measures it beside the command that carries it out."""
    url = postgres_schema()
    with Store.open(url) as store:
        plan = samples.plan()
        run = store.create_run(plan, samples.INFOS, version="1", environment={})
        keys = samples.keys(plan)
        store.add(run.id, [samples.completion(key) for key in keys])
    of = keys[0].item, keys[0].model
    scored = [
        Score(item=key.item, model=key.model, temperature=key.temperature, replicate=key.replicate,
              measure="words", version="1", value=1.0)
        for key in keys if (key.item, key.model) == of
    ]  # fmt: skip
    faults: list[StoreError] = []
    together = threading.Barrier(2)

    def score() -> None:
        with Store.open(url) as store:
            for _ in range(40):
                together.wait(PATIENCE_S)
                try:
                    store.replace_scores(run.id, of, scored, signature="x", completions=len(scored))
                except StoreError as e:
                    faults.append(e)

    threads = [threading.Thread(target=score) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with Store.open(url) as store:
        assert len(store.scores(run.id)) == len(scored)


def test_a_run_of_another_user_that_may_only_be_read(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read in place stays as it was opened, so it is opened for each look."""
    monkeypatch.setattr(watching, "_LOOK_EVERY_S", 0.1)
    monkeypatch.setattr("tempkit.store.database.is_read_only", lambda path: path is not None)
    target = tmp_path / "tempkit.db"
    with Store.open(target) as store:
        run = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
        store.set_status(run.id, "running")
    notes: list[str] = []

    def go_on(standing: Standing) -> None:
        if standing.doing == "waiting" and standing.answers == 0:
            with Store.open(target) as store:
                if store.find_run(run.id).status == "running":
                    keys = samples.keys(store.load_plan(run.id))
                    store.add(run.id, [samples.completion(key) for key in keys])
                    store.set_status(run.id, "finished")

    found = watch(db=target, output=tmp_path / "page.html", on_note=notes.append, on_standing=go_on)
    assert (found.ended, found.runs[0].completions) == ("finished", found.runs[0].planned)
    assert len([note for note in notes if "can only be read here" in note]) == 1
