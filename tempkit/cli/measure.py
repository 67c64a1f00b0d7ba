"""`tempkit measure`."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, print_json

if TYPE_CHECKING:
    from tempkit.compare.measuring import Measured, Told
    from tempkit.store import RunRecord, Store

_EVERY_S = 10.0


@click.command("measure", short_help="Compute a run's measures, or bring them up to date.")
@click.argument("run", default="latest")
@click.option(
    "--reference",
    metavar="MODEL",
    help="Also score every text under this model at temperature 1, e.g. gguf:smollm2 (for incoherence).",
)
@click.option("--anew", is_flag=True, help="Measure everything again, whether it changed or not.")
@db_option
@json_option
def command(run: str, reference: str | None, anew: bool, db: str | None, as_json: bool) -> None:
    """Compute the measures of RUN: a name, an id, the beginning of one, or latest.

    What is up to date is left alone. The other commands do this by themselves; only a reference model has to be named
    here, because scoring every text under one takes minutes.

    \b
    Examples:
      tempkit measure latest
      tempkit measure latest --reference gguf:smollm2
    """
    from tempkit.store import Store

    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        done = bring_up_to_date(store, record, reference=reference, anew=anew)
    if as_json:
        print_json({"run": record.name, "id": record.id, "blocks": done.blocks, "measured": done.renewed})
    else:
        click.echo(
            f"Measured {done.renewed} of {done.blocks} items on models; the others were up to date."
            if done.renewed < done.blocks
            else f"Measured {done.blocks} items on models."
        )


def bring_up_to_date(
    store: "Store", record: "RunRecord", *, reference: str | None = None, anew: bool = False
) -> "Measured":
    """Measure what has changed, showing how far it is on stderr."""
    from tempkit.compare.measuring import measure_run
    from tempkit.measures import Resources, WordLlamaEmbedder
    from tempkit.running import ScoringModel

    embedder = WordLlamaEmbedder()
    with _shown() as told:
        if reference is None:
            return measure_run(store, record, Resources(embedder=embedder), anew=anew, told=told)
        with ScoringModel(reference) as model:
            resources = Resources(embedder=embedder, reference=model)
            return measure_run(store, record, resources, anew=anew, told=told)


@contextmanager
def _shown() -> "Iterator[Told]":
    """Show progress: a bar on a terminal, a line every ten seconds elsewhere; nothing where there is nothing to do."""
    if not sys.stderr.isatty():
        begun = last = time.monotonic()

        def line(done: int, of: int) -> None:
            nonlocal last
            if time.monotonic() - last >= _EVERY_S:
                last = time.monotonic()
                left = (last - begun) / max(done, 1) * (of - done)
                click.echo(f"{done}/{of} items measured, about {left:.0f} s left", err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("measuring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def drawn(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of, visible=of > 0)

        yield drawn
