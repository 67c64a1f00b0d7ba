"""Which models of promptfoo's configurations are asked, where, and what tells why another is not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support import Cli

from tempkit.planning.experiment_file import Experiment, read_experiment

Write = Callable[[str, str], Path]


def read(write: Write, providers: str, rest: str = "") -> Experiment:
    return read_experiment(
        write("promptfooconfig.yaml", f"prompts: [Hi there]\nproviders:\n{providers}{rest}")
    )


def notes(found: Experiment, folder: Path) -> list[str]:
    return [note.replace(f"{folder}{os.sep}", "").replace("not carried over: ", "") for note in found.notes]


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("bedrock:converse:us.anthropic.claude-x-v1:0", "bedrock:us.anthropic.claude-x-v1:0"),
        ("bedrock:completion:amazon.nova-v1:0", "bedrock:amazon.nova-v1:0"),
        ("bedrock:anthropic.claude-x-v1:0", "bedrock:anthropic.claude-x-v1:0"),
        ("openai:responses:gpt-x", "openai:gpt-x"),
        ("openai:ft:gpt-x:lab::id", "openai:ft:gpt-x:lab::id"),
        ("openai:chat:ft:gpt-x:lab::id", "openai:ft:gpt-x:lab::id"),
        ("ollama:chat:llama3.2:1b", "ollama:llama3.2:1b"),
        ("ollama:llama3.2:1b", "ollama:llama3.2:1b"),
        ("openrouter:lab/model:free", "openrouter:lab/model:free"),
    ],
)
def test_a_way_of_asking_is_no_part_of_a_model_s_name(write: Write, provider: str, model: str) -> None:
    assert [m.id for m in read(write, f"  - {provider}\n").models] == [model]


@pytest.mark.parametrize(
    "provider",
    [
        *(
            "bedrock:api:InvokeModel",
            "bedrock:nova-sonic:amazon.nova",
            "bedrock:agents:x",
            "openai:codex-sdk",
        ),
        *("openai:codex-sdk:gpt-x", "openai:codex-desktop", "openai:responses-ws:gpt-x", "openai:tts:x"),
        *("azure:foundry-agent:mine", "anthropic:claude-code", "google:interactions:gemini-x", "xai:voice:x"),
    ],
)
def test_what_is_no_model_is_named(write: Write, tmp_path: Path, provider: str) -> None:
    found = read(write, f"  - {provider}\n")
    assert found.models == ()
    assert notes(found, tmp_path) == [
        f"promptfooconfig.yaml:3: the provider {provider}, which tempkit cannot ask"
    ]


def test_where_a_model_is_asked(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """  - {id: "bedrock:mantle:m", config: {region: us-west-2}}
  - {id: "bedrock:mantle:n"}
  - {id: "openai:o", config: {apiHost: lab.example}}
  - {id: "azure:d", config: {apiHost: lab.openai.azure.com}}
  - {id: "azure:e", config: {apiHost: "{{ env.HOST }}"}}
  - {id: "groq:g", config: {apiBaseUrl: "https://lab.example/v1", apiKey: "{{env.LAB_KEY}}"}}
  - {id: "openai:p", config: {apiBaseUrl: "{{ env.BASE }}"}}
  - {id: "anthropic:q", config: {apiBaseUrl: "https://lab.example"}}
  - {id: "openai:r", config: {apiKey: "{{env.LAB_KEY}}"}}
  - {id: "vertex:v", config: {apiHost: eu.googleapis.com}}
