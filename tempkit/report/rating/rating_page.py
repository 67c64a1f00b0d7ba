"""The page on which people rate pairs of answers: one file, blind, that needs no network.

It holds the questions, the texts and random codes, nothing else of the run. What is in it is computed from what a rater may see
(`DrawnSheet.shown`), so that nothing else can slip in.
"""

from typing import Any

from tempkit.decision import shipped
from tempkit.i18n import current
from tempkit.rating import DrawnSheet, Power, SheetSection, ShownPair
from tempkit.report.page_frame import embedded, framed
from tempkit.report.page_script import page_script
from tempkit.report.text.characters import plain
from tempkit.report.text.text import enumerated, ngettext, share
from tempkit.report.text.text import gettext as _
from tempkit.report.theme import asset, draw

__all__ = ["can_show", "rating_page", "sheet_digest"]

_OFFSETS = (0x811C9DC5, 0x9DC5811C)
_PRIME = 0x01000193


def rating_page(drawn: DrawnSheet) -> tuple[str, str]:
    """Return the page in the current language, and the digest that the files which it saves will carry."""
    data = embedded(
        {"sheet": drawn.sheet.id, "pairs": [_pair(pair) for pair in drawn.shown], "say": _labels()}
    )
    script = page_script("rating")
    body = draw(
        "rating/page.html.j2",
        None,
        {"count": len(drawn.shown), "power": [can_show(section) for section in drawn.sections]},
    )
    page = framed(
        body,
        lang=current().code,
        title=_("Which answer is better?"),
        css="\n".join(asset(name) for name in ("css/base.css", "rating/rating.css")),
        blocks={},
        answers={},
        data=data,
        vega=None,
        scripts=[script],
        own=script,
    )
    return page, sheet_digest(data)


def sheet_digest(data: str) -> str:
    """Return a digest of the page's data, which are ASCII, as its script computes it too: against mishaps, not against fraud."""
    found = []
    for offset in _OFFSETS:
        value = offset
        for byte in data.encode("ascii"):
            value = (value ^ byte) * _PRIME & 0xFFFFFFFF
        found.append(f"{value:08x}")
    return "".join(found)


def can_show(section: SheetSection) -> str:
    """Return what the pairs of a section can show, in a sentence that tells nothing of its temperatures."""
    n = ngettext("%(n)s pair", "%(n)s pairs", section.shown) % {"n": section.shown}
    if not section.power:
        return _("%(name)s, %(pairs)s: they are of too few questions to show how sure a difference is.") % {
            "name": _titled(section.name),
            "pairs": n,
        }
    by_wins = {power.wins: power for power in section.power}
    first, *others = (by_wins.pop(0.7), *by_wins.values())
    return _(
        "%(name)s, %(pairs)s: a setting that wins %(wins)s of its comparisons is told from one that wins half with a probability of "
        "%(probability)s (%(others)s)."
    ) % {
        "name": _titled(section.name),
        "pairs": n,
        "wins": share(first.wins),
        "probability": share(first.probability),
        "others": enumerated([_another(power) for power in others]),
    }


def _titled(use_case: str) -> str:
    """Return a use case's title, where it is one that is shipped."""
    known = shipped().get(use_case)
    return use_case if known is None else known.title


def _another(power: Power) -> str:
    return _("one that wins %(wins)s with %(probability)s") % {
        "wins": share(power.wins),
        "probability": share(power.probability),
    }


def _pair(pair: ShownPair) -> dict[str, Any]:
    return {
        "code": pair.code,
        "question": [[message.role, plain(message.content.strip())] for message in pair.messages],
        "left": plain(pair.left.strip()),
        "right": plain(pair.right.strip()),
    }


def _labels() -> dict[str, str]:
    """Return what the page's scripts say; `%s` stands for a value."""
    return {
        "begin": _("Begin"),
        "go on": _("Go on: %s of %s rated"),
        "pair": _("Pair %s of %s"),
        "count": _("%s of %s rated"),
        "saved": _("Saved"),
        "loaded": _("Loaded: %s pairs are rated."),
        "not ours": _("That is no file that this page saved."),
        "no question": _("The question is not known."),
        "system": _("Instructions"),
        "user": _("Request"),
        "assistant": _("Answer so far"),
    }
