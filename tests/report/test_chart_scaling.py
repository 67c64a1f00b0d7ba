"""The y axes of charts: near what is seen, a limit told from zero, and nothing squeezed by a bar that says nothing."""

import numpy as np
import pytest
from chart_lines import around, curve_of, line
from report_situations import situation

from tempkit.report import view
from tempkit.report.charts.figures import all_charts, figures
from tempkit.report.charts.scaling import y_axis

ROW = {"v": 0.0, "l": None, "h": None, "f": 1}
MARK = {"r": "limit", "v": 0.05, "w": None, "e": "above"}


def axis(*rows: dict, marks: list[dict] | None = None, measure: str = "truncated") -> tuple[float, float]:
    curve = curve_of(line(around([0.5, 0.5, 0.5]), measure=measure, profile=None), measure)
    return y_axis([curve], [{**ROW, **row} for row in rows], marks or [])["domain"]


def test_a_guard_rails_axis_reaches_twice_its_limit() -> None:
    assert axis({"v": 0.0}, {"v": 0.01}, marks=[MARK]) == (0.0, 0.1)


def test_or_what_was_seen_where_that_is_more() -> None:
    low, high = axis({"v": 0.0}, {"v": 0.89}, marks=[MARK])
    assert low == 0
    assert 0.89 < high <= 1


def test_intervals_have_room_up_to_some_times_the_limit() -> None:
    assert axis({"v": 0.0, "l": 0.0, "h": 0.16}, marks=[MARK]) == (0.0, 0.16)
    assert axis({"v": 0.0, "l": 0.0, "h": 0.6}, marks=[MARK]) == (0.0, pytest.approx(0.2))


def test_a_limit_from_below_stands_well_inside() -> None:
    low, high = axis({"v": 1.0}, {"v": 0.99}, marks=[{**MARK, "v": 0.9, "e": "below"}])
    assert low <= 0.8 + 1e-9
    assert high == 1


def test_an_axis_fits_what_is_seen() -> None:
    low, high = axis({"v": 2.1, "l": 1.5, "h": 3.0}, {"v": 5.1, "l": 3.0, "h": 7.7}, measure="unique_ideas")
    assert low == 0
    assert 7.7 < high < 8.2
    low, high = axis({"v": 0.96}, {"v": 0.98})
    assert 0.9 < low < 0.96
    assert 0.98 < high <= 1


def test_what_is_ruled_out_or_over_everything_has_no_room_made_for_it() -> None:
    seen = {"v": 0.5, "l": 0.4, "h": 0.6}
    with_nothing = axis(seen)
    assert axis(seen, {"v": 0.5, "l": 0.0, "h": 1.0, "f": 0.35}) == with_nothing
    assert axis(seen, {"v": 0.5, "l": 0.02, "h": 1.0}) == with_nothing
    assert axis(seen, {"v": 0.9, "f": 0.35})[1] >= 0.9, "its mean is drawn all the same"


def test_an_axis_has_some_length_whatever_is_on_it() -> None:
    for value in (0.0, 0.5, 1.0):
        low, high = axis({"v": value}, {"v": value})
        assert low < high
    assert axis() == (0.0, 1.0)


def test_every_mean_and_every_limit_of_a_page_is_on_its_axis() -> None:
    for name in ("cliff", "two", "general"):
        for case in view([situation(name)])["use_cases"]:
            for chart in all_charts(case["figures"]):
                low, high = chart["domain"]
                places = [row["v"] for row in chart["rows"]] + [
                    mark["v"] for mark in chart["marks"] if mark["v"] is not None
                ]
                assert all(low - 1e-9 <= place <= high + 1e-9 for place in places), chart["name"]
                assert chart["whole"][0] <= low <= high <= chart["whole"][1]


def test_the_panel_against_the_pick_is_not_squeezed_by_a_bound() -> None:
    made = line(around([0.8, 0.75, 0.4], items=12, spread=0.1))
    (chart,) = figures([made], "x")["lead"]
    low, high = chart["versus"]["domain"]
    assert low <= -0.4 <= 0.05 <= high
    assert high - low < 2
    assert np.isfinite([low, high]).all()
