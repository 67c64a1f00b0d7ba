"""Say a recommendation in sentences: what was found, on how much, and what is not known.

A sentence never says more than its numbers: "shown" is kept for what holds with the stated confidence for all
temperatures together, and means are called means.
"""

from collections.abc import Sequence

from tempkit.compare.curves import MEAN_LEVEL
from tempkit.compare.tables import Table
from tempkit.usecases.profile import UseCase
from tempkit.usecases.result import GuardResult, LevelResult, Recommendation

__all__ = ["amount", "at", "caveats", "difference", "evidence", "listed", "span_of", "spread"]

_NOTABLE_MISSING = 0.1

_NAMES = {"nats": " nats", "ideas": " ideas", "words": " words"}


def at(temperature: float) -> str:
    """Return a temperature as text, e.g. `0.7`."""
    return f"{temperature:g}"


def amount(value: float, unit: str, *, sign: bool = False) -> str:
    """Return a value of a measure in words: shares as percentages."""
    if unit == "share":
        return f"{value * 100:+.0f} points" if sign else f"{value * 100:.0f} %"
    digits = 1 if unit in ("ideas", "words", "count") else 2
    return f"{value:{'+' if sign else ''}.{digits}f}{_NAMES.get(unit, '')}"


def difference(value: float, unit: str) -> str:
    """Return how far two values of a measure are apart: shares in points, since a difference of shares is no share."""
    if unit != "share":
        return amount(value, unit)
    points = f"{value * 100:.0f}"
    return f"{points} point" if points in ("1", "-1") else f"{points} points"


def span_of(low: float, high: float, unit: str) -> str:
    """Return two differences as a range, the unit once: `0 to 8 points`."""
    if unit == "share":
        return f"{low * 100:.0f} to {high * 100:.0f} points"
    return _once(amount(low, unit), amount(high, unit))


def _once(first: str, last: str) -> str:
    """Return `3.8 to 8.2 ideas` for `3.8 ideas` and `8.2 ideas`."""
    _, gap, name = last.partition(" ")
    return f"{first.removesuffix(gap + name) if gap else first} to {last}"


def listed(temperatures: Sequence[float], grid: Sequence[float]) -> str:
    """Return temperatures in words; neighbours on the grid as a range: `0 to 0.7` or `0, 0.7 and 1`."""
    places = [grid.index(t) for t in temperatures]
    if len(places) > 2 and places == list(range(places[0], places[0] + len(places))):
        return f"{at(temperatures[0])} to {at(temperatures[-1])}"
    names = [at(t) for t in temperatures]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def spread(level: LevelResult, unit: str) -> str:
    """Return a mean with its interval, or with the reason why it has none in short."""
    if level.mean is None:
        return "no value"
    if level.low is None or level.high is None:
        return f"{amount(level.mean, unit)} (no interval)"
    return f"{amount(level.mean, unit)} ({_once(amount(level.low, unit), amount(level.high, unit))})"


def evidence(made: Recommendation, profile: UseCase) -> tuple[str, ...]:
    """Return the sentences behind a recommendation, the most important first."""
    if made.measure is None:
        wanted = ", ".join(primary.measure for primary in profile.primary)
        ruled = [guard for guard in made.guards if guard.cliff is not None]
        start = f"There is no temperature with enough values of {wanted} that passes the guard-rails."
        return (start, *map(_guard_sentence, ruled))
    grid = [level.temperature for level in made.levels]
    return tuple(
        sentence
        for sentence in (
            _main(made, profile, grid),
            _level_sentence(made),
            *(_guard_sentence(guard) for guard in made.guards if guard.cliff is not None),
            _cliff_sentence(made),
            _trend_sentence(made),
            _default_sentence(made),
            _needs_sentence(made),
            _sensitivity_sentence(made),
        )
        if sentence
    )


def _main(made: Recommendation, profile: UseCase, grid: Sequence[float]) -> str:
    margin = difference(made.margin, made.unit)
    within = listed(made.within, grid) if made.within else ""
    many = len(made.within) > 1
    if made.status == "tie":
        return (
            f"Any of {within} will do: all are shown to be within {margin} of the best; "
            f"{at(made.temperature or 0)} was taken because {profile.tie_why}."
        )
    if made.status == "recommended":
        taken = f" Of these, {at(made.temperature or 0)} was taken because {profile.tie_why}." if many else ""
        if len(made.within) == len(made.acceptable) == 1 and all(
            level.place in ("ruled out", "not measured")
            for level in made.levels
            if level.temperature not in made.within
        ):
            return f"{within} is the only temperature that no guard-rail rules out."
        return f"{within} {_are(many=many)} shown to be within {margin} of the best.{taken}"
    if made.within:
        return (
            f"{within} {_are(many=many)} shown to be within {margin} of the best, but no temperature is shown to be worse, "
            "so nothing says that the choice matters."
        )
    if len(made.acceptable) == len(grid):
        return f"No temperature is shown to be within {margin} of the best, and none to be worse by more than that."
    out = [
        f"{listed(some, grid)} {_are(many=len(some) > 1)} {what}"
        for what, places in (
            (f"shown to be worse by more than {margin}", ("excluded",)),
            ("ruled out by a guard-rail", ("ruled out",)),
            ("not compared, for lack of values", ("not measured",)),
        )
        if (some := [level.temperature for level in made.levels if level.place in places])
    ]
    return f"Not decided among {listed(made.acceptable, grid)}: none is shown to be within {margin} of the best. {'; '.join(out)}."


