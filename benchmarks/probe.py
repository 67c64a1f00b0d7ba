"""How often `tempkit probe` finds what is wrong with an endpoint, and how often it finds what is not there.

    python benchmarks/probe.py                     # 100 seeds of every kind
    python benchmarks/probe.py --seeds 5 --kinds clamp
    python benchmarks/probe.py --show              # with every miss and alarm, and its seed

Each seed is another small model whose distribution is known, behind OpenAI's protocol, asked through the adapter that a run uses;
only the sockets are left out (tests/probing/endpoint.py). "Found" is the share of seeds for which all of a kind's faults are named; "alarms" that
of those for which anything is said that is not so. What is said not to be known is neither.
"""

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

from _processes import run

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # one probe to a core: threads of one would wait for those of another

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "probing")]

from endpoint_battery import Probed, try_probe  # noqa: E402
from endpoint_kinds import FAULTY, HEALTHY, KINDS  # noqa: E402
from endpoint_pairs import PAIRS, try_pair  # noqa: E402

_BY_NAME = {kind.name: kind for kind in KINDS}


def main() -> None:
    args = arguments()
    names = [name for name in _BY_NAME if re.search(args.kinds, name)]
    pairs = [name for name in PAIRS if re.search(args.kinds, name)]
    if not names and not pairs:
        known = ", ".join([*_BY_NAME, *PAIRS])
        raise SystemExit(f"no kind matches {args.kinds!r}; there are: {known}")
    with ProcessPoolExecutor(args.workers) as pool:
        if names:
            probe_all(pool, names, args)
        if pairs:
            compare_all(pool, pairs, args)


def probe_all(pool: ProcessPoolExecutor, names: Sequence[str], args: argparse.Namespace) -> None:
    jobs = [(name, seed) for name in names for seed in range(args.first, args.first + args.seeds)]
    print(f"{'endpoint':46} {'found':>6} {'alarms':>7} {'requests':>9}", flush=True)
    tried: list[Probed] = []
    row: list[Probed] = []
    for probed in pool.map(one, *zip(*jobs, strict=True), chunksize=2):
        row.append(probed)
        if len(row) == args.seeds:
            tell(row, args.show)
            tried += row
            row = []
    totals(tried)


def compare_all(pool: ProcessPoolExecutor, names: Sequence[str], args: argparse.Namespace) -> None:
    """Compare pairs of endpoints, as `probe --compare` does."""
    print(f"\n{'pair':46} {'told':>6} {'wrong':>7} {'requests':>9}", flush=True)
    for name in names:
        row = list(
            pool.map(try_pair, [name] * args.seeds, range(args.first, args.first + args.seeds), chunksize=2)
        )
        told, wrong = share([c.right for c in row]), share([c.wrong for c in row])
        print(f"{name:46} {told:>6} {wrong:>7} {max(c.requests for c in row):>9}", flush=True)
        if args.show and not all(c.right for c in row):
            said = Counter(c.said for c in row if not c.right)
            seeds = ", ".join(str(c.seed) for c in row if not c.right)
            print(f"    {', '.join(f'{what} {count}' for what, count in said.items())}; seeds {seeds}")


def one(name: str, seed: int) -> Probed:
    return try_probe(_BY_NAME[name], seed)


def tell(row: Sequence[Probed], show: bool) -> None:
    """Print what was found of one kind."""
    found = share([not probed.missed for probed in row])
    alarms = share([bool(probed.alarms) for probed in row])
    print(f"{row[0].kind.name:46} {found:>6} {alarms:>7} {max(p.requests for p in row):>9}", flush=True)
    if show:
        for title, told in (("missed", [p.missed for p in row]), ("alarm", [p.alarms for p in row])):
            seeds: dict[str, list[int]] = {}
            for probed, what in zip(row, told, strict=True):
                for name, value in what.items():
                    seeds.setdefault(f"{name} = {value!r}", []).append(probed.seed)
            for what, of in seeds.items():
                print(f"    {title}: {what}; seeds {', '.join(map(str, of[:8]))}{' ...' if of[8:] else ''}")


def share(of: Sequence[bool]) -> str:
    return f"{100 * sum(of) / len(of):.1f}%" if of else "-"


def totals(tried: Sequence[Probed]) -> None:
    """Print the figures that count: of the worst kind, of all good ones, of the longest probe."""
    faulty = [p for p in tried if p.kind in FAULTY]
    healthy = [p for p in tried if p.kind in HEALTHY]
    missed = Counter(p.kind.name for p in faulty if p.missed)
    worst = missed.most_common(1)
    print(f"\nfaults found: {share([not p.missed for p in faulty])}", end="")
    print(f"; least often of {worst[0][0]!r}, {worst[0][1]} missed" if worst else "")
    print(f"alarms at good endpoints: {share([bool(p.alarms) for p in healthy])} of {len(healthy)} probes")
    print(
        f"most requests: {max(p.requests for p in tried)}; median {median(p.seconds for p in tried):.2f} s a probe"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=100, help="how many of every kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kinds", default="", help="a pattern of their names; default: all")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--show", action="store_true", help="print every miss and every alarm")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
