"""Which measures belong together: the order and the headings under which a reader looks for one of some thirty.

What a use case judges by stands before them all, so this is a table of contents and no ranking.
"""

from collections.abc import Sequence
from typing import TypeVar

from tempkit.measures import known
from tempkit.report.text.text import gettext as _

__all__ = ["family", "grouped"]

T = TypeVar("T")


_ELSEWHERE = "elsewhere"


def family(measure: str) -> str:
    """Return the name of a measure's family; `elsewhere` for one that tempkit does not know, such as an imported score's."""
    about = known(measure)
    return _ELSEWHERE if about is None else about.family


def grouped(measures: Sequence[tuple[str, T]]) -> list[tuple[str, list[T]]]:
    """Sort things that belong to a measure, given as (measure, thing), into families; return each one's heading and things.

    A family of another package stands behind tempkit's own under the heading that it has there.
    """
    titles = {
        "checks": _("Facts and checks"),
        "consistency": _("Consistency"),
        "diversity": _("Diversity"),
        "ideas": _("Ideas"),
        "peeperkorn": _("Novelty, typicality, cohesion, incoherence"),
        "degeneration": _("Degeneration"),
        "logprobs": _("Log-probabilities"),
        "judged": _("Judged by a model or a person"),
        _ELSEWHERE: _("Measured elsewhere"),
    }
    order = {name: place for place, name in enumerate(titles)}
    last = order.pop(_ELSEWHERE)
    found: dict[str, list[T]] = {}
    places = {_ELSEWHERE: last + 1}
    for measure, thing in sorted(
        measures, key=lambda each: order.get(family(each[0]), places.get(family(each[0]), last))
    ):
        found.setdefault(family(measure), []).append(thing)
    return [(titles.get(name, name), things) for name, things in found.items()]
