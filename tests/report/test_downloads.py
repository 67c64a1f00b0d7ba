"""The data of the page as files: nothing lost, nothing that a spreadsheet runs, and what a click gives is what was written."""

import base64
import csv
import dataclasses
import io
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_strings import HOSTILE, hostile_run
from hypothesis import given
from hypothesis import strategies as st
from report_sample import Run
from report_visit import Visit

from tempkit.analysis import curves
from tempkit.decision import document
from tempkit.files.csv_injection import RISKY, guarded
from tempkit.report import render, write
from tempkit.report.method.downloads import (
    CURVES,
    DECISIONS,
    answer_columns,
    curve_rows,
    decision_rows,
    downloads,
)
from tempkit.report.method.file_names import file_name
from tempkit.report.text.csv_cells import rows_as_csv
from tempkit.report.theme import asset

Open = Callable[..., Visit]
Row = dict[str, str]


def unguarded(cell: str) -> str:
    """Undo the guard as the page tells its readers to."""
    return cell.removeprefix("'")


def read(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def fetched(seen: Visit, name: str) -> bytes:
    """Click on a file and return what the browser saved."""
    with seen.page.expect_download() as download:
        seen.page.locator("#method .download", has_text=name).click()
    assert download.value.suggested_filename == name
    return Path(download.value.path()).read_bytes()


def records(columns: dict) -> list[dict]:
    """Return answer columns as one dict for each answer."""
    rows = zip(*columns["rows"], strict=True)
    return [
        {
            name: columns["strings"][value] if name in columns["texts"] else value
            for name, value in zip(columns["columns"], row, strict=True)
        }
        for row in rows
    ]


# Cells


@given(st.text(max_size=30) | st.text(st.sampled_from(RISKY + 'a",;\n '), max_size=8))
def test_a_text_survives_and_is_no_formula(text: str) -> None:
    (row,) = read(rows_as_csv(["text"], [[text]]))
    assert unguarded(row["text"]) == text
    assert row["text"][:1] not in set(RISKY) - {"'"}


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_a_number_survives_and_is_never_guarded(number: float) -> None:
    (row,) = read(rows_as_csv(["n", "x"], [[number, ""]]))
    assert float(row["n"]) == number or int(row["n"]) == number
    assert not row["n"].startswith("'")


def test_nothing_and_an_empty_text_are_told_apart() -> None:
    assert rows_as_csv(["a", "b"], [[None, ""]]) == '"a","b"\r\n,""\r\n'


def test_the_pages_script_guards_the_same_characters() -> None:
    line = next(line for line in asset("js/downloads.js").splitlines() if "const RISKY" in line)
    assert json.loads(line.split("= ")[1].rstrip(";").replace("\\'", "'")) == RISKY


def test_file_names_hold_nothing_harmful(sample: Run) -> None:
    facts = sample.facts
    named = [dataclasses.replace(facts, name=name) for name in ("../../etc/passwd", "a b", "…", "-x.")]
    assert file_name(named) == f"etc-passwd+a-b+{facts.id}+x"
    nothing = dataclasses.replace(facts, name="…", id="…")
    assert file_name([nothing]) == "report"
    assert len(file_name([dataclasses.replace(facts, name="n" * 400)])) == 80


# What the files hold


def test_curves_hold_every_point_with_all_its_digits(sample: Run) -> None:
    rows = read(rows_as_csv(CURVES, curve_rows([sample.study])))
    points = [
        (section.name, section.model.label, curve, point)
        for section in sample.scored
        for curve in curves(section)
        for point in curve.points
    ]
    assert len(rows) == len(points) > 200
    for row, (use_case, model, curve, point) in zip(rows, points, strict=True):
        assert (row["use_case"], row["model"], row["measure"]) == (use_case, model, curve.measure)
        assert (row["version"], float(row["temperature"])) == (curve.version, point.temperature)
        assert (float(row["mean"]) if row["mean"] else None) == point.mean
        assert (float(row["low"]) if row["low"] else None) == point.low
        assert row["level"] == ("0.95" if point.low is not None else "")
        assert int(row["missing"]) == sum(point.missing.values())
        assert unguarded(row["reason"]) == ("" if point.reason is None else str(point.reason))


def test_answers_hold_every_sample_with_its_scores(sample: Run) -> None:
    found = {
        (each["item"], each["model"], each["temperature"], each["replicate"]): each
        for each in records(answer_columns([sample.study]))
    }
    assert len(found) == len(sample.completions)
    for completion in sample.completions:
        key = completion.key
        each = found[key.item, key.model, key.temperature, key.replicate]
        assert (each["text"], each["finish_reason"], each["seed"]) == (
            completion.text,
            completion.finish_reason,
            completion.seed,
        )
    section = sample.scored[0]
    table = section.table("fact_recall")
    assert table is not None
    for i, item in enumerate(table.items):
        for j, t in enumerate(table.temperatures):
            for r, value in enumerate(table.values.array[i, j]):
                told = found[item, section.model.label, t, r]["fact_recall"]
                assert told == (value if math.isfinite(value) else None)


def test_measures_of_whole_cells_are_no_columns_of_answers(sample: Run) -> None:
    columns = answer_columns([sample.study])["columns"]
    assert "distinct_share" not in columns
    assert "novelty" in columns
    assert "mean_logprob@1 raw" in columns  # two kinds, two columns


def test_small_files_are_links_and_large_ones_are_packed(
    sample: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = downloads([sample.study])
    assert [(file["name"], file["href"] is None) for file in found["files"]] == [
        ("facts-and-ideas-curves.csv", True),
        ("facts-and-ideas-decisions.csv", False),
        ("facts-and-ideas-recommendations.json", True),
        ("facts-and-ideas-answers.csv", True),
        ("facts-and-ideas-answers.jsonl", True),
    ]
    monkeypatch.setattr("tempkit.report.method.downloads._LINKED", 0)
    packed = downloads([sample.study])
    assert all(file["href"] is None and file["block"] in packed["blocks"] for file in packed["files"])


def test_two_runs_of_one_name_have_a_file_each(sample: Run) -> None:
    names = [file["name"] for file in downloads([sample.study, sample.study])["files"]]
    assert len(names) == len(set(names)) == 6


def test_a_run_without_answers_offers_no_answers(hand: Run) -> None:
    empty = dataclasses.replace(hand, completions=(), failures=()).study
    names = [file["name"] for file in downloads([empty])["files"]]
    assert names == ["hand-curves.csv", "hand-decisions.csv", "hand-recommendations.json"]


def test_the_file_of_decisions_has_a_row_for_each_temperature(sample: Run) -> None:
    rows = read(rows_as_csv(DECISIONS, decision_rows([sample.study])))
    wanted = [(each, level) for each in sample.study.decisions for level in each.temperatures]
    assert len(rows) == len(wanted) == 20
    for row, (each, level) in zip(rows, wanted, strict=True):
        assert (row["use_case"], row["model"], row["measure"]) == (each.section, each.model, each.measure)
        for name in ("temperature", "mean", "low", "high", "regret_mean", "regret_lower", "regret_upper"):
            assert (float(row[name]) if row[name] else None) == getattr(level, name)
        assert (row["place"], row["picked"]) == (level.place, str(int(level.temperature == each.pick)))
        assert row["grade"] == (each.grade if level.temperature == each.pick else "")


# In the browser


def test_clicking_gives_the_files(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    study = sample.study
    assert fetched(seen, "facts-and-ideas-curves.csv").decode() == rows_as_csv(CURVES, curve_rows([study]))
    assert fetched(seen, "facts-and-ideas-recommendations.json").decode() == document(study.decisions)
    wanted = records(answer_columns([study]))
    lines = fetched(seen, "facts-and-ideas-answers.jsonl").decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == wanted
    rows = read(fetched(seen, "facts-and-ideas-answers.csv").decode())
    assert len(rows) == len(wanted)
    texts = {"run", "use_case", "model", "item", "text", "finish_reason"}
    for row, each in zip(rows, wanted, strict=True):
        for name, value in each.items():
            if name in texts:
                assert unguarded(row[name]) == value
            else:
                assert (float(row[name]) if row[name] else None) == value
    seen.assert_quiet_but_for_downloads()


def test_packed_files_are_the_same(
    visit: Open, sample: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempkit.report.method.downloads._LINKED", 0)
    path = tmp_path / "r.html"
    write(path, render([sample.study]))
    seen = visit(path)
    told = fetched(seen, "facts-and-ideas-curves.csv").decode()
    assert told == rows_as_csv(CURVES, curve_rows([sample.study]))


def test_small_files_need_no_script(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page, scripts=False)
    told = fetched(seen, "facts-and-ideas-decisions.csv").decode()
    assert told == rows_as_csv(DECISIONS, decision_rows([sample.study]))
    assert seen.page.locator(".download-button:visible").count() == 0
    assert seen.page.get_by_text("tempkit export RUN writes the answers").first.is_visible()


def test_hostile_answers_come_out_as_they_went_in(visit: Open, hostile_page: Path) -> None:
    seen = visit(hostile_page)
    names = seen.page.locator("#method .download").all_text_contents()
    (lines,) = [name for name in names if name.endswith(".jsonl")]
    (table,) = [name for name in names if name.endswith("answers.csv")]
    run = hostile_run()
    told = [json.loads(line) for line in fetched(seen, lines).decode().split("\n")[:-1]]
    assert [each["text"] for each in told] == [c.text for c in run.completions]
    rows = read(fetched(seen, table).decode())
    for row, completion in zip(rows, run.completions, strict=True):
        text = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in completion.text)
        assert unguarded(row["text"]) == text  # half a surrogate pair is no UTF-8
        assert not row["text"].startswith(tuple("=+-@"))
    assert seen.page.evaluate("() => window.pwned === undefined")
    assert guarded(HOSTILE[0]) == HOSTILE[0]


def test_links_hold_what_they_say(sample: Run) -> None:
    linked = [file for file in downloads([sample.study])["files"] if file["href"]]
    assert linked
    for file in linked:
        head, data = file["href"].split(";base64,")
        assert head == f"data:{file['mime']};charset=utf-8"
        assert base64.b64decode(data).decode()
