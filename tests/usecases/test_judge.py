"""The rule from values and guard-rails to a pick, a grade and an effect, in both scopes: its faults before, and what must hold."""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.decision.error_budget import ALPHA_LOWER, ALPHA_UPPER, level_at, share_at
from tempkit.decision.profile import Tie
from tempkit.decision.result import Scope
from tempkit.decision.rule import Judgement, Limit, judge
from tempkit.statistics import Values
from tempkit.types.reasons import Reason

NAN = math.nan
SCOPES: tuple[Scope, ...] = ("items_like_these", "these_items")
MARGIN = 0.05


def judged(
    array: object,
    *limits: Limit,
    margin: float = MARGIN,
    tie: Tie = "lowest",
    scope: Scope = "items_like_these",
    temperatures: Sequence[float] | None = None,
    higher_is_better: bool = True,
    low: float | None = 0.0,
    high: float | None = 1.0,
    **more: object,
) -> Judgement:
    values = Values(array, temperatures, low=low, high=high)
    return judge(
        values, limits, margin=margin, higher_is_better=higher_is_better, tie=tie, scope=scope, **more
    )


def right(
    rng: np.random.Generator, chances: Sequence[float], items: int = 20, answers: int = 4
) -> np.ndarray:
    """Return right or wrong answers, items differing in difficulty."""
    own = np.clip(np.array(chances) + rng.normal(0, 0.15, (items, 1)), 0.01, 0.99)
    return (rng.random((items, len(chances), answers)) < own[..., np.newaxis]).astype(float)


def limit_of(array: object, limit: float = 0.05, *, relative: bool = False) -> Limit:
    values = Values(array, low=0.0, high=1.0)
    return Limit(
        values=values,
        limit=limit,
        worse_above=True,
        relative=relative,
        answers=np.maximum(values.counts, 1).astype(float),
    )


def events(rng: np.random.Generator, rates: Sequence[float], items: int = 40, answers: int = 4) -> np.ndarray:
    """Return what befell answers, alike within an item by 0.2."""
    rate = np.maximum(np.array(rates), 1e-9)
    own = rng.beta(4 * rate, 4 * (1 - rate), (items, len(rates)))
    return (rng.random((items, len(rates), answers)) < own[..., np.newaxis]).astype(float)


UNMEASURED = Limit(values=None, limit=0.05, worse_above=True)


