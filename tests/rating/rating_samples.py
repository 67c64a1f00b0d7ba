"""A run whose answers have a quality that a pretended rater sees: its first word is a number, the larger the better."""

from collections.abc import Callable, Mapping

from tempkit.rating import DrawnSheet
from tempkit.store import RunRecord, Store
from tempkit.types import (
    Completion,
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
TEMPERATURES = (0.0, 0.4375, 0.8125, 1.3125)
"""Numbers that stand nowhere else in a page."""

Text = Callable[[int, float, int], str]
"""An answer, by the question's number, the temperature and the replicate."""


def graded(question: int, temperature: float, replicate: int) -> str:
    """A text of its own for each answer; its quality falls with temperature."""
    quality = round(100 * (2 - temperature)) + (7 * question + 13 * replicate) % 20
    return f"{quality} is what answer {question * 31 + replicate * 17 + round(temperature * 16) * 101} says."


def a_plan(
    *,
    items: int = 12,
    repeat: int = 2,
    temperatures: tuple[float, ...] = TEMPERATURES,
    use_case: str = "creative-writing",
) -> Plan:
    made = tuple(
        Item(
            key=f"stories/secret-row-{n}",
            prompt="stories",
            messages=(Message("system", "Be kind."), Message("user", f"Tell story number {n}.")),
        )
        for n in range(items)
    )
    return Plan(
        name="secret-tales",
        prompts=(Prompt(name="stories", use_case=use_case, items=made),),
        models=(ModelSpec(backend="scripted", name="words", label=MODEL),),
        temperatures=temperatures,
        repeat=repeat,
        seed=987654,
        sampling={"stories": SamplingParams()},
    )


def a_run(
    store: Store,
    plan: Plan | None = None,
    text: Text = graded,
    ends: Mapping[float, FinishReason] | None = None,
) -> RunRecord:
    """Store a finished run; answers at the temperatures of `ends` end so."""
    plan = plan or a_plan()
    made = store.create_run(plan, {MODEL: ModelInfo()}, version="1", environment={})
    store.add(
        made.id,
        [
            Completion(
                key=SampleKey(item.key, MODEL, t, replicate),
                seed=1,
                text=text(number, t, replicate),
                finish_reason=(ends or {}).get(t, "stop"),
                temperature_sent=t,
                params={"temperature": t},
            )
            for number, item in enumerate(plan.items)
            for t in plan.temperatures
            for replicate in range(plan.repeat)
        ],
    )
    store.set_status(made.id, "finished")
    return store.find_run(made.id)


def better(drawn: DrawnSheet) -> dict[str, str]:
    """Return what somebody says who sees the quality, by code."""
    return {
        pair.code: "left" if int(pair.left.split()[0]) > int(pair.right.split()[0]) else "right"
        for pair in drawn.shown
    }


def saved(
    drawn: DrawnSheet,
    digest: str,
    answers: Mapping[str, str],
    *,
    rater: str = "0123456789abcdef",
    name: str = "Ada",
) -> dict[str, object]:
    return {
        "tempkit": "ratings",
        "version": 1,
        "sheet": drawn.sheet.id,
        "digest": digest,
        "rater": {"id": rater, "name": name},
        "answers": dict(answers),
    }
