"""Tokens drawn from a real model's logits follow its distribution at every temperature, cut or not, and no other.

First the sampler on logits that llama-cpp-python computed, then the whole engine.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
from engine.test_sampler import TEMPERATURES, Doubles, Ints, Logits, by_rank, chi_square, chi_square_tail
from engine.test_truncation import kept_count
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from tempkit.backends.gguf.sampler import Rows
from tempkit.backends.gguf.stream import Stream
from tempkit.backends.gguf.truncation import NEUTRAL, Truncation
from tempkit.planning.experiment import parse_model
from tempkit.softmax import tempering
from tempkit.testing import QUESTIONS, make_sweeps, run_all
from tempkit.types import Completion, SamplingParams, TokenLogprob

pytestmark = pytest.mark.one_core

MODEL = parse_model("gguf:smollm2")
MODEL_CUT_FIRST = parse_model("gguf:smollm2", options={"truncate_first": True})

TEXTS = [
    "The old lighthouse keeper counted seven grey ships, and wrote to his sister about",
    "def total(prices, rate=0.2):\n    net = sum(prices)",
    "<|im_start|>user\nName a small river in Norway.<|im_end|>\n<|im_start|>assistant\nOne",
    "Random digits: 4 7 1 9 0 3 8 2",
    "apple, hammer, Tuesday, violet, gravel,",
]

DRAWS = {0.3: (2000, 3500), 0.7: (600, 800), 1.0: (300, 600), 1.5: (300, 700), 2.0: (300, 800)}
"""At every position, from the whole vocabulary and from what a cut leaves. Each draw tells less of the temperature where
there is less to choose: at low ones, and among tokens cut before they are heated."""

BINS = 5
"""At every position at most; the fewer, the more a temperature that is off stands out."""

KINDS = {
    "top_k": Truncation(top_k=100),
    "top_p": Truncation(top_p=0.97),
    "min_p": Truncation(min_p=0.005),
    "all": Truncation(300, 0.99, 0.0005),
    "before": Truncation(3000, 0.995, 0.00005, before_temperature=True),
}


@pytest.fixture(scope="module")
def llama(bundled_gguf: Path) -> Iterator[llama_cpp.Llama]:
    model = llama_cpp.Llama(
        str(bundled_gguf), n_ctx=256, logits_all=True, verbose=False, n_threads=1, flash_attn=True
    )
    yield model
    model.close()


def logits_of(llama: llama_cpp.Llama, text: str) -> Logits:
    """What the model gives after each token of a text, shape (tokens, vocabulary)."""
    tokens = llama.tokenize(text.encode(), add_bos=False, special=True)
    llama.reset()
    llama.eval(tokens)
    return np.array(llama.scores[: len(tokens)], dtype=np.float32)


class Positions:
    """All positions of the texts: the sampler's rows, and each one's logits from the largest down."""

    def __init__(self, logits: Logits) -> None:
        self.count, self.size = logits.shape
        self.rows = Rows(logits, 20)
        order = np.array([by_rank(row) for row in logits])
        self.ranks = np.empty_like(order)
        np.put_along_axis(self.ranks, order, np.arange(self.size)[None, :], axis=1)
        falling = np.take_along_axis(logits, order, axis=1).astype(np.float64)
        self.falling: Doubles = falling - falling[:, :1]
        streams = [
            Stream(sweep, sample, 0, 10_000)
            for sweep in make_sweeps(
                MODEL, SamplingParams(), (1.0,), max(map(max, DRAWS.values())), QUESTIONS[:1]
            )
            for sample in sweep.samples
        ]
        self.uniforms = np.array([[s.next_uniform() for _ in range(self.count)] for s in streams])
        """Shape (samples, positions): the numbers that so many samples draw with, one position after the other."""

    def draw(self, temperature: float, truncation: Truncation, count: int) -> Ints:
        """Draw so many tokens at every position; return how often each rank came, shape (positions, vocabulary)."""
        places = np.tile(np.arange(self.count), count)
        temperatures = np.full(len(places), temperature)
        tokens = self.rows.draw(places, temperatures, self.uniforms[:count].ravel(), truncation)
        flat = places * self.size + self.ranks[places, tokens]
        return np.bincount(flat, minlength=self.count * self.size).reshape(self.count, self.size)

    def kept(self, temperature: float, truncation: Truncation) -> list[int]:
        return [kept_count(row, temperature, truncation) for row in self.falling]

    def fit(self, counts: Ints, temperature: float, kept: list[int]) -> float:
        """The p-value of what was drawn against a temperature, `kept` tokens being left at each position."""
        statistic, free = 0.0, 0
        for drawn, falling, n in zip(counts, self.falling, kept, strict=True):
            weights = np.exp(falling[:n] / temperature)
            own, more = chi_square(drawn[:n], weights / weights.sum(), BINS)
            statistic, free = statistic + own, free + more
        return chi_square_tail(statistic, free)


@pytest.fixture(scope="module")
def positions(llama: llama_cpp.Llama) -> Positions:
    return Positions(np.concatenate([logits_of(llama, text) for text in TEXTS]))


def test_there_is_enough_to_tell(positions: Positions) -> None:
    assert positions.count >= 60
    assert positions.count * min(map(min, DRAWS.values())) >= 20_000


@pytest.mark.parametrize("temperature", [0.1, *TEMPERATURES])
def test_entropies_at_a_temperature_are_those_of_the_logits(
    llama: llama_cpp.Llama, positions: Positions, temperature: float
) -> None:
    logits = np.concatenate([logits_of(llama, text) for text in TEXTS]).astype(np.float64)
    places = np.arange(positions.count)
    found = positions.rows.tempered_entropy(places, np.full(positions.count, temperature))
    assert found == pytest.approx(tempering.entropy(tempering.tempered(logits, temperature)), abs=1e-4)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_a_sampler_fits_and_one_that_is_off_by_a_twentieth_does_not(
    positions: Positions, temperature: float
) -> None:
    everything = [positions.size] * positions.count
    fit, colder, hotter = (
        positions.fit(
            positions.draw(temperature * factor, NEUTRAL, DRAWS[temperature][0]), temperature, everything
        )
        for factor in (1, 0.95, 1.05)
    )
    assert fit > 1e-4
    assert colder < 1e-6
    assert hotter < 1e-6


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_after_a_cut_is_drawn_at_its_temperature_and_no_other(
    positions: Positions, kind: str, temperature: float
) -> None:
    truncation = KINDS[kind]
    counts = positions.draw(temperature, truncation, DRAWS[temperature][1])
    kept = positions.kept(temperature, truncation)
    assert all(not drawn[n:].any() for drawn, n in zip(counts, kept, strict=True))
    assert positions.fit(counts, temperature, kept) > 1e-4
    assert positions.fit(counts, temperature / 0.95, kept) < 1e-6
    assert positions.fit(counts, temperature / 1.05, kept) < 1e-6


@pytest.mark.parametrize("kind", ["top_p", "min_p", "all"])
def test_another_order_of_cut_and_temperature_is_noticed(positions: Positions, kind: str) -> None:
    temperature = 1.5
    after = KINDS[kind]
    before = replace(after, before_temperature=True)
    counts = positions.draw(temperature, before, 300)
    assert positions.fit(counts, temperature, positions.kept(temperature, after)) < 1e-6
    counts = positions.draw(temperature, after, 300)
    kept = positions.kept(temperature, before)
    assert any(drawn[n:].any() for drawn, n in zip(counts, kept, strict=True))


def first_tokens(
    model: object, sampling: SamplingParams, temperatures: tuple[float, ...], end: int
) -> dict[float, list[int]]:
    """What the engine begins its answers to the first question with, by temperature."""
    outcomes, _ = run_all(make_sweeps(model, sampling, temperatures, 600, QUESTIONS[:1]))
    tokens: dict[float, list[int]] = {temperature: [] for temperature in temperatures}
    for outcome in outcomes:
        assert isinstance(outcome, Completion), outcome
        tokens[outcome.key.temperature].append(outcome.tokens[0].token_id if outcome.tokens else end)
    return tokens


@pytest.fixture(scope="module")
def first_logits(llama: llama_cpp.Llama) -> Logits:
    """What comes after the first question, from llama-cpp-python."""
    template = llama.metadata["tokenizer.chat_template"]
    formatter = Jinja2ChatFormatter(template, "<|im_end|>", "<|im_start|>")
    return logits_of(llama, formatter(messages=[{"role": "user", "content": QUESTIONS[0]}]).prompt)[-1]


@pytest.mark.parametrize(
    ("model", "sampling", "temperatures"),
    [
        (MODEL, SamplingParams(max_tokens=1), (0.7, 1.0, 1.5)),
        (MODEL, SamplingParams(max_tokens=1, top_k=200, top_p=0.9, min_p=0.002), (0.7, 1.5)),
        (MODEL_CUT_FIRST, SamplingParams(max_tokens=1, top_k=200, top_p=0.9, min_p=0.002), (0.7, 1.5)),
    ],
    ids=["whole", "cut", "cut-first"],
)
def test_the_engines_first_tokens_follow_llama_cpps_own_logits(
    llama: llama_cpp.Llama,
    first_logits: Logits,
    model: object,
    sampling: SamplingParams,
    temperatures: tuple[float, ...],
) -> None:
    order = by_rank(first_logits)
    falling = (first_logits[order] - first_logits.max()).astype(np.float64)
    truncation = Truncation.of(sampling, before_temperature=model is MODEL_CUT_FIRST)
    for temperature, tokens in first_tokens(model, sampling, temperatures, llama.token_eos()).items():
        assert len(tokens) == 600
        counts = np.bincount(tokens, minlength=len(order))[order]

        def p_value(
            other: float, counts: Ints = counts, kept: int = kept_count(falling, temperature, truncation)
        ) -> float:
            assert not counts[kept:].any()
            weights = np.exp(falling[:kept] / other)
            return chi_square_tail(*chi_square(counts[:kept], weights / weights.sum(), 12))

        assert p_value(temperature) > 1e-4
        assert p_value(temperature / 2) < 1e-6
        assert p_value(temperature * 2) < 1e-6


RANKS = [0, 1, 2, 5]
"""Where groups of ranks begin: the best token, the second, the third to fifth, the rest."""


def expected(token: TokenLogprob, temperature: float) -> Doubles:
    """How probable each group of ranks was by what is stored, the text not ending there (an end is not stored)."""
    logprobs = np.array([logprob for _, logprob in token.top])
    weights = np.exp(logprobs / temperature)
    weights[[text in ("<|im_end|>", "<|endoftext|>") for text, _ in token.top]] = 0
    groups = np.add.reduceat(weights, RANKS)
    if temperature == 1:  # what lies beyond the stored ones is known too
        groups[-1] += 1 - np.exp(logprobs).sum()
    return groups / groups.sum()


def test_whole_answers_follow_the_distributions_stored_with_them() -> None:
    sweeps = make_sweeps(MODEL, SamplingParams(max_tokens=12, logprobs=200), (0.5, 1.0), 24, QUESTIONS[:1])
    outcomes, _ = run_all(sweeps)
    for temperature, other in ((0.5, 1.0), (1.0, 0.5)):
        own = [o for o in outcomes if isinstance(o, Completion) and o.key.temperature == temperature]
        tokens = [token for completion in own for token in completion.tokens]
        assert len(own) == 24
        assert len(tokens) > 200
        drawn = np.bincount([np.searchsorted(RANKS, t.rank, side="right") - 1 for t in tokens], minlength=4)

        def deviations(at: float, drawn: Ints = drawn, tokens: list[TokenLogprob] = tokens) -> Doubles:
            """In standard deviations: whatever was drawn before, each draw deviates from its own distribution by chance."""
            p = np.array([expected(token, at) for token in tokens])
            return (drawn - p.sum(axis=0)) / np.sqrt((p * (1 - p)).sum(axis=0))

        assert np.abs(deviations(temperature)).max() < 4
        assert np.abs(deviations(other)).max() > 6
