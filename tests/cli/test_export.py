"""`tempkit export` from outside: what it prints and writes, and what it refuses."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pyarrow.parquet
import pytest
from support import Cli

RUN = (
    "run",
    "Name a colour.",
    "Name a bird.",
    "-m",
    "scripted:words",
    "-t",
    "0,1",
    "-n",
    "2",
    "--use-case",
    "chatbot",
)


@pytest.fixture
def two(cli: Cli) -> None:
    """A database with the runs `before` and `after`."""
    for name in ("before", "after"):
        assert cli(*RUN, "--name", name).code == 0


@pytest.mark.usefixtures("two")
def test_files_of_every_format(cli: Cli, tmp_path: Path) -> None:
    done = cli("export", "after", "-o", "new/x.csv")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Exported 8 rows of after: new/x.csv (")
    told = json.loads(cli("export", "before", "after", "-o", "both.parquet", "--json").out)
    path = tmp_path / "both.parquet"
    assert [run["name"] for run in told.pop("runs")] == ["before", "after"]
    told.pop("tempkit")
    assert told == {"file": "both.parquet", "format": "parquet", "rows": 16, "bytes": path.stat().st_size}
    table = pyarrow.parquet.read_table(path)
    assert table.num_rows == 16
    assert "score.perplexity" in table.column_names
    assert cli("export", "-o", "x.txt", "--format", "jsonl").code == 0
    rows = [json.loads(line) for line in (tmp_path / "x.txt").read_text().splitlines()]
    assert {row["run"] for row in rows} == {"after"}  # the latest


@pytest.mark.usefixtures("two")
def test_data_can_be_printed(cli: Cli) -> None:
    printed = cli("export", "after", "-o", "-", "--tokens")
    assert (printed.code, printed.err) == (0, "")
    rows = [json.loads(line) for line in printed.out.splitlines()]
    assert [len(row["tokens"]) for row in rows] == [row["gen_ai.usage.output_tokens"] for row in rows]
    assert all("".join(token["text"] for token in row["tokens"]) == row["text"] for row in rows)
    in_csv = cli("export", "after", "-o", "-", "--format", "csv", "--scores").out
    scores = list(csv.DictReader(io.StringIO(in_csv, newline="")))
    assert {"perplexity", "modal_share"} <= {row["measure"] for row in scores}
    assert "" in {row["replicate"] for row in scores}


@pytest.mark.usefixtures("two")
def test_scores_can_be_left_out_and_are_then_not_taken(cli: Cli, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "tempkit.db") as connection:
        connection.executescript("delete from score; delete from scoring")
    connection.close()
    assert cli("export", "after", "-o", "x.jsonl", "--no-measures", "--messages").code == 0
    row = json.loads((tmp_path / "x.jsonl").read_text().splitlines()[0])
    assert not [name for name in row if name.startswith("score")]
    assert row["gen_ai.input.messages"][0]["parts"][0]["content"] == "Name a colour."
    with sqlite3.connect(tmp_path / "tempkit.db") as connection:
        assert connection.execute("select count(*) from score").fetchone() == (0,)
    connection.close()


@pytest.mark.usefixtures("two")
def test_an_export_can_be_imported_and_recommended_from(cli: Cli) -> None:
    assert cli("export", "after", "-o", "x.csv").code == 0
    done = cli("import", "x.csv", "--name", "back")
    assert done.code == 0, done.err
    assert done.out.startswith("Imported 8 completions, ")
    assert cli("export", "back", "-o", "y.csv", "--no-measures").code == 0
    shown = json.loads(cli("show", "back", "--json").out)
    assert [cell["n"] for cell in shown["cells"]] == [4, 4]


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("args", "line"),
    [
        ((), "export to which file? -o answers.csv, .jsonl or .parquet; -o - prints"),
        (("before", "before", "-o", "x.csv"), "run 'before' is meant twice: name each run once"),
        (
            ("-o", "-", "--json"),
            "-o - prints the data, so there is nothing for --json: name a file, or leave out --json",
        ),
        (
            ("-o", "-", "--format", "parquet"),
            "Parquet is no text to print: name a file, or print csv or jsonl",
        ),
        (
            ("-o", "x.cvs"),
            "'x.cvs' names no format (did you mean 'csv'?): end it in .csv, .jsonl or .parquet, or say which with --format",
        ),
        (
            ("-o", "x.csv", "--scores", "--tokens"),
            "--scores has rows of its own: leave out --tokens and --no-measures",
        ),
        (
            ("-o", "x.csv", "--scores", "--messages"),
            "rows of scores have no messages: export those with the samples",
        ),
        (("-o", "x.jsonl", "--for-spreadsheet"), "only CSV can be written for a spreadsheet, not jsonl"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: Cli, tmp_path: Path, args: tuple[str, ...], line: str) -> None:
    done = cli("export", *args)
    assert (done.code, done.err) == (2, f"error: {line}\n")
    said = json.loads(done.out)["error"]["message"] if "--json" in args else done.out
    assert said == (line if "--json" in args else "")
    assert not list(tmp_path.glob("*x.*"))


def test_what_cannot_be_read_or_written_is_an_error(cli: Cli, tmp_path: Path) -> None:
    nothing = cli("export", "-o", "x.csv")
    assert (nothing.code, nothing.out) == (1, "")
    assert nothing.err.startswith("error: no database at ")
    cli(*RUN)
    (tmp_path / "folder.csv").mkdir()
    done = cli("export", "-o", "folder.csv")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: the export cannot be written to 'folder.csv': Is a directory; choose another file with -o\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "tempkit.db"]


def test_the_columns_are_listed(cli: Cli) -> None:
    done = cli("export", "--list-columns")
    assert (done.code, done.err) == (0, "")
    assert "gen_ai.request.temperature" in done.out
    listed = json.loads(cli("export", "--list-columns", "--json").out)
    assert listed["columns"]["samples"][0] == {"column": "run", "kind": "text", "about": "the run's name"}


@pytest.mark.usefixtures("two")
def test_folders_for_other_programs(cli: Cli, tmp_path: Path) -> None:
    done = cli("export", "before", "-o", "logs", "--format", "inspect")
    assert done.code == 0
    assert done.out.startswith("Exported 8 samples of before in 4 files: logs (")
    assert len([*(tmp_path / "logs").glob("*.eval")]) == 4
    said = cli("export", "-o", "evals", "--format", "every-eval-ever", "--json")
    told = json.loads(said.out)
    assert (told["folder"], told["format"], told["rows"]) == ("evals", "every-eval-ever", 8)
    assert said.err.splitlines() == [
        f"warning: not in every-eval-ever: {line}" for line in told["not_in_format"]
    ]
    for arguments, why in (
        (
            ("-o", "logs", "--format", "inspect"),
            "'logs' is there already: inspect's logs go into a new folder",
        ),
        (("-o", "-", "--format", "inspect"), "inspect is a folder and cannot be printed: name a new one"),
        (("-o", "x", "--format", "huggingface", "--tokens"), "leave out --tokens"),
        (("-o", "x", "--format", "inspct"), "no format 'inspct'"),
    ):
        refused = cli("export", *arguments)
        assert (refused.code, refused.out) in ((1, ""), (2, ""))
        assert why in refused.err
        assert refused.err.count("\n") == 1
