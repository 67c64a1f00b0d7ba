"""`tempkit report`."""

import sys
from pathlib import Path
from typing import Any

import click

from tempkit.cli.common import (
    db_option,
    json_option,
    lang_option,
    open_to_read,
    print_json,
    print_table,
    say_note,
    table,
)
from tempkit.cli.deciding import as_arguments, asked_of, judging_options
from tempkit.cli.progress import shown
from tempkit.cli.quiet import hint
from tempkit.cli.streams import work_is_elsewhere
from tempkit.cli.watching import watched
from tempkit.text import byte_size

_STDOUT = Path("-")


@click.command("report", short_help="Write an HTML report of a run.")
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.{html,md}",
    help="A page, or a short summary in Markdown; - prints the summary. Default: reports/RUN.html.",
)
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@click.option(
    "--watch",
    is_flag=True,
    help="Keep it current while the run goes on in another process; an open page renews itself. Ctrl-C ends it.",
)
@click.option(
    "--templates",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    envvar="TEMPKIT_TEMPLATES",
    help="Templates and styles of your own, in place of the bundled ones. Default: $TEMPKIT_TEMPLATES.",
)
@click.option("--list-templates", is_flag=True, help="List the files that such a folder may hold, and stop.")
@judging_options
@lang_option
@db_option
@json_option
def command(
    runs: tuple[str, ...],
    output: Path | None,
    open_it: bool,
    watch: bool,
    templates: Path | None,
    list_templates: bool,
    lang: str | None,
    db: str | None,
    as_json: bool,
    **judging: Any,
) -> None:
    """Write an HTML report of each RUN: a name, an id, the beginning of one, or latest.

    The report is one file that needs no network: mail it, or keep it beside your code. A run that is still going, or
    was interrupted, can be reported too; the report says so. Several runs stand side by side on one page, to compare
    models, or a before with an after; the page says what else differs between them.

    \b
    Examples:
      tempkit report latest --open
      tempkit report latest --watch --open
      tempkit report before after -o comparison.html
      tempkit report exam --measure accuracy --margin 0.05
      tempkit report latest -o - >> "$GITHUB_STEP_SUMMARY"
      tempkit report latest --lang es -o informe.html
    """
    from tempkit.api import find_runs, report, report_to
    from tempkit.errors import UsageError

    if list_templates:
        _list_templates(as_json=as_json)
        return
    printed = output == _STDOUT
    if printed and (as_json or open_it or watch):
        option = "--json" if as_json else "--open" if open_it else "--watch"
        raise UsageError(
            f"-o - prints the summary, so there is nothing for {option}: name a file, or leave out {option}"
        )
    asked = asked_of(judging)
    if not printed:
        work_is_elsewhere()
    if watch:
        watched(
            runs, db=db, output=output, templates=templates, lang=lang,
            open_it=open_it, as_json=as_json, **as_arguments(asked),
        )  # fmt: skip
        return
    with open_to_read(db) as store, shown() as on_progress:
        records = find_runs(store, runs or ("latest",))
        how: dict[str, Any] = {
            "db": store,
            "templates": templates,
            "lang": lang,
            **as_arguments(asked),
            "on_note": say_note,
            "on_progress": on_progress,
        }
        if printed:
            report_to(sys.stdout.buffer, records, **how)
            return
        path = report(records, output=output, **how)
    if as_json:
        print_json({"report": str(path), "bytes": path.stat().st_size}, runs=records)
    else:
        names = ", ".join(record.name for record in records)
        hint(f"Report of {names}: {path} ({byte_size(path.stat().st_size)})")
    if open_it:
        click.launch(str(path))


def _list_templates(*, as_json: bool) -> None:
    from tempkit.report import overridable, shipped_folders

    about, folders = overridable(), shipped_folders()
    if as_json:
        print_json({"files": about, "shipped": [str(folder) for folder in folders]})
        return
    rows = table("file", "what it is", title="A folder for --templates may hold any of these")
    for name, says in about.items():
        rows.add_row(name, says)
    print_table(rows)
    hint("Copy what you want to change from:")
    for folder in folders:
        hint(f"  {folder}")
