"""A model's file with a chat template of somebody else's: its samples fail, each with one clear line, and the run ends."""

import struct
from pathlib import Path

import pytest
from support import Cli

from tempkit.backends.gguf.chat import ChatTemplate
from tempkit.errors import ModelError
from tempkit.types import Message

pytestmark = pytest.mark.one_core

KEY = b"tokenizer.chat_template"


@pytest.fixture
def model(bundled_gguf: Path, tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def with_template(bundled: Path, path: Path, template: str) -> None:
    """Write the bundled model with another chat template, filled up with blanks to the length of its own."""
    data = bytearray(bundled.read_bytes())
    at = data.index(KEY) + len(KEY) + 4
    (room,) = struct.unpack_from("<Q", data, at)
    text = template.encode()
    assert len(text) <= room
    data[at + 8 : at + 8 + room] = text + b" " * (room - len(text))
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (
            "\n{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            "takes longer than 1 s",
        ),
        (
            "{% set ns = namespace(a='x') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
            "takes more memory than 256 MB",
        ),
        ("{{ raise_exception('never\n\x1b[31magain') }}", "refuses this conversation: never [31magain"),
        ("{{ '\\ud800' }}", "writes a lone surrogate"),
    ],
)
def test_samples_fail_and_the_run_ends(
    bundled_gguf: Path, model: Path, cli: Cli, template: str, said: str
) -> None:
    with_template(bundled_gguf, model, template)
    prompts = [f"Say {i}." for i in range(5)]
    done = cli("run", *prompts, "-m", f"gguf:{model}", "-t", "0", "-n", "1", "--max-tokens", "4")
    assert f"the model's chat template {said}" in " ".join(done.err.split())
    assert "5 failed" in " ".join((done.out + done.err).split())


def test_one_that_does_not_compile_is_refused_before_the_run(
    bundled_gguf: Path, model: Path, cli: Cli
) -> None:
    with_template(bundled_gguf, model, "{% if %}")
    done = cli("run", "Say hi.", "-m", f"gguf:{model}", "-t", "0", "-n", "1")
    assert done.code != 0
    assert "the model's chat template does not compile: Expected an expression" in done.err


def test_what_templates_of_models_use_is_there() -> None:
    template = ChatTemplate(
        "{% for m in messages %}{% if m.role == 'system' %}{% continue %}{% endif %}"
        "{% generation %}{{ bos_token }}{{ m['content'] | tojson }}{{ eos_token }}{% endgeneration %}\n    {%- endfor %}"
        "{{ 'A' if add_generation_prompt and tools is none and not (documents is defined) }}{{ strftime_now('%Y') | length }}",
        "<s>",
        "</s>",
    )
    turns = [Message("system", "s"), Message("user", "<é>")]
    assert template.prompt(turns) == '<s>"<é>"</s>A4'


def test_a_template_that_is_slow_on_every_conversation_is_given_up() -> None:
    template = ChatTemplate(
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "", ""
    )
    said = []
    for _ in range(6):
        with pytest.raises(ModelError) as caught:
            template.prompt([Message("user", "Hi")])
        said.append(str(caught.value))
    assert all("longer than 1 s" in each for each in said[:3])
    assert all("takes too long altogether" in each for each in said[3:])
