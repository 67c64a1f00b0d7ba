"""Commands that show what is stored: whoever stops reading, whatever the disk holds, they end with a line and not with a traceback."""

import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from endings import FACTS, TEMPKIT, obedient, one_line, shell
from support import PATIENCE_S, Cli, lacking

PRINTING = [
    ("show",),
    ("runs",),
    ("runs", "--json"),
    ("recommend",),
    ("trends",),
    ("models",),
    ("models", "scripted:words"),
    ("report", "-o", "-"),
    ("export", "-o", "-"),
    ("export", "-o", "-", "--format", "csv"),
    ("export", "--list-columns"),
    ("report", "--list-templates"),
    ("run", FACTS, "-m", "scripted:words", "--dry-run"),
    ("--help",),
    ("run", "--help"),
    ("--version",),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one run, as `tempkit.db` in a folder of its own."""
    folder = tmp_path_factory.mktemp("made")
    size = ("--items", "3", "-t", "0,1", "-n", "3", "--max-tokens", "6")
    env = {name: value for name, value in os.environ.items() if not name.startswith("TEMPKIT_")}
    command = [*TEMPKIT, "run", FACTS, "-m", "scripted:words", *size]
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copy(made / "tempkit.db", tmp_path / "tempkit.db")
    return tmp_path


def dump(db: Path) -> list[str]:
    with closing(sqlite3.connect(db)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_reader_who_had_enough_is_no_error(
    arguments: tuple[str, ...], folder: Path, cli_env: dict[str, str]
) -> None:
    done = shell("tempkit | head -1; exit ${PIPESTATUS[0]}", folder, cli_env, *arguments)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", PRINTING[:10:3], ids=" ".join)
def test_what_cannot_be_printed_is_an_error_of_one_line(
    arguments: tuple[str, ...], folder: Path, cli_env: dict[str, str]
) -> None:
    done = shell("tempkit > /dev/full", folder, cli_env, *arguments)
    assert done.returncode == 1
    assert done.stderr == "error: cannot print: No space left on device; send the output elsewhere\n"
    assert shell("tempkit &> /dev/full", folder, cli_env, *arguments).returncode == 1
    assert shell("tempkit >&-", folder, cli_env, *arguments).returncode == 0  # nobody wanted to see it


@pytest.mark.parametrize("arguments", [("report", "-o", "r.html"), ("export", "-o", "e.csv"), ("measure",)])
def test_what_is_written_elsewhere_needs_nobody_to_hear_of_it(
    arguments: tuple[str, ...], folder: Path, cli_env: dict[str, str]
) -> None:
    for line in ("tempkit | true", "tempkit &> /dev/full", "tempkit >&- 2>&-"):
        assert shell(line, folder, cli_env, *arguments).returncode == 0
        if arguments[0] != "measure":
            written = folder / arguments[-1]
            assert written.stat().st_size > 1000
            written.unlink()


def test_a_character_that_a_code_page_does_not_have_is_no_error(
    folder: Path, cli_env: dict[str, str]
) -> None:
    done = shell("PYTHONIOENCODING=latin-1 tempkit | tr -cd '\\0-\\177'", folder, cli_env, "recommend")
    assert (done.returncode, done.stderr) == (0, "")
    assert "???" in done.stdout


class TestReadOnly:
    @pytest.fixture
    def outside(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("outside")

    @pytest.fixture(params=["folder", "file", "journal", "older", "unmeasured"])
    def db(self, request: pytest.FixtureRequest, made: Path, tmp_path: Path) -> Iterator[Path]:
        """A database that can only be read, for the one or other reason and in the one or other state."""
        if os.geteuid() == 0 and shutil.which("setpriv") is None:
            lacking(
                "root writes everywhere, and setpriv is not there to prevent it: apt-get install util-linux"
            )
        place = tmp_path / "archive"
        place.mkdir()
        db = place / "tempkit.db"
        kept: sqlite3.Connection | None = None
        if request.param == "older":
            shutil.copy(Path(__file__).parent.parent / "store/released/0002.db", db)
        else:
            shutil.copy(made / "tempkit.db", db)
        if request.param == "unmeasured":
            with closing(sqlite3.connect(db)) as connection:
                connection.execute("delete from score")
                connection.execute("delete from look")
                connection.commit()
        if request.param == "journal":
            kept = sqlite3.connect(db)  # so that its journal stays beside it
            kept.execute("update run set name = 'in-the-journal'")
            kept.commit()
        db.chmod(0o644 if request.param == "folder" else 0o444)
        place.chmod(0o755 if request.param == "file" else 0o555)
        yield db
        place.chmod(0o755)
        if kept is not None:
            kept.close()

    def call(
        self, *arguments: str, db: Path, outside: Path, env: dict[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*obedient(), *TEMPKIT, *arguments, "--db", str(db)],
            cwd=outside, env={**env, "TMPDIR": str(outside)}, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip

    def test_it_is_shown_and_stays_as_it_is(
        self, db: Path, outside: Path, cli_env: dict[str, str], request: pytest.FixtureRequest
    ) -> None:
        before = {path.name: path.read_bytes() for path in db.parent.iterdir() if path.suffix != ".db-shm"}
        for arguments in (("runs",), ("show",), ("report", "-o", "r.html"), ("export", "-o", "e.csv")):
            done = self.call(*arguments, db=db, outside=outside, env=cli_env)
            assert done.returncode == 0, done.stderr
            assert "error" not in done.stderr
        if "unmeasured" in request.node.name:
            assert (
                f"warning: {db} can only be read here: what was measured for this"
                in self.call("show", db=db, outside=outside, env=cli_env).stderr
            )
        if "journal" in request.node.name:
            assert "in-the-journal" in self.call("runs", db=db, outside=outside, env=cli_env).stdout
        assert sorted(path.name for path in outside.iterdir()) == ["e.csv", "r.html"]  # no copy is left
        after = {path.name: path.read_bytes() for path in db.parent.iterdir() if path.suffix != ".db-shm"}
        assert after == before

    def test_what_is_to_be_kept_is_refused(self, db: Path, outside: Path, cli_env: dict[str, str]) -> None:
        for arguments in (
            ("run", FACTS, "-m", "scripted:words"),
            ("run", "--resume", "latest"),
            ("topup",),
            ("measure",),
        ):
            done = self.call(*arguments, db=db, outside=outside, env=cli_env)
            assert done.returncode == 1
            one_line(done.stderr)
            assert "read-only" in done.stderr


def test_a_folder_that_is_not_there_any_more(folder: Path, cli_env: dict[str, str]) -> None:
    db = folder / "tempkit.db"
    gone = "mkdir gone && cd gone && rmdir ../gone && "
    done = shell(f"{gone}tempkit", folder, cli_env, "runs")
    assert done.returncode == 1
    one_line(done.stderr)
    assert "the folder that this was called in" in done.stderr
    named = shell(f"{gone}tempkit", folder, cli_env, "runs", "--db", str(db))
    assert (named.returncode, named.stderr) == (0, "")
    refused = shell(f"{gone}tempkit", folder, cli_env, "run", "p.prompty", "-m", "scripted:words")
    assert refused.returncode == 1
    one_line(refused.stderr)


@pytest.mark.parametrize("command", [("runs",), ("run", FACTS, "-m", "scripted:words")])
def test_a_home_of_nobody(command: tuple[str, ...], cli: Cli) -> None:
    done = cli(*command, "--db", "~no-such-user/x.db")
    assert done.code == 1
    one_line(done.err)
    assert done.err.startswith("error: ~no-such-user/x.db: there is no such user")


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_database_is_told_in_one_line_if_at_all(seed: int, folder: Path, cli: Cli) -> None:
    """Bits flip anywhere but in the header: in rows, texts, indexes, the schema. SQLite checks none of them."""
    drawn, db = random.Random(seed), folder / "tempkit.db"
    whole = db.read_bytes()
    for flips in (1, 20, 300):
        damaged = bytearray(whole)
        for _ in range(flips):
            damaged[drawn.randrange(100, len(damaged))] ^= 1 << drawn.randrange(8)
        for command in (
            ("runs",),
            ("show",),
            ("report", "-o", "r.html"),
            ("export", "-o", "e.csv", "--no-measures"),
        ):
            for path in folder.glob("tempkit.db*"):
                path.unlink()
            db.write_bytes(damaged)
            done = cli(*command)
            assert done.code in (0, 1)
            if (
                done.code
            ):  # a key of one letter less is no damage to see, but nothing that could be there either
                assert "Traceback" not in done.err
                assert len([line for line in done.err.splitlines() if line.startswith("error: ")]) == 1


def test_a_date_or_a_list_that_is_none_is_named_as_damage(folder: Path, cli: Cli) -> None:
    for column, value in (("created_at", "2026-99-99"), ("temperatures", "[0, 1"), ("sampling", "3")):
        with closing(sqlite3.connect(folder / "tempkit.db")) as connection:
            before = connection.execute(f"select {column} from run").fetchone()
            connection.execute(f"update run set {column} = ?", (value,))
            connection.commit()
        done = cli("report", "-o", "r.html")
        assert done.code == 1
        one_line(done.err)
        assert "tempkit.db is damaged: what it holds cannot be read" in done.err
        with closing(sqlite3.connect(folder / "tempkit.db")) as connection:
            connection.execute(f"update run set {column} = ?", before)
            connection.commit()
    assert cli("report", "-o", "r.html").code == 0
