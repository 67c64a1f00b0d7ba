"""What an import says of a table's answers as a whole: a line each, with the first row that it is about."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tempkit.interchange.imports.values import text
from tempkit.interchange.schema import MESSAGES
from tempkit.prompts import DataRow
from tempkit.store import storable
from tempkit.types import Completion, Failure, SampleKey

__all__ = ["asked_otherwise", "empty_texts", "escaped_texts"]


def asked_otherwise(samples: Sequence[tuple[DataRow, SampleKey]]) -> Iterator[str]:
    """Say where the messages of a question are not those of its first row, which stand for all."""
    first: dict[str, DataRow] = {}
    other = [
        row
        for row, key in samples
        if row.values.get(MESSAGES.name) != first.setdefault(key.item, row).values.get(MESSAGES.name)
    ]
    if other:
        where = first[str(text(other[0], "item"))].where
        times = f" ({len(other):,} times)" if other[1:] else ""
        yield f"{other[0].where}: other messages than at {where}, under one item: those there are shown for both{times}"


def empty_texts(outcomes: Sequence[Completion | Failure], path: Path) -> Iterator[str]:
    """Say how many answers are empty."""
    empty = sum(isinstance(each, Completion) and not (each.text or each.thinking) for each in outcomes)
    if empty:
        yield (
            f"{path}: {empty:,} of {len(outcomes):,} texts are empty and count as empty answers;"
            " leave the column out with --skip text if they were never asked for"
        )


def escaped_texts(
    samples: Sequence[tuple[DataRow, SampleKey]], outcomes: Sequence[Completion | Failure]
) -> Iterator[str]:
    """Say which texts have characters that no database keeps."""
    changed = [
        each.key for each in outcomes if isinstance(each, Completion) and storable(each.text) != each.text
    ]
    if changed:
        where = next(row.where for row, key in samples if key == changed[0])
        times = f" ({len(changed):,} times)" if changed[1:] else ""
        yield (
            f"{where}: a text has characters that no database keeps: "
            f"they are kept as their escapes, such as \\x00{times}"
        )
