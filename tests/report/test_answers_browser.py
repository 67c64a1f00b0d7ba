"""The answers in a real browser: turning questions and texts, searching, filtering, differences, and packed items."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from markupsafe import Markup
from playwright.sync_api import Locator, expect
from report_sample import QUESTIONS, Run, believable_run
from report_visit import Visit

from tempkit.report import render, write
from tempkit.report.answers import paging
from tempkit.report.answers.tokens import unpack

Open = Callable[..., Visit]
COPIES = 6


@pytest.fixture(scope="module")
def many() -> Run:
    """Twenty-four items: three pages, of which all but the first items are packed."""
    questions = {f"{name}-{i}": asked for i in range(COPIES) for name, asked in QUESTIONS.items()}
    return believable_run(questions, repeat=6)


@pytest.fixture(scope="module")
def packed_page(many: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempkit.report.answers.paging.SECTION_BYTES", 40_000)
        write(path, render([many.study]))
    return path


def side(seen: Visit) -> Locator:
    return seen.page.locator("#use-case-1-1-side")


def names(seen: Visit) -> list[str]:
    return [name.split("/")[1] for name in side(seen).locator(".item h5").all_text_contents()]


def key(i: int) -> str:
    return f"{list(QUESTIONS)[(i - 1) % len(QUESTIONS)]}-{(i - 1) // len(QUESTIONS)}"


def rows(seen: Visit) -> list[str]:
    """Return the names of the questions that the index shows, in its order."""
    return side(seen).locator("table.index tbody tr:visible th").all_text_contents()


def settled(seen: Visit) -> Locator:
    """Wait until the page's script has taken the answers over; return the section."""
    expect(side(seen).locator(".texts-pages").first).to_be_attached()
    return side(seen)


def open_item(seen: Visit) -> Locator:
    """Return the question that is open; there is just one."""
    items = side(seen).locator(".item")
    expect(items).to_have_count(1)
    return items


def test_questions_are_turned_by_buttons_that_keep_the_focus(visit: Open, packed_page: Path) -> None:
    seen = visit(packed_page)
    section = settled(seen)
    assert names(seen) == [key(1)]
    bar = section.get_by_role("toolbar", name="Questions")
    later, earlier = bar.get_by_role("button", name="Next"), bar.get_by_role("button", name="Previous")
    expect(earlier).to_have_attribute("aria-disabled", "true")
    expect(bar.locator(".question-place")).to_have_text("1 of 24")
    later.focus()
    for i in (2, 3):
        seen.page.keyboard.press("Enter")
        expect(open_item(seen)).to_have_attribute("id", f"use-case-1-1-item-{i}")
        expect(later).to_be_focused()
        expect(section.locator(".answers-status")).to_contain_text(key(i))
        assert seen.page.url.endswith(f"#use-case-1-1-item-{i}")
        expect(section.locator("tr.open")).to_contain_text(key(i))
    seen.page.keyboard.press("ArrowLeft")
    expect(earlier).to_be_focused()
    seen.page.keyboard.press("Enter")
    expect(open_item(seen)).to_have_attribute("id", "use-case-1-1-item-2")
    section.locator("table.index tbody a", has_text=key(24)).click()
    expect(open_item(seen)).to_have_attribute("id", "use-case-1-1-item-24")
    expect(later).to_have_attribute("aria-disabled", "true")
    later.press("Enter")
    expect(open_item(seen)).to_have_attribute("id", "use-case-1-1-item-24")
    expect(bar.locator(".question-place")).to_have_text("24 of 24")
    seen.assert_quiet()


def test_an_address_leads_to_a_packed_item(visit: Open, packed_page: Path) -> None:
    seen = visit(packed_page, fragment="use-case-1-1-item-23")
    article = seen.page.locator("#use-case-1-1-item-23")
    expect(article).to_be_visible()
    expect(article.locator("h5 .permalink")).to_be_focused()
    expect(article.locator("h5")).to_contain_text(key(23))
    expect(article).to_be_in_viewport()
    side(seen).get_by_role("searchbox").fill("coffee")  # of another use case: nothing is left
    expect(side(seen).locator(".item")).to_have_count(0)
    expect(side(seen).locator(".answers-status")).to_have_text("Hits: 0, in 0 of 24 questions.")
    assert rows(seen) == []
    seen.page.evaluate("() => { location.hash = 'use-case-1-1-item-14'; }")
    expect(seen.page.locator("#use-case-1-1-item-14")).to_be_in_viewport()
    expect(side(seen).get_by_role("searchbox")).to_have_value("")
    assert len(rows(seen)) == 24
    assert seen.console == []
    assert seen.errors == []


