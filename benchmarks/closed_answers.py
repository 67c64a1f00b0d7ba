"""Computed bounds on accepted answers against many samples: do they hold, and what would samples as narrow cost?

Every question's check accepts a short list of texts, so a sample that is no beginning of any of them is lost for good and
is not drawn on: that is what makes 10,000 samples at each of 10 temperatures bearable. Up to there each is drawn as the
engine draws: the same sampler on the same logits, a random stream of its own. The list is compared letter by letter here,
and nothing of `tempkit.exact` takes part in counting.

The samples that would be as narrow are those whose 95 % interval is at every temperature as wide as the bounds are at their
widest (Wald's, with p in the middle of the bounds), all temperatures together. Their tokens are counted up to where a sample was lost, which favours samples.

Run it on a quiet machine: python benchmarks/closed_answers.py --json closed_answers.json
"""

import argparse
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import binom, norm

from tempkit.backends.gguf.sampler import Rows
from tempkit.exact import Effort, LeftOut, exact_answers
from tempkit.models import ContinuationModel, rows_of
from tempkit.planning import parse_model
from tempkit.types import Check, Item, Message, SamplingParams, Vocabulary

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 1.8, 2.0)
LIMIT = 8
_YES_NO = ("yes", "no", "Yes", "No", "yes.", "no.", "Yes.", "No.")
_MOODS = tuple(
    f"{word}{end}" for word in ("positive", "negative", "Positive", "Negative") for end in ("", ".")
)
QUESTIONS = {
    "Is snow white? Answer with one word: yes or no.": _YES_NO,
    "Is a whale a fish? Answer with one word: yes or no.": _YES_NO,
    "What is 2 + 2? Answer with the number alone.": ("4", "4.", "2 + 2 = 4", "2 + 2 = 4."),
    "Is the mood positive or negative? Answer with one word. Text: I love this film.": _MOODS,
    "What is the capital of France? Answer with the city's name alone.": ("Paris", "Paris."),
}
CHANCE = 1e-4
"""How rarely a count that is so far outside of the bounds comes of a probability inside of them."""


def main() -> None:
    args = arguments()
    found = []
    with ContinuationModel(parse_model(args.model)) as model:
        vocabulary = model.vocabulary()
        for question, texts in QUESTIONS.items():
            messages = (Message("user", question),)
            counts, tokens = sampled(model, vocabulary, messages, texts, args.samples)
            for within in args.within:
                found.append(computed(model, vocabulary, messages, texts, within, counts, tokens, args))
                show(found[-1])
    held, of = (sum(each[name] for each in found) for name in ("held", "of"))
    print(f"\nbounds that hold the frequency of {args.samples} samples: {held} of {of}")
    if args.json:
        args.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="gguf:smollm2")
    parser.add_argument("--samples", type=int, default=10_000, help="at each temperature")
    parser.add_argument("--within", type=float, nargs="+", default=[0.01, 0.002])
    parser.add_argument("--passes", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def sampled(
    model: ContinuationModel,
    vocabulary: Vocabulary,
    messages: Sequence[Message],
    texts: Sequence[str],
    samples: int,
) -> tuple[list[int], float]:
    """Return how many samples are accepted at each temperature, and the mean tokens of one."""
    uniforms = np.array(
        [np.random.Generator(np.random.Philox(key=seed)).random(LIMIT) for seed in range(samples)]
    )
    wanted = [text.encode() for text in texts]
    accepted = [0] * len(TEMPERATURES)
    drawn = 0
    live: dict[tuple[int, ...], list[tuple[int, np.ndarray]]] = {
        (): [(place, np.arange(samples)) for place in range(len(TEMPERATURES))]
    }
    for depth in range(LIMIT):
        paths = list(live)
        if not paths:
            break
        rows = Rows(rows_of(model.next_tokens(messages, paths)), 0)
        after: dict[tuple[int, ...], list[tuple[int, np.ndarray]]] = {}
        for row, path in enumerate(paths):
            said = b"".join(vocabulary.pieces[token] for token in path)
            for place, who in live[path]:
                drawn += len(who)
                tokens = rows.draw(
                    np.full(len(who), row), np.full(len(who), TEMPERATURES[place]), uniforms[who, depth]
                )
                for token in np.unique(tokens).tolist():
                    those = who[tokens == token]
                    if token in vocabulary.ends:
                        accepted[place] += len(those) if said in wanted else 0
                    elif any(text.startswith(said + vocabulary.pieces[token]) for text in wanted):
                        after.setdefault((*path, token), []).append((place, those))
        live = after
    return accepted, drawn / samples / len(TEMPERATURES)


def computed(
    model: ContinuationModel,
    vocabulary: Vocabulary,
    messages: tuple[Message, ...],
    texts: Sequence[str],
    within: float,
    counts: Sequence[int],
    tokens: float,
    args: argparse.Namespace,
) -> dict[str, object]:
    pattern = f"^(?:{'|'.join(map(re.escape, texts))})\\Z"
    item = Item(key="q", prompt="p", messages=messages, checks=(Check("regex", pattern),))
    began = time.perf_counter()
    found = exact_answers(
        model, vocabulary, item, SamplingParams(max_tokens=LIMIT), TEMPERATURES,
        Effort(within=within, passes=args.passes),
    )  # fmt: skip
    seconds = time.perf_counter() - began
    assert not isinstance(found, LeftOut)
    assert found.closed
    bounds = list(zip(found.lower, found.upper, strict=True))
    held = [
        binom.sf(count - 1, args.samples, upper) > CHANCE and binom.cdf(count, args.samples, lower) > CHANCE
        for count, (lower, upper) in zip(counts, bounds, strict=True)
    ]
    widest = max(upper - lower for lower, upper in bounds)
    needed = [
        (2 * norm.ppf(0.975) / widest) ** 2 * p * (1 - p)
        for lower, upper in bounds
        for p in [(lower + upper) / 2]
    ]
    return {
        "question": messages[0].content, "within": within, "widest": widest,
        "passes": found.passes, "tokens": found.tokens, "seconds": seconds,
        "temperatures": TEMPERATURES, "bounds": bounds,
        "frequencies": [count / args.samples for count in counts],
        "held": sum(map(bool, held)), "of": len(held),
        "samples_alike": sum(needed),
        "tokens_of_a_sample": tokens,
    }  # fmt: skip


def show(each: dict[str, object]) -> None:
    print(f"\n{each['question']}  (within {each['within']})")
    print("  T          " + "".join(f"{t:>8}" for t in TEMPERATURES))
    for name, values in (
        ("at least", [low for low, _ in each["bounds"]]),
        ("at most", [high for _, high in each["bounds"]]),
        ("samples", each["frequencies"]),
    ):
        print(f"  {name:<11}" + "".join(f"{value:8.4f}" for value in values))
    print(
        f"  {each['held']} of {each['of']} hold; {each['passes']} passes, {each['tokens']} tokens, {each['seconds']:.1f} s; "
        f"samples as narrow: {each['samples_alike']:.3g}, of {each['tokens_of_a_sample']:.2f} tokens and more each",
        flush=True,
    )


if __name__ == "__main__":
    main()
