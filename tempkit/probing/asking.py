"""Ask a model through its backend, exactly as a run would, and count what that takes."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

from tempkit.backends import AskedAnew, Backend, asked_anew, load_backend
from tempkit.errors import ModelError, one_line
from tempkit.probing.questions import Question
from tempkit.types import (
    Completion,
    Failure,
    Item,
    ModelInfo,
    ModelSpec,
    Outcome,
    Sample,
    SamplingParams,
    Sweep,
)

__all__ = ["MOST_REQUESTS", "RESERVE", "Asker", "refusal"]

MOST_REQUESTS = 400
"""No probe asks more."""
RESERVE = 8
"""Requests that are kept for the end, to see whether the same model still answers."""


class Asker:
    """One model being probed; close it whatever happens."""

    def __init__(self, model: ModelSpec, *, concurrency: int) -> None:
        self.model = model
        """As it is asked: with the options that the probe found to be needed."""
        self.anew = AskedAnew()
        self.logprobs = 20
        """Alternatives that are asked for."""
        self.longest = 0
        """The least that is asked for as an answer's longest length; for models that answer nothing within fewer tokens."""
        self.requests = self.input_tokens = self.output_tokens = 0
        self._backend: Backend = load_backend(model.backend)(concurrency=concurrency)
        self._asked = 0
        self._variants = 0

    @property
    def left(self) -> int:
        """Requests that may still be made."""
        return MOST_REQUESTS - self.requests

    @property
    def local(self) -> bool:
        return self._backend.local

    async def prepare(self) -> ModelInfo:
        """Reach or load the model.

        Raises:
            ModelError: It cannot be had.
            UsageError: An option of it is wrong.
        """
        with asked_anew(self.anew):
            self._backend.capabilities(self.model)
            found = await self._backend.prepare(self.model)
            # A local engine ends with the work of its last user; this one has none, so the model stays loaded between the parts.
            await self._backend.prepare(replace(self.model, label=f"{self.model.label} (kept)"))
            return found

    async def change(self, **options: object) -> None:
        """Ask the model from now on with other options of its own.

        Raises:
            UsageError: It has no such option.
        """
        self._variants += 1
        changed = replace(
            self.model,
            label=f"{self.model.label.split(' [')[0]} [{self._variants}]",
            options={**self.model.options, **options},
        )
        with asked_anew(self.anew):
            self._backend.capabilities(changed)
        self.model = changed

    def params(self, max_tokens: int, **given: object) -> SamplingParams:
        """Return how to sample: neutral, but for what is given."""
        whole = {"max_tokens": max(max_tokens, self.longest), "logprobs": self.logprobs, **given}
        return SamplingParams(**whole)  # type: ignore[arg-type]

    def question(
        self, item: Item, temperature: float, sampling: SamplingParams, seed: int | None = None
    ) -> Question:
        """Return a question; each gets a seed that no other has, unless one is given."""
        self._asked += 1
        return Question(
            item=item,
            temperature=temperature,
            sampling=sampling,
            seed=1000 + self._asked if seed is None else seed,
        )

    async def ask(self, questions: Sequence[Question], *, alone: bool = False) -> list[Outcome]:
        """Ask, and return the outcomes in the order of the questions; `alone`: one after the other.

        Raises:
            ModelError: There are more than may be asked.
        """
        if len(questions) > self.left:
            raise ModelError(f"{self.model.id}: a probe may make {MOST_REQUESTS} requests, and has made them")
        if alone:
            return [outcome for question in questions for outcome in await self._ask([question])]
        return await self._ask(questions)

    async def _ask(self, questions: Sequence[Question]) -> list[Outcome]:
        grouped: dict[tuple[str, SamplingParams], list[int]] = defaultdict(list)
        for i, question in enumerate(questions):
            grouped[question.item.key, question.sampling].append(i)
        sweeps, places = [], {}
        for number, ((key, sampling), members) in enumerate(grouped.items()):
            item = replace(questions[members[0]].item, key=f"{key}#{number}")
            samples = []
            for replicate, i in enumerate(members):
                sample = Sample(questions[i].temperature, replicate, questions[i].seed)
                samples.append(sample)
                places[item.key, replicate] = i
            sweeps.append(Sweep(item=item, model=self.model, sampling=sampling, samples=tuple(samples)))
        found: list[Outcome | None] = [None] * len(questions)
        with asked_anew(self.anew):
            async with aclosing(self._backend.run(sweeps, _nobody)) as outcomes:
                async for outcome in outcomes:
                    found[places[outcome.key.item, outcome.key.replicate]] = outcome
                    self._count(outcome)
        return [outcome for outcome in found if outcome is not None]

    def _count(self, outcome: Outcome) -> None:
        self.requests += max(1, outcome.attempts)
        if isinstance(outcome, Completion):
            self.input_tokens += outcome.input_tokens or 0
            self.output_tokens += outcome.output_tokens or len(outcome.tokens)

    async def close(self) -> None:
        await self._backend.close()


def refusal(outcome: Outcome) -> Failure | None:
    """Return what is wrong where the server will not have a request as it is, None for an answer; raise where it cannot be asked at all.

    Raises:
        ModelError: The model cannot be reached, or the key is refused.
    """
    if isinstance(outcome, Completion):
        return None
    if outcome.kind in ("rejected", "context_length"):
        return outcome
    raise ModelError(f"{outcome.key.model.split(' [')[0]}: {_what(outcome)}: {one_line(outcome.message)}")


def _what(failure: Failure) -> str:
    return {
        "auth": "the key is refused",
        "connection": "it cannot be reached",
        "timeout": "it does not answer in time",
        "rate_limit": "it takes no more requests for now; try again later",
    }.get(failure.kind, "it does not answer")


def _nobody(label: str, temperature: float, tokens: int) -> None:
    """Tell nobody how many tokens came."""
