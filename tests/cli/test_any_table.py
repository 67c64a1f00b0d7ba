"""Any table of scores through the real commands: each says something of it or refuses it in one line, and prints no number that is none."""

import csv
import json
import math
import re
from collections.abc import Callable
from itertools import count, product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from support import Cli, CliResult

pytestmark = pytest.mark.slow

NO_NUMBER = re.compile(r"(?<![\w'-])(nan|[+-]?inf|infinity|None)(?![\w'-])")
"""As a word of its own; a program's way to write what is no number."""

Cell = Callable[[int, float, int], float | None]
"""A score by item, temperature and replicate; None: an empty cell."""

KINDS: dict[str, Cell] = {
    "all right": lambda i, t, r: 1,
    "all wrong": lambda i, t, r: 0,
    "all equal": lambda i, t, r: 0.3,
    "right but one": lambda i, t, r: int((i, t, r) != (0, 0.5, 0)),
    "right or wrong": lambda i, t, r: (i * 7 + int(t * 4) * 3 + r * 5) % 3 % 2,
    "continuous": lambda i, t, r: math.sin(i * 2.3 + t * 1.7 + r * 5.1),
    "huge": lambda i, t, r: math.sin(i * 2.3 + t * 1.7 + r * 5.1) * 1e99,
    "tiny": lambda i, t, r: math.sin(i * 2.3 + t * 1.7 + r * 5.1) * 1e-99,
    "smallest": lambda i, t, r: (i + r) * 5e-324,
    "huge and tiny": lambda i, t, r: 1e99 if t else 1e-99,
    "percentages": lambda i, t, r: 90 - 10 * t + i,
    "nothing": lambda i, t, r: None,
    "one value": lambda i, t, r: 0.5 if (i, t, r) == (0, 0.5, 0) else None,
    "one temperature": lambda i, t, r: 0.1 * i if t == 0 else None,
    "no common item": lambda i, t, r: 0.1 * r if i % 2 == (t > 0) else None,
    "one item": lambda i, t, r: t + r if i == 0 else None,
}

NAMES = ("mine", "accuracy", "check_pass", "fact_recall", "perplexity", "loop")
GRIDS: tuple[tuple[float, ...], ...] = ((0.5,), (0, 0.5, 1), (0.5, 1.5), (0, 0.5, 1, 1.5, 2))


def written(
    folder: Path, columns: dict[str, str], items: int, temperatures: tuple[float, ...], replicates: int
) -> Path:
    path = folder / "t.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["item", "model", "temperature", "replicate", *columns])
        for i, t, r in product(range(items), temperatures, range(replicates)):
            table.writerow([f"q{i}", "m", t, r, *(KINDS[kind](i, t, r) for kind in columns.values())])
    return path


def held(done: CliResult, command: tuple[str, ...]) -> bool:
    """Hold what a command did to what any may do; return whether it did what was asked."""
    assert "Traceback" not in done.out + done.err, command
    assert not NO_NUMBER.search(done.out + done.err), (command, done.out, done.err)
    lines = done.err.splitlines()
    if done.code == 0:
        assert all(line.startswith(("note: ", "warning: ")) for line in lines), (command, done.err)
        assert done.out, command
        return True
    assert done.code in (1, 2), (command, done.err)
    assert len(lines) == 1, (command, done.err, done.out)
    assert lines[0].startswith("error: "), command
    if "--json" in command:
        assert json.loads(done.out)["error"]["message"] in lines[0]
    else:
        assert done.out == "", command
    return False


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} in JSON")


NUMBERS = count()


def everything_is_said(cli: Cli, folder: Path, measures: tuple[str, ...], margin: float, policy: str) -> None:
    """Import a table and ask all that can be asked of it."""
    database = f"{next(NUMBERS)}.db"
    named = ("--name", "any", "--db", database)

    def ask(*command: str) -> CliResult | None:
        done = cli(*command, *(named if command[0] == "import" else named[2:]))
        return done if held(done, command) else None

    if ask("import", "t.csv") is None:
        return
    for command in ("recommend", "trends", "show"):
        assert ask(command, "any") is not None
        answered = ask(command, "any", "--json")
        assert answered is not None
        json.loads(answered.out, parse_constant=refuse)
    assert ask("report", "any", "-o", "page.html") is not None
    for measure in measures:
        judged = ("--measure", measure, "--margin", repr(margin))
        for scope in ("items-like-these", "these-items"):
            asked = ("recommend", "any", *judged, "--scope", scope)
            said, data = ask(*asked), ask(*asked, "--json")
            assert (said is None) == (data is None)
            if data is not None:
                (found,) = json.loads(data.out, parse_constant=refuse)["decisions"]
                assert found["grade"] in ("shown", "likely", "guess", "none")
                assert (found["grade"] == "none") or found["pick"] is not None
        ask("recommend", "any", *judged, "--policy", policy, "--json")
        done = cli("topup", "any", *judged, "-n", "2", "--db", database)
        assert not held(done, ("topup",))
        assert done.code == 2
    ask("report", "any", "-o", "page.html", "--measure", measures[0], "--margin", repr(margin))
    assert not NO_NUMBER.search(seen_of((folder / "page.html").read_text()))


def seen_of(page: str) -> str:
    """Return the text of a page without its programs and styles."""
    without = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", without)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_of_one_kind(cli: Cli, tmp_path: Path, kind: str) -> None:
    written(tmp_path, {"mine": kind, "check_pass": "right or wrong"}, 6, (0, 0.5, 1), 2)
    everything_is_said(cli, tmp_path, ("mine",), 0.05, "best-of:2")


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller table takes as long as this one
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(list(KINDS)), min_size=1, max_size=3),
    st.sampled_from([1, 2, 4, 5, 7]),
    st.sampled_from(GRIDS),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([0.05, 0.5, 1e-300, 1e98]),
    st.sampled_from(["best-of:2", "majority:3", "all-of:2", "single"]),
)
@example({"mine": "huge and tiny"}, 1, (0.5,), 1, 0.05, "best-of:2")
@example({"accuracy": "nothing"}, 1, (0.5,), 2, 0.5, "majority:3")
def test_a_table_of_any_kinds(
    cli: Cli,
    tmp_path: Path,
    columns: dict[str, str],
    items: int,
    temperatures: tuple[float, ...],
    replicates: int,
    margin: float,
    policy: str,
) -> None:
    written(tmp_path, columns, items, temperatures, replicates)
    everything_is_said(cli, tmp_path, tuple(columns), margin, policy)
