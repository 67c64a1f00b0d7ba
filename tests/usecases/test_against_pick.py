"""Every temperature against the pick: the bounds behind regret and place, and nothing where there is no pick."""

import json

import numpy as np
import pytest

from tempkit.analysis import ScoredSection, Table
from tempkit.decision import Decision, decide, document, use_case
from tempkit.types import ModelSpec


def decided(numbers: np.ndarray, grid: tuple[float, ...] = (0.0, 0.5, 1.0)) -> Decision:
    table = Table.of(
        "fact_recall", "1", [str(i) for i in range(len(numbers))], grid, numbers[:, :, np.newaxis]
    )
    section = ScoredSection(
        use_case="technical-documentation",
        prompts=(),
        model=ModelSpec(backend="scripted", name="x", label="x"),
        tables=(table,),
    )
    return decide(section, use_case("technical-documentation"))


@pytest.mark.parametrize("seed", range(8))
def test_the_bounds_are_those_of_regret_and_place(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.3, 0.9, 4)
    numbers = np.clip(truth + rng.normal(0, 0.1, (12, 1)) + rng.normal(0, 0.08, (12, 4)), 0, 1)
    found = decided(numbers, (0.0, 0.4, 0.8, 1.2))
    assert found.pick is not None
    assert found.regret_upper is not None
    others = {each.temperature: each for each in found.against_pick}
    assert set(others) == {row.temperature for row in found.temperatures} - {found.pick}
    for temperature, each in others.items():
        assert each.low is not None
        assert each.high is not None
        assert each.low <= each.difference <= each.high
        row = found.at(temperature)
        if each.high < 0:
            assert row.place in ("worse", "excluded", "within"), "shown to be behind the pick"
        if row.place == "open":
            assert each.high > 0
    ahead = [each.high for each in others.values() if each.high is not None]
    assert max(0.0, *ahead) >= found.regret_upper - 1e-9, "what the pick could cost is one of them"


def test_there_is_nothing_without_a_pick_or_beside_it() -> None:
    assert decided(np.full((6, 1), 0.5), (0.7,)).against_pick == ()
    assert decided(np.full((6, 3), np.nan)).against_pick == ()


def test_too_few_questions_bound_nothing() -> None:
    found = decided(np.array([[0.5, 0.6, 0.7]]))
    assert all(each.low is None and each.high is None for each in found.against_pick)


def test_it_is_no_part_of_the_json() -> None:
    (record,) = json.loads(document([decided(np.random.default_rng(1).uniform(0, 1, (8, 3)))]))
    assert "against_pick" not in record
    assert "profile" not in record
