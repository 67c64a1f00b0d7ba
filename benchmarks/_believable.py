"""A large stored run that looks like one: seeded answers that share their beginnings and part at forks, as real ones do.

Each sample follows its item's greedy answer until, at a position drawn for its temperature, it takes a path of its own,
where every position has a distribution of its own. So cold answers repeat, hot ones do not, and their tokens' alternatives
compress no better than a model's would.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from measures import text_of, words
from numpy.typing import NDArray

from tempkit import __version__
from tempkit.softmax.tempering import entropy, log_softmax, tempered
from tempkit.store import RunRecord, Store
from tempkit.types import (
    Check,
    Completion,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    TokenLogprob,
)

TEMPERATURES = (0.0, 0.3, 0.7, 1.0, 1.3)
MODEL = "model"
LISTED = 20
_CANDIDATES = 60
"""Tokens that could be drawn at a position; the others' share is left out of the draw and of nothing else."""
_SEED = 20_261

_USE_CASES = ("brainstorming", "technical-documentation", "creative-writing")


def store_run(store: Store, items: int, replicates: int, tokens: int, *, name: str) -> RunRecord:
    """Store a finished run of so many items at five temperatures."""
    rng = np.random.default_rng(_SEED)
    vocabulary = words(rng)
    made = [_item(i, vocabulary) for i in range(items)]
    prompts = tuple(
        Prompt(
            name=use_case,
            description=f"Made-up answers for {use_case}.",
            use_case=use_case,
            items=tuple(item for item in made if item.prompt == use_case),
        )
        for use_case in _USE_CASES
    )
    plan = Plan(
        name=name,
        prompts=tuple(prompt for prompt in prompts if prompt.items),
        models=(ModelSpec(backend="scripted", name="model", label=MODEL),),
        temperatures=TEMPERATURES,
        repeat=replicates,
        seed=7,
        sampling={prompt.name: SamplingParams(max_tokens=tokens) for prompt in prompts if prompt.items},
    )
    run = store.create_run(
        plan,
        {MODEL: ModelInfo(digest="made-up")},
        version=__version__,
        environment={"made": str(datetime.now(UTC).date())},
    )
    for index, item in enumerate(made):
        store.add(run.id, list(_answers(rng, index, item, vocabulary, replicates, tokens)))
    store.set_status(run.id, "finished")
    return store.find_run(run.id)


def _item(index: int, vocabulary: list[str]) -> Item:
    use_case = _USE_CASES[index % 3]
    about = " ".join(vocabulary[30 + index : 36 + index])
    return Item(
        key=f"{use_case}/{vocabulary[100 + index]}-{index}",
        prompt=use_case,
        messages=(Message("system", "Answer the question."), Message("user", f"What is {about}?")),
        facts=((vocabulary[40], vocabulary[41]), (vocabulary[60],)) if index % 3 == 1 else (),
        checks=(Check("regex", r"(^|\n)5\."),) if index % 3 == 0 else (Check("contains", "the"),),
    )


def _answers(
    rng: np.random.Generator, index: int, item: Item, vocabulary: list[str], replicates: int, tokens: int
) -> Iterator[Completion]:
    greedy = _path(rng, 0.0, tokens, len(vocabulary))
    for temperature in TEMPERATURES:
        for replicate in range(replicates):
            ids, drawn, raw = greedy
            fork = tokens if temperature == 0 else int(rng.geometric(0.02 + 0.1 * temperature))
            if fork < tokens:
                own = _path(rng, temperature, tokens - fork, len(vocabulary))
                ids, drawn, raw = (np.concatenate([a[:fork], b]) for a, b in zip(greedy, own, strict=True))
            pieces = [vocabulary[i] for i in ids[np.arange(tokens), drawn]]
            yield Completion(
                key=SampleKey(item.key, MODEL, temperature, replicate),
                seed=replicate,
                text=text_of(pieces, listed=index % 3 == 0),
                finish_reason="length" if rng.random() < 0.05 * (1 + temperature) else "stop",
                temperature_sent=temperature,
                params={"temperature": temperature, "top_p": 1.0},
                tokens=_tokens(ids, drawn, raw, vocabulary),
                logprob_kind="raw",
                input_tokens=20,
                output_tokens=tokens,
                latency_s=0.5,
            )


def _path(
    rng: np.random.Generator, temperature: float, length: int, vocabulary: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return a path's candidates, most probable first, (length, candidates); which one was drawn; their logprobs."""
    ids = (vocabulary * rng.random((length, _CANDIDATES)) ** 3).astype(
        np.int64
    )  # the common words more often
    raw = -np.sort(-log_softmax(rng.normal(0, 3, (length, _CANDIDATES))), axis=1)
    if temperature == 0:
        return ids, np.zeros(length, dtype=np.int64), raw
    reach = np.cumsum(tempered(raw, temperature), axis=1)
    drawn = (reach < rng.random((length, 1)) * reach[:, -1:]).sum(axis=1)
    return ids, drawn, raw


def _tokens(
    ids: NDArray[np.int64], drawn: NDArray[np.int64], raw: NDArray[np.float64], vocabulary: list[str]
) -> tuple[TokenLogprob, ...]:
    logprobs, entropies = raw.tolist(), entropy(np.exp(raw)).tolist()
    listed = ids[:, :LISTED].tolist()
    return tuple(
        TokenLogprob(
            vocabulary[ids[position, rank]] + " ",
            logprobs[position][rank],
            entropies[position],
            rank,
            tuple(
                zip([vocabulary[i] + " " for i in listed[position]], logprobs[position][:LISTED], strict=True)
            ),
        )
        for position, rank in enumerate(drawn.tolist())
    )
