"""What stays shown from look to look, and what is still to be asked: bounds, guard-rails, contenders."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.adaptive import Entrant, contenders, standings
from tempkit.decision import Judgement, Limit, judge
from tempkit.decision.error_budget import share_at
from tempkit.decision.judgement import remembered_rails
from tempkit.statistics import GuardRails, LeadBounds, Rail, Values

LOOKS = 4
TEMPERATURES = (0.0, 0.5, 1.0, 1.5)


@given(st.integers(1, 30))
def test_all_looks_share_one_alpha(planned: int) -> None:
    announced = [share_at(look, planned) for look in range(1, planned + 1)]
    assert sum(announced) == pytest.approx(0.9)
    assert len(set(announced)) == 1
    later = [share_at(look, planned) for look in range(planned + 1, planned + 2000)]
    assert sum(announced) + sum(later) <= 1
    assert sum(announced) + sum(later) == pytest.approx(1, abs=1e-6)
    assert all(a > b > 0 for a, b in pairwise(later))


def test_looks_that_nobody_announced_share_it_too() -> None:
    assert 0.999 < sum(share_at(look) for look in range(1, 2000)) <= 1


def bounds(size: int) -> st.SearchStrategy[LeadBounds]:
    numbers = st.lists(st.floats(-2, 2) | st.just(math.inf), min_size=size * size, max_size=size * size).map(
        lambda flat: np.array(flat).reshape(size, size)
    )
    return st.builds(lambda most, least: LeadBounds(most=most, least=-least), numbers, numbers)


@given(bounds(3), bounds(3))
def test_the_tighter_of_two_bounds_counts(one: LeadBounds, other: LeadBounds) -> None:
    both = one.within(other)
    for row in range(3):
        for column in range(3):
            assert both.most[row, column] == min(one.most[row, column], other.most[row, column])
            assert both.least[row, column] == max(one.least[row, column], other.least[row, column])
    assert np.array_equal(both.most, other.within(one).most)
    assert np.array_equal(both.within(one).least, both.least)


def look(
    rng: np.random.Generator, array: np.ndarray, number: int, before: list[Judgement], **more: object
) -> Judgement:
    values = Values(
        array,
        TEMPERATURES,
        low=0.0,
        high=1.0,
        asked=[int((~np.isnan(array[:, c, 0])).sum()) for c in range(4)],
    )
    limits = []
    if rails := more.get("rails"):
        bad = (rng.random(array.shape) < np.array([0.0, 0.02, 0.3, 0.6])[None, :, None]).astype(float)
        assert isinstance(rails, float)
        limits.append(Limit(values=Values(np.where(np.isnan(array), np.nan, bad), TEMPERATURES, low=0.0, high=1.0), limit=rails, worse_above=True))  # fmt: skip
    return judge(
        values, limits, margin=0.1, higher_is_better=True, tie="lowest", scope="items_like_these", looks=number,
        planned_looks=LOOKS, before=before,
    )  # fmt: skip


def growing(rng: np.random.Generator, dropped: int | None) -> list[np.ndarray]:
    """The data at each look: more items each time; one temperature may be asked no more after the first."""
    quality = (
        rng.normal(0.6, 0.15, (40, 1, 1)) + rng.normal(0, 0.1, (1, 4, 1)) + rng.normal(0, 0.1, (40, 4, 2))
    )
    quality = np.clip(quality, 0, 1)
    made = []
    for items in (6, 12, 24, 40):
        array = quality[:items].copy()
        if dropped is not None:
            array[6:, dropped] = np.nan
        made.append(array)
    if rng.random() < 0.5:  # as a server's failures may have it
        made[1][:, rng.integers(4)] = np.nan
    return made


@given(st.integers(0, 2**32 - 1), st.none() | st.integers(0, 3), st.none() | st.just(0.1))
def test_what_a_look_has_shown_stays_shown(seed: int, dropped: int | None, rails: float | None) -> None:
    rng = np.random.default_rng(seed)
    before: list[Judgement] = []
    for number, array in enumerate(growing(rng, dropped), 1):
        state = rng.bit_generator.state
        found = look(rng, array, number, before, rails=rails)
        rng.bit_generator.state = state
        alone = look(rng, array, number, [], rails=rails)
        # How wide bounds are depends on how many are compared, and a guard-rail that is remembered leaves fewer.
        if found.leads is not None and alone.leads is not None and found.compared == alone.compared:
            assert (found.leads.most <= alone.leads.most).all()
            assert (found.leads.least >= alone.leads.least).all()
            assert set(found.may_be_best) <= set(alone.may_be_best)
        for earlier in before if found.leads is not None else ():
            assert earlier.leads is not None
            assert found.leads is not None
            shared = [column for column in found.compared if column in earlier.compared]
            now = np.ix_(*[[found.compared.index(column) for column in shared]] * 2)
            then = np.ix_(*[[earlier.compared.index(column) for column in shared]] * 2)
            assert (found.leads.most[now] <= earlier.leads.most[then]).all()
            assert (found.leads.least[now] >= earlier.leads.least[then]).all()
        if before:
            assert set(before[-1].ruled_out) <= set(found.ruled_out)
        before.append(found)


verdicts = st.sampled_from(["holds", "breaks", "unknown"])


def rails_of(verdicts_: list[str], means: list[float | None], out: tuple[int, ...]) -> GuardRails:
    blank = look(
        np.random.default_rng(0), growing(np.random.default_rng(0), None)[0], 1, [], rails=0.1
    ).rails[0]
    assert blank is not None
    rails = tuple(
        replace(rail, verdict=verdict, mean=mean)
        for rail, verdict, mean in zip(blank.rails, verdicts_, means, strict=True)
    )
    assert all(isinstance(each, Rail) for each in rails)
    return replace(blank, rails=rails, ruled_out=out)


@given(
    st.lists(verdicts, min_size=4, max_size=4),
    st.lists(verdicts, min_size=4, max_size=4),
    st.sets(st.integers(0, 3)),
)
def test_a_guard_rail_keeps_the_verdict_that_it_had_where_there_is_no_new_one(
    then: list[str], now: list[str], without: set[int]
) -> None:
    means = [None if column in without else 0.1 for column in range(4)]
    out = tuple(column for column in range(4) if then[column] == "breaks")
    earlier = look(np.random.default_rng(0), growing(np.random.default_rng(0), None)[0], 1, [])
    earlier = replace(earlier, rails=(rails_of(then, [0.1] * 4, out),))
    current = rails_of(now, means, ())
    (found,) = remembered_rails(TEMPERATURES, [current], [earlier])
    assert found is not None
    for column in range(4):
        fresh = now[column] != "unknown" or column in without
        assert found.rails[column].verdict == (now[column] if fresh else then[column])
    kept_out = {column for column in out if found.rails[column].verdict != "holds"}
    assert set(found.ruled_out) == kept_out
    assert remembered_rails(TEMPERATURES, [None], [earlier]) == (None,)
    assert remembered_rails(TEMPERATURES, [current], []) == (current,)


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.05, 0.2, 1.0]),
    st.booleans(),
    st.sampled_from([math.inf, 10.0, 0.0]),
)
def test_the_race_goes_on_until_it_is_shown_and_with_one_that_may_be_best(
    seed: int, spread: float, rails: bool, items: float
) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 30))
    array = np.clip(rng.normal(0.5, spread, (1, 4, 1)) + rng.normal(0, 0.2, (count, 4, 2)), 0, 1)
    array[:, rng.random(4) < 0.15] = np.nan
    found = look(rng, array, 1, [], rails=0.1 if rails else None)
    racing = contenders(found, margin=0.1, items=items)
    assert (not racing) == (found.pick is None or found.grade == "shown")
    assert set(racing) <= set(found.compared)
    if racing:
        assert set(racing) & set(found.may_be_best) or len(found.compared) < 2
        assert len(set(racing)) == len(racing)


def test_a_guard_rail_without_any_value_asks_for_no_temperature() -> None:
    rng = np.random.default_rng(1)
    array = rng.random((8, 4, 2))
    nothing = Values(np.full((8, 4, 2), np.nan), TEMPERATURES, low=0.0, high=1.0)
    entrant = Entrant(
        values=Values(array, TEMPERATURES, low=0.0, high=1.0),
        limits=(Limit(values=nothing, limit=0.1, worse_above=True, relative=True),),
    )
    found = standings(
        [entrant], margin=0.1, higher_is_better=True, tie="lowest", scope="items_like_these", looks=1, planned_looks=8,
    )  # fmt: skip
    assert found.pick is not None
    assert found.racing[0]
