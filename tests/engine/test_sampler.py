"""The sampler draws what it says it draws: distributions by chi-square, figures against double precision, ties by id."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tempkit.backends.gguf.sampler import Rows

Logits = NDArray[np.float32]

SIZES = [1, 2, 5, 31, 32, 33, 63, 64, 65, 127, 1000, 2048, 2049, 49152]
TEMPERATURES = [0.3, 0.7, 1.0, 1.5, 2.0]
HEAD = 32
DRAWS = 30_000
LAST = float(np.nextafter(1, 0))
"""The largest number that a uniform stream gives."""


def language(size: int, seed: int = 0) -> Logits:
    """Logits as a language model's: falling with the logarithm of the rank, in no order of ids, with some noise."""
    rng = np.random.default_rng(seed)
    x = -1.3 * np.log1p(np.arange(size)) + rng.normal(size=size) * 0.3 + 7
    return np.asarray(rng.permutation(x), dtype=np.float32)[None, :]


def log_probabilities(logits: Logits, temperature: float = 1.0) -> NDArray[np.float64]:
    x = logits[0].astype(np.float64) / temperature
    x -= x.max()
    return np.asarray(x - math.log(math.fsum(np.exp(x))))


def chi_square_p(counts: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """The p-value of counts by rank against probabilities by rank, joined into bins of at least 20 expected."""
    total = int(counts.sum())
    observed, expected = [0.0], [0.0]
    for count, p in zip(counts, probabilities, strict=True):
        if expected[-1] >= 20 and len(expected) < 200:
            observed.append(0.0)
            expected.append(0.0)
        observed[-1] += int(count)
        expected[-1] += total * float(p)
    if expected[-1] < 20:
        observed[-2:], expected[-2:] = [sum(observed[-2:])], [sum(expected[-2:])]
    free = len(expected) - 1
    statistic = sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True))
    # Wilson and Hilferty: the cube root of a chi-square over its degrees of freedom is nearly normal.
    z = ((statistic / free) ** (1 / 3) - (1 - 2 / (9 * free))) / math.sqrt(2 / (9 * free))
    return math.erfc(z / math.sqrt(2)) / 2


def test_the_tests_own_p_values() -> None:
    counts, even = np.array([5000, 5000, 5000, 5000]), np.full(4, 0.25)
    assert chi_square_p(counts, even) > 0.99
    shifted = counts + np.array([200, -200, 0, 0])  # chi-square 16 with 3 degrees of freedom: p = 0.00113
    assert math.isclose(chi_square_p(shifted, even), 0.00113, rel_tol=0.2)


@pytest.mark.parametrize("size", [100, 1000, 49152])
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_draws_fit_their_temperature_and_no_other(size: int, temperature: float) -> None:
    logits = language(size)
    order = np.argsort(-logits[0], kind="stable")
    uniforms = np.random.default_rng([size, int(temperature * 10)]).random(DRAWS).tolist()
    draws = Rows(logits, 20).draw(0, [temperature] * DRAWS, uniforms)
    counts = np.bincount([d.token for d in draws], minlength=size)[order]
    assert counts.sum() == DRAWS
    fit, colder, hotter = (
        chi_square_p(counts, np.exp(log_probabilities(logits, temperature * factor))[order])
        for factor in (1, 0.95, 1.05)
    )
    assert fit > 1e-4
    assert colder < 1e-4
    assert hotter < 1e-4


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_beyond_the_head_draws_fit_by_id_too(temperature: float) -> None:
    logits = language(2049, seed=3)
    uniforms = np.random.default_rng(4).random(DRAWS).tolist()
    tokens = [d.token for d in Rows(logits, 0).draw(0, [temperature] * DRAWS, uniforms)]
    head = np.argsort(-logits[0], kind="stable")[:HEAD]
    probabilities = np.exp(log_probabilities(logits, temperature))
    probabilities[head] = 0
    counts = np.bincount([t for t in tokens if t not in set(head.tolist())], minlength=2049)
    assert counts.sum() > 1000
    assert chi_square_p(counts, probabilities / probabilities.sum()) > 1e-4


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", [0.0, 0.01, 1.0, 30.0])
def test_figures_against_double_precision(size: int, scale: float) -> None:
    logits = np.vstack([language(size, seed) for seed in range(3)]) * np.float32(scale)
    before = logits.copy()
    rows = Rows(logits, 20)
    assert np.array_equal(logits, before)
    for row in range(3):
        want = log_probabilities(logits[row : row + 1])
        assert math.isclose(rows.entropy[row], -math.fsum(np.exp(want) * want), rel_tol=1e-5, abs_tol=1e-4)
        best = np.argsort(-logits[row], kind="stable")[:20]
        top = rows.top(row, 20)
        assert [token for token, _ in top] == best.tolist()
        np.testing.assert_allclose([lp for _, lp in top], want[best], rtol=1e-6, atol=1e-6)
        assert rows.top(row, 0) == []
        assert rows.top(row, 3) == top[:3]
        uniforms = [0.0, 0.1, 0.5, 0.9, 0.999, LAST]
        for draw in rows.draw(row, [1.3] * len(uniforms), uniforms):
            assert math.isclose(draw.logprob, want[draw.token], rel_tol=1e-6, abs_tol=1e-6)
            assert draw.rank == (logits[row] > logits[row, draw.token]).sum()


