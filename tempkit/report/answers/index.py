"""The index of a section's answers: a row per question, and for the page's script a compact block of what it filters and sorts by.

The rows are drawn, so that they can be read without a script. The block holds a digit per text in place of its marks, so that
ten thousand answers are filtered without unpacking any of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tempkit.report.answers.means import Means

__all__ = ["MARKS", "index", "index_block"]

MARKS = ("cut", "missed", "apart", "differs")
"""What a text can be marked with, see `answers`: its digit in the block is the sum of 1, 2, 4, 8 for these."""

_DIGITS = 6
"""Significant digits of a mean that rows are sorted by."""


def index(items: Sequence[Mapping[str, Any]], means: Means | None, pick: str | None) -> dict[str, Any] | None:
    """Return the index of items as `answers` returns them; None where there are none.

    Args:
        items: In the order of the run.
        means: By the measure that the section's decision goes by.
        pick: The temperature that is recommended, as it is written.
    """
    if not items:
        return None
    names = _names([item["key"] for item in items])
    return {
        "measure": None if means is None else means.title,
        "pick": pick,
        "columns": [{"temperature": cell["temperature"], "at": cell["at"]} for cell in items[0]["cells"]],
        "rows": [
            {
                "key": item["key"],
                "name": name,
                "block": item["block"],
                "cells": [{"at": cell["at"], **cell["mean"]} for cell in item["cells"] if cell["mean"]],
                "answers": sum(cell["n"] for cell in item["cells"]),
                "truncated": _count(item, "cut"),
                "differing": _count(item, "differs"),
            }
            for item, name in zip(items, names, strict=True)
        ],
    }


def index_block(
    items: Sequence[Mapping[str, Any]], means: Means | None, of: tuple[str, str]
) -> dict[str, Any]:
    """Return what the page's script filters and sorts by, lists with an entry per item.

    `t` is how the addresses of its cells end, one per column; `k` are keys; `m` per cell a string with a digit for each text, see `MARKS`; `f` per cell how many samples failed; `s` per
    cell the mean, null where there is none; `c` how many answers are truncated, `d` how many differ. `u` says whether a higher
    mean is better, `o` which use case on which model it is.
    """
    return {
        "o": list(of),
        "u": means is None or means.higher_is_better,
        "t": [cell["at"] for cell in items[0]["cells"]],
        "k": [item["key"] for item in items],
        "m": [["".join(map(_digit, cell["groups"])) for cell in item["cells"]] for item in items],
        "f": [[sum(each["count"] for each in cell["failures"]) for cell in item["cells"]] for item in items],
        "s": [[_score(cell["mean"]) for cell in item["cells"]] for item in items],
        "c": [_count(item, "cut") for item in items],
        "d": [_count(item, "differs") for item in items],
    }


def _digit(group: Mapping[str, Any]) -> str:
    return f"{sum(1 << place for place, mark in enumerate(MARKS) if mark in group['marks']):x}"


def _score(mean: Mapping[str, Any] | None) -> float | None:
    return None if mean is None or mean["value"] is None else float(f"{mean['value']:.{_DIGITS}g}")


def _count(item: Mapping[str, Any], mark: str) -> int:
    """Return how many answers of an item have a mark, at all temperatures together."""
    return sum(group["count"] for group in _groups(item) if mark in group["marks"])


def _groups(item: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (group for cell in item["cells"] for group in cell["groups"])


def _names(keys: Sequence[str]) -> list[str]:
    """Return keys without the folder, if they are all in the same: a section mostly has one prompt's items."""
    folders, names = zip(*(key.rpartition("/")[::2] for key in keys), strict=True)
    return list(names) if len(set(folders)) == 1 and all(names) else list(keys)