def test_texts_are_turned_in_all_columns_at_once(visit: Open, packed_page: Path) -> None:
    seen = visit(packed_page)
    settled(seen)
    item = open_item(seen)
    cells = item.locator(".cell")
    pager = item.get_by_role("toolbar", name="Texts of")
    expect(item.locator(".more")).to_have_count(0)
    texts = [cell.locator(".answer").count() for cell in cells.all()]
    assert texts[0] == 1
    assert max(texts) == 6
    expect(pager.get_by_role("status")).to_have_text("Text 1 of up to 6")
    first = [cell.locator(".answer:visible .verbatim").all_text_contents() for cell in cells.all()]
    assert all(len(shown) == 1 for shown in first)
    pager.get_by_role("button", name="Next").focus()
    for _ in range(5):
        seen.page.keyboard.press("Enter")
    expect(pager.get_by_role("status")).to_have_text("Text 6 of up to 6")
    expect(pager.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "true")
    last = [cell.locator(".answer:visible .verbatim").all_text_contents() for cell in cells.all()]
    assert last[0] == first[0], "a column without further texts keeps what it has beside the others"
    assert len(last[-1]) == 1
    assert last[-1] != first[-1]
    pager.get_by_role("button", name="All").click()
    assert [cell.locator(".answer:visible").count() for cell in cells.all()] == texts
    seen.assert_quiet()


def test_search_goes_through_packed_items_and_counts(visit: Open, packed_page: Path, many: Run) -> None:
    seen = visit(packed_page)
    section = settled(seen)
    section.get_by_role("searchbox").press_sequentially("banana_SPLIT")
    model = "gguf:smollm2"
    of = [c for c in many.completions if c.key.model == model and c.key.item.startswith("technical")]
    texts = {(c.key.item, c.key.temperature, c.text, c.finish_reason) for c in of if "banana_split" in c.text}
    hits = sum(text.count("banana_split") for _item, _t, text, _finish in texts)
    items = len({item for item, *_ in texts})
    assert 1 < items < 24
    expect(section.locator(".answers-status")).to_have_text(f"Hits: {hits}, in {items} of 24 questions.")
    assert len(rows(seen)) == items
    for i in range(items):
        expect(section.locator(".question-place")).to_have_text(f"{i + 1} of {items}")
        expect(section.locator(".answer:visible:not(:has(mark))")).to_have_count(0)
        assert section.locator(".answer:visible").count() > 0
        for answer in section.locator(".answer:visible").all():
            marks = [mark.casefold() for mark in answer.locator("mark").all_text_contents()]
            # a mark ends where an <ins> does, so one hit can be two marks
            assert "".join(marks).replace("banana_split", "") == ""
        section.locator(".question-bar").get_by_role("button", name="Next").press("Enter")
    expect(section.get_by_text("No such answer at this temperature.").first).to_be_visible()
    section.get_by_role("searchbox").fill("semver")
    expect(section.locator(".answers-status")).to_have_text("Hits: 6, in 6 of 24 questions.")
    expect(section.locator("h5 .permalink mark")).to_have_count(1)
    assert open_item(seen).locator(".answer:visible").count() > 2
    section.get_by_role("searchbox").fill(".*")
    expect(section.locator(".answers-status")).to_have_text("Hits: 0, in 0 of 24 questions.")
    section.get_by_role("searchbox").fill("")
    expect(section.locator(".answers-status")).to_have_text("24 questions")
    assert len(rows(seen)) == 24
    expect(section.locator("mark:visible")).to_have_count(0)
    seen.assert_quiet()


