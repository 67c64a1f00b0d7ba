"""`tempkit show`."""

from dataclasses import asdict

import click

from tempkit.cli.common import db_option, json_option, number, print_json, print_table, table


@click.command("show", short_help="Print a table per model and temperature for a run.")
@click.argument("run", default="latest")
@db_option
@json_option
def command(run: str, db: str | None, as_json: bool) -> None:
    """Print a table per model and temperature for RUN: a name, an id, the beginning of one, or latest.

    \b
    n         completions stored
    distinct  different answers, counted item by item; equal to n when no answer came twice
    logprob   mean natural-log probability of the tokens, of the kind named
    entropy   mean entropy of the next-token distribution in nats; – where only some logprobs are known
    cut       completions that ended at the token limit
    """
    from rich.text import Text

    from tempkit.store import Store

    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        cells = store.summary(record.id)
    if as_json:
        print_json(
            {
                "run": record.name,
                "id": record.id,
                "status": record.status,
                "cells": [asdict(c) for c in cells],
            }
        )
        return
    rows = table(
        *("model", ">T", ">n", ">distinct", ">logprob", "kind", ">entropy", ">tokens", ">cut", ">failed"),
        title=f"{record.name} ({record.id}), {record.status}: {record.completions} of {record.planned} samples",
    )
    previous = None
    for cell in cells:
        rows.add_row(
            "" if cell.model == previous else Text(cell.model),
            f"{cell.temperature:g}",
            str(cell.n),
            str(cell.distinct_texts),
            number(cell.mean_logprob),
            cell.logprob_kind,
            number(cell.mean_entropy),
            f"{cell.tokens:,}",
            str(cell.truncated or ""),
            str(cell.failures or ""),
        )
        previous = cell.model
    print_table(rows)
