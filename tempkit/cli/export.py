"""`tempkit export`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import (
    db_option,
    find_runs,
    json_option,
    open_to_read,
    print_json,
    print_table,
    size,
    table,
)
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from tempkit.interchange.exports import Format, Rows
    from tempkit.store import RunRecord, Store

_STDOUT = Path("-")


@click.command("export", short_help="Write a run's samples, tokens or scores as CSV, JSON Lines or Parquet.")
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.{csv,jsonl,parquet}",
    help="The file to write; - prints, in the format that --format names.",
)
@click.option(
    "--format",
    "chosen",
    metavar="[csv|jsonl|parquet|NAME]",
    help="The format, where the file's name does not say; NAME: one that another package adds. Default with -o -: jsonl.",
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
    """
    from tempkit.errors import UsageError
    from tempkit.interchange.exports import exporter, format_of

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
    about = exporter(chosen or ("jsonl" if printed else format_of(output)))
    form = about.name
    if printed and not about.text:
        raise UsageError(f"{about.title} is no text to print: name a file, or print csv or jsonl")
    if not printed:
        work_is_elsewhere()
    about.check()  # said before any work, which would be in vain
    with open_to_read(db) as store:
        records = find_runs(store, runs or ("latest",))
        measured = not no_measures and (rows != "tokens" or about.nested)
        if measured:
            _measure(store, records)
        count = _write(
            store, records, None if printed else output, form,
            rows=rows, messages=messages, scores=measured, for_spreadsheet=for_spreadsheet,
        )  # fmt: skip
    if rows != "scores":
        _say_what_has_none(records)
    if printed:
        return
    bytes_ = output.stat().st_size
    if as_json:
        named = [{"run": record.name, "id": record.id} for record in records]
        print_json({"runs": named, "file": str(output), "format": form, "rows": count, "bytes": bytes_})
    else:
        names = ", ".join(record.name for record in records)
        click.echo(f"Exported {count:,} rows of {names}: {output} ({size(bytes_)})")


def _say_what_has_none(records: "list[RunRecord]") -> None:
    """Name the runs that hold scores alone, and how these are exported: a file without rows would leave that to be guessed."""
    from tempkit.errors import one_line

    for record in records:
        if record.imported and not record.completions and not record.failures:
            said = f"note: {record.name} holds imported scores and no answers, so there is no row of it; --scores exports them"
            click.echo(one_line(said, 2000), err=True)


def _measure(store: "Store", records: "list[RunRecord]") -> None:
    from tempkit.cli.measure import bring_up_to_date

    for record in records:
        bring_up_to_date(store, record)


def _write(
    store: "Store",
    records: "list[RunRecord]",
    path: Path | None,
    form: "Format",
    *,
    rows: "Rows",
    messages: bool,
    scores: bool,
    for_spreadsheet: bool,
) -> int:
    """Write to a file, or print where there is none."""
    from tempkit.cli.progress import shown
    from tempkit.interchange.exports import export, export_to

    with shown("exporting", "items exported" if rows == "scores" else "samples exported") as told:
        if path is None:
            return export_to(
                sys.stdout.buffer, form, store, records,
                rows=rows, messages=messages, scores=scores, for_spreadsheet=for_spreadsheet, told=told,
            )  # fmt: skip
        return export(
            store, records, path,
            format=form, rows=rows, messages=messages, scores=scores,
            for_spreadsheet=for_spreadsheet, told=told,
        )  # fmt: skip


def _list_columns(*, as_json: bool) -> None:
    from tempkit.interchange.schema import MESSAGES, REASON, SAMPLE, SCORE, SCORES, TOKEN, TOKENS, Column

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
                title: [{"column": c.name, "kind": c.kind, "about": c.about} for c in columns]
                for title, columns in tables.items()
            }
        )
        return
    for title, columns in tables.items():
        rows = table("column", "kind", "what it holds", title=f"Rows of {title}")
        for column in columns:
            rows.add_row(column.name, column.kind, column.about)
        print_table(rows)
