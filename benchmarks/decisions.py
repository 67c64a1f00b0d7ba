"""How often the decision is wrong, on data whose truth is known: the whole rule, guard-rails included, in both scopes.

    python benchmarks/decisions.py                 # 1,000 data sets a case; some forty minutes on two cores
    python benchmarks/decisions.py --sets 100      # a look

Promised: all regret bounds hold together in at least 93 % of every case and 94 % on average; "matters" and "does not matter" are
each false in at most 5 % of every case; at least 80 % of the picks called likely are within the margin; a guard-rail that is broken
everywhere never leads to "shown"; and with up to eight looks the same. Every figure is a share of data sets, so it has a
standard error: 0.7 points for 95 % of 1,000.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from zlib import crc32

import numpy as np
from _decision_cases import ITEMS, KINDS, MARGIN, TEMPERATURES, Case, DataSet, cases

from tempkit.decision.result import Scope
from tempkit.decision.rule import Judgement, Limit, judge
from tempkit.statistics import Values

SCOPES: tuple[Scope, ...] = ("items_like_these", "these_items")
LOOKS = 8


@dataclass
class Tally:
    """What came of the data sets of one case in one scope."""

    case: Case
    scope: Scope
    sets: int = 0
    covered: int = 0
    lower_failed: int = 0
    upper_failed: int = 0
    said_matters: int = 0
    false_matters: int = 0
    said_not: int = 0
    false_not: int = 0
    broken: int = 0
    """Called shown where a guard-rail is truly beyond its limit."""
    grades: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("shown", "likely", "guess", "none"), 0)
    )
    within: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("shown", "likely", "guess", "none"), 0)
    )

    @property
    def name(self) -> str:
        case = self.case
        bad = "" if case.bad is None else f", guard-rail broken in {case.bad:.0%}"
        return f"{case.items} items x {case.temperatures} T, {case.kind}, {case.curve}{bad} [{self.scope}]"

    def add(self, found: Sequence[Judgement], truth: Sequence[np.ndarray], broken: np.ndarray) -> None:
        """Count one data set, looked at once or several times; bounds hold if they hold at every look."""
        self.sets += 1
        checks = [wrong(each, means) for each, means in zip(found, truth, strict=True)]
        lower, upper = any(low for low, _ in checks), any(high for _, high in checks)
        self.lower_failed += lower
        self.upper_failed += upper
        self.covered += not lower and not upper
        last, regret = found[-1], regrets_of(found[-1], truth[-1])
        matters = bool(np.nanmax(regret) > MARGIN) if last.compared else False
        self.said_matters += last.effect == "matters"
        self.false_matters += last.effect == "matters" and not matters
        self.said_not += last.effect == "does_not_matter"
        self.false_not += last.effect == "does_not_matter" and matters
        self.grades[last.grade] += 1
        if last.pick is not None:
            self.broken += last.grade == "shown" and bool(broken[last.pick])
            self.within[last.grade] += bool(regret[last.pick] <= MARGIN + 1e-12)


def regrets_of(found: Judgement, means: np.ndarray) -> np.ndarray:
    """Return the true regrets of the temperatures that were compared, NaN for the others."""
    regret = np.full(means.size, np.nan)
    columns = list(found.compared)
    if columns:
        regret[columns] = means[columns].max() - means[columns]
    return regret


def wrong(found: Judgement, means: np.ndarray) -> tuple[bool, bool]:
    """Return whether any lower bound, and any upper bound, is wrong."""
    regret = regrets_of(found, means)
    with np.errstate(invalid="ignore"):
        return bool((found.lower > regret + 1e-9).any()), bool((found.upper < regret - 1e-9).any())


def decided(data: DataSet, scope: Scope, looks: int = 1) -> Judgement:
    return judge(
        data.values,
        data.limits,
        margin=MARGIN,
        higher_is_better=True,
        tie="lowest",
        scope=scope,
        looks=looks,
    )


def tallied(case: Case, sets: int) -> list[Tally]:
    """Return what came of `sets` data sets of a case, by scope; the seed is the case's own."""
    rng = np.random.default_rng(crc32(repr(case).encode()))
    made = [Tally(case, scope) for scope in SCOPES]
    for _ in range(sets):
        data = case.draw(rng)
        for tally in made:
            sample = tally.scope == "items_like_these"
            truth = data.like_these if sample else data.these
            broken = data.broken_like_these if sample else data.broken_these
            tally.add([decided(data, tally.scope)], [truth], broken)
    return made


