"""What a person asks to judge by in place of what a run says: another use case, one measure, a scope, a way to use answers.

Everything that can be refused is refused in one line, and before a run is measured where no score is needed to see it: a
misspelt measure or a margin in the wrong unit would otherwise end in a card that says nothing.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import msgspec

from tempkit.analysis import ScoredSection, Table
from tempkit.decision.case import Case, chosen_cases
from tempkit.decision.metric import metric
from tempkit.decision.profile import Primary, UseCase, use_case
from tempkit.decision.result import Decision, Scope
from tempkit.decision.run import GENERAL, decide_run, own_profile, with_margin
from tempkit.decision.use_case_names import profile_of
from tempkit.errors import UsageError, nearest, one_line
from tempkit.i18n import gettext as _
from tempkit.measures import MEASURES, known, needs_reference, titled
from tempkit.statistics import Policy
from tempkit.types import Plan, Prompt

__all__ = ["AS_THE_RUN_SAYS", "Asked", "deciding_measure", "refuse_margin"]

Direction = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to judge by; None: as the run says.

    Raises:
        UsageError: The parts do not go together, or name what is not there.
    """

    use_case: str | None = None
    """The name of one that is shipped, or the path of a `.toml` file."""
    measure: str | None = None
    """Judge by this measure, with the rest of the use case where one is named too."""
    margin: float | None = None
    """The smallest difference that matters: in `measure`, or without one in the measure that comes first in the use case."""
    direction: Direction | None = None
    scope: Scope | None = None
    policy: Policy | None = None

    def __post_init__(self) -> None:
        if self.measure is not None and self.margin is None:
            raise UsageError("--measure needs --margin, e.g. --measure accuracy --margin 0.05")
        if self.direction is not None and self.measure is None:
            raise UsageError("--direction goes with --measure")
        if self.margin is not None and not (isfinite(self.margin) and self.margin > 0):
            raise UsageError(
                f"a margin must be above 0, not {self.margin:g}: it is the smallest difference that matters"
            )
        self.profile()

    @property
    def options(self) -> str:
        """As on the command line, each with a blank before it, for commands to type that are to judge alike."""
        given = {
            "--use-case": self.use_case,
            "--measure": self.measure,
            "--margin": None if self.margin is None else f"{self.margin:g}",
            "--direction": self.direction,
            "--scope": None if self.scope is None else self.scope.replace("_", "-"),
            "--policy": None if self.policy is None else str(self.policy),
        }
        return "".join(f" {name} {shlex.quote(value)}" for name, value in given.items() if value is not None)

    def profile(self) -> UseCase | None:
        """Return the use case to judge by, its texts in the current language; None: each section by its own."""
        base = None if self.use_case is None else use_case(self.use_case)
        if self.measure is None or self.margin is None:
            return base
        about = metric(self.measure, self.direction)
        primary = Primary(
            measure=self.measure, margin=self.margin, why=_("named by the user"), direction=self.direction
        )
        if base is not None:
            return msgspec.structs.replace(base, primary=(primary,), variety=None)
        best = _("%s as high as possible.") if about.higher_is_better else _("%s as low as possible.")
        return UseCase(
            name=self.measure,
            title=about.title,
            wants=best % about.title,
            why=_("A measure named by the user, without guard-rails."),
            tie="lowest",
            tie_why=_("of temperatures that serve equally well the lowest one repeats itself most exactly"),
            primary=(primary,),
        )

    def case(self, section: ScoredSection) -> Case:
        """Return what a section is judged by.

        Raises:
            UsageError: The run's own use case cannot be read any more.
        """
        return self.cases([section])[0]

    def cases(self, sections: Sequence[ScoredSection]) -> tuple[Case, ...]:
        """Return what sections of one use case are judged by, all by the same measure.

        Raises:
            UsageError: As `case`.
        """
        own = self.profile() or own_profile(sections[0])
        profile = own if self.measure is not None else with_margin(own, self.margin)
        return chosen_cases(sections, profile, profile.primary)

    def decide(self, sections: Sequence[ScoredSection]) -> list[Decision]:
        """Return a decision for every section that it concerns.

        Args:
            sections: Of one run, their scores up to date.

        Raises:
            UsageError: The run has not taken the measure, or cannot differ in it by as much as the margin; or the policy cannot
                be asked of its values.
        """
        if self.measure is not None and self.margin is not None:
            sections = _having(sections, self.measure)
            for section in sections:
                _check_margin(self.margin, section.table(self.measure))
        elif self.margin is not None:
            for section in sections:
                first = (self.profile() or own_profile(section)).primary[0]
                _check_margin(self.margin, section.table(first.measure))
        if self.policy is not None:
            _check_enough(self.policy, sections)
        return decide_run(
            sections,
            self.profile(),
            scope=self.scope,
            policy=self.policy,
            margin=None if self.measure is not None else self.margin,
        )


