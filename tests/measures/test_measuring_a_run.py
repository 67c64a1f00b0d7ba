"""Measuring a stored run: what is up to date is left alone, and a reference model's scores are kept and asked for."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from measure_samples import BagEmbedder

from tempkit.interchange.imports.import_run import import_table
from tempkit.measures import Resources, needs_reference
from tempkit.measures.service import measure_run, out_of_date
from tempkit.store import Store
from tempkit.types import Scored, TokenLogprob


class Named:
    """What is known by name alone, and must not be asked."""

    def __init__(self, name: str) -> None:
        self.name = name

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        raise AssertionError

    def score(self, texts: Sequence[str]) -> list[Scored]:
        raise AssertionError


class Reference:
    name = "fixed"

    def score(self, texts: Sequence[str]) -> list[Scored]:
        tokens = (TokenLogprob("x", -2.0),) * 6
        return [Scored(index=i, tokens=tokens) for i in range(len(texts))]


@pytest.fixture
def stored(tmp_path: Path):
    rows = [
        {"item": f"i{i}", "model": "m", "temperature": t, "replicate": r, "text": f"red fox at{t} no{r}"}
        for i in range(2)
        for t in (0, 0.5, 1)
        for r in range(2)
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with Store.open(tmp_path / "t.db") as store:
        yield store, import_table(store, tmp_path / "t.jsonl").run


def test_the_scores_of_a_reference_model_are_missed_where_one_is_named(stored):
    store, run = stored
    plain = Resources(embedder=BagEmbedder())
    assert out_of_date(store, run, plain)
    assert measure_run(store, run, plain).renewed == 2
    named = Resources(embedder=Named("bag"), reference=Named("fixed"))
    assert not out_of_date(store, run, Resources(embedder=Named("bag")))
    assert out_of_date(store, run, named)

    assert measure_run(store, run, Resources(embedder=BagEmbedder(), reference=Reference())).renewed == 2
    assert {score.value for score in store.scores(run.id, "incoherence")} == {2.0}
    assert not out_of_date(store, run, named)
    assert out_of_date(store, run, Resources(embedder=Named("bag"), reference=Named("another")))


def test_without_a_reference_model_its_scores_are_kept(stored):
    store, run = stored
    measure_run(store, run, Resources(embedder=BagEmbedder(), reference=Reference()))
    plain = Resources(embedder=BagEmbedder())
    assert not out_of_date(store, run, plain)
    assert measure_run(store, run, plain).renewed == 0
    assert len(store.scores(run.id, "incoherence")) == 12


def test_agreement_is_measured_of_texts_without_any_reference(stored):
    store, run = stored
    measure_run(store, run, Resources(embedder=BagEmbedder()))
    values = [score.value for score in store.scores(run.id, "consensus")]
    assert values == pytest.approx([0.5] * 12)  # two words of four in common, none of them the replicate's


def test_incoherence_alone_needs_a_reference_model():
    assert needs_reference(["loop", "incoherence"])
    assert not needs_reference(["loop", "consensus", "rubric", "an imported score"])
