"""A run whose figures can be worked out on paper."""

from report_sample import Run, completion, run_facts

from tempkit.types import (
    Completion,
    Failure,
    FinishReason,
    Item,
    Message,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    TokenLogprob,
)


def hand_run() -> Run:
    """Return two items with one fact each, one model, T 0 and 1, three samples: small enough for a pencil."""
    items = tuple(
        Item(key=f"p/{name}", prompt="p", messages=(Message("user", f"{name}?"),), facts=((fact,),))
        for name, fact in (("bits", "8"), ("port", "443"))
    )
    prompt = Prompt(name="p", items=items)
    model = ModelSpec(backend="scripted", name="x", label="scripted:x")
    plan = Plan(
        name="hand", prompts=(prompt,), models=(model,), temperatures=(0.0, 1.0), repeat=3, seed=1, sampling={"p": SamplingParams()}
    )  # fmt: skip

    def tokens(*pairs: tuple[float, float]) -> tuple[TokenLogprob, ...]:
        return tuple(
            TokenLogprob("x", logprob, entropy, 0, (("x", logprob), ("y", -3.0)))
            for logprob, entropy in pairs
        )

    sure, unsure = tokens((-0.2, 0.4), (-0.4, 0.6)), tokens((-1.0, 2.0), (-3.0, 4.0))

    def make(
        item: str, t: float, r: int, text: str, of: tuple[TokenLogprob, ...], finish: FinishReason = "stop"
    ) -> Completion:
        return completion(SampleKey(f"p/{item}", "scripted:x", t, r), text, tokens=of, finish=finish)

    completions = (
        make("bits", 0, 2, "8 bits", sure),
        make("bits", 0, 0, "8 bits", sure),
        make("bits", 0, 1, "8 bits", sure),
        make("port", 0, 0, "443", sure),
        make("port", 0, 1, "443", sure),
        make("port", 0, 2, "80", unsure),
        make("bits", 1, 0, "8", sure),
        make("bits", 1, 1, "nine", unsure),
        make("bits", 1, 2, "8 and on and on", unsure, "length"),
        make("port", 1, 0, "443 and on", unsure, "length"),
        make("port", 1, 1, "21", unsure),
    )
    failures = (
        Failure(
            key=SampleKey("p/port", "scripted:x", 1.0, 2), kind="timeout", message="no answer", attempts=2
        ),
    )
    return Run(run_facts(12, name="hand"), plan, {}, completions, failures)
