"""The softmax explorer: what it holds, that its arithmetic is `tempkit.softmax.topk_bounds`'s, and how it is used."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hostile_strings import hostile_run
from playwright.sync_api import Locator, expect
from report_hand import hand_run
from report_sample import Run, completion, run_facts
from report_visit import Visit

from tempkit.report import render, view, write
from tempkit.report.answers.tokens import unpack
from tempkit.report.explorer.data import TOKENS, explored, listed, most_open, numbers, wanted
from tempkit.softmax.tempering import entropy, log_softmax, tempered
from tempkit.softmax.topk_bounds import MOST_TOKENS, n95_bounds, share_bounds, tempered_entropy_bounds
from tempkit.types import (
    Item,
    LogprobKind,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    TokenLogprob,
)

Open = Callable[..., Visit]

VOCABULARY = 12
TEMPERATURES = (0.0, 0.7, 1.4)


def row(seed: int, vocabulary: int, k: int, spread: float = 2.5) -> list[float]:
    """Return the k largest raw logprobs of a random distribution, rounded to 32 bits as a store rounds them."""
    logits = np.random.default_rng(seed).normal(0, spread, vocabulary)
    values: list[float] = np.sort(log_softmax(logits[None])[0])[::-1][:k].astype(np.float32).tolist()
    return values


def explorer_run(vocabulary: int = VOCABULARY, k: int = VOCABULARY, *, known: bool = True) -> Run:
    """Return one item, sampled at three temperatures, whose tokens' distributions are `row`s."""
    items = (Item(key="p/words", prompt="p", messages=(Message("user", "words?"),)),)
    plan = Plan(
        name="explored", prompts=(Prompt(name="p", items=items),),
        models=(ModelSpec(backend="scripted", name="x", label="x"),), temperatures=TEMPERATURES, repeat=1, seed=1,
        sampling={"p": SamplingParams()},
    )  # fmt: skip

    def token(seed: int, rank: int) -> TokenLogprob:
        top = tuple((f" w{i}", value) for i, value in enumerate(row(seed, vocabulary, k)))
        return TokenLogprob(*top[rank], rank=rank, top=top)

    completions = tuple(
        completion(
            SampleKey("p/words", "x", t, 0),
            f"text {t}",
            tokens=tuple(token(10 * i + j, (i * j) % 3) for j in range(6)),
        )
        for i, t in enumerate(TEMPERATURES)
    )
    infos = {"x": ModelInfo(digest=None, details={"vocabulary": vocabulary} if known else {})}
    return Run(run_facts(3), plan, infos, completions, ())


def page_of(run: Run, folder: Path) -> Path:
    path = folder / "explorer.html"
    write(path, render([run.study]))
    return path


def turn(seen: Visit, temperature: float) -> None:
    seen.page.locator("#explorer-t").fill(str(temperature))


def bars(seen: Visit) -> list[dict[str, float]]:
    found: list[dict[str, float]] = seen.page.locator("#explorer-bars .track").evaluate_all(
        """(tracks) => tracks.map((track) => {
            const width = (name) => track.querySelector(name).getBoundingClientRect().width;
            const value = (name) => Number(track.style.getPropertyValue(name));
            const whole = track.getBoundingClientRect().width;
            return {low: value("--low"), high: value("--high"), whole, solid: width(".solid"), may: width(".may")};
        })"""
    )
    return found


# Arithmetic

CASES: dict[str, tuple[list[float], int]] = {
    "fully listed": (row(1, 12, 12), 12),
    "top of a known vocabulary": (row(2, 49_152, 20), 49_152),
    "top of an unknown one": (row(3, 500, 20, 5.0), MOST_TOKENS),
    "flat": (row(4, 49_152, 20, 0.1), 49_152),
    "ties": (np.log([0.3, 0.3, 0.3, 0.05]).tolist(), 49_152),
    "all equal": (np.log([0.25, 0.25, 0.25]).tolist(), 49_152),
    "one token": ([math.log(0.4)], 49_152),
    "one token of one": ([0.0], 1),
    "nearly certain": ([-1e-7, -17.0, -19.0], 49_152),
    "certain, beyond what a number holds": ([0.0, -800.0], 49_152),
    "add up to a little more than 1": ([math.log(0.7), math.log(0.3001)], 49_152),
}


