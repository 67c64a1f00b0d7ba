"""What the store promises of batches, on SQLite and on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tempkit.errors import StoreError
from tempkit.store import RunRecord, Store
from tempkit.testing import store_samples as samples


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    target: str | Path = tmp_path / "tempkit.db"
    if request.param == "postgres":
        schema: Callable[[], str] = request.getfixturevalue("postgres_schema")
        target = schema()
    with Store.open(target) as opened:
        yield opened


@pytest.fixture
def run(store: Store) -> RunRecord:
    return store.create_run(samples.plan(), {}, version="0", environment={})


KEYS = samples.keys(samples.plan())
OURS = [key for key in KEYS if key.model == "lab server"]
BATCH = samples.batch(*OURS[:3])


def states(store: Store) -> list[tuple[object, ...]]:
    with store._read() as connection:
        query = "SELECT tag, state, remote_id, submitted_at IS NULL, ended_at IS NULL FROM batch ORDER BY id"
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_batch_comes_back_equal_at_every_step(store: Store, run: RunRecord) -> None:
    store.add_batch(run.id, BATCH)
    assert store.batches(run.id) == [BATCH]
    assert states(store) == [(BATCH.tag, "submitting", None, True, True)]
    store.submitted(BATCH.tag, "batch_9")
    assert store.batches(run.id) == [replace(BATCH, remote_id="batch_9")]
    assert states(store) == [(BATCH.tag, "open", "batch_9", False, True)]
    assert store.remote_batches() == {"batch_9"}


def test_an_outcome_is_taken_off_what_the_batch_owes(store: Store, run: RunRecord) -> None:
    store.add_batch(run.id, BATCH)
    store.submitted(BATCH.tag, "batch_9")
    store.add(run.id, [samples.completion(OURS[1], batch="batch_9")])
    assert [request.number for request in store.batches(run.id)[0].awaited] == [0, 2]
    store.add(run.id, [samples.failure(OURS[0], kind="batch_expired", batch="batch_9")])
    assert states(store)[0][1] == "open"
    # One from elsewhere takes nothing off.
    store.add(run.id, [samples.completion(KEYS[0])])
    assert len(store.batches(run.id)[0].awaited) == 1
    store.add(run.id, [samples.completion(OURS[2], batch="batch_9")])
    assert store.batches(run.id) == []
    assert states(store) == [(BATCH.tag, "collected", "batch_9", False, False)]
    by_batch = {c.key: c.batch for c in store.completions(run.id)}
    assert by_batch == {OURS[1]: "batch_9", OURS[2]: "batch_9", KEYS[0]: None}
    assert [f.batch for f in store.failures(run.id)] == ["batch_9"]
    assert store.failed(run.id) == {OURS[0]}


def test_a_batch_that_is_not_stored_whole_owes_it_all_still(store: Store, run: RunRecord) -> None:
    store.add_batch(run.id, BATCH)
    store.submitted(BATCH.tag, "batch_9")
    store.add(run.id, [samples.completion(KEYS[0])])
    with pytest.raises(StoreError, match="another process is writing run"):
        store.add(run.id, [samples.completion(OURS[0], batch="batch_9"), samples.completion(KEYS[0])])
    assert len(store.batches(run.id)[0].awaited) == 3


def test_no_sample_is_in_two_batches_at_once(store: Store, run: RunRecord) -> None:
    store.add_batch(run.id, BATCH)
    other = samples.batch(*OURS[2:5], tag="tkffffffffffffffff")
    with pytest.raises(StoreError, match=r"another process is writing run .* then resume the run"):
        store.add_batch(run.id, other)
    assert len(states(store)) == 1
    store.submitted(BATCH.tag, "batch_9")
    store.add(run.id, [samples.failure(key, batch="batch_9") for key in OURS[:3]])
    store.add_batch(run.id, other)  # a second try
    assert [batch.tag for batch in store.batches(run.id)] == [other.tag]


def test_a_refused_batch_owes_nothing(store: Store, run: RunRecord) -> None:
    store.add_batch(run.id, BATCH)
    store.refuse_batch(BATCH.tag)
    assert store.batches(run.id) == []
    assert states(store) == [(BATCH.tag, "refused", None, True, False)]
    store.add_batch(run.id, samples.batch(*OURS[:3], tag="tkffffffffffffffff"))


def test_batches_of_runs_do_not_mix(store: Store, run: RunRecord) -> None:
    second = store.create_run(samples.plan("second"), {}, version="0", environment={})
    other = samples.batch(*OURS[:2], tag="tkffffffffffffffff")
    store.add_batch(run.id, BATCH)
    store.add_batch(second.id, other)
    store.submitted(other.tag, "batch_2")
    store.add(run.id, [samples.completion(OURS[0], batch="batch_1")])
    assert store.batches(second.id) == [replace(other, remote_id="batch_2")]
    assert len(store.batches(run.id)[0].awaited) == 2
    assert store.remote_batches() == {"batch_2"}


def test_a_replaced_database_is_told(store: Store, run: RunRecord) -> None:
    with pytest.raises(StoreError, match="no batch with the tag 'x': was the database replaced"):
        store.submitted("x", "batch_1")


def test_only_what_money_hangs_on_waits_for_the_disk(tmp_path: Path) -> None:
    """SQLite's `synchronous`: 1 may lose the last transactions in a power cut, 2 does not."""
    levels = []
    with Store.open(tmp_path / "tempkit.db") as store:
        for durable in (False, True, False):
            with store._write(durable=durable) as connection:
                levels.append(connection.execute(text("PRAGMA synchronous")).scalar())
    assert levels == [1, 2, 1]
