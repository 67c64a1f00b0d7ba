"""The answers of a section as data: items as rows, temperatures as columns, identical texts once with their count.

Tokens stand in blocks of their own, one per item and model, and a text says where.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from tempkit.compare import Cell, Group, ItemRow
from tempkit.errors import one_line
from tempkit.report.text import temperature
from tempkit.report.tokens import TokenBlock
from tempkit.report.vocabulary import failure_word, role_word
from tempkit.types import Failure

__all__ = ["answers"]

_LONG, _LINES = 320, 9
"""Characters and lines beyond which a text gets a window of its own, so that a row of the page stays a row."""


def answers(row: ItemRow, ident: str, block: TokenBlock | None) -> dict[str, Any]:
    """Return one item's answers at every temperature; a text's `tokens` is its place in the item's token block."""
    return {
        "key": row.item.key,
        "block": ident,
        "messages": [
            {"role": role_word(message.role), "content": message.content, "long": _long(message.content)}
            for message in row.item.messages
        ],
        "facts": [{"name": fact[0] if fact else "", "others": list(fact[1:])} for fact in row.item.facts],
        "cells": [_cell(cell, {} if block is None else block.index) for cell in row.cells],
    }


def _cell(cell: Cell, places: Mapping[tuple[float, int], int]) -> dict[str, Any]:
    return {
        "temperature": temperature(cell.temperature),
        "n": cell.n,
        "pending": cell.pending,
        "groups": [
            _group(group, places.get((cell.temperature, group.example.key.replicate)))
            for group in cell.groups
        ],
        "failures": [
            {"kind": failure_word(kind), "message": one_line(message), "count": len(list(same))}
            for (kind, message), same in groupby(sorted(cell.failures, key=_reason), key=_reason)
        ],
    }


def _group(group: Group, place: int | None) -> dict[str, Any]:
    return {
        "text": group.text,
        "long": _long(group.text),
        "count": group.count,
        "replicates": list(group.replicates),
        "finish": group.finish_reason,
        "found": list(group.found),
        "tokens": place,
        "kind": group.example.logprob_kind,
        "seed": group.example.seed,
    }


def _long(text: str) -> bool:
    return len(text) > _LONG or text.count("\n") > _LINES


def _reason(failure: Failure) -> tuple[str, str]:
    return failure.kind, failure.message