def test_the_page_computes_what_python_computes(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    temperatures = (0.0, 1e-9, 0.01, 0.3, 0.5, 0.7, 0.99, 0.999999, 1.0, 1.01, 1.3, 2.0)
    computed = seen.page.evaluate(
        "(given) => given.map((each) => softmax.tempered(...each))",
        [[top, t, vocabulary] for top, vocabulary in CASES.values() for t in temperatures],
    )
    place = 0
    for name, (top, vocabulary) in CASES.items():
        array = np.array([top])
        for temperature in temperatures:
            found = computed[place]
            place += 1
            low, high = share_bounds(array, temperature, vocabulary)
            ends = np.array([*found["shares"], found["unlisted"]]).T
            where = f"{name} at {temperature}"
            # Where the rest is just one token's share, a rounding error of 1e-16 is another token or none: above T = 1 its root weighs.
            close = 1e-9 if temperature <= 1 else 1e-7
            assert ends[0] == pytest.approx(low[0], abs=close), where
            assert ends[1] == pytest.approx(high[0], abs=close), where
            bounds = [end[0] for end in tempered_entropy_bounds(array, temperature, vocabulary)]
            assert found["entropy"] == pytest.approx(bounds, abs=10 * close), where
            counts = [end[0] for end in n95_bounds(array, max(temperature, 1e-30), vocabulary)]
            assert found["n95"] == counts, where
    assert place == len(computed)
    equals = [each["equals"] for each in computed[:: len(temperatures)]]  # at T = 0
    assert equals == [1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 1]


def test_a_drawn_token_that_is_not_listed_has_a_bar_of_its_own(visit: Open, tmp_path: Path) -> None:
    vocabulary, k, drawn = 400, 10, 30
    run = explorer_run(vocabulary, k)
    whole = np.array([row(0, vocabulary, vocabulary)])
    top = tuple((f" w{i}", value) for i, value in enumerate(whole[0, :k].tolist()))
    odd = TokenLogprob(" odd", float(whole[0, drawn]), rank=drawn, top=top)
    told = [dataclasses.replace(c, tokens=(odd,)) for c in run.completions]
    seen = visit(page_of(dataclasses.replace(run, completions=tuple(told)), tmp_path))
    for temperature in (0.3, 0.8, 1.0, 1.5, 2.0):
        turn(seen, temperature)
        truth = tempered(whole, temperature)[0]
        wanted = [*truth[:k], truth[drawn], truth[k:].sum() - truth[drawn]]
        found = bars(seen)
        assert len(found) == len(wanted)
        for bar, p in zip(found, wanted, strict=True):
            assert bar["low"] - 1e-6 <= p <= bar["high"] + 1e-6
    expect(seen.page.locator("#explorer-bars .drawn")).to_contain_text("odd")
    expect(says(seen)).to_contain_text("odd, which was sampled this time")


@pytest.mark.parametrize("temperature", [0.01, 0.3, 1.0, 1.7, 2.0])
def test_bars_are_the_softmax_to_a_millionth(visit: Open, tmp_path: Path, temperature: float) -> None:
    """Every bar of a distribution that is listed whole is exp(l / T) / Z, in its number and in its width on the screen."""
    seen = visit(page_of(explorer_run(), tmp_path))
    turn(seen, temperature)
    place = chosen(seen)
    logprobs = np.array(row(place, VOCABULARY, VOCABULARY))
    weights = np.exp((logprobs - logprobs[0]) / temperature)
    wanted = weights / weights.sum()
    drawn = bars(seen)
    assert len(drawn) == VOCABULARY  # and no row for others: there are none
    assert [bar["low"] for bar in drawn] == pytest.approx(wanted, abs=1e-6)
    assert [bar["high"] for bar in drawn] == pytest.approx(wanted, abs=1e-6)
    for bar, p in zip(drawn, wanted, strict=True):
        assert bar["solid"] == pytest.approx(p * bar["whole"], abs=1 / 32)  # a pixel's fraction
        assert bar["may"] == pytest.approx(0, abs=1 / 32)
    seen.assert_quiet()


def chosen(seen: Visit) -> int:
    """Return the place in the first text that the page opens with."""
    selected = seen.page.locator("#explorer-text [aria-selected=true]")
    expect(selected).to_have_count(1)
    return int(selected.evaluate("(token) => [...token.parentNode.children].indexOf(token)"))


@pytest.mark.parametrize("known", [True, False])
def test_bars_of_a_top_are_intervals_that_hold_the_truth(visit: Open, tmp_path: Path, known: bool) -> None:
    vocabulary, k = 400, 10
    seen = visit(page_of(explorer_run(vocabulary, k, known=known), tmp_path))
    place = chosen(seen)
    whole = np.array([row(place, vocabulary, vocabulary)])
    for temperature in (0.0, 0.4, 1.0, 1.6, 2.0):
        turn(seen, temperature)
        drawn = bars(seen)
        low, high = share_bounds(whole[:, :k], temperature, vocabulary if known else MOST_TOKENS)
        assert [bar["low"] for bar in drawn] == pytest.approx(low[0], abs=1e-6)
        assert [bar["high"] for bar in drawn] == pytest.approx(high[0], abs=1e-6)
        if temperature:
            truth = tempered(whole, temperature)[0]
            for bar, p in zip(drawn, [*truth[:k], truth[k:].sum()], strict=True):
                assert bar["low"] - 1e-6 <= p <= bar["high"] + 1e-6
                assert bar["may"] == pytest.approx((bar["high"] - bar["low"]) * bar["whole"], abs=1 / 16)
            ends = [end[0] for end in tempered_entropy_bounds(whole[:, :k], temperature, vocabulary)]
            assert ends[0] <= entropy(truth) <= ends[1]
    seen.page.locator("#explorer-t").focus()
    figure = seen.page.locator("[data-now=entropy]")
    expect(figure).to_contain_text(" to ")
    expect(seen.page.locator("[data-now=n95]")).to_contain_text(" or more")
    assert all(bar["may"] > 1 for bar in drawn[:2])
    expect(seen.page.locator("#explorer-bars .others")).to_contain_text(
        "all others of 400 tokens" if known else "all other tokens"
    )


def test_an_entropy_that_was_kept_bounds_the_others(visit: Open, tmp_path: Path) -> None:
    vocabulary, k = 400, 10
    run = explorer_run(vocabulary, k)
    whole = np.array([row(0, vocabulary, vocabulary, 1.0)])
    top = tuple((f" w{i}", value) for i, value in enumerate(whole[0, :k].tolist()))
    kept = float(entropy(np.exp(whole))[0])
    token = TokenLogprob(" w0", float(whole[0, 0]), kept, 0, top)
    told = [dataclasses.replace(c, tokens=(token,)) for c in run.completions]
    seen = visit(page_of(dataclasses.replace(run, completions=tuple(told)), tmp_path))
    expect(seen.page.locator("[data-own=entropy]")).to_have_text(f"{kept:.2f}")
    for temperature in (0.5, 0.9, 1.2, 2.0):
        turn(seen, temperature)
        low, _, high = (seen.page.locator("[data-now=entropy]").text_content() or "").partition(" to ")
        truth = float(entropy(tempered(whole, temperature))[0])
        assert float(low) - 0.005 <= truth <= float(high) + 0.005
        wanted = [end[0] for end in tempered_entropy_bounds(whole[:, :k], temperature, vocabulary)]
        assert (float(low), float(high)) == pytest.approx(
            (max(wanted[0], kept), wanted[1]) if temperature > 1 else (wanted[0], min(wanted[1], kept)),
            abs=0.0051,
        )


# What is kept


def test_numbers_keep_their_32_bits(visit: Open, tmp_path: Path) -> None:
    run = explorer_run(400, 20)
    study = run.study
    kept = unpack(study.explored["p/words", "x"].packed)
    assert kept["a"][0]["n"] == [20] * 6
    seen = visit(page_of(run, tmp_path))
    turn(seen, 1)
    place = chosen(seen)
    shares = [bar["low"] for bar in bars(seen)][:20]
    assert shares == pytest.approx(np.exp(row(place, 400, 20)).tolist(), rel=1e-12)


def test_numbers_are_laid_out_by_byte() -> None:
    assert numbers([]) == ""
    assert numbers([-1.0, None]) == "v3+AwAAAAAA="  # bf 7f, 80 c0, 00 00, 00 00


def test_only_what_can_be_a_distribution_is_kept() -> None:
    def token(*top: tuple[str, float], entropy: float | None = None) -> TokenLogprob:
        return TokenLogprob("a", -1.0, entropy, 0, top)

    odd = token(("a", -1.0), ("b", -math.inf), ("c", math.nan), ("d", -9999.0), ("e", -0.7), ("f", 1e-9))
    assert [text for text, _ in listed(token(*odd.top[:5]))] == ["e", "a"]
    assert listed(odd) == ()  # 1 and more: these cannot be one distribution's
    assert listed(token()) == ()
    assert most_open([token(), token(("a", -0.1)), token(("a", -1.0)), token(("a", -0.2))]) == 2
    assert most_open([token(("a", -0.1), entropy=0.5), token(("a", -0.1), entropy=math.inf)]) == 0
    assert most_open([token(), odd]) is None


def test_texts_are_chosen_by_rule() -> None:
    run = explorer_run()
    study = run.study
    found = study.explored["p/words", "x"]
    assert [(text.temperature, text.sent, text.count, text.n) for text in found.texts] == [
        (0.0, 0.0, 1, 1), (0.7, 0.7, 1, 1), (1.4, 1.4, 1, 1)
    ]  # fmt: skip
    long = dataclasses.replace(
        run, completions=tuple(dataclasses.replace(c, tokens=c.tokens * 50) for c in run.completions)
    ).study
    kept = long.explored["p/words", "x"]
    assert [len(each["t"]) for each in unpack(kept.packed)["a"]] == [TOKENS] * 3
    texts = view([long])["explorer"]["spots"][0]["texts"]
    assert [text["cut"] for text in texts] == ["The first 60 of 300 tokens."] * 3
    same = [dataclasses.replace(c, text="same") for c in run.completions]
    once = dataclasses.replace(run, completions=tuple(same)).study.explored["p/words", "x"]
    assert len(once.texts) == 1


def test_a_large_run_keeps_its_first_items() -> None:
    run = explorer_run()
    items = tuple(dataclasses.replace(run.plan.items[0], key=f"p/{i:03}") for i in range(60))
    models = tuple(ModelSpec(backend="scripted", name=name, label=name) for name in ("x", "y"))
    plan = dataclasses.replace(run.plan, prompts=(Prompt(name="p", items=items),), models=models)
    completions = tuple(
        dataclasses.replace(c, key=dataclasses.replace(c.key, item=item.key, model=model.label))
        for item in items
        for model in models
        for c in run.completions
    )
    large = dataclasses.replace(run, plan=plan, completions=completions)
    assert wanted(large.comparison) == {(f"p/{i:03}", model.label) for i in range(20) for model in models}
    found = view([large.study])["explorer"]
    assert [len(group["items"]) for group in found["groups"]] == [20, 20]
    assert "at most the first 20 questions of each use case" in found["rule"]
    assert len(found["spots"]) == 40
    both = view([large.study, large.study])["explorer"]
    assert [len(group["items"]) for group in both["groups"]] == [10, 10, 10, 10]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("unknown", "x: the provider does not say whether temperature is already in its probabilities"),
        ("tempered", "x: the provider gives probabilities after temperature"),
        ("none", "x: the answers came without probabilities"),
    ],
)
def test_other_kinds_are_not_re_tempered(visit: Open, tmp_path: Path, kind: LogprobKind, words: str) -> None:
    run = explorer_run()
    told = [dataclasses.replace(c, logprob_kind=kind) for c in run.completions]
    study = dataclasses.replace(run, completions=tuple(told)).study
    assert study.explored == {}
    found = view([study])["explorer"]
    assert found["groups"] == found["spots"] == []
    assert len(found["refused"]) == 1
    assert found["refused"][0].startswith(words)
    path = tmp_path / "none.html"
    write(path, render([study]))
    seen = visit(path)
    expect(seen.page.get_by_text(words)).to_be_visible()
    expect(seen.page.locator("#explorer-live")).to_have_count(0)
    seen.assert_quiet()


