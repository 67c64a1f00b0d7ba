"""A believable run for the report's tests: two use cases, two models, five temperatures, answers that come apart as T rises.

Everything is drawn from seeded generators, so the same run comes out every time.
"""

import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from tempkit.analysis import Comparison, RunFacts, ScoredSection, compare
from tempkit.analysis.tables import tables
from tempkit.decision.run import decide_run
from tempkit.measures import DEFAULT, MEASURES, Block, Resources, scores
from tempkit.measures.embedding import WordLlamaEmbedder
from tempkit.report import Study, study
from tempkit.types import (
    Completion,
    Failure,
    FinishReason,
    Item,
    LogprobKind,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    Score,
    TokenLogprob,
)

TEMPERATURES = (0.0, 0.4, 0.8, 1.2, 1.6)

QUESTIONS: dict[str, tuple[str, tuple[tuple[str, ...], ...], tuple[str, ...]]] = {
    "bits-in-a-byte": (
        "How many bits are in one byte?",
        (("8", "eight"),),
        (
            "A byte consists of 8 bits.",
            "There are **eight** bits in one byte.",
            "One byte is 8 bits long, enough for 256 values.",
        ),
    ),
    "https-port": (
        "Which TCP port does HTTPS use by default?",
        (("443",),),
        (
            "HTTPS uses TCP port 443 by default.",
            "The default port of HTTPS is 443/tcp.",
            "Port 443, while plain HTTP uses port 80.",
        ),
    ),
    "http-429": (
        (
            "Which HTTP status code tells a client that it has sent too many requests, and which response header can say how "
            "long to wait?"
        ),
        (("429",), ("Retry-After", "Retry After")),
        (
            "The status code is 429 Too Many Requests. The server can add a Retry-After header that says how long to wait.",
            "429 (Too Many Requests); the `Retry-After` header gives the delay in seconds or as a date.",
            "A client receives 429 and should look at the X-Rate-Limit header before it tries again.",
        ),
    ),
    "semver-breaking-change": (
        (
            "In semantic versioning, which part of the version number must increase after an incompatible API change, and what "
            "happens to the other two parts?"
        ),
        (("major", "first"), ("0", "zero", "reset", "resets")),
        (
            "The major version must increase, and the minor and patch versions are reset to 0.",
            "After an incompatible change the first number goes up; the other two become zero.",
        ),
    ),
}

TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "coffee-shop-names": (
        "List 5 names for a small coffee shop. Use no more than two words for each.",
        (
            "1. Morning Cup\n2. The Daily Grind\n3. Bean There\n4. Brew House\n5. Corner Roast",
            "1. Slow Pour\n2. Copper Kettle\n3. First Light\n4. The Crema\n5. Second Cup",
            "1. Moka Moon\n2. Grounded\n3. Steam & Story\n4. Little Bean\n5. North Roast",
        ),
    ),
    "reuse-glass-jars": (
        "List 5 uses for empty glass jars. Keep every idea under ten words.",
        (
            "1. Store dried beans and pasta.\n2. Grow herbs on a window sill.\n3. Keep screws sorted.\n4. Carry soup.\n5. Hold pencils.",
            "1. A lantern with a tea light.\n2. A terrarium.\n3. Overnight oats.\n4. A coin bank.\n5. A vase.",
        ),
    ),
}

NOISE = [
    "Paris",
    "lattice",
    "seventeen",
    "whirring",
    "«ça»",
    "0x1f",
    "however\n\nchapter",
    "東京",
    "port",
    "8080",
    "banana_split",
    "🦜",
    "perhaps",
    "therefore",
    "μ",
]

OTHER_TOKENS = (" the", " a", " is", ",", "\n", " of", "8", " port", " and")


