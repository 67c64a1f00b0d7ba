"""From scores to a decision: which measure and which answers it is made of, and every note and step that it can hold."""

import json
import math
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usecase_scores import clustered, section_of, table_of

from tempkit.analysis import load_tables
from tempkit.analysis.tables import ScoredSection, Table
from tempkit.decision import use_case
from tempkit.decision.decide import decide
from tempkit.decision.error_budget import level_at
from tempkit.decision.plain_data import as_data, document
from tempkit.decision.profile import Guard, Primary, Prior, Tie, UseCase
from tempkit.decision.prose import words
from tempkit.decision.result import Decision, NoteCode, Scope, StepCode
from tempkit.decision.rule import Limit, judge
from tempkit.decision.run import decide_run
from tempkit.errors import UsageError
from tempkit.running import Answerer, Answerers
from tempkit.statistics.policies import Policy
from tempkit.store import IMPORTED, Store
from tempkit.types import Item, ModelInfo, ModelSpec, Plan, Prompt, SamplingParams
from tempkit.types.reasons import Reason

TOKEN_LIMIT = Reason("token_limit")

NAN = math.nan
SHARE = "fact_recall"
GRID = (0.3, 0.7, 1.0)


def profile(
    *guards: Guard,
    primaries: tuple[str, ...] = (SHARE,),
    margin: float = 0.05,
    tie: Tie = "lowest",
    policies: tuple[str, ...] = ("single",),
    **more: object,
) -> UseCase:
    return UseCase(
        name="mine",
        title="Mine",
        wants="That it is good.",
        why="Because.",
        tie=tie,
        tie_why="why not",
        primary=tuple(Primary(measure=each, margin=margin, why="it matters") for each in primaries),
        guard=guards,
        policies=policies,
        **more,  # type: ignore[arg-type]
    )


LOOP = Guard(measure="loop", limit=0.05, why="nobody wants it")


def section(*tables: Table, items: int | None = None, **more: object) -> ScoredSection:
    """Return a section of one prompt with as many items as its largest table, or `items`."""
    count = items if items is not None else max((len(table.items) for table in tables), default=0)
    prompt = Prompt(
        name="facts",
        use_case="mine",
        items=tuple(Item(key=f"item-{i}", prompt="facts", messages=()) for i in range(count)),
    )
    return replace(section_of(*tables, use_case="mine"), prompts=(prompt,), **more)


def scores(array: object, measure: str = SHARE, **more: object) -> Table:
    return table_of(array, measure=measure, temperatures=GRID, **more)


def good(
    means: object = (0.5, 0.7, 0.6), *, seed: int = 1, items: int = 30, replicates: int = 4
) -> np.ndarray:
    """Return scores from 0 to 1 whose means are known, items differing in difficulty."""
    made = clustered(np.random.default_rng(seed), means, items=items, replicates=replicates)
    return np.clip(made, 0, 1)


def noisy(items: int, *, replicates: int = 4, seed: int = 1) -> np.ndarray:
    """Return scores from which little can be told yet: temperatures suit some items more than others, and answers differ."""
    rng = np.random.default_rng(seed)
    made = clustered(
        rng, (0.5, 0.52, 0.5), items=items, replicates=replicates, interaction_sd=0.05, noise_sd=0.2
    )
    return np.clip(made, 0, 1)


def spotless(items: int = 80, replicates: int = 4) -> Table:
    return scores(np.zeros((items, 3, replicates)), "loop")


def codes(found: Decision) -> tuple[str, ...]:
    return tuple(each.code for each in found.notes)


def steps(found: Decision) -> tuple[str, ...]:
    return tuple(each.code for each in found.next)


