"""People who rate pairs: how often do intervals hold the truth, and how much of it do so many pairs show?

    python benchmarks/rating.py [--data-sets 1000]

Answers have a quality: by temperature (the strengths), by question and temperature, and by answer. Each rater sees it with an error of
their own and names no winner where both look alike. All raters of a sheet see the same pairs; its design is that of `tempkit rate`. The
truth is the chance that an answer of one temperature is preferred to one of the average other, over all questions, answers and
raters. Printed for each case: in how many of 100 intervals it lies (over all temperatures, and the temperature with the fewest), and how
wide they are. Last, over all cases by number of pairs and raters; exits with 1 where all of them together do not hold in 93 to 97 of 100.
"""

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tempkit.rating.candidates import Candidates
from tempkit.rating.chances import chances
from tempkit.rating.pairing import choose
from tempkit.types import Completion, SampleKey

STRENGTHS = (
    (0.0, 0.0),
    (0.8, -0.8),
    (2.0, -2.0),
    (0.0, 0.0, 0.0),
    (1.0, 0.0, -1.0),
    (0.0, 0.0, -3.0),
    (0.0, 0.0, 0.0, 0.0),
    (1.2, 0.4, -0.4, -1.2),
    (0.5, 0.5, 0.5, -3.0),
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (0.8, 0.6, 0.2, -0.4, -1.2),
    (0.0, 0.0, 0.0, 1.5, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.5, 0.4, 0.3, 0.1, -0.3, -2.5),
    (1.5, 0.9, 0.3, -0.3, -0.9, -1.5),
)
"""Alike, a slope, a collapse, a lone best: what one temperature's answers are better by, on the scale of a rater's error."""

PAIRS = (30, 60, 100, 200)
RATERS = (1, 2, 3)
QUESTIONS, ANSWERS = 36, 6
BY_QUESTION, BY_ANSWER = 0.5, 0.5
"""Standard deviations of what a question and temperature, and an answer, add."""
UNDECIDED = 0.4
"""Where both look as much alike, a rater names no winner: about one pair in six among equals."""
DESIGNS = 5


def sheet(k: int, pairs: int, rng: np.random.Generator) -> np.ndarray:
    """Return the pairs of a sheet as (question, one temperature, the other), (pairs, 3)."""
    questions = {
        f"q{q}": {float(t): [answer(q, t, n) for n in range(ANSWERS)] for t in range(k)}
        for q in range(QUESTIONS)
    }
    there = Candidates(name="n", model="m", temperatures=tuple(map(float, range(k))), questions=questions)
    return np.array(
        [
            (int(pair.left.key.item[1:]), int(pair.left.key.temperature), int(pair.right.key.temperature))
            for pair in choose(there, pairs, rng)
        ]
    )


def answer(question: int, temperature: int, replicate: int) -> Completion:
    key = SampleKey(f"q{question}", "m", float(temperature), replicate)
    text = f"{question} {temperature} {replicate}"
    return Completion(
        key=key, seed=1, text=text, finish_reason="stop", temperature_sent=key.temperature, params={}
    )


def seen(better: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return verdicts for the first answer: 1, 0 or 0.5."""
    found = better + rng.logistic(0, 1, better.shape)
    return np.where(np.abs(found) < UNDECIDED, 0.5, (found > 0).astype(float))


def rated(
    strengths: np.ndarray, met: np.ndarray, raters: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Return simulated comparisons, as `chances` takes them."""
    k = len(strengths)
    question, one, other = met.T
    extra = rng.normal(0, BY_QUESTION, (draws, QUESTIONS, k))
    better = strengths[one] - strengths[other] + extra[:, question, one] - extra[:, question, other]
    better = better + rng.normal(0, BY_ANSWER * 2**0.5, better.shape)
    mean = seen(np.repeat(better[:, :, np.newaxis], raters, axis=2), rng).mean(axis=2)
    wins = np.zeros((draws, QUESTIONS, k, k))
    each = np.arange(draws)[:, np.newaxis]
    np.add.at(wins, (each, question, one, other), mean)
    np.add.at(wins, (each, question, other, one), 1 - mean)
    return wins


def truth(strengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    k, draws = len(strengths), 400_000
    spread = (2 * BY_QUESTION**2 + 2 * BY_ANSWER**2) ** 0.5
    won = [
        [
            seen(strengths[i] - strengths[j] + rng.normal(0, spread, draws), rng).mean()
            for j in range(k)
            if j != i
        ]
        for i in range(k)
    ]
    return np.mean(won, axis=1)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--data-sets", type=int, default=1000)
    draws = given.parse_args().data_sets // DESIGNS
    print(
        f"{draws * DESIGNS} data sets each; 95 % intervals of the chance to be preferred to the average other"
    )
    print("temperatures, pairs, raters; in % held, least of any temperature; mean width; strengths")
    everything: dict[tuple[int, int], list[float]] = {}
    for strengths, pairs, raters in itertools.product(STRENGTHS, PAIRS, RATERS):
        k = len(strengths)
        rng = np.random.default_rng([STRENGTHS.index(strengths), pairs, raters])
        true = truth(np.array(strengths), np.random.default_rng(STRENGTHS.index(strengths)))
        held, widths = [], []
        for _ in range(DESIGNS):
            found = chances(rated(np.array(strengths), sheet(k, pairs, rng), raters, draws, rng))
            held.append((found.low <= true) & (true <= found.high))
            widths.append((found.high - found.low).mean())
        by_temperature = np.concatenate(held).mean(axis=0)
        everything.setdefault((pairs, raters), []).append(float(by_temperature.mean()))
        print(
            f"{k}  {pairs:3}  {raters}   {by_temperature.mean():6.1%}  {by_temperature.min():6.1%}   {np.mean(widths):.2f}   {strengths}",
            flush=True,
        )
    for (pairs, raters), shares in sorted(everything.items()):
        print(
            f"{pairs:3} pairs, {raters} raters: held {np.mean(shares):.1%} (cases from {min(shares):.1%} to {max(shares):.1%})"
        )
    together = float(np.mean([share for shares in everything.values() for share in shares]))
    print(f"all together: {together:.1%}")
    sys.exit(0 if 0.93 <= together <= 0.97 else 1)


if __name__ == "__main__":
    main()
