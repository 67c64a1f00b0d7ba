"""What was decided for a use case on a model: numbers and codes, no sentences.

Two questions are answered separately, and neither waits for the other: which temperature to use, with what that could cost,
and whether the temperature matters at all. The report, `tempkit recommend`, its JSON and the summaries all read this one
object, so a number is the same wherever it is met; sentences are made where they are shown, in the reader's language.

Regret is how far a temperature's true mean lies behind the best of those tried that no guard-rail rules out, in the measure's
unit, 0 or more, whichever way is better.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tempkit.analysis import SectionTurn
from tempkit.decision.pick_differences import AgainstPick
from tempkit.decision.profile import Prior, Tradeoff, UseCase
from tempkit.types import Arm, Reason

__all__ = [
    "AtDefault",
    "Decision",
    "Effect",
    "Grade",
    "GuardLevel",
    "GuardResult",
    "Note",
    "NoteCode",
    "Place",
    "PolicyPick",
    "Rival",
    "Scope",
    "ScopeDecision",
    "Standing",
    "Step",
    "StepCode",
    "TemperatureResult",
    "TrendResult",
]

Grade = Literal["shown", "likely", "guess", "none"]
"""How well it is shown that the pick lies within the margin of the best. `shown`: its simultaneous bound does, and every guard-rail
is shown to hold there. `likely`: with a probability of at least 0.8. `guess`: neither, or a guard-rail was not measured.
`none`: there is nothing to go by."""

Effect = Literal["matters", "does_not_matter", "unknown"]
"""`matters`: some temperature that no guard-rail rules out is shown to be more than the margin behind the best.
`does_not_matter`: all of them are shown to be within it."""

Scope = Literal["items_like_these", "these_items"]
"""Whom the claims are about. `items_like_these`: the items are a sample, and what varies between them counts; from 5 items.
`these_items`: the items are all there is, and only the chance in sampling answers counts."""

Place = Literal["within", "open", "worse", "excluded", "ruled_out", "not_measured"]
"""`within`: shown to be within the margin of the best. `excluded`: shown to be behind by more than it. `worse`: shown to be behind,
by how much is open. `open`: none of these. `ruled_out`: by a guard-rail. `not_measured`: too few values."""

NoteCode = Literal[
    "no_values",
    "all_ruled_out",
    "floor",
    "ceiling",
    "unscored",
    "stand_in",
    "few_items",
    "one_temperature",
    "outside_limits",
    "guard_unmeasured",
    "guard_open",
    "edge_high",
    "edge_low",
    "not_applicable",
    "no_noise_estimate",
    "policy_differs",
    "temperature_ignored",
    "another_model",
    "changed_with_temperature",
    "changed_in_run",
    "shutdown",
]
"""What a reader must know first. By code, the values in `Note.data`:

