"""Scores become tables: what is known of a measure's values, and what of scores that cannot be what their name says."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from support import Cli

from tempkit.analysis import curves
from tempkit.analysis.mean_curves import Scale, scale_of
from tempkit.analysis.tables import ScoredSection, scale_for, tables, use_cases
from tempkit.analysis.turn import section_turn
from tempkit.types import Item, ModelSpec, Plan, Prompt, SamplingParams, Score
from tempkit.types.reasons import Reason, in_words

GRID = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
NUMBERS = Scale("", None, None)
SHARE = Scale("share", 0.0, 1.0)


def section(
    measure: str, value_of, *, models: tuple[str, ...] = ("m",), items: int = 6
) -> list[ScoredSection]:
    """One section for each model, of scores `value_of(model, item, temperature)`; None where it gives none."""
    keys = [f"i{i}" for i in range(items)]
    prompt = Prompt(
        name="p", use_case="chatbot", items=tuple(Item(key=key, prompt="p", messages=()) for key in keys)
    )
    plan = Plan(
        name="run",
        prompts=(prompt,),
        models=tuple(ModelSpec(backend="imported", name=model, label=model) for model in models),
        temperatures=GRID,
        repeat=1,
        seed=0,
        sampling={"p": SamplingParams(logprobs=0)},
    )
    scores = [
        Score(
            item=key,
            model=model,
            temperature=t,
            replicate=0,
            measure=measure,
            version="imported",
            value=value,
            reason=None if value is not None else in_words("nobody looked"),
        )
        for model in models
        for i, key in enumerate(keys)
        for t in GRID
        for value in [value_of(model, i, t)]
    ]
    return tables(plan, scores)


def test_a_table_has_the_unit_and_the_range_of_its_measure() -> None:
    (found,) = section("fact_recall", lambda _, i, t: None if i == 0 and t == 0.5 else 0.25)
    (table,) = found.tables
    assert scale_of(table) == SHARE
    assert (table.values.low, table.values.high, table.values.span) == (0, 1, 1)
    assert table.temperatures == table.values.temperatures == GRID
    assert table.values.missing[1] == {in_words("nobody looked"): 1}
    assert table.missing == {0.5: {in_words("nobody looked"): 1}}
    assert table.values.share_missing() == (0.0, 1 / 6, 0.0, 0.0, 0.0, 0.0)
    assert table.count == 35
    assert found.why_missing("fact_recall") == in_words("nobody looked")


def test_what_was_typed_belongs_together_and_files_that_name_no_use_case_stand_alone() -> None:
    prompts = [
        Prompt(name=name, path=path, items=(Item(key=name, prompt=name, messages=()),))
        for name, path in (("inline-1", None), ("notes", "notes.txt"), ("inline-2", None), ("inline-3", None))
    ]
    plan = Plan(
        name="run",
        prompts=tuple(prompts),
        models=(ModelSpec(backend="imported", name="m", label="m"),),
        temperatures=GRID,
        repeat=1,
        seed=0,
        sampling={},
    )
    assert [[each.name for each in group] for group in use_cases(plan)] == [
        ["inline-1", "inline-2", "inline-3"],
        ["notes"],
    ]
    assert [each.name for each in tables(plan, [])] == ["inline-1+inline-2+1-more", "notes"]


@pytest.mark.parametrize(
    ("measure", "values", "scale"),
    [
        ("mine", [0, 1, np.nan], SHARE),
        ("mine", [0, 0.5], NUMBERS),
        ("fact_recall", [0.2, 0.3], SHARE),
        ("fact_recall", [1 + 1e-7], SHARE),
        ("fact_recall", [0.2, 87], NUMBERS),
        ("fact_recall", [-0.001], NUMBERS),
        ("tempered_entropy", [1e99], Scale("nats", 0.0, None)),
        ("tempered_entropy", [-1], NUMBERS),
    ],
)
def test_values_that_contradict_a_measure_are_plain_numbers(
    measure: str, values: list[float], scale: Scale
) -> None:
    assert scale_for(measure, values) == scale


def test_one_model_of_a_run_decides_for_all_of_them() -> None:
    """Else 0.9 of one model were 90 % of another."""
    first, second = section("mine", lambda model, i, _: i % 2 if model == "a" else 0.9, models=("a", "b"))
    assert [scale_of(each.tables[0]) for each in (first, second)] == [NUMBERS, NUMBERS]
    first, second = section("mine", lambda model, i, _: i % 2, models=("a", "b"))
    assert [scale_of(each.tables[0]) for each in (first, second)] == [SHARE, SHARE]


def test_percentages_under_the_name_of_a_share_get_intervals_of_their_own() -> None:
    (found,) = section("fact_recall", lambda _, i, t: 80.0 + i - 10 * t)
    (curve,) = curves(found)
    assert curve.scale == NUMBERS
    first = curve.points[0]
    assert first.mean == 82.5
    assert first.low is not None
    assert first.high is not None
    assert 75 < first.low < 82.5 < first.high < 90


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e101])
def test_a_stored_number_that_cannot_be_computed_with_is_missing_with_a_reason(odd: float) -> None:
    (found,) = section("mine", lambda _, i, t: odd if t == 0.5 else float(i))
    (table,) = found.tables
    assert table.missing == {0.5: {Reason("out_of_range"): 6}}
    assert table.values.share_missing()[1] == 1.0


@pytest.mark.parametrize("value", [-1.0, 1e-320, 1e99])
def test_entropies_that_cannot_be_any_give_no_turning_point_and_no_error(value: float) -> None:
    (found,) = section("tempered_entropy", lambda _, i, t: value * (1 + t * t))
    turned = section_turn(found)
    assert turned.status == {-1.0: "not known", 1e-320: "too few temperatures", 1e99: "none"}[value]


HOSTILE = {
    "percentages": lambda i, t: 90 - 10 * t + i,
    "beyond every range": lambda i, t: (-1) ** i * 1e99 * (1 + t),
    "next to nothing": lambda i, t: 1e-99 * (1 + t * i),
    "one that differs": lambda i, t: float(i != 0 or t != 1.5),
    "all equal": lambda i, t: 0.25,
}


@pytest.mark.parametrize("values", HOSTILE)
@pytest.mark.parametrize("measure", ["fact_recall", "check_pass", "tempered_entropy", "mine"])
def test_scores_of_any_size_under_any_name_are_reported(
    cli: Cli, tmp_path: Path, measure: str, values: str
) -> None:
    rows = [
        {"item": f"i{i}", "model": "m", "temperature": t, measure: HOSTILE[values](i, t)}
        for i in range(6)
        for t in GRID
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for command in (
        ["import", "t.jsonl"],
        ["trends", "--json"],
        ["report", "-o", "report.html"],
    ):
        done = cli(*command)
        assert done.code == 0, command
        # How to decide by scores that nothing is known of is said beside the report.
        assert all(line.startswith("note: ") for line in done.err.splitlines()), (command, done.err)
        assert not re.search(r"\b(nan|inf|infinity)\b", done.out + done.err, re.IGNORECASE)
