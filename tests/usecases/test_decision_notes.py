"""Every note and every step that a decision can hold, and the data that make it."""

from collections.abc import Callable
from datetime import date
from typing import get_args

import numpy as np
import pytest
from deciding import (
    GRID,
    LOOP,
    NAN,
    SHARE,
    TOKEN_LIMIT,
    answered,
    codes,
    decided_by_policies,
    good,
    noisy,
    one_loop,
    profile,
    ruled,
    scores,
    section,
    spotless,
    steps,
    truncated_away,
)
from json_schemas import decisions_as_documented
from usecase_scores import table_of

from tempkit.decision.decide import decide
from tempkit.decision.plain_data import document
from tempkit.decision.profile import Guard
from tempkit.decision.prose import words
from tempkit.decision.result import Decision, NoteCode, StepCode
from tempkit.store import IMPORTED
from tempkit.types.reasons import Reason

NOTES: dict[str, tuple[Callable[[], Decision], dict[str, object]]] = {
    "no_values": (lambda: decide(section(), profile()), {"reasons": {SHARE: None}, "others": []}),
    "all_ruled_out": (
        lambda: decide(section(scores(good(items=40)), ruled((0, 1, 2))), profile(LOOP)),
        {"measures": ["loop"]},
    ),
    "floor": (lambda: decide(section(scores(np.zeros((9, 3, 2)))), profile()), {"value": 0.0}),
    "ceiling": (lambda: decide(section(scores(np.ones((9, 3, 2)))), profile()), {"value": 1.0}),
    "unscored": (
        lambda: decide(section(truncated_away()), profile()),
        {
            "missing": 90,
            "whole": 360,
            "share": 0.25,
            "reason": TOKEN_LIMIT,
            "truncated": True,
            "worst": 1.0,
            "worst_share": 0.75,
        },
    ),
    "stand_in": (
        lambda: decide(
            section(
                scores(np.full((6, 3, 4), NAN), missing={t: {TOKEN_LIMIT: 24} for t in GRID}),
                scores(good(items=6), "mine"),
            ),
            profile(primaries=(SHARE, "mine")),
        ),
        {
            "measure": SHARE,
            "used": "mine",
            "missing": 72,
            "whole": 72,
            "share": 1.0,
            "reason": TOKEN_LIMIT,
            "truncated": True,
        },
    ),
    "few_items": (lambda: decide(section(scores(good(items=4))), profile()), {"n": 4, "least": 5}),
    "one_temperature": (
        lambda: decide(section(table_of(good((0.5,)), temperatures=(0.7,))), profile()),
        {"temperature": 0.7},
    ),
    "outside_limits": (
        lambda: decide(section(scores(good(items=12)), one_loop()), profile(LOOP)),
        {"measure": "loop", "mean": pytest.approx(1 / 12), "limit": 0.05},
    ),
    "guard_unmeasured": (
        lambda: decide(section(scores(good())), profile(LOOP)),
        {"measure": "loop", "reason": Reason("not_measured")},
    ),
    "guard_open": (
        lambda: decide(section(scores(good(items=12)), spotless(12, 1)), profile(LOOP)),
        {"measure": "loop", "high": pytest.approx(0.2, abs=0.05), "limit": 0.05, "n": 12, "seen": False},
    ),
    "edge_high": (lambda: decide(section(scores(good((0.3, 0.5, 0.8)))), profile()), {"temperature": 1.0}),
    "edge_low": (lambda: decide(section(scores(good((0.8, 0.5, 0.3)))), profile()), {"temperature": 0.3}),
    "not_applicable": (lambda: decide(section(scores(good()), items=40), profile()), {"n": 30, "items": 40}),
    "no_noise_estimate": (
        lambda: decide(section(scores(good(items=4, replicates=1))), profile()),
        {"replicates": 1},
    ),
    "policy_differs": (
        lambda: decided_by_policies("single", "best-of:5"),
        {"policy": "best-of:5", "pick": 0.7},
    ),
    "temperature_ignored": (
        lambda: decide(section(scores(good()), ignores_temperature=True), profile()),
        {},
    ),
    "another_model": (
        lambda: answered({"gpt-4.1": {0.3: 20, 0.7: 20}, "gpt-5": {0.3: 2, 0.7: 2}}),
        {
            "asked": "gpt-4.1",
            "names": ["gpt-5"],
            "more": 0,
            "n": 4,
            "whole": 44,
            "share": 4 / 44,
            "ignoring": ["gpt-5"],
        },
    ),
    "changed_with_temperature": (
        lambda: answered({"gpt-4.1": {0.3: 20}, "gpt-4.1-2026-02-01": {0.7: 20, 1.0: 0}}),
        {
            "by": "name",
            "by_address": False,
            "parts": [
                {"name": "gpt-4.1", "n": 20, "temperatures": [{"temperature": 0.3, "n": 20}]},
                {"name": "gpt-4.1-2026-02-01", "n": 20, "temperatures": [{"temperature": 0.7, "n": 20}]},
            ],
            "more": 0,
        },
    ),
    "changed_in_run": (
        lambda: answered({f"gpt-4.1-2026-02-0{day}": {0.3: 10 - day, 0.7: 10 - day} for day in range(1, 6)}),
        {
            "by": "name",
            "by_address": False,
            "parts": [
                {
                    "name": f"gpt-4.1-2026-02-0{day}",
                    "n": 20 - 2 * day,
                    "temperatures": [{"temperature": t, "n": 10 - day} for t in (0.3, 0.7)],
                }
                for day in range(1, 4)
            ],
            "more": 2,
        },
    ),
    "shutdown": (
        lambda: decide(section(scores(good()), ends=date(2027, 1, 14)), profile()),
        {"date": "2027-01-14"},
    ),
}
"""What makes each note, and what it then holds."""


