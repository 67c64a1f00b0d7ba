"""Completion as people meet it: typed into bash, zsh and fish on a terminal, and looked at in what the shell then calls."""

import contextlib
import json
import os
import pty
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from support import ROOT, Cli, lacking, until

from tempkit.cli import cli as tempkit
from tempkit.cli.completion_scripts import SHELLS

RUNS = ("plain", "my run", "café:uno", 'it\'s "odd" $HOME `x`', "-dash", "*?[a]")
BREAKS = " \t\n\"'><=;|&(:"
"""bash's own COMP_WORDBREAKS."""

PROGRAM = """#!/bin/sh
if [ -n "$_TEMPKIT_COMPLETE" ]; then
    {python} -m tempkit "$@"
    echo asked >> {asked}
else
    {python} -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@" >> {called}
fi
"""

START = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
SET_UP = {
    "bash": 'eval "$(tempkit_really completion bash)"',
    "zsh": 'autoload -U compinit; compinit -u -D; eval "$(tempkit_really completion zsh)"',
    "fish": "tempkit_really completion fish | source",
}


@pytest.fixture
def runs(cli: Cli) -> None:
    for name in RUNS:
        assert (
            cli("run", "Say it.", "-m", "scripted:words", "-t", "0", "-n", "1", f"--name={name}", "-q").code
            == 0
        )


