"""`tempkit measure`."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, print_json
from tempkit.cli.progress import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tempkit.compare.measuring import Measured
    from tempkit.measures import Embedder
    from tempkit.measures.embedding import Rows
    from tempkit.running.embedding import EmbeddingModel
    from tempkit.store import RunRecord, Store

_OWN = "wordllama"
"""The embedder that comes along."""


@click.command("measure", short_help="Compute a run's measures, or bring them up to date.")
@click.argument("run", default="latest")
@click.option(
    "--reference",
    metavar="MODEL",
    help="Also score every text under this model at temperature 1, e.g. gguf:smollm2 (for incoherence).",
)
@click.option(
    "--embedder",
    metavar="MODEL",
    help="Compare texts by this embedding model from now on, e.g. openai:text-embedding-3-small or "
    "gguf:/path/model.gguf; wordllama is the one that comes along.",
)
@click.option(
    "--base-url",
    metavar="URL",
    help="For an openai: embedder: the server, e.g. http://localhost:8080/v1.",
)
@click.option(
    "--api-key-env", metavar="NAME", help="With --base-url: the environment variable that holds the key."
)
@click.option("--anew", is_flag=True, help="Measure everything again, whether it changed or not.")
@db_option
@json_option
def command(
    run: str,
    reference: str | None,
    embedder: str | None,
    base_url: str | None,
    api_key_env: str | None,
    anew: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Compute the measures of RUN: a name, an id, the beginning of one, or latest.

    What is up to date is left alone. The other commands do this by themselves; only a reference model has to be named
    here, because scoring every text under one takes minutes, and an embedder other than wordllama. That one is
    remembered with the run, and asked again by whatever measures more of it.

    \b
    Examples:
      tempkit measure latest
      tempkit measure latest --reference gguf:smollm2
      tempkit measure latest --embedder openai:text-embedding-3-small
      tempkit measure latest --embedder openai:nomic --base-url http://localhost:8080/v1
      tempkit measure latest --embedder wordllama
    """
    from tempkit.errors import UsageError
    from tempkit.store import Store

    given = {"base_url": base_url, "api_key_env": api_key_env}
    options = {name: value for name, value in given.items() if value is not None}
    if options and embedder is None:
        raise UsageError("--base-url and --api-key-env are about an embedder: name it with --embedder")
    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        done = bring_up_to_date(
            store, record, reference=reference, embedder=embedder, options=options, anew=anew
        )
    if as_json:
        print_json({"run": record.name, "id": record.id, "blocks": done.blocks, "measured": done.renewed})
    else:
        click.echo(
            f"Measured {done.renewed} of {done.blocks} items on models; the others were up to date."
            if done.renewed < done.blocks
            else f"Measured {done.blocks} items on models."
        )


def bring_up_to_date(
    store: "Store",
    record: "RunRecord",
    *,
    reference: str | None = None,
    embedder: str | None = None,
    options: "Mapping[str, Any] | None" = None,
    anew: bool = False,
) -> "Measured":
    """Measure what has changed, showing how far it is on stderr.

    Args:
        store: Where the run is.
        record: The run.
        reference: A model to score every text under, too.
        embedder: An embedding model to compare texts by from now on; None: as the run was measured before.
        options: Of the embedder.
        anew: Measure everything.

    Raises:
        UsageError: A model that cannot do what it is named for.
        ModelError: A model cannot be reached or loaded, or gives no embeddings.
    """
    from tempkit.compare.measuring import measure_run
    from tempkit.measures import Resources
    from tempkit.running import ScoringModel

    with ExitStack() as stack:
        chosen = _chosen(stack, store, record, embedder, options, needed=anew or reference is not None)
        model = None if reference is None else stack.enter_context(ScoringModel(reference))
        told = stack.enter_context(shown("measuring", "items measured"))
        return measure_run(store, record, Resources(embedder=chosen, reference=model), anew=anew, told=told)


def _chosen(
    stack: ExitStack,
    store: "Store",
    record: "RunRecord",
    embedder: str | None,
    options: "Mapping[str, Any] | None",
    *,
    needed: bool,
) -> "Embedder":
    """Return the embedder that is asked for, else the run's own, and remember it with the run.

    The run's own is not reached while its scores are up to date: then its name will do.
    """
    from tempkit.compare.measuring import out_of_date
    from tempkit.errors import ModelError
    from tempkit.measures import Resources, WordLlamaEmbedder

    known = record.embedder
    if embedder == _OWN or (embedder is None and known is None):
        if known is not None:
            store.set_embedder(record.id, None)
        return WordLlamaEmbedder()
    if embedder is None and known is not None:
        named = _Named(known.name)
        if not needed and not out_of_date(store, record, Resources(embedder=named)):
            return named
        embedder, options = known.model, known.options
    from tempkit.running.embedding import EmbeddingModel

    opened = EmbeddingModel(embedder or "", options)
    try:
        model = stack.enter_context(opened)
        model.embed(["Does this model give embeddings?"])  # before anything is thrown away for it
    except ModelError as e:
        if known is None:
            raise
        way_back = f"tempkit measure {record.name} --embedder {_OWN}"
        raise ModelError(f"{e} (the run was measured with {known.name}; to go back: {way_back})") from e
    if model.choice != known:
        store.set_embedder(record.id, model.choice)
    stack.callback(_tell, model)
    return model


class _Named:
    """An embedder that is known by name alone."""

    def __init__(self, name: str) -> None:
        self.name = name

    def embed(self, texts: "Sequence[str]") -> "Rows":
        raise AssertionError(
            f"scores that are up to date need no embeddings, but {len(texts)} were asked for"
        )


def _tell(model: "EmbeddingModel") -> None:
    """Say what a person should know of an embedder that was used."""
    if model.note:
        click.echo(f"note: {model.name}: {model.note}", err=True)
    if model.cut:
        texts = "1 text was" if model.cut == 1 else f"{model.cut:,} texts were"
        click.echo(f"note: {texts} longer than the embedder reads; only the beginning counts", err=True)
