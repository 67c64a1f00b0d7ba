"""How much more data would do: by hand, in the limits, and by asking for it and looking again."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tempkit.decision.error_budget import ALPHA_UPPER, share_at
from tempkit.decision.result import Scope
from tempkit.decision.rule import Judgement, judge
from tempkit.decision.sample_size import answers_needed, items_needed, spotless_items
from tempkit.statistics import Values
from tempkit.statistics.guard_rail_tests import guard_rails

MARGIN = 0.1


def judged(array: np.ndarray, scope: Scope = "items_like_these", *, margin: float = MARGIN) -> Judgement:
    return judge(Values(array), (), margin=margin, higher_is_better=True, tie="lowest", scope=scope)


def drawn(
    seed: int,
    items: int,
    answers: int,
    means: tuple[float, ...] = (0.5, 0.6),
    *,
    interaction: float = 0.2,
    noise: float = 0.2,
) -> np.ndarray:
    """Return scores: an item's own at each temperature, and the answers around it."""
    rng = np.random.default_rng(seed)
    own = np.array(means) + rng.normal(0, 0.3, (items, 1)) + rng.normal(0, interaction, (items, len(means)))
    return own[..., np.newaxis] + rng.normal(0, noise, (items, len(means), answers))


class TestItems:
    def test_two_temperatures_by_hand(self) -> None:
        """The lead counts for one standard error less than it looks, at the alpha of the look that comes next."""
        array = drawn(1, 10, 4)
        found = judged(array, margin=0.02)
        wanted = items_needed(found, margin=0.02, looks=1)
        assert wanted is not None
        apart = array.mean(axis=2)[:, 0] - array.mean(axis=2)[:, 1]
        pick, error = found.pick, stats.sem(apart)
        lead = abs(apart.mean()) * (1 if pick == (0 if apart.mean() < 0 else 1) else -1)
        room = 0.02 - min(lead + error, max(lead, 0.0))

        def width(items: int) -> float:
            quantile = stats.t.isf(ALPHA_UPPER * share_at(2), items - 1)
            return float(quantile * error * math.sqrt(10 / items))

        assert width(wanted + 6) <= room  # degrees of freedom above 30 count in fives
        assert width(round(0.9 * wanted) - 1) > room

    @given(st.integers(0, 500), st.floats(0.01, 0.5), st.floats(0.01, 0.5))
    def test_a_wider_margin_needs_no_more(self, seed: int, one: float, other: float) -> None:
        found = judged(drawn(seed, 8, 2, (0.5, 0.55, 0.6)))
        narrow, wide = (items_needed(found, margin=margin, looks=1) for margin in sorted((one, other)))
        assert (wide or 0) <= (narrow or math.inf)

    @given(st.integers(0, 500), st.integers(1, 8))
    def test_a_later_look_needs_no_fewer(self, seed: int, look: int) -> None:
        found = judged(drawn(seed, 8, 2, (0.5, 0.55, 0.6)))
        now, later = (items_needed(found, margin=0.2, looks=each) for each in (look, look + 1))
        assert (later or math.inf) >= (now or 0)

    def test_no_number_brings_a_pick_near_that_is_behind_by_more(self) -> None:
        found = judged(drawn(2, 12, 4, (0.1, 0.9)))
        assert found.pick == 1
        other = Judgement(**{name: getattr(found, name) for name in found.__slots__} | {"pick": 0})
        assert items_needed(other, margin=MARGIN, looks=1) is None
        assert items_needed(found, margin=MARGIN, looks=1) is not None

    def test_nothing_is_said_where_nothing_is_compared(self) -> None:
        for array in (np.full((6, 2, 2), np.nan), drawn(1, 6, 2, (0.5,)), np.ones((6, 2, 2))):
            found = judged(array)
            assert items_needed(found, margin=MARGIN, looks=1) is None
            assert answers_needed(found, found, margin=MARGIN, looks=1) is None

    def test_items_that_were_all_alike_need_as_many_as_can_miss_the_others(self) -> None:
        """Of a range of 1: the share that n items, all right, can have missed is within the margin."""
        values = Values(np.ones((8, 2, 2)), low=0, high=1)
        found = judge(
            values, (), margin=MARGIN, higher_is_better=True, tie="lowest", scope="items_like_these"
        )
        wanted = items_needed(found, margin=MARGIN, looks=1)
        assert wanted is not None
        alpha = ALPHA_UPPER * share_at(2)
        assert 1 - alpha ** (1 / wanted) <= MARGIN < 1 - alpha ** (1 / (wanted - 1))

    def test_with_as_many_it_is_settled_in_most_cases(self) -> None:
        settled = planned = 0
        for seed in range(40):
            wanted = items_needed(judged(drawn(seed, 10, 4)), margin=MARGIN, looks=1)
            if wanted is None or wanted > 2000:
                continue
            planned += 1
            later = judge(
                Values(drawn(1000 + seed, max(wanted, 10), 4)),
                (),
                margin=MARGIN,
                higher_is_better=True,
                tie="lowest",
                scope="items_like_these",
                looks=2,
            )
            settled += later.upper[later.pick] <= MARGIN
        assert planned >= 20
        assert settled >= 0.7 * planned


class TestAnswers:
    @pytest.mark.parametrize("scope", ["items_like_these", "these_items"])
    def test_noise_inside_cells_shrinks_with_answers(self, scope: Scope) -> None:
        array = drawn(3, 8, 4, (0.5, 0.5), interaction=0.0, noise=0.4)
        found, these = judged(array, scope), judged(array, "these_items")
        times = answers_needed(found, these, margin=0.1, looks=1)
        assert times is not None
        assert 1 < times < 30

    def test_that_items_suit_temperatures_differently_does_not(self) -> None:
        array = drawn(4, 8, 8, (0.5, 0.5), interaction=0.5, noise=0.05)
        found, these = judged(array), judged(array, "these_items")
        assert answers_needed(found, these, margin=0.05, looks=1) is None
        assert items_needed(found, margin=0.05, looks=1) is not None
        assert (answers_needed(these, these, margin=0.05, looks=1) or 0) < 20

    def test_judgements_of_different_temperatures_are_not_mixed(self) -> None:
        one, other = judged(drawn(5, 8, 4)), judged(drawn(5, 8, 4, (0.5, 0.5, 0.5)), "these_items")
        assert answers_needed(one, other, margin=MARGIN, looks=1) is None


class TestSpotless:
    @pytest.mark.parametrize(("limit", "alpha"), [(0.05, 0.05), (0.02, 0.0444), (0.25, 0.01)])
    def test_so_many_show_it_and_one_fewer_does_not(self, limit: float, alpha: float) -> None:
        wanted = spotless_items(limit, alpha)
        assert wanted is not None

        def verdict(items: int) -> str:
            found = guard_rails(
                Values(np.zeros((items, 1, 1)), low=0, high=1),
                limit,
                worse_above=True,
                alpha_broken=alpha,
                alpha_holds=alpha,
                these_items=False,
            )
            return found.rails[0].verdict

        assert (verdict(wanted), verdict(wanted - 1)) == ("holds", "unknown")

    def test_no_number_shows_that_something_never_happens(self) -> None:
        assert [spotless_items(limit, 0.05) for limit in (0.0, -1.0, 1e-9)] == [None] * 3
        assert spotless_items(1.0, 0.05) == 1
