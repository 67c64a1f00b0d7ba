"""The cluster bootstrap: by hand, against the closed form of its variance, and on ragged data."""

import numpy as np
import pytest
from clustered import normal
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tempkit.statistics import Values, bootstrap_means

NAN = np.nan


def test_no_item_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        bootstrap_means(Values(np.empty((0, 2, 3))), draws=2, rng=np.random.default_rng(0))


@pytest.mark.parametrize(("items", "replicates"), [(12, 6), (30, 1), (1, 20)])
def test_its_variance_is_the_closed_form(items: int, replicates: int) -> None:
    """Var = (variance of item means + mean variance of a cell's mean) / n, all plug-in; 20,000 draws know it to 1 %."""
    values = normal(np.random.default_rng(4), items, replicates)
    drawn = bootstrap_means(Values(values), draws=20_000, rng=np.random.default_rng(5))
    expected = (values.mean(axis=2).var(axis=0) + (values.var(axis=2) / replicates).mean(axis=0)) / items
    np.testing.assert_allclose(drawn.var(axis=0), expected, rtol=0.05)
    np.testing.assert_allclose(
        drawn.mean(axis=0), values.mean(axis=(0, 2)), atol=5 * np.sqrt(expected.max() / 20_000)
    )


def test_replicates_are_drawn_jointly_over_temperatures() -> None:
    rng = np.random.default_rng(6)
    shared = rng.normal(size=(8, 1, 5))
    values = np.concatenate([shared, shared + 1, -shared], axis=1)
    drawn = bootstrap_means(Values(values), draws=50, rng=rng)
    np.testing.assert_allclose(drawn[:, 1], drawn[:, 0] + 1)
    np.testing.assert_allclose(drawn[:, 2], -drawn[:, 0])


def test_cells_with_the_same_holes_stay_joint_and_others_follow_their_own_values() -> None:
    values = np.random.default_rng(7).normal(size=(6, 2, 4))
    values[:, 1] = values[:, 0]
    values[2, :, 1] = NAN
    drawn = bootstrap_means(Values(values), draws=200, rng=np.random.default_rng(8))
    np.testing.assert_allclose(drawn[:, 0], drawn[:, 1])
    values[3, 1, 0] = NAN
    drawn = bootstrap_means(Values(values), draws=20_000, rng=np.random.default_rng(8))
    np.testing.assert_allclose(drawn.mean(axis=0), np.nanmean(Values(values).means, axis=0), atol=0.03)


def test_an_item_without_values_moves_nothing() -> None:
    values = np.full((3, 2, 2), 5.0)
    values[1] = NAN
    drawn = bootstrap_means(Values(values), draws=400, rng=np.random.default_rng(9))
    known = ~np.isnan(drawn)
    assert (drawn[known] == 5.0).all()
    assert (known[:, 0] == known[:, 1]).all()
    assert 0.9 < known.mean() < 1  # (1/3)^3 = 3.7 % of draws hold only the empty item


def test_the_seed_decides_the_draws() -> None:
    values = normal(np.random.default_rng(1), 6, 3)
    first, again, other = (
        bootstrap_means(Values(values), draws=20, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@given(hnp.arrays(np.float64, (4, 3, 2), elements=st.floats(-100, 100)), st.floats(-50, 50))
def test_draws_lie_inside_the_data_and_move_with_it(values: np.ndarray, shift: float) -> None:
    drawn = bootstrap_means(Values(values), draws=30, rng=np.random.default_rng(0))
    moved = bootstrap_means(Values(values + shift), draws=30, rng=np.random.default_rng(0))
    np.testing.assert_allclose(moved, drawn + shift, atol=1e-9)
    assert (drawn >= values.min() - 1e-9).all()
    assert (drawn <= values.max() + 1e-9).all()