def test_no_alternatives_and_no_answers() -> None:
    run = explorer_run()
    bare = tuple(
        dataclasses.replace(c, tokens=tuple(dataclasses.replace(t, top=()) for t in c.tokens))
        for c in run.completions
    )
    study = dataclasses.replace(run, completions=bare).study
    assert view([study])["explorer"]["refused"][0].startswith("x: no alternatives were stored")
    assert explored(study.comparison.sections[0].rows[0], ()) is None
    assert view([dataclasses.replace(run, completions=()).study])["explorer"] is None


def test_what_else_reshaped_the_draw_is_said() -> None:
    run = explorer_run()
    cut = dataclasses.replace(run.plan, sampling={"p": SamplingParams(top_p=0.9, min_p=0.05)})
    said = view([dataclasses.replace(run, plan=cut).study])["explorer"]["reshaped"]
    assert said == ["p: top_p, min_p also shaped the sampling; the bars show temperature alone."]
    assert view([run.study])["explorer"]["reshaped"] == []


# The table for who reads without scripts


def test_the_table_by_hand() -> None:
    table = view([hand_run().study])["explorer"]["groups"][0]["table"]
    # Listed e^-.4 = .67 and e^-3 = .05 of an unknown vocabulary; at T = 0 the first has everything.
    assert [line["token"] for line in table["rows"]] == ["x", "y"]
    assert [line["drawn"] for line in table["rows"]] == [True, False]
    assert [line["shares"] for line in table["rows"]] == [
        ["100\u00a0%", "67\u00a0%"],
        ["0\u00a0%", "5\u00a0%"],
    ]
    assert table["others"]["shares"] == ["0\u00a0%", "28\u00a0%"]
    assert table["before"] == "x"


