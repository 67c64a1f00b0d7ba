"""Top up a run: more answers where they could settle something, and nowhere else.

Temperatures that a guard-rail rules out, that are shown to be behind by more than the margin, or of which too few answers can be
scored get no more. How many answers more is what the decision says would settle it, but no more than twice those there are:
an estimate from few answers is not worth more at once. Each top-up is followed by another look at the data, which gives chance
another try; `tempkit.analysis.looks` counts them and the next decision is made with so much more confidence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tempkit.analysis import ScoredSection
from tempkit.decision.result import Decision, Place, StepCode
from tempkit.types import Plan, TopUp

__all__ = ["Round", "next_round"]

_AT_MOST = 2
"""Times the answers that are there."""

_IN_THE_RACE: tuple[Place, ...] = ("within", "open", "worse")


@dataclass(frozen=True, slots=True)
class Round:
    """What to do next for one section."""

    topup: TopUp | None
    """None: no more answers would help."""
    samples: int
    """That it adds."""
    says: str
    """What is done, or why nothing is."""


def next_round(
    plan: Plan, section: ScoredSection, found: Decision, more: int | None = None, here: str = "RUN"
) -> Round:
    """Return the samples to draw next for a section.

    Args:
        plan: Of the run.
        section: Whose decision it is.
        found: The decision so far.
        more: Samples to add per item and temperature; None: as many as the decision says would settle it, but no more than
            twice those there are.
        here: The run as a command takes it, with what it was judged by.
    """
    where = f"{found.use_case} on {found.model}"
    ends = [each for each in _ends(found) if each.grade != "shown"]
    if not ends:
        return Round(None, 0, f"{where}: settled already")
    racing = sorted({temperature for each in ends for temperature in each.placed(*_IN_THE_RACE)})
    wanted = more or max(_steps(ends, "more_answers"), default=None)
    if not racing:
        return Round(
            None,
            0,
            f"{where}: nothing can be compared yet, so more answers would not help; {_see(found, here)}",
        )
    if wanted is None:
        return Round(
            None, 0, f"{where}: {_only_items(ends) or f'more answers would not help; {_see(found, here)}'}"
        )
    prompts = tuple(prompt.name for prompt in section.prompts)
    now = max(plan.repeat_of(name, found.model, t) for name in prompts for t in racing)
    if more is None:
        wanted = min(wanted, _AT_MOST * now)
    topup = TopUp(model=found.model, prompts=prompts, temperatures=tuple(racing), repeat=now + wanted)
    samples = sum(
        len(prompt.items) * (topup.repeat - plan.repeat_of(prompt.name, found.model, t))
        for prompt in section.prompts
        for t in racing
    )
    listed = ", ".join(f"{t:g}" for t in racing)
    return Round(
        topup, samples, f"{where}: {samples} samples more, up to {topup.repeat} per item at {listed}"
    )


def _ends(found: Decision) -> Iterator[Decision]:
    """Yield the decision, and that about variety where there is one."""
    yield found
    if found.variety is not None:
        yield found.variety


def _steps(ends: list[Decision], code: StepCode) -> list[int]:
    return [step.data["n"] for each in ends for step in each.next if step.code == code]


def _only_items(ends: list[Decision]) -> str:
    """Say that other questions would settle it, and how many; an empty text where they would not."""
    items = max(_steps(ends, "more_items"), default=None)
    if items is None:
        return ""
    rows = f"{items:,} more row{'s' * (items != 1)} of data"
    return f"more answers to the same questions cannot settle it; give its prompts about {rows} and start a new run"


def _see(found: Decision, here: str) -> str:
    return f"{'see what to do first' if found.notes or found.next else 'see why'}: tempkit recommend {here}"
