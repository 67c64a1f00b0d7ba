"""What guard-rails say: from where on answers break down, and which limits are not shown to be kept."""

from collections.abc import Iterator, Sequence

from tempkit.language import gettext as _
from tempkit.measures import titled
from tempkit.usecases.decision import Decision, GuardLevel, GuardResult
from tempkit.usecases.prose.terms import inside, limit_of, violation
from tempkit.usecases.words import at, difference, listed

__all__ = ["all_hold", "broken", "margin_to_cliff"]


def broken(found: Decision) -> Iterator[str]:
    """Return a sentence for each guard-rail that rules temperatures out."""
    for guard in found.guardrails:
        outside = [level for level in guard.levels if level.temperature in guard.ruled_out]
        if outside:
            yield _sentence(guard, outside)


def _sentence(guard: GuardResult, outside: Sequence[GuardLevel]) -> str:
    temperatures = [level.temperature for level in outside]
    if guard.cliff is not None:
        shown = next((level for level in outside if level.temperature == guard.cliff), outside[0])
        form = _("From %(t)s on, %(what)s (limit: %(limit)s).")
        where = at(guard.cliff)
    elif guard.floor is not None:
        shown = next((level for level in outside if level.temperature == guard.floor), outside[-1])
        form = _("Up to %(t)s, %(what)s (limit: %(limit)s).")
        where = at(guard.floor)
    else:
        shown = outside[0]
        form = _("At %(t)s, %(what)s (limit: %(limit)s).")
        where = listed(temperatures, [level.temperature for level in guard.levels])
    return form % {
        "t": where,
        "what": _seen(guard, shown),
        "limit": limit_of(guard.limit, guard.unit, relative=guard.relative),
    }


def _seen(guard: GuardResult, level: GuardLevel) -> str:
    if level.mean is None:
        return _("%(measure)s has no value") % {"measure": inside(titled(guard.measure))}
    if not guard.relative:
        return violation(guard.measure, level.mean, guard.unit)
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
    return _("Safety margin: answers first break down at %(cliff)s, %(distance)s above this.") % {
        "cliff": at(found.cliff),
        "distance": at(round(found.cliff - found.pick, 9)),
    }
