"""A plan and outcomes that use every column, the same at every call.

`write_release` makes of them the database that later schemas are tried on.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tempkit.store import Store
from tempkit.types import (
    Batch,
    BatchRequest,
    Check,
    Completion,
    EmbedderChoice,
    ExactAnswer,
    ExactAnswers,
    Failure,
    Item,
    Look,
    Message,
    ModelInfo,
    ModelSpec,
    Outcome,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    Sheet,
    SheetPair,
    TokenLogprob,
)

ENVIRONMENT = {"python": "3.11.7", "platform": "Linux", "packages": {"openai": "3.50.0"}}
EMBEDDER = EmbedderChoice(
    model="openai:embed", options={"base_url": "http://127.0.0.1:1/v1"}, name="openai:embed"
)
REFERENCE = "gguf:smollm2"
USE_CASE = 'name = "mine"\ntitle = "Größe 🌡"\n'
INFOS = {
    "scripted:a": ModelInfo(digest="sha256:00ff", details={"context_length": 2048, "engine": "scripted 1"}),
    "lab server": ModelInfo(),
}


def plan(name: str = "facts-and-ideas", *, repeat: int = 3) -> Plan:
    facts = Prompt(
        name="facts",
        description="Facts of the day",
        use_case="technical-documentation",
        language="de",
        path="prompts/facts.prompty",
        source="---\nname: facts\n---\nuser:\nWas ist {{ x }}?\n",
        options={"max_tokens": 64, "stop": ["\n\n"]},
        suggested_temperature=0.2,
        items=(
            Item(
                key="facts/zwölf",
                prompt="facts",
                messages=(Message("system", "Be brief."), Message("user", "Was ist 12? 🌡")),
                variables={"x": 12, "nested": {"list": [1, 2.5, None, True]}},
                facts=(("12", "zwölf", "twelve"), ("even",)),
                checks=(Check("icontains", "zwölf"), Check("is-json")),
            ),
            Item(key="facts/empty", prompt="facts", messages=()),
        ),
    )
    ideas = Prompt(
        name="ideas", items=(Item(key="ideas/1", prompt="ideas", messages=(Message("user", "Ideas!"),)),)
    )
    return Plan(
        name=name,
        prompts=(facts, ideas),
        models=(
            ModelSpec(backend="scripted", name="a", label="scripted:a"),
            ModelSpec(
                backend="openai", name="b", label="lab server", options={"base_url": "http://127.0.0.1:1/v1"}
            ),
        ),
        temperatures=(0.0, 0.7, 1.3),
        repeat=repeat,
        seed=7,
        sampling={"facts": SamplingParams(max_tokens=64, stop=("\n\n",)), "ideas": SamplingParams(top_p=0.9)},
        use_cases={"mine": USE_CASE},
    )


def keys(of: Plan) -> list[SampleKey]:
    """Every sample of a plan in the order of `Store.completions`."""
    return [
        SampleKey(item.key, model.label, temperature, replicate)
        for item in of.items
        for model in of.models
        for temperature in sorted(of.temperatures)
        for replicate in range(of.repeat)
    ]


def completion(key: SampleKey, *, tokens: int = 3, alternatives: int = 2, **changes: Any) -> Completion:
    words = [f" w{position}" for position in range(tokens)]
    values: dict[str, Any] = {
        "key": key,
        "seed": 2**31 - 1 - key.replicate,
        "text": "".join(words) + f" {key.item} at {key.temperature}",
        "finish_reason": "length" if key.replicate == 1 else "stop",
        "temperature_sent": key.temperature,
        "params": {"temperature": key.temperature, "top_p": 1.0, "seed": 5, "stop": ["\n\n"]},
        "tokens": tuple(
            TokenLogprob(
                text=word,
                logprob=-0.25 - position / 8,
                entropy=0.5 + position / 4,
                rank=position,
                top=tuple((f"{word}{rank}", -0.25 * rank) for rank in range(alternatives)),
                token_id=100 + position,
                entropy_tempered=0.375 + position / 4,
            )
            for position, word in enumerate(words)
        ),
        "logprob_kind": "raw",
        "input_tokens": 11,
        "output_tokens": tokens,
        "latency_s": 0.125,
        "response_model": "a-2026",
        "fingerprint": "fp_1",
        "cost_usd": 0.00025,
        "attempts": 2,
        "thinking": f"{key.item}, let me see",
        "thinking_tokens": 4,
        "response_id": "chatcmpl-1",
        "cache_read_tokens": 8,
        "cache_write_tokens": 0,
        "address": "10.0.0.1:8000",
    }
    return Completion(**{**values, **changes})


def failure(key: SampleKey, **changes: Any) -> Failure:
    values: dict[str, Any] = {
        "key": key,
        "kind": "timeout",
        "message": "no answer within 60 s",
        "attempts": 3,
        "seed": 4,
        "temperature_sent": key.temperature,
    }
    return Failure(**{**values, **changes})


def batch(*of: SampleKey, **changes: Any) -> Batch:
    requests = tuple(
        BatchRequest(number=n, key=key, seed=2**31 - 1, params={"temperature": key.temperature, "top_p": 1.0})
        for n, key in enumerate(of)
    )
    values: dict[str, Any] = {
        "tag": "tk0011223344556677",
        "model": of[0].model,
        "requests": len(of),
        "created_at": datetime(2026, 11, 24, 3, 2, 1, tzinfo=UTC),
        "awaited": requests,
    }
    return Batch(**{**values, **changes})


def look(**changes: Any) -> Look:
    values: dict[str, Any] = {"prompt": "facts", "model": "scripted:a", "digest": "00ff"}
    return Look(**{**values, "completions": 18, "scores": 0, **changes})


def exact(**changes: Any) -> ExactAnswers:
    values: dict[str, Any] = {
        "item": "facts/zwölf",
        "model": "scripted:a",
        "temperatures": (0.0, 0.35, 0.7),
        "lower": (1.0, 0.5, 0.25),
        "upper": (1.0, 0.625, 0.3),
        "closed": True,
        "passes": 12,
        "tokens": 48,
        "answers": (ExactAnswer(text="zwölf 🌡\n", probabilities=(1.0, 0.5, 0.125)),),
        "signature": "00ff",
    }
    return ExactAnswers(**{**values, **changes})


def sheet(**changes: Any) -> Sheet:
    one, other = (SampleKey("facts/zwölf", "scripted:a", t, 1) for t in (0.7, 0.0))
    here, there = (SampleKey("ideas/1", "lab server", t, 0) for t in (0.0, 0.35))
    values: dict[str, Any] = {
        "id": "00ff00ff00ff00ff",
        "digest": "0123456789abcdef",
        "settings": {"pairs": 1, "seed": None},
        "pairs": (
            SheetPair(code="a1", left=one, right=other, alike=0.125),
            SheetPair(code="b2", left=here, right=there, alike=1.0, shown=False),
        ),
    }
    return Sheet(**{**values, **changes})


def outcomes(of: Plan) -> list[Outcome]:
    """A finished run: the last sample failed for good, the one before came back at the second try."""
    *whole, twice, never = keys(of)
    return [
        *(completion(key) for key in whole),
        failure(twice, kind="rate_limit"),
        completion(twice),
        failure(never),
    ]


def write_release(path: Path) -> None:
    with Store.open(path) as store:
        made = plan()
        run = store.create_run(made, INFOS, version="0.1.0", environment=ENVIRONMENT)
        store.add(run.id, outcomes(made))
        store.add_batch(run.id, batch(keys(made)[-1]))
        store.submitted(batch(keys(made)[-1]).tag, "batch_1")
        store.set_embedder(run.id, EMBEDDER)
        store.set_reference(run.id, REFERENCE)
        store.set_note(run.id, "what was tried")
        store.add_looks(run.id, [look(), look(model="lab server", completions=17, scores=3)])
        store.replace_exact(run.id, [exact()])
        store.add_sheet(run.id, sheet())
        store.set_status(run.id, "finished")