class TestWhatDecides:
    def test_the_figures_are_those_of_the_rule(self) -> None:
        table, loops = scores(good()), scores(np.zeros((30, 3, 4)), "loop")
        found = decide(section(table, loops), profile(LOOP))
        limit = Limit(values=loops.values, limit=0.05, worse_above=True)
        for scope in get_args(Scope):
            made = judge(
                table.values, (limit,), margin=0.05, higher_is_better=True, tie="lowest", scope=scope
            )
            of = found.scopes[scope]
            assert of.pick == GRID[made.pick]
            assert (of.grade, of.effect, of.n, of.p_within) == (
                made.grade,
                made.effect,
                made.n,
                made.p_within,
            )
            assert [each.regret_upper for each in of.standings] == made.upper.tolist()
            assert [each.regret_lower for each in of.standings] == made.lower.tolist()
            assert [each.regret_mean for each in of.standings] == made.mean.tolist()
            assert [each.place for each in of.standings] == list(made.places)
        top = found.graded
        assert (found.pick, found.grade, found.effect) == (top.pick, top.grade, top.effect)
        assert (found.regret_upper, found.regret_mean) == (top.regret_upper, top.regret_mean)
        assert found.at(0.7).regret_upper == found.regret_upper
        assert [row.mean for row in found.temperatures] == pytest.approx(list(table.values.temperature_means))
        assert [(row.n, row.samples, row.missing) for row in found.temperatures] == [(30, 120, 0)] * 3
        assert sum(row.first_share for row in found.temperatures) == pytest.approx(1)

    def test_the_first_measure_that_can_compare_does(self) -> None:
        one = scores(np.where(np.arange(3)[:, np.newaxis] == 1, good(), NAN), "check_pass")
        both = profile(primaries=("check_pass", SHARE))
        assert decide(section(one, scores(good())), both).measure == SHARE
        assert decide(section(scores(good(), "check_pass"), scores(good())), both).measure == "check_pass"
        assert decide(section(one), both).measure == "check_pass"
        assert decide(section(), both).measure is None

    def test_lower_is_better_where_the_measure_or_the_use_case_says_so(self) -> None:
        table = scores(good(), "truncated")
        assert decide(section(table), profile(primaries=("truncated",))).pick == 0.3
        upwards = replace_direction(profile(primaries=("truncated",)), "higher")
        found = decide(section(table), upwards)
        assert (found.pick, found.higher_is_better) == (0.7, True)

    def test_what_is_lost_by_leaving_the_temperature_at_one(self) -> None:
        found = decide(section(scores(good())), profile())
        assert found.at_default is not None
        assert found.at_default.loss == pytest.approx(found.at(0.7).mean - found.at(1.0).mean)
        assert found.at_default.loss_upper == found.at(1.0).regret_upper
        assert decide(section(scores(good((0.5, 0.6, 0.9)))), profile()).at_default is None

    def test_where_others_started_is_named_and_decides_nothing(self) -> None:
        prior = Prior(says="so it was", source="elsewhere", temperatures=(0.4,), start=True)
        empty = decide(section(), profile(prior=(prior,)))
        assert (empty.pick, empty.start, empty.grade) == (None, 0.4, "none")
        assert decide(section(scores(good())), profile(prior=(prior,))).pick == 0.7

    def test_missing_values_count_as_the_worst_in_a_mean_of_its_own(self) -> None:
        array = good()
        array[:, 1, :1] = NAN
        table = scores(array, missing={0.7: {TOKEN_LIMIT: 30}})
        row = decide(section(table), profile()).at(0.7)
        assert (row.samples, row.missing) == (90, 30)
        assert row.worst_mean == pytest.approx(np.nansum(array[:, 1]) / 120)
        assert decide(section(table), profile()).at(0.3).worst_mean is None


def replace_direction(given_profile: UseCase, direction: str) -> UseCase:
    primary = tuple(
        Primary(measure=each.measure, margin=each.margin, why=each.why, direction=direction)  # type: ignore[arg-type]
        for each in given_profile.primary
    )
    return profile(primaries=(SHARE,)).__class__(
        **{f: getattr(given_profile, f) for f in given_profile.__struct_fields__} | {"primary": primary}
    )


class TestScopes:
    @pytest.mark.parametrize(("items", "scope"), [(4, "these_items"), (5, "items_like_these")])
    def test_items_like_these_grade_from_five_of_them_on(self, items: int, scope: Scope) -> None:
        found = decide(section(scores(good(items=items))), profile())
        assert found.scope == scope
        assert set(found.scopes) == set(get_args(Scope))
        assert (found.scopes["items_like_these"].grade == "none") == (items < 5)

    def test_one_that_is_asked_for_grades_whatever_there_is(self) -> None:
        table = scores(good(items=3))
        for scope in get_args(Scope):
            found = decide(section(table), profile(), scope=scope)
            assert found.scope == scope
            assert found.graded == found.scopes[scope]
        one, other = (decide(section(scores(noisy(12))), profile(), scope=each) for each in get_args(Scope))
        assert one.scopes == other.scopes
        assert one.regret_upper != other.regret_upper


