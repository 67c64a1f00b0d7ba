"""Prompt files: what they may say, what items they make, and the line of every mistake."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tempkit.errors import PromptError
from tempkit.prompts.load import inline_prompt, load_prompt
from tempkit.types import Check, Item, Message

Write = Callable[[str, str], Path]

WHOLE = """---
name: whole
description: All that a prompt can say.
model:
  id: some-model
  options:
    temperature: 0.7
    seed: 5
    maxOutputTokens: 64
    topP: 1
    topK: 40
    min_p: 0.05
    frequencyPenalty: -1
    presence_penalty: 0.5
    stopSequences: ["\\n\\n", END]
inputs:
  - name: question
    kind: string
  - name: tone
    default: plain
  - {name: aside, required: false}
metadata:
  anything: else
  tempkit:
    use_case: technical-documentation
    language: en
    data: data/rows.yaml
    checks: [{type: contains, value: x}]
---
system:
Be {{ tone }}.{{ aside }}
user:
{{ question }}
"""

ROWS = """- id: one
  question: What?
  facts: ["8|eight ", 42]
- question: Why?
  tone: warm
  aside: " Now."
  checks: [{type: is-json}, {type: contains-all, value: [a, 2]}]
"""


def front(text: str, body: str = "user:\nHi {{ q }}\n") -> str:
    return f"---\n{text}---\n{body}"


def refusal(path: Path) -> str:
    with pytest.raises(PromptError) as caught:
        load_prompt(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("required: false", "required: true"),
        ("is_required: false", "is_required: true"),
        ("optional: true", "optional: false"),
    ],
)
def test_an_input_that_may_be_left_out_is_empty(write: Write, said: str, denied: str) -> None:
    text = front(f"inputs:\n  q: {{type: string, default: you}}\n  tools:\n    type: string\n    {said}\n")
    prompt = load_prompt(write("p.prompty", f"{text.rstrip()}, {{{{ tools }}}}.\n"))
    assert prompt.items[0].messages[0].content == "Hi you, ."
    assert "no value for input 'tools'" in refusal(write("q.prompty", text.replace(said, denied)))


def test_everything_a_prompt_can_say(write: Write) -> None:
    write("data/rows.yaml", ROWS)
    prompt = load_prompt(write("whole.prompty", WHOLE))
    assert prompt.name == "whole"
    assert prompt.description == "All that a prompt can say."
    assert (prompt.use_case, prompt.language, prompt.path) == (
        "technical-documentation",
        "en",
        "whole.prompty",
    )
    assert prompt.source == WHOLE
    assert prompt.suggested_temperature == 0.7
    assert prompt.options == {
        "max_tokens": 64,
        "top_p": 1.0,
        "top_k": 40,
        "min_p": 0.05,
        "frequency_penalty": -1.0,
        "presence_penalty": 0.5,
        "stop": ("\n\n", "END"),
    }
    first, second = prompt.items
    assert first == Item(
        key="whole/one",
        prompt="whole",
        messages=(Message("system", "Be plain."), Message("user", "What?")),
        variables={"question": "What?", "tone": "plain", "aside": None},
        facts=(("8", "eight"), ("42",)),
        checks=(Check("contains", "x"),),
    )
    assert second.key == "whole/2"
    assert [m.content for m in second.messages] == ["Be warm. Now.", "Why?"]
    assert second.checks == (Check("contains", "x"), Check("is-json"), Check("contains-all", ["a", 2]))


def test_crlf_and_a_byte_order_mark_change_nothing(write: Write) -> None:
    write("data/rows.yaml", ROWS)
    plain = load_prompt(write("whole.prompty", WHOLE))
    write("data/rows.yaml", "\ufeff" + ROWS.replace("\n", "\r\n"))
    assert load_prompt(write("whole.prompty", "\ufeff" + WHOLE.replace("\n", "\r\n"))) == plain


def test_names_of_options_are_promptys_or_openais(write: Write) -> None:
    options = "{max_tokens: 9, top_p: 0.5, top_k: 3, minP: 0.1, frequency_penalty: 1, presencePenalty: 2, stop: END}"
    prompt = load_prompt(write("p.prompty", front(f"model: {{options: {options}}}\n", "Hi")))
    assert prompt.options == {
        "max_tokens": 9,
        "top_p": 0.5,
        "top_k": 3,
        "min_p": 0.1,
        "frequency_penalty": 1.0,
        "presence_penalty": 2.0,
        "stop": ("END",),
    }
    assert prompt.suggested_temperature is None


def test_a_bare_model_name_says_nothing(write: Write) -> None:
    prompt = load_prompt(write("p.prompty", front("model: gpt-4\n", "Hi")))
    assert (prompt.options, prompt.suggested_temperature) == ({}, None)


@pytest.mark.parametrize(
    "text", ["---\n---\nHi {{ 1 + 1 }}\n", "---\n# nothing\n---\r\nHi {{ 1 + 1 }}", "Hi {{ 1 + 1 }}"]
)
def test_front_matter_may_be_empty_or_absent(write: Write, text: str) -> None:
    prompt = load_prompt(write("p.prompty", text))
    assert prompt.name == "p"
    assert prompt.items == (Item(key="p", prompt="p", messages=(Message("system", "Hi 2"),)),)


@pytest.mark.parametrize("suffix", ["md"])
def test_plain_text_is_one_message_word_for_word(write: Write, suffix: str) -> None:
    text = "  Say {{ this }}:\nsystem:\n{% as it is %}  \n"
    prompt = load_prompt(write(f"note.{suffix}", f"\n{text}\n"))
    assert prompt.name == "note"
    assert prompt.source == f"\n{text}\n"
    assert prompt.items == (Item(key="note", prompt="note", messages=(Message("user", text[:-1]),)),)


def test_plain_text_with_front_matter_lines_is_still_text(write: Write) -> None:
    assert load_prompt(write("a.txt", "{{ name }}")).items[0].messages[0].content == "{{ name }}"


@pytest.mark.parametrize("suffix", ["j2", "md"])
def test_templates_with_front_matter(write: Write, suffix: str) -> None:
    prompt = load_prompt(write(f"t.{suffix}", front("name: other\ninputs: {q: Ada}\n")))
    assert (prompt.name, prompt.items[0].messages) == ("other", (Message("user", "Hi Ada"),))


def test_a_template_without_front_matter(write: Write) -> None:
    prompt = load_prompt(write("t.j2", "system:\nS\nuser:\n{{ 'u' | upper }}\n"))
    assert prompt.items[0].messages == (Message("system", "S"), Message("user", "U"))
    assert (
        refusal(write("u.j2", "a\n{{ q }}\n")) == "u.j2:2: 'q' is undefined; fill it in with --data FILE.csv"
    )


def test_inline_prompts() -> None:
    prompt = inline_prompt("Name a {{ colour }}.\n", 1)
    assert (prompt.name, prompt.path) == ("inline-1", None)
    assert prompt.items == (
        Item(key="inline-1", prompt="inline-1", messages=(Message("user", "Name a {{ colour }}."),)),
    )
    with pytest.raises(PromptError, match=r"^inline-2:1: the prompt has no text$"):
        inline_prompt(" \n", 2)


def test_examples_stand_in_only_without_a_data_file(write: Write) -> None:
    inputs = "inputs: [{name: q, example: e}, {name: r, sample: s}, {name: t, default: d, example: e}]\n"
    body = "{{ q }}{{ r }}{{ t }}"
    assert load_prompt(write("p.prompty", front(inputs, body))).items[0].messages[0].content == "esd"
    write("d.csv", "q,r,t\n1,2,\n3,,4\n")
    assert refusal(write("p.prompty", front(f"{inputs}metadata: {{tempkit: {{data: d.csv}}}}\n", body))) == (
        "d.csv:3: no value for input 'r'; add it, or give the input a default"
    )


def test_without_declared_inputs_any_column_may_be_used(write: Write) -> None:
    write("d.csv", "id,q,unused\na,1,\nb,,x\n")
    prompt = load_prompt(write("p.prompty", front("metadata: {tempkit: {data: d.csv}}\n", "[{{ q }}]")))
    assert [(i.key, i.messages[0].content) for i in prompt.items] == [("p/a", "[1]"), ("p/b", "[]")]


def test_ids_may_be_numbers_and_a_single_row_needs_none(write: Write) -> None:
    prompty = write("p.prompty", front("metadata: {tempkit: {data: d.yaml}}\n"))
    write("d.yaml", "- {id: 7, q: x}\n- {id: 1.5, q: y}\n- {q: z}\n")
    assert [i.key for i in load_prompt(prompty).items] == ["p/7", "p/1.5", "p/3"]
    write("d.yaml", "- {q: x}\n")
    assert [i.key for i in load_prompt(prompty).items] == ["p"]
    write("d.yaml", "- {q: x, id: one}\n")
    assert [i.key for i in load_prompt(prompty).items] == ["p/one"]


def test_facts_in_all_their_forms(write: Write) -> None:
    prompty = write("p.prompty", front("metadata: {tempkit: {data: d.csv}}\n"))
    write("d.csv", "q,facts\na, 8 | eight ;; two words|zwei ;\nb,\nc,one\n")
    assert [i.facts for i in load_prompt(prompty).items] == [
        (("8", "eight"), ("two words", "zwei")),
        (),
        (("one",),),
    ]


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\nb", "prompt!", "-"])
def test_names(write: Write, name: str) -> None:
    path = write("p.prompty", front(f'description: x\nname: "{name}"\n', "Hi"))
    if name == "-":
        assert load_prompt(path).name == "-"
    else:
        shown = name.replace("\\n", "\n")
        assert refusal(path) == f"p.prompty:3: name {shown!r} may hold letters, digits, '.', '_' and '-' only"


TOP = (
    "name, displayName, description, metadata, inputs, outputs, model, tools, template, version, authors, tags, "
    "instructions, kind, sample, id, inputSchema, outputSchema"
)
MODEL_KEYS = "id, provider, apiType, connection, options, api, configuration, response"
CHECKS = "equals, contains, icontains, contains-all, regex, is-json, similar, llm-rubric"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nam: x\n", f"2: unknown key 'nam' in the front matter (did you mean 'name'?); known: {TOP}"),
        ("- a\n", "2: the front matter must be a mapping, not a list"),
        ("just words\n", "2: the front matter must be a mapping, not text"),
        ("name: 5\n", "2: name must be text, not a number"),
        ("name: x\ndescription: [a]\n", "3: description must be text, not a list"),
        ("name: x\nname: y\n", "3: key 'name' is given twice"),
        ("name: x\nmetadata: 5\n", "3: metadata must be a mapping, not a number"),
        ("metadata:\n  tempkit: x\n", "3: metadata.tempkit must be a mapping, not text"),
        (
            "metadata:\n  tempkit:\n    usecase: chatbot\n",
            (
                "4: unknown key 'usecase' in metadata.tempkit (did you mean 'use_case'?); "
                "known: use_case, language, data, checks, decision"
            ),
        ),
        (
            "metadata:\n  tempkit:\n    language: en\n    use_case: 3\n",
            "5: use_case must be text, not a number",
        ),
        ("metadata:\n  tempkit:\n    language: no\n    data: [x]\n", "5: data must be text, not a list"),
        ("name: x\ninputs: 5\n", "3: inputs must be a list, not a number"),
        ("inputs:\n  - name: q\n  - kind: string\n", "4: an input needs a name"),
        ("inputs:\n  - name: q\n  - word\n", "4: an input needs a name"),
        ("inputs:\n  - name: q\n  - name: q\n", "4: input 'q' is declared twice"),
        (
            "inputs:\n  - name: q\n  - {name: i, kind: image}\n",
            "4: input 'i' is of kind 'image'; tempkit sends text only",
        ),
        (
            "name: x\ninputs:\n  - name: q\n",
            "3: no value for input 'q'; add it, or give the input a default, or fill it in with --data FILE.csv",
        ),
        (
            "name: x\ninputs: {q: }\n",
            "3: no value for input 'q'; add it, or give the input a default, or fill it in with --data FILE.csv",
        ),
        ("name: x\ninputs: []\n", "6: 'q' is undefined; fill it in with --data FILE.csv"),
        (
            "name: x\nmodel:\n  settings: {temperature: 1}\n",
            f"4: unknown key 'settings' in model; known: {MODEL_KEYS}",
        ),
        ("model: [a]\n", "2: model must be a mapping, not a list"),
        ("model: {options: 5}\n", "2: model.options must be a mapping, not a number"),
        (
            "template: mustache\n",
            "2: template format 'mustache' is not supported; write the template in jinja2",
        ),
        (
            "template:\n  format: {kind: mustache}\n  parser: prompty\n",
            "3: template format 'mustache' is not supported; write the template in jinja2",
        ),
    ],
)
def test_mistakes_in_front_matter(write: Write, text: str, message: str) -> None:
    assert refusal(write("p.prompty", front(text))) == f"p.prompty:{message}"


@pytest.mark.parametrize(
    "template", ["jinja2", "{format: jinja2, parser: prompty}", "{format: {kind: jinja2}}", "{format: '*'}"]
)
def test_formats_that_are_jinja2(write: Write, template: str) -> None:
    assert load_prompt(write("p.prompty", front(f"template: {template}\n", "Hi"))).items


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("maxTokens: 5", ("unknown key 'maxTokens' in model.options (did you mean 'max_tokens'?); known: temperature, seed, "
         "maxOutputTokens, topP, topK, minP, frequencyPenalty, presencePenalty, stopSequences, max_tokens, top_p, top_k, "
         "min_p, frequency_penalty, presence_penalty, stop")),
        ("maxOutputTokens: many", "model.options.maxOutputTokens: max_tokens must be a whole number of at least 1, not 'many'"),
        ("maxOutputTokens: 0", "model.options.maxOutputTokens: max_tokens must be a whole number of at least 1, not 0"),
        ("maxOutputTokens: 1.5", "model.options.maxOutputTokens: max_tokens must be a whole number of at least 1, not 1.5"),
        ("maxOutputTokens: true", "model.options.maxOutputTokens: max_tokens must be a whole number of at least 1, not True"),
        (f"maxOutputTokens: {10**30}",
         f"model.options.maxOutputTokens: max_tokens must be a whole number of at most {2**63 - 1}"),
        ("topP: 0", "model.options.topP: top_p must be a number above 0 and at most 1, not 0"),
        ("topP: 1.1", "model.options.topP: top_p must be a number above 0 and at most 1, not 1.1"),
        ("topP: .nan", "model.options.topP: top_p must be a number above 0 and at most 1, not '.nan'"),
        ("topP: true", "model.options.topP: top_p must be a number above 0 and at most 1, not True"),
        ("minP: -0.1", "model.options.minP: min_p must be a number from 0 to 1, not -0.1"),
        (f"minP: {'9' * 300}", f"model.options.minP: min_p must be a number from 0 to 1, not {'9' * 59}…"),
        ("topK: -1", "model.options.topK: top_k must be a whole number of at least 0, not -1"),
        ("frequencyPenalty: 3", "model.options.frequencyPenalty: frequency_penalty must be a number from -2 to 2, not 3"),
        ("stop: 5", "model.options.stop: stop must be a text or a list of texts"),
        ("stop: ['']", "model.options.stop: stop must be a text or a list of texts"),
        ("temperature: -1", "model.options.temperature must be a number from 0"),
        ("temperature: hot", "model.options.temperature must be a number from 0"),
        ("temperature: true", "model.options.temperature must be a number from 0"),
        ("topP: 1e999", "the number 1e999 is too large; put quotes around it to make it text"),
    ],
)  # fmt: skip
def test_mistakes_in_model_options(write: Write, option: str, message: str) -> None:
    text = front(f"name: x\nmodel:\n  options:\n    seed: 1\n    {option}\n", "Hi")
    assert refusal(write("p.prompty", text)) == f"p.prompty:6: {message}"


def test_an_option_under_two_names_is_refused(write: Write) -> None:
    text = front("model:\n  options:\n    maxOutputTokens: 5\n    max_tokens: 6\n", "Hi")
    assert (
        refusal(write("p.prompty", text))
        == "p.prompty:5: model.options.max_tokens says max_tokens a second time"
    )


@pytest.mark.parametrize("suffix", ["prompty", "j2", "md"])
@pytest.mark.parametrize("text", ["---\nname: x\nuser:\nHi\n", "---\n", "---", "--- \nname: x\n--\n"])
def test_front_matter_that_is_not_closed(write: Write, suffix: str, text: str) -> None:
    assert refusal(write(f"p.{suffix}", text)) == (
        f"p.{suffix}:1: the front matter is not closed; end it with a line of ---"
    )


def test_lines_in_the_body_are_lines_of_the_file(write: Write) -> None:
    assert refusal(
        write("p.prompty", front("name: x\ndescription: |\n  a\n  b\n", "user:\nHi\n\n{{ nope }}\n"))
    ) == ("p.prompty:10: 'nope' is undefined; fill it in with --data FILE.csv")
    assert refusal(write("p.prompty", front("name: x\n", "user:\nHi\n{% if %}\n"))).startswith(
        "p.prompty:6: "
    )


def test_a_missing_variable_names_the_line_and_the_row(write: Write) -> None:
    write("d.yaml", "- {id: a, q: x}\n- {id: b, r: x}\n")
    assert refusal(write("p.prompty", front("metadata: {tempkit: {data: d.yaml}}\n"))) == (
        "p.prompty:5: 'q' is undefined (with the row at d.yaml:2)"
    )


def data_refusal(write: Write, name: str) -> str:
    return refusal(write("sub/p.prompty", front(f'name: x\nmetadata:\n  tempkit:\n    data: "{name}"\n')))


@pytest.mark.parametrize("name", ["none.yaml", "", ".", "deep/none.csv"])
def test_a_missing_data_file(write: Write, name: str) -> None:
    assert data_refusal(write, name) == f"sub/p.prompty:5: data file {name!r} not found in sub"


@pytest.mark.parametrize(
    "name", ["../d.yaml", "deep/../../d.yaml", "/etc/passwd", "link.yaml", "folder/d.yaml"]
)
def test_a_data_file_outside_the_folder(write: Write, tmp_path: Path, name: str) -> None:
    write("d.yaml", "- {q: x}\n")
    write("sub/deep/x", "")
    (tmp_path / "sub/link.yaml").symlink_to(tmp_path / "d.yaml")
    (tmp_path / "sub/folder").symlink_to(tmp_path)
    assert data_refusal(write, name) == (
        f"sub/p.prompty:5: data file {name!r} lies outside the prompt's folder; move it beside or below the prompt"
    )


def test_data_files_inside_by_whatever_way(write: Write, tmp_path: Path) -> None:
    write("sub/deep/d.yaml", "- {q: x}\n")
    (tmp_path / "sub/link.yaml").symlink_to(tmp_path / "sub/deep/d.yaml")
    for name in ("deep/d.yaml", "./deep/../deep/d.yaml", "link.yaml", str(tmp_path / "sub/deep/d.yaml")):
        text = front(f"metadata: {{tempkit: {{data: {name}}}}}\n")
        assert len(load_prompt(write("sub/p.prompty", text)).items) == 1


def test_data_files_of_impossible_names(write: Write, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/loop.yaml").symlink_to("loop.yaml")
    assert re.match(
        r"^sub/p.prompty:5: data file 'loop.yaml' (cannot be found: |not found in sub)",
        data_refusal(write, "loop.yaml"),
    )
    assert data_refusal(write, "a\\0b.yaml").startswith(
        r"sub/p.prompty:5: data file 'a\x00b.yaml' cannot be found: "
    )
    assert data_refusal(write, "x" * 5000).startswith("sub/p.prompty:5: data file 'xxx")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{q: x, id: a}", "d.yaml:3: id 'a' is used already, at d.yaml:1"),
        ("{q: x, id: '2'}", "d.yaml:3: id '2' is used already, at d.yaml:2"),
        ("{q: x, id: [a]}", "d.yaml:3: id must be a word or a number on one line, not ['a']"),
        ("{q: x, id: true}", "d.yaml:3: id must be a word or a number on one line, not True"),
        ('{q: x, id: "a\\nb"}', "d.yaml:3: id must be a word or a number on one line, not 'a\\nb'"),
        ("{}", "d.yaml:3: no value for input 'q'; add it, or give the input a default"),
        ("{q: }", "d.yaml:3: no value for input 'q'; add it, or give the input a default"),
        (
            "{qq: x}",
            "d.yaml:3: column 'qq' is not among the prompt's inputs (did you mean 'q'?); known: q, id, facts, checks",
        ),
        (
            "{q: x, fact: [a]}",
            (
                "d.yaml:3: column 'fact' is not among the prompt's inputs (did you mean 'facts'?); "
                "known: q, id, facts, checks"
            ),
        ),
        ("{q: x, facts: {a: 1}}", "d.yaml:3: facts must be a list of texts, not a mapping"),
        ("{q: x, facts: 8}", "d.yaml:3: facts must be a list of texts, not a number"),
        ("{q: x, facts: [[a]]}", "d.yaml:3: a fact must be text, not a list"),
        ("{q: x, facts: [true]}", "d.yaml:3: a fact must be text, not true/false"),
        ("{q: x, facts: [a, ~]}", "d.yaml:3: a fact must be text, not nothing"),
        ("{q: x, facts: [' | ']}", "d.yaml:3: a fact is empty"),
        (
            "{q: x, checks: {type: is-json}}",
            "d.yaml:3: checks must be a list of {type, value}, not a mapping",
        ),
        ("{q: x, checks: is-json}", "d.yaml:3: checks must be a list of {type, value}, not text"),
        ("{q: x, checks: [is-json]}", "d.yaml:3: a check has the keys type and value only"),
        (
            "{q: x, checks: [{type: is-json, threshold: 1}]}",
            "d.yaml:3: a check has the keys type and value only",
        ),
        (
            "{q: x, checks: [{type: contain, value: a}]}",
            f"d.yaml:3: unknown check 'contain' (did you mean 'contains'?); known: {CHECKS}",
        ),
        ("{q: x, checks: [{value: a}]}", f"d.yaml:3: unknown check 'None'; known: {CHECKS}"),
        ("{q: x, checks: [{type: [a]}]}", f"d.yaml:3: unknown check \"['a']\"; known: {CHECKS}"),
        ("{q: x, checks: [{type: equals}]}", "d.yaml:3: check 'equals' needs a value"),
        ("{q: x, checks: [{type: equals, value: [a]}]}", "d.yaml:3: check 'equals' needs a text"),
        ("{q: x, checks: [{type: contains, value: ''}]}", "d.yaml:3: check 'contains' needs a text"),
        (
            "{q: x, checks: [{type: contains-all, value: a}]}",
            "d.yaml:3: check 'contains-all' needs a list of texts",
        ),
        (
            "{q: x, checks: [{type: contains-all, value: []}]}",
            "d.yaml:3: check 'contains-all' needs a list of texts",
        ),
        (
            "{q: x, checks: [{type: regex, value: '(a'}]}",
            "d.yaml:3: check 'regex': missing ) at position 2",
        ),
        (
            "{q: x, checks: [{type: regex, value: 'a{99999999999}'}]}",
            "d.yaml:3: check 'regex': repeat count too big at position 2",
        ),
    ],
)
def test_mistakes_in_rows(write: Write, row: str, message: str) -> None:
    write("d.yaml", f"- {{q: x, id: a}}\n- {{q: x}}\n- {row}\n")
    text = front("inputs: [{name: q}]\nmetadata: {tempkit: {data: d.yaml}}\n")
    assert refusal(write("p.prompty", text)) == message


def test_mistakes_in_checks_for_all_rows_name_the_prompt(write: Write) -> None:
    text = front("metadata:\n  tempkit:\n    language: en\n    checks:\n    - {type: equals}\n", "Hi")
    assert refusal(write("p.prompty", text)) == "p.prompty:5: check 'equals' needs a value"


def test_files_that_are_no_prompts(write: Write) -> None:
    assert (
        refusal(write("p.docx", "Hi"))
        == "p.docx: a prompt file must be one of .prompty, .prompt, .j2, .md, .txt, .csv, .tsv, .jsonl, .parquet"
    )
    assert refusal(Path("none.prompty")) == "none.prompty: prompt file not found"
    assert refusal(write("p.txt", " \n\n")) == "p.txt:1: the prompt has no text"
    assert refusal(write("p.prompty", "")) == "p.prompty:1: the prompt has no user text"
