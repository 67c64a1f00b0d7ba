"""What one decision is made of: the measure that decides, its values, the guard-rails, and how answers are used."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tempkit.analysis import Repeats, ScoredSection, Table
from tempkit.decision.guard_rails import limits_of
from tempkit.decision.judgement import Judgement
from tempkit.decision.metric import Metric, metric
from tempkit.decision.profile import Primary, UseCase
from tempkit.decision.result import Scope
from tempkit.decision.rule import Limit, comparable, judge
from tempkit.errors import UsageError
from tempkit.statistics import Policy, Values, apply_policy

__all__ = ["DETERMINISTIC", "Case", "chosen_case", "chosen_cases"]

DETERMINISTIC = ("gguf", "scripted")
"""Backends whose equal answers at temperature 0 are equal by construction."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """What one decision is made of."""

    section: ScoredSection
    profile: UseCase
    primary: Primary
    about: Metric
    table: Table
    limits: tuple[Limit, ...]

    @property
    def per_answer(self) -> bool:
        """Whether each answer has a value of its own, so that it can be used in other ways than one at a time."""
        return not self.about.per_cell

    def values(self, policy: Policy, repeats: Repeats | None = None) -> Values:
        """Return what the answers come to when they are used by `policy`.

        Args:
            policy: How they are used.
            repeats: So many of them; None: all.
        """
        values = self.table.values if repeats is None else self.table.at(repeats)
        if policy == Policy():
            return values
        numbers = apply_policy(values.array, policy, higher_is_better=self.about.higher_is_better)
        return values.replaced(numbers)

    def takes(self, policy: Policy) -> bool:
        """Return whether the answers can be used by `policy`: there are enough of them, and of the kind that it asks for."""
        try:
            return bool(self.values(policy).counts.any())
        except ValueError:
            return False

    def policy(self, asked: Policy | None) -> Policy:
        """Return how answers are used: as asked, else the first way of the use case that these answers allow.

        Raises:
            UsageError: The policy cannot be asked of the measure.
        """
        if asked is None:
            named = map(Policy.parse, self.profile.policies if self.per_answer else ())
            return next(filter(self.takes, named), Policy())
        if asked != Policy() and not self.per_answer:
            raise UsageError(
                f"{self.about.name} is one value for all answers to a question, so {asked} cannot be asked of it; "
                "leave out --policy, or name another --measure"
            )
        return asked

    def used_by(self, policy: Policy) -> Values:
        """Return what the answers come to when they are used by `policy`.

        Raises:
            UsageError: They cannot be used so.
        """
        try:
            return self.values(policy)
        except ValueError as e:
            raise UsageError(f"--policy {policy} cannot be asked of {self.about.name}: {e}") from e

    def limits_at(self, repeats: Repeats) -> tuple[Limit, ...]:
        """Return the guard-rails as they were when so many answers had been asked for."""
        return limits_of(self.profile, self.section, repeats)

    @property
    def exact_at_zero(self) -> bool:
        """Whether values at temperature 0 are exact: the model is deterministic there, and no judge says what its answers are worth."""
        return self.section.model.backend in DETERMINISTIC and self.table.values.opinions is None

    def judged(self, policy: Policy, scope: Scope) -> Judgement:
        """Return the judgement in a scope, with what the earlier looks of the run's design have shown.

        As long as a design has asked some of these items, those stand for the others: at such a look the items count as a sample.
        """
        values = self.values(policy)
        earlier: list[Judgement] = []
        for number, repeats in enumerate(self.section.rounds, 1):
            then = self.values(policy, repeats)
            some = bool(((then.counts > 0).any(axis=1) < (values.counts > 0).any(axis=1)).any())
            earlier.append(
                self._judged(
                    then,
                    self.limits_at(repeats),
                    "items_like_these" if some else scope,
                    number,
                    tuple(earlier),
                )
            )
        return self._judged(values, self.limits, scope, self.section.looks, tuple(earlier))

    def _judged(
        self,
        values: Values,
        limits: Sequence[Limit],
        scope: Scope,
        looks: int,
        before: tuple[Judgement, ...],
    ) -> Judgement:
        return judge(
            values,
            limits,
            margin=self.primary.margin,
            higher_is_better=self.about.higher_is_better,
            tie=self.profile.tie,
            scope=scope,
            looks=looks,
            planned_looks=self.section.planned_looks,
            exact_at_zero=self.exact_at_zero,
            before=before,
        )


def chosen_case(section: ScoredSection, profile: UseCase, primaries: tuple[Primary, ...]) -> Case:
    """Return what to judge by: the first measure that can compare temperatures, else the first with any value, else nothing."""
    limits = limits_of(profile, section)
    cases = [
        Case(
            section=section,
            profile=profile,
            primary=primary,
            about=metric(primary.measure, primary.direction),
            table=section.table(primary.measure) or _empty(section, primary.measure),
            limits=limits,
        )
        for primary in primaries
    ]
    return max(cases, key=lambda case: min(2, len(comparable(case.table.values))))


def chosen_cases(
    sections: Sequence[ScoredSection], profile: UseCase, primaries: tuple[Primary, ...]
) -> tuple[Case, ...]:
    """Return what models are judged by that are compared with each other: one measure for all, chosen as for one of them.

    Each by itself might take another, as where one model has answers at a single temperature.
    """
    found = [
        tuple(chosen_case(section, profile, (primary,)) for section in sections) for primary in primaries
    ]
    return max(found, key=lambda cases: min(2, sum(len(comparable(case.table.values)) for case in cases)))


def _empty(section: ScoredSection, measure: str) -> Table:
    """Return a table without items, over the temperatures of the section's other tables."""
    grid = section.tables[0].temperatures if section.tables else ()
    return Table.of(measure, "", (), grid, np.zeros((0, len(grid), 1)))
