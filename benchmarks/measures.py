"""How long all default measures take on ten thousand completions, and how much memory.

100 items at 5 temperatures with 20 replicates, 100 tokens each with 20 alternatives: words drawn from a long-tailed
vocabulary at the cell's temperature, in sentences or as a numbered list, so that hot answers differ and cold ones repeat.
Items are made, measured and let go one by one, as `tempkit measure` reads them; making them is not part of the time.
It takes half a minute of CPU, and as long again to make the items: python benchmarks/measures.py
"""

import argparse
import resource
import time
from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray

from tempkit.measures import (
    DEFAULT,
    MEASURES,
    Block,
    Resources,
    WordLlamaEmbedder,
    scores,
)
from tempkit.softmax.tempering import entropy, log_softmax, tempered
from tempkit.types import Check, Completion, Item, Message, SampleKey, TokenLogprob

TEMPERATURES = (0.0, 0.3, 0.7, 1.0, 1.3)
VOCABULARY = 2000
LISTED = 20
SEED = 20_260
MODEL = "model"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--by-measure", action="store_true", help="time each measure by itself")
    args = parser.parse_args()
    rng = np.random.default_rng(SEED)
    vocabulary = words(rng)
    embedder = WordLlamaEmbedder()
    embedder.embed(["loaded once, before the clock starts"])
    resources = Resources(embedder=embedder)
    spent: dict[str, float] = defaultdict(float)
    made: Counter[str] = Counter()
    total = worked = 0.0
    for index in range(args.items):
        block = a_block(rng, index, vocabulary, args.replicates, args.tokens)
        began = last = time.perf_counter()
        busy = time.process_time()
        for score in scores(block, [MEASURES[name] for name in DEFAULT], resources):
            now = time.perf_counter()
            # What several measures share is in the time of the first that asks for it.
            spent[score.measure] += now - last
            made["values" if score.value is not None else "reasons"] += 1
            last = now
        total += time.perf_counter() - began
        worked += time.process_time() - busy
    completions = args.items * len(TEMPERATURES) * args.replicates
    print(
        f"{completions} completions of {args.tokens} tokens, {len(DEFAULT)} measures: {total:.1f} s "
        f"({worked:.1f} s of CPU), {made['values']} values and {made['reasons']} reasons why there is none"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")
    for family, seconds in families(spent).items() if not args.by_measure else by_time(spent):
        print(f"  {family:28s}{seconds:7.2f} s")


def families(spent: dict[str, float]) -> dict[str, float]:
    """Add up the times of measures that are defined in one module."""
    found: dict[str, float] = defaultdict(float)
    for name, seconds in spent.items():
        found[family_of(name)] += seconds
    return dict(by_time(found))


def family_of(name: str) -> str:
    """Return the module that defines a measure, which is where what takes it is."""
    taker = MEASURES[name].of_cell or MEASURES[name].of_completions
    return getattr(taker, "func", taker).__module__.rpartition(".")[2]


def by_time(spent: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(spent.items(), key=lambda pair: -pair[1])


def words(rng: np.random.Generator) -> list[str]:
    """Return pronounceable words, some of them the commonest of English."""
    common = [
        "the",
        "of",
        "and",
        "a",
        "to",
        "in",
        "is",
        "it",
        "that",
        "for",
        "was",
        "on",
        "are",
        "as",
        "with",
        "his",
        "they",
        "at",
        "be",
        "this",
        "from",
        "have",
        "or",
        "by",
    ]
    consonants, vowels = list("bcdfghjklmnprstvw"), list("aeiou")
    made = dict.fromkeys(common)
    while len(made) < VOCABULARY:
        syllables = rng.integers(1, 4)
        made["".join(str(rng.choice(consonants)) + str(rng.choice(vowels)) for _ in range(syllables))] = None
    return list(made)


def a_block(
    rng: np.random.Generator, index: int, vocabulary: list[str], replicates: int, tokens: int
) -> Block:
    """Return one item's completions: a third of the items ask for lists, a third for facts with checks."""
    item = Item(
        key=f"item/{index}",
        prompt="item",
        messages=(Message("user", "Tell me what the old house in the valley was for."),),
        facts=((vocabulary[40], vocabulary[41]), (vocabulary[60],)) if index % 3 == 1 else (),
        checks=(Check("regex", r"(^|\n)5\."),) if index % 3 == 0 else (Check("contains", "the"),),
    )
    raw = log_softmax(rng.normal(0, 3, (tokens, VOCABULARY)) - 0.5 * np.log(np.arange(1, VOCABULARY + 1)))
    entropies = entropy(np.exp(raw))
    order = np.argsort(-raw, axis=1)[:, :LISTED]
    tops = [
        tuple((vocabulary[i], float(raw[position, i])) for i in order[position]) for position in range(tokens)
    ]
    completions = []
    for temperature in TEMPERATURES:
        drawn = draw(rng, raw, temperature, replicates)
        for replicate, ids in enumerate(drawn):
            found = tuple(
                TokenLogprob(
                    vocabulary[i] + " ",
                    float(raw[position, i]),
                    float(entropies[position]),
                    None,
                    tuple((text, value) for text, value in tops[position]),
                )
                for position, i in enumerate(ids)
            )
            completions.append(
                Completion(
                    key=SampleKey(item.key, MODEL, temperature, replicate),
                    seed=replicate,
                    text=text_of([vocabulary[i] for i in ids], listed=index % 3 == 0),
                    finish_reason="length" if rng.random() < 0.05 else "stop",
                    temperature_sent=temperature,
                    params={},
                    tokens=found,
                    logprob_kind="raw",
                )
            )
    return Block(item=item, model=MODEL, completions=tuple(completions), temperatures=TEMPERATURES)


def draw(
    rng: np.random.Generator, raw: NDArray[np.float64], temperature: float, replicates: int
) -> NDArray[np.int64]:
    """Draw a token at each position for each replicate, shape (replicates, positions)."""
    if temperature == 0:
        return np.tile(raw.argmax(axis=1), (replicates, 1))
    reach = np.cumsum(tempered(raw, temperature), axis=1)
    uniforms = rng.random((replicates, len(raw)))
    return np.stack([np.searchsorted(row, column) for row, column in zip(reach, uniforms.T, strict=True)], 1)


def text_of(found: list[str], *, listed: bool) -> str:
    """Join words into sentences of a dozen, or into a numbered list of items of eight."""
    size = 8 if listed else 12
    parts = [" ".join(found[i : i + size]).capitalize() for i in range(0, len(found), size)]
    if listed:
        return "\n".join(f"{i}. {part}" for i, part in enumerate(parts, 1))
    return " ".join(f"{part}." for part in parts)


if __name__ == "__main__":
    main()
