"""Thoughts and ends of answers on the page: folded, short enough for a file, and in words."""

import dataclasses
from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.sync_api import expect
from report_sample import Run, completion

from tempkit.report import render, view
from tempkit.types import FinishReason, SampleKey

THOUGHT = "Is it <b>eight</b>? 8 bits, surely\u202e"
KEY = SampleKey("p/bits", "scripted:x", 1.0, 0)


def with_one(hand: Run, text: str, **changes: Any) -> Run:
    """Return the run with another answer to the first item at T = 1."""
    one = completion(KEY, text, **changes)
    return dataclasses.replace(hand, completions=(*(c for c in hand.completions if c.key != KEY), one))


def group(run: Run) -> dict[str, Any]:
    cell = view([run.study])["use_cases"][0]["sections"][0]["items"][0]["cells"][1]
    return next(each for each in cell["groups"] if 0 in each["replicates"])


def test_thoughts_are_beside_the_answer_and_in_nothing_that_is_scored(hand: Run) -> None:
    with_thoughts, without = with_one(hand, "nine!", thinking=THOUGHT), with_one(hand, "nine!")
    assert group(with_thoughts)["thoughts"] == {"text": THOUGHT, "more": 0}
    assert group(without)["thoughts"] is None
    assert {**group(with_thoughts), "thoughts": None} == group(without)
    assert group(with_one(hand, "nine!", thinking=" \n"))["thoughts"] is None


def test_long_thoughts_are_cut_and_the_rest_is_counted(hand: Run) -> None:
    found = group(with_one(hand, "nine!", thinking="ponder " * 10_000))["thoughts"]
    assert len(found["text"]) == 4000
    assert found["more"] == len(("ponder " * 10_000).strip()) - 4000


ENDS = {
    "stop": "",
    "length": "truncated",
    "content_filter": "cut by content filter",
    "refusal": "refusal",
    "tool_calls": "called a tool",
    "unstated": "ending not reported",
    "unknown": "may be incomplete",
}


@pytest.mark.parametrize("end", get_args(FinishReason))
def test_every_end_has_its_word_everywhere_on_the_page(end: FinishReason, hand: Run) -> None:
    run = with_one(hand, "Not for me.", finish=end)
    found = group(run)
    assert found["ending"] == ENDS[end]
    assert ("cut" in found["marks"]) is (end in ("length", "content_filter", "unknown"))
    assert ("missed" in found["marks"]) is (end not in ("length", "content_filter", "unknown"))
    assert "refusal" not in found["flags"]  # said once
    page = render([run.study])
    if ENDS[end]:
        assert ENDS[end] in page


@pytest.mark.parametrize("width", [1280, 400])
def test_thoughts_are_folded_and_open_without_reaching_out(
    hand: Run, tmp_path: Path, visit: Any, width: int
) -> None:
    path = tmp_path / "thoughts.html"
    long = f"{THOUGHT}\n" + "https://example.org/" + "x" * 400 + "\n" + "ponder " * 1000
    path.write_text(render([with_one(hand, "nine!", thinking=long).study]), encoding="utf-8")
    opened = visit(path, width=width)
    page = opened.page
    page.evaluate(
        "document.querySelectorAll('details:not(.thoughts)').forEach((each) => { each.open = true; })"
    )
    fold = page.locator(".thoughts").first
    expect(fold.locator("summary")).to_be_visible()
    expect(fold.locator(".thought")).not_to_be_visible()
    fold.locator("summary").press("Enter")
    expect(fold.locator(".thought")).to_be_visible()
    assert fold.locator(".thought b").count() == 0
    expect(fold.locator(".hidden-char").first).to_be_visible()
    expect(fold.locator(".hint")).to_contain_text("tempkit export RUN")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box, cell = fold.locator(".thought").bounding_box(), page.locator(".cell", has=fold).bounding_box()
    assert box is not None
    assert cell is not None
    assert box["x"] + box["width"] <= cell["x"] + cell["width"] + 1
