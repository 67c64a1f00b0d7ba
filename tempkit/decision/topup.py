"""Top up a run: more answers where they could settle something, and nowhere else.

Temperatures that a guard-rail rules out, that are shown to be behind by more than the margin, or of which too few answers can be
scored get no more. How many answers more is what the decision says would settle it, but no more than twice those there are:
an estimate from few answers is not worth more at once. Each top-up is followed by another look at the data, which gives chance
another try; `tempkit.analysis.looks` counts them and the next decision is made with so much more confidence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tempkit.analysis import ScoredSection
from tempkit.decision.result import Decision, Place, StepCode
from tempkit.types import Item, Plan, TopUp

__all__ = ["Round", "next_round", "round_of_items"]

_AT_MOST = 2
"""Times the answers that are there."""

_IN_THE_RACE: tuple[Place, ...] = ("within", "open", "worse")


@dataclass(frozen=True, slots=True)
class Round:
    """What to do next for one section."""

    topups: tuple[TopUp, ...]
    """One for each group of temperatures that were asked of the same questions; none: no more answers would help."""
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
        return Round((), 0, f"{where}: settled already")
    racing = sorted({temperature for each in ends for temperature in each.placed(*_IN_THE_RACE)})
    wanted = more or max(_steps(ends, "more_answers"), default=None)
    if not racing:
        return Round(
            (),
            0,
            f"{where}: nothing can be compared yet, so more answers would not help; {_see(found, here)}",
        )
    if wanted is None:
        return Round(
            (),
            0,
            f"{where}: {_only_items(ends, here) or f'more answers would not help; {_see(found, here)}'}",
        )
    prompts = tuple(prompt.name for prompt in section.prompts)
    planned = plan.repeats(found.model)
    keys = [item.key for prompt in section.prompts for item in prompt.items]
    # A temperature that was dropped on the way was asked of fewer questions; it stays with those.
    now = max(planned[key][t] for key in keys for t in racing)
    asked = {t: [key for key in keys if planned[key][t]] for t in racing}
    if more is None:
        wanted = min(wanted, _AT_MOST * now)
    topups = tuple(
        TopUp(
            model=found.model,
            prompts=prompts,
            temperatures=tuple(t for t in racing if asked[t] == of),
            repeat=now + wanted,
            items=None if len(of) == len(keys) and not plan.later.items else tuple(of),
        )
        for of in _unique(asked.values())
    )
    samples = sum(now + wanted - planned[key][t] for t in racing for key in asked[t])
    listed = ", ".join(f"{t:g}" for t in racing)
    return Round(
        topups, samples, f"{where}: {samples} samples more, up to {now + wanted} per item at {listed}"
    )


def round_of_items(
    plan: Plan, section: ScoredSection, found: Decision, items: Mapping[str, Sequence[Item]]
) -> Round:
    """Return further items to ask for a section, each as often as those before, at the temperatures that are still in the race.

    Args:
        plan: Of the run.
        section: Whose decision it is.
        found: The decision so far.
        items: Those to ask, by the name of their prompt.
    """
    where = f"{found.use_case} on {found.model}"
    names = tuple(prompt.name for prompt in section.prompts)
    keys = tuple(item.key for name in names for item in items.get(name, ()))
    if not keys:
        return Round((), 0, f"{where}: there are no further questions; name a file that has some")
    racing = sorted({t for each in _ends(found) for t in each.placed(*_IN_THE_RACE)}) or list(
        plan.temperatures
    )
    planned = plan.repeats(found.model)
    repeat = max(planned[item.key][t] for prompt in section.prompts for item in prompt.items for t in racing)
    topup = TopUp(
        model=found.model, prompts=names, temperatures=tuple(racing), repeat=max(repeat, 1), items=keys
    )
    listed = ", ".join(f"{t:g}" for t in racing)
    samples = len(keys) * len(racing) * topup.repeat
    questions = f"{len(keys)} question{'s' * (len(keys) != 1)}"
    return Round(
        (topup,),
        samples,
        f"{where}: {questions} more, {topup.repeat} answers each at {listed}: {samples} samples",
    )


def _unique(groups: Iterable[list[str]]) -> list[list[str]]:
    return [list(each) for each in dict.fromkeys(map(tuple, groups))]


def _ends(found: Decision) -> Iterator[Decision]:
    """Yield the decision, and that about variety where there is one."""
    yield found
    if found.variety is not None:
        yield found.variety


def _steps(ends: list[Decision], code: StepCode) -> list[int]:
    return [step.data["n"] for each in ends for step in each.next if step.code == code]


def _only_items(ends: list[Decision], here: str) -> str:
    """Say that other questions would settle it, and how many; an empty text where they would not."""
    items = max(_steps(ends, "more_items"), default=None)
    if items is None:
        return ""
    questions = f"{items:,} more question{'s' * (items != 1)}"
    return f"more answers to the same questions cannot settle it; about {questions} would: tempkit topup {here} --items {items}"


def _see(found: Decision, here: str) -> str:
    return f"{'see what to do first' if found.notes or found.next else 'see why'}: tempkit recommend {here}"