class Shell:
    """A shell on a terminal. What is typed is typed; what is called lands in a file."""

    def __init__(self, kind: str, folder: Path, env: dict[str, str]) -> None:
        self.kind = kind
        self._called, self._asked, self._ready = (
            folder.parent / name for name in ("called", "asked", "ready")
        )
        bin_ = folder.parent / "bin"
        bin_.mkdir()
        for name, text in (
            ("tempkit", PROGRAM.format(python=sys.executable, asked=self._asked, called=self._called)),
            ("tempkit_really", f'#!/bin/sh\nexec {sys.executable} -m tempkit "$@"\n'),
        ):
            (bin_ / name).write_text(text)
            (bin_ / name).chmod(stat.S_IRWXU)
        ours = {
            **env,
            "PATH": f"{bin_}:{env['PATH']}",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
        }
        ours |= {"HOME": str(bin_), "COLUMNS": "200"}
        self._pid, self._terminal = pty.fork()
        if not self._pid:
            os.chdir(folder)
            os.execvpe(START[kind][0], START[kind], ours)
        os.set_blocking(self._terminal, False)
        self._type(f"{SET_UP[kind]}\ntouch {self._ready}\n")
        self._until(self._ready.exists)

    def called(self, typed: str) -> list[str]:
        """Return the arguments of what is called once somebody has typed this, pressed Tab, and pressed Enter."""
        before, asked = self._lines(self._called), self._lines(self._asked)
        self._type(f"{typed}\t")
        self._until(lambda: self._lines(self._asked) > asked)
        time.sleep(0.3)  # the shell puts it into its line
        self._type("\n")
        self._until(lambda: self._lines(self._called) > before)
        found: list[str] = json.loads(self._called.read_text().splitlines()[-1])
        return found

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def _type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def _until(self, happened: Callable[[], bool]) -> None:
        until(lambda: self._drained() and happened())

    def _drained(self) -> bool:
        """Read what the terminal shows, which would otherwise be full at some point."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._terminal, 65536)
        return True

    @staticmethod
    def _lines(path: Path) -> int:
        return path.read_text().count("\n") if path.exists() else 0


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(
    request: pytest.FixtureRequest, tmp_path: Path, cli_env: dict[str, str], runs: None
) -> Iterator[Shell]:
    kind = request.param
    if shutil.which(kind) is None:
        lacking(f"{kind} is not installed: apt-get install {kind}")
    folder = tmp_path / "typed here"
    folder.mkdir()
    shutil.move(tmp_path / "tempkit.db", folder / "tempkit.db")
    (folder / "questions of mine.csv").write_text("question\nWhy?\n")
    opened = Shell(kind, folder, cli_env)
    yield opened
    opened.close()


@pytest.mark.slow
def test_what_is_typed_becomes_whole(shell: Shell) -> None:
    assert shell.called("tempkit recomm") == ["recommend"]
    assert shell.called("tempkit show pl") == ["show", "plain"]
    assert shell.called("tempkit show my") == ["show", "my run"]
    assert shell.called('tempkit show "my r') == ["show", "my run"]
    assert shell.called("tempkit show 'my r") == ["show", "my run"]
    assert shell.called("tempkit show my\\ r") == ["show", "my run"]
    assert shell.called("tempkit show caf") == ["show", "café:uno"]
    assert shell.called("tempkit show café:u") == ["show", "café:uno"]
    assert shell.called("tempkit show it") == ["show", RUNS[3]]
    assert shell.called('tempkit show "it') == ["show", RUNS[3]]
    if shell.kind != "fish":  # which takes an asterisk for a pattern, quoted or not
        assert shell.called("tempkit show \\*") == ["show", "*?[a]"]
    assert shell.called("tempkit run -m gguf:sm") == ["run", "-m", "gguf:smollm2"]
    assert shell.called("tempkit run --model=gguf:sm") == ["run", "--model=gguf:smollm2"]
    assert shell.called('tempkit run -m "gguf:sm') == ["run", "-m", "gguf:smollm2"]
    assert shell.called("tempkit choose --for crea") == ["choose", "--for", "creative-writing"]
    assert shell.called("tempkit choose --for=crea") == ["choose", "--for=creative-writing"]
    assert shell.called("tempkit recommend my\\ run --measure fact_r") == [
        "recommend",
        "my run",
        "--measure",
        "fact_recall",
    ]
    assert shell.called("tempkit choose quest") == ["choose", "questions of mine.csv"]
    assert shell.called("tempkit show --js") == ["show", "--json"]
    # A model goes on behind its backend: no space is put there.
    assert shell.called("tempkit run -m lmst") == ["run", "-m", "lmstudio:"]


def test_scripts_are_for_the_shells_that_there_are(cli: Cli) -> None:
    for name, known in SHELLS.items():
        done = cli("completion", name)
        assert (done.code, done.err) == (0, "")
        assert done.out == known.source_template
        if shutil.which(name):
            checked = subprocess.run(
                [name, "-n"], input=done.out, capture_output=True, text=True, check=False
            )
            assert (checked.returncode, checked.stderr) == (0, "")
    done = cli("completion", "tcsh")
    assert done.code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.err


def asked(cli: Cli, line: str, **env: str) -> list[str]:
    """Return what bash is told for a line; nothing is ever said on stderr."""
    told = {"_TEMPKIT_COMPLETE": "bash_complete", "COMP_LINE": line, "COMP_WORDBREAKS": BREAKS, **env}
    done = cli(env=told)
    assert done.err == ""
    return [each.removeprefix("plain ") for each in done.out.splitlines() if each]


def test_every_parameter_that_has_names_offers_them(cli: Cli, runs: None) -> None:
    newest_first = [*reversed(["plain", "my\\ run", "café:uno"]), "latest"]
    for command in (
        "show",
        "recommend",
        "report",
        "export",
        "judge -m x",
        "run --resume",
        "choose --continue",
        "rate",
        "decide",
    ):
        found = asked(cli, f"tempkit {command} ")
        assert [each for each in found if each in newest_first] == newest_first, command
    for line, name in {
        "tempkit run -m ": "gguf:smollm2",
        "tempkit probe scr": "scripted:words",
        "tempkit models opena": "openai:",
        "tempkit measure --embedder w": "wordllama",
        "tempkit measure --reference n": "none",
        "tempkit decide -m scr": "scripted:words",
        "tempkit choose --judge gg": "gguf:smollm2",
        "tempkit report --use-case ch": "chatbot",
        "tempkit topup --measure dist": "distinct_2",
        "tempkit report --lang ": "es",
        "tempkit export --format js": "jsonl",
        "tempkit init extr": "extraction",
        "tempkit run --arm rec": "recommended",
        "tempkit help top": "topup",
        "tempkit topup --pol": "--policy",
        "tempkit completion z": "zsh",
    }.items():
        assert name in asked(cli, line), line
    for line in (
        "tempkit run ",
        "tempkit choose x",
        "tempkit verify ",
        "tempkit show --db ",
        "tempkit import ",
    ):
        assert asked(cli, line)[-1:] == ["file"], line


def test_a_run_is_also_found_by_its_id_and_in_another_database(cli: Cli, runs: None, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "tempkit.db") as connection:
        ((identity,),) = connection.execute("select id from run where name = 'plain'").fetchall()
    connection.close()
    assert asked(cli, f"tempkit show {identity[:6]}") == [identity]
    (tmp_path / "tempkit.db").rename(tmp_path / "other.db")
    assert asked(cli, "tempkit show pl") == []
    assert asked(cli, "tempkit show --db other.db pl") == ["plain"]
    assert asked(cli, "tempkit show pl", TEMPKIT_DB="sqlite:///other.db") == ["plain"]


def test_models_on_this_disk_are_completed_as_files(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "models of mine").mkdir()
    (tmp_path / "models of mine/tiny.gguf").write_bytes(b"")
    (tmp_path / "models of mine/notes.txt").write_bytes(b"")
    assert asked(cli, "tempkit run -m gguf:./mod") == ["./models\\ of\\ mine/", "nospace"]
    assert asked(cli, "tempkit run -m gguf:./models\\ of\\ mine/") == ["./models\\ of\\ mine/tiny.gguf"]


def test_a_database_is_only_looked_into(cli: Cli, runs: None, tmp_path: Path) -> None:
    database = tmp_path / "tempkit.db"
    before = database.read_bytes()
    there = sorted(path.name for path in tmp_path.iterdir())
    tmp_path.chmod(0o500)
    try:
        assert "plain" in asked(cli, "tempkit show ")
    finally:
        tmp_path.chmod(0o700)
    assert database.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == there


@pytest.mark.parametrize(
    "content",
    [None, b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000],
    ids=["none", "empty", "text", "broken"],
)
def test_what_cannot_be_read_completes_to_nothing(cli: Cli, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "tempkit.db").write_bytes(content)
    assert asked(cli, "tempkit show ") == []
    assert asked(cli, "tempkit run -m gguf:/nowhere/") == []
    assert (tmp_path / "tempkit.db").exists() == (content is not None)
    if content is not None:
        assert (tmp_path / "tempkit.db").read_bytes() == content
    assert asked(cli, "tempkit show ", TEMPKIT_DB="postgresql://nobody@127.0.0.1:1/x") == []
    assert asked(cli, "tempkit show ", TEMPKIT_DB="mysql://127.0.0.1/x") == []


def test_another_programs_database_has_no_runs(cli: Cli, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "tempkit.db") as connection:
        connection.execute("create table run (id, title)")
    connection.close()
    assert asked(cli, "tempkit show ") == []


def test_names_that_a_terminal_would_obey_are_not_offered(cli: Cli, runs: None, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "tempkit.db") as connection:
        connection.execute("update run set name = 'pl' || char(27) || ']0;x' where name = 'plain'")
    connection.close()
    assert asked(cli, "tempkit show pl") == []


def test_every_command_is_completed(cli: Cli) -> None:
    assert asked(cli, "tempkit ") == tempkit.list_commands(click.Context(tempkit))
