"""Any recorded value as words: options, versions, parameters, with nothing in them that might be a key.

What users and providers put into options is not ours to know, so a name that looks like a credential is told without its
value, and an address without what may hide in it.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tempkit.report.text.text import enumerated, temperature
from tempkit.report.text.text import gettext as _

__all__ = ["Pairs", "flat", "several", "shown_value"]

Pairs = list[tuple[str, str]]
"""Labels with values."""

_SECRET = re.compile(
    r"(^|[_-])(api[_-]?key|key|secret|password|authorization|(api|access|auth|bearer)[_-]token)$",
    re.IGNORECASE,
)
_SHOWN_VALUES = 4


def shown_value(value: Any) -> str:
    """Return a value in words."""
    if isinstance(value, str):
        return _without_credentials(value)
    if value in ((), [], {}, None, ""):
        return _("none")
    if isinstance(value, float):
        return temperature(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def several(values: tuple[Any, ...]) -> str:
    """Return the first few of several values, and how many more there are."""
    shown = enumerated([shown_value(value) for value in values[:_SHOWN_VALUES]])
    more = len(values) - _SHOWN_VALUES
    return shown if more <= 0 else _("%(shown)s and %(more)d more values") % {"shown": shown, "more": more}


def flat(facts: Mapping[str, Any], prefix: str = "") -> Pairs:
    """Return nested facts as `outer.inner` pairs; what looks like a credential is named and not shown."""
    pairs: Pairs = []
    for name, value in facts.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            pairs += flat(value, f"{path}.")
        elif _SECRET.search(str(name)):
            pairs.append((path, _("not shown")))
        else:
            pairs.append((path, shown_value(value)))
    return pairs


def _without_credentials(text: str) -> str:
    """Drop `user:password@` and the query from a URL: both may hold a key."""
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
