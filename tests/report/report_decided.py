"""A decision on the run of `report_hand`, every number of it by hand: whatever is decided of its answers, it stays as it is."""

from tempkit.decision import use_case
from tempkit.decision.result import (
    AtDefault,
    Decision,
    GuardLevel,
    GuardResult,
    Note,
    Scope,
    ScopeDecision,
    Standing,
    Step,
    TemperatureResult,
)

__all__ = ["hand_decision"]


def _scope(scope: Scope, n: int) -> ScopeDecision:
    return ScopeDecision(
        scope=scope,
        pick=0.0,
        grade="guess",
        effect="unknown",
        regret_upper=0.25,
        regret_mean=0.0,
        p_within=0.75,
        n=n,
        standings=(
            Standing(temperature=0.0, regret_mean=0.0, regret_lower=0.0, regret_upper=0.25, place="open"),
            Standing(
                temperature=1.0, regret_mean=None, regret_lower=None, regret_upper=None, place="ruled_out"
            ),
        ),
    )


def _level(temperature: float, mean: float) -> GuardLevel:
    broken = temperature > 0
    return GuardLevel(
        temperature=temperature,
        mean=mean,
        low=0.4 if broken else 0.0,
        high=1.0 if broken else 0.2,
        verdict="broken" if broken else "unknown",
        inside=not broken,
        n=2,
    )


def hand_decision() -> Decision:
    """Return a guess: 0 of 0 and 1, where 1 is beyond a cliff."""
    profile = use_case("technical-documentation")
    scopes: dict[Scope, ScopeDecision] = {
        "items_like_these": _scope("items_like_these", 2),
        "these_items": _scope("these_items", 6),
    }
    return Decision(
        use_case=profile.name,
        profile=profile,
        section="p",
        model="scripted:x",
        measure="fact_recall",
        unit="share",
        version="1",
        higher_is_better=True,
        margin=0.05,
        level=0.95,
        looks=1,
        policy="single",
        pick=0.0,
        grade="guess",
        effect="unknown",
        regret_upper=0.25,
        regret_mean=0.0,
        p_within=0.75,
        scope="these_items",
        scopes=scopes,
        items=2,
        temperatures=(
            TemperatureResult(
                temperature=0.0, mean=0.8125, low=0.5, high=1.0, regret_mean=0.0, regret_lower=0.0, regret_upper=0.25,
                place="open", n=2, samples=6, missing=0, worst_mean=None, first_share=None, inside_limits=True,
            ),
            TemperatureResult(
                temperature=1.0, mean=0.25, low=None, high=None, regret_mean=None, regret_lower=None, regret_upper=None,
                place="ruled_out", n=2, samples=3, missing=3, worst_mean=0.125, first_share=None, inside_limits=False,
            ),
        ),
        guardrails=(
            GuardResult(
                measure="truncated", unit="share", limit=0.25, worse="above", relative=True, why="cut", cliff=1.0, floor=None,
                levels=(_level(0.0, 0.0), _level(1.0, 0.625)), ruled_out=(1.0,), reason=None,
            ),
        ),
        cliff=1.0,
        floor=None,
        notes=(Note(code="few_items", data={"n": 2, "least": 5}),),
        next=(Step(code="more_answers", data={"n": 4}), Step(code="more_items", data={"n": 3, "at_least": True, "typed": False, "limits": False})),
        policies=(),
        trend=None,
        at_default=AtDefault(temperature=1.0, loss=0.5625, loss_upper=None),
        priors=profile.prior[:1],
        start=0.4,
        tradeoff=profile.tradeoff,
    )  # fmt: skip
