"""What a sheet can show before anybody has rated it: simulated on its own pairs, with the intervals that its results will get."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tempkit.rating.chances import chances
from tempkit.statistics import MIN_ITEMS

__all__ = ["WINS", "Power", "power"]

WINS = (0.6, 0.7, 0.8, 0.9)
"""Of 100 comparisons with the others, how many a better temperature wins."""

_DRAWS = 300
_CELLS = 4_000_000
"""Numbers in one array of simulated comparisons, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """How probably a sheet shows a temperature to be better that is."""

    wins: float
    """The share of its comparisons that it wins, where the others win half of theirs."""
    probability: float
    """That its 95 % interval lies above one half, as an average over temperatures, for one rater without ties."""


def power(
    met: Sequence[tuple[str, float, float]], *, wins: Sequence[float] = WINS, seed: int = 0
) -> tuple[Power, ...]:
    """Return what pairs can show; empty where they are of too few questions for any interval.

    Args:
        met: Of each pair the question and both temperatures.
        wins: For which shares of comparisons won.
        seed: Of the simulation.
    """
    questions = {key: i for i, key in enumerate(dict.fromkeys(key for key, _, _ in met))}
    column = {t: i for i, t in enumerate(sorted({t for _, low, high in met for t in (low, high)}))}
    if len(questions) < MIN_ITEMS or len(column) < 2:
        return ()
    rows = np.array([questions[key] for key, _, _ in met])
    one, other = np.array([[column[low], column[high]] for _, low, high in met]).T
    k, rng = len(column), np.random.default_rng(seed)
    draws = max(20, min(_DRAWS, _CELLS // (len(questions) * k * k)))
    found = []
    for share in wins:
        seen = []
        for best in range(k):
            ahead = np.where(one == best, share, np.where(other == best, 1 - share, 0.5))
            won = rng.random((draws, len(met))) < ahead
            games = np.zeros((draws, len(questions), k, k))
            each = np.arange(draws)[:, np.newaxis]
            np.add.at(games, (each, rows, one, other), won)
            np.add.at(games, (each, rows, other, one), ~won)
            seen.append(float((chances(games).low[:, best] > 0.5).mean()))
        found.append(Power(wins=share, probability=float(np.mean(seen))))
    return tuple(found)
