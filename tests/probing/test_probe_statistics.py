"""The probe's statistics: against planted truths, by hand, and for whatever distribution there is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tempkit.probing.agreement import falls_no_more, likeness, same_source_test, spread_test
from tempkit.probing.curves import explained
from tempkit.probing.kinds import kind_of
from tempkit.probing.likelihood import (
    best_beta,
    log_likelihood,
    separation,
    surprise_of_listed,
    surprise_of_unlisted,
)
from tempkit.probing.rows import Rows, rows_of
from tempkit.softmax import effective_temperature, log_softmax, tempered
from tempkit.types import Completion, SampleKey, TokenLogprob

VOCABULARY = 60
GRID = (0.3, 0.5, 1.0, 1.5, 2.0)


def contexts(seed: int, count: int = 150) -> NDArray[np.float64]:
    """Return raw log-probabilities of so many positions, most probable first."""
    logits = np.random.default_rng(seed).normal(0, 3, size=(count, VOCABULARY))
    return -np.sort(-np.asarray(log_softmax(logits)), axis=1)


def draw(raw: NDArray[np.float64], temperature: float, seed: int, kept: int = VOCABULARY) -> Rows:
    """Draw one token at each position at a temperature, from the first `kept` alone, and list 20."""
    random = np.random.default_rng(seed)
    p = tempered(raw[:, :kept], temperature)
    chosen = np.array([random.choice(kept, p=row / row.sum()) for row in p])
    drawn = raw[np.arange(len(raw)), chosen]
    top = raw[:, :20]
    return Rows(top, np.where(chosen < 20, drawn, -np.inf))


def drawn_at(seed: int, act: "dict[float, float]") -> dict[float, Rows]:
    return {t: draw(contexts(seed + i), like, 100 * seed + i) for i, (t, like) in enumerate(act.items())}


def test_a_temperature_that_is_honoured_is_called_so() -> None:
    found = explained(drawn_at(1, {t: t for t in GRID}))
    assert found.explanation == "honoured"
    assert all(
        e.value is not None and abs(e.value - e.temperature) < 3 * (e.se or 0) for e in found.effective
    )
    assert any(e.detectable is not None and e.detectable <= 0.5 for e in found.effective)


@pytest.mark.parametrize(
    ("act", "explanation", "value"),
    [
        (dict.fromkeys(GRID, 1.0), "ignored", 1.0),
        (dict.fromkeys(GRID, 0.7), "ignored", 0.7),
        ({t: min(t, 1.0) for t in GRID}, "clamped", 1.0),
        ({t: 0.3 * t for t in GRID}, "factor", 0.3),
        ({t: t / 0.3 for t in GRID}, "factor", 1 / 0.3),
    ],
)
def test_what_is_at_work_instead_is_named(act: dict[float, float], explanation: str, value: float) -> None:
    found = explained(drawn_at(2, act))
    assert found.explanation == explanation
    assert found.value == pytest.approx(value, rel=0.15)
    assert found.p_value < 0.001


def test_another_curve_is_called_another_one() -> None:
    found = explained(drawn_at(3, {0.3: 1.0, 0.5: 0.3, 1.0: 2.0, 1.5: 0.5, 2.0: 1.2}))
    assert found.explanation == "other"


def test_truncation_before_the_temperature_is_told_from_a_clamp() -> None:
    rows = {}
    for i, t in enumerate(GRID):
        raw = contexts(40 + i)
        cut = np.where(raw >= raw[:, :1] + math.log(0.05), raw, -np.inf)
        p = np.exp(cut / t - (cut / t).max(axis=1, keepdims=True))
        random = np.random.default_rng(i)
        chosen = np.array([random.choice(VOCABULARY, p=row / row.sum()) for row in p])
        drawn = raw[np.arange(len(raw)), chosen]
        rows[t] = Rows(raw[:, :20], np.where(chosen < 20, drawn, -np.inf))
    found = explained(rows)
    assert found.explanation in ("min_p", "top_p")
    two = next(e for e in found.effective if e.temperature == 2)
    assert two.value is not None
    assert two.value < 1.2


def test_a_cut_beyond_the_listed_tokens_shows_where_all_are_alike() -> None:
    raw = contexts(7)
    whole, cut = draw(raw, 100.0, 1), draw(raw, 100.0, 1, kept=25)
    assert surprise_of_listed(whole, 100.0, VOCABULARY) > 0.01
    assert surprise_of_listed(cut, 100.0, VOCABULARY) < 1e-4


def test_too_few_draws_are_no_verdict() -> None:
    rows = {t: draw(contexts(5, 2), t, 1) for t in (0.5, 1.0)}
    assert explained(rows).explanation == "unknown"


@given(seed=st.integers(0, 10_000), temperature=st.floats(0.2, 3.0))
def test_the_likeliest_temperature_is_that_of_the_package(seed: int, temperature: float) -> None:
    rows = draw(contexts(seed, 60), temperature, seed)
    kept = Rows(rows.top[rows.listed], rows.drawn[rows.listed])
    estimate = effective_temperature(kept.top, kept.drawn)
    if estimate is None:
        return
    beta, likelihood = best_beta([(rows, 1.0)])
    assert 1 / beta == pytest.approx(estimate.value, rel=1e-2)
    assert likelihood >= log_likelihood(rows, 1 / temperature) - 1e-6


@given(seed=st.integers(0, 1000), said=st.floats(0.3, 2.0), true=st.floats(0.3, 2.0))
def test_what_can_be_told_apart_is_nothing_at_the_same_temperature_and_never_less(
    seed: int, said: float, true: float
) -> None:
    rows = draw(contexts(seed, 30), 1.0, seed)
    assert separation(rows, said, said) == pytest.approx(0.0, abs=1e-9)
    assert separation(rows, true, said) >= -1e-9
    assert 0 < surprise_of_unlisted(rows, said) <= 1


def answer(prompt: str, temperature: float, top: dict[str, float], text: str = "x") -> Completion:
    listed = tuple(sorted(top.items(), key=lambda pair: -pair[1]))
    return Completion(
        key=SampleKey(f"probe/{prompt}#0", "m", temperature, 0),
        seed=1,
        text=text,
        finish_reason="length",
        temperature_sent=temperature,
        params={},
        tokens=(TokenLogprob(listed[0][0], listed[0][1], top=listed),),
        logprob_kind="unknown",
    )


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        (lambda t: 1.0, "raw"),
        (lambda t: t, "tempered"),
        (lambda t: min(t, 1.0), "tempered"),
        (lambda t: {0.5: 1.0, 1.0: 2.0, 2.0: 0.5}[t], "unknown"),
    ],
)
def test_the_kind_of_logprobs_shows_in_how_they_change(at: "object", kind: str) -> None:
    assert callable(at)
    raw = contexts(9, 8)
    answers = {
        t: [
            answer(
                f"p{i}", t, {f"w{j}": float(v) for j, v in enumerate(np.log(tempered(raw[i], at(t)))[:20])}
            )
            for i in range(8)
        ]
        for t in (0.5, 1.0, 2.0)
    }
    assert kind_of(answers, 20).kind == kind


def test_the_end_of_the_text_is_no_alternative_to_what_was_drawn() -> None:
    top = {"a": math.log(0.5), "<|im_end|>": math.log(0.2), "b": math.log(0.2), "c": math.log(0.1)}
    rows = rows_of([answer("p", 1.0, top)], 20)
    assert np.exp(rows.top[np.isfinite(rows.top)]).tolist() == pytest.approx([0.5 / 0.8, 0.2 / 0.8])
    assert math.exp(rows.drawn[0]) == pytest.approx(0.5 / 0.8)


def words(p: dict[str, float], count: int, temperature: float, seed: int) -> list[str]:
    weights = np.array([v ** (1 / temperature) for v in p.values()])
    return list(np.random.default_rng(seed).choice(list(p), size=count, p=weights / weights.sum()))


OPEN = {f"w{i}": math.exp(-0.4 * i) for i in range(40)}


def texts(temperature: float, seed: int, count: int = 14) -> dict[str, list[str]]:
    return {f"p{i}": words(OPEN, count, temperature, 1000 * seed + i) for i in range(8)}


def test_answers_agree_less_at_a_higher_temperature() -> None:
    assert spread_test(texts(0.5, 1), texts(2.0, 2)).p_value < 0.001
    same = [spread_test(texts(1.0, 2 * n), texts(1.0, 2 * n + 1)).p_value for n in range(1, 21)]
    assert min(same) > 0.002
    assert sum(p < 0.5 for p in same) in range(4, 17)


def test_agreement_that_falls_no_more_is_noticed() -> None:
    half, one = texts(0.5, 1, 40), texts(1.0, 2, 40)
    assert falls_no_more(half, one, texts(1.0, 3, 40)) < 0.06
    assert falls_no_more(half, one, texts(2.0, 3, 40)) > 0.06


def test_two_models_are_told_apart_by_their_texts() -> None:
    assert same_source_test(texts(1.0, 1), texts(1.0, 2)) > 0.005
    other = {name: [f"other {text}" for text in some] for name, some in texts(1.0, 3).items()}
    assert same_source_test(texts(1.0, 1), other) < 0.001


@given(st.lists(st.sampled_from("abc"), max_size=3), st.lists(st.sampled_from("abc"), max_size=3))
def test_likeness_is_a_kernel_between_0_and_1(a: list[str], b: list[str]) -> None:
    assert 0 <= likeness(tuple(a), tuple(b)) == likeness(tuple(b), tuple(a)) <= 1
    assert likeness(tuple(a), tuple(a)) == 1
