"""A chart that cannot be drawn says so and shows its description, in a real browser; the others are drawn all the same."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from report_visit import Visit

from tempkit.report.answers.tokens import pack, unpack

Open = Callable[..., Visit]

FAILED = "This chart cannot be drawn. What it shows:"


def with_block(page: Path, name: str, changed: Callable[[Any], Any], to: Path) -> Path:
    """Write the page anew with one of its packed blocks changed."""
    html = page.read_text("utf-8")
    pattern = rf'(<script type="application/octet-stream" id="{name}">)(.*?)(</script>)'
    new, count = re.subn(pattern, lambda m: m[1] + changed(m[2]) + m[3], html)
    assert count == 1
    to.write_text(new, "utf-8")
    return to


def drawn_as_far_as_possible(seen: Visit) -> None:
    seen.ask_for_paper_with_everything()
    expect(seen.page.locator(".chart:empty")).to_have_count(0)
    seen.page.evaluate("() => dispatchEvent(new Event('afterprint'))")


def test_a_broken_chart_shows_its_description(visit: Open, sample_page: Path, tmp_path: Path) -> None:
    broken: list[str] = []

    def change(packed: str) -> str:
        data = unpack(packed)
        broken.append(next(name for name, chart in data["charts"].items() if chart["spec"] == "primary"))
        data["charts"][broken[0]]["spec"] = "broken"
        data["specs"]["broken"] = {
            "params": [],
            "mark": {"type": "nonsense"},
            "encoding": {"x": {"field": 1}},
        }
        return pack(data)

    page = with_block(sample_page, "tokens-charts", change, tmp_path / "report.html")
    bare = visit(page, scripts=False)  # with them the description may be text by now
    label = bare.page.locator(f"#{broken[0]}").get_attribute("aria-label") or ""
    seen = visit(page)
    count = seen.page.locator(".chart").count()
    box = seen.page.locator(f"#{broken[0]}")
    drawn_as_far_as_possible(seen)
    expect(box.locator("p")).to_have_text([FAILED, label])
    assert "Over temperature" in label
    expect(box.locator("svg")).to_have_count(0)
    assert box.get_attribute("role") is None, "a picture's text would not be read out"
    expect(seen.page.locator(".chart svg.marks")).to_have_count(count - 1)
    assert len(seen.console) == 1, "what is wrong is said where its author looks"
    assert seen.errors == []


def test_without_the_chart_library_every_chart_shows_its_description(
    visit: Open, sample_page: Path, tmp_path: Path
) -> None:
    page = with_block(sample_page, "vega", lambda packed: packed[:-400], tmp_path / "report.html")
    bare = visit(page, scripts=False)  # with them the descriptions may be text by now
    labels = bare.page.locator(".chart").evaluate_all("(all) => all.map((e) => e.getAttribute('aria-label'))")
    seen = visit(page)
    drawn_as_far_as_possible(seen)
    texts = seen.page.locator(".chart").evaluate_all(
        "(all) => all.map((e) => e.lastElementChild.textContent)"
    )
    assert texts == labels
    expect(seen.page.locator(".chart").first).to_contain_text("Charts cannot be drawn")
    assert seen.errors == []


def test_a_chart_that_fails_later_shows_its_description_too(
    visit: Open, sample_page: Path, tmp_path: Path
) -> None:
    """Items come into a chart that is drawn: it may fail then as well."""

    def change(packed: str) -> str:
        data = unpack(packed)
        for spec in data["specs"].values():
            spec["layer"] = [layer for layer in spec["layer"] if layer["data"]["name"] != "items"]
        return pack(data)

    seen = visit(with_block(sample_page, "tokens-charts", change, tmp_path / "report.html"))
    seen.wait_for_charts()
    box = seen.page.locator(".lead-charts .chart").first
    label = box.get_attribute("aria-label") or ""
    seen.page.locator(".item-toggle").first.check()
    expect(box.locator("p")).to_have_text([FAILED, label])
    assert seen.errors == []
