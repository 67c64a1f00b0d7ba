"""The best set: by hand, against second implementations of its bounds, and on what cannot be compared."""

import numpy as np
import pytest
from clustered import normal
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tempkit.statistics import best_set, item_means, race
from tempkit.statistics.simultaneous import critical_value, pair_bounds

VALUES = normal(np.random.default_rng(31), 20, 6, np.array([0.5, 0.7, 0.7, 0.5, 0.1]))
MEANS = item_means(VALUES)


def best(values: np.ndarray, *, margin: float = 0.05, higher: bool = True, **options):
    return best_set(values, margin=margin, higher_is_better=higher, seed=5, draws=500, **options)


@pytest.mark.parametrize("margin", [0, 0.05, 0.2, 0.3, 0.5])
def test_bounds_by_hand(margin: float) -> None:
    """Each pair: mean difference and Student's standard error, times the one critical value."""
    found = best(VALUES, margin=margin)
    cut = critical_value(20, 5, 0.95)
    for column, standing in enumerate(found.standings):
        pairs = [(MEANS[:, k] - MEANS[:, column]) for k in range(5) if k != column]
        middles = np.array([d.mean() for d in pairs])
        halves = cut * np.array([stats.sem(d) for d in pairs])
        assert standing.behind == pytest.approx(middles.max())
        assert standing.behind_low == pytest.approx((middles - halves).max())
        assert standing.behind_high == pytest.approx((middles + halves).max())
        assert standing.excluded == (standing.behind_low > margin)
        assert standing.worse == (standing.behind_low > 0)
        assert standing.within == (standing.behind_high <= margin)
    expected = {0: (1, 2), 0.05: (1, 2), 0.2: (0, 1, 2, 3), 0.3: (0, 1, 2, 3), 0.5: (0, 1, 2, 3, 4)}
    assert found.acceptable == expected[margin]
    assert found.leader in (1, 2)
    assert (found.n_items, found.reason) == (20, None)


def test_p_best_is_a_distribution_led_by_the_leader() -> None:
    found = best(VALUES)
    shares = [standing.p_best for standing in found.standings]
    assert sum(shares) == pytest.approx(1)
    assert shares[1] + shares[2] > 0.95
    assert found == best(VALUES)


def test_lower_is_better_is_the_mirror_image() -> None:
    assert best(VALUES).standings == best(-VALUES, higher=False).standings


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(5)))
def test_the_order_of_temperatures_does_not_matter(order: list[int]) -> None:
    there = best(VALUES[:, order])
    here = best(VALUES)
    assert sorted(order[column] for column in there.acceptable) == list(here.acceptable)
    for place, column in enumerate(order):
        assert there.standings[place].behind_low == pytest.approx(here.standings[column].behind_low)
        assert there.standings[place].behind_high == pytest.approx(here.standings[column].behind_high)


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_wider_margin_excludes_less_and_accepts_more(one: float, other: float) -> None:
    narrow, wide = (best(VALUES, margin=margin) for margin in sorted((one, other)))
    assert set(narrow.acceptable) <= set(wide.acceptable)
    for a, b in zip(narrow.standings, wide.standings, strict=True):
        assert a.within <= b.within
        assert not (a.excluded and a.within)


def test_candidates_are_compared_among_themselves_only() -> None:
    found = best(VALUES, candidates=(4, 0, 3))
    alone = best(VALUES[:, [0, 3, 4]])
    assert [s.compared for s in found.standings] == [True, False, False, True, True]
    assert [found.standings[c].behind_low for c in (0, 3, 4)] == [s.behind_low for s in alone.standings]
    assert found.acceptable == (0, 3)
    left_out = found.standings[1]
    assert (left_out.behind, left_out.p_best, left_out.acceptable, left_out.within) == (
        None,
        None,
        False,
        False,
    )


def test_ties_split_p_best() -> None:
    values = np.repeat(VALUES[:, :1], 2, axis=1)
    found = best(values, span=1e3)
    assert [s.p_best for s in found.standings] == [0.5, 0.5]
    assert [s.behind for s in found.standings] == [0.0, 0.0]


def test_identical_pairs_get_the_exact_bound_at_their_share() -> None:
    values = np.clip(VALUES[:, :3], 0, 1)
    values[:, 1] = values[:, 0]
    bounds = pair_bounds(item_means(values), level=0.95, span=1)
    assert bounds.high[0, 1] == pytest.approx(1 - (0.05 / 3) ** (1 / 20))
    assert bounds.low[0, 1] == -bounds.high[0, 1]
    d = item_means(values)[:, 2] - item_means(values)[:, 0]
    half = critical_value(20, 3, 0.95) * stats.sem(d)
    assert bounds.high[2, 0] == pytest.approx(d.mean() + half)


def test_identical_pairs_of_unbounded_range_decide_nothing() -> None:
    values = VALUES.copy()
    values[:, 2] = values[:, 1] - 0.2
    found = best(values, margin=0.01)
    third = found.standings[2]
    assert third.behind == pytest.approx(0.2)
    reach = 3 + 0.2  # differences lie in [-3, 3], and these all lie at -0.2
    assert best(values[:, 1:3], span=3).standings[1].behind_high == pytest.approx(
        0.2 + (1 - 0.05 ** (1 / 20)) * reach
    )
    assert third.behind_high is None
    assert not third.within
    assert "1 pairs" in str(found.reason)
    both = best(values[:, 1:3], margin=0.01)
    assert both.acceptable == (0, 1)
    assert not any(s.excluded or s.worse or s.within for s in both.standings)


