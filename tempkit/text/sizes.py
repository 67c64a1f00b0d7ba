"""How large something is: bytes as a person says them, and how many tokens a text may come to before anything has counted them."""

from typing import Final

__all__ = ["DENSE", "PLAIN", "TYPICAL", "byte_size"]

PLAIN: Final = 6.0
"""Characters per token in plain English, the most that is met."""
TYPICAL: Final = 3.0
"""In a mix of prose, lists and code."""
DENSE: Final = 2.5
"""In dense text such as code, or in a language that tokenizers know little of."""


def byte_size(count: int, *, megabytes: bool = False) -> str:
    """Write a number of bytes in powers of ten: 808 MB, 2.0 GB; as `megabytes` where two are to be compared: 1,234 MB."""
    if megabytes:
        return f"{count / 1e6:,.0f} MB"
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 1e7 else _small(count)


def _small(count: int) -> str:
    if count >= 1e6:
        return f"{count / 1e6:.1f} MB"
    return f"{count / 1e3:.0f} kB" if count >= 1e3 else f"{count} B"
