"""One number everywhere: the card, the chart, the table, `recommend --json` and the downloaded files of a stored run agree."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import pytest
from report_sample import QUESTIONS, believable_run
from report_visit import Visit
from support import Cli

from tempkit.report.text import figure
from tempkit.store import Store
from tempkit.usecases.words import amount

Open = Callable[..., Visit]


@pytest.fixture
def stored(cli: Cli, tmp_path: Path) -> Path:
    """A run in a database, with items enough for intervals, and its report, made by the command line; the page's path."""
    questions = {f"{name}-{i}": question for i in range(2) for name, question in QUESTIONS.items()}
    run = believable_run(questions)
    with Store.open(tmp_path / "tempkit.db") as store:
        record = store.create_run(run.plan, run.infos, version="0.1.0", environment={})
        store.add(record.id, run.failures)
        store.add(record.id, run.completions)
        store.set_status(record.id, "finished")
    done = cli("report", "-o", "r.html")
    assert (done.code, done.err) == (0, "")
    return tmp_path / "r.html"


def fetched(seen: Visit, ending: str) -> bytes:
    with seen.page.expect_download() as download:
        seen.page.locator("#method .download", has_text=re.compile(f"{re.escape(ending)}$")).click()
    return Path(download.value.path()).read_bytes()


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_the_same_numbers_everywhere(cli: Cli, stored: Path, visit: Open) -> None:
    printed = cli("recommend", "latest", "--json").out
    seen = visit(stored)
    page = seen.page
    assert fetched(seen, "recommendations.json").decode() == printed
    found = json.loads(printed)
    curves = {
        (row["use_case"], row["model"], row["measure"], row["version"], float(row["temperature"])): row
        for row in rows(fetched(seen, "curves.csv"))
    }
    charts = json.loads(page.locator("#report-data").text_content() or "")["charts"]
    answers = rows(fetched(seen, "answers.csv"))
    assert len(found) == 4
    compared = 0
    for each in found:
        card = page.locator(".card", has_text=each["title"]).filter(has_text=each["model"])
        place = ["technical-documentation", "brainstorming"].index(each["section"]) + 1
        section = page.locator(f"#use-case-{place} .model-section", has_text=each["model"]).first
        drawn = {
            row["t"]: row for row in charts[f"use-case-{place}-lead-1"]["rows"] if row["m"] == each["model"]
        }
        cells = section.locator("table.numbers").first.locator("tbody tr").first.locator("td")
        shown = each["temperature"]
        wanted = f"{shown:g}" if shown is not None else None
        if wanted is not None:
            assert card.locator(".degrees").text_content() == wanted
        for i, level in enumerate(each["levels"]):
            row = curves[
                each["section"], each["model"], each["measure"], each["version"], level["temperature"]
            ]
            exact = [None if row[end] == "" else float(row[end]) for end in ("mean", "low", "high")]
            assert exact == [level["mean"], level["low"], level["high"]]
            assert [int(row[n]) for n in ("items", "samples", "missing")] == [
                level["items"], level["samples"], level["missing"],
            ]  # fmt: skip
            if level["mean"] is None:
                assert level["temperature"] not in drawn
                continue
            point = drawn[level["temperature"]]
            assert [point["v"], point["l"], point["h"], point["j"], point["n"]] == [
                level["mean"], level["low"], level["high"], level["items"], level["samples"],
            ]  # fmt: skip
            assert point["d"] == figure(level["mean"], each["unit"])
            cell = cells.nth(i).text_content() or ""
            assert cell.startswith(figure(level["mean"], each["unit"]))
            if level["low"] is not None:
                assert (
                    f"{figure(level['low'], each['unit'])} to {figure(level['high'], each['unit'])}" in cell
                )
            compared += 1
        # The card's sentences speak of the best mean.
        means = [lv["mean"] for lv in each["levels"] if lv["place"] not in ("ruled out", "not measured")]
        best = max(mean for mean in means if mean is not None)
        assert amount(best, each["unit"]) in (card.text_content() or "")
        for guard in each["guards"]:
            for level in guard["levels"]:
                if guard["relative"] or level["mean"] is None:
                    continue
                row = next(
                    row
                    for (case, model, measure, _version, t), row in curves.items()
                    if (case, model, measure, t) == (each["section"], each["model"], guard["measure"], level["temperature"])
                )  # fmt: skip
                assert float(row["mean"]) == level["mean"]
    assert compared > 15
    # And the means are those of the answers.
    by_item: dict[tuple[str, float], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for answer in answers:
        if answer["fact_recall"] and answer["use_case"] == "technical-documentation":
            values = by_item[answer["model"], float(answer["temperature"])]
            values[answer["item"]].append(float(answer["fact_recall"]))
    for (model, t), items in by_item.items():
        row = curves["technical-documentation", model, "fact_recall", "1", t]
        assert fmean(map(fmean, items.values())) == pytest.approx(float(row["mean"]), rel=1e-12)
    seen.assert_quiet_but_for_downloads()
