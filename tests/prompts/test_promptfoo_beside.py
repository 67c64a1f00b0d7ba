"""promptfoo's configurations in which a part cannot be carried over: all that stands beside it is."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tempkit.errors import ExperimentError
from tempkit.planning.experiment_file import Experiment, read_experiment

Write = Callable[[str, str], Path]

PICTURE = json.dumps([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}])


def read(write: Write, config: str) -> Experiment:
    return read_experiment(write("promptfooconfig.yaml", config))


def notes(found: Experiment, folder: Path) -> list[str]:
    return [note.replace(f"{folder}{os.sep}", "").replace("not carried over: ", "") for note in found.notes]


def texts(found: Experiment) -> list[str]:
    return [item.messages[-1].content for prompt in found.prompts for item in prompt.items]


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("p.jsonl", f'"one"\n{PICTURE}\n"three"\n', "p.jsonl:2"),
        ("p.txt", f"one\n---\n{PICTURE}\n---\nthree\n", "p.txt:3"),
        ("p.csv", 'prompt,label\none,a\n"{}",b\nthree,c\n'.format(PICTURE.replace('"', '""')), "p.csv:3"),
    ],
)
def test_a_prompt_that_cannot_be_sent_leaves_the_others_of_its_file(
    write: Write, tmp_path: Path, name: str, content: str, where: str
) -> None:
    write(name, content)
    found = read(write, f"prompts: ['file://{name}', four]\n")
    assert [text.strip('"') for text in texts(found)] == ["one", "three", "four"]
    assert notes(found, tmp_path)[0] == f"{where}: a prompt that is a chat with content that is no text"


def test_of_the_files_of_a_pattern_those_that_are_prompts_are_asked(write: Write, tmp_path: Path) -> None:
    for name, content in (
        ("a.json", PICTURE),
        ("b.txt", "b {{ x }}"),
        ("c.py", "print()"),
        ("d.sh", "ls"),
        ("README", "read me"),
        ("e.yaml", "- {role: tool, content: e}"),
        ("f.md", "f {{ x }}"),
    ):
        write(f"ps/{name}", content)
    for pattern in ("ps/*", "./ps/*", "file://ps/*"):
        found = read(
            write, f"prompts: ['{pattern}', 'x * {{{{ x }}}}', 'no/*']\ntests: [{{vars: {{x: y}}}}]\n"
        )
        assert texts(found) == ["b y", "f y", "x * y", "no/*"]
        assert sorted(notes(found, tmp_path)) == [
            "promptfooconfig.yaml:1: a prompt in a file of another kind (README)",
            "promptfooconfig.yaml:1: a prompt that a program makes, or that lies elsewhere (c.py)",
            "promptfooconfig.yaml:1: a prompt that a program makes, or that lies elsewhere (d.sh)",
            "ps/a.json:1: a prompt that is a chat with content that is no text",
            "ps/e.yaml:1: a prompt that is a chat with role 'tool'",
        ]
    (tmp_path / "ps" / "out.txt").symlink_to("/etc/hostname")
    with pytest.raises(ExperimentError, match=r"yaml:1: file 'ps/out.txt' lies outside"):
        read(write, "prompts: ['ps/*']\n")


def test_a_chat_with_a_mistake_in_it_is_refused_and_not_passed_over(write: Write) -> None:
    write("p.json", '[{"role": "user", "content": "a"}, {"content": "b"}]')
    with pytest.raises(ExperimentError, match=r"p.json:1: a chat's message must have a role and content"):
        read(write, "prompts: ['file://p.json', x]\n")


def test_a_test_for_which_the_prompt_is_empty_leaves_the_others(write: Write, tmp_path: Path) -> None:
    config = (
        "prompts: ['{{ q }}{{ r }}']\ntests:\n- vars: {q: one}\n- vars: {s: x}\n- vars: {q: ' ', r: ''}\n"
    )
    found = read(write, config)
    assert texts(found) == ["one"]
    assert notes(found, tmp_path)[-2:] == [
        "promptfooconfig.yaml:4: a test for which the prompt has no text to send (nothing for q, r)",
        "promptfooconfig.yaml:5: a test for which the prompt has no text to send",
    ]


def test_a_test_for_a_prompt_that_is_not_there_is_named(write: Write, tmp_path: Path) -> None:
    tests = "tests:\n- {vars: {x: a}, prompts: [B, A]}\n- {vars: {x: b}, prompts: ['B*', none]}\n"
    found = read(write, f"prompts: [{{label: A, raw: 'a {{{{ x }}}}'}}, {{label: BC, raw: 'b'}}]\n{tests}")
    assert texts(found) == ["a a", "b"]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:3: a test for the prompt B, which is not among those that are asked",
        "promptfooconfig.yaml:4: a test for the prompt none, which is not among those that are asked",
    ]


def test_load_reads_json_in_a_template(write: Write) -> None:
    given = '{"tone":"formal","n":1.50,"l":[1,"a",true],"q":null}'
    prompt = "{{ (c | load).tone }} {{ (c | load).n }} {{ (c | load).l }} {{ (c | load).q }}|"
    found = read(write, f"prompts: ['{prompt}']\ntests: [{{vars: {{c: '{given}'}}}}]\n")
    assert texts(found) == ["formal 1.5 1,a,true |"]
    for wrong in ("no json", "NaN", "", "[" * 100_000):
        with pytest.raises(ExperimentError, match=r"yaml:1: .*is not JSON: .*\(with the test at .*yaml:2\)"):
            read(write, f"prompts: ['a {{{{ (c | load).tone }}}}']\ntests: [{{vars: {{c: '{wrong}'}}}}]\n")


def test_a_default_of_the_environment_is_what_is_sent(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAME", "secret")
    write("t.csv", "x,y\n\"{{ env.NAME | default('csv') }}\",1\n")
    config = """prompts: ['{{ x }} {{env.TOWN|default("here", true)}}!']
