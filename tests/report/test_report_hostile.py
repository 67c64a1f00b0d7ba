"""Hostile content in every place a user or a model can fill: all of it shown, none of it run."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_strings import HOSTILE, write_hostile
from playwright.sync_api import expect
from report_visit import Visit

from tempkit.report.text.characters import split

Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def hostile_packed_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All items but the first come from packed blocks."""
    path = tmp_path_factory.mktemp("hostile") / "packed.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempkit.report.answers.paging.SECTION_BYTES", 1)
        write_hostile(path)
    return path


@pytest.mark.parametrize("which", ["hostile_page", "hostile_packed_page"])
def test_nothing_hostile_runs_and_everything_is_shown(
    visit: Open, which: str, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(which)
    in_page = path.read_text("utf-8").count('<article class="item"')
    assert (in_page == 1) == (which == "hostile_packed_page")
    seen = visit(path)
    seen.wait_for_charts()
    page = seen.page
    seen.open_all_details()
    for i, text in enumerate(HOSTILE):
        if i:
            page.locator(".question-bar [data-step='1']").first.click()
        answer = page.locator(f"#use-case-1-1-item-{i + 1} .cell").first.locator(".answer .verbatim").first
        wanted = "".join(piece.split()[0] if j % 2 else piece for j, piece in enumerate(split(text)))
        assert answer.text_content() == wanted, text
        assert page.locator("table.index tr.open th").count() == 1
    expect(page.locator("main")).to_be_visible()
    everything_is_looked_at(seen)


def everything_is_looked_at(seen: Visit) -> None:
    page = seen.page
    # Each string is searched for, as it is typed: whatever it holds is neither a pattern nor markup.
    box, status = page.get_by_role("searchbox").first, page.locator(".answers-status").first
    for text in HOSTILE:
        typed = "".join(split(text)[::2])[:60].strip()
        if typed and len(split(text)) == 1:
            box.fill(typed)
            expect(status).to_have_text(re.compile(r"Hits: [1-9]\d*, in [1-9]"))
    box.fill("")
    page.locator(".answers-removed").first.check()
    expect(page.locator(".item").first.locator("del").first).to_be_attached()
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
    item = seen.page.locator(f"#use-case-1-1-item-{row + 1}")
    seen.page.evaluate("(id) => { location.hash = id; }", f"use-case-1-1-item-{row + 1}")
    item.locator(".tokens-button").first.click()
    chip = seen.page.locator("#token-text .hidden-char").first
    expect(chip).to_have_text("U+202E")
    expect(chip).to_have_attribute("title", "U+202E RIGHT-TO-LEFT OVERRIDE")
    assert "\u202e" not in (seen.page.content())


def test_the_policy_stops_a_script_that_got_in(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    refused = seen.page.evaluate(
        """async () => {
            const refused = new Set();
            const both = new Promise((done) => {
                document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
                    refused.add(effectiveDirective);
                    if (refused.has('script-src-elem') && refused.has('script-src-attr')) done();
                });
            });
            const script = document.createElement('script');
            script.textContent = 'window.pwned = 1';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.pwned = 1">');
            // Listeners are called in their order, so what the image's own would do is done by then.
            await new Promise((done) => document.body.lastElementChild.addEventListener('error', done));
            await both;
            return [...refused];
        }"""
    )
    assert {"script-src-elem", "script-src-attr"} <= set(refused)
    assert seen.page.evaluate("() => window.pwned") is None