def test_the_table_is_certified_too() -> None:
    run = explorer_run(400, 20)
    table = view([run.study])["explorer"]["groups"][0]["table"]
    assert len(table["rows"]) == 8
    i = most_open(run.completions[0].tokens)
    assert i is not None
    assert table["before"] == "".join(token.text for token in run.completions[0].tokens[:i])
    whole = np.array([row(i, 400, 400)])

    def ends(text: str) -> Sequence[float]:
        low, _, high = text.replace("\u00a0%", "").partition(" to ")
        return [
            (0.0 if part == "<1" else 99.5 if part == ">99" else float(part)) / 100
            for part in (low, high or low)
        ]

    for column, temperature in enumerate(TEMPERATURES):
        truth = tempered(whole, max(temperature, 1e-9))[0]
        for place, line in enumerate([*table["rows"], table["others"]]):
            low, high = ends(line["shares"][column])
            p = truth[place] if place < 8 else truth[8:].sum()
            assert low - 0.0051 <= p <= high + 0.0101, (temperature, place)


def test_without_scripts_and_on_paper_with_everything_there_is_the_table(
    visit: Open, sample_page: Path
) -> None:
    seen = visit(sample_page, scripts=False)
    section = seen.page.locator("#explorer")
    expect(section.locator("table:visible")).to_have_count(2)
    expect(section.locator("table:visible").first).to_contain_text("T\u00a0=\u00a01.6")
    expect(seen.page.locator("#explorer-live")).to_be_hidden()
    seen = visit(sample_page)
    expect(seen.page.locator("#explorer-live")).to_be_visible()
    expect(section.locator(".explorer-tables")).to_be_visible()
    expect(seen.page.locator(".explorer-tables")).to_be_hidden()
    seen.page.emulate_media(media="print")
    expect(seen.page.locator("#explorer")).to_be_hidden()
    seen.ask_for_paper_with_everything()
    expect(seen.page.locator("#explorer-live")).to_be_hidden()
    expect(seen.page.locator(".explorer-tables table").first).to_be_visible()


