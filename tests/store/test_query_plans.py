"""What is read of one question, or of some, is found by an index on it: a long run is not walked through for each."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from tempkit.store import RunRecord, Store
from tempkit.testing import store_samples as samples

Read = Callable[[Store, RunRecord], object]
BLOCK = ("facts/zwölf", "lab server")


@pytest.mark.parametrize(
    ("read", "table"),
    [
        (lambda store, run: list(store.completions(run.id, tokens=True, of=BLOCK)), "completion"),
        (lambda store, run: store.scores(run.id, of=BLOCK), "score"),
        (lambda store, run: list(store.each_score(run.id)), "score"),
    ],
    ids=["completions of a block", "scores of a block", "each score"],
)
def test_a_question_is_found_by_its_number(read: Read, table: str, tmp_path: Path) -> None:
    samples.write_release(tmp_path / "tempkit.db")
    asked = []
    with Store.open(tmp_path / "tempkit.db") as store:
        run = store.find_run("latest")
        event.listen(
            store._engine,
            "before_cursor_execute",
            lambda _c, _cursor, text, values, *_: asked.append((text, values)),
        )
        read(store, run)
        with store._read() as connection:
            plans = [
                str(row[3])
                for text, values in list(asked)
                if text.startswith("SELECT")
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            ]
    found = [plan for plan in plans if plan.split()[1] == table]
    assert found
    assert all("item_id=?" in plan or "rowid=?" in plan for plan in found), found


def test_postgresql_reads_the_tokens_of_one_run_alone_for_its_summary(
    postgres_schema: Callable[[], str],
) -> None:
    """Its planner knows nothing of which tokens are a run's, and would read all of them where there are many runs."""
    asked: list[tuple[str, object]] = []
    with Store.open(postgres_schema()) as store:
        for number in range(12):
            plan = samples.plan(f"run {number}", repeat=20)
            run = store.create_run(plan, {}, version="1", environment={})
            store.add(run.id, [samples.completion(key, tokens=25) for key in samples.keys(plan)])
        store.vacuum()
        with store._write() as connection:
            connection.exec_driver_sql("ANALYZE")
        event.listen(
            store._engine,
            "before_cursor_execute",
            lambda _c, _cursor, text, values, *_: asked.append((text, values)),
        )
        cells = store.summary(run.id)
        with store._read() as connection:
            plans = [
                str(line)
                for text, values in list(asked)
                if "token" in text
                for (line,) in connection.exec_driver_sql(f"EXPLAIN {text}", values)
            ]
    assert sum(cell.tokens for cell in cells) == 25 * len(samples.keys(plan))
    assert any("pk_token" in line for line in plans)
    assert not any("Seq Scan on token" in line for line in plans), plans
