"""What the formats of folders share: a run's outcomes item by item, and the account of what has no place in a format."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tempkit.interchange.exports.rows import Source
from tempkit.types import Completion, Failure, Item, ModelSpec, Prompt, Score

__all__ = ["About", "Block", "Lost", "MeasureFacts", "blocks", "slug", "stamp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFacts:
    """What a reader of scores has to know of a measure."""

    title: str
    unit: str
    low: float | None
    """The least possible value; None: there is none."""
    high: float | None
    higher_is_better: bool | None
    """None: neither is."""


About = Callable[[str], MeasureFacts | None]
"""Gives what is known of a measure by its name; None for one of somebody else's."""


class Lost:
    """Counts what has no place in a format, by what it is."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        """Count something, named in the plural: `failures`."""
        if count:
            self._counts[what] += count

    def lines(self) -> tuple[str, ...]:
        """Return what was counted, a line each, in the order in which it was met."""
        return tuple(f"{count:,} {what}" for what, count in self._counts.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An item on a model, with all that came of it."""

    prompt: Prompt
    item: Item
    model: ModelSpec
    outcomes: tuple[Completion | Failure, ...]
    """Completions and failures that stand, by temperature and replicate."""
    scores: Mapping[tuple[float, int | None], tuple[Score, ...]]
    """By temperature and replicate; those of whole cells under None."""


def blocks(source: Source, *, scores: bool) -> Iterator[Block]:
    """Yield a run's items on its models: by prompt, then by model, then by item."""
    failed: dict[tuple[str, str], list[Failure]] = {}
    for failure in source.store.failures(source.run.id) if source.run.failures else ():
        failed.setdefault((failure.key.item, failure.key.model), []).append(failure)
    for prompt in source.plan.prompts:
        for model in source.plan.models:
            for item in prompt.items:
                of = (item.key, model.label)
                found: list[Completion | Failure] = [
                    *source.store.completions(source.run.id, tokens=source.tokens, of=of),
                    *failed.get(of, ()),
                ]
                by_sample: dict[tuple[float, int | None], list[Score]] = {}
                for score in source.store.scores(source.run.id, of=of) if scores else ():
                    by_sample.setdefault((score.temperature, score.replicate), []).append(score)
                yield Block(
                    prompt=prompt,
                    item=item,
                    model=model,
                    outcomes=tuple(
                        sorted(found, key=lambda each: (each.key.temperature, each.key.replicate))
                    ),
                    scores={key: tuple(those) for key, those in by_sample.items()},
                )


def slug(text: str, limit: int = 60) -> str:
    """Return text as a part of a file's name: letters, digits, dots and dashes, never empty, hidden or a way up."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.")[:limit].rstrip("-.") or "x"


def stamp(*parts: Any) -> str:
    """Return 32 hexadecimal digits that are the same for the same parts, and for no others."""
    return sha256("\0".join(map(repr, parts)).encode("utf-8", "backslashreplace")).hexdigest()[:32]
