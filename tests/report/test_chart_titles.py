"""Titles of charts: a change is claimed where the paired interval shows it, and nowhere else; everything else is said as it is."""

import dataclasses
import re

import msgspec
import numpy as np
import pytest
from chart_lines import GRID, MISSING, around, curve_of, line
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tempkit.decision import decide, use_case
from tempkit.decision.profile import Primary
from tempkit.i18n import language
from tempkit.measures import JUDGED, MEASURES, titled
from tempkit.report.charts.against import Against, Apart, against
from tempkit.report.charts.findings import At, Finding, finding
from tempkit.report.charts.lines import Line
from tempkit.report.charts.titles import PLURAL, chart_title


def seen_on(made: Line, measure: str = "fact_recall", *, unwanted: bool = False) -> Finding:
    curve = curve_of(made, measure)
    return finding(curve, against(made, curve), unwanted=unwanted)


def title(*lines: Line, measure: str = "fact_recall", unwanted: bool = False) -> str:
    found = [(each.label, seen_on(each, measure, unwanted=unwanted)) for each in lines]
    return chart_title(measure, titled(measure), found).replace("\u00a0", " ")


def undecided(
    numbers: object, temperatures: tuple[float, ...] = GRID, label: str = "A", measure: str = "fact_recall"
) -> Line:
    return line(numbers, temperatures, profile=None, label=label, measure=measure)


# By hand


def test_down() -> None:
    assert title(line(around([0.8, 0.75, 0.4]))) == "Facts found fall from 80 % at 0 to 40 % at 1"


def test_up() -> None:
    made = undecided(around([0.1, 0.3, 0.6]), measure="cosine_distance")
    assert title(made, measure="cosine_distance") == (
        "Mean distance between answers rises from 0.10 at 0 to 0.60 at 1"
    )


def test_flat() -> None:
    made = title(undecided(around([0.7, 0.7, 0.7])))
    assert re.fullmatch(
        r"Facts found: no clear change with temperature \(\d\d to \d\d %\)|Facts found: \d\d % at every temperature",
        made,
    )


def test_hump_is_told_from_the_pick() -> None:
    made = line(around([0.3, 0.8, 0.4]))
    assert made.found is not None
    assert made.found.pick == 0.5
    assert re.fullmatch(
        r"Facts found are higher at 0\.5 \(\d\d %\) than at 0 \(\d\d %\) and 1 \(\d\d %\)", title(made)
    )


def test_dip_and_ups_and_downs() -> None:
    curve = curve_of(undecided(around([0.8, 0.3, 0.6])))

    def titled_by(*others: tuple[float, float]) -> str:
        apart = [Apart(temperature=t, difference=by, low=by - 0.1, high=by + 0.1, n=20) for t, by in others]
        found = finding(curve, Against(reference=0.5, is_pick=True, others=tuple(apart)), unwanted=False)
        return chart_title("fact_recall", "Facts found", [("A", found)]).replace("\u00a0", " ")

    assert (
        titled_by((0.0, 0.5), (1.0, 0.3))
        == "Facts found are lower at 0.5 (30 %) than at 0 (80 %) and 1 (60 %)"
    )
    assert titled_by((0.0, 0.5), (1.0, 0.05)) == "Facts found fall from 80 % at 0 to 30 % at 0.5"
    curve = curve_of(undecided(around([0.5, 0.8, 0.2])))
    others = tuple(
        Apart(temperature=t, difference=by, low=by - 0.1, high=by + 0.1, n=20)
        for t, by in ((0.5, 0.3), (1.0, -0.3))
    )
    found = finding(curve, Against(reference=0.0, is_pick=False, others=others), unwanted=False)
    assert chart_title("fact_recall", "Facts found", [("A", found)]).replace("\u00a0", " ") == (
        "Facts found go from 80 % at 0.5 to 20 % at 1"
    )


def test_one_temperature() -> None:
    assert title(undecided([[0.5], [1.0]], (0.7,))) == "Facts found: 75 % at 0.7"


