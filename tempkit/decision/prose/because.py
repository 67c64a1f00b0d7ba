"""Why: what sets the pick apart from the other temperatures, and whether the temperature matters at all."""

import math
from collections.abc import Iterator, Sequence

from tempkit.decision.prose.amounts import amount, at, bound, difference, joined, listed, percent, questions
from tempkit.decision.prose.scope import basis
from tempkit.decision.prose.terms import clause, grade_word, inside, margin, own_text, scored, scored_range
from tempkit.decision.prose.verdict import alike, compared, starting_point, usable_pick
from tempkit.decision.result import Decision, TemperatureResult
from tempkit.i18n import gettext as _
from tempkit.i18n import ngettext
from tempkit.measures import titled

__all__ = ["because"]

_MOST = 0.99
"""No probability that is estimated is said to be certainty."""


def because(found: Decision) -> tuple[str, ...]:
    """Return why the pick was made, the most important first."""
    if found.pick is None or usable_pick(found) is None:
        return (*_start(found), *_varied(found))
    return tuple(
        sentence
        for sentence in (
            *_pick(found, found.pick),
            *_varied(found),
            *_effect(found, _beyond_limits(found)),
            *_default(found),
            *basis(found),
        )
        if sentence
    )


def _start(found: Decision) -> Iterator[str]:
    start = starting_point(found)
    source = found.profile.start
    if start is not None and source is not None and start in source.temperatures:
        yield _("Why %(t)s, from other studies: %(says)s (%(source)s).") % {
            "t": at(start),
            "says": clause(source.says),
            "source": own_text(source.source),
        }


def _pick(found: Decision, pick: float) -> Iterator[str]:
    rows = {row.temperature: row for row in found.temperatures if row.temperature in compared(found)}
    row = rows.pop(pick, None)
    others = list(rows.values())
    if row is None:
        return
    if not others:
        yield _averages(found, row, others)
        return
    leads = [other.regret_lower for other in others]
    lead = min((each for each in leads if each is not None), default=0.0) if None not in leads else 0.0
    yield _left_out(found, row)
    same = alike(found)
    if lead > 0:
        yield _lone_best(found, row, others, lead)
    elif len(same) > 1 and (found.grade == "shown" or found.effect == "does_not_matter"):
        yield from _as_good(found, pick, same)
    elif row.place == "within":
        yield _good_enough(found, pick, others)
        yield _averages(found, row, others)
    else:
        behind = row.place in ("worse", "excluded")
        yield "" if behind else _too_close(found, row)
        yield "" if behind else _first_share(found, row)
        yield _averages(found, row, others)
        yield "" if behind else _probability(found)


def _beyond_limits(found: Decision) -> list[float]:
    """Return the temperatures that were compared and are no candidates, because what was seen of them is beyond a limit, shown or not."""
    return [
        row.temperature
        for row in found.temperatures
        if row.temperature in compared(found) and row.temperature != found.pick and row.inside_limits is False
    ]


def _left_out(found: Decision, row: TemperatureResult) -> str:
    """Return which temperatures were no candidates, and what limits they are beyond."""
    beyond = _beyond_limits(found)
    measures = [
        inside(titled(guard.measure))
        for guard in found.guardrails
        if any(level.inside is False and level.temperature in beyond for level in guard.levels)
    ]
    if not measures or row.inside_limits is False:
        return ""
    return ngettext(
        "%(temperatures)s is left out: its average is beyond a limit (%(measures)s).",
        "%(temperatures)s are left out: their averages are beyond a limit (%(measures)s).",
        len(beyond),
    ) % {"temperatures": _listed(found, beyond), "measures": joined(measures)}


def _lone_best(
    found: Decision, row: TemperatureResult, others: Sequence[TemperatureResult], lead: float
) -> str:
    places = {each.place for each in found.temperatures}
    if "not_measured" in places:
        form = _("It is at least %(lead)s better than any other temperature that could be scored.")
    elif "ruled_out" in places:
        form = _("It is at least %(lead)s better than any other temperature that keeps the limits.")
    else:
        form = _("It is at least %(lead)s better than any other temperature tried.")
    return " ".join(
        filter(None, (form % {"lead": bound(lead, found.unit, least=True)}, _averages(found, row, others)))
    )


def _averages(found: Decision, row: TemperatureResult, others: Sequence[TemperatureResult]) -> str:
    """Return the pick's mean beside the best of the others'."""
    if row.mean is None:
        return ""
    known = [(other.mean, other.temperature) for other in others if other.mean is not None]
    if not known:
        return _("Its average: %(score)s.") % {"score": scored(found, row.mean)}
    best, where = (max if found.higher_is_better else min)(known)
    parts = {"score": scored(found, row.mean), "other": amount(best, found.unit), "t": at(where)}
    if best == row.mean:
        return _("Its average: %(score)s, as at %(t)s.") % parts
    if (best < row.mean) == found.higher_is_better:
        return _("Its average: %(score)s, against %(other)s for the next best (%(t)s).") % parts
    return _("Its average: %(score)s, against %(other)s at %(t)s.") % parts


def _as_good(found: Decision, pick: float, same: Sequence[float]) -> Iterator[str]:
    means = [row.mean for row in found.temperatures if row.temperature in same and row.mean is not None]
    parts = {"temperatures": _listed(found, same), "margin": margin(found)}
    if means:
        parts["scores"] = scored_range(found, min(means), max(means))
        yield _("%(temperatures)s are within %(margin)s of each other: %(scores)s.") % parts
    else:
        yield _("%(temperatures)s are within %(margin)s of each other.") % parts
    if why := clause(found.profile.tie_why):
        yield _("Why %(t)s: %(why)s.") % {"t": at(pick), "why": why}


