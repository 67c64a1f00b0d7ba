"""How many samples `tempkit choose` needs for an answer that is shown, beside an even grid and Optuna's TPE, on curves whose truth is known.

    pip install "tempkit[bench]"                   # Optuna
    python benchmarks/choose.py                    # 500 runs a case
    python benchmarks/choose.py --runs 50          # a look

(a) An even grid: all nine temperatures, the same items and answers at each, grown in the same rounds, looked at as often and by the
same rule, until the pick is shown. Both pay for their looks alike. Where a run is not shown when there is nothing more to draw, all that it drew is
what it took, so medians are of what was spent.

(b) Optuna's TPE over the same nine temperatures, each trial the mean of a few answers; its pick after as many samples as the budget says is
the temperature with the best mean over its trials. Compared is how often the pick lies truly within the margin of the best of all nine.

False claims: "shown" where the pick truly lies more than the margin behind the best temperature tried that the guard-rail allows.
"""

import argparse
import json
import math
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from zlib import crc32

import numpy as np
from _choose_cases import COARSE, FINE, LIMIT, MARGIN, PAST, Case, Pool, battery

from tempkit.adaptive import LOOKS, Entrant, Rounds, Size, Standings, following, pilot, standings
from tempkit.decision import Limit
from tempkit.statistics import Values

BUDGETS = (100, 200, 400)
BATCH = 10
"""Answers to a trial of TPE."""


@dataclass
class Ended:
    """How one run of one method ended."""

    samples: int
    shown: bool
    false: bool
    """Shown, and wrong."""
    good: bool
    """Whether the pick is truly within the margin of the best of all temperatures."""


def entrants(pool: Pool, case: Case, sizes: Sequence[dict[float, Size]]) -> list[Entrant]:
    """Return what has been drawn, as the rule takes it: a row for each item of the pool that any temperature was asked."""
    rows = max(size.items for of in sizes for size in of.values())
    made = []
    for model, of in enumerate(sizes):
        temperatures = sorted(of)
        replicates = max(size.replicates for size in of.values())
        drawn = np.full((2, rows, len(temperatures), replicates), np.nan)
        for column, temperature in enumerate(temperatures):
            size, place = of[temperature], FINE.index(temperature)
            for number, array in enumerate((pool.values, pool.loops)):
                drawn[number, : size.items, column, : size.replicates] = array[
                    model, : size.items, place, : size.replicates
                ]
        asked = [of[t].items for t in temperatures]
        span = {"low": 0.0, "high": 1.0} if case.kind == "right or wrong" else {}
        limits = (
            Limit(
                values=Values(drawn[1], temperatures, low=0.0, high=1.0, asked=asked),
                limit=LIMIT,
                worse_above=True,
                answers=(~np.isnan(drawn[1])).sum(axis=2).astype(float),
            ),
        )
        made.append(
            Entrant(
                values=Values(drawn[0], temperatures, asked=asked, **span),
                limits=limits if case.curve in PAST else (),
            )
        )
    return made


def looked(
    pool: Pool,
    case: Case,
    sizes: Sequence[dict[float, Size]],
    before: Sequence[Standings],
    items: float = math.inf,
) -> Standings:
    # As long as some of a pool's items were asked, these stand for the pool.
    whole = max(size.items for of in sizes for size in of.values()) == case.items
    return standings(
        entrants(pool, case, sizes),
        margin=MARGIN,
        higher_is_better=True,
        tie="lowest",
        scope=case.scope if whole else "items_like_these",
        looks=len(before) + 1,
        planned_looks=LOOKS,
        before=before,
        items=items,
    )


def total(sizes: Sequence[dict[float, Size]]) -> int:
    return sum(size.items * size.replicates for of in sizes for size in of.values())


def judged(found: Standings, pool: Pool, sizes: Sequence[dict[float, Size]], all_truth: bool) -> bool:
    """Return whether the pick is truly within the margin of the best: of all temperatures, or of those tried."""
    model, column = found.pick  # type: ignore[misc]
    place = FINE.index(sorted(sizes[model])[column])
    if not pool.allowed[model, place]:
        return False
    truth = np.where(pool.allowed, pool.truth, -math.inf)
    if not all_truth:
        tried = np.full(truth.shape, False)
        for number, of in enumerate(sizes):
            tried[number, [FINE.index(t) for t in of]] = True
        truth = np.where(tried, truth, -math.inf)
    return bool(truth.max() - truth[model, place] <= MARGIN + 1e-12)


def ran(pool: Pool, case: Case, *, adaptive: bool, budget: int | None = None) -> Ended:
    """Return how a run ended that grows where it decides, or evenly."""
    design = Rounds(
        pool=case.items,
        replicates=case.scope == "these_items",
        margin=MARGIN,
        finest=0.2 if adaptive else 0.0,
        samples=budget,
    )
    grid = COARSE if adaptive else FINE
    sizes = [
        dict.fromkeys(grid, pilot(len(grid) * case.models, 2, pool=case.items, samples=budget))
        for _ in range(case.models)
    ]
    before: list[Standings] = []
    for look in range(1, LOOKS + 1):
        left = None if budget is None else budget - total(sizes)
        most = max(size.replicates for of in sizes for size in of.values())
        found = looked(pool, case, sizes, before, math.inf if left is None else left / most)
        before.append(found)
        if look == LOOKS or (found.shown and not adaptive):
            break
        if not adaptive:
            found = replace(found, racing=tuple(tuple(range(len(of))) for of in sizes))
        changed = following(found, sizes, replace(design, samples=left))
        if changed is None:
            break
        sizes = [{**of, **more} for of, more in zip(sizes, changed, strict=True)]
    right = found.pick is not None and judged(found, pool, sizes, all_truth=True)
    false = found.shown and not judged(found, pool, sizes, all_truth=False)
    return Ended(total(sizes), found.shown, false, right)


