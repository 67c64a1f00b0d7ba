"""The one shape of what commands print under `--json`.

Always an object: `tempkit` says what printed it, `run` (or `runs`) of what it is, and the rest is the command's own. A command that
fails prints `error` in the place of the rest. docs/json.md describes it, docs/schemas/ has a JSON schema for each command.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tempkit._version import __version__
from tempkit.cli import json_wanted

if TYPE_CHECKING:
    from tempkit.store import RunRecord

__all__ = ["FORMAT", "error_as_data", "print_error", "print_json", "run_as_data"]

FORMAT = 1
"""Rises when a name goes or means something else; names that are added do not raise it."""


def print_json(
    value: Mapping[str, Any], *, run: "RunRecord | None" = None, runs: "Sequence[RunRecord] | None" = None
) -> None:
    """Print a command's object; not-a-numbers are refused rather than printed as no JSON reader takes them.

    Args:
        value: The command's own part, by name.
        run: The run that it is about.
        runs: The runs that it is about, where there may be several.
    """
    about: dict[str, Any] = {"tempkit": _header()}
    if run is not None:
        about["run"] = run_as_data(run)
    if runs is not None:
        about["runs"] = [run_as_data(each) for each in runs]
    if twice := about.keys() & value.keys():
        raise ValueError(f"{', '.join(twice)} would be there twice")
    _print(about | dict(value))


def run_as_data(record: "RunRecord") -> dict[str, Any]:
    """Return a run as every command's JSON has it."""
    return {
        "id": record.id,
        "name": record.name,
        "status": record.status,
        "note": record.note,
        "started_at": record.created_at.isoformat(),
        "temperatures": list(record.temperatures),
        "repeat": record.repeat,
        "planned": record.planned,
        "planned_by_topups": record.topped_up,
        "completions": record.completions,
        "failed": record.failures,
    }


def error_as_data(code: int, kind: str, message: str, hint: str | None) -> dict[str, Any]:
    """Return what went wrong as JSON has it: the exit code, what kind of error it is, the line of stderr, and what to try."""
    return {"code": code, "kind": kind, "message": message, "hint": hint}


def print_error(error: Mapping[str, Any]) -> None:
    """Print an error's object in the place of a command's."""
    _print({"tempkit": _header(), "error": dict(error)})


def _header() -> dict[str, Any]:
    return {"version": __version__, "format": FORMAT, "command": json_wanted.command()}


def _print(value: Mapping[str, Any]) -> None:
    json_wanted.printed()
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str))
