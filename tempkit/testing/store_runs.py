"""What every database must do alike with runs and their plans."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tempkit.errors import StoreError
from tempkit.store import RunRecord, Store
from tempkit.testing import store_samples as samples
from tempkit.testing.store_fixtures import StoreFixtures
from tempkit.types import Item, Message, Prompt, SampleKey

__all__ = ["RunsContract"]


class RunsContract(StoreFixtures):
    def test_opening_again_finds_everything(self, new_target: str) -> None:
        with Store.open(new_target) as store:
            made = self.add_run(store, "x")
        with Store.open(new_target, must_exist=True) as store:
            assert store.runs() == [made]

    # Runs

    def test_a_new_run(self, store: Store, run: RunRecord) -> None:
        assert run.name == run.experiment == "facts-and-ideas"
        assert (run.status, run.finished_at) == ("running", None)
        assert (run.seed, run.repeat, run.temperatures) == (7, 3, (0.0, 0.7, 1.3))
        assert (run.tempkit_version, run.environment) == ("0.1.0", samples.ENVIRONMENT)
        assert (run.planned, run.completions, run.failures) == (3 * 2 * 3 * 3, 0, 0)
        assert len(run.id) == 8
        assert int(run.id, 16) >= 0
        assert store.runs() == [run]

    def test_times_are_utc(self, store: Store, run: RunRecord) -> None:
        assert abs(datetime.now(UTC) - run.created_at) < timedelta(minutes=1)
        assert run.created_at.isoformat().endswith("+00:00")
        store.set_status(run.id, "finished")
        finished_at = store.find_run(run.id).finished_at
        assert finished_at is not None
        assert finished_at.utcoffset() == timedelta(0)
        assert run.created_at <= finished_at <= datetime.now(UTC)

    def test_status(self, store: Store, run: RunRecord) -> None:
        store.set_status(run.id, "interrupted")
        assert (store.find_run(run.id).status, store.find_run(run.id).finished_at) == ("interrupted", None)
        store.set_status(run.id, "finished")
        assert store.find_run(run.id).status == "finished"
        store.set_status(run.id, "running")
        assert store.find_run(run.id).finished_at is None
        with pytest.raises(StoreError, match="no run with the id 'x': `tempkit runs` lists them"):
            store.set_status("x", "finished")

    def test_the_embedder_of_a_run(self, store: Store, run: RunRecord) -> None:
        other = self.add_run(store, "other")
        assert store.find_run(run.id).embedder is None
        store.set_embedder(run.id, samples.EMBEDDER)
        assert store.find_run(run.id).embedder == samples.EMBEDDER
        assert store.find_run(other.id).embedder is None
        store.set_embedder(run.id, None)
        assert store.find_run(run.id).embedder is None
        with pytest.raises(StoreError, match="no run with the id 'x': `tempkit runs` lists them"):
            store.set_embedder("x", samples.EMBEDDER)

    def test_a_taken_name_gets_a_number(self, store: Store) -> None:
        assert [self.add_run(store, "a").name for _ in range(3)] == ["a", "a-2", "a-3"]
        assert self.add_run(store, "latest").name == "latest-2"
        assert store.load_plan(store.find_run("a-3").id).name == store.find_run("a-3").experiment == "a"

    def test_runs_are_listed_newest_first_with_their_counts(self, store: Store, run: RunRecord) -> None:
        second = self.add_run(store, "second")
        store.add(run.id, samples.outcomes(samples.plan()))
        newest, oldest = store.runs()
        assert newest == second
        assert (oldest.planned, oldest.completions, oldest.failures) == (54, 53, 1)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"name": "a\0b"}, r"the run name 'a\x00b' has a character that no database keeps: rename it"),
            (
                {"models": samples.plan().models[:1] * 2},
                "the model label 'scripted:a' occurs twice in the plan: rename one",
            ),
            (
                {"prompts": samples.plan().prompts[:1] * 2},
                "the prompt name 'facts' occurs twice in the plan: rename one",
            ),
        ],
    )
    def test_names_that_could_not_be_found_again_are_refused(
        self, store: Store, change: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(StoreError) as caught:
            store.create_run(replace(samples.plan(), **change), {}, version="0", environment={})
        assert str(caught.value) == message
        assert store.runs() == []

    # Finding a run

    def test_a_run_is_found_by_name_id_beginning_or_as_the_latest(self, store: Store) -> None:
        first, second = self.add_run(store, "alpha"), self.add_run(store, "beta")
        for ref in ("alpha", first.id, first.id[:4], "al", "a" if not second.id.startswith("a") else "alp"):
            assert store.find_run(ref) == first
        assert store.find_run("latest") == second

    def test_an_exact_name_goes_before_any_beginning(self, store: Store) -> None:
        run = self.add_run(store, "a")
        self.add_run(store, "a")
        assert store.find_run("a") == run

    def test_wildcards_mean_themselves(self, store: Store) -> None:
        self.add_run(store, "alpha")
        for ref in ("%", "a_", "", "ALPHA"):
            with pytest.raises(StoreError, match="no run"):
                store.find_run(ref)

    def test_an_unknown_run_names_the_nearest_and_the_newest(self, store: Store) -> None:
        for name in ("one", "two", "three", "four", "five", "six"):
            self.add_run(store, name)
        with pytest.raises(StoreError) as caught:
            store.find_run("thre3")
        assert str(caught.value) == (
            f"no run 'thre3' in {store.where} (did you mean 'three'?): newest are six, five, four, three, two, ..."
        )

    def test_an_ambiguous_beginning_lists_the_candidates(self, store: Store) -> None:
        first, second = self.add_run(store, "ideas"), self.add_run(store, "ideas")
        with pytest.raises(StoreError) as caught:
            store.find_run("ide")
        assert str(caught.value) == (
            f"'ide' may be any of ideas-2 ({second.id}), ideas ({first.id}): write more of the name or id"
        )

    def test_an_empty_store_says_so(self, store: Store) -> None:
        for ref in ("latest", "x"):
            with pytest.raises(StoreError) as caught:
                store.find_run(ref)
            assert str(caught.value) == f"no runs in {store.where} yet: run `tempkit run` first or pass --db"

    # Plans

    def test_a_plan_comes_back_equal(self, store: Store, run: RunRecord) -> None:
        assert store.load_plan(run.id) == samples.plan()
        assert store.model_infos(run.id) == samples.INFOS

    def test_hostile_texts_of_a_plan(self, store: Store) -> None:
        prompt = Prompt(
            name="p",
            description="a\0b",
            path="pr\udcff.md",
            source="\ud800",
            items=(Item(key="k", prompt="p", messages=(Message("user", "a\0b\ud800"),)),),
        )
        plan = replace(samples.plan(), prompts=(prompt,))
        loaded = store.load_plan(store.create_run(plan, {}, version="0", environment={}).id).prompts[0]
        assert (loaded.description, loaded.path, loaded.source) == (r"a\x00b", r"pr\udcff.md", r"\ud800")
        assert loaded.items == prompt.items  # what is sent to a model is exactly the same when resumed

    def test_unknown_ids(self, store: Store, run: RunRecord) -> None:
        for method in (store.load_plan, store.model_infos, store.summary):
            with pytest.raises(StoreError, match="no run with the id 'x': `tempkit runs` lists them"):
                method("x")
        with pytest.raises(StoreError, match="no run with the id 'x'"):
            store.add("x", [samples.failure(samples.keys(samples.plan())[0])])
        with pytest.raises(StoreError) as caught:
            store.add(run.id, [samples.failure(SampleKey("facts/13", "scripted:a", 0.0, 0))])
        assert str(caught.value) == f"run {run.id} has no item or model 'facts/13': its plan is another one"
