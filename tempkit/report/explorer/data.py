"""What the page's softmax explorer holds of a run: a few texts of some items, with every alternative as it was stored.

The token view rounds to hundredths of a nat and keeps five alternatives, enough to read but not to compute with: at a low
temperature a logprob is multiplied by 1/T, and what is not listed must be bounded by all that is. So here each number
keeps its 32 bits and each position all its alternatives, for so few texts that the page stays small. Which ones is a rule a
reader can be told, not a choice of what looks good.

A block is packed as `tempkit.report.answers.tokens.pack` does, with numbers as 32-bit floats whose bytes stand plane by plane (all
highest bytes first), because neighbours share their high bytes and deflate then makes three bytes of four.
"""

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Any

import numpy as np

from tempkit.analysis import Comparison, Group, ItemRow
from tempkit.report.answers.tokens import pack
from tempkit.report.text.characters import split
from tempkit.softmax import MOST_TOKENS, entropy_bounds, known_logprob
from tempkit.types import Completion, TokenLogprob

__all__ = [
    "ALTERNATIVES",
    "ITEMS",
    "TOKENS",
    "Explored",
    "Place",
    "SampledText",
    "explored",
    "known_entropy",
    "listed",
    "most_open",
    "numbers",
    "wanted",
]

ITEMS, TOKENS, ALTERNATIVES = 40, 60, 20
"""At most so many items (each model's counts), tokens of a text, alternatives of a token."""

_CONTEXT, _LONGEST = 90, 300
"""Characters shown before a position, and of a token; a longer one is cut, with an ellipsis."""
_MOST_ENTROPY = 100.0
_OVER_ONE = 1e-3
"""By how much listed probabilities may exceed 1 together: rounded ones do, invented ones more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledText:
    """One text that can be explored: the example of a cell's group of identical ones."""

    temperature: float
    """As requested."""
    sent: float | None
    """What went to the model; None when it was left out."""
    count: int
    """Samples of the cell that gave this text."""
    n: int
    """Answers of the cell."""
    tokens: int
    """Of the whole text, of which the first `TOKENS` are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in a text, with what is known of its distribution."""

    text: int
    """Which of the texts."""
    before: str
    """The text's last characters before it."""
    token: TokenLogprob
    top: tuple[tuple[str, float], ...]
    """The alternatives that can be computed with, most probable first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """The texts of one item on one model."""

    packed: str
    texts: tuple[SampledText, ...]
    open: Place
    """The position of the first text that has one, where the choice was most open."""


def wanted(comparison: Comparison) -> set[tuple[str, str]]:
    """Return which items (key) of which models (label) are explored: the first of each section, then the second, ..."""
    sections = [section for section in comparison.sections if "raw" in section.kinds]
    turns = zip_longest(
        *([(row.item.key, section.model.label) for row in section.rows] for section in sections)
    )
    return set(islice((pair for turn in turns for pair in turn if pair is not None), ITEMS))


def explored(row: ItemRow, completions: Iterable[Completion]) -> Explored | None:
    """Return an item's texts to explore, with their tokens packed; None where no raw alternatives are kept.

    Args:
        row: The item's answers.
        completions: At least those of the groups' examples, with their tokens.
    """
    tokens = {c.key: c.tokens for c in completions if c.logprob_kind == "raw" and c.tokens}
    chosen = list(_chosen(row, tokens))
    kept = [tokens[group.example.key][:TOKENS] for group, _n in chosen]
    places = [place for i, text in enumerate(kept) if (place := _most_open_place(i, text)) is not None]
    if not places:
        return None
    texts = tuple(
        SampledText(
            temperature=group.example.key.temperature,
            sent=_temperature(group.example.temperature_sent),
            count=group.count,
            n=n,
            tokens=len(tokens[group.example.key]),
        )
        for group, n in chosen
    )
    return Explored(packed=pack(_columns(kept)), texts=texts, open=places[0])


def _temperature(sent: float | None) -> float | None:
    """Return a temperature; None also for what is stored as one and can be none."""
    return sent if sent is not None and 0 <= sent < math.inf else None


def listed(token: TokenLogprob) -> tuple[tuple[str, float], ...]:
    """Return the alternatives that can be computed with, most probable first; none where they cannot be a distribution's."""
    top = sorted(
        ((text, min(logprob, 0.0)) for text, logprob in token.top if known_logprob(logprob)),
        key=lambda pair: -pair[1],
    )[:ALTERNATIVES]
    return tuple(top) if np.exp([logprob for _, logprob in top]).sum() <= 1 + _OVER_ONE else ()


