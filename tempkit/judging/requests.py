"""Ask a judge: the questions as a plan for one model at one temperature, what it says stored the moment it comes.

So a call that was killed goes on where it was. A request that failed is not stored; the next call makes it again.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tempkit.backends import Backend, Stoppable, load_backend, written_addresses
from tempkit.errors import BackendError, Interrupted, LimitReached
from tempkit.judging.parse import Reading, read
from tempkit.judging.questions import Question
from tempkit.judging.rating_codec import Costs, answered, as_rating, who_answered
from tempkit.judging.setting import Setting, setting_of
from tempkit.planning import check_plan, sweeps
from tempkit.running import Limits, Progress, Watcher, check_budget, estimated, prepare, spending_of
from tempkit.store import AnsweredBy
from tempkit.types import (
    Budget,
    Capabilities,
    Completion,
    Failure,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Outcome,
    Plan,
    Prompt,
    Rating,
    SampleKey,
    SamplingParams,
)

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["MIN_KAPPA", "Asked", "Judge", "as_plan", "ask", "checked_setting", "judge_capabilities"]

_PROMPT = "judge"

MIN_KAPPA = 0.4
"""What a judge's kappa must be shown to be at least. Below it agreement is "fair" at best (J. R. Landis and G. G. Koch, Biometrics 33, 1977);
from it on, more than half of the variance of a score that two answers make comes from the texts: 2 k / (1 + k) = 0.57 (Spearman and Brown)."""

_USUAL = 1.0
"""The temperature in the keys of answers that were asked for without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A model as a judge."""

    model: ModelSpec
    max_tokens: int
    """Of an answer."""
    temperature: float | None = None
    """None: 0, or where it does not take that, what it takes."""
    min_kappa: float = MIN_KAPPA
    """Its scores are used where its kappa is shown to be at least this."""
    budget: Budget = field(default_factory=Budget)
    """Of one call."""

    @property
    def name(self) -> str:
        """The model, with the server that was named for it: behind one name there may be another model elsewhere."""
        urls = written_addresses(self.model.options)
        return f"{self.model.id} at {' and '.join(urls)}" if urls else self.model.id


@dataclass(slots=True, kw_only=True)
class Asked:
    """What a judge said, and what it took."""

    judge: str
    """Its name, with the first digits of its file's digest where there is one: a file may change under its name."""
    setting: Setting
    """How it was asked."""
    readings: dict[str, Reading] = field(default_factory=dict)
    """By question; a question whose request failed has none."""
    before: int = 0
    """Questions answered by an earlier call."""
    now: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    """Requests that failed, by reason."""
    usd: float = 0.0
    """What this call cost, as far as prices are known."""
    answered_by: dict[str, int] = field(default_factory=dict)
    """How many of its answers to anything about the run name which model as theirs, those of earlier calls included."""


def judge_capabilities(judge: Judge) -> Capabilities:
    """Return what the judge can be asked, without reaching it.

    Raises:
        BackendError: An unknown backend.
        UsageError: A wrong option.
    """
    return load_backend(judge.model.backend)(concurrency=1).capabilities(judge.model)


def checked_setting(judge: Judge, can: Capabilities) -> Setting:
    """Return how a judge is asked, before anything is.

    Args:
        judge: The judge.
        can: What it can be asked.

    Raises:
        ModelError: It does not take the temperature that was asked for, or its price is not known and the budget is in USD.
    """
    setting = setting_of(judge.model.label, can, judge.temperature)
    plan = as_plan((), judge, setting, 0)
    some = Item(key=_PROMPT, prompt=_PROMPT, messages=(Message("user", _PROMPT),))
    plan = replace(plan, prompts=(Prompt(name=_PROMPT, items=(some,)),))
    check_plan(plan, {judge.model.label: can})
    check_budget(plan, {judge.model.label: can})
    return setting


def as_plan(questions: Iterable[Question], judge: Judge, setting: Setting, seed: int) -> Plan:
    """Return questions as a plan: one item each, one temperature, one sample."""
    items = tuple(
        Item(key=question.key, prompt=_PROMPT, messages=(question.message,)) for question in questions
    )
    return Plan(
        name=_PROMPT,
        prompts=(Prompt(name=_PROMPT, items=items),),
        models=(judge.model,),
        temperatures=(_temperature(setting),),
        repeat=1,
        seed=seed,
        sampling={_PROMPT: SamplingParams(max_tokens=judge.max_tokens, logprobs=0)},
        budget=judge.budget,
        without_temperature=setting.temperature is None,
    )


