"""What stands in the place of a number that cannot be had, and which answers are incomplete."""

from dataclasses import dataclass

from tempkit.types import FinishReason, Reason, in_words

__all__ = ["INCOMPLETE_ENDS", "TRUNCATED_ENDS", "Found", "Missing", "or_missing"]

TRUNCATED_ENDS: tuple[FinishReason, ...] = ("length", "content_filter")
"""Finish reasons of a text that would have gone on."""

INCOMPLETE_ENDS: tuple[FinishReason, ...] = (*TRUNCATED_ENDS, "unknown")
"""Those of a text that is not known to be complete."""


@dataclass(frozen=True, slots=True, init=False)
class Missing:
    """Why a measure could not be taken: in place of a number, never in place of a bad one."""

    reason: Reason

    def __init__(self, reason: Reason | str) -> None:
        """Take one of tempkit's own reasons, or a sentence without a full stop that a person understands."""
        object.__setattr__(self, "reason", in_words(reason) if isinstance(reason, str) else reason)


Found = float | Missing


def or_missing(value: float | None, reason: Reason) -> Found:
    """Return a value, or the reason where there is none."""
    return Missing(reason) if value is None else value
