"""`tempkit show`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import (
    counted,
    db_option,
    json_option,
    number,
    open_to_read,
    print_fitting,
    print_json,
    say,
    visible,
)

if TYPE_CHECKING:
    from tempkit.store import CellSummary


_COLUMNS = (
    "model",
    ">T",
    ">n",
    ">distinct",
    ">logprob",
    "kind",
    ">entropy",
    ">tokens",
    ">truncated",
    ">failed",
)
_LINES = 5
"""How many lines say what was left out of the files that a run's prompts, or answers, are from."""
_DROPPED = ("kind", ">logprob", ">entropy", ">tokens", ">distinct", ">failed", ">truncated")


@click.command("show", short_help="Print a table per model and temperature for a run.")
@click.argument("run", default="latest")
@db_option
@json_option
def command(run: str, db: str | None, as_json: bool) -> None:
    """Print a table per model and temperature for RUN: a name, an id, the beginning of one, or latest.

    \b
    n          answers stored
    distinct   different answers, counted question by question; equal to n when no answer came twice
    logprob    mean natural-log probability of the tokens, of the kind named
    entropy    mean entropy of the next-token distribution in nats; – where only some logprobs are known
    truncated  answers that ended at the token limit
    """
    from rich.text import Text

    from tempkit.analysis import who_answered
    from tempkit.cli.headlines import decided_or_said_why_not, say_headlines
    from tempkit.decision import as_data, of_answerers, shutdown
    from tempkit.prompts import left_out_of

    with open_to_read(db) as store:
        record = store.find_run(run)
        plan = store.load_plan(record.id)
        compared = {(model.label, t) for model in plan.models for t in plan.compared_at(model.label)}
        cells = [each for each in store.summary(record.id) if (each.model, each.temperature) in compared]
        found = decided_or_said_why_not(store, record)
        models = who_answered(store, record)
        left_out = left_out_of(plan.prompts)
    if as_json:
        print_json(
            {
                "models": [
                    {
                        "model": each.model.label,
                        "shutdown_date": each.ends,
                        "answered_by": [
                            {
                                "name": who.name,
                                "fingerprint": who.fingerprint,
                                "address": who.address,
                                "temperatures": [{"temperature": t, "n": n} for t, n in sorted(by.items())],
                            }
                            for who, by in each.answerers.counts.items()
                        ],
                    }
                    for each in models
                ],
                "cells": [_as_data(each) for each in cells],
                "left_out": list(left_out),
                "decisions": [as_data(each) for each in found],
            },
            run=record,
        )
        return
    title = f"{record.name} ({record.id}), {record.status}"
    if record.imported and not record.completions:
        click.echo(visible(f"{title}: imported scores, without answers").plain)
    else:
        title += f": {counted(record)}"
        print_fitting(_COLUMNS, list(_rows(cells)), dropped=_DROPPED, title=title)
    for line in left_out[:_LINES]:
        say(Text(line))
    if len(left_out) > _LINES:
        more = len(left_out) - _LINES
        things = "1 thing more is" if more == 1 else f"{more:,} things more are"
        say(Text(f"and {things} not carried over; --json has them all"))
    if record.note:
        say(Text(f"Note: {record.note}"))
    for each in models:
        for sentence in (
            *of_answerers(each.answerers),
            *([] if each.ends is None else [shutdown(each.ends.isoformat())]),
        ):
            say(Text(f"{each.model.label}: {sentence}"))
    say_headlines(store, record, found)


def _as_data(cell: "CellSummary") -> dict[str, Any]:
    """Return a cell under the names that its columns have."""
    return {
        "model": cell.model,
        "temperature": cell.temperature,
        "n": cell.n,
        "distinct": cell.distinct_texts,
        "logprob": cell.mean_logprob,
        "kind": cell.logprob_kind,
        "entropy": cell.mean_entropy,
        "tokens": cell.tokens,
        "truncated": cell.truncated,
        "failed": cell.failures,
    }


def _rows(cells: "Sequence[CellSummary]") -> "Iterator[list[str]]":
    previous = None
    for cell in cells:
        yield [
            "" if cell.model == previous else cell.model,
            f"{cell.temperature:g}",
            str(cell.n),
            str(cell.distinct_texts),
            number(cell.mean_logprob),
            cell.logprob_kind,
            number(cell.mean_entropy),
            f"{cell.tokens:,}",
            str(cell.truncated or ""),
            str(cell.failures or ""),
        ]
        previous = cell.model
