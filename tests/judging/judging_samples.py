"""A run whose answers get worse with temperature in a way that a rule can see: the best answer is the longest one."""

from servers.judging import is_upwards, parts

from tempkit.store import RunRecord, Store
from tempkit.types import (
    Check,
    Completion,
    Failure,
    FinishReason,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
)

MODEL = "secret-model-name"
TEMPERATURES = (0.0, 0.45, 1.35)


def answer(temperature: float, replicate: int, item: int) -> str:
    """More words at lower temperatures, other words in every answer."""
    words = 14 - round(6 * temperature) + replicate
    return " ".join(f"w{item}{replicate}{n}{'abc'[TEMPERATURES.index(temperature)]}" for n in range(words))


def completion(
    key: SampleKey, text: str, finish: FinishReason = "stop", temperature: float | None = None
) -> Completion:
    return Completion(
        key=key,
        seed=987654321,
        text=text,
        finish_reason=finish,
        temperature_sent=key.temperature if temperature is None else temperature,
        params={"temperature": key.temperature},
    )


def a_plan(*, items: int = 8, repeat: int = 2, rubric: str | None = "It is long.") -> Plan:
    checks = () if rubric is None else (Check("llm-rubric", rubric),)
    made = tuple(
        Item(
            key=f"stories/secret-row-{n}",
            prompt="stories",
            messages=(Message("system", "Be kind."), Message("user", f"Tell story number {n}.")),
            checks=checks,
        )
        for n in range(items)
    )
    return Plan(
        name="tales",
        prompts=(Prompt(name="stories", use_case="creative-writing", items=made),),
        models=(ModelSpec(backend="scripted", name="words", label=MODEL),),
        temperatures=TEMPERATURES,
        repeat=repeat,
        seed=7,
        sampling={"stories": SamplingParams()},
    )


def a_run(
    store: Store, plan: Plan, texts: dict[SampleKey, str | Completion | Failure] | None = None
) -> RunRecord:
    """Store a run of the plan; `texts` replaces some answers."""
    made = store.create_run(plan, {MODEL: ModelInfo()}, version="1", environment={})
    outcomes: list[Completion | Failure] = []
    for number, item in enumerate(plan.items):
        for temperature in plan.temperatures:
            for replicate in range(plan.repeat):
                key = SampleKey(item.key, MODEL, temperature, replicate)
                given = (texts or {}).get(key, answer(temperature, replicate, number))
                outcomes.append(completion(key, given) if isinstance(given, str) else given)
    store.add(made.id, outcomes)
    store.set_status(made.id, "finished")
    return store.find_run(made.id)


def by_length(question: str) -> str:
    """A judge's rule: longer answers are better."""
    grade = min(5, max(1, len(parts(question)["answer"].split()) // 3))
    return str(grade if is_upwards(question) else 6 - grade)
