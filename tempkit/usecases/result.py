"""A recommendation with everything behind it, as frozen dataclasses that turn into JSON as they are.

The report, `tempkit recommend` and an export read the same object, so that a number is the same wherever it is met.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import msgspec

from tempkit.compare.turns import SectionTurn
from tempkit.usecases.choice import Status
from tempkit.usecases.profile import Prior, Tradeoff

__all__ = [
    "AtDefault",
    "Cliff",
    "GuardLevel",
    "GuardResult",
    "LevelResult",
    "Needs",
    "Recommendation",
    "Sensitivity",
    "TrendResult",
    "as_data",
    "document",
]

Place = Literal["within", "open", "worse", "excluded", "ruled out", "not measured"]
"""`within`: shown to be within the margin of the best. `excluded`: shown to be worse by more than it. `worse`: shown to be
worse, by how much is open. `open`: none of these. `ruled out`: by a guard-rail. `not measured`: too few values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelResult:
    """One temperature under the primary measure."""

    temperature: float
    mean: float | None
    """Over items."""
    low: float | None
    """Of the 95 % interval of the mean; None, like `high`, where there is none."""
    high: float | None
    items: int
    samples: int
    """Values that the mean rests on."""
    missing: int
    """Values that could not be taken."""
    place: Place
    behind: float | None
    behind_low: float | None
    behind_high: float | None
    p_best: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLevel:
    """One temperature under a guard-rail."""

    temperature: float
    mean: float | None
    low: float | None
    high: float | None
    verdict: Literal["holds", "broken", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardResult:
    """A guard-rail over all temperatures."""

    measure: str
    title: str
    unit: str
    limit: float
    worse: Literal["above", "below"]
    relative: bool
    why: str
    cliff: float | None
    """The lowest temperature from which it is broken."""
    levels: tuple[GuardLevel, ...]
    """Empty when it was not measured."""
    reason: str | None
    """Why it says nothing, or less than it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cliff:
    """Where things begin to break."""

    temperature: float
    measure: str
    distance: float | None
    """From the temperature taken; None when none was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendResult:
    """What the primary measure does with temperature, whatever is best."""

    slope: float | None
    """Per unit of temperature, in the measure's unit."""
    low: float | None
    high: float | None
    rank_correlation: float | None
    """Spearman's, within items."""
    p_value: float | None
    """Page's test, two-sided."""
    items: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtDefault:
    """What is lost by leaving the temperature at a vendor's default of 1."""

    temperature: float
    loss: float
    """How much worse the default is than the temperature taken, in the measure's unit; below 0 where it is better."""
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What would have been said under another margin."""

    margin: float
    status: Status
    temperature: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What would decide an undecided case."""

    samples: int | None
    """More per item and temperature, with the same items; None: more samples alone will not do."""
    items: int | None
    """More items; None: not known."""
    at_least: bool = False
    """Whether that is only what it takes to say anything at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Which temperature for a use case on a model, how sure that is, and why."""

    use_case: str
    title: str
    wants: str
    section: str
    """The use case that the run's prompts name, or the prompt's name."""
    model: str
    """Its label."""
    status: Status
    temperature: float | None
    acceptable: tuple[float, ...]
    """Temperatures not shown to be unsuitable or worse than the best by more than the margin."""
    within: tuple[float, ...]
    """Temperatures shown to be within the margin of the best."""
    p_best: float | None
    """Of the temperature taken, or of the leading one when undecided."""
    measure: str | None
    """The primary measure; None when the run has no value of any."""
    measure_title: str
    unit: str
    version: str
    higher_is_better: bool
    margin: float
    items: int
    level: float
    """Confidence that all standings hold together."""
    looks: int
    """How often these data have been looked at: once, and once more for every top-up."""
    levels: tuple[LevelResult, ...]
    guards: tuple[GuardResult, ...]
    cliff: Cliff | None
    trend: TrendResult | None
    at_default: AtDefault | None
    sensitivity: tuple[Sensitivity, ...]
    needs: Needs | None
    racing: tuple[float, ...]
    """Temperatures that more samples would have to tell apart; empty when it is decided, or nothing can be compared."""
    evidence: tuple[str, ...]
    """Sentences, the most important first."""
    caveats: tuple[str, ...]
    priors: tuple[Prior, ...]
    turn: SectionTurn | None = None
    """What the tokens' entropy alone makes of the temperature; no part of the recommendation."""
    turn_says: tuple[str, ...] = ()
    """The same in sentences, with what it is worth."""
    tradeoff: Tradeoff | None = None
    """What a report draws against each other; nothing is decided by it."""


def as_data(found: Recommendation) -> dict[str, Any]:
    """Return a recommendation as plain values that JSON takes."""
    plain: dict[str, Any] = msgspec.to_builtins(asdict(found))
    return plain


def document(found: Sequence[Recommendation]) -> str:
    """Return recommendations as the text that `recommend --json` prints and a report's download holds, to the last byte."""
    return json.dumps([as_data(each) for each in found], indent=2, ensure_ascii=False, allow_nan=False) + "\n"
