"""Hostile content in every place a user or a model can fill: all of it shown, none of it run."""

import re
from collections.abc import Callable
from pathlib import Path

from hostile_strings import HOSTILE
from playwright.sync_api import expect
from report_visit import Visit

from tempkit.report.characters import split

Open = Callable[..., Visit]


def test_nothing_hostile_runs_and_everything_is_shown(visit: Open, hostile_page: Path) -> None:
    seen = visit(hostile_page)
    seen.wait_for_charts()
    page = seen.page
    for details in page.locator("main details").all():
        details.evaluate("(details) => { details.open = true; }")
    for i, text in enumerate(HOSTILE):
        answer = page.locator(".item").nth(i).locator(".cell").first.locator(".answer .verbatim").first
        wanted = "".join(piece.split()[0] if j % 2 else piece for j, piece in enumerate(split(text)))
        assert answer.text_content() == wanted, text
    expect(page.locator("main")).to_be_visible()
    for button in page.locator(".tokens-button").all()[::5]:
        button.click()
        page.locator(".token").first.hover()
        page.locator(".token").last.focus()
        page.keyboard.press("Escape")
    page.locator(".chart").first.locator(".mark-symbol path").first.hover(force=True)
    assert page.evaluate("() => window.pwned === undefined && Object.prototype.pwned === undefined")
    tags = page.evaluate(
        "() => [...new Set([...document.querySelectorAll('main *, dialog *')].map((e) => e.localName))]"
    )
    assert not {"script", "iframe", "img", "meta", "base", "link", "style", "textarea", "object"} & set(tags)
    handlers = page.evaluate(
        "() => [...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames()).filter((name) => name.startsWith('on'))"
    )
    assert handlers == []
    seen.assert_quiet()


def test_hidden_characters_are_chips_in_the_token_view(visit: Open, hostile_page: Path) -> None:
    seen = visit(hostile_page)
    row = next(i for i, text in enumerate(HOSTILE) if "\u202e" in text)
    seen.page.locator(".item").nth(row).locator(".tokens-button").first.click()
    chip = seen.page.locator("#token-text .hidden-char").first
    expect(chip).to_have_text("U+202E")
    expect(chip).to_have_attribute("title", "U+202E RIGHT-TO-LEFT OVERRIDE")
    assert "\u202e" not in (seen.page.content())


def test_the_policy_stops_a_script_that_got_in(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    seen.page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.pwned = 1';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.pwned = 1">');
        }"""
    )
    seen.page.wait_for_timeout(100)
    assert seen.page.evaluate("() => window.pwned") is None
    assert any(re.search("Content Security Policy", line) for line in seen.console)
