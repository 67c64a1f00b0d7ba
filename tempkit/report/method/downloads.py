"""The data of the page as files: every mean with its interval, every decision, every answer with its scores.

Small files stand in the page as links that need no script. Large ones are packed as the tokens are and become a file when a
reader asks for one. Answers are kept once, as columns with each text once, and the page's script writes them as CSV, for
spreadsheets, or as JSON Lines, for programs.
"""

import base64
import math
from collections.abc import Iterator, Sequence
from typing import Any

from tempkit.analysis import MEAN_LEVEL, ScoredSection, Section, curves
from tempkit.decision import Decision, TemperatureResult, document
from tempkit.measures import known
from tempkit.report.answers.tokens import pack
from tempkit.report.method.file_names import file_name
from tempkit.report.study import Study
from tempkit.report.text.csv_cells import CellValue, rows_as_csv
from tempkit.report.text.text import gettext as _

__all__ = ["CURVES", "DECISIONS", "answer_columns", "curve_rows", "decision_rows", "downloads"]

CURVES = (
    *("run", "use_case", "model", "measure", "unit", "version", "temperature"),
    *("mean", "low", "high", "level", "items", "samples", "missing", "reason"),
)
"""Columns of the file of curves. `level` is the confidence of the interval from `low` to `high`, `missing` how many values could
not be taken, `reason` why there is no interval."""

DECISIONS = (
    *(
        "run",
        "use_case",
        "model",
        "measure",
        "unit",
        "version",
        "policy",
        "scope",
        "temperature",
        "mean",
        "low",
        "high",
    ),
    *(
        "regret_mean",
        "regret_lower",
        "regret_upper",
        "place",
        "picked",
        "grade",
        "items",
        "samples",
        "missing",
    ),
)
"""Columns of the file of decisions: a row for each temperature. `grade` is that of the temperature picked."""

_KEYS = ("run", "use_case", "model", "item", "temperature", "replicate", "text", "finish_reason", "seed")
_TEXTS = ("run", "use_case", "model", "item", "text", "finish_reason")

_LINKED = 24_000
"""Bytes up to which a file is a link."""


def downloads(studies: Sequence[Study]) -> dict[str, Any]:
    """Return `files`, one entry for each the page offers, and `blocks`, the packed data of those that are no links, by id.

    An entry has `name`, `says`, `mime`, and either `href` or `block` with `form`: `text` for a block that holds a file's text,
    `csv` or `jsonl` for how to write columns.
    """
    name = file_name([study.comparison.run for study in studies])
    blocks: dict[str, str] = {}
    files = [
        _file(
            f"{name}-curves.csv",
            "text/csv",
            rows_as_csv(CURVES, curve_rows(studies)),
            _("Every measure at every temperature, with its interval"),
            blocks,
        )
    ]
    if any(study.decisions for study in studies):
        says = _("Every temperature with what it could cost, and which one was picked")
        text = rows_as_csv(DECISIONS, decision_rows(studies))
        files.append(_file(f"{name}-decisions.csv", "text/csv", text, says, blocks))
    taken = {file["name"] for file in files}
    for study in studies:
        if not study.decisions:
            continue
        run = study.comparison.run
        own = f"{file_name([run])}-recommendations.json"
        own = own if own not in taken else f"{len(taken)}-{own}"
        taken.add(own)
        says = _(
            "What was decided, with every number behind it: the decisions of tempkit recommend %s --json"
        )
        files.append(_file(own, "application/json", document(study.decisions), says % run.name, blocks))
    columns = answer_columns(studies)
    if columns["rows"]:
        blocks["download-answers"] = pack(columns)
        for form, mime, says in (
            ("csv", "text/csv", _("Every answer with its scores, for a spreadsheet")),
            (
                "jsonl",
                "application/jsonl",
                _("The same for a program: one JSON object a line, texts unchanged"),
            ),
        ):
            files.append(
                {
                    "name": f"{name}-answers.{form}",
                    "mime": mime,
                    "says": says,
                    "href": None,
                    "block": "download-answers",
                    "form": form,
                }
            )
    return {"files": files, "blocks": blocks}


def curve_rows(studies: Sequence[Study]) -> Iterator[list[CellValue]]:
    """Yield the rows of the file of curves, see `CURVES`."""
    for study in studies:
        for section in study.scored:
            for curve in curves(section):
                for point in curve.points:
                    yield [
                        study.comparison.run.name,
                        section.name,
                        section.model.label,
                        curve.measure,
                        curve.scale.unit,
                        curve.version,
                        float(point.temperature),
                        point.mean,
                        point.low,
                        point.high,
                        MEAN_LEVEL if point.low is not None else None,
                        point.items,
                        point.samples,
                        sum(point.missing.values()),
                        None if point.reason is None else str(point.reason),
                    ]


