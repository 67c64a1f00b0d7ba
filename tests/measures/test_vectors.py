"""Cosines, the Vendi score and clusters: by hand, by a second way to compute them, and as properties."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tempkit.measures.consistency import mean_similarity
from tempkit.measures.diversity import cosine_distance, vendi_score
from tempkit.measures.vectors import clusters, mean_cosine, vendi

Rows = NDArray[np.float64]


def unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


ROWS = st.tuples(st.integers(2, 12), st.integers(2, 9), st.integers(0, 10**6)).map(
    lambda given: unit(np.random.default_rng(given[2]).normal(size=given[:2]))
)


def test_vendi_of_the_same_and_of_nothing_alike() -> None:
    assert vendi(np.tile([[0.6, 0.8]], (5, 1))) == pytest.approx(1)
    assert vendi(np.eye(7)) == pytest.approx(7)
    assert vendi(np.eye(7)[[0, 0, 1, 1]]) == pytest.approx(2)


def test_vendi_by_hand() -> None:
    # K / 2 = [[.5, .3], [.3, .5]] has the eigenvalues .8 and .2.
    rows = np.array([[1.0, 0.0], [0.6, 0.8]])
    assert vendi(rows) == pytest.approx(math.exp(-0.8 * math.log(0.8) - 0.2 * math.log(0.2)))


@given(ROWS)
def test_vendi_is_the_entropy_of_the_kernel(rows: Rows) -> None:
    values = np.linalg.eigvalsh(rows @ rows.T / len(rows))
    values = values[values > 1e-12]
    found = vendi(rows)
    assert found == pytest.approx(np.exp(-(values * np.log(values)).sum()), rel=1e-6)
    assert 1 <= found <= len(rows)
    assert vendi(rows[::-1]) == pytest.approx(found)


@given(ROWS)
def test_mean_cosine_is_over_all_pairs(rows: Rows) -> None:
    pairs = [float(a @ b) for a, b in itertools.combinations(rows, 2)]
    assert mean_cosine(rows) == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)
    assert -1 <= mean_cosine(rows) <= 1
    assert mean_cosine(rows[::-1]) == pytest.approx(mean_cosine(rows))


def test_one_text_is_not_compared() -> None:
    one = np.eye(3)[:1]
    assert mean_similarity(one) is None
    assert cosine_distance(one) is None
    assert vendi_score(one) is None
    assert cosine_distance(np.eye(3)) == 1.0


def test_clusters_by_hand() -> None:
    angles = np.radians([0, 10, 90, 95, 200])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert clusters(rows, 0.9).tolist() == [0, 0, 1, 1, 2]
    assert clusters(rows, 0.999).tolist() == [0, 1, 2, 3, 4]


def test_complete_linkage_asks_it_of_every_pair() -> None:
    angles = np.radians([0, 30, 60])  # neighbours at .866, the outer two at .5
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert clusters(rows, 0.65).tolist() == [0, 0, 0]  # the mean of .866 and .5 is .683
    assert len(set(clusters(rows, 0.65, complete=True).tolist())) == 2


def test_contradictions_never_meet() -> None:
    rows = np.tile([[1.0, 0.0]], (3, 1))
    apart = np.zeros((3, 3), dtype=bool)
    apart[0, 2] = apart[2, 0] = True
    labels = clusters(rows, 0.5, complete=True, apart=apart).tolist()
    assert labels[0] != labels[2]
    assert clusters(rows, 0.5, complete=True).tolist() == [0, 0, 0]


@given(ROWS, st.floats(0.05, 0.95))
def test_clusters_are_numbered_by_first_appearance(rows: Rows, least: float) -> None:
    labels = clusters(rows, least, complete=True).tolist()
    firsts = list(dict.fromkeys(labels))
    assert firsts == list(range(len(firsts)))
    for i, j in itertools.combinations(range(len(rows)), 2):
        if labels[i] == labels[j]:
            assert rows[i] @ rows[j] >= least - 1e-6


def test_few_rows_need_no_clustering() -> None:
    assert clusters(np.empty((0, 4)), 0.5).tolist() == []
    assert clusters(np.eye(4)[:1], 0.5).tolist() == [0]
