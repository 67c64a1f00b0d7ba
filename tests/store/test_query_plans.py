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