@pytest.mark.parametrize("items", [1, 2, 4])
def test_too_few_items_leave_everything_acceptable(items: int) -> None:
    found = best(VALUES[:items])
    assert found.acceptable == (0, 1, 2, 3, 4)
    assert not any(s.worse or s.excluded or s.within for s in found.standings)
    assert {(s.behind_low, s.behind_high, s.p_best) for s in found.standings} == {(None, None, None)}
    assert found.n_items == items
    assert "at least 5" in str(found.reason)
    assert race(found) == (0, 1, 2, 3, 4)


def test_a_thin_temperature_is_not_excluded_and_shields_nobody() -> None:
    values = VALUES.copy()
    values[3:, 0] = np.nan
    found = best(values)
    assert found.acceptable == (0, 1, 2)  # 3 and 4 are still behind the full ones
    assert not any(s.within for s in found.standings)  # the thin one may be better than any
    assert found.n_items == 3
    assert {s.p_best for s in found.standings} == {None}


def test_a_temperature_without_values_is_not_compared() -> None:
    values = VALUES.copy()
    values[:, 1] = np.nan
    found = best(values)
    assert found.standings[1].compared is False
    assert "1 of 5 temperatures have no values" in str(found.reason)
    assert found.acceptable == (2,)


def test_temperatures_that_share_no_item_have_no_distance() -> None:
    values = VALUES[:, :2].copy()
    values[:10, 0] = np.nan
    values[10:, 1] = np.nan
    found = best(values)
    assert [(s.behind, s.behind_low) for s in found.standings] == [(None, None), (None, None)]
    assert found.leader is None
    assert found.n_items == 0


def test_nothing_to_compare() -> None:
    one = best(VALUES[:, :1])
    assert one.acceptable == (0,)
    assert one.standings[0].p_best == 1.0
    assert "nothing to compare" in str(one.reason)
    assert race(one) == ()
    none = best(np.full((6, 2, 3), np.nan))
    assert (none.acceptable, none.leader, none.n_items, race(none)) == ((), None, 0, ())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"margin": -0.1}, "margin"),
        ({"candidates": ()}, "candidates"),
        ({"candidates": (5,)}, "candidates"),
        ({"level": 1.0}, "level"),
        ({"span": 0.001}, "span"),
    ],
)
def test_nonsense_is_refused(options: dict, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        best(VALUES, **options)


def test_race_keeps_the_undecided_and_their_leader() -> None:
    means = np.array([0.5, 0.52, 0.1, 0.3, 0.5])
    found = best(normal(np.random.default_rng(1), 20, 6, means), margin=0.1)
    settled = {s.column for s in found.standings if s.excluded or s.within}
    assert 2 in settled
    assert set(race(found)) == ({0, 1, 2, 3, 4} - settled) | {found.leader}
    # The second lies 0.1 behind, by 0.04 to 0.16; so the first is within the margin, and yet it is what to measure against.
    second = 0.5 + np.linspace(-1, 1, 20) * 0.06 / (
        critical_value(20, 2, 0.95) * stats.sem(np.linspace(-1, 1, 20))
    )
    pair = best(np.stack([np.full(20, 0.6), second], axis=1)[:, :, np.newaxis])
    assert [s.within for s in pair.standings] == [True, False]
    assert race(pair) == (0, 1)
    sure = best(normal(np.random.default_rng(2), 50, 20, means, interaction=0.01, noise=0.05), margin=0.1)
    assert race(sure) == ()


@pytest.mark.parametrize("temperatures", [2, 3, 5, 10])
def test_with_many_items_the_critical_value_is_hardly_above_tukeys(temperatures: int) -> None:
    """Tukey's studentised range is exact for uncorrelated temperatures of equal spread, the least favourable ones."""
    tukey = stats.studentized_range.ppf(0.95, temperatures, np.inf) / np.sqrt(2)
    assert tukey * 0.9999 <= critical_value(100_000, temperatures, 0.95) <= tukey * 1.04


def test_the_critical_value_by_hand() -> None:
    assert critical_value(11, 2, 0.95) == pytest.approx(stats.t.ppf(0.975, 10))
    assert critical_value(11, 5, 0.95) == pytest.approx(stats.t.ppf(0.9975, 10))


def test_without_draws_only_the_description_is_missing() -> None:
    values = np.random.default_rng(3).normal(0, 1, (8, 3, 2))
    with_draws = best_set(values, margin=0.1, higher_is_better=True, seed=1, draws=100)
    without = best_set(values, margin=0.1, higher_is_better=True, seed=1, draws=0)
    assert [s.p_best for s in without.standings] == [None] * 3
    for one, other in zip(with_draws.standings, without.standings, strict=True):
        assert (one.behind, one.behind_low, one.behind_high) == (
            other.behind,
            other.behind_low,
            other.behind_high,
        )
