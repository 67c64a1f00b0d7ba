"""`tempkit report`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, print_json

if TYPE_CHECKING:
    from tempkit.store import Store


@click.command("report", short_help="Write an HTML report of a run.")
@click.argument("run", default="latest")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE.html", help="Default: reports/RUN.html."
)
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@db_option
@json_option
def command(run: str, output: Path | None, open_it: bool, db: str | None, as_json: bool) -> None:
    """Write an HTML report of RUN: a name, an id, the beginning of one, or latest.

    The report is one file that needs no network: mail it, or keep it beside your code. A run that is still going, or
    was interrupted, can be reported too; the report says so.
    """
    from tempkit.store import Store

    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        path = write_report(store, record.name, output)
    if as_json:
        print_json({"run": record.name, "id": record.id, "report": str(path), "bytes": path.stat().st_size})
    else:
        click.echo(f"Report of {record.name}: {path} ({path.stat().st_size / 2**20:.1f} MiB)")
    if open_it:
        click.launch(str(path))


def write_report(store: "Store", run: str, output: Path | None) -> Path:
    """Measure a run, judge it by its own use cases, draw it, write it; return the path."""
    from tempkit.cli.measure import bring_up_to_date
    from tempkit.errors import UsageError
    from tempkit.report import load_study, render, write

    if output is not None and output.suffix not in (".html", ".htm"):
        raise UsageError(f"a report is an HTML file; name it {output.with_suffix('.html')}")
    # A run's name is anybody's text, so only the harmless part of it names a file.
    slug = re.sub(r"[^\w.+-]+", "-", run).strip("-.")[:80] or "report"
    path = output or Path("reports") / f"{slug}.html"
    record = store.find_run(run)
    bring_up_to_date(store, record)
    write(path, render([load_study(store, record)]))
    return path