class TestLooks:
    def test_a_later_look_asks_for_more(self) -> None:
        first, third = (decide(section(scores(good()), looks=look), profile()) for look in (1, 3))
        assert (first.looks, third.looks) == (1, 3)
        assert (first.level, third.level) == (level_at(1), level_at(3))
        assert third.level > first.level
        for one, other in zip(first.temperatures, third.temperatures, strict=True):
            assert other.regret_upper > one.regret_upper or one.regret_upper == 0
            assert other.regret_lower <= one.regret_lower


class TestPolicies:
    """Steady answers that are right for three questions of five, and answers of any question that are right every other time."""

    STEADY = np.repeat((np.arange(20) % 5 < 3).astype(float)[:, np.newaxis], 8, axis=1)
    VARIED = np.tile((np.arange(8) % 2).astype(float), (20, 1))
    ARRAY = np.stack([STEADY, VARIED, VARIED * 0], axis=1)

    def decided(self, *policies: str, policy: str | None = None) -> Decision:
        asked = None if policy is None else Policy.parse(policy)
        return decide(section(scores(self.ARRAY)), profile(policies=policies or ("single",)), policy=asked)

    def test_whoever_keeps_the_best_of_five_wants_them_to_differ(self) -> None:
        assert (self.decided().pick, self.decided().policy) == (0.3, "single")
        found = self.decided(policy="best-of:5")
        assert (found.pick, found.policy) == (0.7, "best-of:5")
        # Of 8 answers, 4 of them right, five hold none that is right in no case.
        assert found.at(0.7).mean == pytest.approx(1)
        assert found.at(0.3).mean == pytest.approx(0.6)
        assert self.decided(policy="all-of:5").pick == 0.3

    def test_the_first_way_that_a_use_case_names_decides_and_the_others_are_shown(self) -> None:
        found = self.decided("single", "best-of:5", "all-of:5")
        assert (found.policy, found.pick) == ("single", 0.3)
        assert [(each.policy, each.pick) for each in found.policies] == [
            ("best-of:5", 0.7),
            ("all-of:5", 0.3),
        ]
        differing = [note.data for note in found.notes if note.code == "policy_differs"]
        assert differing == [{"policy": "best-of:5", "pick": 0.7}]
        found = self.decided("best-of:5", "single")
        assert (found.policy, found.pick) == ("best-of:5", 0.7)

    def test_ways_that_the_answers_cannot_be_used_in_are_left_out(self) -> None:
        """Too few answers for one, and no right or wrong ones for another: nobody typed them, so nobody is refused."""
        table = scores(good())
        found = decide(section(table), profile(policies=("best-of:9", "majority:3", "best-of:2", "single")))
        assert found.policy == "best-of:2"
        assert [each.policy for each in found.policies] == ["single"]

    def test_what_is_asked_for_and_cannot_be_is_refused(self) -> None:
        with pytest.raises(UsageError, match="majority:3 needs values that are all 0 or 1"):
            decide(section(scores(good())), profile(), policy=Policy.parse("majority:3"))
        cells = scores(good(replicates=1), "unique_ideas")
        with pytest.raises(
            UsageError, match="one value for all answers to a question, so best-of:3 cannot be asked"
        ):
            decide(section(cells), profile(primaries=("unique_ideas",)), policy=Policy.parse("best-of:3"))
        one = decide(section(cells), profile(primaries=("unique_ideas",), policies=("best-of:2", "single")))
        assert (one.policy, one.policies) == ("single", ())
        assert (
            decide(section(cells), profile(primaries=("unique_ideas",)), policy=Policy()).policy == "single"
        )

    @pytest.mark.parametrize(("value", "code"), [(0.0, "floor"), (1.0, "ceiling")])
    @pytest.mark.parametrize("policy", ["single", "best-of:5", "all-of:8", "majority:3"])
    def test_floor_and_ceiling_are_seen_however_answers_are_used(
        self, policy: str, value: float, code: str
    ) -> None:
        table = scores(np.full((20, 3, 8), value))
        found = decide(section(table), profile(), policy=Policy.parse(policy))
        assert codes(found)[0] == code
        if code == "floor":
            assert {each.grade for each in found.scopes.values()} == {"none"}

    def test_more_answers_are_counted_as_answers(self) -> None:
        """Four of four are used at once, which makes one value of four: more of them are four times as many answers."""
        rng = np.random.default_rng(3)
        array = (rng.random((6, 3, 4)) < rng.uniform(0.3, 0.9, (6, 1, 1))).astype(float)
        wide = profile(margin=0.2)
        for scope in get_args(Scope):
            found = decide(section(scores(array)), wide, policy=Policy.parse("all-of:4"), scope=scope)
            more = [step.data["n"] for step in found.next if step.code == "more_answers"]
            assert all(n >= 2 for n in more)


