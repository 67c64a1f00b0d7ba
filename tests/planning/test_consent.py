"""An experiment file from somewhere else sends no file and no key that its user did not mean to send."""

from collections.abc import Callable
from pathlib import Path

import pytest
from servers.http_script import ScriptedServer
from support import Cli

Write = Callable[[str, str], Path]
GRID = "temperatures: [0, 1]\nrepeat: 1\nlogprobs: 0\n"
KEYS = {
    "AWS_SECRET_ACCESS_KEY": "aws-0123456789",
    "OPENAI_API_KEY": "sk-0123456789",
    "LAB_KEY": "lab-0123456789",
}


def model(server: ScriptedServer, key: str, name: str = "openai:m") -> str:
    return f"models:\n- gguf:smollm2\n- model: {name}\n  base_url: {server.base_url}\n  api_key_env: {key}\n"


def test_a_prompt_outside_of_the_folder_needs_leave(
    cli: Cli, write: Write, http_script: ScriptedServer, tmp_path: Path
) -> None:
    write("secret.txt", "my diary")
    write("sub/inside.txt", "Name a colour.")
    (tmp_path / "sub/link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "sub/up").symlink_to(tmp_path)
    head = f"models: ['openai:m,base_url={http_script.base_url}']\n{GRID}"
    for outside in (
        "../secret.txt",
        str(tmp_path / "secret.txt"),
        "link.txt",
        "up/secret.txt",
        "./x/../../secret.txt",
    ):
        (tmp_path / "sub/x").mkdir(exist_ok=True)
        write("sub/e.yaml", f"{head}prompts:\n- inside.txt\n- {outside}\n")
        done = cli("run", "sub/e.yaml")
        assert done.code == 1
        where = f"error: sub/e.yaml:7: the prompt {outside!r} is a file outside of the experiment's folder"
        assert done.err == f"{where}; if it is meant to be sent, add --allow-outside\n"
        assert http_script.requests == []
    write("sub/e.yaml", f"{head}prompts: ../secret.txt\n")
    assert "sub/e.yaml:5: the prompt '../secret.txt' is a file outside" in cli("run", "sub/e.yaml").err
    assert cli("run", "sub/e.yaml", "--allow-outside").code == 0
    assert http_script.requests[0]["messages"][0]["content"] == "my diary"


def test_prompts_inside_and_texts_need_none(cli: Cli, write: Write, http_script: ScriptedServer) -> None:
    write("sub/deep/inside.txt", "Name a colour.")
    head = f"models: ['openai:m,base_url={http_script.base_url}']\n{GRID}"
    write("sub/e.yaml", f"{head}prompts: [deep/inside.txt, 'What is 1/2 of ../4?']\n")
    assert cli("run", "sub/e.yaml").code == 0


def test_a_use_case_outside_of_the_folder_needs_leave(cli: Cli, write: Write) -> None:
    write("mine.toml", "x = 1")
    write("sub/e.yaml", f"models: [scripted:words]\nprompts: [Name it.]\n{GRID}use_case: ../mine.toml\n")
    assert cli("run", "sub/e.yaml").code == 1  # it is none, and said to be none before anything else


@pytest.mark.parametrize(
    ("key", "needed"),
    [
        ("AWS_SECRET_ACCESS_KEY", "--allow-key-env AWS_SECRET_ACCESS_KEY --allow-key-to HOST"),
        ("LAB_KEY", "--allow-key-env LAB_KEY --allow-key-to HOST"),
        ("OPENAI_API_KEY", "--allow-key-to HOST"),
    ],
)
def test_a_key_for_a_stranger_needs_leave(
    cli: Cli, write: Write, http_script: ScriptedServer, key: str, needed: str
) -> None:
    write("e.yaml", f"prompts: [Name a colour.]\n{GRID}{model(http_script, key)}")
    needed = needed.replace("HOST", http_script.base_url.split("/")[2])
    done = cli("run", "e.yaml", env=KEYS)
    assert (done.code, done.err) == (
        1,
        f"error: e.yaml:7: openai:m sends the key in {key} to {http_script.base_url}; if that is meant, add {needed}\n",
    )
    assert http_script.seen == []
    for option in needed.split("--allow")[1:]:  # one of two is not enough
        if needed.count("--allow") > 1:
            assert cli("run", "e.yaml", *f"--allow{option}".split(), "--dry-run", env=KEYS).code == 1
    done = cli(
        "run", "e.yaml", *needed.split(), "-m", "openai:m", "--base-url", http_script.base_url, env=KEYS
    )
    assert done.code == 0, done.err
    write(
        "e.yaml", f"prompts: [Name a colour.]\n{GRID}{model(http_script, key).replace('- gguf:smollm2', '')}"
    )
    done = cli("run", "e.yaml", *needed.split(), env=KEYS)
    assert done.code == 0, done.err
    assert http_script.headers[-1]["authorization"] == f"Bearer {KEYS[key]}"


def test_a_secret_for_a_provider_needs_leave(cli: Cli, write: Write) -> None:
    """The provider's own key does not."""
    for name, own, other in (
        ("openai:m", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"),
        ("groq:m", "GROQ_API_KEY", "OPENAI_API_KEY"),
        ("anthropic:m", "ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("google:m", "GOOGLE_API_KEY", "OPENAI_API_KEY"),
        ("vllm:m", "", "OPENAI_API_KEY"),
    ):
        head = f"prompts: [Name a colour.]\n{GRID}models:\n- model: {name}\n  api_key_env: "
        write("e.yaml", f"{head}{other}\n")
        done = cli("run", "e.yaml", "--dry-run")
        assert done.code == 1
        assert (
            f"sends the key in {other} to the server of {name[:-2]}:; if that is meant, add --allow-key-env {other}"
            in done.err
        )
        assert cli("run", "e.yaml", "--dry-run", "--allow-key-env", other).code == 0
        if own:
            write("e.yaml", f"{head}{own}\n")
            assert cli("run", "e.yaml", "--dry-run").code == 0


def test_what_the_command_line_names_itself_needs_none(cli: Cli, http_script: ScriptedServer) -> None:
    options = ("--base-url", http_script.base_url, "--api-key-env", "LAB_KEY", "-t", "0,1", "--logprobs", "0")
    assert cli("run", "Name a colour.", "-m", "openai:m", *options, env=KEYS).code == 0
    assert http_script.headers[0]["authorization"] == f"Bearer {KEYS['LAB_KEY']}"


def test_an_address_in_the_environment_gets_the_key_only_if_it_is_named(
    cli: Cli, http_script: ScriptedServer
) -> None:
    env = {**KEYS, "OPENAI_BASE_URL": http_script.base_url}
    command = ("run", "Name a colour.", "-t", "0,1", "--logprobs", "0", "-m")
    done = cli(*command, "openai:m", env=env)
    assert done.code == 2
    assert "OPENAI_BASE_URL leads to" in done.err
    assert "add ,api_key_env=OPENAI_API_KEY to the model to send it there" in done.err
    assert http_script.seen == []
    assert cli(*command, "openai:m,api_key_env=OPENAI_API_KEY", env=env).code == 0
    assert http_script.headers[0]["authorization"] == f"Bearer {KEYS['OPENAI_API_KEY']}"
    assert cli(*command, f"openai:m,base_url={http_script.base_url}", env=env).code == 0
    assert "authorization" not in http_script.headers[-1]
