"""Databases of every released schema, opened with this tempkit."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import store_samples as samples

from tempkit.store import Store
from tempkit.store.migrations import known_revisions
from tempkit.types import Completion

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
        assert store.load_plan(run.id) == plan
        assert store.model_infos(run.id) == samples.INFOS
        expected = [samples.completion(key) for key in whole]
        if path.stem < "0005":
            expected = [_without_tempered(completion) for completion in expected]
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
