"""What the pick could cost at worst, what is not known of it, and what to stay away from."""

from tempkit.decision.prose.amounts import at, bound, difference
from tempkit.decision.prose.caveats import RISKS, noted
from tempkit.decision.prose.guard_rails import all_hold, broken
from tempkit.decision.prose.terms import own_text
from tempkit.decision.prose.verdict import compared, others_ruled_out, usable_pick
from tempkit.decision.result import Decision
from tempkit.i18n import gettext as _

__all__ = ["risk"]


def risk(found: Decision) -> tuple[str, ...]:
    """Return what the pick could cost, the worst first."""
    said = [*_cost(found), *_cost_of_variety(found), *broken(found), *noted(found, RISKS), *_caveats(found)]
    if found.pick is not None and all_hold(found):
        said.append(_("Every guard-rail holds at %(t)s.") % {"t": at(found.pick)})
    return tuple(said)


def _cost(found: Decision) -> tuple[str, ...]:
    if usable_pick(found) is None:
        return ()
    if others_ruled_out(found) or found.arm is not None:
        return ()
    if len(compared(found)) < 2:
        return (_("How it compares with other temperatures is unknown."),)
    upper, mean = found.regret_upper, found.regret_mean
    if upper is None:
        return (
            _(
                "How far it may lie behind the best of those tried is unknown: there is too little data to bound it."
            ),
        )
    if upper <= 0:
        return (_("No other temperature tried is better."),)
    parts = {"upper": bound(upper, found.unit)}
    if mean is None or mean <= 0 or difference(mean, found.unit) == difference(0.0, found.unit):
        return (_("At most %(upper)s behind the best of those tried.") % parts,)
    parts["mean"] = difference(mean, found.unit)
    return (_("At most %(upper)s behind the best of those tried; its average is %(mean)s behind.") % parts,)


def _cost_of_variety(found: Decision) -> tuple[str, ...]:
    other = found.variety
    if other is None or other.pick is None or other.regret_upper is None:
        return ()
    parts = {"t": at(other.pick), "upper": bound(other.regret_upper, other.unit)}
    if other.regret_upper <= 0:
        return (_("For varied answers, no other temperature tried is better than %(t)s.") % parts,)
    return (_("For varied answers, %(t)s is at most %(upper)s behind the best of those tried.") % parts,)


def _caveats(found: Decision) -> tuple[str, ...]:
    """Return what the use case itself warns of where the measures that decided are used."""
    primary = None
    if found.pick is not None:
        primary = next((each for each in found.profile.primary if each.measure == found.measure), None)
    other = found.variety
    variety = None if other is None or other.pick is None else found.profile.variety
    return tuple(own_text(each.note) for each in (primary, variety) if each is not None and each.note)
