"""Runs of older versions: their thoughts stand in the text, and their imports call an end unknown that nobody stated."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tempkit.store import Store
from tempkit.testing import store_samples as samples
from tempkit.types import Completion, TokenLogprob

_RELEASED = Path(__file__).parent / "released"

WORDS = ("<think>", "Is it Canberra?", "</think>", "\n\n", "Sydney", ".")


def _stored(path: Path) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT text, thinking FROM completion").fetchall()


def test_thoughts_in_a_stored_text_are_apart_when_it_is_read_and_stay_as_they_are_stored(
    tmp_path: Path,
) -> None:
    path, plan = tmp_path / "t.db", samples.plan()
    key = samples.keys(plan)[0]
    tokens = tuple(TokenLogprob(word, -0.5, token_id=i) for i, word in enumerate(WORDS))
    old = samples.completion(key, text="".join(WORDS), thinking=None, thinking_tokens=None)
    old = Completion(**{**{name: getattr(old, name) for name in Completion.__slots__}, "tokens": tokens})
    with Store.open(path) as store:
        run = store.create_run(plan, samples.INFOS, version="0.1.0", environment=samples.ENVIRONMENT)
        store.add(run.id, [old])
    before = _stored(path)
    assert before == [("".join(WORDS), None)]
    with Store.open(path, must_exist=True) as store:
        (read,) = store.completions(run.id, tokens=True)
        assert (read.text, read.thinking, read.thinking_tokens) == ("Sydney.", "Is it Canberra?", 4)
        assert [token.text for token in read.tokens] == ["Sydney", "."]
        (bare,) = store.completions(run.id)
        assert (bare.text, bare.thinking, bare.logprob_kind) == ("Sydney.", "Is it Canberra?", "raw")
        (of,) = store.completions(run.id, tokens=True, of=(key.item, key.model))
        assert of == read
    assert _stored(path) == before


def test_what_is_left_when_thoughts_were_taken_out_is_the_answer_whatever_it_looks_like(
    tmp_path: Path,
) -> None:
    plan = samples.plan()
    given = samples.completion(
        samples.keys(plan)[0], text="<think>", thinking="", thinking_tokens=2, tokens=0
    )
    with Store.open(tmp_path / "t.db") as store:
        run = store.create_run(plan, samples.INFOS, version="0.1.0", environment=samples.ENVIRONMENT)
        store.add(run.id, [given])
        assert list(store.completions(run.id, tokens=True)) == [given]


def test_imports_of_older_versions_are_unstated_and_answers_to_requests_stay_unknown(tmp_path: Path) -> None:
    for backend, end in (("imported", "unstated"), ("openai", "unknown")):
        path = tmp_path / f"{backend}.db"
        shutil.copy(_RELEASED / "0006.db", path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE completion SET finish_reason = 'unknown' WHERE finish_reason = 'stop'")
            connection.execute("UPDATE model SET backend = ?", (backend,))
            connection.commit()
        with Store.open(path, must_exist=True) as store:
            (run,) = store.runs()
            assert {each.finish_reason for each in store.completions(run.id)} == {end, "length"}
