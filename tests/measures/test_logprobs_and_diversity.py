"""Means over tokens and shares of distinct texts: by hand, and where a number must be refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.measures import MEASURES
from tempkit.measures.diversity import distinct_share
from tempkit.measures.logprobs import mean_entropy, mean_logprob
from tempkit.types import TokenLogprob


def tokens(*pairs: tuple[float, float | None]) -> tuple[TokenLogprob, ...]:
    return tuple(TokenLogprob("x", logprob, entropy) for logprob, entropy in pairs)


def test_means_by_hand() -> None:
    some = tokens((-0.1, 0.5), (-2.0, 1.5), (-0.3, 1.0))
    assert mean_logprob(some) == pytest.approx(-0.8)
    assert mean_entropy(some) == pytest.approx(1.0)


def test_no_tokens_no_number() -> None:
    assert mean_logprob(()) is None
    assert mean_entropy(()) is None


@pytest.mark.parametrize("odd", [-math.inf, math.nan, -9999.0])
def test_one_unknown_token_makes_the_mean_unknown(odd: float) -> None:
    assert mean_logprob(tokens((-0.1, 1.0), (odd, 1.0))) is None
    assert mean_entropy(tokens((-0.1, 1.0), (-0.1, None))) is None
    assert mean_entropy(tokens((-0.1, 1.0), (-0.1, math.nan))) is None


@given(st.lists(st.floats(-50, 0), min_size=1))
def test_the_mean_lies_among_its_values(values: list[float]) -> None:
    mean = mean_logprob(tokens(*((value, None) for value in values)))
    assert mean is not None
    assert min(values) - 1e-9 <= mean <= max(values) + 1e-9


def test_distinct_share_by_hand() -> None:
    assert distinct_share(["a", "a", "b", "a"]) == 0.5
    assert distinct_share(["a", "a "]) == 1.0
    assert distinct_share(["a"]) is None
    assert distinct_share([]) is None


@given(st.lists(st.text(max_size=3), min_size=2))
def test_distinct_share_is_a_share_and_ignores_order(texts: list[str]) -> None:
    share = distinct_share(texts)
    assert share is not None
    assert 1 / len(texts) <= share <= 1
    assert share == distinct_share(texts[::-1])


def test_every_measure_says_what_it_is() -> None:
    for name, measure in MEASURES.items():
        assert measure.name == name
        assert measure.min_n >= 1
        assert measure.title
        assert measure.definition.endswith(".")