AS_THE_RUN_SAYS = Asked()


def deciding_measure(plan: Plan, prompts: Sequence[Prompt], asked: Asked) -> tuple[str, float]:
    """Return the measure that is going to decide, as far as the prompts say it before anything is asked, and its margin.

    Args:
        plan: Of the run.
        prompts: Of one use case.
        asked: What to judge by.
    """
    named = prompts[0].use_case
    profile = asked.profile() or profile_of(named, plan.use_cases.get(named or "")) or use_case(GENERAL)
    items = [item for prompt in prompts for item in prompt.items]
    there = {"facts": any(item.facts for item in items), "checks": any(item.checks for item in items)}
    fitting = (
        primary
        for primary in profile.primary
        if (about := known(primary.measure)) is not None
        and all(there.get(need, True) for need in about.needs)
    )
    primary = next(fitting, profile.primary[0])
    return primary.measure, asked.margin or primary.margin


def _check_enough(policy: Policy, sections: Sequence[ScoredSection]) -> None:
    """Refuse a policy that draws more answers than there are to any question at one temperature.

    Raises:
        UsageError: It does.
    """
    most = max(
        (int(table.values.counts.max(initial=0)) for each in sections for table in each.tables), default=0
    )
    if most < policy.k:
        raise UsageError(
            f"--policy {policy} needs at least {policy.k} answers to a question at each temperature; the run has {most}"
        )


def _having(sections: Sequence[ScoredSection], measure: str) -> list[ScoredSection]:
    """Return the sections in which a measure was taken.

    Raises:
        UsageError: It was taken in none; the message names the nearest of those that were, and lists them.
    """
    found = [section for section in sections if any(table.measure == measure for table in section.tables)]
    if found:
        return found
    taken = dict.fromkeys(
        table.measure
        for section in sections
        for table in section.tables
        if table.count and not table.auxiliary
    )
    named = one_line(measure, 60)
    if not taken:
        raise UsageError(f"the run has no scores yet, so none of {named!r}")
    why = ""
    if needs_reference((measure,)):
        why = " (it needs a reference model: tempkit measure RUN --reference gguf:smollm2)"
    elif known(measure) is not None:
        why = f" ({titled(measure)}: nothing in the run's prompts or answers that it could be taken of)"
    listed = one_line(", ".join(taken), 1500)
    near = nearest(measure, [*taken, *MEASURES])
    raise UsageError(f"the run has no measure {named!r}{why or near}; it has: {listed}")


def _check_margin(margin: float, table: Table | None) -> None:
    """Refuse a margin by which no two means of a measure can differ.

    Raises:
        UsageError: It is one; the message says what was probably meant.
    """
    if table is not None:
        refuse_margin(margin, table.measure, table.values.low, table.values.high, share=table.unit == "share")


def refuse_margin(margin: float, measure: str, low: float | None, high: float | None, *, share: bool) -> None:
    """Refuse a margin by which no two means can differ that lie between `low` and `high`.

    Raises:
        UsageError: It is one; the message says what was probably meant.
    """
    if low is None or high is None or margin < high - low:
        return
    points = f": a margin of {margin:g} points is {margin / 100:g}" if share and margin < 100 else ""
    raise UsageError(
        f"a margin of {margin:g} is beyond what {measure} can differ by, from {low:g} to {high:g}{points}"
    )
