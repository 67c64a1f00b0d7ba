"""Say a recommendation in sentences: what was found, on how much, and what is not known.

A sentence never says more than its numbers: "shown" is kept for what holds with the stated confidence for all
temperatures together, and means are called means. Every sentence is one message of the catalogues with named places in it,
because no two languages put their parts in the same order.
"""

from collections.abc import Iterator, Sequence

from tempkit.compare.curves import MEAN_LEVEL
from tempkit.language import gettext as _
from tempkit.language import ngettext
from tempkit.numerals import numeral
from tempkit.usecases.profile import UseCase
from tempkit.usecases.result import GuardResult, Recommendation
from tempkit.usecases.words import amount, at, counted, difference, listed, range_of, spread

__all__ = ["evidence", "status_word"]


def status_word(status: str) -> str:
    """Return what came of a recommendation in a word."""
    return {"recommended": _("recommended"), "tie": _("tie"), "undecided": _("undecided")}[status]


def evidence(made: Recommendation, profile: UseCase) -> tuple[str, ...]:
    """Return the sentences behind a recommendation, the most important first."""
    ruled = [_guard_sentence(guard) for guard in made.guards if guard.cliff is not None]
    if made.measure is None:
        start = _("There is no temperature with enough values of %(measures)s that passes the guard-rails.")
        return (start % {"measures": ", ".join(primary.measure for primary in profile.primary)}, *ruled)
    grid = [level.temperature for level in made.levels]
    return tuple(
        sentence
        for sentence in (
            _main(made, profile, grid),
            _level_sentence(made),
            *ruled,
            _cliff_sentence(made),
            _trend_sentence(made),
            _default_sentence(made),
            _needs_sentence(made),
            _sensitivity_sentence(made),
        )
        if sentence
    )


def _main(made: Recommendation, profile: UseCase, grid: Sequence[float]) -> str:
    parts = {
        "within": listed(made.within, grid) if made.within else "",
        "margin": difference(made.margin, made.unit),
        "taken": at(made.temperature or 0),
        "why": profile.tie_why,
    }
    if made.status == "tie":
        return (
            _(
                "Any of %(within)s will do: all are shown to be within %(margin)s of the best; %(taken)s was taken because "
                "%(why)s."
            )
            % parts
        )
    if made.status == "recommended":
        return _recommended(made) % parts
    if made.within:
        return (
            ngettext(
                "%(within)s is shown to be within %(margin)s of the best, but no temperature is shown to be worse, so nothing "
                "says that the choice matters.",
                "%(within)s are shown to be within %(margin)s of the best, but no temperature is shown to be worse, so nothing "
                "says that the choice matters.",
                len(made.within),
            )
            % parts
        )
    if len(made.acceptable) == len(grid):
        return (
            _(
                "No temperature is shown to be within %(margin)s of the best, and none to be worse by more than that."
            )
            % parts
        )
    open_still = _("Not decided among %(open)s: none is shown to be within %(margin)s of the best.") % {
        **parts,
        "open": listed(made.acceptable, grid),
    }
    return " ".join([open_still, *_left_out(made, grid, parts["margin"])])


def _recommended(made: Recommendation) -> str:
    if len(made.within) > 1:
        return _(
            "%(within)s are shown to be within %(margin)s of the best. Of these, %(taken)s was taken because %(why)s."
        )
    others = [level.place for level in made.levels if level.temperature not in made.within]
    if len(made.acceptable) == 1 and all(place in ("ruled out", "not measured") for place in others):
        return _("%(within)s is the only temperature that no guard-rail rules out.")
    return _("%(within)s is shown to be within %(margin)s of the best.")


def _left_out(made: Recommendation, grid: Sequence[float], margin: str) -> Iterator[str]:
    def at_places(place: str) -> list[float]:
        return [level.temperature for level in made.levels if level.place == place]

    if worse := at_places("excluded"):
        yield ngettext(
            "%(some)s is shown to be worse by more than %(margin)s.",
            "%(some)s are shown to be worse by more than %(margin)s.",
            len(worse),
        ) % {"some": listed(worse, grid), "margin": margin}
    if ruled := at_places("ruled out"):
        yield ngettext(
            "%(some)s is ruled out by a guard-rail.",
            "%(some)s are ruled out by a guard-rail.",
            len(ruled),
        ) % {"some": listed(ruled, grid)}
    if unknown := at_places("not measured"):
        yield ngettext(
            "%(some)s is not compared, for lack of values.",
            "%(some)s are not compared, for lack of values.",
            len(unknown),
        ) % {"some": listed(unknown, grid)}


def _level_sentence(made: Recommendation) -> str:
    known = [
        level
        for level in made.levels
        if level.mean is not None and level.place not in ("ruled out", "not measured")
    ]
    if not known:
        return ""
    ordered = sorted(known, key=lambda level: level.mean or 0.0, reverse=made.higher_is_better)
    best, worst = ordered[0], ordered[-1]
    parts = {
        "measure": made.measure_title,
        "best": spread(best, made.unit),
        "best_at": at(best.temperature),
        "worst": spread(worst, made.unit),
        "worst_at": at(worst.temperature),
        "items": counted(list(dict.fromkeys((best.items, worst.items)))),
        "level": f"{MEAN_LEVEL * 100:.0f}",
    }
    if worst is best:
        form = _("%(measure)s: %(best)s at %(best_at)s; means over %(items)s, %(level)s %% intervals.")
    else:
        form = _(
            "%(measure)s: %(best)s at %(best_at)s, %(worst)s at %(worst_at)s; means over %(items)s, %(level)s %% intervals."
        )
    return form % parts


