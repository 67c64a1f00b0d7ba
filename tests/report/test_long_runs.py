"""A run with more answers than a page can hold: those to its first questions are listed, and all are counted."""

import pytest
from report_sample import Run

from tempkit.analysis import Comparison
from tempkit.analysis.build import compare
from tempkit.report import render, study, view


def kept(hand: Run, most: int) -> Comparison:
    return compare(hand.facts, hand.plan, hand.infos, hand.completions, hand.failures, most_listed=most)


@pytest.mark.parametrize(
    ("most", "listed"),
    [(12, ["p/bits", "p/port"]), (11, ["p/bits"]), (6, ["p/bits"]), (1, ["p/bits"])],
)
def test_as_many_questions_are_listed_as_there_is_room_for_and_one_always(
    hand: Run, most: int, listed: list[str]
) -> None:
    (section,) = kept(hand, most).sections
    assert [row.item.key for row in section.listed] == listed
    assert [row.item.key for row in section.rows] == ["p/bits", "p/port"]


def test_what_is_not_listed_is_counted_all_the_same(hand: Run) -> None:
    whole, part = hand.comparison, kept(hand, 6)
    assert part.sections[0].levels == whole.sections[0].levels
    assert part.models == whole.models
    assert (part.completions, part.failed, part.pending) == (whole.completions, whole.failed, whole.pending)
    for one, other in zip(part.sections[0].rows, whole.sections[0].rows, strict=True):
        for cell, full in zip(one.cells, other.cells, strict=True):
            assert (cell.n, cell.planned, cell.pending) == (full.n, full.planned, full.pending)
            assert cell.failures == full.failures
    bits, port = part.sections[0].rows
    assert bits == whole.sections[0].rows[0]
    assert [(cell.groups, cell.unlisted) for cell in port.cells] == [((), 3), ((), 2)]


def test_the_page_says_how_many_are_not_listed_and_reads_no_tokens_of_theirs(hand: Run) -> None:
    asked = []

    def completions(item: str, model: str):  # type: ignore[no-untyped-def]
        asked.append(item)
        return hand._of(item, model)

    made = study(kept(hand, 6), hand.scored, hand.study.decisions, completions)
    assert asked == ["p/bits"]
    section = view([made])["use_cases"][0]["sections"][0]
    assert (section["unlisted"], len(section["items"])) == (1, 1)
    page = render([made])
    assert "those to 1 more question are counted in all tables and charts, and not listed here" in page
    assert "and not listed here" not in render([hand.study])
