"""The comparison of two runs leads with what changed, what an answer must never do included, and hides no temperature."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect
from report_pair import VALUES, scored, variant
from report_sample import Run
from report_visit import Visit

from tempkit.decision import between_models, between_use_cases
from tempkit.i18n.languages import language
from tempkit.report import Study, render, view, write
from tempkit.types import ModelInfo, ModelSpec, Reason

Open = Callable[..., Visit]

FEW, MOST = np.zeros((8, 2)), np.column_stack([np.zeros(8), [1, 1, 1, 0.5, 1, 1, 1, 0.9]])
"""Shares of answers by question at the two temperatures: none, and most of those at the higher one."""


def fallen(run: Run, **changes: Any) -> Study:
    """Return a run whose answers are truncated at the higher temperature, so that most have no score there."""
    values = VALUES.copy()
    values[2:, 1] = np.nan
    return scored(
        run,
        values,
        others={"truncated": MOST, "loop": FEW},
        missing={1.0: {Reason("token_limit"): 6}},
        **changes,
    )


def whole(run: Run) -> Study:
    return scored(variant(run), VALUES, others={"truncated": FEW, "loop": FEW})


def case_of(one: Study, other: Study) -> dict[str, Any]:
    (pair,) = view([one, other])["compared"]
    (case,) = pair["paired"]
    return case  # type: ignore[no-any-return]


def test_what_broke_leads_and_says_how_much_of_it_there_is_in_each(hand: Run) -> None:
    case = case_of(fallen(hand), whole(hand))
    assert case["lead"][0] == "At T = 1, 92 % of the answers are truncated with hand, and 0 % with after."
    assert "Guard-rails rule out 1 with hand, and no temperature with after." in case["lead"]
    turned = case_of(scored(hand, VALUES, others={"truncated": FEW}), fallen(variant(hand)))
    assert turned["lead"][0] == "At T = 1, 92 % of the answers are truncated with after, and 0 % with hand."


def test_a_temperature_without_scores_stays_in_the_table_with_the_reason(hand: Run) -> None:
    case = case_of(fallen(hand), whole(hand))
    cold, hot = case["rows"]
    assert cold["interval"] is not None
    assert (hot["temperature"], hot["interval"], hot["items"]) == ("1", None, "2")
    assert hot["reason"] == "needs at least 5 questions, has 2"
    assert case["says"].endswith(
        "Not comparable at T\u00a0=\u00a01, because 6 of 8 answers in hand could not be scored (truncated at max_tokens)."
    )
    nothing = scored(
        hand, np.column_stack([VALUES[:, 0], np.full(8, np.nan)]), missing={1.0: {Reason("token_limit"): 8}}
    )
    row = case_of(nothing, whole(hand))["rows"][1]
    assert (row["one"], row["difference"], row["items"]) == ("–", "–", "0")
    assert row["reason"] == "8 of 8 answers in hand could not be scored (truncated at max_tokens)"


def test_measures_that_differ_stand_first_and_the_others_are_kept(hand: Run) -> None:
    rails = case_of(fallen(hand), whole(hand))["rails"]
    assert [(rail["heading"], rail["apart"]) for rail in rails] == [
        ("Truncated answers", True),
        ("Answers in a loop", False),
    ]
    assert [row["apart"] for row in rails[0]["rows"]] == [False, True]
    assert rails[0]["rows"][1]["interval"].endswith(" points")
    for rail in rails:  # no share differs from another by more than all of it
        for row in rail["rows"]:
            low, high = (
                int(end.replace("−", "-")) for end in row["interval"].split(" points")[0].split(" to ")
            )
            assert -100 <= low <= high <= 100


def test_intervals_of_all_other_measures_hold_together(hand: Run) -> None:
    """Four tests rather than two: the same difference has a wider interval."""
    alone = case_of(
        scored(hand, VALUES, others={"truncated": MOST / 2}),
        scored(variant(hand), VALUES, others={"truncated": FEW}),
    )
    beside = case_of(
        scored(hand, VALUES, others={"truncated": MOST / 2, "loop": FEW}),
        scored(variant(hand), VALUES, others={"truncated": FEW, "loop": FEW}),
    )
    one, two = (
        next(rail for rail in case["rails"] if rail["heading"].startswith("Trunc"))["rows"][1]["interval"]
        for case in (alone, beside)
    )
    widths = [
        int(high.split()[0].replace("−", "-")) - int(low.replace("−", "-"))
        for low, high in (each.split(" to ") for each in (one, two))
    ]
    assert widths[0] < widths[1]


def test_runs_that_are_alike_say_so_of_every_measure(hand: Run) -> None:
    same = scored(hand, VALUES, others={"truncated": FEW, "loop": FEW})
    lead = case_of(same, whole(hand))["lead"]
    assert lead[0].startswith("Facts found: no difference between hand and after is shown")
    assert lead[1] == "Nor is a difference shown in answers in a loop, truncated answers."


def test_a_difference_in_the_measure_that_decides_comes_before_what_broke(hand: Run) -> None:
    worse = scored(hand, VALUES * 0.3, others={"truncated": MOST})
    lead = case_of(worse, whole(hand))["lead"]
    assert lead[0].startswith("Facts found is shown to differ: in after it is")
    assert "are truncated with hand" in lead[1]


def test_an_option_is_told_once_as_it_took_effect(hand: Run) -> None:
    """What one plan leaves out, and both models report, is one difference and no contradiction."""
    spec = hand.plan.models[0]
    one = dataclasses.replace(hand, infos={spec.label: ModelInfo(details={"truncate_first": False})})
    other = variant(
        one,
        plan={"models": (dataclasses.replace(spec, options={"truncate_first": True}),)},
        infos={spec.label: ModelInfo(details={"truncate_first": True})},
    )
    (pair,) = view([one.study, other.study])["compared"]
    assert [line for line in pair["differences"] if "truncate_first" in line] == [
        f"{spec.label}, truncate_first: false in hand, true in after."
    ]
    for study, value in ((one.study, "false"), (other.study, "true")):
        (model,) = view([study])["method"][0]["models"]
        assert [told for name, told in model["facts"] if name == "truncate_first"] == [value]


def test_of_two_models_it_leads_which_is_better_each_at_its_own_temperature(hand: Run) -> None:
    other = ModelSpec(backend="scripted", name="y", label="scripted:y")
    moved = variant(
        hand,
        plan={"models": (other,)},
        completions=tuple(
            dataclasses.replace(c, key=dataclasses.replace(c.key, model="scripted:y")) for c in hand.completions
        ),
        failures=(),
    )  # fmt: skip
    lead = case_of(scored(hand, VALUES), scored(moved, np.clip(VALUES + 0.3, 0, 1)))["lead"]
    assert lead[0].startswith("scripted:y at ")
    assert "is better than scripted:x at " in lead[0]
    assert lead[0].endswith("each at its own temperature.")
    assert lead[1].startswith("Facts found is shown to differ: in scripted:y it is")


def test_of_several_models_in_a_run_it_leads_which_is_better(sample: Run) -> None:
    study = sample.study
    models, cases = between_models(study.decisions), between_use_cases(study.decisions)
    assert models
    assert cases
    assert view([study])["between"] == [*models, *cases]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (400, 800), (640, 400)])
def test_the_first_screen_holds_what_changed_and_the_decision(
    visit: Open, hand: Run, tmp_path: Path, width: int, height: int, lang: str
) -> None:
    path = tmp_path / "two.html"
    with language(lang):
        studies = [fallen(hand), whole(hand)]
        write(path, render(studies))
        lead = view(studies)["compared"][0]["paired"][0]["lead"]
    seen = visit(path, width=width, height=height)
    expect(seen.page.locator("#changed .headline")).to_be_in_viewport(ratio=1)
    expect(seen.page.locator("#changed")).to_contain_text(lead[0])
    if height > 400:
        expect(seen.page.locator("#changed .rest-of-lead")).to_be_in_viewport(ratio=1)
        expect(seen.page.locator("#card-1 .verdict")).to_be_in_viewport(ratio=1)
    assert seen.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    seen.page.locator("#changed a").click()
    expect(seen.page.locator("#compare-title")).to_be_in_viewport()
    expect(seen.page.locator("#compare tr.apart").first).to_be_visible()
    seen.assert_quiet()
