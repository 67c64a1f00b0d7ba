"""The situations a decision can be in, each made by hand with the figures that a person would meet."""

from decisions_by_hand import CHECKS, FACTS, NOTES, STEPS, decision, guard, note, row, scope_decision, step

from tempkit.decision import use_case
from tempkit.decision.result import AtDefault, Decision, PolicyPick, TemperatureResult, TrendResult
from tempkit.types.reasons import Reason, in_words

NOVELTY = {"use_case": "creative-writing", "measure": "novelty", "unit": "distance", "margin": 0.05}
CONSENSUS = {"use_case": "general", "measure": "consensus", "unit": "similarity", "margin": 0.05}
DISTANCE = {"use_case": "general", "measure": "cosine_distance", "unit": "distance", "margin": 0.05}


def ideas(
    temperature: float, mean: float, upper: float | None, place: str, **more: object
) -> TemperatureResult:
    asked = {"n": 48, "samples": 48, "low": mean - 0.6, "high": mean + 0.6}
    return row(temperature, mean, upper, place, **{**asked, **more})  # type: ignore[arg-type]


def few(
    temperature: float, mean: float, upper: float | None, place: str, **more: object
) -> TemperatureResult:
    return ideas(temperature, mean, upper, place, **{"n": 13, "samples": 13, **more})


clear_winner = decision(
    ideas(0.0, 1.4, 6.2, "excluded", regret_lower=2.9),
    ideas(0.3, 2.5, 5.0, "excluded", regret_lower=2.1),
    ideas(0.7, 5.7, 0.0, "within", first_share=1.0),
    ideas(1.0, 3.3, 3.8, "excluded", regret_lower=1.23),
    ideas(1.3, 0.9, None, "ruled_out", inside_limits=False),
    pick=0.7,
    grade="shown",
    effect="matters",
    items=48,
    p_within=0.999,
    other=scope_decision("these_items", pick=0.7, grade="shown", regret_upper=0.0),
    at_default=AtDefault(temperature=1.0, loss=2.4, loss_upper=3.8),
    guardrails=(
        guard("language_switch", 0.05, *[(t, 0.01, "holds") for t in (0.0, 0.3, 0.7, 1.0, 1.3)]),
        guard(
            "loop", 0.1, *[(t, 0.02, "holds") for t in (0.0, 0.3, 0.7, 1.0)], (1.3, 0.31, "broken"), cliff=1.3
        ),
    ),
    cliff=1.3,
)

any_of_several = decision(
    *[row(t, 0.96 + 0.01 * i, 0.038, "within", n=60, samples=240) for i, t in enumerate((0.0, 0.3, 0.7))],
    row(1.0, 0.80, 0.3, "excluded", regret_lower=0.094, n=60, samples=240),
    pick=0.0,
    grade="shown",
    effect="matters",
    items=60,
    other=scope_decision("these_items", pick=0.0, grade="shown", regret_upper=0.021),
    **CHECKS,
)

does_not_matter = decision(
    *[row(t, 0.97, 0.031, "within", n=80, samples=320) for t in (0.0, 0.5, 1.0)],
    pick=0.0,
    grade="shown",
    effect="does_not_matter",
    items=80,
    at_default=AtDefault(temperature=1.0, loss=0.0, loss_upper=0.031),
    **CHECKS,
)

likely = decision(
    few(0.0, 1.4, 7.6, "worse", regret_lower=0.52, first_share=0.0),
    few(0.3, 3.5, 4.7, "open", first_share=0.03),
    few(0.7, 5.1, 1.83, "open", first_share=0.94),
    few(1.0, 2.7, 6.6, "open", first_share=0.03),
    few(1.3, 0.2, 8.7, "excluded", regret_lower=1.8, first_share=0.0),
    pick=0.7,
    grade="likely",
    effect="matters",
    p_within=0.87,
    other=scope_decision("these_items", pick=0.7, grade="shown", regret_upper=0.7),
    at_default=AtDefault(temperature=1.0, loss=2.4, loss_upper=6.6),
    guardrails=(
        guard("language_switch", 0.05, *[(t, 0.01, "unknown") for t in (0.0, 0.3, 0.7, 1.0, 1.3)]),
        guard("loop", 0.1, *[(t, 0.0, "unknown") for t in (0.0, 0.3, 0.7, 1.0, 1.3)]),
    ),
    notes=(
        note("guard_open", measure="language_switch", high=0.17, limit=0.05, n=13, seen=True),
        note("guard_open", measure="loop", high=0.206, limit=0.1, n=13, seen=False),
        note("not_applicable", n=13, items=18),
    ),
    next=(STEPS["more_items"], STEPS["more_answers"]),
    trend=TrendResult(slope=-0.4, low=-2.0, high=1.0, rank_correlation=-0.2, p_value=0.3, items=13),
    priors=use_case("brainstorming").prior,
)

