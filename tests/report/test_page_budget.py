"""What a reader has to get through: a page of 540 answers on two use cases, before anything is unfolded, and on paper."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from report_large import large_run
from report_visit import Visit

from tempkit.i18n.languages import language
from tempkit.report import render, write

Open = Callable[..., Visit]

HEIGHT, WORDS, STOPS, SHEETS = 8_000, 6_000, 150, 8
"""At most, of a page 1280 pixels wide: pixels, words, stops of the Tab key; and sheets of A4."""

LANGUAGES = ("en", "es")

STOPS_OF = """() => {
  const found = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter((each) => each.checkVisibility() && each.tabIndex >= 0 && !each.disabled);
  // A group of radio buttons is one stop.
  return found.filter((each) => each.type !== 'radio' || each.checked).length;
}"""

AT_REST = """() => {
  const now = [document.documentElement.scrollHeight, document.body.innerText.length].join();
  const [before, since] = window.lastSeen ?? ['', 0];
  if (now !== before) { window.lastSeen = [now, Date.now()]; return false; }
  return Date.now() - since > 1500;
}"""
"""Whether nothing was drawn or folded for a second and a half: parts of the page are unpacked one after another."""


@pytest.fixture(scope="module")
def large_pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    run = large_run(questions=18, repeat=3)
    paths = {}
    for code in LANGUAGES:
        paths[code] = tmp_path_factory.mktemp("large") / f"{code}.html"
        with language(code):
            write(paths[code], render([run.study]))
    return paths


@pytest.fixture(scope="module")
def large_page(large_pages: dict[str, Path]) -> Path:
    return large_pages["en"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_keeps_to_its_budget(visit: Open, large_pages: dict[str, Path], code: str) -> None:
    seen = visit(large_pages[code], height=800)
    expect(seen.page.locator("#explorer-live")).to_be_visible()
    seen.wait_for_charts()
    seen.page.wait_for_function(AT_REST, polling=100)
    height, words = seen.page.evaluate(
        "() => [document.documentElement.scrollHeight, document.body.innerText.split(/\\s+/).length]"
    )
    measured = {"height": height, "words": words, "stops": seen.page.evaluate(STOPS_OF)}
    most = {"height": HEIGHT, "words": WORDS, "stops": STOPS}
    assert {name: value for name, value in measured.items() if value >= most[name]} == {}
    assert words > 1_000, "there is something to read"
    assert not re.search(r"T\s=\sT", seen.page.evaluate("() => document.body.innerText")), "said once"
    seen.assert_quiet()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (400, 800), (640, 400)])
def test_the_first_card_is_in_the_first_screen(
    visit: Open, large_page: Path, width: int, height: int
) -> None:
    """640 by 400 are what 1280 by 800 are at a zoom of 200 %."""
    seen = visit(large_page, width=width, height=height)
    for part in (".verdict", ".grade"):
        expect(seen.page.locator(f"#card-1 {part}")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_paper_is_short_unless_everything_is_asked_for(visit: Open, large_page: Path, scripts: bool) -> None:
    short = sheets(visit(large_page, scripts=scripts))
    assert 2 <= short <= SHEETS
    assert sheets(visit(large_page, scripts=scripts, fragment="everything")) > short + 2


def sheets(seen: Visit) -> int:
    """Return how many sheets of A4 a page takes."""
    return len(re.findall(rb"/Type */Page\b(?!s)", seen.page.pdf(format="A4")))
