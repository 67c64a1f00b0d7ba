"""Every error a user can meet, as one tree.

The command line catches `TempkitError` once, at the entry, prints its message as one line and exits with its code; nothing
in the middle catches broadly. So a message must stand alone: what is wrong, where, and what to do about it.
"""

from typing import Literal

__all__ = [
    "BackendError",
    "ExperimentError",
    "ExportError",
    "ExtraMissingError",
    "Interrupted",
    "LimitReached",
    "ModelError",
    "NeedsRowsError",
    "PluginError",
    "PromptError",
    "ReportError",
    "StoreError",
    "TempkitError",
    "UsageError",
    "nearest",
    "one_line",
]


class TempkitError(Exception):
    """Base of all errors with a message for the user. `exit_code` is the process's exit status."""

    exit_code = 1


class UsageError(TempkitError):
    """The request itself is wrong: a bad option value, an impossible combination."""

    exit_code = 2


class PromptError(TempkitError):
    """A prompt file or its data cannot be used; the message begins with `file:line`."""


class NeedsRowsError(PromptError):
    """A prompt file has an input or a variable that nothing gives, and no rows.

    Args:
        missing: What there is no value for; begins with `file:line`.
        advice: What to do about it, where rows can be named.
    """

    def __init__(self, missing: str, advice: str) -> None:
        super().__init__(f"{missing}; {advice}")
        self.missing = missing


class ExperimentError(TempkitError):
    """An experiment file cannot be used; the message begins with `file:line`."""


class BackendError(TempkitError):
    """A backend cannot be found or cannot work at all."""


class ModelError(BackendError):
    """A model cannot be reached, loaded, or made to do what the plan asks of it."""


class ExtraMissingError(BackendError):
    """Optional packages, a backend's or a file format's, are not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs packages that are not installed: pip install "tempkit[{extra}]"')


class DecisionError(TempkitError):
    """A decision cannot be kept, or cannot be tested again."""


class PluginError(TempkitError):
    """Something that another package adds cannot be used; the message names the package."""


class StoreError(TempkitError):
    """The database cannot be opened, is not ours, or does not hold what was asked for."""


class ReportError(TempkitError):
    """A report cannot be made or written."""


class ExportError(TempkitError):
    """An export cannot be written."""


class Interrupted(TempkitError):  # noqa: N818  (an outcome, not a fault)
    """The user stopped the run; the message says how to go on."""

    exit_code = 130


class LimitReached(TempkitError):  # noqa: N818  (an outcome, not a fault)
    """The budget or the time is used up, or a model is answered by one that the temperature does nothing to; the message says how to go on."""

    def __init__(
        self, message: str, run_id: str | None = None, why: Literal["budget", "time", "model"] = "budget"
    ) -> None:
        super().__init__(message)
        self.run_id = run_id
        """Of the run that it ended; None for what is no run's."""
        self.why = why
        """`model`: another one answered in its place."""


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """Return ` (did you mean 'x'?)` for the closest known word, or an empty string when none is close."""
    from difflib import get_close_matches  # here, as below: a command line that goes well needs neither

    close = get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def one_line(text: object, limit: int = 300) -> str:
    """Fold any text into one line of at most `limit` characters, for error messages.

    Control characters become spaces: the text may come from a server, and a terminal obeys escape sequences. Keys are taken out
    before it is cut.
    """
    from tempkit.text import without_secrets

    clean = without_secrets(str(text))
    folded = " ".join("".join(c if c.isprintable() else " " for c in clean).split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"
