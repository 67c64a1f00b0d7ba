"""The sampler draws what it says it draws: distributions by chi-square, figures against double precision, ties by id."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tempkit.backends.gguf.sampler import Rows, Scratch
from tempkit.backends.gguf.truncation import NEUTRAL, Truncation
from tempkit.softmax.tempering import entropy, tempered

Logits = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

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


def log_probabilities(logits: Logits, temperature: float = 1.0) -> Doubles:
    x = logits[0].astype(np.float64) / temperature
    x -= x.max()
    return np.asarray(x - math.log(math.fsum(np.exp(x))))


def by_rank(values: NDArray[np.floating]) -> Ints:
    """Ids, the most probable first and the lower id first among equals."""
    return np.argsort(-values, kind="stable")


def draw_row(
    rows: Rows, row: int, temperature: float, uniforms: object, truncation: Truncation = NEUTRAL
) -> Ints:
    """Draw from one row at one temperature, once for each number."""
    numbers = np.asarray(uniforms, dtype=np.float64)
    count = len(numbers)
    return rows.draw(np.full(count, row), np.full(count, temperature), numbers, truncation)


def chi_square(counts: Ints, probabilities: Doubles, bins: int = 200) -> tuple[float, int]:
    """Pearson's statistic of counts by rank against probabilities by rank, and its degrees of freedom.

    Neighbours are joined until a bin expects 20, and a `bins`-th of all draws. What cannot be but was drawn is infinitely
    far off.
    """
    if counts[probabilities == 0].any():
        return math.inf, 1
    total = int(counts.sum())
    least = max(20.0, total / bins)
    reach = np.cumsum(total * probabilities)
    starts, below = [0], 0.0
    while (end := int(np.searchsorted(reach, below + least)) + 1) < len(reach):
        below = float(reach[end - 1])
        if reach[-1] - below < least:
            break
        starts.append(end)
    observed = np.add.reduceat(counts, starts)
    expected = np.add.reduceat(total * probabilities, starts)
    return float(((observed - expected) ** 2 / expected).sum()), len(starts) - 1


def chi_square_tail(statistic: float, free: int) -> float:
    """How probable a chi-square this large is: exactly, two degrees of freedom at a time."""
    half = statistic / 2
    if free == 0 or half == 0 or half == math.inf:
        return float(half < math.inf)
    terms = np.arange((free % 2) / 2, free / 2).tolist()
    rest = math.fsum(math.exp(a * math.log(half) - half - math.lgamma(a + 1)) for a in terms)
    return (math.erfc(math.sqrt(half)) if free % 2 else 0.0) + rest


def chi_square_p(counts: Ints, probabilities: Doubles, bins: int = 200) -> float:
    return chi_square_tail(*chi_square(counts, probabilities, bins))


def walk(
    x: Logits, temperature: float, kept: NDArray[np.bool_] | None = None
) -> tuple[Ints, Doubles, Doubles]:
    """A plain inversion's way through a distribution in double precision.

    The tokens in the order in which they are walked, and where on [0, 1) each one's numbers begin and end.
    """
    order = by_rank(x)
    order = np.concatenate([order[:HEAD], np.sort(order[HEAD:])])
    weights = np.exp((x.astype(np.float64) - float(x.max())) / temperature)
    if kept is not None:
        weights[~kept] = 0
    reach = np.cumsum(weights[order])
    ends = reach / reach[-1]
    return order, np.concatenate([[0.0], ends[:-1]]), ends


def test_the_tests_own_p_values() -> None:
    """Against printed tables, with even and odd degrees of freedom."""
    for statistic, free, p in [(3.841, 1, 0.05), (16, 3, 0.001134), (18.307, 10, 0.05), (135.807, 100, 0.01)]:
        assert math.isclose(chi_square_tail(statistic, free), p, rel_tol=1e-3)
    counts, even = np.array([5000, 5000, 5000, 5000]), np.full(4, 0.25)
    assert chi_square_p(counts, even) == 1
    assert chi_square(counts + np.array([200, -200, 0, 0]), even) == (16, 3)
    assert chi_square_p(np.array([100, 0, 1]), np.array([0.5, 0.5, 0.0])) == 0
    # Bins of at least 20 expected: 50, 25, 25, and what is left has no bin of its own.
    assert chi_square(np.array([50, 25, 12, 13]), np.array([0.5, 0.25, 0.125, 0.125])) == (0, 2)


@pytest.mark.parametrize("size", [100, 49152])
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_draws_fit_their_temperature_and_no_other(size: int, temperature: float) -> None:
    logits = language(size)
    order = by_rank(logits[0])
    uniforms = np.random.default_rng([size, int(temperature * 10)]).random(DRAWS)
    tokens = draw_row(Rows(logits, 20), 0, temperature, uniforms)
    counts = np.bincount(tokens, minlength=size)[order]
    assert counts.sum() == DRAWS
    fit, colder, hotter = (
        chi_square_p(counts, np.exp(log_probabilities(logits, temperature * factor))[order])
        for factor in (1, 0.95, 1.05)
    )
    assert fit > 1e-4
    assert colder < 1e-4
    assert hotter < 1e-4


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2, 31, 32, 33, 65, 1000, 49152]),
    st.sampled_from([0.0, 0.3, 1.0, 3.0, 10.0]),
    st.lists(st.one_of(st.sampled_from([0.0, 1.0, 1e-30, 1e30]), st.floats(0.05, 5)), min_size=1, max_size=6),
)
def test_tempered_entropies_agree_with_double_precision(
    seed: int, size: int, spread: float, temperatures: list[float]
) -> None:
    """Whether a draw went through the vocabulary before or not, and the same whichever way."""
    rng = np.random.default_rng(seed)
    logits = (rng.normal(size=(2, size)) * spread + 7).astype(np.float32)
    rows = np.repeat([0, 1], len(temperatures))
    at = np.array(temperatures * 2)
    fresh = Rows(logits, 20).tempered_entropy(rows, at)
    for row, temperature, value in zip(rows.tolist(), at.tolist(), fresh.tolist(), strict=True):
        whole = tempered(logits[row], temperature) if temperature > 0 else np.ones(1)
        assert value == pytest.approx(float(entropy(whole)), abs=1e-4)
        assert 0 <= value <= math.log(size) + 1e-4
    for truncation in (NEUTRAL, Truncation(top_k=5, top_p=0.9, min_p=0.01)):
        drawn = Rows(logits, 20)
        drawn.draw(rows, at, rng.random(len(rows)), truncation)
        assert drawn.tempered_entropy(rows, at).tolist() == fresh.tolist()


def test_tempered_entropies_of_logits_that_mean_never() -> None:
    logits = np.full((1, 200), np.finfo(np.float32).min, dtype=np.float32)
    logits[0, :2] = 0
    found = Rows(logits, 4).tempered_entropy(np.zeros(3, np.int64), np.array([0.5, 2.0, 1e300]))
    assert found.tolist() == pytest.approx([math.log(2), math.log(2), math.log(200)], abs=1e-4)


def test_tempered_entropies_by_hand() -> None:
    # Three equals and one that cannot be: ln 3 at any temperature above 0, and no choice at 0.
    logits = np.array([[2.0, 2.0, -np.inf, 2.0]], dtype=np.float32)
    found = Rows(logits, 4).tempered_entropy(np.zeros(4, np.int64), np.array([0.0, 1e-30, 1.0, 3.0]))
    assert found.tolist() == pytest.approx([0, math.log(3), math.log(3), math.log(3)])
    # Weights 1 and 1/4 at T = 1; 1 and 1/2 at T = 2.
    logits = np.log(np.array([[1.0, 0.25]])).astype(np.float32)
    found = Rows(logits, 2).tempered_entropy(np.zeros(1, np.int64), np.array([2.0]))
    assert found[0] == pytest.approx(math.log(3) - 2 / 3 * math.log(2))


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_beyond_the_head_draws_fit_by_id_too(temperature: float) -> None:
    logits = language(2049, seed=3)
    tokens = draw_row(Rows(logits, 0), 0, temperature, np.random.default_rng(4).random(DRAWS))
    head = by_rank(logits[0])[:HEAD]
    probabilities = np.exp(log_probabilities(logits, temperature))
    probabilities[head] = 0
    counts = np.bincount(tokens[~np.isin(tokens, head)], minlength=2049)
    assert counts.sum() > 1000
    assert chi_square_p(counts, probabilities / probabilities.sum()) > 1e-4


@pytest.mark.parametrize("size", [1, 32, 33, 65, 1000, 49152])
@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0, 3.0])
def test_draws_are_a_plain_inversion_in_double_precision(size: int, scale: float) -> None:
    """At numbers of all kinds, many of them just beside a boundary; within 1e-5 of one, rounding may decide.

    This is where a draw that the most probable tokens settle by bounds would show that the bounds are wrong.
    """
    rng = np.random.default_rng([size, int(scale * 10)])
    logits = language(size, seed=11) * np.float32(scale)
    rows = Rows(logits, 20)
    for temperature in (0.1, 0.5, 0.8, 0.95, 1.0, 1.05, 1.5, 4.0):
        order, begins, ends = walk(logits[0], temperature)
        beside = ends[:200, None] + np.array([-1e-3, -1e-4, -2e-5, 2e-5, 1e-4, 1e-3])
        uniforms = np.concatenate([rng.random(300), beside[(beside >= 0) & (beside < 1)]])
        places = np.empty(size, dtype=np.int64)
        places[order] = np.arange(size)
        at = places[draw_row(rows, 0, temperature, uniforms)]
        assert (begins[at] - 1e-5 < uniforms).all()
        assert (uniforms < ends[at] + 1e-5).all()
        want = np.searchsorted(ends, uniforms, side="right")
        sure = np.minimum(uniforms - begins[want], ends[want] - uniforms) > 1e-5
        assert (
            sure.sum() > 200 or size == 49152
        )  # where no token is wider than that, all lie beside a boundary
        assert np.array_equal(at[sure], want[sure])


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 2**32), st.integers(33, 700), st.floats(0.05, 3), st.floats(0, 4))
def test_every_token_is_drawn_by_the_number_in_its_middle(
    seed: int, size: int, temperature: float, scale: float
) -> None:
    logits = language(size, seed) * np.float32(scale)
    order, begins, ends = walk(logits[0], temperature)
    wide = ends - begins > 1e-5
    tokens = draw_row(Rows(logits, 5), 0, temperature, (begins + ends)[wide] / 2)
    assert tokens.tolist() == order[wide].tolist()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", [0.0, 0.01, 1.0, 30.0])
def test_figures_against_double_precision(size: int, scale: float) -> None:
    logits = np.vstack([language(size, seed) for seed in range(3)]) * np.float32(scale)
    before = logits.copy()
    rows = Rows(logits, 20)
    assert np.array_equal(logits, before)
    assert rows.top.shape == rows.top_logprobs.shape == (3, min(size, HEAD))
    for row in range(3):
        want = log_probabilities(logits[row : row + 1])
        assert math.isclose(rows.entropy[row], -math.fsum(np.exp(want) * want), rel_tol=1e-5, abs_tol=1e-4)
        assert rows.entropy[row] >= 0
        total = math.fsum(np.exp(logits[row].astype(np.float64) - float(logits[row].max())))
        assert math.isclose(rows.log_total[row], math.log(total), rel_tol=1e-6, abs_tol=1e-6)
        assert rows.top[row].tolist() == by_rank(logits[row])[:HEAD].tolist()
        np.testing.assert_allclose(rows.top_logprobs[row], want[rows.top[row]], rtol=1e-6, atol=1e-6)
        tokens = draw_row(rows, row, 1.3, [0.0, 0.1, 0.5, 0.9, 0.999, LAST])
        logprobs, ranks = rows.describe(np.full(6, row), tokens)
        np.testing.assert_allclose(logprobs, want[tokens], rtol=1e-6, atol=1e-6)
        assert ranks.tolist() == [(logits[row] > logits[row, token]).sum() for token in tokens]


@pytest.mark.parametrize("size", [5, 33, 65, 2049])
@pytest.mark.parametrize("keep", [0, 40, 3000])
def test_any_token_of_any_row_is_described(size: int, keep: int) -> None:
    """The best ones and those beyond the ones kept, equals among them, in no order and of mixed rows.

    Logits are known by their 32-bit distance to the largest, so the largest is 0 here: nothing is rounded.
    """
    logits = np.vstack([language(size, 1), np.round(language(size, 2)), np.zeros((1, size), np.float32)])
    logits -= logits.max(axis=1, keepdims=True)
    owners, tokens = (a.ravel() for a in np.indices(logits.shape))
    mixed = np.random.default_rng(12).permutation(len(owners))
    owners, tokens = owners[mixed], tokens[mixed]
    logprobs, ranks = Rows(logits, keep).describe(owners, tokens)
    for row in range(3):
        want = log_probabilities(logits[row : row + 1])
        mine = owners == row
        np.testing.assert_allclose(logprobs[mine], want[tokens[mine]], rtol=1e-6, atol=1e-6)
        assert ranks[mine].tolist() == (logits[row] > logits[row][tokens[mine], None]).sum(axis=1).tolist()


TIED = st.lists(st.integers(-3, 3), min_size=1, max_size=300)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(TIED, st.integers(0, 400))
def test_the_top_is_the_largest_and_the_lowest_ids_among_equals(numbers: list[int], keep: int) -> None:
    logits = np.array([numbers], dtype=np.float32)
    want = sorted(range(len(numbers)), key=lambda i: (-numbers[i], i))
    assert Rows(logits, keep).top[0].tolist() == want[: max(keep, HEAD)]


@pytest.mark.parametrize("size", [33, 2048, 2049, 5000])
def test_ties_at_the_edge_of_many_blocks(size: int) -> None:
    rng = np.random.default_rng(size)
    logits = rng.integers(0, 3, size=(4, size)).astype(np.float32)
    logits[3] = 0
    for keep in (1, 20, 32, 40, 500):
        rows = Rows(logits, keep)
        for row in range(4):
            assert rows.top[row].tolist() == by_rank(logits[row])[: max(keep, HEAD)].tolist()


@settings(deadline=None, derandomize=True, max_examples=100)
@given(TIED, st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=5))
def test_zero_takes_the_first_of_the_most_probable(numbers: list[int], uniforms: list[float]) -> None:
    logits = np.array([numbers], dtype=np.float32)
    rows = Rows(logits, 5)
    tokens = draw_row(rows, 0, 0.0, uniforms)
    assert set(tokens.tolist()) == {numbers.index(max(numbers))}
    logprobs, ranks = rows.describe(np.zeros_like(tokens), tokens)
    assert not ranks.any()
    np.testing.assert_allclose(logprobs, log_probabilities(logits).max(), atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("temperature", [5e-324, 1e-320, 1e-30, 1e-6, 1e-3, 0.3, 1.0, 1e6, 1e300])
def test_any_temperature_draws_a_possible_token(size: int, temperature: float) -> None:
    logits = language(size) * np.float32(20)
    tokens = draw_row(Rows(logits, 20), 0, temperature, [0.0, 5e-324, 0.25, 0.5, 1 - 1e-10, LAST])
    best = int(logits[0].argmax())
    assert tokens[0] == best
    possible = (
        log_probabilities(logits, max(temperature, 1e-30)) > -104
    )  # the smallest 32-bit number is exp(-103.3)
    assert possible[tokens].all()
    if temperature <= 1e-3:
        assert set(tokens.tolist()) == {best}
    if temperature >= 1e6 and size > 1:
        assert len(set(tokens.tolist())) > 1


def test_rounding_never_reaches_a_token_without_weight() -> None:
    temperature = 0.02
    logits = np.vstack([language(HEAD, seed) for seed in range(400)])
    # The sum and the running sum of the same weights differ in the last bit for some.
    tokens = Rows(logits, 5).draw(np.arange(400), np.full(400, temperature), np.full(400, LAST))
    for row, token in enumerate(tokens):
        assert np.float32(math.exp(log_probabilities(logits[row : row + 1], temperature)[token])) > 0


@pytest.mark.parametrize("temperature", [1e-320, 1e-3])
def test_near_zero_equals_are_drawn_evenly(temperature: float) -> None:
    logits = np.zeros((1, 100), dtype=np.float32)
    logits[0, [7, 50, 90]] = 5
    tokens = draw_row(Rows(logits, 5), 0, temperature, np.random.default_rng(5).random(3000))
    counts = np.bincount(tokens, minlength=100)
    assert counts[[7, 50, 90]].sum() == 3000
    assert counts[[7, 50, 90]].min() > 900


@pytest.mark.parametrize("low", [-1e9, float(np.finfo(np.float32).min), -np.inf])
@pytest.mark.parametrize("temperature", [1e-320, 0.7, 1.0, 1e6, 1e300])
def test_ruled_out_tokens_are_not_drawn(low: float, temperature: float) -> None:
    logits = np.full((1, 500), low, dtype=np.float32)
    logits[0, 100:150] = language(50)
    rows = Rows(logits, 20)
    tokens = draw_row(rows, 0, temperature, [*np.random.default_rng(6).random(999).tolist(), LAST])
    if temperature == 1e300 and low > -np.inf:
        assert len(set(tokens.tolist())) > 400  # all are the same to it
    else:
        assert ((tokens >= 100) & (tokens < 150)).all() or (low == -1e9 and temperature == 1e6)
    if temperature >= 1e6 and low == -np.inf:
        assert len(set(tokens.tolist())) == 50
    want = log_probabilities(logits[:, 100:150])
    assert math.isclose(rows.entropy[0], -math.fsum(np.exp(want) * want), rel_tol=1e-5)


def test_fewer_possible_tokens_than_the_head_has() -> None:
    logits = np.full((1, 500), -np.inf, dtype=np.float32)
    logits[0, [3, 300, 499]] = [1.0, 2.0, 1.0]
    rows = Rows(logits, 20)
    for temperature in (0.5, 1.0, 2.0):
        tokens = draw_row(rows, 0, temperature, np.linspace(0, LAST, 500))
        p = np.exp(log_probabilities(logits, temperature)[[300, 3, 499]])
        np.testing.assert_allclose([(tokens == t).mean() for t in (300, 3, 499)], p, atol=0.005)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.integers(0, 2**32), st.floats(0, 1 - 1e-6), st.floats(0.05, 3), st.floats(1.01, 5))
def test_a_colder_draw_of_one_number_is_as_probable_or_more(
    seed: int, u: float, cold: float, factor: float
) -> None:
    rows = Rows(language(500, seed), 20)
    both = np.zeros(2, dtype=np.int64)
    tokens = rows.draw(both, np.array([cold, cold * factor]), np.array([u, u]))
    colder, hotter = rows.describe(both, tokens)[1]
    if hotter < HEAD:
        assert colder <= hotter


def test_samples_of_one_stream_stay_together_nearly_always() -> None:
    rows = Rows(language(49152, seed=7), 20)
    uniforms = np.random.default_rng(8).random(4000)
    by_temperature = [draw_row(rows, 0, t, uniforms) for t in (0.3, 0.7, 1.0, 1.5)]
    logprobs = [rows.describe(np.zeros_like(tokens), tokens)[0] for tokens in by_temperature]
    for colder, hotter in itertools.pairwise(logprobs):
        assert (colder >= hotter).mean() > 0.9
    assert (by_temperature[0] == by_temperature[1]).mean() > 0.4


@pytest.mark.parametrize("tied", [False, True])
def test_a_draw_depends_on_its_row_temperature_and_number_alone(tied: bool) -> None:
    rng = np.random.default_rng(9)
    logits = np.vstack([language(3000, seed) for seed in range(4)])
    if tied:
        logits = np.round(logits)
    temperatures = np.array([0.0, 0.3, 1.0, 1.0, 2.0, 0.3] * 5)
    uniforms = rng.random(30)
    alone = [Rows(logits[r : r + 1], 0).draw(np.zeros(30, int), temperatures, uniforms) for r in range(4)]
    want = np.concatenate(alone)
    owners, all_t, all_u = np.repeat(np.arange(4), 30), np.tile(temperatures, 4), np.tile(uniforms, 4)
    for keep in (0, 5, 20, 33, 200, 3000):
        rows = Rows(logits, keep)
        assert np.array_equal(rows.draw(owners, all_t, all_u), want)
        mixed = rng.permutation(120)
        assert np.array_equal(rows.draw(owners[mixed], all_t[mixed], all_u[mixed]), want[mixed])


def everything(rows: Rows, row: int) -> list[object]:
    """All that is known and drawn of a row, to the last bit."""
    uniforms = np.random.default_rng(13).random(25)
    truncations = [NEUTRAL, Truncation(top_k=50), Truncation(top_p=0.95), Truncation(100, 0.9, 0.001)]
    tokens = [
        draw_row(rows, row, temperature, uniforms, truncation)
        for temperature in (0.3, 1.0, 1.5)
        for truncation in truncations
    ]
    logprobs, ranks = rows.describe(np.full(25, row), tokens[-1])
    figures = [rows.entropy[row], rows.log_total[row], rows.top[row], rows.top_logprobs[row], logprobs, ranks]
    return [np.asarray(value).tolist() for value in [*tokens, *figures]]


# Neither the blocks of 64 nor the fours and eights that a processor adds up at once part the odd ones evenly.
@pytest.mark.parametrize("size", [33, 64, 129, 3000, 49152, 50257, 151936])
def test_a_row_of_many_is_what_it_is_alone(size: int) -> None:
    rng = np.random.default_rng(size)
    logits = (rng.normal(size=(9, size)) * 2).astype(np.float32)
    alone = [everything(Rows(logits[row : row + 1], 20), 0) for row in range(9)]
    for height in (2, 5, 9):
        batch = Rows(logits[:height], 20)
        assert [everything(batch, row) for row in range(height)] == alone[:height]


@pytest.mark.parametrize("size", [33, 64, 1000, 49152])
def test_memory_used_again_gives_what_fresh_memory_gives(size: int) -> None:
    rng = np.random.default_rng(size)
    scratch = Scratch(size, 9)
    for height in (9, 1, 4, 9, 2):
        logits = (rng.normal(size=(height, size)) * rng.choice([0.1, 2, 30])).astype(np.float32)
        fresh, again = Rows(logits, 20), Rows(logits, 20, scratch)
        assert np.array_equal(fresh.x, again.x)
        for row in range(height):
            assert everything(again, row) == everything(fresh, row)
    scratch.x.fill(np.nan)
    scratch.raw.fill(np.nan)
    scratch.hot.fill(np.nan)
    assert everything(Rows(logits, 20, scratch), 1) == everything(fresh, 1)


@pytest.mark.parametrize("size", [5, 33, 1000])
def test_more_may_be_kept_than_the_head_or_the_vocabulary_has(size: int) -> None:
    rows = Rows(language(size), 600)
    assert rows.top.shape == (1, min(size, 600))
    logprobs = rows.top_logprobs[0].tolist()
    assert logprobs == sorted(logprobs, reverse=True)
    if size <= 600:
        assert math.isclose(math.fsum(np.exp(logprobs)), 1, rel_tol=1e-6)


def test_no_draws_are_no_tokens() -> None:
    none = np.empty(0)
    rows = Rows(language(10), 5)
    assert rows.draw(none.astype(np.int64), none, none).shape == (0,)
    assert rows.draw(none.astype(np.int64), none, none, Truncation(top_k=3)).shape == (0,)