@pytest.mark.parametrize("which", ["cut", "missed", "differs"])
def test_filters_show_just_those_answers(visit: Open, packed_page: Path, many: Run, which: str) -> None:
    seen = visit(packed_page)
    section = settled(seen)
    section.get_by_label("Show", exact=True).select_option(which)
    row = {r.item.key: r for s in many.comparison.sections[:1] for r in s.rows}
    wanted = {
        key
        for key, of in row.items()
        for cell in of.cells
        for group in cell.groups
        if (which == "cut" and group.incomplete)
        or (which == "missed" and not group.incomplete and not all(group.found))
        or (which == "differs" and group.text != of.cells[0].groups[0].text)
    }
    expect(section.locator(".answers-status")).to_have_text(f"{len(wanted)} of 24 questions")
    assert rows(seen) == [each.split("/")[1] for each in row if each in wanted]
    expect(section.locator(f'.answer:visible:not([data-marks~="{which}"])')).to_have_count(0)
    expect(section.locator(f'.answer[data-marks~="{which}"]:visible').first).to_be_visible()
    section.get_by_label("Temperature", exact=True).select_option("1.6")
    expect(section.locator(".item").first.locator(".cell:visible")).to_have_count(1)
    expect(section.locator(".cell:visible h6").first).to_contain_text("T = 1.6")
    seen.assert_quiet()


def test_failed_samples_can_be_asked_for(visit: Open, packed_page: Path, many: Run) -> None:
    seen = visit(packed_page)
    remote = seen.page.locator("#use-case-1-2-side")
    expect(remote.locator(".texts-pages").first).to_be_attached()
    remote.get_by_label("Show", exact=True).select_option("failed")
    failed = {failure.key.item for failure in many.failures if failure.key.item.startswith("technical")}
    expect(remote.locator(".answers-status")).to_have_text(f"{len(failed)} of 24 questions")
    expect(remote.locator(".answer:visible")).to_have_count(0)
    expect(remote.locator(".failure").first).to_be_visible()


def test_differences_are_marked_word_by_word(visit: Open, packed_page: Path) -> None:
    seen = visit(packed_page)
    settled(seen)
    found = seen.page.evaluate(
        """() => [
            ["A byte has 8 bits.", "A byte holds 8 or 9 bits."],
            ["", "new"], ["gone", ""], ["same", "same"], ["a b c", "c a b"], ["東京は日本", "東京と日本"],
        ].map(([a, b]) => {
            const { added, removed } = differing.differences(a, b);
            return [added.map(([s, e]) => b.slice(s, e)), removed.map((r) => [r.at, r.text])];
        })"""
    )
    assert found == [
        [["holds", "or 9"], [[7, "has"]]],
        [["new"], []],
        [[], [[0, "gone"]]],
        [[], []],
        [["c"], [[5, "c"]]],
        [["と"], [[2, "は"]]],
    ]
    section = side(seen)
    item = open_item(seen)
    item.get_by_role("button", name="All").click()
    base = item.locator(".answer[data-base] .verbatim").text_content() or ""
    different = item.locator('.answer[data-marks~="differs"]:visible .verbatim')
    assert different.count() > 3
    plain = [box.text_content() for box in different.all()]
    assert item.locator(".answer[data-base] ins").count() == 0
    assert sum(box.locator("ins").count() for box in different.all()) > 3
    assert "underline" in different.locator("ins").first.evaluate(
        "(e) => getComputedStyle(e).textDecorationLine"
    )
    section.get_by_label("Show missing words").check()
    expect(different.locator("del").first).to_be_visible()
    for box in different.all():
        # What is left of the new text without what is new, and with what is gone, is the old text's words.
        old = box.evaluate(
            "(box) => { const copy = box.cloneNode(true); copy.querySelectorAll('ins').forEach((e) => e.remove()); return copy.textContent; }"
        )
        assert re.findall(r"\w+", old) == re.findall(r"\w+", base)
    section.get_by_label("Mark words that differ").uncheck()
    expect(section.locator("ins:visible, del:visible")).to_have_count(0)
    assert [box.text_content() for box in different.all()] == plain
    seen.assert_quiet()


def test_beyond_a_size_texts_are_compared_at_their_ends_alone(visit: Open, packed_page: Path) -> None:
    """The work grows with the product of both lengths: for 50,000 words the table would not fit into memory."""
    seen = visit(packed_page)
    settled(seen)
    added = seen.page.evaluate(
        """() => [10, 50000].map((length) => {
            const words = (of) => Array.from({ length }, (_, i) => of + i).join(" ");
            const text = (of) => `one ${words(of)} shared ${words(of)} end`;
            return differing.differences(text("a"), text("b")).added.length;
        })""",
    )
    assert added == [2, 1]


