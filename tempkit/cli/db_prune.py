"""`tempkit db prune`."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, print_fitting, print_json, say_note
from tempkit.cli.number_options import AtLeast
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

_ALIVE = timedelta(minutes=15)
"""A run that calls itself running and was written to since is taken to be so; one that was killed calls itself running too."""

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_MOST_UNITS = 100_000


@click.command("prune")
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option("--older-than", metavar="AGE", help="Runs that began longer ago: 12h, 30d, 8w.")
@click.option("--keep", type=AtLeast(0), metavar="N", help="All but the newest N runs.")
@click.option("--unfinished", is_flag=True, help="Runs that were interrupted or broke off.")
@click.option("--yes", is_flag=True, help="Delete them; without it they are only listed.")
@db_option
@json_option
def prune(
    runs: tuple[str, ...],
    older_than: str | None,
    keep: int | None,
    unfinished: bool,
    yes: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Delete RUNs, or those that all the options say, with everything that belongs to them.

    Lists what would go, and deletes it with --yes alone. A run that is going on stays. The file becomes smaller with
    tempkit db vacuum.

    \b
    Examples:
      tempkit db prune --unfinished --older-than 30d
      tempkit db prune --keep 20 --yes
    """
    from tempkit.errors import UsageError
    from tempkit.store import Store

    by_rule = older_than is not None or keep is not None or unfinished
    if bool(runs) == by_rule:
        raise UsageError("say which runs go: name them, or use --older-than, --keep or --unfinished")
    before = None if older_than is None else datetime.now(UTC) - _age(older_than)
    if yes:
        work_is_elsewhere()
    with Store.open(db, must_exist=True, reading=not yes) as store:
        chosen = _named(store, runs) if runs else _by_rule(store, before, keep, unfinished=unfinished)
        if yes:
            store.delete([record.id for record in chosen])
    if as_json:
        print_json({"deleted": yes}, runs=chosen)
        return
    if not chosen:
        click.echo("No run is to go.")
        return
    rows = [[r.name, r.id, f"{r.created_at:%Y-%m-%d %H:%M}", r.status, f"{r.completions:,}"] for r in chosen]
    columns = ("run", "id", "started (UTC)", "status", ">answers")
    print_fitting(columns, rows, dropped=("started (UTC)", "id", "status"))
    click.echo(
        f"Deleted {len(chosen):,} {'run' if len(chosen) == 1 else 'runs'}."
        if yes
        else "Nothing was deleted: add --yes to delete these."
    )


def _named(store: "Store", runs: Sequence[str]) -> "list[RunRecord]":
    from tempkit.api import find_runs
    from tempkit.errors import StoreError

    chosen = find_runs(store, runs)
    for record in chosen:
        if _goes_on(store, record):
            raise StoreError(
                f"run {record.name!r} is being written to: stop it first, or wait {_ALIVE.seconds // 60} minutes after it broke off"
            )
    return chosen


def _by_rule(
    store: "Store", before: datetime | None, keep: int | None, *, unfinished: bool
) -> "list[RunRecord]":
    chosen = []
    for place, record in enumerate(store.runs()):  # newest first
        if keep is not None and place < keep:
            continue
        if before is not None and record.created_at >= before:
            continue
        if unfinished and record.status == "finished":
            continue
        if _goes_on(store, record):
            say_note(f"warning: {record.name} is being written to and stays")
            continue
        chosen.append(record)
    return chosen


def _goes_on(store: "Store", record: "RunRecord") -> bool:
    return record.status == "running" and datetime.now(UTC) - store.last_written(record.id) < _ALIVE


def _age(given: str) -> timedelta:
    from tempkit.errors import UsageError, one_line

    found = re.fullmatch(r"(\d{1,6})([hdw])", given.strip())
    if found is None or int(found[1]) > _MOST_UNITS:
        raise UsageError(
            f"--older-than {one_line(repr(given), 40)} must be a number of hours, days or weeks: 12h, 30d, 8w"
        )
    return int(found[1]) * _UNITS[found[2]]
