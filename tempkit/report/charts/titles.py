"""The titles of charts: what is seen, in a line. "Facts found fall from 71 % at 0 to 50 % at 1", or that no change is clear.

A measure's title is a name in one or in several words' number, so the sentence has a form for each, chosen by `PLURAL`: a measure
from elsewhere counts as one. With several models the one that changes is named first, and those that do the same together.
"""

from collections.abc import Sequence

from tempkit.decision import range_of
from tempkit.report.charts.findings import Finding, written
from tempkit.report.text.characters import plain
from tempkit.report.text.text import enumerated, ngettext
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees

__all__ = ["PLURAL", "chart_title"]

PLURAL = frozenset(
    {
        *("fact_recall", "facts_returned", "check_pass", "claims_shared", "distinct_share", "distinct_1", "distinct_2", "distinct_3"),
        *("unique_ideas", "marginal_ideas", "loop", "language_switch", "refusal", "empty", "truncated", "n95"),
    }
)  # fmt: skip
"""Measures whose titles name several things."""

_NAMED = 2
"""Models that are named where they do the same; more are counted."""

_CHANGES = ("fall", "rise", "peak", "dip", "spread")


def chart_title(measure: str, name: str, found: Sequence[tuple[str, Finding]]) -> str:
    """Return a chart's title.

    Args:
        measure: The measure's key.
        name: What the page calls it.
        found: What is seen on each line, with the line's label.
    """
    if len(found) == 1 or (
        len({_short(each) for _label, each in found}) == 1 and found[0][1].seen not in _CHANGES
    ):
        return _sentence(
            measure, name, found[0][1] if len(found) == 1 else _joined([e for _label, e in found])
        )
    groups: dict[str, list[tuple[str, Finding]]] = {}
    for label, each in sorted(found, key=lambda pair: _rank(pair[1])):
        groups.setdefault(_short(each), []).append((label, each))
    (first, *rest) = groups.values()
    head = (
        _("%(finding)s on %(model)s")
        % {"finding": _sentence(measure, name, first[0][1]), "model": plain(first[0][0])}
        if len(first) == 1 and first[0][1].seen in _CHANGES
        else _("%(measure)s: %(what)s") % {"measure": name, "what": _on(first)}
    )
    return "; ".join([head, *map(_on, rest)])


def _rank(found: Finding) -> int:
    """Return where a finding stands: changes first."""
    return 0 if found.seen in _CHANGES else 2 if found.seen in ("nothing", "few") else 1


def _joined(found: Sequence[Finding]) -> Finding:
    """Return one finding for several lines on which the same is seen and which is no change."""
    lows, highs = [e.low for e in found if e.low is not None], [e.high for e in found if e.high is not None]
    if not lows or not highs:
        return found[0]
    seen = found[0].seen
    low, high = min(lows), max(highs)
    if seen == "alike" and written(low, found[0].unit) != written(high, found[0].unit):
        seen = "unclear"
    spans = [each.span for each in found if each.span is not None]
    span = (min(first for first, _last in spans), max(last for _first, last in spans)) if spans else None
    return Finding(seen=seen, unit=found[0].unit, at=found[0].at, low=low, high=high, span=span)


