"""Experiment files: what they may say, the line of every mistake, and no secret in them or in a message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tempkit.errors import ExperimentError, UsageError
from tempkit.planning.experiment import Experiment, parse_model, read_experiment
from tempkit.types import ModelSpec

Write = Callable[[str, str], Path]


def spec(text: str, label: str | None = None, **options: Any) -> ModelSpec:
    backend, _, name = text.partition(":")
    return ModelSpec(backend=backend, name=name, label=label or text, options=options)


def refusal(write: Write, text: str) -> str:
    with pytest.raises(ExperimentError) as caught:
        read_experiment(write("e.yaml", text))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_everything_a_file_can_say(write: Write) -> None:
    path = write(
        "sub/e.yaml",
        """name: facts-and-ideas
prompts: [a.prompty, "Name a colour, please."]
models:
  - gguf:smollm2
  - {model: "openai:llama-3.1-8b", base_url: "http://localhost:8000/v1", api_key_env: LAB_KEY, label: lab server}
  - model: gguf:/models/x.gguf
    n_ctx: 4096
temperatures: [0, "1:2:0.5", 0.3]
repeat: 8
seed: 7
sampling: {max_tokens: 128, top_p: 1, stop: [END]}
logprobs: 5
items: 3
use_case: chatbot
""",
    )
    assert read_experiment(path) == Experiment(
        name="facts-and-ideas",
        prompts=("a.prompty", "Name a colour, please."),
        models=(
            spec("gguf:smollm2"),
            spec(
                "openai:llama-3.1-8b",
                "lab server",
                base_url="http://localhost:8000/v1",
                api_key_env="LAB_KEY",
            ),
            spec("gguf:/models/x.gguf", n_ctx=4096),
        ),
        temperatures=(0.0, 0.3, 1.0, 1.5, 2.0),
        repeat=8,
        seed=7,
        sampling={"max_tokens": 128, "top_p": 1, "stop": ["END"], "logprobs": 5},
        items=3,
        use_case="chatbot",
        folder=Path("sub"),
    )


def test_a_use_cases_file_is_relative_to_the_experiment(write: Write, tmp_path: Path) -> None:
    assert read_experiment(write("sub/e.yaml", "use_case: my/own.toml\n")).use_case == "sub/my/own.toml"
    absolute = tmp_path / "own.toml"
    assert read_experiment(write("sub/e.yaml", f"use_case: {absolute}\n")).use_case == str(absolute)
    assert read_experiment(write("sub/e.yaml", "use_case:\n")).use_case is None


def test_short_forms(write: Write) -> None:
    got = read_experiment(
        write("e.yaml", "prompts: Say hello.\nmodels: scripted:words\ntemperatures: 0:1.6:0.8\n")
    )
    assert got.prompts == ("Say hello.",)
    assert got.models == (spec("scripted:words"),)
    assert got.temperatures == (0.0, 0.8, 1.6)
    assert read_experiment(write("e.yaml", "temperatures: 0.5\n")).temperatures == (0.5,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "name:\nprompts:\nmodels: []\nseed: ~\nsampling:\n",
        "sampling: {top_p: }\nlogprobs:\nrepeat:\n",
    ],
)
def test_what_is_left_empty_is_not_said(write: Write, text: str) -> None:
    assert read_experiment(write("e.yaml", text)) == Experiment(folder=Path())


KEYS = "name, prompts, models, temperatures, arms, repeat, seed, sampling, logprobs, items, use_case, budget, batch, executor, ray"
SAMPLING = "max_tokens, top_p, top_k, min_p, frequency_penalty, presence_penalty, stop"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("temperature: 1\n", f"1: unknown key 'temperature' in the experiment (did you mean 'temperatures'?); known: {KEYS}"),
        ("name: x\nzzz: 1\n", f"2: unknown key 'zzz' in the experiment; known: {KEYS}"),
        ("name: x\nname: y\n", "2: key 'name' is given twice"),
        ("[a]\n", "1: the experiment must be a mapping, not a list"),
        ("name: x\nuse_case: [a]\n", "2: use_case must be text, not a list"),
        ("name: 7\n", "1: name must be text, not a number"),
        ("name: x\nprompts: {a: b}\n", "2: prompts must be a list of files or texts, not a mapping"),
        ("prompts:\n- a\n- [b]\n", "3: a prompt must be a file or a text, not a list"),
        ("name: x\nmodels: {a: b}\n", "2: models must be a list, not a mapping"),
        ("models:\n- gguf:a\n- gguf\n", "3: model 'gguf' must be backend:name, e.g. gguf:smollm2 or openai:gpt-5.4-mini"),
        ("models:\n- gguf:a\n- gguf: b\n", "3: a model must be backend:name, or a mapping with the key model"),
        ("models:\n- 5\n", "2: a model must be backend:name, or a mapping with the key model"),
        ("models:\n- {label: x}\n", "2: a model must be backend:name, or a mapping with the key model"),
        ("models:\n- model: gguf:a\n  label: 5\n", "3: label must be text, not a number"),
        ("name: x\ntemperatures: [0, -1]\n", "2: temperature -1 is negative; the lowest is 0 (always the most probable token)"),
        ("name: x\ntemperatures: [0, .nan]\n", "2: temperature '.nan' is not a number; write e.g. 0,0.3,0.7 or 0:1.6:0.2"),
        ("name: x\ntemperatures: {0.3: 1}\n", "2: temperatures must be a list or start:stop:step, not a mapping"),
        ("temperatures: true\n", "1: temperatures must be a list or start:stop:step, not true/false"),
        ("temperatures: []\n", "1: no temperatures; write e.g. 0,0.3,0.7 or 0:1.6:0.2"),
        ("temperatures: [1e400]\n", "1: the number 1e400 is too large; put quotes around it to make it text"),
        ("temperatures: ['1e400']\n", "1: temperature '1e400' is not a finite number"),
        ("name: x\nrepeat: 0\n", "2: repeat must be a whole number of at least 1, not 0"),
        ("repeat: 2.5\n", "1: repeat must be a whole number of at least 1, not 2.5"),
        ("repeat: true\n", "1: repeat must be a whole number of at least 1, not True"),
        ("repeat: '3'\n", "1: repeat must be a whole number of at least 1, not '3'"),
        ("name: x\nitems: 0\n", "2: items must be a whole number of at least 1, not 0"),
        ("name: x\nseed: -1\n", "2: seed must be a whole number of at least 0, not -1"),
        (f"seed: {2**63}\n", f"1: seed must be a whole number of at most {2**63 - 1}"),
        ("name: x\nlogprobs: -1\n", "2: logprobs must be a whole number of at least 0, not -1"),
        ("name: x\nsampling: [a]\n", "2: sampling must be a mapping, not a list"),
        ("sampling:\n  max_token: 5\n", f"2: unknown key 'max_token' in sampling (did you mean 'max_tokens'?); known: {SAMPLING}"),
        ("sampling:\n  logprobs: 5\n", f"2: unknown key 'logprobs' in sampling; known: {SAMPLING}"),
        ("sampling:\n  top_k: 1\n  top_p: 2\n", "3: top_p must be a number above 0 and at most 1, not 2"),
        ("sampling: {top_p: 0}\n", "1: top_p must be a number above 0 and at most 1, not 0"),
        ("sampling: {min_p: .inf}\n", "1: min_p must be a number from 0 to 1, not '.inf'"),
        ("sampling: {frequency_penalty: -2.1}\n", "1: frequency_penalty must be a number from -2 to 2, not -2.1"),
        ("sampling: {max_tokens: 0}\n", "1: max_tokens must be a whole number of at least 1, not 0"),
        ("sampling: {stop: [1]}\n", "1: stop must be a text or a list of texts"),
        ("name: x\n\tprompts: y\n", "2: found character '\\t' that cannot start any token"),
        ("a: &x [*x]\n", "1: an alias stands inside the value it names"),
    ],
)  # fmt: skip
def test_mistakes_name_their_line(write: Write, text: str, message: str) -> None:
    assert refusal(write, text) == f"e.yaml:{message}"


def test_files_that_cannot_be_read(write: Write, tmp_path: Path) -> None:
    write("latin.yaml", "")
    (tmp_path / "latin.yaml").write_bytes(b"name: x\nprompts: caf\xe9\n")
    (tmp_path / "folder.yaml").mkdir()
    for name, message in [
        ("none.yaml", "none.yaml: experiment file not found"),
        (
            "latin.yaml",
            (
                "latin.yaml:2: experiment file is not UTF-8 text; save it as UTF-8"
                " (it seems to be Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 converts it)"
            ),
        ),
        ("folder.yaml", "folder.yaml: experiment file cannot be read: Is a directory"),
    ]:
        with pytest.raises(ExperimentError) as caught:
            read_experiment(name)
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("gguf:smollm2", spec("gguf:smollm2")),
        (" openai : gpt-5.4-mini ", spec("openai:gpt-5.4-mini")),
        ("gguf:C:\\m.gguf", spec("gguf:C:\\m.gguf")),
        ("ollama:llama3.2:1b", spec("ollama:llama3.2:1b")),
    ],
)
def test_model_strings(text: str, want: ModelSpec) -> None:
    assert parse_model(text) == want
    assert want.id == want.label


@pytest.mark.parametrize("text", ["", "gguf", "gguf:", ":x", ":", "  ", "gguf: "])
def test_what_is_no_model_string(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_model(text)
    assert str(caught.value) == (
        f"model {text!r} must be backend:name, e.g. gguf:smollm2 or openai:gpt-5.4-mini"
    )


SECRET = "sk-proj-hunter2"  # no real key


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "apiKey", "API-KEY", "key", "token", "password", "secret", "access_token", "auth_token"),
        *("authorization", "bearer", "passwd", "Api Key"),
    ],
)
def test_keys_are_refused_and_not_repeated(write: Write, name: str) -> None:
    message = refusal(write, f"models:\n- model: openai:m\n  base_url: http://h/v1\n  {name}: {SECRET}\n")
    assert message == (
        "e.yaml:2: model 'openai:m': no keys here; put it in an environment variable and name that in api_key_env"
    )


@pytest.mark.parametrize("name", ["n_ctx", "n_gpu_layers", "max_tokens_total", "keyboard", "tokenizer"])
def test_options_that_only_look_like_keys(name: str) -> None:
    assert parse_model("gguf:a", options={name: 1}).options == {name: 1}


@pytest.mark.parametrize("value", [SECRET, "a b", "1KEY", "", "$KEY", "KEY\n", "schlüssel"])
def test_a_key_in_place_of_its_variables_name(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_model("openai:m", options={"api_key_env": value})
    assert str(caught.value) == (
        "model 'openai:m': api_key_env must be the name of an environment variable, e.g. OPENAI_API_KEY, never the key"
    )


BEGIN = "base_url must begin with http:// or https://, e.g. http://localhost:8080/v1"
NO_URL = "base_url is no URL; write e.g. http://localhost:8080/v1"
NO_USER = "base_url must hold no user, password or query; use api_key_env"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("localhost:8080", BEGIN),
        ("ftp://host/v1", BEGIN),
        ("http://", BEGIN),
        ("", BEGIN),
        ("5", BEGIN),
        ("file:///etc/passwd", BEGIN),
        ("http://[::1/v1", NO_URL),
        ("http://host:99999/v1", NO_URL),
        ("http://host:port/v1", NO_URL),
        (f"http://user:{SECRET}@host/v1", NO_USER),
        (f"http://:{SECRET}@host/v1", NO_USER),
        (f"https://{SECRET}@host/v1", NO_USER),
        ("http://@host/v1", NO_USER),
        (f"http://host/v1?key={SECRET}", NO_USER),
        (f"http://host/v1#{SECRET}", NO_USER),
        (f"ftp://user:{SECRET}@host/v1", BEGIN),
        (f"http://user:{SECRET}@[::1/v1", NO_URL),
    ],
)
def test_a_base_url_holds_no_secret_and_none_is_repeated(write: Write, url: str, message: str) -> None:
    got = refusal(write, f"models:\n- model: openai:m\n  base_url: '{url}'\n")
    assert got == f"e.yaml:2: model 'openai:m': {message}"
    assert SECRET not in got


@pytest.mark.parametrize(
    "url", ["http://localhost:8080/v1", "https://h.example", "http://[::1]:80/v1", "HTTP://10.0.0.1/"]
)
def test_a_base_url_in_order(url: str) -> None:
    assert parse_model("openai:m", options={"base_url": url}).options == {"base_url": url}


def test_the_command_line_goes_over_the_file() -> None:
    base = Experiment(
        name="file",
        prompts=("a.prompty",),
        models=(spec("gguf:a"),),
        temperatures=(0.0, 1.0),
        repeat=8,
        seed=7,
        sampling={"max_tokens": 128, "top_p": 0.9, "logprobs": 5},
        items=3,
        folder=Path("sub"),
    )
    assert Experiment().over(base) == base
    said = Experiment(
        name="line",
        prompts=("b.prompty",),
        models=(spec("gguf:b"),),
        temperatures=(0.5,),
        repeat=1,
        seed=0,
        sampling={"max_tokens": 9, "min_p": 0.1},
        items=1,
    )
    assert said.over(base) == Experiment(
        name="line",
        prompts=("b.prompty",),
        models=(spec("gguf:b"),),
        temperatures=(0.5,),
        repeat=1,
        seed=0,
        sampling={"max_tokens": 9, "top_p": 0.9, "logprobs": 5, "min_p": 0.1},
        items=1,
        folder=Path(),
    )
    assert said.over(Experiment()) == said


@pytest.mark.parametrize(
    ("change", "value"),
    [
        *[
            ("name", "line"),
            ("models", (spec("gguf:b"),)),
            ("temperatures", (0.5,)),
            ("repeat", 1),
            ("seed", 0),
        ],
        *[("items", 2), ("use_case", "chatbot"), ("sampling", {"top_p": 0.5})],
    ],
)
def test_each_option_alone_changes_only_itself(change: str, value: Any) -> None:
    base = Experiment(name="file", prompts=("a.prompty",), repeat=8, seed=7, items=3, folder=Path("sub"))
    merged = Experiment(**{change: value}).over(base)
    for name in (
        "name",
        "prompts",
        "models",
        "temperatures",
        "repeat",
        "seed",
        "items",
        "use_case",
        "sampling",
        "folder",
    ):
        assert getattr(merged, name) == (value if name == change else getattr(base, name)), name
