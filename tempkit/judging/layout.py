"""What there is to judge in a run, laid out before anybody is asked: the questions, and which completions they decide.

Pure but for reading the run, so that `--dry-run` counts exactly what a call would ask. Texts that are equal share their
questions; a pair of equal texts is a tie without any.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tempkit.analysis import use_cases
from tempkit.errors import UsageError, nearest
from tempkit.judging.pairs import choose_pairs
from tempkit.judging.questions import Question, grade_questions, pair_questions, rubric_of
from tempkit.measures import INCOMPLETE_ENDS
from tempkit.types import Completion, FinishReason, Item, Plan, Prompt, Reason, SampleKey, joined_names

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = [
    "Graded",
    "ItemPairings",
    "Mode",
    "Pairing",
    "Section",
    "Wanted",
    "Work",
    "chosen_use_cases",
    "lay_out",
    "unfit",
    "use_case_name",
]

Mode = Literal["grades", "pairs"]

_EVERY, _FEWEST_AGAIN, _MOST_AGAIN = 8, 4, 30
"""One question in so many is asked a second time in the same words, and how many at least and at most: they tell why a judge contradicts itself,
and do not decide whether it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a user asks to be judged."""

    rubric: str | None = None
    """What to judge by, in place of the items' own `llm-rubric` checks."""
    pairs: int | None = None
    """Pairs per item and model; None: grade each answer instead."""
    use_case: str | None = None
    """Only the prompts of this use case, or the prompt of this name; None: all."""

    @property
    def mode(self) -> Mode:
        return "grades" if self.pairs is None else "pairs"


