"""What people preferred: who rated, how far they agree, where each temperature stands, and what prefers the same."""

from collections.abc import Sequence
from typing import Any

from tempkit.decision import questions, range_of
from tempkit.i18n import said
from tempkit.measures import titled
from tempkit.rating import Agreement, RatedSection, RatingResults
from tempkit.report.text.text import count, enumerated, ngettext, number, share
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees

__all__ = ["people"]

_MEASURES = 6
"""That are shown, of those whose agreement with people is known."""


def people(found: RatingResults, run: str | None) -> dict[str, Any]:
    """Return what people's ratings of a run come to, as JSON-able data.

    Args:
        found: Of the run, with its sections and models called as the page calls them.
        run: Its name; None where the report has no other.
    """
    return {
        "run": run,
        "raters": enumerated([f"{each.name or each.id} ({count(each.answers)})" for each in found.raters]),
        "sentences": [*_who(found), *_agreement(found.agreement), *_place(found)],
        "sections": [_section(section) for section in found.sections],
    }


def _who(found: RatingResults) -> list[str]:
    pairs = ngettext("%(n)s pair", "%(n)s pairs", found.pairs) % {"n": count(found.pairs)}
    return [
        ngettext(
            "%(n)s person compared %(pairs)s without knowing their temperatures.",
            "%(n)s people compared %(pairs)s without knowing their temperatures.",
            len(found.raters),
        )
        % {"n": count(len(found.raters)), "pairs": pairs}
    ]


def _agreement(found: Agreement | None) -> list[str]:
    if found is None:
        return [_("No pair was rated by two of them, so nothing is known of how far they agree.")]
    parts = {
        "equal": share(found.equal),
        "pairs": ngettext("%(n)s pair", "%(n)s pairs", found.pairs) % {"n": count(found.pairs)},
    }
    if found.alpha is None or found.low is None or found.high is None:
        return [_("They gave the same answer in %(equal)s of cases to %(pairs)s that several rated.") % parts]
    said_of = _(
        "They gave the same answer in %(equal)s of cases to %(pairs)s that several rated: Krippendorff's alpha %(alpha)s "
        "(%(low)s to %(high)s; 0 is chance, 1 always)."
    )
    return [
        said_of
        % {**parts, "alpha": number(found.alpha), "low": number(found.low), "high": number(found.high)}
    ]


def _place(found: RatingResults) -> list[str]:
    if not found.first_favoured or found.first is None:
        return []
    return [
        _(
            "The answer shown first got %(share)s of all wins, so the place decided too; which one that is was drawn by lot."
        )
        % {"share": share(found.first)}
    ]


def _section(section: RatedSection) -> dict[str, Any]:
    return {
        "title": section.name,
        "model": section.model,
        "caption": _("%(pairs)s of %(questions)s")
        % {
            "pairs": ngettext("%(n)s pair", "%(n)s pairs", section.pairs) % {"n": count(section.pairs)},
            "questions": questions(section.questions),
        },
        "rows": [
            {
                "temperature": degrees(level.temperature),
                "chance": share(level.chance),
                "interval": None
                if level.low is None or level.high is None
                else range_of(level.low, level.high, "share"),
                "reason": None if level.reason is None else said(level.reason),
                "pairs": count(level.pairs),
            }
            for level in section.levels
        ],
        "measures": _measures(section),
    }


def _measures(section: RatedSection) -> Sequence[dict[str, str]]:
    return [
        {
            "title": titled(each.measure),
            "share": share(each.alike.share),
            "interval": range_of(each.alike.low, each.alike.high, "share"),
            "pairs": count(each.alike.pairs),
        }
        for each in section.measures[:_MEASURES]
    ]
