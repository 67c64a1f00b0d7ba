"""`tempkit measure`."""

import shlex
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, print_json
from tempkit.cli.progress import shown
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tempkit.cli.reference import Wanted
    from tempkit.decision import UseCase
    from tempkit.measures import Embedder, Reference
    from tempkit.measures.embedding import Rows
    from tempkit.measures.service import Measured
    from tempkit.models.embedding import EmbeddingModel
    from tempkit.store import RunRecord, Store
    from tempkit.types import EmbedderChoice

_OWN = "wordllama"
"""The bundled embedder."""


@click.command("measure", short_help="Compute a run's measures, or bring them up to date.")
@click.argument("run", default="latest")
@click.option(
    "--reference",
    metavar="MODEL",
    help="Score every text under this model at temperature 1 from now on, for incoherence; none: under none. "
    "Default: gguf:smollm2, where it is installed and a use case of the run guards against incoherence.",
)
@click.option(
    "--embedder",
    metavar="MODEL",
    help="Compare texts by this embedding model from now on, e.g. openai:text-embedding-3-small or "
    "gguf:/path/model.gguf; wordllama is the bundled one.",
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

    What is up to date is left alone. The other commands do this by themselves; only another reference model than the
    bundled one has to be named here, and another embedder than wordllama. Both are remembered with the run, and asked
    again by whatever measures more of it.

    \b
    Examples:
      tempkit measure latest
      tempkit measure latest --reference gguf:smollm2
      tempkit measure latest --embedder openai:text-embedding-3-small
      tempkit measure latest --embedder openai:nomic --base-url http://localhost:8080/v1
      tempkit measure latest --embedder wordllama
    """
    from tempkit.errors import UsageError, one_line
    from tempkit.store import Store

    work_is_elsewhere()
    given = {"base_url": base_url, "api_key_env": api_key_env}
    options = {name: value for name, value in given.items() if value is not None}
    if options and embedder is None:
        raise UsageError("--base-url and --api-key-env are about an embedder: name it with --embedder")
    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        done = bring_up_to_date(
            store, record, reference=reference, embedder=embedder, options=options, anew=anew
        )
        models, references = store.model_infos(record.id), _reference_models(store, record)
    if as_json:
        facts = {"run": record.name, "id": record.id, "blocks": done.blocks, "measured": done.renewed}
        print_json({**facts, "reference_models": references})
        return
    several = len(models) > 1
    if done.renewed:
        rest = "" if done.renewed == done.blocks else f"; {done.blocks - done.renewed} were up to date"
        click.echo(f"Measured {_answers(done.renewed, several)}{rest}.")
    else:
        click.echo(f"Up to date: {_answers(done.blocks, several)}.")
    for model in references:
        click.echo(f"Incoherence is under {one_line(model)}.")


def _answers(blocks: int, several: bool) -> str:
    if several:
        return f"{blocks} set{'s' * (blocks != 1)} of answers, each of one model to one question"
    return f"the answers to {blocks} question{'s' * (blocks != 1)}"


def _reference_models(store: "Store", record: "RunRecord") -> "list[str]":
    """Return the reference models that the run's scores are under, by what their versions call them."""
    from tempkit.measures import needs_reference

    found = (
        version.partition(" ")[2]
        for measure, version, _missing in store.sample_measures(record.id)
        if needs_reference((measure,))
    )
    return [name for name in dict.fromkeys(found) if name]


def bring_up_to_date(
    store: "Store",
    record: "RunRecord",
    *,
    profile: "UseCase | None" = None,
    reference: str | None = None,
    embedder: str | None = None,
    options: "Mapping[str, Any] | None" = None,
    anew: bool = False,
) -> "Measured":
    """Measure what has changed, showing how far it is on stderr.

    Args:
        store: Where the run is.
        record: The run.
        profile: The use case that is going to judge it; None: each section's own.
        reference: A model to score every text under from now on, or `none`; None: as `tempkit.cli.reference` says.
        embedder: An embedding model to compare texts by from now on; None: as the run was measured before.
        options: Of the embedder.
        anew: Measure everything.

    Raises:
        UsageError: A model that cannot do what it is named for.
        ModelError: A model cannot be reached or loaded, or gives no embeddings.
    """
    from tempkit.cli.reference import NONE, opened, wanted
    from tempkit.measures import Resources
    from tempkit.measures.service import measure_run, out_of_date

    with ExitStack() as stack:
        named = wanted(store, record, profile, reference)
        under = None if named is None else named.under
        chosen = _chosen(stack, store, record, embedder, options, named, needed=anew or reference is not None)
        model: Reference | None = named
        if named is not None:
            todo = out_of_date(store, record, Resources(embedder=chosen, reference=named), under, anew=anew)
            if reference is not None or any(under is None or of in under for of in todo):
                model = opened(stack, store, record, named, todo)
        if reference is not None:
            store.set_reference(record.id, NONE if named is None else named.model)
        told = stack.enter_context(shown("measuring", "items measured"))
        resources = Resources(embedder=chosen, reference=model)
        return measure_run(store, record, resources, under=under, anew=anew, told=told)


def _chosen(
    stack: ExitStack,
    store: "Store",
    record: "RunRecord",
    embedder: str | None,
    options: "Mapping[str, Any] | None",
    reference: "Wanted | None",
    *,
    needed: bool,
) -> "Embedder":
    """Return the embedder that is asked for, else the run's own, and remember it with the run.

    The run's own is not reached while its scores are up to date: then its name will do.
    """
    from tempkit.errors import ModelError
    from tempkit.measures import Resources, WordLlamaEmbedder
    from tempkit.measures.service import out_of_date

    known = record.embedder
    if embedder == _OWN or (embedder is None and known is None):
        if known is not None:
            store.set_embedder(record.id, None)
        return WordLlamaEmbedder()
    if embedder is None and known is not None:
        named = _Named(known.name)
        under = None if reference is None else reference.under
        if not needed and not out_of_date(
            store, record, Resources(embedder=named, reference=reference), under
        ):
            return named
        _check_key(store, record, known)
        embedder, options = known.model, known.options
    from tempkit.cli.common import named_here
    from tempkit.models.embedding import EmbeddingModel

    opened = EmbeddingModel(embedder or "", options)
    try:
        model = stack.enter_context(opened)
        model.embed(["Does this model give embeddings?"])  # before anything is thrown away for it
    except ModelError as e:
        if known is None:
            raise
        way_back = f"tempkit measure {named_here(store, record)} --embedder {_OWN}"
        raise ModelError(f"{e} (the run was measured with {known.name}; to go back: {way_back})") from e
    if model.choice != known:
        store.set_embedder(record.id, model.choice)
    stack.callback(_tell, model)
    return model


def _check_key(store: "Store", record: "RunRecord", known: "EmbedderChoice") -> None:
    """Refuse to send a key as the database says, which may come from somebody else: whoever names the embedder again allows it."""
    from tempkit.cli.common import named_here
    from tempkit.errors import UsageError
    from tempkit.planning.consent import Consent, check_stored
    from tempkit.planning.experiment import parse_model

    spec = parse_model(known.model, options=known.options)
    try:
        check_stored(f"run {record.name}", [spec], Consent())
    except UsageError as e:
        told = str(e).partition("; if that is meant")[0]
        again = ",".join([known.model, *(f"{name}={value}" for name, value in known.options.items())])
        measure = f"tempkit measure {named_here(store, record)} --embedder"
        raise UsageError(
            f"{told} to compare texts; if that is meant: {measure} {shlex.quote(again)}; to compare them by the bundled one: {measure} {_OWN}"
        ) from e


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