@pytest.mark.parametrize("code", get_args(NoteCode))
def test_every_note_is_made_by_some_data(code: str) -> None:
    make, data = NOTES[code]
    found = make()
    assert [dict(note.data) for note in found.notes if note.code == code] == [data]
    assert words(found, "my run").verdict
    assert decisions_as_documented(document([found]))[0]["notes"]


@pytest.mark.parametrize("code", get_args(NoteCode))
def test_clear_data_make_none(code: str) -> None:
    array = good((0.5, 0.7, 0.6), items=80)
    found = decide(section(scores(array), spotless()), profile(LOOP, policies=("single", "best-of:2")))
    assert code not in codes(found)
    assert found.grade == "shown"
    assert found.next == ()


STEPS: dict[str, tuple[Callable[[], Decision], Callable[[dict[str, object]], bool]]] = {
    "raise_max_tokens": (
        lambda: decide(section(truncated_away(), max_tokens=96), profile()),
        lambda data: data == {"now": 96, "share": 0.25},
    ),
    "check_expected_answers": (NOTES["floor"][0], lambda data: data == {}),
    "ask_harder_questions": (NOTES["ceiling"][0], lambda data: data == {}),
    "add_checks": (NOTES["no_values"][0], lambda data: data == {}),
    "decide_by": (
        lambda: decide(section(scores(good(), "accuracy", version=IMPORTED)), profile(LOOP)),
        lambda data: data == {"measures": ["accuracy"]},
    ),
    "measure_guard": (
        lambda: decide(
            section(scores(good())), profile(Guard(measure="incoherence", limit=1.0, relative=True, why="x"))
        ),
        lambda data: data == {"measure": "incoherence", "reference": "gguf:smollm2"},
    ),
    "try_higher": (NOTES["edge_high"][0], lambda data: data == {"temperature": 1.0}),
    "try_lower": (NOTES["edge_low"][0], lambda data: data == {"temperature": 0.3}),
    "more_items": (
        lambda: decide(section(scores(noisy(8))), profile()),
        lambda data: data["at_least"] is False and 1 <= data["n"] < 2000,  # type: ignore[operator]
    ),
    "more_answers": (
        lambda: decide(section(scores(noisy(3, seed=3))), profile()),
        lambda data: 1 <= data["n"] <= 4 * 19,  # type: ignore[operator]
    ),
}
"""What makes each step, and whether it then holds what it should."""


@pytest.mark.parametrize("code", get_args(StepCode))
def test_every_step_is_made_by_some_data(code: str) -> None:
    make, right = STEPS[code]
    found = make()
    made = [dict(step.data) for step in found.next if step.code == code]
    assert made
    assert right(made[-1])
    assert words(found, "my run").next
    assert decisions_as_documented(document([found]))[0]["next"]


