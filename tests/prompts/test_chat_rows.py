"""Rows that hold chats, OpenAI's registry of evals, and questions in Parquet."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from tempkit.errors import ExperimentError, PromptError
from tempkit.planning.experiment_file import read_experiment
from tempkit.prompts.load import load_prompt, taken_as
from tempkit.types import Check

Write = Callable[[str, str], Path]
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "2+2?"}


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_evals_with_what_is_ideal(write: Write) -> None:
    prompt = load_prompt(
        write(
            "s.jsonl",
            lines(
                {"input": [SYSTEM, USER], "ideal": ["4", "four"]}, {"input": [USER], "ideal": 4, "level": 1}
            ),
        )
    )
    assert [[(m.role, m.content) for m in item.messages] for item in prompt.items] == [
        [("system", "Be brief."), ("user", "2+2?")],
        [("user", "2+2?")],
    ]
    assert [item.facts for item in prompt.items] == [(("4", "four"),), (("4",),)]
    assert (
        taken_as(prompt)
        == "s.jsonl: 2 questions: chats in 'input' as OpenAI's evals have them; s.jsonl:2: not carried over: the column 'level'; the answer is what a right one contains"
    )


def test_a_row_of_the_hosted_service_is_its_item(write: Write) -> None:
    prompt = load_prompt(write("s.jsonl", lines({"item": {"question": "2+2?", "expected": "4"}})))
    assert (prompt.items[0].messages[0].content, prompt.items[0].facts) == ("2+2?", (("4",),))


def test_fine_tuning_data_end_in_the_answer(write: Write) -> None:
    answer = "An answer that is long enough to be a text of its own and no fact at all"
    rows = (
        {"messages": [USER, {"role": "assistant", "content": answer}]},
        {"messages": [USER, {"role": "tool", "content": "x"}]},
    )
    prompt = load_prompt(write("t.jsonl", lines(*rows)))
    (item,) = prompt.items
    assert ([m.content for m in item.messages], item.checks) == (["2+2?"], (Check("similar", answer),))
    assert "t.jsonl:2: not carried over: a row with a message of the role tool" in prompt.description


@pytest.mark.parametrize("empty", ["", " \n"])
def test_an_empty_answer_is_nothing_to_look_for(write: Write, empty: str) -> None:
    rows = [{"messages": [USER, {"role": "assistant", "content": text}]} for text in (empty, "4")]
    prompt = load_prompt(write("t.jsonl", lines(*rows)))
    assert [(len(item.messages), item.facts) for item in prompt.items] == [(1, ()), (1, (("4",),))]


def test_batch_requests(write: Write) -> None:
    body = {"model": "gpt-4o", "temperature": 1, "messages": [USER]}
    prompt = load_prompt(
        write(
            "b.jsonl",
            lines({"custom_id": "r1", "method": "POST", "url": "/v1/chat/completions", "body": body}),
        )
    )
    assert (prompt.items[0].key, prompt.items[0].messages[0].content) == ("b/r1", "2+2?")
    assert "not carried over: temperature of the requests" in prompt.description


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"input": ["x"]}, "s.jsonl:1: a message needs a role and content"),
        ({"input": []}, "s.jsonl:1: the chat must be a list of messages"),
        ({"input": [USER], "ideal": {"a": 1}}, "s.jsonl:1: ideal must be a text"),
        ({"input": [{"role": "user", "content": [{"type": "image_url"}]}]}, "s.jsonl:1: not carried over: a row with a message that is no text; no row can be asked"),
        ({"custom_id": "a", "body": {}}, "s.jsonl:1: the chat must be a list of messages"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_used_are_named(write: Write, row: dict[str, Any], message: str) -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt(write("s.jsonl", lines(row)))
    assert str(caught.value).startswith(message)


def test_a_pointer_of_git_lfs_is_said_to_be_one(write: Write) -> None:
    path = write("s.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n")
    with pytest.raises(PromptError, match=r"s.jsonl:1: a pointer of Git LFS"):
        load_prompt(path)


REGISTRY = """sums:
  id: sums.v1
  metrics: [accuracy]
sums.v1:
  class: evals.elsuite.basic.match:Match
  args: {samples_jsonl: sums/samples.jsonl, num_few_shot: 2}
parts.v1:
  class: evals.elsuite.basic.includes:Includes
  args: {samples_jsonl: sums/samples.jsonl, ignore_case: true}
judged.v1:
  class: evals.elsuite.modelgraded.classify:ModelBasedClassify
  args: {samples_jsonl: sums/samples.jsonl, modelgraded_spec: fact}
"""


def test_the_registry_with_data_beside_its_folder(write: Write) -> None:
    write("registry/data/sums/samples.jsonl", lines({"input": [USER], "ideal": ["4.", "four"]}))
    found = read_experiment(write("registry/evals/sums.yaml", REGISTRY))
    assert [p.name for p in found.prompts] == ["sums.v1", "parts.v1", "judged.v1"]
    assert [p.items[0].checks for p in found.prompts] == [
        (Check("regex", r"\A(?:4\.|four)"),),
        (Check("regex", r"(?i)(?:4\.|four)"),),
        (),
    ]
    assert [note.partition("not carried over: ")[2] for note in found.notes] == [
        "num_few_shot of an eval",
        "modelgraded_spec of an eval",
        "how evals.elsuite.modelgraded.classify:ModelBasedClassify grades; a judge is named with --judge",
    ]


def test_data_elsewhere_are_refused(write: Write) -> None:
    write("secret.jsonl", lines({"input": [USER]}))
    text = "a.v1:\n  class: evals.elsuite.basic.match:Match\n  args: {samples_jsonl: ../secret.jsonl}\n"
    with pytest.raises(ExperimentError, match=r"a.yaml:3: data file '../secret.jsonl' lies outside"):
        read_experiment(write("evals/a.yaml", text))


def test_questions_in_parquet(write: Write) -> None:
    path = write("q.parquet", "")
    parquet.write_table(pyarrow.table({"question": ["2+2?", "3+3?"], "expected": ["4", None]}), path)
    prompt = load_prompt(path)
    assert [(i.messages[0].content, i.facts) for i in prompt.items] == [("2+2?", (("4",),)), ("3+3?", ())]
    assert prompt.source == '{"question": "2+2?", "expected": "4"}\n{"question": "3+3?", "expected": null}'
    path.write_bytes(b"PAR1 no table")
    with pytest.raises(PromptError, match=r"q.parquet: not a Parquet file"):
        load_prompt(path)