# Use


def says(seen: Visit) -> Locator:
    return seen.page.locator("#explorer-says")


def test_it_is_used_by_keyboard_alone(visit: Open, tmp_path: Path) -> None:
    seen = visit(page_of(explorer_run(400, 20), tmp_path))
    keyboard = seen.page.keyboard
    seen.page.locator("#explorer-item").focus()
    order = []
    for _ in range(6):
        keyboard.press("Tab")
        order.append(
            seen.page.evaluate("() => document.activeElement.id || document.activeElement.className")
        )
    assert order[0] == ""  # the texts' radio buttons
    assert order[1].startswith("place ")
    assert order[2] == ""  # the places to jump to
    assert order[3:] == ["explorer-own", "explorer-t", "explorer-more"]
    keyboard.press("Shift+Tab")
    slider = seen.page.locator("#explorer-t")
    slider.focus()
    expect(slider).to_have_attribute("aria-valuetext", "T\u00a0=\u00a01.00")
    for _ in range(30):
        keyboard.press("ArrowLeft")
    expect(seen.page.locator("#explorer-now")).to_have_text("T\u00a0=\u00a00.70")
    keyboard.press("Home")
    expect(says(seen)).to_contain_text("At T\u00a0=\u00a00 the model always takes")
    assert bars(seen)[0]["solid"] == bars(seen)[0]["whole"]
    keyboard.press("End")
    expect(seen.page.locator("#explorer-now")).to_have_text("T\u00a0=\u00a02.00")
    place = seen.page.locator("#explorer-text [aria-selected=true]")
    place.focus()
    keyboard.press("Home")
    expect(seen.page.locator("#explorer-here")).to_contain_text("Token 1 of 6")
    keyboard.press("ArrowRight")
    expect(seen.page.locator("#explorer-here")).to_contain_text("Token 2 of 6")
    expect(place).to_be_focused()
    expect(slider).to_have_value("2")  # the temperature stays
    seen.assert_quiet()


