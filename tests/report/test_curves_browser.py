"""The curves in a real browser: drawn when they come into view, complete on paper, with their items on demand, models told apart."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from report_sample import Run
from report_visit import Visit

from tempkit.report import render, view, write
from tempkit.report.answers.tokens import unpack
from tempkit.report.charts.figures import all_charts

Open = Callable[..., Visit]

DRAWN = ".chart svg.marks"


def drawn(page: Page) -> int:
    return page.locator(DRAWN).count()


def test_charts_are_drawn_by_themselves_and_folded_ones_when_they_come_into_view(
    visit: Open, sample_page: Path
) -> None:
    seen = visit(sample_page)
    page = seen.page
    for chart in page.locator(".chart:visible").all():
        expect(chart.locator("svg.marks")).to_have_count(1)
    assert page.evaluate("() => scrollY") == 0
    others = page.locator("#use-case-1 .all-measures")
    assert others.locator(DRAWN).count() == 0
    others.locator("summary").press("Enter")
    expect(others.locator(".chart").first.locator("svg.marks")).to_have_count(1)
    page.wait_for_timeout(400)
    assert 0 < others.locator(DRAWN).count() < others.locator(".chart").count()
    others.locator(".chart").last.scroll_into_view_if_needed()
    expect(others.locator(".chart").last.locator("svg.marks")).to_have_count(1)
    seen.assert_quiet()


def test_paper_has_every_chart_that_is_not_folded_away(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    seen.page.evaluate(
        """() => {
            // When the browser lays out the paper, what the page did before printing is done.
            matchMedia('print').addEventListener('change', (query) => {
                if (query.matches) window.onPaper = document.querySelectorAll('.chart svg.marks').length;
            });
            addEventListener('afterprint', () => {
                window.afterPaper = document.querySelectorAll('.chart svg.marks').length;
            });
        }"""
    )
    pdf = seen.page.pdf()
    total = seen.page.locator(".chart:visible").count()
    assert 0 < total < seen.page.locator(".chart").count()
    assert seen.page.evaluate("() => [window.onPaper ?? window.afterPaper, window.afterPaper]") == [
        total,
        total,
    ]
    assert len(pdf) > 200_000
    assert seen.page.locator(".all-measures[open]").count() == 0
    seen.assert_quiet()


def test_every_mean_is_a_point(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    seen.wait_for_charts()
    for case in view([sample.study])["use_cases"]:
        for chart in all_charts(case["figures"]):
            points = seen.page.locator(f"#{chart['id']} .mark-symbol path").count()
            priors = sum(mark["r"] == "prior" for mark in chart["marks"])
            assert points == len(chart["rows"]) + priors, chart["id"]


def test_a_drawn_chart_keeps_its_description(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    seen.wait_for_charts()
    labels = seen.page.locator(".chart").evaluate_all("(all) => all.map((box) => box.ariaLabel)")
    assert all("ver temperature" in label or "by temperature" in label for label in labels)
    assert seen.page.locator(".chart > [aria-hidden=true] svg.marks").count() == len(labels)
    title = seen.page.locator("#use-case-1-lead-1").locator("xpath=..").locator(".chart-title").inner_text()
    assert title.startswith("Facts found")
    assert seen.page.get_by_role("img", name=f"{title}. Over temperature:").count() == 1


def test_models_differ_in_colour_shape_and_dashes(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    seen.wait_for_charts()
    legend = seen.page.locator("#use-case-1 .models li")
    expect(legend).to_have_text(["gguf:smollm2", "lab server"])
    looks = seen.page.evaluate(
        """() => [...document.querySelectorAll('#use-case-1-lead-1 .mark-line path[stroke-width="2.5"]')].map((line) => {
            const style = getComputedStyle(line);
            return [style.stroke, style.strokeDasharray];
        })"""
    )
    keys = seen.page.evaluate(
        """() => [...document.querySelectorAll('#use-case-1 .models .key > path:first-child')].map((line) => {
            const style = getComputedStyle(line);
            return [style.stroke, style.strokeDasharray];
        })"""
    )
    assert len(looks) == len(keys) == 2
    assert [stroke for stroke, _dashes in looks] == [stroke for stroke, _dashes in keys]
    assert looks[0] != looks[1]
    assert looks[1][1] == keys[1][1] == "7px, 3px"
    shapes = seen.page.evaluate(
        """() => [...document.querySelectorAll('#use-case-1-lead-1 .mark-symbol path')].map((p) => p.getAttribute('d'))"""
    )
    assert len(set(shapes)) >= 2


def test_one_model_needs_no_legend(visit: Open, hand: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.html"
    write(path, render([hand.study]))
    seen = visit(path)
    expect(seen.page.locator(".models")).to_have_count(0)
    expect(seen.page.locator(".curves")).to_have_count(1)


def test_items_are_shown_on_demand(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    page = seen.page
    toggle = page.locator("#use-case-1 .item-toggle")
    toggle.scroll_into_view_if_needed()
    expect(toggle).not_to_be_checked()
    lead = page.locator("#use-case-1-lead-1")
    expect(lead.locator("svg.marks")).to_have_count(1)
    thin = lead.locator('.mark-line path[stroke-width="1"]')
    assert thin.count() == 0
    toggle.focus()
    page.keyboard.press("Space")
    expect(thin).to_have_count(2 * 4)  # two models, four items
    select = page.locator("#use-case-1 .item-select")
    expect(select).to_be_visible()
    page.keyboard.press("Tab")
    expect(select).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    item = "technical-documentation/https-port"
    expect(select).to_have_value(item)
    items = unpack(view([sample.study])["blocks"]["use-case-1-items"])
    (line, _other) = items["charts"]["use-case-1-lead-1"]["lines"]
    values = line["d"][line["i"].index(items["keys"].index(item))]
    said = page.locator("#use-case-1 .item-said")
    expect(said).to_contain_text("Facts found: gguf:smollm2: ")
    for t, value in zip(line["t"], values, strict=True):
        if items["said"][value] != "–":
            expect(said).to_contain_text(f"{items['said'][value]} at T = {t:g}")
    expect(lead.locator('.mark-line path[stroke-width="1"][stroke-opacity="1"]')).to_have_count(2)
    opacities = thin.evaluate_all("(all) => all.map((path) => Number(path.getAttribute('stroke-opacity')))")
    assert sorted(set(opacities)) == [0.07, 1]
    # A chart that is drawn later knows it too.
    page.locator("#use-case-1 .all-measures summary").click()
    later = page.locator("#use-case-1 .all-measures .chart").first
    later.scroll_into_view_if_needed()
    expect(later.locator('.mark-line path[stroke-width="1"]')).to_have_count(2 * 4)
    toggle.uncheck()
    expect(thin).to_have_count(0)
    expect(select).to_be_hidden()
    expect(said).to_be_empty()
    seen.assert_quiet()


def test_pointing_at_an_item_names_it_and_sets_it_off(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    page = seen.page
    page.locator("#use-case-1 .item-toggle").check()
    lead = page.locator("#use-case-1-lead-1")
    lead.scroll_into_view_if_needed()
    thin = lead.locator('.mark-line path[stroke-width="1"]')
    expect(thin).to_have_count(8)
    lead.locator(".mark-symbol").nth(-2).locator("path").last.hover(force=True)
    expect(page.locator("#tip")).to_contain_text("technical-documentation/")
    expect(lead.locator('.mark-line path[stroke-width="1"][stroke-opacity="1"]')).not_to_have_count(0)
    page.mouse.move(2, 2)
    expect(lead.locator('.mark-line path[stroke-width="1"][stroke-opacity="1"]')).to_have_count(0)
    seen.assert_quiet()


def test_the_trade_off_labels_each_temperature(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    seen.wait_for_charts()
    plot = view([sample.study])["use_cases"][0]["figures"]["tradeoff"]
    texts = seen.page.locator(f"#{plot['id']} .role-mark.mark-text text").all_text_contents()
    assert sorted(texts) == sorted(row["d"] for row in plot["rows"])
    figure = seen.page.locator(f"#{plot['id']}")
    assert "Facts found on the y axis" in (figure.get_attribute("aria-label") or "")
    figure.scroll_into_view_if_needed()
    figure.locator(".mark-symbol path").last.hover()
    expect(seen.page.locator("#tip")).to_contain_text("Quality")
    seen.assert_quiet()


def test_several_runs_share_the_charts_of_a_use_case(visit: Open, sample: Run, tmp_path: Path) -> None:
    after = dataclasses.replace(
        sample,
        facts=dataclasses.replace(sample.facts, name="after", id="01JTEMPKIT0000000000000002"),
        plan=dataclasses.replace(sample.plan, seed=8),
    )
    path = tmp_path / "two.html"
    write(path, render([sample.study, after.study]))
    seen = visit(path)
    expect(seen.page.locator("#use-case-1 .models li")).to_have_count(4)
    said = view([sample.study, after.study])["use_cases"][0]["figures"]["tradeoff"]["says"]
    assert len(said) >= 4
    expect(seen.page.locator("#use-case-1 .tradeoff-says li")).to_have_count(2 * len(said))
    seen.wait_for_charts()
    lines = seen.page.locator('#use-case-1-lead-1 .mark-line path[stroke-width="2.5"]')
    expect(lines).to_have_count(4)
    seen.assert_quiet()


@pytest.mark.parametrize("width", [1280, 400])
def test_charts_keep_to_the_window(visit: Open, sample_page: Path, width: int) -> None:
    seen = visit(sample_page, width=width)
    seen.wait_for_charts()
    seen.page.locator("#use-case-1 .all-measures summary").click()
    seen.page.locator("#use-case-1 .item-toggle").check()
    wide = seen.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
