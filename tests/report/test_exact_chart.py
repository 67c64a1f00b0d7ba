"""Accepted answers as computed: a band and points with the same numbers in a table, on the page only where there are any."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from report_sample import Run
from report_visit import Visit

from tempkit.exact import Compared
from tempkit.exact.against_samples import Counted
from tempkit.report import Study, render, view, write
from tempkit.types import ExactAnswers

GRID = (0.0, 0.25, 0.5, 0.75, 1.0)


@pytest.fixture
def study(hand: Run) -> Study:
    def of(item: str, lower: tuple[float, ...], upper: tuple[float, ...], good: int) -> Compared:
        exact = ExactAnswers(
            item=item, model="scripted:x", temperatures=GRID, lower=lower, upper=upper, closed=True, passes=9, tokens=40
        )  # fmt: skip
        return Compared(exact=exact, counted={0.0: Counted(3, 3), 1.0: Counted(good, 3)})

    return dataclasses.replace(
        hand.study,
        exact=[
            of("p/bits", (1.0, 0.9, 0.8, 0.7, 0.6), (1.0, 0.9, 0.8, 0.8, 0.7), 1),
            of("p/port", (1.0, 0.9, 0.4, 0.3, 0.2), (1.0, 0.9, 0.4, 0.4, 0.4), 2),
            # Of a model that the page does not have: not drawn.
            dataclasses.replace(
                of("p/port", GRID, GRID, 0),
                exact=ExactAnswers(
                    item="p/port",
                    model="other",
                    temperatures=GRID,
                    lower=GRID,
                    upper=GRID,
                    closed=True,
                    passes=1,
                    tokens=1,
                ),
            ),
        ],
    )


def test_the_band_and_the_points_are_means_over_questions(study: Study) -> None:
    found = view([study])["use_cases"][0]["figures"]["exact"]
    band = [row for row in found["rows"] if row["w"] == "band"]
    assert [row["t"] for row in band] == list(GRID)
    assert [row["l"] for row in band] == pytest.approx([1.0, 0.9, 0.6, 0.5, 0.4])
    assert [row["h"] for row in band] == pytest.approx([1.0, 0.9, 0.6, 0.6, 0.55])
    points = [row for row in found["rows"] if row["w"] == "point"]
    assert [(row["t"], row["v"], row["n"]) for row in points] == [(0.0, 1.0, 6), (1.0, 0.5, 6)]
    assert all(row["l"] <= row["v"] <= row["h"] for row in points)


def test_the_table_and_the_description_say_the_same(study: Study) -> None:
    found = view([study])["use_cases"][0]["figures"]["exact"]
    computed, sampled = found["table"]["rows"]
    assert found["table"]["temperatures"] == ["0", "1"]
    assert computed["cells"] == ["100.0\u00a0%", "40.0\u00a0% to 55.0\u00a0%"]
    assert sampled["cells"] == [
        "100.0\u00a0% (54.1\u00a0% to 100.0\u00a0%)",
        "50.0\u00a0% (11.8\u00a0% to 88.2\u00a0%)",
    ]
    assert "T\u00a0=\u00a01: 40.0\u00a0% to 55.0\u00a0%, in the samples 50.0\u00a0%" in found["label"]
    assert found["notes"][0].startswith("Of 2 questions. ")


def test_without_anything_computed_nothing_is_shown(hand: Run) -> None:
    assert view([hand.study])["use_cases"][0]["figures"]["exact"] is None
    assert "Accepted answers, exactly" not in render([hand.study])


def test_a_browser_draws_it(visit: Callable[..., Visit], study: Study, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write(path, render([study]))
    seen = visit(path)
    seen.wait_for_charts()
    chart = seen.page.locator("#use-case-1-exact")
    assert chart.get_attribute("role") == "img"
    assert chart.locator("svg.marks .mark-area path").count() == 1
    assert chart.locator("svg.marks .mark-line path").count() == 2
    assert chart.locator("svg.marks .mark-symbol path").count() == 2
    seen.open_all_details()
    table = seen.page.get_by_role("group", name="Accepted answers, computed and in the samples")
    assert "40.0\u00a0% to 55.0\u00a0%" in table.inner_text()
    seen.assert_quiet()
