"""What further items need beside the temperatures in the race."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.adaptive import Entrant, Size, Standings, standings, with_companions
from tempkit.statistics import Values

GRID = (0.0, 0.4, 0.8, 1.2)


@pytest.fixture(scope="module")
def stands() -> Standings:
    rng = np.random.default_rng(3)
    values = rng.normal(0.5, 0.1, (8, 4, 2)) - np.array([0.0, 0.0, 0.2, 0.3])[:, np.newaxis]
    return standings(
        [Entrant(values=Values(values, GRID))],
        margin=0.05, higher_is_better=True, tie="lowest", scope="items_like_these", looks=1, planned_looks=8,
    )  # fmt: skip


sizes = st.fixed_dictionaries({t: st.builds(Size, st.integers(1, 8), st.integers(1, 4)) for t in GRID})
changes = st.dictionaries(st.sampled_from(GRID), st.builds(Size, st.integers(9, 30), st.just(4)), min_size=1)


@given(sizes, changes, st.sets(st.sampled_from(["text", "exemplar", "others"])))
def test_every_item_of_a_round_has_what_its_measure_compares_with(
    stands: Standings, now: dict[float, Size], more: dict[float, Size], needs: set[str]
) -> None:
    (made,) = with_companions([more], [now], stands, needs)
    after = {**now, **made}
    items = max(size.items for size in more.values())
    for temperature, size in more.items():  # nothing that was wanted is asked less
        assert (made[temperature].items, made[temperature].replicates) >= (size.items, size.replicates)
        assert made[temperature].replicates == size.replicates
    if "exemplar" in needs:
        assert after[0.0].items == items
    if "others" in needs:
        assert sum(size.items >= items for size in after.values()) >= 3
    if not needs & {"exemplar", "others"}:
        assert made == more


def test_a_round_without_items_needs_nothing(stands: Standings) -> None:
    now = dict.fromkeys(GRID, Size(8, 2))
    assert with_companions([{}], [now], stands, {"exemplar", "others"}) == [{}]