class TestFaultsOfTheRuleBefore:
    @pytest.mark.parametrize("scope", SCOPES)
    def test_a_guard_rail_beyond_its_limit_everywhere_is_never_shown_to_be_kept(self, scope: Scope) -> None:
        """Ten in a hundred at every temperature against a limit of five: 300 data sets of 40 items with 4 answers.

        Of these items, 60, it is ten in a hundred of each: drawn at random, they themselves may be inside the limit.
        """
        rng = np.random.default_rng(10)
        grades = []
        for _ in range(300):
            bad = events(rng, [0.1] * 4)
            if scope == "these_items":
                bad = (rng.random((60, 4, 4)) < 0.1).astype(float)
            values = np.clip(
                0.7 + rng.normal(0, 0.02, bad.shape), 0, 1
            )  # so alike that all are within the margin
            found = judged(values, limit_of(bad), scope=scope)
            grades.append(found.grade)
            left = len(set(found.compared) - set(found.ruled_out))
            assert found.effect == ("does_not_matter" if left > 1 else "unknown")
        assert "shown" not in grades
        assert "guess" in grades

    @pytest.mark.parametrize("tie", ["lowest", "middle", "highest"])
    def test_a_temperature_beyond_its_cliff_is_never_picked(self, tie: Tie) -> None:
        """The scores rise with temperature, and from the fourth on half of the answers fall apart."""
        rng = np.random.default_rng(11)
        for _ in range(40):
            values = right(rng, [0.5, 0.55, 0.6, 0.9, 0.95, 0.99], items=40)
            found = judged(values, limit_of(events(rng, [0.001, 0.001, 0.001, 0.5, 0.5, 0.6])), tie=tie)
            assert found.pick is not None
            assert found.pick < 3
            assert set(found.ruled_out) == {3, 4, 5}
            assert found.places[3:] == ("ruled_out",) * 3
            # Regret is behind the best of those that are not ruled out.
            assert np.isnan(found.mean[3:]).all()
            assert found.upper[found.pick] < 0.4

    def test_an_inconclusive_one_beyond_the_cliff_is_not_picked_either(self) -> None:
        """Broken at the third, the fourth seen at three in a hundred and a few by luck: no difference is shown between them."""
        bad = np.zeros((40, 4, 4))
        bad[:, 2, :3] = 1
        bad[:8, 3, 0] = 1
        values = right(np.random.default_rng(1), [0.5, 0.5, 0.5, 0.99], items=40)
        found = judged(values, limit_of(bad), tie="highest")
        assert found.ruled_out == (2, 3)
        assert found.pick in (0, 1)

    @pytest.mark.parametrize(("tie", "pick"), [("lowest", 0), ("middle", 1), ("highest", 2)])
    def test_of_those_within_the_margin_the_use_cases_rule_chooses(self, tie: Tie, pick: int) -> None:
        """All three are within it and none is shown to be behind; a fourth is shown to be behind by more, and never taken."""
        rng = np.random.default_rng(2)
        values = 0.75 + rng.normal(0, 0.1, (20, 1)) + rng.normal(0, 0.02, (20, 4)) - [0, 0, 0, 0.25]
        found = judged(values[..., np.newaxis], tie=tie)
        assert found.places == ("within", "within", "within", "excluded")
        assert (found.pick, found.grade, found.effect) == (pick, "shown", "matters")

    @pytest.mark.parametrize("tie", ["lowest", "middle", "highest"])
    def test_one_that_is_shown_to_be_behind_is_not_taken_though_it_is_within_the_margin(
        self, tie: Tie
    ) -> None:
        rng = np.random.default_rng(2)
        values = (
            np.array([0.74, 0.75, 0.76, 0.5]) + rng.normal(0, 0.1, (20, 1)) + rng.normal(0, 0.005, (20, 4))
        )
        found = judged(values[..., np.newaxis], tie=tie)
        assert found.places == ("within", "within", "within", "excluded")
        assert found.lower[0] > 0
        assert (found.pick, found.grade, found.effect) == (2, "shown", "matters")

    @pytest.mark.parametrize("scope", SCOPES)
    @pytest.mark.parametrize("worse", [0, 2, 4])
    def test_twenty_questions_all_right_but_one_answer(self, scope: Scope, worse: int) -> None:
        values = np.ones((20, 5, 4))
        values[7, worse, 2] = 0
        for tie in ("lowest", "middle", "highest"):
            found = judged(values, scope=scope, tie=tie)  # type: ignore[arg-type]
            assert found.pick is not None
            assert found.pick != worse
            assert found.grade in ("guess", "likely", "shown")
            assert 0 < found.upper[found.pick] < 1
            assert found.mean[worse] == pytest.approx(1 / 80)
            assert found.effect != "matters"

    @pytest.mark.parametrize("scope", SCOPES)
    def test_a_published_tables_shape_is_decided(self, scope: Scope) -> None:
        """Twelve models at seven temperatures with one score each, of a range that nobody stated (after arXiv 2506.07295)."""
        rng = np.random.default_rng(12)
        means = np.array([0.990, 0.986, 0.942, 0.868, 0.640, 0.422, 0.280])
        values = means * rng.uniform(0.3, 0.6, (12, 1)) * (1 + rng.normal(0, 0.02, (12, 7)))
        found = judged(
            values[..., np.newaxis],
            margin=0.02,
            scope=scope,
            temperatures=(0.1, 0.4, 0.7, 1.0, 1.3, 1.6, 1.9),
            low=None,
            high=None,
        )
        assert found.pick in (0, 1)
        assert found.effect == "matters"
        assert found.grade in ("likely", "shown")
        assert found.places[4:] == ("excluded",) * 3
        assert np.isfinite(found.upper).all()

    def test_what_is_not_called_worse_is_not_shown_to_be(self) -> None:
        """ "Cannot be told from the best" and "worse" are never said of one temperature: a place follows from its bounds, and from who may be best."""
        rng = np.random.default_rng(13)
        seen = set()
        for _ in range(60):
            found = judged(right(rng, rng.uniform(0.3, 0.9, 5)), margin=0.1)
            for column, (place, lower, upper) in enumerate(
                zip(found.places, found.lower, found.upper, strict=True)
            ):
                seen.add(place)
                expected = (
                    "within"
                    if upper <= 0.1
                    else "excluded"
                    if lower > 0.1
                    else "open"
                    if column in found.may_be_best
                    else "worse"
                )
                assert place == expected
        assert {"open", "worse", "excluded"} <= seen