no_values: `reasons` ({measure: why, or null}), `others` (imported measures that have values). all_ruled_out: `measures`. floor, ceiling: `value` (every temperature scores this). unscored: `missing`,
`whole`, `share`, `reason`, `truncated` (whether that reason is the limit on tokens), `worst` (temperature with the largest
share), `worst_share`. stand_in: `measure` (the one that comes first in the use case), `used`, and `missing`, `whole`, `share`, `reason`,
`truncated` as there, of the first. few_items: `n`, `least`. one_temperature: `temperature`. outside_limits: `measure`, `mean`, `limit` (at the pick: no
temperature is inside every limit). guard_unmeasured: `measure`, `reason`. guard_open: `measure`, `high` (upper end at the pick), `limit`, `n`, `seen`
(whether any was seen). edge_high, edge_low: `temperature`. not_applicable: `n`, `items`. no_noise_estimate: `replicates`. policy_differs: `policy`,
`pick`. temperature_ignored: none. another_model: `asked`, `names` (at most three), `more` (how many others), `n` (answers by them), `whole`, `share`, `ignoring` (those
of `names` that do not go by the temperature). changed_with_temperature, changed_in_run: `by` (name or fingerprint), `by_address` (whether each of the
model's addresses always answered alike), `parts` (at most three: `name`, `n`,
`temperatures`, each with its `temperature` and `n`), `more`. shutdown: `date` (YYYY-MM-DD)."""

StepCode = Literal[
    "raise_max_tokens",
    "check_expected_answers",
    "ask_harder_questions",
    "add_checks",
    "decide_by",
    "measure_guard",
    "try_higher",
    "try_lower",
    "more_items",
    "more_answers",
]
"""What to do next, the most useful first. By code, the values in `Step.data`: raise_max_tokens: `now`, `share`. decide_by: `measures` (imported scores). measure_guard: `measure`,
`reference` (a model to measure it with, or null). try_higher, try_lower: `temperature` (the edge). more_items: `n` (more items until the pick's
bound is within the margin, about), `at_least` (whether that is only what it takes to say anything), `typed` (whether all prompts were
typed), `limits` (whether they are for the guard-rails alone). more_answers: `n` (per item and temperature). The others have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a reader must know before trusting the pick."""

    code: NoteCode
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do that would improve the answer."""

    code: StepCode
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One temperature's regret in one scope."""

    temperature: float
    regret_mean: float | None
    """How far its mean lies behind the best mean; None where it was not compared."""
    regret_lower: float | None
    """It is at least this far behind, 0 or more, for all temperatures together; None where nothing bounds it."""
    regret_upper: float | None
    """It is at most this far behind; None where nothing bounds it."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeDecision:
    """The decision in one scope."""

    scope: Scope
    pick: float | None
    grade: Grade
    effect: Effect
    regret_upper: float | None
    """Of the pick: at most so far behind the best of those tried."""
    regret_mean: float | None
    """Of the pick: how far its mean lies behind the best mean."""
    p_within: float | None
    """How probable it is that the pick lies within the margin of the best; calibrated by simulation."""
    n: int
    """Items in `items_like_these`, answers in `these_items`."""
    standings: tuple[Standing, ...]
    """One per temperature of the run, rising."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureResult:
    """One temperature under the primary measure, in the scope that grades."""

    temperature: float
    mean: float | None
    """Over items."""
    low: float | None
    """Of the 95 % interval of the mean over items like these; None, like `high`, where there is none."""
    high: float | None
    regret_mean: float | None
    regret_lower: float | None
    regret_upper: float | None
    place: Place
    n: int
    """Items behind the mean."""
    samples: int
    """Values behind the mean."""
    missing: int
    """Values that could not be taken."""
    worst_mean: float | None
    """The mean if every missing value were the worst that the measure can be; None without missing values or without such a value."""
    first_share: float | None
    """Share of resamplings of the items in which its mean is first, ties split: a description, not a probability."""
    inside_limits: bool | None
    """Whether its mean is inside every guard-rail's limit; None where a guard-rail has no value there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLevel:
    """One temperature under a guard-rail."""

    temperature: float
    mean: float | None
    low: float | None
    """It is at least this much: a one-sided bound; None where nothing bounds it."""
    high: float | None
    """It is at most this much: a one-sided bound."""
    verdict: Literal["holds", "broken", "unknown"]
    """`holds`: shown to be inside the limit. `broken`: shown to be beyond it. `unknown`: neither."""
    inside: bool | None
    """Whether the mean is inside the limit; None without a mean."""
    n: int
    """Items behind the mean."""
    own_mean: float | None = None
    """The measure's own mean there, where `mean` is a difference from the lowest temperature; None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardResult:
    """A guard-rail over all temperatures."""

    measure: str
    unit: str
    limit: float
    worse: Literal["above", "below"]
    relative: bool
    """Whether the limit is for the difference from the run's lowest temperature."""
    why: str
    cliff: float | None
    """The lowest temperature that it rules out together with all higher ones, up to one that is shown to hold."""
    floor: float | None
    """The highest temperature that it rules out together with all lower ones."""
    levels: tuple[GuardLevel, ...]
    """Empty when it was not measured."""
    ruled_out: tuple[float, ...]
    """Temperatures that are out by this guard-rail: shown violated, or beyond such a one with nothing recovering between."""
    reason: Reason | None
    """Why it was not measured; None when it was."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AtDefault:
    """What is lost by leaving the temperature at a vendor's default of 1."""

    temperature: float
    loss: float
    """How much worse the default is than the pick, in the measure's unit; below 0 where it is better."""
    loss_upper: float | None
    """The default's simultaneous bound on regret, so at most so much is lost; None where nothing bounds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPick:
    """What would be picked if answers were used in another way."""

    policy: str
    pick: float | None
    grade: Grade
    regret_upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Another model for the same use case, each model at its own best temperature."""

    model: str
    """Its label."""
    pick: float | None
    """Its own temperature."""
    difference: float
    """How far this model's best mean lies ahead of the other's, in the measure's unit; below 0 where it is behind."""
    low: float | None
    """It is at least so far ahead, whichever temperatures are best; None where nothing bounds it."""
    high: float | None
    """It is at most so far ahead."""
    verdict: Literal["better", "worse", "alike", "unknown"]
    """Of this model. `alike`: shown to be within the margin of each other."""
    n: int
    """Items that both models have values of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Which temperature for a use case on a model, what it could cost, how well that is shown, and whether it matters."""

    use_case: str
    profile: UseCase
    """The use case that decided, as written; its texts are translated where they are shown. No part of the JSON."""
    section: str
    """The use case that the run's prompts name, or the prompt's name."""
    model: str
    """Its label."""
    measure: str | None
    """The measure that decides; None when the run has no value of any."""
    unit: str
    version: str
    higher_is_better: bool
    margin: float
    level: float
    """Confidence that the upper bounds of all temperatures hold together, at this look."""
    looks: int
    """How often the data have been looked at, each time with new ones."""
    policy: str
    """How answers are used: single, best-of:K, majority:K or all-of:K."""
    pick: float | None
    grade: Grade
    effect: Effect
    regret_upper: float | None
    regret_mean: float | None
    p_within: float | None
    scope: Scope
    """The one that grades: all figures above and in `temperatures` are of it."""
    scopes: Mapping[Scope, ScopeDecision]
    items: int
    """Items that the measure has values of."""
    temperatures: tuple[TemperatureResult, ...]
    guardrails: tuple[GuardResult, ...]
    cliff: float | None
    """The lowest temperature from which some guard-rail rules all out."""
    floor: float | None
    """The highest temperature down from which some guard-rail rules all out."""
    notes: tuple[Note, ...]
    next: tuple[Step, ...]
    policies: tuple[PolicyPick, ...]
    """By the other policies that the use case names, from the same answers."""
    trend: TrendResult | None
    at_default: AtDefault | None
    priors: tuple[Prior, ...]
    start: float | None
    """Where others' results suggest to start, when there is nothing to go by."""
    rivals: tuple[Rival, ...] = ()
    """The other models for the same use case."""
    variety: "Decision | None" = None
    """For the general use case: the same question about variety, the other end of the card."""
    turn: SectionTurn | None = None
    """What the tokens' entropy alone makes of the temperature; no part of the decision."""
    tradeoff: Tradeoff | None = None
    """What a report draws against each other; nothing is decided by it."""
    imported: Literal["answers", "scores"] | None = None
    """What was brought in from elsewhere, so that nothing more can be asked here; None for a run that asked its models itself."""
    arm: Arm | None = None
    """What the model is tried with, where it is an arm: its pick is then its only temperature."""
    against_pick: tuple[AgainstPick, ...] = ()
    """Each temperature that was compared against the pick, for a report to draw. No part of the JSON, which has the regrets."""

    @property
    def graded(self) -> ScopeDecision:
        """The decision in the scope that grades."""
        return self.scopes[self.scope]

    def at(self, temperature: float) -> TemperatureResult:
        """Return the row of a temperature of the run."""
        return next(row for row in self.temperatures if row.temperature == temperature)

    def placed(self, *places: Place) -> tuple[float, ...]:
        """Return the temperatures at some places, rising."""
        return tuple(row.temperature for row in self.temperatures if row.place in places)

    @property
    def best_mean(self) -> float | None:
        """The best mean of the temperatures that are compared; None where none is."""
        compared = [
            level.mean
            for level in self.temperatures
            if level.mean is not None and level.place not in ("ruled_out", "not_measured")
        ]
        return (max if self.higher_is_better else min)(compared, default=None)
