"""A report's section on what people preferred: its numbers, in both languages, readable by everybody, and absent where nobody rated."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from report_sample import Run
from report_visit import Visit
from test_rating_browser import quality, written
from test_report_axe import violations

from tempkit.api import rated, report, take_ratings
from tempkit.report import load_study, view
from tempkit.report.rating.rating_page import sheet_digest
from tempkit.store import Store

Open = Callable[..., Visit]
NAMES = ("Ada", "<img src=x onerror=window.pwned=1>\u202e")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that two people have rated, one of whom prefers the worse of every fifth pair."""
    made = tmp_path_factory.mktemp("people")
    page = written(made, quality, pairs=30).read_text("utf-8")
    held = re.search(r'id="report-data">(.*?)</script>', page, re.DOTALL)[1]
    data = json.loads(held)
    for rater, name in enumerate(NAMES):
        answers = {
            pair["code"]: "left"
            if (int(pair["left"].split()[0]) > int(pair["right"].split()[0]))
            ^ (rater == 1 and place % 5 == 0)
            else "right"
            for place, pair in enumerate(data["pairs"])
        }
        saved = {
            "tempkit": "ratings",
            "version": 1,
            "sheet": data["sheet"],
            "digest": sheet_digest(held),
            "rater": {"id": f"{rater:016x}", "name": name},
            "answers": answers,
        }
        (made / f"{rater}.json").write_text(json.dumps(saved), "utf-8")
    take_ratings([made / "0.json", made / "1.json"], db=made / "tempkit.db")
    for lang in ("en", "es"):
        report("latest", db=made / "tempkit.db", output=made / f"{lang}.html", lang=lang)
    return made


def test_its_numbers_are_those_of_the_results(folder: Path) -> None:
    found = rated("latest", db=folder / "tempkit.db")
    assert found is not None
    assert found.agreement is not None
    assert found.agreement.equal == pytest.approx(24 / 30)
    with Store.open(folder / "tempkit.db") as store:
        (shown,) = view([load_study(store, store.find_run("latest"), tokens=False)])["people"]
    assert shown["run"] is None
    assert shown["raters"] == f"Ada (30), {NAMES[1]} (30)"
    assert shown["sentences"][0] == "2 people compared 30 pairs without knowing their temperatures."
    assert (
        f"alpha {found.agreement.alpha:.2f} ({found.agreement.low:.2f} to {found.agreement.high:.2f};"
        in shown["sentences"][1]
    )
    (section,) = shown["sections"]
    assert section["title"] == "Creative writing"
    assert [row["temperature"] for row in section["rows"]] == ["0", "0.4375", "1.3125"]
    for row, level in zip(section["rows"], found.sections[0].levels, strict=True):
        assert row["chance"] == f"{level.chance:.0%}".replace("%", "\u00a0%")
        assert row["interval"].startswith(f"{level.low:.0%}".rstrip("%"))


def test_it_is_a_chart_and_a_row_like_any_other_measure(folder: Path) -> None:
    text = (folder / "en.html").read_text("utf-8")
    assert text.count("Preferred by people") > 2


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "What people preferred"), ("es", "Qué prefirieron las personas")]
)
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_everybody_can_read_it(
    visit: Open, folder: Path, lang: str, title: str, width: int, dark: bool
) -> None:
    seen = visit(folder / f"{lang}.html", width=width, dark=dark, fragment="people")
    section = seen.page.locator("#people")
    assert section.locator("h2").inner_text() == title
    assert "<img src=x onerror=window.pwned=1>U+202E" in section.inner_text()
    assert section.locator("img").count() == 0
    assert violations(seen) == []
    assert seen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    seen.assert_quiet()


def test_without_ratings_there_is_no_such_section(sample: Run, sample_page: Path) -> None:
    assert view([sample.study])["people"] == []
    assert 'id="people"' not in sample_page.read_text("utf-8")
