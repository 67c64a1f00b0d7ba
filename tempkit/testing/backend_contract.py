"""What every backend must do, whatever stands behind it: one class of tests, run over a model of each.

A backend's own suite is a subclass that names a model. Everything is asked through the entry point, as a run would.
"""

import asyncio
import math
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from tempkit.backends import Backend, load_backend
from tempkit.types import (
    Completion,
    Item,
    Message,
    ModelSpec,
    Outcome,
    Sample,
    SamplingParams,
    Sweep,
)

__all__ = ["QUESTIONS", "TEMPERATURES", "BackendContract", "Swept", "make_sweeps", "run_all"]

Heard = list[tuple[str, float, int]]
"""What the token listener was called with."""

Swept = tuple[list[Sweep], list[Outcome], Heard]
"""What was asked for, what came, and what was heard meanwhile."""

TEMPERATURES = (0.0, 0.7, 1.5)
QUESTIONS = ("How many bits are in one byte?", "At what temperature does water boil at sea level?")


def make_sweeps(
    model: ModelSpec,
    sampling: SamplingParams,
    temperatures: Sequence[float] = TEMPERATURES,
    repeat: int = 2,
    questions: Sequence[str] = QUESTIONS,
) -> list[Sweep]:
    """Return one sweep for each question, over all temperatures, `repeat` times each."""
    return [
        Sweep(
            item=Item(key=f"p/{i}", prompt="p", messages=(Message("user", question),)),
            model=model,
            sampling=sampling,
            samples=tuple(Sample(t, r, seed=100 * i + r) for r in range(repeat) for t in temperatures),
        )
        for i, question in enumerate(questions)
    ]


async def _collect(backend: Backend, sweeps: list[Sweep], heard: Heard) -> list[Outcome]:
    try:
        for model in {s.model.label: s.model for s in sweeps}.values():
            await backend.prepare(model)
        async with aclosing(backend.run(sweeps, lambda *a: heard.append(a))) as outcomes:
            return [outcome async for outcome in outcomes]
    finally:
        await backend.close()


def run_all(sweeps: list[Sweep]) -> tuple[list[Outcome], Heard]:
    """Run sweeps of one backend to their end, as a run does; return the outcomes and what the token listener heard."""
    heard: Heard = []
    backend = load_backend(sweeps[0].model.backend)(concurrency=4)
    return asyncio.run(_collect(backend, sweeps, heard)), heard


class BackendContract:
    """Derive a class whose name begins with `Test`, and name a model in it.

    The model must give logprobs, take a seed, and answer the questions differently when it is hot.
    """

    model: ModelSpec
    """As `parse_model("native:NAME")` gives it; a fixture of the class may set it once its server runs."""
    sampling = SamplingParams(max_tokens=12, logprobs=5)

    @pytest.fixture(scope="class")
    @classmethod
    def swept(cls) -> Swept:
        sweeps = make_sweeps(cls.model, cls.sampling)
        return sweeps, *run_all(sweeps)

    @pytest.fixture(scope="class")
    @classmethod
    def completions(cls, swept: Swept) -> list[Completion]:
        assert all(isinstance(o, Completion) for o in swept[1]), swept[1]
        return [o for o in swept[1] if isinstance(o, Completion)]

    def test_one_outcome_for_every_sample(self, swept: Swept) -> None:
        sweeps, outcomes, _ = swept
        wanted = sorted(s.key(sample) for s in sweeps for sample in s.samples)
        assert sorted(o.key for o in outcomes) == wanted

    def test_the_temperature_sent_is_the_one_asked_for_zero_included(
        self, completions: list[Completion]
    ) -> None:
        assert {c.key.temperature for c in completions} == set(TEMPERATURES)
        for c in completions:
            assert c.temperature_sent == c.key.temperature
            assert c.params["temperature"] == c.key.temperature

    def test_a_sample_carries_its_own_seed(self, swept: Swept, completions: list[Completion]) -> None:
        seeds = {s.key(sample): sample.seed for s in swept[0] for sample in s.samples}
        assert all(c.seed == seeds[c.key] == c.params["seed"] for c in completions)

    def test_replicates_at_zero_are_equal_and_hot_ones_differ(self, completions: list[Completion]) -> None:
        texts: dict[tuple[str, float], set[str]] = {}
        for c in completions:
            texts.setdefault((c.key.item, c.key.temperature), set()).add(c.text)
        assert all(len(found) == 1 for (_, t), found in texts.items() if t == 0)
        assert any(len(found) > 1 for (_, t), found in texts.items() if t == 1.5)

    def test_tokens_join_up_to_the_text(self, completions: list[Completion]) -> None:
        for c in completions:
            assert "".join(t.text for t in c.tokens) == c.text

    def test_logprobs_are_of_the_declared_kind_and_in_order(self, completions: list[Completion]) -> None:
        backend = load_backend(self.model.backend)(concurrency=1)
        kind = backend.capabilities(self.model).logprob_kind
        for c in completions:
            assert c.logprob_kind == kind
            for token in c.tokens:
                assert token.logprob is not None
                assert token.logprob <= 1e-6
                assert len(token.top) == self.sampling.logprobs
                values = [lp for _, lp in token.top]
                assert values == sorted(values, reverse=True)
                assert sum(math.exp(lp) for lp in values) <= 1 + 1e-5

    def test_a_known_rank_points_at_the_token(self, completions: list[Completion]) -> None:
        ranked = [(t, t.rank) for c in completions for t in c.tokens if t.rank is not None and t.rank < 5]
        assert ranked
        for token, rank in ranked:
            assert token.top[rank][1] == pytest.approx(token.logprob, abs=1e-5)

    def test_at_zero_every_token_is_the_most_probable(self, completions: list[Completion]) -> None:
        tokens = [t for c in completions if c.key.temperature == 0 for t in c.tokens]
        assert tokens
        assert all(t.rank == 0 for t in tokens)

    def test_counts_and_finish_reason_agree(self, completions: list[Completion]) -> None:
        for c in completions:
            assert c.finish_reason in ("stop", "length")
            assert c.input_tokens
            assert c.output_tokens is not None
            assert c.output_tokens <= self.sampling.max_tokens
            if c.finish_reason == "length":
                assert len(c.tokens) == self.sampling.max_tokens

    def test_progress_hears_every_token(self, swept: Swept, completions: list[Completion]) -> None:
        heard = swept[2]
        assert {label for label, _, _ in heard} == {self.model.label}
        assert sum(n for _, _, n in heard) >= sum(len(c.tokens) for c in completions)

    def test_without_logprobs_there_are_none(self) -> None:
        sampling = SamplingParams(max_tokens=4, logprobs=0)
        outcomes, _ = run_all(make_sweeps(self.model, sampling, (0.0,), 1, QUESTIONS[:1]))
        assert isinstance(outcomes[0], Completion)
        assert outcomes[0].tokens == ()
        assert outcomes[0].logprob_kind == "none"
        assert outcomes[0].text

    def test_closing_the_stream_stops_the_work(self) -> None:
        sweeps = make_sweeps(self.model, SamplingParams(max_tokens=40), repeat=8)

        async def first_only() -> int:
            backend = load_backend(self.model.backend)(concurrency=2)
            count = 0
            try:
                await backend.prepare(self.model)
                async with aclosing(backend.run(sweeps, lambda *_: None)) as outcomes:
                    async for _ in outcomes:
                        count += 1
                        break
            finally:
                await backend.close()
            return count

        assert asyncio.run(first_only()) == 1