def _sentence(measure: str, name: str, found: Finding) -> str:
    parts = {"measure": name, **_numbers(found)}
    n = 2 if measure in PLURAL else 1
    match found.seen:
        case "nothing":
            return _("%(measure)s: no value") % parts
        case "one":
            return _("%(measure)s: %(a)s at %(t)s") % parts
        case "none":
            return _("%(measure)s: none seen") % parts
        case "alike":
            if found.span is not None:
                return _("%(measure)s: %(range)s at every temperature from %(first)s to %(last)s") % parts
            return _("%(measure)s: %(range)s at every temperature") % parts
        case "few":
            return _("%(measure)s: %(range)s; too little data to tell a change") % parts
        case "unclear":
            if found.span is not None:
                return _("%(measure)s: no clear change from %(first)s to %(last)s (%(range)s)") % parts
            return _("%(measure)s: no clear change with temperature (%(range)s)") % parts
        case "fall":
            return (
                ngettext(
                    "%(measure)s falls from %(a)s at %(t)s to %(b)s at %(u)s",
                    "%(measure)s fall from %(a)s at %(t)s to %(b)s at %(u)s",
                    n,
                )
                % parts
            )
        case "rise":
            return (
                ngettext(
                    "%(measure)s rises from %(a)s at %(t)s to %(b)s at %(u)s",
                    "%(measure)s rise from %(a)s at %(t)s to %(b)s at %(u)s",
                    n,
                )
                % parts
            )
        case "peak":
            return (
                ngettext(
                    "%(measure)s is higher at %(t)s (%(a)s) than at %(others)s",
                    "%(measure)s are higher at %(t)s (%(a)s) than at %(others)s",
                    n,
                )
                % parts
            )
        case "dip":
            return (
                ngettext(
                    "%(measure)s is lower at %(t)s (%(a)s) than at %(others)s",
                    "%(measure)s are lower at %(t)s (%(a)s) than at %(others)s",
                    n,
                )
                % parts
            )
        case "spread":
            return (
                ngettext(
                    "%(measure)s goes from %(a)s at %(t)s to %(b)s at %(u)s",
                    "%(measure)s go from %(a)s at %(t)s to %(b)s at %(u)s",
                    n,
                )
                % parts
            )


def _numbers(found: Finding) -> dict[str, str]:
    made = {"range": _range(found)}
    if found.span is not None:
        made |= dict(zip(("first", "last"), map(degrees, found.span), strict=True))
    if found.at:
        made |= {"a": written(found.at[0].mean, found.unit), "t": degrees(found.at[0].temperature)}
    if len(found.at) > 1:
        made |= {"b": written(found.at[1].mean, found.unit), "u": degrees(found.at[1].temperature)}
        others = [
            _("%(t)s (%(value)s)") % {"t": degrees(e.temperature), "value": written(e.mean, found.unit)}
            for e in found.at[1:]
        ]
        made["others"] = _listed(others)
    return made


def _range(found: Finding) -> str:
    if found.low is None or found.high is None:
        return ""
    low, high = written(found.low, found.unit), written(found.high, found.unit)
    if low == high:
        return low
    if found.unit == "share":
        return range_of(found.low, found.high, found.unit)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(several)s and %(last)s") % {"several": enumerated(parts[:-1]), "last": parts[-1]}


def _on(group: Sequence[tuple[str, Finding]]) -> str:
    """Return what is seen on the models of a group, without the measure's name; of a single model with its figures."""
    found = group[0][1]
    labels = [plain(label) for label, _each in group]
    models = (
        _listed(labels)
        if len(labels) <= _NAMED
        else ngettext("%d model", "%d models", len(labels)) % len(labels)
    )
    said = _("%(what)s on %(models)s") % {"what": _short(found), "models": models}
    figures = _figures(_joined([each for _label, each in group]) if found.seen not in _CHANGES else found)
    return f"{said} ({figures})" if figures and (len(group) == 1 or found.seen not in _CHANGES) else said


def _short(found: Finding) -> str:
    return {
        "nothing": _("no value"),
        "one": _("a single temperature"),
        "none": _("none seen"),
        "alike": _("the same at every temperature"),
        "few": _("too little data to tell a change"),
        "unclear": _("no clear change"),
        "fall": _("a fall"),
        "rise": _("a rise"),
        "peak": _("a peak"),
        "dip": _("a dip"),
        "spread": _("ups and downs"),
    }[found.seen]


def _figures(found: Finding) -> str:
    parts = _numbers(found)
    match found.seen:
        case "nothing" | "none":
            return ""
        case "one":
            return _("%(a)s at %(t)s") % parts
        case "alike" | "few" | "unclear":
            return parts["range"]
        case "peak" | "dip":
            return _("%(a)s at %(t)s, against %(others)s") % parts
        case _:
            return _("%(a)s at %(t)s, %(b)s at %(u)s") % parts