class TestGrade:
    GOOD = np.clip(0.7 + np.random.default_rng(1).normal(0, 0.02, (80, 3, 4)), 0, 1)

    def test_shown_needs_every_guard_rail_to_hold(self) -> None:
        clean, few = limit_of(np.zeros((80, 3, 4))), limit_of(np.zeros((12, 3, 1)))
        assert judged(self.GOOD).grade == "shown"
        assert judged(self.GOOD, clean, clean).grade == "shown"
        assert judged(self.GOOD, clean, few).grade == "likely"

    def test_a_guard_rail_that_was_not_measured_caps_it(self) -> None:
        clean = limit_of(np.zeros((80, 3, 4)))
        found = judged(self.GOOD, clean, UNMEASURED)
        assert (found.grade, found.rails[1]) == ("guess", None)
        assert found.upper[found.pick] <= MARGIN

    def test_nor_is_one_that_has_no_value_at_the_pick_kept_there(self) -> None:
        array = np.zeros((80, 3, 4))
        array[:, 0] = NAN
        found = judged(self.GOOD, limit_of(array))
        assert found.inside == (None, True, True)
        assert (found.pick, found.grade) == (0, "guess")

    def test_likely_is_what_a_probability_of_four_fifths_says(self) -> None:
        rng, grades = np.random.default_rng(3), set()
        for _ in range(60):
            found = judged(right(rng, [0.7, 0.6, 0.5], items=12), margin=0.1)
            grades.add(found.grade)
            assert found.p_within is not None
            if found.upper[found.pick] > 0.1:
                assert found.grade == ("likely" if found.p_within >= 0.8 else "guess")
            else:
                assert found.grade == "shown"
        assert {"likely", "guess"} <= grades

    def test_fewer_than_five_items_say_nothing_of_others_and_something_of_themselves(self) -> None:
        """One prompt with twenty answers at each temperature can be settled for itself."""
        values = np.ones((1, 3, 20))
        values[0, 1:] = 0
        assert judged(values, margin=0.4).grade == "none"
        found = judged(values, margin=0.4, scope="these_items")
        assert (found.pick, found.grade, found.effect, found.n) == (0, "shown", "matters", 60)

    def test_the_mean_of_the_pick_is_inside_every_limit_where_one_is(self) -> None:
        """The best has looped once in nine answers: not shown to be too often, and yet not what to use."""
        bad = np.zeros((12, 3, 3))
        bad[:4, 2, 0] = 1
        values = right(np.random.default_rng(4), [0.2, 0.3, 0.9], items=12)
        found = judged(values, limit_of(bad), margin=0.1)
        assert (found.ruled_out, found.inside) == ((), (True, True, False))
        assert found.pick in (0, 1)
        # Its regret is behind the one that is better, which no guard-rail rules out.
        assert found.mean[found.pick] > 0.3
        assert found.grade == "guess"

    def test_where_none_is_inside_it_is_a_guess(self) -> None:
        bad = np.zeros((12, 3, 3))
        bad[:4, :, 0] = 1
        found = judged(self.GOOD[:12], limit_of(bad))
        assert (found.ruled_out, found.inside, found.grade) == ((), (False,) * 3, "guess")
        assert found.pick is not None

    def test_where_all_are_ruled_out_the_best_of_them_is_a_guess(self) -> None:
        found = judged(right(np.random.default_rng(5), [0.3, 0.9], items=40), limit_of(np.ones((40, 2, 4))))
        assert (found.pick, found.grade, found.ruled_out) == (1, "guess", (0, 1))
        assert found.places == ("ruled_out", "ruled_out")


