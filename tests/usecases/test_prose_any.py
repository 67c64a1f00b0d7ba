"""Whatever is decided has its words: every code a sentence, every decision that the type allows a card."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import pytest
from decisions_by_hand import NOTES, STEPS, decision, row, scope_decision
from hypothesis import given, settings
from hypothesis import strategies as st
from pretended_terminal import plain, terminal

from tempkit.cli.decision_output import print_decision
from tempkit.decision import shipped, use_case
from tempkit.decision.prose import (
    Words,
    between_models,
    between_use_cases,
    could_cost,
    grade_word,
    marks,
    place_word,
    words,
)
from tempkit.decision.result import (
    AtDefault,
    Decision,
    Effect,
    Grade,
    GuardLevel,
    GuardResult,
    Note,
    NoteCode,
    Place,
    PolicyPick,
    Rival,
    Scope,
    Step,
    StepCode,
    TemperatureResult,
    TrendResult,
)
from tempkit.i18n.languages import language
from tempkit.types.reasons import Reason, in_words

LANGUAGES = ("en", "es")
UNFILLED = re.compile(r"\b(nan|inf|None|null)\b|%\(|%%|  |\{|\}|\(\)|: [.;)]")


def sentences(said: Words) -> Iterator[str]:
    for part in (said.first, said.because, said.risk, said.next, said.more):
        yield from part


def texts(said: Words) -> Iterator[str]:
    yield from (said.verdict, said.grade, said.marks)
    yield from sentences(said)
    for command in said.commands:
        yield from (command.line, command.about)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("note", get_args(NoteCode))
def test_every_code_of_a_note_has_a_sentence_of_its_own(note: NoteCode, code: str) -> None:
    plain = decision(row(0.3, 0.5, 0.2, "open"), row(1.3, 0.5, 0.2, "open"), pick=0.3, grade="guess")
    with language(code):
        without = set(sentences(words(plain, "r")))
        added = set(sentences(words(replace(plain, notes=(NOTES[note],)), "r"))) - without
    assert len(added) == 1
    assert added.pop().endswith(".")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("step", get_args(StepCode))
def test_every_code_of_a_step_has_a_sentence_of_its_own(step: StepCode, code: str) -> None:
    plain = decision(row(0.3, 0.5, 0.2, "open"), row(1.3, 0.5, 0.2, "open"), pick=0.3, grade="guess")
    with language(code):
        (said,) = words(replace(plain, next=(STEPS[step],)), "r").next
    assert said.endswith(".")


def test_every_grade_and_place_has_its_word_in_every_language() -> None:
    for code in LANGUAGES:
        with language(code):
            assert len({grade_word(grade) for grade in get_args(Grade)}) == 4
            assert len({place_word(place) for place in get_args(Place)}) == 6
    assert [marks(grade) for grade in ("shown", "likely", "guess", "none")] == ["●●●", "●●○", "●○○", "○○○"]


def test_commands_name_the_run_whatever_it_is_called() -> None:
    found = decision(
        row(0.3, 0.5, 0.2, "open"),
        pick=0.3,
        grade="guess",
        next=(STEPS["more_answers"], STEPS["measure_guard"]),
    )
    lines = [command.line for command in words(found, "my run; rm -r").commands]
    assert lines == [
        "tempkit topup 'my run; rm -r' -n 8",
        "tempkit measure 'my run; rm -r' --reference gguf:smollm2",
    ]


numbers = st.floats(-1e9, 1e9, allow_nan=False)
amounts = st.floats(0, 1e9, allow_nan=False)
shares = st.floats(0, 1)
temperatures = st.floats(0, 2).map(lambda t: round(t, 3))
maybe_numbers, maybe_amounts, maybe_shares = st.none() | numbers, st.none() | amounts, st.none() | shares
counts = st.integers(0, 100_000)
units = st.sampled_from(["share", "nats", "ideas", "words", "count", "distance", "similarity", "ratio", ""])
reasons = st.none() | st.sampled_from(
    [Reason("token_limit"), Reason("no_facts"), in_words("somebody's own reason"), in_words("")]
)
measures = st.sampled_from(["fact_recall", "check_pass", "unique_ideas", "consensus", "loop", "accuracy"])
policies = st.sampled_from(["single", "best-of:5", "majority:3", "all-of:2"])


@st.composite
def rows(draw: Any) -> tuple[TemperatureResult, ...]:
    grid = sorted(draw(st.sets(temperatures, max_size=6)))
    return tuple(
        draw(
            st.builds(
                TemperatureResult,
                temperature=st.just(t),
                mean=maybe_numbers,
                low=maybe_numbers,
                high=maybe_numbers,
                regret_mean=maybe_amounts,
                regret_lower=maybe_amounts,
                regret_upper=maybe_amounts,
                place=st.sampled_from(get_args(Place)),
                n=counts,
                samples=counts,
                missing=counts,
                worst_mean=maybe_numbers,
                first_share=maybe_shares,
                inside_limits=st.none() | st.booleans(),
            )
        )
        for t in grid
    )


@st.composite
def guards(draw: Any, grid: list[float]) -> GuardResult:
    measured = draw(st.booleans())
    levels = tuple(
        GuardLevel(
            temperature=t,
            mean=draw(maybe_numbers),
            low=draw(maybe_numbers),
            high=draw(maybe_numbers),
            verdict=draw(st.sampled_from(["holds", "broken", "unknown"])),
            inside=draw(st.none() | st.booleans()),
            n=draw(counts),
        )
        for t in (grid if measured else [])
    )
    one_of = st.none() | (st.sampled_from(grid) if grid else st.none())
    return GuardResult(
        measure=draw(measures),
        unit=draw(units),
        limit=draw(numbers),
        worse=draw(st.sampled_from(["above", "below"])),
        relative=draw(st.booleans()),
        why="it must not",
        cliff=draw(one_of),
        floor=draw(one_of),
        levels=levels,
        ruled_out=tuple(t for t in grid if draw(st.booleans())),
        reason=None if measured else draw(reasons),
    )


model_names = st.sampled_from(["gpt-4.1-2025-04-14", "fp_1", "provider DeepInfra, fp_2", "<b>x</b>"])
parts = st.dictionaries(temperatures, st.integers(1, 4000), min_size=1, max_size=3).flatmap(
    lambda by: model_names.map(
        lambda name: {
            "name": name,
            "n": sum(by.values()),
            "temperatures": [{"temperature": t, "n": n} for t, n in by.items()],
        }
    )
)
changed = {
    "by": st.sampled_from(["name", "fingerprint"]),
    "by_address": st.booleans(),
    "parts": st.lists(parts, min_size=2, max_size=3),
    "more": counts,
}

DATA: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "no_values": {
        "reasons": st.dictionaries(measures, reasons, max_size=3),
        "others": st.lists(measures, max_size=2),
    },
    "all_ruled_out": {"measures": st.lists(measures, max_size=3)},
    "floor": {"value": numbers},
    "ceiling": {"value": numbers},
    "unscored": {
        "missing": counts,
        "whole": counts,
        "share": shares,
        "reason": reasons,
        "truncated": st.booleans(),
        "worst": temperatures,
        "worst_share": shares,
    },
    "stand_in": {
        "measure": measures,
        "used": measures,
        "missing": counts,
        "whole": counts,
        "share": shares,
        "reason": reasons,
        "truncated": st.booleans(),
    },
    "few_items": {"n": counts, "least": st.just(5)},
    "one_temperature": {"temperature": temperatures},
    "outside_limits": {"measure": measures, "mean": numbers, "limit": numbers},
    "guard_unmeasured": {"measure": measures, "reason": reasons},
    "guard_open": {
        "measure": measures,
        "high": maybe_numbers,
        "limit": numbers,
        "n": counts,
        "seen": st.booleans(),
    },
    "edge_high": {"temperature": temperatures},
    "edge_low": {"temperature": temperatures},
    "not_applicable": {"n": counts, "items": counts},
    "no_noise_estimate": {"replicates": counts},
    "policy_differs": {"policy": policies, "pick": st.none() | temperatures},
    "temperature_ignored": {},
    "another_model": {
        "asked": model_names,
        "names": st.lists(model_names, min_size=1, max_size=3),
        "more": counts,
        "n": st.integers(1, 40),
        "whole": st.integers(40, 4000),
        "share": shares,
        "ignoring": st.lists(model_names, max_size=2),
    },
    "changed_with_temperature": changed,
    "changed_in_run": changed,
    "shutdown": {"date": st.dates().map(str)},
    "raise_max_tokens": {"now": st.none() | st.integers(1, 10**6), "share": shares},
    "check_expected_answers": {},
    "ask_harder_questions": {},
    "add_checks": {},
    "decide_by": {"measures": st.lists(measures, min_size=1, max_size=2)},
    "measure_guard": {"measure": measures, "reference": st.none() | st.just("gguf:smollm2")},
    "try_higher": {"temperature": temperatures},
    "try_lower": {"temperature": temperatures},
    "more_items": {"n": counts, "at_least": st.booleans(), "typed": st.booleans(), "limits": st.booleans()},
    "more_answers": {"n": counts},
}
"""What the values of each code can be, as `decision.py` says it."""


def coded(kind: type[Note] | type[Step], codes: tuple[str, ...]) -> st.SearchStrategy[Any]:
    one = st.sampled_from(codes).flatmap(
        lambda code: st.fixed_dictionaries(DATA[code]).map(lambda data: kind(code=code, data=data))  # type: ignore[arg-type]
    )
    return st.lists(one, max_size=4).map(tuple)


rivals = st.builds(
    Rival,
    model=st.sampled_from(["a:big", "b:small"]),
    pick=st.none() | temperatures,
    difference=numbers,
    low=maybe_numbers,
    high=maybe_numbers,
    verdict=st.sampled_from(["better", "worse", "alike", "unknown"]),
    n=counts,
)


@st.composite
def decisions(draw: Any, *, variety: bool = True) -> Decision:
    found = draw(rows())
    grid = [each.temperature for each in found]
    pick = draw(st.sampled_from(grid)) if grid and draw(st.booleans()) else None
    scope: Scope = draw(st.sampled_from(get_args(Scope)))
    other: Scope = "these_items" if scope == "items_like_these" else "items_like_these"
    profile = use_case(draw(st.sampled_from(sorted(shipped()))))
    made = decision(
        *found,
        pick=pick,
        grade=draw(st.sampled_from(get_args(Grade))),
        effect=draw(st.sampled_from(get_args(Effect))),
        use_case=profile,
        measure=draw(st.none() | measures),
        unit=draw(units),
        margin=draw(st.floats(1e-6, 1e6)),
        higher_is_better=draw(st.booleans()),
        p_within=draw(maybe_shares),
        scope=scope,
        items=draw(counts),
        other=draw(
            st.none()
            | st.builds(
                scope_decision,
                st.just(other),
                pick=st.none() | temperatures,
                grade=st.sampled_from(get_args(Grade)),
                regret_upper=maybe_amounts,
            )
        ),
        looks=draw(st.integers(1, 8)),
        policy=draw(policies),
        guardrails=tuple(draw(st.lists(guards(grid), max_size=3))),
        cliff=draw(st.none() | temperatures),
        floor=draw(st.none() | temperatures),
        notes=draw(coded(Note, get_args(NoteCode))),
        next=draw(coded(Step, get_args(StepCode))),
        policies=tuple(
            draw(
                st.lists(
                    st.builds(
                        PolicyPick,
                        policy=policies,
                        pick=st.none() | temperatures,
                        grade=st.sampled_from(get_args(Grade)),
                        regret_upper=maybe_amounts,
                    ),
                    max_size=2,
                )
            )
        ),
        trend=draw(
            st.none()
            | st.builds(
                TrendResult,
                slope=maybe_numbers,
                low=maybe_numbers,
                high=maybe_numbers,
                rank_correlation=maybe_shares,
                p_value=maybe_shares,
                items=counts,
            )
        ),
        at_default=draw(
            st.none() | st.builds(AtDefault, temperature=st.just(1.0), loss=numbers, loss_upper=maybe_amounts)
        ),
        priors=profile.prior,
        start=draw(st.none() | temperatures),
        rivals=tuple(draw(st.lists(rivals, max_size=2))),
    )
    return replace(made, variety=draw(st.none() | decisions(variety=False))) if variety else made


@settings(max_examples=100, deadline=None)
@given(found=decisions(), code=st.sampled_from(LANGUAGES))
def test_any_decision_can_be_said(found: Decision, code: str) -> None:
    with language(code):
        said = words(found, "run")
        cells = [could_cost(each, found.unit) for each in found.temperatures]
    for text in (*texts(said), *cells):
        assert not UNFILLED.search(text), text
        assert text == text.strip()
    for sentence in sentences(said):
        assert sentence.endswith("."), sentence
        assert ".." not in sentence, sentence
        assert not sentence[0].islower() or sentence.startswith("accuracy"), sentence
    assert said.verdict
    assert not said.verdict.endswith(".")


@settings(max_examples=50, deadline=None)
@given(found=decisions(), code=st.sampled_from(LANGUAGES), columns=st.sampled_from([None, 80, 60, 40]))
def test_any_decision_can_be_printed(found: Decision, code: str, columns: int | None) -> None:
    with language(code), terminal(columns) as out:
        print_decision(found, "run")
    text = plain(out)
    assert words(found, "run").verdict[:12] in text or code != "en"
    assert not re.search(r"\b(nan|inf|None)\b|…", text)


@settings(max_examples=50, deadline=None)
@given(found=st.lists(decisions(variety=False), max_size=3), code=st.sampled_from(LANGUAGES))
def test_any_use_cases_and_models_can_be_compared(found: list[Decision], code: str) -> None:
    with language(code):
        for sentence in (*between_use_cases(found), *between_models(found)):
            assert sentence.endswith(".")
            assert not UNFILLED.search(sentence), sentence


@pytest.mark.parametrize("unit", ["share", "ideas", "nats", "distance", ""])
def test_a_bound_on_regret_is_never_said_to_be_nothing_unless_it_is(unit: str) -> None:
    for upper in (1e-7, 1e-4, 0.004, 0.049, 0.0501, 3.0):
        (cost, *_rest) = words(
            decision(
                row(0.0, 0.5, upper, "open"), row(1.0, 0.5, upper, "open"), pick=0.0, grade="guess", unit=unit
            ),
            "r",
        ).risk
        (said,) = re.findall(r"At most ([\d.e−]+)", cost)
        number = float(said.replace("−", "-")) / (100 if unit == "share" else 1)
        assert number > 0
        assert number >= upper or math.isclose(number, upper, rel_tol=0.01)
