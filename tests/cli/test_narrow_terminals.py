"""Tables on a terminal of 60 columns, as tmux gives one: every temperature is whole, and no line is wider."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from servers.judging import JudgeServer
from support import ROOT, Cli, lacking
from terminals import typed_on_a_terminal

TEMPERATURES = ("0", "0.35", "0.7", "1.25", "1.4")
WIDE = 60
MODELS = ("-m", "scripted:words,label=a model with a long name @ 0.7", "-m", "scripted:words")
RUN = (
    "run",
    "p.prompty",
    *MODELS,
    "-t",
    ",".join(TEMPERATURES),
    "-n",
    "2",
    "--name",
    "a rather long name of a run",
)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text("\n".join(f"- {{id: i{i}, n: {i}, facts: [the]}}" for i in range(6)))
    (tmp_path / "p.prompty").write_text(
        "---\nname: p\nmodel: {options: {maxOutputTokens: 24}}\ninputs: [{name: n, kind: integer}]\n"
        "metadata: {tempkit: {use_case: technical-documentation, data: rows.yaml}}\n---\nuser:\nSay {{ n }}.\n"
    )
    assert cli(*RUN, "-q").code == 0


def shown(folder: Path, env: dict[str, str], *args: str) -> str:
    plain = {key: value for key, value in env.items() if key != "COLUMNS"} | {
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm",
    }
    code, text = typed_on_a_terminal(args, "", folder, plain, columns=WIDE)
    assert code in (0, 3, 4, 5), text
    # What is drawn anew overwrites its lines: the last drawing is what stays.
    return ESCAPES.sub("", text).replace("\r\n", "\n")


def numbers(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)", text))


T = ",".join(TEMPERATURES)
COMMANDS: tuple[tuple[tuple[str, ...], set[str]], ...] = (
    (("runs",), set(TEMPERATURES)),
    (("show",), set(TEMPERATURES)),
    (("recommend",), set(TEMPERATURES)),
    (("trends",), {"0", "1.4"}),  # the ends are all that it names
    (("topup", "-n", "1", "--dry-run"), {"0", "0.35"}),
    (("topup", "-n", "1"), {"0", "0.35"}),
    ((*RUN, "--dry-run"), set(TEMPERATURES)),
    (RUN, set(TEMPERATURES)),
    (("rate", "-o", "x.html", "--pairs", "20"), set()),
    (("choose", "p.prompty", "-m", "scripted:words", "-t", T, "--dry-run"), set(TEMPERATURES)),
    (("choose", "p.prompty", "-m", "scripted:words", "-t", T, "--no-report"), set(TEMPERATURES)),
)


@pytest.mark.slow
@pytest.mark.usefixtures("run")
def test_every_temperature_is_whole(tmp_path: Path, cli_env: dict[str, str]) -> None:
    for args, expected in COMMANDS:
        text = shown(tmp_path, cli_env, *args)
        assert expected <= numbers(text), (args, text)
        # Nothing that looks like the beginning of one is left of it.
        assert not re.search(r"(?<![\w.])\d+\.?\d*…", text), (args, text)


@pytest.mark.usefixtures("run")
def test_verify_and_decide(tmp_path: Path, cli: Cli, cli_env: dict[str, str]) -> None:
    assert cli("decide", "p.prompty", "-m", "scripted:words", "--write").code == 0
    text = shown(tmp_path, cli_env, "verify", "p.prompty")
    kept = re.search(r"p\.prompty: .*?(\d+(?:\.\d+)?) ", " ".join(text.split()))
    assert kept is not None, text
    assert kept[1] in TEMPERATURES


def test_the_temperatures_of_a_probe_go_on_in_the_next_lines() -> None:
    from tempkit.cli.probe_output import _effects

    found = type("Probe", (), {})()
    effect = [
        type("Effect", (), {"temperature": t / 20, "behaves_like": t / 20, "se": 0.01})() for t in range(12)
    ]
    found.temperature = type("Temperature", (), {"effects": effect})()
    lines = _effects(found, WIDE)
    assert all(len(line) <= WIDE for line in lines)
    sent = [word for line in lines if line.startswith("sent") for word in line.split()[1:]]
    assert sent == [f"{t / 20:g}" for t in range(12)]
    assert len(_effects(found, None)) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("run")
def test_in_tmux(tmp_path: Path, cli_env: dict[str, str]) -> None:
    """The real thing, once: what stands on the screen of a terminal that somebody has made narrow."""
    if shutil.which("tmux") is None:
        lacking("tmux is not installed: apt-get install tmux")
    import shlex
    import sys

    socket = tmp_path / "tmux"
    env = {key: value for key, value in cli_env.items() if key not in ("COLUMNS", "TMUX")} | {
        "PYTHONPATH": str(ROOT)
    }

    def tmux(*args: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(socket), "-f", "/dev/null", *args],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    called = shlex.join([sys.executable, "-m", "tempkit", "show"])
    tmux(
        "new-session",
        "-d",
        "-x",
        str(WIDE),
        "-y",
        "60",
        f"{called}; tmux -S {socket} wait-for -S done; sleep 60",
    )
    tmux("wait-for", "done")
    screen = tmux("capture-pane", "-p")
    tmux("kill-server")
    assert set(TEMPERATURES) <= numbers(screen), screen
    assert "…" not in screen


def fits(text: str) -> bool:
    """Whether no line of a table is wider than the terminal; the last drawing of what is drawn anew counts."""
    return all(len(line.split("\r")[-1]) <= WIDE for line in text.splitlines())


@pytest.mark.slow
@pytest.mark.usefixtures("run")
def test_a_judges_table(tmp_path: Path, cli_env: dict[str, str]) -> None:
    with JudgeServer(lambda question: str(1 + len(question) % 5)) as server:
        text = shown(tmp_path, cli_env, "judge", "latest", "-m", server.model, "--rubric", "It is long.")
    table = text.partition("mean grade")[2]
    assert set(TEMPERATURES) <= numbers(table), text
    assert fits(table)
    assert "…" not in table


@pytest.mark.slow
def test_what_is_known_and_found_of_a_model(tmp_path: Path, cli_env: dict[str, str]) -> None:
    """All temperatures that a probe sent are there, and what they behave like; no line is wider."""
    text = shown(tmp_path, cli_env, "probe", "scripted:words")
    sent = [line.split()[1:] for line in text.splitlines() if line.startswith("sent ")]
    assert sorted(map(float, (each for line in sent for each in line))) == [0.5, 1, 1.5, 2]
    found = text.rpartition("\r")[2]
    assert {"0", "0.3", "0.5", "1", "1.5", "2", "5", "100"} <= numbers(found.partition("temperatures")[2])
    for command in (("models", "scripted:words"), ("models",), ("db", "size"), ("export", "--list-columns")):
        if command[0] == "db":
            shown(tmp_path, cli_env, "run", "Say it.", "-m", "scripted:words", "-t", "0,1", "-n", "1", "-q")
        text = shown(tmp_path, cli_env, *command)
        assert fits(text), (command, text)
        assert not re.search(r"(?<![\w.])\d+\.?\d*…", text), (command, text)


@pytest.mark.slow
@pytest.mark.engine
def test_exact_probabilities(tmp_path: Path, cli: Cli, cli_env: dict[str, str]) -> None:
    (tmp_path / "q.csv").write_text("question,expected\nWhat is the capital of France?,Paris\n")
    asked = ("-m", "gguf:smollm2", "-t", ",".join(TEMPERATURES), "-n", "1", "--max-tokens", "8")
    assert cli("run", "q.csv", *asked, "-q").code == 0
    text = shown(tmp_path, cli_env, "exact", "--all", "--passes", "40")
    assert set(TEMPERATURES) <= numbers(text), text
    assert not re.search(r"(?<![\w.])\d+\.?\d*…", text), text
