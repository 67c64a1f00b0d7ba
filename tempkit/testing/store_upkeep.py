"""What every database must do alike when it is looked after: names and notes, runs copied in and out, deleted, and checked."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tempkit.errors import StoreError
from tempkit.store import RunRecord, Store, look_into, look_over
from tempkit.testing import store_samples as samples
from tempkit.testing.store_fixtures import StoreFixtures
from tempkit.types import Outcome, Rating, Score

__all__ = ["UpkeepContract"]


def contents(store: Store, run: RunRecord) -> dict[str, Any]:
    """Return all that a run holds, but for its name and id."""
    outcomes: Sequence[Outcome] = [
        *store.completions(run.id, tokens=True),
        *store.failures(run.id, standing=False),
    ]
    return {
        "record": replace(run, id="", name="", status="finished"),
        "plan": store.load_plan(run.id),
        "infos": store.model_infos(run.id),
        "outcomes": outcomes,
        "scores": store.scores(run.id),
        "blocks": store.scored_blocks(run.id),
        "ratings": store.ratings(run.id),
        "batches": store.batches(run.id),
        "looks": store.looks(run.id),
        "exact": store.exact(run.id),
        "sheets": store.sheets(run.id),
        "summary": store.summary(run.id),
    }


def write_rated(path: Path) -> None:
    """Write a database with a run that has something in every table."""
    samples.write_release(path)
    with Store.open(path) as store:
        (run,) = store.runs()
        (key, *_) = samples.keys(samples.plan())
        score = Score(
            item=key.item, model=key.model, temperature=key.temperature, replicate=key.replicate,
            measure="m", version="1", value=-0.5,
        )  # fmt: skip
        store.replace_scores(run.id, (key.item, key.model), [score], signature="s", completions=1)
        store.import_scores(run.id, [replace(score, version="imported", value=None)])
        store.add_ratings(run.id, [Rating(sample=key, rater="Ünï", measure="q", value=1.0, comment="\x00?")])


class UpkeepContract(StoreFixtures):
    def test_a_run_is_renamed(self, store: Store, run: RunRecord) -> None:
        assert store.rename(run.id, "größer 2").name == "größer 2"
        assert store.find_run("größer").id == run.id
        assert store.rename(run.id, "größer 2").name == "größer 2"
        other = self.add_run(store, "other")
        with pytest.raises(StoreError, match=r"there is a run 'other' .* already: write another name"):
            store.rename(run.id, other.name)
        for name in ("", "latest", " x", "x\n", "a\x00"):
            with pytest.raises(StoreError, match="cannot be a run's name"):
                store.rename(run.id, name)
        with pytest.raises(StoreError, match="no run with the id 'x'"):
            store.rename("x", "y")

    def test_a_note_is_kept_until_it_is_taken_away(self, store: Store, run: RunRecord) -> None:
        assert run.note is None
        for note in ("first", 'ünï\n"second"', None):
            store.set_note(run.id, note)
            assert store.find_run(run.id).note == note
        store.set_note(run.id, "\x00\ud800")
        assert store.find_run(run.id).note == "\\x00\\ud800"

    def test_a_run_is_copied_with_everything(self, store: Store, tmp_path: Path) -> None:
        self.add_run(store, "in the way of numbers")
        write_rated(tmp_path / "other.db")
        before = (tmp_path / "other.db").read_bytes()
        (done,) = store.merge(tmp_path / "other.db")
        assert (done.state, done.run, done.completions, done.completions_here, done.interrupted) == (
            "added", "facts-and-ideas", 53, 53, False,
        )  # fmt: skip
        assert (tmp_path / "other.db").read_bytes() == before
        with Store.open(tmp_path / "other.db") as other:
            (run,) = other.runs()
            expected = contents(other, run)
        here = store.find_run(done.id)
        assert here.id == run.id
        assert contents(store, here) == expected
        # The sample that a batch owes can still come.
        never = samples.keys(samples.plan())[-1]
        store.add(here.id, [samples.completion(never, batch="batch_1")])
        assert store.find_run(done.id).completions == 54

    def test_runs_go_to_another_database_and_come_back(
        self, store: Store, target: str, tmp_path: Path
    ) -> None:
        write_rated(tmp_path / "first.db")
        store.merge(tmp_path / "first.db")
        (run,) = store.runs()
        expected = contents(store, run)
        with Store.open(tmp_path / "copy.db") as copy:
            assert [each.state for each in copy.merge(target)] == ["added"]
            assert contents(copy, copy.find_run(run.id)) == expected
        store.delete([run.id])
        assert store.runs() == []
        assert [each.state for each in store.merge(tmp_path / "copy.db")] == ["added"]
        assert contents(store, store.find_run(run.id)) == expected

    def test_the_same_run_is_known_again_and_left_alone(self, store: Store, tmp_path: Path) -> None:
        samples.write_release(tmp_path / "other.db")
        store.merge(tmp_path / "other.db")
        (run,) = store.runs()
        store.rename(run.id, "mine")
        store.add(run.id, [samples.completion(samples.keys(samples.plan())[-1])])
        (again,) = store.merge(tmp_path / "other.db")
        assert (again.state, again.run, again.named, again.completions, again.completions_here) == (
            "here_already", "mine", "facts-and-ideas", 53, 54,
        )  # fmt: skip
        assert len(store.runs()) == 1

    def test_a_name_and_an_id_that_are_taken_are_renewed(
        self, store: Store, run: RunRecord, tmp_path: Path
    ) -> None:
        with Store.open(tmp_path / "other.db") as other:
            theirs = self.add_run(other, run.name)
            _set_id(tmp_path / "other.db", theirs.id, run.id)
            other.add(run.id, samples.outcomes(samples.plan()))
        (done,) = store.merge(tmp_path / "other.db")
        assert (done.run, done.named, done.was) == ("facts-and-ideas-2", run.name, run.id)
        assert done.id != run.id
        assert (store.find_run(run.id).completions, store.find_run(done.id).completions) == (0, 53)

    def test_a_run_that_goes_on_elsewhere_is_interrupted_here(self, store: Store, tmp_path: Path) -> None:
        with Store.open(tmp_path / "other.db") as other:
            going = self.add_run(other, "going on")
            other.add(going.id, [samples.completion(samples.keys(samples.plan())[0])])
            (done,) = store.merge(tmp_path / "other.db")
            assert other.find_run(going.id).status == "running"
        assert done.interrupted
        assert store.find_run(done.id).status == "interrupted"
        rest = set(samples.keys(samples.plan())) - store.done(done.id)
        store.add(done.id, [samples.completion(key) for key in sorted(rest)])
        assert store.find_run(done.id).completions == 54

    def test_nothing_is_copied_of_a_database_that_breaks_off(self, store: Store, tmp_path: Path) -> None:
        with Store.open(tmp_path / "other.db") as other:
            self.add_run(other, "first")
            second = self.add_run(other, "second")
            other.add(second.id, samples.outcomes(samples.plan()))
        with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
            connection.execute("UPDATE completion SET params = '{broken' WHERE id = 40")
        with pytest.raises(StoreError, match=r"other.db is damaged"):
            store.merge(tmp_path / "other.db")
        assert store.runs() == []

    def test_a_database_is_not_merged_into_itself(self, store: Store, target: str) -> None:
        with pytest.raises(StoreError, match="is this database itself"):
            store.merge(target)

    def test_a_deleted_run_takes_its_rows_with_it_and_no_others(self, store: Store, tmp_path: Path) -> None:
        write_rated(tmp_path / "other.db")
        store.merge(tmp_path / "other.db")
        (gone,) = store.runs()
        stays = self.add_run(store, "stays")
        store.add(stays.id, samples.outcomes(samples.plan()))
        expected = contents(store, store.find_run(stays.id))
        store.delete([gone.id])
        assert contents(store, store.find_run(stays.id)) == expected
        assert [run.id for run in store.runs()] == [stays.id]
        store.delete([stays.id])
        store.vacuum()

    def test_what_there_is_and_whether_it_is_sound(self, store: Store, target: str, tmp_path: Path) -> None:
        write_rated(tmp_path / "other.db")
        store.merge(tmp_path / "other.db")
        self.add_run(store, "unfinished")
        found = look_over(target)
        assert (found.runs, found.unfinished, found.schema) == (2, 1, found.newest_schema)
        rows = {table.table: table.rows for table in found.tables}
        assert (rows["run"], rows["completion"], rows["token"], rows["rating"]) == (2, 53, 159, 1)
        assert all((table.bytes or 0) > 0 for table in found.tables)
        assert found.bytes >= sum(table.bytes or 0 for table in found.tables) * 0.5
        assert look_into(target) == []
        (run, _) = sorted(store.runs(), key=lambda each: each.status)
        assert store.last_written(run.id) >= run.created_at


def _set_id(path: Path, was: str, id_: str) -> None:
    """Give a run without answers another id, which no method does."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in (
            "UPDATE prompt SET run_id = ? WHERE run_id = ?",
            "UPDATE item SET run_id = ? WHERE run_id = ?",
            "UPDATE model SET run_id = ? WHERE run_id = ?",
            "UPDATE run SET id = ? WHERE id = ?",
        ):
            connection.execute(statement, (id_, was))
