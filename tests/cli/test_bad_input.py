"""Every bad input has one clear line on stderr, the right exit code, and leaves the store as it was."""

import sqlite3
from pathlib import Path

import pytest
from servers.http_script import Answer, ScriptedServer
from support import ROOT, Cli

from tempkit.backends.protocol import backend_names

FACTS = str(ROOT / "prompts/technical-documentation.prompty")
RUN = ("run", FACTS, "--items", "1", "-n", "1", "-t", "0")
WORDS = ("-m", "scripted:words")


@pytest.fixture
def store(cli: Cli, tmp_path: Path) -> Path:
    """A database with one small run in it."""
    assert cli(*RUN, *WORDS).code == 0
    return tmp_path / "tempkit.db"


def contents(db: Path) -> list[str]:
    with sqlite3.connect(db) as connection:
        dump = list(connection.iterdump())
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    connection.close()
    return dump


CASES: list[tuple[str, tuple[str, ...], int, str]] = [
    (
        "unknown backend",
        (*RUN, "-m", "gguff:x"),
        1,
        f"unknown backend 'gguff' (did you mean 'gguf'?); known: {', '.join(backend_names())}",
    ),
    (
        "no backend",
        (*RUN, "-m", "smollm2"),
        2,
        "model 'smollm2' must be backend:name, e.g. gguf:smollm2 or openai:gpt-5.4-mini",
    ),
    ("no model", RUN, 2, "no model; name one with -m, e.g. -m gguf:smollm2"),
    (
        "no prompt",
        ("run", *WORDS),
        2,
        "no prompts; name a prompt file, e.g. prompts/technical-documentation.prompty",
    ),
    ("model file missing", (*RUN, "-m", "gguf:./none.gguf"), 1, "gguf:./none.gguf: no such file"),
    (
        "bundled name misspelt",
        (*RUN, "-m", "gguf:smolm2"),
        1,
        "gguf:smolm2: no such file (did you mean 'smollm2'?); bundled models: smollm2",
    ),
    (
        "not a GGUF",
        (*RUN, "-m", "gguf:text.gguf"),
        1,
        "gguf:text.gguf: not a GGUF file (it does not begin with 'GGUF'); name a .gguf model",
    ),
    (
        "GGUF is a folder",
        (*RUN, "-m", "gguf:folder"),
        1,
        "gguf:folder: is a folder; name the .gguf file in it",
    ),
    (
        "truncated GGUF",
        (*RUN, "-m", "gguf:cut.gguf"),
        1,
        "gguf:cut.gguf: llama.cpp cannot load it: tensor 'blk.16.ffn_down.weight' data is not within the file bounds, model is corrupted or incomplete",
    ),
    (
        "unreachable server",
        (*RUN, "-m", "openai:x", "--base-url", "http://127.0.0.1:9/v1"),
        1,
        "openai:x: cannot reach http://127.0.0.1:9/v1: Connection refused; is the server running?",
    ),
    (
        "no key",
        (*RUN, "-m", "openai:gpt-5.4-mini"),
        1,
        "openai:gpt-5.4-mini: no API key; set OPENAI_API_KEY in the environment, in .env, or in the keyring under tempkit",
    ),
    (
        "negative temperature",
        ("run", FACTS, *WORDS, "-t", "0,-0.5"),
        2,
        "temperature -0.5 is negative; the lowest is 0 (always the most probable token)",
    ),
    ("NaN temperature", ("run", FACTS, *WORDS, "-t", "nan"), 2, "temperature 'nan' is not a finite number"),
    (
        "temperature no number",
        ("run", FACTS, *WORDS, "-t", "hot"),
        2,
        "temperature 'hot' is not a number; write e.g. 0,0.3,0.7 or 0:1.6:0.2",
    ),
    (
        "temperature out of range",
        ("run", FACTS, *WORDS, "-t", "0,101"),
        1,
        "scripted:words takes temperatures from 0 to 100, not 101; change -t",
    ),
    (
        "OpenAI's range",
        ("run", FACTS, "-m", "openai:gpt-5.4-mini", "-t", "2.5"),
        1,
        "openai:gpt-5.4-mini takes temperatures from 0 to 2, not 2.5; change -t",
    ),
    ("zero repeats", ("run", FACTS, *WORDS, "-n", "0"), 2, "repeat must be at least 1, not 0"),
    (
        "truncation that cannot be honoured",
        ("run", FACTS, "-m", "openai:gpt-5.4-mini", "--top-k", "5"),
        1,
        "openai:gpt-5.4-mini cannot honour top_k=5 (asked for 'technical-documentation'); leave it out",
    ),
    ("prompt file missing", ("run", "none.prompty", *WORDS), 1, "none.prompty: prompt file not found"),
    ("experiment file missing", ("run", "none.yaml"), 1, "none.yaml: experiment file not found"),
    (
        "resume with an option of the plan",
        ("run", "-t", "0,1", "--resume", "latest"),
        2,
        "--resume takes its plan from the store; leave out --temperatures",
    ),
    (
        "retry without resume",
        ("run", FACTS, *WORDS, "--retry-errors"),
        2,
        "--retry-errors needs --resume RUN, e.g. --resume latest",
    ),
    ("unknown option", ("run", "--hot"), 2, "No such option '--hot'. (see: tempkit run --help)"),
    (
        "show an unknown run",
        ("show", "nope"),
        1,
        "no run 'nope' in tempkit.db: newest are technical-documentation",
    ),
    (
        "report of an unknown run",
        ("report", "nope"),
        1,
        "no run 'nope' in tempkit.db: newest are technical-documentation",
    ),
    (
        "resume an unknown run",
        ("run", "--resume", "nope"),
        1,
        "no run 'nope' in tempkit.db: newest are technical-documentation",
    ),
]


