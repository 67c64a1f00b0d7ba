"""A page that is easy on its readers: focus is seen whole, what scrolls says so, folds are opened by links, buttons in groups are one stop."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from report_sample import Run
from report_visit import Visit

from tempkit.report import view

Open = Callable[..., Visit]

CUT = """() => {
  const found = [];
  const all = document.querySelectorAll('main a[href], main button, main input, main select, main summary, main [tabindex]');
  for (const each of all) {
    if (!each.checkVisibility() || each.tabIndex < 0 || each.disabled || getComputedStyle(each).opacity === '0') continue;
    each.focus({ focusVisible: true });
    if (document.activeElement !== each) continue;
    each.scrollIntoView({ block: 'nearest', inline: 'nearest' }); // a browser leaves what is seen in part where it is
    const style = getComputedStyle(each);
    const reach = style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
    const box = each.getBoundingClientRect();
    for (let around = each.parentElement; around && around !== document.body; around = around.parentElement) {
      const { overflowX, overflowY, overflowClipMargin } = getComputedStyle(around);
      const edge = around.getBoundingClientRect();
      const room = parseFloat(overflowClipMargin) || 0;
      const beyond = [
        overflowX !== 'visible' && edge.left - room - (box.left - reach),
        overflowX !== 'visible' && box.width + 2 * reach <= edge.width && box.right + reach - edge.right - room,
        overflowY !== 'visible' && edge.top - room - (box.top - reach),
        overflowY !== 'visible' && box.height + 2 * reach <= edge.height && box.bottom + reach - edge.bottom - room,
      ];
      if (Math.max(...beyond.map(Number)) > 0.6) {
        found.push(`${each.tagName}.${each.className}#${each.id} in ${around.tagName}.${around.className}: ${beyond}`);
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("width", [1280, 400])
def test_no_focus_ring_is_cut(visit: Open, sample_page: Path, width: int) -> None:
    seen = visit(sample_page, width=width)
    seen.wait_for_charts()
    expect(seen.page.locator("#explorer-live")).to_be_visible()
    assert seen.page.evaluate(CUT) == []


def test_what_scrolls_sideways_shows_it_and_its_caption_is_whole(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page, width=400)
    seen.open_all_details()
    found = seen.page.evaluate(
        """() => [...document.querySelectorAll('.scroller, .strip')].filter((each) => each.checkVisibility()).map((each) => ({
          scrolls: each.scrollWidth > each.clientWidth,
          shadows: getComputedStyle(each).backgroundAttachment,
          caption: each.querySelector('caption')?.getBoundingClientRect().right ?? 0,
          edge: each.getBoundingClientRect().right,
        }))"""
    )
    assert any(each["scrolls"] for each in found)
    for each in found:
        assert each["shadows"] == "local, local, scroll, scroll"
        assert each["caption"] <= each["edge"] <= 400


def test_a_link_into_a_fold_opens_it(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page, fragment="method-measure-fact_recall")
    definition = seen.page.locator("#method-measure-fact_recall")
    fold = seen.page.locator("#method-measures")
    expect(definition).to_be_in_viewport()
    expect(fold).to_have_attribute("open", "")
    expect(seen.page.locator("#method-design")).not_to_have_attribute("open", "")
    seen.page.evaluate("() => { location.hash = 'method-versions'; }")
    expect(seen.page.locator("#method-versions .pairs")).to_be_in_viewport()
    seen.assert_quiet()


def test_the_method_says_what_is_asked_for_most_without_being_opened(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    folds = seen.page.locator("#method .fold-list > .titled-fold")
    assert folds.count() == 6
    for fold in folds.all():
        expect(fold.locator(".fact")).not_to_be_empty()
    expect(seen.page.locator("#method-design .fact")).to_contain_text(" answers, ")
    expect(seen.page.locator("#method .method-runs li").first).to_be_visible()


def test_printing_everything_draws_every_question_and_opens_what_is_folded(
    visit: Open, sample_page: Path, sample: Run
) -> None:
    seen = visit(sample_page)
    seen.page.evaluate(
        """() => {
          window.print = () => {
            dispatchEvent(new Event('beforeprint'));
            const shown = (what) => [...document.querySelectorAll(what)].filter((each) => each.checkVisibility()).length;
            window.onPaper = {
              folds: document.querySelectorAll('main details:not([open])').length,
              questions: shown('.item'),
              answers: shown('.item .answer'),
            };
            dispatchEvent(new Event('afterprint'));
          };
        }"""
    )
    seen.page.evaluate(
        "() => document.querySelectorAll('main details').forEach((each) => { each.dataset.was = each.open ? 'open' : 'closed'; })"
    )
    seen.page.get_by_role("button", name="Print everything").click()
    seen.page.wait_for_function("() => window.onPaper !== undefined")
    sections = [section for case in view([sample.study])["use_cases"] for section in case["sections"]]
    cells = [cell for section in sections for item in section["items"] for cell in item["cells"]]
    assert seen.page.evaluate("() => window.onPaper") == {
        "folds": 0,
        "questions": sum(len(section["items"]) for section in sections),
        "answers": sum(len(cell["groups"]) for cell in cells),
    }
    assert seen.page.locator(".item:visible").count() == len(sections), "one is open in each section again"
    assert seen.page.locator("main details[data-was=closed][open]").count() == 0
    assert seen.page.locator("main details[data-was=open]:not([open])").count() == 0
    expect(seen.page.locator("html")).not_to_have_class("scripted everything")
    seen.assert_quiet()


def test_buttons_in_a_group_are_one_stop_and_arrow_keys_move_in_it(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    group = seen.page.locator("#explorer-jumps")
    expect(group.locator("button").nth(1)).to_be_visible()
    assert group.locator("button[tabindex='0']").count() == 1
    group.locator("button[tabindex='0']").focus()
    seen.page.keyboard.press("End")
    last = group.locator("button").last
    expect(last).to_be_focused()
    seen.page.keyboard.press("ArrowRight")
    expect(group.locator("button").first).to_be_focused()
    seen.page.keyboard.press("ArrowLeft")
    seen.page.keyboard.press("Enter")
    expect(last).to_have_attribute("aria-pressed", "true")
    assert group.locator("button[tabindex='0']").count() == 1
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("() => document.activeElement.closest('#explorer-jumps')") is None


def test_ten_tokens_stand_there_and_the_rest_is_a_click_away(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    bars = seen.page.locator("#explorer-bars li:not(.others)")
    expect(bars.first).to_be_visible()
    total, more = bars.count(), seen.page.locator("#explorer-more")
    if total <= 10:
        expect(more).to_be_hidden()
        return
    assert seen.page.locator("#explorer-bars li:not(.others):visible").count() in (10, 11)
    expect(more).to_have_text(
        f"{total - seen.page.locator('#explorer-bars li:not(.others):visible').count()} more"
    )
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    assert seen.page.locator("#explorer-bars li:not(.others):visible").count() == total
    more.click()
    expect(more).to_have_attribute("aria-expanded", "false")


def test_at_one_there_is_one_column(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    heads = seen.page.locator(".explorer-figures thead th:visible")
    expect(heads).to_have_text(["T = 1"])
    seen.page.locator("#explorer-t").fill("0.5")
    expect(heads).to_have_text(["T = 1", "T = 0.50"])


def test_contents_that_do_not_fit_in_a_line_are_a_menu(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    menu = seen.page.locator(".contents")
    expect(menu).to_have_class("contents wide")
    seen.page.set_viewport_size({"width": 1000, "height": 800})
    seen.page.evaluate(
        "() => { for (const link of document.querySelectorAll('.contents a')) link.textContent += ' and a title that is long'; }"
    )
    seen.page.set_viewport_size({"width": 1100, "height": 800})
    expect(menu).to_have_class("contents")
    expect(menu.locator("a").first).not_to_be_visible()
    expect(menu.locator("summary")).to_be_visible()
    seen.assert_quiet()