def _temperature(setting: Setting) -> float:
    return _USUAL if setting.temperature is None else setting.temperature


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
        ModelError: It cannot be reached, or does not take the temperature that was asked for.
        Interrupted: Ctrl-C; what had been answered is stored.
        LimitReached: The budget is used up; likewise.
    """
    setting = checked_setting(judge, judge_capabilities(judge))
    plan = as_plan(questions.values(), judge, setting, seed)
    call = _Call(
        store=store, run=run, questions=questions, plan=plan, judge=judge, setting=setting, progress=progress
    )
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
    setting: Setting
    progress: Progress

    async def make(self, limits: Limits) -> Asked:
        prepared = await prepare(self.plan, limits, self.progress)
        try:
            label = self.judge.model.label
            digest = prepared.infos[label].digest
            name = self.judge.name + (f"@{digest.rpartition(':')[2][:12]}" if digest else "")
            asked = Asked(judge=name, setting=self.setting)
            ratings = list(self.store.ratings(self.run.id))
            known = answered(ratings, name, self.judge.max_tokens, self.setting.temperature)
            watcher = self._watcher(prepared.infos, ratings, name)
            asked.readings = {key: known[key] for key in self.questions if key in known}
            asked.before = len(asked.readings)
            if asked.before < len(self.questions):
                skip = {SampleKey(key, label, _temperature(self.setting), 0) for key in asked.readings}
                self.progress.begin(self.plan, skip)
                try:
                    await self._take(prepared.backends[self.judge.model.backend], skip, asked, watcher)
                finally:
                    self.progress.end()
            asked.answered_by = {who: by.total() for who, by in watcher.seen(label).names().items()}
            return asked
        finally:
            await prepared.close()

    def _watcher(self, infos: Mapping[str, ModelInfo], ratings: Iterable[Rating], name: str) -> Watcher:
        """Return what watches who answers; a judge that ignores the temperature is measured by its agreement with itself, and goes on."""
        label, temperature = self.judge.model.label, _temperature(self.setting)
        before = [
            AnsweredBy(
                prompt=_PROMPT, model=label, temperature=temperature, name=who, fingerprint=fingerprint, n=n
            )
            for (who, fingerprint), n in who_answered(ratings, name).items()
        ]
        return Watcher([self.judge.model], infos, before, allowed=[label])

    async def _take(self, backend: Backend, skip: set[SampleKey], asked: Asked, watcher: Watcher) -> None:
        model, used_up = self.judge.model, False
        spending = spending_of(self.plan, {model.label: backend.capabilities(model)})
        async with aclosing(backend.run(sweeps(self.plan, skip), self.progress.tokens)) as outcomes:
            async for outcome in outcomes:
                self.progress.outcome(outcome)
                for line in watcher.add(outcome):
                    self.progress.note(line)
                spending.add(outcome)
                asked.usd = spending.usd
                self._note(outcome, asked, backend.capabilities(model))
                if spending.reached(backend.under_way if isinstance(backend, Stoppable) else 0):
                    used_up = True
                    if not isinstance(backend, Stoppable):
                        break
                    backend.stop()
        for line in watcher.notes():
            self.progress.note(line)
        if asked.before + asked.now + sum(asked.failed.values()) < len(self.questions):
            if used_up:
                raise LimitReached(f"{spending}; {_GO_ON}")
            raise BackendError(f"{self.judge.model.label} left out some of the questions; {_GO_ON}")

    def _note(self, outcome: Outcome, asked: Asked, can: Capabilities) -> None:
        """Store an answer at once: it is worth more than the millisecond that takes."""
        if isinstance(outcome, Failure):
            why = f"{outcome.kind}: {outcome.message}"
            asked.failed[why] = asked.failed.get(why, 0) + 1
            return
        question = self.questions[outcome.key.item]
        reading = read(question.form, outcome)
        rating = as_rating(
            question, outcome, reading, asked.judge, self.judge.max_tokens,
            temperature=self.setting.temperature, costs=_costs(question, outcome, can),
        )  # fmt: skip
        self.store.add_ratings(self.run.id, [rating])
        asked.readings[question.key] = reading
        asked.now += 1


def _costs(question: Question, answer: Completion, can: Capabilities) -> Costs:
    """Return what an answer took, estimated where the server counts nothing."""
    prompt, said = answer.input_tokens, answer.output_tokens
    if prompt is None:
        prompt = estimated(len(question.message.content))
    if said is None:
        said = len(answer.tokens) + (answer.thinking_tokens or 0)
        said = said or estimated(len(answer.text) + len(answer.thinking or ""))
    usd = answer.cost_usd
    if usd is None:
        usd = 0.0 if can.price is None else can.price.of(prompt, said)
    return Costs(tokens=prompt + said, usd=usd)
