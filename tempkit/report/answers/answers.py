"""The answers of a section as data: items as rows, temperatures as columns, identical texts once with their count.

What a reader can filter by is said here, in `marks`, and nowhere else: the page's script only compares words. Tokens stand
in blocks of their own, one per item and model, and a text says where.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from tempkit.analysis import Cell, Group, ItemRow
from tempkit.errors import one_line
from tempkit.report.answers.means import Means, suffix
from tempkit.report.answers.scores import Scores
from tempkit.report.answers.tokens import TokenBlock
from tempkit.report.text.text import temperature
from tempkit.report.text.vocabulary import ending_word, failure_word, role_word
from tempkit.types import Failure

__all__ = ["answers", "without_tokens"]

_THOUGHTS = 4_000
"""Characters of thoughts that a page shows of an answer: they may be a hundred times its text, and are no part of what is compared."""


def answers(
    row: ItemRow, ident: str, block: TokenBlock | None, scores: Scores, means: Means | None
) -> dict[str, Any]:
    """Return one item's answers at every temperature; a text's `tokens` is its place in the item's token block."""
    base = _base(row)
    return {
        "key": row.item.key,
        "block": ident,
        "messages": [
            {"role": role_word(message.role), "content": message.content} for message in row.item.messages
        ],
        "facts": [{"name": fact[0] if fact else "", "others": list(fact[1:])} for fact in row.item.facts],
        "base": None if base is None else temperature(base.temperature),
        "cells": [
            _cell(row, cell, base, {} if block is None else block.index, scores, means) for cell in row.cells
        ],
    }


def without_tokens(items: Sequence[Mapping[str, Any]]) -> int:
    """Return how many texts of some items have tokens that the page does not carry."""
    return sum(group["left_out"] for item in items for cell in item["cells"] for group in cell["groups"])


def _base(row: ItemRow) -> Cell | None:
    """Return the cell whose most frequent text the others are compared with: the lowest temperature's, if it has one."""
    lowest = min(row.cells, key=lambda cell: cell.temperature, default=None)
    return lowest if lowest is not None and lowest.groups else None


def _cell(
    row: ItemRow,
    cell: Cell,
    base: Cell | None,
    places: Mapping[tuple[float, int], int],
    scores: Scores,
    means: Means | None,
) -> dict[str, Any]:
    return {
        "temperature": temperature(cell.temperature),
        "at": suffix(cell.temperature),
        "n": cell.n,
        "pending": cell.pending,
        "mean": None if means is None else means.of_cell(row.item.key, cell),
        "groups": [
            _group(
                group,
                place=places.get((cell.temperature, group.example.key.replicate)),
                scores=scores.of_answers(row.item.key, cell.temperature, group.replicates),
                quality=None
                if means is None
                else means.of_answers(row.item.key, cell.temperature, group.replicates),
                flags=scores.set_flags(row.item.key, cell.temperature, group.replicates),
                against=_against(group, base),
            )
            for group in cell.groups
        ],
        "failures": [
            {"kind": failure_word(kind), "message": one_line(message), "count": len(list(same))}
            for (kind, message), same in groupby(sorted(cell.failures, key=_reason), key=_reason)
        ],
    }


def _group(
    group: Group,
    *,
    place: int | None,
    scores: list[dict[str, Any]],
    quality: float | None,
    flags: list[str],
    against: str | None,
) -> dict[str, Any]:
    return {
        "text": group.text,
        "count": group.count,
        "replicates": list(group.replicates),
        "ending": ending_word(group.finish_reason),
        "cut": group.incomplete,
        "unclear": group.finish_reason == "unknown",
        "thoughts": _thoughts(group.example.thinking or ""),
        "found": list(group.found),
        "scores": scores,
        "quality": quality,
        # Said once, where its ending says it too.
        "flags": [flag for flag in flags if flag != group.finish_reason],
        "against": against,
        "marks": list(_marks(group, scores, flags, against)),
        "tokens": place,
        "left_out": place is None and bool(group.text) and group.example.logprob_kind != "none",
        "kind": group.example.logprob_kind,
        "seed": group.example.seed,
    }


def _thoughts(thinking: str) -> dict[str, Any] | None:
    """Return what a model wrote to think, as much of it as a page can carry for every answer; None where that is nothing."""
    thinking = thinking.strip()
    if not thinking:
        return None
    text = thinking[:_THOUGHTS]
    return {"text": text, "more": len(thinking) - len(text)}


def _against(group: Group, base: Cell | None) -> str | None:
    """Return what a text is to the one it is compared with: `base` (it is that one), `same`, `differs`; None: there is none."""
    if base is None:
        return None
    if group is base.groups[0]:
        return "base"
    return "same" if group.text == base.groups[0].text else "differs"


def _marks(
    group: Group, scores: list[dict[str, Any]], flags: list[str], against: str | None
) -> Iterator[str]:
    """Yield what a reader can filter by. What was not found before a cut may have come after it: it is not missed."""
    if group.incomplete:
        yield "cut"
    if any(score["passed"] is False for score in scores) or (not group.incomplete and not all(group.found)):
        yield "missed"
    if flags or not group.text.strip():
        yield "apart"
    if against == "differs":
        yield "differs"


def _reason(failure: Failure) -> tuple[str, str]:
    return failure.kind, failure.message
