"""One shape of JSON for all commands: an object, with what printed it and of which run it is; errors in it, too.

That each command prints what docs/schemas says is held wherever a test asks for JSON (`conftest.cli`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from json_schemas import FOLDER, as_documented, validator
from json_types import FILE, written
from jsonschema import Draft202012Validator, ValidationError
from support import ROOT, Cli

from tempkit import __version__
from tempkit.cli import cli as tempkit
from tempkit.cli.json_out import FORMAT

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
    "-q",
    "--use-case",
    "code",
)


def commands() -> dict[str, click.Command]:
    context = click.Context(tempkit)
    found = {name: tempkit.get_command(context, name) for name in tempkit.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def has_json(command: click.Command) -> bool:
    """Whether a command takes --json, or all that are below it do."""
    if isinstance(command, click.Group):
        return all(map(has_json, command.commands.values()))
    return any("--json" in parameter.opts for parameter in command.params)


def test_every_command_that_prints_data_has_json_and_a_schema() -> None:
    with_json = {name for name, each in commands().items() if has_json(each)}
    assert set(commands()) - with_json == {"completion", "help"}
    assert {path.stem for path in FOLDER.glob("*.json")} == with_json | {"common", "types"}


def test_the_schemas_of_records_are_those_of_the_code() -> None:
    """Where this fails, tests/json_types.py says how to write them anew."""
    assert FILE.read_text(encoding="utf-8") == written()


def objects(schema: object) -> Iterator[dict[str, Any]]:
    """Yield every schema of an object in a schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


def test_schemas_say_what_is_in_each_object() -> None:
    """All names of it, or what all that it holds is; what other programs and backends say is theirs."""
    loose = [
        (path.stem, sorted(each.get("properties", {})))
        for path in sorted(FOLDER.glob("*.json"))
        for each in objects(json.loads(path.read_text(encoding="utf-8")))
        if each.get("additionalProperties") is None
    ]
    assert loose == []
    empty = [
        (path.stem, name)
        for path in sorted(FOLDER.glob("*.json"))
        for each in objects(json.loads(path.read_text(encoding="utf-8")))
        for name, inner in each.get("properties", {}).items()
        if inner == {} or inner == {"type": "array"}
    ]
    assert empty == []


def test_schemas_are_schemas() -> None:
    for path in sorted(FOLDER.glob("*.json")):
        Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_a_schema_refuses_what_it_does_not_describe(cli: Cli) -> None:
    cli(*RUN)
    found = as_documented(cli("show", "--json").out)
    for wrong in (
        {**found, "more": 1},
        {key: value for key, value in found.items() if key != "run"},
        {**found, "run": {**found["run"], "id": "r"}},
        {**found, "tempkit": {**found["tempkit"], "format": FORMAT + 1}},
        [found],
    ):
        with pytest.raises(ValidationError):
            validator("show").validate(wrong)


@pytest.mark.parametrize(
    "args",
    [
        ("show", "r"),
        ("recommend", "r"),
        ("trends", "r"),
        ("measure", "r"),
        ("topup", "r", "-n", "1"),
        ("run", "--resume", "r"),
        ("exact", "r"),
        ("rate", "r", "--results"),
        ("choose", "Say it.", "-m", "scripted:words", "--expect", "the", "-t", "0,1", "--no-report"),
    ],
    ids=lambda args: args[0],
)
def test_what_is_of_a_run_says_which(cli: Cli, args: tuple[str, ...]) -> None:
    cli(*RUN)
    done = cli(*args, "--json")
    found = json.loads(done.out)
    assert list(found)[:2] == ["tempkit", "run"]
    assert found["tempkit"] == {"version": __version__, "format": FORMAT, "command": args[0]}
    listed = json.loads(cli("runs", "--json").out)["runs"]
    assert found["run"] == listed[0]


