"""Which embedder compares a run's texts: the one asked for, else the run's own, else the bundled one."""

import shlex
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from tempkit.api.database import OnNote, named_here
from tempkit.api.reference_choice import Wanted
from tempkit.errors import ModelError, UsageError
from tempkit.measures import Embedder, Resources, Rows, WordLlamaEmbedder, out_of_date
from tempkit.models import EmbeddingModel
from tempkit.planning import Consent, check_stored, parse_model
from tempkit.store import RunRecord, Store
from tempkit.types import EmbedderChoice

__all__ = ["chosen"]

_OWN = "wordllama"
"""The bundled embedder."""


def chosen(
    stack: ExitStack,
    store: Store,
    record: RunRecord,
    embedder: str | None,
    options: Mapping[str, Any] | None,
    reference: Wanted | None,
    on_note: OnNote,
    *,
    needed: bool,
) -> Embedder:
    """Return the embedder that is asked for, else the run's own, and remember it with the run.

    The run's own is not reached while its scores are up to date: then its name will do.

    Args:
        stack: Closes it.
        store: Where the run is.
        record: The run.
        embedder: The model named now.
        options: Of that model.
        reference: The reference model that the texts are scored under.
        on_note: Is called with notes.
        needed: Whether it is going to be asked even where scores are up to date.

    Raises:
        UsageError: The model gives no embeddings, or the run's own sends a key to where nobody has allowed it.
        ModelError: It cannot be reached or loaded.
    """
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
    stack.callback(_tell, model, on_note)
    return model


def _check_key(store: Store, record: RunRecord, known: EmbedderChoice) -> None:
    """Refuse to send a key as the database says, which may come from somebody else: whoever names the embedder again allows it."""
    spec = parse_model(known.model, options=known.options)
    try:
        check_stored(f"run {record.name}", [spec], Consent())
    except UsageError as e:
        problem = str(e).partition("; if that is meant")[0]
        again = ",".join([known.model, *(f"{name}={value}" for name, value in known.options.items())])
        measure = f"tempkit measure {named_here(store, record)} --embedder"
        raise UsageError(
            f"{problem} to compare texts; if that is meant: {measure} {shlex.quote(again)}; to compare them by the bundled one: {measure} {_OWN}"
        ) from e


class _Named:
    """An embedder that is known by name alone."""

    def __init__(self, name: str) -> None:
        self.name = name

    def embed(self, texts: Sequence[str]) -> Rows:
        raise AssertionError(
            f"scores that are up to date need no embeddings, but {len(texts)} were asked for"
        )


def _tell(model: EmbeddingModel, on_note: OnNote) -> None:
    """Say what a person should know of an embedder that was used."""
    if model.note:
        on_note(f"warning: {model.name}: {model.note}")
    if model.cut:
        texts = "1 text was" if model.cut == 1 else f"{model.cut:,} texts were"
        on_note(f"warning: {texts} longer than the embedder reads; only the beginning counts")