nothing_known = decision(
    row(0.0, 0.8, None, "open", n=2, samples=8, low=None, high=None),
    row(0.7, 0.7, None, "open", n=2, samples=8, low=None, high=None),
    row(1.3, None, None, "ruled_out", n=0, samples=0, inside_limits=False),
    pick=None,
    grade="none",
    items=2,
    start=0.4,
    cliff=1.3,
    guardrails=(
        guard(
            "truncated",
            *(0.25, (0.0, 0.0, "holds"), (0.7, 0.12, "unknown"), (1.3, 0.84, "broken")),
            relative=True,
            cliff=1.3,
            own_means=(0.08, 0.2, 0.92),
        ),
    ),
    notes=(NOTES["few_items"],),
    next=(step("more_items", n=3, at_least=True, typed=False, limits=False),),
    priors=use_case("technical-documentation").prior,
    **FACTS,
)

cliff_dominates = decision(
    row(0.0, 0.71, 0.25, "open", regret_mean=0.01, first_share=0.57, samples=48, missing=4, worst_mean=0.655),
    row(0.3, 0.72, 0.27, "open", regret_mean=0.0, first_share=0.3),
    row(0.7, 0.65, 0.33, "open", regret_mean=0.07, first_share=0.1),
    row(1.0, 0.50, 0.48, "open", regret_mean=0.22, first_share=0.03),
    row(1.3, 0.17, None, "ruled_out", inside_limits=False, n=3, samples=6, missing=46),
    pick=0.0,
    grade="guess",
    p_within=0.55,
    other=scope_decision("these_items", pick=0.3, grade="guess", regret_upper=0.11),
    at_default=AtDefault(temperature=1.0, loss=0.21, loss_upper=0.48),
    cliff=1.3,
    guardrails=(
        guard(
            "truncated",
            *(0.25, (0.0, 0.0, "holds"), (0.3, 0.0, "holds"), (0.7, 0.1, "unknown"), (1.0, 0.18, "unknown")),
            (1.3, 0.67, "broken"),
            relative=True,
            cliff=1.3,
            own_means=(0.22, 0.22, 0.32, 0.4, 0.89),
        ),
    ),
    notes=(
        note(
            "unscored",
            missing=51,
            whole=216,
            share=51 / 216,
            reason=Reason("token_limit"),
            truncated=True,
            worst=1.0,
            worst_share=0.4,
        ),
    ),
    next=(STEPS["raise_max_tokens"], step("more_items", n=294, at_least=False, typed=False, limits=False)),
    trend=TrendResult(slope=-0.28, low=-0.53, high=-0.03, rank_correlation=-0.45, p_value=0.01, items=13),
    priors=use_case("technical-documentation").prior,
    **FACTS,
)

floor = decision(
    *[row(t, 0.0, 0.05, "within", low=None, high=None) for t in (0.0, 0.7, 1.0)],
    pick=0.0,
    grade="shown",
    effect="does_not_matter",
    notes=(NOTES["floor"],),
    next=(STEPS["check_expected_answers"],),
    **FACTS,
)

ceiling = decision(
    *[row(t, 1.0, 0.05, "within", low=None, high=None) for t in (0.0, 0.7, 1.0)],
    pick=0.0,
    grade="shown",
    effect="does_not_matter",
    notes=(NOTES["ceiling"],),
    next=(STEPS["ask_harder_questions"],),
    **FACTS,
)

