"""Which answers meet: never two of one temperature, no pair twice, all temperature pairs equally often."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from judging_samples import completion

from tempkit.judging.pairs import choose_pairs
from tempkit.types import SampleKey


def cells(counts: dict[float, int], item: str = "i"):
    return {
        t: [completion(SampleKey(item, "m", t, r), f"{t} {r}") for r in range(n)] for t, n in counts.items()
    }


GRID = {0.0: 3, 0.5: 3, 1.0: 3, 1.5: 3}


@given(
    st.dictionaries(st.sampled_from([0.0, 0.4, 0.8, 1.2, 1.6]), st.integers(0, 4), max_size=5),
    st.integers(1, 60),
    st.integers(0, 20),
    st.integers(0, 5),
)
def test_pairs_are_of_different_temperatures_and_none_comes_twice(counts, wanted, place, seed) -> None:
    made = cells(counts)
    found = choose_pairs(made, wanted, place=place, seed=seed)
    there = sum(a * b for i, a in enumerate(counts.values()) for b in list(counts.values())[i + 1 :])
    assert len(found) == min(wanted, there)
    assert all(one.key.temperature != other.key.temperature for one, other in found)
    assert len({frozenset((one.key, other.key)) for one, other in found}) == len(found)


def test_every_temperature_pair_comes_equally_often_over_items() -> None:
    met: Counter[tuple[float, ...]] = Counter()
    for place in range(12):  # 12 items with 2 pairs each, 6 pairs of temperatures
        for one, other in choose_pairs(cells(GRID, f"i{place}"), 2, place=place, seed=3):
            met[tuple(sorted((one.key.temperature, other.key.temperature)))] += 1
    assert list(met.values()) == [4] * 6


def test_inside_an_item_every_temperature_pair_comes_before_any_a_second_time() -> None:
    found = choose_pairs(cells(GRID), 6, place=0, seed=3)
    assert len({(one.key.temperature, other.key.temperature) for one, other in found}) == 6


def test_every_answer_meets_one_before_any_meets_another() -> None:
    found = choose_pairs(cells({0.0: 4, 1.0: 4}), 4, place=0, seed=3)
    assert len({one.key for one, _ in found}) == len({other.key for _, other in found}) == 4


def test_more_pairs_only_add_to_those_chosen_before() -> None:
    few, many = (choose_pairs(cells(GRID), n, place=5, seed=3) for n in (5, 40))
    assert many[:5] == few


def test_the_choice_follows_from_the_seed() -> None:
    chosen = [choose_pairs(cells(GRID), 6, place=0, seed=seed) for seed in (3, 3, 4)]
    assert chosen[0] == chosen[1] != chosen[2]
