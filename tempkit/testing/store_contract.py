"""What every database must do alike: one class of tests, run over an SQLite file and over a PostgreSQL server.

A subclass says where: two fixtures give a place where nothing is yet, and an empty store.
"""

import random
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tempkit.store import CellSummary, RunRecord, Store
from tempkit.testing import store_samples as samples
from tempkit.testing.store_growth import GrowthContract
from tempkit.testing.store_outcomes import OutcomesContract
from tempkit.testing.store_runs import RunsContract
from tempkit.testing.store_upkeep import UpkeepContract
from tempkit.types import TokenLogprob

__all__ = ["StoreContract"]

_PATIENCE_S = 300
"""After which a writer is taken to hang."""

_WRITER = """
import sys
from tempkit.store import Store
from tempkit.testing import store_samples as samples
target, replicates = sys.argv[1], [int(word) for word in sys.argv[2].split(",")]
with Store.open(target) as store:
    run = store.find_run("latest")
    print("ready", flush=True)
    sys.stdin.readline()
    for replicate in replicates:
        wanted = [key for key in samples.keys(store.load_plan(run.id)) if key.replicate == replicate]
        store.add(run.id, [samples.completion(key) for key in wanted])
"""


class StoreContract(RunsContract, OutcomesContract, GrowthContract, UpkeepContract):
    """Derive a class whose name begins with `Test`, with the fixtures `new_target` and `target`."""

    # Summary

    def test_a_summary_of_known_numbers(self, store: Store, run: RunRecord) -> None:
        zero, one, two, *_ = [key for key in samples.keys(samples.plan()) if key.item == "ideas/1"]
        store.add(
            run.id,
            [
                samples.completion(zero, tokens=1, text="same"),
                samples.completion(one, tokens=3, text="same"),
                samples.failure(two),
            ],
        )
        first, second, *_ = store.summary(run.id)
        assert first == CellSummary(
            model="scripted:a",
            temperature=0.0,
            n=2,
            distinct_texts=1,
            mean_logprob=(-0.25 + -0.25 - 0.375 - 0.5) / 4,  # by token, not by completion
            mean_entropy=(0.5 + 0.5 + 0.75 + 1.0) / 4,
            logprob_kind="raw",
            tokens=4,
            truncated=1,
            failures=1,
        )
        assert second == CellSummary(
            model="scripted:a",
            temperature=0.7,
            n=0,
            distinct_texts=0,
            mean_logprob=None,
            mean_entropy=None,
            logprob_kind="none",
            tokens=0,
            truncated=0,
            failures=0,
        )

    def test_cells_come_in_the_order_of_models_then_temperatures(self, store: Store, run: RunRecord) -> None:
        assert [(cell.model, cell.temperature) for cell in store.summary(run.id)] == [
            (model, temperature) for model in ("scripted:a", "lab server") for temperature in (0.0, 0.7, 1.3)
        ]

    def test_the_same_text_of_two_items_is_two_texts(self, store: Store, run: RunRecord) -> None:
        wanted = [key for key in samples.keys(samples.plan()) if (key.temperature, key.replicate) == (0.0, 0)]
        store.add(run.id, [samples.completion(key, text="same") for key in wanted])
        assert [cell.distinct_texts for cell in store.summary(run.id)] == [3, 0, 0, 3, 0, 0]

    def test_logprobs_of_two_kinds_are_never_averaged(self, store: Store, run: RunRecord) -> None:
        a, b, *_ = samples.keys(samples.plan())
        store.add(run.id, [samples.completion(a), samples.completion(b, logprob_kind="tempered")])
        cell = store.summary(run.id)[0]
        assert (cell.logprob_kind, cell.mean_logprob) == ("mixed", None)

    def test_an_entropy_known_for_some_tokens_only_has_no_mean(self, store: Store, run: RunRecord) -> None:
        a, b, *_ = samples.keys(samples.plan())
        tokens = (TokenLogprob("a", -1.0, entropy=None),)
        store.add(run.id, [samples.completion(a), replace(samples.completion(b), tokens=tokens)])
        cell = store.summary(run.id)[0]
        assert cell.mean_entropy is None
        assert cell.mean_logprob is not None

    def test_tokens_are_counted_by_the_model_or_else_by_rows(self, store: Store, run: RunRecord) -> None:
        a, b, c, *_ = samples.keys(samples.plan())
        store.add(
            run.id,
            [
                samples.completion(a, tokens=2, output_tokens=5),
                samples.completion(b, tokens=3, output_tokens=None),
                samples.completion(c, tokens=0, output_tokens=None, logprob_kind="raw"),
            ],
        )
        assert store.summary(run.id)[0].tokens == 5 + 3

    def test_the_summary_agrees_with_plain_python(self, store: Store, run: RunRecord) -> None:
        rng = random.Random(3)
        stored = []
        for key in samples.keys(samples.plan()):
            if rng.random() < 0.7:
                tokens = tuple(
                    TokenLogprob("x", -rng.random(), entropy=rng.random()) for _ in range(rng.randrange(1, 6))
                )
                finish = rng.choice(["stop", "length"])
                made = samples.completion(key, text=rng.choice("ab"), finish_reason=finish)
                stored.append(replace(made, tokens=tokens, output_tokens=len(tokens)))
        store.add(run.id, stored)
        for cell in store.summary(run.id):
            mine = [
                one
                for one in stored
                if (one.key.model, one.key.temperature) == (cell.model, cell.temperature)
            ]
            in_all = [token for one in mine for token in one.tokens]
            logprobs = [token.logprob for token in in_all if token.logprob is not None]
            entropies = [token.entropy for token in in_all if token.entropy is not None]
            assert len(logprobs) == len(entropies) == len(in_all)
            assert cell.n == len(mine)
            assert cell.distinct_texts == len({(one.key.item, one.text) for one in mine})
            assert cell.truncated == sum(one.finish_reason == "length" for one in mine)
            assert cell.tokens == len(in_all)
            assert cell.mean_logprob == pytest.approx(statistics.fmean(logprobs))
            assert cell.mean_entropy == pytest.approx(statistics.fmean(entropies))

    # Several processes

    def test_two_processes_write_one_run(self, target: str, store: Store) -> None:
        plan = samples.plan(repeat=12)
        run = store.create_run(plan, {}, version="0", environment={})
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, target, replicates],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for replicates in ("0,2,4,6,8,10", "1,3,5,7,9,11")
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        for writer in writers:
            _, errors = writer.communicate(timeout=_PATIENCE_S)
            assert (writer.returncode, errors) == (0, "")
        assert store.done(run.id) == set(samples.keys(plan))

    def test_opening_a_new_database_several_times_at_once(self, new_target: str) -> None:
        with ThreadPoolExecutor(4) as pool:
            for store in pool.map(lambda _: Store.open(new_target), range(4)):
                assert store.runs() == []
                store.close()

    def test_runs_of_one_name_begun_at_once_get_different_names(self, target: str, store: Store) -> None:
        with Store.open(target) as other, ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda n: self.add_run((store, other)[n % 2], "same").name, range(8)))
        assert sorted(made) == sorted(["same", *(f"same-{n}" for n in range(2, 9))])