def tpe(pool: Pool, case: Case, seed: int) -> dict[int, bool]:
    """Return whether TPE's pick is within the margin of the best, by budget."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    rng = np.random.default_rng(seed)
    truth = np.where(pool.allowed, pool.truth, -math.inf)
    seen: dict[tuple[int, int], list[float]] = {}
    good = {}
    for number in range(1, BUDGETS[-1] // BATCH + 1):
        trial = study.ask()
        place = FINE.index(round(trial.suggest_float("temperature", 0.0, FINE[-1], step=0.2), 1))
        model = trial.suggest_categorical("model", list(range(case.models))) if case.models > 1 else 0
        items = rng.integers(0, case.items, BATCH)
        replicates = rng.integers(0, pool.values.shape[3], BATCH)
        answers = pool.values[model, items, place, replicates]
        looped = pool.loops[model, items, place, replicates].mean() > LIMIT
        worth = float(answers.mean()) - (1.0 if looped else 0.0)  # what it may not take counts as worst
        study.tell(trial, worth)
        seen.setdefault((model, place), []).append(worth)
        if number * BATCH in BUDGETS:
            best = max(seen, key=lambda each: float(np.mean(seen[each])))
            good[number * BATCH] = bool(truth.max() - truth[best] <= MARGIN + 1e-12)
    return good


@dataclass
class Result:
    """What came of one case."""

    case: Case
    adaptive: list[Ended] = field(default_factory=list)
    even: list[Ended] = field(default_factory=list)
    within: dict[int, list[bool]] = field(default_factory=lambda: {budget: [] for budget in BUDGETS})
    tpe: dict[int, list[bool]] = field(default_factory=lambda: {budget: [] for budget in BUDGETS})

    @property
    def ratio(self) -> float:
        return median(each.samples for each in self.adaptive) / median(each.samples for each in self.even)


def measured(case: Case, runs: int, with_tpe: int) -> Result:
    seed = crc32(case.name.encode())
    rng = np.random.default_rng(seed)
    made = Result(case)
    for number in range(runs):
        pool = case.draw(rng)
        made.adaptive.append(ran(pool, case, adaptive=True))
        made.even.append(ran(pool, case, adaptive=False))
        if number < with_tpe:
            theirs = tpe(pool, case, seed + number)
            for budget in BUDGETS:
                made.tpe[budget].append(theirs[budget])
                made.within[budget].append(ran(pool, case, adaptive=True, budget=budget).good)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=500, help="of each case")
    parser.add_argument("--tpe", type=int, help="of them, how many are held against TPE; default: all")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--json", type=Path, help="where the figures of every case go")
    asked = parser.parse_args()
    with_tpe = asked.runs if asked.tpe is None else asked.tpe
    cases = [case for case in battery() if asked.only in case.name]
    found = []
    with ProcessPoolExecutor(asked.jobs) as pool:
        for each in pool.map(partial(measured, runs=asked.runs, with_tpe=with_tpe), cases, chunksize=1):
            found.append(each)
            print(line(each), flush=True)
    print(*summary(found), sep="\n")
    if asked.json:
        asked.json.write_text(
            json.dumps([{"case": asdict(each.case), "line": line(each)} for each in found], indent=1)
        )


def line(found: Result) -> str:
    def part(ended: Sequence[Ended]) -> str:
        n = len(ended)
        shown, false = sum(each.shown for each in ended) / n, sum(each.false for each in ended) / n
        return f"{median(each.samples for each in ended):6.0f} samples, shown {shown:4.0%}, false {false:.1%}"

    beside = " ".join(
        f"{budget}: {np.mean(found.within[budget]):.0%}/{np.mean(found.tpe[budget]):.0%}"
        for budget in BUDGETS
        if found.tpe[budget]
    )
    return f"{found.case.name:45} ratio {found.ratio:.2f}  choose {part(found.adaptive)}  even {part(found.even)}  {beside}"


def summary(found: Sequence[Result]) -> list[str]:
    ratios = [each.ratio for each in found]
    half = [each.ratio for each in found if each.case.curve in ("cliff", "slope with cliff")]
    worst = max(np.mean([e.false for e in each.adaptive]) for each in found)
    lines = [
        f"median ratio {median(ratios):.2f}; from {min(ratios):.2f} to {max(ratios):.2f}; false claims at most {worst:.1%} of a case"
    ]
    if half:
        lines.append(f"half of the grid past a cliff: median ratio {median(half):.2f}")
    for budget in BUDGETS if any(each.tpe[BUDGETS[0]] for each in found) else ():
        won: dict[str, list[tuple[float, float]]] = {}
        for each in found:
            pair = float(np.mean(each.within[budget])), float(np.mean(each.tpe[budget]))
            won.setdefault(each.case.curve, []).append(pair)
        means = {curve: np.mean(pairs, axis=0) for curve, pairs in won.items()}
        beaten = sum(mine > theirs for mine, theirs in means.values())
        said = ", ".join(f"{curve} {mine:.1%}/{theirs:.1%}" for curve, (mine, theirs) in means.items())
        lines.append(f"TPE beaten with {budget} samples on {beaten} of {len(means)} curves: {said}")
    return lines


if __name__ == "__main__":
    main()