def _good_enough(found: Decision, pick: float, others: Sequence[TemperatureResult]) -> str:
    parts = {"t": at(pick), "margin": margin(found)}
    if found.grade == "guess":
        return _("%(t)s is at most %(margin)s behind the best of those tried.") % parts
    as_good = [
        each.temperature
        for each in others
        if each.place in ("within", "open") and each.inside_limits is not False
    ]
    if not as_good:
        return _("%(t)s is good enough: at most %(margin)s behind the best of those tried.") % parts
    return ngettext(
        "%(t)s is good enough: at most %(margin)s behind the best of those tried. %(others)s may be as good.",
        "%(t)s is good enough: at most %(margin)s behind the best of those tried. %(others)s may be as good.",
        len(as_good),
    ) % {**parts, "others": _listed(found, as_good)}


def _too_close(found: Decision, row: TemperatureResult) -> str:
    close = found.placed("open")
    if found.grade == "likely" or row.temperature not in close or len(close) < 2:
        return ""
    return _(
        "%(temperatures)s are too close to call: any of them could be more than %(margin)s behind the best."
    ) % {"temperatures": _listed(found, close), "margin": margin(found)}


def _first_share(found: Decision, row: TemperatureResult) -> str:
    if row.first_share is None or found.items < 2 or found.scope == "these_items":
        return ""
    return _("It came first in %(times)d of 100 resamplings of your %(questions)s.") % {
        "times": round(row.first_share * 100),
        "questions": questions(found.items),
    }


def _probability(found: Decision) -> str:
    least = (
        math.floor(100 * (found.p_within or 0.0) + 1e-9) / 100
    )  # rounded down, as it is said to be at least that
    if least <= 0:  # known from below only, and nothing is known from 0
        return ""
    return _("The probability that it is within %(margin)s of the best is at least %(probability)s.") % {
        "margin": margin(found),
        "probability": percent(min(least, _MOST)),
    }


def _varied(found: Decision) -> Iterator[str]:
    other = found.variety
    if other is None or other.pick is None:
        return
    parts = {"t": at(other.pick), "grade": grade_word(other.grade)}
    row = next((row for row in other.temperatures if row.temperature == other.pick), None)
    if row is None or row.mean is None:
        yield _("Most varied: %(t)s (%(grade)s).") % parts
    else:
        yield _("Most varied: %(t)s (%(grade)s), %(score)s.") % {**parts, "score": scored(other, row.mean)}
    if found.cliff is not None:
        yield _("Answers fall apart from %(t)s on.") % {"t": at(found.cliff)}
    elif found.temperatures and all(row.inside_limits is not False for row in found.temperatures):
        yield _("Up to %(t)s, the highest temperature tried, answers are not seen to fall apart.") % {
            "t": at(found.temperatures[-1].temperature)
        }


def _effect(found: Decision, left_out: Sequence[float]) -> Iterator[str]:
    """Return whether the temperature matters; of those that are left out, it was said already that they are not the best."""
    if len(compared(found)) < 2:
        return
    if found.effect == "does_not_matter":
        yield _("So the temperature does not matter here.")
    elif found.effect == "unknown" and (worse := found.placed("worse")):
        if not (behind := [t for t in worse if t not in left_out]):
            return
        yield ngettext(
            "%(temperatures)s is not the best; whether it is more than %(margin)s worse is still open.",
            "%(temperatures)s are not the best; whether they are more than %(margin)s worse is still open.",
            len(behind),
        ) % {"temperatures": _listed(found, behind), "margin": margin(found)}
    elif found.effect == "unknown":
        yield _("Whether the temperature matters at all is still open.")
    elif excluded := found.placed("excluded"):
        yield ngettext(
            "The temperature matters: %(temperatures)s is more than %(margin)s worse than the best.",
            "The temperature matters: %(temperatures)s are more than %(margin)s worse than the best.",
            len(excluded),
        ) % {"temperatures": _listed(found, excluded), "margin": margin(found)}
    else:
        yield _("The temperature matters.")


def _default(found: Decision) -> Iterator[str]:
    usual = found.at_default
    if usual is None or usual.temperature == found.pick:
        return
    row = next((row for row in found.temperatures if row.temperature == usual.temperature), None)
    if row is None or row.place == "ruled_out" or row.inside_limits is False:
        return  # what it scores is no reason to use it
    parts = {"t": at(usual.temperature), "amount": difference(abs(usual.loss), found.unit)}
    if parts["amount"] == difference(0.0, found.unit):
        yield _("If you left it at %(t)s, the usual default, you would lose nothing on average.") % parts
    elif usual.loss < 0:
        yield _("The usual default, %(t)s, did better by %(amount)s on average.") % parts
    elif usual.loss_upper is None or usual.loss_upper < usual.loss:
        yield _("If you left it at %(t)s, the usual default, you would lose about %(amount)s.") % parts
    else:
        yield _(
            "If you left it at %(t)s, the usual default, you would lose about %(amount)s (at most %(most)s)."
        ) % {
            **parts,
            "most": bound(usual.loss_upper, found.unit),
        }


def _listed(found: Decision, temperatures: Sequence[float]) -> str:
    return listed(temperatures, [row.temperature for row in found.temperatures])
