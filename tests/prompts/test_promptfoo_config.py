"""promptfoo's configurations: what is asked, what is checked, and what is left out and named."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support import Cli

from tempkit.errors import ExperimentError
from tempkit.measures.assertions import passes
from tempkit.planning.experiment_file import Experiment, read_experiment
from tempkit.types import Check

Write = Callable[[str, str], Path]

CONFIG = """# yaml-language-server: $schema=https://promptfoo.dev/config-schema.json
description: A greeter
prompts:
  - file://prompts.txt
  - {label: chatty, raw: "You are {{ role }}. Say {{ body }} in {{ language }}."}
  - file://chat.json
  - file://make.py:prompt
providers:
  - openai:gpt-4.1-mini
  - id: anthropic:messages:claude-haiku-4-5
    label: haiku
    config: {temperature: 0.3, max_tokens: 100, top_p: 0.9}
  - {id: "ollama:chat:llama3.2", config: {num_predict: 100, tools: []}}
  - exec:run.sh
defaultTest:
  vars: {role: a helper}
  assert:
    - {type: not-contains, value: "as an AI"}
tests:
  - vars: {language: [French, Spanish], body: Hello}
    assert:
      - {type: icontains, value: "{{body}}"}
      - {type: javascript, value: output.length < 100}
      - {type: starts-with, value: B, weight: 2}
  - vars: {language: German}
  - file://more.csv
