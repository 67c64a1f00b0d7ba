"""Reference marks in a chart: the margin of the primary measure, what guard-rails rule out, their limits, and what others found.

A mark is a row with `r`, what it is; `v` and `w`, where on the y axis it begins and ends; `t`, where on the x axis; `d`, what is
written at it; `e`, what its tip says, or of a limit which side of it is worse; and the colour `s` and shape `k` of the model it belongs
to, null for all. Each comes with a note that says in
words what it is, since a mark decides nothing: the decision rests on differences question by question.
"""

from collections.abc import Iterator, Sequence
from string import ascii_lowercase
from typing import Any

from tempkit.analysis import Curve
from tempkit.decision import Decision, GuardResult, amount, difference
from tempkit.report.charts.lines import Line
from tempkit.report.text.sentences import at
from tempkit.report.text.text import enumerated
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees

__all__ = ["decided_by", "limits", "margins", "noise_floors", "priors", "zones"]

Marks = list[tuple[dict[str, Any], str]]
"""Each mark with its note."""

_MARK: dict[str, Any] = dict.fromkeys(("r", "v", "w", "t", "d", "e", "s", "k"))


def decided_by(found: Decision | None, curve: Curve) -> Decision | None:
    """Return the decision that this curve's measure decided, be it the use case's own or the one about variety; None for neither."""
    if found is None:
        return None
    both = (found, found.variety)
    return next(
        (
            each
            for each in both
            if each is not None and (each.measure, each.version) == (curve.measure, curve.version)
        ),
        None,
    )


def margins(shown: Sequence[tuple[Line, Curve]]) -> Marks:
    """Return for each line that is decided by this curve the band within the margin of its best mean.

    Where answers are used several at a time what decides is no mean of single ones, so there is no band.
    """
    found: Marks = []
    for line, curve in shown:
        by = decided_by(line.found, curve)
        best = None if by is None or by.policy != "single" else by.best_mean
        if by is None or best is None:
            continue
        edge = best - by.margin if by.higher_is_better else best + by.margin
        note = _(
            "Shaded: within %(margin)s of the best. The decision compares temperatures question by question, so a point in "
            "the band is not proof."
        )
        mark = {**_MARK, "r": "margin", "v": edge, "w": best, "s": line.series, "k": line.shape}
        found.append((mark, note % {"margin": difference(by.margin, by.unit)}))
    return found


def zones(lines: Sequence[Line]) -> Marks:
    """Return what guard-rails rule out at the ends: from each line's cliff on, and up to its floor."""
    found: Marks = []
    for line in lines:
        several = len(lines) > 1
        own, whose = ({"s": line.series, "k": line.shape}, "own ") if several else ({}, "")
        cliff, floor = (None, None) if line.found is None else (line.found.cliff, line.found.floor)
        if cliff is not None:
            note = _("Tinted from %s on: ruled out by a guard-rail.") % at(cliff)
            found.append(({**_MARK, **own, "r": f"{whose}cliff", "t": cliff}, note))
        if floor is not None:
            note = _("Tinted up to %s: ruled out by a guard-rail.") % at(floor)
            found.append(({**_MARK, **own, "r": f"{whose}floor", "t": floor}, note))
    return found


def limits(shown: Sequence[tuple[Line, Curve]]) -> Marks:
    """Return where guard-rails break: one line for all models, or each model's own where it starts from its lowest temperature."""
    found: Marks = []
    for line, curve in shown:
        for guard in () if line.found is None else line.found.guardrails:
            if guard.measure != curve.measure:
                continue
            first = next((point.mean for point in curve.points if point.mean is not None), None)
            if guard.relative and first is None:
                continue
            own = guard.relative and len(shown) > 1
            mark = {
                **_MARK,
                "r": "own limit" if own else "limit",
                "e": guard.worse,
                "d": "" if own else _limit_label(guard),
                "v": (first or 0.0) + guard.limit if guard.relative else guard.limit,
                **({"s": line.series, "k": line.shape} if own else {}),
            }
            if mark not in [other for other, _note in found]:
                found.append((mark, _limit_note(guard)))
    return found


def noise_floors(shown: Sequence[tuple[Line, Curve]]) -> Marks:
    """Return for each line that a probe was made of how alike its answers are when nothing is changed, where this curve is of that."""
    found: Marks = []
    note = _(
        "Dotted line: the most frequent answer's share when a probe asked its own questions again and again at temperature 0. What is "
        "missing to 100 % is the server's noise."
    )
    for line, curve in shown:
        if curve.measure == "modal_share" and line.noise_floor is not None:
            mark = {**_MARK, "r": "noise", "v": line.noise_floor, "s": line.series, "k": line.shape}
            found.append((mark, note))
    return found


def _limit_label(guard: GuardResult) -> str:
    """Return what is written at a limit's line."""
    if not guard.relative:
        return _("limit %s") % amount(guard.limit, guard.unit)
    if guard.worse == "above":
        return _("limit: %s more") % difference(abs(guard.limit), guard.unit)
    return _("limit: %s less") % difference(abs(guard.limit), guard.unit)


def _limit_note(guard: GuardResult) -> str:
    if guard.relative:
        limit = difference(abs(guard.limit), guard.unit)
        if guard.worse == "above":
            return _("Dashed line across: the limit, %s more than at the lowest temperature.") % limit
        return _("Dashed line across: the limit, %s less than at the lowest temperature.") % limit
    return _("Dashed line across: the limit, %s.") % amount(guard.limit, guard.unit)


def priors(shown: Sequence[tuple[Line, Curve]]) -> dict[str, list[dict[str, Any]]]:
    """Return what others found about the primary measure: `list` in words with a letter, `marks` with that letter on the x axis.

    A temperature that the run does not reach is in the words alone.
    """
    known = dict.fromkeys(
        prior
        for line, curve in shown
        if (by := decided_by(line.found, curve)) is not None
        for prior in by.priors
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
            **_MARK,
            "r": "prior",
            "t": t,
            "d": " ".join(letter for letter, _says in said),
            "e": "; ".join(says for _letter, says in said),
        }
