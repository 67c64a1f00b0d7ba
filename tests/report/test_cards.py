"""The cards at the top of the page: the answer as `tempkit recommend` gives it, and where it stands on the scale."""

import dataclasses
import itertools
import random

import pytest
from report_sample import Run

from tempkit.compare.tables import tables
from tempkit.report import Study, render, view
from tempkit.types import Score
from tempkit.usecases import Recommendation, recommend, use_case


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


def judged(run: Run, values: dict[float, float], items: int = 9) -> Recommendation:
    prompt = run.plan.prompts[0]
    many = tuple(dataclasses.replace(prompt.items[0], key=f"p/{i}") for i in range(items))
    plan = dataclasses.replace(
        run.plan,
        prompts=(dataclasses.replace(prompt, items=many),),
        temperatures=tuple(values),
    )
    section = tables(plan, scores(dataclasses.replace(run, plan=plan), values, items))[0]
    return recommend(section, use_case("technical-documentation"))


def card(run: Run, found: Recommendation) -> dict[str, object]:
    return view([with_cards(run, found)])["cards"][0]


def with_cards(run: Run, *found: Recommendation) -> Study:
    return dataclasses.replace(run.study, recommendations=[*found])


def test_a_recommendation(hand: Run) -> None:
    found = judged(hand, {0.0: 0.8, 0.5: 0.8, 1.0: 0.3})
    seen = card(hand, found)
    assert (seen["status"], seen["temperature"], seen["race"]) == ("recommended", "0", "0–0.5")
    assert seen["verdict"] == "recommended; 0 and 0.5 cannot be told from the best"
    marks = seen["scale"]["marks"]
    assert [(m["x"], m["label"], m["place"], m["chosen"]) for m in marks] == [
        (0.0, "0", "in", True),
        (50.0, "0.5", "in", False),
        (100.0, "1", "out", False),
    ]
    assert seen["sentences"] == list(found.evidence)


def test_a_tie_and_what_is_undecided(hand: Run) -> None:
    assert card(hand, judged(hand, {0.0: 0.8, 0.5: 0.8, 1.0: 0.8}))["verdict"] == "any of 0 to 1 will do"
    few = card(hand, judged(hand, {0.0: 0.8, 1.0: 0.8}, items=3))
    assert (few["temperature"], few["race"]) == (None, "0–1")
    assert few["verdict"] == "undecided; it takes at least 2 more items"


def test_labels_of_a_fine_grid_do_not_run_into_each_other(hand: Run) -> None:
    grid = {round(0.05 * i, 2): 0.8 for i in range(41)}
    marks = card(hand, judged(hand, grid))["scale"]["marks"]
    labelled = [m["x"] for m in marks if m["label"]]
    assert len(marks) == 41
    assert all(b - a >= 7 for a, b in itertools.pairwise(labelled))


def test_the_card_is_on_the_page_before_everything_else(hand: Run) -> None:
    page = render([with_cards(hand, judged(hand, {0.0: 0.8, 1.0: 0.3}))])
    assert page.index('id="answer"') < page.index('id="use-case-1"')
    assert '<strong class="degrees">0</strong>' in page
    assert 'id="answer"' not in render([hand.study])


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_hostile_names_are_shown_as_text(hand: Run, name: str) -> None:
    found = dataclasses.replace(judged(hand, {0.0: 0.8, 1.0: 0.3}), title=name, evidence=(name, name, name))
    page = render([with_cards(hand, found)])
    assert name not in page