@pytest.mark.parametrize(("args", "code", "line"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_one_line_right_code_store_intact(
    cli: Cli, store: Path, tmp_path: Path, bundled_gguf: Path, args: tuple[str, ...], code: int, line: str
) -> None:
    (tmp_path / "text.gguf").write_text("this is no model")
    (tmp_path / "folder").mkdir()
    if "gguf:cut.gguf" in args:
        (tmp_path / "cut.gguf").write_bytes(bundled_gguf.read_bytes()[:50_000_000])
    before = contents(store)
    done = cli(*args)
    assert (done.code, done.err) == (code, f"error: {line}\n")
    assert done.out == ""
    assert contents(store) == before


def test_a_refused_key(cli: Cli, store: Path, http_script: ScriptedServer) -> None:
    http_script.models = Answer({"error": {"message": "bad key sk-wrong-1"}}, status=401)
    before = contents(store)
    done = cli(
        *(*RUN, "-m", "openai:x", "--base-url", http_script.base_url, "--api-key-env", "MY_KEY"),
        env={"MY_KEY": "sk-wrong-1"},
    )
    assert (done.code, done.err) == (
        1,
        f"error: openai:x: {http_script.base_url} refuses the key in MY_KEY; check it\n",
    )
    assert contents(store) == before


def test_a_database_that_is_no_database(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are my notes, do not touch")
    done = cli(*RUN, *WORDS, "--db", "notes.db")
    assert (done.code, done.err) == (
        1,
        "error: notes.db is not a SQLite database: pass --db with another file\n",
    )
    assert (tmp_path / "notes.db").read_text() == "these are my notes, do not touch"


def test_another_programs_database(cli: Cli, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("create table customers (id integer)")
    connection.close()
    before = (tmp_path / "other.db").read_bytes()
    done = cli(*RUN, *WORDS, "--db", "other.db")
    assert (done.code, done.err) == (
        1,
        "error: other.db is a database of another program (its tables: customers): pass --db with another place\n",
    )
    assert (tmp_path / "other.db").read_bytes() == before


def test_no_database_yet(cli: Cli, tmp_path: Path) -> None:
    done = cli("show", "latest")
    assert (done.code, done.err) == (
        1,
        "error: no database at tempkit.db: run `tempkit run` first or pass --db\n",
    )
    assert not (tmp_path / "tempkit.db").exists()


@pytest.mark.parametrize(
    ("output", "code", "line"),
    [
        (
            "a-file.txt/report.html",
            1,
            "the report cannot be written to 'a-file.txt/report.html': File exists; choose another file with -o",
        ),
        (
            "folder.html",
            1,
            "the report cannot be written to 'folder.html': Is a directory; choose another file with -o",
        ),
        ("report.pdf", 2, "a report is an HTML page or a Markdown summary; name it report.html or report.md"),
    ],
)
def test_an_output_path_that_cannot_be_written(
    cli: Cli, store: Path, tmp_path: Path, output: str, code: int, line: str
) -> None:
    (tmp_path / "a-file.txt").write_text("x")
    (tmp_path / "folder.html").mkdir()
    assert cli("measure").code == 0  # a report keeps what it measured, whether it can be written or not
    before = contents(store)
    done = cli("report", "latest", "-o", output)
    assert (done.code, done.err) == (code, f"error: {line}\n")
    assert contents(store) == before


def test_a_database_of_a_newer_tempkit(cli: Cli, store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
        connection.execute("update store_meta set value = '9.1.0' where name = 'written_by'")
    connection.close()
    before = contents(store)
    done = cli("runs")
    assert (done.code, done.err) == (
        1,
        "error: tempkit.db was written by tempkit 9.1.0; install it: pip install 'tempkit>=9.1.0'\n",
    )
    assert contents(store) == before
