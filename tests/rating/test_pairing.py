"""Which pairs are shown: balanced, connected, of different texts, none twice."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.rating.candidates import Candidates, looks_like
from tempkit.rating.pairing import Drawn, choose, most_pairs
from tempkit.types import Completion, SampleKey


def answer(item: str, temperature: float, replicate: int, text: str) -> Completion:
    return Completion(
        key=SampleKey(item, "m", temperature, replicate),
        seed=1,
        text=text,
        finish_reason="stop",
        temperature_sent=temperature,
        params={},
    )


def section(texts: dict[str, dict[float, list[str]]]) -> Candidates:
    questions = {
        key: {
            t: [answer(key, t, n, text) for n, text in enumerate(found)]
            for t, found in cells.items()
            if found
        }
        for key, cells in texts.items()
    }
    return Candidates(
        name="stories",
        model="m",
        temperatures=tuple(sorted({t for cells in questions.values() for t in cells})),
        questions=questions,
    )


def full(items: int, temperatures: int, repeat: int = 2) -> Candidates:
    return section(
        {
            f"q{i}": {t / 4: [f"{i} {t} {n}" for n in range(repeat)] for t in range(temperatures)}
            for i in range(items)
        }
    )


def temperatures_of(pairs: list[Drawn]) -> Counter[float]:
    return Counter(key.temperature for pair in pairs for key in (pair.left.key, pair.right.key))


def edges_of(pairs: list[Drawn]) -> Counter[tuple[float, ...]]:
    return Counter(tuple(sorted((pair.left.key.temperature, pair.right.key.temperature))) for pair in pairs)


def spread(counts: Counter, of: int) -> int:
    assert len(counts) <= of
    values = [*counts.values(), *([0] * (of - len(counts)))]
    return max(values) - min(values)


@settings(max_examples=80)
@given(st.integers(2, 8), st.integers(1, 20), st.integers(1, 200), st.integers(0, 2**32))
def test_a_full_run_is_shared_out_evenly(k: int, items: int, wanted: int, seed: int) -> None:
    there = full(items, k)
    wanted = min(wanted, most_pairs(there, 1000) // 2)
    pairs = choose(there, wanted, np.random.default_rng(seed))
    assert len(pairs) == wanted
    assert all(pair.shown for pair in pairs)
    assert spread(temperatures_of(pairs), k) <= 2
    edges = edges_of(pairs)
    assert spread(edges, k * (k - 1) // 2) <= 4
    per_question = Counter(pair.left.key.item for pair in pairs)
    assert spread(per_question, items) <= max(1, k // 2)
    lower_first = Counter(
        tuple(sorted((pair.left.key.temperature, pair.right.key.temperature)))
        for pair in pairs
        if pair.left.key.temperature < pair.right.key.temperature
    )
    assert all(abs(2 * lower_first[edge] - n) <= 1 for edge, n in edges.items())


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
def test_a_page_of_usual_size_is_almost_exactly_even(k: int) -> None:
    for seed in range(20):
        pairs = choose(full(36, k, 4), 60, np.random.default_rng(seed))
        assert spread(temperatures_of(pairs), k) <= 1
        assert spread(edges_of(pairs), k * (k - 1) // 2) <= 2


@settings(max_examples=80)
@given(
    st.dictionaries(
        st.sampled_from([f"q{i}" for i in range(8)]),
        st.dictionaries(
            st.sampled_from([0.0, 0.5, 1.0, 1.5]),
            st.lists(st.sampled_from(["a", "b", "c ", " c", "d\n"]), max_size=4),
        ),
    ),
    st.integers(1, 60),
    st.integers(0, 2**32),
)
def test_whatever_there_is_no_pair_is_shown_twice_and_none_is_of_equal_texts(texts, wanted, seed) -> None:
    there = section(texts)
    pairs = choose(there, wanted, np.random.default_rng(seed))
    shown = [pair for pair in pairs if pair.shown]
    assert len(shown) == most_pairs(there, wanted)
    seen = set()
    for pair in shown:
        assert pair.left.key.item == pair.right.key.item
        assert pair.left.key.temperature != pair.right.key.temperature
        assert looks_like(pair.left.text) != looks_like(pair.right.text)
        assert 0 <= pair.alike < 1
        seen.add((pair.left.key.item, frozenset((looks_like(pair.left.text), looks_like(pair.right.text)))))
    assert len(seen) == len(shown)
    for pair in pairs:
        cells = there.questions[pair.left.key.item]
        here, other = (cells[key.temperature] for key in (pair.left.key, pair.right.key))
        equal = sum(looks_like(a.text) == looks_like(b.text) for a in here for b in other)
        assert pair.alike == pytest.approx(equal / len(here) / len(other))
        assert pair.shown == (pair.alike < 1)


def test_where_all_texts_are_equal_a_tie_is_noted_without_being_shown() -> None:
    there = section({f"q{i}": {0.0: ["same"], 0.5: ["same", "same"], 1.0: [f"other {i}"]} for i in range(9)})
    pairs = choose(there, 9, np.random.default_rng(3))
    silent = [pair for pair in pairs if not pair.shown]
    assert silent
    assert {pair.alike for pair in silent} == {1.0}
    assert set(edges_of(silent)) == {(0.0, 0.5)}
    assert len({pair.left.key.item for pair in silent}) == len(silent)


def test_scarce_temperatures_are_caught_up_with() -> None:
    texts = {f"q{i}": {t: [f"{i} {t} {n}" for n in range(3)] for t in (0.0, 0.5, 1.0)} for i in range(20)}
    for i in range(6):
        texts[f"q{i}"][1.5] = [f"{i} 1.5"]
    counts = temperatures_of(choose(section(texts), 24, np.random.default_rng(1)))
    assert counts[1.5] >= 6


def test_every_pair_of_temperatures_is_there_once_there_are_as_many_pairs() -> None:
    for k in (3, 4, 5, 6):
        wanted = k * (k - 1)
        edges = edges_of(choose(full(30, k), wanted, np.random.default_rng(5)))
        assert set(edges) == {(a / 4, b / 4) for a, b in combinations(range(k), 2)}
