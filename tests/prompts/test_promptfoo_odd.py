"""promptfoo's configurations that say a thing in an unusual place: nothing of it goes without a word."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tempkit.errors import ExperimentError
from tempkit.measures.assertions import passes
from tempkit.planning.experiment_file import Experiment, read_experiment

Write = Callable[[str, str], Path]


def read(write: Write, config: str) -> Experiment:
    return read_experiment(write("promptfooconfig.yaml", config))


def notes(found: Experiment, folder: Path) -> list[str]:
    return [note.replace(f"{folder}{os.sep}", "").replace("not carried over: ", "") for note in found.notes]


def texts(found: Experiment) -> list[str]:
    return [item.messages[-1].content for prompt in found.prompts for item in prompt.items]


def test_a_labelled_prompt_may_be_a_file_or_made_by_a_program(write: Write, tmp_path: Path) -> None:
    write("ask.txt", "Ask {{ x }}")
    found = read(
        write,
        """prompts:
  - {label: made, raw: "exec:./make.sh"}
  - {label: read, raw: "file://ask.txt"}
  - {label: told, raw: "Tell {{ x }}"}
tests: [{vars: {x: me}}]
""",
    )
    assert [prompt.name for prompt in found.prompts] == ["read", "told"]
    assert texts(found) == ["Ask me", "Tell me"]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:2: a prompt that a program makes, or that lies elsewhere (exec:./make.sh)"
    ]


def test_a_template_in_a_value_is_named_where_it_stays(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """prompts: ["Say {{ a }} {{ b }}"]
tests:
  - vars: {a: "{{ env.KEY }}", b: "{{ c }}", c: two, unused: "{{ env.X }}"}
""",
    )
    assert texts(found) == ["Say {{ env.KEY }} two"]
    (prompt,) = found.prompts
    assert [(item.prompt, item.key) for item in prompt.items] == [(prompt.name, prompt.name)]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:3: a template in the variable a: it is sent as it is written"
    ]


@pytest.mark.parametrize(
    ("assertion", "good", "bad"),
    [
        ("contains-any, value: '\"a, b\",c'", "x a, b", "a b"),
        ('contains-all, value: \'"a, b", "c"\'', "c a, b", "a, c"),
        ("icontains-any, value: 'A 5\" pipe, hose'", 'a 5" PIPE', "5 pipe"),
        ('contains-any, value: \'"say ""a"", b"\'', 'x say "a", b', "say a"),
        ("contains-any, value: 'a, b'", "b", "c"),
    ],
)
def test_a_comma_in_quotes_parts_no_texts(write: Write, assertion: str, good: str, bad: str) -> None:
    found = read(write, f"prompts: [Hi]\ntests: [{{assert: [{{type: {assertion}}}]}}]\n")
    (check,) = found.prompts[0].items[0].checks
    assert (passes(check, good), passes(check, bad)) == (True, False)


def test_a_text_that_is_too_long_for_a_list_is_left_out(write: Write) -> None:
    before = csv.field_size_limit(100)
    try:
        found = read(
            write,
            f"prompts: [Hi]\ntests: [{{assert: [{{type: contains-any, value: '\"{'x' * 200}\",a'}}]}}]\n",
        )
    finally:
        csv.field_size_limit(before)
    assert found.prompts[0].items[0].checks == ()
    assert "the assertion contains-any with a value" in found.notes[0]


@pytest.mark.parametrize(
    ("default", "test", "scenario"),
    [("transform: output.trim()", "", ""), ("", "transform: x", ""), ("", "", "postprocess: x")],
)
def test_no_answer_is_judged_by_what_is_said_of_a_changed_one(
    write: Write, default: str, test: str, scenario: str
) -> None:
    found = read(
        write,
        f"""prompts: ["Say {{{{ x }}}}"]
