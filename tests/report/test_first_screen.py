"""The first screen is the decision: what to use, how sure that is, what it could cost and what to do next, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from report_situations import CASES, situation
from report_visit import Visit

from tempkit.i18n.languages import language
from tempkit.report import render, view, write

Open = Callable[..., Visit]

PARTS = (".verdict", ".grade", ".risk")


@pytest.fixture(scope="module")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    folder = tmp_path_factory.mktemp("first screen")

    def made(name: str, lang: str) -> Path:
        path = folder / f"{name}-{lang}.html"
        if not path.exists():
            with language(lang):
                write(path, render([situation(name)]))
        return path

    return made


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("width", [1280, 400])
def test_the_first_screen_holds_the_decision(
    visit: Open, page_of: Callable[[str, str], Path], name: str, lang: str, width: int
) -> None:
    seen = visit(page_of(name, lang), width=width, height=800)
    card = seen.page.locator("#card-1")
    with language(lang):
        said = view([situation(name)])["cards"][0]
    expect(card.locator(".verdict")).to_have_text(said["verdict"])
    assert said["risk"] or name == "nothing", "where nothing is picked there is nothing to lose"
    parts = [part for part in (*PARTS, ".next") if said.get(part.removeprefix("."), True)]
    for part in parts:
        expect(card.locator(part)).to_be_in_viewport(ratio=1)
    for sentence in said["first"]:
        expect(card.locator(".first li").filter(has_text=sentence)).to_be_in_viewport(ratio=1)
    order = [
        card.locator(part).bounding_box()
        for part in [".verdict", ".because", *parts[2:]]
        if card.locator(part).count()
    ]
    tops = [box["y"] for box in order if box is not None]
    assert tops == sorted(tops)
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert seen.page.evaluate(wide) <= 0, "nothing is cut at the right edge"
    seen.assert_quiet()


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_on_the_page_is_set_larger_than_the_verdict(
    visit: Open, page_of: Callable[[str, str], Path], width: int
) -> None:
    seen = visit(page_of("two", "en"), width=width, height=800)
    sizes = seen.page.evaluate(
        """() => {
          const size = (element) => parseFloat(getComputedStyle(element).fontSize);
          const texts = [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility()
            && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
          const mine = texts.filter((element) => element.closest('.verdict'));
          const others = texts.filter((element) => !element.closest('.verdict'));
          return [Math.min(...mine.map(size)), Math.max(...others.map(size))];
        }"""
    )
    assert sizes[0] > sizes[1]


def test_at_double_zoom_the_first_screen_says_what_to_use(
    visit: Open, page_of: Callable[[str, str], Path]
) -> None:
    """1280 by 800 at 200 % are 640 by 400 of the page's pixels."""
    for name in CASES:
        seen = visit(page_of(name, "en"), width=640, height=400)
        for part in (".verdict", ".grade"):
            expect(seen.page.locator(f"#card-1 {part}")).to_be_in_viewport(ratio=1)


def test_an_empty_card_is_not_stretched_to_its_neighbour_s_height(
    visit: Open, page_of: Callable[[str, str], Path]
) -> None:
    seen = visit(page_of("two", "en"), height=800)
    seen.page.evaluate("() => { document.querySelector('#card-2 .reasons').remove(); }")
    one, other = (seen.page.locator(f"#card-{i}").bounding_box() for i in (1, 2))
    assert one is not None
    assert other is not None
    assert one["y"] == other["y"]
    assert other["height"] < one["height"] - 50


def test_the_contents_are_a_line_on_a_wide_screen_and_a_menu_on_a_narrow_one(
    visit: Open, page_of: Callable[[str, str], Path]
) -> None:
    wide = visit(page_of("two", "en"), height=800)
    assert wide.page.locator(".contents a:visible").count() == 5
    narrow = visit(page_of("two", "en"), width=400, height=800)
    menu = narrow.page.locator(".contents")
    expect(menu.locator("a").first).not_to_be_visible()
    summary = menu.locator("summary")
    summary.focus()
    narrow.page.keyboard.press("Enter")
    expect(menu.locator("a").first).to_be_visible()
    narrow.page.keyboard.press("Escape")
    expect(menu.locator("a").first).not_to_be_visible()
    expect(summary).to_be_focused()
    summary.click()
    menu.locator("a", has_text="Method and data").click()
    expect(narrow.page.locator("#method-title")).to_be_in_viewport()
    expect(menu.locator("a").first).not_to_be_visible()
    narrow.assert_quiet()


def test_without_a_script_the_decision_and_the_contents_are_there(
    visit: Open, page_of: Callable[[str, str], Path]
) -> None:
    seen = visit(page_of("two", "en"), scripts=False, height=800)
    for part in PARTS:
        expect(seen.page.locator(f"#card-1 {part}")).to_be_in_viewport(ratio=1)
    expect(seen.page.locator(".copy").first).not_to_be_visible()
    seen.page.locator(".contents summary").click()
    expect(seen.page.locator(".contents a").last).to_be_visible()


def test_a_command_is_copied_as_it_is(visit: Open, page_of: Callable[[str, str], Path]) -> None:
    seen = visit(page_of("general", "en"), height=800)
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seen.page.clock.install()  # time stands still: the button says what it did for two seconds only
    command = seen.page.locator("#card-1 .command").first
    command.locator(".copy").click()
    expect(command.locator(".copy")).to_have_text("Copied")
    copied = seen.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == command.locator("code").text_content()
    assert copied == "tempkit measure general --reference gguf:smollm2"
    seen.page.clock.run_for(2_000)
    expect(command.locator(".copy")).to_have_text("Copy")


def test_without_a_clipboard_the_command_is_selected(
    visit: Open, page_of: Callable[[str, str], Path]
) -> None:
    seen = visit(page_of("general", "en"), height=800)
    seen.page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    seen.page.clock.install()
    command = seen.page.locator("#card-1 .command").first
    command.locator(".copy").click()
    expect(command.locator(".copy")).to_have_text("Selected")
    assert seen.page.evaluate("() => getSelection().toString()") == command.locator("code").text_content()
