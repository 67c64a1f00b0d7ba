"""How often a run's data have been looked at: each new state of them counts, whoever reads it, and no state counts twice."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tempkit.analysis import load_tables
from tempkit.analysis.looks import note_looks
from tempkit.analysis.tables import ScoredSection
from tempkit.store import JUDGED, RunRecord, Store
from tempkit.testing import store_samples as samples
from tempkit.types import Score

KEYS = samples.keys(samples.plan())
FACTS = [key for key in KEYS if key.item.startswith("facts") and key.model == "scripted:a"]


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "looks.db") as opened:
        yield opened


@pytest.fixture
def run(store: Store) -> RunRecord:
    return store.create_run(samples.plan(), samples.INFOS, version="1", environment={})


def facts(store: Store, run: RunRecord) -> ScoredSection:
    return next(each for each in load_tables(store, run) if (each.name, each.model.label) == SECTION)


SECTION = ("technical-documentation", "scripted:a")


def read(store: Store, run: RunRecord) -> int:
    """Read a decision, as any command does, and return the look that it was."""
    sections = load_tables(store, run)
    note_looks(store, run, sections)
    return next(each.looks for each in sections if (each.name, each.model.label) == SECTION)


def judged(value: float, version: str = f"{JUDGED} 1 judge") -> Score:
    return Score(
        item="facts/empty",
        model="scripted:a",
        temperature=0.7,
        replicate=0,
        measure="rubric",
        version=version,
        value=value,
    )


def test_reading_the_same_data_again_is_the_same_look(store, run):
    store.add(run.id, [samples.completion(key) for key in FACTS[:4]])
    assert [read(store, run), read(store, run), read(store, run)] == [1, 1, 1]


def test_each_time_with_more_answers_is_another_look(store, run):
    for n in range(3):
        store.add(run.id, [samples.completion(FACTS[n])])
        assert read(store, run) == n + 1
        assert read(store, run) == n + 1


def test_what_nobody_read_is_no_look(store, run):
    for n in range(3):
        store.add(run.id, [samples.completion(FACTS[n])])
        assert facts(store, run).looks == 1
    assert store.looks(run.id) == []


def test_without_data_there_is_nothing_to_look_at(store, run):
    assert read(store, run) == 1
    store.add(run.id, [samples.failure(FACTS[0])])
    assert read(store, run) == 1
    assert store.looks(run.id) == []


def test_answers_of_another_model_or_use_case_are_other_data(store, run):
    store.add(run.id, [samples.completion(key) for key in FACTS[:2]])
    read(store, run)
    store.add(run.id, [samples.completion(key) for key in KEYS if key not in FACTS])
    looks = {(each.name, each.model.label): each.looks for each in load_tables(store, run)}
    assert set(looks.values()) == {1}
    read(store, run)
    assert {(look.prompt, look.model) for look in store.looks(run.id)} == {
        (prompt, model) for prompt in ("facts", "ideas") for model in ("scripted:a", "lab server")
    }


def test_another_measure_of_the_same_answers_is_no_look(store, run):
    store.add(run.id, [samples.completion(key) for key in FACTS])
    read(store, run)
    of = ("facts/empty", "scripted:a")
    store.replace_scores(run.id, of, [judged(1.0, "1")], signature="s", completions=9)
    store.replace_scores(run.id, of, [judged(2.0, "2")], signature="t", completions=9)
    assert read(store, run) == 1


def test_what_a_judge_says_is_new_and_so_is_another_answer_of_his(store, run):
    store.add(run.id, [samples.completion(key) for key in FACTS])
    of = {("facts/empty", "scripted:a")}
    for look, value in enumerate((None, 3.0, 4.0, 4.0), 1):
        if value is not None:
            store.replace_judged(run.id, "rubric", of, [judged(value)])
        assert read(store, run) == min(look, 3)
    assert [(look.completions, look.scores) for look in store.looks(run.id)] == [(18, 0), (18, 1), (18, 1)]


def test_looks_of_one_run_are_none_of_another_with_the_same_data(store, run):
    other = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
    for each in (run, other):
        store.add(each.id, [samples.completion(FACTS[0])])
        assert read(store, each) == 1


def test_ones_own_use_case_comes_with_its_section(store):
    plan = samples.plan()
    mine = replace(plan, prompts=(replace(plan.prompts[0], use_case="mine"), plan.prompts[1]))
    made = store.create_run(mine, samples.INFOS, version="1", environment={})
    assert [each.own for each in load_tables(store, made)] == [samples.USE_CASE] * 2 + [None] * 2


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=8))
def test_looks_are_the_different_states_that_were_read(store, steps):
    run = store.create_run(samples.plan(), samples.INFOS, version="1", environment={})
    stored, states = 0, set()
    for reads, more in steps:
        store.add(run.id, [samples.completion(key, tokens=0) for key in FACTS[stored : stored + more]])
        stored = min(stored + more, len(FACTS))
        if reads:
            states |= {stored} - {0}
            assert read(store, run) == max(len(states), 1)
    assert facts(store, run).looks == max(len(states | ({stored} - {0})), 1)
