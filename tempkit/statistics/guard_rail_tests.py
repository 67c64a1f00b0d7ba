"""Guard-rails: at which temperatures a measure is beyond its limit, and where that begins.

A temperature is out when its guard-rail is shown to be broken there, or when it lies beyond such a temperature with none
between that is shown to hold: "broken here, inconclusive there" is no difference between here and there (A. Gelman and
H. Stern, The American Statistician 60, 2006). Both directions are looked at: high temperatures fall off a cliff, and low
ones, which loop, have a floor.

Two errors are paid for separately. A temperature is called broken only with a bound that holds for all temperatures and
guard-rails together (the caller divides alpha between guard-rails). Breakage comes from the ends of the grid, so most of alpha goes
down from the highest temperature, one after the other, each at the whole of it, for as long as they are broken (a fixed
sequence: W. Maurer, L. A. Hothorn and W. Lehmacher, in Biometrie in der chemisch-pharmazeutischen Industrie 6, 1995); a part goes up
from the lowest in the same way, and the rest is divided between all. It is shown to hold with a bound at alpha of its own, because whoever wants
to use it needs every guard-rail to hold there, and one that does not is enough to refuse it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tempkit.statistics.rail_bounds import Sample, one_sided, sample_of
from tempkit.statistics.values import Floats, Values

__all__ = ["GuardRails", "Rail", "Verdict", "guard_rails"]

Verdict = Literal["holds", "broken", "unknown"]
"""`holds`: shown to be no worse than the limit. `broken`: shown to be worse. `unknown`: neither."""


_FROM_ABOVE = 0.75
_FROM_BELOW = 0.15
"""Shares of alpha that go down from the highest temperature, and up from the lowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """A guard-rail at one temperature."""

    mean: float | None
    low: float | None
    """It is at least this much; None where nothing bounds it."""
    high: float | None
    """It is at most this much."""
    verdict: Verdict
    inside: bool | None
    """Whether the mean is inside the limit; None without a mean."""
    n: int
    """What the bounds rest on: items, or in a scope of these items answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRails:
    """A guard-rail over all temperatures."""

    rails: tuple[Rail, ...]
    """One per temperature, rising."""
    ruled_out: tuple[int, ...]
    """Columns that are out."""
    cliff: int | None
    """The column from which on all are out; None: the highest temperature is not."""
    floor: int | None
    """The column down from which all are out, while a higher one is not; None: the lowest temperature is not."""


def guard_rails(
    values: Values,
    limit: float,
    *,
    worse_above: bool,
    alpha_broken: float,
    alpha_holds: float,
    these_items: bool,
    relative: bool = False,
    answers: Floats | None = None,
) -> GuardRails:
    """Return the verdict at every temperature, and which of them are out.

    Args:
        values: Of the guard-rail's measure.
        limit: The worst value that is still good enough, in the measure's unit.
        worse_above: Whether the limit is broken above it (else below).
        alpha_broken: The probability allowed for any temperature inside the limit to be called broken.
        alpha_holds: The probability allowed, for each temperature alone, to be called inside when it is beyond.
        these_items: Whether the items are all there is; else they stand for items like these.
        relative: Whether the limit is for the difference, item by item, from the lowest temperature that has values.
        answers: How many different answers each cell holds, (items, temperatures): a copy tells nothing new of what answers to
            an item do. None: nothing is known of that, and each item counts as one answer.

    Example:
        None of 30 items breaks the limit, so at most `unseen_share(30, 0.05)`, 9.5 % of all, do.

        >>> found = guard_rails(
        ...     Values([[[0.0]]] * 30, low=0, high=1), 0.1,
        ...     worse_above=True, alpha_broken=0.05, alpha_holds=0.05, these_items=False,
        ... )
        >>> found.rails[0].verdict, round(found.rails[0].high, 3)
        ('holds', 0.095)
    """
    turned = values if worse_above else _turned(values)
    bound = limit if worse_above else -limit
    columns = len(values.temperatures)
    with_values = [column for column in range(columns) if turned.counts[:, column].any()]
    judged = with_values[1:] if relative else with_values
    rails = [Rail(mean=None, low=None, high=None, verdict="unknown", inside=None, n=0)] * columns
    base = with_values[0] if relative and with_values else None
    samples = {column: sample_of(turned, column, base, answers, these_items=these_items) for column in judged}
    spent = _spent(samples, bound, alpha_broken)
    for column, sample in samples.items():
        rails[column] = _rail(sample, bound, spent[column], alpha_holds, worse_above=worse_above)
    if relative and with_values:
        first = with_values[0]
        n = int((turned.counts[:, first] > 0).sum())
        rails[first] = Rail(mean=0.0, low=0.0, high=0.0, verdict="holds", inside=True, n=n)
    out, cliff, floor = _beyond(rails)
    return GuardRails(rails=tuple(rails), ruled_out=tuple(out), cliff=cliff, floor=floor)


def _spent(samples: Mapping[int, Sample], limit: float, alpha: float) -> dict[int, float]:
    """Return by column the alpha at which it may be called broken; all of them together are wrong with at most `alpha`."""
    if len(samples) == 1:
        return dict.fromkeys(samples, alpha)
    spent = dict.fromkeys(samples, alpha * (1 - _FROM_ABOVE - _FROM_BELOW) / max(1, len(samples)))
    rising = list(samples)
    for columns, share in ((rising[::-1], _FROM_ABOVE), (rising, _FROM_BELOW)):
        for column in columns:
            low = _lower(samples[column], alpha * share)
            if low is None:  # too few values to be asked, whatever they are
                continue
            spent[column] = max(spent[column], alpha * share)
            if low <= limit:
                break
    return spent


def _lower(sample: Sample, alpha: float) -> float | None:
    return None if sample.mean is None else one_sided(sample, alpha, lower=True)


def _turned(values: Values) -> Values:
    """Return values with the sign that makes higher worse."""
    low, high = (None if end is None else -end for end in (values.high, values.low))
    return Values(
        -values.array, values.temperatures, low=low, high=high, span=values.span, opinions=values.opinions
    )


def _rail(sample: Sample, limit: float, broken: float, holds: float, *, worse_above: bool) -> Rail:
    """Return the verdict where higher is worse, turned back for showing."""
    mean = sample.mean
    low = _lower(sample, broken)
    high = None if mean is None else one_sided(sample, holds, lower=False)
    verdict: Verdict = "unknown"
    if low is not None and low > limit:
        verdict = "broken"
    elif high is not None and high <= limit:
        verdict = "holds"
    inside = None if mean is None else mean <= limit
    if not worse_above:
        mean, low, high = (None if each is None else 0.0 - each for each in (mean, high, low))
    return Rail(mean=mean, low=low, high=high, verdict=verdict, inside=inside, n=sample.n)


def _beyond(rails: Sequence[Rail]) -> tuple[list[int], int | None, int | None]:
    """Return the columns that are out, the cliff and the floor."""
    works = [bool(rail.inside) and rail.verdict != "broken" for rail in rails]
    out: set[int] = set()
    for column, rail in enumerate(rails):
        if rail.verdict != "broken":
            continue
        # With what works only above it, this is the cold side and everything colder is out; else everything hotter.
        cold = any(works[column + 1 :]) and not any(works[:column])
        away = range(column - 1, -1, -1) if cold else range(column + 1, len(rails))
        out.update((column, *_until_one_holds(rails, away)))
    kept = [column for column in range(len(rails)) if column not in out]
    if not out:
        return [], None, None
    if not kept:
        return sorted(out), 0, None
    cliff = kept[-1] + 1 if kept[-1] + 1 < len(rails) else None
    floor = kept[0] - 1 if kept[0] > 0 else None
    return sorted(out), cliff, floor


def _until_one_holds(rails: Sequence[Rail], columns: Sequence[int]) -> list[int]:
    """Return the columns in their order up to the first that is shown to hold."""
    passed = []
    for column in columns:
        if rails[column].verdict == "holds":
            break
        passed.append(column)
    return passed
