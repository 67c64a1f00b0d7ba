"""What is asked to test the decision of a file again, laid out before anything is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tempkit.decision import Asked, UseCase, build_plan, neighbours, relative_to
from tempkit.errors import DecisionError, PromptError, UsageError, one_line
from tempkit.planning import Consent, Experiment, check_stored, parse_model
from tempkit.prompts import KeptDecision, kept_decision, name_in
from tempkit.statistics import Policy, alpha_of_a_look, look_sizes
from tempkit.types import Plan

__all__ = ["Retest", "retest_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retest:
    """One file's test, as it is to be done."""

    path: Path
    kept: KeptDecision
    plan: Plan
    profile: UseCase
    beside: tuple[float, ...]
    sizes: tuple[int, ...]
    """Questions at each look."""
    alpha: float
    """Of each look."""


def retest_of(
    path: Path, model: str | None, consent: Consent, asked: dict[str, Any], per_year: float
) -> Retest:
    """Read a file, and lay out what is to be asked.

    Raises:
        TempkitError: It cannot be asked.
    """
    if path.suffix != ".prompty":
        raise UsageError(f"{one_line(path, 100)}: a decision is kept in .prompty files only")
    kept = kept_decision(path)
    if kept is None:
        raise DecisionError(f"{path} keeps no decision; keep one with: tempkit decide RUN {path} --write")
    spec = parse_model(model or kept.model)
    if model is None:
        check_stored(str(path), [spec], consent)
    use_case = kept.use_case
    if use_case is not None and use_case.endswith(".toml"):
        use_case = str(path.parent / use_case)
    try:
        how = Asked(
            use_case=use_case, measure=kept.measure, margin=kept.margin, direction=cast("Any", kept.direction)
        )
    except UsageError as e:
        raise PromptError(
            f"{path}: the decision cannot be judged here: {e}; decide again with --use-case FILE.toml"
        ) from e
    profile = how.profile()
    assert profile is not None  # noqa: S101  (a measure is named)
    try:
        policy = Policy.parse(kept.policy)
    except ValueError as e:
        raise PromptError(f"{path}: policy of the kept decision: {e}") from e
    beside = neighbours(kept.temperature, kept.tried)
    temperatures = {kept.temperature, *beside, *relative_to(profile, kept.temperature, kept.tried)}
    plan = build_plan(
        Experiment(
            name=f"verify-{name_in(path)}",
            prompts=(str(path),),
            models=(spec,),
            temperatures=tuple(sorted(temperatures)),
            repeat=asked["repeat"] or kept.answers,
            seed=asked["seed"],
            sampling=kept.sampling,
            items=asked["items"],
            use_case=use_case,
            env=asked["env"],
        )
    )
    if plan.repeat < policy.k:
        raise UsageError(
            f"{path}: its decision is for {policy}, which needs at least {policy.k} answers: add -n {policy.k}"
        )
    # What is true of these questions is not true of a part of them, so they are looked at once, all together.
    sizes = look_sizes(len(plan.items)) if kept.scope == "items_like_these" else (len(plan.items),)
    return Retest(
        path=path,
        kept=kept,
        plan=plan,
        profile=profile,
        beside=beside,
        sizes=sizes,
        alpha=alpha_of_a_look(per_year, len(sizes)),
    )
