"""Ratings and what follows from a judge's, on SQLite and PostgreSQL alike."""

import pytest

from tempkit.errors import StoreError
from tempkit.store import IMPORTED, JUDGED, Store
from tempkit.testing import store_samples as samples
from tempkit.types import Rating, SampleKey, Score

BLOCK = ("facts/zwölf", "scripted:a")
KEY = SampleKey(*BLOCK, 0.7, 0)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    given = (
        tmp_path / "ratings.db" if request.param == "sqlite" else request.getfixturevalue("postgres_schema")()
    )
    with Store.open(given) as opened:
        yield opened


@pytest.fixture
def run(store):
    plan = samples.plan()
    made = store.create_run(plan, samples.INFOS, version="1", environment={})
    store.add(made.id, [samples.completion(key) for key in samples.keys(plan)])
    return made


def rating(value=4.0, **changes):
    given = {"sample": KEY, "rater": "judge", "measure": "rubric", "value": value, "comment": "Gut. 🌡"}
    return Rating(**given | changes)


def score(value, *, block=BLOCK, replicate=0, measure="rubric", version=f"{JUDGED} 1 judge"):
    item, model = block
    given = {"item": item, "model": model, "temperature": 0.7, "replicate": replicate}
    return Score(**given, measure=measure, version=version, value=value)


def test_ratings_come_back_oldest_first_and_a_changed_mind_is_another_row(store, run):
    given = [
        rating(4.0),
        rating(2.0, sample=SampleKey("ideas/1", "lab server", 0.0, 1), comment=None),
        rating(1.5, rater="a person"),
        rating(5.0),
    ]
    store.add_ratings(run.id, given[:3])
    store.add_ratings(run.id, given[3:])
    store.add_ratings(run.id, [])
    assert store.ratings(run.id) == given


def test_ratings_of_another_run_are_not_among_them(store, run):
    other = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
    store.add_ratings(run.id, [rating()])
    assert store.ratings(other.id) == []


def test_any_text_can_be_a_comment(store, run):
    store.add_ratings(run.id, [rating(comment="a\0b\ud800c")])
    assert store.ratings(run.id)[0].comment == "a\\x00b\\ud800c"


def test_what_was_never_completed_cannot_be_rated(store, run):
    with pytest.raises(StoreError, match="has no completion to be rated"):
        store.add_ratings(run.id, [rating(), rating(sample=SampleKey(*BLOCK, 0.7, 99))])
    assert store.ratings(run.id) == []


def test_a_judges_scores_survive_measuring_anew(store, run):
    judged, computed = score(0.5), score(0.9, measure="loop", version="1")
    near = score(0.1, measure="x", version="judgedly 1")  # computed by something of a similar name
    ready = score(0.2, measure="accuracy", version=IMPORTED)
    store.replace_scores(run.id, BLOCK, [computed, near], signature="s", completions=9)
    store.import_scores(run.id, [ready])
    store.replace_judged(run.id, "rubric", [BLOCK], [judged])
    store.replace_scores(
        run.id, BLOCK, [score(0.8, measure="loop", version="1")], signature="s", completions=9
    )
    assert store.scores(run.id) == [ready, judged, score(0.8, measure="loop", version="1")]


def test_a_new_judging_replaces_the_same_measure_in_its_blocks_and_nothing_else(store, run):
    elsewhere = ("ideas/1", "lab server")
    kept = [
        score(0.3, measure="preference"),
        score(0.9, measure="rubric", version=IMPORTED),
        score(0.7, block=elsewhere),
    ]
    store.import_scores(run.id, [kept[1]])
    store.replace_judged(run.id, "preference", [BLOCK], [kept[0]])
    store.replace_judged(run.id, "rubric", [BLOCK, elsewhere], [score(0.1), score(0.2, replicate=1), kept[2]])
    new = score(0.6, version=f"{JUDGED} 1 another judge")
    store.replace_judged(run.id, "rubric", [BLOCK, ("facts/zwölf", "lab server")], [new])
    found = store.scores(run.id)
    assert sorted(found, key=str) == sorted([*kept, new], key=str)
    assert store.scored_blocks(run.id)[BLOCK].signature is None  # judging says nothing on what was computed


def test_sheets_come_back_oldest_first_and_say_which_run_they_are_of(store, run):
    other = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
    first, second = samples.sheet(), samples.sheet(id="ff00ff00ff00ff00", settings={"pairs": 3, "seed": 7})
    store.add_sheet(run.id, first)
    store.add_sheet(run.id, second)
    assert store.sheets(run.id) == [first, second]
    assert store.sheets(other.id) == []
    assert store.run_of_sheet(second.id) == run.id
    assert store.run_of_sheet("nowhere") is None


def test_a_sheet_is_stored_once(store, run):
    store.add_sheet(run.id, samples.sheet())
    with pytest.raises(StoreError):
        store.add_sheet(run.id, samples.sheet())
    assert store.sheets(run.id) == [samples.sheet()]
