"""`tempkit measure`."""

from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, print_json
from tempkit.cli.progress import shown

if TYPE_CHECKING:
    from tempkit.compare.measuring import Measured
    from tempkit.store import RunRecord, Store


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
    with shown("measuring", "items measured") as told:
        if reference is None:
            return measure_run(store, record, Resources(embedder=embedder), anew=anew, told=told)
        with ScoringModel(reference) as model:
            resources = Resources(embedder=embedder, reference=model)
            return measure_run(store, record, resources, anew=anew, told=told)
