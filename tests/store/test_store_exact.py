"""Exact answers in the store, on SQLite and PostgreSQL alike."""

import pytest

from tempkit.store import Store
from tempkit.testing import store_samples as samples


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    target = (
        str(tmp_path / "exact.db")
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_schema")()
    )
    with Store.open(target) as opened:
        yield opened


@pytest.fixture
def run(store):
    return store.create_run(samples.plan(), samples.INFOS, version="1", environment={})


def test_what_was_computed_comes_back_by_item_and_model(store, run):
    given = [
        samples.exact(item="ideas/1", closed=False, answers=()),
        samples.exact(model="lab server", lower=(1e-9, 0.1, 0.2)),
        samples.exact(),
    ]
    store.replace_exact(run.id, given)
    assert store.exact(run.id) == [given[2], given[1], given[0]]


def test_computed_anew_it_is_replaced_and_nothing_else_is(store, run):
    other = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
    store.replace_exact(run.id, [samples.exact(), samples.exact(model="lab server")])
    store.replace_exact(other.id, [samples.exact()])
    store.replace_exact(run.id, [samples.exact(passes=99, signature="01")])
    assert store.exact(run.id) == [
        samples.exact(passes=99, signature="01"),
        samples.exact(model="lab server"),
    ]
    assert store.exact(other.id) == [samples.exact()]