@dataclass(frozen=True)
class Run:
    """What `compare` is given."""

    facts: RunFacts
    plan: Plan
    infos: Mapping[str, ModelInfo]
    completions: tuple[Completion, ...]
    failures: tuple[Failure, ...]

    @property
    def comparison(self) -> Comparison:
        return compare(self.facts, self.plan, self.infos, self.completions, self.failures)

    @property
    def scored(self) -> list[ScoredSection]:
        """Every default measure, really taken."""
        return tables(self.plan, _measured(self))

    @property
    def study(self) -> Study:
        scored = self.scored
        return study(self.comparison, scored, decide_run(scored), self._of)

    def _of(self, item: str, model: str) -> list[Completion]:
        return [c for c in self.completions if (c.key.item, c.key.model) == (item, model)]


@cache
def _embedder() -> WordLlamaEmbedder:
    return WordLlamaEmbedder()


def _measured(run: Run) -> Iterator[Score]:
    chosen, resources = [MEASURES[name] for name in DEFAULT], Resources(embedder=_embedder())
    for item in run.plan.items:
        for model in run.plan.models:
            if completions := tuple(run._of(item.key, model.label)):
                block = Block(
                    item=item,
                    model=model.label,
                    completions=completions,
                    temperatures=run.plan.temperatures,
                )
                yield from scores(block, chosen, resources)


def run_facts(planned: int, **changes: object) -> RunFacts:
    given: dict[str, object] = {
        "name": "facts-and-ideas",
        "id": "01JTEMPKIT0000000000000001",
        "status": "finished",
        "created_at": datetime(2026, 11, 20, 14, 5, tzinfo=UTC),
        "version": "0.1.0",
        "environment": {"python": "3.11.7", "platform": "Linux-6.1-x86_64", "packages": {"numpy": "2.4.6"}},
        "planned": planned,
    }
    return RunFacts(**{**given, **changes})  # type: ignore[arg-type]


def token_list(
    text: str, temperature: float, rng: random.Random, entropy: bool = True
) -> tuple[TokenLogprob, ...]:
    tokens = []
    for piece in re.findall(r"\s?\w+|\s|[^\w\s]", text):
        logprob = -rng.expovariate(1 / (0.12 + 0.9 * temperature**1.5))
        # All but a fiftieth of what the drawn token leaves goes to nine others, as in a distribution that can be.
        others = sorted((-rng.uniform(1, 9) for _ in range(9)), reverse=True)
        rest = math.log(0.98 * -math.expm1(logprob) / sum(map(math.exp, others)))
        top = [
            (piece, logprob),
            *(
                (text, rest + other)
                for text, other in zip(OTHER_TOKENS, others, strict=True)
                if text != piece
            ),
        ]
        top.sort(key=lambda pair: -pair[1])
        tokens.append(
            TokenLogprob(
                piece,
                logprob,
                entropy=_entropy([value for _, value in top]) if entropy else None,
                rank=[text for text, _ in top].index(piece),
                top=tuple(top),
            )
        )
    return tuple(tokens)


def _entropy(listed: list[float]) -> float:
    """Return the entropy of a distribution whose unlisted part is spread over a thousand tokens."""
    rest = max(1 - sum(map(math.exp, listed)), 1e-12)
    return -sum(math.exp(value) * value for value in listed) - rest * math.log(rest / 1000)


def completion(
    key: SampleKey,
    text: str,
    *,
    finish: FinishReason = "stop",
    kind: LogprobKind = "raw",
    tokens: tuple[TokenLogprob, ...] | None = None,
    **changes: object,
) -> Completion:
    if tokens is None:
        tokens = token_list(text, key.temperature, random.Random(repr(key))) if kind != "none" else ()
    given: dict[str, object] = {
        "key": key,
        "seed": 1000 + key.replicate,
        "text": text,
        "finish_reason": finish,
        "temperature_sent": key.temperature,
        "params": {
            "temperature": key.temperature,
            "top_p": 1.0,
            "top_k": 0,
            "min_p": 0.0,
            "seed": 1000 + key.replicate,
        },
        "tokens": tokens,
        "logprob_kind": kind,
        "input_tokens": 40,
        "output_tokens": len(tokens),
        "latency_s": 0.5,
    }
    return Completion(**{**given, **changes})  # type: ignore[arg-type]


