"""What `tempkit models --check-table` prints."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import print_json
from tempkit.cli.quiet import hint

if TYPE_CHECKING:
    from tempkit.backends import TableCheck

__all__ = ["print_check"]

_NAMED = 6
"""How many models of a provider are named before the others are counted."""


def print_check(others: Sequence[str], as_json: bool) -> None:
    """Print what to look at in the table of models.

    Raises:
        UsageError: Something else is asked for, too, or the user's own rows cannot be used.
    """
    from tempkit.backends import check_table
    from tempkit.errors import UsageError

    if others:
        raise UsageError(f"--check-table is about the whole table; leave out {others[0]}")
    found = check_table()
    if as_json:
        print_json(_as_data(found))
        return
    _print(
        f"Rows read more than 90 days before {found.as_of}",
        [
            f"{row.date} {row.provider}: {', '.join(row.names)} ({(found.as_of - row.date).days} days)"
            for row in found.old
        ],
    )
    _print("Models that end", [_ending(found, each) for each in _as_data(found)["ending"]])
    _print("With a price, and unknown to the table", _counted(found.unknown))
    without = [f"{provider}: no prices at all" for provider in found.without_prices]
    _print(
        "In the table, and without a price: a budget in USD is refused", [*_counted(found.unpriced), *without]
    )
    hint("How a row is added: docs/capability-table.md")


def _as_data(found: "TableCheck") -> dict[str, Any]:
    """Return it for JSON; rows for the same models, which differ in their options, once."""
    ending = {
        (row.provider, row.names): {
            "provider": row.provider,
            "names": list(row.names),
            "ends": str(row.ends),
            "successor": row.successor or None,
        }
        for row in found.ending
    }
    return {
        "as_of": str(found.as_of),
        "old": [
            {"provider": row.provider, "names": list(row.names), "date": str(row.date), "source": row.source}
            for row in found.old
        ],
        "ending": list(ending.values()),
        "unknown": {provider: list(names) for provider, names in found.unknown.items()},
        "unpriced": {provider: list(names) for provider, names in found.unpriced.items()},
        "without_prices": list(found.without_prices),
    }


def _ending(found: "TableCheck", row: Mapping[str, Any]) -> str:
    verb = "ended" if row["ends"] <= str(found.as_of) else "ends"
    then = f"; {row['successor']} answers then" if row["successor"] else ""
    return f"{row['ends']} {row['provider']}: {', '.join(row['names'])} ({verb}{then})"


def _counted(names: Mapping[str, Sequence[str]]) -> list[str]:
    lines = []
    for provider, some in names.items():
        more = f" and {len(some) - _NAMED:,} more" if len(some) > _NAMED else ""
        lines.append(f"{provider}: {', '.join(some[:_NAMED])}{more}")
    return lines


def _print(heading: str, lines: Sequence[str]) -> None:
    from tempkit.errors import one_line

    click.echo(f"{heading}: {'none' if not lines else ''}".rstrip())
    for line in lines:
        click.echo(f"  {one_line(line, 1000)}")
