"""`-q`: the result and what went wrong, and nothing by the way."""

import json
import re
from pathlib import Path

import click
import pytest
from servers.http_script import ScriptedServer
from support import RECOMMENDING, Cli

from tempkit.cli import cli as tempkit
from tempkit.cli.quiet import be_quiet, worth_saying

RUN = (
    "run",
    "Say a word.",
    "-m",
    "scripted:words",
    "-t",
    "0,1",
    "-n",
    "2",
    "--name",
    "r",
    "--use-case",
    "code",
)


def test_every_command_has_it() -> None:
    context = click.Context(tempkit)
    for name in tempkit.list_commands(context):
        command = tempkit.get_command(context, name)
        assert command is not None
        assert [each.opts for each in command.params if each.human_readable_name == "quiet"] == [
            ["-q", "--quiet"]
        ]


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_run_says_nothing_and_is_stored(cli: Cli, where: str) -> None:
    done = cli("-q", *RUN) if where == "before" else cli(*RUN, "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert json.loads(cli("runs", "--json").out)["runs"][0]["completions"] == 4
    loud = cli(*RUN)
    assert loud.out  # the call before left nothing behind
    assert loud.err


def test_files_are_written_without_a_word(cli: Cli, tmp_path: Path) -> None:
    cli(*RUN, "-q")
    (tmp_path / "exam.csv").write_text("item,model,temperature,accuracy\nq,m,0,1\nq,m,1,0\n")
    for args in (
        ("measure", "r"),
        ("report", "r", "-o", "x.html"),
        ("report", "r", "-o", "y.html", "--watch"),
        ("export", "r", "-o", "x.csv"),
        ("import", "exam.csv"),
        ("init", "chatbot"),
        ("run", "--resume", "r"),
    ):
        done = cli(*args, "-q")
        assert (done.code, done.out, done.err) == (0, "", ""), args
    assert all(
        (tmp_path / name).exists() for name in ("x.html", "y.html", "x.csv", "chatbot/chatbot.prompty")
    )


def test_what_was_asked_for_is_printed_all_the_same(cli: Cli) -> None:
    cli(*RUN, "-q")
    for args in (
        ("runs",),
        ("show", "r"),
        ("recommend", "r"),
        ("trends", "r"),
        ("run", *RUN[1:], "--dry-run"),
    ):
        # A hint at what else could be measured is no part of a table.
        assert cli(*args).out.startswith(cli(*args, "-q").out), args
    assert cli("show", "r", "-q", "--json").out == cli("show", "r", "--json").out
    chosen = ("choose", "Say it.", "-m", "scripted:words", "--expect", "the", "-t", "0,1", "--no-report")
    done = cli(*chosen, "-q")
    assert done.err == ""
    assert " on scripted:words" in done.out
    assert "Go on" not in done.out


def test_errors_and_exit_codes_stay(cli: Cli) -> None:
    done = cli("show", "nothing", "-q")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert done.err.startswith("error: no database at tempkit.db")


def test_warnings_stay_and_notes_go() -> None:
    lines = (
        "note: it is old",
        "measuring how coherent",
        "3 failed: no answer (m at 0)",
        "warning: it ignores the temperature",
    )
    assert all(map(worth_saying, lines))
    be_quiet(True)
    try:
        assert [line for line in lines if worth_saying(line)] == list(lines[2:])
    finally:
        be_quiet(False)


def test_failed_samples_are_said(cli: Cli) -> None:
    done = cli("run", "Say it.", "-m", "scripted:words,fail_every=2", "-t", "0,1", "-n", "2", "-q")
    assert done.code == 3
    assert done.out == ""
    assert "failed" in done.err


def test_what_bears_on_the_result_is_said(cli: Cli, tmp_path: Path, http_script: ScriptedServer) -> None:
    """In each of these something is not as it was asked for."""
    (tmp_path / "t.csv").write_text("item;model;temperature;text;x\nq;m;0;;1\nq;m;1;;2\n")
    (tmp_path / "s.csv").write_text("item,model,temperature,x\nq,m,0,1\nq,m,1,0\n")
    (tmp_path / "table.toml").write_text(RECOMMENDING % "temperature = 1.0, repetition_penalty = 1.1")
    (tmp_path / "promptfooconfig.yaml").write_text(
        "prompts: ['Say {{ w }}.']\nproviders: [openai:x]\nodd: 1\ntests: [{vars: {w: the}}]\n"
    )
    http_script.answers[0].body["choices"][0]["logprobs"] = None
    served = f"openai:other,base_url={http_script.base_url}"
    asked = ("-t", "0,1", "-n", "1", "--max-tokens", "5", "--no-probe")
    table = {"TEMPKIT_CAPABILITIES": "table.toml"}
    said = {
        "was asked for logprobs and gave none": ("run", "Say it.", "-m", served, *asked, "--logprobs", "2"),
        "is sent as it stands": ("run", "Say {{ n }}.", "-m", "scripted:words", *asked),
        "tempkit cannot set that for it": (
            "run",
            "Say it.",
            "-m",
            "scripted:words",
            *asked,
            "--arm",
            "recommended",
        ),
        "not carried over": ("run", "promptfooconfig.yaml", "-m", "scripted:words", *asked),
        "2 of 2 texts are empty": ("import", "t.csv"),
        "there is no row of it": ("export", "s", "-o", "s.jsonl"),
        "not in inspect": ("export", "r", "-o", "folder", "--format", "inspect"),
        "not computed": ("exact", "r"),
        "is answered by scripted-words, which is not words": (
            "run",
            "Say it.",
            "-m",
            "scripted:words",
            *asked,
        ),
    }
    cli("import", "s.csv")
    cli(*RUN)
    for what, command in said.items():
        done = cli(*command, "-q", env=table)
        warned = [line for line in done.err.splitlines() if not re.match(r"[\d,]+ failed", line)]
        assert any(what in line for line in warned), (command, done.err)
        assert all(line.startswith("warning: ") for line in warned), warned
    assert "note: t.csv: read with semicolons" in cli("import", "t.csv", "--name", "again").err
