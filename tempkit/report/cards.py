"""The answer first: a card for each use case and model, with the temperature, how sure it is, and why.

A card says nothing that `tempkit recommend` does not say: it takes the same object and draws its places on a scale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tempkit.compare import ScoredSection, Section
from tempkit.report.examples import examples
from tempkit.report.standing import standing
from tempkit.report.text import gettext as _
from tempkit.report.text import ngettext, share
from tempkit.report.text import temperature as degrees
from tempkit.report.vocabulary import place_word
from tempkit.usecases import Recommendation
from tempkit.usecases.words import difference, listed

__all__ = ["Judged", "cards"]

_PLACES = {
    "within": "in",
    "open": "open",
    "worse": "open",
    "excluded": "out",
    "ruled out": "out",
    "not measured": "none",
}
"""How a place is drawn."""

_APART = 7.0
"""Per cent of the scale between two labels, or they would run into each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A recommendation with the section that it judges, and how the page names and colours its model."""

    found: Recommendation
    """Its `model` is the page's name for it."""
    series: int
    section: Section
    scored: ScoredSection


def cards(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return the cards as JSON-able data, in the order given."""
    return [_card(each, each.found) for each in judged]


def _card(judged: Judged, found: Recommendation) -> dict[str, Any]:
    return {
        "title": found.title,
        "model": found.model,
        "series": judged.series,
        "status": found.status,
        "temperature": None if found.temperature is None else degrees(found.temperature),
        "race": _race(found),
        "verdict": _verdict(found),
        "basis": _basis(found),
        "scale": _scale(found),
        "standing": standing(found),
        "sentences": list(found.evidence),
        "caveats": [*_by_entropy(found), *found.caveats],
        "examples": examples(found, judged.section, judged.scored),
        "priors": [{"says": prior.says, "source": prior.source} for prior in found.priors],
    }


def _by_entropy(found: Recommendation) -> Sequence[str]:
    """Return what entropies alone make of the temperature; why they make nothing of it is noise on a card."""
    said = found.turn is not None and found.turn.status in ("found", "none", "open")
    return found.turn_says if said else ()


def _basis(found: Recommendation) -> str:
    """Return what the answer rests on: items, margin, and how often the temperature leads in resampled items."""
    parts = [ngettext("%d item", "%d items", found.items) % found.items]
    if found.measure is not None:
        parts.append(_("margin %s") % difference(found.margin, found.unit))
    if found.p_best is not None:
        parts.append(_("best in %s of resampled items") % share(found.p_best))
    return " · ".join(parts)


def _race(found: Recommendation) -> str:
    """Return what is still possible, short enough to be set large: from the lowest to the highest."""
    if not found.acceptable:
        return "?"
    first, last = degrees(found.acceptable[0]), degrees(found.acceptable[-1])
    return first if first == last else f"{first}–{last}"


def _verdict(found: Recommendation) -> str:
    grid = [level.temperature for level in found.levels]
    if found.status == "recommended":
        if len(found.acceptable) > 1:
            return _("recommended; %s cannot be told from the best") % listed(found.acceptable, grid)
        return _("recommended, and no other is as good")
    if found.status == "tie":
        return _("any of %s will do") % listed(found.within, grid)
    needs = found.needs
    if needs is None:
        return _("undecided")
    ways = []
    if needs.samples is not None:
        ways.append(
            ngettext("%d more sample per cell", "%d more samples per cell", needs.samples) % needs.samples
        )
    if needs.items is not None:
        ways.append(ngettext("%d more item", "%d more items", needs.items) % needs.items)
    if not ways:
        return _("undecided")
    if needs.at_least:
        return _("undecided; it takes at least %s") % ways[-1]
    if len(ways) == 2:
        return _("undecided; about %(one)s or %(other)s would tell") % {"one": ways[0], "other": ways[1]}
    return _("undecided; about %s would tell") % ways[0]


def _scale(found: Recommendation) -> dict[str, Any] | None:
    """Return the temperatures as marks from 0 to 100, and spans between acceptable neighbours; None with fewer than two."""
    if len(found.levels) < 2:
        return None
    low, high = found.levels[0].temperature, found.levels[-1].temperature

    def at(value: float) -> float:
        return round(100 * (value - low) / (high - low), 2)

    grid = [level.temperature for level in found.levels]
    kept = [t in found.acceptable for t in grid]
    marks: list[dict[str, Any]] = []
    labelled = -math.inf
    for level in found.levels:
        x, chosen = at(level.temperature), level.temperature == found.temperature
        roomy = x - labelled >= _APART
        labelled = x if roomy or chosen else labelled
        marks.append(
            {
                "x": x,
                "label": degrees(level.temperature) if roomy or chosen else "",
                "place": _PLACES[level.place],
                "said": _("%(temperature)s: %(standing)s")
                % {"temperature": degrees(level.temperature), "standing": place_word(level.place)},
                "chosen": chosen,
            }
        )
    return {
        "marks": marks,
        "spans": [
            {"x": at(one), "width": round(at(other) - at(one), 2)}
            for (one, stays), (other, too) in pairwise(zip(grid, kept, strict=True))
            if stays and too
        ],
        "cliff": None if found.cliff is None else at(found.cliff.temperature),
    }