def test_tokens_of_a_packed_item_by_keyboard(visit: Open, packed_page: Path, many: Run) -> None:
    seen = visit(packed_page, fragment="use-case-1-1-item-22")
    article = seen.page.locator("#use-case-1-1-item-22")
    expect(article.locator("h5 .permalink")).to_be_focused()
    button = article.locator(".tokens-button").first
    button.focus()
    seen.page.keyboard.press("Enter")
    spans = seen.page.locator("#token-text .token")
    expect(spans.first).to_be_focused()
    wanted = next(c for c in many.completions if c.key.item.endswith(key(22)))
    assert [span.text_content() for span in spans.all()] == [token.text for token in wanted.tokens]
    seen.page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_scores_stand_beside_the_answers(visit: Open, packed_page: Path) -> None:
    seen = visit(packed_page)
    settled(seen)
    first = side(seen).locator(".cell").first
    expect(first.locator(".chip.score")).to_have_text("Facts found 100\u00a0%")
    ideas = seen.page.locator("#use-case-2-1-side .cell").first
    expect(ideas.locator("h6 .mean")).to_contain_text("Different good ideas")


def test_without_scripts_the_first_items_can_be_read(visit: Open, packed_page: Path) -> None:
    seen = visit(packed_page, scripts=False)
    section = side(seen)
    in_page = section.locator(".item").count()
    assert 1 <= in_page < 10
    expect(section.locator(".verbatim").first).to_be_visible()
    more = section.locator(".more").first
    more.locator("summary").click()
    expect(more.locator(".answer").first).to_be_visible()
    expect(section.locator(".answers-tools")).to_be_hidden()
    expect(section).to_contain_text(f"{24 - in_page} more questions are in this file, packed")
    assert len(rows(seen)) == 24, "the index is there, with links to the questions that stand in the page"
    assert section.locator("tbody th a[href]").count() == in_page
    expect(section.get_by_role("button")).to_have_count(0)
    section.locator("tbody td a[href]").nth(2).click()
    expect(section.locator(".cell").nth(2)).to_be_in_viewport()


def test_paper_has_what_is_shown(visit: Open, packed_page: Path) -> None:
    seen = visit(packed_page)
    section = settled(seen)
    section.get_by_label("Show", exact=True).select_option("cut")
    expect(section.locator(".answers-status")).to_contain_text(" of 24 questions")
    expect(section.locator('.answer:visible:not([data-marks~="cut"])')).to_have_count(0)
    before = section.locator(".answer:visible").count()
    seen.page.emulate_media(media="print")
    assert section.locator(".answer:visible").count() == before
    expect(section.locator(".answers-tools")).to_be_hidden()
    expect(section.locator(".question-bar")).to_be_hidden()
    expect(section.locator("table.index")).to_be_visible()


def test_nothing_is_wider_than_a_small_window(visit: Open, packed_page: Path) -> None:
    seen = visit(packed_page, width=320)
    settled(seen)
    seen.page.locator(".answers-removed").first.check()
    side(seen).get_by_label("Show whole texts").check()
    side(seen).get_by_role("button", name="All").click()
    assert seen.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_a_section_is_in_the_page_as_far_as_its_budget_goes() -> None:
    def drawn(item: int) -> Markup:
        return Markup(f"<p>{item}" + "é" * 500)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempkit.report.answers.paging.BLOCK_BYTES", 7 * 1010)
        held = paging.pages(range(25), drawn, "s", budget=3100)
    assert [str(html)[:4] for html in held.drawn] == ["<p>0", "<p>1", "<p>2"]
    assert [(block.first, block.count) for block in held.blocks] == [(3, 7), (10, 7), (17, 7), (24, 1)]
    assert [html for block in held.blocks for html in unpack(block.packed)] == [
        drawn(i) for i in range(3, 25)
    ]
    assert len({block.ident for block in held.blocks}) == len(held.blocks)
    assert len(paging.pages(range(3), drawn, "s", budget=1).drawn) == 1
    assert paging.pages([], drawn, "s", budget=1).blocks == []


def test_a_question_larger_than_a_block_has_one_of_its_own() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempkit.report.answers.paging.BLOCK_BYTES", 10)
        held = paging.pages(range(4), lambda i: Markup("x" * 8 * (i + 1)), "s", budget=1)
    assert [(block.first, block.count) for block in held.blocks] == [(1, 1), (2, 1), (3, 1)]
