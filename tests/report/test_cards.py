"""The cards at the top of the page: the answer as `tempkit recommend` gives it, and where it stands on the scale."""

import dataclasses
import itertools
import random
from typing import Any

import pytest
from report_sample import Run, completion

from tempkit.compare import compare
from tempkit.compare.tables import tables
from tempkit.report import Study, render, view
from tempkit.types import SampleKey, Score
from tempkit.usecases import recommend, use_case


def scores(run: Run, values: dict[float, float], items: int) -> list[Score]:
    """Scores that differ a little between items, for the run's one prompt."""
    rng = random.Random(1)
    return [
        Score(
            item=item.key,
            model=run.plan.models[0].label,
            temperature=t,
            replicate=r,
            measure="fact_recall",
            version="1",
            value=value + rng.uniform(-0.02, 0.02),
        )
        for item in run.plan.items[:items]
        for t, value in values.items()
        for r in range(2)
    ]


def judged(run: Run, values: dict[float, float], items: int = 9) -> Study:
    """A study whose one prompt has these scores and whose first item has answers."""
    prompt = run.plan.prompts[0]
    many = tuple(dataclasses.replace(prompt.items[0], key=f"p/{i}") for i in range(items))
    plan = dataclasses.replace(
        run.plan,
        prompts=(dataclasses.replace(prompt, items=many),),
        temperatures=tuple(values),
    )
    texts = tuple(
        completion(SampleKey(item.key, plan.models[0].label, t, 0), f"{item.key} at {t:g}")
        for item in many
        for t in values
    )
    changed = dataclasses.replace(run, plan=plan, completions=texts, failures=())
    scored = tables(plan, scores(changed, values, items))
    found = recommend(scored[0], use_case("technical-documentation"))
    return Study(comparison=changed.comparison, scored=scored, recommendations=[found])


def card(study: Study) -> dict[str, Any]:
    return view([study])["cards"][0]


def test_a_recommendation(hand: Run) -> None:
    study = judged(hand, {0.0: 0.8, 0.5: 0.8, 1.0: 0.3})
    seen = card(study)
    assert (seen["status"], seen["temperature"], seen["race"]) == ("recommended", "0", "0–0.5")
    assert seen["verdict"] == "recommended; 0 and 0.5 cannot be told from the best"
    marks = seen["scale"]["marks"]
    assert [(m["x"], m["label"], m["place"], m["chosen"]) for m in marks] == [
        (0.0, "0", "in", True),
        (50.0, "0.5", "in", False),
        (100.0, "1", "out", False),
    ]
    assert seen["sentences"] == list(study.recommendations[0].evidence)
    assert seen["scale"]["spans"] == [{"x": 0.0, "width": 50.0}]


def test_a_tie_and_what_is_undecided(hand: Run) -> None:
    assert card(judged(hand, {0.0: 0.8, 0.5: 0.8, 1.0: 0.8}))["verdict"] == "any of 0 to 1 will do"
    few = card(judged(hand, {0.0: 0.8, 1.0: 0.8}, items=3))
    assert (few["temperature"], few["race"]) == (None, "0–1")
    assert few["verdict"] == "undecided; it takes at least 2 more items"


def test_labels_of_a_fine_grid_do_not_run_into_each_other(hand: Run) -> None:
    grid = {round(0.05 * i, 2): 0.8 for i in range(41)}
    marks = card(judged(hand, grid))["scale"]["marks"]
    labelled = [m["x"] for m in marks if m["label"]]
    assert len(marks) == 41
    assert all(b - a >= 7 for a, b in itertools.pairwise(labelled))


def test_the_examples_are_of_the_item_nearest_to_the_mean_difference(hand: Run) -> None:
    study = judged(hand, {0.0: 0.8, 0.5: 0.8, 1.0: 0.3})
    shown = card(study)["examples"]
    means = study.scored[0].tables[0].values.means
    apart = means[:, 2] - means[:, 0]
    typical = study.scored[0].tables[0].items[abs(apart - apart.mean()).argmin()]
    assert shown["item"] == typical
    assert [(a["temperature"], a["text"], a["why"]) for a in shown["answers"]] == [
        ("0", f"{typical} at 0", "the temperature taken"),
        ("1", f"{typical} at 1", "farthest behind"),
    ]


def test_a_page_without_any_answer_has_no_example(hand: Run) -> None:
    study = judged(hand, {0.0: 0.8, 1.0: 0.3})
    bare = compare(study.comparison.run, study.comparison.plan, {}, (), ())
    assert card(dataclasses.replace(study, comparison=bare))["examples"] is None


def test_the_card_is_on_the_page_before_everything_else(hand: Run) -> None:
    page = render([judged(hand, {0.0: 0.8, 1.0: 0.3})])
    assert page.index('id="answer"') < page.index('id="use-case-1"')
    assert '<strong class="degrees">0</strong>' in page
    assert "No use case is known for p" in render([hand.study])


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_hostile_names_are_shown_as_text(hand: Run, name: str) -> None:
    study = judged(hand, {0.0: 0.8, 1.0: 0.3})
    found = dataclasses.replace(study.recommendations[0], title=name, evidence=(name, name, name))
    page = render([dataclasses.replace(study, recommendations=[found])])
    assert name not in page
