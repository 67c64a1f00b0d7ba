"""What was computed beside what was counted: bounds, and how often the run's samples were accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from tempkit.exact.accepting import accepted
from tempkit.measures import CheckCosts
from tempkit.types import ExactAnswers

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Compared", "Counted", "MeanBounds", "SampledShare", "compared", "mean_bounds"]

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Counted:
    """Samples of a question at a temperature."""

    accepted: int
    of: int
    """That came back; truncated ones are among them, and not accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A question on a model, computed and sampled."""

    exact: ExactAnswers
    counted: dict[float, Counted]
    """By temperature; absent where there are no samples, or where one cannot be decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledShare:
    """How many samples were accepted at a temperature: the mean over questions."""

    temperature: float
    share: float
    low: float
    high: float
    """Ends of its 95 % interval."""
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanBounds:
    """Bounds on the probability of an accepted answer, the mean over questions."""

    temperatures: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    questions: int
    sampled: tuple[SampledShare, ...]
    """At the temperatures where every one of the questions has samples."""


def compared(store: "Store", run: "RunRecord") -> list[Compared]:
    """Return what was computed of a run beside its samples, by question and model.

    Raises:
        StoreError: The run cannot be read.
    """
    items = {item.key: item for item in store.load_plan(run.id).items}
    found = []
    for exact in store.exact(run.id):
        completions = list(store.completions(run.id, of=(exact.item, exact.model)))
        good = accepted(items[exact.item], completions, CheckCosts())
        by_temperature: dict[float, list[bool | None]] = {}
        for completion, is_good in zip(completions, good, strict=True):
            by_temperature.setdefault(completion.key.temperature, []).append(is_good)
        counted = {
            temperature: Counted(some.count(True), len(some))
            for temperature, some in by_temperature.items()
            if None not in some
        }
        found.append(Compared(exact=exact, counted=counted))
    return found


def mean_bounds(given: Sequence[Compared]) -> MeanBounds | None:
    """Return the mean over questions of one model; None where there are none, or no temperature that all of them have.

    The interval of the samples is Clopper and Pearson's for all samples of a temperature together, wide enough for questions
    that differ: the variance of a mean over strata of one size is at most a binomial's.
    """
    common = set.intersection(*(set(each.exact.temperatures) for each in given)) if given else set[float]()
    temperatures = sorted(common)
    if not temperatures:
        return None

    def mean(name: str) -> tuple[float, ...]:
        rows = []
        for each in given:
            places = {t: place for place, t in enumerate(each.exact.temperatures)}
            values = getattr(each.exact, name)
            rows.append([values[places[t]] for t in temperatures])
        return tuple(np.mean(rows, axis=0).tolist())

    return MeanBounds(
        temperatures=tuple(temperatures),
        lower=mean("lower"),
        upper=mean("upper"),
        questions=len(given),
        sampled=tuple(
            _share(t, [each.counted[t] for each in given])
            for t in temperatures
            if all(t in each.counted for each in given)
        ),
    )


def _share(temperature: float, counted: Sequence[Counted]) -> SampledShare:
    of = sum(each.of for each in counted)
    share = sum(each.accepted / each.of for each in counted) / len(counted)
    good, tail = share * of, (1 - _LEVEL) / 2
    return SampledShare(
        temperature=temperature,
        share=share,
        low=0.0 if good <= 0 else float(special.betaincinv(good, of - good + 1, tail)),
        high=1.0 if good >= of else float(special.betaincinv(good + 1, of - good, 1 - tail)),
        samples=of,
    )
