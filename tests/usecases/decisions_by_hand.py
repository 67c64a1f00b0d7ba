"""Decisions made by hand, so that what is said of one can be tested without deciding anything."""

from typing import Any, get_args

from tempkit.decision import use_case
from tempkit.decision.profile import UseCase
from tempkit.decision.result import (
    Decision,
    GuardLevel,
    GuardResult,
    Note,
    NoteCode,
    Place,
    Scope,
    ScopeDecision,
    Standing,
    Step,
    StepCode,
    TemperatureResult,
)
from tempkit.types.reasons import Reason, in_words

MODEL = "gguf:smollm2"

IDEAS = {"use_case": "brainstorming", "measure": "unique_ideas", "unit": "ideas", "margin": 1.0}
FACTS = {"use_case": "technical-documentation", "measure": "fact_recall", "unit": "share", "margin": 0.05}
CHECKS = {"use_case": "extraction", "measure": "check_pass", "unit": "share", "margin": 0.05}


def row(
    temperature: float, mean: float | None, upper: float | None, place: Place, **more: Any
) -> TemperatureResult:
    """Return a row of 13 questions with 4 answers each, unless `more` says otherwise."""
    known: dict[str, Any] = {
        "low": None if mean is None else max(0.0, mean - 0.1),
        "high": None if mean is None else min(1.0, mean + 0.1),
        "regret_mean": None,
        "regret_lower": None if upper is None else 0.0,
        "n": 13,
        "samples": 52,
        "missing": 0,
        "worst_mean": None,
        "first_share": None,
        "inside_limits": True,
    }
    return TemperatureResult(
        temperature=temperature, mean=mean, regret_upper=upper, place=place, **{**known, **more}
    )


def decision(
    *rows: TemperatureResult, pick: float | None, grade: str, effect: str = "unknown", **more: Any
) -> Decision:
    """Return a decision on brainstorming, unless `more` says otherwise; its figures are those of the pick's row."""
    about: dict[str, Any] = {**IDEAS, **more}
    profile = about["use_case"] if isinstance(about["use_case"], UseCase) else use_case(about["use_case"])
    own = next((each for each in rows if each.temperature == pick), None)
    figures = {
        "pick": pick,
        "grade": grade,
        "effect": effect,
        "regret_upper": None if own is None else own.regret_upper,
        "regret_mean": None if own is None else own.regret_mean,
        "p_within": about.pop("p_within", None),
    }
    scope: Scope = about.pop("scope", "items_like_these")
    items = about.pop("items", 13)
    graded = scope_decision(scope, *rows, n=items, **figures)
    other = about.pop("other", None)
    known: dict[str, Any] = {
        "section": profile.name,
        "model": MODEL,
        "version": "1",
        "higher_is_better": True,
        "level": 0.95,
        "looks": 1,
        "policy": "single",
        "guardrails": (),
        "cliff": None,
        "floor": None,
        "notes": (),
        "next": (),
        "policies": (),
        "trend": None,
        "at_default": None,
        "priors": (),
        "start": None,
    }
    del about["use_case"]
    return Decision(
        **{
            **known,
            **about,
            **figures,
            "use_case": profile.name,
            "profile": profile,
            "scope": scope,
            "scopes": {scope: graded, **({} if other is None else {other.scope: other})},
            "items": items,
            "temperatures": rows,
        }
    )


def scope_decision(scope: Scope, *rows: TemperatureResult, n: int = 13, **figures: Any) -> ScopeDecision:
    standings = tuple(
        Standing(
            temperature=each.temperature,
            regret_mean=each.regret_mean,
            regret_lower=each.regret_lower,
            regret_upper=each.regret_upper,
            place=each.place,
        )
        for each in rows
    )
    known = {"effect": "unknown", "regret_upper": None, "regret_mean": None, "p_within": None}
    return ScopeDecision(scope=scope, n=n, standings=standings, **{**known, **figures})


