"""What is seen of a measure over temperature on one line: a fall, a rise, a peak, no clear change, or nothing that could tell.

A change is seen only where the interval of the difference from the reference leaves out zero (`tempkit.report.charts.against`).
Whether two intervals of means overlap says nothing of that, and neither does the order of two means. A change that the means on the
chart contradict, as where other questions stand behind one of them, or that their digits do not show, is not claimed either.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tempkit.analysis import Curve
from tempkit.decision import amount
from tempkit.report.charts.against import Against, Apart
from tempkit.report.text.text import share

__all__ = ["At", "Finding", "Seen", "finding", "written"]

Seen = Literal["nothing", "one", "none", "alike", "few", "unclear", "fall", "rise", "peak", "dip", "spread"]
"""`nothing`: no value. `one`: a value at one temperature. `none`: of what should not happen, none at any. `alike`: the same value at each.
`few`: too few values for a change to be shown. `unclear`: none is shown. `fall`, `rise`: from a temperature to a higher one. `peak`, `dip`:
above, or below, temperatures on both sides. `spread`: above some and below others on the same side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """A mean at a temperature."""

    temperature: float
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is seen, with the means that say it."""

    seen: Seen
    unit: str
    at: tuple[At, ...] = ()
    """Of a fall, a rise and a spread its two ends, the colder first; of a peak and a dip itself, then the others, rising; of `one` the one."""
    low: float | None = None
    """Of all means that count."""
    high: float | None = None
    span: tuple[float, float] | None = None
    """The first and the last temperature that count, where there are means at others too; None: all count."""


_NOTHING = 1e-6
"""What rounding leaves of zero."""

_COUNTED, _PLAIN = ("ideas", "words", "count"), ("nats", "similarity", "distance", "ratio", "temperature")


def written(value: float, unit: str) -> str:
    """Return a mean as a title writes it: a share in per cent, anything else without its unit, which stands below the title."""
    if unit == "share":
        return share(value)
    if abs(value) < _NOTHING:
        return "0"
    return amount(value, "count" if unit in _COUNTED else "ratio" if unit in _PLAIN else "")


def finding(curve: Curve, found: Against | None, *, unwanted: bool) -> Finding:
    """Return what is seen.

    Args:
        curve: The means.
        found: Their differences from the reference; None where nothing can be compared.
        unwanted: Whether the measure is of what should not happen, so that zero everywhere is "none seen".
    """
    unit = curve.scale.unit
    every = {point.temperature: point.mean for point in curve.points if point.mean is not None}
    counted = every if found is None else {found.reference, *(each.temperature for each in found.others)}
    means = {t: mean for t, mean in every.items() if t in counted}
    if not means:
        return Finding(seen="nothing", unit=unit)
    made = _seen(found, means, unit, unwanted=unwanted and not any(every.values()))
    return made if len(means) == len(every) else replace(made, span=(min(means), max(means)))


def _seen(found: Against | None, means: dict[float, float], unit: str, *, unwanted: bool) -> Finding:
    low, high = min(means.values()), max(means.values())
    if len(means) == 1:
        ((temperature, mean),) = means.items()
        return Finding(seen="one", unit=unit, at=(At(temperature=temperature, mean=mean),))
    if len({written(mean, unit) for mean in means.values()}) == 1:
        none = unwanted and low == high == 0
        return Finding(seen="none" if none else "alike", unit=unit, low=low, high=high)
    if found is None or not found.known:
        return Finding(seen="few", unit=unit, low=low, high=high)
    change = _change(found, means, unit)
    return Finding(seen="unclear", unit=unit, low=low, high=high) if change is None else change


def _change(found: Against, means: dict[float, float], unit: str) -> Finding | None:
    """Return the change that is shown; None where none is, or where the means do not show it."""
    shown = [each for each in found.others if each.shown]
    below = [each for each in shown if each.temperature < found.reference]
    above = [each for each in shown if each.temperature > found.reference]
    signs = [{each.shown for each in side} for side in (below, above)]
    if not shown:
        return None
    if len(signs[0]) > 1 or len(signs[1]) > 1:
        most = max(shown, key=lambda each: each.difference)
        least = min(shown, key=lambda each: each.difference)
        return _between("spread", most.temperature, least.temperature, means, unit)
    if signs[0] and signs[1] and signs[0] == signs[1]:
        return _extreme(found.reference, [*below, *above], means, unit)
    first = _farthest(below).temperature if below else found.reference
    last = _farthest(above).temperature if above else found.reference
    # The reference lies between the two, or is one of them.
    rises = (above[0].shown > 0) if above else (below[0].shown < 0)
    return _between("rise" if rises else "fall", first, last, means, unit)


def _farthest(side: Sequence[Apart]) -> Apart:
    return max(side, key=lambda each: abs(each.difference))


def _between(seen: Seen, one: float, other: float, means: dict[float, float], unit: str) -> Finding | None:
    first, last = sorted((one, other))
    if first not in means or last not in means or written(means[first], unit) == written(means[last], unit):
        return None
    if seen in ("rise", "fall") and (means[last] > means[first]) != (seen == "rise"):
        return None
    ends = tuple(At(temperature=t, mean=means[t]) for t in (first, last))
    return Finding(seen=seen, unit=unit, at=ends, low=min(means.values()), high=max(means.values()))


def _extreme(
    reference: float, others: Sequence[Apart], means: dict[float, float], unit: str
) -> Finding | None:
    here, is_peak = means.get(reference), others[0].shown < 0
    if here is None:
        return None
    known = [e.temperature for e in others if e.temperature in means]
    agree = [
        t for t in known if written(means[t], unit) != written(here, unit) and (means[t] < here) == is_peak
    ]
    if len(agree) < len(others):
        return None
    return Finding(
        seen="peak" if is_peak else "dip",
        unit=unit,
        at=tuple(At(temperature=t, mean=means[t]) for t in (reference, *agree)),
        low=min(means.values()),
        high=max(means.values()),
    )
