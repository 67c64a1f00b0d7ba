"""promptfoo's tests as a prompt's data: assertions that tempkit has become checks, all else is refused by row and column."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tempkit.errors import PromptError
from tempkit.prompts.load import load_prompt
from tempkit.types import Check, Prompt

Write = Callable[[str, str], Path]

PROMPT = """---
name: p
inputs: [{name: language}, {name: body}]
metadata: {tempkit: {data: DATA, checks: [{type: contains, value: x}]}}
---
user:
Say {{ body }} in {{ language }}.
"""

COLUMNS = "language,body,__expected,__expected1,__expected2,__description,__metric,__metadata:tags[]\n"


def loaded(write: Write, name: str, text: str) -> Prompt:
    write(name, text)
    return load_prompt(write("p.prompty", PROMPT.replace("DATA", name)))


def refusal(write: Write, name: str, text: str) -> str:
    with pytest.raises(PromptError) as caught:
        loaded(write, name, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["t.csv", "t.tsv"])
def test_a_table_with_assertions(write: Write, name: str) -> None:
    text = (
        COLUMNS
        + 'French,hello,icontains: bonjour,"contains-all: a, b ",llm-rubric:Is it polite?,a note,tone,"x,y"\n'
    )
    text += "Pirate,hello,Ahoy!,is-json,,,,\n"
    if name == "t.tsv":
        rows = [line.replace(",", "\t") for line in (COLUMNS, "French,hello,icontains: bonjour,")]
        text = (
            rows[0]
            + "French\thello\ticontains: bonjour\tcontains-all: a, b \tllm-rubric:Is it polite?\ta note\ttone\tx,y\n"
        )
        text += "Pirate\thello\tAhoy!\tis-json\t\t\t\t\n"
    first, second = loaded(write, name, text).items
    assert first.messages[0].content == "Say hello in French."
    assert first.variables == {"language": "French", "body": "hello"}
    assert first.checks == (
        Check("contains", "x"),
        Check("icontains", "bonjour"),
        Check("contains-all", ["a", "b"]),
        Check("llm-rubric", "Is it polite?"),
    )
    assert second.checks == (Check("contains", "x"), Check("equals", "Ahoy!"), Check("is-json"))


@pytest.mark.parametrize(
    ("cell", "check"),
    [
        ("Paris", Check("equals", "Paris")),
        ("paris", Check("equals", "paris")),
        ("equals: Paris", Check("equals", "Paris")),
        ("Note: this is text", Check("equals", "Note: this is text")),
        ("answer: 4", Check("equals", "answer: 4")),
        ("contains:a:b", Check("contains", "a:b")),
        ("regex: ^a{2}$", Check("regex", "^a{2}$")),
        ("grade: is it kind?", Check("llm-rubric", "is it kind?")),
        ("similar: good day", Check("similar", "good day")),
        ("similar(0.75): good day", Check("similar", "good day")),
        ('contains-all: ["a", "b"]', Check("contains-all", ["a", "b"])),
        ('is-json: {"type": "object"}', Check("is-json", {"type": "object"})),
    ],
)
def test_an_assertion_is_a_check(write: Write, cell: str, check: Check) -> None:
    row = {"language": "French", "body": "hello", "__expected": cell}
    prompt = loaded(write, "t.jsonl", json.dumps(row) + "\n")
    assert prompt.items[0].checks[1:] == (check,)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"__expected": "javascript: output.length > 3"}, "t.jsonl:1: __expected: tempkit has no check 'javascript'; it has equals, "),
        ({"__expected1": "not-contains: x"}, "t.jsonl:1: __expected1: tempkit has no check 'not-contains'; it has "),
        ({"__expected": "starts-with: a"}, "t.jsonl:1: __expected: tempkit has no check 'starts-with'; "),
        ({"__expected": "similar(0.9): good day"}, "t.jsonl:1: __expected: tempkit has no check 'similar' with a threshold; "),
        ({"__expected": "cost(0.1)"}, "t.jsonl:1: __expected: tempkit has no check 'cost'; "),
        ({"__expected": "regex: ("}, "t.jsonl:1: check 'regex': "),
        ({"__expected": "is-json: {"}, "t.jsonl:1: __expected: not a JSON schema: "),
        ({"__prefix": "Please: "}, "t.jsonl:1: '__prefix' is a column of promptfoo's that changes the test"),
        ({"__suffix": "!"}, "t.jsonl:1: '__suffix' is a column of promptfoo's"),
        ({"__threshold": "0.8"}, "t.jsonl:1: '__threshold' is a column of promptfoo's"),
        ({"__providerOutput": "Hi"}, "t.jsonl:1: '__providerOutput' is a column of promptfoo's"),
    ],
)  # fmt: skip
def test_what_tempkit_does_not_do_is_refused(write: Write, columns: dict[str, str], message: str) -> None:
    row = {"language": "French", "body": "hello", **columns}
    assert refusal(write, "t.jsonl", json.dumps(row) + "\n").startswith(message)


def test_an_empty_cell_says_nothing(write: Write) -> None:
    (item,) = loaded(write, "t.csv", "language,body,__expected,__prefix,__threshold\nFrench,hello,,,\n").items
    assert item.checks == (Check("contains", "x"),)


def nested(name: str, row: dict[str, Any]) -> str:
    return json.dumps(row) + "\n" if name.endswith("jsonl") else f"- {json.dumps(row)}\n"


@pytest.mark.parametrize("name", ["t.jsonl", "t.yaml"])
def test_variables_under_vars(write: Write, name: str) -> None:
    row = {
        "description": "a note",
        "vars": {"language": "French", "body": "hello"},
        "assert": [{"type": "icontains", "value": "bonjour"}],
        "metadata": {"tag": 1},
    }
    (item,) = loaded(write, name, nested(name, row)).items
    assert item.messages[0].content == "Say hello in French."
    assert item.checks == (Check("contains", "x"), Check("icontains", "bonjour"))
    unknown = {**row, "options": {"prefix": "x"}}
    assert refusal(write, name, nested(name, unknown)).startswith(f"{name}:1: column 'options' is not among")
    weighted = {**row, "assert": [{"type": "icontains", "value": "x", "weight": 2}]}
    assert (
        refusal(write, name, nested(name, weighted)) == f"{name}:1: a check has the keys type and value only"
    )
    twice = {**row, "body": "bye"}
    assert refusal(write, name, nested(name, twice)) == f"{name}:1: 'body' stands under vars and beside it"


def test_a_column_vars_may_hold_them_as_json(write: Write) -> None:
    (item,) = loaded(
        write, "t.csv", 'vars,__expected\n"{""language"": ""French"", ""body"": ""hi""}",salut\n'
    ).items
    assert item.variables == {"language": "French", "body": "hi"}
    assert item.checks[1:] == (Check("equals", "salut"),)


def test_an_input_called_vars_is_an_input(write: Write) -> None:
    write("d.csv", "vars\nx and y\n")
    text = "---\ninputs: [{name: vars}]\nmetadata: {tempkit: {data: d.csv}}\n---\nuser:\n{{ vars }}\n"
    assert load_prompt(write("p.prompty", text)).items[0].messages[0].content == "x and y"
