"""How many items the decision needs for a bound, beside the rule before it: all pairs of temperatures, Bonferroni.

    python benchmarks/items_needed.py [--sets 200]

For each kind of data set the bound that today's rule reaches (the smallest "at most so far behind", the median over data sets)
and how many items the rule before needs for the same bound. Both at their first look.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from statistics import median
from zlib import crc32

import numpy as np
from _decision_cases import CURVES, ITEMS, TEMPERATURES, Case
from _old_rule import smallest_bound

from tempkit.decision.error_budget import ALPHA_LOWER, ALPHA_UPPER, share_at
from tempkit.statistics import Values
from tempkit.statistics.differences import between_items
from tempkit.statistics.mcb import regrets

KINDS = ("right or wrong", "right or wrong, bimodal", "continuous", "skewed")
_GRID = (1.0, 1.3, 1.7, 2.2, 2.9, 3.8, 5.0)


def now(values: Values) -> float:
    share = share_at(1)
    found = between_items(values, higher_is_better=True)
    return float(regrets(found, alpha_upper=ALPHA_UPPER * share, alpha_lower=ALPHA_LOWER * share).upper.min())


def before(values: Values) -> float:
    return smallest_bound(values.means, span=values.span)


def reached(case: Case, rule: Callable[[Values], float], sets: int) -> float:
    rng = np.random.default_rng(crc32(repr(case).encode()))
    return median(rule(case.draw(rng).values) for _ in range(sets))


def ratio(case: Case, sets: int) -> float | None:
    """Return how many times the items the old rule needs for the bound that the new one reaches; None where that is 0."""
    bound = reached(case, now, sets)
    if bound <= 0:
        return None
    times, bounds = [], []
    for more in _GRID:
        times.append(more)
        bounds.append(reached(replace(case, items=round(case.items * more)), before, sets))
        if bounds[-1] <= bound:
            break
    # Bounds shrink with a power of the items: straight lines between logarithms.
    logs = -np.log(np.maximum(bounds, 1e-9))
    return float(np.exp(np.interp(-np.log(bound), logs, np.log(times))))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=int, default=200, help="data sets for each median")
    sets = parser.parse_args().sets
    found: dict[Case, float] = {}
    for kind, curve, temperatures, items in product(KINDS, CURVES, TEMPERATURES, ITEMS):
        case = Case(items=items, temperatures=temperatures, kind=kind, curve=curve)
        if (times := ratio(case, sets)) is not None:
            found[case] = times
    print(
        f"items that the rule before needs for the same bound, as a multiple; {len(found)} cases, {sets} data sets each;"
    )
    print("those in which half of the picks are shown to be the best of all, a bound of 0, are left out")
    for name, values in (
        ("kind", KINDS),
        ("curve", CURVES),
        ("temperatures", TEMPERATURES),
        ("items", ITEMS),
    ):
        parts = [
            f"{each}: {median(r for case, r in found.items() if getattr(case, name) == each):.2f}"
            for each in values
        ]
        print(f"  by {name}: {', '.join(parts)}")
    low, high = np.quantile(list(found.values()), (0.1, 0.9))
    print(
        f"median over all cases: {median(found.values()):.2f} (from {low:.2f} to {high:.2f} in the middle four fifths)"
    )


if __name__ == "__main__":
    main()