class TestWhatIsCompared:
    def test_nothing_at_all(self) -> None:
        for array in (np.zeros((0, 3, 1)), np.full((6, 3, 2), NAN), np.zeros((0, 0, 1))):
            for scope in SCOPES:
                found = judged(array, UNMEASURED, scope=scope)
                assert (found.pick, found.grade, found.effect, found.compared) == (
                    None,
                    "none",
                    "unknown",
                    (),
                )
                assert set(found.places) <= {"not_measured"}

    def test_one_temperature(self) -> None:
        found = judged(right(np.random.default_rng(6), [0.7]))
        assert (found.pick, found.effect, found.compared) == (0, "unknown", (0,))
        assert (found.mean[0], found.lower[0], found.upper[0]) == (0, 0, 0)
        assert found.grade != "shown"  # there is nothing that it would be better than

    def test_one_that_is_left_by_guard_rails_is_settled(self) -> None:
        bad = np.zeros((80, 3, 4))
        bad[:, 1:] = 1
        found = judged(TestGrade.GOOD, limit_of(bad))
        assert (found.pick, found.compared, found.grade, found.effect) == (0, (0,), "shown", "unknown")

    @pytest.mark.parametrize(("missing", "compared"), [(2, (0, 1, 2)), (3, (0, 1))])
    def test_a_temperature_of_which_more_than_half_is_missing_is_not_compared(
        self, missing: int, compared: tuple[int, ...]
    ) -> None:
        array = right(np.random.default_rng(7), [0.5, 0.6, 0.95])
        array[:, 2, :missing] = NAN
        reasons = [{}, {}, {Reason("token_limit"): 20 * missing}]
        values = Values(array, low=0, high=1, missing=reasons)
        for scope in SCOPES:
            found = judge(values, (), margin=0.05, higher_is_better=True, tie="lowest", scope=scope)
            assert found.compared == compared
            assert (found.places[2] == "not_measured") == (missing == 3)

    @pytest.mark.parametrize("scope", SCOPES)
    def test_a_temperature_that_was_hardly_tried_makes_nothing_unknown(self, scope: Scope) -> None:
        """Four questions of fifty at the last: what the others show stays as it is without it."""
        array = right(np.random.default_rng(1), [0.9, 0.8, 0.3, 0.5], items=50)
        array[4:, 3] = NAN
        found, without = judged(array, scope=scope), judged(array[:, :3], scope=scope)
        assert (found.pick, found.grade, found.effect) == (0, "shown", "matters")
        assert found.places == (*without.places, "not_measured")
        assert found.upper.tolist() == [*without.upper.tolist(), math.inf]

    def test_questions_that_lack_an_answer_somewhere_still_count_where_they_have_two(self) -> None:
        rng = np.random.default_rng(5)
        array = right(rng, [0.5] * 11, items=12, answers=1)
        for column in range(11):
            array[column, column] = NAN  # one question alone is whole
        found = judged(array)
        assert found.n == 10
        assert found.grade != "none"
        assert np.isfinite(found.upper).all()

    def test_one_answer_to_each_question_tells_both_scopes_the_same(self) -> None:
        """The noise cannot be told from how questions differ, whose spread holds both."""
        values = right(np.random.default_rng(8), [0.5, 0.6, 0.9], answers=1)
        one, other = (judged(values, scope=scope) for scope in SCOPES)
        assert one.upper.tolist() == other.upper.tolist()
        assert one.lower.tolist() == other.lower.tolist()

    def test_one_question_with_one_answer_bounds_nothing_and_picks_what_was_seen_to_be_best(self) -> None:
        found = judged([[[0.2], [0.9], [0.4]]], scope="these_items")
        assert (found.pick, found.grade, found.effect, found.p_within) == (1, "guess", "unknown", None)
        assert (found.upper == math.inf).all()

    def test_more_answers_settle_these_items_and_more_items_items_like_these(self) -> None:
        rng = np.random.default_rng(9)
        own = np.array([0.5, 0.6]) + rng.normal(0, 0.2, (10, 2))

        def width(answers: int, scope: Scope) -> float:
            values = own[..., np.newaxis] + rng.normal(0, 0.2, (10, 2, answers))
            found = judged(values, scope=scope, low=None, high=None)
            return float((found.upper - found.mean).max())

        assert width(400, "these_items") < 0.2 * width(4, "these_items")
        assert width(400, "items_like_these") > 0.5 * width(4, "items_like_these")


