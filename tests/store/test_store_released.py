"""Databases of every released schema, opened with this tempkit."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tempkit.errors import StoreError
from tempkit.store import Store
from tempkit.store.migrations import known_revisions
from tempkit.testing import store_samples as samples
from tempkit.types import Completion, Item, Later, Message, TopUp

_RELEASED = Path(__file__).parent / "released"


def test_every_schema_has_its_database():
    assert tuple(sorted(path.stem for path in _RELEASED.glob("*.db"))) == known_revisions()


def _without_tempered(completion: Completion) -> Completion:
    """As it is read from a schema that kept no entropies at the temperature."""
    return replace(completion, tokens=tuple(replace(t, entropy_tempered=None) for t in completion.tokens))


@pytest.mark.parametrize("path", sorted(_RELEASED.glob("*.db")), ids=lambda path: path.stem)
def test_a_released_database_is_upgraded_and_read(path, tmp_path):
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    plan = samples.plan()
    *whole, never = samples.keys(plan)
    with Store.open(copy, must_exist=True) as store:
        (run,) = store.runs()
        assert (run.name, run.status, run.tempkit_version) == ("facts-and-ideas", "finished", "0.1.0")
        assert (run.planned, run.completions, run.failures) == (54, 53, 1)
        assert run.environment == samples.ENVIRONMENT
        assert run.embedder == (samples.EMBEDDER if path.stem >= "0005" else None)
        assert run.reference == (samples.REFERENCE if path.stem >= "0006" else None)
        assert store.load_plan(run.id) == (plan if path.stem >= "0006" else replace(plan, use_cases={}))
        looks = [samples.look(), samples.look(model="lab server", completions=17, scores=3)]
        assert store.looks(run.id) == (looks if path.stem >= "0006" else [])
        assert store.exact(run.id) == ([samples.exact()] if path.stem >= "0010" else [])
        assert store.sheets(run.id) == ([samples.sheet()] if path.stem >= "0011" else [])
        assert store.model_infos(run.id) == samples.INFOS
        expected = [samples.completion(key) for key in whole]
        if path.stem < "0005":
            expected = [_without_tempered(completion) for completion in expected]
        if path.stem < "0007":
            expected = [replace(completion, thinking=None, thinking_tokens=None) for completion in expected]
        if path.stem < "0012":
            later = {"response_id": None, "cache_read_tokens": None, "cache_write_tokens": None}
            expected = [replace(completion, **later) for completion in expected]
        if path.stem < "0014":
            expected = [replace(completion, address=None) for completion in expected]
        assert run.note == ("what was tried" if path.stem >= "0012" else None)
        assert list(store.completions(run.id, tokens=True)) == expected
        assert store.failed(run.id) == {never}
        assert len(list(store.failures(run.id, standing=False))) == 2
        assert [cell.n for cell in store.summary(run.id)] == [9, 9, 9, 9, 9, 8]
        owed = [samples.batch(never, remote_id="batch_1")] if path.stem >= "0004" else []
        assert store.batches(run.id) == owed
        store.add(run.id, [samples.completion(never, batch="batch_1")])
        assert store.batches(run.id) == []
        assert store.failed(run.id) == set()
    assert path.read_bytes() != copy.read_bytes()


@pytest.mark.parametrize("revision", ["0003", "0004", "0005"])
def test_a_run_was_looked_at_before_each_of_its_top_ups(tmp_path, revision):
    copy = tmp_path / "old.db"
    shutil.copy(_RELEASED / f"{revision}.db", copy)
    topups = [
        {"model": "scripted:a", "prompts": ["facts"], "temperatures": [0.0], "repeat": 4},
        {"model": "scripted:a", "prompts": ["facts"], "temperatures": [0.0], "repeat": 8},
        {"model": "lab server", "prompts": ["ideas"], "temperatures": [0.7], "repeat": 5},
        {"model": "gone", "prompts": ["gone"], "temperatures": [], "repeat": 5},
    ]
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("update run set topups = ?", (json.dumps(topups),))
    with Store.open(copy, must_exist=True) as store:
        found = store.looks(store.find_run("latest").id)
    assert [(look.prompt, look.model, look.digest) for look in found] == [
        ("facts", "scripted:a", "before 0006: 1"),
        ("facts", "scripted:a", "before 0006: 2"),
        ("ideas", "lab server", "before 0006: 1"),
    ]
    assert {(look.completions, look.scores) for look in found} == {(None, None)}


@pytest.mark.parametrize("revision", ["0001", "0006", "0008"])
def test_a_run_of_an_older_schema_can_grow(tmp_path, revision):
    copy = tmp_path / "old.db"
    shutil.copy(_RELEASED / f"{revision}.db", copy)
    new = Item(key="facts/13", prompt="facts", messages=(Message("user", "Was ist 13?"),))
    topup = TopUp(
        model="scripted:a", prompts=("facts",), temperatures=(0.35,), repeat=2, items=(new.key,), round=2
    )
    with Store.open(copy, must_exist=True) as store:
        (run,) = store.runs()
        before = store.load_plan(run.id)
        assert (before.design, before.later) == (None, Later())
        assert {look.round for look in store.looks(run.id)} <= {None}
        store.add_topups(run.id, [topup], after=0, items={"facts": [new]})
        plan = store.load_plan(run.id)
        assert plan == before.grown([topup], {"facts": [new]})
        assert store.find_run(run.id).planned == before.sample_count + 2
        store.add_looks(run.id, [samples.look(digest="new", round=2)])
        assert [look.round for look in store.looks(run.id)][-1] == 2


def test_a_design_of_a_newer_tempkit_is_not_ignored(tmp_path):
    with Store.open(tmp_path / "new.db") as store:
        run = store.create_run(samples.plan(), {}, version="0", environment={})
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection, connection:
        design = json.dumps({"looks": 8, "price_of_looks": "high"})
        connection.execute("update run set design = ?, tempkit_version = '9.9'", (design,))
    with Store.open(tmp_path / "new.db") as store, pytest.raises(StoreError) as caught:
        store.load_plan(run.id)
    assert str(caught.value) == (
        "run 'facts-and-ideas' was designed with price_of_looks, which this tempkit does not know: "
        "pip install 'tempkit>=9.9'"
    )
