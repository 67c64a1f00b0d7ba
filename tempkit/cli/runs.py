"""`tempkit runs`."""

import click

from tempkit.cli.common import db_option, json_option, open_to_read, print_fitting, print_json


@click.command("runs", short_help="List the runs in the database.")
@db_option
@json_option
def command(db: str | None, as_json: bool) -> None:
    """List the runs in the database, newest first."""
    from tempkit.errors import one_line

    with open_to_read(db) as store:
        runs = store.runs()
    if as_json:
        print_json({}, runs=runs)
        return
    noted = any(r.note for r in runs)
    columns = (
        "run",
        "id",
        "started (UTC)",
        "status",
        "temperatures",
        ">samples",
        ">failed",
        *(["note"] if noted else []),
    )
    rows = [
        [
            r.name,
            r.id,
            f"{r.created_at:%Y-%m-%d %H:%M}",
            r.status,
            ", ".join(f"{t:g}" for t in r.temperatures),
            "imported" if r.imported and not r.completions else f"{r.completions}/{r.planned}",
            str(r.failures or ""),
            *([one_line(r.note or "", 60)] if noted else []),
        ]
        for r in runs
    ]
    print_fitting(columns, rows, dropped=("note", "started (UTC)", "id", ">failed", "status"))
