"""What a chart is of, and its picture and numbers to take along: by keyboard, equal to the view, and without asking the network."""

import csv
import io
import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from report_sample import Run
from report_visit import Visit

from tempkit.i18n import language
from tempkit.report import render, view, write
from tempkit.report.charts.figures import all_charts

Open = Callable[..., Visit]

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def page(sample: Run) -> dict[str, Any]:
    return view([sample.study])


def shown(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the charts of the first use case that are not folded away."""
    case = page["use_cases"][0]["figures"]
    yield from case["lead"]
    yield from (chart["versus"] for chart in case["lead"] if chart["versus"] is not None)
    yield case["tradeoff"]


def saved(seen: Visit, chart: dict[str, Any], form: str) -> bytes:
    about = seen.page.locator(f"[id='{chart['id']}-about']")
    if not about.is_visible():
        seen.page.locator(f"figcaption [popovertarget='{chart['id']}-about']").press("Enter")
    expect(about).to_be_visible()
    with seen.page.expect_download() as download:
        about.get_by_role("button", name=form.upper()).press("Enter")
    assert download.value.suggested_filename == f"{chart['file']}.{form}"
    return Path(download.value.path()).read_bytes()


def test_the_numbers_are_those_of_the_view(visit: Open, sample_page: Path, page: dict[str, Any]) -> None:
    seen = visit(sample_page)
    for chart in shown(page):
        read = list(csv.reader(io.StringIO(saved(seen, chart, "csv").decode(), newline="")))
        assert read[0] == [name for name, _field in chart["columns"]]
        expected = [[row.get(field) for _name, field in chart["columns"]] for row in chart["rows"]]
        assert len(read) == 1 + len(expected)
        for row, got in zip(expected, read[1:], strict=True):
            for value, cell in zip(row, got, strict=True):
                assert (float(cell) if isinstance(value, int | float) else cell or None) == value
    seen.assert_quiet_but_for_downloads()


def test_the_picture_stands_by_itself_and_shows_the_numbers_of_the_view(
    visit: Open, sample_page: Path, page: dict[str, Any]
) -> None:
    seen = visit(sample_page, dark=True)
    for chart in shown(page):
        text = saved(seen, chart, "svg").decode()
        assert not re.search(r"url\((?!#)", text)
        for name in ("var(", "system-ui", "href", "<script", "currentColor"):
            assert name not in text, name
        root = ET.fromstring(text)
        assert root.find(f"{SVG}rect").get("fill") == "#fdfdfb", "a picture for a paper is light"  # type: ignore[union-attr]
        words = " ".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))
        plain = words.replace("\u00a0", " ")
        assert " ".join(chart["title"].replace("\u00a0", " ").split()) in plain
        assert "facts-and-ideas, made with tempkit" in plain
        assert all(model in plain for model in ("gguf:smollm2", "lab server"))
        _points_are_where_the_numbers_say(root, chart)
    seen.assert_quiet_but_for_downloads()


def _points_are_where_the_numbers_say(root: ET.Element, chart: dict[str, Any]) -> None:
    """Two points fix the axis; every other stands where its value is on it."""
    across, up = ("p", "q") if "axes" in chart else ("x", "v")
    groups = [g for g in root.iter(f"{SVG}g") if "mark-symbol" in (g.get("class") or "")]
    points = [
        tuple(map(float, re.findall(r"-?[\d.]+", path.get("transform") or "")))
        for group in groups
        for path in group.iter(f"{SVG}path")
        if path.get("fill") == "#fdfdfb"
    ]
    assert len(points) == len(chart["rows"])
    for field, coordinate in ((across, 0), (up, 1)):
        pairs = sorted(
            (row[field], point[coordinate]) for row, point in zip(chart["rows"], points, strict=True)
        )
        (low, start), (high, end) = pairs[0], pairs[-1]
        if low == high:
            continue
        for value, place in pairs:
            assert place == pytest.approx(start + (value - low) / (high - low) * (end - start), abs=0.6)


def test_the_picture_in_pixels(visit: Open, sample_page: Path, page: dict[str, Any]) -> None:
    seen = visit(sample_page)
    data = saved(seen, page["use_cases"][0]["figures"]["lead"][0], "png")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width == 2 * 680
    assert height > 700
    seen.assert_quiet_but_for_downloads()


def test_names_of_files_are_all_different_and_harmless(page: dict[str, Any]) -> None:
    names = [
        chart["file"]
        for case in page["use_cases"]
        for chart in [*all_charts(case["figures"]), *shown({"use_cases": [case]})]
    ]
    of_lead = [chart["file"] for case in page["use_cases"] for chart in case["figures"]["lead"]]
    assert len(set(names)) == len(names) - len(of_lead)
    assert all(re.fullmatch(r"[\w.+-]+", name) for name in names)
    assert names[0] == "facts-and-ideas-technical-documentation-fact_recall"


def test_what_a_chart_is_of_opens_by_keyboard_and_closes_again(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    page = seen.page
    button = page.locator("figcaption [popovertarget='use-case-1-lead-1-about']")
    about = page.locator("#use-case-1-lead-1-about")
    expect(about).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(about).to_be_visible()
    expect(about).to_contain_text("higher is better")
    page.keyboard.press("Tab")
    expect(about.get_by_role("button", name="SVG")).to_be_focused()
    page.keyboard.press("Escape")
    expect(about).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    about.get_by_role("link", name="Numbers as a table").click()
    expect(about).to_be_hidden()
    table = page.locator("#use-case-1-numbers")
    expect(table.locator("table").first).to_be_in_viewport()
    in_table = table.locator("[popovertarget='use-case-1-lead-1-about']")
    in_table.click()
    expect(about).to_be_visible()
    page.mouse.click(5, 300)
    expect(about).to_be_hidden()
    seen.assert_quiet()


def test_few_stops_of_the_tab_key_before_anything_is_unfolded(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    stops = seen.page.evaluate(
        """() => [...document.querySelectorAll('#use-case-1 > :is(.curves, .all-measures, .all-numbers) :is(a, button, input, select, summary, [tabindex])')]
            .filter((each) => each.checkVisibility() && each.tabIndex >= 0).length"""
    )
    charts = seen.page.locator("#use-case-1 > .curves .chart").count()
    assert stops <= charts + 3


def test_single_questions_have_an_axis_that_reaches_them(
    visit: Open, sample_page: Path, page: dict[str, Any]
) -> None:
    seen = visit(sample_page)
    chart = page["use_cases"][0]["figures"]["lead"][-1]
    assert (
        chart["whole"][1] > chart["domain"][1]
        or chart["whole"][0] < chart["domain"][0]
        or chart["whole"] == chart["domain"]
    )
    box = seen.page.locator(f"#{chart['id']}")
    box.scroll_into_view_if_needed()
    expect(box.locator("svg.marks")).to_have_count(1)
    toggle = seen.page.locator("#use-case-1 .item-toggle")
    before = box.locator(".role-axis-label text").all_inner_texts()
    toggle.check()
    expect(box.locator('.mark-line path[stroke-width="1"]')).not_to_have_count(0)
    frame = box.locator("svg.marks").bounding_box()
    assert frame is not None
    for point in box.locator(".mark-symbol path").all():
        place = point.bounding_box()
        assert place is not None
        assert frame["y"] - 4 <= place["y"] <= frame["y"] + frame["height"]
    toggle.uncheck()
    expect(box.locator('.mark-line path[stroke-width="1"]')).to_have_count(0)
    assert box.locator(".role-axis-label text").all_inner_texts() == before
    seen.assert_quiet()


def test_hostile_names_stay_text_in_what_is_saved(visit: Open, hostile_page: Path) -> None:
    seen = visit(hostile_page)
    button = seen.page.locator(".about-open:visible").first
    button.press("Enter")
    about = seen.page.locator(".about:popover-open")
    with seen.page.expect_download() as download:
        about.get_by_role("button", name="SVG").press("Enter")
    text = Path(download.value.path()).read_text("utf-8")
    ET.fromstring(text)
    assert "<script" not in text
    with seen.page.expect_download() as download:
        about.get_by_role("button", name="CSV").press("Enter")
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8"), newline="")))
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    seen.assert_quiet_but_for_downloads()


def test_spanish_pages_save_spanish_pictures(visit: Open, sample: Run, tmp_path: Path) -> None:
    path = tmp_path / "es.html"
    with language("es"):
        write(path, render([sample.study]))
        chart = view([sample.study])["use_cases"][0]["figures"]["lead"][0]
    seen = visit(path)
    seen.page.locator("figcaption [popovertarget='use-case-1-lead-1-about']").press("Enter")
    with seen.page.expect_download() as download:
        seen.page.locator("#use-case-1-lead-1-about").get_by_role("button", name="SVG").press("Enter")
    text = Path(download.value.path()).read_text("utf-8")
    assert "hecho con tempkit" in text
    assert "Temperatura →" in text
    assert chart["title"].split(":")[0] in text
    seen.assert_quiet_but_for_downloads()
