"""The page on which people rate, in the real browser: by keyboard through all of it, saved, loaded, undone, and read back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile_strings import HOSTILE
from playwright.sync_api import expect
from report_visit import Visit
from test_report_axe import violations

from tempkit.api import rate, rated, take_ratings
from tempkit.store import Store
from tempkit.types import (
    Completion,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
)

Open = Callable[..., Visit]
Text = Callable[[int, float], str]

GRID = (0.0, 0.4375, 1.3125)


def written(folder: Path, text: Text, *, items: int = 30, pairs: int = 30, lang: str | None = None) -> Path:
    """Store a run, one answer at each temperature, and write its page of pairs."""
    made = tuple(
        Item(key=f"tales/{n}", prompt="tales", messages=(Message("user", f"Tell <b>tale</b> {n}."),))
        for n in range(items)
    )
    plan = Plan(
        name="tales",
        prompts=(Prompt(name="tales", use_case="creative-writing", items=made),),
        models=(ModelSpec(backend="scripted", name="words", label="words"),),
        temperatures=GRID,
        repeat=1,
        seed=7,
        sampling={"tales": SamplingParams()},
    )
    with Store.open(folder / "tempkit.db") as store:
        run = store.create_run(plan, {"words": ModelInfo()}, version="1", environment={})
        store.add(
            run.id,
            [
                Completion(
                    key=SampleKey(item.key, "words", t, 0),
                    seed=1,
                    text=text(n, t),
                    finish_reason="stop",
                    temperature_sent=t,
                    params={},
                )
                for n, item in enumerate(made)
                for t in GRID
            ],
        )
    return rate("latest", db=folder / "tempkit.db", output=folder / "pairs.html", pairs=pairs, lang=lang).path


def quality(question: int, temperature: float) -> str:
    """The lower the temperature, the larger the number that the text begins with."""
    return f"{round(100 * (2 - temperature))} words on tale {question}."


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return written(tmp_path, quality)


def seen_better(seen: Visit) -> str:
    """Return the key for the better of both texts, as a rater who reads them would."""
    left, right = (int(seen.page.locator(f"#{side}").inner_text().split()[0]) for side in ("left", "right"))
    return "1" if left > right else "2"


def saved(seen: Visit, to: Path, button: str = ".save:visible") -> dict[str, Any]:
    with seen.page.expect_download() as waiting:
        seen.page.locator(button).first.click()
    waiting.value.save_as(to)
    return json.loads(to.read_text("utf-8"))


def test_thirty_pairs_by_keyboard_saved_and_read_back(visit: Open, page: Path, tmp_path: Path) -> None:
    seen = visit(page)
    seen.page.locator("#name").fill("Ada Løvelace")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    for place in range(30):
        expect(seen.page.locator("#pair-title")).to_have_text(f"Pair {place + 1} of 30")
        expect(seen.page.locator("#pair-title")).to_be_focused()
        seen.page.keyboard.press("0" if place == 4 else seen_better(seen))
    expect(seen.page.locator("#done")).to_be_visible()
    expect(seen.page.locator("#count")).to_have_text("30 of 30 rated")
    content = saved(seen, tmp_path / "ada.json", "#done .save")
    assert set(content) == {"tempkit", "version", "sheet", "digest", "rater", "answers"}
    assert len(content["answers"]) == 30
    assert list(content["answers"].values()).count("tie") == 1
    assert content["rater"]["name"] == "Ada Løvelace"
    seen.assert_quiet_but_for_downloads()
    db = tmp_path / "tempkit.db"
    (taken,) = take_ratings([tmp_path / "ada.json"], db=db)
    assert (taken.rater, taken.added, taken.open) == ("Ada Løvelace", 30, 0)
    found = rated("latest", db=db)
    assert found is not None
    chances = [level.chance for level in found.sections[0].levels]
    assert chances == sorted(chances, reverse=True)
    (again,) = take_ratings([tmp_path / "ada.json"], db=db)
    assert (again.added, again.known) == (0, 30)


def test_going_back_shows_what_was_said_and_changes_it(visit: Open, page: Path, tmp_path: Path) -> None:
    seen = visit(page)
    seen.page.locator("#begin").click()
    for key in "120":
        seen.page.keyboard.press(key)
    for key, shown, pressed in (
        ("9", "Pair 3 of 30", "tie"),
        ("u", "Pair 2 of 30", "right"),
        ("9", "Pair 1 of 30", "left"),
    ):
        seen.page.keyboard.press(key)
        expect(seen.page.locator("#pair-title")).to_have_text(shown)
        expect(seen.page.locator('button[aria-pressed="true"]')).to_have_attribute("data-answer", pressed)
    seen.page.keyboard.press("9")  # nothing comes before the first
    expect(seen.page.locator("#pair-title")).to_have_text("Pair 1 of 30")
    seen.page.keyboard.press("2")
    expect(seen.page.locator("#pair-title")).to_have_text("Pair 2 of 30")
    content = saved(seen, tmp_path / "a.json")
    assert list(content["answers"].values()) == ["right", "right", "tie"]


def test_keys_with_others_held_and_keys_in_the_name_rate_nothing(visit: Open, page: Path) -> None:
    seen = visit(page)
    seen.page.locator("#name").press_sequentially("120")
    seen.page.locator("#begin").click()
    for key in ("Control+1", "Alt+2", "Meta+0", "x", "3"):
        seen.page.keyboard.press(key)
    expect(seen.page.locator("#pair-title")).to_have_text("Pair 1 of 30")
    expect(seen.page.locator("#count")).to_have_text("0 of 30 rated")


def test_mouse_and_touch_do_the_same(visit: Open, page: Path) -> None:
    seen = visit(page, width=400, height=800)
    seen.page.locator("#begin").click()
    for answer in ("left", "tie", "right"):
        seen.page.locator(f'button[data-answer="{answer}"]').click()
    seen.page.locator("#pair .back").click()
    expect(seen.page.locator('button[aria-pressed="true"]')).to_have_attribute("data-answer", "right")


def test_what_was_said_is_there_after_a_reload(visit: Open, page: Path) -> None:
    seen = visit(page)
    seen.page.locator("#name").fill("Ada")
    seen.page.locator("#begin").click()
    for key in "1202":
        seen.page.keyboard.press(key)
    seen.page.reload()
    expect(seen.page.locator("#begin")).to_have_text("Go on: 4 of 30 rated")
    expect(seen.page.locator("#name")).to_have_value("Ada")
    seen.page.locator("#begin").click()
    expect(seen.page.locator("#pair-title")).to_have_text("Pair 5 of 30")


def test_somebody_else_begins_anew_under_another_id(visit: Open, page: Path, tmp_path: Path) -> None:
    seen = visit(page)
    seen.page.locator("#begin").click()
    seen.page.keyboard.press("1")
    first = saved(seen, tmp_path / "a.json")
    seen.page.reload()
    seen.page.locator("#anew").click()
    expect(seen.page.locator("#begin")).to_have_text("Begin")
    seen.page.locator("#begin").click()
    seen.page.keyboard.press("2")
    second = saved(seen, tmp_path / "b.json")
    assert first["rater"]["id"] != second["rater"]["id"]
    assert list(first["answers"].values()) == ["left"]
    assert list(second["answers"].values()) == ["right"]


def test_a_saved_file_is_loaded_elsewhere(visit: Open, page: Path, tmp_path: Path) -> None:
    seen = visit(page)
    seen.page.locator("#name").fill("Ada")
    seen.page.locator("#begin").click()
    for key in "120":
        seen.page.keyboard.press(key)
    content = saved(seen, tmp_path / "ada.json")
    elsewhere = visit(page)
    expect(elsewhere.page.locator("#begin")).to_have_text("Begin")
    elsewhere.page.locator("#file").set_input_files(tmp_path / "ada.json")
    expect(elsewhere.page.locator("#loaded")).to_have_text("Loaded: 3 pairs are rated.")
    expect(elsewhere.page.locator("#name")).to_have_value("Ada")
    elsewhere.page.locator("#begin").click()
    expect(elsewhere.page.locator("#pair-title")).to_have_text("Pair 4 of 30")
    elsewhere.page.keyboard.press("1")
    more = saved(elsewhere, tmp_path / "more.json")
    assert more["rater"] == content["rater"]
    assert len(more["answers"]) == 4


@pytest.mark.parametrize(
    "content", ["", "null", "[]", '{"tempkit": "ratings"}', "other page", "odd answer", "odd rater"]
)
def test_what_is_no_file_of_this_page_changes_nothing(
    visit: Open, page: Path, tmp_path: Path, content: str
) -> None:
    seen = visit(page)
    seen.page.locator("#begin").click()
    seen.page.keyboard.press("1")
    good = saved(seen, tmp_path / "good.json")
    odd = {
        "other page": {**good, "digest": "00ff00ff00ff00ff"},
        "odd answer": {**good, "answers": {next(iter(good["answers"])): "better"}},
        "odd rater": {**good, "rater": {"id": "<img src=x onerror=window.pwned=1>", "name": ""}},
    }
    (tmp_path / "odd.json").write_text(json.dumps(odd[content]) if content in odd else content)
    seen.page.locator("#file").set_input_files(tmp_path / "odd.json")
    expect(seen.page.locator("#loaded")).to_have_text("That is no file that this page saved.")
    expect(seen.page.locator("#begin")).to_have_text("Go on: 1 of 30 rated")


def test_what_the_browser_tells_late_is_taken_and_not_written_over(
    visit: Open, page: Path, tmp_path: Path
) -> None:
    """A busy browser may load the page again before it has put away what was said there."""
    seen = visit(page)
    seen.page.locator("#begin").click()
    seen.page.keyboard.press("1")
    saved(seen, tmp_path / "a.json")
    key = seen.page.evaluate("Object.keys(localStorage).find((each) => each.startsWith('tempkit-ratings-'))")
    kept = seen.page.evaluate("(key) => localStorage.getItem(key)", key)
    late = visit(page).page
    expect(late.locator("#begin")).to_have_text("Begin")
    assert late.evaluate("localStorage.length") == 0  # nothing is put where what was said is to come
    tell = "([key, newValue]) => dispatchEvent(new StorageEvent('storage', {key, newValue}))"
    for wrong in ("{}", "no JSON", None):
        late.evaluate(tell, [key, wrong])
    expect(late.locator("#begin")).to_have_text("Begin")
    none = json.dumps({**json.loads(kept), "answers": {}})
    late.evaluate(tell, [key, none])
    late.evaluate(tell, [key, kept])  # what was said goes on being taken until something is said here
    expect(late.locator("#begin")).to_have_text("Go on: 1 of 30 rated")
    late.locator("#begin").click()
    late.keyboard.press("2")
    expect(late.locator("#pair-title")).to_have_text("Pair 3 of 30")
    late.evaluate(tell, [key, kept])
    late.reload()
    expect(late.locator("#begin")).to_have_text("Go on: 2 of 30 rated")


def test_a_rater_who_began_here_is_not_mixed_with_another_tabs(visit: Open, page: Path) -> None:
    seen = visit(page).page
    seen.locator("#begin").click()
    seen.keyboard.press("1")
    seen.reload()
    key = seen.evaluate("Object.keys(localStorage).find((each) => each.startsWith('tempkit-ratings-'))")
    kept = seen.evaluate("(key) => localStorage.getItem(key)", key)
    seen.locator("#anew").click()
    seen.evaluate(
        "([key, newValue]) => dispatchEvent(new StorageEvent('storage', {key, newValue}))", [key, kept]
    )
    expect(seen.locator("#begin")).to_have_text("Begin")


def test_a_page_that_was_changed_saves_another_digest(visit: Open, page: Path, tmp_path: Path) -> None:
    page.write_text(page.read_text("utf-8").replace("words on tale 1.", "w0rds on tale 1."), "utf-8")
    seen = visit(page)
    seen.page.locator("#begin").click()
    seen.page.keyboard.press("1")
    saved(seen, tmp_path / "a.json")
    with pytest.raises(Exception, match="its page was changed after tempkit wrote it"):
        take_ratings([tmp_path / "a.json"], db=tmp_path / "tempkit.db")


def test_where_the_browser_keeps_nothing_it_says_so_and_saving_works(
    visit: Open, page: Path, tmp_path: Path
) -> None:
    seen = visit(page)
    seen.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    seen.page.reload()
    expect(seen.page.locator("#not-kept")).to_be_visible()
    seen.page.locator("#begin").click()
    seen.page.keyboard.press("1")
    assert list(saved(seen, tmp_path / "a.json")["answers"].values()) == ["left"]


def test_without_scripts_the_page_says_what_it_needs(visit: Open, page: Path) -> None:
    seen = visit(page, scripts=False)
    expect(seen.page.get_by_text("This page needs JavaScript")).to_be_visible()
    expect(seen.page.locator("#begin")).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "lang"), [(1280, "en"), (400, "en"), (400, "es")])
def test_axe_finds_nothing_on_any_screen(
    visit: Open, tmp_path: Path, width: int, lang: str, dark: bool
) -> None:
    seen = visit(written(tmp_path, quality, pairs=3, items=6, lang=lang), width=width, dark=dark)
    assert violations(seen) == []
    seen.page.locator("#begin").click()
    assert violations(seen) == []
    seen.page.keyboard.press("1")
    seen.page.keyboard.press("9")
    assert violations(seen) == []
    for _ in range(3):
        seen.page.keyboard.press("0")
    expect(seen.page.locator("#done")).to_be_visible()
    assert violations(seen) == []


@pytest.mark.parametrize("width", [320, 400, 800, 1280])
def test_nothing_is_wider_than_the_screen(visit: Open, tmp_path: Path, width: int) -> None:
    seen = visit(
        written(tmp_path, lambda q, t: f"{'W' * 400} {q} {t}", pairs=3, items=6), width=width, height=700
    )
    for _ in range(2):
        assert seen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        seen.page.locator("#begin").click()
        assert seen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        for answer in ("left", "tie", "right"):
            expect(seen.page.locator(f'button[data-answer="{answer}"]')).to_be_in_viewport(ratio=1)
        seen.page.reload()


def test_hostile_texts_are_shown_as_texts(visit: Open, tmp_path: Path) -> None:
    texts = [text for text in HOSTILE if text.strip()]
    path = written(
        tmp_path, lambda q, t: f"{texts[q % len(texts)]} {GRID.index(t)}", items=len(texts), pairs=len(texts)
    )
    seen = visit(path)
    seen.page.locator("#begin").click()
    for _ in texts:
        shown = seen.page.locator("#left").inner_text() + seen.page.locator("#right").inner_text()
        assert not any(char in shown for char in "\u202e\u2066\x00\x1b\u200b")
        assert (
            seen.page.locator("#pair :is(img, script, iframe, svg, a, form, style, meta, link)").count() == 0
        )
        seen.page.keyboard.press("0")
    expect(seen.page.locator("#done")).to_be_visible()
    assert seen.page.evaluate("() => window.pwned") is None
    seen.assert_quiet()
