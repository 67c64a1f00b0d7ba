"""Where each temperature stands under the primary measure: a card's numbers as a small table, for readers without a scale."""

from typing import Any

from tempkit.compare import MEAN_LEVEL
from tempkit.report.text import count, share
from tempkit.report.text import gettext as _
from tempkit.report.text import temperature as degrees
from tempkit.report.vocabulary import standing_word
from tempkit.usecases import Recommendation
from tempkit.usecases.words import listed, spread

__all__ = ["standing"]


def standing(found: Recommendation) -> dict[str, Any]:
    """Return what is still possible, how often the leading temperature leads, and each temperature with its mean."""
    grid = [level.temperature for level in found.levels]
    return {
        "heading": None
        if found.measure is None
        else _("%(measure)s: mean (%(level)s interval)")
        % {"measure": found.measure_title, "level": share(MEAN_LEVEL)},
        "possible": listed(found.acceptable, grid) if found.acceptable else None,
        "p_best": None if found.p_best is None else share(found.p_best),
        "levels": [
            {
                "temperature": degrees(level.temperature),
                "mean": spread(level, found.unit),
                "items": count(level.items),
                "place": standing_word(level.place),
            }
            for level in found.levels
        ],
    }