def _answer(texts: Iterable[str], temperature: float, rng: random.Random) -> str:
    texts = list(texts)
    text = texts[0] if rng.random() > temperature * 0.6 else rng.choice(texts)
    words = re.split(r"(?<=[ \n])", text)
    return "".join(
        rng.choice(NOISE) + " " if rng.random() < (temperature - 0.7) * 0.28 else word for word in words
    ).strip()


def _finish(temperature: float, rng: random.Random) -> FinishReason:
    return "length" if rng.random() < (temperature - 0.9) * 0.7 else "stop"


def believable_run(
    questions: Mapping[str, tuple[str, tuple[tuple[str, ...], ...], tuple[str, ...]]] = QUESTIONS,
    repeat: int = 4,
) -> Run:
    facts_prompt = Prompt(
        name="technical-documentation",
        description="Short factual answers that a technical reader can check.",
        use_case="technical-documentation",
        path="prompts/technical-documentation.prompty",
        suggested_temperature=0.2,
        items=tuple(
            Item(
                key=f"technical-documentation/{name}",
                prompt="technical-documentation",
                messages=(
                    Message(
                        "system",
                        "You answer questions for technical documentation. Reply in one to three short sentences.",
                    ),
                    Message("user", question),
                ),
                facts=facts,
            )
            for name, (question, facts, _texts) in questions.items()
        ),
    )
    ideas_prompt = Prompt(
        name="brainstorming",
        description="Numbered lists of five ideas.",
        use_case="brainstorming",
        path="prompts/brainstorming.prompty",
        items=tuple(
            Item(key=f"brainstorming/{name}", prompt="brainstorming", messages=(Message("user", topic),))
            for name, (topic, _texts) in TOPICS.items()
        ),
    )
    models = (
        ModelSpec(backend="gguf", name="smollm2", label="gguf:smollm2", options={"n_ctx": 2048}),
        ModelSpec(
            backend="openai",
            name="llama-3.1-8b",
            label="lab server",
            options={
                "base_url": "http://user:hunter2@localhost:8000/v1?key=abc",
                "api_key": "sk-never-shown",
            },
        ),
    )
    plan = Plan(
        name="facts-and-ideas",
        prompts=(facts_prompt, ideas_prompt),
        models=models,
        temperatures=TEMPERATURES,
        repeat=repeat,
        seed=7,
        sampling={
            "technical-documentation": SamplingParams(max_tokens=96),
            "brainstorming": SamplingParams(max_tokens=160),
        },
    )
    texts = {
        **{f"technical-documentation/{name}": texts for name, (_q, _f, texts) in questions.items()},
        **{f"brainstorming/{name}": texts for name, (_topic, texts) in TOPICS.items()},
    }
    completions, failures = [], []
    for item in plan.items:
        for model in models:
            for temperature in TEMPERATURES:
                for replicate in range(repeat):
                    key = SampleKey(item.key, model.label, temperature, replicate)
                    rng = random.Random(repr(key))
                    remote = model.backend == "openai"
                    if remote and temperature == 1.6 and rng.random() < 0.25:
                        failures.append(
                            Failure(key=key, kind="timeout", message="no answer within 60 s", attempts=3)
                        )
                        continue
                    text = _answer(texts[item.key], temperature, rng)
                    completions.append(
                        completion(
                            key,
                            text,
                            finish=_finish(temperature, rng),
                            kind="unknown" if remote else "raw",
                            tokens=token_list(text, temperature, rng, entropy=not remote),
                            response_model="llama-3.1-8b-instruct" if remote else None,
                        )
                    )
    infos = {
        "gguf:smollm2": ModelInfo(
            digest="sha256:9d43d9a7b1c2f0a6",
            details={
                "engine": {"name": "llama-cpp-python", "version": "0.3.36"},
                "parameters": 134_515_008,
                "n_ctx": 2048,
            },
        )
    }
    return Run(run_facts(plan.sample_count), plan, infos, tuple(completions), tuple(failures))
