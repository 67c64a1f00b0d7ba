"""Guard-rails: where a fall counts as a cliff and where it does not."""

import numpy as np
import pytest

from tempkit.statistics import cliff, mean_interval

GRID = (0.0, 0.5, 1.0, 1.5)


def around(*levels: float, items: int = 12, spread: float = 0.02) -> np.ndarray:
    """Items spread evenly and tightly around each temperature's level; NaN makes a temperature without values."""
    offsets = np.linspace(-spread, spread, items)[:, np.newaxis, np.newaxis]
    return np.array(levels)[np.newaxis, :, np.newaxis] + offsets


def verdicts(found) -> list[str]:
    return [rail.verdict for rail in found.rails]


def test_the_lowest_broken_temperature_with_nothing_better_above() -> None:
    found = cliff(around(0.9, 0.9, 0.5, 0.1), GRID, 0.8, higher_is_better=True)
    assert found.temperature == 1.0
    assert verdicts(found) == ["holds", "holds", "broken", "broken"]


def test_a_fall_that_recovers_is_no_cliff() -> None:
    recovered = cliff(around(0.9, 0.5, 0.9, 0.9), GRID, 0.8, higher_is_better=True)
    assert recovered.temperature is None
    assert verdicts(recovered)[1] == "broken"
    again = cliff(around(0.5, 0.9, 0.9, 0.5), GRID, 0.8, higher_is_better=True)
    assert again.temperature == 1.5


def test_an_unknown_above_does_not_save_unless_its_mean_does() -> None:
    worse_on_average = around(0.9, 0.5, 0.79, 0.5)
    worse_on_average[:, 2] += np.linspace(-0.2, 0.2, 12)[:, np.newaxis]
    found = cliff(worse_on_average, GRID, 0.8, higher_is_better=True)
    assert verdicts(found) == ["holds", "broken", "unknown", "broken"]
    assert found.temperature == 0.5
    saved = worse_on_average + np.array([0, 0, 0.02, 0])[:, np.newaxis]
    assert cliff(saved, GRID, 0.8, higher_is_better=True).temperature == 1.5


def test_lower_is_better_is_the_mirror_image() -> None:
    values = around(0.05, 0.3, 0.15, 0.6)
    lower = cliff(values, GRID, 0.1, higher_is_better=False)
    higher = cliff(-values, GRID, -0.1, higher_is_better=True)
    assert lower.temperature == higher.temperature == 0.5
    assert verdicts(lower) == verdicts(higher) == ["holds", "broken", "broken", "broken"]


def test_each_bound_is_one_sided_at_its_share_of_alpha() -> None:
    values = around(0.9, 0.7, 0.5, 0.1, spread=0.3)
    found = cliff(values, GRID, 0.8, higher_is_better=True)
    expected = mean_interval(values[:, 1, 0], level=1 - 2 * 0.05 / 4).interval
    assert found.rails[1].interval == expected


def test_a_spotless_guard_rail_of_few_items_is_unknown_and_of_many_holds() -> None:
    few, many = (
        cliff(np.zeros((items, 4, 3)), GRID, 0.05, higher_is_better=False, span=1) for items in (20, 120)
    )
    assert verdicts(few) == ["unknown"] * 4
    assert verdicts(many) == ["holds"] * 4
    assert few.temperature is many.temperature is None


def test_no_range_no_values_and_too_few_items_are_unknown_with_a_reason() -> None:
    values = around(0.9, np.nan, 0.5, 0.1)
    values[4:, 2] = np.nan
    values[:, 3] = 0.1
    found = cliff(values, GRID, 0.8, higher_is_better=True)
    assert verdicts(found) == ["holds", "unknown", "unknown", "unknown"]
    assert found.temperature is None
    reasons = [str(rail.reason) for rail in found.rails[1:]]
    assert "no item" in reasons[0]
    assert "at least 5 items, has 4" in reasons[1]
    assert "range is not known" in reasons[2]
    assert (found.rails[1].mean, found.rails[1].n_items) == (None, 0)


def test_one_temperature_is_enough_and_nonsense_is_refused() -> None:
    assert cliff(around(0.1), (0.7,), 0.8, higher_is_better=True).temperature == 0.7
    with pytest.raises(ValueError, match="limit"):
        cliff(around(0.1), (0.7,), np.nan, higher_is_better=True)
    with pytest.raises(ValueError, match="too low"):
        cliff(around(0.9), (0.7,), 0.8, higher_is_better=True, level=0.4)
    with pytest.raises(ValueError, match="rising"):
        cliff(around(0.9, 0.9), (1.0, 0.5), 0.8, higher_is_better=True)
