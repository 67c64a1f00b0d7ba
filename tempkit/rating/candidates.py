"""Which answers of a run people can be asked about, by question and temperature."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tempkit.errors import UsageError, one_line
from tempkit.judging import chosen_use_cases, unfit, use_case_name
from tempkit.types import Completion, Item, Reason

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Candidates", "SheetWanted", "candidates", "looks_like"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWanted:
    """What a user asks to be rated."""

    pairs: int = 30
    use_case: str | None = None
    """Only the prompts of this use case, or the prompt of this name; None: all."""
    temperatures: tuple[float, ...] | None = None
    """Only answers at these; None: at all that the run has."""
    seed: int | None = None
    """Of the choice and the order; None: drawn anew, so that nobody can work them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """A use case, or a prompt that names none, on one model."""

    name: str
    model: str
    """The model's label."""
    temperatures: tuple[float, ...]
    """Those with an answer that can be rated, rising."""
    questions: Mapping[str, Mapping[float, Sequence[Completion]]]
    """By item key and temperature."""
    left_out: Mapping[Reason, int] = field(default_factory=dict)
    """How many answers are not rated, by the reason."""


def looks_like(text: str) -> str:
    """Return what a reader sees of a text: two answers that differ in blanks alone are the same."""
    return " ".join(text.split())


def candidates(
    store: "Store", run: "RunRecord", wanted: SheetWanted
) -> tuple[list[Candidates], dict[str, Item]]:
    """Return the answers that people can compare, section by section, and all items by key.

    Truncated and empty answers are left out, as they are for a judge: nobody can say how good they would have been. Answers at
    temperatures that a guard-rail rules out are among them: whoever rates does not know, and a decision leaves them out by itself.

    Raises:
        UsageError: There is nothing to compare; the message says why.
        StoreError: The run cannot be read.
    """
    plan = store.load_plan(run.id)
    groups = chosen_use_cases(plan, wanted.use_case)
    if wanted.temperatures is not None and (unknown := set(wanted.temperatures) - set(plan.temperatures)):
        raise UsageError(
            f"the run has no answers at {_listed(sorted(unknown))}; it has {_listed(plan.temperatures)}"
        )
    answers: dict[tuple[str, str], list[Completion]] = {}
    for completion in store.completions(run.id):
        if wanted.temperatures is None or completion.key.temperature in wanted.temperatures:
            answers.setdefault((completion.key.item, completion.key.model), []).append(completion)
    found = [
        _section(
            use_case_name(prompts),
            model.label,
            [item.key for prompt in prompts for item in prompt.items],
            answers,
        )
        for prompts in groups
        for model in plan.models
        if len(plan.compared_at(model.label)) > 1
    ]
    usable = [each for each in found if len(each.temperatures) > 1 and any(_differ(each))]
    if not usable:
        raise UsageError(_why_none(run.name, found, answers))
    return usable, {item.key: item for prompts in groups for prompt in prompts for item in prompt.items}


def _section(
    name: str, model: str, keys: Sequence[str], answers: Mapping[tuple[str, str], Sequence[Completion]]
) -> Candidates:
    questions: dict[str, dict[float, list[Completion]]] = {}
    left_out: Counter[Reason] = Counter()
    for key in keys:
        for answer in answers.get((key, model), ()):
            reason = unfit(answer)
            if reason is None:
                questions.setdefault(key, {}).setdefault(answer.key.temperature, []).append(answer)
            else:
                left_out[reason] += 1
    return Candidates(
        name=name,
        model=model,
        temperatures=tuple(sorted({t for cells in questions.values() for t in cells})),
        questions=questions,
        left_out=left_out,
    )


def _differ(section: Candidates) -> Iterator[bool]:
    """Yield for each question whether it has two different texts at different temperatures."""
    for cells in section.questions.values():
        texts = [{looks_like(answer.text) for answer in found} for found in cells.values()]
        yield len(texts) > 1 and len(set().union(*texts)) > 1


def _why_none(
    name: str, found: Sequence[Candidates], answers: Mapping[tuple[str, str], Sequence[Completion]]
) -> str:
    run = f"run {one_line(name, 60)}"
    if not answers:
        return f"{run} has no answers to rate yet; go on with it first"
    left_out = sum((Counter(each.left_out) for each in found), Counter[Reason]())
    why = "; ".join(f"{count:,} {reason}" for reason, count in left_out.items())
    said = f" ({why})" if why else ""
    if all(len(each.temperatures) < 2 for each in found):
        return f"pairs are of answers at different temperatures, and {run} has them at one only{said}"
    return f"all answers of {run} that could be compared say the same, so there is nothing to rate{said}"


def _listed(temperatures: Sequence[float]) -> str:
    return ", ".join(f"{t:g}" for t in temperatures)
