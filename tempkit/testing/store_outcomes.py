"""What every database must do alike with the outcomes of a run."""

import math
import random
from collections import Counter
from dataclasses import replace

import pytest

from tempkit.errors import StoreError
from tempkit.store import RunRecord, Store
from tempkit.testing import store_samples as samples
from tempkit.testing.store_fixtures import StoreFixtures
from tempkit.types import SampleKey, TokenLogprob

__all__ = ["OutcomesContract"]


class OutcomesContract(StoreFixtures):
    # Outcomes

    def test_completions_come_back_equal_and_in_order(self, store: Store, run: RunRecord) -> None:
        wanted = [samples.completion(key) for key in samples.keys(samples.plan())]
        shuffled = random.Random(1).sample(wanted, len(wanted))
        for start in range(0, len(shuffled), 7):
            store.add(run.id, shuffled[start : start + 7])
        assert list(store.completions(run.id, tokens=True)) == wanted
        assert list(store.completions(run.id)) == [replace(one, tokens=()) for one in wanted]
        assert list(store.completions(run.id, tokens=True, top=False)) == [
            replace(one, tokens=tuple(replace(token, top=()) for token in one.tokens)) for one in wanted
        ]
        some = {one.key for one in wanted[::3]}
        assert list(store.completions(run.id, tokens=True, top=some)) == [
            one
            if one.key in some
            else replace(one, tokens=tuple(replace(token, top=()) for token in one.tokens))
            for one in wanted
        ]

    def test_many_more_completions_than_one_chunk(self, store: Store) -> None:
        plan = samples.plan(repeat=20)
        run = store.create_run(plan, {}, version="0", environment={})
        store.add(run.id, [samples.completion(key, tokens=1) for key in samples.keys(plan)])
        assert [one.key for one in store.completions(run.id, tokens=True)] == samples.keys(plan)

    def test_who_answered_is_counted_by_prompt_model_and_temperature(
        self, store: Store, run: RunRecord
    ) -> None:
        keys = samples.keys(samples.plan())
        names = [("a-2026", "fp_1"), ("a-2027", None), (None, None)]
        given = [
            samples.completion(key, response_model=name, fingerprint=fingerprint)
            for number, key in enumerate(keys)
            for name, fingerprint in [names[number % 3]]
        ]
        store.add(run.id, given)
        prompt_of = {item.key: item.prompt for item in samples.plan().items}
        wanted = Counter(
            (prompt_of[one.key.item], one.key.model, one.key.temperature, one.response_model, one.fingerprint)
            for one in given
        )
        found = store.answerers(run.id)
        assert {
            (each.prompt, each.model, each.temperature, each.name, each.fingerprint): each.n for each in found
        } == wanted
        assert len(found) == len(wanted)
        assert (found[0].name, found[0].fingerprint) == names[0]
        assert store.answerers(store.create_run(samples.plan(), {}, version="0", environment={}).id) == []

    def test_a_reader_may_write_meanwhile(self, store: Store, run: RunRecord) -> None:
        first, *others = samples.keys(samples.plan())
        store.add(run.id, [samples.completion(key) for key in others])
        seen: list[SampleKey] = []
        for one in store.completions(run.id, tokens=True):
            if not seen:
                store.add(run.id, [samples.completion(first)])
            seen.append(one.key)
        assert seen == others

    def test_numbers_that_no_database_keeps(self, store: Store, run: RunRecord) -> None:
        key = samples.keys(samples.plan())[0]
        token = TokenLogprob("a", math.nan, entropy=math.nan, rank=2**40, token_id=-(2**70))
        store.add(
            run.id,
            [samples.completion(key, tokens=0, input_tokens=10**30, output_tokens=2**31, latency_s=math.nan)],
        )
        other = samples.keys(samples.plan())[1]
        store.add(run.id, [replace(samples.completion(other), tokens=(token, TokenLogprob("b", -math.inf)))])
        first, second = store.completions(run.id, tokens=True)
        assert (first.input_tokens, first.output_tokens, first.latency_s) == (None, None, None)
        assert second.tokens[0].logprob is None
        assert replace(second.tokens[0], logprob=0.0) == TokenLogprob("a", 0.0)
        assert second.tokens[1].logprob == -math.inf
        assert store.summary(run.id)[0].mean_logprob is None

    def test_an_empty_batch_is_nothing(self, store: Store, run: RunRecord) -> None:
        store.add(run.id, [])
        assert store.done(run.id) == set()

    def test_a_duplicate_is_refused_with_its_whole_batch(self, store: Store, run: RunRecord) -> None:
        first, second, third, *_ = samples.keys(samples.plan())
        store.add(run.id, [samples.completion(first), samples.failure(third)])
        with pytest.raises(StoreError) as caught:
            store.add(
                run.id, [samples.completion(second), samples.completion(third), samples.completion(first)]
            )
        assert str(caught.value) == (
            f"another process is writing run {run.id} in {store.where}: nothing of this batch was stored; "
            "wait until it is done, then resume the run"
        )
        assert store.done(run.id) == {first}
        assert store.failed(run.id) == {third}

    # Failures

    def test_failures_come_back_equal(self, store: Store, run: RunRecord) -> None:
        key = samples.keys(samples.plan())[0]
        wanted = samples.failure(
            key, message="line\0one", kind="bad_answer", seed=None, temperature_sent=None
        )
        store.add(run.id, [wanted])
        assert list(store.failures(run.id)) == [replace(wanted, message=r"line\x00one")]
        assert store.failed(run.id) == {key}
        assert store.done(run.id) == set()

    def test_a_completion_ends_a_failure_that_stays_on_record(self, store: Store, run: RunRecord) -> None:
        key, other, *_ = samples.keys(samples.plan())
        store.add(run.id, [samples.failure(key), samples.failure(other)])
        store.add(run.id, [samples.completion(key)])
        assert store.failed(run.id) == {other}
        assert store.done(run.id) == {key}
        assert list(store.failures(run.id)) == [samples.failure(other)]
        assert list(store.failures(run.id, standing=False)) == [samples.failure(key), samples.failure(other)]

    def test_a_second_failure_takes_the_place_of_the_first(self, store: Store, run: RunRecord) -> None:
        key = samples.keys(samples.plan())[0]
        first, second = samples.failure(key), samples.failure(key, kind="server")
        store.add(run.id, [first])
        store.add(run.id, [second])
        assert list(store.failures(run.id)) == [second]
        assert list(store.failures(run.id, standing=False)) == [first, second]
        assert store.runs()[0].failures == 1

    def test_failures_within_one_batch(self, store: Store, run: RunRecord) -> None:
        a, b, c, *_ = samples.keys(samples.plan())
        store.add(run.id, [samples.failure(a), samples.completion(a)])
        store.add(run.id, [samples.failure(b), samples.failure(b, kind="auth")])
        store.add(run.id, [samples.completion(c), samples.failure(c)])
        assert [(one.key, one.kind) for one in store.failures(run.id)] == [(b, "auth")]
        assert len(list(store.failures(run.id, standing=False))) == 4

    def test_a_failure_of_a_completed_sample_does_not_stand(self, store: Store, run: RunRecord) -> None:
        key = samples.keys(samples.plan())[0]
        store.add(run.id, [samples.completion(key)])
        store.add(run.id, [samples.failure(key)])  # another process tried it too
        assert store.failed(run.id) == set()
        assert list(store.failures(run.id, standing=False)) == [samples.failure(key)]

    def test_runs_do_not_mix(self, store: Store, run: RunRecord) -> None:
        other = self.add_run(store, "other")
        key = samples.keys(samples.plan())[0]
        store.add(run.id, [samples.failure(key)])
        store.add(other.id, [samples.completion(key)])
        assert store.failed(run.id) == {key}
        assert store.done(run.id) == set()
        assert store.summary(run.id)[0].n == 0
