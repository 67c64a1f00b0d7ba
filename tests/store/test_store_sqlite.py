"""What only a file can do: be in the wrong place, belong to another program, be cut off by kill -9."""

import hashlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from support import PATIENCE_S

from tempkit.errors import StoreError
from tempkit.store import Store
from tempkit.store.migrations import config, known_revisions, upgrade
from tempkit.store.target import APPLICATION_ID, resolve
from tempkit.testing import store_samples as samples


def message_of(target: object, *, must_exist: bool = False) -> str:
    with pytest.raises(StoreError) as caught:
        Store.open(target, must_exist=must_exist)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may write anywhere, so for a while we are nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def db(tmp_path) -> Path:
    """A database of ours with one run."""
    path = tmp_path / "runs.db"
    samples.write_release(path)
    return path


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that `unprivileged` code can reach, unlike pytest's."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


class TestTarget:
    def test_the_place_asked_for(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("TEMPKIT_DB", raising=False)
        assert resolve(None).path == tmp_path / "tempkit.db"
        assert resolve(None).where == "tempkit.db"
        monkeypatch.setenv("TEMPKIT_DB", "other.db")
        assert resolve(None).path == tmp_path / "other.db"
        monkeypatch.setenv("TEMPKIT_DB", "")
        assert resolve(None).path == tmp_path / "tempkit.db"
        assert resolve(tmp_path / "a.db").path == tmp_path / "a.db"
        assert resolve(f"sqlite:///{tmp_path}/b.db").path == tmp_path / "b.db"
        assert resolve("sqlite:///c.db").path == tmp_path / "c.db"
        monkeypatch.setenv("HOME", str(tmp_path))
        assert resolve("~/d.db").path == tmp_path / "d.db"

    @pytest.mark.parametrize("name", ["a?b#c%20d.db", "with space.db", "ü.db", ":memory:", "file:x.db"])
    def test_odd_file_names(self, tmp_path, name):
        samples.write_release(tmp_path / name)
        with Store.open(tmp_path / name, must_exist=True) as store:
            assert len(store.runs()) == 1
        assert [path.name for path in tmp_path.iterdir()] == [name]

    def test_a_later_chdir_does_not_move_it(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with Store.open("runs.db") as store:
            (tmp_path / "sub").mkdir()
            monkeypatch.chdir(tmp_path / "sub")
            store._engine.dispose()  # the next connection is a new one
            assert store.runs() == []
        assert not (tmp_path / "sub" / "runs.db").exists()

    @pytest.mark.parametrize(
        "url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"]
    )
    def test_every_way_to_write_postgresql(self, url):
        assert resolve(url).url.drivername == "postgresql+psycopg"
        assert resolve(url).where == url.replace(":p@", ":***@")  # as the user wrote it


class TestRefused:
    def test_a_missing_file_for_a_reader(self, tmp_path):
        path = tmp_path / "no.db"
        expected = f"no database at {path}: run `tempkit run` first or pass --db"
        assert message_of(path, must_exist=True) == expected
        assert not path.exists()
        path.touch()
        assert message_of(path, must_exist=True) == expected
        assert path.read_bytes() == b""

    def test_a_directory(self, tmp_path):
        assert (
            message_of(tmp_path)
            == f"{tmp_path} is a directory: name a file in it, e.g. --db {tmp_path}/tempkit.db"
        )

    def test_a_missing_folder(self, tmp_path):
        path = tmp_path / "no" / "runs.db"
        assert message_of(path) == (
            f"cannot create {path}: its folder does not exist: make it, or pass --db with another place"
        )
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_cannot_be_written(self, public_folder):
        public_folder.chmod(0o555)
        path = public_folder / "runs.db"
        with unprivileged():
            assert (
                message_of(path)
                == f"cannot create {path}: its folder is not writable: pass --db with another place"
            )

    def test_a_folder_that_cannot_be_entered(self, public_folder):
        path = public_folder / "runs.db"
        public_folder.chmod(0o000)
        with unprivileged():
            assert message_of(path) == f"cannot open {path}: Permission denied: pass --db with another place"

    def test_a_read_only_file(self, public_folder):
        path = public_folder / "runs.db"
        samples.write_release(path)
        path.chmod(0o444)
        before = digest(path)
        with unprivileged():
            assert message_of(path) == (
                f"{path} is read-only: make it writable, or copy it and pass --db with the copy"
            )
        assert digest(path) == before

    def test_a_file_in_a_read_only_folder(self, public_folder):
        path = public_folder / "runs.db"
        samples.write_release(path)
        path.chmod(0o666)
        public_folder.chmod(0o555)
        with unprivileged():
            assert message_of(path) == (
                f"the folder of {path} is read-only, and SQLite keeps its journal there: make it writable, or copy the "
                "database and pass --db with the copy"
            )

    def test_a_device(self):
        assert message_of("/dev/null") == "/dev/null is not a regular file: pass --db with another place"

    @pytest.mark.parametrize("content", [b"hello", b"x" * 5000, b"SQLite format 3\0"])
    def test_a_file_that_is_no_database(self, tmp_path, content):
        path = tmp_path / "notes.txt"
        path.write_bytes(content)
        assert message_of(path) == f"{path} is not a SQLite database: pass --db with another file"
        assert path.read_bytes() == content

    @pytest.mark.parametrize("journal", ["delete", "wal"])
    def test_another_programs_database_stays_as_it_is(self, tmp_path, journal):
        path = tmp_path / "bookmarks.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA journal_mode = {journal}")
            for name in ("g", "run", "c", "d", "e", "f"):
                connection.execute(f"CREATE TABLE {name} (x)")
            connection.commit()
        before = digest(path), path.stat().st_mtime_ns
        assert message_of(path) == (
            f"{path} is a database of another program (its tables: c, d, e, f, g, ...): pass --db with another place"
        )
        assert (digest(path), path.stat().st_mtime_ns) == before
        assert list(tmp_path.iterdir()) == [path]

    def test_another_programs_database_in_use(self, tmp_path):
        path = tmp_path / "bookmarks.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = wal")
            connection.execute("CREATE TABLE a (x)")  # in the journal, not yet in the file
            assert "is a database of another program" in message_of(path)

    def test_another_programs_mark(self, tmp_path):
        path = tmp_path / "map.gpkg"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA application_id = 0x47504B47")
        before = digest(path)
        assert message_of(path) == (
            f"{path} is a database of another program (its header names one): pass --db with another place"
        )
        assert digest(path) == before

    def test_a_damaged_file(self, db):
        content = bytearray(db.read_bytes())
        content[100:4096] = b"\xff" * 3996
        db.write_bytes(content)
        assert message_of(db) == (
            f"{db} is damaged (database disk image is malformed): restore a backup, or try `sqlite3 FILE .recover`"
        )
        assert db.read_bytes() == content

    def test_locked_while_opening(self, db):
        with closing(sqlite3.connect(db, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
            assert message_of(f"sqlite:///{db}?timeout=0.1") == (
                f"{db} is locked by another program: wait until it is done or stop it, then try again"
            )

    def test_locked_while_writing(self, db):
        with (
            closing(sqlite3.connect(db, isolation_level=None)) as other,
            Store.open(f"sqlite:///{db}?timeout=0.1") as store,
        ):
            other.execute("BEGIN IMMEDIATE")
            run = store.find_run("latest")  # reading goes on
            with pytest.raises(StoreError) as caught:
                store.set_status(run.id, "running")
        assert (
            str(caught.value)
            == f"{db} is locked by another program: wait until it is done or stop it, then try again"
        )

    def test_a_full_disk(self, db):
        with Store.open(db) as store:
            run = store.create_run(samples.plan(), {}, version="0", environment={})
            done = store.done(run.id)
            with closing(store._engine.raw_connection()) as connection:
                connection.execute("PRAGMA max_page_count = 1")  # that is: no page more than now
            many = [samples.completion(key, tokens=50) for key in samples.keys(samples.plan())]
            with pytest.raises(StoreError) as caught:
                store.add(run.id, many)
            assert (
                str(caught.value)
                == f"no space left for {db}: free some and resume; what was stored before is safe"
            )
            assert store.done(run.id) == done

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory"])
    def test_a_database_in_memory(self, url):
        assert "names no file to keep runs in: pass a path, e.g. tempkit.db" in message_of(url)

    @pytest.mark.parametrize("query", ["mode=ro", "timeout=soon", "timeout=1&timeout=2"])
    def test_options_sqlite_does_not_have(self, tmp_path, query):
        assert message_of(f"sqlite:///{tmp_path}/x.db?{query}") == (
            f"{tmp_path}/x.db: an SQLite URL has one option only, ?timeout=SECONDS"
        )

    @pytest.mark.parametrize("url", ["postgresql://me:hunter2@h:port/d?password=hunter2", "://me:hun@ter2@h"])
    def test_a_bad_url_shows_no_password(self, url):
        message = message_of(url)
        assert message == (
            f"cannot read the database URL {url.split(':')[0]}://***@{'h:port/d' if 'port' in url else 'h'}: "
            "write postgresql://USER:PASSWORD@HOST:PORT/NAME, with special characters in the password as %XX"
        )

    @pytest.mark.parametrize("scheme", ["mysql+pymysql", "oracle", "postgresql+asyncpg", "https"])
    def test_an_unknown_database(self, scheme):
        assert message_of(f"{scheme}://me:hunter2@h/d") == (
            f"tempkit does not know the database {scheme!r}: pass an SQLite file's path or a postgresql:// URL"
        )

    def test_a_missing_driver(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "psycopg", None)
        assert message_of("postgresql://me:hunter2@h/d") == (
            'postgresql://me:***@h/d needs a driver that is not installed: pip install "tempkit[postgres]"'
        )

    def test_an_unreachable_server(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))  # taken, but nobody listens
            port = silent.getsockname()[1]
            message = message_of(f"postgresql://me:hunter2@127.0.0.1:{port}/d?sslpassword=hunter2")
        assert message.startswith(f"no connection to postgresql://me:***@127.0.0.1:{port}/d: ")
        assert "Connection refused" in message
        assert message.endswith(": check that the server runs and that the URL is right")
        assert "hunter2" not in message


class TestFile:
    def test_settings(self, tmp_path):
        path = tmp_path / "runs.db"
        with Store.open(path) as store, store._read() as connection:
            settings = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout", "application_id")
            }
        assert settings == {
            "journal_mode": "wal",
            "foreign_keys": 1,
            "synchronous": 1,
            "busy_timeout": 30_000,
            "application_id": APPLICATION_ID,
        }

    def test_an_empty_file_is_taken(self, tmp_path):
        path = tmp_path / "runs.db"
        path.touch()
        Store.open(path).close()
        assert path.stat().st_size > 0

    def test_a_database_without_tables_is_taken(self, tmp_path):
        path = tmp_path / "runs.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")
        Store.open(path).close()

    def test_a_copy_that_lost_its_mark_is_ours(self, db, tmp_path):
        copy = tmp_path / "copy.db"
        with closing(sqlite3.connect(db)) as source, closing(sqlite3.connect(copy)) as target:
            target.executescript("\n".join(source.iterdump()))
            assert target.execute("PRAGMA application_id").fetchone() == (0,)
        with Store.open(copy, must_exist=True) as store:
            assert len(store.runs()) == 1

    def test_reading_writes_nothing(self, db):
        before = digest(db), db.stat().st_mtime_ns
        with Store.open(db) as store:
            run = store.find_run("latest")
            assert len(list(store.completions(run.id, tokens=True))) == 53
            store.summary(run.id)
        assert (digest(db), db.stat().st_mtime_ns) == before
        assert list(db.parent.iterdir()) == [db]

    def test_an_up_to_date_database_needs_no_alembic(self, db):
        script = (
            "import sys; from tempkit.store import Store; Store.open(sys.argv[1]).close();"
            "sys.exit('alembic' in sys.modules)"
        )
        subprocess.run([sys.executable, "-c", script, db], check=True)

    def test_migrating_is_quiet(self, tmp_path, caplog):
        caplog.set_level("DEBUG")
        Store.open(tmp_path / "runs.db").close()
        assert [record for record in caplog.records if record.name.startswith("alembic")] == []

    def test_the_migrated_schema_is_that_of_the_models_to_the_letter(self, tmp_path):
        Store.open(tmp_path / "created.db").close()
        engine = create_engine(f"sqlite:///{tmp_path}/migrated.db")
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()

        def schema(path: Path) -> dict[str, list[str]]:
            with closing(sqlite3.connect(path)) as connection:
                rows = connection.execute(
                    "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
                ).fetchall()
            # A column that was added later stands on the line of the one before.
            return {name: sorted(filter(None, map(str.strip, re.split(r"[,\n]", sql)))) for name, sql in rows}

        migrated, created = schema(tmp_path / "migrated.db"), schema(tmp_path / "created.db")
        del migrated["alembic_version"], created["alembic_version"]
        created["token"].remove(
            "WITHOUT ROWID"
        )  # a table that is there already would have to be written anew for it
        assert migrated == created

    def test_revisions_form_one_line(self, tmp_path):
        with Store.open(tmp_path / "runs.db") as store, store._read() as connection:
            script = ScriptDirectory.from_config(config(connection))
            walked = [revision.revision for revision in script.walk_revisions()]
        assert tuple(reversed(walked)) == known_revisions()

    def test_foreign_keys_hold(self, db):
        with (
            Store.open(db) as store,
            pytest.raises(StoreError, match="FOREIGN KEY constraint failed"),
            store._write() as connection,
        ):
            connection.exec_driver_sql("DELETE FROM run")

    def test_plain_sql_reads_tokens(self, db):
        with closing(sqlite3.connect(db)) as connection:
            rows = connection.execute(
                "SELECT c.temperature_requested, t.position, t.text, t.logprob FROM token t "
                "JOIN completion c ON c.id = t.completion_id JOIN item i ON i.id = c.item_id "
                "WHERE i.key = 'facts/zwölf' ORDER BY c.id, t.position LIMIT 2"
            ).fetchall()
        assert rows == [(0.0, 0, " w0", -0.25), (0.0, 1, " w1", -0.375)]

    def test_reading_tokens_needs_little_memory(self, tmp_path):
        plan = samples.plan(repeat=12)
        with Store.open(tmp_path / "runs.db") as store:
            run = store.create_run(plan, {}, version="0", environment={})
            made = [samples.completion(key, tokens=40, alternatives=20) for key in samples.keys(plan)]
            store.add(run.id, made)
            del made
            tracemalloc.start()
            try:
                alternatives = sum(
                    len(token.top) for one in store.completions(run.id, tokens=True) for token in one.tokens
                )
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert alternatives == 216 * 40 * 20  # some 25 MB as Python objects
        assert peak < 5e6