evaluateOptions: {repeat: 3, maxConcurrency: 2}
"""
PROMPTS = """Put {{ body }} into {{ language }}.
---
Put it into {{ language }}{% if role === "x" %}?{% elseif role %}!{% endif %}
"""
CHAT = '[{"role": "system", "content": "You are {{ role }}."},\n {"role": "user", "content": "{{ body }}\\nuser:\\n{{ language }}"}]'
CSV = 'language,body,__expected,__expected2,__metric\nPirate,Ahoy,"contains-any: a,b",cost(0.1),x\n'


def written(write: Write, config: str = CONFIG, name: str = "promptfooconfig.yaml") -> Path:
    write("prompts.txt", PROMPTS)
    write("chat.json", CHAT)
    write("more.csv", CSV)
    return write(name, config)


def read(write: Write, config: str) -> Experiment:
    return read_experiment(write("promptfooconfig.yaml", config))


def refusal(write: Write, config: str) -> str:
    with pytest.raises(ExperimentError) as caught:
        read(write, config)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_prompt_with_every_test(write: Write) -> None:
    found = read_experiment(written(write))
    assert [p.name for p in found.prompts] == ["prompts-1", "prompts-2", "chatty", "chat"]
    assert [[i.key.partition("/")[2] for i in p.items] for p in found.prompts] == [
        ["1.1", "1.2", "2", "3"]
    ] * 4
    first, second, chatty, chat = (p.items for p in found.prompts)
    assert [i.messages[0].content for i in first] == [
        *("Put Hello into French.", "Put Hello into Spanish.", "Put  into German.", "Put Ahoy into Pirate."),
    ]
    assert second[0].messages[0].content == "Put it into French!"
    assert chatty[0].messages[0].content == "You are a helper. Say Hello in French."
    assert [(m.role, m.content) for m in chat[3].messages] == [
        ("system", "You are a helper."),
        ("user", "Ahoy\nuser:\nPirate"),
    ]
    assert [m.id for m in found.models] == [
        "openai:gpt-4.1-mini",
        "anthropic:claude-haiku-4-5",
        "ollama:llama3.2",
    ]
    assert found.models[1].label == "haiku"
    assert found.repeat == 3


def test_assertions_are_checks(write: Write) -> None:
    items = read_experiment(written(write)).prompts[0].items
    never = Check("regex", r"(?s)\A(?!.*(?:as\ an\ AI))")
    assert items[0].checks == (never, Check("icontains", "Hello"), Check("regex", r"\AB"))
    assert items[2].checks == (never,)
    assert items[3].checks == (never, Check("regex", "a|b"))


def test_what_is_left_out_is_named_once_with_its_line(write: Write) -> None:
    path = written(write)
    found = read_experiment(path)
    said = [note.replace(f"{path.parent}{os.sep}", "") for note in found.notes]
    assert said == [
        "promptfooconfig.yaml:7: not carried over: a prompt that a program makes, or that lies elsewhere (file://make.py:prompt)",
        "promptfooconfig.yaml:12: not carried over: a provider's temperature (0.3); those of -t are asked",
        "promptfooconfig.yaml:13: not carried over: a provider's setting tools",
        "promptfooconfig.yaml:14: not carried over: the provider exec:run.sh, which tempkit cannot ask",
        "promptfooconfig.yaml:8: not carried over: max_tokens, which differs between providers (none, 100, 100); set one for all with an option",
        "promptfooconfig.yaml:8: not carried over: top_p, which differs between providers (none, 0.9, none); set one for all with an option",
        "more.csv:2: not carried over: the column __metric",
        "promptfooconfig.yaml:27: not carried over: evaluateOptions.maxConcurrency",
        "promptfooconfig.yaml:23: not carried over: the assertion javascript (2 times)",
        "promptfooconfig.yaml:24: not carried over: an assertion's weight; every check counts alike (2 times)",
        "more.csv:2: not carried over: the assertion cost",
        "promptfooconfig.yaml:25: not carried over: nothing for the variable body, which a test does not give: it stays empty, as in promptfoo (3 times)",
    ]  # fmt: skip
    assert all(line in found.prompts[0].description for line in found.notes)


@pytest.mark.parametrize(
    ("assertion", "good", "bad"),
    [
        ("{type: contains-any, value: [a.c, d]}", "xa.c", "abc"),
        ("{type: icontains-any, value: 'Foo, Bar'}", "a BAR", "ba"),
        ("{type: starts-with, value: 'A+'}", "A+ b", "AA"),
        ("{type: not-starts-with, value: Sure}", "Well. Sure", "Sure"),
        ("{type: not-equals, value: a}", "ab", "a"),
        ("{type: not-contains, value: 'x.'}", "xy\nx", "y\nx."),
        ("{type: not-icontains, value: Sorry}", "all\nwell", "I am\nSORRY"),
        ("{type: not-contains-any, value: [a, b]}", "c\nd", "c\nb"),
        ("{type: not-contains-all, value: [a, b]}", "a\nc", "b\na"),
        ("{type: not-regex, value: '^a.c$'}", "xabc", "abc"),
    ],
)
def test_a_pattern_passes_where_the_assertion_would(
    write: Write, assertion: str, good: str, bad: str
) -> None:
    config = f"prompts: [Hi there]\ntests: [{{assert: [{assertion}]}}]\n"
    (item,) = read(write, config).prompts[0].items
    (check,) = item.checks
    assert (passes(check, good), passes(check, bad)) == (True, False)


def test_icontains_all_is_one_check_for_each(write: Write) -> None:
    (item,) = (
        read(write, "prompts: [Hi there]\ntests: [{assert: [{type: icontains-all, value: [a, b]}]}]\n")
        .prompts[0]
        .items
    )
    assert item.checks == (Check("icontains", "a"), Check("icontains", "b"))


@pytest.mark.parametrize(
    "assertion",
    [
        "{type: similar, value: x, threshold: 0.9}",
        "{type: llm-rubric, value: x, threshold: 0.9}",
        "{type: contains, value: x, transform: output.trim()}",
        "{type: contains, value: x, weight: 0}",
        "{type: contains, value: '{{ x | upper }}'}",
        "{type: not-is-json}",
        "{type: regex, value: '('}",
        "{type: assert-set, threshold: 0.5, assert: [{type: contains, value: x}]}",
        "{type: contains}",
    ],
)
def test_an_assertion_that_cannot_be_had_is_left_out_and_named(write: Write, assertion: str) -> None:
    found = read(write, f"prompts: [Hi there]\ntests: [{{assert: [{assertion}]}}]\n")
    assert found.prompts[0].items[0].checks == ()
    assert len(found.notes) == 1
    assert "promptfooconfig.yaml:2: not carried over: " in found.notes[0]


HISTORY = """[
  {"role": "system", "content": {{ about | dump }}},
  {% for message in before %}{% for role, content in message %}
  {"role": "{{ role }}", "content": {{ content | dump }}},
  {% endfor %}{% endfor %}
  {"role": "user", "content": {{ question | dump }}}
]
"""


def test_a_chat_that_is_json_once_it_is_filled_in(write: Write) -> None:
    write("chat.json", HISTORY)
    config = """prompts: ["file://chat.json"]
defaultTest: {vars: {about: 'Be "brief".', before: [{user: Hi}, {assistant: Ho}]}}
tests: [{vars: {question: "Who\\nare you?"}}]
"""
    found = read(write, config)
    assert found.notes == ()
    (item,) = found.prompts[0].items
    assert [(m.role, m.content) for m in item.messages] == [
        *(("system", 'Be "brief".'), ("user", "Hi"), ("assistant", "Ho"), ("user", "Who\nare you?")),
    ]
    write("chat.json", HISTORY.replace("{{ question | dump }}", '"{{ question }}"'))
    assert "chat.json:1: filled in, the chat is not JSON" in refusal(write, config)


def test_where_a_model_is_reached_and_never_a_key(write: Write) -> None:
    config = """prompts: [Hi there]
providers:
  - {id: "bedrock:us.anthropic.claude-x", config: {region: us-east-2}}
  - {id: "bedrock:b", config: {region: "evil.example/"}}
  - {id: "openai:chat:m", config: {apiBaseUrl: "http://localhost:8000/v1", apiKeyEnvar: LAB_KEY, apiKey: sk-abc}}