TIED = st.lists(st.integers(-3, 3), min_size=1, max_size=300)


@settings(deadline=None, max_examples=150)
@given(TIED, st.integers(0, 400))
def test_the_top_is_the_largest_and_the_lowest_ids_among_equals(numbers: list[int], keep: int) -> None:
    logits = np.array([numbers], dtype=np.float32)
    top = [token for token, _ in Rows(logits, keep).top(0, keep)]
    assert top == sorted(range(len(numbers)), key=lambda i: (-numbers[i], i))[:keep]


@pytest.mark.parametrize("size", [33, 2048, 2049, 5000])
def test_ties_at_the_edge_of_many_blocks(size: int) -> None:
    rng = np.random.default_rng(size)
    logits = rng.integers(0, 3, size=(4, size)).astype(np.float32)
    logits[3] = 0
    for keep in (1, 20, 32, 40, 500):
        rows = Rows(logits, keep)
        for row in range(4):
            want = np.argsort(-logits[row], kind="stable")[:keep].tolist()
            assert [token for token, _ in rows.top(row, keep)] == want


@settings(deadline=None, max_examples=100)
@given(TIED, st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=5))
def test_zero_takes_the_first_of_the_most_probable(numbers: list[int], uniforms: list[float]) -> None:
    logits = np.array([numbers], dtype=np.float32)
    for draw in Rows(logits, 5).draw(0, [0.0] * len(uniforms), uniforms):
        assert draw.token == numbers.index(max(numbers))
        assert draw.rank == 0
        assert math.isclose(draw.logprob, log_probabilities(logits)[draw.token], abs_tol=1e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("temperature", [5e-324, 1e-320, 1e-30, 1e-3, 0.3, 1.0, 1e6, 1e300])
def test_any_temperature_draws_a_possible_token(size: int, temperature: float) -> None:
    logits = language(size) * np.float32(20)
    uniforms = [0.0, 5e-324, 0.25, 0.5, 1 - 1e-10, LAST]
    draws = Rows(logits, 20).draw(0, [temperature] * len(uniforms), uniforms)
    best = int(logits[0].argmax())
    assert draws[0].token == best
    possible = (
        log_probabilities(logits, max(temperature, 1e-30)) > -104
    )  # the smallest 32-bit number is exp(-103.3)
    assert all(possible[d.token] for d in draws)
    if temperature <= 1e-3:
        assert {d.token for d in draws} == {best}
    if temperature >= 1e6 and size > 1:
        assert len({d.token for d in draws}) > 1


def test_rounding_never_reaches_a_token_without_weight() -> None:
    temperature = 0.02
    for seed in range(400):  # the sum and the running sum of the same weights differ in the last bit for some
        logits = language(HEAD, seed)
        (draw,) = Rows(logits, 5).draw(0, [temperature], [LAST])
        assert np.float32(math.exp(log_probabilities(logits, temperature)[draw.token])) > 0


@pytest.mark.parametrize("temperature", [1e-320, 1e-3])
def test_near_zero_equals_are_drawn_evenly(temperature: float) -> None:
    logits = np.zeros((1, 100), dtype=np.float32)
    logits[0, [7, 50, 90]] = 5
    uniforms = np.random.default_rng(5).random(3000).tolist()
    counts = np.bincount(
        [d.token for d in Rows(logits, 5).draw(0, [temperature] * 3000, uniforms)], minlength=100
    )
    assert counts[[7, 50, 90]].sum() == 3000
    assert counts[[7, 50, 90]].min() > 900


@pytest.mark.parametrize("low", [-1e9, float(np.finfo(np.float32).min), -np.inf])
@pytest.mark.parametrize("temperature", [1e-320, 0.7, 1e6])
def test_ruled_out_tokens_are_not_drawn(low: float, temperature: float) -> None:
    logits = np.full((1, 500), low, dtype=np.float32)
    logits[0, 100:150] = language(50)
    rows = Rows(logits, 20)
    draws = rows.draw(0, [temperature] * 200, [*np.random.default_rng(6).random(199).tolist(), LAST])
    assert all(100 <= d.token < 150 for d in draws) or (low == -1e9 and temperature == 1e6)
    want = log_probabilities(logits[:, 100:150])
    assert math.isclose(rows.entropy[0], -math.fsum(np.exp(want) * want), rel_tol=1e-5)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32), st.floats(0, 1 - 1e-6), st.floats(0.05, 3), st.floats(1.01, 5))
