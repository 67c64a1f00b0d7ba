"""Page's test and the sign test: against scipy's, by hand, and what a decision loads for them."""

import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from tempkit.statistics import benjamini_hochberg, sign_test
from tempkit.statistics.confounding import goes_with
from tempkit.statistics.nonparametric import average_ranks, page_test

SHAPES = st.tuples(st.integers(2, 24), st.integers(3, 10)).filter(lambda shape: shape[1] < 7 or shape[0] < 9)


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    """Few different values, so that there are ties, or many."""
    values = st.sampled_from([st.integers(0, 2), st.floats(-1e6, 1e6)])
    return draw(arrays(np.float64, draw(SHAPES), elements=draw(values)))


@given(tables())
def test_ranks_are_scipys(table: np.ndarray) -> None:
    np.testing.assert_array_equal(average_ranks(table), stats.rankdata(table, axis=1))


@pytest.mark.parametrize("columns", range(3, 10))
@pytest.mark.parametrize("rows", [2, 5, 12, 13, 20, 21, 50])
def test_page_is_scipys(rows: int, columns: int) -> None:
    if columns == 8 and rows == 12:
        rows = 4  # scipy takes minutes for it
    rng = np.random.default_rng([rows, columns])
    for lift in (-0.5, 0, 0.2, 1):
        drawn = rng.normal(size=(rows, columns)) + lift * np.arange(columns)
        for table in (drawn, np.round(drawn)):  # without ties and with
            assert page_test(table) == pytest.approx(stats.page_trend_test(table).pvalue, abs=1e-12)


def test_page_by_counting_every_order() -> None:
    orders = [np.array(each) for each in ((1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1))]
    seen = np.array([sum(int(order @ (1, 2, 3)) for order in rows) for rows in product(orders, repeat=4)])
    table = np.array([[1, 2, 3], [1, 2, 3], [1, 3, 2], [2, 1, 3]]) * 1.0
    assert page_test(table) == pytest.approx((seen >= 14 + 14 + 13 + 13).mean(), abs=1e-12)


def test_page_of_all_ties_says_nothing() -> None:
    assert page_test(np.zeros((4, 3))) > 0.5
    assert page_test(np.zeros((40, 3))) == 0.5


@pytest.mark.parametrize("decided", [1, 2, 7, 40])
def test_the_sign_test_is_scipys_binomial_test(decided: int) -> None:
    for positive in range(decided + 1):
        assert sign_test(positive, decided) == pytest.approx(
            stats.binomtest(positive, decided).pvalue, abs=1e-12
        )
    assert sign_test(0, 0) == 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_benjamini_hochberg_is_scipys(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(
        stats.false_discovery_control(p_values).tolist(), abs=1e-15
    )


@pytest.mark.parametrize("found", range(8, 30))
def test_what_goes_with_the_temperature_is_pearsons_test_at_one_in_a_thousand(found: int) -> None:
    table = np.array([[found, 1], [1, 8]])
    assert goes_with(table.tolist()) == (stats.chi2_contingency(table, correction=False).pvalue < 0.001)


def test_a_decision_does_not_load_scipy_stats() -> None:
    """It takes longer than the decision of a small run."""
    code = (
        "import sys, numpy as np\n"
        "from tempkit.statistics import Values, trend, benjamini_hochberg, sign_test\n"
        "from tempkit.decision import decide\n"
        "values = Values(np.random.default_rng(1).normal(size=(9, 4, 2)), (0.0, 0.5, 1.0, 1.5))\n"
        "assert trend(values).p_value is not None\n"
        "benjamini_hochberg([0.1, 0.2]), sign_test(1, 3)\n"
        "print('scipy.stats' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
