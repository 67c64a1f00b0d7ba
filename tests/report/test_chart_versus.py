"""The panel that decides: each temperature against the pick with the decision's own bounds, quality upwards, where there is enough to bound."""

import dataclasses

import msgspec
import numpy as np
import pytest
from chart_lines import GRID, around, line, table

from tempkit.decision import decide, use_case
from tempkit.decision.profile import Primary
from tempkit.report.charts.figures import drawn, figures
from tempkit.report.charts.lines import Line


def panel(*lines: Line) -> dict:
    return figures(lines, "x")["lead"][0]["versus"]


def test_it_shows_the_decisions_own_bounds() -> None:
    made = line(around([0.8, 0.75, 0.4]))
    assert made.found is not None
    found = panel(made)
    assert [row["t"] for row in found["rows"]] == list(GRID)
    at = {row["t"]: row for row in found["rows"]}
    assert (at[0.0]["v"], at[0.0]["l"], at[0.0]["h"]) == (0.0, None, None)
    for each in made.found.against_pick:
        row = at[each.temperature]
        assert (row["v"], row["l"], row["h"]) == (each.difference, each.low, each.high)
    # What the pick could cost is the farthest that one of those that may be best may be ahead.
    may_be_best = [e.high for e in made.found.against_pick if e.high is not None and e.high > 0]
    assert made.found.regret_upper == pytest.approx(max(may_be_best, default=0.0))
    band, zero = (mark for mark in found["marks"] if mark["r"] in ("alike", "zero"))
    assert (band["v"], band["w"], zero["v"]) == (-0.05, 0.05, 0.0)


def test_its_title_says_what_each_temperature_is_against_the_pick() -> None:
    rng = np.random.default_rng(3)
    numbers = around([0.8, 0.8, 0.75, 0.3], items=30, spread=0.05)
    numbers[:, 1] = numbers[:, 0] + rng.normal(0, 0.005, 30)
    numbers[:, 2] = np.clip(numbers[:, 0] + rng.normal(-0.04, 0.15, 30), 0, 1)
    made = line(numbers, (0.0, 0.3, 0.7, 1.0))
    assert made.found is not None
    assert made.found.pick == 0.0
    assert panel(made)["title"] == "Against our pick, 0: worse at 1, as good at 0.3, too close to call at 0.7"


def test_quality_is_upwards_where_less_is_better() -> None:
    bare = line(around([0.2, 0.25, 0.6]), measure="incoherence", profile=None)
    primary = Primary(measure="incoherence", margin=0.05, direction="lower", why="")
    profile = msgspec.structs.replace(use_case("technical-documentation"), primary=(primary,), guard=())
    found = panel(dataclasses.replace(bare, found=decide(bare.scored, profile)))
    assert [row["v"] < 0 for row in found["rows"]] == [False, True, True]
    assert "better is up" in found["unit"]


def test_there_is_none_where_nothing_decides_or_nothing_is_bounded() -> None:
    assert panel(line(around([0.8, 0.75, 0.4]), profile=None)) is None
    assert panel(line([[0.5, 0.6, 0.7]])) is None
    assert panel(line([[0.5], [0.7]], (0.7,))) is None


def test_several_models_are_told_apart() -> None:
    one, other = line(around([0.8, 0.75, 0.4])), line(around([0.4, 0.5, 0.8]), label="B")
    found = panel(one, dataclasses.replace(other, series=2, shape=2))
    assert {row["m"] for row in found["rows"]} == {"A", "B"}
    assert found["title"].startswith("A, against 0: worse at ")
    assert "; B, against 1: worse at " in found["title"]


def test_zones_are_tinted_there_too() -> None:
    cut = np.zeros((20, 3))
    cut[:, 2] = 0.9
    made = line(around([0.8, 0.75, 0.4]), guards={"truncated": cut})
    found = panel(made)
    assert [mark["t"] for mark in found["marks"] if mark["r"] == "cliff"] == [1.0]
    assert 1.0 not in [row["t"] for row in found["rows"]]


def test_the_script_is_given_every_panel() -> None:
    page = {"use_cases": [{"figures": figures([line(around([0.8, 0.75, 0.4]))], "x")}]}
    found = drawn(page)
    assert {"x-lead-1", "x-lead-1-versus"} <= set(found)
    assert found["x-lead-1-versus"]["spec"] == "versus"


def test_what_is_ruled_out_is_faint_with_the_way_there() -> None:
    cut = np.zeros((20, 3))
    cut[:, 2] = 0.9
    made = line(
        around([0.8, 0.75, 0.4]), guards={"truncated": cut, "cosine_distance": around([0.1, 0.3, 0.5])}
    )
    found = figures([made], "x")
    for chart in [*found["lead"], found["tradeoff"]]:
        rows = chart["rows"]
        assert [row["f"] == 1 for row in rows] == [True, True, False]
        assert [row["u"] is None for row in rows] == [True, False, True]
    first, second, last = found["lead"][0]["rows"]
    assert (second["u"], second["w"]) == (last["x"], last["v"])
    assert first["u"] is None


def test_the_trade_off_has_quality_upwards_where_less_is_better() -> None:
    bare = line(around([0.2, 0.25, 0.6]), measure="incoherence", profile=None)
    scored = dataclasses.replace(
        bare.scored, tables=(*bare.scored.tables, table("cosine_distance", around([0.1, 0.3, 0.5]), GRID))
    )
    wanted = use_case("creative-writing").tradeoff
    assert wanted is not None
    found = decide(scored, use_case("creative-writing"))
    made = dataclasses.replace(
        bare,
        scored=scored,
        found=dataclasses.replace(
            found,
            tradeoff=msgspec.structs.replace(
                wanted, quality=("incoherence",), diversity=("cosine_distance",)
            ),
        ),
    )
    plot = figures([made], "x")["tradeoff"]
    start, end = plot["axes"]["y"]["domain"]
    assert start > end, "the axis is turned"
    assert "less is up" in plot["axes"]["y"]["title"]
    values = drawn({"use_cases": [{"figures": figures([made], "x")}]})["x-tradeoff"]["values"]
    assert (values["y_low"], values["y_high"]) == (start, end)
