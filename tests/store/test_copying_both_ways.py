"""`tempkit db copy` from SQLite to PostgreSQL and back: every value of every table is the same afterwards."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from exporting.odd_store import NAME, add_odd_run
from sqlalchemy import select
from support import Cli

from tempkit.store import Store
from tempkit.store.models import METADATA
from tempkit.store.runs import utc
from tempkit.testing import store_samples as samples
from tempkit.types import Rating, TokenLogprob

FLOATS = (0.0, -0.0, 5e-324, -1e-310, -0.1, -1 / 3, -1e300, -math.inf, math.inf, -0.000123456, 1.5, math.nan)
"""Logprobs that a server may send: no two databases may hold them differently."""
RUNS = ("facts-and-ideas", NAME, "numbers")


def fill(path: Path) -> None:
    """Store three runs with something in every table, and every odd value that there is."""
    samples.write_release(path)
    with Store.open(path) as store:
        release = store.find_run("facts-and-ideas")
        store.replace_scores(release.id, ("facts/zwölf", "lab server"), [], signature="s", completions=9)
        odd = add_odd_run(store)
        key = next(store.completions(odd.id)).key
        said = Rating(
            sample=key, rater="Zoë\u2028", measure="Which?", value=-1e-300, comment="\x00\ud800 'quoted\\"
        )
        store.add_ratings(odd.id, [said, replace(said, value=1e100, comment=None)])
        store.set_status(odd.id, "finished")
        plan = samples.plan("numbers", repeat=1)
        numbers = store.create_run(
            plan,
            samples.INFOS,
            version="0",
            environment={"ü\x00\ud800": [1e-300, None, -0.0, True, "\\u0000"]},
        )
        top = tuple((f"ü{i}\x00\ud800🌡\ufffe", value) for i, value in enumerate(FLOATS))
        tokens = tuple(
            TokenLogprob("\x00\ud800\u2028'\"\\", value, value, 2**31 - 1, top[: i + 1], 0, value)
            for i, value in enumerate(FLOATS)
        )
        first, second, third, *_ = samples.keys(plan)
        odd_answer = replace(
            samples.completion(first), tokens=tokens, seed=-(2**63), latency_s=5e-324, cost_usd=1e308
        )
        store.add(numbers.id, [odd_answer, samples.failure(second), samples.failure(third)])
        store.add(numbers.id, [samples.completion(second)])  # tried again: its failure stands no more
        store.set_status(numbers.id, "interrupted")


def rows(target: Path | str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables but the one on the database itself, as far as two floats or texts can be told apart."""
    found = {}
    with Store.open(target, must_exist=True) as store, store._read() as connection:
        for table in METADATA.sorted_tables:
            if table.name != "store_meta":
                query = select(table).order_by(*table.primary_key.columns)
                found[table.name] = [tuple(map(_plain, row)) for row in connection.execute(query)]
    return found


def _plain(value: Any) -> Any:
    return utc(value) if isinstance(value, datetime) else repr(value)


def test_a_store_of_every_odd_value_goes_to_postgresql_and_back(
    cli: Cli, postgres_schema: Callable[[], str], tmp_path: Path
) -> None:
    server = postgres_schema()
    fill(tmp_path / "first.db")
    first = rows(tmp_path / "first.db")
    assert [name for name, found in first.items() if not found] == [], "a table that nothing was tried of"
    for source, target in (("first.db", server), (server, "last.db")):
        done = cli("db", "copy", "--db", source, "--to", target)
        assert done.code == 0, done.err
        assert done.out.startswith("Copied 3 runs with ")
    assert rows(server) == first
    assert rows(tmp_path / "last.db") == first
    with Store.open(tmp_path / "first.db") as one, Store.open(tmp_path / "last.db") as other:
        for name in RUNS:
            here, there = one.find_run(name), other.find_run(name)
            assert here == there
            assert one.load_plan(here.id) == other.load_plan(there.id)
            assert repr([*one.completions(here.id, tokens=True)]) == repr(
                [*other.completions(there.id, tokens=True)]
            )
            assert one.summary(here.id) == other.summary(there.id)
    again = cli("db", "copy", "--db", server, "--to", "last.db")
    assert again.out.endswith("; 3 were there already.\n"), again.out
    assert rows(tmp_path / "last.db") == first
