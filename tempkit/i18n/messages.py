"""Constants that are written in one place and shown in another, as a measure's title is."""

from tempkit.i18n.languages import gettext

__all__ = ["N_", "translated"]


def N_(message: str) -> str:  # noqa: N802  (gettext's own name for it)
    """Mark a constant for the catalogues and return it as it is; `translated` says it in the reader's language."""
    return message


def translated(message: str) -> str:
    """Return a constant in the current language; what no catalogue knows stays as it is."""
    return gettext(message) if message else message
