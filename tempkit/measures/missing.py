"""What stands in the place of a number that cannot be had, and which answers are not whole."""

from dataclasses import dataclass

from tempkit.types import FinishReason

__all__ = ["CUT_OFF", "NOT_WHOLE", "Found", "Missing", "or_missing"]

CUT_OFF: tuple[FinishReason, ...] = ("length", "content_filter")
"""Finish reasons of a text that would have gone on."""

NOT_WHOLE: tuple[FinishReason, ...] = (*CUT_OFF, "unknown")
"""Those of a text that is not known to be whole."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a measure could not be taken: in place of a number, never in place of a bad one."""

    reason: str
    """A sentence without a full stop that a person understands."""


Found = float | Missing


def or_missing(value: float | None, reason: str) -> Found:
    """Return a value, or the reason where there is none."""
    return Missing(reason) if value is None else value
