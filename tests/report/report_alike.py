"""Whether two documents say the same, wherever they were computed.

Processors differ in the last digits of long sums: they add in another order, or multiply and add in one step. So numbers with
a fraction may differ by a billionth, and everything else must be equal: texts, whole numbers, and what there is.
"""

import math

__all__ = ["differences"]

_RELATIVE = 1e-9
_ABSOLUTE = 1e-14
"""Where two numbers of about 1 are subtracted, the difference is only as exact as these: a distance of 8e-8 keeps 8 digits."""


def differences(seen: object, stored: object, at: str = "") -> list[str]:
    """Return the places at which two JSON-like documents differ, with what stands there."""
    if isinstance(seen, dict) and isinstance(stored, dict) and seen.keys() == stored.keys():
        return [each for key in seen for each in differences(seen[key], stored[key], f"{at}/{key}")]
    if isinstance(seen, list) and isinstance(stored, list) and len(seen) == len(stored):
        return [
            each
            for i, (one, other) in enumerate(zip(seen, stored, strict=True))
            for each in differences(one, other, f"{at}/{i}")
        ]
    if isinstance(seen, float) and isinstance(stored, float):
        same = math.isclose(seen, stored, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    else:
        same = type(seen) is type(stored) and seen == stored
    return [] if same else [f"{at}: {_short(seen)}, not {_short(stored)}"]


def _short(value: object) -> str:
    if isinstance(value, dict):
        return f"the names {list(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return repr(value)
