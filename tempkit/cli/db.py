"""`tempkit db`: the database as a whole, and a run's name and note."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, print_fitting, print_json, say_note, visible
from tempkit.cli.db_prune import prune
from tempkit.cli.streams import work_is_elsewhere
from tempkit.text import byte_size

if TYPE_CHECKING:
    from tempkit.store import Merged

_LONGEST_NOTE = 2000


class _Group(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from tempkit.errors import nearest, one_line

            named = one_line(args[0], 40)
            hint = nearest(named, [*self.commands]) or f"; known: {', '.join(sorted(self.commands))}"
            ctx.fail(f"no command {named!r}{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    "db",
    cls=_Group,
    short_help="Look after the database: check, size, merge, copy, prune, vacuum; rename runs.",
)
def command() -> None:
    """Look after the database that the runs are in, an SQLite file or PostgreSQL."""


command.add_command(prune)


@command.command("path")
@db_option
@json_option
def path(db: str | None, as_json: bool) -> None:
    """Print where the database is, whether or not there is one yet."""
    from tempkit.store import resolve

    target = resolve(db)
    where = str(target.path or target.where)
    if as_json:
        print_json({"database": where, "exists": target.path is None or target.path.exists()})
    else:
        click.echo(visible(where).plain)


@command.command("info")
@db_option
@json_option
def info(db: str | None, as_json: bool) -> None:
    """Say what the database is: its place, its schema, how many runs are in it, how large it is."""
    from tempkit.store import look_over

    found = look_over(db)
    if as_json:
        print_json(
            {
                "database": found.where,
                "kind": found.kind,
                "schema": found.schema,
                "newest_schema": found.newest_schema,
                "run_count": found.runs,
                "unfinished": found.unfinished,
                "bytes": found.bytes,
                "free_bytes": found.free_bytes,
            }
        )
        return
    kind = "SQLite" if found.kind == "sqlite" else "PostgreSQL"
    schema = f"schema {found.schema}"
    if found.schema != found.newest_schema:
        schema += f", brought up to {found.newest_schema} when it is next written"
    free = f", {byte_size(found.free_bytes)} of it free (tempkit db vacuum)" if found.free_bytes else ""
    click.echo(visible(f"{found.where}: {kind}, {schema}").plain)
    unfinished = f", {found.unfinished:,} unfinished" if found.unfinished else ""
    click.echo(f"{_runs(found.runs)}{unfinished}")
    click.echo(f"{byte_size(found.bytes)}{free}")


@command.command("size")
@db_option
@json_option
def size(db: str | None, as_json: bool) -> None:
    """Print how many rows each table has and how large it is with its indexes, the largest first."""
    from tempkit.store import look_over

    found = look_over(db)
    tables = sorted(found.tables, key=lambda each: (-(each.bytes or 0), -each.rows))
    if as_json:
        listed = [{"table": each.table, "rows": each.rows, "bytes": each.bytes} for each in tables]
        print_json({"database": found.where, "bytes": found.bytes, "tables": listed})
        return
    rows = [
        [each.table, f"{each.rows:,}", "" if each.bytes is None else byte_size(each.bytes)] for each in tables
    ]
    print_fitting(("table", ">rows", ">size"), [*rows, ["all", "", byte_size(found.bytes)]], dropped=())


@command.command("check")
@db_option
@json_option
@click.pass_context
def check(ctx: click.Context, db: str | None, as_json: bool) -> None:
    """Look for damage: pages that cannot be read, rows that belong to nothing, runs whose plan is unreadable.

    Reads alone. Exit code 1 where something was found.
    """
    from tempkit.store import look_into, resolve

    found = look_into(db)
    where = resolve(db).where
    if as_json:
        faults = [{"what": fault.what, "advice": fault.advice} for fault in found]
        print_json({"database": where, "ok": not found, "faults": faults})
    elif not found:
        click.echo(visible(f"Nothing is wrong with {where}.").plain)
    for fault in () if as_json else found:
        click.echo(visible(f"{fault.what}: {fault.advice}").plain)
    if found:
        ctx.exit(1)


@command.command("vacuum")
@db_option
@json_option
def vacuum(db: str | None, as_json: bool) -> None:
    """Give back the room of what was deleted. SQLite needs as much room again while it does."""
    from tempkit.store import Store, look_over

    with Store.open(db, must_exist=True) as store:
        before = look_over(db).bytes
        store.vacuum()
    after = look_over(db)
    if as_json:
        print_json({"database": after.where, "bytes_before": before, "bytes": after.bytes})
    else:
        click.echo(visible(f"{after.where}: {byte_size(before)} before, {byte_size(after.bytes)} now").plain)


@command.command("merge")
@click.argument("others", nargs=-1, required=True, metavar="OTHER...")
@db_option
@json_option
def merge(others: tuple[str, ...], db: str | None, as_json: bool) -> None:
    """Copy all runs of OTHER databases, files or URLs, into this one; nothing there is changed.

    Runs come with their answers, tokens, scores, ratings and settings, and can be resumed here. Each database is taken as it is
    at this moment, whole or not at all. A run that is here already stays as it is here; one whose name is taken here gets a
    number after it.

    \b
    Examples:
      tempkit db merge laptop.db desktop.db
      tempkit db merge postgresql://me@server/runs --db mine.db
    """
    from tempkit.store import Store

    work_is_elsewhere()
    done: list[Merged] = []
    with Store.open(db) as store:
        try:
            for other in others:
                done += store.merge(other)
        finally:  # what was copied before an error is there
            if done or sys.exc_info()[0] is None:
                _say_merged(done, store.where, as_json=as_json)


@command.command("copy")
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option(
    "--to", "target", required=True, metavar="FILE|URL", help="The other database; made where there is none."
)
@db_option
@json_option
def copy(runs: tuple[str, ...], target: str, db: str | None, as_json: bool) -> None:
    """Copy RUNs, or all, to another database, as merge does from there: SQLite to PostgreSQL, or back.

    \b
    Examples:
      tempkit db copy --to postgresql://me@server/runs
      tempkit db copy exam-1 exam-2 --to share.db
    """
    from tempkit.api import find_runs
    from tempkit.store import Store, resolve

    work_is_elsewhere()
    here = resolve(db)
    only = None
    if runs:
        with Store.open(db, must_exist=True, reading=True) as store:
            only = {record.id for record in find_runs(store, runs)}
    with Store.open(target) as store:
        _say_merged(store.merge(here.path or db, only=only), store.where, as_json=as_json)


@command.command("rename")
@click.argument("run")
@click.argument("name", metavar="NEW")
@db_option
@json_option
def rename(run: str, name: str, db: str | None, as_json: bool) -> None:
    """Give RUN the name NEW; its id stays."""
    from tempkit.store import Store

    work_is_elsewhere()
    with Store.open(db, must_exist=True) as store:
        before = store.find_run(run)
        after = store.rename(before.id, name)
    if as_json:
        print_json({"was": before.name}, run=after)
    else:
        click.echo(visible(f"{before.name} ({before.id}) is {after.name} now").plain)


@command.command("note")
@click.argument("run")
@click.argument("words", nargs=-1, metavar="[TEXT]")
@click.option("--clear", is_flag=True, help="Take the note away.")
@db_option
@json_option
def note(run: str, words: tuple[str, ...], clear: bool, db: str | None, as_json: bool) -> None:
    """Write a note on RUN, in place of an earlier one; runs, show and reports have it. Without TEXT: print it.

    \b
    Examples:
      tempkit db note latest "the prompt before the lawyers saw it"
      tempkit db note latest --clear
    """
    from tempkit.errors import UsageError
    from tempkit.store import Store

    text = " ".join(words).strip()
    if clear and text:
        raise UsageError("a note is written or taken away: leave out the text, or --clear")
    if len(text) > _LONGEST_NOTE:
        raise UsageError(f"the note has {len(text):,} characters; write {_LONGEST_NOTE:,} at most")
    writing = clear or bool(text)
    with Store.open(db, must_exist=True, reading=not writing) as store:
        record = store.find_run(run)
        if writing:
            store.set_note(record.id, text or None)
            record = store.find_run(record.id)
    if as_json:
        print_json({}, run=record)
    elif record.note is None:
        click.echo(visible(f"{record.name} has no note").plain)
    else:
        click.echo(visible(f"{record.name}: {record.note}").plain)


def _runs(count: int) -> str:
    return f"{count:,} run" if count == 1 else f"{count:,} runs"


def _say_merged(done: "Sequence[Merged]", where: str, *, as_json: bool) -> None:
    """Say what became of each run, and what a person might not expect of it."""
    for each in done:
        if each.state == "here_already" and each.completions != each.completions_here:
            say_note(
                f"warning: {each.run} is here already and left as it is here, with {each.completions_here:,} answers; "
                f"{each.completions:,} are there"
            )
        elif each.state == "joined":
            say_note(
                f"note: {each.run} is a part of the run here, which has {each.completions_here:,} answers now"
            )
        elif each.state == "added" and each.run != each.named:
            say_note(f"note: the name {each.named} was taken: the run is {each.run} here")
        if each.state == "added" and each.id != each.was:
            say_note(f"note: {each.run} has the id {each.id} here, as another run has {each.was}")
        if each.interrupted:
            say_note(f"note: {each.run} was going on there: it is interrupted here, and can be resumed")
    if as_json:
        listed = [
            {
                "id": each.id,
                "name": each.run,
                "named_there": each.named,
                "id_there": each.was,
                "state": each.state,
                "completions": each.completions_here,
                "completions_there": each.completions,
            }
            for each in done
        ]
        print_json({"database": where, "copied": listed})
        return
    added = [each for each in done if each.state == "added"]
    joined = sum(each.state == "joined" for each in done)
    known = len(done) - len(added) - joined
    left = f"; {joined:,} joined what was there" if joined else ""
    left += f"; {known:,} were there already" if known else ""
    answers = sum(each.completions for each in added)
    click.echo(visible(f"Copied {_runs(len(added))} with {answers:,} answers into {where}{left}.").plain)