class TestLooks:
    def test_the_shares_of_all_looks_add_up_to_one(self) -> None:
        shares = [share_at(look) for look in range(1, 10_000)]
        assert sum(shares) == pytest.approx(1, abs=1e-6)
        assert shares == sorted(shares, reverse=True)

    def test_the_first_look_keeps_95_percent_and_every_later_one_asks_for_more(self) -> None:
        assert 0.95 <= level_at(1) < 0.955
        levels = [level_at(look) for look in range(1, 9)]
        assert levels == sorted(levels)
        assert ALPHA_UPPER + ALPHA_LOWER <= 0.06 + 1e-12

    @pytest.mark.parametrize("scope", SCOPES)
    def test_the_same_data_say_less_at_a_later_look(self, scope: Scope) -> None:
        values = right(np.random.default_rng(10), [0.5, 0.6, 0.9], items=30)
        bad = limit_of(events(np.random.default_rng(1), [0.01] * 3, items=30))
        found = [judged(values, bad, scope=scope, looks=look) for look in range(1, 9)]
        assert {each.compared for each in found} == {(0, 1, 2)}
        for column in range(3):
            uppers, lowers = ([getattr(each, name)[column] for each in found] for name in ("upper", "lower"))
            assert uppers == sorted(uppers)
            assert lowers == sorted(lowers, reverse=True)
        highs = [each.rails[0].rails[0].high for each in found if each.rails[0] is not None]
        assert highs == sorted(highs)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Values, tuple[Limit, ...]]:
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    shape = (draw(st.integers(0, 8)), draw(st.integers(1, 5)), draw(st.integers(1, 4)))
    kind = draw(st.sampled_from(["right", "equal", "one odd", "continuous"]))
    array = {
        "right": lambda: (rng.random(shape) < rng.random((shape[0], 1, 1))).astype(float),
        "equal": lambda: np.full(shape, draw(st.sampled_from([0.0, 1.0, 0.3]))),
        "one odd": lambda: np.where(np.arange(math.prod(shape)).reshape(shape) == 1, 0.0, 1.0),
        "continuous": lambda: rng.normal(size=shape),
    }[kind]()
    array[rng.random(shape) < draw(st.sampled_from([0.0, 0.3, 0.9]))] = NAN
    scale = draw(st.sampled_from([1.0, 1e-99, 1e99]))
    bounded = kind != "continuous" and scale == 1 and draw(st.booleans())
    values = Values(scale * array, low=0.0 if bounded else None, high=1.0 if bounded else None)
    bad = (rng.random(shape) < rng.random((1, shape[1], 1))).astype(float)
    bad[rng.random(shape) < draw(st.sampled_from([0.0, 0.9]))] = NAN
    relative = draw(st.booleans())
    limits = draw(
        st.sampled_from([(), (limit_of(bad, 0.3, relative=relative),), (limit_of(bad, 0.3), UNMEASURED)])
    )
    return values, limits


