"""Which model is better at its own best temperature: found where it is so, and not found where it is not."""

from dataclasses import replace

import numpy as np
import pytest
from usecase_scores import clustered, section_of, table_of

from tempkit.decision import use_case
from tempkit.decision.prose import between_models
from tempkit.decision.run import decide_run
from tempkit.types import ModelSpec

GRID = (0.0, 0.5, 1.0)


def on(label, means, *, seed=7, items=24, rows=None):
    rng = np.random.default_rng(seed)
    numbers = np.clip(clustered(rng, means, items=items), 0, 1)
    table = table_of(numbers, temperatures=GRID)
    if rows is not None:
        table = replace(table, items=rows)
    model = ModelSpec(backend="scripted", name=label, label=label)
    return replace(section_of(table), model=model)


def test_a_better_model_is_found_and_both_say_the_same():
    one, other = decide_run([on("big", [0.8, 0.78, 0.6]), on("small", [0.55, 0.6, 0.5])])
    (mine,), (theirs,) = one.rivals, other.rivals
    assert (mine.model, mine.verdict, theirs.verdict) == ("small", "better", "worse")
    assert mine.low == pytest.approx(-theirs.high)
    assert 0 < mine.low < mine.difference < mine.high
    best = [max(row.mean for row in each.temperatures) for each in (one, other)]
    assert mine.difference == pytest.approx(best[0] - best[1])
    (said,) = between_models([one, other])
    assert said.startswith(f"big at {one.pick:g} is better than small at {other.pick:g}, by ")


def test_models_that_are_alike_are_shown_to_be_within_the_margin_with_enough_questions():
    exam = use_case("technical-documentation")
    one, other = decide_run([on("a", [0.7, 0.7, 0.7], items=200), on("b", [0.7, 0.7, 0.7], items=200)], exam)
    assert one.rivals[0].verdict == other.rivals[0].verdict
    assert one.rivals[0].verdict in ("alike", "unknown")
    assert one.rivals[0].low <= 0 <= one.rivals[0].high


def test_models_that_share_no_question_are_not_compared():
    rows = tuple(f"other-{i}" for i in range(24))
    one, other = decide_run([on("a", [0.8, 0.7, 0.6]), on("b", [0.5, 0.5, 0.5], rows=rows)])
    assert one.rivals == other.rivals == ()
    assert between_models([one, other]) == []


def test_with_one_model_there_is_nothing_to_say():
    (one,) = decide_run([on("a", [0.8, 0.7, 0.6])])
    assert one.rivals == ()
    assert between_models([one]) == []


def test_of_several_models_the_leader_is_compared_with_the_others():
    found = decide_run([on("a", [0.5, 0.5, 0.4]), on("b", [0.9, 0.9, 0.8]), on("c", [0.4, 0.4, 0.4])])
    said = " ".join(between_models(found))
    assert said.startswith(f"b at {found[1].pick:g} is better than a at ")
    assert " and c at " in said


@pytest.mark.slow
def test_models_without_a_difference_are_hardly_ever_told_apart():
    """At most 5 % of the data sets, plus two standard errors: with three temperatures each, picked by looking."""
    rng = np.random.default_rng(3)
    sets, wrong = 300, 0
    for _ in range(sets):
        seeds = rng.integers(0, 2**31, 2)
        found = decide_run(
            [on("a", [0.6] * 3, seed=seeds[0], items=12), on("b", [0.6] * 3, seed=seeds[1], items=12)]
        )
        wrong += found[0].rivals[0].verdict in ("better", "worse")
    assert wrong / sets <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / sets)
