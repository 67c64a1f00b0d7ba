"""Several runs on one page: what changed from one to the other, item by item, and what else differs between them."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile_strings import HOSTILE
from report_pair import VALUES, scored, variant
from report_sample import Run
from report_visit import Visit
from scipy import stats

from tempkit.report import Study, render, view, write
from tempkit.report.tables.run_differences import differences
from tempkit.types import Item, Message, ModelInfo, ModelSpec, SamplingParams, TopUp

Open = Callable[..., Visit]


def told(one: Run, other: Run) -> list[str]:
    return differences(one.comparison, other.comparison)


# What else differs


def test_runs_that_are_alike_have_no_difference(hand: Run) -> None:
    assert told(hand, variant(hand)) == []
    page = render([hand.study, variant(hand).study])
    assert "Nothing else that was recorded differs" in page


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (
            {"sampling": {"p": SamplingParams(top_p=0.9, stop=("x",))}},
            ["top_p: 1 in hand, 0.9 in after (p).", 'stop: none in hand, ["x"] in after (p).'],
        ),
        (
            {"seed": 9},
            ["Run seed: 1 in hand, 9 in after, so samples of the same number did not draw the same random numbers."],
        ),
        (
            {"topups": (TopUp(model="scripted:x", prompts=("p",), temperatures=(1.0,), repeat=5),)},
            ["Samples per question and temperature: 3 in hand, 3 to 5 in after."],
        ),
    ],
)  # fmt: skip
def test_each_difference_of_a_plan_is_a_sentence(hand: Run, plan: dict[str, Any], line: list[str]) -> None:
    assert told(hand, variant(hand, plan=plan)) == line


def _with_items(run: Run, change: Callable[[Item], Item | None], name: str = "after") -> Run:
    prompt = run.plan.prompts[0]
    items = tuple(new for item in prompt.items if (new := change(item)) is not None)
    keys = {item.key for item in items}
    return variant(
        run,
        name=name,
        plan={"prompts": (dataclasses.replace(prompt, items=items),)},
        completions=tuple(c for c in run.completions if c.key.item in keys),
        failures=tuple(f for f in run.failures if f.key.item in keys),
    )


def test_differences_of_items(hand: Run) -> None:
    fewer = _with_items(hand, lambda item: item if item.key == "p/bits" else None)
    assert told(hand, fewer) == [
        "1 question was asked in hand alone: p/port.",
        "after is not finished: 6 samples have not been generated.",
    ]
    reworded = _with_items(
        hand,
        lambda item: (
            dataclasses.replace(item, messages=(Message("user", "Another question?"),))
            if item.key == "p/bits"
            else dataclasses.replace(item, facts=(("80",),))
        ),
    )
    assert told(hand, reworded) == [
        "1 question of the same name asks something else in the other run: p/bits. It is left out of the comparison.",
        "1 question has other reference facts or checks: p/port. It is left out of the comparison.",
    ]


def test_differences_of_temperatures(hand: Run) -> None:
    cold = variant(
        hand,
        plan={"temperatures": (0.0, 0.5)},
        completions=tuple(c for c in hand.completions if c.key.temperature == 0),
        failures=(),
    )
    assert told(hand, cold)[0] == "Temperatures: 0, 1 in hand, 0, 0.5 in after; only 0 can be compared."


def test_differences_of_models_and_software_without_a_key(hand: Run) -> None:
    info = ModelInfo(digest="sha256:aa", details={"engine": {"version": "1"}})
    one = dataclasses.replace(hand, infos={"scripted:x": info})
    spec = dataclasses.replace(hand.plan.models[0], options={"api_key": "sk-never", "n_ctx": 4})
    other = variant(
        one,
        plan={"models": (spec,)},
        infos={"scripted:x": ModelInfo(digest="sha256:bb", details={"engine": {"version": "2"}})},
    )
    facts = dataclasses.replace(other.facts, version="0.2.0", environment={"packages": {"numpy": "3"}})
    found = told(one, dataclasses.replace(other, facts=facts))
    assert found == [
        "scripted:x, api_key: not set in hand, not shown in after.",
        "scripted:x, n_ctx: not set in hand, 4 in after.",
        "Digest of scripted:x: sha256:aa in hand, sha256:bb in after.",
        "scripted:x, engine.version: 1 in hand, 2 in after.",
        (
            "Software: tempkit 0.1.0, then 0.2.0; python 3.11.7, then not set; platform Linux-6.1-x86_64, then not set; "
            "numpy 2.4.6, then 3."
        ),
    ]
    assert "sk-never" not in " ".join(found)


# What changed


def compared(one: Study, other: Study) -> dict[str, Any]:
    (pair,) = view([one, other])["compared"]
    (case,) = pair["paired"]
    return case  # type: ignore[no-any-return]


def test_the_difference_is_scipys_paired_one_at_a_level_for_both_temperatures(hand: Run) -> None:
    later = VALUES + np.random.default_rng(6).normal([0.0, 0.15], 0.05, (8, 2))
    case = compared(scored(hand, VALUES), scored(variant(hand), later))
    assert [row["temperature"] for row in case["rows"]] == ["0", "1"]
    for column, row in enumerate(case["rows"]):
        t = stats.ttest_rel(later[:, column], VALUES[:, column])
        low, high = t.confidence_interval(1 - 0.05 / 2)
        assert row["interval"] == f"{low * 100:.0f} to {high * 100:.0f} points".replace("-", "−")
        mean = round(float((later - VALUES)[:, column].mean() * 100))
        assert row["difference"] == (f"{mean:+d} points".replace("-", "−") if mean else "0 points")
        assert row["items"] == "8"
        assert row["one"] == f"{VALUES[:, column].mean() * 100:.0f} %"
    assert case["says"].startswith("Facts found is shown to differ: in after it is ")
    assert case["says"].endswith(
        "points higher at T\u00a0=\u00a01 than in hand. At 1 other temperature no difference is shown."
    )


def test_no_difference_and_too_few_items_are_told_apart(hand: Run) -> None:
    same = compared(scored(hand, VALUES), scored(variant(hand), VALUES + np.linspace(-0.1, 0.1, 8)[:, None]))
    assert same["says"] == "Facts found: no difference between hand and after is shown at T\u00a0=\u00a00, 1."
    hair = compared(
        scored(hand, VALUES), scored(variant(hand), VALUES + np.linspace(0.001, 0.002, 8)[:, None])
    )
    assert "in after it is slightly higher at T\u00a0=\u00a00" in hair["says"]
    few = compared(scored(hand, VALUES, items=3), scored(variant(hand), VALUES + 0.1))
    assert few["says"] == (
        "Facts found: nothing can be shown of after against hand (needs at least 5 questions, has 3)."
    )
    assert [row["interval"] for row in few["rows"]] == [None, None]
    assert "confidence" not in few["note"]


def test_scores_of_other_versions_are_not_compared(hand: Run) -> None:
    case = compared(scored(hand, VALUES), scored(variant(hand), VALUES, version="2"))
    assert case["rows"] == []
    assert "was measured in two ways (1 and 2), so its values cannot be compared" in case["says"]


def test_two_models_are_compared_where_each_run_has_one(hand: Run) -> None:
    other = ModelSpec(backend="scripted", name="y", label="scripted:y")
    moved = variant(
        hand,
        plan={"models": (other,)},
        completions=tuple(
            dataclasses.replace(c, key=dataclasses.replace(c.key, model="scripted:y")) for c in hand.completions
        ),
        failures=(),
    )  # fmt: skip
    one, two = scored(hand, VALUES), scored(moved, np.clip(VALUES + 0.3, 0, 1))
    case = compared(one, two)
    assert "in scripted:y it is" in case["says"]
    assert "than in scripted:x" in case["says"]
    assert "Model: scripted:x in hand, scripted:y in after." in view([one, two])["compared"][0]["differences"]


def test_the_page_of_two_runs(hand: Run, tmp_path: Path, visit: Open) -> None:
    path = tmp_path / "two.html"
    write(path, render([scored(hand, VALUES), scored(variant(hand, plan={"seed": 2}), VALUES * 0.5)]))
    for width in (1280, 400):
        seen = visit(path, width=width)
        seen.wait_for_charts()
        assert seen.page.locator("#compare tbody tr:not(.family)").count() == 2
        assert seen.page.locator("#compare .beware li").count() == 1
        assert seen.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        seen.assert_quiet()


def test_hostile_names_of_runs(hand: Run, tmp_path: Path, visit: Open) -> None:
    path = tmp_path / "hostile.html"
    studies = [
        scored(variant(hand, name=name, plan={"seed": i}), VALUES) for i, name in enumerate(HOSTILE[:6])
    ]
    write(path, render(studies))
    seen = visit(path)
    assert seen.page.locator("#compare .against").count() == 5
    assert seen.page.evaluate("() => window.pwned === undefined")
    seen.wait_for_charts()
    seen.assert_quiet()
