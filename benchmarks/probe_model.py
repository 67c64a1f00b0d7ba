"""Whether the probe's estimate of the temperature at work is right, and its standard error honest, on the bundled model.

    python benchmarks/probe_model.py               # 200 repeats at each temperature
    python benchmarks/probe_model.py --repeats 40

The engine draws the first token of answers to the probe's prompts, all of them from one evaluation of each prompt. A repeat has the draws that
a probe would have; its estimate is held against the temperature that was asked for.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
from _processes import run

os.environ.setdefault("GOMP_SPINCOUNT", "20000")

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "probing")]

from local_draws import MODEL, drawn_from, z_scores  # noqa: E402

TEMPERATURES = (0.3, 0.5, 1.0, 1.5, 2.0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=200, help="probes at each temperature (default: 200)")
    parser.add_argument("--draws", type=int, default=16, help="tokens from each prompt in one (default: 16)")
    parser.add_argument("--model", default=MODEL, help=f"a local model (default: {MODEL})")
    args = parser.parse_args()
    lists, drawn = drawn_from(TEMPERATURES, args.repeats * args.draws, args.model)
    print(f"{args.repeats} repeats of {len(lists) * args.draws} tokens each, {args.model}")
    print(f"{'temperature':>11} {'within 2 SE':>12} {'mean z':>7} {'sd of z':>8} {'listed':>7}")
    everything = []
    for temperature in TEMPERATURES:
        z = np.array(z_scores(lists, drawn[temperature], temperature, args.draws))
        listed = (drawn[temperature] >= lists[:, -1:]).mean()
        within = (abs(z) <= 2).mean()
        print(f"{temperature:>11g} {within:>12.1%} {z.mean():>7.2f} {z.std(ddof=1):>8.2f} {listed:>7.0%}")
        everything.append(z)
    together = np.concatenate(everything)
    print(
        f"{'all':>11} {(abs(together) <= 2).mean():>12.1%} {together.mean():>7.2f} {together.std(ddof=1):>8.2f}"
    )


if __name__ == "__main__":
    run(main)
