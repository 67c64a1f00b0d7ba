"""A number in a database that nothing should have: every command says what it can all the same."""

import json
import math
import shutil
import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import Cli

from tempkit.store.packing import pack_tops

RUN = (
    "run",
    "Name a colour.",
    "Name a tree.",
    "-m",
    "scripted:words",
    "-t",
    "0,0.7,1.3",
    "-n",
    "4",
    "--seed",
    "1",
)
DB = "extreme.db"

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("runs",),
    ("show",),
    ("show", "--json"),
    ("measure",),
    ("recommend",),
    ("recommend", "--json"),
    ("recommend", "--measure", "mean_logprob", "--margin", "0.1", "--direction", "higher"),
    ("trends", "--json"),
    ("topup", "--dry-run", "-n", "2"),
    ("export", "-o", "e.csv"),
    ("export", "-o", "t.jsonl", "--tokens"),
    ("export", "-o", "s.jsonl", "--scores"),
    ("report", "-o", "r.md"),
    ("report", "-o", "r.html"),
)

FLOATS = st.sampled_from(
    (0.0, -0.0, 1e-320, 1e-5, 2e-3, 0.5, 5.0, 1e16, 1e100, 1.1e100, 1e154, 1e200, 1e308, math.inf)
) | st.floats(allow_nan=False)
SIGNED = FLOATS | FLOATS.map(lambda value: -value)
WHOLE = st.sampled_from((0, -1, 1, 2**31, 2**53 + 1, 2**62, 2**63 - 1, -(2**63))) | st.integers(
    -(2**63), 2**63 - 1
)
SINGLE = st.sampled_from(
    (0.0, -0.1, -1.0, -9999.0, -3e38, 3e38, 1.0, math.nan, math.inf, -math.inf)
) | st.floats(width=32)


def packed(logprobs: Sequence[float]) -> bytes:
    """Return a token's alternatives as older databases have them (`tempkit.store.codec`), of any numbers."""
    texts = [f"t{i}".encode() for i in range(len(logprobs))]
    numbers = struct.pack(f"<{len(logprobs)}f", *logprobs)
    return bytes([1, len(logprobs)]) + numbers + bytes(map(len, texts)) + b"".join(texts)


def column(table: str, name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, str, Any]]:
    return st.tuples(st.just(table), st.just(name), values)


CHANGES = st.one_of(
    *(column("token", name, SIGNED) for name in ("logprob", "entropy", "entropy_tempered")),
    column("token", "top", st.lists(SINGLE, min_size=1, max_size=6).map(packed)),
    column("alternatives", "packed", st.lists(SINGLE | SIGNED, min_size=1, max_size=6)),
    column("token", "rank", WHOLE),
    *(column("completion", name, SIGNED) for name in ("latency_s", "cost_usd", "temperature_sent")),
    *(
        column("completion", name, WHOLE)
        for name in ("input_tokens", "output_tokens", "thinking_tokens", "attempts", "seed")
    ),
    column("score", "value", SIGNED),
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn") / DB


@pytest.fixture
def database(drawn: Path, tmp_path: Path, cli: Cli) -> Path:
    """A measured run in the folder where commands run."""
    path = tmp_path / DB
    if not drawn.exists():
        assert cli(*RUN, "--logprobs", "5", "--db", DB).code == 0
        shutil.copy(path, drawn)
    shutil.copy(drawn, path)
    return path


def changed(drawn: Path, path: Path, change: tuple[str, str, Any], every: int) -> None:
    """Put a value into every so manieth row of a fresh copy; as alternatives, numbers beside every token of an answer."""
    table, name, value = change
    shutil.copy(drawn, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        if table != "score":  # so that all is measured anew
            connection.execute("DELETE FROM score")
            connection.execute("DELETE FROM scoring")
        if (table, name) == ("token", "top"):
            connection.execute("DELETE FROM alternatives")
        if table != "alternatives":
            number = "completion_id + position" if table == "token" else "id"
            connection.execute(f"UPDATE {table} SET {name} = ? WHERE ({number}) % ? = 0", (value, every))
            return
        answers = "SELECT completion_id, count(*) FROM token GROUP BY 1 HAVING completion_id % ? = 0"
        for answer, tokens in connection.execute(answers, (every,)).fetchall():
            blob = pack_tops([[(f"t{i}", logprob) for i, logprob in enumerate(value)]] * tokens)
            connection.execute("UPDATE alternatives SET packed = ? WHERE completion_id = ?", (blob, answer))


def strictly(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")


@pytest.mark.slow
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(change=CHANGES, every=st.sampled_from((1, 3)), first=st.integers(0, len(COMMANDS) - 1))
@example(change=("token", "logprob", 1e308), every=1, first=13)
@example(change=("token", "logprob", -math.inf), every=3, first=10)
@example(change=("token", "top", packed([math.nan] * 5)), every=1, first=13)
@example(change=("token", "top", packed([3e38, 1.0, 0.0])), every=3, first=4)
@example(change=("alternatives", "packed", [math.nan] * 5), every=1, first=13)
@example(change=("alternatives", "packed", [1e308, 1.0, -math.inf]), every=3, first=4)
@example(change=("completion", "cost_usd", 1e308), every=1, first=13)
@example(change=("completion", "temperature_sent", math.inf), every=1, first=13)
@example(change=("completion", "output_tokens", 2**62), every=1, first=1)
@example(change=("score", "value", -1e16), every=1, first=13)
@example(change=("score", "value", 1e308), every=1, first=12)
def test_no_value_keeps_a_command_from_saying_the_rest(
    cli: Cli, drawn: Path, database: Path, change: tuple[str, str, Any], every: int, first: int
) -> None:
    changed(drawn, database, change, every)
    for i in (first, first + 5, first + 9):
        command = COMMANDS[i % len(COMMANDS)]
        done = cli(*command, "--db", DB)
        assert done.code == 0, (command, change, done.err)
        assert "this should not happen" not in done.err
        if "--json" in command:
            json.loads(done.out, parse_constant=strictly)
        for written in (name for name in command if name.endswith(".jsonl")):
            for line in (database.parent / written).read_text().splitlines():
                json.loads(line, parse_constant=strictly)


def test_what_is_no_probability_is_missing_with_its_reason(cli: Cli, drawn: Path, database: Path) -> None:
    for change, reason in (
        (("token", "logprob", 5.0), "the logprob of one of its tokens is one that no probability has"),
        (
            ("token", "top", packed([1.0, 0.0])),
            "the alternatives beside one of its tokens have logprobs that no",
        ),
        (
            ("alternatives", "packed", [1.0, 0.0]),
            "the alternatives beside one of its tokens have logprobs that no",
        ),
    ):
        changed(drawn, database, change, every=1)
        assert cli("export", "-o", "s.jsonl", "--scores", "--db", DB).code == 0
        rows = [json.loads(line) for line in (database.parent / "s.jsonl").read_text().splitlines()]
        assert any(str(row.get("reason", "")).startswith(reason) for row in rows), change
        assert any(row.get("value") is not None for row in rows)
