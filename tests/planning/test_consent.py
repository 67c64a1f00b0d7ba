"""An experiment file from somewhere else sends no file and no key that its user did not mean to send."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from servers.http_script import ScriptedServer
from support import Cli, CliResult

import tempkit
from tempkit.errors import ExperimentError, PromptError, UsageError
from tempkit.running import Limits, make_progress

SHIPPED = Path(__file__).parents[2] / "tempkit/decision/shipped"
OWN = (SHIPPED / "chatbot.toml").read_text("utf-8").replace('name = "chatbot"', 'name = "support mail"')
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


def outside_of(folder: Path) -> tuple[str, ...]:
    """Return how a file beside a folder is named from inside it: upwards, from the root, and by links."""
    (folder / "x").mkdir(exist_ok=True)
    (folder / "link.toml").symlink_to("../mine.toml")
    (folder / "up").symlink_to("..")
    beside = str(folder.parent / "mine.toml")
    return "../mine.toml", beside, "link.toml", "up/mine.toml", "./x/../../mine.toml"


@pytest.mark.parametrize("secret", [False, True])
def test_a_use_case_outside_of_the_folder_needs_leave(
    cli: Cli, write: Write, tmp_path: Path, secret: bool
) -> None:
    """Whether it is one or not: nothing is told of what stands in it."""
    write("mine.toml", "password = my diary" if secret else OWN)
    write("sub/within.toml", OWN)
    head = f"models: [scripted:words]\n{GRID}"
    for named in outside_of(tmp_path / "sub"):
        write("sub/e.yaml", f"{head}prompts: [Name it.]\nuse_case: {named}\n")
        for command in (("sub/e.yaml",), ("sub/e.yaml", "Name another.")):
            done = cli("run", *command, "--dry-run")
            assert done.code == 1, done.out
            assert done.err.startswith("error: sub/e.yaml:6: the use case '")
            assert done.err.endswith(
                "' is a file outside of the experiment's folder; if it is meant, add --allow-outside\n"
            )
            assert "diary" not in done.err
        with pytest.raises(ExperimentError, match=r"e\.yaml:6: .* if it is meant, pass allow_outside=True$"):
            tempkit.read_experiment("sub/e.yaml")
        if not secret:
            assert cli("run", "sub/e.yaml", "--dry-run", "--allow-outside").code == 0
            assert tempkit.read_experiment("sub/e.yaml", allow_outside=True).use_case
    write("sub/e.yaml", f"{head}prompts: [Name it.]\nuse_case: x/../within.toml\n")
    assert cli("run", "sub/e.yaml", "--dry-run").code == 0


@pytest.mark.parametrize("secret", [False, True])
def test_a_use_case_that_an_experiments_prompt_names_needs_it_too(
    cli: Cli, write: Write, tmp_path: Path, secret: bool
) -> None:
    write("mine.toml", "password = my diary" if secret else OWN)
    write("sub/within.toml", OWN)
    write("sub/e.yaml", f"models: [scripted:words]\n{GRID}prompts: [deep/p.prompty]\n")
    head = "---\nname: p\nmetadata: {tempkit: {use_case: "
    (tmp_path / "sub/deep").mkdir()
    (tmp_path / "sub/inner.toml").symlink_to("within.toml")

    def planned(named: str) -> CliResult:
        write("sub/deep/p.prompty", f"{head}'{named}'}}}}\n---\nuser:\nName it.\n")
        return cli("run", "sub/e.yaml", "--dry-run")

    for inside in ("../within.toml", "../inner.toml", str(tmp_path / "sub/within.toml")):
        assert planned(inside).code == 0
    for outside in outside_of(tmp_path / "sub"):
        done = planned(outside if outside.startswith("/") else f"../{outside}")
        assert done.code == 1
        assert "p.prompty:3: the use case '" in done.err
        assert "is a file outside of the experiment's folder" in done.err
        assert "diary" not in done.err
        with pytest.raises(PromptError, match="outside of the experiment's folder"):
            tempkit.build_plan(tempkit.read_experiment("sub/e.yaml"))
        if not secret:
            assert cli("run", "sub/e.yaml", "--dry-run", "--allow-outside").code == 0
            named_here = cli("run", "sub/deep/p.prompty", "-m", "scripted:words", "--dry-run")
            assert named_here.code == 0, "whoever names the prompt means what it names"


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


def test_python_asks_for_the_same_leave_as_the_command_line(
    write: Write, http_script: ScriptedServer, tmp_path: Path
) -> None:
    write("secret.txt", "my diary")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/link.txt").symlink_to(tmp_path / "secret.txt")
    host = http_script.base_url.split("/")[2]
    for outside in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt"):
        path = write("sub/p.yaml", f"models: [scripted:words]\nprompts: ['{outside}']\n")
        with pytest.raises(ExperimentError, match=r"p\.yaml:2: the prompt .*, pass allow_outside=True$"):
            tempkit.read_experiment(path)
        plan = tempkit.build_plan(tempkit.read_experiment(path, allow_outside=True))
        assert plan.items[0].messages[0].content == "my diary"
    for key, needed in (
        ("LAB_KEY", f"allow_key_env=['LAB_KEY'], allow_key_to=['{host}']"),
        ("OPENAI_API_KEY", f"allow_key_to=['{host}']"),
    ):
        path = write("sub/e.yaml", f"prompts: [Name it.]\n{GRID}{model(http_script, key)}")
        with pytest.raises(ExperimentError) as caught:
            tempkit.read_experiment(path)
        assert str(caught.value).endswith(f"; if that is meant, pass {needed}")
        tempkit.read_experiment(path, allow_key_env=[key], allow_key_to=[host])
    with pytest.raises(UsageError, match="are lists of names"):
        tempkit.read_experiment(path, allow_key_env="LAB_KEY")
    assert http_script.seen == []


def strangers(cli: Cli, server: ScriptedServer, key: str) -> str:
    """Make a database whose run goes on with a key at a server, and has a sample to draw again; return its server's place."""
    options = ("--base-url", server.base_url, "--api-key-env", key, "--logprobs", "0", "--name", "r")
    done = cli("run", "Name it.", "-m", "openai:m", *options, "-t", "0,1", "-n", "2", env=KEYS)
    assert done.code == 0, done.err
    with closing(sqlite3.connect("tempkit.db")) as connection, connection:
        for table in ("token", "alternatives", "score", "scoring"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DELETE FROM completion WHERE replicate = 1")
    server.seen.clear()
    server.headers.clear()
    return server.base_url.split("/")[2]


@pytest.mark.parametrize("key", ["AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY"])
def test_a_strangers_database_sends_no_key_without_leave(
    cli: Cli, write: Write, http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    write("e.txt", "")
    host = strangers(cli, http_script, key)
    needed = [*([] if key == "OPENAI_API_KEY" else ["--allow-key-env", key]), "--allow-key-to", host]
    for command in (
        ("run", "--resume", "r"),
        ("run", "--resume", "r", "--retry-errors"),
        ("topup", "r", "-n", "1"),
    ):
        done = cli(*command, env=KEYS)
        said = f"run r: openai:m sends the key in {key} to {http_script.base_url}; if that is meant, add {' '.join(needed)}"
        assert (done.code, done.err) == (2, f"error: {said}\n"), command
        if len(needed) > 2:
            assert cli(*command, *needed[:2], env=KEYS).code == 2
            assert cli(*command, *needed[2:], env=KEYS).code == 2
    monkeypatch.setenv(key, KEYS[key])
    limits = Limits()
    with tempkit.Store.open("tempkit.db") as store:
        run = store.find_run("r")
        with pytest.raises(UsageError, match=rf"pass .*allow_key_to=\['{host}'\]$"):
            tempkit.resume(store, run, make_progress(), limits, retry_errors=False)
        assert http_script.seen == []
        allowed = {"allow_key_env": [key], "allow_key_to": [host]}
        done_now = tempkit.resume(store, run, make_progress(), limits, retry_errors=False, **allowed)
    assert done_now.stored == 2
    assert http_script.headers[-1]["authorization"] == f"Bearer {KEYS[key]}"
    for command in (("run", "--resume", "r"), ("topup", "r", "-n", "1")):
        assert cli(*command, *needed, env=KEYS).code == 0


def test_a_strangers_database_without_a_key_goes_on(
    cli: Cli, write: Write, http_script: ScriptedServer
) -> None:
    write("e.txt", "")
    options = ("--base-url", http_script.base_url, "--logprobs", "0", "--name", "r")
    assert cli("run", "Name it.", "-m", "openai:m", *options, "-t", "0,1", "-n", "1").code == 0
    assert cli("topup", "r", "-n", "1").code == 0
    assert cli("run", "--resume", "r").code == 0
    assert all("authorization" not in headers for headers in http_script.headers)


def test_a_strangers_embedder_gets_no_key_unless_it_is_named_again(
    cli: Cli, write: Write, http_script: ScriptedServer
) -> None:
    write("e.txt", "")
    assert cli("run", "Name it.", "-m", "scripted:words", "-t", "0,1", "-n", "2", "--name", "r").code == 0
    for options in ({"base_url": http_script.base_url, "api_key_env": "LAB_KEY"}, {"api_key_env": "LAB_KEY"}):
        choice = {"model": "openai:vectors", "options": options, "name": "openai:vectors"}
        with closing(sqlite3.connect("tempkit.db")) as connection, connection:
            connection.execute("UPDATE run SET embedder = ?", (json.dumps(choice),))
            connection.execute("DELETE FROM score")
            connection.execute("DELETE FROM scoring")
        for command in (
            ("measure",),
            ("measure", "--anew"),
            ("recommend",),
            ("report", "-o", "r.html"),
            ("export", "-o", "e.csv"),
            ("trends",),
        ):
            done = cli(command[0], "r", *command[1:], env=KEYS)
            assert (done.code, http_script.seen) == (2, []), (command, done.err)
            assert "run r: openai:vectors sends the key in LAB_KEY to " in done.err
            assert "; if that is meant: tempkit measure r --embedder " in done.err
    assert cli("measure", "r", "--embedder", "wordllama", env=KEYS).code == 0
    assert cli("recommend", "r", env=KEYS).code == 0
    assert http_script.seen == []
