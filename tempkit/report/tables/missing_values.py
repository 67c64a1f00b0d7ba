"""What is missing from each measure and why: values that could not be taken, counted by reason, never dropped in silence.

What is left is no random sample: long answers are truncated, and long answers are the hot ones. So a reader should see how much is
missing where before reading a mean.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tempkit.analysis import ScoredSection, Table
from tempkit.i18n import said
from tempkit.measures import titled
from tempkit.report.text.text import count
from tempkit.report.text.text import gettext as _
from tempkit.types import Reason

__all__ = ["left_out", "not_taken"]

_REASONS = 3
"""How many reasons are told before the rest are summed."""


def left_out(measure: str, sections: Sequence[ScoredSection]) -> dict[str, Any] | None:
    """Return how many values of a measure are missing in a run: in sum and `by` section with reasons; None where none is."""
    found = [
        (section, table, reasons)
        for section in sections
        for table in section.tables
        if table.measure == measure and table.count and (reasons := _reasons(table))
    ]
    if not found:
        return None
    missing = sum(reasons.total() for _section, _table, reasons in found)
    there = sum(table.count for s in sections for table in s.tables if table.measure == measure)
    return {
        "sum": _("%(missing)s of %(all)s values are missing")
        % {"missing": count(missing), "all": count(missing + there)},
        "by": [
            _("%(use_case)s, %(model)s: %(missing)s of %(all)s (%(reasons)s)")
            % {
                "use_case": section.name,
                "model": section.model.label,
                "missing": count(reasons.total()),
                "all": count(reasons.total() + table.count),
                "reasons": _listed(reasons),
            }
            for section, table, reasons in found
        ],
    }


def not_taken(sections: Sequence[ScoredSection]) -> list[tuple[str, str]]:
    """Return the measures that have no value anywhere in a run, by title, each with the reasons."""
    counts: Counter[str] = Counter()
    reasons: dict[str, Counter[Reason]] = {}
    for section in sections:
        for table in section.tables:
            counts[table.measure] += table.count
            reasons.setdefault(table.measure, Counter()).update(_reasons(table))
    return [(titled(measure), _listed(reasons[measure])) for measure, number in counts.items() if not number]


def _reasons(table: Table) -> Counter[Reason]:
    found: Counter[Reason] = Counter()
    for by_reason in table.missing.values():
        found.update(by_reason)
    return found


def _listed(reasons: Counter[Reason]) -> str:
    most = reasons.most_common()
    listed = [
        _("%(reason)s: %(n)s") % {"reason": said(reason), "n": count(n)} for reason, n in most[:_REASONS]
    ]
    if rest := sum(n for _reason, n in most[_REASONS:]):
        listed.append(_("other reasons: %s") % count(rest))
    return "; ".join(listed)
