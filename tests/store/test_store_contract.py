"""What every database must do alike: one class, run over SQLite and over a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tempkit.errors import StoreError
from tempkit.store import Store
from tempkit.store.migrations import known_revisions, upgrade
from tempkit.store.models import METADATA
from tempkit.store.text import storable
from tempkit.testing import StoreContract
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
tokens = st.builds(
    TokenLogprob,
    hostile,
    st.floats(allow_nan=False),
    st.none() | numbers,
    st.none() | st.integers(0, 2**31 - 1),
    st.lists(st.tuples(hostile, st.floats(allow_nan=False)), max_size=4).map(tuple),
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


class EveryDatabase(StoreContract):
    """The shipped suite, and what looks under the store or tries any value."""

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

    # Any value

    @_slow_is_fine
    @given(plan=plans(), details=json_objects, digest=st.none() | columns)
    def test_any_plan_comes_back_equal(self, store, plan, details, digest):
        infos = {spec.label: ModelInfo(digest=digest, details=details) for spec in plan.models}
        run = store.create_run(plan, infos, version="0", environment=details)
        assert store.load_plan(run.id) == plan
        assert store.model_infos(run.id) == infos
        assert run.environment == details

    @_slow_is_fine
    @given(completion=results)
    def test_any_completion_comes_back_equal(self, store, completion):
        run = self.add_run(store, "any")
        store.add(run.id, [completion])
        assert list(store.completions(run.id, tokens=True)) == [as_stored(completion)]

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


class TestSqliteStore(EveryDatabase):
    @pytest.fixture
    def new_target(self, tmp_path) -> str:
        return str(tmp_path / "new.db")

    @pytest.fixture
    def target(self, tmp_path, empty_sqlite) -> str:
        return str(shutil.copy(empty_sqlite, tmp_path / "runs.db"))


class TestPostgresStore(EveryDatabase):
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