def test_none_seen_and_the_same_everywhere() -> None:
    nothing = undecided(np.zeros((8, 3)), measure="loop")
    assert title(nothing, measure="loop", unwanted=True) == "Answers in a loop: none seen"
    assert title(undecided(np.ones((8, 3)))) == "Facts found: 100 % at every temperature"


def test_too_few_questions() -> None:
    assert title(undecided(around([0.2, 0.5, 0.9], items=3))).endswith("; too little data to tell a change")


def test_missing_values_leave_a_temperature_out() -> None:
    numbers = around([0.8, 0.7, 0.1])
    numbers[:15, 2] = MISSING  # of 20
    assert title(undecided(numbers)) == "Facts found fall from 80 % at 0 to 70 % at 0.5"
    numbers[:, 1] = numbers[:, 0]
    assert " at every temperature from 0 to 0.5" in title(undecided(numbers))


def test_nothing_is_claimed_that_the_means_contradict() -> None:
    """The hard questions have no value at 0, so its mean is the higher one of the two, though each question got better."""
    numbers = np.array([[MISSING, 0.1]] * 6 + [[0.6 + i / 100, 0.8 + i / 200] for i in range(12)])
    found = seen_on(undecided(numbers, (0.0, 1.0)))
    assert found.seen == "unclear"


def test_ruled_out_temperatures_are_no_part_of_it_but_for_the_guard_rails_own() -> None:
    cut = np.zeros((20, 4))
    cut[:, 3] = 0.9
    made = line(around([0.7, 0.7, 0.7, 0.1]), (0.0, 0.5, 1.0, 1.5), guards={"truncated": cut})
    assert made.found is not None
    assert made.found.placed("ruled_out") == (1.5,)
    assert re.search(r"from 0 to 1\b", title(made))
    assert title(made, measure="truncated") == "Truncated answers rise from 0 % at 0 to 90 % at 1.5"


def test_several_models() -> None:
    falls, flat = around([0.8, 0.75, 0.4]), np.full((20, 3), 0.7)
    flat[:, 1] += np.tile([0.02, -0.02], 10)
    two = title(undecided(falls), undecided(flat, label="B"))
    assert (
        two == "Facts found fall from 80 % at 0 to 40 % at 1 on A; the same at every temperature on B (70 %)"
    )
    three = title(undecided(falls), undecided(falls, label="B"), undecided(falls, label="C"))
    assert three == "Facts found: a fall on 3 models"
    mixed = title(undecided(flat), undecided(falls, label="B"), undecided(falls, label="C"))
    assert mixed == "Facts found: a fall on B and C; the same at every temperature on A (70 %)"
    assert (
        title(*(undecided(flat, label=label) for label in "ABC")) == "Facts found: 70 % at every temperature"
    )
    hostile = title(undecided(falls), undecided(flat, label="\u202e<b>"))
    assert "\u202e" not in hostile


def test_in_spanish() -> None:
    with language("es"):
        assert (
            title(line(around([0.8, 0.75, 0.4])))
            == "Datos encontrados: bajan de 80 % con T = 0 a 40 % con T = 1"
        )
        made = undecided(around([0.1, 0.3, 0.6]), measure="cosine_distance")
        assert ": sube de 0,10 con T = 0 a 0,60 con T = 1" in title(made, measure="cosine_distance")


@pytest.mark.parametrize(
    "seen", ["nothing", "one", "none", "alike", "few", "unclear", "fall", "rise", "peak", "dip", "spread"]
)
@pytest.mark.parametrize("code", ["en", "es"])
def test_everything_that_can_be_seen_has_a_sentence(seen: str, code: str) -> None:
    ends = (At(temperature=0.0, mean=0.2), At(temperature=1.0, mean=0.8))
    known = {
        "low": 0.2,
        "high": 0.8,
        "at": () if seen in ("nothing", "none", "alike", "few", "unclear") else ends,
    }
    one = Finding(seen=seen, unit="share", **known)  # type: ignore[arg-type]
    other = Finding(seen="unclear", unit="share", low=0.1, high=0.2, span=(0.0, 0.5))
    with language(code):
        for found in (
            [("A", one)],
            [("A", one), ("B", other)],
            [(label, one) for label in "ABC"] + [("D", other)],
        ):
            made = chart_title("novelty", "Novelty", found)
            assert made.startswith("Novelty")
            assert "%(" not in made
            assert "()" not in made


