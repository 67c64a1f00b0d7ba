"""The cells of a table of temperatures that are words."""

from tempkit.decision.prose.amounts import bound, bounds
from tempkit.decision.result import TemperatureResult
from tempkit.i18n import gettext as _
from tempkit.i18n import pgettext

__all__ = ["could_cost"]


def could_cost(row: TemperatureResult, unit: str) -> str:
    """Return how far a temperature may lie behind the best of those tried: `up to 4.7 ideas`, `0.5 to 7.6 ideas`."""
    if row.regret_upper is None:
        return "–" if row.place in ("ruled_out", "not_measured") else pgettext("could cost", "unknown")
    if row.regret_lower is not None and row.regret_lower > 0:
        return bounds(row.regret_lower, row.regret_upper, unit)
    if row.regret_upper <= 0:
        return pgettext("could cost", "nothing")
    return _("up to %(amount)s") % {"amount": bound(row.regret_upper, unit)}