"""
    found = read(write, config)
    assert [dict(m.options) for m in found.models] == [
        {"region": "us-east-2"},
        {},
        {"base_url": "http://localhost:8000/v1", "api_key_env": "LAB_KEY"},
    ]
    assert [note.partition("not carried over: ")[2] for note in found.notes] == [
        "a provider's setting region",
        "an API key in the file; keys come from the environment",
    ]
    assert "sk-abc" not in repr(found)


def test_a_key_for_a_server_of_the_files_needs_leave(write: Write, cli: Cli) -> None:
    config = 'prompts: [Hi there]\nproviders:\n  - {id: "openai:m", config: {apiBaseUrl: "http://localhost:1/v1", apiKeyEnvar: LAB_KEY}}\n'
    path = write("promptfooconfig.yaml", config)
    done = cli("run", str(path), "-t", "0", "--dry-run")
    assert done.code == 1
    assert "promptfooconfig.yaml:" in done.err
    assert "--allow-key-env LAB_KEY" in done.err


def test_scenarios_templates_of_assertions_and_files_of_values(write: Write) -> None:
    write("long.txt", "A long text.\n")
    config = """prompts: ["{{ text }} in {{ language }}"]
scenarios:
  - config: [{vars: {language: French}}, {vars: {language: Greek}}]
    tests: [{vars: {text: "file://long.txt"}, assert: [{$ref: "#/assertionTemplates/polite"}]}]
assertionTemplates: {polite: {type: icontains, value: please}}
"""
    (prompt,) = read(write, config).prompts
    assert [i.messages[0].content for i in prompt.items] == [
        "A long text. in French",
        "A long text. in Greek",
    ]
    assert prompt.items[0].checks == (Check("icontains", "please"),)


def test_values_stand_in_a_text_as_javascript_writes_them(write: Write) -> None:
    values = "a: {k: 1, t: true, n: 2.0}, b: true, c: 2.0, d: [x, [y, null]], e: false, f: 1.0e-7, g: null, h: 0.00001"
    body = "{{ a }} {{ b }} {{ c }} {{ d | dump }}{% if e %}!{% endif %} {{ d }} {{ a.t }} {{ a.n }} {{ f }} [{{ g }}] {{ h }}"
    found = read(
        write,
        f"prompts: ['{body}']\ntests: [{{vars: {{{values}}}, options: {{disableVarExpansion: true}}}}]\n",
    )
    (item,) = found.prompts[0].items
    assert item.messages[0].content == ('[object Object] true 2 ["x",["y",null]] x,y, true 2 1e-7 [] 0.00001')
    (note,) = found.notes
    assert note.endswith("what is in the variable a: the prompt has [object Object], as in promptfoo")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("prompts: ['file://../x.txt']\n", "promptfooconfig.yaml:1: file '../x.txt' lies outside"),
        ("prompts: ['file:///etc/passwd']\n", "promptfooconfig.yaml:1: file '/etc/passwd' lies outside"),
        ("prompts: [a b]\ntests: [{vars: {x: 'file://../../etc/passwd'}}]\n", "promptfooconfig.yaml:2: file '../../etc/passwd' lies outside"),
        ("prompts: ['file://../*.txt']\n", "promptfooconfig.yaml:1: '../*.txt' leads out"),
        ("prompts: ['file://link.txt']\n", "promptfooconfig.yaml:1: file 'link.txt' lies outside"),
        ("prompts: [a b]\ntests: ['file://none.csv']\n", "promptfooconfig.yaml:2: file 'none.csv' not found"),
        ("prompts: [a b]\ntests:\n  - 3\n", "promptfooconfig.yaml:3: a test must be a mapping or a file, not a number"),
        ("prompts: [a b]\ntests: [{assert: [{value: x}]}]\n", "promptfooconfig.yaml:2: an assertion needs a type"),
        ("prompts: [a b]\nproviders: [{label: x}]\n", "promptfooconfig.yaml:2: "),
        ("prompts: [a b]\nproviders: [{id: openai:x, config: {top_p: 7}}]\n", "promptfooconfig.yaml:2: top_p: top_p must be a number"),
        ("prompts: ['{{ x | shout }}']\n", "promptfooconfig.yaml:1: "),
        ("prompts: ['{{ env.HOME }}']\n", "promptfooconfig.yaml:1: the prompt uses env"),
        ("prompts: ['exec:run.sh']\n", "promptfooconfig.yaml:1: there is no prompt that can be carried over"),
        ("prompts: [' {{ x }}']\n", "promptfooconfig.yaml:1: there is no prompt that is asked: promptfooconfig.yaml:1: not carried over: a test for which the prompt has no text to send (nothing for x)"),
        ("prompts: ['[{\"role\": \"tool\", \"content\": \"x\"}]']\n", "promptfooconfig.yaml:1: there is no prompt that can be carried over: "),
        ("prompts: ['[{\"role\": }]']\n", "promptfooconfig.yaml:1: not JSON"),
        ("prompts: &a [*a]\n", "promptfooconfig.yaml:1: an alias stands inside the value it names"),
        (f"prompts: {'[' * 60}\n", "promptfooconfig.yaml:1: values are nested more than 50 deep"),
        ("prompts: [a b]\ntests: [{vars: {a: [x,2,3,4,5,6,7,8,9,0], b: [x,2,3,4,5,6,7,8,9,0], c: [x,2,3,4,5,6,7,8,9,0], d: [x,2,3,4,5,6,7,8,9,0], e: [x,2,3,4,5,6,7,8,9,0], f: [x, 2]}}]\n", "promptfooconfig.yaml:2: 200,000 combinations"),
        ("prompts: ['{% for a in range(99999999) %}x{% endfor %}']\n", "promptfooconfig.yaml:1: "),
        ('prompts: ["\\ud800 x"]\n', "promptfooconfig.yaml:1: "),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_used_ends_in_a_line_with_its_place(
    write: Write, config: str, message: str, promptly: None
) -> None:
    path = write("promptfooconfig.yaml", "")
    (path.parent / "link.txt").symlink_to("/etc/hostname")
    said = refusal(write, config)
    assert said.removeprefix(f"{path.parent}{os.sep}").startswith(message)


@pytest.mark.parametrize("name", ["promptfooconfig.yaml", "promptfooconfig.json"])
def test_a_run_of_one_on_another_model(write: Write, cli: Cli, name: str) -> None:
    config = '{"prompts": ["Name a colour of {{ thing }}."], "providers": ["file://p.py"], "tests": [{"vars": {"thing": ["grass", "sky"]}}]}'
    path = written(write, config, name)
    done = cli("run", str(path), "-m", "scripted:echo", "-t", "0:1:0.5", "-n", "1", "--dry-run")
    assert done.code == 0, done.err
    assert "not carried over: the provider file://p.py" in done.err
    assert "samples                 6" in done.out


def test_chats_of_files_tables_without_a_header_and_folders_of_tests(write: Write) -> None:
    write("rules.txt", "You know {{ field }}.\n")
    write("ask.md", "Explain {{ topic }}.\n")
    write("plain.csv", '"Tell me of {{ topic }}" \n"Draw {{ topic }}, please"\n')
    write("tests/a.yaml", "- vars: {topic: tides, field: seas}\n")
    write("tests/b.json", '[{"vars": {"topic": "stars", "field": "skies"}}]')
    write("tests/readme.md", "no test\n")
    config = """description: Two fields
