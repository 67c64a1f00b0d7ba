"""A decision as plain values and as JSON, for `recommend --json` and what a report lets one download."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import msgspec

from tempkit.decision.result import Decision

__all__ = ["as_data", "document"]

_KEPT_BACK = ("profile", "against_pick")
"""Fields of a decision that its JSON does not have."""


def as_data(found: Decision) -> dict[str, Any]:
    """Return a decision as plain values that JSON takes."""
    plain = {
        each.name: _plain(getattr(found, each.name)) for each in fields(found) if each.name not in _KEPT_BACK
    }
    plain["variety"] = None if found.variety is None else as_data(found.variety)
    plain["title"] = found.profile.title
    plain["notes"] = [{"code": note.code, **_plain(dict(note.data))} for note in found.notes]
    plain["next"] = [{"code": step.code, **_plain(dict(step.data))} for step in found.next]
    return plain


def _plain(value: Any) -> Any:
    return None if isinstance(value, Decision) else msgspec.to_builtins(value, enc_hook=str)


def document(found: Sequence[Decision]) -> str:
    """Return decisions as the text that `recommend --json` prints and a report's download holds, to the last byte."""
    return json.dumps([as_data(each) for each in found], indent=2, ensure_ascii=False, allow_nan=False) + "\n"
