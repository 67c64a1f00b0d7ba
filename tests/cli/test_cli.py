"""The command line from outside: whole processes, real files, exact words."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support import PATIENCE_S, ROOT, Cli, until

from tempkit import cli as cli_commands
from tempkit.errors import ModelError

FACTS = str(ROOT / "prompts/technical-documentation.prompty")
SCRIPTED = ("-m", "scripted:words", "-t", "0,1", "-n", "2", "--items", "2")


def rows(db: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query).fetchall()


def test_a_run_stores_every_sample_with_its_tokens(cli_process: Cli, tmp_path: Path) -> None:
    done = cli_process("run", FACTS, *SCRIPTED, "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert {k: told["run"][k] for k in ("name", "status", "planned", "completions", "failed")} == {
        "name": "technical-documentation",
        "status": "finished",
        "planned": 8,
        "completions": 8,
        "failed": 0,
    }
    assert told["db"] == "tempkit.db"
    db = tmp_path / "tempkit.db"
    assert rows(
        db, "select count(*), count(distinct item_id), count(distinct temperature_sent) from completion"
    ) == [(8, 2, 2)]
    assert rows(
        db, "select count(*) from token where logprob is null or entropy is null or length(top) < 20"
    ) == [(0,)]
    assert rows(db, "select sum(output_tokens) from completion") == rows(db, "select count(*) from token")


def test_progress_goes_to_stderr_in_plain_lines_on_a_pipe(cli_process: Cli) -> None:
    done = cli_process("run", FACTS, *SCRIPTED, "--json")
    assert "8 samples planned\n" in done.err
    assert "8/8 samples in " in done.err
    assert "\x1b" not in done.err + done.out


def test_dry_run_prints_the_plan_and_stores_nothing(cli: Cli, tmp_path: Path) -> None:
    done = cli(
        "run",
        FACTS,
        "-m",
        "gguf:smollm2",
        "-t",
        "0:1.6:0.4",
        "-n",
        "4",
        "--max-tokens",
        "60",
        "--items",
        "14",
        "--dry-run",
        "--json",
    )
    plan = json.loads(done.out)["plan"]
    assert (plan["items"], plan["cells"], plan["samples"], plan["output_tokens_at_most"]) == (
        14,
        70,
        280,
        16800,
    )
    assert not (tmp_path / "tempkit.db").exists()


def test_an_experiment_file_with_options_on_top(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        f"name: mine\nprompts: [{FACTS!r}, 'Say a word.']\nmodels: [scripted:words]\ntemperatures: 0:1:0.5\nrepeat: 3\nitems: 1\n"
    )
    done = cli("run", "x.yaml", "-n", "1", "--json", "--allow-outside")
    run = json.loads(done.out)["run"]
    assert (run["name"], run["planned"]) == ("mine", 6)


def test_runs_and_show(cli: Cli) -> None:
    cli("run", FACTS, *SCRIPTED)
    cli("run", FACTS, *SCRIPTED)
    listed = json.loads(cli("runs", "--json").out)["runs"]
    assert [r["name"] for r in listed] == ["technical-documentation-2", "technical-documentation"]
    shown = json.loads(cli("show", "latest", "--json").out)
    assert shown["run"]["name"] == "technical-documentation-2"
    cell = shown["cells"][0]
    assert (cell["temperature"], cell["n"], cell["distinct"], cell["failed"]) == (0.0, 4, 2, 0)
    assert cell["logprob"] < 0 < cell["entropy"]
    table = cli("show", listed[0]["id"][:4]).out
    assert "technical-documentation-2" in table
    assert "scripted:words" in table


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_no_number_is_shortened_on_a_narrow_terminal(cli: Cli, width: int) -> None:
    done = cli(
        "run",
        FACTS,
        *("-m", "scripted:words", "-t", "0,0.25,1.75", "-n", "2", "--items", "2", "--max-tokens", "9"),
    )
    assert done.code == 0
    on_a_terminal = {"FORCE_COLOR": "1", "COLUMNS": str(width)}
    plain = re.compile(r"\x1b\[[0-9;]*m")
    shown = plain.sub("", cli("show", env=on_a_terminal).out)
    rows = [line.split() for line in shown.splitlines()]
    for temperature in ("0", "0.25", "1.75"):
        assert any(row[-8:].count(temperature) and "4" in row for row in rows), shown
    assert "…" not in shown
    listed = plain.sub("", cli("runs", env=on_a_terminal).out)
    assert {"12/12", "1.75"} <= set(listed.split())
    assert "…" not in listed


def test_a_run_ends_with_what_it_decides(cli: Cli) -> None:
    run = ("run", FACTS, "-m", "scripted:words", "-t", "0,1", "-n", "2", "--items", "6", "--max-tokens", "9")
    done = cli(*run)
    ran, decided, look = done.out.splitlines()
    assert ran == "Run technical-documentation: 24 of 24 completions in tempkit.db."
    assert decided.startswith("Technical documentation on scripted:words: ")
    assert "○" in decided
    assert look == (
        "Look at it: tempkit recommend technical-documentation   or   tempkit report technical-documentation"
    )
    assert decided in cli("show").out
    (found,) = json.loads(cli(*run, "--json").out)["decisions"]
    assert (found["use_case"], found["section"]) == ("technical-documentation", "technical-documentation")


def test_a_run_whose_decision_fails_is_done_all_the_same(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise ModelError("the embedder is away")

    monkeypatch.setattr("tempkit.api.measuring.bring_up_to_date", refused)
    done = cli("run", FACTS, *SCRIPTED)
    assert done.code == 0
    assert "warning: no temperature is chosen yet: the embedder is away\n" in done.err
    assert "Run technical-documentation: 8 of 8 completions" in done.out
    assert "Look at it: " in done.out
    assert json.loads(cli("show", "--json").out)["decisions"] == []


def test_ctrl_c_while_measuring_says_that_the_answers_are_stored(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tempkit.api.measuring.bring_up_to_date", stopped)
        done = cli("run", FACTS, *SCRIPTED)
    assert done.code == 130
    assert done.err.endswith(
        "measuring was interrupted; all answers are stored: go on with tempkit recommend technical-documentation\n"
    )
    assert json.loads(cli("runs", "--json").out)["runs"][0]["status"] == "finished"
    assert cli("recommend", "technical-documentation").code == 0


def test_failed_samples_give_exit_code_3_and_can_be_tried_again(cli_process: Cli, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        f"prompts: [{FACTS!r}]\nmodels: [{{model: 'scripted:words', fail_every: 3}}]\ntemperatures: [0, 1]\nrepeat: 3\nitems: 1\n"
    )
    done = cli_process("run", "x.yaml", "--allow-outside")
    assert done.code == 3
    assert re.search(r"^\d+ failed: scripted failure$", done.err, re.MULTILINE), done.err
    assert "4 of 6 completions in tempkit.db, 2 failed." in done.out
    assert "tempkit run --resume technical-documentation --retry-errors" in done.out
    again = cli_process("run", "--resume", "latest")
    assert again.code == 3
    assert "4 of 6" in again.out
    retried = cli_process("run", "--resume", "latest", "--retry-errors", "--json")
    assert (retried.code, json.loads(retried.out)["run"]["completions"]) == (0, 6)
    assert rows(tmp_path / "tempkit.db", "select count(*), count(retried_at) from failure") == [(2, 2)]


STANDING_STILL = """
import asyncio, sys
from contextlib import aclosing
from tempkit.backends.scripted import ScriptedBackend
from tempkit.cli import main

