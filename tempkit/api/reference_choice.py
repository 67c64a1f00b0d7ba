"""Which reference model a run's texts are scored under: the one asked for, the run's own, else the bundled one where it is needed.

Texts that nobody finds improbable are what guard-rails on incoherence ask for, and only a model that reads them can say so. Where
the bundled one is installed, or TEMPKIT_REFERENCE names another, it does, without being asked, because a guard-rail that was not
measured keeps every pick a guess; it never does so for so much text that it would take minutes, and it never goes unsaid.
"""

import os
import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec

from tempkit.analysis import use_cases
from tempkit.api.database import OnNote, named_here
from tempkit.backends import bundled_file
from tempkit.decision import GENERAL, UseCase, profile_of, use_case
from tempkit.errors import BackendError, UsageError
from tempkit.measures import MEASURES, Of, Reference
from tempkit.models import ScoringModel
from tempkit.planning import parse_model
from tempkit.store import RunRecord, Store
from tempkit.types import Plan, Scored

__all__ = ["BUNDLED", "NONE", "Wanted", "opened", "wanted"]

BUNDLED = "gguf:smollm2"
NONE = "none"
"""What is named to have no reference model."""

_MOST = 100_000
"""Characters that are scored without being asked: some 25,000 tokens, about a minute on two idle cores."""


@dataclass(frozen=True)
class Wanted:
    """A reference model to use, not loaded yet."""

    model: str
    """As on the command line."""
    under: frozenset[Of] | None
    """The items on models to score under it; None: all."""
    asked: bool
    """Whether it was named now."""

    @property
    def name(self) -> str:
        """How the name begins under which its scores are kept."""
        return parse_model(self.model).id

    def score(self, texts: Sequence[object]) -> list[Scored]:
        """As a stand-in for the model where all its scores are there."""
        raise AssertionError(f"scores that are up to date need no model, but {len(texts)} were asked for")


def wanted(store: Store, record: RunRecord, profile: UseCase | None, asked: str | None) -> Wanted | None:
    """Return the reference model to score a run's texts under; None for none.

    Args:
        store: Where the run is.
        record: The run.
        profile: The use case that is going to judge it; None: each section's own.
        asked: The model named now, or `none`.
    """
    if asked is not None and asked != NONE:
        return Wanted(asked, None, asked=True)
    if NONE in (asked, record.reference):
        return None
    if record.reference is not None:
        return Wanted(record.reference, None, asked=False)
    usual = os.environ.get("TEMPKIT_REFERENCE") or BUNDLED
    if usual == NONE:
        return None
    under = _guarded(store.load_plan(record.id), profile)
    return Wanted(usual, under, asked=False) if under and (usual != BUNDLED or _is_installed()) else None


def opened(
    stack: ExitStack, store: Store, record: RunRecord, chosen: Wanted, todo: Sequence[Of], on_note: OnNote
) -> Reference | None:
    """Load a reference model and say so; None, which is said too, where it cannot be or would take too long.

    Args:
        stack: Closes it.
        store: Where the run is.
        record: The run.
        chosen: The model.
        todo: What is going to be measured.
        on_note: Is called with notes.

    Raises:
        UsageError: A model named now cannot score texts.
        ModelError: One named now cannot be loaded.
    """
    if chosen.under is not None:
        if _by_another(store, record, chosen):
            return None
        sizes = store.characters(record.id)
        size = sum(sizes.get(of, 0) for of in todo if of in chosen.under)
        if size > _MOST:
            on_note(
                f"warning: incoherence is not measured, as scoring {size:,} characters under {chosen.model} takes long; "
                f"do it with: tempkit measure {named_here(store, record)} --reference {shlex.quote(chosen.model)}"
            )
            return None
    try:
        model = stack.enter_context(ScoringModel(chosen.model))
    except (BackendError, UsageError) as e:
        if chosen.asked:
            raise
        on_note(f"warning: incoherence is not measured of what is new: {e}")
        return None
    if not chosen.asked:
        which = f"{chosen.model}, the bundled model" if chosen.model == BUNDLED else chosen.model
        on_note(f"measuring how coherent the answers are to {which}")
    return model


def _guarded(plan: Plan, profile: UseCase | None) -> frozenset[Of]:
    """Return the items on models whose use case needs a reference model."""

    def judging(named: str | None) -> UseCase:
        return profile_of(named, plan.use_cases.get(named or "")) or use_case(GENERAL)

    groups = use_cases(plan)
    if profile is not None:
        groups = [prompts for prompts in groups if prompts[0].use_case == profile.name] or groups
    return frozenset(
        (item.key, model.label)
        for prompts in groups
        if (profile or judging(prompts[0].use_case)).needs_reference
        for prompt in prompts
        for item in prompt.items
        for model in plan.models
    )


def _by_another(store: Store, record: RunRecord, chosen: Wanted) -> bool:
    """Whether some texts were scored under another model, before a run remembered which: those scores stay."""
    other = [measure.name for measure in MEASURES.values() if "reference" in measure.needs]
    scores = (score for name in other for score in store.scores(record.id, name))
    return any(score.value is not None and f" {chosen.name}@" not in f" {score.version}" for score in scores)


def _is_installed() -> bool:

    found = bundled_file(BUNDLED.partition(":")[2])
    return find_spec("llama_cpp") is not None and found is not None and found.is_file()
