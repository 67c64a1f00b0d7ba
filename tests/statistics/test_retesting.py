"""Testing a temperature again: how often it is wrong, over thousands of simulated weeks, and how often it sees what is there."""

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.statistics import MIN_ITEMS, Floats, Values, alpha_of_a_look, between_items, leads, look_sizes

MARGIN = 0.05
HOLDS = 0.05
Draw = Callable[[np.random.Generator, int, Floats], Floats]


def normal(rng: np.random.Generator, weeks: int, ahead: Floats) -> Floats:
    """Items that differ in level and in what the temperature does to them, two noisy answers each."""
    items = 40
    level = rng.normal(0.5, 0.2, (weeks, items, 1, 1))
    own = rng.normal(0, 0.08, (weeks, items, ahead.size, 1))
    return level + ahead[:, None] + own + rng.normal(0, 0.1, (weeks, items, ahead.size, 2))


def skewed(rng: np.random.Generator, weeks: int, ahead: Floats) -> Floats:
    """Effects of which most are small and some are large, one answer each."""
    own = rng.exponential(0.08, (weeks, 30, ahead.size, 1)) - 0.08
    return 0.5 + ahead[:, None] + own + rng.normal(0, 0.02, own.shape)


def right_or_wrong(rng: np.random.Generator, weeks: int, ahead: Floats) -> Floats:
    """One answer each, right or wrong, of items of all difficulties."""
    chance = np.clip(rng.uniform(0.2, 0.75, (weeks, 40, 1, 1)) + ahead[:, None], 0, 1)
    return (rng.random((weeks, 40, ahead.size, 1)) < chance).astype(float)


def ended(draw: Draw, weeks: int, ahead: list[float], per_year: float, seed: int) -> Counter[tuple[str, int]]:
    """Return how weekly runs end, and at which look; the first temperature is the chosen one."""
    data = draw(np.random.default_rng(seed), weeks, np.array(ahead))
    sizes = look_sizes(data.shape[1])
    alpha = alpha_of_a_look(per_year, len(sizes))
    how: Counter[tuple[str, int]] = Counter()
    for week in data:
        verdict, look = "open", 0
        for look, size in enumerate(sizes, 1):  # noqa: B007
            found = between_items(Values(week[:size]), higher_is_better=True)
            verdict = leads(
                found, 0, margin=MARGIN, alpha_ahead=alpha, alpha_holds=HOLDS / len(sizes)
            ).verdict
            if verdict != "open":
                break
        how[verdict, look] += 1
    return how


def share(how: Counter[tuple[str, int]], verdict: str) -> float:
    return sum(n for (each, _look), n in how.items() if each == verdict) / how.total()


@pytest.mark.parametrize("draw", [normal, skewed, right_or_wrong])
@pytest.mark.parametrize("per_year", [0.5, 5.2])
def test_false_alarms_are_within_the_stated_rate(draw: Draw, per_year: float) -> None:
    """In the worst case that is still none: both neighbours are ahead by just the margin, every week."""
    weeks, allowed = 3000, per_year / 52
    how = ended(draw, weeks, [0.0, MARGIN, MARGIN], per_year, seed=7)
    error = math.sqrt(allowed * (1 - allowed) / weeks)
    assert share(how, "ahead") <= allowed + 3 * error


def test_alarms_that_are_allowed_do_come() -> None:
    """The simulation sees false alarms where there are some: at a rate of 25 a year they are not rare."""
    assert share(ended(normal, 300, [0.0, MARGIN, MARGIN], 25.0, seed=7), "ahead") > 0.1


@pytest.mark.parametrize("draw", [normal, skewed, right_or_wrong])
def test_it_is_seldom_said_to_hold_where_a_neighbour_is_ahead_by_the_margin(draw: Draw) -> None:
    weeks = 600
    how = ended(draw, weeks, [0.0, MARGIN * 1.001, -0.1], 0.5, seed=11)
    assert share(how, "holds") <= HOLDS + 3 * math.sqrt(HOLDS * (1 - HOLDS) / weeks)


def test_a_neighbour_that_is_better_by_three_margins_is_seen_early() -> None:
    how = ended(normal, 300, [0.0, 3 * MARGIN, 0.0], 0.5, seed=3)
    assert share(how, "ahead") > 0.8
    assert sum(n for (verdict, look), n in how.items() if verdict == "ahead" and look < 4) / how.total() > 0.4


def test_where_the_neighbours_are_clearly_worse_it_holds_at_the_first_look() -> None:
    how = ended(normal, 200, [0.0, -0.3, -0.3], 0.5, seed=5)
    assert how["holds", 1] > 0.95 * how.total()


@given(st.integers(1, 100_000))
def test_looks_grow_to_all_items_and_are_few(items: int) -> None:
    sizes = look_sizes(items)
    assert sizes[-1] == items
    assert list(sizes) == sorted(set(sizes))
    assert len(sizes) <= 4
    assert len(sizes) == 1 or sizes[0] >= MIN_ITEMS


@given(st.floats(1e-3, 51), st.integers(1, 4), st.integers(1, 100))
def test_the_looks_of_a_year_spend_the_rate_and_no_more(per_year: float, looks: int, runs: int) -> None:
    assert alpha_of_a_look(per_year, looks, runs) * looks * runs * 52 == pytest.approx(per_year)


@given(
    st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), min_size=1, max_size=12),
    st.floats(0.01, 0.5),
    st.sampled_from([1e-4, 0.01, 0.2]),
)
def test_bounds_hold_what_they_bound_and_the_verdict_is_theirs(
    rows: list[list[float]], margin: float, alpha: float
) -> None:
    found = between_items(Values(np.array(rows)[:, :, None]), higher_is_better=True)
    made = leads(found, 1, margin=margin, alpha_ahead=alpha, alpha_holds=0.05)
    assert (made.low[1], made.high[1]) == (0, 0)
    assert ((made.low <= made.mean) & (made.mean <= made.high)).all()
    rest = [0, 2]
    if made.verdict == "ahead":
        assert (made.low[rest] > margin).any()
    elif made.verdict == "holds":
        assert (made.high[rest] <= margin).all()
    stricter = leads(found, 1, margin=margin, alpha_ahead=alpha / 10, alpha_holds=0.005)
    assert (stricter.low <= made.low).all()
    assert (stricter.high >= made.high).all()


def test_one_temperature_alone_shows_nothing() -> None:
    found = between_items(Values([[[0.5]]] * 8), higher_is_better=True)
    assert leads(found, 0, margin=0.1, alpha_ahead=0.05, alpha_holds=0.05).verdict == "open"
