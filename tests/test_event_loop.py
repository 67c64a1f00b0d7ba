"""Asking models where an event loop is running already, as in a notebook: plain calls, awaited ones, and how both are stopped."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from support import PATIENCE_S, until

import tempkit
from tempkit import api
from tempkit.errors import Interrupted, UsageError
from tempkit.event_loop import awaited, outside_event_loop
from tempkit.planning import Experiment, parse_model
from tempkit.store import Store


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs.db"


def asked(*, repeat: int = 3, delay_ms: int = 0) -> Experiment:
    model = parse_model(f"scripted:words,delay_ms={delay_ms}")
    return Experiment(prompts=("Say a number.",), models=(model,), temperatures=(0.0, 1.0), repeat=repeat)


def stored(db: Path) -> int:
    if not db.exists():
        return 0
    with Store.open(db, reading=True) as store:
        return sum(run.completions for run in store.runs())


def test_inside_an_event_loop_everything_that_asks_a_model_works(db: Path) -> None:
    async def cell() -> None:
        first = api.run(asked(), db=db)
        assert (first.run.status, first.stored) == ("finished", 6)
        assert api.resume("latest", db=db).stored == 0
        assert api.recommend("latest", db=db)
        with pytest.raises(UsageError, match="cannot score"):
            tempkit.score("scripted:words", ["Eight."])
        with Store.open(db) as store:  # one that is open serves as well
            assert api.run(asked(), db=store).stored == 6

    asyncio.run(cell())


def test_the_loop_goes_on_while_a_call_is_awaited(db: Path) -> None:
    async def cell() -> int:
        work = asyncio.ensure_future(awaited(api.run)(asked(delay_ms=20), db=db))
        ticks = 0
        while not work.done():
            await asyncio.sleep(0.01)
            ticks += 1
        assert work.result().stored == 6
        return ticks

    assert asyncio.run(cell()) > 2


def test_a_cancelled_task_ends_the_run_and_it_can_go_on(db: Path) -> None:
    async def cell() -> None:
        work = asyncio.ensure_future(awaited(api.run)(asked(repeat=500, delay_ms=5), db=db))
        await asyncio.to_thread(until, lambda: stored(db) > 0)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cell())
    until(lambda: not [each for each in threading.enumerate() if each.name == "tempkit"])
    with Store.open(db) as store:
        run = store.find_run("latest")
        assert run.status == "interrupted"
        assert 0 < run.completions < 1000


@pytest.mark.parametrize("impatient", [False, True])
def test_a_task_that_is_cancelled_before_anything_listens_ends_all_the_same(impatient: bool) -> None:
    begun, out = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        try:
            until(lambda: False)
        finally:
            out.set()

    async def cell() -> None:
        task: asyncio.Future[Any] = asyncio.ensure_future(awaited(work)())
        await asyncio.to_thread(begun.wait, PATIENCE_S)
        task.cancel()
        if impatient:
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cell())
    assert out.is_set()


NOTEBOOK = """
import asyncio
from tempkit import api
from tempkit.planning import Experiment, parse_model

async def cell():
    model = parse_model("scripted:words,delay_ms=5")
    api.run(Experiment(prompts=("Say a number.",), models=(model,), temperatures=(0.0, 1.0), repeat=500), db="runs.db")

loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(cell())  # as a notebook's kernel does it, which leaves SIGINT to Python
except BaseException as e:
    print(type(e).__name__, str(e))
"""


def test_ctrl_c_in_a_notebook_ends_the_run_and_says_how_to_go_on(db: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", NOTEBOOK], cwd=db.parent, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            until(lambda: stored(db) > 0)
            os.kill(process.pid, signal.SIGINT)
            said, _ = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    assert said.startswith("Interrupted interrupted with")
    assert "tempkit run --resume" in said
    with Store.open(db) as store:
        assert store.find_run("latest").status == "interrupted"
    assert issubclass(Interrupted, tempkit.TempkitError)


def test_results_errors_and_context_come_through() -> None:
    word: ContextVar[str] = ContextVar("word", default="none")

    def fails() -> None:
        raise TimeoutError("its own")  # and not one of waiting for it

    async def cell(make: Callable[[Callable[[], Any]], Callable[[], Any]]) -> None:
        word.set("mine")

        async def call(function: Callable[[], Any]) -> Any:
            found = make(function)()
            return await found if isinstance(found, Awaitable) else found

        assert await call(lambda: (word.get(), threading.current_thread() is threading.main_thread())) == (
            "mine",
            False,
        )
        with pytest.raises(TimeoutError, match="its own"):
            await call(fails)

    for make in (outside_event_loop, awaited):
        asyncio.run(cell(make))


def test_without_an_event_loop_nothing_changes_threads() -> None:
    assert outside_event_loop(threading.current_thread)() is threading.main_thread()
    assert outside_event_loop(api.run).__name__ == "run"
