"""Softmax at a temperature, against sums of exact parts in double precision."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tempkit.softmax.tempering import entropy, inverse_temperature, log_softmax, tempered

LOGITS = st.lists(st.floats(-200, 200, width=32), min_size=1, max_size=40)
TEMPERATURES = st.floats(0.01, 100)


def oracle(logits: list[float], temperature: float = 1.0) -> list[float]:
    """Log-probabilities by the definition, each sum exact."""
    scaled = [x / temperature for x in logits]
    top = max(scaled)
    total = math.log(math.fsum(math.exp(x - top) for x in scaled))
    return [x - top - total for x in scaled]


@settings(deadline=None)
@given(LOGITS)
def test_log_softmax(logits: list[float]) -> None:
    want = oracle(logits)
    got = log_softmax(np.array(logits))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)
    assert got.dtype == np.float64
    single = log_softmax(np.array(logits, dtype=np.float32))
    np.testing.assert_allclose(single, want, rtol=1e-5, atol=1e-5)
    assert single.dtype == np.float64


@settings(deadline=None)
@given(LOGITS, TEMPERATURES)
def test_tempered(logits: list[float], temperature: float) -> None:
    want = np.exp(oracle(logits, temperature))
    got = tempered(np.array(logits), temperature)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)
    assert math.isclose(math.fsum(got), 1, rel_tol=1e-12)
    raw = log_softmax(np.array(logits))
    np.testing.assert_allclose(tempered(raw, temperature), want, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(tempered(np.array(logits) + 1e4, temperature), want, rtol=1e-6, atol=1e-9)


@settings(deadline=None)
@given(LOGITS)
def test_entropy(logits: list[float]) -> None:
    logs = oracle(logits)
    want = -math.fsum(math.exp(x) * x for x in logs)
    got = float(entropy(np.exp(logs)))
    assert math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-12)
    assert -1e-12 <= got <= math.log(len(logits)) + 1e-12


@settings(deadline=None)
@given(LOGITS, TEMPERATURES, st.floats(1.01, 3))
def test_hotter_is_never_surer(logits: list[float], temperature: float, factor: float) -> None:
    cold, hot = (float(entropy(tempered(np.array(logits), t))) for t in (temperature, temperature * factor))
    assert cold <= hot + 1e-9


def test_rows_are_on_their_own() -> None:
    logits = np.random.default_rng(1).normal(size=(3, 4, 50)) * 5
    for got, one in [
        (log_softmax(logits), log_softmax),
        (tempered(logits, 0.7), lambda row: tempered(row, 0.7)),
    ]:
        assert got.shape == (3, 4, 50)
        np.testing.assert_allclose(got[2, 1], one(logits[2, 1]), rtol=1e-12)
    assert entropy(tempered(logits, 1)).shape == (3, 4)
    np.testing.assert_allclose(
        entropy(tempered(logits, 1))[1, 3], entropy(tempered(logits[1, 3], 1)), rtol=1e-12
    )


def test_a_whole_vocabulary_in_single_precision() -> None:
    logits = (np.random.default_rng(2).gumbel(size=49152) * 2.5).astype(np.float32)
    want = np.array(oracle([float(x) for x in logits]))
    np.testing.assert_allclose(log_softmax(logits), want, atol=3e-6)


@pytest.mark.parametrize("temperature", [5e-324, 1e-320, 1e-30, 1e-3])
def test_near_zero_all_mass_is_on_the_largest(temperature: float) -> None:
    assert tempered(np.array([1.0, 3.0, 2.0]), temperature).tolist() == [0.0, 1.0, 0.0]
    assert tempered(np.array([3.0, 1.0, 3.0]), temperature).tolist() == [0.5, 0.0, 0.5]


@pytest.mark.parametrize("temperature", [1e6, 1e300])
def test_far_up_all_are_equal(temperature: float) -> None:
    np.testing.assert_allclose(tempered(np.array([-30.0, 0.0, 30.0]), temperature), [1 / 3] * 3, rtol=1e-4)


@pytest.mark.parametrize("temperature", [0.0, -0.0, -1.0, float("nan")])
def test_what_is_no_softmax_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match=r"^temperature must be above 0, not "):
        tempered(np.zeros(3), temperature)


def test_what_cannot_be_drawn_has_no_part() -> None:
    logits = np.array([0.0, -np.inf, 0.0])
    assert log_softmax(logits).tolist() == [-math.log(2), -math.inf, -math.log(2)]
    assert tempered(logits, 0.5).tolist() == [0.5, 0.0, 0.5]
    assert math.isclose(float(entropy(tempered(logits, 1))), math.log(2))
    assert float(entropy(np.array([1.0, 0.0, 0.0]))) == 0.0


def test_one_over_t_stays_within_single_precision() -> None:
    assert inverse_temperature(2.0) == 0.5
    assert inverse_temperature(1e-320) == inverse_temperature(1e-30)
    assert math.isclose(inverse_temperature(1e-30), 1e30)
    assert np.isfinite(np.float32(inverse_temperature(5e-324)))
    smallest: NDArray[np.float32] = np.array([1e-22], dtype=np.float32)
    assert (smallest * np.float32(inverse_temperature(1e-320)))[0] > 1e7
