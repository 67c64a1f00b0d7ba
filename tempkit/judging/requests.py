"""Ask a judge: the questions as a plan for one model at temperature 0, what it says stored the moment it comes.

So a call that was killed goes on where it was. A request that failed is not stored; the next call makes it again.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tempkit.backends import Backend, Stoppable, load_backend
from tempkit.errors import BackendError, Interrupted, LimitReached, ModelError
from tempkit.judging.parse import Reading, read
from tempkit.judging.questions import Question
from tempkit.judging.rating_codec import answered, as_rating
from tempkit.planning import check_plan, sweeps
from tempkit.running import Limits, Progress, prepare, spending_of
from tempkit.types import (
    Budget,
    Capabilities,
    Failure,
    Item,
    ModelSpec,
    Outcome,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
)

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Asked", "Judge", "as_plan", "ask", "check_judge", "judge_capabilities"]

_PROMPT = "judge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A model as a judge."""

    model: ModelSpec
    max_tokens: int
    """Of an answer."""
    budget: Budget = field(default_factory=Budget)
    """Of one call."""

    @property
    def name(self) -> str:
        """The model, with the server that was named for it: behind one name there may be another model elsewhere."""
        url = self.model.options.get("base_url")
        return f"{self.model.id} at {url}" if url else self.model.id


@dataclass(slots=True, kw_only=True)
class Asked:
    """What a judge said, and what it took."""

    judge: str
    """Its name, with the first digits of its file's digest where there is one: a file may change under its name."""
    readings: dict[str, Reading] = field(default_factory=dict)
    """By question; a question whose request failed has none."""
    before: int = 0
    """Questions answered by an earlier call."""
    now: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    """Requests that failed, by reason."""
    usd: float = 0.0
    """What this call cost, as far as prices are known."""


def judge_capabilities(judge: Judge) -> Capabilities:
    """Return what the judge can be asked, without reaching it.

    Raises:
        BackendError: An unknown backend.
        UsageError: A wrong option.
    """
    return load_backend(judge.model.backend)(concurrency=1).capabilities(judge.model)


def check_judge(plan: Plan, can: Capabilities) -> None:
    """Refuse a judge that cannot be asked at temperature 0, where it says the same of the same.

    Args:
        plan: The questions' plan.
        can: What the judge can be asked.

    Raises:
        ModelError: Saying why.
    """
    judge = plan.models[0].label
    if can.temperature == "ignored" or can.temperature_min > 0:
        why = (
            f"ignores the temperature ({can.source})"
            if can.temperature == "ignored"
            else f"takes no temperature below {can.temperature_min:g}"
        )
        raise ModelError(
            f"{judge} {why}, and a judge must run at temperature 0; choose another model as judge"
        )
    try:
        check_plan(plan, {judge: can})
    except ModelError as e:
        raise ModelError(f"a judge must run at temperature 0, but {e}") from e


def as_plan(questions: Iterable[Question], judge: Judge, seed: int) -> Plan:
    """Return questions as a plan: one item each, one temperature, one sample."""
    items = tuple(
        Item(key=question.key, prompt=_PROMPT, messages=(question.message,)) for question in questions
    )
    return Plan(
        name=_PROMPT,
        prompts=(Prompt(name=_PROMPT, items=items),),
        models=(judge.model,),
        temperatures=(0.0,),
        repeat=1,
        seed=seed,
        sampling={_PROMPT: SamplingParams(max_tokens=judge.max_tokens, logprobs=0)},
        budget=judge.budget,
    )


def ask(
    store: "Store",
    run: "RunRecord",
    questions: Mapping[str, Question],
    judge: Judge,
    *,
    seed: int,
    limits: Limits,
    progress: Progress,
) -> Asked:
    """Ask a judge whatever it has not answered yet, and store what it says.

    Raises:
        ModelError: It cannot be reached, or cannot be asked at temperature 0.
        Interrupted: Ctrl-C; what had been answered is stored.
        LimitReached: The budget is used up; likewise.
    """
    plan = as_plan(questions.values(), judge, seed)
    check_judge(plan, judge_capabilities(judge))
    call = _Call(store=store, run=run, questions=questions, plan=plan, judge=judge, progress=progress)
    try:
        return asyncio.run(call.make(limits))
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; {_GO_ON}") from None


_GO_ON = "what the judge has said is stored, and the same command asks the rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    store: "Store"
    run: "RunRecord"
    questions: Mapping[str, Question]
    plan: Plan
    judge: Judge
    progress: Progress

    async def make(self, limits: Limits) -> Asked:
        prepared = await prepare(self.plan, limits)
        try:
            label = self.judge.model.label
            digest = prepared.infos[label].digest
            asked = Asked(judge=self.judge.name + (f"@{digest.rpartition(':')[2][:12]}" if digest else ""))
            known = answered(self.store.ratings(self.run.id), asked.judge, self.judge.max_tokens)
            asked.readings = {key: known[key] for key in self.questions if key in known}
            asked.before = len(asked.readings)
            if asked.before < len(self.questions):
                skip = {SampleKey(key, label, 0.0, 0) for key in asked.readings}
                self.progress.begin(self.plan, skip)
                try:
                    await self._take(prepared.backends[self.judge.model.backend], skip, asked)
                finally:
                    self.progress.end()
            return asked
        finally:
            await prepared.close()

    async def _take(self, backend: Backend, skip: set[SampleKey], asked: Asked) -> None:
        model, used_up = self.judge.model, False
        spending = spending_of(self.plan, {model.label: backend.capabilities(model)})
        async with aclosing(backend.run(sweeps(self.plan, skip), self.progress.tokens)) as outcomes:
            async for outcome in outcomes:
                self.progress.outcome(outcome)
                spending.add(outcome)
                asked.usd = spending.usd
                self._note(outcome, asked)
                if spending.reached(backend.under_way if isinstance(backend, Stoppable) else 0):
                    used_up = True
                    if not isinstance(backend, Stoppable):
                        break
                    backend.stop()
        if asked.before + asked.now + sum(asked.failed.values()) < len(self.questions):
            if used_up:
                raise LimitReached(f"{spending}; {_GO_ON}")
            raise BackendError(f"{self.judge.model.label} left out some of the questions; {_GO_ON}")

    def _note(self, outcome: Outcome, asked: Asked) -> None:
        """Store an answer at once: it is worth more than the millisecond that takes."""
        if isinstance(outcome, Failure):
            why = f"{outcome.kind}: {outcome.message}"
            asked.failed[why] = asked.failed.get(why, 0) + 1
            return
        question = self.questions[outcome.key.item]
        reading = read(question.form, outcome)
        rating = as_rating(question, outcome, reading, asked.judge, self.judge.max_tokens)
        self.store.add_ratings(self.run.id, [rating])
        asked.readings[question.key] = reading
        asked.now += 1
