"""`tempkit models --local`, and models by their names on Hugging Face, from outside.

Every command is a process of its own: where models are kept is read from the environment once, when the hub's package is imported.
"""

import json
import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.hub import HubServer, Repo
from support import Cli

from tempkit.backends.gguf.caches import _OLLAMA_SERVICE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for the commands, without the settings of the person who runs the tests."""
    for name in list(os.environ):
        if name.startswith(("HF_", "HUGGINGFACE_", "XDG_", "OLLAMA_", "LLAMA_")) or name.lower().endswith(
            "_proxy"
        ):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    if _OLLAMA_SERVICE.exists():
        pytest.skip("Ollama runs as a service here, and its models would be listed")
    return home


@pytest.fixture
def cli_env(home: Path) -> dict[str, str]:
    """The environment that the `cli_process` fixture takes, made after `home` has changed it."""
    return {**os.environ, "NO_COLOR": "1", "COLUMNS": "80"}


@pytest.fixture
def hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


def put(path: Path, data: bytes = b"GGUF") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.engine
def test_only_the_bundled_model(cli_process: Cli, home: Path) -> None:
    done = cli_process("models", "--local")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["bundled"],
        ["SmolLM2-135M-Instruct.Q4_1", "98", "MB", "gguf:smollm2"],
    ]
    assert lines[2:4] == ["Check one: tempkit models gguf:smollm2", "No other models found. Looked in:"]
    assert lines[4] == f"  Hugging Face: {home}/.cache/huggingface/hub"
    assert lines[-2:] == [f"  Ollama: {home}/.ollama/models", f"  Ollama: {_OLLAMA_SERVICE}"]

    done = cli_process("models", "--local", "--json")
    assert [m["model"] for m in json.loads(done.out)["models"]] == ["gguf:smollm2"]
    assert done.err.startswith("No other models found. Looked in:\n  Hugging Face: ")


def test_what_is_listed_can_be_typed(cli_process: Cli, home: Path, bundled_gguf: Path) -> None:
    """Whole, however long and odd: nothing is folded, nothing taken for markup, and a shell reads it back."""
    long = home / ".lmstudio/models/[/bold]" / ("a folder's " + "long " * 30 + "name") / "[red]tiny.gguf"
    long.parent.mkdir(parents=True)
    shutil.copyfile(bundled_gguf, long)  # a link would be the bundled model, listed once
    blob = home / ".ollama/models/blobs" / ("sha256-" + "a" * 64)
    put(blob, bundled_gguf.read_bytes()[:1000])
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:" + "a" * 64}
    put(
        home / ".ollama/models/manifests/registry.ollama.ai/library/[blue]llama/3b",
        json.dumps({"layers": [layer]}).encode(),
    )
    broken = put(home / ".ollama/models/manifests/registry.ollama.ai/library/bad/1b", b"\x1b[31m{")
    done = cli_process("models", "--local")
    assert done.code == 0
    assert done.err == f"warning: passed over {broken}: not a manifest (no JSON)\n"
    lines = done.out.splitlines()
    assert f"  {'[blue]llama:3b':<26}  {'1 kB':>8}  gguf:{blob}" in lines
    [line] = [line for line in lines if "[red]tiny" in line]
    assert line.split()[:3] == ["[red]tiny", "98", "MB"]
    typed = shlex.split(line)[-1]
    assert typed == f"gguf:{long}"
    assert "No other models" not in done.out

    checked = cli_process("models", typed, "--json")
    assert checked.code == 0, checked.err
    assert json.loads(checked.out)["models"][0]["model"] == typed
    table = cli_process("models", typed)
    assert table.code == 0, table.err
    assert table.out.splitlines()[0] == typed
    assert ["seed", "True"] in [line.split() for line in table.out.splitlines()]


@pytest.mark.engine
def test_json(cli_process: Cli, home: Path) -> None:
    hub = home / ".cache/huggingface/hub/models--user--Tiny-GGUF/snapshots" / ("0" * 40)
    file = put(hub / "tiny-Q4_K_M.gguf", b"GGUF and more")
    done = cli_process("models", "--local", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["models"][1:] == [
        {
            "model": "gguf:user/Tiny-GGUF:Q4_K_M",
            "name": "user/Tiny-GGUF:Q4_K_M",
            "place": "Hugging Face",
            "path": str(file),
            "size_bytes": 13,
        }
    ]


@pytest.mark.parametrize(
    ("args", "given"),
    [
        (("gguf:smollm2",), "gguf:smollm2"),
        (("--base-url", "http://127.0.0.1:9/v1"), "--base-url"),
        (("--api-key-env", "KEY"), "--api-key-env"),
    ],
)
def test_local_goes_with_nothing_else(
    cli_process: Cli, home: Path, args: tuple[str, ...], given: str
) -> None:
    done = cli_process("models", "--local", *args)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: --local lists what is on this machine; leave out {given}\n"


def test_help_and_list_tell_of_both(cli_process: Cli) -> None:
    assert "--local" in cli_process("models", "--help").out
    assert "gguf:user/repo:QUANT" in cli_process("models").out


@pytest.mark.slow
def test_a_model_by_its_name_on_the_hub(
    cli_process: Cli, hub: HubServer, home: Path, bundled_gguf: Path, cli_env: dict[str, str]
) -> None:
    hub.repos["user/Tiny-GGUF"] = Repo({"tiny.Q4_1.gguf": bundled_gguf.read_bytes()})
    env = {"HF_ENDPOINT": hub.url}
    folder = home / ".cache/huggingface/hub"
    first = cli_process("models", "gguf:user/Tiny-GGUF", "--json", env=env)
    assert first.code == 0, first.err
    assert first.err == f"tempkit: downloading tiny.Q4_1.gguf, 98 MB, to {folder}\n"
    asked = list(hub.requests)
    assert len(asked) == 3

    again = cli_process("models", "gguf:user/Tiny-GGUF:q4_1", "--json", env=env)
    assert (again.code, again.err, hub.requests) == (0, "", asked)
    bundled = cli_process("models", "gguf:smollm2", "--json")
    assert json.loads(first.out)["models"][0]["digest"] == json.loads(bundled.out)["models"][0]["digest"]
    assert json.loads(again.out)["models"][0]["digest"] == json.loads(bundled.out)["models"][0]["digest"]

    listed = json.loads(cli_process("models", "--local", "--json").out)["models"]
    assert [m["model"] for m in listed] == ["gguf:smollm2", "gguf:user/Tiny-GGUF:Q4_1"]


@pytest.mark.engine
def test_a_model_that_cannot_be_had_has_one_line(cli_process: Cli, hub: HubServer) -> None:
    done = cli_process("models", "gguf:user/none", env={"HF_ENDPOINT": hub.url})
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"error: gguf:user/none: no such file, and no repository user/none at {hub.url}; if it is private, set HF_TOKEN\n"
    )
