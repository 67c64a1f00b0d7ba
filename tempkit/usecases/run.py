"""Recommend for a whole run: which profile judges which of its sections."""

from collections.abc import Sequence

from tempkit.compare.tables import ScoredSection
from tempkit.errors import UsageError
from tempkit.usecases.profile import UseCase, shipped
from tempkit.usecases.recommend import recommend
from tempkit.usecases.result import Recommendation

__all__ = ["recommend_known", "recommend_run"]


def recommend_run(sections: Sequence[ScoredSection], profile: UseCase | None = None) -> list[Recommendation]:
    """Return a recommendation for every section that a profile is there for.

    Args:
        sections: Of the run.
        profile: Judge by this one: the sections of its name, or all where none has it. None: each by its own.

    Raises:
        UsageError: No section has a profile.
    """
    if profile is not None:
        named = [section for section in sections if section.use_case == profile.name]
        return [recommend(section, profile) for section in named or sections]
    found = recommend_known(sections)
    if not found:
        names = ", ".join(dict.fromkeys(section.name for section in sections))
        raise UsageError(
            f"no use case is known for {names}; name one with --use-case ({', '.join(shipped())}, or a .toml file), "
            "or a measure with --measure and --margin"
        )
    return found


def recommend_known(sections: Sequence[ScoredSection]) -> list[Recommendation]:
    """Return a recommendation for every section whose use case comes along with tempkit."""
    known = shipped()
    return [recommend(section, known[section.use_case]) for section in sections if section.use_case in known]