def guard(
    measure: str,
    limit: float,
    *levels: tuple[float, float, str],
    relative: bool = False,
    own_means: tuple[float, ...] = (),
    insides: tuple[bool, ...] = (),
    **more: Any,
) -> GuardResult:
    """Return a guard-rail from (temperature, mean, verdict); with a relative one, the measure's own means too."""
    known: dict[str, Any] = {
        "unit": "share",
        "worse": "above",
        "why": "it must not",
        "cliff": None,
        "floor": None,
        "reason": None,
        "ruled_out": tuple(t for t, _mean, verdict in levels if verdict == "broken"),
    }
    return GuardResult(
        measure=measure,
        limit=limit,
        relative=relative,
        levels=tuple(
            GuardLevel(
                temperature=t,
                mean=mean,
                low=None,
                high=None,
                verdict=verdict,  # type: ignore[arg-type]
                inside=insides[i] if insides else verdict != "broken",
                n=13,
                own_mean=own_means[i] if own_means else None,
            )
            for i, (t, mean, verdict) in enumerate(levels)
        ),
        **{**known, **more},
    )


def _part(name: str, by: dict[float, int]) -> dict[str, Any]:
    at = [{"temperature": temperature, "n": n} for temperature, n in by.items()]
    return {"name": name, "n": sum(by.values()), "temperatures": at}


def note(code: NoteCode, **data: Any) -> Note:
    return Note(code=code, data=data)


def step(code: StepCode, **data: Any) -> Step:
    return Step(code=code, data=data)


NOTES: dict[str, Note] = {
    each.code: each
    for each in (
        note(
            "no_values", reasons={"fact_recall": in_words("it has no facts"), "check_pass": None}, others=[]
        ),
        note("all_ruled_out", measures=["loop", "truncated"]),
        note("floor", value=0.0),
        note("ceiling", value=1.0),
        note(
            "unscored",
            missing=22,
            whole=96,
            share=22 / 96,
            reason=Reason("token_limit"),
            truncated=True,
            worst=1.3,
            worst_share=0.96,
        ),
        note(
            "stand_in",
            measure="fact_recall",
            used="consensus",
            missing=31,
            whole=36,
            share=31 / 36,
            reason=Reason("token_limit"),
            truncated=True,
        ),
        note("few_items", n=2, least=5),
        note("one_temperature", temperature=0.7),
        note("outside_limits", measure="loop", mean=0.08, limit=0.05),
        note("guard_unmeasured", measure="incoherence", reason=Reason("needs_reference")),
        note("guard_open", measure="loop", high=0.12, limit=0.05, n=13, seen=False),
        note("edge_high", temperature=1.3),
        note("edge_low", temperature=0.3),
        note("not_applicable", n=13, items=18),
        note("no_noise_estimate", replicates=1),
        note("policy_differs", policy="best-of:5", pick=1.0),
        note("temperature_ignored"),
        note(
            "another_model",
            asked="gemini-2.5-flash",
            names=["gemini-3.8-flash"],
            more=0,
            n=14,
            whole=64,
            share=14 / 64,
            ignoring=["gemini-3.8-flash"],
        ),
        note(
            "changed_with_temperature",
            by="name",
            by_address=False,
            parts=[_part("gpt-4.1-2025-04-14", {0.3: 20}), _part("gpt-4.1-2026-02-01", {0.7: 12, 1.0: 8})],
            more=0,
        ),
        note(
            "changed_in_run",
            by="fingerprint",
            by_address=True,
            parts=[_part("fp_1", {0.3: 20, 0.7: 10}), _part("fp_2", {0.7: 1})],
            more=2,
        ),
        note("shutdown", date="2027-01-14"),
    )
}
"""One note of each code."""

STEPS: dict[str, Step] = {
    each.code: each
    for each in (
        step("raise_max_tokens", now=96, share=0.23),
        step("check_expected_answers"),
        step("ask_harder_questions"),
        step("add_checks"),
        step("decide_by", measures=["accuracy", "style"]),
        step("measure_guard", measure="incoherence", reference="gguf:smollm2"),
        step("try_higher", temperature=1.3),
        step("try_lower", temperature=0.3),
        step("more_items", n=26, at_least=False, typed=False, limits=False),
        step("more_answers", n=8),
    )
}
"""One step of each code."""

assert set(NOTES) == set(get_args(NoteCode))
assert set(STEPS) == set(get_args(StepCode))
