"""Tables made elsewhere become runs: what is read, and what each mistake is called."""

import json
import re

import numpy as np
import pytest

from tempkit.analysis import load_tables
from tempkit.errors import PromptError, UsageError
from tempkit.interchange.imports.import_run import import_table
from tempkit.store import Store


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "tempkit.db") as opened:
        yield opened


def write(tmp_path, text, name="exam.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_scores_alone(store, tmp_path):
    path = write(
        tmp_path,
        "item,model,temperature,replicate,accuracy,rubric\nq1,m,0,0,1,4.5\nq1,m,0,1,0,\nq1,m,1.0,0,true,\nq2,m,0,0,0.5,-1\n",
    )
    done = import_table(store, path)
    assert (done.run.name, done.run.status, done.completions) == ("exam", "finished", 0)
    assert done.scores == {"accuracy": 4, "rubric": 2}
    (section,) = load_tables(store, done.run)
    accuracy = section.table("accuracy")
    assert accuracy.version == "imported"
    assert (accuracy.items, accuracy.temperatures) == (("q1", "q2"), (0.0, 1.0))
    nan = np.nan
    np.testing.assert_array_equal(accuracy.values.array, [[[1, 0], [1, nan]], [[0.5, nan], [nan, nan]]])
    rubric = section.table("rubric")
    np.testing.assert_array_equal(rubric.values.array, [[[4.5], [nan]], [[-1], [nan]]])
    assert rubric.missing == {}
    assert rubric.values.share_missing() == (0.0, None)


def test_texts_and_scores_of_several_models(store, tmp_path):
    rows = [
        {"item": "q", "model": model, "temperature": t, "text": f"{model} at {t} 🌡", "good": t < 1}
        for model in ("a", "b:c")
        for t in (0, 0.5, 1.5)
        for _ in range(2)
    ]
    path = write(tmp_path, "\n".join(map(json.dumps, rows)), "answers.jsonl")
    done = import_table(store, path, name="mine", use_case="chatbot")
    assert (done.run.name, done.run.planned, done.completions, done.scores) == ("mine", 12, 12, {"good": 12})
    texts = [
        (c.key.model, c.key.temperature, c.key.replicate, c.text) for c in store.completions(done.run.id)
    ]
    assert texts[0] == ("a", 0.0, 0, "a at 0 🌡")
    assert texts[-1] == ("b:c", 1.5, 1, "b:c at 1.5 🌡")
    assert [section.use_case for section in load_tables(store, done.run)] == ["chatbot", "chatbot"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item,model,temperature,x\nq,m,,1\n", "exam.csv:2: no temperature"),
        ("item,model,temperature,x\nq,m,warm,1\n", "exam.csv:2: temperature 'warm' is not a number"),
        ("item,model,temperature,x\nq,m,-1,1\n", "exam.csv:2: temperature -1 is negative"),
        (
            "item,model,temperature,x\nq,m,0,good\n",
            "exam.csv:2: 'x' is 'good', not a number; leave the cell empty",
        ),
        (
            "item,model,temperature,x\nq,m,0,nan\n",
            "exam.csv:2: 'x' is 'nan', not a number; leave the cell empty",
        ),
        (
            "item,model,temperature,x\nq,m,0,-inf\n",
            "'x' is '-inf', not a finite number; leave the cell empty",
        ),
        ("item,model,temperature,x\nq,m,0,1e400\n", "'x' is '1e400', not a finite number; leave the cell"),
        (
            "item,model,temperature,replicate,x\nq,m,0,one,1\n",
            "exam.csv:2: replicate 'one' is no whole number",
        ),
        ("item,model,temperature,replicate,x\nq,m,0,1,1\nq,m,0.0,1,2\n", "exam.csv:3: the same sample as"),
        ("model,temperature,x\nm,0,1\n", "exam.csv:1: no column item; name yours with --map item=COLUMN"),
        ("item,model,temperature\n", "exam.csv:1: the data file has no rows"),
    ],
)
def test_a_mistake_is_named_by_its_line_and_nothing_is_stored(store, tmp_path, text, said):
    with pytest.raises(PromptError, match=re.escape(said)):
        import_table(store, write(tmp_path, text))
    assert store.runs() == []


def test_a_table_without_text_or_score_is_refused(store, tmp_path):
    with pytest.raises(UsageError, match="neither a text nor a score column"):
        import_table(store, write(tmp_path, "item,model,temperature\nq,m,0\n"))