prompts:
  - label: chat
    messages:
      - {role: system, content: file://rules.txt}
      - {role: user, content: file://ask.md}
      - {role: assistant, content: "What of {{ topic }}?"}
  - {messages: [{role: user, content: file://ask.py}]}
  - file://plain.csv
  - file://make.py:Prompt.one
tests: file://tests/*
"""
    found = read(write, config)
    assert [p.name for p in found.prompts] == ["chat", "plain-1", "plain-2"]
    assert [m.content for m in found.prompts[0].items[1].messages] == [
        *("You know skies.", "Explain stars.", "What of stars?"),
    ]
    assert found.prompts[2].items[0].messages[0].content == "Draw tides, please"
    assert found.prompts[0].description.startswith("Two fields; from promptfooconfig.yaml; ")
    assert [note.partition("not carried over: ")[2] for note in found.notes] == [
        "a prompt with a message that a program makes (file://ask.py)",
        "a prompt that a program makes, or that lies elsewhere (file://make.py:Prompt.one)",
        "tests that a program makes, or that lie elsewhere (readme.md)",
    ]


def test_json_may_escape_what_yaml_may_not(write: Write) -> None:
    config = '{"prompts": ["Wave \\ud83d\\udc4b to {{ \\u0077ho }}"], "tests": [{"vars": {"who": "\\ud83c\\udf89", "\\ud83c\\udf89": 1}}]}'
    for name in ("promptfooconfig.json", "promptfooconfig.yaml"):
        (item,) = read_experiment(write(name, config)).prompts[0].items
        assert item.messages[0].content == "Wave \U0001f44b to \U0001f389"
        assert list(item.variables) == ["who", "\U0001f389"]


def test_tests_that_only_a_program_makes_are_named_in_the_error(write: Write) -> None:
    assert "promptfooconfig.yaml:2: there is no test that can be carried over: " in (
        said := refusal(write, "prompts: [Hi there]\ntests: file://make.js\n")
    )
    assert said.endswith("tests that a program makes, or that lie elsewhere (file://make.js)")