def _are(*, many: bool) -> str:
    return "are" if many else "is"


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
    text = f"{made.measure_title}: {spread(best, made.unit)} at {at(best.temperature)}"
    if worst is not best:
        text += f", {spread(worst, made.unit)} at {at(worst.temperature)}"
    counts = list(dict.fromkeys((best.items, worst.items)))
    items = f"{' and '.join(map(str, counts))} item{'s' if counts != [1] else ''}"
    return f"{text}; means over {items}, {MEAN_LEVEL * 100:.0f} % intervals."


def _guard_sentence(guard: GuardResult) -> str:
    level = next(level for level in guard.levels if level.temperature == guard.cliff)
    said = difference if guard.relative else amount
    limit, mean = said(guard.limit, guard.unit), said(level.mean or 0.0, guard.unit)
    side = "over" if guard.worse == "above" else "under"
    if guard.relative:
        how = f"{mean} {side} the lowest temperature's, where {limit} is the limit"
    else:
        how = f"{mean}, {side} the limit of {limit}"
    return f"Guard-rail broken from {at(level.temperature)} on: {guard.title.lower()} is at {how}."


def _cliff_sentence(made: Recommendation) -> str:
    if made.cliff is None or not made.cliff.distance or made.cliff.distance < 0:
        return ""
    return f"From the temperature taken to the cliff it is {at(round(made.cliff.distance, 9))}."


def _trend_sentence(made: Recommendation) -> str:
    found = made.trend
    if found is None or found.slope is None or found.low is None or found.high is None:
        return ""
    slope = amount(found.slope, made.unit, sign=True)
    ends = _once(amount(found.low, made.unit, sign=True), amount(found.high, made.unit, sign=True))
    shown = found.low > 0 or found.high < 0
    start = "It changes with temperature" if shown else "No trend with temperature is shown"
    rank = "" if found.rank_correlation is None else f", rank correlation {found.rank_correlation:+.2f}"
    return f"{start}: {slope} per unit ({ends}){rank}."


def _default_sentence(made: Recommendation) -> str:
    found = made.at_default
    if found is None:
        return ""
    text = f"Left at the usual default of {at(found.temperature)}, you would "
    text += f"{'lose' if found.loss >= 0 else 'gain'} {difference(abs(found.loss), made.unit)}"
    if found.low is None or found.high is None:
        return f"{text} on average."
    low, high = amount(found.low, made.unit, sign=True), amount(found.high, made.unit, sign=True)
    return f"{text} on average (loss {low} to {high})."


def _needs_sentence(made: Recommendation) -> str:
    if made.needs is None:
        return ""
    if made.needs.at_least:
        return f"At least {made.needs.items} more items are needed before anything can be shown."
    ways = []
    if made.needs.samples is not None:
        ways.append(f"about {made.needs.samples} more samples per item and temperature")
    if made.needs.items is not None:
        ways.append(f"about {made.needs.items} more items")
    return f"To decide: {' or '.join(ways)}." if ways else ""


def _sensitivity_sentence(made: Recommendation) -> str:
    changed = [s for s in made.sensitivity if (s.status, s.temperature) != (made.status, made.temperature)]
    if not changed:
        return ""
    parts = []
    for other in changed:
        margin = difference(other.margin, made.unit)
        what = other.status if other.temperature is None else f"{other.status}, {at(other.temperature)}"
        parts.append(f"{margin}: {what}")
    return f"With another margin: {'; '.join(parts)}."


def caveats(made: Recommendation, table: Table, items: int, reason: str | None) -> tuple[str, ...]:
    """Return what a reader must know before trusting the recommendation."""
    found = [] if reason is None else [f"{reason[:1].upper()}{reason[1:]}."]
    if len(table.items) < items:
        found.append(
            f"{made.measure_title}: taken of {len(table.items)} of {items} items; it does not apply to the others."
        )
    for level in made.levels:
        whole = level.missing + level.samples
        if level.missing and level.missing / whole > _NOTABLE_MISSING:
            reasons = table.missing.get(level.temperature, {})
            most = max(reasons, key=lambda each: reasons[each])
            left_out = "; not compared for that" if level.place == "not measured" else ""
            found.append(
                f"At {at(level.temperature)}, {level.missing} of {whole} values are missing (most: {most}){left_out}."
            )
    for guard in made.guards:
        if not guard.levels:
            found.append(f"Guard-rail {guard.measure} was not checked: {guard.reason}.")
        elif unknown := [level.temperature for level in guard.levels if level.verdict == "unknown"]:
            grid = [level.temperature for level in guard.levels]
            found.append(
                f"Guard-rail {guard.measure}: neither kept nor broken with confidence at {listed(unknown, grid)}."
            )
    return tuple(found)