_ENDLESS = """
import sys
from dataclasses import replace
from tempkit.testing import store_samples as samples
from tempkit.store import Store
with Store.open(sys.argv[1]) as store:
    run = store.find_run("latest")
    plan = store.load_plan(run.id)
    done = store.done(run.id)
    todo = [key for key in samples.keys(plan) if key not in done]
    for start in range(0, len(todo), 9):
        store.add(run.id, [samples.completion(key, tokens=10) for key in todo[start : start + 9]])
        print(f"{start:<2000}", flush=True)  # so wide that it cannot be far ahead of who reads it
"""


class TestProcesses:
    def test_kill_9_leaves_whole_batches(self, tmp_path):
        path = tmp_path / "runs.db"
        with Store.open(path) as store:
            run = store.create_run(samples.plan(repeat=5000), {}, version="0", environment={})
        stored = 0
        for batches in (1, 4, 9):
            writer = subprocess.Popen(
                [sys.executable, "-c", _ENDLESS, path],
                cwd=Path(__file__).parent,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(batches):
                assert writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
            assert writer.wait() == -signal.SIGKILL
            printed = batches + len(writer.stdout.read().split())
            writer.stdout.close()
            with Store.open(path, must_exist=True) as store:
                with store._read() as connection:
                    assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
                    tokens = connection.exec_driver_sql("SELECT count(*) FROM token").scalar()
                now = store.find_run(run.id).completions
            assert now - stored >= 9 * printed  # a batch that was reported is there
            assert now % 9 == 0
            assert tokens == 10 * now
            stored = now

    def test_processes_create_one_database_at_once(self, tmp_path):
        script = (
            "import sys; from tempkit.store import Store; print('ready', flush=True); sys.stdin.readline();"
            "Store.open(sys.argv[1]).close()"
        )
        path = tmp_path / "runs.db"
        openers = [
            subprocess.Popen(
                [sys.executable, "-c", script, path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        for opener in openers:
            assert opener.stdout.readline() == "ready\n"
        for opener in openers:
            opener.stdin.write("go\n")
            opener.stdin.flush()
        for opener in openers:
            _, errors = opener.communicate(timeout=PATIENCE_S)
            assert (opener.returncode, errors) == (0, "")
        with Store.open(path, must_exist=True) as store:
            assert store.runs() == []
