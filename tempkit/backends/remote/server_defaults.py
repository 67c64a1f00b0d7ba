"""What a server fills in where a request is silent, as far as it says so: recorded with the run, beside what was sent against it.

Sampling parameters that nobody sends may come from the model's files. So all that are known are sent, and what the server says
would have applied is kept: names and numbers, few and short, and nothing else of its answer.
"""

import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from tempkit.text import holds_secret

__all__ = ["recorded"]

_MOST = 64
_LARGEST = 2**53
_NAME = re.compile(r"[A-Za-z_]\w{0,39}", re.ASCII)
_ALWAYS = frozenset(
    {"temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "seed"}
)
"""What every request holds, unless it is left out for a reason of its own."""
_IDLE = frozenset(
    {
        "adaptive_decay",
        "dry_allowed_length",
        "dry_base",
        "dry_penalty_last_n",
        "dynatemp_exponent",
        "mirostat_eta",
        "mirostat_tau",
        "penalize_newline",
        "xtc_threshold",
    }
)
"""What does nothing while the parameter that it belongs to is neutral."""


def recorded(
    sent: Mapping[str, Any],
    said: Mapping[str, Any] | None = None,
    *,
    complete: bool,
    other: Collection[str] = (),
) -> dict[str, Any]:
    """Return what a run keeps of a server's own defaults, as details of its model.

    Args:
        sent: What every request holds so that the server's own values do not apply.
        said: What the server says that it would fill in; None where it does not say.
        complete: Nothing else is filled in, as far as the server's documents say.
        other: Names among `said` that are not about how tokens are drawn.

    Returns:
        `sent_neutral`, `server_defaults`, `not_sent` (names that the server has and no request holds) and `other_defaults`
        ("unknown"), each only where there is something to say.
    """
    plain = _plain(said or {}, sent.keys(), other)
    left = sorted(plain.keys() - sent.keys() - _ALWAYS - _IDLE)
    return {
        **({"sent_neutral": dict(sent)} if sent else {}),
        **({"server_defaults": plain} if plain else {}),
        **({"not_sent": left} if left else {}),
        **({} if complete else {"other_defaults": "unknown"}),
    }


def _plain(said: Mapping[str, Any], lists: Collection[str], other: Collection[str]) -> dict[str, Any]:
    """Keep numbers under plain names, and lists of plain names where one like it is sent."""
    kept: dict[str, Any] = {}
    for name, value in said.items():
        if name in other or not _is_name(name):
            continue
        if isinstance(value, int) and abs(value) < _LARGEST:
            kept[name] = value
        elif isinstance(value, float) and math.isfinite(value):
            kept[name] = float(
                f"{value:.7g}"
            )  # as it was written down: 0.95, and not the nearest number of 32 bits
        elif name in lists and isinstance(value, list) and len(value) <= _MOST and all(map(_is_name, value)):
            kept[name] = value
        if len(kept) == _MOST:
            break
    return kept


def _is_name(text: object) -> bool:
    """Say whether a text is what a parameter may be called, and not a key that a server repeats."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None and not holds_secret(text)
