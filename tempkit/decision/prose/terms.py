"""What a decision's parts are called inside a sentence: grades, places, measures, guard-rails, and how answers are used."""

from tempkit.decision.prose.amounts import amount, range_of, threshold
from tempkit.decision.result import Decision, Grade, Place
from tempkit.i18n import gettext, pgettext
from tempkit.i18n import gettext as _
from tempkit.measures import known, titled
from tempkit.statistics import Policy

__all__ = [
    "clause",
    "grade_word",
    "inside",
    "kept",
    "limit_of",
    "margin",
    "marks",
    "more_or_less",
    "named",
    "own_text",
    "place_word",
    "scored",
    "scored_range",
    "unit_of",
    "violation",
]


def grade_word(grade: Grade) -> str:
    """Return how well a pick is shown, in a word or three."""
    return {
        "shown": _("shown"),
        "likely": _("likely"),
        "guess": _("best guess"),
        "none": _("not enough data"),
    }[grade]


def marks(grade: Grade) -> str:
    """Return a grade as three filled or open marks, so that it is seen without reading."""
    filled = {"shown": 3, "likely": 2, "guess": 1, "none": 0}[grade]
    return "●" * filled + "○" * (3 - filled)


def place_word(place: Place, inside_limits: bool | None = None) -> str:
    """Return where a temperature stands, as short as a table wants it.

    Args:
        place: Where it stands by what is shown.
        inside_limits: Whether what was seen of it is inside every limit: where not, that matters more than its score.
    """
    if inside_limits is False and place in ("within", "open", "worse"):
        return _("beyond a limit")
    return {
        "within": _("good enough"),
        "open": pgettext("a temperature", "undecided"),
        "worse": pgettext("a temperature", "worse"),
        "excluded": _("clearly worse"),
        "ruled_out": pgettext("a temperature", "ruled out"),
        "not_measured": _("too little data"),
    }[place]


def scored(found: Decision, value: float) -> str:
    """Return a mean of the measure that decides, with what it counts: `71 % of the facts`, `5.1 ideas`, `novelty 0.43`."""
    return _counted(found.measure, amount(value, found.unit))


def scored_range(found: Decision, low: float, high: float) -> str:
    """Return two means of the measure that decides as a range: `96 to 98 % of the checks`."""
    return _counted(found.measure, _value_or_range(low, high, found.unit))


def _value_or_range(low: float, high: float, unit: str) -> str:
    """Return two values as a range, or as one where both are written alike."""
    one = amount(low, unit)
    return one if one == amount(high, unit) else range_of(low, high, unit)


def _counted(measure: str | None, said: str) -> str:
    if measure is None:
        return said
    about = known(measure)
    if about is not None and about.counted:
        translated = gettext
        return translated(about.counted) % {"share": said}
    return _("%(measure)s %(value)s") % {"measure": inside(titled(measure)), "value": said}


def margin(found: Decision) -> str:
    """Return the smallest difference that matters: `5 points`."""
    return threshold(found.margin, found.unit)


def named(found: Decision) -> str:
    """Return what a decision is about: its use case's title, and the prompt where it names none of its own."""
    title = own_text(found.profile.title) or found.use_case
    return title if found.section in (found.use_case, "") else f"{title}, {found.section}"


def own_text(text: str) -> str:
    """Return a use case's own text in the current language: a shipped one is in the catalogues, anybody else's stays as it is."""
    translated = gettext
    return " ".join(translated(text).split()) if text else ""


def clause(text: str) -> str:
    """Return a use case's own text without its full stop, to stand inside a sentence."""
    return own_text(text).rstrip(".")


def unit_of(found: Decision, measure: str) -> str:
    """Return the unit of a guard-rail's measure; empty where it is not known."""
    guard = next((guard for guard in found.guardrails if guard.measure == measure), None)
    if guard is not None:
        return guard.unit
    about = known(measure)
    return "" if about is None else about.unit


def inside(title: str) -> str:
    """Return a title as it stands inside a sentence: with a small first letter, but for an abbreviation."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def limit_of(limit: float, unit: str, *, relative: bool) -> str:
    """Return a guard-rail's limit: `5 %`, or `25 points more` where it is for a difference from the lowest temperature."""
    if not relative:
        return amount(limit, unit) if unit == "share" else threshold(limit, unit)
    return more_or_less(limit, threshold(abs(limit), unit))


def more_or_less(change: float, said: str) -> str:
    """Return a change from the lowest temperature in words: `25 points more`."""
    return (_("%(amount)s less") if change < 0 else _("%(amount)s more")) % {"amount": said}


def violation(measure: str, value: float, unit: str, most: float | None = None) -> str:
    """Return how often, or how strongly, a guard-rail's measure is found, as a clause: `89 % of the answers are truncated`.

    Args:
        measure: Its name.
        value: How often.
        unit: Of the value.
        most: Where it is a range, its upper end: `88 to 96 % of the answers are truncated`.
    """
    said, about = _value_or_range(value, value if most is None else most, unit), known(measure)
    if about is not None and about.breach:
        translated = gettext
        return translated(about.breach) % {"share": said}
    return _("%(measure)s is %(value)s") % {"measure": inside(titled(measure)), "value": said}


def kept(policy: str) -> str:
    """Return how answers are used as a clause: `if the best of 5 answers is kept`."""
    try:
        used = Policy.parse(policy)
    except ValueError:
        return _("if answers are used as %(policy)s") % {"policy": policy}
    return {
        "single": _("if each answer is used as it comes"),
        "best-of": _("if the best of %(k)d answers is kept"),
        "majority": _("if what most of %(k)d answers say is taken"),
        "all-of": _("if all of %(k)d answers have to be good"),
    }[used.kind] % {"k": used.k}
