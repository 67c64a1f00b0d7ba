"""Agreement with the consensus: by hand, against a loop over all pairs, and that no temperature can agree with itself."""

import itertools
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_samples import a_block, by_replicate, completion, take

from tempkit.measures.consensus import CONSENSUS, agreement

A, B, C = np.eye(3)


def cell(*rows, replicates=None):
    numbers = range(len(rows)) if replicates is None else replicates
    return np.array(list(numbers), np.int64), np.array(rows, np.float32).reshape(len(rows), -1)


def unit(*values):
    row = np.array(values, dtype=np.float64)
    return row / np.linalg.norm(row)


def pair_by_pair(cells):
    """Return the same by comparing every two answers."""
    answered = [c for c in cells if len(c[0])]
    found = []
    for own in cells:
        scores = []
        for replicate, row in zip(*own, strict=True):
            means = []
            for other in answered:
                if other is own:
                    continue
                pairs = list(zip(*other, strict=True))
                means.append(
                    statistics.fmean(
                        float(np.dot(row.astype(float), its))
                        for number, its in pairs
                        if number != replicate or len(pairs) == 1
                    )
                )
            scores.append(statistics.fmean(means))
        found.append(scores)
    return found


def test_by_hand():
    half = unit(1, 1, 0)
    found = agreement([cell(A, A), cell(A, replicates=[7]), cell(B, half, replicates=[8, 9])])
    r = 0.5**0.5
    assert [scores.tolist() for scores in found] == [
        pytest.approx([(1 + r / 2) / 2] * 2),
        pytest.approx([(1 + r / 2) / 2]),
        pytest.approx([0, r]),
    ]


ROWS = st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(lambda row: unit(*row, 0.1))
ANSWERS = st.lists(ROWS, max_size=4).flatmap(
    lambda rows: st.permutations(range(5)).map(lambda numbers: (numbers[: len(rows)], rows))
)
CELLS = st.lists(ANSWERS, min_size=3, max_size=5).map(
    lambda cells: [
        (np.array(n, np.int64), np.array(rows, np.float32).reshape(len(n), 4)) for n, rows in cells
    ]
)


@settings(deadline=None)
@given(CELLS)
def test_it_is_the_mean_over_temperatures_of_the_mean_over_pairs(cells):
    found = agreement(cells)
    if sum(len(numbers) > 0 for numbers, _ in cells) < 3:
        assert found is None
        return
    for ours, theirs in zip(found, pair_by_pair(cells), strict=True):
        assert ours.tolist() == pytest.approx(theirs, abs=1e-6)
        assert (np.abs(ours) <= 1).all()


@settings(deadline=None)
@given(CELLS, st.randoms(use_true_random=False))
def test_the_order_of_temperatures_and_answers_does_not_matter(cells, random):
    orders = [random.sample(range(len(numbers)), len(numbers)) for numbers, _ in cells]
    places = random.sample(range(len(cells)), len(cells))
    found = agreement(cells)
    moved = agreement([(cells[p][0][orders[p]], cells[p][1][orders[p]]) for p in places])
    if found is None:
        assert moved is None
        return
    for p, scores in zip(places, moved, strict=True):
        assert scores.tolist() == pytest.approx(found[p][orders[p]].tolist(), abs=1e-6)


@settings(deadline=None)
@given(CELLS, st.integers(2, 5), st.data())
def test_a_temperature_with_more_copies_of_its_answers_weighs_no_more(cells, times, data):
    cells = [(10 * i + numbers, rows) for i, (numbers, rows) in enumerate(cells)]
    more = data.draw(st.integers(0, len(cells) - 1))
    numbers, rows = cells[more]
    copied = [*cells]
    copied[more] = (np.arange(len(numbers) * times) + 1000, np.tile(rows, (times, 1)))
    found, again = agreement(cells), agreement(copied)
    if found is None:
        assert again is None
        return
    for i, scores in enumerate(found):
        expected = np.tile(scores, times if i == more else 1)
        assert again[i].tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_a_temperature_that_only_repeats_itself_gains_nothing_by_it():
    """Eight copies of an answer that no other temperature gives."""
    others = [cell(B, C, B), cell(B, B, C), cell(C, B, B)]
    for copies in (1, 8):
        found = agreement([cell(*[A] * copies), *others])
        assert found[0].tolist() == [0.0] * copies
        assert min(scores.mean() for scores in found[1:]) > 0.3


