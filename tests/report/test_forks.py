"""The fork view: what it says of samples that part, by hand and against the table they were drawn from, and its page."""

import json
import math
import os
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hostile_strings import HOSTILE
from playwright.sync_api import Locator, expect
from report_forks import MOST, NEXT, TEMPERATURES, entropy, forks_run, run_of
from report_sample import Run
from report_visit import Visit
from test_report_colours import contrast, variables

from tempkit.report import render, view, write
from tempkit.types import LogprobKind, TokenLogprob

GOLDEN = Path(__file__).parent / "golden" / "forks_view.json"

Open = Callable[..., Visit]


def forks_of(run: Run) -> dict[str, Any]:
    section = view([run.study])["use_cases"][0]["sections"][0]
    found: dict[str, Any] = section["items"][0]["forks"]
    return found


def said(run: Run) -> list[str]:
    """Return the sentences and the notes as a reader finds them."""
    found = forks_of(run)
    sentences = [
        each["before"] + (f"“{each['quote']}”" if each["quote"] else "") + each["after"]
        for each in found["said"]
    ]
    return [sentence.replace("\u00a0", " ") for sentence in sentences + found["notes"]]


def tokens(*texts: str, **more: Any) -> list[TokenLogprob]:
    return [TokenLogprob(text, -0.5, **more) for text in texts]


