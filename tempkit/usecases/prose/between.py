"""Whether two use cases on one model want one setting or two, and what one setting for both would cost."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from tempkit.language import gettext as _
from tempkit.usecases.decision import Decision, Place
from tempkit.usecases.prose.terms import grade_word
from tempkit.usecases.words import at, bound, bounds, listed

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
    if one.pick is None or other.pick is None:
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
        yield from _costs(both, ((one, names[0]), (other, names[1])))
        return
    yield (
        _(
            "Two settings: %(one_at)s for %(one)s (%(one_grade)s) and %(other_at)s for %(other)s (%(other_grade)s)."
        )
        % parts
    )
    grid = sorted({*_grid(one), *_grid(other)})
    if open_to := _possible_for_both(one, other):
        yield _("Whether they need two is not settled: %(temperatures)s may still serve both.") % {
            "temperatures": listed(open_to, grid)
        }
    else:
        yield _("No single temperature tried serves both.")
    yield from _costs(one.pick, ((other, names[1]),))
    yield from _costs(other.pick, ((one, names[0]),))


def _names(one: Decision, other: Decision) -> tuple[str, str]:
    """Return what to call the two: by use case, or by prompt where both have the same one."""
    if one.profile.title != other.profile.title:
        return one.profile.title, other.profile.title
    return one.section, other.section


def _grid(found: Decision) -> list[float]:
    return [row.temperature for row in found.temperatures]


def _good_for_both(one: Decision, other: Decision) -> float | None:
    """Return a temperature that is shown to be within the margin for both: a pick of one of them rather than another."""
    shared = [t for t in one.placed("within") if t in other.placed("within")]
    shared = [t for t in shared if _inside(one, t) and _inside(other, t)]
    return min(shared, key=lambda t: (t not in (one.pick, other.pick), t), default=None)


def _inside(found: Decision, temperature: float) -> bool:
    return found.at(temperature).inside_limits is not False


def _possible_for_both(one: Decision, other: Decision) -> list[float]:
    places: tuple[Place, ...] = ("within", "open", "worse")
    return [t for t in one.placed(*places) if t in other.placed(*places)]


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
                "amount": bounds(row.regret_lower, row.regret_upper, found.unit),
            }
        else:
            yield _("%(t)s for both would cost %(name)s at most %(amount)s.") % {
                **parts,
                "amount": bound(row.regret_upper, found.unit),
            }
