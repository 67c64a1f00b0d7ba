"""What the listed tokens say of the whole distribution: the truth lies within the bounds, and estimates find it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tempkit.softmax.tempering import entropy, log_softmax, tempered
from tempkit.softmax.topk_bounds import (
    effective_temperature,
    entropy_bounds,
    leakage_bounds,
    n95_bounds,
    share_bounds,
    tempered_entropy_bounds,
    unseen_weight_bounds,
)

Floats = NDArray[np.float64]

DRAWS = st.tuples(
    st.integers(0, 10**6), st.integers(2, 400), st.integers(1, 30), st.floats(0.1, 6), st.floats(0.05, 4)
)


def rows(seed: int, vocabulary: int, spread: float, count: int = 4) -> Floats:
    """Return raw log-probabilities, most probable first, shape (count, vocabulary)."""
    logits = np.random.default_rng(seed).normal(0, spread, (count, vocabulary))
    return np.asarray(-np.sort(-log_softmax(logits), axis=1))


def n95(row: Floats, temperature: float) -> int:
    reached = np.cumsum(tempered(row, temperature))
    return int((reached < 0.95).sum()) + 1


def leakage(row: Floats, temperature: float) -> float:
    inside = int((np.cumsum(np.exp(row)) < 0.9).sum()) + 1
    return 1 - float(tempered(row, temperature)[:inside].sum())


@settings(deadline=None)
@given(DRAWS)
def test_the_truth_is_within_the_bounds(draw: tuple[int, int, int, float, float]) -> None:
    seed, vocabulary, k, spread, temperature = draw
    whole = rows(seed, vocabulary, spread)
    top = whole[:, :k]
    for known in (vocabulary, 300_000):
        low, high = unseen_weight_bounds(top, temperature, known)
        weights = np.exp((whole - whole[:, :1]) / temperature)[:, k:].sum(axis=1)
        assert np.all(low <= weights * (1 + 1e-7) + 1e-9)
        assert np.all(weights <= high * (1 + 1e-7) + 1e-7)
        low, high = entropy_bounds(top, known)
        truth = entropy(np.exp(whole))
        assert np.all((low <= truth + 1e-7) & (truth <= high + 1e-7))
        low, high = n95_bounds(top, temperature, known)
        counts = np.array([n95(row, temperature) for row in whole])
        assert np.all((low <= counts + 1) & (counts - 1 <= high))
        assert np.mean((low <= counts) & (counts <= high)) == 1 or np.any(_near_edge(whole, temperature))
        low, high = leakage_bounds(top, temperature, known)
        leaks = np.array([leakage(row, temperature) for row in whole])
        assert np.all((low <= leaks + 1e-6) & (leaks <= high + 1e-6)) or np.any(_near_edge(whole, 1.0))


@settings(deadline=None)
@given(DRAWS)
def test_shares_and_entropies_at_a_temperature_are_within_their_bounds(
    draw: tuple[int, int, int, float, float],
) -> None:
    seed, vocabulary, k, spread, temperature = draw
    whole = rows(seed, vocabulary, spread)
    top = whole[:, :k]
    truth = tempered(whole, temperature)
    shares = np.hstack([truth[:, :k], truth[:, k:].sum(axis=1, keepdims=True)])
    for known in (vocabulary, 300_000):
        low, high = share_bounds(top, temperature, known)
        assert np.all((low <= shares + 1e-6) & (shares <= high + 1e-6))
        low, high = tempered_entropy_bounds(top, temperature, known)
        assert np.all((low <= entropy(truth) + 1e-5) & (entropy(truth) <= high + 1e-5))
        at_one = tempered_entropy_bounds(top, 1.0, known)
        for found, wanted in zip(at_one, entropy_bounds(top, known), strict=True):
            assert found == pytest.approx(wanted, abs=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(2, 40), st.integers(1, 6))
def test_extreme_unlisted_parts_are_within_the_entropy_bounds(
    seed: int, k: int, others: int, packed: int
) -> None:
    """Distributions at the edge of what the listed tokens allow: packed, even, and between."""
    rng = np.random.default_rng(seed)
    listed = np.sort(rng.dirichlet(np.ones(k)))[::-1]
    last = listed[-1]
    tail = np.concatenate([np.full(min(packed, others), last), rng.uniform(0, last, others)])[:others]
    whole = np.concatenate([listed, np.sort(tail)[::-1]])
    row = np.log(whole / whole.sum())[None]
    for temperature in (0.05, 0.3, 0.7, 0.95, 0.999999, 1.0, 1.05, 1.5, 2.0, 5.0):
        low, high = tempered_entropy_bounds(row[:, :k], temperature, k + others)
        truth = entropy(tempered(row, temperature))
        assert np.all((low <= truth + 1e-6) & (truth <= high + 1e-6)), temperature


def test_bounds_at_temperature_0_split_between_equals() -> None:
    top = np.log([[0.4, 0.4, 0.1], [0.25, 0.25, 0.25], [0.9, 0.05, 0.02]])
    low, high = share_bounds(top, 0.0, 10)
    # The second row's unlisted quarter may be one more of the same, or many small ones.
    assert low == pytest.approx(np.array([[0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0], [1, 0, 0, 0]]), abs=1e-12)
    assert high == pytest.approx(
        np.array([[0.5, 0.5, 0, 0], [1 / 3, 1 / 3, 1 / 3, 0.25], [1, 0, 0, 0]]), abs=1e-12
    )
    low, high = tempered_entropy_bounds(top, 0.0, 10)
    assert low == pytest.approx([math.log(2), math.log(3), 0], abs=1e-12)
    assert high == pytest.approx([math.log(2), math.log(4), 0], abs=1e-12)


def test_a_wholly_listed_distribution_is_known_exactly() -> None:
    whole = rows(5, 12, 2.0)
    single = whole.astype(np.float32).astype(np.float64)  # rounded, so that it does not add up to 1
    for temperature in (0.2, 1.0, 1.9):
        low, high = share_bounds(single, temperature, 12)
        assert low[:, :-1] == pytest.approx(tempered(whole, temperature), abs=1e-6)
        assert low.tolist() == high.tolist()
        low, high = tempered_entropy_bounds(single, temperature, 12)
        assert low == pytest.approx(entropy(tempered(whole, temperature)), abs=1e-6)
        assert high == pytest.approx(low, abs=1e-12)


@settings(deadline=None, max_examples=300)
@given(DRAWS, st.floats(0, 3))
def test_entropies_at_a_temperature_whatever_the_unlisted_tokens_are(
    draw: tuple[int, int, int, float, float], tail: float
) -> None:
    """Also where the unlisted tokens are not as the listed ones let expect: nearly even, or with one ahead of the rest."""
    seed, vocabulary, k, spread, temperature = draw
    whole = rows(seed, vocabulary, spread)
    if k < vocabulary:
        unlisted = whole[:, k:]
        shaped = tail * (unlisted - unlisted[:, :1])  # the order stays, and so does the first listed's lead
        whole = -np.sort(-log_softmax(np.concatenate([whole[:, :k], unlisted[:, :1] + shaped], axis=1)))
    top, truth = whole[:, :k], entropy(tempered(whole, temperature))
    for known in (vocabulary, 300_000):
        low, high = tempered_entropy_bounds(top, temperature, known)
        assert np.all((low <= truth + 1e-6) & (truth <= high + 1e-6))
        assert np.all((low >= 0) & (low <= high))
    if k >= vocabulary:
        assert high == pytest.approx(low, abs=1e-6)


@pytest.mark.parametrize("temperature", [1e-30, 1e-3, 50.0])
def test_tempered_entropy_bounds_at_extreme_temperatures(temperature: float) -> None:
    whole = rows(3, 1000, 3.0, 20)
    truth = entropy(tempered(whole, temperature))
    low, high = tempered_entropy_bounds(whole[:, :20], temperature)
    assert np.all((low <= truth + 1e-6) & (truth <= high + 1e-6))
    assert np.all(np.isfinite(high))


def _near_edge(whole: Floats, temperature: float) -> NDArray[np.bool_]:
    """Return whether a running sum comes so close to its limit that rounding decides."""
    reached = np.cumsum(tempered(whole, temperature), axis=1)
    return np.asarray(
        (np.abs(reached - 0.95) < 1e-9).any(axis=1) | (np.abs(reached - 0.9) < 1e-9).any(axis=1)
    )


def test_bounds_by_hand() -> None:
    # Listed .5 and .3; unlisted .2: at most one of .2, so packed is .2 ** b, and even over 8 is 8 * .025 ** b.
    top = np.log([[0.5, 0.3]])
    for beta in (0.5, 1.0, 2.0):
        low, high = unseen_weight_bounds(top, 1 / beta, 10)
        packed, even = 0.2**beta / 0.5**beta, 8 * 0.025**beta / 0.5**beta
        assert (low[0], high[0]) == pytest.approx((min(packed, even), max(packed, even)))
    # Listed .5 and .1; unlisted .4 is at most four of .1.
    low, high = entropy_bounds(np.log([[0.5, 0.1]]), 102)
    listed = -0.5 * math.log(0.5) - 0.1 * math.log(0.1)
    assert low[0] == pytest.approx(listed - 4 * 0.1 * math.log(0.1))
    assert high[0] == pytest.approx(listed - 0.4 * math.log(0.004))
    # To hold .95, at least four unlisted tokens of at most .1 must join the two.
    assert [end.tolist() for end in n95_bounds(np.log([[0.5, 0.1]]), 1.0)] == [[6.0], [math.inf]]


def test_a_whole_distribution_has_no_width() -> None:
    whole = rows(1, 50, 2.0)
    for temperature in (0.1, 0.7, 1.0, 2.5):
        for low, high in (
            unseen_weight_bounds(whole, temperature),
            entropy_bounds(whole),
            n95_bounds(whole, temperature),
            leakage_bounds(whole, temperature),
        ):
            np.testing.assert_allclose(low, high, atol=1e-9)


def test_short_rows_are_filled_up() -> None:
    whole = rows(1, 50, 2.0)
    filled = np.full((4, 30), -np.inf)
    filled[:, :20] = whole[:, :20]
    for bounds in (entropy_bounds, lambda top: n95_bounds(top, 1.5), lambda top: leakage_bounds(top, 1.5)):
        for short, long in zip(bounds(whole[:, :20]), bounds(filled), strict=True):
            np.testing.assert_allclose(short, long)


def test_cold_is_certain_however_little_is_listed() -> None:
    top = rows(3, 400, 3.0)[:, :5]
    for temperature in (0.0, 1e-6, 1e-3):
        for low, high in (n95_bounds(top, temperature), leakage_bounds(top, temperature)):
            np.testing.assert_allclose(low, high, atol=1e-6)
    assert n95_bounds(top, 0.0)[0].tolist() == [1, 1, 1, 1]


def draw(whole: Floats, temperature: float, seed: int, cut: float = 0.0) -> Floats:
    """Return the raw logprobs of tokens drawn at a temperature; with a `cut`, as min_p before temperature."""
    p = tempered(whole, temperature)
    p = np.where(whole >= whole[:, :1] + (math.log(cut) if cut else -np.inf), p, 0)
    reach = np.cumsum(p / p.sum(axis=1, keepdims=True), axis=1)
    places = (reach < np.random.default_rng(seed).random((len(whole), 1))).sum(axis=1)
    return np.asarray(whole[np.arange(len(whole)), np.minimum(places, whole.shape[1] - 1)])


@pytest.mark.parametrize(("temperature", "se"), [(0.5, 0.016), (1.0, 0.023), (1.5, 0.033)])
def test_effective_temperature_of_400_tokens(temperature: float, se: float) -> None:
    whole = rows(12, 3000, 3.2, 400)
    found = effective_temperature(whole, draw(whole, temperature, 5))
    assert found is not None
    assert found.tokens == 400
    assert found.value == pytest.approx(temperature, abs=3 * found.se)
    assert found.se == pytest.approx(se, rel=0.25)


@pytest.mark.parametrize("k", [20, 300])
def test_its_standard_error_is_that_of_many_repetitions(k: int) -> None:
    whole = rows(2, 300, 4.0, 200)
    found = [effective_temperature(whole[:, :k], draw(whole, 0.8, seed)) for seed in range(200)]
    values = np.array([one.value for one in found if one])
    errors = np.array([one.se for one in found if one])
    assert len(values) == 200
    assert values.mean() == pytest.approx(0.8, abs=4 * errors.mean() / math.sqrt(200) + 0.005)
    assert values.std() == pytest.approx(errors.mean(), rel=0.2)
    assert 0.9 <= (np.abs(values - 0.8) < 1.96 * errors).mean() <= 0.99


def test_a_cut_before_temperature_shows() -> None:
    whole = rows(4, 1000, 3.5, 1000)
    found = effective_temperature(whole, draw(whole, 2.0, 6, cut=0.05))
    assert found is not None
    assert found.value == pytest.approx(0.86, abs=0.1)
    listed = effective_temperature(whole[:, :20], draw(whole, 2.0, 6, cut=0.05))
    assert listed is not None
    assert listed.value + 5 * listed.se < 2.0


def test_it_solves_the_likelihood() -> None:
    whole = rows(9, 200, 2.0, 150)
    drawn = draw(whole, 1.2, 8)
    found = effective_temperature(whole, drawn)
    assert found is not None

    def loss(t: float) -> float:
        return -float((drawn / t - np.log(np.exp(whole / t).sum(axis=1))).sum())

    assert loss(found.value) <= min(loss(found.value * 1.001), loss(found.value / 1.001))


def test_where_no_temperature_is_most_likely() -> None:
    whole = rows(1, 50, 2.0, 100)
    assert effective_temperature(whole, whole[:, 0]) is None  # always the most probable
    assert effective_temperature(whole, whole[:, -1]) is None  # always the least
    assert effective_temperature(whole[:, :1], whole[:, 0]) is None
    assert effective_temperature(np.log(np.full((10, 4), 0.25)), np.log(np.full(10, 0.25))) is None
    assert effective_temperature(whole[:, :5], np.full(100, -np.inf)) is None
