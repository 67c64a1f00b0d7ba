"""Whether two use cases on one model want one setting or two, and what one setting for both would cost."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from tempkit.decision.prose.amounts import at, bound, bounds, listed
from tempkit.decision.prose.terms import grade_word, inside, own_text
from tempkit.decision.prose.verdict import usable_pick
from tempkit.decision.result import Decision, Place
from tempkit.i18n import gettext as _
from tempkit.measures import titled

__all__ = ["between_use_cases"]


def between_use_cases(found: Sequence[Decision]) -> list[str]:
    """Return for each two use cases on one model whether one temperature serves both; nothing where one of them has no pick."""
    models = list(dict.fromkeys(each.model for each in found))
    said = []
    for model in models:
        for one, other in combinations([each for each in found if each.model == model], 2):
            sentences = list(_pair(one, other))
            if sentences and len(models) > 1:
                sentences[0] = _("On %(model)s: %(sentence)s") % {"model": model, "sentence": sentences[0]}
            said += sentences
    return said


def _pair(one: Decision, other: Decision) -> Iterator[str]:
    if one.pick is None or other.pick is None or None in (usable_pick(one), usable_pick(other)):
        return
    names = _names(one, other)
    parts = {
        "one": names[0],
        "other": names[1],
        "one_at": at(one.pick),
        "other_at": at(other.pick),
        "one_grade": grade_word(one.grade),
        "other_grade": grade_word(other.grade),
    }
    if one.pick == other.pick:
        yield (
            _("One setting: %(one_at)s serves both %(one)s (%(one_grade)s) and %(other)s (%(other_grade)s).")
            % parts
        )
        return
    both = _good_for_both(one, other)
    if both is not None:
        yield _("One setting: %(t)s serves both %(one)s and %(other)s.") % {**parts, "t": at(both)}
        yield from _costs(both, [(f, n) for f, n in ((one, names[0]), (other, names[1])) if f.pick != both])
        return
    yield (
        _(
            "Two settings: %(one_at)s for %(one)s (%(one_grade)s) and %(other_at)s for %(other)s (%(other_grade)s)."
        )
        % parts
    )
    open_to, excluded = _for_both(one, other)
    if open_to:
        yield _("Whether they need two is not settled: %(temperatures)s may still serve both.") % {
            "temperatures": listed(open_to, sorted({*_grid(one), *_grid(other)}))
        }
    elif excluded:
        yield _("No single temperature tried serves both.")
    yield from _costs(one.pick, ((other, names[1]),))
    yield from _costs(other.pick, ((one, names[0]),))


def _names(one: Decision, other: Decision) -> tuple[str, str]:
    """Return what to call the two: by use case, or by prompt where both have the same one."""
    if one.use_case != other.use_case:
        return own_text(one.profile.title), own_text(other.profile.title)
    return one.section, other.section


def _grid(found: Decision) -> list[float]:
    return [row.temperature for row in found.temperatures]


def _good_for_both(one: Decision, other: Decision) -> float | None:
    """Return a temperature that will do for both: each one's pick, or shown to be within the margin there."""

    def serves(found: Decision, t: float) -> bool:
        return t == found.pick or (t in found.placed("within") and found.at(t).inside_limits is not False)

    shared = [t for t in _grid(one) if t in _grid(other) and serves(one, t) and serves(other, t)]
    return min(shared, key=lambda t: (t not in (one.pick, other.pick), t), default=None)


def _for_both(one: Decision, other: Decision) -> tuple[list[float], bool]:
    """Return the temperatures that may still serve both, and whether each of the others is shown not to."""
    possible: tuple[Place, ...] = ("within", "open", "worse")
    unfit: tuple[Place, ...] = ("excluded", "ruled_out")
    everything = {*_grid(one), *_grid(other)}
    excluded = {*one.placed(*unfit), *other.placed(*unfit)}
    shared = [t for t in one.placed(*possible) if t in other.placed(*possible)]
    inside_limits = [t for t in shared if all(each.at(t).inside_limits is not False for each in (one, other))]
    return inside_limits, everything <= excluded


def _costs(temperature: float, cases: Sequence[tuple[Decision, str]]) -> Iterator[str]:
    """Return what one temperature would cost each of some use cases at worst."""
    for found, name in cases:
        row = next((row for row in found.temperatures if row.temperature == temperature), None)
        parts = {"t": at(temperature), "name": name}
        if row is None or row.place == "not_measured":
            yield _("What %(t)s would cost %(name)s was not measured.") % parts
        elif row.place == "ruled_out":
            yield _("%(t)s for both would not do: a guard-rail of %(name)s rules it out.") % parts
        elif row.regret_upper is None:
            yield _("What %(t)s would cost %(name)s is unknown: there is too little data.") % parts
        elif row.regret_lower is not None and row.regret_lower > 0:
            yield _("%(t)s for both would cost %(name)s %(amount)s.") % {
                **parts,
                "amount": _named(found, bounds(row.regret_lower, row.regret_upper, found.unit)),
            }
        else:
            yield _("%(t)s for both would cost %(name)s at most %(amount)s.") % {
                **parts,
                "amount": _named(found, bound(row.regret_upper, found.unit)),
            }


def _named(found: Decision, amount: str) -> str:
    """Return an amount with its measure, where its unit does not say what it is of."""
    if found.measure is None or found.unit in ("share", "ideas", "words", "nats"):
        return amount
    return _("%(amount)s of %(measure)s") % {"amount": amount, "measure": inside(titled(found.measure))}