def decision_rows(studies: Sequence[Study]) -> Iterator[list[CellValue]]:
    """Yield the rows of the file of decisions, see `DECISIONS`; what decides about variety follows what decides."""
    for study in studies:
        for decided in study.decisions:
            for found in (decided, decided.variety):
                if found is not None:
                    for level in found.temperatures:
                        yield _decision_row(study.comparison.run.name, found, level)


def _decision_row(run: str, found: Decision, level: TemperatureResult) -> list[CellValue]:
    picked = level.temperature == found.pick
    return [
        run,
        found.section,
        found.model,
        found.measure or "",
        found.unit,
        found.version,
        found.policy,
        found.scope,
        float(level.temperature),
        level.mean,
        level.low,
        level.high,
        level.regret_mean,
        level.regret_lower,
        level.regret_upper,
        level.place,
        int(picked),
        found.grade if picked else "",
        level.n,
        level.samples,
        level.missing,
    ]


def answer_columns(studies: Sequence[Study]) -> dict[str, Any]:
    """Return all answers as JSON-able columns.

    `columns` are their names, `texts` which of them hold texts, `strings` each text once. `rows` has a list per column: places
    in `strings` for a text, else numbers; null for what is not known. After the keys there is a column for each measure of
    single answers; several versions of one have a column each, named `measure@version`.
    """
    scores = _score_names(studies)
    strings: dict[str, int] = {}
    names = [*_KEYS, *scores.values()]
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for study in studies:
        for section, scored in zip(study.comparison.sections, study.scored, strict=True):
            values = _values(scored)
            for keys, place in _answers(study, section):
                for name, value in zip(_KEYS, keys, strict=True):
                    columns[name].append(strings.setdefault(value, len(strings)) if name in _TEXTS else value)
                for key, name in scores.items():
                    columns[name].append(values.get((*key, *place)))
    kept = [name for name in names if name in _KEYS or any(v is not None for v in columns[name])]
    answered = bool(columns["run"])
    return {
        "columns": kept,
        "texts": list(_TEXTS),
        "strings": list(strings),
        "rows": [columns[name] for name in kept] if answered else [],
    }


def _answers(study: Study, section: Section) -> Iterator[tuple[list[Any], tuple[str, float, int]]]:
    for row in section.rows:
        for cell in row.cells:
            answers = [
                (replicate, seed, group)
                for group in cell.groups
                for replicate, seed in zip(group.replicates, group.seeds, strict=True)
            ]
            for replicate, seed, group in sorted(answers, key=lambda each: each[0]):
                keys: list[Any] = [study.comparison.run.name, section.name, section.model.label, row.item.key]
                keys += [float(cell.temperature), replicate, group.text, group.finish_reason, seed]
                yield keys, (row.item.key, cell.temperature, replicate)


def _score_names(studies: Sequence[Study]) -> dict[tuple[str, str], str]:
    """Return for each measure of single answers and its version the name of its column."""
    found = dict.fromkeys(
        (table.measure, table.version)
        for study in studies
        for section in study.scored
        for table in section.tables
        if table.count and _of_answers(table.measure)
    )
    versions: dict[str, list[str]] = {}
    for measure, version in found:
        versions.setdefault(measure, []).append(version)
    return {
        (measure, version): measure if len(versions[measure]) == 1 else f"{measure}@{version}"
        for measure, version in found
    }


def _of_answers(measure: str) -> bool:
    about = known(measure)
    return about is None or about.scope == "completion"


def _values(scored: ScoredSection) -> dict[tuple[str, str, str, float, int], float]:
    return {
        (table.measure, table.version, item, temperature, replicate): value
        for table in scored.tables
        if _of_answers(table.measure)
        for item, rows in zip(table.items, table.values.array.tolist(), strict=True)
        for temperature, values in zip(table.temperatures, rows, strict=True)
        for replicate, value in enumerate(values)
        if math.isfinite(value)
    }


def _file(name: str, mime: str, text: str, says: str, blocks: dict[str, str]) -> dict[str, Any]:
    about = {"name": name, "mime": mime, "says": says, "form": "text"}
    data = text.encode("utf-8", "replace")  # half a surrogate pair is no UTF-8
    if len(data) <= _LINKED:
        packed = base64.b64encode(data).decode("ascii")
        return {**about, "href": f"data:{mime};charset=utf-8;base64,{packed}", "block": None}
    block = f"download-{len(blocks) + 1}"
    blocks[block] = pack({"text": text})
    return {**about, "href": None, "block": block}
