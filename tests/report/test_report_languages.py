"""The report in other languages: nothing on the page bypasses the catalogues, and numbers and dates follow the language."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from report_pseudo import PSEUDO, bare, corpus, outside, seen
from report_sample import Run, run_facts
from report_visit import Visit

from tempkit.i18n.languages import language
from tempkit.measures import MEASURES
from tempkit.report import Study, render, render_markdown, view, write
from tempkit.report.charts.figures import all_charts
from tempkit.report.text.format_values import flat
from tempkit.types import SamplingParams

Open = Callable[..., Visit]

ALLOWED = re.compile(
    r"\bT =|^T$|n = |^[a-z]$|\b20\d\d-\d\d-\d\d \d\d:\d\d UTC|tempkit 0\.[12]\.0|, [<>]?[\d.]+ %$|^(?:SVG|PNG|CSV)$"
)
"""What stands outside of every message and needs no translation: symbols, letters that number what others found, forms of files, times as a machine writes them, our name, a token's probability."""


def two_runs(run: Run) -> list[Study]:
    """A run and another like it that was broken off, so that the page compares them and warns."""
    sampling = {name: dataclasses.replace(params, top_p=0.9) for name, params in run.plan.sampling.items()}
    plan = dataclasses.replace(run.plan, seed=8, repeat=5, sampling=sampling)
    facts = run_facts(plan.sample_count, name="after", id="other", status="interrupted", version="0.2.0")
    kept = tuple(c for c in run.completions if c.key.replicate < 3)
    other = dataclasses.replace(run, facts=facts, plan=plan, completions=kept)
    return [run.study, other.study]


def data_of(studies: list[Study]) -> set[str]:
    """Every string that models, users and the run itself have given, and the names that are code."""
    comparisons = [study.comparison for study in studies]
    told: list[Any] = [
        *comparisons,
        list(MEASURES),
        [field.name for field in dataclasses.fields(SamplingParams)],
        "tempkit",
        ", ".join(each.run.name for each in comparisons),
        [flat(each.run.environment) for each in comparisons],
        [file["name"] for file in view(studies)["downloads"]],
        [command["line"] for card in view(studies)["cards"] for command in card["commands"]],
    ]
    for each in comparisons:
        told += [f"{each.run.name} ({each.run.id})", [prompt.use_case for prompt in each.plan.prompts]]
        for facts in each.models:
            info = {} if facts.info is None else facts.info.details
            told += [
                facts.spec.id,
                f"{facts.spec.label} · {each.run.name}",
                flat(facts.spec.options),
                flat(info),
            ]
            told.append([list(facts.sent), facts.response_models])
    return corpus(*told)


@pytest.fixture(scope="module")
def pseudo(sample: Run) -> list[Study]:
    with language(PSEUDO):
        return two_runs(sample)


@pytest.mark.slow
def test_everything_on_the_page_has_passed_through_the_catalogues(
    pseudo: list[Study], visit: Open, tmp_path: Path
) -> None:
    """Ours stands in the brackets of its message; anything else must be a piece of the run's own data, and marked as such."""
    path = tmp_path / "pseudo.html"
    with language(PSEUDO):
        write(path, render(pseudo))
    page = visit(path)
    page.wait_for_charts()
    page.page.locator(".chart").first.locator(".mark-symbol").last.locator("path").first.hover()
    expect(page.page.locator("#tip")).to_be_visible()
    texts = seen(page.page)
    page.page.locator(".item-toggle").first.evaluate("box => box.click()")
    page.page.locator("input[type=search]").first.fill("port")
    expect(page.page.locator("mark").first).to_be_attached()
    texts += seen(page.page)
    for button in (0, -1):
        page.page.locator(".tokens-button").nth(button).evaluate("button => button.click()")
        page.page.keyboard.press("ArrowRight")
        texts += seen(page.page)
        page.page.keyboard.press("Escape")
    assert "⟦temperature report⟧" in page.page.title()

    data = data_of(pseudo)
    whole = "\n".join(data)
    foreign = set()
    for each in outside(texts):
        left = bare(ALLOWED.sub("", each["outside"]))
        if not re.search(r"[^\W\d_]", left):
            continue
        if (each["data"] and left in whole) or (each["facts"] and left in data):
            continue
        foreign.add((left, each["where"]))
    assert not foreign, "\n".join(f"{text!r} in {where}" for text, where in sorted(foreign))


def test_everything_in_the_summary_has_too(pseudo: list[Study]) -> None:
    with language(PSEUDO):
        text = render_markdown(pseudo)
    for tag in ("details", "summary"):
        text = text.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    text = re.sub(r"`[^`\n]*`|:?-+:?|&#\d+;", "", text)
    while "⟦" in text:
        text, changed = re.subn(r"⟦[^⟦⟧]*⟧", "", text)
        assert changed
    assert set(re.findall(r"[^\W\d_]+", text)) == set()


def test_a_language_is_no_longer_spoken_after_its_block(hand: Run) -> None:
    before = render([hand.study])
    with language("es"):
        spanish = render([hand.study])
        assert "Nada de lo" not in before
    with language(PSEUDO):
        assert "⟦" in render([hand.study])
    assert render([hand.study]) == before
    assert '<html lang="en">' in before
    assert '<html lang="es">' in spanish


def test_the_view_holds_the_same_numbers_in_every_language(hand: Run) -> None:
    english = view([hand.study])
    with language("es"):
        spanish = view([hand.study])

    def rows(page: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            row
            for case in page["use_cases"]
            for chart in all_charts(case["figures"])
            for row in chart["rows"]
        ]

    def numbers(page: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in row.items() if not isinstance(value, str)} for row in rows(page)
        ]

    assert numbers(english) == numbers(spanish)
    assert [row["d"].replace(".", ",") for row in rows(english)] == [row["d"] for row in rows(spanish)]
    assert any("," in row["d"] for row in rows(spanish))
    json.dumps(spanish, allow_nan=False)


def test_scripts_and_charts_write_numbers_as_the_page_does(sample: Run, visit: Open, tmp_path: Path) -> None:
    path = tmp_path / "informe.html"
    with language("es"):
        write(path, render([sample.study]))
    page = visit(path)
    page.wait_for_charts()
    told = page.page.evaluate(
        "() => [[-1234.5, 1], [12345, 0], [0.5, 2]].map(([value, digits]) => words.number(value, digits))"
        ".concat([0.36, 0.001234, 0.9999, 0.00001, 1].map(words.percent))"
    )
    assert told == [
        *("−1234,5", "12\u202f345", "0,50"),
        *("36\u00a0%", "0,12\u00a0%", ">99\u00a0%", "<0,01\u00a0%", "100\u00a0%"),
    ]
    axis = page.page.locator(".chart .role-axis-label text").all_text_contents()
    assert "0,4" in axis
    assert not any(re.search(r"\d\.\d", label) for label in axis)
    page.page.locator(".chart").first.locator(".mark-symbol").last.locator("path").last.hover()
    expect(page.page.locator("#tip")).to_contain_text("1,6")
    page.assert_quiet()
