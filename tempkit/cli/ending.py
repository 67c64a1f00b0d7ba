"""How a command's end is said: one line on stderr, under `--json` an object on stdout as well, and the exit code."""

import os

import click

from tempkit.cli import json_wanted
from tempkit.errors import Interrupted, TempkitError

__all__ = ["complain", "interrupted", "refused", "stopped", "tell", "unexpected"]


def complain(message: str, code: int, kind: str, hint: str | None = None) -> int:
    """Say what went wrong and return the exit code.

    Args:
        message: One line: what, where, and what to do.
        code: The exit code.
        kind: What kind of error it is, for programs.
        hint: A command that says more.
    """
    from tempkit.errors import one_line

    _print_json(one_line(message, 2000), code, kind, hint)
    more = f" (see: {hint})" if hint else ""
    return tell(click.style("error: ", fg="red", bold=True), f"{message}{more}", code)


def stopped(error: TempkitError) -> int:
    """Say what an error of ours says."""
    return complain(str(error), error.exit_code, _kind(error))


def refused(error: click.ClickException) -> int:
    """Say what click has to say of a command line."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    see = f"{context.command_path} --help" if context else None
    return complain(_said(error), error.exit_code, "usage", see)


def interrupted(error: BaseException | None, message: str = "") -> int:
    """Say that somebody ended it, and how to go on: that was wished, so it is no error."""
    found = next((each for each in causes(error) if isinstance(each, Interrupted)), None) if error else None
    said = message or str(found or "interrupted")
    _print_json(said, 130, "interrupted", None)
    return tell("", said, 130)


def unexpected(error: Exception) -> int:
    """Say in a line what nothing was prepared for: a fault of ours, or of the machine."""
    import traceback
    from pathlib import Path

    if any(isinstance(each, KeyboardInterrupt) for each in causes(error)):
        return interrupted(None)  # in the middle of an import it comes out as something else
    try:
        Path.cwd()
    except OSError:
        gone = "the folder that this was called in is not there any more: change to another one"
        return complain(gone, 1, "machine")
    if isinstance(error, MemoryError):
        return complain("there is not enough memory for this", 1, "machine")
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return complain(
        f"this should not happen: {said} ({where}); a traceback to report it with: tempkit --debug ...",
        1,
        "unexpected",
    )


def tell(label: str, message: str, code: int = 0) -> int:
    """Say something on one line of stderr, and return the exit code that goes with it."""
    from tempkit.errors import one_line

    click.echo(label + one_line(message, 2000), err=True, color=_color())
    return code


def causes(error: BaseException) -> list[BaseException]:
    """Return an error with all that it came of."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def _print_json(message: str, code: int, kind: str, hint: str | None) -> None:
    """Print the error's object where JSON was asked for and none is printed yet; a reader who has gone changes nothing."""
    if not json_wanted.owed():
        return
    from tempkit.cli import streams
    from tempkit.cli.json_out import error_as_data, print_error

    streams.work_is_elsewhere()
    print_error(error_as_data(code, kind, message, hint or _meant(message)))
    streams.flush()


def _meant(message: str) -> str | None:
    """Return what a message says was probably meant (`tempkit.errors.nearest`)."""
    import re

    found = re.search(r"\((did you mean '.+?')\?\)", message)
    return found[1] if found else None


def _kind(error: TempkitError) -> str:
    """Return the code of an error's kind, from its class in `tempkit.errors`: `store` of a StoreError."""
    import re

    own = next(c.__name__ for c in type(error).__mro__ if c.__module__ == TempkitError.__module__)
    words = re.findall("[A-Z][a-z]+", own.removesuffix("Error"))
    return "_".join(words).lower()


def _said(error: click.ClickException) -> str:
    """Return click's message; of an option that there is not, with the nearest one instead of a list."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return error.format_message()
    from tempkit.errors import nearest, one_line

    named = one_line(error.option_name, 40)
    known = [
        name
        for each in error.ctx.command.params
        for name in (*each.opts, *each.secondary_opts)
        if name.startswith("--")
    ]
    return f"No such option {named!r}{nearest(named, known) or '.'}"


def _color() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None
