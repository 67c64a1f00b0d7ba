"""What a probe is to find of an endpoint, and what of that it cannot know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from endpoint import Switches

__all__ = ["GOOD", "Kind"]

Expected = Mapping[str, Any]
"""What a probe is to find, by the names of `endpoint_battery.facts`."""

GOOD: Expected = {
    "temperature": "honoured",
    "scale seen": True,
    "factor": None,
    "limit": None,
    "truncates": False,
    "zero": True,
    "most": None,
    "logprobs": "raw",
    "few logprobs": False,
    "unsorted": False,
    "sentinels": False,
    "steady alone": True,
    "steady together": True,
    "seed": "honoured",
    "n": "taken",
    "top_p": "taken",
    "top_k": "taken",
    "min_p": "taken",
    "frequency_penalty": "taken",
    "presence_penalty": "taken",
    "thinking": False,
    "forgets": False,
    "same model": True,
}
"""Of a good endpoint with raw logprobs."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of endpoint."""

    name: str
    switches: Switches
    tells: Expected = field(default_factory=dict)
    """What is to be found of it that is not so of a good one; nothing: it is a good one."""
    untold: frozenset[str] = frozenset()
    """What cannot be known of it, or follows from the rest, so that whatever is said is no false alarm."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the model, as a user would name it."""

    @property
    def expected(self) -> Expected:
        """Everything that is to be found."""
        kind = self.switches.logprobs
        scale = (
            {}
            if kind == "raw"
            else {"scale seen": False, "logprobs": "none" if kind == "none" else "tempered"}
        )
        return {**GOOD, **scale, **self.tells}
