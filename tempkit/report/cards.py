"""The answer first: a card for each use case and model, with the temperature, how sure it is, and why.

A card says nothing that `tempkit recommend` does not say: it takes the same object and draws its places on a scale.
"""

import math
from collections.abc import Sequence
from typing import Any

from tempkit.report.text import gettext as _
from tempkit.report.text import ngettext
from tempkit.report.text import temperature as degrees
from tempkit.usecases import Recommendation
from tempkit.usecases.words import listed

__all__ = ["cards"]

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


def cards(found: Sequence[tuple[Recommendation, int]]) -> list[dict[str, Any]]:
    """Return the cards as JSON-able data, in the order given.

    Args:
        found: The recommendations, each with the colour number of its model.
    """
    return [
        {
            "title": each.title,
            "model": each.model,
            "series": series,
            "status": each.status,
            "temperature": None if each.temperature is None else degrees(each.temperature),
            "race": _race(each),
            "verdict": _verdict(each),
            "scale": _scale(each),
            "sentences": list(each.evidence),
            "caveats": list(each.caveats),
            "priors": [{"says": prior.says, "source": prior.source} for prior in each.priors],
        }
        for each, series in found
    ]


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
    form = _("undecided; it takes at least %s") if needs.at_least else _("undecided; about %s would tell")
    return form % _(" or ").join(ways) if ways else _("undecided")


def _scale(found: Recommendation) -> dict[str, Any] | None:
    """Return the temperatures as marks on a line from 0 to 100; None with fewer than two."""
    if len(found.levels) < 2:
        return None
    low, high = found.levels[0].temperature, found.levels[-1].temperature

    def at(value: float) -> float:
        return round(100 * (value - low) / (high - low), 2)

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
                "said": f"{degrees(level.temperature)}: {level.place}",
                "chosen": chosen,
            }
        )
    return {
        "marks": marks,
        "cliff": None if found.cliff is None else at(found.cliff.temperature),
    }
