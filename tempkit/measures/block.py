"""All completions of one item on one model, with what several measures ask of them worked out once.

Cells are compared across temperatures, so what they are compared on (equally many completions, equally many words) can
only be settled with all temperatures at hand. A block is the least that allows it, and the most that must be in memory.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tempkit.measures.assertions import CheckCosts
from tempkit.measures.embedding import Embedder, EmbeddingCache
from tempkit.measures.missing import INCOMPLETE_ENDS
from tempkit.measures.words import finished_sentences, list_items, words
from tempkit.types import Completion, Item, Scored

__all__ = ["Block", "Cell", "Reference", "Resources", "View", "is_whole"]

_T = TypeVar("_T")


class Reference(Protocol):
    """A fixed model that says how probable given texts are, at temperature 1."""

    @property
    def name(self) -> str:
        """Which model this is: part of the version of every score made with it."""

    def score(self, texts: Sequence[str]) -> Sequence[Scored]:
        """Return one score for each text, in their order; each text by itself, without a conversation."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The completions of one temperature, by replicate."""

    temperature: float
    completions: tuple[Completion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """All completions of one item on one model."""

    item: Item
    model: str
    """The model's label."""
    completions: tuple[Completion, ...]
    """In any order; a replicate that failed is absent."""
    temperatures: tuple[float, ...]
    """Of the run, those without any completion too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What some measures need beside the completions; without it they are missing, with a reason."""

    embedder: Embedder | None = None
    reference: Reference | None = None
    costs: CheckCosts = field(default_factory=CheckCosts, compare=False, repr=False)
    """With checks that go over their limits."""


class View:
    """A block as the measures see it; everything is worked out at first need and kept."""

    def __init__(self, block: Block, resources: Resources) -> None:
        self.item, self.resources = block.item, resources
        by_temperature: dict[float, list[Completion]] = {t: [] for t in block.temperatures}
        for completion in block.completions:
            key = completion.key
            if (key.item, key.model) != (
                block.item.key,
                block.model,
            ) or key.temperature not in by_temperature:
                raise ValueError(f"{key} is not of this block")
            by_temperature[key.temperature].append(completion)
        self.cells = tuple(
            Cell(t, tuple(sorted(found, key=lambda completion: completion.key.replicate)))
            for t, found in by_temperature.items()
        )
        self.prompt = "\n".join(message.content for message in block.item.messages)
        self._ids: dict[str, NDArray[np.int64]] = {}
        self._numbers: dict[str, int] = {}
        self._made: dict[Hashable, Any] = {}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The different texts of the block."""
        return tuple(dict.fromkeys(c.text for cell in self.cells for c in cell.completions))

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what `make` gives, made at the first call with this `key`: what a family of measures works out once."""
        if key not in self._made:
            self._made[key] = make()
        found: _T = self._made[key]
        return found

    @cached_property
    def has_tokens(self) -> bool:
        """Whether every completion comes with its tokens; an empty one has none."""
        return all(c.tokens or not c.text for cell in self.cells for c in cell.completions)

    @cached_property
    def listed(self) -> tuple[int, ...]:
        """The most frequent number of alternatives beside a token; none where no completion has any."""
        counts = Counter(
            len(t.top) for cell in self.cells for c in cell.completions for t in c.tokens[:1] if t.top
        )
        return tuple(count for count, _ in counts.most_common(1))

    def word_ids(self, text: str) -> NDArray[np.int64]:
        """Return the words of a text as numbers that are the same in the whole block."""
        found = self._ids.get(text)
        if found is None:
            numbers = self._numbers
            ids = [numbers.setdefault(word, len(numbers)) for word in self.words[text]]
            found = self._ids[text] = np.array(ids, dtype=np.int64)
        return found

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The words of every text of the block."""
        return {text: tuple(words(text)) for text in self.texts}

    @cached_property
    def vectors(self) -> EmbeddingCache:
        """The embeddings of the block; its texts are embedded together, since an embedder is faster on many."""
        if self.resources.embedder is None:
            raise ValueError("there is no embedder")
        cache = EmbeddingCache(self.resources.embedder)
        cache.rows([text for text in self.texts if text.strip()])
        return cache

    def similarity(self, text: str, other: str) -> float | None:
        """Return the cosine of two texts; None where one is blank."""
        if not text.strip() or not other.strip():
            return None
        a, b = self.vectors.rows([text, other])
        return float(a @ b)

    def sentences(self, completion: Completion) -> list[str]:
        return self._sentences[completion.text, completion.finish_reason in INCOMPLETE_ENDS]

    @cached_property
    def _sentences(self) -> dict[tuple[str, bool], list[str]]:
        keys = {
            (c.text, c.finish_reason in INCOMPLETE_ENDS): None
            for cell in self.cells
            for c in cell.completions
        }
        found = {(text, cut): finished_sentences(text, truncated=cut) for text, cut in keys}
        self.vectors.rows([sentence for some in found.values() if len(some) > 1 for sentence in some])
        return found

    @cached_property
    def items(self) -> dict[str, list[str]]:
        """The list items of every text of the block."""
        return {text: list_items(text) for text in self.texts}

    @cached_property
    def lists(self) -> bool:
        """Whether the item is answered by lists: at least half of its answers at its lowest temperature are."""
        lowest = min((cell for cell in self.cells if cell.completions), key=_temperature, default=None)
        if lowest is None:
            return False
        found = [bool(self.items[completion.text]) for completion in lowest.completions]
        return 2 * sum(found) >= len(found)

    @cached_property
    def reference_cell(self) -> Cell:
        """The cell of the run's lowest temperature."""
        return min(self.cells, key=_temperature)

    @cached_property
    def complete(self) -> dict[float, tuple[Completion, ...]]:
        """The complete answers with text, by temperature."""
        return {
            cell.temperature: tuple(c for c in cell.completions if is_whole(c) and c.text.strip())
            for cell in self.cells
        }

    @property
    def typical(self) -> tuple[Completion, ...]:
        """The complete answers with text of the lowest temperature."""
        return self.complete[self.reference_cell.temperature]

    @cached_property
    def answered(self) -> tuple[tuple[Completion, ...], ...]:
        """The completions with text of each temperature, truncated ones too."""
        return tuple(tuple(c for c in cell.completions if c.text.strip()) for cell in self.cells)

    @cached_property
    def scored(self) -> dict[str, Scored]:
        """What the reference model says of each text that is not blank."""
        if self.resources.reference is None:
            raise ValueError("there is no reference model")
        texts = [text for text in self.texts if text.strip()]
        return dict(zip(texts, self.resources.reference.score(texts) if texts else (), strict=True))


def is_whole(completion: Completion) -> bool:
    return completion.finish_reason not in INCOMPLETE_ENDS


def _temperature(cell: Cell) -> float:
    return cell.temperature