def known_entropy(token: TokenLogprob) -> float | None:
    """Return the entropy that was kept with a token; None where there is none, or it can be no token's."""
    return token.entropy if token.entropy is not None and 0 <= token.entropy <= _MOST_ENTROPY else None


def most_open(tokens: Sequence[TokenLogprob]) -> int | None:
    """Return the position of the highest entropy, or of the highest that it has at least; None where none is known."""
    found = [(_openness(token), -i) for i, token in enumerate(tokens) if listed(token)]
    return -max(found)[1] if found else None


def numbers(values: Sequence[float | None]) -> str:
    """Return numbers as base64 of 32-bit floats, byte plane by byte plane, highest bytes first; None becomes NaN."""
    floats = np.array([np.nan if value is None else value for value in values], dtype=">f4")
    return base64.b64encode(floats.view(np.uint8).reshape(-1, 4).T.tobytes()).decode("ascii")


def _chosen(row: ItemRow, tokens: Mapping[Any, Any]) -> Iterable[tuple[Group, int]]:
    """Yield the most frequent text at the lowest, a middle and the highest temperature, each text once."""
    cells = sorted(row.cells, key=lambda cell: cell.temperature)
    cells = [cell for cell in cells if any(group.example.key in tokens for group in cell.groups)]
    seen: set[str] = set()
    for i in sorted({0, len(cells) // 2, len(cells) - 1}) if cells else ():
        for group in cells[i].groups:
            if group.example.key in tokens and group.text not in seen:
                seen.add(group.text)
                yield group, cells[i].n
                break


def _most_open_place(text: int, tokens: Sequence[TokenLogprob]) -> Place | None:
    i = most_open(tokens)
    if i is None:
        return None
    before = "".join(token.text for token in tokens[:i])
    return Place(
        text=text,
        before=before if len(before) <= _CONTEXT else "…" + before[-_CONTEXT:],
        token=tokens[i],
        top=listed(tokens[i]),
    )


def _openness(token: TokenLogprob) -> float:
    if (entropy := known_entropy(token)) is not None:
        return entropy
    low, _high = entropy_bounds(np.array([[logprob for _, logprob in listed(token)]]), MOST_TOKENS)
    return float(low[0])


def _columns(texts: Sequence[Sequence[TokenLogprob]]) -> dict[str, Any]:
    """Return the tokens of several texts as JSON-able columns.

    `s` is the table of strings, as in `tempkit.report.answers.tokens.columns`. `a` has per text: `t` string indices, `l` logprobs and
    `h` entropies of the drawn tokens (NaN: not known), `n` how many alternatives each has, and end to end `k` the
    alternatives' string indices and `p` their logprobs.
    """
    table: dict[str, int] = {}

    def index(text: str) -> int:
        short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
        return table.setdefault(short, len(table))

    packed = []
    for tokens in texts:
        tops = [listed(token) for token in tokens]
        ends = list(chain.from_iterable(tops))
        packed.append(
            {
                "t": [index(token.text) for token in tokens],
                "l": numbers([min(t.logprob, 0.0) if known_logprob(t.logprob) else None for t in tokens]),
                "h": numbers([known_entropy(token) for token in tokens]),
                "n": [len(top) for top in tops],
                "k": [index(text) for text, _ in ends],
                "p": numbers([logprob for _, logprob in ends]),
            }
        )
    return {"s": [pieces if len(pieces := split(text)) > 1 else text for text in table], "a": packed}
