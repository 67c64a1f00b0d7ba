"""`${file:…}` and `${env:…}` in front matter: read as Prompty reads them, from the prompt's folder and by permission only."""

from collections.abc import Callable
from pathlib import Path

import pytest
from prompty.core import pipeline
from prompty.core.loader import load as prompty_load

from tempkit.errors import PromptError
from tempkit.planning.experiment import build_plan
from tempkit.planning.experiment_file import Experiment, parse_model
from tempkit.prompts.load import load_prompt

Write = Callable[[str, str], Path]
BODY = "system:\nBe brief.\nuser:\n{{ q }}\n"


def prompt(front: str, body: str = BODY) -> str:
    return f"---\nname: p\n{front}---\n{body}"


def refusal(path: Path, **options: tuple[str, ...]) -> str:
    with pytest.raises(PromptError) as caught:
        load_prompt(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def asked(path: Path, **options: tuple[str, ...]) -> str:
    return load_prompt(path, **options).items[0].messages[-1].content


@pytest.mark.parametrize(
    "inputs",
    [
        "inputs:\n  - name: q\n    default: ${file:sub/ctx.txt}\n",
        "inputs:\n  q:\n    default: ${file:sub/ctx.txt}\n",
        "inputs:\n  q: ${file:sub/ctx.txt}\n",
        "inputs:\n  q: ${FILE:./sub/../sub/ctx.txt}\n",
        "inputs: ${file:inputs.yaml}\n",
        "inputs: ${file:inputs.json}\n",
        "inputs:\n  - name: q\n    example: ${file:sub/ctx.txt}\n",
        "inputs:\n  - name: q\n    sample: ${file:sub/ctx.txt}\n",
        "sample:\n  q: ${file:sub/ctx.txt}\n",
        "sample: ${file:sample.json}\n",
    ],
)
def test_a_file_stands_for_its_content(write: Write, inputs: str) -> None:
    write("sub/ctx.txt", "Paris, {{ not a template }}\n${env:HOME}")
    write("inputs.yaml", "- name: q\n  default: ${file:sub/ctx.txt}\n")
    write("inputs.json", '{"q": "${file:sub/ctx.txt}"}')
    write("sample.json", '{"q": "${file:sub/ctx.txt}"}')
    path = write("p.prompty", prompt(inputs))
    assert asked(path) == "Paris, {{ not a template }}\n${env:HOME}"


def test_promptys_own_reader_has_the_same(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWN", "Bergen")
    write("list.json", '["a", {"b": 1.5}]')
    write("list.yaml", "- a\n- {b: 1.5}\n")
    write("ctx.txt", "one\ntwo")
    front = """inputs:
  - {name: q, kind: string, default: "${file:ctx.txt}"}
  - {name: town, kind: string, default: "${env:TOWN:Oslo}"}
  - {name: other, kind: string, default: "${env:NO_SUCH_TOWN:Oslo: by the fjord}"}
  - {name: rows, kind: array, items: {kind: string}, default: "${file:list.json}"}
  - {name: more, kind: array, items: {kind: string}, default: "${file:list.yaml}"}
"""
    path = write(
        "p.prompty",
        prompt(front, "system:\nS\nuser:\n{{ q }} {{ town }} {{ other }} {{ rows[1].b }} {{ more[0] }}\n"),
    )
    ours = load_prompt(path, env=("TOWN", "NO_SUCH_TOWN")).items[0]
    agent = prompty_load(path)
    theirs = pipeline.prepare(agent, {})
    assert [(m.role, m.content) for m in ours.messages] == [
        (m.role, "".join(part.value for part in m.parts)) for m in theirs
    ]
    assert ours.messages[1].content == "one\ntwo Bergen Oslo: by the fjord 1.5 a"


def test_a_variable_is_read_by_permission_only(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "sk-123")
    for default in ("", ":Oslo"):
        path = write(
            "p.prompty", prompt(f"inputs:\n  - name: q\n    default: ${{env:SECRET_KEY{default}}}\n")
        )
        said = refusal(path)
        assert said == (
            "p.prompty:5: ${env:SECRET_KEY} would send an environment variable to a model;"
            " write the value here, or allow it with --allow-env SECRET_KEY"
        )
        assert refusal(path, env=("SECRET", "KEY")) == said
        assert asked(path, env=("SECRET_KEY",)) == "sk-123"
    monkeypatch.delenv("SECRET_KEY")
    assert asked(path, env=("SECRET_KEY",)) == "Oslo"
    path = write("p.prompty", prompt("inputs:\n  q: ${env:SECRET_KEY}\n"))
    assert refusal(path, env=("SECRET_KEY",)) == (
        "p.prompty:4: the environment variable SECRET_KEY is not set, and ${env:SECRET_KEY} has no default"
    )


def test_the_command_line_gives_the_permission(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWN", "Bergen")
    write("p.prompty", prompt("inputs:\n  q: ${env:TOWN}\n"))
    experiment = Experiment(prompts=("p.prompty",), models=(parse_model("scripted:words"),))
    with pytest.raises(PromptError, match="--allow-env TOWN"):
        build_plan(experiment)
    allowed = Experiment(env=("TOWN",)).over(experiment)
    assert build_plan(allowed).items[0].messages[-1].content == "Bergen"


@pytest.mark.parametrize("name", ["../out.txt", "/etc/passwd", "link.txt", "up/out.txt", "sub/../../out.txt"])
def test_no_way_leads_out_of_the_folder(write: Write, tmp_path: Path, name: str) -> None:
    write("out.txt", "secret")
    write("in/x", "")
    (tmp_path / "in/link.txt").symlink_to(tmp_path / "out.txt")
    (tmp_path / "in/up").symlink_to(tmp_path)
    for front in (
        f"inputs:\n  - name: q\n    default: ${{file:{name}}}\n",
        f"sample:\n  a: b\n  q: ${{file:{name}}}\n",
    ):
        assert refusal(write("in/p.prompty", prompt(front))) == (
            f"in/p.prompty:5: file {name!r} lies outside the prompt's folder; move it beside or below the prompt"
        )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("${file:none.txt}", "p.prompty:5: file 'none.txt' not found in ."),
        ("${file:}", "p.prompty:5: file '' not found in ."),
        ("${file:bad.json}", "bad.json:1: not JSON: "),
        ("${file:bad.yaml}", "bad.yaml:1: "),
        ("${file:latin.txt}", "latin.txt:1: file is not UTF-8 text"),
        ("${file:me.json}", "p.prompty:5: ${file:me.json}: more than 5 files refer to one another"),
        ("'about ${file:ctx.txt}'", "p.prompty:5: ${file:ctx.txt} stands inside a text"),
        ("'in ${env:TOWN:Oslo}!'", "p.prompty:5: ${env:TOWN:Oslo} stands inside a text"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(write: Write, value: str, said: str) -> None:
    write("ctx.txt", "x")
    write("bad.json", "{")
    write("bad.yaml", "a: [")
    write("me.json", '"${file:me.json}"')
    write("latin.txt", "")
    Path("latin.txt").write_bytes(b"caf\xe9")
    assert refusal(write("p.prompty", prompt(f"inputs:\n  - name: q\n    default: {value}\n"))).startswith(
        said
    )


def test_how_a_model_is_reached_is_left_alone(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-123")
    for connection in (
        "connection: {kind: key, apiKey: '${env:OPENAI_API_KEY}'}",
        "connection: ${file:/etc/passwd}",
        "configuration: {type: azure_openai, api_key: '${env:OPENAI_API_KEY}'}",
    ):
        front = f"model:\n  id: gpt-4\n  {connection}\ninputs: {{q: Hi}}\ntools:\n  - {{name: t, kind: function, bindings: {{u: '${{env:X}}'}}}}\n"
        found = load_prompt(write("p.prompty", prompt(front)))
        assert found.items[0].messages[1].content == "Hi"
        assert "sk-123" not in repr(found)


def test_options_may_refer_to_files(write: Write) -> None:
    write("options.yaml", "temperature: 0.5\nmaxOutputTokens: 9\n")
    found = load_prompt(
        write("p.prompty", prompt("model:\n  options: ${file:options.yaml}\ninputs: {q: Hi}\n"))
    )
    assert (found.options, found.suggested_temperature) == ({"max_tokens": 9}, 0.5)


@pytest.mark.parametrize("text", ["${q}", "costs ${12}", "$ {file:x}", "${ssm:name}", "$env:HOME", "{{env}}"])
def test_other_dollar_signs_are_text(write: Write, text: str) -> None:
    assert asked(write("p.prompty", prompt(f"inputs:\n  - name: q\n    default: '{text}'\n"))) == text


@pytest.mark.parametrize("form", ["d.csv", "d.yaml", "d.jsonl"])
def test_data_rows_are_data(write: Write, form: str) -> None:
    write("ctx.txt", "secret")
    value = "${file:ctx.txt}"
    write("d.csv", f"q\n{value}\n")
    write("d.yaml", f"- q: '{value}'\n")
    write("d.jsonl", f'{{"q": "{value}"}}\n')
    path = write("p.prompty", prompt(f"inputs: [{{name: q}}]\nmetadata: {{tempkit: {{data: {form}}}}}\n"))
    assert asked(path) == value
