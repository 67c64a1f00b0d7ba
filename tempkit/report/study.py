"""Everything a report reads of one run, gathered once: answers, scores, recommendations, and the tokens that are shown.

Tokens are many times the size of everything else, so they are read one item at a time, packed, and let go: a run that
fits on a disk can be reported in little memory.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tempkit.compare import Comparison, ItemRow, ScoredSection, load_comparison, load_tables
from tempkit.report.explored import Explored, explored, wanted
from tempkit.report.tokens import TokenBlock, token_block
from tempkit.types import Completion
from tempkit.usecases import Recommendation, recommend_known

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Study", "load_study", "study"]

Reader = Callable[[str, str], Iterable[Completion]]
"""The completions of an item (its key) on a model (its label), with their tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One run as a report shows it."""

    comparison: Comparison
    scored: Sequence[ScoredSection]
    """In the order of the comparison's sections."""
    recommendations: Sequence[Recommendation] = ()
    tokens: Mapping[tuple[str, str], TokenBlock] = field(default_factory=dict)
    """By item key and model label; absent where there are none."""
    explored: Mapping[tuple[str, str], Explored] = field(default_factory=dict)
    """By item key and model label: the texts that a reader can re-temper."""


def study(
    comparison: Comparison,
    scored: Sequence[ScoredSection],
    recommendations: Sequence[Recommendation],
    completions: Reader,
) -> Study:
    """Gather a study, reading the completions of each item on each model once."""
    tokens: dict[tuple[str, str], TokenBlock] = {}
    texts: dict[tuple[str, str], Explored] = {}
    to_explore = wanted(comparison)
    for section in comparison.sections:
        for row in section.rows:
            of = (row.item.key, section.model.label)
            shown = _shown(row, completions(*of))
            if (block := token_block(shown)) is not None:
                tokens[of] = block
            if of in to_explore and (found := explored(row, shown)) is not None:
                texts[of] = found
    return Study(
        comparison=comparison,
        scored=scored,
        recommendations=recommendations,
        tokens=tokens,
        explored=texts,
    )


def load_study(store: "Store", run: "RunRecord", *, tokens: bool = True) -> Study:
    """Read a stored run, judged by its own use cases; its scores must be up to date. A summary needs no tokens.

    What the recommendations say is said in the current language: read a study in the language in which it is drawn.

    Raises:
        StoreError: The run cannot be read.
        ReportError: The run's data contradict its plan.
    """
    scored = load_tables(store, run)
    return study(
        load_comparison(store, run),
        scored,
        recommend_known(scored),
        lambda item, model: store.completions(run.id, tokens=True, of=(item, model)) if tokens else (),
    )


def _shown(row: ItemRow, completions: Iterable[Completion]) -> list[Completion]:
    """Return the completions whose tokens a page shows: of each text one."""
    examples = {group.example.key for cell in row.cells for group in cell.groups}
    return [c for c in completions if c.key in examples and c.tokens]
