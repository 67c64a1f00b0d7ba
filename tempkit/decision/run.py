"""Decide for a whole run: which use case judges which of its sections."""

from collections.abc import Sequence

import msgspec

from tempkit.analysis import ScoredSection
from tempkit.decision.decide import decide
from tempkit.decision.model_comparison import with_rivals
from tempkit.decision.profile import UseCase, use_case
from tempkit.decision.result import Decision, Scope
from tempkit.decision.use_case_names import profile_of
from tempkit.statistics import Policy

__all__ = ["GENERAL", "decide_run", "own_profile", "with_margin"]

GENERAL = "general"
"""The use case of prompts that name none."""


def decide_run(
    sections: Sequence[ScoredSection],
    profile: UseCase | None = None,
    *,
    scope: Scope | None = None,
    policy: Policy | None = None,
    margin: float | None = None,
) -> list[Decision]:
    """Return a decision for every section that it concerns.

    Args:
        sections: Of the run.
        profile: Judge by this one: the sections of its name, or all where none has it. None: each by its own use case, by
            the general one where it names none or one that is not known here.
        scope: The one that grades; None: as `decide` chooses.
        policy: How answers are used; None: as each use case says.
        margin: The smallest difference that matters in the measure that comes first; None: as each use case says.

    Raises:
        UsageError: The policy cannot be asked of a section's values, or a run's own use case cannot be read any more.
    """
    if profile is not None:
        named = [section for section in sections if section.use_case == profile.name]
        chosen = [(section, profile) for section in named or sections]
    else:
        chosen = [(section, own_profile(section)) for section in sections]
    found = [decide(section, with_margin(own, margin), scope=scope, policy=policy) for section, own in chosen]
    return with_rivals([section for section, _own in chosen], found)


def own_profile(section: ScoredSection) -> UseCase:
    """Return the use case that a section names; the general one where it names none, or one that is not known here."""
    return profile_of(section.use_case, section.own) or use_case(GENERAL)


def with_margin(profile: UseCase, margin: float | None) -> UseCase:
    """Return a use case with another margin for the measure that comes first; None: the use case as it is."""
    if margin is None:
        return profile
    first, *others = profile.primary
    changed = msgspec.structs.replace(first, margin=margin)
    return msgspec.structs.replace(profile, primary=(changed, *others))
