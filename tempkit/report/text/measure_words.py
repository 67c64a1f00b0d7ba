"""What a reader must know of a measure: how it is computed, in what unit, which way is better, and where it comes from."""

from tempkit.measures import Measure
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import ngettext, translated
from tempkit.report.text.vocabulary import unit_word

__all__ = ["better", "defined"]


def defined(measure: Measure) -> dict[str, str]:
    """Return `title`, `name`, `definition`, `unit`, `direction`, `least` and `source` in words."""
    return {
        "title": translated(measure.title),
        "name": measure.name,
        "definition": translated(measure.definition),
        "unit": unit_word(measure.unit),
        "direction": better(measure) or _("neither direction is better in itself"),
        "least": _least(measure),
        "source": translated(measure.source),
    }


def better(measure: Measure | None) -> str:
    """Return which way is better; empty where neither is in itself, or where nothing is known of the measure."""
    if measure is None:
        return ""
    return {"higher": _("higher is better"), "lower": _("lower is better"), "neither": ""}[measure.direction]


def _least(measure: Measure) -> str:
    if measure.scope == "cell":
        return ngettext("%d answer to a question", "%d answers to a question", measure.min_n) % measure.min_n
    if measure.unit == "nats":
        return ngettext("%d token", "%d tokens", measure.min_n) % measure.min_n
    return ngettext("%d answer", "%d answers", measure.min_n) % measure.min_n