def test_plural_titles_are_known_measures() -> None:
    assert set(MEASURES) | set(JUDGED) >= PLURAL


# Whatever the numbers


ENDS = re.compile(r"(falls?|rises?|goe?s?) from .*? at ([\d.]+) to .*? at ([\d.]+)$")


@settings(deadline=None, max_examples=150)
@given(
    arrays(
        float,
        st.tuples(st.integers(2, 14), st.integers(2, 4)),
        elements=st.sampled_from([0, 0.25, 0.5, 0.75, 1, MISSING]),
    ),
    st.booleans(),
)
def test_a_rise_or_a_fall_is_claimed_only_where_the_paired_interval_leaves_out_zero(
    numbers: np.ndarray, decided: bool
) -> None:
    grid = (0.0, 0.5, 1.0, 1.5)[: numbers.shape[1]]
    if np.isnan(numbers).all():
        return
    made = line(numbers, grid, profile="technical-documentation" if decided else None)
    curve = curve_of(made)
    found = against(made, curve)
    said = title(made)
    shown = {} if found is None else {each.temperature: each.shown for each in found.others}
    claim = ENDS.search(said)
    if claim is None:
        assert not re.search(r"\b(falls?|rises?)\b", said)
        return
    assert found is not None
    first, last = float(claim[2]), float(claim[3])
    signs = {found.reference: 0, **shown}
    assert signs[first] != signs[last]
    if claim[1].startswith(("rise", "fall")):
        assert (signs[last] > signs[first]) == claim[1].startswith("rise")
        means = {point.temperature: point.mean for point in curve.points}
        assert (means[last] > means[first]) == claim[1].startswith("rise")  # type: ignore[operator]


def test_where_nothing_changes_a_change_is_rarely_claimed() -> None:
    """The intervals of a chart hold together with 95 %: of 300 charts of noise some 15 may claim a change, and rarely twice as many."""
    claimed = sum(
        seen_on(undecided(around([0.5] * 5, items=12, seed=seed), (0.0, 0.4, 0.8, 1.2, 1.6))).seen
        not in ("unclear", "alike")
        for seed in range(300)
    )
    assert claimed <= 30


def test_the_title_says_what_the_decision_does() -> None:
    """A temperature that the decision says is worse than the pick is one that the title can claim a change to, and the other way round."""
    made = line(around([0.8, 0.75, 0.4]))
    assert made.found is not None
    (half, one) = made.found.against_pick
    found = against(made, curve_of(made))
    assert found is not None
    assert found.is_pick
    assert [(each.low, each.high) for each in found.others] == [(half.low, half.high), (one.low, one.high)]
    assert made.found.at(1.0).place in ("worse", "excluded")
    assert one.high is not None
    assert one.high < 0


def test_where_less_is_better_the_differences_are_turned_back() -> None:
    numbers = around([0.2, 0.25, 0.6])
    primary = Primary(measure="incoherence", margin=0.05, direction="lower", why="")
    profile = msgspec.structs.replace(use_case("technical-documentation"), primary=(primary,), guard=())
    bare = line(numbers, measure="incoherence", profile=None)
    found = decide(bare.scored, profile)
    assert found.pick == 0.0
    assert [each.difference < 0 for each in found.against_pick] == [True, True], "worse, so below the pick"
    made = dataclasses.replace(bare, found=found)
    assert title(made, measure="incoherence") == "Incoherence rises from 0.20 at 0 to 0.60 at 1"
