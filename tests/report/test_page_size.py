"""A page stays small enough to be mailed and opened: with every answer's text, and tokens and markup as far as there is room."""

import pytest
from report_large import large_run
from report_sample import Run

from tempkit.report import render, view

BYTES = 2_000_000
"""Of a report on some 500 answers of 90 tokens."""


@pytest.fixture(scope="module")
def large() -> Run:
    return large_run(questions=13, repeat=4)


def test_a_report_of_five_hundred_answers_has_less_than_two_megabytes(large: Run) -> None:
    study = large.study
    page = render([study])
    assert len(page.encode()) < BYTES
    data = view([study])
    groups = [
        group
        for case in data["use_cases"]
        for section in case["sections"]
        for item in section["items"]
        for cell in item["cells"]
        for group in cell["groups"][:1]
    ]
    with_tokens = [group for group in groups if group["tokens"] is not None]
    assert len(with_tokens) > 0.9 * len(groups), (
        "the most frequent answer of nearly every cell has its tokens"
    )
    assert len(data["explorer"]["spots"]) >= 4
