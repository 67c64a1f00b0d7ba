"""Whether everybody can read the page: axe-core, in the real browser, on the page as it opens and with all of it unfolded."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect
from report_sample import Run
from report_visit import Visit

from tempkit.i18n.languages import language
from tempkit.report import render, write

Open = Callable[..., Visit]


def violations(seen: Visit) -> list[str]:
    """Return what axe finds wrong by its rules for WCAG 2.2 A and AA and its own best practices, one line each."""
    seen.page.evaluate(AXE_SCRIPT)
    found = seen.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    assert found["passes"], "axe did not look at anything"
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def unfold(seen: Visit) -> None:
    """Open whatever can be opened, as a reader who looks at everything would."""
    seen.page.evaluate(
        "() => document.querySelectorAll('details').forEach((details) => { details.open = true; })"
    )


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing(visit: Open, sample_page: Path, width: int, dark: bool) -> None:
    seen = visit(sample_page, width=width, dark=dark)
    assert violations(seen) == []
    unfold(seen)
    seen.wait_for_charts()
    assert violations(seen) == []
    seen.page.locator(".tokens-button:visible").first.click()
    expect(seen.page.locator("#token-view")).to_be_visible()
    seen.page.locator(".token").last.focus()
    assert violations(seen) == []


def test_axe_finds_nothing_in_spanish(visit: Open, sample: Run, tmp_path: Path) -> None:
    with language("es"):
        write(tmp_path / "informe.html", render([sample.study]))
    seen = visit(tmp_path / "informe.html")
    unfold(seen)
    seen.wait_for_charts()
    seen.page.locator(".tokens-button:visible").first.click()
    expect(seen.page.locator("#token-view")).to_be_visible()
    assert violations(seen) == []


def test_axe_finds_nothing_in_a_hostile_page(visit: Open, hostile_page: Path) -> None:
    seen = visit(hostile_page)
    unfold(seen)
    seen.wait_for_charts()
    assert violations(seen) == []


def test_axe_would_find_something(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    seen.page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
    assert [line.split(":")[0] for line in violations(seen)] == ["button-name"]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_a_page_that_is_renewed(
    visit: Open, sample: Run, tmp_path: Path, dark: bool, lang: str
) -> None:
    with language(lang):
        write(tmp_path / "page.html", render([sample.study], renewed_s=600))
    seen = visit(tmp_path / "page.html", width=400, dark=dark)
    expect(seen.page.locator(".renewal-on")).to_be_visible()
    assert violations(seen) == []
