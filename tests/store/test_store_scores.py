"""Scores and top-ups in the store, on SQLite and PostgreSQL alike."""

import pytest

from tempkit.errors import StoreError
from tempkit.store import IMPORTED, ScoredBlock, Store
from tempkit.testing import store_samples as samples
from tempkit.types import Score, TopUp
from tempkit.types.reasons import Reason


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    given = (
        tmp_path / "scores.db" if request.param == "sqlite" else request.getfixturevalue("postgres_schema")()
    )
    with Store.open(given) as opened:
        yield opened


@pytest.fixture
def run(store):
    plan = samples.plan()
    made = store.create_run(plan, samples.INFOS, version="1", environment={})
    store.add(made.id, [samples.completion(key) for key in samples.keys(plan)])
    return made


def score(value=0.5, *, replicate=0, measure="fact_recall", version="1", temperature=0.7, **changes):
    given = {"item": "facts/zwölf", "model": "scripted:a", "temperature": temperature, "replicate": replicate}
    given |= {"measure": measure, "version": version, "value": value, **changes}
    return Score(**given)


BLOCK = ("facts/zwölf", "scripted:a")


def replace(store, run, scores, block=BLOCK, *, signature="s1", completions=9):
    store.replace_scores(run.id, block, scores, signature=signature, completions=completions)


def test_scores_come_back_as_they_went_in(store, run):
    cell = score(None, replicate=None, measure="vendi", reason=Reason("few_answers", least=2, n=1))
    given = [score(0.25, replicate=1), cell, score(1.0, replicate=0), score(-2.5, temperature=0.0)]
    replace(store, run, given)
    assert store.scores(run.id) == [given[3], cell, given[2], given[0]]
    assert store.scores(run.id, "vendi") == [cell]
    assert store.scores(run.id, "no_such") == []


def test_new_scores_take_the_place_of_their_blocks_old_ones_only(store, run):
    other = score(0.1, item="ideas/1")
    replace(store, run, [score(0.5), score(0.6, replicate=1)])
    replace(store, run, [other], ("ideas/1", "scripted:a"))
    ready = score(0.9, measure="accuracy", version=IMPORTED)
    store.import_scores(run.id, [ready])
    replace(store, run, [score(0.7, version="2")])
    assert store.scores(run.id) == [ready, score(0.7, version="2"), other]


def test_a_score_that_was_imported_without_its_text_is_kept(store, run):
    ready = score(0.9, replicate=77, measure="accuracy", version=IMPORTED)
    store.import_scores(run.id, [ready])
    assert store.scores(run.id) == [ready]


def test_scores_piece_by_piece_are_all_of_them_in_order(store, run, monkeypatch):
    monkeypatch.setattr("tempkit.store.score_reading._CHUNK", 2)
    plan = samples.plan()
    given = [
        score(0.1 * i, item=item.key, model=model.label, replicate=i)
        for i in range(3)
        for model in reversed(plan.models)
        for item in reversed(plan.items)
    ]
    store.import_scores(run.id, given)
    assert list(store.each_score(run.id)) == store.scores(run.id)
    assert sorted(map(repr, store.each_score(run.id))) == sorted(map(repr, given))


def test_what_is_scored_is_known_by_block(store, run):
    plan = samples.plan()
    blocks = store.scored_blocks(run.id)
    assert list(blocks) == [(item.key, m.label) for item in plan.items for m in plan.models]
    assert {(block.completions, block.scored, block.signature) for block in blocks.values()} == {
        (9, None, None)
    }
    replace(store, run, [score()], completions=8)
    replace(store, run, [], ("ideas/1", "lab server"), signature="s2")
    store.import_scores(run.id, [score(item="ideas/1", measure="accuracy", version=IMPORTED)])
    blocks = store.scored_blocks(run.id)
    assert blocks[BLOCK] == ScoredBlock(completions=9, scored=8, signature="s1")
    assert blocks["ideas/1", "lab server"] == ScoredBlock(completions=9, scored=9, signature="s2")
    assert blocks["ideas/1", "scripted:a"] == ScoredBlock(completions=9, scored=None, signature=None)


def test_a_top_up_is_planned_and_counted(store, run):
    topup = TopUp(model="scripted:a", prompts=("facts",), temperatures=(0.7,), repeat=5)
    assert (run.planned, run.status) == (54, "running")
    store.set_status(run.id, "finished")
    store.add_topups(run.id, [topup], after=0)
    after = store.find_run("latest")
    assert (after.planned, after.status, after.completions) == (54 + 2 * 2, "interrupted", 54)
    assert (run.topped_up, after.topped_up) == (0, 4)
    with pytest.raises(StoreError, match="another process has topped up this run meanwhile"):
        store.add_topups(run.id, [topup], after=0)
    plan = store.load_plan(run.id)
    assert plan.topups == (topup,)
    repeats = plan.repeats("scripted:a")
    assert {repeats[item.key][0.7] for item in plan.prompts[0].items} == {5}
    assert {repeats[item.key][0.0] for item in plan.prompts[0].items} == {3}
    assert {repeats[item.key][0.7] for item in plan.prompts[1].items} == {3}


def test_completions_of_one_block(store, run):
    found = list(store.completions(run.id, tokens=True, of=("ideas/1", "lab server")))
    wanted = [k for k in samples.keys(samples.plan()) if (k.item, k.model) == ("ideas/1", "lab server")]
    assert found == [samples.completion(key) for key in wanted]
    assert list(store.completions(run.id, of=("ideas/1", "no such model"))) == []
