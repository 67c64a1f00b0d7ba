"""Whether JSON was asked for and is still owed: known before a command line is understood, since that may fail, too."""

from collections.abc import Sequence

__all__ = ["begin", "command", "owed", "printed"]

_command = ""
_owed = False


def begin(arguments: Sequence[str], commands: Sequence[str]) -> None:
    """Note whether these arguments ask for JSON, and of which command."""
    global _command, _owed
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    named = next((each for each in own if not each.startswith("-")), "")
    _command, _owed = named if named in commands else "", "--json" in own


def owed() -> bool:
    """Whether an object is still to be printed."""
    return _owed


def command() -> str | None:
    """Return the command that was called; None where it is none of ours."""
    return _command or None


def printed() -> None:
    """Note that the object is printed: what goes wrong afterwards is told on stderr alone."""
    global _owed
    _owed = False