@settings(deadline=None)
@given(st.lists(st.lists(ROWS, min_size=3, max_size=3), min_size=3, max_size=5))
def test_two_temperatures_differ_by_what_they_share_with_the_others(answers):
    """What they share with each other is in both, so neither can win by it."""
    cells = [cell(*rows) for rows in answers]
    found = [scores.mean() for scores in agreement(cells)]

    def likeness(one, other):
        cosines = cells[one][1].astype(float) @ cells[other][1].T
        return (cosines.sum() - np.trace(cosines)) / 6  # no two of one replicate

    for one, other in itertools.combinations(range(len(cells)), 2):
        thirds = [i for i in range(len(cells)) if i not in (one, other)]
        share = sum(likeness(one, i) - likeness(other, i) for i in thirds) / (len(cells) - 1)
        assert found[one] - found[other] == pytest.approx(share, abs=1e-6)


def test_the_same_random_numbers_are_no_agreement():
    """Two temperatures that say the same in each replicate, and in each something else."""
    warm = cell(A, B, C)
    found = agreement([cell(A, A, A), warm, warm])
    assert found[1].mean() == pytest.approx((1 / 3 + 0) / 2)
    assert found[0].mean() == pytest.approx(1 / 3)
    alone = agreement([cell(A), cell(B), cell(B)])  # nothing else to compare with
    assert [scores.tolist() for scores in alone] == [[0.0], [0.5], [0.5]]


def test_copies_of_one_draw_agree_as_much_as_draws_that_differ_over_many_items():
    """Temperature 0 repeats one draw of what the others draw from: no better and no worse, so it must not score otherwise."""
    rng = np.random.default_rng(4)
    differences, naive = [], []
    for _ in range(3000):
        cold, *warm = (rng.normal(size=(4, 6)) + 1 for _ in range(4))
        cold[:] = cold[0]
        rows = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in (cold, *warm)]
        found = agreement([cell(*part) for part in rows])
        differences.append(found[0].mean() - np.mean(found[1:]))
        whole = np.mean([part.mean(axis=0) for part in rows], axis=0)
        naive.append((rows[0] @ whole).mean() - np.mean([part @ whole for part in rows[1:]]))
    error = np.std(differences) / len(differences) ** 0.5
    assert abs(np.mean(differences)) < 3 * error
    assert np.mean(naive) > 10 * error


def test_identical_answers_everywhere_agree_fully():
    found = take(a_block({0.0: ["red fox"] * 3, 0.5: ["red fox"] * 2, 1.0: ["red fox"]}), CONSENSUS)
    assert [score.value for score in found] == pytest.approx([1.0] * 6)


def test_two_temperatures_say_nothing_and_the_reason_says_so():
    cells = {0.0: ["red fox"] * 4, 0.5: [], 1.0: ["blue whale"] * 4}
    reason = "needs answers at 3 temperatures or more, has them at 2"
    assert {str(score.reason) for score in take(a_block(cells), CONSENSUS)} == {reason}
    assert {score.value for score in take(a_block(cells), CONSENSUS)} == {None}
    one = take(a_block({0.7: ["red fox", "blue whale"]}), CONSENSUS)
    assert {str(score.reason) for score in one} == {"needs answers at 3 temperatures or more, has them at 1"}


def test_blank_answers_are_no_part_of_the_consensus_and_truncated_ones_are():
    rest = {0.5: ["red fox"], 1.0: ["red fox"]}
    truncated = completion(0.0, 1, "blue whale", finish="length")
    found = take(a_block({0.0: ["red fox", truncated, " "], **rest}), CONSENSUS)
    first, second, third = by_replicate(found, 0.0)
    assert first == pytest.approx(1)
    assert second < 0.9
    assert third == "the answer is empty"
    without = take(a_block({0.0: ["red fox", " "], **rest}), CONSENSUS)
    assert by_replicate(found, 0.5)[0] < by_replicate(without, 0.5)[0]


def test_the_version_says_which_temperatures_were_asked():
    found = take(a_block({0.0: ["x"], 0.35: ["x"], 2.0: []}), CONSENSUS)
    assert {score.version for score in found} == {"1 bag T=0,0.35,2"}
