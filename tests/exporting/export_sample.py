"""Runs to export: one with everything that a column can hold, and one as large as asked for."""

from tempkit.store import IMPORTED, RunRecord, Store
from tempkit.types import (
    Completion,
    Failure,
    Item,
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
from tempkit.types.reasons import in_words

TEXTS = (
    "plain",
    "",
    " \n\t ",
    "two\nlines, and a comma; \"quotes\" and 'others'\n",
    "CR\rCRLF\r\nLF\n",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"x")',
    "+1-1",
    "-2 degrees",
    "@SUM(A1)",
    "NUL \x00 and lone \ud800 surrogate",
    "line\u2028separator\u2029 next\x85line \ufeff",
    "🌡️ שלום \u202e",
    "\\x00 \\ud800 \\n",
    "null",
    "0.1",
    "W" * 200_000,
)
"""What answers hold; of the kinds that must come back as they are."""

TEMPERATURES = (0.0, 0.1 + 0.2, 1e-7, 1.0)
LABEL = 'lab, "server"\n=1'
SECRET = "sk-not-to-be-seen"


def full_plan(name: str = "full") -> Plan:
    facts = tuple(
        Item(key=f"facts/{i}", prompt="facts", messages=(Message("system", "Be brief."), Message("user", text[:50])))
        for i, text in enumerate(TEXTS[:3])
    )  # fmt: skip
    ideas = (Item(key="=ideas\n1", prompt="ideas", messages=(Message("user", "Ideas!\x00"),)),)
    return Plan(
        name=name,
        prompts=(
            Prompt(name="facts", use_case="technical-documentation", items=facts),
            Prompt(name="ideas", items=ideas),
        ),
        models=(
            ModelSpec(backend="google", name="gemini-x", label=LABEL, options={"api_key_env": SECRET, "base_url": SECRET}),
            ModelSpec(backend="scripted", name="words", label="second"),
        ),
        temperatures=TEMPERATURES,
        repeat=4,
        seed=7,
        sampling={"facts": SamplingParams(), "ideas": SamplingParams()},
    )  # fmt: skip


def add_full_run(store: Store, name: str = "full") -> RunRecord:
    """Store a run with every column in use: texts of all kinds, failures, scores and reasons."""
    plan = full_plan(name)
    run = store.create_run(plan, {m.label: ModelInfo() for m in plan.models}, version="1", environment={})
    outcomes: list[Completion | Failure] = []
    scores: list[Score] = []
    keys = [
        SampleKey(item.key, model.label, temperature, replicate)
        for item in plan.items
        for model in plan.models
        for temperature in plan.temperatures
        for replicate in range(plan.repeat)
    ]
    for i, key in enumerate(keys):
        if i % 7 == 5:
            outcomes.append(
                Failure(key=key, kind="timeout", message='no answer,\n"again"', attempts=3, seed=i, temperature_sent=None)
            )  # fmt: skip
            continue
        outcomes.append(_completion(i, key))
        scores.append(_score(key, "fact_recall", 0.1 * (i % 11)))
        scores.append(_score(key, 'odd "name", =1', None if i % 2 else i / 3))
        scores.append(_score(key, "never", None))
    scores.append(_score(SampleKey(plan.items[0].key, "second", 0.0, 0), "of_cell", 0.5, cell=True))
    # Stored in another order than planned: rows are to come sorted all the same.
    for start in range(0, len(outcomes), 40):
        store.add(run.id, outcomes[::-1][start : start + 40])
    store.import_scores(run.id, scores)
    return store.find_run(run.id)


def _completion(i: int, key: SampleKey) -> Completion:
    text = TEXTS[i % len(TEXTS)]
    return Completion(
        key=key,
        seed=None if i % 3 else 2**31 - 1,
        text=text,
        finish_reason="length" if i % 4 == 0 else "stop",
        temperature_sent=None if key.model == "second" else key.temperature,
        params={"temperature": key.temperature, "maxOutputTokens": 64, "topP": 0.9, "stopSequences": ["\n\n", "\ud800"]},
        tokens=(
            TokenLogprob("to,", -0.1 - i / 3, 0.5, 0, (("to,", -0.1), ('"\n', -2.5), ("never", float("-inf"))), 7, 0.25 + i),
            TokenLogprob("ken\n", None, None, None, (), None),
        )
        if i % 5
        else (),
        logprob_kind="raw" if i % 5 else "none",
        input_tokens=11,
        output_tokens=None if i % 2 else 2,
        latency_s=0.1 + 0.2,
        response_model="gemini-x-001",
        fingerprint="fp,1",
        cost_usd=1e-05,
        attempts=2,
        batch="batch-1",
    )  # fmt: skip


def _score(key: SampleKey, measure: str, value: float | None, *, cell: bool = False) -> Score:
    return Score(
        item=key.item,
        model=key.model,
        temperature=key.temperature,
        replicate=None if cell else key.replicate,
        measure=measure,
        version=IMPORTED if measure != "of_cell" else "1",
        value=value,
        reason=None if value is not None else in_words("truncated,\nat max_tokens"),
    )


def add_large_run(store: Store, *, completions: int, tokens: int) -> RunRecord:
    """Store a run of one model: ten items, and as many replicates as it takes."""
    items = tuple(Item(key=f"i{i}", prompt="p", messages=()) for i in range(10))
    plan = Plan(
        name="large",
        prompts=(Prompt(name="p", items=items),),
        models=(ModelSpec(backend="scripted", name="m", label="m"),),
        temperatures=(1.0,),
        repeat=completions // 10,
        seed=1,
        sampling={"p": SamplingParams()},
    )
    run = store.create_run(plan, {"m": ModelInfo()}, version="1", environment={})
    answer = tuple(
        TokenLogprob(f" w{i}", -0.5 - i, 1.0, 0, tuple((f" w{j}", -0.5 - j) for j in range(20)), i)
        for i in range(tokens)
    )
    for item in items:
        keys = [SampleKey(item.key, "m", 1.0, replicate) for replicate in range(plan.repeat)]
        store.add(
            run.id,
            [
                Completion(
                    key=key, seed=1, text="".join(token.text for token in answer), finish_reason="stop",
                    temperature_sent=1.0, params={"temperature": 1.0}, tokens=answer, logprob_kind="raw",
                )
                for key in keys
            ],
        )  # fmt: skip
        store.import_scores(run.id, [_score(key, "accuracy", 0.5) for key in keys])
    return store.find_run(run.id)
