"""The page of a run that goes on, in a real browser: it loads itself again where the reader is, and never in the middle of something."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from report_sample import Run
from report_visit import Visit

from tempkit.report import render, write

Open = Callable[..., Visit]

NEAR = "() => [scrollY, document.querySelector('#use-case-2').getBoundingClientRect().top]"
WHOLE = "window.whole = () => document.querySelectorAll('.answers-items > article').length > 0"


@pytest.fixture
def going_on(sample: Run, tmp_path: Path) -> Iterator[Callable[[int | None], Path]]:
    """Writes the page of a run that goes on, to be loaded again after so many seconds, or of one that has ended."""

    def written(renewed_s: int | None) -> Path:
        study = replace(sample.study, read_at=datetime(2026, 11, 28, 14, 3, tzinfo=UTC))
        write(tmp_path / "page.html", render([study], renewed_s=renewed_s))
        return tmp_path / "page.html"

    return written


# A page that is being loaded again answers no test: each is held as it comes, by its own box, until the test lets it go.
HELD = (
    "addEventListener('DOMContentLoaded', () => { document.querySelector('.renewal-on').checked = false; })"
)
HELD_AT_FIRST = f"if (performance.getEntriesByType('navigation')[0].type === 'navigate') {HELD}"


def mark(page: Page) -> None:
    """Leave something on the page that a load takes away."""
    page.evaluate("() => { window.old = true; }")


def let_go(page: Page) -> None:
    """Let the page be loaded again, from now on."""
    page.evaluate("() => { window.old = true; document.querySelector('.renewal-on').checked = true; }")


def loaded_again(page: Page) -> None:
    page.wait_for_function("() => window.old === undefined && document.readyState === 'complete'")


def stays(page: Page, seconds: float = 6) -> None:
    page.wait_for_timeout(1000 * seconds)
    assert page.evaluate("() => window.old") is True


def test_the_place_and_what_is_open_and_chosen_survive(going_on, visit: Open) -> None:
    seen = visit(going_on(1), first=HELD)
    page = seen.page
    expect(page.locator("#use-case-1 .answers-items > article").first).to_be_visible()
    only = page.locator("#use-case-2 .answers-only").first
    only.select_option(index=1)
    fold = page.locator("#method details").first
    fold.evaluate("(details) => { details.open = true; }")
    page.locator("#use-case-2 .answers-only").first.evaluate("(each) => each.blur()")
    page.locator("#use-case-2").evaluate("(each) => scrollTo(0, each.offsetTop + 333)")
    chosen = only.input_value()
    expect(page.locator("#use-case-2 .answers-items > article").first).to_be_visible()
    page.wait_for_timeout(500)
    _, top = page.evaluate(NEAR)
    let_go(page)
    loaded_again(page)
    expect(only).to_have_value(chosen)
    expect(fold).to_have_attribute("open", "")
    page.wait_for_timeout(2000)  # charts and answers are drawn and unpacked, which moves the page
    assert page.evaluate(NEAR)[1] == pytest.approx(top, abs=2)
    seen.requests[:] = list(dict.fromkeys(seen.requests))
    seen.assert_quiet()


def test_a_question_that_is_linked_to_stays_where_it_is_seen(going_on, visit: Open) -> None:
    page = visit(going_on(1), fragment="use-case-1-1-item-3", first=HELD).page
    question = page.locator("#use-case-1-1-item-3")
    expect(question).to_be_in_viewport()
    page.wait_for_timeout(1500)
    page.mouse.wheel(0, 200)  # on in its answers
    page.wait_for_timeout(500)
    top = question.evaluate("(each) => each.getBoundingClientRect().top")
    let_go(page)
    loaded_again(page)
    expect(question).to_be_attached()
    page.wait_for_timeout(2000)
    assert question.evaluate("(each) => each.getBoundingClientRect().top") == pytest.approx(top, abs=2)
    assert page.evaluate("() => location.hash") == "#use-case-1-1-item-3"
    assert question.evaluate("(each) => each.contains(document.activeElement)") is True


def test_it_waits_while_something_is_typed_and_says_so(going_on, visit: Open) -> None:
    page = visit(going_on(1), first=HELD).page
    waits = page.locator(".renewal-waits")
    query = page.locator(".answers-query").first
    query.fill("byte")
    query.evaluate("(each) => each.blur()")
    let_go(page)
    expect(waits).to_be_visible()
    stays(page)
    query.evaluate(
        "(each) => { each.value = ''; each.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    loaded_again(page)
    expect(waits).to_be_hidden()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (
            "document.querySelector('#token-view').showModal()",
            "document.querySelector('#token-view').close()",
        ),
        (
            "getSelection().selectAllChildren(document.querySelector('h1'))",
            "getSelection().removeAllRanges()",
        ),
        ("document.querySelector('.answers-only').focus()", "document.activeElement.blur()"),
    ],
    ids=["a dialog", "a selection", "a list to choose from"],
)
def test_it_waits_while_something_is_open(going_on, visit: Open, begin: str, end: str) -> None:
    page = visit(going_on(1), first=HELD).page
    page.evaluate(f"() => {{ {begin}; }}")
    let_go(page)
    stays(page)
    page.evaluate(f"() => {{ {end}; }}")
    loaded_again(page)


def test_a_reader_can_have_it_stay(going_on, visit: Open) -> None:
    page = visit(going_on(1), first=HELD_AT_FIRST).page
    choice = page.get_by_label("Load this page again by itself while answers come")
    choice.check()
    choice.uncheck()
    mark(page)
    stays(page)
    expect(page.locator(".renewal-waits")).to_be_hidden()
    choice.check()
    loaded_again(page)
    expect(choice).to_be_checked()


def test_it_ends_with_the_page_of_a_run_that_has_ended(going_on, visit: Open) -> None:
    page = visit(going_on(1), first=HELD_AT_FIRST).page
    page.evaluate("() => scrollTo(0, 2000)")
    expect(page.locator(".renewal")).to_have_count(1)
    page.wait_for_timeout(500)
    assert page.evaluate("() => scrollY") == 2000
    going_on(None)
    let_go(page)
    expect(page.locator(".renewal")).to_have_count(0)
    mark(page)
    stays(page)
    assert page.evaluate("() => scrollY") > 1000
    assert page.evaluate("() => history.state") is None


def test_a_file_that_does_not_change_is_loaded_less_often(going_on, visit: Open) -> None:
    replaced = "replace(state, ''); if (state) console.log(`after ${state.renewed.wait} s`)"
    told = f"const replace = history.replaceState.bind(history); history.replaceState = (state) => {{ {replaced}; }}"
    seen = visit(going_on(1), first=told)
    with seen.page.expect_console_message(lambda message: message.text == "after 4 s"):
        pass
    assert seen.console == ["after 1 s", "after 2 s", "after 4 s"]


def test_a_page_that_is_slow_to_be_there_is_read_before_it_is_loaded_again(going_on, visit: Open) -> None:
    """Here it unpacks nothing before its time is long up: it was loaded again before it had shown the question."""
    slow = (
        "const wait = setTimeout; window.setTimeout = (call, ms, ...rest) => wait(call, ms || 4000, ...rest)"
    )
    page = visit(going_on(1), fragment="use-case-1-1-item-3", first=slow).page
    mark(page)
    expect(page.locator("#use-case-1-1-item-3")).to_be_in_viewport()
    assert page.evaluate("() => window.old") is True


def test_without_scripts_it_asks_the_reader(going_on, visit: Open) -> None:
    seen = visit(going_on(1), scripts=False)
    expect(seen.page.get_by_text("Load this page again to see what has come since.")).to_be_visible()
    expect(seen.page.get_by_text("Load this page again by itself")).to_be_hidden()
    mark_count = len(seen.requests)
    seen.page.wait_for_timeout(4000)
    assert len(seen.requests) == mark_count == 1


def test_a_page_that_stays_knows_nothing_of_it(going_on) -> None:
    page = going_on(None).read_text()
    assert "tempkit-renewed" not in page.split("</head>")[0]
    assert 'class="banner renewal"' not in page