defaultTest: {{options: {{{default}}}, assert: [{{type: contains, value: a}}]}}
scenarios:
  - config: [{{options: {{{scenario}}}, vars: {{x: 1}}}}]
    tests: [{{options: {{{test}}}, assert: [{{type: contains, value: b}}]}}]
""",
    )
    assert [item.checks for item in found.prompts[0].items] == [()]
    assert any("the assertions of a test that transforms its answers" in note for note in found.notes)


def test_a_test_without_a_transform_keeps_its_assertions(write: Write) -> None:
    found = read(
        write,
        """prompts: ["Say {{ x }}"]
defaultTest: {assert: [{type: contains, value: a}]}
tests:
  - {vars: {x: 1}, options: {transform: x}, assert: [{type: contains, value: b}]}
  - {vars: {x: 2}, assert: [{type: contains, value: c}]}
""",
    )
    assert [[c.value for c in item.checks] for item in found.prompts[0].items] == [[], ["a", "c"]]


def test_providers_by_their_name_with_a_mapping(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """prompts: [Hi]
providers:
  - echo: {id: one, config: {temperature: 0.1}}
  - "openai:gpt-4.1-mini": {id: two, config: {max_tokens: 9}}
""",
    )
    assert [model.label for model in found.models] == ["two"]
    assert notes(found, tmp_path) == ["promptfooconfig.yaml:3: the provider echo, which tempkit cannot ask"]


def test_questions_that_red_teaming_would_make(write: Write) -> None:
    config = """prompts: ["{{ prompt }}"]
targets: ["openai:gpt-4.1-mini"]
redteam: {plugins: [harmful]}
"""
    with pytest.raises(ExperimentError) as caught:
        read(write, config)
    assert str(caught.value).endswith(
        "promptfooconfig.yaml:3: promptfoo's red teaming makes the questions of this file, and tempkit does not; "
        "name the file that promptfoo redteam generate writes"
    )
    assert texts(read(write, config + "tests: [{vars: {prompt: Hi}}]\n")) == ["Hi"]
    assert texts(read(write, config.replace("{{ prompt }}", "Hi there"))) == ["Hi there"]


def test_a_file_that_holds_a_request_s_body_is_its_chat(write: Write, tmp_path: Path) -> None:
    write(
        "body.yaml",
        """temperature: 1
messages:
  - {role: system, content: [{type: text, text: Be short, cache_control: {type: ephemeral}}]}
  - {role: user, name: ann, content: "Ask {{ x }}"}
""",
    )
    write("body.json", '{"model": "m", "messages": [{"role": "user", "content": "Tell {{ x }}"}]}')
    found = read(
        write,
        """prompts: ["file://body.yaml", "file://body.json", "{{ x }} has no messages"]
tests: [{vars: {x: me}}]
""",
    )
    sent = [[(m.role, m.content) for m in prompt.items[0].messages] for prompt in found.prompts]
    assert sent == [
        [("system", "Be short"), ("user", "Ask me")],
        [("user", "Tell me")],
        [("user", "me has no messages")],
    ]
    assert notes(found, tmp_path) == [
        "body.yaml:2: temperature beside a chat's messages",
        "body.yaml:3: a chat message's cache_control",
        "body.yaml:4: a chat message's name",
        "body.json:1: model beside a chat's messages",
    ]


def test_texts_of_a_message_as_adaline_writes_them(write: Write) -> None:
    write("ask.json", '[{"role": "user", "content": [{"modality": "text", "value": "Ask {{ x }}"}]}]')
    found = read(write, "prompts: [file://ask.json]\ntests: [{vars: {x: me}}]\n")
    assert (texts(found), found.notes) == (["Ask me"], ())
    write("ask.json", '[{"role": "user", "content": [{"modality": "image", "value": {"url": "{{ x }}"}}]}]')
    with pytest.raises(
        ExperimentError,
        match=r"ask\.json:1: .*a prompt that is a chat with content that is no text",
    ):
        read(write, "prompts: [file://ask.json]\ntests: [{vars: {x: me}}]\n")
