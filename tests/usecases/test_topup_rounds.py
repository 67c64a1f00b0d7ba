"""Which samples a top-up draws: of temperatures that are still in the race, as many as the decision says, at most twice those there are."""

from dataclasses import replace

import pytest
from decisions_by_hand import MODEL, decision, row, step
from hypothesis import given
from hypothesis import strategies as st

from tempkit.analysis.tables import ScoredSection
from tempkit.decision.result import Decision
from tempkit.decision.topup import next_round
from tempkit.types import Item, ModelSpec, Plan, Prompt, SamplingParams, TopUp

PLACES = ("within", "open", "worse", "excluded", "ruled_out", "not_measured")
GRID = (0.0, 0.3, 0.6, 0.9, 1.2, 1.5)


def prompt(name: str, items: int) -> Prompt:
    return Prompt(
        name=name, items=tuple(Item(key=f"{name}/{i}", prompt=name, messages=()) for i in range(items))
    )


PROMPTS = (prompt("a", 3), prompt("b", 2))
SPEC = ModelSpec(backend="scripted", name="x", label=MODEL)
PLAN = Plan(
    name="p",
    prompts=PROMPTS,
    models=(SPEC,),
    temperatures=GRID,
    repeat=4,
    seed=0,
    sampling={each.name: SamplingParams() for each in PROMPTS},
)
SECTION = ScoredSection(use_case="brainstorming", prompts=PROMPTS, model=SPEC, tables=())


def found(*places: str, grade: str = "guess", **more: object) -> Decision:
    rows = [row(t, 1.0, 2.0, place) for t, place in zip(GRID, places, strict=False)]
    return decision(*rows, pick=0.0 if grade != "none" else None, grade=grade, **more)


def test_only_what_is_in_the_race_gets_more() -> None:
    made = next_round(PLAN, SECTION, found(*PLACES, next=(step("more_answers", n=3),)))
    (topup,) = made.topups
    assert topup == TopUp(model=MODEL, prompts=("a", "b"), temperatures=(0.0, 0.3, 0.6), repeat=7)
    assert made.samples == 5 * 3 * 3
    assert made.says == f"brainstorming on {MODEL}: 45 samples more, up to 7 per item at 0, 0.3, 0.6"


def test_an_estimate_is_taken_at_its_word_up_to_twice_what_is_there() -> None:
    made = next_round(PLAN, SECTION, found("within", "open", next=(step("more_answers", n=70),)))
    (topup,) = made.topups
    assert topup.repeat == 4 + 2 * 4


def test_a_number_asked_for_goes_before_the_estimate() -> None:
    for steps in (
        (),
        (step("more_answers", n=2),),
        (step("more_items", n=9, at_least=False, typed=False, limits=False),),
    ):
        made = next_round(PLAN, SECTION, found("within", "open", next=steps), 30)
        (topup,) = made.topups
        assert topup.repeat == 34


def test_what_an_earlier_top_up_drew_counts() -> None:
    before = TopUp(model=MODEL, prompts=("a", "b"), temperatures=(0.3,), repeat=10)
    plan = replace(PLAN, topups=(before,))
    made = next_round(plan, SECTION, found("within", "open", next=(step("more_answers", n=5),)))
    (topup,) = made.topups
    assert topup.repeat == 15
    assert made.samples == 5 * (11 + 5)


@pytest.mark.parametrize(
    ("decided", "says"),
    [
        (found("within", "excluded", grade="shown"), "settled already"),
        (
            found(
                "open", "open", next=(step("more_items", n=26, at_least=False, typed=False, limits=False),)
            ),
            "more answers to the same questions cannot settle it; about 26 more questions would: tempkit topup RUN --items 26",
        ),
        (
            found("open", "open", next=(step("more_items", n=1, at_least=True, typed=False, limits=False),)),
            "more answers to the same questions cannot settle it; about 1 more question would: tempkit topup RUN --items 1",
        ),
        (
            found("open", "open", next=(step("raise_max_tokens", now=96, share=0.5),)),
            "more answers would not help; see what to do first: tempkit recommend RUN",
        ),
        (
            found("ruled_out", "not_measured", grade="none", next=(step("more_answers", n=5),)),
            "nothing can be compared yet, so more answers would not help; see what to do first: tempkit recommend RUN",
        ),
    ],
)
def test_where_answers_would_not_help_it_says_what_would(decided: Decision, says: str) -> None:
    made = next_round(PLAN, SECTION, decided)
    assert (made.topups, made.samples) == ((), 0)
    assert made.says == f"brainstorming on {MODEL}: {says}"


def test_what_is_settled_gets_nothing_even_when_asked_for() -> None:
    assert next_round(PLAN, SECTION, found("within", grade="shown"), 5).topups == ()


def test_both_ends_of_a_card_get_what_each_needs() -> None:
    variety = found("excluded", "excluded", "within", "open", next=(step("more_answers", n=6),))
    steady = found("within", "open", "excluded", "excluded", next=(step("more_answers", n=2),))
    made = next_round(PLAN, SECTION, replace(steady, variety=variety))
    (topup,) = made.topups
    assert (topup.temperatures, topup.repeat) == ((0.0, 0.3, 0.6, 0.9), 10)
    settled = replace(steady, grade="shown", variety=variety)
    made = next_round(PLAN, SECTION, settled)
    (topup,) = made.topups
    assert topup.temperatures == (0.6, 0.9)


@given(
    st.lists(st.sampled_from(PLACES), min_size=1, max_size=6),
    st.sampled_from(["shown", "likely", "guess", "none"]),
    st.none() | st.integers(1, 500),
    st.none() | st.integers(1, 500),
)
def test_any_decision_has_a_round_that_fits_the_plan(
    places: list[str], grade: str, answers: int | None, more: int | None
) -> None:
    steps = () if answers is None else (step("more_answers", n=answers),)
    decided = found(*places, grade=grade, next=steps)
    made = next_round(PLAN, SECTION, decided, more)
    assert made.says.isprintable()
    if not made.topups:
        assert made.samples == 0
    else:
        out = {t for t, place in zip(GRID, places, strict=False) if place in PLACES[3:]}
        assert not out & {t for topup in made.topups for t in topup.temperatures}
        grown = replace(PLAN, topups=made.topups)
        assert grown.sample_count - PLAN.sample_count == made.samples > 0
