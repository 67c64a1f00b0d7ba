"""What guard-rails say: from where on answers break down, and which limits are not shown to be kept."""

from collections.abc import Iterator, Sequence

from tempkit.decision.prose.amounts import amount, at, difference
from tempkit.decision.prose.terms import inside, limit_of, violation
from tempkit.decision.result import Decision, GuardLevel, GuardResult
from tempkit.i18n import gettext as _
from tempkit.measures import titled

__all__ = ["all_hold", "broken", "margin_to_cliff"]


def broken(found: Decision) -> Iterator[str]:
    """Return the sentences about guard-rails that rule temperatures out: where it begins, going up and going down."""
    for guard in found.guardrails:
        outside = [level for level in guard.levels if level.temperature in guard.ruled_out]
        if outside and len(outside) == len(guard.levels):
            yield _sentence(_("Even at %(t)s, %(what)s (limit: %(limit)s)."), guard, _mildest(guard, outside))
            continue
        above = [level for level in outside if guard.cliff is not None and level.temperature >= guard.cliff]
        below = [level for level in outside if guard.floor is not None and level.temperature <= guard.floor]
        if above:
            yield _sentence(_("From %(t)s on, %(what)s (limit: %(limit)s)."), guard, _first_broken(above))
        if below:
            yield _sentence(_("Up to %(t)s, %(what)s (limit: %(limit)s)."), guard, _first_broken(below[::-1]))
        for level in outside:
            if level not in above and level not in below and level.verdict == "broken":
                yield _sentence(_("At %(t)s, %(what)s (limit: %(limit)s)."), guard, level)


def _sentence(form: str, guard: GuardResult, level: GuardLevel) -> str:
    return form % {
        "t": at(level.temperature),
        "what": _seen(guard, level),
        "limit": limit_of(guard.limit, guard.unit, relative=guard.relative),
    }


def _first_broken(levels: Sequence[GuardLevel]) -> GuardLevel:
    """Return the level at which the limit is first shown to be broken, of some that are out for it."""
    return next((level for level in levels if level.verdict == "broken"), levels[0])


def _mildest(guard: GuardResult, levels: Sequence[GuardLevel]) -> GuardLevel:
    known = [level for level in levels if level.mean is not None]
    sign = 1 if guard.worse == "above" else -1
    return min(known, key=lambda level: sign * (level.mean or 0.0), default=levels[0])


def _seen(guard: GuardResult, level: GuardLevel) -> str:
    if level.mean is None:
        return _("%(measure)s has no value") % {"measure": inside(titled(guard.measure))}
    if not guard.relative:
        return violation(guard.measure, level.mean, guard.unit)
    lowest = next((each for each in guard.levels if each.own_mean is not None), None)
    if level.own_mean is not None and lowest is not None and lowest.own_mean is not None:
        return _("%(what)s, against %(base)s at %(t)s") % {
            "what": violation(guard.measure, level.own_mean, guard.unit),
            "base": amount(lowest.own_mean, guard.unit),
            "t": at(lowest.temperature),
        }
    parts = {
        "measure": inside(titled(guard.measure)),
        "amount": difference(abs(level.mean), guard.unit),
        "t": at(guard.levels[0].temperature),
    }
    if level.mean < 0:
        return _("%(measure)s: %(amount)s less than at %(t)s") % parts
    return _("%(measure)s: %(amount)s more than at %(t)s") % parts


def all_hold(found: Decision) -> bool:
    """Return whether every guard-rail is shown to hold at the pick."""
    return bool(found.guardrails) and all(
        any(level.temperature == found.pick and level.verdict == "holds" for level in guard.levels)
        for guard in found.guardrails
    )


def margin_to_cliff(found: Decision) -> str:
    """Return how far the pick lies below the first temperature at which answers break down."""
    if found.pick is None or found.cliff is None or found.cliff <= found.pick:
        return ""
    between = [row for row in found.temperatures if found.pick < row.temperature < found.cliff]
    if any(row.inside_limits is False for row in between):
        return ""
    return _("Safety margin: answers first break down at %(cliff)s, %(distance)s above this.") % {
        "cliff": at(found.cliff),
        "distance": at(round(found.cliff - found.pick, 9)),
    }