@settings(max_examples=150)
@given(
    tables(),
    st.sampled_from([1e-300, 0.05, 0.5, 1e98]),
    st.sampled_from(["lowest", "middle", "highest"]),
    st.sampled_from([1, 2, 9]),
    st.booleans(),
)
def test_any_table_gets_a_judgement_that_agrees_with_itself(
    table: tuple[Values, tuple[Limit, ...]], margin: float, tie: Tie, looks: int, higher: bool
) -> None:
    values, limits = table
    for scope, exact in product(SCOPES, (False, True)):
        found = judge(
            values,
            limits,
            margin=margin,
            higher_is_better=higher,
            tie=tie,
            scope=scope,
            looks=looks,
            exact_at_zero=exact,
        )
        columns = len(values.temperatures)
        assert len(found.places) == len(found.upper) == len(found.inside) == columns
        assert (found.pick is None) == (not found.compared)
        left = [c for c in range(columns) if c not in found.compared]
        assert np.isnan(found.lower[left]).all()
        for column in found.compared:
            assert 0 <= found.lower[column] <= found.upper[column]
            assert found.lower[column] < math.inf
        assert set(found.ruled_out).isdisjoint(found.compared) or set(found.compared) <= set(found.ruled_out)
        for column, place in enumerate(found.places):
            assert (place == "ruled_out") == (column in found.ruled_out)
            assert (place == "within") <= (found.upper[column] <= margin)
            assert (place == "excluded") <= (found.lower[column] > margin)
        assert found.p_within is None or 0 <= found.p_within <= 1
        if found.pick is None:
            assert (found.grade, found.effect) == ("none", "unknown")
            continue
        inside = [column for column in found.compared if found.inside[column] is not False]
        assert found.pick in (inside or found.compared)
        if found.grade == "shown":
            assert found.upper[found.pick] <= margin
            assert all(
                rails is not None and rails.rails[found.pick].verdict == "holds" for rails in found.rails
            )
        if found.grade in ("shown", "likely"):
            assert found.inside[found.pick] is True
            assert found.pick not in found.ruled_out
        within = [column for column in inside if found.upper[column] <= margin]
        if within:
            assert found.pick in within
        if found.effect == "matters":
            assert max(found.lower[list(found.compared)]) > margin
        if found.effect == "does_not_matter":
            assert max(found.upper[list(found.compared)]) <= margin


def test_no_temperature_is_picked_that_looks_behind_by_more_than_matters() -> None:
    """All answers right leave room for doubt, and a few wrong ones less; still nobody would take the temperature with wrong ones."""
    wrong = np.zeros((8, 7), dtype=int)  # of four answers to each question
    wrong[[1, 2], 5], wrong[6, 6] = 1, 3
    found = judged((np.arange(4) >= wrong[..., np.newaxis]).astype(float))
    assert found.upper[5] < found.upper[0]
    assert found.mean[5] == pytest.approx(0.0625)
    assert found.pick == 0


@pytest.mark.parametrize("scope", SCOPES)
@given(seed=st.integers(0, 10_000), items=st.integers(5, 14), answers=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_an_open_pick_looks_no_worse_than_the_margin(
    scope: Scope, seed: int, items: int, answers: int
) -> None:
    rng = np.random.default_rng(seed)
    found = judged(right(rng, (0.95, 0.9, 0.85, 0.5), items, answers), scope=scope)
    assert found.pick is not None
    if found.upper[found.pick] > MARGIN:
        assert found.mean[found.pick] <= MARGIN * (1 + 1e-6)
