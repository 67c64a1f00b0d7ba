"""Reference marks in a chart: the margin of the primary measure, the limits of guard-rails, and what others found.

A mark is a row with `r`, what it is; `v` and `w`, where on the y axis it begins and ends; `t`, where on the x axis; `d`, what is
written at it; and the colour `s` and shape `k` of the model it belongs to, null for all. Each comes with a note that says in
words what it is, since a mark decides nothing: the recommendation rests on differences item by item.
"""

from collections.abc import Iterator, Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from tempkit.compare import Curve
from tempkit.report.text import enumerated
from tempkit.report.text import gettext as _
from tempkit.report.text import temperature as degrees
from tempkit.usecases import Recommendation
from tempkit.usecases.result import GuardResult
from tempkit.usecases.words import amount, difference

if TYPE_CHECKING:
    from tempkit.report.figures import Line

__all__ = ["limits", "margins", "priors"]

Marks = list[tuple[dict[str, Any], str]]
"""Each mark with its note."""


def margins(shown: "Sequence[tuple[Line, Curve]]") -> Marks:
    """Return for each line that is judged by this curve the band within the margin of its best mean."""
    found: Marks = []
    for line, curve in shown:
        best = _best(line.found, curve)
        if line.found is None or best is None:
            continue
        edge = best - line.found.margin if line.found.higher_is_better else best + line.found.margin
        note = _(
            "Shaded: within the margin, %(margin)s, of the best mean. What is recommended rests on differences item by item, "
            "not on which point lies in it."
        )
        mark = {
            "r": "margin",
            "v": edge,
            "w": best,
            "t": None,
            "d": None,
            "s": line.series,
            "k": line.shape,
        }
        found.append((mark, note % {"margin": difference(line.found.margin, line.found.unit)}))
    return found


def _best(found: Recommendation | None, curve: Curve) -> float | None:
    if found is None or (found.measure, found.version) != (curve.measure, curve.version):
        return None
    compared = [
        level.mean
        for level in found.levels
        if level.mean is not None and level.place not in ("ruled out", "not measured")
    ]
    return (max if found.higher_is_better else min)(compared, default=None)


def limits(shown: "Sequence[tuple[Line, Curve]]") -> Marks:
    """Return where guard-rails break: one line for all models, or each model's own where it starts from its lowest temperature."""
    found: Marks = []
    for line, curve in shown:
        for guard in () if line.found is None else line.found.guards:
            if guard.measure != curve.measure:
                continue
            first = next((point.mean for point in curve.points if point.mean is not None), None)
            if guard.relative and first is None:
                continue
            own = guard.relative and len(shown) > 1
            mark = {
                "r": "own limit" if own else "limit",
                "v": (first or 0.0) + guard.limit if guard.relative else guard.limit,
                "w": None,
                "t": None,
                "d": None,
                "s": line.series if own else None,
                "k": line.shape if own else None,
            }
            if mark not in [other for other, _note in found]:
                found.append((mark, _limit_note(guard)))
    return found


def _limit_note(guard: GuardResult) -> str:
    if guard.relative:
        limit = difference(abs(guard.limit), guard.unit)
        if guard.worse == "above":
            return _("Dashed line across: the limit, %s more than at the lowest temperature.") % limit
        return _("Dashed line across: the limit, %s less than at the lowest temperature.") % limit
    return _("Dashed line across: the limit, %s.") % amount(guard.limit, guard.unit)


def priors(shown: "Sequence[tuple[Line, Curve]]") -> dict[str, list[dict[str, Any]]]:
    """Return what others found about the primary measure: `list` in words with a letter, `marks` with that letter on the x axis.

    A temperature that the run does not reach is in the words alone.
    """
    known = dict.fromkeys(
        prior
        for line, curve in shown
        if line.found is not None
        and (line.found.measure, line.found.version) == (curve.measure, curve.version)
        for prior in line.found.priors
    )
    letters = iter(ascii_lowercase)
    reached = sorted({point.temperature for _line, curve in shown for point in curve.points})
    listed, at = [], dict[float, list[tuple[str, str]]]()
    for prior in known:
        on_axis = [t for t in prior.temperatures if reached[0] <= t <= reached[-1]]
        letter = next(letters, "") if on_axis else ""
        for t in on_axis:
            at.setdefault(t, []).append((letter, f"{prior.says} ({prior.source})"))
        listed.append(
            {
                "letter": letter,
                "temperatures": enumerated([degrees(t) for t in prior.temperatures]),
                "says": prior.says,
                "source": prior.source,
            }
        )
    return {"list": listed, "marks": list(_prior_marks(at))}


def _prior_marks(at: dict[float, list[tuple[str, str]]]) -> Iterator[dict[str, Any]]:
    for t, said in sorted(at.items()):
        yield {
            "r": "prior",
            "v": None,
            "w": None,
            "t": t,
            "d": " ".join(letter for letter, _says in said),
            "e": "; ".join(says for _letter, says in said),
            "s": None,
            "k": None,
        }
