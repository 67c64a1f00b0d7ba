"""What every database must do alike: one class, run over SQLite and over a real PostgreSQL."""

import math
import random
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import store_samples as samples
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from support import PATIENCE_S

from tempkit.errors import StoreError
from tempkit.store import CellSummary, RunRecord, Store
from tempkit.store.migrations import known_revisions, upgrade
from tempkit.store.models import METADATA
from tempkit.store.text import storable
from tempkit.types import (
    Budget,
    Check,
    Completion,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    TokenLogprob,
)

_slow_is_fine = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.differing_executors,
    ],
)

_WRITER = """
import sys
import store_samples as samples
from tempkit.store import Store
target, replicates = sys.argv[1], [int(word) for word in sys.argv[2].split(",")]
with Store.open(target) as store:
    run = store.find_run("latest")
    print("ready", flush=True)
    sys.stdin.readline()
    for replicate in replicates:
        wanted = [key for key in samples.keys(store.load_plan(run.id)) if key.replicate == replicate]
        store.add(run.id, [samples.completion(key) for key in wanted])
"""

names = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
columns = names  # text in a text column that needs no replacement
numbers = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
json_objects = st.dictionaries(st.text(), json_values, max_size=3)
messages = st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text())
samplings = st.builds(
    SamplingParams,
    max_tokens=st.integers(1, 10**6),
    top_p=numbers,
    stop=st.lists(st.text(), max_size=2).map(tuple),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    prompt_names = draw(st.lists(names, unique=True, max_size=3))
    item_keys = draw(st.lists(names, unique=True, max_size=6))
    labels = draw(st.lists(names, unique=True, max_size=3))
    of_item = [draw(st.integers(0, max(0, len(prompt_names) - 1))) for _ in item_keys]
    prompts = tuple(
        Prompt(
            name=name,
            description=draw(columns),
            use_case=draw(st.none() | columns),
            language=draw(st.none() | columns),
            path=draw(st.none() | columns),
            source=draw(columns),
            options=draw(json_objects),
            suggested_temperature=draw(st.none() | numbers),
            items=tuple(
                Item(
                    key=key,
                    prompt=name,
                    messages=tuple(draw(st.lists(messages, max_size=2))),
                    variables=draw(json_objects),
                    facts=tuple(draw(st.lists(st.lists(st.text(), max_size=2).map(tuple), max_size=2))),
                    checks=tuple(draw(st.lists(st.builds(Check, st.text(), json_values), max_size=2))),
                )
                for key, prompt in zip(item_keys, of_item, strict=True)
                if prompt == position
            ),
        )
        for position, name in enumerate(prompt_names)
    )
    return Plan(
        name=draw(names),
        prompts=prompts,
        models=tuple(
            ModelSpec(backend=draw(names), name=draw(names), label=label, options=draw(json_objects))
            for label in labels
        ),
        temperatures=tuple(draw(st.lists(st.floats(0, 2), unique=True, max_size=4))),
        repeat=draw(st.integers(1, 100)),
        seed=draw(st.integers(0, 2**31 - 1)),
        sampling={name: draw(samplings) for name in prompt_names},
        budget=Budget(
            usd=draw(st.none() | st.floats(0.01, 1e6)), tokens=draw(st.none() | st.integers(1, 2**31 - 1))
        ),
        use_cases=draw(st.dictionaries(names, st.text(), max_size=2)),
    )


hostile = st.text(alphabet=st.characters(), max_size=30)  # NUL and lone surrogates included
float32 = st.floats(width=32, allow_nan=False)
tokens = st.builds(
    TokenLogprob,
    hostile,
    st.floats(allow_nan=False),
    st.none() | numbers,
    st.none() | st.integers(0, 2**31 - 1),
    st.lists(st.tuples(hostile, float32), max_size=4).map(tuple),
    st.none() | st.integers(0, 2**31 - 1),
)
results = st.builds(
    Completion,
    key=st.just(SampleKey("ideas/1", "lab server", 0.7, 0)),
    seed=st.none() | st.integers(0, 2**31 - 1),
    text=hostile,
    finish_reason=st.sampled_from(["stop", "length", "content_filter", "refusal", "tool_calls", "unknown"]),
    temperature_sent=st.none() | numbers,
    params=json_objects,
    tokens=st.lists(tokens, max_size=4).map(tuple),
    logprob_kind=st.sampled_from(["raw", "tempered", "unknown", "none"]),
    input_tokens=st.none() | st.integers(0, 2**31 - 1),
    output_tokens=st.none() | st.integers(0, 2**31 - 1),
    latency_s=st.none() | numbers,
    response_model=st.none() | hostile,
    fingerprint=st.none() | hostile,
    cost_usd=st.none() | numbers,
    attempts=st.integers(1, 1000),
    thinking=st.none() | hostile,
    thinking_tokens=st.none() | st.integers(0, 2**31 - 1),
)


def as_stored(given_completion: Completion) -> Completion:
    """With what no database keeps replaced visibly."""
    return replace(
        given_completion,
        text=storable(given_completion.text),
        response_model=given_completion.response_model and storable(given_completion.response_model),
        fingerprint=given_completion.fingerprint and storable(given_completion.fingerprint),
        thinking=given_completion.thinking and storable(given_completion.thinking),
        tokens=tuple(
            replace(
                token,
                text=storable(token.text),
                top=tuple((storable(word), logprob) for word, logprob in token.top),
            )
            for token in given_completion.tokens
        ),
    )


class StoreContract:
    @pytest.fixture
    def new_target(self) -> str:
        """A place where nothing is yet."""
        raise NotImplementedError

    @pytest.fixture
    def target(self) -> str:
        """An empty store of ours; made once, because making one is most of a small test's time."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, target: str) -> Iterator[Store]:
        with Store.open(target) as opened:
            yield opened

    @pytest.fixture
    def run(self, store: Store) -> RunRecord:
        return store.create_run(
            samples.plan(), samples.INFOS, version="0.1.0", environment=samples.ENVIRONMENT
        )

    def add_run(self, store: Store, name: str) -> RunRecord:
        return store.create_run(samples.plan(name), {}, version="0", environment={})

    # The schema

    @pytest.mark.parametrize("by_revisions", [False, True])
    def test_models_and_migrations_agree(self, store, by_revisions):
        with store._write() as connection:
            if by_revisions:
                METADATA.drop_all(connection)
                connection.execute(text("DROP TABLE alembic_version"))
                upgrade(connection)
            assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [
                (known_revisions()[-1],)
            ]
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, METADATA) == []

    def test_opening_again_finds_everything(self, new_target):
        with Store.open(new_target) as store:
            made = self.add_run(store, "x")
        with Store.open(new_target, must_exist=True) as store:
            assert store.runs() == [made]

    def test_a_newer_schema_is_refused_with_the_version_to_install(self, new_target):
        with Store.open(new_target) as store:
            where = store.where
            with store._write() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
                connection.execute(text("UPDATE store_meta SET value = '9.8.7' WHERE name = 'written_by'"))
        with pytest.raises(StoreError) as caught:
            Store.open(new_target)
        assert (
            str(caught.value)
            == f"{where} was written by tempkit 9.8.7; install it: pip install 'tempkit>=9.8.7'"
        )

    def test_a_failed_migration_leaves_nothing(self, new_target, monkeypatch):
        from tempkit.store import opening

        def upgrade_halfway(connection):
            connection.execute(text("CREATE TABLE half (id INTEGER)"))
            raise StoreError("power cut")

        with monkeypatch.context() as patched:
            patched.setattr(opening, "create", upgrade_halfway)
            with pytest.raises(StoreError, match="power cut"):
                Store.open(new_target)
        with Store.open(new_target) as store, store._read() as connection:
            tables = MigrationContext.configure(connection).dialect.get_table_names(connection)
        assert "half" not in tables
        assert set(METADATA.tables) <= set(tables)

    # Runs

    def test_a_new_run(self, store, run):
        assert run.name == run.experiment == "facts-and-ideas"
        assert (run.status, run.finished_at) == ("running", None)
        assert (run.seed, run.repeat, run.temperatures) == (7, 3, (0.0, 0.7, 1.3))
        assert (run.tempkit_version, run.environment) == ("0.1.0", samples.ENVIRONMENT)
        assert (run.planned, run.completions, run.failures) == (3 * 2 * 3 * 3, 0, 0)
        assert len(run.id) == 8
        assert int(run.id, 16) >= 0
        assert store.runs() == [run]

    def test_times_are_utc(self, store, run):
        assert abs(datetime.now(UTC) - run.created_at) < timedelta(minutes=1)
        assert run.created_at.isoformat().endswith("+00:00")
        store.set_status(run.id, "finished")
        finished_at = store.find_run(run.id).finished_at
        assert finished_at is not None
        assert finished_at.utcoffset() == timedelta(0)
        assert run.created_at <= finished_at <= datetime.now(UTC)

    def test_status(self, store, run):
        store.set_status(run.id, "interrupted")
        assert (store.find_run(run.id).status, store.find_run(run.id).finished_at) == ("interrupted", None)
        store.set_status(run.id, "finished")
        assert store.find_run(run.id).status == "finished"
        store.set_status(run.id, "running")
        assert store.find_run(run.id).finished_at is None
        with pytest.raises(StoreError, match="no run with the id 'x': `tempkit runs` lists them"):
            store.set_status("x", "finished")

    def test_the_embedder_of_a_run(self, store, run):
        other = self.add_run(store, "other")
        assert store.find_run(run.id).embedder is None
        store.set_embedder(run.id, samples.EMBEDDER)
        assert store.find_run(run.id).embedder == samples.EMBEDDER
        assert store.find_run(other.id).embedder is None
        store.set_embedder(run.id, None)
        assert store.find_run(run.id).embedder is None
        with pytest.raises(StoreError, match="no run with the id 'x': `tempkit runs` lists them"):
            store.set_embedder("x", samples.EMBEDDER)

    def test_a_taken_name_gets_a_number(self, store):
        assert [self.add_run(store, "a").name for _ in range(3)] == ["a", "a-2", "a-3"]
        assert self.add_run(store, "latest").name == "latest-2"
        assert store.load_plan(store.find_run("a-3").id).name == store.find_run("a-3").experiment == "a"

    def test_runs_are_listed_newest_first_with_their_counts(self, store, run):
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
    def test_names_that_could_not_be_found_again_are_refused(self, store, change, message):
        with pytest.raises(StoreError) as caught:
            store.create_run(replace(samples.plan(), **change), {}, version="0", environment={})
        assert str(caught.value) == message
        assert store.runs() == []

    # Finding a run

    def test_a_run_is_found_by_name_id_beginning_or_as_the_latest(self, store):
        first, second = self.add_run(store, "alpha"), self.add_run(store, "beta")
        for ref in ("alpha", first.id, first.id[:4], "al", "a" if not second.id.startswith("a") else "alp"):
            assert store.find_run(ref) == first
        assert store.find_run("latest") == second

    def test_an_exact_name_goes_before_any_beginning(self, store):
        run = self.add_run(store, "a")
        self.add_run(store, "a")
        assert store.find_run("a") == run

    def test_wildcards_mean_themselves(self, store):
        self.add_run(store, "alpha")
        for ref in ("%", "a_", "", "ALPHA"):
            with pytest.raises(StoreError, match="no run"):
                store.find_run(ref)

    def test_an_unknown_run_names_the_nearest_and_the_newest(self, store):
        for name in ("one", "two", "three", "four", "five", "six"):
            self.add_run(store, name)
        with pytest.raises(StoreError) as caught:
            store.find_run("thre3")
        assert str(caught.value) == (
            f"no run 'thre3' in {store.where} (did you mean 'three'?): newest are six, five, four, three, two, ..."
        )

    def test_an_ambiguous_beginning_lists_the_candidates(self, store):
        first, second = self.add_run(store, "ideas"), self.add_run(store, "ideas")
        with pytest.raises(StoreError) as caught:
            store.find_run("ide")
        assert str(caught.value) == (
            f"'ide' may be any of ideas-2 ({second.id}), ideas ({first.id}): write more of the name or id"
        )

    def test_an_empty_store_says_so(self, store):
        for ref in ("latest", "x"):
            with pytest.raises(StoreError) as caught:
                store.find_run(ref)
            assert str(caught.value) == f"no runs in {store.where} yet: run `tempkit run` first or pass --db"

    # Plans

    def test_a_plan_comes_back_equal(self, store, run):
        assert store.load_plan(run.id) == samples.plan()
        assert store.model_infos(run.id) == samples.INFOS

    @_slow_is_fine
    @given(plan=plans(), details=json_objects, digest=st.none() | columns)
    def test_any_plan_comes_back_equal(self, store, plan, details, digest):
        infos = {spec.label: ModelInfo(digest=digest, details=details) for spec in plan.models}
        run = store.create_run(plan, infos, version="0", environment=details)
        assert store.load_plan(run.id) == plan
        assert store.model_infos(run.id) == infos
        assert run.environment == details

    def test_hostile_texts_of_a_plan(self, store):
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

    def test_a_sampling_field_of_a_newer_tempkit_is_not_ignored(self, store, run):
        with store._write() as connection:
            connection.execute(
                text("UPDATE run SET sampling = :s, tempkit_version = '9.9'"), {"s": '{"p": {"top_h": 0.5}}'}
            )
        with pytest.raises(StoreError) as caught:
            store.load_plan(run.id)
        assert str(caught.value) == (
            "run 'facts-and-ideas' sets top_h, which this tempkit does not know: pip install 'tempkit>=9.9'"
        )

    def test_unknown_ids(self, store, run):
        for method in (store.load_plan, store.model_infos, store.summary):
            with pytest.raises(StoreError, match="no run with the id 'x': `tempkit runs` lists them"):
                method("x")
        with pytest.raises(StoreError, match="no run with the id 'x'"):
            store.add("x", [samples.failure(samples.keys(samples.plan())[0])])
        with pytest.raises(StoreError) as caught:
            store.add(run.id, [samples.failure(SampleKey("facts/13", "scripted:a", 0.0, 0))])
        assert str(caught.value) == f"run {run.id} has no item or model 'facts/13': its plan is another one"

    # Outcomes

    def test_completions_come_back_equal_and_in_order(self, store, run):
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

    @_slow_is_fine
    @given(completion=results)
    def test_any_completion_comes_back_equal(self, store, completion):
        run = self.add_run(store, "any")
        store.add(run.id, [completion])
        assert list(store.completions(run.id, tokens=True)) == [as_stored(completion)]

    def test_many_more_completions_than_one_chunk(self, store):
        plan = samples.plan(repeat=20)
        run = store.create_run(plan, {}, version="0", environment={})
        store.add(run.id, [samples.completion(key, tokens=1) for key in samples.keys(plan)])
        assert [one.key for one in store.completions(run.id, tokens=True)] == samples.keys(plan)

    def test_a_reader_may_write_meanwhile(self, store, run):
        first, *others = samples.keys(samples.plan())
        store.add(run.id, [samples.completion(key) for key in others])
        seen = []
        for one in store.completions(run.id, tokens=True):
            if not seen:
                store.add(run.id, [samples.completion(first)])
            seen.append(one.key)
        assert seen == others

    def test_numbers_that_no_database_keeps(self, store, run):
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

    def test_an_empty_batch_is_nothing(self, store, run):
        store.add(run.id, [])
        assert store.done(run.id) == set()

    def test_a_duplicate_is_refused_with_its_whole_batch(self, store, run):
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

    def test_failures_come_back_equal(self, store, run):
        key = samples.keys(samples.plan())[0]
        wanted = samples.failure(
            key, message="line\0one", kind="bad_answer", seed=None, temperature_sent=None
        )
        store.add(run.id, [wanted])
        assert list(store.failures(run.id)) == [replace(wanted, message=r"line\x00one")]
        assert store.failed(run.id) == {key}
        assert store.done(run.id) == set()

    def test_a_completion_ends_a_failure_that_stays_on_record(self, store, run):
        key, other, *_ = samples.keys(samples.plan())
        store.add(run.id, [samples.failure(key), samples.failure(other)])
        store.add(run.id, [samples.completion(key)])
        assert store.failed(run.id) == {other}
        assert store.done(run.id) == {key}
        assert list(store.failures(run.id)) == [samples.failure(other)]
        assert list(store.failures(run.id, standing=False)) == [samples.failure(key), samples.failure(other)]

    def test_a_second_failure_takes_the_place_of_the_first(self, store, run):
        key = samples.keys(samples.plan())[0]
        first, second = samples.failure(key), samples.failure(key, kind="server")
        store.add(run.id, [first])
        store.add(run.id, [second])
        assert list(store.failures(run.id)) == [second]
        assert list(store.failures(run.id, standing=False)) == [first, second]
        assert store.runs()[0].failures == 1

    def test_failures_within_one_batch(self, store, run):
        a, b, c, *_ = samples.keys(samples.plan())
        store.add(run.id, [samples.failure(a), samples.completion(a)])
        store.add(run.id, [samples.failure(b), samples.failure(b, kind="auth")])
        store.add(run.id, [samples.completion(c), samples.failure(c)])
        assert [(one.key, one.kind) for one in store.failures(run.id)] == [(b, "auth")]
        assert len(list(store.failures(run.id, standing=False))) == 4

    def test_a_failure_of_a_completed_sample_does_not_stand(self, store, run):
        key = samples.keys(samples.plan())[0]
        store.add(run.id, [samples.completion(key)])
        store.add(run.id, [samples.failure(key)])  # another process tried it too
        assert store.failed(run.id) == set()
        assert list(store.failures(run.id, standing=False)) == [samples.failure(key)]

    def test_runs_do_not_mix(self, store, run):
        other = self.add_run(store, "other")
        key = samples.keys(samples.plan())[0]
        store.add(run.id, [samples.failure(key)])
        store.add(other.id, [samples.completion(key)])
        assert store.failed(run.id) == {key}
        assert store.done(run.id) == set()
        assert store.summary(run.id)[0].n == 0

    # Summary

    def test_a_summary_of_known_numbers(self, store, run):
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

    def test_cells_come_in_the_order_of_models_then_temperatures(self, store, run):
        assert [(cell.model, cell.temperature) for cell in store.summary(run.id)] == [
            (model, temperature) for model in ("scripted:a", "lab server") for temperature in (0.0, 0.7, 1.3)
        ]

    def test_the_same_text_of_two_items_is_two_texts(self, store, run):
        wanted = [key for key in samples.keys(samples.plan()) if (key.temperature, key.replicate) == (0.0, 0)]
        store.add(run.id, [samples.completion(key, text="same") for key in wanted])
        assert [cell.distinct_texts for cell in store.summary(run.id)] == [3, 0, 0, 3, 0, 0]

    def test_logprobs_of_two_kinds_are_never_averaged(self, store, run):
        a, b, *_ = samples.keys(samples.plan())
        store.add(run.id, [samples.completion(a), samples.completion(b, logprob_kind="tempered")])
        cell = store.summary(run.id)[0]
        assert (cell.logprob_kind, cell.mean_logprob) == ("mixed", None)

    def test_an_entropy_known_for_some_tokens_only_has_no_mean(self, store, run):
        a, b, *_ = samples.keys(samples.plan())
        tokens = (TokenLogprob("a", -1.0, entropy=None),)
        store.add(run.id, [samples.completion(a), replace(samples.completion(b), tokens=tokens)])
        cell = store.summary(run.id)[0]
        assert cell.mean_entropy is None
        assert cell.mean_logprob is not None

    def test_tokens_are_counted_by_the_model_or_else_by_rows(self, store, run):
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

    def test_the_summary_agrees_with_plain_python(self, store, run):
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
            tokens = [token for one in mine for token in one.tokens]
            assert cell.n == len(mine)
            assert cell.distinct_texts == len({(one.key.item, one.text) for one in mine})
            assert cell.truncated == sum(one.finish_reason == "length" for one in mine)
            assert cell.tokens == len(tokens)
            assert cell.mean_logprob == pytest.approx(statistics.fmean(token.logprob for token in tokens))
            assert cell.mean_entropy == pytest.approx(statistics.fmean(token.entropy for token in tokens))

    # Several processes

    def test_two_processes_write_one_run(self, target, store):
        plan = samples.plan(repeat=12)
        run = store.create_run(plan, {}, version="0", environment={})
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, target, replicates],
                cwd=Path(__file__).parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for replicates in ("0,2,4,6,8,10", "1,3,5,7,9,11")
        ]
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        for writer in writers:
            _, errors = writer.communicate(timeout=PATIENCE_S)
            assert (writer.returncode, errors) == (0, "")
        assert store.done(run.id) == set(samples.keys(plan))

    def test_opening_a_new_database_several_times_at_once(self, new_target):
        with ThreadPoolExecutor(4) as pool:
            for store in pool.map(lambda _: Store.open(new_target), range(4)):
                assert store.runs() == []
                store.close()

    def test_runs_of_one_name_begun_at_once_get_different_names(self, target, store):
        with Store.open(target) as other, ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda n: self.add_run((store, other)[n % 2], "same").name, range(8)))
        assert sorted(made) == sorted(["same", *(f"same-{n}" for n in range(2, 9))])


@pytest.fixture(scope="module")
def empty_sqlite(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "runs.db"
    Store.open(path).close()
    return path


@pytest.fixture(scope="module")
def empty_postgres(postgres_schema) -> str:
    url = postgres_schema()
    Store.open(url).close()
    return url


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def new_target(self, tmp_path) -> str:
        return str(tmp_path / "new.db")

    @pytest.fixture
    def target(self, tmp_path, empty_sqlite) -> str:
        return str(shutil.copy(empty_sqlite, tmp_path / "runs.db"))


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def new_target(self, postgres_schema) -> str:
        return postgres_schema()

    @pytest.fixture
    def target(self, empty_postgres) -> Iterator[str]:
        yield empty_postgres
        with psycopg.connect(empty_postgres) as connection:
            connection.execute("TRUNCATE run CASCADE")

    def test_another_programs_database_is_refused(self, new_target):
        with psycopg.connect(new_target) as connection:
            connection.execute("CREATE TABLE customer (id INTEGER)")
        with pytest.raises(StoreError) as caught:
            Store.open(new_target)
        where = new_target.replace("s3cret%2Fpass", "***").partition("?")[0]
        assert str(caught.value) == (
            f"{where} is a database of another program (its tables: customer): pass --db with another place"
        )
        with psycopg.connect(new_target) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            ).fetchall()
        assert tables == [("customer",)]

    def test_an_empty_database_is_missing_for_a_reader(self, new_target):
        with pytest.raises(StoreError, match=r"^no database at .*: run `tempkit run` first or pass --db$"):
            Store.open(new_target, must_exist=True)
        with psycopg.connect(new_target) as connection:
            assert (
                connection.execute("SELECT * FROM pg_tables WHERE schemaname = current_schema()").fetchall()
                == []
            )

    def test_a_wrong_password_is_never_shown(self, new_target):
        wrong = new_target.replace("s3cret%2Fpass", "hunter2%2Fx")
        with pytest.raises(StoreError) as caught:
            Store.open(wrong)
        message = str(caught.value)
        assert message.startswith("no connection to postgresql://tempkit:***@127.0.0.1:")
        assert "password authentication failed" in message
        assert message.endswith(": check that the server runs and that the URL is right")
        assert "hunter2" not in message

    def test_an_option_the_server_does_not_know(self, new_target):
        with pytest.raises(StoreError, match=r'invalid connection option "frob"'):
            Store.open(new_target + "&frob=1")
