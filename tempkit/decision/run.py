"""Decide for a whole run: which use case judges which of its sections."""

from collections.abc import Sequence

from tempkit.analysis import ScoredSection
from tempkit.decision.decide import decide
from tempkit.decision.model_comparison import with_rivals
from tempkit.decision.profile import UseCase, use_case
from tempkit.decision.result import Decision, Scope
from tempkit.decision.use_case_names import profile_of
from tempkit.statistics import Policy

__all__ = ["GENERAL", "decide_run"]

GENERAL = "general"
"""The use case of prompts that name none."""


def decide_run(
    sections: Sequence[ScoredSection],
    profile: UseCase | None = None,
    *,
    scope: Scope | None = None,
    policy: Policy | None = None,
) -> list[Decision]:
    """Return a decision for every section that it concerns.

    Args:
        sections: Of the run.
        profile: Judge by this one: the sections of its name, or all where none has it. None: each by its own use case, by
            the general one where it names none or one that is not known here.
        scope: The one that grades; None: as `decide` chooses.
        policy: How answers are used; None: as each use case says.

    Raises:
        UsageError: The policy cannot be asked of a section's values, or a run's own use case cannot be read any more.
    """
    if profile is not None:
        named = [section for section in sections if section.use_case == profile.name]
        chosen = [(section, profile) for section in named or sections]
    else:
        chosen = [
            (section, profile_of(section.use_case, section.own) or use_case(GENERAL)) for section in sections
        ]
    found = [decide(section, own, scope=scope, policy=policy) for section, own in chosen]
    return with_rivals([section for section, _own in chosen], found)
