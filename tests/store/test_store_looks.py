"""Looks at a run's data, on SQLite and PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tempkit.errors import StoreError
from tempkit.store import Store
from tempkit.testing import store_samples as samples


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    return (
        str(tmp_path / "looks.db")
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_schema")()
    )


@pytest.fixture
def store(target):
    with Store.open(target) as opened:
        yield opened


@pytest.fixture
def run(store):
    return store.create_run(samples.plan(), samples.INFOS, version="1", environment={})


def test_looks_come_back_oldest_first(store, run):
    given = [
        samples.look(),
        samples.look(digest="01", completions=20),
        samples.look(prompt="ideas", completions=None, scores=None),
        samples.look(model="lab server"),
    ]
    store.add_looks(run.id, given[:1])
    store.add_looks(run.id, given[1:])
    store.add_looks(run.id, [])
    assert store.looks(run.id) == given


def test_the_same_data_are_looked_at_once_however_often(store, run):
    first, second = samples.look(), samples.look(digest="01")
    store.add_looks(run.id, [first, first])
    store.add_looks(run.id, [second])
    store.add_looks(run.id, [first, samples.look(completions=99)])
    assert store.looks(run.id) == [first, second]


def test_looks_of_another_run_are_not_among_them(store, run):
    other = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
    store.add_looks(run.id, [samples.look()])
    store.add_looks(other.id, [samples.look(), samples.look(digest="01")])
    assert len(store.looks(run.id)) == 1
    assert len(store.looks(other.id)) == 2


def test_looks_written_at_once_are_each_there_once(target, store, run):
    given = [samples.look(digest=f"{number}") for number in range(6)]
    with Store.open(target) as other, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: (store, other)[n % 2].add_looks(run.id, given), range(8)))
    assert store.looks(run.id) == given


def test_the_reference_model_is_kept_with_the_run(store, run):
    assert run.reference is None
    store.set_reference(run.id, samples.REFERENCE)
    assert store.find_run(run.id).reference == samples.REFERENCE
    store.set_reference(run.id, None)
    assert store.find_run(run.id).reference is None
    with pytest.raises(StoreError, match="no run with the id 'nope'"):
        store.set_reference("nope", None)


def test_a_use_case_whose_name_no_database_keeps_is_refused(store):
    plan = replace(samples.plan(), use_cases={"a\0b": "x"})
    with pytest.raises(StoreError, match=r"the use case .* has a character that no database keeps"):
        store.create_run(plan, {}, version="1", environment={})


def test_who_may_only_read_gets_the_looks_and_one_line_on_writing(postgres_schema):
    url = postgres_schema()
    with Store.open(url) as store:
        made = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
        store.add_looks(made.id, [samples.look()])
    with Store.open(url + "%20-cdefault_transaction_read_only%3Don", must_exist=True) as store:
        assert store.looks(made.id) == [samples.look()]
        with pytest.raises(StoreError, match=r"refused: cannot execute .* in a read-only transaction"):
            store.add_looks(made.id, [samples.look(digest="01")])
