"""Accepted answers, computed and counted: for each model a band between bounds over temperature, and its samples as points.

The band is of the model itself and holds at every temperature, between those that were sampled, too; a point is a share of
samples, with the interval that chance leaves. Both count a truncated answer as not accepted, so they are of one thing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tempkit.exact import MeanBounds, SampledShare
from tempkit.report.charts.items import beside
from tempkit.report.charts.lines import Line
from tempkit.report.text.characters import plain
from tempkit.report.text.sentences import at
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import ngettext, number
from tempkit.report.text.text import temperature as degrees

__all__ = ["exact_chart"]

_GAP = "\u00a0"
_COLUMNS = (
    *(("model", "m"), ("kind", "w"), ("temperature", "t")),
    *(("share", "v"), ("low", "l"), ("high", "h"), ("samples", "n")),
)


def exact_chart(lines: Sequence[Line], ident: str) -> dict[str, Any] | None:
    """Return the chart as JSON-able data, with its table; None where nothing was computed.

    A row of kind `w` `band` is a model at a temperature: `l` and `h` are the bounds, `b` both in words. One of kind `point` is of
    its samples: `v` the share, `l` and `h` its interval, `x` where it stands, `n` samples, `d` and `b` in words.
    """
    drawn = [(place, line, line.exact) for place, line in enumerate(lines) if line.exact is not None]
    if not drawn:
        return None
    rows = [row for place, line, mean in drawn for row in _rows(place, line, mean, len(lines))]
    return {
        "id": ident,
        "title": _("Accepted answers over temperature"),
        "name": _("Accepted answers"),
        "about": None,
        "priors": [],
        "columns": [list(each) for each in _COLUMNS],
        "unit": _("share of all answers, mean over questions"),
        "label": _label(drawn),
        "rows": rows,
        "notes": [
            *dict.fromkeys(_note(mean) for _place, _line, mean in drawn),
            _(
                "Truncated answers count as not accepted, in the samples too. The band holds the truth for certain; a bar through "
                "a point is the interval of its samples."
            ),
        ],
        "table": _table(drawn),
    }


def _note(mean: MeanBounds) -> str:
    return ngettext(
        "Of %(num)s question. The band is what the model's own probabilities say, without samples.",
        "Of %(num)s questions. The band is what the model's own probabilities say, without samples.",
        mean.questions,
    ) % {"num": mean.questions}


def _rows(place: int, line: Line, mean: MeanBounds, of: int) -> Iterator[dict[str, Any]]:
    common = {"c": place, "s": line.series, "k": line.shape, "m": plain(line.label)}
    for temperature, lower, upper in zip(mean.temperatures, mean.lower, mean.upper, strict=True):
        yield {**common, "w": "band", "t": temperature, "l": lower, "h": upper, "b": _between(lower, upper)}
    aside = beside(place, of, [each.temperature for each in mean.sampled])
    for each in mean.sampled:
        yield {
            **common,
            "w": "point",
            "t": each.temperature,
            "x": each.temperature + aside,
            "v": each.share,
            "l": each.low,
            "h": each.high,
            "d": _percent(each.share),
            "b": _between(each.low, each.high),
            "n": each.samples,
        }


def _label(drawn: Sequence[tuple[int, Line, MeanBounds]]) -> str:
    """Return the chart in words, for those who do not see it."""
    said = []
    for _place, line, mean in drawn:
        sampled = {each.temperature: each for each in mean.sampled}
        values = "; ".join(
            _("%(at)s: %(computed)s, in the samples %(share)s")
            % {"at": at(t), "computed": _between(lower, upper), "share": _percent(sampled[t].share)}
            for t, lower, upper in zip(mean.temperatures, mean.lower, mean.upper, strict=True)
            if t in sampled
        )
        said.append(f"{plain(line.label)}: {values}" if len(drawn) > 1 else values)
    return _("Accepted answers over temperature, computed and in the samples. %(values)s.") % {
        "values": ". ".join(said)
    }


def _table(drawn: Sequence[tuple[int, Line, MeanBounds]]) -> dict[str, Any]:
    """Return the same numbers at the temperatures of samples, as a table: `temperatures`, and `rows` with a title and cells."""
    temperatures = sorted({each.temperature for _place, _line, mean in drawn for each in mean.sampled})
    rows = []
    for _place, line, mean in drawn:
        bounds = dict(zip(mean.temperatures, zip(mean.lower, mean.upper, strict=True), strict=True))
        sampled: dict[float, SampledShare] = {each.temperature: each for each in mean.sampled}
        whose = f"{plain(line.label)}: " if len(drawn) > 1 else ""
        rows.append(
            {
                "title": whose + _("computed"),
                "cells": [_between(*bounds[t]) if t in bounds else "–" for t in temperatures],
            }
        )
        rows.append(
            {
                "title": whose + _("in the samples"),
                "cells": [
                    "–"
                    if t not in sampled
                    else f"{_percent(sampled[t].share)} ({_between(sampled[t].low, sampled[t].high)})"
                    for t in temperatures
                ],
            }
        )
    return {"temperatures": [degrees(t) for t in temperatures], "rows": rows}


def _between(low: float, high: float) -> str:
    one, other = _percent(low), _percent(high)
    return one if one == other else _("%(low)s to %(high)s") % {"low": one, "high": other}


def _percent(value: float) -> str:
    """Return a share with a decimal, since bounds are often closer together than a percent."""
    return f"{number(100 * value, 1)}{_GAP}%"
