"""How long `tempkit --help` takes, beside `python -c 'import click'`: the floor for any command line built on click.

Run it on a quiet machine: python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 21
TEMPKIT = [str(Path(sys.executable).with_name("tempkit")), "--help"]
CLICK = [sys.executable, "-c", "import click"]


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    seconds(TEMPKIT), seconds(CLICK)  # warm the file cache
    pairs = [(seconds(TEMPKIT), seconds(CLICK)) for _ in range(ROUNDS)]
    ratios = [ours / floor for ours, floor in pairs]
    ours, floor = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"tempkit --help           {ours * 1000:6.1f} ms (median of {ROUNDS})")
    print(f"python -c 'import click' {floor * 1000:6.1f} ms")
    print(
        f"ratio                    {statistics.median(ratios):6.2f} (from {min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    main()
