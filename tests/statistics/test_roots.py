"""Points at which functions cross 0, held against scipy's."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from tempkit.statistics.roots import root

CURVES: tuple[Callable[[float], float], ...] = (
    math.tanh,
    lambda x: x**3,
    lambda x: math.expm1(x / 50),
    lambda x: -math.atan(1e3 * x),
    lambda x: x - 1e-3 * math.sin(x),
)


@given(st.sampled_from(CURVES), st.floats(-90, 90), st.floats(1e-3, 95), st.floats(1e-3, 95))
def test_a_crossing_is_where_scipy_finds_it(
    curve: Callable[[float], float], at: float, before: float, after: float
) -> None:
    def moved(x: float) -> float:
        return curve(x - at)

    found = root(moved, at - before, at + after, 1e-9)
    assert abs(found - at) <= 2e-9
    assert abs(found - optimize.brentq(moved, at - before, at + after, xtol=1e-10, maxiter=1000)) < 1e-8


def test_an_end_may_be_the_crossing_and_neighbours_end_it() -> None:
    assert (root(lambda x: x, 0, 1, 1e-9), root(lambda x: x - 1, 0, 1, 1e-9)) == (0, 1)
    after = math.nextafter(1e9, 2e9)
    assert root(lambda x: -1 if x < after else 1, 1e9, after, 1e-30) in (1e9, after)


def test_without_a_change_of_sign_it_is_refused() -> None:
    with pytest.raises(ValueError, match="no change of sign between 1 and 2"):
        root(lambda x: x, 1, 2, 1e-9)