def test_the_columns_of_a_table_have_their_names_in_json(cli: Cli) -> None:
    cli(*RUN)
    head = next(line for line in cli("show").out.splitlines() if " model " in line).split()
    (cell, *_) = json.loads(cli("show", "--json").out)["cells"]
    assert ["temperature" if name == "T" else name for name in head] == list(cell)


def test_there_is_one_object_of_every_other_kind(cli: Cli, tmp_path: Path) -> None:
    """Of the commands that no other test asks for JSON; what they print is held to its schema by the fixture."""
    cli(*RUN)
    (tmp_path / "exam.csv").write_text("item,model,temperature,accuracy\nq,m,0,1\nq,m,1,0\n")
    for args in (
        ("import", "exam.csv"),
        ("runs",),
        ("report", "r", "-o", "x.md"),
        ("report", "--list-templates"),
        ("export", "r", "-o", "x.csv"),
        ("models",),
        ("models", "--check-table"),
        ("models", "scripted:words"),
        ("run", "Say it.", "-m", "scripted:words", "--dry-run"),
        ("choose", "Say it.", "-m", "scripted:words", "--expect", "the", "--dry-run"),
        ("judge", "r", "-m", "scripted:words", "--rubric", "x", "--dry-run"),
        ("rate", "r", "-o", "x.html", "--pairs", "2"),
        ("init", "chatbot"),
        ("doctor",),
    ):
        done = cli(*args, "--json")
        assert done.code == 0, (args, done.err)
        assert isinstance(json.loads(done.out), dict)


@pytest.mark.parametrize(
    ("args", "code", "kind", "message", "hint"),
    [
        (("show", "nothing"), 1, "store", "no database at tempkit.db", None),
        (("show", "--jsn"), 2, "usage", "No such option '--jsn'", "tempkit show --help"),
        (("run", "x.prompty", "-m", "scripted:words"), 1, "prompt", "x.prompty: prompt file not found", None),
        (
            ("run", "Say it.", "-m", "scriptd:words"),
            1,
            "backend",
            "unknown backend 'scriptd'",
            "did you mean 'scripted'",
        ),
        (("rnu",), 2, "usage", "no command 'rnu'", "tempkit --help"),
        (("recommend", "--policy", "none"), 2, "usage", "--policy", None),
        (("export",), 2, "usage", "export to which file?", None),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_an_error_is_an_object_too_and_stderr_keeps_its_line(
    cli: Cli, args: tuple[str, ...], code: int, kind: str, message: str, hint: str | None
) -> None:
    done = cli(*args, "--json")
    found = as_documented(done.out)["error"]
    assert (done.code, found["code"], found["kind"], found["hint"]) == (code, code, kind, hint)
    assert found["message"].startswith(message)
    assert done.err.startswith(f"error: {found['message']}")
    assert done.err.count("\n") == 1
    plain = cli(*args)
    assert (plain.code, plain.out) == (code, "")


def test_json_that_is_no_option_asks_for_none(cli: Cli) -> None:
    done = cli("show", "--", "--json")
    assert (done.code, done.out) == (1, "")


def test_a_fault_of_ours_is_an_object_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nobody")

    monkeypatch.setattr("tempkit.store.Store.runs", broken)
    cli(*RUN)
    done = cli("runs", "--json")
    found = as_documented(done.out)["error"]
    assert (done.code, found["code"], found["kind"]) == (1, 1, "unexpected")
    assert "ZeroDivisionError: by nobody" in found["message"]


def test_an_interruption_is_an_object_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli(*RUN)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tempkit.api.report", interrupted)
    done = cli("report", "r", "--json")
    assert (done.code, as_documented(done.out)["error"]["kind"]) == (130, "interrupted")
    assert done.err.strip() == "interrupted"


def test_the_page_names_every_schema() -> None:
    page = (ROOT / "docs/json.md").read_text(encoding="utf-8")
    assert [path.stem for path in FOLDER.glob("*.json") if f"(schemas/{path.name})" not in page] == []
