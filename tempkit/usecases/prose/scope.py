"""Whom a decision is about: the questions that were asked, or others like them, and how many that rests on."""

from tempkit.language import gettext as _
from tempkit.language import ngettext
from tempkit.measures import known
from tempkit.usecases.decision import Decision, Scope, ScopeDecision
from tempkit.usecases.prose.terms import grade_word, kept
from tempkit.usecases.words import at, bound, questions

__all__ = ["basis", "other_scope", "whom"]

_FEW = 20
"""Fewer questions than this say little about others."""


def whom(scope: Scope, n: int) -> str:
    """Return whom a claim is about, as it stands before a colon or at a sentence's beginning."""
    if scope == "items_like_these":
        return _("For questions like these")
    if n == 1:
        return _("For this prompt alone")
    return _("For these %(questions)s alone") % {"questions": questions(n)}


def basis(found: Decision) -> tuple[str, ...]:
    """Return what the pick rests on, and how far that reaches."""
    if found.items < 1:
        return ()
    said = [_("%(whom)s: %(asked)s.") % {"whom": whom(found.scope, found.items), "asked": _asked(found)}]
    if found.policy != "single":
        said.append(_("Judged as answers are used here: %(how)s.") % {"how": kept(found.policy)})
    if found.scope == "these_items" and found.items < _FEW:
        said.append(
            ngettext(
                "One prompt says little about others.",
                "%(n)d questions say little about others.",
                found.items,
            )
            % {"n": found.items}
        )
    return tuple(said)


def _asked(found: Decision) -> str:
    row = (
        None
        if found.pick is None
        else next((r for r in found.temperatures if r.temperature == found.pick), None)
    )
    measure = None if found.measure is None else known(found.measure)
    if row is None or not row.n or (measure is not None and measure.scope == "cell"):
        return _("%(questions)s asked") % {"questions": questions(found.items)}
    each, rest = divmod(row.samples, row.n)
    parts = {"questions": questions(row.n), "t": at(row.temperature)}
    if rest or not each:
        form = ngettext(
            "%(questions)s with %(answers)d answer in all at %(t)s",
            "%(questions)s with %(answers)d answers in all at %(t)s",
            row.samples,
        )
        return form % {**parts, "answers": row.samples}
    return ngettext(
        "%(questions)s with %(answers)d answer each at %(t)s",
        "%(questions)s with %(answers)d answers each at %(t)s",
        each,
    ) % {**parts, "answers": each}


def other_scope(found: Decision) -> str:
    """Return the decision in the scope that does not grade, in a line; empty where it was not made."""
    other = next((each for each in found.scopes.values() if each.scope != found.scope), None)
    if other is None:
        return ""
    about = whom(other.scope, found.items)
    if other.pick is None:
        return _("%(whom)s: not enough data.") % {"whom": about}
    parts = {"whom": about, "pick": at(other.pick), "grade": grade_word(other.grade)}
    cost = _at_most(other, found.unit)
    if not cost:
        return _("%(whom)s: %(pick)s, %(grade)s.") % parts
    return _("%(whom)s: %(pick)s, %(grade)s, %(cost)s.") % {**parts, "cost": cost}


def _at_most(other: ScopeDecision, unit: str) -> str:
    if other.regret_upper is None:
        return ""
    if other.regret_upper <= 0:
        return _("none of those tried is better")
    return _("at most %(amount)s behind the best of those tried") % {
        "amount": bound(other.regret_upper, unit)
    }