def test_a_text_brings_the_temperature_it_was_sampled_at(visit: Open, tmp_path: Path) -> None:
    seen = visit(page_of(explorer_run(400, 20), tmp_path))
    seen.page.get_by_role("radio", name="T\u00a0=\u00a01.4").check()
    button = seen.page.locator("#explorer-sent")
    expect(button).to_have_text("As sampled: T\u00a0=\u00a01.4")
    button.click()
    expect(seen.page.locator("#explorer-t")).to_have_value("1.4")
    mark, cursor = (seen.page.locator(name).bounding_box() for name in ("#explorer-mark", ".dial-cursor"))
    assert mark is not None
    assert cursor is not None
    assert mark["x"] + mark["width"] / 2 == pytest.approx(cursor["x"] + cursor["width"] / 2, abs=0.6)
    jumps = seen.page.locator("#explorer-jumps button")
    expect(jumps).to_have_count(4)
    pressed = seen.page.locator("#explorer-jumps [aria-pressed=true]")
    expect(pressed).to_have_count(1)
    other = next(i for i in range(4) if jumps.nth(i).get_attribute("aria-pressed") == "false")
    jumps.nth(other).click()
    expect(jumps.nth(other)).to_have_attribute("aria-pressed", "true")
    expect(pressed).to_have_count(1)
    expect(says(seen)).to_contain_text("Above 1 the less likely tokens get their turn more often.")
    seen.page.locator("#explorer-own").click()
    expect(says(seen)).to_contain_text("the model's own probabilities")
    seen.assert_quiet()


