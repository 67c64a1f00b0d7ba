"""What comes of a judging: how far the judge can be trusted, where each temperature stands, and what was not judged."""

from collections.abc import Mapping
from dataclasses import dataclass

from tempkit.judging.consistency import Consistency
from tempkit.judging.layout import Mode
from tempkit.judging.setting import Setting
from tempkit.types import Reason

__all__ = ["JudgedTemperature", "Judgement", "SectionResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTemperature:
    """One temperature in one section."""

    temperature: float
    share: float | None
    """The mean grade over items, moved to 0 to 1; or the share of comparisons won, ties as halves. None: nothing was judged."""
    strength: float | None
    """For pairs: the probability of winning against the average other temperature (Bradley and Terry); None for grades."""
    low: float | None
    """Of the strength, or of the mean grade, 95 %."""
    high: float | None
    reason: Reason | None
    """Why there is no interval; None when there is one."""
    judged: int
    """Completions graded, or comparisons."""
    missing: int
    """Those asked about without a usable answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionResult:
    """A use case, or a prompt that names none, on one model."""

    name: str
    model: str
    items: int
    """That something was judged of."""
    levels: tuple[JudgedTemperature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that a judge made of a run."""

    judge: str
    mode: Mode
    measure: str
    """Under which the scores are stored."""
    version: str
    questions: int
    asked_again: int
    """Of the questions, those that were asked a second time in the same words."""
    setting: Setting
    """How the judge was asked."""
    answered_before: int
    answered_now: int
    answered_by: Mapping[str, int]
    """How many of the judge's answers name which model as theirs, those of earlier calls included; a server may name none."""
    usd: float
    """What this call cost, as far as prices are known."""
    unreadable: Mapping[str, int]
    """Questions whose answers could not be read, by reason."""
    failed: Mapping[str, int]
    """Questions whose requests failed, by reason."""
    cut: int
    """Questions that show only the beginning of a long text."""
    not_judged: Mapping[str, int]
    """Completions that were not judged, by reason; `failed` samples have none."""
    without_rubric: int
    """Items that nothing says how to grade."""
    scores: int
    """Scores with a value that were stored."""
    consistency: Consistency
    sections: tuple[SectionResult, ...]