class TestVariety:
    def test_the_other_end_is_a_decision_of_its_own(self) -> None:
        agree = scores(good((0.9, 0.6, 0.3), replicates=1), "consensus")
        apart = scores(good((0.1, 0.4, 0.7), replicates=1), "cosine_distance")
        found = decide(section(agree, apart), use_case("general"))
        assert (found.measure, found.pick) == ("consensus", 0.3)
        assert found.variety is not None
        assert (found.variety.measure, found.variety.pick, found.variety.variety) == (
            "cosine_distance",
            1.0,
            None,
        )
        assert as_data(found)["variety"]["pick"] == 1.0

    def test_nobody_asks_for_it_elsewhere(self) -> None:
        assert decide(section(scores(good())), profile()).variety is None


def truncated_away(*, temperature: float = 1.0, share: float = 0.75, reason: Reason = TOKEN_LIMIT) -> Table:
    array = good()
    lost = round(4 * share)
    array[:, GRID.index(temperature), :lost] = NAN
    return scores(array, missing={temperature: {reason: 30 * lost}})


def ruled(at: tuple[int, ...], items: int = 40, bad: float = 1.0) -> Table:
    array = np.zeros((items, 3, 4))
    array[:, list(at)] = bad
    return scores(array, "loop")


def one_loop(items: int = 12) -> Table:
    """Return one loop at every temperature: beyond a twentieth, not shown to be."""
    array = np.zeros((items, 3, 1))
    array[0] = 1
    return scores(array, "loop")


def answered(by: dict[str, dict[float, int]]) -> Decision:
    """Decide where the temperature is as clear as can be, with answers by these names."""
    seen = Answerers(ModelSpec(backend="openai", name="gpt-4.1", label="m"))
    for name, counts in by.items():
        for temperature, n in counts.items():
            seen.add(Answerer(name), temperature, n)
    return decide(section(scores(good()), answerers=seen), profile())


@pytest.mark.parametrize(
    ("by", "grade"),
    [
        ({"gpt-4.1": {0.3: 20, 0.7: 20}}, "shown"),
        ({"gpt-4.1": {0.3: 20, 0.7: 20}, "gpt-4o": {0.3: 1, 0.7: 1}}, "shown"),  # 2 of 42
        ({"gpt-4.1": {0.3: 20, 0.7: 20}, "gpt-4o": {0.3: 2, 0.7: 1}}, "likely"),  # 3 of 43
        ({"gpt-4o": {0.3: 20, 0.7: 20}}, "likely"),
        ({"gpt-4.1": {0.3: 20, 0.7: 20}, "gpt-4.1-2026-02-01": {0.3: 20, 0.7: 20}}, "shown"),
        ({"gpt-4.1": {0.3: 20}, "gpt-4.1-2026-02-01": {0.7: 20}}, "guess"),
        ({"gpt-4.1": {0.3: 20}, "gpt-4o": {0.7: 20}}, "guess"),
    ],
)
def test_whose_answers_they_are_bounds_how_well_a_pick_is_shown(
    by: dict[str, dict[float, int]], grade: str
) -> None:
    found = answered(by)
    assert found.grade == grade
    assert {each.grade for each in found.scopes.values()} == {grade}
    assert found.pick == answered({}).pick


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
        lambda: TestPolicies().decided("single", "best-of:5"),
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
    assert json.loads(document([found]))[0]["notes"]


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