def test_another_item_is_another_text(visit: Open, sample_page: Path) -> None:
    seen = visit(sample_page)
    text = seen.page.locator("#explorer-text")
    expect(text).to_have_text("A byte consists of 8 bits.")
    seen.page.locator("#explorer-item").select_option(label="brainstorming/coffee-shop-names")
    expect(text).to_contain_text("Morning Cup")
    expect(
        seen.page.locator("#explorer-live").get_by_text("lab server: the provider does not say")
    ).to_be_visible()
    seen.assert_quiet()


def test_it_speaks_once_when_the_slider_rests(visit: Open, tmp_path: Path) -> None:
    """The page's clock stands still while the slider moves, so that it does not rest where this machine is slow."""
    seen = visit(page_of(explorer_run(400, 20), tmp_path))
    clock = seen.page.clock
    clock.install()
    seen.page.reload()
    spoken = seen.page.locator("#explorer-spoken")
    expect(seen.page.locator("#explorer-bars li").first).to_be_visible()
    clock.pause_at(datetime.now(UTC) + timedelta(days=1))
    clock.run_for(5_000)
    expect(spoken).to_be_empty()  # nobody asked yet
    seen.page.evaluate(
        """() => {
            window.said = [];
            const spoken = document.getElementById("explorer-spoken");
            new MutationObserver(() => window.said.push(spoken.textContent)).observe(spoken, {childList: true});
        }"""
    )
    seen.page.locator("#explorer-t").focus()
    for _ in range(20):
        seen.page.keyboard.press("ArrowRight")
        clock.run_for(100)  # a hand on the key
    expect(seen.page.locator("#explorer-t")).to_have_value("1.2")
    assert seen.page.evaluate("() => window.said") == []
    clock.run_for(5_000)
    expect(spoken).to_contain_text("T\u00a0=\u00a01.20:")
    said: list[str] = seen.page.evaluate("() => window.said")
    assert len(said) == 1
    assert "entropy" in said[0]
    assert "tokens that hold 95 %:" in said[0]


@pytest.mark.parametrize("width", [1280, 400, 320])
@pytest.mark.parametrize("which", ["sample_page", "hostile_page"])
def test_it_fits_every_screen(visit: Open, width: int, which: str, request: pytest.FixtureRequest) -> None:
    seen = visit(request.getfixturevalue(which), width=width)
    expect(seen.page.locator("#explorer-bars li").first).to_be_visible()
    for i in range(0, seen.page.locator("#explorer-item option").count(), 3):
        seen.page.locator("#explorer-item").select_option(str(i))
        turn(seen, 2)
        wide = seen.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0
    seen.assert_quiet()


def test_it_follows_the_readers_colours(visit: Open, sample_page: Path) -> None:
    for dark, colour in ((False, "rgb(11, 92, 173)"), (True, "rgb(125, 184, 245)")):
        seen = visit(sample_page, dark=dark)
        solid = seen.page.locator("#explorer-bars .solid").first
        expect(solid).to_have_css("background-color", colour)


@pytest.mark.parametrize("part", [slice(0, 25), slice(25, None)])
def test_hostile_texts_do_nothing_here(visit: Open, tmp_path: Path, part: slice) -> None:
    run = hostile_run()
    prompt = run.plan.prompts[0]
    items = prompt.items[part]
    kept = dataclasses.replace(
        run,
        plan=dataclasses.replace(run.plan, prompts=(dataclasses.replace(prompt, items=items),)),
        completions=tuple(c for c in run.completions if c.key.item in {item.key for item in items}),
        failures=(),
    )
    seen = visit(page_of(kept, tmp_path))
    options = seen.page.locator("#explorer-item option")
    assert options.count() == len(items) == 25
    for i in range(len(items)):
        seen.page.locator("#explorer-item").select_option(str(i))
        seen.page.locator("#explorer-text .place").last.click()
        expect(seen.page.locator("#explorer-bars li").first).to_be_visible()
    assert seen.page.evaluate("() => window.pwned === undefined")
    assert "\u202e" not in seen.page.content()
    seen.assert_quiet()
