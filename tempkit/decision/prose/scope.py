"""Whom a decision is about: the questions that were asked, or others like them, and how many that rests on."""

from tempkit.decision.prose.amounts import at, bound, questions
from tempkit.decision.prose.terms import grade_word, kept
from tempkit.decision.result import Decision, Scope, ScopeDecision
from tempkit.i18n import gettext as _
from tempkit.i18n import integer, ngettext
from tempkit.measures import known

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
    said = [_about(found)]
    if found.policy != "single":
        said.append(_("This holds %(how)s.") % {"how": kept(found.policy)})
    told_already = any(note.code == "few_items" for note in found.notes)
    if found.scope == "these_items" and found.items < _FEW and not told_already:
        said.append(
            ngettext(
                "One prompt says little about others.",
                "%(n)d questions say little about others.",
                found.items,
            )
            % {"n": found.items}
        )
    return tuple(said)


def _about(found: Decision) -> str:
    answers = _answers(found)
    parts = {"n": integer(found.items), "answers": answers}
    if found.scope == "items_like_these" and found.imported is not None:
        if answers:
            form = ngettext(
                "This is about questions like these: there is %(n)s, with %(answers)s.",
                "This is about questions like these: there are %(n)s, with %(answers)s.",
                found.items,
            )
        else:
            form = ngettext(
                "This is about questions like these: there is %(n)s.",
                "This is about questions like these: there are %(n)s.",
                found.items,
            )
    elif found.scope == "items_like_these":
        if answers:
            form = ngettext(
                "This is about questions like these: %(n)s was asked, with %(answers)s.",
                "This is about questions like these: %(n)s were asked, with %(answers)s.",
                found.items,
            )
        else:
            form = ngettext(
                "This is about questions like these: %(n)s was asked.",
                "This is about questions like these: %(n)s were asked.",
                found.items,
            )
    elif answers:
        form = ngettext(
            "This is about this prompt alone, with %(answers)s.",
            "This is about these %(n)s questions alone, with %(answers)s.",
            found.items,
        )
    else:
        form = ngettext(
            "This is about this prompt alone.", "This is about these %(n)s questions alone.", found.items
        )
    return form % parts


def _answers(found: Decision) -> str:
    """Return how many answers there are at the pick; empty where the measure has one value for all answers to a question."""
    row = next((each for each in found.temperatures if each.temperature == found.pick), None)
    measure = None if found.measure is None else known(found.measure)
    per_question = found.policy != "single" or (measure is not None and measure.scope == "cell")
    if row is None or not row.n or not row.samples or per_question:
        return ""
    each, rest = divmod(row.samples, row.n)
    if rest or row.n != found.items:
        form = ngettext("%(n)s answer in all at %(t)s", "%(n)s answers in all at %(t)s", row.samples)
        return form % {"n": integer(row.samples), "t": at(row.temperature)}
    if row.n == 1:
        form = ngettext("%(n)s answer at %(t)s", "%(n)s answers at %(t)s", each)
    else:
        form = ngettext("%(n)s answer to each at %(t)s", "%(n)s answers to each at %(t)s", each)
    return form % {"n": integer(each), "t": at(row.temperature)}


def other_scope(found: Decision) -> str:
    """Return the decision in the scope that does not grade, in a line; empty where it was not made."""
    other = next((each for each in found.scopes.values() if each.scope != found.scope), None)
    if other is None or found.arm is not None:  # what an arm comes to is said where models are compared
        return ""
    about = whom(other.scope, found.items)
    if other.pick is None or other.grade == "none":
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
