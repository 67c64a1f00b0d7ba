"""What top_k, top_p and min_p leave, against a plain chain that sorts the whole vocabulary in double precision."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from engine.test_sampler import (
    LAST,
    TEMPERATURES,
    Doubles,
    Logits,
    by_rank,
    chi_square_p,
    draw_row,
    language,
    log_probabilities,
    walk,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tempkit.backends.gguf import sampler
from tempkit.backends.gguf.sampler import Rows
from tempkit.backends.gguf.truncation import NEUTRAL, Cut, Truncation, find_cut
from tempkit.types import SamplingParams

KINDS = {
    "top_k": Truncation(top_k=50),
    "top_p": Truncation(top_p=0.9),
    "min_p": Truncation(min_p=0.01),
    "all": Truncation(60, 0.95, 0.008),
    "before": Truncation(60, 0.95, 0.008, before_temperature=True),
}


def kept_count(falling: Doubles, temperature: float, truncation: Truncation, slack: float = 0.0) -> int:
    """How many tokens the chain keeps: temperature, top_k, top_p of what top_k left, min_p relative to the best.

    Args:
        falling: Logits from the largest, which is 0, down.
        temperature: Above 0.
        truncation: The chain.
        slack: By how much each boundary of probability is moved, as a part of it; above 0 more is kept.
    """
    weights = np.exp(falling / (1.0 if truncation.before_temperature else temperature))
    kept = min(truncation.top_k or len(weights), len(weights))
    if truncation.top_p < 1:
        reach = np.cumsum(weights[:kept])
        kept = min(int(np.searchsorted(reach, truncation.top_p * (1 + slack) * reach[-1])) + 1, kept)
    if truncation.min_p > 0:
        kept = min(kept, int((weights >= truncation.min_p * (1 - slack)).sum()))
    return max(kept, 1)


def kept_by(rows: Rows, temperature: float, truncation: Truncation) -> NDArray[np.bool_]:
    """What a draw from the first row leaves, shape (vocabulary,)."""
    cuts: list[Cut | None] = []

    def heard(*args: object) -> Cut | None:
        cuts.append(find_cut(*args))
        return cuts[-1]

    with mock.patch.object(sampler, "find_cut", heard):
        draw_row(rows, 0, temperature, [0.5], truncation)
    (cut,) = cuts
    return np.ones(rows.size, dtype=bool) if cut is None else cut.keeps(rows.x[0])


def check(rows: Rows, temperature: float, truncation: Truncation) -> tuple[int, int]:
    """Assert that the kept tokens are those of the chain; return how many, and how many rounding may decide about."""
    x = rows.x[0]
    order = by_rank(x)
    falling = x[order].astype(np.float64)
    low, high = (kept_count(falling, temperature, truncation, slack) for slack in (-1e-6, 1e-6))
    kept = kept_by(rows, temperature, truncation)
    count = int(kept.sum())
    assert kept[order[:count]].all()  # the most probable ones, the lower id first among equals
    assert low <= count <= high
    return count, high - low


def some(*, largest: int) -> st.SearchStrategy[Truncation]:
    """Any truncation that is one, neutral parts among the three."""
    return st.builds(
        Truncation,
        top_k=st.just(0) | st.integers(1, largest),
        top_p=st.just(1.0) | st.floats(0, 1) | st.sampled_from([0.5, 0.9, 0.95, 0.999, 0.999999]),
        min_p=st.just(0.0) | st.floats(1e-6, 1) | st.sampled_from([0.01, 0.05, 0.1, 0.5]),
        before_temperature=st.booleans(),
    ).filter(lambda truncation: not truncation.neutral)


def percent(*parts: int) -> Logits:
    return np.log(np.array([parts], dtype=np.float64) / 100).astype(np.float32)


@pytest.mark.parametrize(
    ("truncation", "temperature", "kept"),
    [
        (Truncation(top_k=2), 1.0, 2),
        (Truncation(top_p=0.65), 1.0, 2),
        (Truncation(top_p=0.75), 1.0, 3),
        (Truncation(top_p=0.0), 1.0, 1),
        (Truncation(min_p=0.45), 1.0, 3),
        # top_p is a part of what top_k left: 70 of 90 are enough.
        (Truncation(top_k=3, top_p=0.75), 1.0, 2),
        (Truncation(top_k=3, top_p=0.75, min_p=0.8), 1.0, 1),
        # T = 2 makes these 33, 28, 23 and 16 of a hundred.
        (Truncation(top_p=0.65), 2.0, 3),
        (Truncation(top_p=0.65, before_temperature=True), 2.0, 2),
        (Truncation(min_p=0.45), 2.0, 4),
        (Truncation(min_p=0.45, before_temperature=True), 2.0, 3),
        (Truncation(top_k=2), 2.0, 2),
        # T = 0.5 makes them 53, 30, 13 and 3.
        (Truncation(top_p=0.9), 0.5, 3),
        (Truncation(min_p=0.45), 0.5, 2),
    ],
)
def test_the_chain_by_example(truncation: Truncation, temperature: float, kept: int) -> None:
    rows = Rows(percent(10, 40, 20, 30), 4)
    assert kept_by(rows, temperature, truncation).tolist() == [kept > 3, True, kept > 2, kept > 1]
    assert check(rows, temperature, truncation) == (kept, 0)


def test_equals_are_kept_by_their_ids_and_all_that_are_just_min_p_as_probable() -> None:
    even = Rows(np.zeros((1, 100), np.float32), 4)
    for truncation in (
        Truncation(top_k=40),
        Truncation(top_p=0.395),
        Truncation(top_k=80, top_p=0.495),
        Truncation(top_k=40, min_p=1.0),
    ):
        assert kept_by(even, 0.7, truncation).tolist() == [True] * 40 + [False] * 60
    assert kept_by(even, 0.7, Truncation(min_p=1.0)).all()
    halves = np.array([[2.0, 2.0 - np.log(2), 2.0 - np.log(2), 0.0]], dtype=np.float32)
    halves -= 2
    assert kept_by(Rows(halves, 4), 1.0, Truncation(min_p=0.5)).tolist() == [True, True, True, False]


def test_what_a_plan_asks_for() -> None:
    sampling = SamplingParams(top_k=7, top_p=0.8, min_p=0.1)
    assert Truncation.of(sampling, before_temperature=True) == Truncation(7, 0.8, 0.1, True)
    assert Truncation.of(SamplingParams(), before_temperature=False) == NEUTRAL
    assert NEUTRAL.neutral
    assert Truncation(before_temperature=True).neutral
    assert not any(truncation.neutral for truncation in KINDS.values())


TIED = st.lists(st.integers(-12, 0).map(lambda n: n / 2), min_size=1, max_size=300)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(TIED, st.floats(0.05, 5), some(largest=320))
def test_equals_among_few(numbers: list[float], temperature: float, truncation: Truncation) -> None:
    check(Rows(np.array([numbers], dtype=np.float32), 5), temperature, truncation)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.integers(0, 2**32), st.integers(1, 3000), st.floats(0, 4), st.floats(0.05, 5), some(largest=3100))
def test_logits_like_a_models(
    seed: int, size: int, scale: float, temperature: float, truncation: Truncation
) -> None:
    check(Rows(language(size, seed) * np.float32(scale), 5), temperature, truncation)


WIDE = [
    Truncation(top_p=0.5),
    Truncation(top_p=0.95),
    Truncation(top_p=0.999),
    Truncation(top_p=0.99999),
    Truncation(top_k=33),
    Truncation(top_k=20_000),
    Truncation(min_p=1e-4),
    Truncation(top_k=20_000, top_p=0.7),
    Truncation(top_k=20_000, top_p=0.9, min_p=0.005),
    Truncation(top_k=64, top_p=0.98),
]


@pytest.mark.parametrize("size", [49152, 151936])
@pytest.mark.parametrize("kind", ["even", "tied", "flat", "language", "steep"])
def test_large_vocabularies(size: int, kind: str) -> None:
    """Flat ones above all: the nucleus ends thousands of tokens beyond those that are kept in order."""
    rng = np.random.default_rng(size)
    logits = {
        "even": np.zeros((1, size), np.float32),
        "tied": rng.integers(-4, 1, size=(1, size)).astype(np.float32),
        "flat": rng.normal(size=(1, size)).astype(np.float32),
        "language": language(size),
        "steep": language(size) * np.float32(6),
    }[kind]
    rows = Rows(logits, 20)
    found = [
        check(rows, temperature, replace(truncation, before_temperature=before))
        for truncation in WIDE
        for before, temperature in ((False, 0.5), (False, 1.3), (True, 1.3))
    ]
    assert sum(unsure <= 4 for _, unsure in found) >= 26  # of 30
    assert max(count for count, _ in found) > 10_000
    assert kind == "steep" or sum(count > 32 for count, _ in found) >= 15


@pytest.mark.parametrize("size", [100, 2049, 49152])
def test_top_k_beyond_the_head_takes_equals_by_their_ids(size: int) -> None:
    logits = np.random.default_rng(size).integers(-3, 1, size=(1, size)).astype(np.float32)
    rows = Rows(logits, 20)
    for k in (1, 31, 32, 33, 50, size // 2, size - 1):
        want = np.zeros(size, dtype=bool)
        want[by_rank(logits[0])[:k]] = True
        assert np.array_equal(kept_by(rows, 0.7, Truncation(top_k=k)), want)


@pytest.mark.parametrize("size", [1, 20, 32, 33, 500])
def test_as_many_as_there_are_is_no_limit(size: int) -> None:
    rows = Rows(language(size), 5)
    uniforms = np.append(np.random.default_rng(14).random(500), [0.0, LAST])
    for temperature in (0.5, 1.0, 2.0):
        want = draw_row(rows, 0, temperature, uniforms)
        for top_k in (size, size + 1, 10**6):
            assert kept_by(rows, temperature, Truncation(top_k=top_k)).all()
            tokens = draw_row(rows, 0, temperature, uniforms, Truncation(top_k=top_k))
            assert np.array_equal(tokens, want)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.integers(0, 2**32), st.integers(1, 400), st.floats(0, 3), st.floats(0.1, 4), some(largest=420))
def test_draws_are_a_plain_inversion_of_what_is_kept(
    seed: int, size: int, scale: float, temperature: float, truncation: Truncation
) -> None:
    """Every token that is kept is drawn by the number in its middle, and no number draws another one."""
    logits = language(size, seed) * np.float32(scale)
    rows = Rows(logits, 5)
    kept = kept_by(rows, temperature, truncation)
    order, begins, ends = walk(logits[0], temperature, kept)
    wide = ends - begins > 1e-5
    tokens = draw_row(rows, 0, temperature, (begins + ends)[wide] / 2, truncation)
    assert tokens.tolist() == order[wide].tolist()
    edges = np.clip(np.concatenate([[0.0, 5e-324, LAST], ends, np.nextafter(ends, 0)]), 0, LAST)
    assert kept[draw_row(rows, 0, temperature, edges, truncation)].all()


@pytest.mark.parametrize("size", [1000, 49152])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("temperature", [0.0, 1e-30, 0.3, 1.0, 2.0, 1e6])
def test_nothing_else_is_drawn(size: int, kind: str, temperature: float) -> None:
    rows = Rows(language(size, seed=15), 20)
    uniforms = np.concatenate([np.random.default_rng(16).random(2000), [0.0, 5e-324, LAST]])
    tokens = draw_row(rows, 0, temperature, uniforms, KINDS[kind])
    order = by_rank(rows.x[0])
    if temperature == 0:
        assert set(tokens.tolist()) == {int(order[0])}
        return
    kept = kept_count(rows.x[0][order].astype(np.float64), temperature, KINDS[kind])
    assert np.isin(tokens, order[:kept]).all()
    if kept < 100 and temperature >= 1:
        assert len(set(tokens.tolist())) == kept


@pytest.mark.parametrize("truncation", [*KINDS.values(), Truncation(top_p=1 - 1e-9), Truncation(min_p=1.0)])
@pytest.mark.parametrize("temperature", [1e-320, 1e-6, 1e6, 1e38, 1e45, 1e300])
def test_ruled_out_tokens_are_not_drawn_at_any_temperature(
    truncation: Truncation, temperature: float
) -> None:
    logits = np.full((1, 500), -np.inf, dtype=np.float32)
    logits[0, 100:150] = language(50)
    tokens = draw_row(Rows(logits, 20), 0, temperature, np.linspace(0, LAST, 500), truncation)
    assert ((tokens >= 100) & (tokens < 150)).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_draws_fit_what_is_left_renormalised_and_no_other_temperature(kind: str, temperature: float) -> None:
    truncation = KINDS[kind]
    logits = language(2000, seed=2) * np.float32(temperature**0.5)  # so that each temperature leaves a choice
    order = by_rank(logits[0])
    falling = (logits[0][order] - logits[0].max()).astype(np.float64)
    kept = kept_count(falling, temperature, truncation)
    uniforms = np.random.default_rng([18, int(temperature * 10)]).random(30_000)
    tokens = draw_row(Rows(logits, 20), 0, temperature, uniforms, truncation)
    counts = np.bincount(tokens, minlength=2000)[order]
    assert not counts[kept:].any()
    fit, colder, hotter = (
        chi_square_p(
            counts[:kept], np.exp(log_probabilities(falling[None, :kept], temperature * factor)), bins=8
        )
        for factor in (1, 0.95, 1.05)
    )
    assert fit > 1e-4
    assert colder < 1e-6
    assert hotter < 1e-6