def segments(branch: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for segment in branch:
        yield segment
        if segment["fork"]:
            for way in segment["fork"]["ways"] + segment["fork"]["in_fold"]:
                yield from segments(way)


# In words


def test_the_view_is_as_stored() -> None:
    """`TEMPKIT_UPDATE_GOLDEN=1 pytest` stores it anew; look at the difference before committing it."""
    text = json.dumps(forks_of(forks_run()), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if os.environ.get("TEMPKIT_UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_sentences_by_hand() -> None:
    cold = tokens("HTTPS", " uses", " 443", ".", entropy=0.2)
    fork = [*cold[:2], TokenLogprob(" port", -1.0, 0.2), *cold[2:]]
    hot = [*cold[:2], *tokens(" TCP", " 443"), *cold[3:]]
    other = [*cold[:2], *tokens(" a")]
    samples = [(0.0, cold, False), (0.0, cold, False), (0.5, cold, False), (0.5, fork, False)]
    samples += [(1.0, hot, False), (1.0, other, True)]
    assert said(run_of(samples)) == [
        "The 6 samples begin with the same 2 tokens and diverge after “HTTPS uses”, where entropy is 0.20 nats.",
        "At T = 0 the 2 samples are alike.",
        "The answers start to differ at T = 0.5: 1 of 2 leaves the text of T = 0, at token 3.",
        "At T = 1 the 2 samples diverge at token 3, and every one goes its own way.",
        "Entropy averages 0.20 nats where samples diverge, and 0.20 nats where they go on together.",
    ]
    by_temperature = [column["said"] for column in forks_of(run_of(samples))["columns"]]
    assert by_temperature[1] == "At T = 0.5 the 2 samples diverge at token 3, and every one goes its own way."


@pytest.mark.parametrize(
    ("samples", "sentences"),
    [
        ([(0.0, "ab"), (1.0, "ab"), (1.0, "ab")], ["The 3 samples are alike."]),
        ([(0.0, ""), (1.0, "")], ["Where these samples diverge is not known: they came without tokens."]),
        (
            [(0.0, "ab"), (1.0, "")],
            [
                "The 2 samples diverge at the first token.",
                "The answers start to differ at T = 1: 1 of 1 leaves the text of T = 0, at token 1.",
            ],
        ),
        (
            [(0.5, "ab"), (0.5, "ac"), (0.5, "acd"), (1.5, "abxx"), (1.5, "abxy"), (1.5, "abx")],
            [
                "The 6 samples begin with the same token and diverge after “a”.",
                "At T = 0.5 every one of the 3 samples goes its own way from token 3 on.",
                "At T = 1.5 the 3 samples diverge at token 4, and every one goes its own way.",
            ],
        ),
        (
            [(0.5, "ab"), (0.5, "ab"), (0.5, "ac"), (1.5, "ab")],
            [
                "The 4 samples begin with the same token and diverge after “a”.",
                "At T = 0.5 the 3 samples give 2 texts, and diverge first at token 2.",
            ],
        ),
    ],
)
def test_sentences_at_the_edges(samples: list[tuple[float, str]], sentences: list[str]) -> None:
    assert said(run_of([(t, tokens(*text), False) for t, text in samples])) == sentences


def test_one_sample_parts_from_nothing() -> None:
    assert forks_of(run_of([(0.0, tokens("a"), False)])) is None


def test_samples_without_tokens_are_counted() -> None:
    samples = [(0.0, tokens("a", "b"), False), (0.0, tokens("a", "c"), False), (1.0, [], False)]
    lacking = run_of(
        samples, texts=lambda given: "".join(token.text for token in given) or "text without tokens"
    )
    assert said(lacking)[-1] == "1 sample came without tokens and is not in the tree."
    assert [column["temperature"] for column in forks_of(lacking)["columns"]] == ["0"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("tempered", "Probabilities here are those after temperature"),
        ("unknown", "The provider does not say whether"),
    ],
)
def test_probabilities_of_another_kind_are_called_so(kind: LogprobKind, words: str) -> None:
    samples = [(0.0, tokens("a", entropy=0.5), False)] + [(1.0, tokens("b", x), False) for x in "cd"]
    found = forks_of(run_of(samples, kind=kind))
    assert found["notes"][0].startswith(words)
    [top, *_] = found["branch"]
    assert top["fork"]["entropy"] is None
    assert [each["chance"] for each in segments(found["branch"]) if each["head"] == "a"] == [None]
    assert [each["chance"] for each in segments(found["branch"]) if each["head"] == "c"] == ["61\u00a0%"]


def test_entropy_within_bounds_is_an_interval() -> None:
    top = (("a", math.log(0.6)), ("b", math.log(0.3)))
    found = forks_of(run_of([(0.0, tokens("a", top=top), False), (1.0, tokens("b", top=top), False)]))
    assert re.fullmatch(r"0\.90 to 2\.16 nats", found["branch"][0]["fork"]["entropy"])
    assert found["branch"][0]["fork"]["bar"] == [15, 36]


def test_probabilities_and_entropies_are_those_of_the_model() -> None:
    """The samples were drawn from `NEXT`, where what follows depends on the last token alone."""
    checked = 0

    def check(branch: list[dict[str, Any]], last: str) -> None:
        nonlocal checked
        for segment in branch:
            if segment["chance"] is not None and segment["chance"][-1] == "%":
                p = NEXT[last][segment["head"]]
                assert segment["chance"].replace("\u00a0%", "") == f"{100 * p:.0f}"
                checked += 1
            whole = (segment["head"] or "") + segment["text"]
            ends = [token for token in NEXT if token and whole.endswith(token)]
            last = max(ends, key=len) if ends else last
            if segment["fork"]:
                assert segment["fork"]["entropy"] == f"{entropy(last):.2f} nats"
                for way in segment["fork"]["ways"] + segment["fork"]["in_fold"]:
                    check(way, last)

    check(forks_of(forks_run(20))["branch"], "")
    assert checked > 20


def test_a_hundred_samples_a_cell_stay_small_and_readable() -> None:
    found = forks_of(forks_run(100))
    lines = list(segments(found["branch"]))
    assert 10 < len(lines) <= 48
    assert sum(line["n"] for line in lines[:1]) == 100 * len(TEMPERATURES)
    assert any(line["passed"] for line in lines), "forks of few samples are passed over"
    assert len(json.dumps(found)) < 25_000


def test_ways_of_single_samples_are_folded() -> None:
    samples = [(0.0, tokens("a", "b"), False)] * 3 + [(1.0, tokens(f"{i}", "c"), False) for i in range(9)]
    fork = forks_of(run_of(samples))["branch"][0]["fork"]
    assert [way[0]["head"] for way in fork["ways"]] == ["0", "1", "2"]
    assert fork["folded"]["said"] == "and 6 more, each once"
    assert (fork["folded"]["counts"], fork["folded"]["label"]) == ([[2, 6]], "6: 6 at 1")
    assert [way[0]["head"] for way in fork["in_fold"]] == [str(i) for i in range(3, 9)]


# On the page


@pytest.fixture(scope="module")
def forks_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forks") / "report.html"
    write(path, render([forks_run().study]))
    return path


def opened(seen: Visit) -> Locator:
    view = seen.page.locator(".forks").first
    view.locator("summary", has_text="Where answers diverge").focus()
    seen.page.keyboard.press("Enter")
    expect(view.locator(".fork-tree")).to_be_visible()
    return view


def line(view: Locator, head: str) -> Locator:
    return view.locator(".line > p", has=view.page.locator(f"b:text-is('{head}')"))


def test_it_opens_by_keyboard_and_says_what_is_in_the_data(visit: Open, forks_page: Path) -> None:
    seen = visit(forks_page)
    view = opened(seen)
    data = forks_of(forks_run())
    expect(view.locator(".sentences li")).to_have_count(len(data["said"]))
    expect(view.locator(".fork > summary").first).to_have_text(f"entropy {entropy(''):.2f} nats")
    lines = list(segments(data["branch"]))
    expect(view.locator(".line:not(.counted)")).to_have_count(len(lines))
    expect(view.locator(".branch .fork-counts").first).to_have_attribute("aria-label", lines[0]["label"])
    expect(line(view, "HTTPS").locator("small")).to_have_text("90\u00a0%")
    fork = view.locator(".fork").first
    fork.locator("> summary").focus()
    seen.page.keyboard.press("Enter")
    expect(fork.locator("> .ways")).to_be_hidden()
    seen.page.keyboard.press("Enter")
    expect(fork.locator("> .ways")).to_be_visible()
    seen.assert_quiet()


def test_one_temperature_by_itself(visit: Open, forks_page: Path) -> None:
    seen = visit(forks_page)
    view = opened(seen)
    data = forks_of(forks_run())
    everything = view.locator(".line:visible").count()
    view.locator("input[value='0']").focus()
    seen.page.keyboard.press("ArrowRight")  # T = 0: one path
    expect(view.locator("input[value='1']")).to_be_checked()
    expect(view.locator(".fork-said")).to_have_text("At T = 0 the 6 samples are alike.")
    expect(view.locator(".fork > summary:visible")).to_have_count(0)
    cold = [each for each in segments(data["branch"]) if [1, 6] in each["counts"]]
    expect(view.locator(".line:visible")).to_have_count(len(cold))
    text = "".join(view.locator(".line > p:visible bdi").all_text_contents())
    assert text == "HTTPS uses TCP port 443 by default."
    hottest = len(TEMPERATURES)
    view.locator(f"input[value='{hottest}']").check(force=True)
    hot = [
        each for each in segments(data["branch"]) if any(column == hottest for column, _n in each["counts"])
    ]
    expect(view.locator(".line:not(.counted):visible")).to_have_count(len(hot))
    expect(view.locator(".fork-said")).to_have_text(data["columns"][-1]["said"])
    forks = view.locator(".fork > summary:visible").count()
    assert 0 < forks < sum(each["fork"] is not None for each in segments(data["branch"]))
    view.locator("input[value='0']").check(force=True)
    expect(view.locator(".line:visible")).to_have_count(everything)
    expect(view.locator(".fork-said")).to_have_text("")
    seen.assert_quiet()


def test_it_works_in_an_item_that_comes_into_the_page_later(visit: Open, forks_page: Path) -> None:
    seen = visit(forks_page)
    seen.page.evaluate(
        """() => {
            const item = document.querySelector(".item");
            const copy = item.cloneNode(true);
            copy.querySelectorAll("input").forEach((input) => (input.name += "-copy"));
            item.replaceWith(copy);
        }"""
    )
    view = opened(seen)
    view.locator("input[value='1']").check(force=True)
    expect(view.locator(".fork > summary:visible")).to_have_count(0)
    seen.assert_quiet()


def test_the_whole_of_a_shortened_answer(visit: Open, tmp_path: Path) -> None:
    samples = [(0.0, tokens("a", "b"), False)] * 4
    samples += [(1.0, tokens(f"way {i}", *(f" word{j}" for j in range(60 + i))), False) for i in range(5)]
    path = tmp_path / "long.html"
    write(path, render([run_of(samples).study]))
    seen = visit(path)
    view = opened(seen)
    more = view.get_by_role("button", name="more")
    expect(more).to_have_count(5)
    for i in (0, 4):  # the last one's text is not among those that the page shows first
        more.nth(i).focus()
        seen.page.keyboard.press("Enter")
        dialog = seen.page.locator("#token-view")
        expect(dialog).to_be_visible()
        expect(dialog.locator(".token")).to_have_count(61 + i)
        seen.page.keyboard.press("Escape")
        expect(more.nth(i)).to_be_focused()
    seen.assert_quiet()


def test_without_scripts_the_whole_tree_is_there(visit: Open, forks_page: Path) -> None:
    seen = visit(forks_page, scripts=False)
    view = seen.page.locator(".forks").first
    view.locator("summary").first.click()
    expect(view.locator("input").first).to_be_hidden()
    expect(view.locator(".fork-head")).to_contain_text("1.6")
    expect(line(view, "HTTPS")).to_be_visible()
    expect(view.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 400, 320])
@pytest.mark.parametrize("repeat", [6, 100])
def test_nothing_scrolls_sideways(visit: Open, tmp_path: Path, width: int, repeat: int) -> None:
    path = tmp_path / "report.html"
    write(path, render([forks_run(repeat).study]))
    seen = visit(path, width=width, dark=True)
    view = opened(seen)
    seen.open_all_details()
    assert seen.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    wide = view.evaluate(
        "(view) => [...view.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert wide == 0
    seen.assert_quiet()


def test_paper_shows_the_tree_without_controls(visit: Open, forks_page: Path) -> None:
    seen = visit(forks_page)
    view = opened(seen)
    seen.page.emulate_media(media="print")
    expect(view.locator(".fork-head")).to_have_css("position", "static")
    expect(view.locator(".line button:visible")).to_have_count(0)
    expect(line(view, "HTTPS")).to_be_visible()


def test_hostile_texts_are_shown_and_do_nothing(visit: Open, tmp_path: Path) -> None:
    samples = [(0.0, tokens("same", text, text, text), False) for text in HOSTILE]
    samples += [(1.0, tokens(text), i % 2 == 0) for i, text in enumerate(HOSTILE)]
    path = tmp_path / "hostile.html"
    write(path, render([run_of(samples).study]))
    seen = visit(path, width=400)
    view = opened(seen)
    seen.open_all_details()
    view.locator("input[value='2']").check(force=True)
    assert seen.page.evaluate("() => window.pwned") is None
    assert seen.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    seen.assert_quiet()


@pytest.mark.parametrize("dark", [False, True])
def test_counts_can_be_read_on_every_colour(dark: bool) -> None:
    css = files("tempkit.report") / "assets" / "css"
    found = variables((css / "base.css").read_text("utf-8").split("prefers-color-scheme: dark", 1)[dark])
    ink = found["ink"]
    cold, hot = ([int(found[name][i : i + 2], 16) for i in (1, 3, 5)] for name in ("cold", "hot"))
    for share in (0, 0.25, 0.5, 0.75, 1):
        mixed = "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(cold, hot, strict=True))
        assert contrast(ink, mixed) >= 4.5, (mixed, share)


def test_the_sample_really_is_drawn_hotter() -> None:
    """Guards the helper: without it the tests above could pass on one text."""
    texts = [len({c.text for c in forks_run(20).completions if c.key.temperature == t}) for t in TEMPERATURES]
    assert texts[0] == 1
    assert texts[-1] > 5
    assert all(len(c.tokens) <= MOST for c in forks_run(20).completions)
