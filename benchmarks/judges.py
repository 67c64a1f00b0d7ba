"""Judges that flicker: is the right one used, and do intervals hold what a judge without flicker would say?

    python benchmarks/judges.py [--data-sets 300]

Answers have a quality, by temperature and by chance. The judge prefers the better one; each of its answers is turned round with a
probability (its flicker), in each order anew. With `uneven`, questions differ in how often it is turned round (a beta distribution, so that
slips hang together within a question with a correlation of 0.2). Printed for each number of questions and each flicker: kappa; in how many
data sets the judge is used, is refused as unreliable, or is asked too little to know; how often kappa's bounds hold it; how often the
intervals of strengths, and of differences in the share of comparisons won, hold the truth. The truth of strengths is that of the same judge
without flicker. With shares it is what this judge says on average, which is what a decision is about.
"""

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tempkit.judging.consistency import Answers, of_pairs
from tempkit.judging.strengths import fit, strengths, win_chances
from tempkit.statistics import Values
from tempkit.statistics.differences import between_items

QUALITY = np.array([0.5, 0.3, 0.1, -0.2, -0.7])
BY_ITEM, BY_ANSWER = 0.4, 0.6
FLICKERS = (0.0, 0.05, 0.10, 0.25, 0.40)
SIZES = ((8, 6), (20, 6), (50, 10))
MIN_KAPPA = 0.4


def drawn(rng: np.random.Generator, items: int, pairs: int, flicker: float, *, uneven: bool):
    """Both answers to each pair, as wins of the first text: (items, pairs); which temperatures met; the clean result."""
    k = len(QUALITY)
    met = list(itertools.combinations(range(k), 2))
    places = [[met[(item + n) % len(met)] for n in range(pairs)] for item in range(items)]
    levels = QUALITY + rng.normal(0, BY_ITEM, (items, k))
    one, other = (
        np.array([[levels[i, pair[side]] for pair in row] for i, row in enumerate(places)]) for side in (0, 1)
    )
    shape = one.shape
    better = one + rng.normal(0, BY_ANSWER, shape) > other + rng.normal(0, BY_ANSWER, shape)
    rates = np.full(items, flicker)
    if uneven and flicker:
        rates = rng.beta(4 * flicker, 4 * (1 - flicker), items)
    turned = rng.random((2, *shape)) < rates[:, np.newaxis]
    return (
        (better ^ turned[0]).astype(float),
        (better ^ turned[1]).astype(float),
        places,
        better.astype(float),
    )


def met_wins(results: np.ndarray, places: list[list[tuple[int, int]]]) -> np.ndarray:
    wins = np.zeros((len(places), len(QUALITY), len(QUALITY)))
    for item, row in enumerate(places):
        for result, (a, b) in zip(results[item], row, strict=True):
            wins[item, a, b] += result
            wins[item, b, a] += 1 - result
    return wins


def shares(wins: np.ndarray) -> np.ndarray:
    games = (wins + wins.transpose(0, 2, 1)).sum(axis=2)
    return np.divide(wins.sum(axis=2), games, out=np.full(games.shape, np.nan), where=games > 0)


def verdict_results(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.where(first == second, first, 0.5)


def one_case(data_sets: int, items: int, pairs: int, flicker: float, *, uneven: bool) -> str:
    rng = np.random.default_rng([items, pairs, int(100 * flicker), uneven])
    large = 20_000
    first, second, places, clean = drawn(rng, large, 10, flicker, uneven=uneven)
    truth = win_chances(fit(met_wins(clean, places).sum(axis=0)[np.newaxis]))[0]
    expected = np.nanmean(shares(met_wins(verdict_results(first, second), places)), axis=0)
    kappa = float(
        2 * ((first - 0.5) * (second - 0.5)).sum() / ((first - 0.5) ** 2 + (second - 0.5) ** 2).sum()
    )
    verdicts: list[str] = []
    bounds, held, bare, apart = [], [], [], []
    for _ in range(data_sets):
        first, second, places, _clean = drawn(rng, items, pairs, flicker, uneven=uneven)
        answers = [Answers(first[i, n], second[i, n], str(i)) for i in range(items) for n in range(pairs)]
        how = of_pairs(answers, asked=len(answers), min_kappa=MIN_KAPPA)
        verdicts.append(how.verdict)
        assert how.kappa is not None
        bounds.append((how.kappa.low <= kappa + 1e-9, how.kappa.high >= kappa - 1e-9))
        wins = met_wins(verdict_results(first, second), places)
        for found, shrinks in ((held, how.shrinks), (bare, 1.0)):
            if shrinks is None:
                continue
            for each, true in zip(strengths(wins, shrinks=shrinks), truth, strict=True):
                if each.low is not None and each.high is not None:
                    found.append(each.low <= true <= each.high)
        differences = between_items(
            Values(shares(wins)[:, :, np.newaxis], low=0, high=1), higher_is_better=True
        )
        for a, b in itertools.combinations(range(len(QUALITY)), 2):
            half = stats.t.ppf(0.975, differences.freedom[a, b]) * differences.error[a, b]
            if not np.isnan(half):
                apart.append(abs(differences.mean[a, b] - expected[a] + expected[b]) <= half)
    low, high = np.mean(bounds, axis=0)
    parts = [f"{verdicts.count(each) / data_sets:6.1%}" for each in ("reliable", "unreliable", "unknown")]
    return (
        f"{items:5} x {pairs:2}  {flicker:4.0%} {'uneven' if uneven else 'even':6}  {kappa:6.2f}   {'  '.join(parts)}   "
        f"{low:6.1%} {high:6.1%}   {_share(held)} {_share(bare)}   {_share(apart)}"
    )


def _share(found: list[bool]) -> str:
    return f"{np.mean(found):6.1%}" if found else "     –"


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--data-sets", type=int, default=300)
    data_sets = given.parse_args().data_sets
    print(f"{data_sets} data sets each; a judge is used where kappa is shown to be at least {MIN_KAPPA}")
    print("questions x pairs, flicker; kappa; used, refused, too few; bounds of kappa hold (low, high);")
    print("strengths hold (as printed, without allowing for flicker); differences of shares hold")
    for (items, pairs), uneven, flicker in itertools.product(SIZES, (False, True), FLICKERS):
        print(one_case(data_sets, items, pairs, flicker, uneven=uneven), flush=True)


if __name__ == "__main__":
    main()