whole = ScriptedBackend.run

async def first_hundred(self, sweeps, on_tokens):
    count = 0
    async with aclosing(whole(self, sweeps, on_tokens)) as outcomes:
        async for outcome in outcomes:
            yield outcome
            count += 1
            if count == 100:
                await asyncio.Event().wait()

ScriptedBackend.run = first_hundred
main(sys.argv[1:])
"""


@contextmanager
def endless_run(tmp_path: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Begin a run whose model stands still after a hundred samples, and wait until the first completions are stored."""
    (tmp_path / "x.yaml").write_text(
        f"prompts: [{FACTS!r}]\nmodels: ['scripted:words']\ntemperatures: '0:1:0.1'\nrepeat: 3\nitems: 14\n"
    )

    db = tmp_path / "tempkit.db"

    def stored() -> bool:
        try:
            return db.exists() and rows(db, "select count(*) from completion") != [(0,)]
        except sqlite3.OperationalError:  # the schema is still being made
            return False

    command = [sys.executable, "-c", STANDING_STILL, "run", "x.yaml", "--allow-outside"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            until(stored)
            yield process
        finally:
            process.kill()


def test_kill_9_in_the_middle_loses_nothing_and_repeats_nothing(
    cli: Cli, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    with endless_run(tmp_path, cli_env) as process:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    db = tmp_path / "tempkit.db"
    before = rows(db, "select id, text, created_at from completion order by id")
    assert 0 < len(before) <= 100
    assert rows(db, "pragma integrity_check") == [("ok",)]
    done = cli("run", "--resume", "latest", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["stored_now"] == 462 - len(before)
    assert rows(db, f"select id, text, created_at from completion order by id limit {len(before)}") == before
    distinct = "select count(*) from (select distinct item_id, model_id, temperature_requested, replicate from completion)"
    assert rows(db, "select count(*) from completion") == rows(db, distinct) == [(462,)]
    assert rows(db, "pragma integrity_check") == [("ok",)]


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(
    cli: Cli, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    with endless_run(tmp_path, cli_env) as process:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    last = err.strip().splitlines()[-1]
    assert last.startswith("interrupted with ")
    assert last.endswith(" of 462 samples stored; go on with: tempkit run --resume technical-documentation")
    assert json.loads(cli("runs", "--json").out)["runs"][0]["status"] == "interrupted"
    assert cli("run", "--resume", "technical-documentation").code == 0


def test_resuming_a_whole_run_does_nothing(cli: Cli) -> None:
    cli("run", FACTS, *SCRIPTED)
    done = cli("run", "--resume", "latest", "--json")
    assert (done.code, json.loads(done.out)["stored_now"]) == (0, 0)


@pytest.mark.engine
@pytest.mark.one_core
@pytest.mark.slow
def test_the_bundled_model_through_the_whole_way_twice(cli_process: Cli, tmp_path: Path) -> None:
    args = (
        "run",
        FACTS,
        "-m",
        "gguf:smollm2",
        "-t",
        "0:1.6:0.8",
        "-n",
        "2",
        "--items",
        "2",
        "--max-tokens",
        "12",
        "--seed",
        "1",
    )
    assert cli_process(*args).code == 0
    assert cli_process(*args).code == 0
    db = tmp_path / "tempkit.db"
    by_run = "select text from completion c join item i on i.id = c.item_id where c.run_id = (select id from run where name = '{}') order by i.key, temperature_requested, replicate"
    first = rows(db, by_run.format("technical-documentation"))
    assert len(first) == 12
    assert first == rows(db, by_run.format("technical-documentation-2"))
    assert rows(
        db, "select count(*) from token where entropy is null or rank is null or length(top) < 100"
    ) == [(0,)]
    assert json.loads(cli_process("show", "latest", "--json").out)["cells"][0]["kind"] == "raw"


@pytest.mark.slow
def test_the_same_prompts_through_a_real_server(cli: Cli, tmp_path: Path, llama_server) -> None:
    done = cli(
        *(
            "run",
            FACTS,
            "-m",
            "openai:smollm2",
            "--base-url",
            llama_server.base_url,
            "--api-key-env",
            "LLAMA_KEY",
        ),
        *("-t", "0,1", "-n", "2", "--items", "2", "--max-tokens", "12", "--json"),
        env={"LLAMA_KEY": llama_server.key},
    )
    assert (done.code, json.loads(done.out)["run"]["completions"]) == (0, 8), done.err
    db = tmp_path / "tempkit.db"
    assert rows(db, "select distinct logprob_kind from completion") == [("unknown",)]
    assert rows(db, "select count(*) from alternatives where length(packed) > 100") == [(8,)]
    whole = b"".join(path.read_bytes() for path in tmp_path.glob("tempkit.db*"))
    assert llama_server.key.encode() not in whole


def test_help_imports_neither_sdk_nor_numpy_nor_sql() -> None:
    code = (
        "import sys\nfrom tempkit.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as e:\n    assert not e.code\n"
        "heavy = {'numpy', 'openai', 'llama_cpp', 'sqlalchemy', 'sqlmodel', 'alembic', 'altair', 'pydantic', 'jinja2', 'rich', 'yaml', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage: tempkit" in done.stdout
    assert done.stderr == "[]\n"


def test_every_command_has_the_summary_that_the_overview_shows() -> None:
    from tempkit.cli import _COMMANDS, cli

    context = cli.make_context("tempkit", [], resilient_parsing=True)
    for name, summary in _COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(200) == summary
        assert command.name == name


@pytest.mark.parametrize(
    "args", [("--help",), ("run", "--help"), ("show", "-h"), ("report", "-h"), ("--version",)]
)
def test_help_and_version_answer(cli_process: Cli, args: tuple[str, ...]) -> None:
    done = cli_process(*args)
    assert done.code == 0
    assert done.err == ""
    assert "empkit" in done.out


def test_without_a_command_the_help_is_shown_in_its_lines(cli: Cli) -> None:
    done = cli()
    assert (done.code, done.out) == (2, "")
    assert done.err == cli("--help").out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("recomend", "no command 'recomend' (did you mean 'recommend'?) (see: tempkit --help)"),
        ("rnu", "no command 'rnu' (did you mean 'run'?) (see: tempkit --help)"),
        ("\x1b[31mrun", "no command '[31mrun' (did you mean 'run'?) (see: tempkit --help)"),
        (
            "frobnicate",
            f"no command 'frobnicate'; known: {', '.join(cli_commands._COMMANDS)} (see: tempkit --help)",
        ),
    ],
)
def test_a_misspelt_command_names_the_nearest(cli: Cli, typed: str, said: str) -> None:
    done = cli(typed, "latest")
    assert (done.code, done.out, done.err) == (2, "", f"error: {said}\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("run", "x", "--repet", "3"), "No such option '--repet' (did you mean '--repeat'?) (see: tempkit run --help)"),
        (("run", "x", "--models", "y"), "No such option '--models' (did you mean '--model'?) (see: tempkit run --help)"),
        (("report", "--ouput", "x"), "No such option '--ouput' (did you mean '--output'?) (see: tempkit report --help)"),
        (("recommend", "--usecase", "x"), "No such option '--usecase' (did you mean '--use-case'?) (see: tempkit recommend --help)"),
        (("run", "--bacth"), "No such option '--bacth' (did you mean '--batch'?) (see: tempkit run --help)"),
        (("run", "--resume", "latest", "-m", "a:b"), "--resume takes its plan from the store; leave out --model"),
        (("run", "--resume", "latest", "--dry-run"), "--resume takes its plan from the store; leave out --dry-run"),
    ],
)  # fmt: skip
def test_an_option_is_named_as_it_is_typed(cli: Cli, typed: tuple[str, ...], said: str) -> None:
    done = cli(*typed)
    assert (done.code, done.out, done.err) == (2, "", f"error: {said}\n")


def test_a_model_is_told_of_in_words(cli: Cli) -> None:
    lines = [" ".join(line.split()) for line in cli("models", "scripted:words").out.splitlines()]
    assert {"price nothing", "max logprobs no known limit", "batch no batch API"} <= set(lines)
    assert "None" not in "".join(lines)


def test_a_closed_pipe_is_no_error(tmp_path: Path, cli_env: dict[str, str]) -> None:
    command = f"{sys.executable} -m tempkit models --json | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=cli_env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_debug_shows_a_traceback(cli_process: Cli) -> None:
    done = cli_process("--debug", "run", "nowhere.prompty", "-m", "scripted:words")
    assert done.code == 1
    assert "Traceback" in done.err


def test_nothing_is_written_outside_the_folder(cli_process: Cli, tmp_path: Path) -> None:
    cli_process("run", FACTS, *SCRIPTED)
    assert [path.name for path in tmp_path.iterdir()] == ["tempkit.db"]


@pytest.mark.parametrize("name", cli_commands._COMMANDS)
def test_examples_in_a_help_text_stand_on_lines_of_their_own(cli: Cli, name: str) -> None:
    done = cli(name, "--help")
    assert done.code == 0
    assert "\\b" not in done.out
    examples = [line for line in done.out.splitlines() if line.strip().startswith(f"tempkit {name} ")]
    assert ("Examples:" in done.out) <= (len(examples) >= 1)