defaultTest:
  vars: {x: '{{ env.NAME | default("me and you") }}'}
tests: [{vars: {y: 0}}, 'file://t.csv', {vars: {x: ["{{env.NAME|default('a')}}", b]}}]
"""
    found = read(write, config)
    assert texts(found) == ["me and you here!", "csv here!", "a here!", "b here!"]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:1: the environment variable TOWN: its default is sent",
        "promptfooconfig.yaml:3: the environment variable NAME: its default is sent (3 times)",
    ]


def test_tests_of_excel_are_said_to_be_that(write: Write) -> None:
    with pytest.raises(
        ExperimentError, match=r"yaml:2: .*tests of a sheet of Excel \(file://t.xlsx#Sheet1\)"
    ):
        read(write, "prompts: [x]\ntests: file://t.xlsx#Sheet1\n")


def test_red_teaming_beside_a_list_without_tests(write: Write) -> None:
    with pytest.raises(ExperimentError, match=r"yaml:3: promptfoo's red teaming makes the questions"):
        read(write, "prompts: ['{{ b }}']\ntests: []\nredteam: {plugins: [xstest]}\n")


def test_json_that_is_no_chat_is_written_as_promptfoo_writes_it(write: Write, tmp_path: Path) -> None:
    """What promptfoo 0.121.20 sends of these."""
    write("p.yaml", 'x: "{{x}}"\ny: [1, 2.50]\n')
    write("q.yml", "just text {{x}}\n")
    write("l.jsonl", '{"row": "{{x}}"}\n"str {{x}}"\n')
    found = read(
        write,
        """prompts:
- file://p.yaml
- file://q.yml
- file://l.jsonl
- '{"k": "{{n}}", "2": 1e21, "1": 1.10, "b": 12345678901234567890 }'
- '["{{n}}" ]'
- '"{{n}} q"'
- '{"t": "{{x}} {{ o }} {{ o.a }} {% if x %}y{% endif %}", "{{x}}": [ ], "e": {} }'
tests: [{vars: {x: 'say "hi"', n: 5, o: {a: [1, 2]}}}]
""",
    )
    assert texts(found) == [
        '{\n  "x": "say \\"hi\\"",\n  "y": [\n    1,\n    2.5\n  ]\n}',
        '"just text say \\"hi\\""',
        '{\n  "row": "say \\"hi\\""\n}',
        '"str say \\"hi\\""',
        '{\n  "1": 1.1,\n  "2": 1e+21,\n  "k": "5",\n  "b": 12345678901234567000\n}',
        '[\n  "5"\n]',
        '"5 q"',
        '{\n  "t": "say \\"hi\\" [object Object] 1,2 y",\n  "{{x}}": [],\n  "e": {}\n}',
    ]
    assert notes(found, tmp_path) == [
        "p.yaml:1: what a provider makes of a prompt that is JSON and no chat: it is sent as a text (5 times)",
        "promptfooconfig.yaml:9: what is in the variable o: the prompt has [object Object], as in promptfoo",
    ]


def test_json_with_something_before_it_or_a_template_that_fails_is_a_text(write: Write) -> None:
    found = read(
        write, "prompts: ['{\"a\":   \"{{ q }}\" }']\ntests: [{vars: {q: 1}, options: {prefix: '! '}}]\n"
    )
    assert texts(found) == ['! {"a":   "1" }']


def test_json_with_a_number_that_no_float_holds_is_null_as_in_javascript(write: Write) -> None:
    write("p.json", '{"order": ' + "7" * 310 + "}")
    assert texts(read(write, "prompts: ['file://p.json', hello]\n")) == ['{\n  "order": null\n}', "hello"]


def test_a_body_without_messages_is_no_prompt(write: Write) -> None:
    write("m.json", '{"messages": [], "model": "x"}')
    with pytest.raises(ExperimentError, match=r"m\.json:1: the chat has no message"):
        read(write, "prompts: ['file://m.json', hello]\n")


def test_json_in_which_somebody_has_a_role_is_no_chat(write: Write) -> None:
    config = """prompts: ['[{"person": {"role": "admin {{x}}"}}]', 'other']
tests: [{vars: {x: a}}]
"""
    found = texts(read(write, config))
    assert [json.loads(found[0]), found[1]] == [[{"person": {"role": "admin a"}}], "other"]
