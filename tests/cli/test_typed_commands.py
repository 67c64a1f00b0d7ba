"""Commands that are told to be typed: whoever copies one gets the same run, of the same database, judged by the same."""

import re
import shlex
from pathlib import Path

import pytest
from support import Cli

ITEMS = 6
ASKED = [
    (),
    ("--measure", "accuracy", "--margin", "0.05", "--direction", "higher", "--policy", "majority:3"),
]


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> tuple[str, str]:
    """A run with a blank in its name, in a database with one in its; both as options of a command take them."""
    rows = "\n".join(f"- {{id: i{i}, n: {i}, facts: ['a|the|of']}}" for i in range(ITEMS))
    (tmp_path / "rows.yaml").write_text(rows)
    (tmp_path / "p.prompty").write_text(
        "---\nname: p\nmodel: {options: {maxOutputTokens: 24}}\ninputs: [{name: n, kind: integer}]\n"
        "metadata: {tempkit: {use_case: technical-documentation, data: rows.yaml}}\n---\nuser:\nSay {{ n }}.\n"
    )
    done = cli(
        *("run", "p.prompty", "-m", "scripted:words,fail_every=7", "-t", "0,1,2", "-n", "3"),
        *("--name", "my run", "--db", "my runs.db"),
    )
    assert done.code == 3, done.err
    again, look = done.out.splitlines()[1], done.out.splitlines()[-1]
    assert again.endswith("tempkit run --resume 'my run' --retry-errors --db 'my runs.db'")
    assert look == (
        "Look at it: tempkit recommend 'my run' --db 'my runs.db'   or   tempkit report 'my run' --db 'my runs.db'"
    )
    return "my run", "my runs.db"


def typed(text: str) -> list[list[str]]:
    """Return the commands in a text, without what is said of them."""
    lines = re.findall(
        r"^\s*(?:\S+\s+)?(tempkit (?:report|recommend|topup|measure|run) .*?)(?:   |$)", text, re.MULTILINE
    )
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_a_command_of_a_decision_means_the_same(
    asked: tuple[str, ...], cli: Cli, run: tuple[str, str], tmp_path: Path
) -> None:
    name, db = run
    if "accuracy" in asked:
        # None is right, so there are answers to read; nothing that was imported can be topped up.
        rows = [f"q{i},m,{t},{r},blue {r},0" for i in range(6) for t in (0, 1) for r in range(3)]
        name = "my exam"
        (tmp_path / "exam.csv").write_text(
            "\n".join(["item,model,temperature,replicate,text,accuracy", *rows])
        )
        assert cli("import", "exam.csv", "--name", name, "--db", db).code == 0
    done = cli("recommend", name, *asked, "--db", db)
    assert done.code == 0, done.err
    commands = typed(done.out)
    assert commands
    for command in commands:
        assert command[2] == name
        assert command[command.index("--db") + 1] == db
        if command[1] != "measure":  # which measures all that there is
            given = [command[command.index(part) + 1] for part in asked if part.startswith("--")]
            assert given == list(asked[1::2])
        if command[1] == "topup" and name == "my run":
            again = cli(*command[1:], "--dry-run")
            assert again.code == 0, again.err
