"""When a provider is going to switch a model off, as its own list of models says: told before anything is asked of it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from tempkit.types import ModelInfo

__all__ = ["ends_of", "shutdown_date"]


def shutdown_date(info: ModelInfo | None) -> date | None:
    """Return when a model is switched off; None where its provider has announced nothing, or was not asked."""
    found = None if info is None else info.details.get("shutdown_date")
    try:
        return date.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:  # a plug-in's words, or another's database: no date, and still among the details
        return None


def ends_of(
    infos: Mapping[str, ModelInfo], before: Mapping[str, ModelInfo] | None = None, today: date | None = None
) -> Iterator[str]:
    """Say of each model that ends when it does, unless that was known when the run began.

    Args:
        infos: What was found of the models, by label.
        before: What was found when the run began.
        today: The day it is, as UTC has it.
    """
    now = today or datetime.now(UTC).date()
    for label, info in infos.items():
        ends = shutdown_date(info)
        if ends is None or (before is not None and ends == shutdown_date(before.get(label))):
            continue
        left = (ends - now).days
        when = f"in {left} day{'s' * (left != 1)}" if left > 0 else "today" if not left else "which is past"
        yield f"warning: {label} is switched off on {ends}, {when}, as its provider's list of models says; a decision for it holds no longer than that"
