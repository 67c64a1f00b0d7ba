"""What of anybody's text may stand in the name of a file."""

import re

__all__ = ["harmless"]


def harmless(name: str) -> str:
    """Return the harmless part of a text, with hyphens for the rest; empty where there is none."""
    return re.sub(r"[^\w.+-]+", "-", name).strip("-.")