def _guard_sentence(guard: GuardResult) -> str:
    level = next(level for level in guard.levels if level.temperature == guard.cliff)
    said = difference if guard.relative else amount
    if guard.relative and guard.worse == "above":
        form = _(
            "Guard-rail broken from %(at)s on: %(measure)s, %(mean)s over the lowest temperature's, where %(limit)s is "
            "the limit."
        )
    elif guard.relative:
        form = _(
            "Guard-rail broken from %(at)s on: %(measure)s, %(mean)s under the lowest temperature's, where %(limit)s is "
            "the limit."
        )
    elif guard.worse == "above":
        form = _("Guard-rail broken from %(at)s on: %(measure)s, %(mean)s, over the limit of %(limit)s.")
    else:
        form = _("Guard-rail broken from %(at)s on: %(measure)s, %(mean)s, under the limit of %(limit)s.")
    return form % {
        "at": at(level.temperature),
        "measure": _inside(guard.title),
        "mean": said(level.mean or 0.0, guard.unit),
        "limit": said(guard.limit, guard.unit),
    }


def _inside(title: str) -> str:
    """Return a title as it stands inside a sentence: with a small first letter, but for an abbreviation."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _cliff_sentence(made: Recommendation) -> str:
    if made.cliff is None or not made.cliff.distance or made.cliff.distance < 0:
        return ""
    return _("From the temperature taken to the cliff it is %(distance)s.") % {
        "distance": at(round(made.cliff.distance, 9))
    }


def _trend_sentence(made: Recommendation) -> str:
    found = made.trend
    if found is None or found.slope is None or found.low is None or found.high is None:
        return ""
    shown = found.low > 0 or found.high < 0
    parts = {
        "slope": amount(found.slope, made.unit, sign=True),
        "interval": range_of(found.low, found.high, made.unit, sign=True),
    }
    if found.rank_correlation is None:
        if shown:
            return _("It changes with temperature: %(slope)s per unit (%(interval)s).") % parts
        return _("No trend with temperature is shown: %(slope)s per unit (%(interval)s).") % parts
    parts["rank"] = numeral(f"{found.rank_correlation:+.2f}".replace("-", "−"))
    if shown:
        form = _("It changes with temperature: %(slope)s per unit (%(interval)s), rank correlation %(rank)s.")
    else:
        form = _(
            "No trend with temperature is shown: %(slope)s per unit (%(interval)s), rank correlation %(rank)s."
        )
    return form % parts


def _default_sentence(made: Recommendation) -> str:
    found = made.at_default
    if found is None:
        return ""
    parts = {"at": at(found.temperature), "amount": difference(abs(found.loss), made.unit)}
    if found.low is None or found.high is None:
        if found.loss >= 0:
            form = _("Left at the usual default of %(at)s, you would lose %(amount)s on average.")
        else:
            form = _("Left at the usual default of %(at)s, you would gain %(amount)s on average.")
        return form % parts
    if found.loss >= 0:
        form = _(
            "Left at the usual default of %(at)s, you would lose %(amount)s on average (loss %(low)s to %(high)s)."
        )
    else:
        form = _(
            "Left at the usual default of %(at)s, you would gain %(amount)s on average (loss %(low)s to %(high)s)."
        )
    return form % {
        **parts,
        "low": amount(found.low, made.unit, sign=True),
        "high": amount(found.high, made.unit, sign=True),
    }


def _needs_sentence(made: Recommendation) -> str:
    needs = made.needs
    if needs is None:
        return ""
    if needs.at_least:
        return ngettext(
            "At least %(n)d more item is needed before anything can be shown.",
            "At least %(n)d more items are needed before anything can be shown.",
            needs.items or 0,
        ) % {"n": needs.items}
    ways = []
    if needs.samples is not None:
        ways.append(
            ngettext(
                "about %(n)d more sample per item and temperature",
                "about %(n)d more samples per item and temperature",
                needs.samples,
            )
            % {"n": needs.samples}
        )
    if needs.items is not None:
        ways.append(
            ngettext("about %(n)d more item", "about %(n)d more items", needs.items) % {"n": needs.items}
        )
    if len(ways) == 2:
        return _("To decide: %(one)s or %(other)s.") % {"one": ways[0], "other": ways[1]}
    return _("To decide: %(way)s.") % {"way": ways[0]} if ways else ""


def _sensitivity_sentence(made: Recommendation) -> str:
    changed = [s for s in made.sensitivity if (s.status, s.temperature) != (made.status, made.temperature)]
    if not changed:
        return ""
    cases = []
    for other in changed:
        form = (
            _("%(margin)s: %(status)s") if other.temperature is None else _("%(margin)s: %(status)s, %(at)s")
        )
        cases.append(
            form
            % {
                "margin": difference(other.margin, made.unit),
                "status": status_word(other.status),
                "at": at(other.temperature or 0),
            }
        )
    return _("With another margin: %(cases)s.") % {"cases": "; ".join(cases)}