class TestNotesAndSteps:
    def test_a_temperature_that_was_truncated_away_is_not_compared(self) -> None:
        found = decide(section(truncated_away()), profile())
        assert found.at(1.0).place == "not_measured"
        assert found.placed("not_measured") == (1.0,)
        assert found.pick == 0.7
        # The highest was not judged, so nothing is said of going beyond it.
        assert "edge_high" not in codes(found)

    def test_other_reasons_for_missing_scores_ask_for_no_more_tokens(self) -> None:
        found = decide(section(truncated_away(reason=Reason("empty_answer"))), profile())
        assert "unscored" in codes(found)
        assert "raise_max_tokens" not in steps(found)

    def test_what_is_missing_beyond_a_cliff_is_nobodys_worry(self) -> None:
        found = decide(section(truncated_away(), ruled((2,))), profile(LOOP))
        assert found.at(1.0).place == "ruled_out"
        assert (found.cliff, found.floor) == (1.0, None)
        assert "unscored" not in codes(found)

    def test_a_floor_is_named_from_below(self) -> None:
        found = decide(section(scores(good(items=40)), ruled((0,))), profile(LOOP))
        assert (found.cliff, found.floor, found.pick) == (None, 0.3, 0.7)
        (guard,) = found.guardrails
        assert (guard.floor, guard.cliff, guard.ruled_out) == (0.3, None, (0.3,))

    def test_scores_from_elsewhere_are_not_to_be_measured(self) -> None:
        found = decide(section(scores(good(), "accuracy", version=IMPORTED)), profile(LOOP))
        assert steps(found) == ("decide_by",)
        assert "accuracy" in words(found, "my run").first[0]

    def test_few_items_are_to_be_at_least_five(self) -> None:
        found = decide(section(scores(noisy(3, seed=3))), profile())
        (step,) = [each.data for each in found.next if each.code == "more_items"]
        assert step == {"n": 2, "at_least": True, "typed": False, "limits": False}

    def test_where_only_the_limits_are_open_more_answers_are_not_asked_for(self) -> None:
        found = decide(section(scores(good(items=20)), spotless(20)), profile(LOOP, margin=0.2))
        assert found.regret_upper is not None
        assert (found.grade, found.regret_upper <= 0.2) == ("likely", True)
        (step,) = found.next
        assert (step.code, step.data["limits"]) == ("more_items", True)

    def test_without_any_whole_answer_the_limit_on_tokens_is_raised(self) -> None:
        nothing = scores(np.full((6, 3, 4), NAN), missing={t: {TOKEN_LIMIT: 24} for t in GRID})
        found = decide(section(nothing), profile())
        assert "raise_max_tokens" in steps(found)
        assert "add_checks" not in steps(found)

    def test_as_many_items_as_are_said_would_about_do(self) -> None:
        """Asked for n more in all, other questions of the same kind settle it in most cases."""
        wide = profile(margin=0.1)
        settled = 0
        for seed in range(20):
            few = decide(section(scores(noisy(8, seed=seed))), wide)
            more = [each.data["n"] for each in few.next if each.code == "more_items"]
            if not more or few.grade == "shown":
                settled += few.grade == "shown"
                continue
            many = noisy(8 + more[0], seed=100 + seed)
            settled += decide(section(scores(many)), wide).grade == "shown"
        assert settled >= 12

    @pytest.mark.parametrize("limit", [0.0, -1.0, 1.0, 1e-9])
    def test_a_limit_that_no_number_of_answers_can_show_asks_for_none(self, limit: float) -> None:
        guard = Guard(measure="loop", limit=limit, why="never")
        found = decide(section(scores(good(items=12)), spotless(12)), profile(guard))
        if limit < 1:
            assert "more_items" not in steps(found)
        assert words(found, "my run").verdict

    def test_a_settled_pick_needs_nothing(self) -> None:
        found = decide(section(scores(good(items=80)), spotless()), profile(LOOP))
        assert (found.grade, found.notes, found.next) == ("shown", (), ())

    def test_a_guard_rail_that_needs_no_reference_is_measured_without(self) -> None:
        found = decide(section(scores(good())), profile(LOOP))
        (step,) = [each.data for each in found.next if each.code == "measure_guard"]
        assert step == {"measure": "loop", "reference": None}

    def test_a_guard_rail_whose_values_contradict_its_name_has_their_unit(self) -> None:
        percentages = scores(np.full((6, 3, 4), 7.0), "loop", version=IMPORTED)
        found = decide(section(scores(good()), percentages), profile(LOOP))
        assert [each.unit for each in found.guardrails] == [""]
        assert [each.unit for each in decide(section(scores(good())), profile(LOOP)).guardrails] == ["share"]

    def test_a_relative_guard_rail_keeps_the_measures_own_means(self) -> None:
        array = np.zeros((40, 3, 4))
        array[:, :, 0] = 1
        array[:20, 2, 1] = 1
        guard = Guard(measure="loop", limit=0.05, relative=True, why="x")
        (found,) = decide(section(scores(good(items=40)), scores(array, "loop")), profile(guard)).guardrails
        assert [level.own_mean for level in found.levels] == pytest.approx([0.25, 0.25, 0.375])
        assert [level.mean for level in found.levels] == pytest.approx([0, 0, 0.125])

    def test_copies_of_an_answer_are_known_by_the_share_of_different_ones(self) -> None:
        def high(share: float) -> float:
            different = scores(np.full((12, 3, 1), share), "distinct_share")
            found = decide(section(scores(good(items=12)), spotless(12), different), profile(LOOP))
            level = found.guardrails[0].levels[0]
            assert level.high is not None
            return level.high

        assert high(1.0) < high(0.5) < high(0.25)
