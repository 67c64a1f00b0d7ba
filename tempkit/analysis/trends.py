"""What each measure does as temperature rises, whatever is wanted of it: slopes, rank correlations, and who found what before.

Many measures are looked at here at once, so p-values are adjusted together (Benjamini and Hochberg), over all sections. Four of
the measures are what Peeperkorn et al. asked people to rate; their figures stand beside one's own, not to be tested against
(ratings from 1 to 5 are not cosines) but to see whether sign and strength agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tempkit.analysis.tables import ScoredSection, Table
from tempkit.measures import MEASURES, known
from tempkit.statistics import Trend, benjamini_hochberg, trend

__all__ = ["STUDY", "MeasureTrend", "StudyFigures", "measure_trends"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFigures:
    """What Peeperkorn et al. 2024 (arXiv 2405.00492) found for one of their four questions."""

    slope: float
    """On temperature, in points of a scale from 1 to 5: a mixed model with rater groups."""
    standard_error: float
    spearman: float


STUDY: Mapping[str, StudyFigures] = {
    "novelty": StudyFigures(slope=0.308, standard_error=0.138, spearman=0.109),
    "typicality": StudyFigures(slope=-0.095, standard_error=0.118, spearman=-0.079),
    "cohesion": StudyFigures(slope=-0.181, standard_error=0.112, spearman=-0.094),
    "incoherence": StudyFigures(slope=0.240, standard_error=0.122, spearman=0.002),
}
"""By the measure that stands for the question. Llama-2-chat-70B, "Write a story.", seven temperatures from 0.001 to 2; that study's
library applied min_p 0.05 before temperature. Nothing of it survives Holm over the four tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTrend:
    """One measure over temperature in one section."""

    section: str
    model: str
    measure: str
    title: str
    unit: str
    version: str
    temperatures: tuple[float, ...]
    """Those that have values in most items; the trend is over them."""
    means: tuple[float | None, ...]
    """At each of them, over items."""
    trend: Trend | None
    """None where fewer than two temperatures have values."""
    adjusted_p: float | None
    """Page's p-value, adjusted for all measures and sections looked at together."""
    study: StudyFigures | None


def measure_trends(sections: Sequence[ScoredSection]) -> list[MeasureTrend]:
    """Return the trend of every measure of every section, in the registry's order, with p-values adjusted together."""
    order = {name: place for place, name in enumerate(MEASURES)}
    found = [
        _one(section, table)
        for section in sections
        for table in sorted(section.tables, key=lambda table: order.get(table.measure, len(order)))
        if table.count and not table.auxiliary
    ]
    adjusted = benjamini_hochberg([None if each.trend is None else each.trend.p_value for each in found])
    return [replace(each, adjusted_p=p) for each, p in zip(found, adjusted, strict=True)]


def _one(section: ScoredSection, table: Table) -> MeasureTrend:
    # One hot temperature where nearly all answers are truncated would otherwise cost every item its trend.
    measured = (table.values.counts > 0).sum(axis=0)
    values = table.values.select([c for c, n in enumerate(measured) if 2 * n >= table.values.n_items])
    about = known(table.measure)
    return MeasureTrend(
        section=section.name,
        model=section.model.label,
        measure=table.measure,
        title=about.title if about else table.measure,
        unit=table.unit,
        version=table.version,
        temperatures=values.temperatures,
        means=values.temperature_means,
        trend=trend(values) if len(values.temperatures) > 1 else None,
        adjusted_p=None,
        study=STUDY.get(table.measure),
    )
