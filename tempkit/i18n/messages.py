"""Constants that are written in one place and shown in another, as a measure's title is."""

from tempkit.i18n.languages import gettext
from tempkit.types import N_

__all__ = ["N_", "translated"]


def translated(message: str) -> str:
    """Return a constant in the current language; what no catalogue knows stays as it is."""
    return gettext(message) if message else message