unscored = decision(
    row(0.0, 0.7, 0.28, "open", first_share=0.5),
    row(0.7, 0.7, 0.28, "open", first_share=0.5),
    pick=0.0,
    grade="guess",
    notes=(
        note(
            "unscored",
            missing=30,
            whole=104,
            share=30 / 104,
            reason=Reason("empty_answer"),
            truncated=False,
            worst=0.7,
            worst_share=0.5,
        ),
    ),
    **FACTS,
)

edge = decision(
    row(0.3, 0.40, 0.30, "excluded", regret_lower=0.06),
    row(1.0, 0.52, 0.15, "open"),
    row(1.3, 0.61, 0.04, "within"),
    pick=1.3,
    grade="shown",
    effect="matters",
    notes=(NOTES["edge_high"],),
    next=(STEPS["try_higher"],),
    **NOVELTY,
)

guard_unmeasured = decision(
    row(0.3, 0.41, 0.12, "open"),
    row(1.0, 0.52, 0.04, "within"),
    pick=1.0,
    grade="guess",
    notes=(note("guard_unmeasured", measure="incoherence", reason=Reason("not_measured")),),
    next=(STEPS["measure_guard"],),
    **NOVELTY,
)

outside_limits = decision(
    row(0.3, 0.41, 0.12, "open", inside_limits=False),
    row(1.0, 0.52, 0.04, "within", inside_limits=False),
    pick=1.0,
    grade="guess",
    notes=(NOTES["outside_limits"],),
    **NOVELTY,
)

better_ones_beyond_a_limit = decision(
    row(0.0, 0.00, 0.57, "excluded", regret_lower=0.33),
    row(0.5, 0.01, 0.56, "excluded", regret_lower=0.32, regret_mean=0.46, first_share=0.0),
    row(1.0, 0.27, 0.34, "worse", regret_lower=0.009, inside_limits=False),
    row(1.5, 0.47, 0.0, "within", inside_limits=False, first_share=1.0),
    row(2.0, 0.48, None, "ruled_out", inside_limits=False),
    pick=0.5,
    grade="guess",
    effect="matters",
    p_within=0.0,
    cliff=2.0,
    at_default=AtDefault(temperature=1.0, loss=-0.26, loss_upper=0.34),
    guardrails=(
        guard(
            "incoherence",
            *(1.0, (0.0, 0.0, "holds"), (0.5, 0.02, "holds"), (1.0, 1.2, "unknown"), (1.5, 1.9, "unknown")),
            (2.0, 2.26, "broken"),
            relative=True,
            cliff=2.0,
            unit="nats",
            own_means=(6.86, 6.88, 8.06, 8.76, 9.12),
            insides=(True, True, False, False, False),
        ),
    ),
    **NOVELTY,
)

nothing_keeps_the_limits = decision(
    row(0.3, 0.41, 0.12, "ruled_out", inside_limits=False),
    row(1.0, 0.52, 0.04, "ruled_out", inside_limits=False),
    pick=0.3,
    grade="guess",
    cliff=0.3,
    guardrails=(guard("loop", 0.05, (0.3, 0.2, "broken"), (1.0, 0.4, "broken"), cliff=0.3),),
    notes=(note("all_ruled_out", measures=["loop"]),),
    **NOVELTY,
)

cliff_and_floor = decision(
    row(0.0, 0.10, None, "ruled_out", inside_limits=False),
    row(0.5, 0.43, 0.09, "open", first_share=0.48),
    row(1.0, 0.44, 0.08, "open", first_share=0.52),
    row(1.5, 0.90, None, "ruled_out", inside_limits=False),
    pick=1.0,
    grade="guess",
    p_within=0.71,
    cliff=1.5,
    floor=0.0,
    notes=(note("guard_open", measure="truncated", high=0.3345, limit=0.25, n=13, seen=True),),
    guardrails=(
        guard("truncated", 0.25, *[(t, 0.0, "unknown") for t in (0.0, 0.5, 1.0, 1.5)], relative=True),
        guard(
            "loop",
            *(0.05, (0.0, 0.3, "broken"), (0.5, 0.0, "holds"), (1.0, 0.0, "holds"), (1.5, 0.2, "broken")),
            cliff=1.5,
            floor=0.0,
        ),
    ),
    **NOVELTY,
)

