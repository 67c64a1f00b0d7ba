"""The page in a real browser: what it draws, how it is used by hand and by keyboard, and what it must never do."""

import dataclasses
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from report_sample import Run
from report_visit import Visit

from tempkit.report import render, view, write
from tempkit.report.answers.tokens import ALTERNATIVES
from tempkit.report.charts.figures import all_charts
from tempkit.types import TokenLogprob

Open = Callable[..., Visit]


def overflow(seen: Visit) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(seen.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))


# Charts


def test_every_chart_is_drawn_and_the_page_stays_quiet(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    assert seen.wait_for_charts() == len(seen.page.locator("figure").all()) > 20
    for chart in seen.page.locator(".chart").all():
        lines = chart.locator(".mark-line path").count()
        assert lines >= 1 or "versus" in (chart.get_attribute("class") or "")
        assert chart.locator(".mark-symbol path").count() >= 1
    seen.assert_quiet()


def test_a_mean_point_stands_where_its_number_says(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    seen.wait_for_charts()
    chart = next(
        chart
        for chart in all_charts(view([sample.study])["use_cases"][0]["figures"])
        if chart["measure"] == "distinct_share"
    )
    heights = seen.page.evaluate(
        """(id) => {
            const chart = document.getElementById(id);
            const symbols = [...chart.querySelectorAll('.mark-symbol')].at(-1).querySelectorAll('path');
            return [...symbols].map((path) => Number(path.getAttribute('transform').match(/,([\\d.]+)/)[1]));
        }""",
        chart["id"],
    )
    assert chart["domain"] == (0, 1)
    assert [1 - height / 130 for height in heights] == pytest.approx(
        [row["v"] for row in chart["rows"]], abs=0.01
    )


def test_pointing_at_a_point_shows_its_numbers(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    seen.wait_for_charts()
    chart = seen.page.locator(".chart").first
    chart.scroll_into_view_if_needed()
    chart.locator(".mark-symbol").last.locator("path").first.hover()
    tip = seen.page.locator("#tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Temperature")
    expect(tip).to_contain_text("100\u00a0%")
    seen.page.mouse.move(2, 2)
    expect(tip).to_be_hidden()
    seen.assert_quiet()


def test_charts_follow_the_readers_colours(visit: Open, sample_page: Path) -> None:
    strokes = []
    for dark in (False, True):
        seen = visit(sample_page, dark=dark)
        seen.wait_for_charts()
        strokes.append(
            seen.page.evaluate(
                "() => ['.chart .role-mark.mark-line path[stroke*=series-1]', 'body'].map((s) => getComputedStyle(document.querySelector(s)))"
                ".map((style, i) => i ? style.backgroundColor + style.color : style.stroke)"
            )
        )
    (light, light_text), (dark_stroke, dark_text) = strokes
    assert light == "rgb(11, 92, 173)"
    assert dark_stroke == "rgb(125, 184, 245)"
    assert light_text != dark_text


def odd_runs(hand: Run) -> dict[str, Run]:
    cold = tuple(c for c in hand.completions if c.key.temperature == 0)
    bare = [dataclasses.replace(c, tokens=(), logprob_kind="none") for c in hand.completions]
    sure = TokenLogprob("x", 0.0, 0.0, 0)
    certain = [dataclasses.replace(c, tokens=(sure,)) for c in hand.completions]
    one = dataclasses.replace(hand.plan, temperatures=(0.0,))
    many = dataclasses.replace(hand.plan, temperatures=tuple(i / 10 for i in range(16)))
    return {
        "one temperature": dataclasses.replace(hand, plan=one, completions=cold, failures=()),
        "sixteen temperatures, most not run": dataclasses.replace(hand, plan=many),
        "no tokens": dataclasses.replace(hand, completions=tuple(bare)),
        "complete certainty": dataclasses.replace(hand, completions=tuple(certain)),
        "several kinds": dataclasses.replace(
            hand,
            completions=tuple(
                dataclasses.replace(c, logprob_kind=("raw", "tempered", "unknown")[c.key.replicate])
                for c in hand.completions
            ),
        ),
        "no answers": dataclasses.replace(hand, completions=()),
    }


def test_odd_runs_are_drawn_too(visit: Open, hand: Run, tmp_path: Path) -> None:
    for name, run in odd_runs(hand).items():
        path = tmp_path / f"{name}.html"
        write(path, render([run.study]))
        seen = visit(path)
        charts = seen.wait_for_charts()
        assert (charts == 0) == (name == "no answers")
        for chart in seen.page.locator(".chart").all():
            assert chart.locator(".mark-symbol path").count() >= 1, name
            assert "NaN" not in chart.inner_html(), name
        seen.assert_quiet()


# Size and print


@pytest.mark.parametrize("width", [1280, 768, 400, 320])
@pytest.mark.parametrize("which", ["sample_page", "hostile_page"])
def test_no_page_level_scrolling_sideways(
    visit: Open, width: int, which: str, request: pytest.FixtureRequest
) -> None:
    seen = visit(request.getfixturevalue(which), width=width)
    seen.wait_for_charts()
    seen.open_all_details()
    assert overflow(seen) <= 0
    button = seen.page.locator(".tokens-button:visible").first
    button.click()
    expect(seen.page.locator("#token-view")).to_be_visible()
    seen.page.locator(".token").last.focus()
    assert overflow(seen) <= 0
    wide = seen.page.evaluate(
        "() => { const d = document.getElementById('token-view'); return d.scrollWidth - d.clientWidth; }"
    )
    assert wide <= 0


def test_narrow_columns_scroll_inside_their_strip(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page, width=400)
    expect(seen.page.locator(".texts-pages").first).to_be_attached()
    strip = seen.page.locator(".strip").first
    assert strip.evaluate("(strip) => strip.scrollWidth > strip.clientWidth")
    strip.locator("h6 .permalink").first.focus()
    seen.page.keyboard.press("ArrowRight")
    seen.page.wait_for_function("(strip) => strip.scrollLeft > 0", arg=strip.element_handle())


def test_paper_is_light_complete_and_without_controls(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page, dark=True)
    seen.wait_for_charts()
    seen.page.emulate_media(media="print", color_scheme="dark")
    assert seen.page.evaluate("() => getComputedStyle(document.body).color") == "rgb(32, 36, 42)"
    expect(seen.page.locator(".contents")).to_be_hidden()
    expect(seen.page.locator(".tokens-button").first).to_be_hidden()
    assert len(seen.page.pdf()) > 20_000
    assert seen.page.locator("main details:not([open])").count() > 0  # closed again afterwards
    seen.assert_quiet()


def test_without_scripts_texts_and_tables_remain(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page, scripts=False)
    expect(seen.page.locator("table.numbers").first).to_contain_text("100\u00a0%")
    expect(seen.page.locator(".item").get_by_text("A byte consists of 8 bits.").first).to_be_visible()
    expect(seen.page.get_by_text("Charts and the token view need JavaScript.").first).to_be_visible()
    expect(seen.page.locator(".charts").first).to_be_hidden()
    expect(seen.page.locator(".tokens-button").first).to_be_hidden()


# Tokens


def first_answer(seen: Visit) -> Locator:
    return seen.page.locator(".answer", has_text="A byte consists of 8 bits.").first


def test_tokens_by_click(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    seen.wait_for_charts()
    first_answer(seen).get_by_role("button", name="Tokens").click()
    dialog = seen.page.locator("#token-view")
    expect(dialog).to_be_visible()
    expect(dialog.locator("h2")).to_have_text("Tokens: technical-documentation/bits-in-a-byte at T = 0")
    expect(dialog).to_contain_text("samples 0, 1, 2, 3 of this question at this temperature, seed 1000")
    expect(dialog).to_contain_text("before temperature")
    tokens = sample.completions[0].tokens
    spans = dialog.locator(".token")
    expect(spans).to_have_count(len(tokens))
    assert [span.text_content() for span in spans.all()] == [token.text for token in tokens]
    for i, token in enumerate(tokens):
        probability = math.exp(token.logprob)
        level = sum(probability < step for step in (0.9, 0.5, 0.2, 0.05, 0.01))
        expect(spans.nth(i)).to_have_class(f"token level-{level}")
    spans.nth(2).hover()
    detail = dialog.locator("#token-detail")
    expect(detail).to_contain_text(f"−{-tokens[2].logprob:.2f} nats")
    expect(detail.locator(".alternatives li")).to_have_count(ALTERNATIVES)
    expect(detail.locator(".drawn")).to_contain_text(tokens[2].text.strip())
    widths = [row.locator(".bar").evaluate("(bar) => bar.style.width") for row in detail.locator("li").all()]
    shown = [float(width.rstrip("%")) / 100 for width in widths]
    listed = [math.exp(logprob) for _, logprob in tokens[2].top[:ALTERNATIVES]]
    assert shown == pytest.approx(listed, rel=0.006)  # hundredths of a nat
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    seen.assert_quiet()


def test_tokens_by_keyboard(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    keyboard = seen.page.keyboard
    button = first_answer(seen).get_by_role("button", name="Tokens")
    button.focus()
    keyboard.press("Enter")
    tokens = sample.completions[0].tokens
    spans = seen.page.locator(".token")
    expect(spans.first).to_be_focused()
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    expect(spans.nth(2)).to_be_focused()
    expect(spans.nth(2)).to_have_attribute("aria-selected", "true")
    detail = seen.page.locator("#token-detail")
    expect(detail.locator(".token-name")).to_contain_text(tokens[2].text.strip())
    expect(detail.locator(".alternatives li")).to_have_count(ALTERNATIVES)
    keyboard.press("End")
    expect(spans.last).to_be_focused()
    keyboard.press("ArrowRight")
    expect(spans.last).to_be_focused()
    keyboard.press("Home")
    expect(spans.first).to_be_focused()
    keyboard.press("Escape")
    expect(seen.page.locator("#token-view")).to_be_hidden()
    expect(button).to_be_focused()
    seen.assert_quiet()


def test_colour_by_entropy(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    first_answer(seen).get_by_role("button", name="Tokens").click()
    seen.page.get_by_role("radio", name="entropy").check()
    expect(seen.page.locator("#token-legend")).to_contain_text("0.1–0.5")
    spans = seen.page.locator(".token")
    for i, token in enumerate(sample.completions[0].tokens):
        level = sum((token.entropy or 0) >= step for step in (0.1, 0.5, 1, 2, 3))
        expect(spans.nth(i)).to_have_class(f"token level-{level}")


def test_what_a_provider_does_not_say_is_not_offered(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    remote = seen.page.locator("#use-case-1-2")
    remote.locator(".tokens-button:visible").first.click()
    expect(seen.page.get_by_role("radio", name="entropy")).to_be_disabled()
    expect(seen.page.locator("#token-about")).to_contain_text("does not say whether temperature is in")
    seen.page.locator(".token").first.hover()
    expect(seen.page.locator("#token-detail")).to_contain_text("not known")


# Reading


def test_identical_cut_off_and_failed_answers_are_marked(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    cold = seen.page.locator(".item").first.locator(".cell").first
    expect(cold.locator(".chip.times")).to_have_text("×4")
    expect(cold.locator(".chip.yes")).to_contain_text("✓found: 8")
    seen.open_all_details()
    expect(seen.page.locator(".chip.warn", has_text="truncated").first).to_be_visible()
    expect(seen.page.locator(".chip.bad").first).to_contain_text(re.compile(r"failed( ×\d)?: timeout"))
    expect(seen.page.get_by_text("no answer within 60 s").first).to_be_visible()


def test_a_prompt_can_be_folded_away(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    question = seen.page.locator(".item").get_by_text("How many bits are in one byte?").first
    expect(question).to_be_visible()
    seen.page.locator("summary", has_text="Prompt").first.click()
    expect(question).to_be_hidden()


def test_contents_lead_to_their_sections(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    seen.wait_for_charts()
    links = seen.page.locator(".contents a, .card h3 a").all()
    for link in [*links, *links[::-1]]:
        link.click()
        target = (link.get_attribute("href") or "").removeprefix("#")
        low = target == "method"  # the last section may be shorter than the window
        seen.page.wait_for_function(
            """([id, lowest]) => {
                const { top } = document.getElementById(id).getBoundingClientRect();
                return 30 < top && top < lowest;
            }""",
            arg=[f"{target}-title", 900 if low else 200],
        )
    seen.assert_quiet()
