"""One number everywhere: card, terminal, Markdown, chart, table, `recommend --json` and the downloaded files of a stored run agree."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from playwright.sync_api import Locator
from report_sample import QUESTIONS, believable_run
from report_visit import Visit
from support import Cli

from tempkit.decision.prose.amounts import amount
from tempkit.report.answers.tokens import unpack
from tempkit.report.text.text import figure
from tempkit.store import Store

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


def number(text: str) -> float | None:
    return float(text) if text else None


def spaced(text: str) -> str:
    """Return a text of the page with spaces at which a line may end, as everywhere else."""
    return text.replace("\u00a0", " ")


class Everywhere:
    """What the page, its files and the commands say of a run."""

    def __init__(self, cli: Cli, seen: Visit) -> None:
        self.seen = seen
        printed = cli("recommend", "latest", "--json")
        assert printed.code == 0, printed.err
        self.found: list[dict[str, Any]] = json.loads(printed.out)["decisions"]
        assert json.loads(fetched(seen, "recommendations.json")) == self.found
        self.terminal = cli("recommend", "latest").out
        self.markdown = cli("report", "latest", "-o", "-").out.replace("\u200b", "").replace("\\", "")
        self.curves = {
            (row["use_case"], row["model"], row["measure"], row["version"], float(row["temperature"])): row
            for row in rows(fetched(seen, "curves.csv"))
        }
        self.decisions = {
            (row["use_case"], row["model"], float(row["temperature"])): row
            for row in rows(fetched(seen, "decisions.csv"))
        }
        self.answers = rows(fetched(seen, "answers.csv"))
        packed = seen.page.locator("#tokens-charts").text_content() or ""
        self.charts = unpack(packed)["charts"]

    def card(self, each: dict[str, Any]) -> Locator:
        cards = self.seen.page.locator(".card")
        return cards.filter(has_text=each["title"]).filter(has_text=each["model"])

    def numbers(self, each: dict[str, Any]) -> tuple[int, Locator]:
        """Return the place of the use case on the page, and the model's row of the measure that decides."""
        place = ["technical-documentation", "brainstorming"].index(each["section"]) + 1
        first = (
            self.seen.page.locator(f"#use-case-{place}-numbers table.numbers").first.locator("tbody").first
        )
        return place, first.locator("tr").filter(
            has=self.seen.page.locator("th.model", has_text=each["model"])
        )


def test_the_same_numbers_everywhere(cli: Cli, stored: Path, visit: Open) -> None:
    everywhere = Everywhere(cli, visit(stored))
    assert len(everywhere.found) == 4
    for each in everywhere.found:
        _the_decision(everywhere, each)
        _each_temperature(everywhere, each)
        _the_guard_rails(everywhere, each)
    _the_answers(everywhere)
    everywhere.seen.assert_quiet_but_for_downloads()


def _the_decision(everywhere: Everywhere, each: dict[str, Any]) -> None:
    """Verdict and grade are the same words on the card, in the terminal and in Markdown, and they name the pick in the JSON."""
    card = everywhere.card(each)
    verdict = spaced(card.locator(".verdict").inner_text())
    grade = " ".join(card.locator(".grade").inner_text().split())
    assert each["pick"] is not None
    assert f"{each['pick']:g}" in re.findall(r"\d+(?:\.\d+)?", verdict)
    word = {"shown": "shown", "likely": "likely", "guess": "best guess", "none": "not enough data"}[
        each["grade"]
    ]
    assert grade.endswith(word)
    head = f"{each['title']} on {each['model']}"
    told = everywhere.terminal[everywhere.terminal.index(head) :]
    assert f"{verdict}   {grade}" in told[: told.index("Because")]
    assert f"**{verdict}** {grade}" in everywhere.markdown
    chosen = card.locator(".standing tr.chosen th")
    assert chosen.all_inner_texts() == [f"{each['pick']:g}"]
    for sentence in map(spaced, card.locator(".other").all_inner_texts()):
        assert sentence in everywhere.terminal
        assert sentence in everywhere.markdown


def _each_temperature(everywhere: Everywhere, each: dict[str, Any]) -> None:
    place, numbers = everywhere.numbers(each)
    drawn = {
        row["t"]: row
        for row in everywhere.charts[f"use-case-{place}-lead-1"]["rows"]
        if row["m"] == each["model"]
    }
    cells = numbers.locator("td")
    standing = everywhere.card(each).locator(".standing").first.locator("tbody tr")
    assert len(each["temperatures"]) == standing.count() == 5
    compared = 0
    for i, level in enumerate(each["temperatures"]):
        curve = everywhere.curves[
            each["section"], each["model"], each["measure"], each["version"], level["temperature"]
        ]
        decided = everywhere.decisions[each["section"], each["model"], level["temperature"]]
        assert [number(curve[end]) for end in ("mean", "low", "high")] == [
            level["mean"], level["low"], level["high"],
        ]  # fmt: skip
        assert [int(curve[n]) for n in ("items", "samples", "missing")] == [
            level["n"], level["samples"], level["missing"],
        ]  # fmt: skip
        for name in ("mean", "low", "high", "regret_mean", "regret_lower", "regret_upper"):
            assert number(decided[name]) == level[name]
        assert decided["place"] == level["place"]
        assert bool(int(decided["picked"])) == (level["temperature"] == each["pick"])
        row = standing.nth(i)
        assert row.locator("th").inner_text() == f"{level['temperature']:g}"
        cost = spaced(row.locator(".cost").inner_text())
        assert cost in everywhere.terminal
        assert cost in everywhere.markdown
        if level["mean"] is None:
            assert level["temperature"] not in drawn
            continue
        assert row.locator(".mean").inner_text() == amount(level["mean"], each["unit"])
        point = drawn[level["temperature"]]
        assert [point["v"], point["l"], point["h"], point["j"], point["n"]] == [
            level["mean"], level["low"], level["high"], level["n"], level["samples"],
        ]  # fmt: skip
        assert point["d"] == figure(level["mean"], each["unit"])
        cell = cells.nth(i).text_content() or ""
        assert cell.startswith(figure(level["mean"], each["unit"]))
        if level["low"] is not None:
            assert f"{figure(level['low'], each['unit'])} to {figure(level['high'], each['unit'])}" in cell
        compared += 1
    assert compared >= 4


def _the_guard_rails(everywhere: Everywhere, each: dict[str, Any]) -> None:
    for guard in each["guardrails"]:
        for level in guard["levels"]:
            if guard["relative"] or level["mean"] is None:
                continue
            curve = next(
                row
                for (case, model, measure, _version, t), row in everywhere.curves.items()
                if (case, model, measure, t) == (each["section"], each["model"], guard["measure"], level["temperature"])
            )  # fmt: skip
            assert float(curve["mean"]) == pytest.approx(level["mean"], rel=1e-12)


def _the_answers(everywhere: Everywhere) -> None:
    """The means are those of the answers."""
    by_item: dict[tuple[str, float], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for answer in everywhere.answers:
        if answer["fact_recall"] and answer["use_case"] == "technical-documentation":
            values = by_item[answer["model"], float(answer["temperature"])]
            values[answer["item"]].append(float(answer["fact_recall"]))
    assert by_item
    for (model, t), items in by_item.items():
        row = everywhere.curves["technical-documentation", model, "fact_recall", "1", t]
        assert fmean(map(fmean, items.values())) == pytest.approx(float(row["mean"]), rel=1e-12)
