"""A run with what is odd in a store: thoughts, refusals, tool calls, dialogues, arms, the smallest temperatures, the largest numbers."""

from tempkit.store import RunRecord, Store
from tempkit.types import (
    Arm,
    Completion,
    Failure,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Outcome,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    Score,
    TokenLogprob,
)
from tempkit.types.reasons import in_words

NAME = "Ünïcode run \U0001f321"
TEMPERATURES = (0.0, 1e-9, 0.7)
ARM = "narrow"


def odd_plan() -> Plan:
    dialogue = (
        Message("system", "Sé breve.\x00"),
        Message("user", "¿Qué es?\ud800"),
        Message("assistant", ""),
        Message("user", "¿Y esto? 🌡"),
    )
    return Plan(
        name=NAME,
        prompts=(
            Prompt(
                name="größe",
                use_case="chatbot",
                items=(
                    Item(key="größe/../etc", prompt="größe", messages=dialogue, facts=(("zwölf", "12"),)),
                    Item(key="größe/ 2", prompt="größe", messages=()),
                ),
            ),
            Prompt(name="second", items=(Item(key="second/1", prompt="second", messages=(Message("user", ""),)),)),
        ),
        models=(
            ModelSpec(backend="openai", name="gpt-x/mini", label="gpt"),
            ModelSpec(backend="gguf", name="/models/m.gguf", label="lokal|é"),
            ModelSpec(backend="openai", name="gpt-x/mini", label=ARM),
        ),
        temperatures=TEMPERATURES,
        repeat=3,
        seed=1,
        sampling={"größe": SamplingParams(), "second": SamplingParams(top_p=0.5)},
        arms={ARM: Arm(of="gpt", temperature=0.7, sampling={"top_p": 0.1})},
    )  # fmt: skip


def add_odd_run(store: Store) -> RunRecord:
    plan = odd_plan()
    run = store.create_run(plan, {m.label: ModelInfo() for m in plan.models}, version="1", environment={})
    outcomes: list[Outcome] = []
    scores: list[Score] = []
    keys = [
        SampleKey(item.key, model.label, temperature, replicate)
        for item in plan.items
        for model in plan.models
        for temperature in ((0.7,) if model.label == ARM else TEMPERATURES)
        for replicate in range(plan.repeat)
    ]
    for i, key in enumerate(keys):
        if i % 11 == 3:
            outcomes.append(
                Failure(key=key, kind="rejected", message="\ud83d no\n", seed=None, temperature_sent=None)
            )
            continue
        outcomes.append(_completion(i, key))
        value = (0.0, 1.0, -1e100, 5e-324, None)[i % 5]
        scores.append(
            Score(
                item=key.item, model=key.model, temperature=key.temperature, replicate=key.replicate,
                measure="fact_recall", version="imported", value=value,
                reason=None if value is not None else in_words("why\tnot? ünknown"),
            )
        )  # fmt: skip
    store.add(run.id, outcomes)
    store.import_scores(run.id, scores)
    store.set_note(run.id, "noted | *here*\nand there")
    return store.find_run(run.id)


def _completion(i: int, key: SampleKey) -> Completion:
    ends = ("stop", "length", "content_filter", "refusal", "tool_calls", "unstated", "unknown")
    tokens = (
        TokenLogprob("zw", -1e30, 0.0, 0, (("zw", -1e-3), ("zw", -2.0), ("", float("-inf"))), 5, 0.125),
        TokenLogprob("", 0.0, None, None, (), None),
    )
    return Completion(
        key=key,
        seed=(None, 0, 2**31 - 1)[i % 3],
        text=("", "the same", "the same", "\x00\ud800 \u2028", "1", "=1")[i % 6],
        finish_reason=ends[i % 7],  # type: ignore[arg-type]
        temperature_sent=None if key.model == "gpt" else key.temperature,
        params={"temperature": key.temperature, "top_p": 0.1, "n": 2, "stop": ["ü"], "odd": {"a": [None, True]}},
        tokens=tokens if i % 2 else (),
        logprob_kind="tempered" if i % 2 else "none",
        input_tokens=0 if i % 3 else None,
        output_tokens=2**31 - 1,
        latency_s=1e-9 if i % 2 else None,
        response_model="gpt-é",
        fingerprint=None,
        cost_usd=0.0,
        attempts=1,
        thinking=None if i % 3 else "hm <think> \ud800",
        thinking_tokens=None if i % 3 else 3,
        response_id=None if i % 4 else "chatcmpl-1",
        cache_read_tokens=0 if i % 2 else None,
        cache_write_tokens=7,
    )  # fmt: skip
