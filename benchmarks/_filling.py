"""Stores filled with completions quickly.

A pool of answers is drawn once from the bundled model, as its tokens' texts and logprobs take what a model's take, and each sample of the run
gets one of them in turn. No two answers of a cell are the same text, as a number is put in front of them.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from _believable import MODEL, TEMPERATURES, store_run

from tempkit import __version__
from tempkit.prompts.bundled import shipped_prompts
from tempkit.store import RunRecord, Store
from tempkit.types import Completion, Item, ModelInfo, Plan, SampleKey

__all__ = ["Filled", "fill", "pool_of"]

_BATCH_TOKENS = 20_000
"""Tokens that are stored at once, about as a run under way does."""


class Filled:
    """A run of made-up completions, and how long it took to store it."""

    def __init__(self, run: RunRecord, completions: int, tokens: int, seconds: float, busy: float) -> None:
        self.run, self.completions, self.tokens, self.seconds, self.busy = (
            run,
            completions,
            tokens,
            seconds,
            busy,
        )


def pool_of(target: str, tokens: int) -> tuple[Plan, list[Completion]]:
    """Return a plan of three prompts, and some of the bundled model's answers of so many tokens with 20 alternatives each."""
    with Store.open(target) as store:
        plan = store.load_plan(store_run(store, 9, 1, 1, name="plan").id)
    prompts = [str(shipped_prompts() / f"{name}.prompty") for name in ("creative-writing", "brainstorming")]
    grid = ["-t", ",".join(map(str, TEMPERATURES)), "-n", "2", "--items", "3", "--max-tokens", str(tokens)]
    command = [
        "run",
        *prompts,
        "-m",
        "gguf:smollm2",
        *grid,
        "--logprobs",
        "20",
        "--name",
        "pool",
        "--db",
        target,
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tempkit", *command, "--use-case", "chatbot"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    with Store.open(target) as store:
        drawn = store.completions(store.find_run("pool").id, tokens=True)
        return plan, [answer for answer in drawn if len(answer.tokens) == tokens]


def fill(
    store: Store, plan: Plan, pool: Sequence[Completion], completions: int, replicates: int, name: str
) -> Filled:
    """Store a finished run of at least so many completions, at five temperatures with so many replicates."""
    wanted = -(-completions // (replicates * len(TEMPERATURES)))
    grown = replace(
        plan,
        name=name,
        repeat=replicates,
        prompts=tuple(
            replace(prompt, items=tuple(_items(prompt.items, range(index, wanted, len(plan.prompts)))))
            for index, prompt in enumerate(plan.prompts)
        ),
    )
    run = store.create_run(grown, {MODEL: ModelInfo(digest="made-up")}, version=__version__, environment={})
    at_once = max(1, _BATCH_TOKENS // max(1, len(pool[0].tokens)))
    batch: list[Completion] = []
    stored, tokens, seconds, busy = 0, 0, 0.0, 0.0
    keys = (
        SampleKey(item.key, MODEL, temperature, replicate)
        for item in grown.items
        for temperature in TEMPERATURES
        for replicate in range(replicates)
    )
    for key in keys:
        answer = pool[stored % len(pool)]
        batch.append(
            replace(answer, key=key, text=f"{stored % 997} {answer.text}", temperature_sent=key.temperature)
        )
        stored += 1
        tokens += len(answer.tokens)
        if len(batch) == at_once or stored == len(grown.items) * replicates * len(TEMPERATURES):
            began, worked = time.perf_counter(), time.process_time()
            store.add(run.id, batch)
            seconds += time.perf_counter() - began
            busy += time.process_time() - worked
            batch = []
    store.set_status(run.id, "finished")
    return Filled(store.find_run(run.id), stored, tokens, seconds, busy)


def _items(items: Sequence[Item], numbers: range) -> list[Item]:
    return [replace(items[number % len(items)], key=f"{items[0].prompt}/{number}") for number in numbers]
