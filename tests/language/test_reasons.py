"""Why a number is missing: a code with parameters, said in each language, stored and read back, whatever somebody wrote there."""

import copy
import dataclasses
import json
import pickle
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.i18n.languages import language
from tempkit.i18n.reasons import said
from tempkit.store import Store
from tempkit.types.reasons import PARAMETER, SENTENCES, TEXT, Reason, in_words

RELEASED = Path(__file__).parent.parent / "store" / "released"


def _example(code: str) -> Reason:
    examples: dict[str, str | float] = {"s": "x%(n)d; ñ", "d": 12_000, "g": 1.5}
    return Reason(code, **{name: examples[kind] for name, kind in PARAMETER.findall(SENTENCES[code])})


@pytest.mark.parametrize("code", SENTENCES)
def test_each_is_said_in_english_and_in_spanish(code: str) -> None:
    reason = _example(code)
    english = str(reason)
    assert "%(" not in english.replace("x%(n)d; ñ", "")
    assert said(reason) == english.replace("12,000", "12\u202f000")
    with language("es"):
        spanish = said(reason)
    assert (spanish == said(reason)) == (code == TEXT)
    for name, kind in PARAMETER.findall(SENTENCES[code]):
        assert {"s": "x%(n)d; ñ", "d": "12\u202f000", "g": "1,5"}[kind] in spanish, name


@pytest.mark.parametrize("code", SENTENCES)
def test_each_comes_back_as_it_was_stored(code: str) -> None:
    reason = _example(code)
    for again in (
        Reason.decoded(reason.encoded()),
        pickle.loads(pickle.dumps(reason)),
        copy.deepcopy(reason),
    ):
        assert (again, hash(again), str(again)) == (reason, hash(reason), str(reason))


def test_one_without_parameters_is_known_by_its_sentence() -> None:
    plain = {code for code, sentence in SENTENCES.items() if not PARAMETER.search(sentence)}
    assert len(plain) > 40
    for code, sentence in SENTENCES.items():
        assert in_words(sentence).code == (code if code in plain else TEXT)
    assert in_words("nobody looked") == Reason(TEXT, text="nobody looked")


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("no_such", {}),
        ("few_items", {}),
        ("few_items", {"least": 5}),
        ("few_items", {"least": 5, "n": "3"}),
        ("few_items", {"least": 5, "n": 3.5}),
        ("few_items", {"least": 5, "n": 3, "more": 1}),
        ("check_unknown", {"type": 3}),
    ],
)
def test_no_code_or_other_parameters_are_refused(code: str, values: dict[str, str | float]) -> None:
    with pytest.raises(ValueError, match="no reason is called"):
        Reason(code, **values)


@given(st.text())
def test_whatever_is_stored_is_read(stored: str) -> None:
    reason = Reason.decoded(stored)
    assert reason.code in SENTENCES
    with language("es"):
        assert isinstance(said(reason), str)


@pytest.mark.parametrize(
    "stored",
    [
        "[" * 100_000,
        "few_items " + "[" * 100_000,
        'few_items {"least": 5}',
        'few_items {"code": "x", "n": 3}',
        "few_items null",
        "needs at least; " * 5_000,
        "the reference model gave no score: " * 400,
        "",
    ],
)
def test_what_is_no_reason_is_somebodys_text(stored: str) -> None:
    with language("es"):
        assert said(Reason.decoded(stored)) == stored


def test_it_is_one_value_of_a_document() -> None:
    @dataclasses.dataclass
    class Holder:
        why: Reason

    plain = dataclasses.asdict(Holder(Reason("few_items", least=5, n=3)))
    assert json.loads(json.dumps(plain, default=str)) == {"why": "needs at least 5 questions, has 3"}
    assert repr(plain["why"]) == "Reason('few_items', least=5, n=3)"


OLD = {
    "cut off by max_tokens": Reason("token_limit"),
    "how it ended is not known, so it may not be whole": Reason("end_unknown"),
    "needs at least 2 whole completions with text, has 1": Reason("few_complete_with_text", least=2, n=1),
    "needs at least 2 completions, has 1": Reason("few_answers", least=2, n=1),
    "more than 2,000 different texts, which take too long to group": Reason("too_many_texts", most=2000),
    "the 20 listed tokens hold too little of the probability at temperature 1.5": Reason(
        "mass_not_listed", k=20, temperature=1.5
    ),
    "the reference model gave no score: llama_decode failed": Reason(
        "reference_gave_none", reason="llama_decode failed"
    ),
    "the check's pattern '(a' cannot be used: it ends; too soon": Reason(
        "pattern_unusable", pattern="'(a'", why="it ends; too soon"
    ),
    "needs at least ,, completions, has 1": Reason(TEXT, text="needs at least ,, completions, has 1"),
    "somebody else's; words": Reason(TEXT, text="somebody else's; words"),
    "the reference model gave no score: " * 400: None,
}
"""Sentences that revisions before 0008 stored, and what they are now; None: whatever, as long as it is shown whole."""


def test_old_databases_are_given_codes_once(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    shutil.copy(RELEASED / "0007.db", path)
    unread = {"question": "q1", "asked": "pair", "answer": '"reason": "the judge declined to answer"'}
    comment = json.dumps(
        {**unread, "reason": "the judge's answer was cut off before its end", "max_tokens": 4}
    )
    with closing(sqlite3.connect(path)) as connection:
        run, item, model = connection.execute("SELECT run_id, item_id, model_id FROM completion").fetchone()
        for number, sentence in enumerate(OLD):
            connection.execute(
                "INSERT INTO score (run_id, item_id, model_id, temperature_requested, replicate, measure, version, status, "
                "reason, created_at) VALUES (?, ?, ?, 0.0, NULL, ?, '1', 'missing', ?, '2026-11-01 00:00:00')",
                (run, item, model, f"m{number:02}", sentence),
            )
        (completion,) = connection.execute("SELECT id FROM completion").fetchone()
        columns = [row[1] for row in connection.execute("PRAGMA table_info(rating)")]
        given = {
            "run_id": run,
            "completion_id": completion,
            "rater": "j",
            "measure": "preference unreadable",
            "value": 1.0,
            "comment": comment,
            "created_at": "2026-11-01 00:00:00",
        }
        used = [name for name in columns if name in given]
        marks = ", ".join("?" * len(used))
        connection.execute(
            f"INSERT INTO rating ({', '.join(used)}) VALUES ({marks})", [given[name] for name in used]
        )
        connection.commit()
    with Store.open(path) as store:
        found = {score.measure: score.reason for score in store.scores(run) if score.measure.startswith("m")}
        (rating,) = [each for each in store.ratings(run) if each.rater == "j"]
    for number, (sentence, expected) in enumerate(OLD.items()):
        reason = found[f"m{number:02}"]
        assert reason is not None
        if expected is None:
            assert str(reason) == sentence
        else:
            assert reason == expected
    assert json.loads(rating.comment or "") == {**unread, "reason": "judge_truncated", "max_tokens": 4}