""",
    )
    assert {m.id: dict(m.options) for m in found.models} == {
        "bedrock:m": {"region": "us-west-2", "base_url": "https://bedrock-mantle.us-west-2.api.aws/v1"},
        "openai:o": {"base_url": "https://lab.example/v1"},
        "azure:d": {"base_url": "https://lab.openai.azure.com/openai/v1"},
        "azure:e": {},
        "groq:g": {"base_url": "https://lab.example/v1", "api_key_env": "LAB_KEY"},
        "openai:r": {},
        "vertex:v": {},
    }
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:4: the provider bedrock:mantle:n at an address that tempkit cannot ask",
        "promptfooconfig.yaml:7: a provider's setting apiHost (2 times)",
        "promptfooconfig.yaml:9: the provider openai:p at an address that tempkit cannot ask",
        "promptfooconfig.yaml:10: the provider anthropic:q at an address that tempkit cannot ask",
        "promptfooconfig.yaml:11: an API key in the file; keys come from the environment",
    ]


def test_settings_inside_of_others_and_their_lines(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """  - id: bedrock:amazon.nova-x
    config:
      interfaceConfig:
        max_new_tokens: 256
        temperature: 0
        schema: x
    delay: 5
""",
    )
    assert dict(found.sampling) == {"max_tokens": 256}
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:9: a provider's delay",
        "promptfooconfig.yaml:7: a provider's temperature (0); those of -t are asked",
        "promptfooconfig.yaml:8: a provider's setting schema",
    ]


def test_targets_take_the_place_of_providers(write: Write, tmp_path: Path) -> None:
    found = read(write, '  - "openai:a"\n', 'targets: ["openai:b"]\n')
    assert [m.id for m in found.models] == ["openai:b"]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:2: providers beside targets, which take their place"
    ]


def test_providers_that_only_left_out_settings_tell_apart(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """  - {id: "openai:a", label: high, config: {temperature: 0.9}}
  - {id: "openai:a", label: low, config: {temperature: 0.1}}
  - {id: "bedrock:b", config: {region: us-east-1}}
  - {id: "bedrock:b", config: {region: us-east-2}}
""",
    )
    assert [m.label for m in found.models][:2] == ["high", "low"]
    assert (
        "promptfooconfig.yaml:2: what tells 2 providers of openai:a apart: each is asked, and all alike"
        in (said := notes(found, tmp_path))
    )
    assert not any("bedrock" in line for line in said)


@pytest.mark.parametrize("transforms", [(True, True), (True, False)])
def test_a_provider_s_transform_takes_the_assertions_with_it(
    write: Write, tmp_path: Path, transforms: tuple[bool, bool]
) -> None:
    found = read(
        write,
        "".join(
            f"  - {{id: 'openai:{n}'{', transform: output.trim()' if changed else ''}}}\n"
            for n, changed in enumerate(transforms)
        ),
        "tests: [{assert: [{type: equals, value: A}]}]\n",
    )
    (item,) = found.prompts[0].items
    if all(transforms):
        assert item.checks == ()
        assert notes(found, tmp_path)[-1].endswith(
            "assertions on what a provider's transform makes of its answers"
        )
    else:
        assert [check.value for check in item.checks] == ["A"]
        assert notes(found, tmp_path)[-1].endswith(
            "a transform of some providers: their answers are checked as they are"
        )


def test_no_model_says_which_of_the_file_s_cannot_be_asked(write: Write, cli: Cli) -> None:
    path = write("promptfooconfig.yaml", "prompts: [Hi there]\nproviders: ['openai:realtime:gpt-x']\n")
    done = cli("run", str(path), "-t", "0", "--dry-run")
    assert done.code == 2
    assert "no model: " in done.err
    assert "the provider openai:realtime:gpt-x, which tempkit cannot ask; name one with -m" in done.err


@pytest.mark.parametrize("name", ["promptfooconfig.js", "promptfooconfig.ts", "make.py"])
def test_a_configuration_that_is_a_program_is_not_run(write: Write, cli: Cli, name: str) -> None:
    path = write(name, "module.exports = {};\n")
    done = cli("run", str(path), "-t", "0", "--dry-run")
    assert done.code == 1
    assert f"{name}: a program, which tempkit does not run; " in done.err
    assert "promptfoo's configurations are read as .yaml and .json" in done.err