def test_a_colder_draw_of_one_number_is_as_probable_or_more(
    seed: int, u: float, cold: float, factor: float
) -> None:
    rows = Rows(language(500, seed), 20)
    colder, hotter = rows.draw(0, [cold, cold * factor], [u, u])
    if hotter.rank < HEAD:
        assert colder.rank <= hotter.rank


def test_samples_of_one_stream_stay_together_nearly_always() -> None:
    rows = Rows(language(49152, seed=7), 20)
    uniforms = np.random.default_rng(8).random(4000).tolist()
    by_temperature = [rows.draw(0, [t] * 4000, uniforms) for t in (0.3, 0.7, 1.0, 1.5)]
    for colder, hotter in itertools.pairwise(by_temperature):
        kept = sum(c.logprob >= h.logprob for c, h in zip(colder, hotter, strict=True)) / 4000
        assert kept > 0.9
    same = sum(a.token == b.token for a, b in zip(by_temperature[0], by_temperature[1], strict=True)) / 4000
    assert same > 0.4


@pytest.mark.parametrize("tied", [False, True])
def test_a_draw_depends_on_its_row_temperature_and_number_alone(tied: bool) -> None:
    rng = np.random.default_rng(9)
    logits = np.vstack([language(3000, seed) for seed in range(4)])
    if tied:
        logits = np.round(logits)
    temperatures = [0.0, 0.3, 1.0, 1.0, 2.0, 0.3]
    uniforms = rng.random(6).tolist()
    want = [Rows(logits[r : r + 1], 0).draw(0, temperatures, uniforms) for r in range(4)]
    for keep in (0, 5, 20, 33, 200, 3000):
        rows = Rows(logits, keep)
        assert [rows.draw(r, temperatures, uniforms) for r in range(4)] == want
        again = [rows.draw(r, temperatures[::-1], uniforms[::-1])[::-1] for r in (3, 2, 1, 0)]
        assert again == want[::-1]


@pytest.mark.parametrize("size", [5, 33, 1000])
def test_more_may_be_kept_than_the_head_or_the_vocabulary_has(size: int) -> None:
    logits = language(size)
    top = Rows(logits, 600).top(0, 600)
    assert len(top) == min(size, 600)
    assert [lp for _, lp in top] == sorted((lp for _, lp in top), reverse=True)
    if size <= 600:
        assert math.isclose(math.fsum(math.exp(lp) for _, lp in top), 1, rel_tol=1e-6)


def test_no_draws_are_no_tokens() -> None:
    assert Rows(language(10), 5).draw(0, [], []) == []
