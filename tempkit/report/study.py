"""Everything a report reads of one run, gathered once: answers, scores, decisions, and the tokens that are shown.

Tokens are many times the size of everything else, so they are read one item at a time, packed, and let go: a run that
fits on a disk can be reported in little memory. Whatever else needs an item's completions with their tokens takes them in
`_Gathered.take`, so that they are read once.
"""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tempkit.analysis import Comparison, ItemRow, ScoredSection, load_comparison, load_tables
from tempkit.decision import AS_THE_RUN_SAYS, Asked, Decision
from tempkit.exact import Compared, compared
from tempkit.rating import RatingResults, results_of
from tempkit.report.answers.token_budget import TOKEN_BYTES, carried
from tempkit.report.answers.tokens import TokenBlock, token_block
from tempkit.report.divergence.summary import Divergence, divergence
from tempkit.report.explorer.data import Explored, explored, wanted
from tempkit.types import Completion, SampleKey

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
    decisions: Sequence[Decision] = ()
    """By use case and model: which temperature, and how well that is shown."""
    judging: str = ""
    """The options that they were asked for with, as `Asked.options` gives them."""
    tokens: Mapping[tuple[str, str], TokenBlock] = field(default_factory=dict)
    """By item key and model label; absent where there are none."""
    explored: Mapping[tuple[str, str], Explored] = field(default_factory=dict)
    """By item key and model label: the texts that a reader can recompute at another temperature."""
    divergences: Mapping[tuple[str, str], Divergence] = field(default_factory=dict)
    """By item key and model label: where samples diverge; absent where nothing was read or nothing can diverge."""
    exact: Sequence[Compared] = ()
    """What was computed of accepted answers, beside the samples."""
    people: RatingResults | None = None
    """What people's ratings come to; None where nobody has rated anything."""
    read_at: datetime | None = None
    """When the run was read; None where nobody needs to know."""


class _Gathered:
    """What is made of tokens while they are at hand, by item key and model label."""

    def __init__(self, comparison: Comparison, shown: Collection[SampleKey]) -> None:
        self.shown = shown
        """Samples that the page shows with their tokens; only theirs come with alternatives."""
        self.tokens: dict[tuple[str, str], TokenBlock] = {}
        self.to_explore = wanted(comparison)
        self.explored: dict[tuple[str, str], Explored] = {}
        self.divergences: dict[tuple[str, str], Divergence] = {}

    def take(self, row: ItemRow, model: str, completions: Sequence[Completion]) -> None:
        """Take all completions of one item on one model, each with its tokens, and keep what is packed of them."""
        of = (row.item.key, model)
        shown = [each for each in completions if each.key in self.shown and each.tokens]
        if (block := token_block(shown)) is not None:
            self.tokens[of] = block
        if of in self.to_explore and (found := explored(row, shown)) is not None:
            self.explored[of] = found
        if completions and (diverged := divergence(row, completions)) is not None:
            self.divergences[of] = diverged


def study(
    comparison: Comparison,
    scored: Sequence[ScoredSection],
    decisions: Sequence[Decision],
    completions: Reader,
    shown: Collection[SampleKey] | None = None,
) -> Study:
    """Gather a study, reading the completions of each item on each model once.

    Args:
        comparison: The run's answers.
        scored: Its scores, in the order of the comparison's sections.
        decisions: What follows from them.
        completions: Gives an item's completions with their tokens.
        shown: The samples whose tokens the page carries; by default as many as one page can.
    """
    gathered = _Gathered(comparison, carried(comparison) if shown is None else shown)
    with _uncollected():
        for section in comparison.sections:
            for row in section.rows:
                if not row.listed:
                    continue
                model = section.model.label
                gathered.take(row, model, tuple(completions(row.item.key, model)))
    return Study(
        comparison=comparison,
        scored=scored,
        decisions=decisions,
        tokens=gathered.tokens,
        explored=gathered.explored,
        divergences=gathered.divergences,
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles among millions of tokens, which have none: a third of the time they take."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def load_study(
    store: "Store",
    run: "RunRecord",
    *,
    tokens: bool = True,
    runs: int = 1,
    asked: Asked = AS_THE_RUN_SAYS,
) -> Study:
    """Read a stored run and decide; its scores must be up to date.

    Args:
        store: Where it is.
        run: The run.
        tokens: Whether to read tokens; a summary needs none.
        runs: How many runs share the page, and with it the room for tokens.
        asked: What to judge by; by default its own use cases.

    Raises:
        StoreError: The run cannot be read.
        ReportError: The run's data contradict its plan.
        UsageError: What is asked cannot be asked of this run.
    """
    read_at = datetime.now(UTC)
    scored = load_tables(store, run)
    comparison = load_comparison(store, run)
    shown = carried(comparison, TOKEN_BYTES // runs) if tokens else frozenset[SampleKey]()

    def completions(item: str, model: str) -> Iterable[Completion]:
        return store.completions(run.id, tokens=True, top=shown, of=(item, model)) if tokens else ()

    found = study(comparison, scored, asked.decide(scored), completions, shown)
    return replace(
        found,
        judging=asked.options,
        exact=compared(store, run),
        people=results_of(store, run),
        read_at=read_at,
    )