class TestNothingToGoBy:
    @pytest.mark.parametrize(
        "tables",
        [(), (scores(np.zeros((0, 3, 1))),), (scores(np.full((6, 3, 2), NAN)),)],
        ids=["no tables", "no items", "no values"],
    )
    def test_nothing_is_picked_and_the_reason_is_said(self, tables: tuple[Table, ...]) -> None:
        found = decide(section(*tables), profile(LOOP))
        assert (found.pick, found.grade, found.effect, found.measure) == (None, "none", "unknown", None)
        assert codes(found) == ("no_values",)
        assert steps(found)[0] == "add_checks"
        assert json.loads(document([found]))

    def test_the_reason_is_the_most_frequent_one(self) -> None:
        array = np.full((6, 3, 2), NAN)
        table = scores(
            array,
            missing={
                0.3: {Reason("token_limit"): 3, Reason("empty_answer"): 9},
                1.0: {Reason("token_limit"): 9},
            },
        )
        (note,) = decide(section(table), profile()).notes
        assert note.data == {"reasons": {SHARE: Reason("token_limit")}, "others": []}

    def test_one_item_with_one_answer_is_a_guess_for_itself(self) -> None:
        found = decide(section(scores([[[0.2], [0.9], [0.4]]])), profile())
        assert (found.pick, found.grade, found.scope, found.regret_upper) == (
            0.7,
            "guess",
            "these_items",
            None,
        )
        assert codes(found)[:2] == ("few_items", "no_noise_estimate")


class TestWholeRuns:
    def test_each_section_by_its_own_use_case_or_the_general_one(self) -> None:
        known = replace(section(scores(good())), use_case="technical-documentation")
        unknown, unnamed = replace(known, use_case="nobody-knows"), replace(known, use_case=None)
        found = decide_run([known, unknown, unnamed])
        assert [each.use_case for each in found] == ["technical-documentation", "general", "general"]

    def test_a_named_one_judges_its_own_sections_else_all(self) -> None:
        one, other = section(scores(good())), replace(section(scores(good())), use_case="other")
        assert len(decide_run([one, other], profile())) == 1
        assert [each.use_case for each in decide_run([other], profile())] == ["mine"]
        assert decide_run([one], profile(), scope="these_items")[0].scope == "these_items"
        assert decide_run([one], profile(), policy=Policy.parse("best-of:2"))[0].policy == "best-of:2"


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


def test_a_model_that_ignored_the_temperature_in_a_run_is_known_by_its_section(tmp_path: Path) -> None:
    items = tuple(Item(key=f"facts/{i}", prompt="facts", messages=()) for i in range(2))
    models = tuple(ModelSpec(backend="scripted", name=name, label=name) for name in ("steady", "deaf"))
    plan = Plan(
        name="p",
        prompts=(Prompt(name="facts", items=items),),
        models=models,
        temperatures=(0.0, 1.0),
        repeat=1,
        seed=0,
        sampling={"facts": SamplingParams()},
    )
    infos = {"steady": ModelInfo(), "deaf": ModelInfo(details={"temperature": "ignored"})}
    with Store.open(tmp_path / "tempkit.db") as store:
        run = store.create_run(plan, infos, version="1", environment={})
        found = decide_run(load_tables(store, run))
    assert [(each.model, "temperature_ignored" in codes(each)) for each in found] == [
        ("steady", False),
        ("deaf", True),
    ]


def test_only_what_was_given_to_check_answers_by_is_missed_where_something_else_decides() -> None:
    """Agreement that two temperatures cannot have is no news."""
    few = {t: {Reason("few_temperatures", least=3, n=2): 24} for t in GRID}
    tables = (
        scores(np.full((6, 3, 4), NAN), "consensus", missing=few),
        scores(good(items=6), "mine"),
    )
    found = decide(section(*tables), profile(primaries=("consensus", "mine")))
    assert "stand_in" not in codes(found)