def looked_at(case: Case, sets: int) -> list[Tally]:
    """Return the same where the items come in eight parts, with a look after each."""
    rng = np.random.default_rng(crc32(repr(case).encode()) + 1)
    made = Tally(case, "items_like_these")
    for _ in range(sets):
        data = case.draw(rng)
        parts = [_first(data, case.items * look // LOOKS) for look in range(1, LOOKS + 1)]
        found = [decided(part, "items_like_these", look) for look, part in enumerate(parts, 1)]
        made.add(found, [data.like_these] * LOOKS, data.broken_like_these)
    return [made]


def _first(data: DataSet, items: int) -> DataSet:
    def cut(values: Values) -> Values:
        return Values(values.array[:items], values.temperatures, low=values.low, high=values.high)

    limits = tuple(
        Limit(
            values=None if each.values is None else cut(each.values),
            limit=each.limit,
            worse_above=each.worse_above,
            answers=None if each.answers is None else each.answers[:items],
        )
        for each in data.limits
    )
    return replace(data, values=cut(data.values), limits=limits)


def guarded() -> list[Case]:
    """Return cases in which a guard-rail of 5 % is broken at every temperature."""
    return [
        Case(items=items, temperatures=6, kind=kind, curve="null", bad=bad)
        for bad in (0.07, 0.1, 0.2)
        for items in (12, 40, 120)
        for kind in KINDS[::2]
    ]


def watched() -> list[Case]:
    """Return cases that are looked at eight times."""
    return [
        Case(items=48, temperatures=6, kind=kind, curve=curve)
        for kind in KINDS
        for curve in ("null", "lone best", "slope", "cliff")
    ]


def lines(tallies: Sequence[Tally]) -> Iterator[str]:
    """Return the summary, with the worst case of each promise."""

    def share(count: int, of: int) -> str:
        return f"{count / of:.1%}" if of else "never said"

    covered = min(tallies, key=lambda each: each.covered / each.sets)
    mean = np.mean([each.covered / each.sets for each in tallies])
    yield f"all regret bounds hold together: {mean:.1%} on average, least {share(covered.covered, covered.sets)} ({covered.name})"
    for side in ("upper", "lower"):
        worst = max(tallies, key=lambda each: getattr(each, f"{side}_failed") / each.sets)
        yield f"  {side} bounds wrong in at most {share(getattr(worst, f'{side}_failed'), worst.sets)} ({worst.name})"
    for what, label in (("matters", "matters"), ("not", "does not matter")):
        worst = max(tallies, key=lambda each: getattr(each, f"false_{what}") / each.sets)
        said = sum(getattr(each, f"said_{what}") for each in tallies) / sum(each.sets for each in tallies)
        yield f'"{label}": said in {said:.1%}, false in at most {share(getattr(worst, f"false_{what}"), worst.sets)} ({worst.name})'
    for grade in ("shown", "likely", "guess"):
        graded = sum(each.grades[grade] for each in tallies)
        yield f"{grade}: {share(graded, sum(each.sets for each in tallies))} of picks, within the margin in {share(sum(each.within[grade] for each in tallies), graded)}"
    worst = max(tallies, key=lambda each: each.broken / each.sets)
    yield f"shown with a guard-rail truly beyond its limit: {sum(each.broken for each in tallies)} of {sum(each.sets for each in tallies):,} ({worst.broken} of {worst.sets}: {worst.name})"
    often = [each for each in tallies if each.grades["likely"] >= 0.1 * each.sets]
    if often:
        worst = min(often, key=lambda each: each.within["likely"] / each.grades["likely"])
        yield f"  likely picks within the margin in at least {share(worst.within['likely'], worst.grades['likely'])} of a case ({worst.name})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=int, default=1000, help="data sets a case")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--every", type=int, default=1, help="only every n-th case")
    asked = parser.parse_args()
    print(f"{asked.sets} data sets a case; margin {MARGIN}; items {ITEMS}, temperatures {TEMPERATURES}")
    with ProcessPoolExecutor(asked.jobs) as pool:
        for title, some, work in (
            ("The battery", cases()[:: asked.every], tallied),
            ("A guard-rail broken everywhere", guarded(), tallied),
            (f"{LOOKS} looks", watched(), looked_at),
        ):
            found = [
                each for part in pool.map(partial(work, sets=asked.sets), some, chunksize=1) for each in part
            ]
            print(f"\n{title}: {len(some)} cases, {sum(each.sets for each in found):,} decisions")
            for scope in SCOPES:
                if own := [each for each in found if each.scope == scope]:
                    print(f"[{scope}]")
                    print("\n".join(lines(own)), flush=True)


if __name__ == "__main__":
    main()
