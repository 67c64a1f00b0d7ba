"""A decision as data and in words, whatever the scores: the names that programs rely on, and no number that is none."""

import json
import math
from dataclasses import fields
from typing import get_args

import numpy as np
from deciding import (
    LOOP,
    NAN,
    SHARE,
    TOKEN_LIMIT,
    good,
    profile,
    scores,
    section,
    spotless,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from json_schemas import decisions_as_documented
from usecase_scores import table_of

from tempkit.analysis.tables import ScoredSection, Table
from tempkit.decision import use_case
from tempkit.decision.decide import decide
from tempkit.decision.plain_data import document
from tempkit.decision.profile import Guard, UseCase
from tempkit.decision.prose import words
from tempkit.decision.result import Decision, Scope

PROMISED = {
    "use_case", "model", "measure", "unit", "margin", "level", "policy", "pick", "grade", "effect", "regret_upper",
    "regret_mean", "p_within", "scope", "scopes", "temperatures", "guardrails", "cliff", "floor", "next",
}  # fmt: skip
OF_A_TEMPERATURE = {"temperature", "mean", "low", "high", "regret_lower", "regret_upper", "place", "n"}
OF_A_SCOPE = {"pick", "grade", "effect", "regret_upper"}


def test_the_json_holds_the_names_that_programs_rely_on() -> None:
    (found,) = json.loads(document([decide(section(scores(good()), spotless(30)), profile(LOOP))]))
    assert found.keys() >= PROMISED
    assert set(found["scopes"]) == {"these_items", "items_like_these"}
    assert all(each.keys() >= OF_A_SCOPE for each in found["scopes"].values())
    assert all(each.keys() >= OF_A_TEMPERATURE for each in found["temperatures"])
    assert "profile" not in found
    assert found.keys() - {"title"} == {each.name for each in fields(Decision)} - {"profile", "against_pick"}


@st.composite
def sections(draw: st.DrawFn) -> ScoredSection:
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    items, columns, replicates = draw(st.integers(0, 7)), draw(st.integers(1, 4)), draw(st.integers(1, 6))
    grid = tuple(0.5 * column for column in range(columns))

    def table(measure: str) -> Table:
        shape = (items, columns, 1 if measure in ("consensus", "cosine_distance") else replicates)
        kind = draw(st.sampled_from(["right", "equal", "one odd", "any"]))
        array = {
            "right": lambda: (rng.random(shape) < 0.5).astype(float),
            "equal": lambda: np.full(shape, draw(st.sampled_from([0.0, 1.0, 0.25]))),
            "one odd": lambda: (np.arange(math.prod(shape)).reshape(shape) != 1).astype(float),
            "any": lambda: rng.normal(size=shape) * draw(st.sampled_from([1.0, 1e99, 1e-99])),
        }[kind]()
        array[rng.random(shape) < draw(st.sampled_from([0.0, 0.2, 0.9]))] = NAN
        lost = {
            t: {TOKEN_LIMIT: int(n)} for t, n in zip(grid, np.isnan(array).sum(axis=(0, 2)), strict=True) if n
        }
        return table_of(array, measure=measure, temperatures=grid, missing=lost)

    names = (SHARE, "check_pass", "consensus", "cosine_distance", "loop", "truncated", "distinct_share")
    measures = draw(st.lists(st.sampled_from(names), unique=True))
    return section(
        *map(table, measures), looks=draw(st.integers(1, 9)), max_tokens=draw(st.sampled_from([None, 64]))
    )


PROFILES = (
    profile(LOOP, policies=("single", "best-of:2", "majority:3")),
    profile(
        Guard(measure="truncated", limit=0.0, relative=True, why="x"),
        primaries=("check_pass", SHARE),
        tie="highest",
    ),
)


@settings(max_examples=80)
@given(
    sections(),
    st.sampled_from([*PROFILES, "general", "extraction", "brainstorming"]),
    st.sampled_from(get_args(Scope)),
)
def test_any_scores_are_decided_in_words_and_without_a_nan(
    given_section: ScoredSection, asked: UseCase | str, scope: Scope
) -> None:
    found = decide(given_section, use_case(asked) if isinstance(asked, str) else asked, scope=scope)
    text = document([found])  # raises where a number is none
    decisions_as_documented(text)
    assert json.loads(text)[0]["grade"] in ("shown", "likely", "guess", "none")
    said = words(found, "my run")
    everything = " ".join([said.verdict, *said.first, *said.because, *said.risk, *said.next, *said.more])
    assert not {"nan", "inf", "None"} & set(everything.replace("(", " ").replace(")", " ").split())
    for each in (found, *([] if found.variety is None else [found.variety])):
        assert each.pick is None or each.pick in [row.temperature for row in each.temperatures]
        assert (each.grade == "none") or each.pick is not None
        for of in each.scopes.values():
            for standing in of.standings:
                if standing.regret_upper is not None and standing.regret_lower is not None:
                    assert 0 <= standing.regret_lower <= standing.regret_upper
