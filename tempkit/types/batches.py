"""Batches: samples handed to a provider together, to be answered within a day at a lower price.

A batch outlives the process that submits it, so everything that is needed to collect it is data that the store keeps:
a tag of our own, written down before anything is sent, and what was sent for each of its samples.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tempkit.types.outcomes import SampleKey

__all__ = ["Batch", "BatchRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """One sample of a batch, with what was sent for it."""

    number: int
    """In its batch, from 0."""
    key: SampleKey
    seed: int | None
    """As sent; None: none was."""
    params: Mapping[str, Any]
    """Every sampling parameter under the provider's name for it, kept because a later tempkit may lay them out otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that is still to be collected."""

    tag: str
    """What the batch is called where it is submitted: unique, of letters and digits."""
    model: str
    """The model's label."""
    requests: int
    """How many it was made of."""
    created_at: datetime
    """When it was written down, just before it was submitted; UTC."""
    remote_id: str | None = None
    """The provider's id; None as long as nobody has noted that the provider took it, which it may have."""
    awaited: tuple[BatchRequest, ...] = ()
    """Those without an outcome."""

    def custom_id(self, request: BatchRequest) -> str:
        """Return what a request is called in the batch and in its results: at most 64 letters, digits and dashes."""
        return f"{self.tag}-{request.number}"