@dataclass(frozen=True, slots=True)
class Graded:
    """A completion with the keys of its questions: with the scale upwards, and downwards."""

    sample: SampleKey
    questions: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two completions with the keys of their questions: the one shown first, and the other."""

    one: SampleKey
    other: SampleKey
    questions: tuple[str, str] | None
    """None: their texts are equal, so it is a tie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPairings:
    """One item on one model."""

    item: str
    graded: tuple[Graded, ...] = ()
    pairs: tuple[Pairing, ...] = ()
    left_out: tuple[tuple[SampleKey, Reason], ...] = ()
    """Completions that are not judged, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A use case, or a prompt that names none, on one model."""

    name: str
    model: str
    """The model's label."""
    temperatures: tuple[float, ...]
    items: tuple[str, ...]
    """All of them, those that are not judged too."""
    blocks: tuple[ItemPairings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """All there is to judge."""

    mode: Mode
    seed: int
    sections: tuple[Section, ...]
    questions: Mapping[str, Question] = field(default_factory=dict)
    """By key, those that are asked again included."""
    without_rubric: int = 0
    """Items that nothing says how to grade."""
    failed: int = 0
    """Samples without a completion."""

    @property
    def again(self) -> list[tuple[str, str]]:
        """The keys of questions that are asked twice in the same words: the first, and the second time."""
        repeated = (question for question in self.questions.values() if question.again)
        return [(question.repeated_of, question.key) for question in repeated]

    @property
    def blocks(self) -> Iterator[tuple[Section, ItemPairings]]:
        return ((section, block) for section in self.sections for block in section.blocks)


def lay_out(store: "Store", run: "RunRecord", wanted: Wanted) -> Work:
    """Return all that is to be judged in a run.

    Raises:
        UsageError: There is nothing to judge, or nothing to judge by.
        StoreError: The run cannot be read.
    """
    plan = store.load_plan(run.id)
    groups = chosen_use_cases(plan, wanted.use_case)
    answers: dict[tuple[str, str], list[Completion]] = {}
    for completion in store.completions(run.id):
        answers.setdefault((completion.key.item, completion.key.model), []).append(completion)
    questions: dict[str, Question] = {}
    without: set[str] = set()
    sections = []
    for prompts in groups:
        items = [item for prompt in prompts for item in prompt.items]
        for model in plan.models:
            blocks = []
            for place, item in enumerate(items):
                rubric = rubric_of(item, wanted.rubric)
                if rubric is None and wanted.mode == "grades":
                    without.add(item.key)
                    continue
                found = answers.get((item.key, model.label), [])
                if found:
                    blocks.append(_block(item, found, plan, wanted, rubric, place, questions))
            sections.append(
                Section(
                    name=use_case_name(prompts),
                    model=model.label,
                    temperatures=plan.temperatures,
                    items=tuple(item.key for item in items),
                    blocks=tuple(blocks),
                )
            )
    if not any(section.blocks for section in sections):
        if without:
            raise UsageError(
                "no item of the run has an llm-rubric check, so there is nothing to grade by; "
                "say it with --rubric TEXT, or compare answers with --pairs N"
            )
        raise UsageError(f"run {run.name} has no completions to judge yet; go on with it first")
    questions |= {question.key: question for question in _again(questions)}
    own = {key for section in sections for key in section.items}
    return Work(
        mode=wanted.mode,
        seed=plan.seed,
        sections=tuple(sections),
        questions=questions,
        without_rubric=len(without),
        failed=sum(key.item in own for key in store.failed(run.id)),
    )


def _again(questions: Mapping[str, Question]) -> list[Question]:
    """Return some of the questions to be asked again; keys are digests, so the first of them in order are drawn by lot."""
    n = min(_MOST_AGAIN, len(questions) // _EVERY)
    return [questions[key].repeated() for key in sorted(questions)[:n]] if n >= _FEWEST_AGAIN else []


def chosen_use_cases(plan: Plan, name: str | None) -> list[list[Prompt]]:
    """Return the prompts of each use case of a run, or those of one.

    Raises:
        UsageError: The run has none of this name.
    """
    groups = use_cases(plan)
    if name is None:
        return groups
    chosen = [prompts for prompts in groups if use_case_name(prompts) == name]
    if not chosen:
        names = [use_case_name(prompts) for prompts in groups]
        raise UsageError(
            f"the run has no use case {name!r}{nearest(name, names)}; it has: {', '.join(names)}"
        )
    return chosen


def use_case_name(prompts: Sequence[Prompt]) -> str:
    """Return what the prompts of one use case are called together."""
    return prompts[0].use_case or joined_names(prompts)


def _block(
    item: Item,
    found: Sequence[Completion],
    plan: Plan,
    wanted: Wanted,
    rubric: str | None,
    place: int,
    questions: dict[str, Question],
) -> ItemPairings:
    reasons = {completion.key: unfit(completion) for completion in found}
    fit = [completion for completion in found if reasons[completion.key] is None]

    def note(asked: tuple[Question, Question]) -> tuple[str, str]:
        for question in asked:
            questions.setdefault(question.key, question)
        return asked[0].key, asked[1].key

    graded: tuple[Graded, ...] = ()
    pairs: tuple[Pairing, ...] = ()
    if wanted.pairs is None:
        graded = tuple(
            Graded(answer.key, note(grade_questions(item, answer, rubric or "", plan.seed))) for answer in fit
        )
    else:
        cells: dict[float, list[Completion]] = {t: [] for t in plan.temperatures}
        for answer in fit:
            cells[answer.key.temperature].append(answer)
        pairs = tuple(
            Pairing(
                one.key,
                other.key,
                None if one.text == other.text else note(pair_questions(item, one, other, rubric, plan.seed)),
            )
            for one, other in choose_pairs(cells, wanted.pairs, place=place, seed=plan.seed)
        )
    left_out = tuple((key, reason) for key, reason in reasons.items() if reason is not None)
    return ItemPairings(item=item.key, graded=graded, pairs=pairs, left_out=left_out)


_INCOMPLETE: Mapping[FinishReason, Reason] = {
    "length": Reason("token_limit"),
    "content_filter": Reason("content_filter"),
    "unknown": Reason("end_unknown"),
}


def unfit(completion: Completion) -> Reason | None:
    """Return why a completion is not judged, by a model or a person; None when it is."""
    if completion.finish_reason in INCOMPLETE_ENDS:
        return _INCOMPLETE[completion.finish_reason]
    return None if completion.text.strip() else Reason("empty_answer")
