"""Nobody who has the page can tell a temperature: not from its bytes, not from codes, sides or order."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rating_samples import MODEL, TEMPERATURES, a_plan, a_run, graded

from tempkit.rating import DrawnSheet, SheetWanted, draw_sheet, drawing
from tempkit.report import rating_page
from tempkit.store import RunRecord, Store


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory):
    with Store.open(tmp_path_factory.mktemp("blind") / "tempkit.db") as store:
        yield store, a_run(store)


def drawn_with(stored: tuple[Store, RunRecord], seed: int | None, pairs: int = 40) -> DrawnSheet:
    return draw_sheet(*stored, SheetWanted(pairs=pairs, seed=seed))


def test_the_page_holds_texts_and_codes_and_nothing_else_of_the_run(stored) -> None:
    drawn = drawn_with(stored, None)
    page, _digest = rating_page(drawn)
    _store, run = stored
    hidden = [MODEL, run.id, run.name, "secret", "987654", "replicate", "gguf", *map(str, TEMPERATURES[1:])]
    for each in hidden:
        assert each not in page, each
    assert "temperature" not in page.lower().replace("tempkit", "")
    data = json.loads(re.search(r'id="report-data">(.*?)</script>', page, re.DOTALL)[1])
    assert set(data) == {"sheet", "pairs", "say"}
    for pair in data["pairs"]:
        assert set(pair) == {"code", "question", "left", "right"}
        assert re.fullmatch(r"[0-9a-f]{12}", pair["code"])
        assert pair["question"][0] == ["system", "Be kind."]
    assert len({pair["code"] for pair in data["pairs"]}) == 40


def test_the_same_texts_at_other_temperatures_make_the_same_page(tmp_path: Path) -> None:
    """What is at which temperature changes not one byte, but for codes and what the choice draws."""
    pages = []
    for name, temperatures in (("a", (0.0, 0.4375)), ("b", (1.3125, 1.75))):
        with Store.open(tmp_path / f"{name}.db") as store:
            plan = a_plan(items=9, repeat=1, temperatures=temperatures)
            low = temperatures[0]
            run = a_run(store, plan, lambda q, t, n, low=low: f"{q} {'one' if t == low else 'two'} {n}")
            drawn = draw_sheet(store, run, SheetWanted(pairs=9))
            page, _ = rating_page(drawn)
            for place, pair in enumerate(drawn.sheet.pairs):
                page = page.replace(pair.code, f"code-{place}")
            pages.append(page.replace(drawn.sheet.id, "sheet"))
    one, other = (
        {tuple(sorted((pair["left"], pair["right"]))) for pair in _data(page)["pairs"]} for page in pages
    )
    assert one == other
    assert len(pages[0]) == len(pages[1])


def _data(page: str) -> dict:
    return json.loads(re.search(r'id="report-data">(.*?)</script>', page, re.DOTALL)[1])


STATISTICS: dict[str, Callable[[list[tuple[float, float]]], float]] = {
    "the lower temperature stands first": lambda pairs: float(np.mean([a < b for a, b in pairs])),
    "temperature goes with the place on the page": lambda pairs: float(
        np.corrcoef(np.arange(len(pairs)), [a + b for a, b in pairs])[0, 1]
    ),
    "neighbours on the page are alike": lambda pairs: float(
        np.corrcoef([a + b for a, b in pairs[:-1]], [a + b for a, b in pairs[1:]])[0, 1]
    ),
    "the first pairs are of low temperatures": lambda pairs: float(np.mean([a + b for a, b in pairs[:5]])),
}


@pytest.fixture(scope="module")
def many(stored) -> list[list[tuple[float, float]]]:
    """The temperatures of each pair, the one shown first before the other, of many sheets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "power", lambda _: ())  # what a sheet can show takes most of the time
        sheets = [drawn_with(stored, seed, pairs=30).sheet for seed in range(150)]
    return [
        [(pair.left.temperature, pair.right.temperature) for pair in sheet.pairs if pair.shown]
        for sheet in sheets
    ]


@pytest.mark.parametrize("statistic", STATISTICS)
def test_sides_and_order_say_nothing(many, statistic: str) -> None:
    """Over many sheets each statistic is where it is when sides and order are drawn anew, within four standard errors."""
    of, rng = STATISTICS[statistic], np.random.default_rng(1)
    seen, drawn_anew = [], []
    for pairs in many:
        seen.append(of(pairs))
        turned = [pair[::-1] if rng.random() < 0.5 else pair for pair in pairs]
        drawn_anew.append(of([turned[i] for i in rng.permutation(len(turned))]))
    error = np.sqrt((np.var(seen) + np.var(drawn_anew)) / len(seen))
    assert abs(np.mean(seen) - np.mean(drawn_anew)) < 4 * error


def test_codes_follow_from_nothing(stored) -> None:
    """The same seed gives the same pairs in the same order, under other codes."""
    one, other = (drawn_with(stored, 5).sheet for _ in range(2))
    assert [(pair.left, pair.right) for pair in one.pairs] == [
        (pair.left, pair.right) for pair in other.pairs
    ]
    assert not {pair.code for pair in one.pairs} & {pair.code for pair in other.pairs}
    assert one.id != other.id


def test_without_a_seed_every_sheet_is_another(stored) -> None:
    one, other = (drawn_with(stored, None).sheet for _ in range(2))
    assert [(pair.left, pair.right) for pair in one.pairs] != [
        (pair.left, pair.right) for pair in other.pairs
    ]


def test_blanks_around_a_text_are_not_shown(tmp_path: Path) -> None:
    with Store.open(tmp_path / "t.db") as store:
        run = a_run(store, text=lambda q, t, n: f"\n  {graded(q, t, n)} \n\n")
        page, _ = rating_page(draw_sheet(store, run, SheetWanted(pairs=5)))
    for pair in _data(page)["pairs"]:
        assert pair["left"] == pair["left"].strip()
