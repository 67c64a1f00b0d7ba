"""The answers as data: scores, marks, what they are compared with, and which tokens a page carries."""

import dataclasses
from typing import Any

import pytest
from report_sample import Run, completion

from tempkit.analysis import Comparison
from tempkit.report import study, view
from tempkit.report.answers.scores import scores
from tempkit.report.answers.token_budget import carried
from tempkit.types import SampleKey


def groups(run: Run, item: int) -> dict[tuple[str, str], dict[str, Any]]:
    found = view([run.study])["use_cases"][0]["sections"][0]["items"][item]
    return {
        (cell["temperature"], group["text"]): group for cell in found["cells"] for group in cell["groups"]
    }


def test_marks_by_hand(hand: Run) -> None:
    bits, port = groups(hand, 0), groups(hand, 1)
    assert {of: group["marks"] for of, group in bits.items()} == {
        ("0", "8 bits"): [],
        ("1", "8"): ["differs"],
        ("1", "nine"): ["missed", "differs"],
        ("1", "8 and on and on"): ["cut", "differs"],
    }
    assert [port["0", "443"]["against"], port["0", "80"]["against"]] == ["base", "differs"]
    assert port["0", "80"]["marks"] == ["missed", "differs"]


def test_a_text_that_comes_again_elsewhere_is_the_same(hand: Run) -> None:
    again = completion(SampleKey("p/bits", "scripted:x", 1.0, 0), "8 bits")
    changed = dataclasses.replace(
        hand, completions=(*(c for c in hand.completions if c.key != again.key), again)
    )
    assert groups(changed, 0)["1", "8 bits"]["against"] == "same"
    without = dataclasses.replace(
        hand, completions=tuple(c for c in hand.completions if c.key.temperature == 1)
    )
    assert {group["against"] for group in groups(without, 0).values()} == {None}


def test_scores_are_those_of_the_tables(sample: Run) -> None:
    scored = sample.scored[0]
    found = scores(scored, "mean_logprob")
    table = scored.table("mean_logprob")
    assert table is not None
    row, column = table.items.index("technical-documentation/bits-in-a-byte"), table.temperatures.index(0.0)
    low, high = (
        f"{-value:.2f}"
        for value in sorted(table.values.array[row, column])[:: len(table.values.array[row, column]) - 1]
    )
    (chip,) = found.of_answers(table.items[row], 0.0, range(4))
    assert chip == {"title": "Mean log-probability", "value": f"−{low} to −{high}", "passed": None}
    assert found.of_answers("nowhere", 0.0, [0]) == []
    ideas = scores(sample.scored[2], "unique_ideas")
    assert ideas.of_answers("brainstorming/coffee-shop-names", 0.0, [0]) == []


def texts(run: Run, keys: frozenset[SampleKey]) -> list[tuple[str, float, str]]:
    return sorted((key.item, key.temperature, run_text(run, key)) for key in keys)


def run_text(run: Run, key: SampleKey) -> str:
    return next(c.text for c in run.completions if c.key == key)


def with_tokens(run: Run, tokens: int | None) -> Run:
    return dataclasses.replace(
        run, completions=tuple(dataclasses.replace(c, output_tokens=tokens) for c in run.completions)
    )


FIRST = [
    ("p/bits", 0.0, "8 bits"),
    ("p/bits", 1.0, "8"),
    ("p/port", 0.0, "443"),
    ("p/port", 1.0, "443 and on"),
]


@pytest.mark.parametrize(
    ("budget", "wanted"),
    [
        (199, []),
        (200, FIRST[:2]),
        (399, FIRST[:2]),
        (400, FIRST),
        (500, sorted([*FIRST, ("p/bits", 1.0, "nine")])),
        (10**6, None),
    ],
)
def test_the_first_texts_of_every_cell_come_first(
    hand: Run, budget: int, wanted: list[tuple[str, float, str]] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempkit.report.answers.token_budget._BYTES_PER_TOKEN", 50)
    comparison = with_tokens(hand, 2).comparison  # 100 bytes each
    every = frozenset(
        group.example.key
        for section in comparison.sections
        for row in section.rows
        for cell in row.cells
        for group in cell.groups
    )
    assert texts(hand, carried(comparison, budget)) == (texts(hand, every) if wanted is None else wanted)


def test_an_unknown_number_of_tokens_is_guessed_from_the_text(
    hand: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempkit.report.answers.token_budget._BYTES_PER_TOKEN", 50)
    comparison = with_tokens(hand, None).comparison
    assert carried(comparison, 50 * 3) == frozenset()
    assert len(carried(comparison, 50 * 4)) == 2  # "8 bits" is taken for three tokens, "8" for one


def test_texts_without_tokens_take_no_room(hand: Run) -> None:
    bare = dataclasses.replace(
        hand,
        completions=tuple(dataclasses.replace(c, logprob_kind="none", tokens=()) for c in hand.completions),
    )
    assert carried(bare.comparison) == frozenset()
    section = view([bare.study])["use_cases"][0]["sections"][0]
    assert section["without_tokens"] == 0


def test_what_is_left_out_is_counted_and_said(hand: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempkit.report.answers.token_budget._BYTES_PER_TOKEN", 50)
    comparison: Comparison = with_tokens(hand, 2).comparison
    shown = carried(comparison, 400)
    made = study(comparison, hand.scored, (), hand._of, shown)
    section = view([made])["use_cases"][0]["sections"][0]
    left = [
        group["text"]
        for item in section["items"]
        for cell in item["cells"]
        for group in cell["groups"]
        if group["left_out"]
    ]
    assert sorted(left) == ["21", "8 and on and on", "80", "nine"]
    assert section["without_tokens"] == 4
