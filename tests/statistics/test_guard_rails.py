"""Guard-rails: every verdict, what it makes of the temperatures around it, and how often it is wrong at the limit itself."""

import math

import numpy as np
import pytest
from any_values import values as any_values
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tempkit.statistics import Values
from tempkit.statistics.guard_rail_tests import GuardRails, guard_rails

NAN = math.nan
ALPHA = 0.05


def rails(
    array: object,
    limit: float = 0.05,
    *,
    worse_above: bool = True,
    alpha: float = ALPHA,
    these: bool = False,
    relative: bool = False,
    answers: object = None,
    low: float | None = 0.0,
    high: float | None = 1.0,
) -> GuardRails:
    return guard_rails(
        Values(array, low=low, high=high),
        limit,
        worse_above=worse_above,
        alpha_broken=alpha,
        alpha_holds=alpha,
        these_items=these,
        relative=relative,
        answers=None if answers is None else np.asarray(answers, dtype=float),
    )


def verdicts(found: GuardRails) -> list[str]:
    return [rail.verdict for rail in found.rails]


def bad(*counts: int, items: int = 60, answers: int = 4) -> np.ndarray:
    """Return answers of which some are bad, by temperature; each bad one on an item of its own as far as there are items."""
    found = np.zeros((items, len(counts), answers))
    for column, count in enumerate(counts):
        places = np.arange(count)
        found[places % items, column, places // items] = 1
    return found


def full(array: np.ndarray) -> np.ndarray:
    """Say that all answers differ."""
    return np.full(array.shape[:2], array.shape[2])


class TestVerdicts:
    @pytest.mark.parametrize("these", [False, True])
    def test_each(self, these: bool) -> None:
        array = bad(0, 10, 100)
        found = rails(array, these=these, answers=full(array))
        assert verdicts(found) == ["holds", "unknown", "broken"]
        assert [rail.inside for rail in found.rails] == [True, True, False]
        assert [rail.mean for rail in found.rails] == pytest.approx([0, 10 / 240, 100 / 240])
        assert [rail.n for rail in found.rails] == [240 if these else 60] * 3
        for rail in found.rails:
            assert rail.low is not None
            assert rail.high is not None
            assert rail.mean is not None
            assert rail.low <= rail.mean <= rail.high

    @pytest.mark.parametrize("these", [False, True])
    def test_worse_below_is_the_mirror_image(self, these: bool) -> None:
        array = bad(0, 10, 100)
        found = rails(array, these=these, answers=full(array))
        other = rails(1 - array, 0.95, worse_above=False, these=these, answers=full(array))
        assert verdicts(other) == verdicts(found)
        assert (other.ruled_out, other.cliff, other.floor) == (found.ruled_out, found.cliff, found.floor)
        for one, mirrored in zip(found.rails, other.rails, strict=True):
            assert (one.inside, one.n) == (mirrored.inside, mirrored.n)
            assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((one.low, one.high))

    def test_where_nothing_was_measured_nothing_is_known(self) -> None:
        array = bad(0, 0)
        array[:, 1] = NAN
        found = rails(array, answers=full(array))
        rail = found.rails[1]
        assert (rail.mean, rail.low, rail.high, rail.verdict, rail.inside, rail.n) == (
            None,
            None,
            None,
            "unknown",
            None,
            0,
        )
        assert found.ruled_out == ()

    def test_few_items_show_nothing_of_others(self) -> None:
        assert verdicts(rails(bad(16, items=4))) == ["unknown"]
        assert verdicts(rails(bad(16, items=4), these=True)) == ["broken"]

    def test_two_bad_answers_out_of_two_are_no_proof_below_a_limit(self) -> None:
        """Worse below, everything seen as bad as can be: no better known than everything bad where worse is above."""
        array = np.zeros((1, 1, 2))
        found = rails(array, 0.9, worse_above=False, these=True).rails[0]
        assert found.high == pytest.approx(1 - 0.05**0.5)
        assert found.verdict == "broken"
        assert verdicts(rails(array, 0.7, worse_above=False, these=True)) == ["unknown"]

    def test_unbounded_values_that_are_all_alike_bound_nothing(self) -> None:
        found = rails(np.full((12, 1, 2), 3.0), 5.0, low=None, high=None).rails[0]
        assert (found.mean, found.low, found.high, found.verdict) == (3.0, None, None, "unknown")


class TestSpotless:
    """Nothing bad was seen."""

    @pytest.mark.parametrize("answers", [1, 3, 20])
    def test_of_these_items_it_is_clopper_and_pearsons_bound_at_alpha_on_one_side(self, answers: int) -> None:
        found = rails(np.zeros((5, 1, max(answers, 2)))[:, :, :answers], these=True).rails[0]
        assert found.high == pytest.approx(1 - ALPHA ** (1 / (5 * answers)))
        assert found.low == 0

    def test_one_answer_to_each_of_59_items_shows_a_twentieth_and_58_do_not(self) -> None:
        assert verdicts(rails(np.zeros((59, 1, 1)))) == ["holds"]
        assert verdicts(rails(np.zeros((58, 1, 1)))) == ["unknown"]
        assert rails(np.zeros((59, 1, 1))).rails[0].high == pytest.approx(1 - ALPHA ** (1 / 59))

    def test_more_answers_to_an_item_tell_more_but_less_than_other_items(self) -> None:
        highs = [
            rails(np.zeros((items, 1, answers)), answers=np.full((items, 1), answers)).rails[0].high
            for items, answers in ((20, 1), (20, 4), (80, 1))
        ]
        assert highs == sorted(highs, reverse=True)
        assert highs[0] > 1.5 * highs[1]
        assert highs[1] > 1.3 * highs[2]

    def test_four_answers_leave_the_chance_of_a_beta_binomial(self) -> None:
        """At the bound, 20 items with 4 answers each, alike by 0.2, are all spared with probability alpha."""
        array = np.zeros((20, 1, 4))
        rate = rails(array, answers=full(array)).rails[0].high
        spared = stats.betabinom(4, rate * 4, (1 - rate) * 4).pmf(0) ** 20
        assert spared == pytest.approx(ALPHA, rel=1e-6)

    def test_copies_of_an_answer_count_once(self) -> None:
        array = np.zeros((20, 1, 4))
        once = rails(np.zeros((20, 1, 1)))
        assert rails(array, answers=np.ones((20, 1))).rails[0].high == once.rails[0].high
        assert rails(array).rails[0].high == once.rails[0].high

    @pytest.mark.parametrize("these", [False, True])
    @pytest.mark.parametrize("relative", [False, True])
    def test_a_bad_answer_never_looks_better_than_none(self, these: bool, relative: bool) -> None:
        for items, answers in ((6, 1), (6, 4), (20, 1), (20, 4), (1, 20), (60, 2)):
            highs = []
            for count in range(5):
                array = bad(0, count, items=items, answers=answers)
                found = rails(array, these=these, relative=relative, answers=full(array)).rails[1]
                highs.append(math.inf if found.high is None else found.high)
            assert highs[0] == min(highs), (items, answers)
            assert max(highs) <= 1 or highs[-1] == math.inf

    def test_nor_does_a_bad_answer_at_the_lowest_temperature_make_another_look_better_by_much(self) -> None:
        """The lowest got one wrong, the other none: still so many other items might be wrong."""
        array = bad(1, 0, items=24, answers=4)
        found = rails(array, relative=True, answers=full(array)).rails[1]
        assert found.mean == pytest.approx(-1 / 96)
        assert found.high > 0.1


class TestAround:
    """What a broken one makes of the temperatures around it."""

    GOOD, OPEN, BAD = 0, 10, 100

    def ruled(self, *counts: int) -> tuple[tuple[int, ...], int | None, int | None]:
        array = bad(*counts)
        found = rails(array, answers=full(array))
        names = {self.GOOD: "holds", self.OPEN: "unknown", self.BAD: "broken"}
        assert verdicts(found) == [names[count] for count in counts]
        return found.ruled_out, found.cliff, found.floor

    def test_nothing_broken_rules_nothing_out(self) -> None:
        assert self.ruled(self.GOOD, self.OPEN, self.GOOD) == ((), None, None)

    def test_beyond_a_broken_one_an_inconclusive_one_is_out_too(self) -> None:
        assert self.ruled(self.GOOD, self.OPEN, self.BAD, self.OPEN) == ((2, 3), 2, None)

    def test_one_that_is_shown_to_hold_again_is_not(self) -> None:
        assert self.ruled(self.GOOD, self.BAD, self.GOOD) == ((1,), None, None)
        assert self.ruled(self.GOOD, self.BAD, self.OPEN, self.GOOD, self.OPEN) == ((1, 2), None, None)

    def test_low_temperatures_that_loop_are_a_floor(self) -> None:
        assert self.ruled(self.BAD, self.BAD, self.GOOD, self.OPEN) == ((0, 1), None, 1)
        assert self.ruled(self.OPEN, self.BAD, self.GOOD) == ((1,), None, None)

    def test_an_inconclusive_one_below_a_floor_is_out_unless_it_works(self) -> None:
        array = bad(16, 100, 0)  # the lowest is not shown to be broken, but its own mean is beyond the limit
        found = rails(array, answers=full(array))
        assert verdicts(found) == ["unknown", "broken", "holds"]
        assert found.rails[0].inside is False
        assert (found.ruled_out, found.floor) == ((0, 1), 1)

    def test_both_sides_can_fail(self) -> None:
        assert self.ruled(self.BAD, self.GOOD, self.OPEN, self.BAD, self.OPEN) == ((0, 3, 4), 3, 0)

    def test_all_can_be_out(self) -> None:
        assert self.ruled(self.BAD, self.BAD, self.BAD) == ((0, 1, 2), 0, None)


class TestRelative:
    """The limit is for the difference from the lowest temperature, item by item."""

    def test_what_the_lowest_does_too_is_no_fault(self) -> None:
        array = bad(200, 200, 240)
        found = rails(array, 0.1, relative=True)
        assert verdicts(found) == ["holds", "holds", "broken"]
        assert [rail.mean for rail in found.rails] == pytest.approx([0, 0, 40 / 240])
        first = found.rails[0]
        assert (first.low, first.high, first.inside, first.n) == (0, 0, True, 60)

    def test_the_lowest_is_the_lowest_that_has_values(self) -> None:
        array = bad(200, 200, 200)
        array[:, 0] = NAN
        found = rails(array, 0.1, relative=True)
        assert [rail.mean for rail in found.rails] == [None, 0, 0]
        assert verdicts(found) == ["unknown", "holds", "holds"]

    def test_items_are_paired(self) -> None:
        array = np.random.default_rng(1).normal(size=(8, 1, 1)) + np.array([[[0.0], [1.0]]]) * 1.0
        array[:, 1, 0] += np.random.default_rng(2).normal(0, 0.01, 8)
        found = rails(array, 1.1, relative=True, low=None, high=None)
        assert verdicts(found) == ["holds", "holds"]
        assert found.rails[1].high == pytest.approx(1.0, abs=0.03)

    def test_spotless_items_may_differ_by_the_range_upwards_and_no_more(self) -> None:
        found = rails(np.zeros((12, 2, 4)), 0.25, relative=True).rails[1]
        assert found.high == pytest.approx(1 - ALPHA ** (1 / 12))
        assert found.verdict == "holds"

    def test_of_these_items_both_rates_count(self) -> None:
        """Zou and Donner's bound from Clopper and Pearson's of both: 2 and 5 bad of 20."""
        array = bad(2, 5, items=1, answers=20)
        found = rails(array, 0.3, relative=True, these=True).rails[1]
        low, high = stats.beta.ppf(ALPHA, 2, 19), stats.beta.ppf(1 - ALPHA, 6, 15)
        assert found.high == pytest.approx(0.15 + math.hypot(high - 0.25, 0.1 - low))

    def test_without_a_second_answer_at_the_lowest_its_noise_is_not_taken_for_none(self) -> None:
        rng = np.random.default_rng(3)
        array = rng.normal(size=(8, 2, 4))
        array[:, 0, 1:] = NAN
        found = rails(array, 9.0, relative=True, these=True, low=None, high=None).rails[1]
        apart = Values(array).means[:, 1] - Values(array).means[:, 0]
        assert found.n == 8
        assert found.high - found.mean > stats.t.isf(ALPHA, 7) * stats.sem(apart) * 0.7


class TestNoiseOfTheseItems:
    def test_one_item_is_students_bound(self) -> None:
        answers = np.random.default_rng(5).normal(size=20)
        found = rails(answers[np.newaxis, np.newaxis], 9.0, these=True, low=None, high=None).rails[0]
        half = stats.t.isf(ALPHA, 19) * stats.sem(answers)
        assert (found.low, found.high) == pytest.approx((answers.mean() - half, answers.mean() + half))

    def test_one_item_with_several_answers_stands_for_the_others_with_its_few_degrees_of_freedom(
        self,
    ) -> None:
        array = np.full((12, 1, 2), NAN)
        array[:, 0, 0] = np.arange(12)
        array[0, 0] = 0, 2
        found = rails(array, 99.0, these=True, low=None, high=None).rails[0]
        half = stats.t.isf(ALPHA, 1) * math.sqrt(23 / 144)
        assert found.high == pytest.approx(np.nanmean(array, axis=2).mean() + half)


def clustered_rates(rng: np.random.Generator, rate: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return rates of items whose answers are alike by 0.2."""
    return rng.beta(rate * 4, (1 - rate) * 4, shape)


SETS = 300
ALLOWED = 0.05 + 3 * math.sqrt(0.05 * 0.95 / SETS)


@pytest.mark.parametrize("these", [False, True])
@pytest.mark.parametrize(
    ("items", "answers", "rate"), [(12, 10, 0.05), (12, 4, 0.2), (40, 4, 0.05), (100, 4, 0.05), (100, 1, 0.2)]
)
def test_at_the_limit_itself_either_claim_is_hardly_ever_made(
    items: int, answers: int, rate: float, these: bool
) -> None:
    """ "Holds" of one temperature, and "broken" of any of four: in at most 5 %, 300 data sets and 3 standard errors."""
    rng = np.random.default_rng(items)
    holds = broken = 0
    for _ in range(SETS):
        own = clustered_rates(rng, rate, (items, 4))
        array = (rng.random((items, 4, answers)) < own[..., np.newaxis]).astype(float)
        if these:  # the limit is what these very items do at the first temperature
            found = rails(array[:, :1], float(own[:, 0].mean()), these=True)
        else:
            found = rails(array, rate, answers=full(array))
        holds += found.rails[0].verdict == "holds"
        broken += "broken" in verdicts(found)
    assert holds / SETS <= ALLOWED
    assert broken / SETS <= ALLOWED


@pytest.mark.parametrize("these", [False, True])
@pytest.mark.parametrize(
    ("items", "answers", "base", "more"), [(12, 4, 0.02, 0.05), (24, 2, 0.05, 0.25), (40, 4, 0.3, 0.1)]
)
def test_nor_of_a_difference(items: int, answers: int, base: float, more: float, these: bool) -> None:
    rng = np.random.default_rng(items)
    holds = broken = 0
    for _ in range(SETS):
        own = np.stack([clustered_rates(rng, rate, (items,)) for rate in (base, base + more)], axis=1)
        array = (rng.random((items, 2, answers)) < own[..., np.newaxis]).astype(float)
        limit = float((own[:, 1] - own[:, 0]).mean()) if these else more
        found = rails(array, limit, relative=True, these=these, answers=full(array))
        holds += found.rails[1].verdict == "holds"
        broken += found.rails[1].verdict == "broken"
    assert holds / SETS <= ALLOWED
    assert broken / SETS <= ALLOWED


@settings(max_examples=200)
@given(
    any_values(),
    st.sampled_from([-1.0, 0.0, 0.05, 1.0, 1e99]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.05, 1e-6]),
)
def test_any_values_get_verdicts_that_agree_with_their_bounds(
    values: Values, limit: float, worse_above: bool, these: bool, relative: bool, alpha: float
) -> None:
    found = guard_rails(
        values,
        limit,
        worse_above=worse_above,
        alpha_broken=alpha,
        alpha_holds=alpha,
        these_items=these,
        relative=relative,
    )
    assert len(found.rails) == len(values.temperatures)
    first = next((column for column, rail in enumerate(found.rails) if rail.mean is not None), None)
    for column, rail in enumerate(found.rails):
        ends = [each for each in (rail.low, rail.mean, rail.high) if each is not None]
        assert all(math.isfinite(each) for each in ends)
        assert (rail.mean is None) == (rail.inside is None)
        if rail.verdict == "unknown" or (relative and column == first):  # which all others are compared with
            continue
        assert rail.mean is not None
        beyond = rail.high if (rail.verdict == "holds") == worse_above else rail.low
        assert beyond is not None
        assert (beyond <= limit) == ((rail.verdict == "holds") == worse_above) or beyond == limit
    broken = {column for column, rail in enumerate(found.rails) if rail.verdict == "broken"}
    assert broken <= set(found.ruled_out)
    assert bool(broken) == bool(found.ruled_out)
    if found.cliff is not None:
        assert set(range(found.cliff, len(found.rails))) <= set(found.ruled_out)
    if found.floor is not None:
        assert set(range(found.floor + 1)) <= set(found.ruled_out)
        assert len(found.ruled_out) < len(found.rails)


class TestSequence:
    """Most of alpha goes down from the highest temperature for as long as it is broken."""

    @staticmethod
    def rails(values: np.ndarray) -> list[str]:
        found = guard_rails(
            Values(values, low=0.0, high=1.0),
            0.25,
            worse_above=True,
            alpha_broken=0.0148,
            alpha_holds=0.05,
            these_items=False,
        )
        return [rail.verdict for rail in found.rails]

    def test_the_highest_is_broken_on_evidence_that_a_middle_one_is_not(self) -> None:
        # Eighteen items as they were seen once: truncation rose from the lowest temperature by these shares.
        rising = np.array([0, 0, 0, 0, *[2 / 3] * 4, *[1.0] * 10])
        calm = np.tile([0.0, 0.0, 0.3], 6)
        columns = {"hot": rising, "calm": calm}
        at_the_top = np.stack([columns[c] for c in ("calm", "calm", "calm", "calm", "hot")], axis=1)
        in_the_middle = np.stack([columns[c] for c in ("calm", "calm", "hot", "calm", "calm")], axis=1)
        assert self.rails(at_the_top[..., None])[4] == "broken"
        assert self.rails(in_the_middle[..., None])[2] == "unknown"

    @pytest.mark.slow
    def test_at_the_limit_exactly_hardly_any_temperature_is_called_broken(self) -> None:
        rng = np.random.default_rng(11)
        sets, wrong = 400, 0
        for _ in range(sets):
            own = rng.beta(2, 2, (20, 6, 1))
            values = (rng.random((20, 6, 4)) < own).astype(float)
            found = guard_rails(
                Values(values, low=0.0, high=1.0),
                0.5,
                worse_above=True,
                alpha_broken=0.05,
                alpha_holds=0.05,
                these_items=False,
            )
            wrong += any(rail.verdict == "broken" for rail in found.rails)
        assert wrong / sets <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / sets)


@pytest.mark.parametrize("worse_above", [True, False])
@pytest.mark.parametrize("these", [True, False])
@pytest.mark.parametrize(("low", "high", "span"), [(0.0, 1.0, None), (-2.0, 2.0, None), (None, None, 4.0)])
@pytest.mark.parametrize("at", [-1.0, 0.0, 0.5])
def test_a_spotless_difference_reaches_no_farther_than_the_measures_span(
    worse_above: bool, these: bool, low: float | None, high: float | None, span: float | None, at: float
) -> None:
    """Items that all stayed as they were: one that was not seen can differ by the span, upwards or downwards, and no more."""
    if low is not None and at < low:
        at = low
    values = Values(np.full((30, 2, 4), at), low=low, high=high, span=span)
    rail = guard_rails(
        values,
        0.1 if worse_above else -0.1,
        worse_above=worse_above,
        alpha_broken=ALPHA,
        alpha_holds=ALPHA,
        these_items=these,
        relative=True,
    ).rails[1]
    wide = (span if span is not None else (high or 0.0) - (low or 0.0)) * (1 - ALPHA ** (1 / 30))
    assert rail.low is not None
    assert rail.high is not None
    assert -wide * (1 + 1e-9) <= rail.low < 0 < rail.high <= wide * (1 + 1e-9)
    if not these:
        assert (rail.low, rail.high) == pytest.approx((-wide, wide))
