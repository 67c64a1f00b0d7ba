"""`tempkit export`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import (
    db_option,
    json_option,
    print_json,
    print_table,
    say_note,
    table,
    visible,
)
from tempkit.cli.progress import shown
from tempkit.cli.quiet import hint
from tempkit.cli.streams import work_is_elsewhere
from tempkit.text import byte_size

if TYPE_CHECKING:
    from tempkit.interchange import Format, Rows

_STDOUT = Path("-")


@click.command("export", short_help="Write a run's samples, tokens or scores as CSV, JSON Lines or Parquet.")
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.{csv,jsonl,parquet}|FOLDER",
    help="The file, or the new folder, to write; - prints, in the format that --format names.",
)
@click.option(
    "--format",
    "chosen",
    metavar="[csv|jsonl|parquet|inspect|every-eval-ever|huggingface|NAME]",
    help="The format, where the file's name does not say; inspect and the two behind it are folders; NAME: one that another "
    "package adds. Default with -o -: jsonl.",
)
@click.option(
    "--tokens",
    is_flag=True,
    help="Also the tokens: in jsonl inside their sample, in csv and parquet one row per token instead.",
)
@click.option(
    "--scores",
    is_flag=True,
    help="One row per score instead, those of whole cells and their versions included.",
)
@click.option("--messages", is_flag=True, help="Add the prompt to every sample, as it was sent.")
@click.option("--no-measures", is_flag=True, help="Leave the scores out, and measure nothing.")
@click.option(
    "--for-spreadsheet",
    is_flag=True,
    help="CSV to look at: an apostrophe keeps texts that begin with = + - @ from being taken for formulas.",
)
@click.option("--list-columns", is_flag=True, help="List the columns and what they hold, and stop.")
@db_option
@json_option
def command(
    runs: tuple[str, ...],
    output: Path | None,
    chosen: "Format | None",
    tokens: bool,
    scores: bool,
    messages: bool,
    no_measures: bool,
    for_spreadsheet: bool,
    list_columns: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Write the samples of each RUN: a name, an id, the beginning of one, or latest.

    One row per sample, failures included, with its text, settings, usage and scores. Names are OpenTelemetry's where
    it has one (gen_ai.request.temperature). tempkit import reads the csv and jsonl back.

    \b
    Examples:
      tempkit export latest -o answers.csv
      tempkit export before after -o both.parquet
      tempkit export latest -o - --tokens | jq '.tokens[0]'
      tempkit export latest -o scores.csv --scores
      tempkit export latest -o inspected/ --format inspect
    """
    from tempkit.api import export, export_to
    from tempkit.errors import UsageError
    from tempkit.interchange import exporter, folder_format, format_of

    if list_columns:
        _list_columns(as_json=as_json)
        return
    if output is None:
        raise UsageError("export to which file? -o answers.csv, .jsonl or .parquet; -o - prints")
    for one, other in ((scores, tokens), (scores, no_measures)):
        if one and other:
            raise UsageError("--scores has rows of its own: leave out --tokens and --no-measures")
    rows: Rows = "scores" if scores else "tokens" if tokens else "samples"
    printed = output == _STDOUT
    if printed and as_json:
        raise UsageError(
            "-o - prints the data, so there is nothing for --json: name a file, or leave out --json"
        )
    if chosen is not None and folder_format(chosen) is not None:
        if printed:
            raise UsageError(f"{chosen} is a folder and cannot be printed: name a new one")
        _export_folder(
            runs, output, chosen, db, rows, messages, no_measures, for_spreadsheet, as_json=as_json
        )
        return
    about = exporter(chosen or ("jsonl" if printed else format_of(output)))
    form = about.name
    if printed and not about.text:
        raise UsageError(f"{about.title} is no text to print: name a file, or print csv or jsonl")
    if not printed:
        work_is_elsewhere()
    what: dict[str, Any] = {
        "db": db,
        "rows": rows,
        "messages": messages,
        "scores": not no_measures,
        "for_spreadsheet": for_spreadsheet,
        "on_note": say_note,
    }
    counted = "items exported" if scores else "samples exported"
    with shown({"measuring": "items measured", "exporting": counted}) as on_progress:
        if printed:
            export_to(sys.stdout.buffer, runs or "latest", format=form, **what, on_progress=on_progress)
            return
        done = export(runs or "latest", output=output, format=form, **what, on_progress=on_progress)
    bytes_ = output.stat().st_size
    if as_json:
        facts = {"format": done.format, "rows": done.rows, "bytes": bytes_}
        print_json({"file": str(output), **facts}, runs=done.runs)
    else:
        names = ", ".join(record.name for record in done.runs)
        hint(f"Exported {done.rows:,} rows of {names}: {output} ({byte_size(bytes_)})")


def _export_folder(
    runs: tuple[str, ...],
    output: Path,
    form: "Format",
    db: str | None,
    rows: "Rows",
    messages: bool,
    no_measures: bool,
    for_spreadsheet: bool,
    *,
    as_json: bool,
) -> None:
    from tempkit.api import export

    work_is_elsewhere()
    with shown({"measuring": "items measured", "exporting": "samples exported"}) as on_progress:
        done = export(
            runs or "latest", output=output, db=db, format=form, rows=rows, messages=messages, scores=not no_measures,
            for_spreadsheet=for_spreadsheet, on_note=say_note, on_progress=on_progress,
        )  # fmt: skip
    bytes_ = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    if as_json:
        facts = {"format": done.format, "rows": done.rows, "files": done.files, "bytes": bytes_}
        print_json({"folder": str(output), **facts, "not_in_format": list(done.lost)}, runs=done.runs)
        return
    names = ", ".join(record.name for record in done.runs)
    said = (
        f"Exported {done.rows:,} samples of {names} in {done.files:,} files: {output} ({byte_size(bytes_)})"
    )
    click.echo(visible(said).plain)


def _list_columns(*, as_json: bool) -> None:
    from tempkit.interchange import MESSAGES, REASON, SAMPLE, SCORE, SCORES, TOKEN, TOKENS, Column

    scored = (
        Column(f"{SCORE}MEASURE", "number", "one for every measure"),
        Column(f"{REASON}MEASURE", "text", "why the value is missing, where one is"),
    )
    tables = {
        "samples": SAMPLE,
        "samples, if asked for": (MESSAGES, TOKENS),
        "samples, once measured": scored,
        "tokens, in csv and parquet": TOKEN,
        "scores": SCORES,
    }
    if as_json:
        print_json(
            {
                "columns": {
                    title: [{"column": c.name, "kind": c.kind, "about": c.about} for c in columns]
                    for title, columns in tables.items()
                }
            }
        )
        return
    for title, columns in tables.items():
        rows = table("column", "kind", "what it holds", title=f"Rows of {title}")
        for column in columns:
            rows.add_row(column.name, column.kind, column.about)
        print_table(rows)
