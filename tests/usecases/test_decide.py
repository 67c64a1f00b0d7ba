"""From scores to a decision: which measure, which answers and which scope it is made of."""

import json
from dataclasses import replace
from pathlib import Path
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
    profile,
    scores,
    section,
    steps,
)

from tempkit.analysis import load_tables
from tempkit.analysis.tables import Table
from tempkit.decision import use_case
from tempkit.decision.decide import decide
from tempkit.decision.error_budget import level_at
from tempkit.decision.plain_data import as_data, document
from tempkit.decision.profile import Primary, Prior, UseCase
from tempkit.decision.result import Scope
from tempkit.decision.rule import Limit, judge
from tempkit.decision.run import decide_run
from tempkit.errors import UsageError
from tempkit.statistics.policies import Policy
from tempkit.store import Store
from tempkit.types import Item, ModelInfo, ModelSpec, Plan, Prompt, SamplingParams
from tempkit.types.reasons import Reason


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

    def test_whoever_keeps_the_best_of_five_wants_them_to_differ(self) -> None:
        assert (decided_by_policies().pick, decided_by_policies().policy) == (0.3, "single")
        found = decided_by_policies(policy="best-of:5")
        assert (found.pick, found.policy) == (0.7, "best-of:5")
        # Of 8 answers, 4 of them right, five hold none that is right in no case.
        assert found.at(0.7).mean == pytest.approx(1)
        assert found.at(0.3).mean == pytest.approx(0.6)
        assert decided_by_policies(policy="all-of:5").pick == 0.3

    def test_the_first_way_that_a_use_case_names_decides_and_the_others_are_shown(self) -> None:
        found = decided_by_policies("single", "best-of:5", "all-of:5")
        assert (found.policy, found.pick) == ("single", 0.3)
        assert [(each.policy, each.pick) for each in found.policies] == [
            ("best-of:5", 0.7),
            ("all-of:5", 0.3),
        ]
        differing = [note.data for note in found.notes if note.code == "policy_differs"]
        assert differing == [{"policy": "best-of:5", "pick": 0.7}]
        found = decided_by_policies("best-of:5", "single")
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
