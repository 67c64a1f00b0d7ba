"""All completions of one item on one model, with what several measures ask of them worked out once.

Cells are compared across temperatures, so what they are compared on (equally many completions, equally many words) can
only be settled with all temperatures at hand. A block is the least that allows it, and the most that must be in memory.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tempkit.i18n.messages import N_
from tempkit.measures.assertions import Patience
from tempkit.measures.base import NOT_WHOLE, Measure, Missing
from tempkit.measures.checks import check_passes
from tempkit.measures.consensus import agreement
from tempkit.measures.degeneration import is_empty, is_loop, is_refusal, switches_language
from tempkit.measures.embedding import Embedder, EmbeddingCache
from tempkit.measures.peeperkorn import Reference
from tempkit.measures.reshaping import Alternatives, alternatives
from tempkit.measures.samples import Cell, comparable
from tempkit.measures.tempered import is_bounded
from tempkit.measures.words import finished_sentences, list_items, words
from tempkit.types import Completion, FinishReason, Item, SampleKey, Scored

__all__ = ["NO_ALTERNATIVES", "Block", "Resources", "View"]

_T = TypeVar("_T")

NO_ALTERNATIVES = N_("no alternatives were kept beside its tokens")


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
    patience: Patience = field(default_factory=Patience, compare=False, repr=False)
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
        self._quality: dict[tuple[str, FinishReason], bool | Missing] = {}
        self._alternatives: dict[tuple[float, ...], Alternatives] = {}
        self._made: dict[tuple[str, float], Any] = {}
        self._samples: dict[tuple[bool | int, ...], dict[float, tuple[Completion, ...] | Missing]] = {}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The different texts of the block."""
        return tuple(dict.fromkeys(c.text for cell in self.cells for c in cell.completions))

    def once(self, name: str, cell: Cell, make: Callable[["View", Cell], _T]) -> _T:
        """Return what `make` gives for a cell, made at the first call of this `name`."""
        key = (name, cell.temperature)
        if key not in self._made:
            self._made[key] = make(self, cell)
        found: _T = self._made[key]
        return found

    @cached_property
    def has_tokens(self) -> bool:
        """Whether every completion comes with its tokens; an empty one has none."""
        return all(c.tokens or not c.text for cell in self.cells for c in cell.completions)

    @cached_property
    def bounded(self) -> bool:
        """Whether the entropy at the temperature is known within bounds only for some completion with raw logprobs."""
        return any(
            c.logprob_kind == "raw" and is_bounded(c.tokens) for cell in self.cells for c in cell.completions
        )

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
    def loops(self) -> dict[str, bool]:
        """Of every text of the block, whether it is caught in a loop."""
        return {text: is_loop(found) for text, found in self.words.items()}

    @cached_property
    def switches(self) -> dict[str, bool]:
        """Of every text of the block, whether it changes its language."""
        return {text: switches_language(text, found, self.prompt) for text, found in self.words.items()}

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
        return self._sentences[completion.text, completion.finish_reason in NOT_WHOLE]

    @cached_property
    def _sentences(self) -> dict[tuple[str, bool], list[str]]:
        keys = {(c.text, c.finish_reason in NOT_WHOLE): None for cell in self.cells for c in cell.completions}
        found = {(text, cut): finished_sentences(text, cut_off=cut) for text, cut in keys}
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

    def quality(self, completion: Completion) -> bool | Missing:
        """Return whether a completion is whole, not degenerate, and passes all checks of its item."""
        key = (completion.text, completion.finish_reason)
        if key not in self._quality:
            self._quality[key] = self._passes(*key)
        return self._quality[key]

    def _passes(self, text: str, end: FinishReason) -> bool | Missing:
        if end in NOT_WHOLE or is_empty(text) or self.loops[text] or self.switches[text]:
            return False
        if is_refusal(text, end):
            return False
        if not self.item.checks:
            return True
        passed = self.check_pass(text)
        return passed if isinstance(passed, Missing) else passed == 1.0

    def check_pass(self, text: str) -> float | Missing:
        """Return the share of the item's checks that a whole answer passes."""
        return self._checked[text]

    @cached_property
    def _checked(self) -> dict[str, float | Missing]:
        texts = list(dict.fromkeys(c.text for cell in self.cells for c in cell.completions if _is_whole(c)))
        similarity = self.similarity if self.resources.embedder else None
        found = check_passes(texts, self.item.checks, similarity, self.resources.patience)
        return dict(zip(texts, found, strict=True))

    @cached_property
    def reference_cell(self) -> Cell:
        """The cell of the run's lowest temperature."""
        return min(self.cells, key=_temperature)

    @cached_property
    def whole(self) -> dict[float, tuple[Completion, ...]]:
        """The whole completions with text, by temperature."""
        return {
            cell.temperature: tuple(c for c in cell.completions if _is_whole(c) and c.text.strip())
            for cell in self.cells
        }

    @property
    def typical(self) -> tuple[Completion, ...]:
        """The whole completions with text of the lowest temperature."""
        return self.whole[self.reference_cell.temperature]

    @cached_property
    def answered(self) -> tuple[tuple[Completion, ...], ...]:
        """The completions with text of each temperature, truncated ones too."""
        return tuple(tuple(c for c in cell.completions if c.text.strip()) for cell in self.cells)

    @cached_property
    def agreements(self) -> dict[SampleKey, float]:
        """How far each completion with text agrees with the other temperatures; empty where these are too few."""
        cells = [
            (np.array([c.key.replicate for c in some], np.int64), self.vectors.rows([c.text for c in some]))
            for some in self.answered
        ]
        keys = [c.key for some in self.answered for c in some]
        found = agreement(cells)
        return {} if found is None else dict(zip(keys, np.concatenate(found).tolist(), strict=True))

    @cached_property
    def scored(self) -> dict[str, Scored]:
        """What the reference model says of each text that is not blank."""
        if self.resources.reference is None:
            raise ValueError("there is no reference model")
        texts = [text for text in self.texts if text.strip()]
        return dict(zip(texts, self.resources.reference.score(texts) if texts else (), strict=True))

    def samples(self, measure: Measure, cell: Cell) -> tuple[Completion, ...] | Missing:
        """Return the completions of a cell that a cell measure may look at, equally many in every cell where it asks so."""
        key = (
            measure.needs_whole,
            "text" in measure.needs,
            "words" in measure.needs,
            measure.equal_n,
            measure.min_n,
        )
        if key not in self._samples:
            self._samples[key] = comparable(
                measure,
                [(cell, [c for c in cell.completions if self._usable(measure, c)]) for cell in self.cells],
            )
        return self._samples[key][cell.temperature]

    def _usable(self, measure: Measure, completion: Completion) -> bool:
        if measure.needs_whole and not _is_whole(completion):
            return False
        if "words" in measure.needs:
            return len(self.word_ids(completion.text)) > 0
        return "text" not in measure.needs or bool(completion.text.strip())

    def alternatives(self, completions: Sequence[Completion]) -> Alternatives:
        """Return the alternatives of completions of one cell, all of which have them."""
        key = (completions[0].key.temperature, *(completion.key.replicate for completion in completions))
        if key not in self._alternatives:
            self._alternatives[key] = alternatives([completion.tokens for completion in completions])
        return self._alternatives[key]


def _is_whole(completion: Completion) -> bool:
    return completion.finish_reason not in NOT_WHOLE


def _temperature(cell: Cell) -> float:
    return cell.temperature
