"""Top up an undecided run: more samples where they decide something, and nowhere else.

Temperatures that are out of the race (ruled out by a guard-rail, or shown to be worse than the best by more than the margin)
get no more samples, nor do those already shown to be near the best, but for the leader, which the others are measured
against. Each top-up is another look at the data, which gives chance another try; `ScoredSection.looks` counts them and the
recommendation asks for so much more confidence each time.
"""

from dataclasses import dataclass

from tempkit.compare.tables import ScoredSection
from tempkit.types import Plan, TopUp
from tempkit.usecases.result import Recommendation

__all__ = ["Round", "next_round"]

_AT_MOST = 2
"""Times the samples that are there: an estimate from few samples is not worth more than that at once."""


@dataclass(frozen=True, slots=True)
class Round:
    """What to do next for one section."""

    topup: TopUp | None
    """None: no samples would decide it."""
    samples: int
    """That it adds."""
    says: str
    """What is done, or why nothing is."""


def next_round(plan: Plan, section: ScoredSection, found: Recommendation, more: int | None = None) -> Round:
    """Return the samples to draw next for a section.

    Args:
        plan: Of the run.
        section: Whose recommendation it is.
        found: The recommendation so far.
        more: Samples to add per item and temperature; None: as many as are estimated to decide it, but no more than twice
            those there are.
    """
    where = f"{found.use_case} on {found.model}"
    if found.status != "undecided":
        return Round(None, 0, f"{where}: decided already ({found.status})")
    wanted = more
    if wanted is None and found.needs is not None:
        wanted = found.needs.samples
    if not found.racing or wanted is None:
        items = found.needs.items if found.needs else None
        rows = f"about {items} more rows of data" if items else "more rows of data"
        return Round(
            None,
            0,
            f"{where}: more samples of these items cannot decide it; give its prompts {rows} and start a new run",
        )
    prompts = tuple(prompt.name for prompt in section.prompts)
    now = max(plan.repeat_of(name, found.model, t) for name in prompts for t in found.racing)
    if more is None:
        wanted = min(wanted, _AT_MOST * now)
    topup = TopUp(model=found.model, prompts=prompts, temperatures=found.racing, repeat=now + wanted)
    samples = sum(
        len(prompt.items) * (topup.repeat - plan.repeat_of(prompt.name, found.model, t))
        for prompt in section.prompts
        for t in found.racing
    )
    listed = ", ".join(f"{t:g}" for t in found.racing)
    return Round(
        topup, samples, f"{where}: {samples} samples more, up to {topup.repeat} per item at {listed}"
    )