general = decision(
    row(0.0, 0.83, 0.04, "within", n=8, samples=32),
    row(0.7, 0.80, 0.06, "open", n=8, samples=32),
    row(1.0, 0.60, 0.30, "excluded", regret_lower=0.1, n=8, samples=32),
    row(1.3, 0.20, None, "ruled_out", n=8, samples=32, inside_limits=False),
    pick=0.0,
    grade="shown",
    effect="matters",
    items=8,
    other=scope_decision("these_items", pick=0.0, grade="shown", regret_upper=0.012),
    cliff=1.3,
    guardrails=(
        guard(
            "loop",
            *(0.05, (0.0, 0.0, "holds"), (0.7, 0.0, "holds"), (1.0, 0.02, "unknown"), (1.3, 0.5, "broken")),
            cliff=1.3,
        ),
    ),
    variety=decision(
        row(0.0, 0.0, 0.5, "excluded", regret_lower=0.3),
        row(0.7, 0.3, 0.12, "open"),
        row(1.0, 0.4, 0.03, "within"),
        row(1.3, 0.6, None, "ruled_out"),
        pick=1.0,
        grade="likely",
        effect="matters",
        cliff=1.3,
        **DISTANCE,
    ),
    **CONSENSUS,
)

single_prompt = decision(
    row(0.0, 0.9, 0.0, "within", n=1, samples=20, low=None, high=None),
    row(0.7, 0.7, 0.3, "excluded", regret_lower=0.1, n=1, samples=20, low=None, high=None),
    pick=0.0,
    grade="shown",
    effect="matters",
    items=1,
    scope="these_items",
    other=scope_decision("items_like_these", pick=0.0, grade="none", n=1),
    notes=(note("few_items", n=1, least=5),),
    **FACTS,
)

these_questions = decision(
    row(0.0, 0.81, 0.09, "open", n=12, samples=48, first_share=0.7),
    row(0.7, 0.78, 0.12, "open", n=12, samples=48, first_share=0.3),
    pick=0.0,
    grade="guess",
    items=12,
    p_within=0.78,
    scope="these_items",
    next=(STEPS["more_answers"],),
    **FACTS,
)

policy_differs = decision(
    row(0.0, 0.8, 0.0, "within"),
    row(0.7, 0.6, 0.3, "excluded", regret_lower=0.1),
    pick=0.0,
    grade="shown",
    effect="matters",
    policy="all-of:5",
    notes=(note("policy_differs", policy="best-of:5", pick=0.7),),
    policies=(PolicyPick(policy="best-of:5", pick=0.7, grade="likely", regret_upper=0.2),),
    **FACTS,
)

one_temperature = decision(
    row(0.3, None, None, "not_measured", n=0, samples=0, missing=52),
    row(0.7, 0.5, 0.0, "within"),
    pick=0.7,
    grade="shown",
    notes=(NOTES["one_temperature"],),
    **FACTS,
)

one_left = decision(
    row(0.7, 0.5, 0.0, "within"),
    row(1.3, 0.9, None, "ruled_out", inside_limits=False),
    pick=0.7,
    grade="shown",
    cliff=1.3,
    guardrails=(guard("loop", 0.05, (0.7, 0.0, "holds"), (1.3, 0.4, "broken"), cliff=1.3),),
    notes=(NOTES["one_temperature"],),
    **FACTS,
)

no_values = decision(
    row(0.0, None, None, "not_measured", n=0, samples=0),
    row(0.7, None, None, "not_measured", n=0, samples=0),
    pick=None,
    grade="none",
    items=0,
    start=0.7,
    notes=(note("no_values", reasons={"unique_ideas": in_words("the answer holds no list")}, others=[]),),
    next=(STEPS["add_checks"],),
    priors=use_case("brainstorming").prior,
)

SITUATIONS: dict[str, Decision] = {
    name: made for name, made in tuple(globals().items()) if isinstance(made, Decision)
}
"""By name, in the order above."""
