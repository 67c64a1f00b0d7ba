"""A decision on what was imported says nothing that only a run of our own could do: no model can be asked by it."""

import re
from dataclasses import replace
from typing import Literal

import pytest
from decisions_by_hand import NOTES, STEPS
from situations import SITUATIONS

from tempkit.decision.prose import Here, words
from tempkit.decision.result import Decision

# That another model answered than "was asked" is said of imported answers too: their columns name both.
OUR_OWN = re.compile(
    r"\brun again\b|--max-tokens|\bask(ed)?\b(?<!was asked)|\btopup\b|--resume|(^| )-t |prompt's data",
    re.IGNORECASE,
)
KINDS: tuple[Literal["answers", "scores"], ...] = ("answers", "scores")


def said(found: Decision) -> list[str]:
    made = words(found, Here("exam"))
    lines = [each.line for each in made.commands]
    return [made.verdict, *made.first, *made.because, *made.risk, *made.next, *made.more, *lines]


def imported(found: Decision, kind: Literal["answers", "scores"]) -> Decision:
    variety = None if found.variety is None else imported(found.variety, kind)
    return replace(found, imported=kind, variety=variety)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_situation_tells_to_ask_a_model(situation: str, kind: Literal["answers", "scores"]) -> None:
    assert [each for each in said(imported(SITUATIONS[situation], kind)) if OUR_OWN.search(each)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", STEPS)
def test_no_step_tells_to_ask_a_model(code: str, kind: Literal["answers", "scores"]) -> None:
    step = STEPS[code]
    every = [step] if code != "more_items" else [
        replace(step, data={**step.data, "n": n, "at_least": at_least, "limits": limits})
        for n in (1, 30)
        for at_least in (True, False)
        for limits in (True, False)
    ]  # fmt: skip
    for each in every:
        found = replace(SITUATIONS["edge"], notes=tuple(NOTES.values()), next=(each,), imported=kind)
        (sentence,) = words(found, Here("exam")).next
        assert not OUR_OWN.search(sentence)
        assert [line for line in said(found) if OUR_OWN.search(line)] == []
    assert any(OUR_OWN.search(line) for line in said(replace(SITUATIONS["likely"], imported=None)))


def test_a_table_of_scores_has_no_answers_to_read() -> None:
    floor = SITUATIONS["floor"]
    assert words(replace(floor, imported="answers"), "exam").commands[0].line == "tempkit report exam"
    assert words(replace(floor, imported="scores"), "exam").commands == ()


def test_what_lies_beyond_the_grid_is_never_only_its_edge() -> None:
    """0, 0.7, 1.4 go on with 2.1, which a computer may find a little more or less than 1.4 + 0.7."""
    edge = SITUATIONS["edge"]
    for grid in ((0.0, 0.7, 1.4), (0.1, 0.4, 0.7), (0.0, 1.0, 2.0), (0.0, 0.1, 0.2)):
        rows = tuple(replace(edge.temperatures[0], temperature=t) for t in grid)
        step = replace(STEPS["try_higher"], data={"temperature": grid[-1]})
        (own,) = words(replace(edge, temperatures=rows, next=(step,)), "r").next
        listed = own.partition("-t ")[2].rstrip(".").split(",")
        assert len(listed) > 1, own
        assert float(listed[0]) == grid[-1]
        (theirs,) = words(replace(edge, temperatures=rows, next=(step,), imported="scores"), "r").next
        assert all(t in theirs for t in listed[1:])
