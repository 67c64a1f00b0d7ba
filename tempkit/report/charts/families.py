"""Which measures belong together: the order and the headings under which a reader looks for one of some thirty.

What a use case judges by stands before them all, so this is a table of contents and no ranking.
"""

from collections.abc import Sequence
from typing import TypeVar

from tempkit.measures import JUDGED
from tempkit.report.text.text import gettext as _

__all__ = ["family", "grouped"]

_MEMBERS: dict[str, tuple[str, ...]] = {
    "checks": ("fact_recall", "facts_returned", "check_pass"),
    "consistency": (
        *("modal_share", "consensus", "mean_cosine", "semantic_entropy"),
        *("first_divergence", "claims_shared"),
    ),
    "diversity": (
        *("distinct_share", "distinct_1", "distinct_2", "distinct_3"),
        *("self_bleu", "cosine_distance", "vendi", "compression_ratio"),
    ),
    "ideas": ("unique_ideas", "marginal_ideas", "novelty_utility"),
    "peeperkorn": ("novelty", "novelty_edit", "typicality", "cohesion", "incoherence"),
    "degeneration": ("loop", "language_switch", "refusal", "empty", "truncated"),
    "logprobs": (
        *("mean_entropy", "mean_logprob", "perplexity", "n95", "leakage"),
        *("tempered_entropy", "tempered_entropy_least", "tempered_entropy_most"),
        *("effective_temperature", "effective_temperature_se"),
    ),
    "judged": tuple(JUDGED),
}
_FAMILY = {name: family for family, names in _MEMBERS.items() for name in names}
_ORDER = {name: place for place, name in enumerate(_MEMBERS)}

T = TypeVar("T")


def family(measure: str) -> str:
    """Return the name of a measure's family; `elsewhere` for one that tempkit does not know, such as an imported score's."""
    return _FAMILY.get(measure, "elsewhere")


def grouped(measures: Sequence[tuple[str, T]]) -> list[tuple[str, list[T]]]:
    """Sort things that belong to a measure, given as (measure, thing), into families; return each one's heading and things."""
    titles = {
        "checks": _("Facts and checks"),
        "consistency": _("Consistency"),
        "diversity": _("Diversity"),
        "ideas": _("Ideas"),
        "peeperkorn": _("Novelty, typicality, cohesion, incoherence"),
        "degeneration": _("Degeneration"),
        "logprobs": _("Log-probabilities"),
        "judged": _("Judged by a model or a person"),
        "elsewhere": _("Measured elsewhere"),
    }
    found: dict[str, list[T]] = {}
    for measure, thing in sorted(measures, key=lambda each: _ORDER.get(family(each[0]), len(_ORDER))):
        found.setdefault(family(measure), []).append(thing)
    return [(titles[name], things) for name, things in found.items()]
