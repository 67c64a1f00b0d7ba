"""Blocks of completions for the tests of measures, and an embedder whose vectors a reader can work out."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tempkit.measures import Block, Resources, scores
from tempkit.measures.base import Measure
from tempkit.types import (
    Check,
    Completion,
    FinishReason,
    Item,
    LogprobKind,
    Message,
    SampleKey,
    Score,
    TokenLogprob,
)

MODEL = "model"


class BagEmbedder:
    """A text's vector counts its words: texts without a common word are orthogonal, near enough, and equal bags equal."""

    name = "bag"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 512), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            assert text.strip(), "an embedder is never asked about a blank text"
            for word in text.casefold().split():
                row[zlib.crc32(word.strip(".,:!?").encode("utf-8", "replace")) % 512] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def an_item(
    facts: tuple[tuple[str, ...], ...] = (), checks: tuple[Check, ...] = (), asked: str = "Tell me."
) -> Item:
    return Item(key="p/a", prompt="p", messages=(Message("user", asked),), facts=facts, checks=checks)


def completion(
    temperature: float,
    replicate: int,
    text: str,
    *,
    finish: FinishReason = "stop",
    tokens: tuple[TokenLogprob, ...] = (),
    kind: LogprobKind = "none",
    sent: float | None = -1.0,
) -> Completion:
    return Completion(
        key=SampleKey("p/a", MODEL, temperature, replicate),
        seed=replicate,
        text=text,
        finish_reason=finish,
        temperature_sent=temperature if sent == -1.0 else sent,
        params={},
        tokens=tokens,
        logprob_kind=kind,
    )


def a_block(
    cells: dict[float, Sequence[str | Completion]],
    item: Item | None = None,
) -> Block:
    """Return a block; a plain text is a whole completion without logprobs."""
    made = [
        completion(t, i, given) if isinstance(given, str) else given
        for t, some in cells.items()
        for i, given in enumerate(some)
    ]
    return Block(item=item or an_item(), model=MODEL, completions=tuple(made), temperatures=tuple(cells))


def take(block: Block, *measures: Measure, resources: Resources | None = None) -> list[Score]:
    return list(scores(block, measures, resources or Resources(embedder=BagEmbedder())))


def by_temperature(found: Sequence[Score]) -> dict[float, float | str | None]:
    """Return each cell's value, or its reason."""
    return {score.temperature: str(score.reason) if score.value is None else score.value for score in found}


def by_replicate(found: Sequence[Score], temperature: float) -> list[float | str | None]:
    return [
        str(score.reason) if score.value is None else score.value
        for score in found
        if score.temperature == temperature
    ]
