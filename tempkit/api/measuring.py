"""Measure a run, or bring its scores up to date."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from tempkit.api import reference_choice
from tempkit.api.database import Database, OnNote, OnProgress, Run, find_run, no_note, no_progress, opened
from tempkit.api.embedder_choice import chosen
from tempkit.decision import UseCase
from tempkit.errors import UsageError
from tempkit.event_loop import outside_event_loop
from tempkit.measures import Measured, Reference, Resources, measure_run, needs_reference, out_of_date
from tempkit.store import RunRecord, Store

__all__ = ["bring_up_to_date", "measure", "reference_models"]


@outside_event_loop
def measure(
    run: Run = "latest",
    *,
    db: Database = None,
    reference: str | None = None,
    embedder: str | None = None,
    embedder_options: Mapping[str, Any] | None = None,
    anew: bool = False,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
) -> Measured:
    """Compute a run's measures; what is up to date is left alone.

    Args:
        run: The run.
        db: The database.
        reference: A model to score every text under from now on, or `none`; None: the run's own, else the bundled one where a
            use case of the run needs it.
        embedder: An embedding model to compare texts by from now on, or `wordllama`; None: the run's own.
        embedder_options: Of the embedder, such as `base_url` and `api_key_env`.
        anew: Measure everything again, whether it changed or not.
        on_note: Is called with notes.
        on_progress: Is called with how many items on models are measured, of how many.

    Raises:
        StoreError: The run cannot be found, read or written.
        UsageError: A model cannot do what it is named for.
        ModelError: A model cannot be reached or loaded, or gives no embeddings.
    """
    if embedder_options and embedder is None:
        raise UsageError("embedder_options are about an embedder: name it with embedder")
    with opened(db, on_note=on_note) as store:
        return bring_up_to_date(
            store, find_run(store, run),
            reference=reference, embedder=embedder, options=embedder_options, anew=anew,
            on_note=on_note, on_progress=on_progress,
        )  # fmt: skip


def bring_up_to_date(
    store: Store,
    record: RunRecord,
    *,
    profile: UseCase | None = None,
    reference: str | None = None,
    embedder: str | None = None,
    options: Mapping[str, Any] | None = None,
    anew: bool = False,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
) -> Measured:
    """As `measure`, of a run in an open store.

    Args:
        store: Where the run is.
        record: The run.
        profile: The use case that is going to judge it; None: each section's own.
        reference: As `measure` takes it, like all that follow.
        embedder: See there.
        options: Of the embedder.
        anew: See there.
        on_note: See there.
        on_progress: See there.
    """
    with ExitStack() as stack:
        named = reference_choice.wanted(store, record, profile, reference)
        under = None if named is None else named.under
        compared_by = chosen(
            stack, store, record, embedder, options, named, on_note, needed=anew or reference is not None
        )
        model: Reference | None = named
        if named is not None:
            todo = out_of_date(
                store, record, Resources(embedder=compared_by, reference=named), under, anew=anew
            )
            if reference is not None or any(under is None or of in under for of in todo):
                model = reference_choice.opened(stack, store, record, named, todo, on_note)
        if reference is not None:
            store.set_reference(record.id, reference_choice.NONE if named is None else named.model)

        def counted(done: int, of: int) -> None:
            on_progress("measuring", done, of)

        resources = Resources(embedder=compared_by, reference=model)
        return measure_run(store, record, resources, under=under, anew=anew, on_progress=counted)


def reference_models(store: Store, record: RunRecord) -> list[str]:
    """Return the reference models that the run's scores are under, by what their versions call them."""
    found = (
        version.partition(" ")[2]
        for measure, version, _missing in store.sample_measures(record.id)
        if needs_reference((measure,))
    )
    return [name for name in dict.fromkeys(found) if name]
