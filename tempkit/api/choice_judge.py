"""The judge of a run of `choose`: checked before anything is asked, tried on the first answers, its cost counted in the budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from tempkit.adaptive import GROWTH, Size
from tempkit.api.judging import judge, judge_outline
from tempkit.errors import LimitReached, ModelError
from tempkit.judging import Judge, Judgement, Setting, checked_setting, costs_of, judge_capabilities
from tempkit.planning import parse_model
from tempkit.running import Progress
from tempkit.store import RunRecord, Store
from tempkit.types import Budget, ModelSpec, Plan

__all__ = ["RoundsJudge", "checked", "further", "notes_of", "per_sample", "tried_on", "without"]

_PAIRS = 6
"""Comparisons that a judge makes of each question's answers on a model."""
_MOST_PAIRS = 24
"""Where these are too few to know whether it agrees with itself."""
_TRIED_ON = 3
"""Questions, at least, whose answers the judge is tried on before the others are asked; else a third of the first round's."""
_WORDS = 400
"""Tokens of a question to the judge besides the texts that it is about, with an answer in a line."""
_SAMPLES = 10
"""Answers to a question on a model in the first round: five temperatures, two each."""


def checked(model: ModelSpec, budget: Budget) -> Setting:
    """Return how a judge will be asked, before anything is.

    Raises:
        BackendError: An unknown backend.
        ModelError: Its price is not known, and the budget is in USD.
        UsageError: A wrong option.
    """
    asked = Judge(model=model, max_tokens=1, budget=budget)
    return checked_setting(asked, judge_capabilities(asked))


def per_sample(model: ModelSpec, tokens: float, *, graded: bool) -> tuple[float, float]:
    """Return what judging adds to the expected cost of a sample: tokens, and USD as far as the price is known.

    Args:
        model: The judge.
        tokens: Of a sample's prompt and answer.
        graded: Whether it grades answers; else it compares two at a time.
    """
    price = judge_capabilities(Judge(model=model, max_tokens=1)).price
    questions, texts = (2.0, 1) if graded else (2 * _PAIRS / _SAMPLES, 2)
    more = questions * (_WORDS + texts * tokens)
    return more, 0.0 if price is None else price.input_usd * more


def without(budget: Budget, usd: float, tokens: int) -> Budget:
    """Return what is left of a budget."""
    return Budget(
        usd=None if budget.usd is None else max(0.0, budget.usd - usd),
        tokens=None if budget.tokens is None else max(0, budget.tokens - tokens),
    )


def tried_on(plan: Plan) -> frozenset[str] | None:
    """Return the items of a first round that are asked before the others, so that the judge is tried on their answers; None: all."""
    least = [max(_TRIED_ON, ceil(len(prompt.items) / 3)) for prompt in plan.prompts]
    some = frozenset(
        item.key for prompt, n in zip(plan.prompts, least, strict=True) for item in prompt.items[:n]
    )
    return None if len(some) == len(plan.items) else some


def further(
    sizes: Sequence[Mapping[float, Size]], *, pool: int, samples: int | None
) -> list[dict[float, Size]] | None:
    """Return the next round where nothing is known yet but that the judge needs more: all temperatures, more questions.

    Args:
        sizes: By model, how far each temperature is sampled.
        pool: Items that there are, asked or not.
        samples: That can be paid for; None: any number.
    """
    now = max((size.items for of in sizes for size in of.values()), default=0)
    each = sum(size.replicates for of in sizes for size in of.values())
    more = min(pool, ceil(GROWTH * now))
    if samples is not None:
        more = min(more, now + samples // max(1, each))
    if more <= now:
        return None
    return [{t: replace(size, items=more) for t, size in of.items()} for of in sizes]


@dataclass(slots=True, kw_only=True)
class RoundsJudge:
    """Judges the answers of a run round by round."""

    store: Store
    concurrency: int
    progress: Progress
    pairs: int = _PAIRS
    """Comparisons of each question's answers on a model; more once it was seen that they are too few."""
    unsure: bool = False
    """Whether more questions could still show that it agrees with itself."""

    def costs(self, run: RunRecord) -> tuple[float, int]:
        """Return what the judge has taken so far: USD, and tokens."""
        found = costs_of(self.store.ratings(run.id))
        return found.usd, found.tokens

    def judge(self, run: RunRecord, plan: Plan, budget: Budget) -> Judgement:
        """Let the design's judge judge what it has not judged yet; where it was asked too little to be trusted, ask it more.

        Args:
            run: The run.
            plan: Its plan, of a design with a judge.
            budget: Of the whole run, the judge's answers included.

        Raises:
            ModelError: It was shown to agree with itself too little, or cannot be asked.
            UsageError: There is nothing to judge.
            LimitReached: The budget is used up.
        """
        found = self._judge(run, plan, budget)
        how = found.consistency
        more = how.verdict == "unknown" and how.needed is not None and how.compared > 0
        if more and found.mode == "pairs" and self.pairs < _MOST_PAIRS:
            self.pairs = _MOST_PAIRS
            found = self._judge(run, plan, budget)
            how = found.consistency
        if found.failed and not how.compared:
            why = max(found.failed, key=found.failed.__getitem__)
            raise ModelError(
                f"{found.judge} answered none of the questions ({why}); the answers that it was to judge are in run {run.name}"
            )
        if how.verdict == "unreliable" or (how.kappa is None and how.verdict == "unknown"):
            raise ModelError(
                f"{found.judge}: {'; '.join(how.warnings[:1]) or 'it is no judge'}. Nothing more is asked; what was answered is in run {run.name}: "
                f"let another judge it with `tempkit judge {run.name} -m ...`, or begin again with another --judge"
            )
        self.unsure = how.verdict == "unknown" and how.needed is not None
        return found

    def _judge(self, run: RunRecord, plan: Plan, budget: Budget) -> Judgement:
        if plan.design is None or plan.design.judge is None:
            raise ValueError("the plan has no judge")
        model, rubric = parse_model(plan.design.judge), plan.design.rubric
        pairs = self.pairs if rubric is None else None
        usd, tokens, _count = self.store.spent(run.id)
        judged_usd, judged_tokens = self.costs(run)
        left = without(budget, usd + judged_usd, tokens + judged_tokens)
        if 0 in (left.usd, left.tokens):
            outline = judge_outline(run, model=model, db=self.store, rubric=rubric, pairs=pairs)
            if outline.answered_before < outline.questions:
                raise LimitReached(
                    f"the budget is used up, the judge's part included ({tokens + judged_tokens:,} tokens), with "
                    f"{outline.questions - outline.answered_before:,} questions to the judge left",
                    run.id,
                )
        return judge(
            run, model=model, db=self.store, rubric=rubric, pairs=pairs, budget=left,
            concurrency=self.concurrency, progress=self.progress,
        )  # fmt: skip


def notes_of(found: Judgement, costs: tuple[float, int]) -> Sequence[str]:
    """Return what to say of a judging: how the judge was asked, what it is worth, what it took."""
    how = found.consistency
    usd, tokens = costs
    kappa = ""
    if how.kappa is not None:
        kappa = f"kappa {how.kappa.value:.2f}, at least {how.kappa.low:.2f} where {how.min_kappa:g} is asked for; "
    money = f", ${usd:.4g}" if usd else ""
    first = f"judge {found.judge}, {found.setting}: {kappa}{tokens:,} tokens{money} so far"
    return [first, *(f"warning: {each}" for each in how.warnings)]
