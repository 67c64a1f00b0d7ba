"""The index of the answers: as data against the tables, and in a real browser by mouse and by keyboard."""

import csv
import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from hostile_strings import HOSTILE
from playwright.sync_api import Locator, expect
from report_decided import hand_decision
from report_sample import QUESTIONS, Run, believable_run
from report_visit import Visit

from tempkit.analysis import Section
from tempkit.decision import Decision, usable_pick
from tempkit.i18n.languages import language
from tempkit.report import Study, render, view, write
from tempkit.report.answers.index import MARKS
from tempkit.report.answers.means import means
from tempkit.report.answers.tokens import unpack
from tempkit.report.text.text import figure

Open = Callable[..., Visit]
COPIES = 5


@pytest.fixture(scope="module")
def study() -> Study:
    """Twenty items of facts, enough for a pick; most of them are packed."""
    questions = {f"{name}-{i}": asked for i in range(COPIES) for name, asked in QUESTIONS.items()}
    return believable_run(questions, repeat=4).study


@pytest.fixture(scope="module")
def page(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempkit.report.answers.paging.SECTION_BYTES", 30_000)
        write(path, render([study]))
    return path


def facts(study: Study) -> tuple[Decision, Section, dict[str, Any], dict[str, Any]]:
    """Return the decision of the first section, the section, its view, and what its index's block holds."""
    section, seen = study.comparison.sections[0], view([study])
    found = next(
        each for each in study.decisions if (each.section, each.model) == (section.name, section.model.label)
    )
    return found, section, seen["use_cases"][0]["sections"][0], unpack(seen["blocks"]["use-case-1-1-index"])


# The data


def test_the_index_holds_the_means_of_the_tables(study: Study) -> None:
    found, section, seen, block = facts(study)
    table = study.scored[0].table(found.measure or "")
    assert table is not None
    assert seen["index"]["measure"] == "Facts found"
    assert [row["key"] for row in seen["index"]["rows"]] == [row.item.key for row in section.rows]
    shown = [[cell["shown"] for cell in row["cells"]] for row in seen["index"]["rows"]]
    known = table.values.means
    assert shown == [[figure(v, "share") if np.isfinite(v) else None for v in row] for row in known]
    assert block["s"] == [[float(f"{v:.6g}") if np.isfinite(v) else None for v in row] for row in known]
    for item, row in zip(seen["items"], seen["index"]["rows"], strict=True):
        assert [cell["mean"]["shown"] for cell in item["cells"]] == [cell["shown"] for cell in row["cells"]]


def test_counts_and_marks_by_hand(hand: Run) -> None:
    seen = view([dataclasses.replace(hand.study, decisions=[])])
    index = seen["use_cases"][0]["sections"][0]["index"]
    assert index["measure"] is None, "nothing decides, so there is nothing to score by"
    assert index["rows"][0]["cells"] == []
    assert [(row["name"], row["truncated"], row["differing"], row["answers"]) for row in index["rows"]] == [
        ("bits", 1, 3, 6),
        ("port", 1, 3, 5),
    ]
    block = unpack(seen["blocks"]["use-case-1-1-index"])
    cut, missed, _apart, differs = (1 << MARKS.index(mark) for mark in MARKS)
    assert block["m"][0] == ["0", f"{differs:x}{missed + differs:x}{cut + differs:x}"]
    assert block["f"] == [[0, 0], [0, 1]]
    assert (block["c"], block["d"], block["t"]) == ([1, 1], [3, 3], ["t-0", "t-1"])
    assert block["s"] == [[None, None], [None, None]]


def test_a_cell_without_a_value_says_why_and_one_of_some_answers_of_how_many(hand: Run) -> None:
    made = means(hand.scored[0], "fact_recall", higher_is_better=True)
    assert made is not None
    rows = hand.comparison.sections[0].rows
    port_hot = made.of_cell("p/port", rows[1].cells[1])
    assert (port_hot["shown"], port_hot["quality"]) == ("0\u00a0%", 0)
    assert port_hot["note"] == "the score of 1 answer of 2", "the other one is truncated"
    assert made.of_cell("p/port", rows[1].cells[0])["note"] is None
    assert made.of_cell("nowhere", rows[0].cells[0])["note"] == "no score: this question was not measured"
    assert made.of_answers("p/bits", 1.0, [1]) == 0
    worse = means(hand.scored[0], "fact_recall", higher_is_better=False)
    assert worse is not None
    assert worse.of_cell("p/port", rows[1].cells[0])["quality"] == 33
    assert worse.of_answers("p/bits", 1.0, [0]) == -1
    assert means(hand.scored[0], None, higher_is_better=True) is None
    assert means(hand.scored[0], "unheard_of", higher_is_better=True) is None


def test_addresses_are_the_same_in_every_language(study: Study) -> None:
    with language("es"):
        seen = view([study])["use_cases"][0]["sections"][0]["index"]
    assert [column["temperature"] for column in seen["columns"]] == ["0", "0,4", "0,8", "1,2", "1,6"]
    assert [column["at"] for column in seen["columns"]] == ["t-0", "t-0.4", "t-0.8", "t-1.2", "t-1.6"]


# In the browser


def side(seen: Visit) -> Locator:
    expect(seen.page.locator("#use-case-1-1-side .texts-pages")).to_be_attached()
    return seen.page.locator("#use-case-1-1-side")


def names(section: Locator) -> list[str]:
    return section.locator("tbody tr:visible th").all_text_contents()


def key(i: int) -> str:
    return f"{list(QUESTIONS)[i % len(QUESTIONS)]}-{i // len(QUESTIONS)}"


def by_score(block: dict[str, Any], column: int, *, best: bool = False) -> list[str]:
    """Return names in the order of a column's scores; those without one last."""
    score = {i: row[column] for i, row in enumerate(block["s"])}
    known = sorted((i for i in score if score[i] is not None), key=lambda i: -score[i] if best else score[i])
    return [key(i) for i in [*known, *(i for i in score if score[i] is None)]]


def test_heads_sort_and_turn_round(visit: Open, page: Path, study: Study) -> None:
    _found, _section, _seen, block = facts(study)
    seen = visit(page)
    section = side(seen)
    assert names(section) == [key(i) for i in range(20)]
    head = section.locator("th[data-sort='t-1.2']")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert names(section) == by_score(block, 3)
    expect(section.locator(".item h5")).to_contain_text(by_score(block, 3)[0])
    expect(section.get_by_label("Sort", exact=True)).to_have_value("t-1.2")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert names(section) == by_score(block, 3, best=True)
    expect(section.locator("[aria-sort]")).to_have_count(1)
    expect(section.get_by_label("Sort", exact=True)).to_have_value("head")
    for by, counts in (("truncated", block["c"]), ("differing", block["d"])):
        section.locator(f"th[data-sort={by}] button").click()
        assert names(section) == [key(i) for i in sorted(range(20), key=lambda i, of=counts: -of[i])]
        expect(section.locator(f"th[data-sort={by}]")).to_have_attribute("aria-sort", "descending")
    section.locator("th[data-sort=name] button").click()
    assert names(section) == sorted(key(i) for i in range(20))
    section.get_by_label("Sort", exact=True).select_option("")
    assert names(section) == [key(i) for i in range(20)]
    expect(section.locator("[aria-sort]")).to_have_count(0)
    box = section.locator(".index-scroller")
    assert box.evaluate("(box) => { box.scrollTop = 1e4; return box.scrollTop; }") > 50
    top = box.evaluate("(box) => box.getBoundingClientRect().top")
    assert head.evaluate("(head) => head.getBoundingClientRect().top") == pytest.approx(top, abs=3)
    seen.assert_quiet()


def test_the_worst_answer_at_the_pick_is_one_choice_away(visit: Open, page: Path, study: Study) -> None:
    found, section_data, _seen, block = facts(study)
    pick = usable_pick(found)
    assert pick is not None
    column = study.comparison.plan.temperatures.index(pick)
    table = study.scored[0].table(found.measure or "")
    assert table is not None
    seen = visit(page)
    section = side(seen)
    section.get_by_label("Sort", exact=True).select_option(label=f"worst at T = {pick:g}, our pick, first")
    first = by_score(block, column)[0]
    assert names(section)[0] == first
    expect(section.locator(".item h5")).to_contain_text(first)
    expect(section.locator("tr.open")).to_contain_text(first)
    cell = section.locator(f".cell[data-at='t-{pick:g}']")
    expect(cell).to_have_class("cell linked")
    row = next(i for i, each in enumerate(section_data.rows) if each.item.key.endswith(first))
    worst = np.nanmin(table.values.array[row, column])
    groups = section_data.rows[row].cells[column].groups
    texts = {
        group.text
        for group in groups
        if np.nanmean(table.values.array[row, column][list(group.replicates)]) == worst
    }
    expect(cell.locator(".answer:visible")).to_have_count(1)
    assert (cell.locator(".answer:visible .verbatim").text_content() or "") in texts
    expect(cell.locator(".lowest:visible")).to_have_count(int(len(groups) > 1))
    seen.assert_quiet()


def test_filters_leave_the_open_question_where_it_is_among_those_found(visit: Open, page: Path) -> None:
    seen = visit(page)
    section = side(seen)
    section.locator("tbody th a", has_text=key(6)).click()
    expect(section.locator(".item h5")).to_contain_text(key(6))
    section.get_by_label("Show", exact=True).select_option("differs")
    expect(section.locator(".item h5")).to_contain_text(key(6))
    section.get_by_role("searchbox").fill("semver")
    expect(section.locator(".answers-status")).to_contain_text("in 5 of 20 questions")
    assert names(section) == [key(i) for i in range(20) if "semver" in key(i)]
    expect(section.locator(".item h5")).to_contain_text("semver-breaking-change-0")
    assert section.locator("table.index [tabindex='0']").count() == 1
    expect(section.locator("table.index [tabindex='0']")).to_be_visible()
    seen.assert_quiet()


def test_the_index_is_one_tab_stop_moved_in_by_arrows(visit: Open, page: Path) -> None:
    seen = visit(page)
    section = side(seen)
    keyboard = seen.page.keyboard
    section.get_by_role("button", name="Keys").focus()
    keyboard.press("Tab")
    expect(section.get_by_role("link", name=key(0), exact=True)).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    focused = seen.page.locator(":focus")
    expect(focused).to_have_attribute("href", "#use-case-1-1-item-2-t-0.4")
    keyboard.press("Control+Home")
    expect(focused).to_have_text("Question")
    keyboard.press("End")
    expect(focused).to_have_text("Mark")
    keyboard.press("Control+End")
    expect(focused).to_have_attribute("aria-label", f"Mark {key(19)}")
    keyboard.press("ArrowLeft")
    expect(focused).to_have_js_property("localName", "td")
    keyboard.press("Tab")
    assert section.locator("table.index").evaluate("(t) => !t.contains(document.activeElement)")
    keyboard.press("Shift+Tab")
    expect(focused).to_have_js_property("localName", "td")
    keyboard.press("Home")
    keyboard.press("o")
    expect(section.locator(".item h5")).to_contain_text(key(19))
    expect(section.locator("h5 .permalink")).to_be_focused()
    keyboard.press("i")
    expect(section.get_by_role("link", name=key(19), exact=True)).to_be_focused()
    keyboard.press("k")
    expect(section.locator(".item h5")).to_contain_text(key(18))
    expect(section.get_by_role("link", name=key(18), exact=True)).to_be_focused()
    expect(section.locator("[aria-current]")).to_have_text(key(18))
    keyboard.press("Enter")
    expect(section.locator("h5 .permalink")).to_be_focused()
    seen.assert_quiet()


def test_keys_lead_through_the_questions_and_are_silent_while_typing(visit: Open, page: Path) -> None:
    seen = visit(page)
    section = side(seen)
    keyboard = seen.page.keyboard
    title = section.locator(".item h5")
    section.locator("h5 .permalink").focus()
    for pressed, item in (("j", 1), ("n", 2), ("k", 1), ("p", 0), ("k", 0)):
        keyboard.press(pressed)
        expect(title).to_contain_text(key(item))
        expect(section.locator("h5 .permalink")).to_be_focused()
    for modified in ("Control+j", "Alt+j", "Meta+j"):
        keyboard.press(modified)
    expect(title).to_contain_text(key(0))
    keyboard.press("/")
    search = section.get_by_role("searchbox")
    expect(search).to_be_focused()
    keyboard.type("jnkpo?/m")
    expect(search).to_have_value("jnkpo?/m")
    expect(seen.page.locator("#keys-help")).to_be_hidden()
    search.fill("")
    expect(section.locator(".answers-status")).to_have_text("20 questions")
    expect(title).to_contain_text(key(0))
    section.get_by_label("Show", exact=True).focus()
    keyboard.press("j")
    expect(title).to_contain_text(key(0))
    seen.assert_quiet()


def test_help_lists_the_keys_and_turns_them_off_for_good(visit: Open, page: Path) -> None:
    seen = visit(page)
    section = side(seen)
    keyboard = seen.page.keyboard
    link = section.locator("h5 .permalink")
    link.focus()
    keyboard.press("?")
    dialog = seen.page.get_by_role("dialog", name="Keys for reading answers")
    expect(dialog).to_be_visible()
    expect(dialog.locator("kbd")).to_have_count(15)
    keyboard.press("j")
    expect(section.locator(".item h5")).to_contain_text(key(0))
    keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    section.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Use these keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    expect(section.get_by_role("button", name="Keys")).to_be_focused()
    for _ in range(2):
        link.focus()
        keyboard.press("j")
        keyboard.press("?")
        expect(dialog).to_be_hidden()
        expect(section.locator(".item h5")).to_contain_text(key(0))
        seen.page.reload()
        section = side(seen)
    section.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Use these keys").check()
    keyboard.press("Escape")
    keyboard.press("j")
    expect(section.locator(".item h5")).to_contain_text(key(1))
    assert seen.console + seen.errors == []


def test_marks_survive_a_reload_and_can_be_taken_along(visit: Open, page: Path) -> None:
    seen = visit(page)
    section = side(seen)
    expect(section.get_by_role("button", name="Save marks")).to_be_hidden()
    section.get_by_role("button", name=f"Mark {key(3)}").click()
    section.locator("h5 .permalink").focus()
    seen.page.keyboard.press("j")
    expect(section.locator(".item h5")).to_contain_text(key(1))
    seen.page.keyboard.press("m")
    expect(section.locator(".question-mark")).to_have_attribute("aria-pressed", "true")
    seen.page.reload()
    section = side(seen)
    pressed = section.locator(".star-button[aria-pressed=true]")
    expect(pressed).to_have_count(2)
    section.get_by_label("Show", exact=True).select_option("questions that I marked")
    assert names(section) == [key(1), key(3)]
    expect(section.locator(".answers-status")).to_have_text("2 of 20 questions")
    assert section.locator(".answer:visible").count() > 0
    with seen.page.expect_download() as saved:
        section.get_by_role("button", name="Save marks").click()
    assert saved.value.suggested_filename == "marks.csv"
    rows = list(csv.DictReader(io.StringIO(Path(saved.value.path()).read_text("utf-8"))))
    assert [row["question"] for row in rows] == [
        f"technical-documentation/{key(3)}",
        f"technical-documentation/{key(1)}",
    ]
    assert {(row["use_case"], row["model"]) for row in rows} == {("technical-documentation", "gguf:smollm2")}
    section.locator(".question-mark").click()
    section.get_by_label("Show", exact=True).select_option("")
    expect(pressed).to_have_count(1)
    section.get_by_label("Sort", exact=True).select_option("marked first")
    assert names(section)[0] == key(3)
    assert seen.console + seen.errors == []


def test_marks_are_copied(visit: Open, page: Path) -> None:
    seen = visit(page)
    section = side(seen)
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    section.get_by_role("button", name=f"Mark {key(0)}").click()
    section.get_by_role("button", name="Copy marks").click()
    expect(section.get_by_role("button", name="Copied")).to_be_visible()
    assert seen.page.evaluate("() => navigator.clipboard.readText()").splitlines() == [
        '"use_case","model","question"',
        f'"technical-documentation","gguf:smollm2","technical-documentation/{key(0)}"',
    ]
    seen.assert_quiet()


def test_without_storage_marks_last_as_long_as_the_page(visit: Open, page: Path) -> None:
    seen = visit(page)
    seen.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    seen.page.reload()
    section = side(seen)
    section.get_by_role("button", name=f"Mark {key(2)}").click()
    expect(section.locator(".star-button[aria-pressed=true]")).to_have_count(1)
    seen.page.reload()
    expect(side(seen).locator(".star-button[aria-pressed=true]")).to_have_count(0)
    assert seen.console + seen.errors == []


@pytest.mark.parametrize("kept", ["{", "3", '[["a"], 4, ["a", "b", 5], null]', '{"length": 2}'])
def test_odd_things_in_the_storage_are_no_marks(visit: Open, page: Path, kept: str) -> None:
    seen = visit(page)
    seen.page.evaluate("(kept) => localStorage.setItem(`tempkit marks ${words.data.identity}`, kept)", kept)
    seen.page.reload()
    expect(side(seen).locator(".star-button[aria-pressed=true]")).to_have_count(0)
    assert seen.console + seen.errors == []


@pytest.mark.parametrize("width", [1280, 400])
def test_a_link_to_one_temperatures_answers_survives_a_reload(visit: Open, page: Path, width: int) -> None:
    seen = visit(page, width=width, fragment="use-case-1-1-item-18-t-1.2")
    for _ in range(2):
        section = side(seen)
        cell = seen.page.locator("[id='use-case-1-1-item-18-t-1.2']")
        expect(cell).to_have_class("cell linked")
        expect(cell.locator("h6 .permalink")).to_be_focused()
        expect(cell.locator("h6")).to_be_in_viewport(ratio=1)
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        expect(section.locator(".item h5")).to_contain_text(key(17))
        expect(section.locator(".linked")).to_have_count(1)
        assert seen.page.url.endswith("#use-case-1-1-item-18-t-1.2")
        seen.page.reload()
    section = side(seen)
    section.get_by_label("Temperature", exact=True).select_option("0.4")
    expect(section.locator(".cell:visible")).to_have_count(1)
    section.locator("tbody a[href='#use-case-1-1-item-5-t-1.6']").click()
    expect(seen.page.locator("[id='use-case-1-1-item-5-t-1.6'] h6 .permalink")).to_be_focused()
    expect(section.get_by_label("Temperature", exact=True)).to_have_value("")
    seen.page.go_back()
    expect(seen.page.locator("[id='use-case-1-1-item-18-t-1.2']")).to_have_class("cell linked")
    assert seen.console + seen.errors == []


def test_the_strip_is_one_tab_stop_and_scrolls_with_the_focus(visit: Open, page: Path) -> None:
    seen = visit(page, width=400)
    section = side(seen)
    strip = section.locator(".strip")
    expect(strip.locator("[tabindex='0']")).to_have_count(1)
    strip.locator("h6 .permalink").first.focus()
    seen.page.keyboard.press("ArrowRight")
    seen.page.keyboard.press("ArrowRight")
    expect(strip.locator("h6 .permalink").nth(2)).to_be_focused()
    seen.page.wait_for_function("(strip) => strip.scrollLeft > 100", arg=strip.element_handle())
    seen.page.keyboard.press("ArrowDown")
    expect(strip.locator(".cell").nth(2).locator(".tokens-button").first).to_be_focused()
    expect(strip.locator("[tabindex='0']")).to_have_count(1)
    seen.assert_quiet()


def test_texts_are_clipped_without_scrolling_until_they_are_wanted_whole(visit: Open, page: Path) -> None:
    seen = visit(page)
    section = side(seen)
    section.locator(".answer:visible .verbatim bdi").first.evaluate(
        "(bdi) => bdi.append(' and on'.repeat(300))"
    )
    box = section.locator(".answer:visible .verbatim").first
    low, style = "(box) => box.offsetHeight", "(box) => getComputedStyle(box).overflowY"
    assert 180 < box.evaluate(low) < 230
    assert box.evaluate(style) == "hidden"
    section.get_by_label("Show whole texts").check()
    assert box.evaluate("(box) => box.offsetHeight >= box.scrollHeight && box.offsetHeight > 500")
    head = section.locator("h6").first
    seen.page.mouse.wheel(0, 0)
    box.evaluate("(box) => scrollBy(0, box.getBoundingClientRect().top + 300)")
    expect(head).to_be_in_viewport(ratio=0.9)
    seen.assert_quiet()


STOPS = """(root) => [...root.querySelectorAll('a[href], button, input, select, summary, [tabindex]')]
    .filter((each) => each.tabIndex >= 0 && each.checkVisibility()).length"""


def test_answers_take_few_tab_stops_and_little_room(visit: Open, page: Path) -> None:
    seen = visit(page)
    section = side(seen)
    section.get_by_role("button", name=f"Mark {key(2)}").click()
    assert section.evaluate(STOPS) < 20
    assert section.evaluate("(root) => root.offsetHeight") < 1500
    assert len(section.inner_text().split()) < 900
    seen.assert_quiet()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_the_answers_as_they_are_used(visit: Open, page: Path, dark: bool) -> None:
    seen = visit(page, dark=dark)
    section = side(seen)
    section.get_by_label("Sort", exact=True).select_option("t-1.6")
    section.get_by_role("button", name=f"Mark {key(1)}").click()
    section.get_by_role("searchbox").fill("port")
    expect(section.locator("mark").first).to_be_attached()
    section.get_by_role("button", name="Keys").click()
    seen.page.evaluate(AXE_SCRIPT)
    for run in ("document", "{ exclude: ['.chart'] }"):
        found = seen.page.evaluate(f"() => axe.run({run}, {{ resultTypes: ['violations'] }})")
        assert found["passes"]
        assert [(each["id"], each["nodes"][0]["failureSummary"]) for each in found["violations"]] == []
        seen.page.keyboard.press("Escape")


def test_hostile_names_are_names(visit: Open, hostile_page: Path) -> None:
    seen = visit(hostile_page)
    section = side(seen)
    assert section.locator("tbody tr").count() == len(HOSTILE)
    section.locator("th[data-sort=name] button").click()
    section.locator("th[data-sort=differing] button").click()
    for i in range(0, len(HOSTILE), 7):
        section.locator(".star-button").nth(i).click()
    section.get_by_label("Sort", exact=True).select_option("marked first")
    with seen.page.expect_download() as saved:
        section.get_by_role("button", name="Save marks").click()
    rows = list(csv.reader(io.StringIO(Path(saved.value.path()).read_text("utf-8"), newline="")))
    assert len(rows) == 1 + len(range(0, len(HOSTILE), 7))
    assert all(len(row) == 3 for row in rows)
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row if cell)
    seen.page.reload()
    expect(section.locator(".star-button[aria-pressed=true]")).to_have_count(len(rows) - 1)
    assert seen.page.evaluate("() => window.pwned === undefined && Object.prototype.pwned === undefined")
    assert seen.console + seen.errors + seen.dialogs == []


def test_a_fact_called_not_found_cannot_be_taken_for_one(visit: Open, hand: Run, tmp_path: Path) -> None:
    prompt = hand.plan.prompts[0]
    items = tuple(
        dataclasses.replace(item, facts=(("not found", "8"), ("IP", "80", "443"))) for item in prompt.items
    )
    plan = dataclasses.replace(hand.plan, prompts=(dataclasses.replace(prompt, items=items),))
    made = dataclasses.replace(hand, plan=plan).study
    path = tmp_path / "facts.html"
    write(path, render([dataclasses.replace(made, decisions=[hand_decision()])]))
    seen = visit(path)
    chips = seen.page.locator(".item .cell").first.locator(".found .chip")
    said = " ".join((chips.first.text_content() or "").split())
    assert said == "✓found: not found"
    assert " ".join((chips.nth(1).text_content() or "").split()) == "✗not found: IP"
    assert chips.first.locator("q").evaluate("(q) => getComputedStyle(q, '::before').content") == "open-quote"
    facts = seen.page.locator(".item .facts").first
    expect(facts.locator("summary q")).to_have_text(["not found", "IP"])
    facts.locator("summary").click()
    expect(facts.locator("li").nth(1)).to_contain_text("IP or 80, 443")
